import { ANY_SHAPE, BOOLEAN, INTEGER, TEXT, TEXTS, listOf, objectOf, withDefault, type Shape } from './shape.ts';

/**
 * `metadata` as far as Gateward reads it (apimachinery ObjectMeta). The API server decodes it into Go fields, in which null is the same as
 * absent; a missing name is looked at in `normalise`.
 */
export const METADATA: Shape = objectOf({
  name: TEXT,
  namespace: TEXT,
  generateName: TEXT,
  uid: TEXT,
  generation: INTEGER,
  resourceVersion: TEXT,
  creationTimestamp: TEXT,
  deletionTimestamp: TEXT,
  labels: TEXTS,
  annotations: TEXTS,
  finalizers: listOf(TEXT),
});

const TYPE_META = { apiVersion: TEXT, kind: TEXT, metadata: METADATA };

/** A target of a policy (policy_types.go: LocalPolicyTargetReferenceWithSectionName); vendors default the group to the core one. */
const TARGET = objectOf({ group: withDefault(TEXT, ''), kind: TEXT, name: TEXT, namespace: TEXT, sectionName: TEXT }, [
  'kind',
  'name',
]);

/** More than an Ingress of 1.5 MiB can hold of what it lists: Kubernetes sets no end to it. */
const MOST_OF_AN_INGRESS = 65_536;

/** What of the kinds outside Gateway API policies read: k8s.io/api core/v1, networking/v1, apiextensions/v1, mcs-api. */
export const CORE_SHAPES = new Map<string, Shape>([
  ['Namespace', object({})],
  [
    'Service',
    object({
      spec: objectOf({
        type: withDefault(TEXT, 'ClusterIP'),
        externalName: TEXT,
        ports: listOf(
          objectOf({ name: TEXT, port: INTEGER, protocol: withDefault(TEXT, 'TCP'), appProtocol: TEXT }, ['port']),
        ),
      }),
    }),
  ],
  ['Secret', object({ type: withDefault(TEXT, 'Opaque'), data: TEXTS, stringData: TEXTS })],
  ['ConfigMap', object({ data: TEXTS })],
  [
    'Ingress',
    object({
      spec: objectOf({
        ingressClassName: TEXT,
        rules: listOf(
          objectOf({
            host: TEXT,
            http: objectOf({ paths: listOf(objectOf({ path: TEXT, pathType: TEXT }), MOST_OF_AN_INGRESS) }),
          }),
          MOST_OF_AN_INGRESS,
        ),
        tls: listOf(objectOf({ hosts: listOf(TEXT, MOST_OF_AN_INGRESS) }), MOST_OF_AN_INGRESS),
      }),
    }),
  ],
  ['ServiceImport', object({ spec: objectOf({ ports: listOf(objectOf({ port: INTEGER }, ['port'])) }) })],
  ['VendorPolicy', object({ spec: objectOf({ targetRefs: listOf(TARGET), targetRef: TARGET }) }, ['spec'])],
  [
    'CustomResourceDefinition',
    object(
      {
        spec: objectOf(
          {
            group: TEXT,
            names: objectOf({ kind: TEXT, plural: TEXT }, ['kind', 'plural']),
            versions: listOf(
              objectOf(
                {
                  name: TEXT,
                  served: BOOLEAN,
                  storage: BOOLEAN,
                  schema: objectOf({ openAPIV3Schema: ANY_SHAPE }),
                },
                ['name', 'served', 'storage'],
              ),
            ),
          },
          ['group', 'names', 'versions'],
        ),
        status: objectOf({ storedVersions: listOf(TEXT) }),
      },
      ['spec'],
    ),
  ],
]);

function object(fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return objectOf({ ...TYPE_META, ...fields }, ['apiVersion', 'kind', 'metadata', ...required]);
}

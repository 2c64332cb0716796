import { describe, expect, test } from 'vitest';
import { keptObject } from '../../src/cluster/liveObject.ts';
import type { KindName } from '#gateway';

const crd = (group: string, schema: unknown): Readonly<Record<string, unknown>> => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${group}` },
  spec: {
    group,
    names: { kind: 'Thing', plural: 'things' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, ...(schema === undefined ? {} : { schema }) }],
  },
});

const schemaWith = (text: Readonly<Record<string, unknown>>): unknown => ({
  openAPIV3Schema: {
    ...text,
    type: 'object',
    properties: { spec: { ...text, type: 'object', properties: { description: { ...text, type: 'string' } } } },
  },
});

const secret = (data: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'tls', namespace: 'shop' },
  type: 'kubernetes.io/tls',
  data,
});

const service = (metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] },
});

describe('what is kept of an object of the cluster', () => {
  test.each<[string, KindName, unknown, unknown]>([
    [
      'no managedFields, and no copy of itself',
      'Service',
      service({
        managedFields: [{ manager: 'kubectl' }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'shop' },
      }),
      service({ annotations: { team: 'shop' } }),
    ],
    [
      'of a Secret the certificate and the names of the rest',
      'Secret',
      secret({ 'tls.crt': 'Y2VydA==', 'tls.key': 'a2V5' }),
      secret({ 'tls.crt': 'Y2VydA==', 'tls.key': '' }),
    ],
    [
      'of a CRD of Gateway API the schema without its prose',
      'CustomResourceDefinition',
      crd('gateway.networking.k8s.io', schemaWith({ description: 'Words.' })),
      crd('gateway.networking.k8s.io', schemaWith({})),
    ],
    [
      'of a CRD of another group no schema',
      'CustomResourceDefinition',
      crd('example.com', schemaWith({ description: 'Words.' })),
      crd('example.com', undefined),
    ],
    ['nothing of an object that is not of its kind', 'Service', { kind: 'Service', metadata: { name: 5 } }, undefined],
    ['nothing of what is no object', 'Service', null, undefined],
  ])('%s', (_name, kind, item, expected) => {
    expect(keptObject(kind, item)).toEqual(expected);
  });
});

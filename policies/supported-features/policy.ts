import {
  APP_PROTOCOL_FEATURES,
  FEATURES,
  FEATURES_WITHOUT_FIELD,
  INDEXES,
  ROUTE_KINDS,
  admissionRestsOn,
  featuresBeyond,
  findParent,
  isParent,
  isPermitted,
  mergeListeners,
  objectKey,
  parentsOf,
  parentOf,
  references,
  sendsTo,
  tlsModeOf,
  type FieldPath,
  type GatewayClass,
  type Indexed,
  type ObjectKey,
  type RouteKind,
  type Snapshot,
} from '#gateway';
import { definePolicy, someOf, type Finding, type Subject } from '#policy';
import { z } from 'zod';

const KNOWN = [
  ...new Set([...FEATURES.map(({ name }) => name), ...APP_PROTOCOL_FEATURES.values(), ...FEATURES_WITHOUT_FIELD]),
];
const PROTOCOLS = [...APP_PROTOCOL_FEATURES.values()];
const SUBJECTS = ['Gateway', 'ListenerSet', ...ROUTE_KINDS, 'BackendTLSPolicy'] as const;
const READS = [
  'Gateway',
  'GatewayClass',
  'ListenerSet',
  'ReferenceGrant',
  'Service',
  'XListenerSet',
  ...ROUTE_KINDS,
] as const;
type Reads = (typeof READS)[number] | 'Namespace';

/** What an implementation does not support it is free to ignore; the specification asks it to list what it does (gatewayclass: supportedFeatures). */
export const supportedFeatures = definePolicy({
  id: 'supported-features',
  kind: 'SupportedFeatures',
  summary: 'Objects use only the features that the controller of their GatewayClass says it supports.',
  description: `Core features work everywhere; Extended ones are left to each implementation. A field whose feature the controller lacks is accepted by the
API server and then ignored, or refused much later in a status that nobody reads. Controllers list what they support in the GatewayClass's
\`status.supportedFeatures\`; this policy compares. A class that lists nothing, or is out of sight, is not judged, unless \`features\` says what it
supports.

In front of files there are two ways to say what a controller supports: \`features\` in the document, or a file of the classes as they stand,
named with the manifests: \`kubectl get gatewayclasses -o yaml > classes.yaml\`, then \`gateward check classes.yaml manifests/\`.`,
  subjects: SUBJECTS,
  reads: READS,
  options: {
    features: z
      .record(z.string(), z.array(z.string()))
      .default({})
      .describe('Class name → features, for classes whose status is not in sight; takes the place of the status.'),
  },
  messages: {
    unsupported: {
      severity: 'medium',
      why: 'The controller may ignore the field or refuse the object.',
      text: '{{path}}{{what}} needs the feature {{feature}}, which GatewayClass "{{class}}" ({{controller}}) does not list; the controller may ignore it. Leave it out, or use a class that supports it',
    },
  },
  check: ({ options }) =>
    Object.entries(options.features).flatMap(([name, features]) =>
      features.flatMap((feature, at) =>
        KNOWN.includes(feature)
          ? []
          : [
              {
                path: ['features', name, at],
                message: `"${feature}" is no feature of Gateway API v1.6.1`,
                expected: KNOWN,
              },
            ],
      ),
    ),
  bind: ({ options }) => new Map(Object.entries(options.features).map(([name, features]) => [name, new Set(features)])),
  suggest: (_subjects, snapshot) => {
    const used = new Set([...snapshot.list('Gateway')].map(({ spec }) => spec.gatewayClassName));
    const silent = [...used]
      .filter((name) => (snapshot.get('GatewayClass', '', name)?.status?.supportedFeatures ?? []).length === 0)
      .sort();
    return {
      name: 'features',
      comment: [
        'Features that the controller of a class does not list as supported.',
        ...(silent.length === 0
          ? []
          : [
              `Not judged, since nothing in sight says what they support: ${someOf(silent)}. Next: list it under features.`,
            ]),
      ],
      spec: {},
    };
  },
  evaluate: (subject, { bound, find, snapshot }) => {
    const findings: Finding[] = [];
    for (const className of classesOf(subject, snapshot)) {
      const gatewayClass = snapshot.get('GatewayClass', '', className);
      const supported = bound.get(className) ?? listed(gatewayClass);
      if (supported === undefined) continue;
      const data = { class: className, controller: gatewayClass?.spec.controllerName ?? 'its controller' };
      const uses: readonly Use[] = [
        ...featuresBeyond(supported, subject),
        ...mixedModes(subject, supported, snapshot),
        ...appProtocols(subject, supported, snapshot),
      ];
      for (const { name, path, what = path.length === 0 ? subject.kind : '', restsOn = [] } of uses) {
        if (!speaksTo(className, path, subject, snapshot)) continue;
        const details = { about: [fieldOf(path)], restsOn };
        findings.push(find('unsupported', path, { ...data, feature: name, what }, details));
      }
    }
    return findings;
  },
});

/** What asks for a feature that is not supported. */
interface Use {
  readonly name: string;
  readonly path: FieldPath;
  /** What it is, where the field alone does not say so. */
  readonly what?: string;
  /** What must be as it seems for it to ask. */
  readonly restsOn?: readonly ObjectKey[];
}

/** Sets made of the lists of classes: a list is of some eighty names, and a snapshot never changes an object. */
const SETS = new WeakMap<object, ReadonlySet<string>>();

function listed(gatewayClass: GatewayClass | undefined): ReadonlySet<string> | undefined {
  const features = gatewayClass?.status?.supportedFeatures;
  if (features === undefined || features.length === 0) return undefined;
  const known = SETS.get(features);
  if (known !== undefined) return known;
  const made: ReadonlySet<string> = new Set(features.map(({ name }) => name));
  SETS.set(features, made);
  return made;
}

/** The names of the fields of a path: `timeouts.request`. */
function fieldOf(path: FieldPath): string {
  const names = path.filter((part) => typeof part === 'string');
  return names.slice(-2).join('.');
}

/** The classes whose controllers an object speaks to. */
function classesOf(subject: Subject<(typeof SUBJECTS)[number]>, snapshot: Snapshot<Reads>): ReadonlySet<string> {
  if (subject.kind === 'Gateway') return new Set([subject.object.spec.gatewayClassName]);
  if (subject.kind === 'ListenerSet') {
    const parent = parentOf(snapshot, subject);
    return new Set(isParent(parent) ? [parent.gateway.spec.gatewayClassName] : []);
  }
  if (subject.kind !== 'BackendTLSPolicy') return classesOfRoute(subject, snapshot);
  const classes = new Set<string>();
  for (const { purpose, to } of references(subject)) {
    if (purpose !== 'target') continue;
    for (const route of snapshot.lookup(INDEXES.routesByBackend, objectKey(to.kind, to.namespace, to.name))) {
      // A route of another namespace that no grant lets through has no say in what this one may use.
      if (!sendsTo(snapshot, route, to)) continue;
      for (const className of classesOfRoute(route, snapshot)) classes.add(className);
    }
  }
  return classes;
}

function classesOfRoute(route: Indexed<RouteKind>, snapshot: Snapshot<Reads>): ReadonlySet<string> {
  const parents = parentsOf(snapshot, route).map(({ parent }) => parent);
  return new Set(parents.filter(isParent).map(({ gateway }) => gateway.spec.gatewayClassName));
}

/** Whether the controller of a class reads a field: of the parentRefs those that lead to Gateways of the class, none of a mesh. */
function speaksTo(
  className: string,
  [, field, at]: FieldPath,
  subject: Subject<(typeof SUBJECTS)[number]>,
  snapshot: Snapshot<Reads>,
): boolean {
  if (subject.kind !== 'HTTPRoute' || field !== 'parentRefs') return true;
  const ref = subject.object.spec.parentRefs?.find((_ref, index) => index === at);
  const parent = ref && findParent(snapshot, subject.namespace, ref);
  return parent !== undefined && isParent(parent) && parent.gateway.spec.gatewayClassName === className;
}

/**
 * The listeners of a ListenerSet that terminate TLS on a port where others of its Gateway pass it through, or the other way round: without the
 * feature those that come first are served alone (TLSRouteListenerMixedTerminationNotSupported).
 */
function mixedModes(
  subject: Subject<(typeof SUBJECTS)[number]>,
  supported: ReadonlySet<string>,
  snapshot: Snapshot<Reads>,
): readonly Use[] {
  const name = 'TLSRouteModeMixed';
  if (subject.kind !== 'ListenerSet' || supported.has(name)) return [];
  if (subject.object.spec.listeners.every(({ protocol }) => protocol !== 'TLS')) return [];
  const parent = parentOf(snapshot, subject);
  if (!isParent(parent)) return [];
  const merged = mergeListeners(snapshot, parent.gateway, { [name]: false }, subject.object);
  const restsOn = admissionRestsOn(snapshot, parent.gateway, subject.object);
  return merged.placesOf(subject).flatMap(({ listener, at }): readonly Use[] => {
    const others = merged.conflictAt(subject, at)?.others ?? [];
    const isMixed = others.some(
      (other) =>
        other.owner.object !== subject.object &&
        listener.protocol === 'TLS' &&
        other.listener.protocol === 'TLS' &&
        tlsModeOf(other.listener) !== tlsModeOf(listener),
    );
    return isMixed ? [{ name, path: ['spec', 'listeners', at, 'tls'], restsOn }] : [];
  });
}

/**
 * The features that the Services behind an HTTPRoute ask for by their `appProtocol` (GEP-1911), but for the supported ones. A Service that no
 * grant opens to the route is none of the requester's business.
 */
function* appProtocols(
  subject: Subject<(typeof SUBJECTS)[number]>,
  supported: ReadonlySet<string>,
  snapshot: Snapshot<Reads>,
): Iterable<Use> {
  if (subject.kind !== 'HTTPRoute' || PROTOCOLS.every((name) => supported.has(name))) return;
  for (const reference of references(subject)) {
    const { purpose, to, path } = reference;
    if (purpose !== 'backend' || to.group !== '' || to.kind !== 'Service') continue;
    const ports = snapshot.get('Service', to.namespace, to.name)?.spec?.ports ?? [];
    const appProtocol = ports.find(({ port }) => port === to.port)?.appProtocol ?? '';
    const name = APP_PROTOCOL_FEATURES.get(appProtocol);
    if (name === undefined || supported.has(name) || !isPermitted(snapshot, reference)) continue;
    yield { name, path: [...path, 'port'], what: ` (appProtocol ${appProtocol} of the Service)` };
  }
}

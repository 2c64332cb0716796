/** The API group of Gateway API (doc versioning). */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** The group of kinds that exist in the experimental channel only (GEP-2648). */
export const EXPERIMENTAL_GROUP = 'gateway.networking.x-k8s.io';

interface KindRow {
  readonly group: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** Every version that some bundle from v1.0 to v1.6 serves, in either channel; newest first. */
  readonly versions: readonly [string, ...string[]];
}

/**
 * Every kind Gateward knows: all of Gateway API, and what its policies read or guard. Source: the CRDs of bundles v1.0.0 to v1.6.1;
 * `test/gateway/kinds.test.ts` fails when a kind or served version of those CRDs is missing here.
 */
export const KINDS = {
  GatewayClass: { group: GATEWAY_GROUP, plural: 'gatewayclasses', scope: 'Cluster', versions: ['v1', 'v1beta1'] },
  Gateway: { group: GATEWAY_GROUP, plural: 'gateways', scope: 'Namespaced', versions: ['v1', 'v1beta1'] },
  ListenerSet: { group: GATEWAY_GROUP, plural: 'listenersets', scope: 'Namespaced', versions: ['v1'] },
  HTTPRoute: { group: GATEWAY_GROUP, plural: 'httproutes', scope: 'Namespaced', versions: ['v1', 'v1beta1'] },
  GRPCRoute: { group: GATEWAY_GROUP, plural: 'grpcroutes', scope: 'Namespaced', versions: ['v1', 'v1alpha2'] },
  TLSRoute: {
    group: GATEWAY_GROUP,
    plural: 'tlsroutes',
    scope: 'Namespaced',
    versions: ['v1', 'v1alpha3', 'v1alpha2'],
  },
  TCPRoute: { group: GATEWAY_GROUP, plural: 'tcproutes', scope: 'Namespaced', versions: ['v1', 'v1alpha2'] },
  UDPRoute: { group: GATEWAY_GROUP, plural: 'udproutes', scope: 'Namespaced', versions: ['v1', 'v1alpha2'] },
  ReferenceGrant: {
    group: GATEWAY_GROUP,
    plural: 'referencegrants',
    scope: 'Namespaced',
    versions: ['v1', 'v1beta1', 'v1alpha2'],
  },
  BackendTLSPolicy: {
    group: GATEWAY_GROUP,
    plural: 'backendtlspolicies',
    scope: 'Namespaced',
    versions: ['v1', 'v1alpha3', 'v1alpha2'],
  },
  BackendLBPolicy: { group: GATEWAY_GROUP, plural: 'backendlbpolicies', scope: 'Namespaced', versions: ['v1alpha2'] },
  XListenerSet: {
    group: EXPERIMENTAL_GROUP,
    plural: 'xlistenersets',
    scope: 'Namespaced',
    versions: ['v1alpha1'],
  },
  XBackendTrafficPolicy: {
    group: EXPERIMENTAL_GROUP,
    plural: 'xbackendtrafficpolicies',
    scope: 'Namespaced',
    versions: ['v1alpha1'],
  },
  XBackend: { group: EXPERIMENTAL_GROUP, plural: 'xbackends', scope: 'Namespaced', versions: ['v1alpha1'] },
  XMesh: { group: EXPERIMENTAL_GROUP, plural: 'xmeshes', scope: 'Cluster', versions: ['v1alpha1'] },
  CustomResourceDefinition: {
    group: 'apiextensions.k8s.io',
    plural: 'customresourcedefinitions',
    scope: 'Cluster',
    versions: ['v1'],
  },
  Namespace: { group: '', plural: 'namespaces', scope: 'Cluster', versions: ['v1'] },
  Service: { group: '', plural: 'services', scope: 'Namespaced', versions: ['v1'] },
  Secret: { group: '', plural: 'secrets', scope: 'Namespaced', versions: ['v1'] },
  ConfigMap: { group: '', plural: 'configmaps', scope: 'Namespaced', versions: ['v1'] },
  Ingress: { group: 'networking.k8s.io', plural: 'ingresses', scope: 'Namespaced', versions: ['v1'] },
  ServiceImport: {
    group: 'multicluster.x-k8s.io',
    plural: 'serviceimports',
    scope: 'Namespaced',
    versions: ['v1alpha1'],
  },
  /** Stands for every kind of vendors' policies: see `VendorPolicy`. Group, kind, versions and resource are those of the object. */
  VendorPolicy: { group: '*', plural: '*', scope: 'Namespaced', versions: ['*'] },
} as const satisfies Record<string, KindRow>;

/** The name of a kind in {@link KINDS}; unique across groups. */
export type KindName = keyof typeof KINDS;

/** The five route kinds, in the order the specification lists them. */
export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
/** One of the five route kinds. */
export type RouteKind = (typeof ROUTE_KINDS)[number];

/** The route kinds that serve by hostname. */
export const HOSTNAME_ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const;
/** One of {@link HOSTNAME_ROUTE_KINDS}. */
export type HostnameRouteKind = (typeof HOSTNAME_ROUTE_KINDS)[number];

/** The kinds that hold listeners. XListenerSet is the experimental shape that ListenerSet replaced in v1.5. */
export const LISTENER_KINDS = ['Gateway', 'ListenerSet', 'XListenerSet'] as const;
/** A kind that holds listeners. */
export type ListenerKind = (typeof LISTENER_KINDS)[number];

/** By group, then by kind or by plural: a key of both would have to be made for each look. */
const byGroupKind = new Map<string, Map<string, KindName>>();
const byResource = new Map<string, Map<string, KindName>>();
/** The names of all rows, in table order. */
export const ROW_NAMES: readonly KindName[] = rowNames();
/** All kind names, in table order, but VendorPolicy, which is no kind of the API server's. */
export const KIND_NAMES: readonly KindName[] = ROW_NAMES.filter((name) => name !== 'VendorPolicy');
for (const name of KIND_NAMES) {
  const { group, plural } = KINDS[name];
  for (const [table, key] of [[byGroupKind, name] as const, [byResource, plural] as const]) {
    const ofGroup = table.get(group) ?? new Map<string, KindName>();
    table.set(group, ofGroup.set(key, name));
  }
}

function rowNames(): readonly KindName[] {
  const isKindName = (name: string): name is KindName => Object.hasOwn(KINDS, name);
  return Object.keys(KINDS).filter(isKindName);
}

/** The row's name for a group and kind, in any version; undefined when Gateward does not know the kind. */
export function kindOf(group: string, kind: string): KindName | undefined {
  return byGroupKind.get(group)?.get(kind);
}

/** The row's name for a group and plural resource name. */
export function kindOfResource(group: string, plural: string): KindName | undefined {
  return byResource.get(group)?.get(plural);
}

/**
 * A kind as messages write it, no two kinds alike: `HTTPRoute` for one that Gateward knows, any other with its group, as kubectl writes it:
 * `Service.example.com`.
 */
export function formatKind({ group, kind }: { readonly group: string; readonly kind: string }): string {
  if (kindOf(group, kind) !== undefined) return kind;
  if (group !== '') return `${kind}.${group}`;
  return Object.hasOwn(KINDS, kind) ? `${kind} in group ""` : kind;
}

/** `gateway.networking.k8s.io/HTTPRoute`; a kind of the core group stands alone. */
export function formatGroupKind({ group, kind }: { readonly group: string; readonly kind: string }): string {
  return group === '' ? kind : `${group}/${kind}`;
}

/** Splits an apiVersion: `v1` is group `""`. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `group/version`, or only the version for the core group. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Whether the kind is one of Gateway API's own, in either group. */
export function isGatewayKind(kind: KindName): boolean {
  const { group } = KINDS[kind];
  return group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP;
}

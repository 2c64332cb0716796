import { ANY, canonicalHostname, wildcardsAbove } from './hostname.ts';
import { HOSTNAME_ROUTE_KINDS, LISTENER_KINDS, ROUTE_KINDS, type KindName } from './kinds.ts';
import type { ListenerSet } from './listener.ts';
import type { Route } from './route.ts';
import type { Gateway } from './gateway.ts';
import { ingressRules } from './ingress.ts';
import { isOneOf, type Indexed } from './kindMap.ts';
import { policyTargets } from './backendTLSPolicy.ts';
import {
  references,
  type Reference,
  type ReferencePurpose,
  type ReferenceSource,
  type ReferenceTarget,
} from './references.ts';

/** A secondary index over the objects of kinds K. */
export interface Index<out K extends KindName = KindName> {
  readonly kinds: readonly K[];
  /**
   * The keys to file an object under; none for one of another kind, or that does not belong in the index. They follow from its `spec` and its
   * namespace alone.
   */
  readonly keysOf: (entry: Indexed<KindName>) => readonly string[];
  /**
   * Given where the keys are the wildcards above an object's hostnames: those hostnames. A hostname has many wildcards above it; a store keeps
   * hostnames in order instead of the object under each.
   */
  readonly hostnamesOf: ((entry: Indexed<KindName>) => readonly string[]) | undefined;
}

function index<const K extends KindName>(
  kinds: readonly K[],
  keys: (entry: Indexed<K>) => readonly string[],
): Index<K> {
  return { kinds, keysOf: forKinds(kinds, keys), hostnamesOf: undefined };
}

function indexBelowWildcards<const K extends KindName>(
  kinds: readonly K[],
  hostnames: (entry: Indexed<K>) => readonly string[],
): Index<K> {
  const hostnamesOf = forKinds(kinds, hostnames);
  return { kinds, keysOf: (entry) => above(hostnamesOf(entry)), hostnamesOf };
}

function forKinds<K extends KindName>(
  kinds: readonly K[],
  keys: (entry: Indexed<K>) => readonly string[],
): (entry: Indexed<KindName>) => readonly string[] {
  return (entry) => (isOneOf(kinds, entry) ? keys(entry) : []);
}

/** The kinds with a field whose crossing of namespaces takes a ReferenceGrant (rg; the CRDs of the bundles). */
export const REFERRING_KINDS = [...ROUTE_KINDS, ...LISTENER_KINDS, 'XBackend'] as const;
/** What a route sends traffic to. */
const BACKEND_PURPOSES = ['backend', 'request-mirror', 'external-auth'] as const;
/** What a listener's TLS settings are read from. */
const KEY_MATERIAL = ['certificate', 'client-certificate', 'ca-certificate'] as const;

/**
 * The secondary indexes of a snapshot. Each answers one question of the rules without walking the cluster; a snapshot keeps them current
 * one object at a time. Keys of objects are `Kind/namespace/name`.
 */
export const INDEXES = {
  /** Routes by each parent they name: `Gateway/infra/public`. Service parents are filed too. */
  routesByParent: index(ROUTE_KINDS, ({ object }) => parentKeys(object)),
  /** Routes that ask for the default Gateways (GEP-3793), under `All`. */
  routesByDefaultScope: index(ROUTE_KINDS, ({ object }) =>
    object.spec.useDefaultGateways === undefined ? [] : [object.spec.useDefaultGateways],
  ),
  /** ListenerSets and XListenerSets by the Gateway they extend. */
  listenerSetsByGateway: index(['ListenerSet', 'XListenerSet'], ({ object }) => [listenerSetParentKey(object)]),
  /** Gateways by class name. */
  gatewaysByClass: index(['Gateway'], ({ object }) => [object.spec.gatewayClassName]),
  /** Gateways that are defaults (GEP-3793), under their `defaultScope`. */
  gatewaysByDefaultScope: index(['Gateway'], ({ object }) =>
    object.spec.defaultScope === undefined ? [] : [object.spec.defaultScope],
  ),
  /** Routes with hostnames by each declared hostname, exact or wildcard; hostless ones under `*`. */
  routesByHostname: index(HOSTNAME_ROUTE_KINDS, ({ object }) => declaredHostnames(object.spec.hostnames)),
  /** The same routes under every wildcard above each hostname: what lies below `*.example.com`. */
  routesBelowWildcard: indexBelowWildcards(HOSTNAME_ROUTE_KINDS, ({ object }) =>
    declaredHostnames(object.spec.hostnames),
  ),
  /**
   * Routes that have hostnames and declare none by each parent they name, and under `All` when they ask for the default Gateways: who shares all
   * hostnames of a listener, however many such routes the cluster has.
   */
  hostlessRoutesByParent: index(HOSTNAME_ROUTE_KINDS, ({ object }) => {
    const { hostnames = [], useDefaultGateways } = object.spec;
    if (hostnames.length > 0) return [];
    return [...parentKeys(object), ...(useDefaultGateways === undefined ? [] : [useDefaultGateways])];
  }),
  /** Gateways and ListenerSets by each listener hostname; listeners without one under `*`. */
  listenersByHostname: index(LISTENER_KINDS, ({ object }) => listenerHostnames(object)),
  /** The same under every wildcard above each listener hostname. */
  listenersBelowWildcard: indexBelowWildcards(LISTENER_KINDS, ({ object }) => listenerHostnames(object)),
  /** Gateways and ListenerSets by each label key that their selectors of namespaces read. */
  listenersBySelectorKey: index(LISTENER_KINDS, ({ object }) => selectorKeys(object)),
  /** Ingresses by host; rules without one, and a default backend alone, under `*`. */
  ingressesByHostname: index(['Ingress'], ({ object }) =>
    unique(ingressRules(object).map((rule) => canonicalHostname(rule.host) ?? '')),
  ),
  /** Routes by each backend they send to, mirrors and external authorisation included: `Service/shop/web`. */
  routesByBackend: index(ROUTE_KINDS, (entry) => referenceKeys(entry, BACKEND_PURPOSES)),
  /** Gateways and ListenerSets by each Secret or ConfigMap they name. */
  listenersByReference: index(LISTENER_KINDS, (entry) => referenceKeys(entry, KEY_MATERIAL)),
  /** ReferenceGrants by each `from`: `gateway.networking.k8s.io/HTTPRoute/shop`. */
  grantsBySource: index(['ReferenceGrant'], ({ object }) => unique(object.spec.from.map(sourceKey))),
  /** Objects by each relation for which a reference of theirs needs a grant, and by each target in it: see {@link relationKey}. */
  referrersByRelation: index(REFERRING_KINDS, (entry) =>
    unique(
      referencesOf(entry)
        .filter(({ needsGrant }) => needsGrant)
        .flatMap(({ from, to }) => [relationKey(from, to.namespace), relationKey(from, to.namespace, to)]),
    ),
  ),
  /** BackendTLSPolicies by target: `Service/shop/web`. */
  policiesByTarget: index(['BackendTLSPolicy'], ({ object }) =>
    unique(
      policyTargets(object).map((ref) =>
        objectKey(ref.kind, ref.namespace ?? object.metadata.namespace ?? '', ref.name),
      ),
    ),
  ),
} as const;

/** `Kind/namespace/name`: the form of keys that stand for an object. */
export function objectKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

function unique(keys: readonly string[]): readonly string[] {
  return keys.length < 2 ? keys : [...new Set(keys)];
}

function parentKeys(route: Route): readonly string[] {
  const parents = route.spec.parentRefs ?? [];
  return unique(
    parents.map((ref) => objectKey(ref.kind ?? 'Gateway', ref.namespace ?? route.metadata.namespace ?? '', ref.name)),
  );
}

function listenerSetParentKey(set: ListenerSet): string {
  const ref = set.spec.parentRef;
  return objectKey(ref.kind ?? 'Gateway', ref.namespace ?? set.metadata.namespace ?? '', ref.name);
}

function declaredHostnames(hostnames: readonly string[] | undefined): readonly string[] {
  if (hostnames === undefined || hostnames.length === 0) return [ANY];
  return unique(hostnames.flatMap((text) => canonicalHostname(text) ?? []));
}

function listenerHostnames(holder: Gateway | ListenerSet): readonly string[] {
  return unique(holder.spec.listeners.flatMap((listener) => canonicalHostname(listener.hostname) ?? []));
}

function selectorKeys(holder: Gateway | ListenerSet): readonly string[] {
  const allowed = [...holder.spec.listeners.map((listener) => listener.allowedRoutes?.namespaces)];
  if ('allowedListeners' in holder.spec) allowed.push(holder.spec.allowedListeners.namespaces);
  return unique(
    allowed.flatMap((namespaces) => {
      if (namespaces?.from !== 'Selector') return [];
      const { matchLabels = {}, matchExpressions = [] } = namespaces.selector ?? {};
      return [...Object.keys(matchLabels), ...matchExpressions.map((term) => term.key)];
    }),
  );
}

function above(hostnames: readonly string[]): readonly string[] {
  return unique(hostnames.flatMap((hostname) => wildcardsAbove(hostname)));
}

let last: { readonly entry: Indexed<KindName>; readonly found: readonly Reference[] } | undefined;

/** What {@link references} says; a store asks every index about one object after the other. */
function referencesOf(entry: Indexed<KindName>): readonly Reference[] {
  if (last?.entry !== entry) last = { entry, found: references(entry) };
  return last.found;
}

/** The objects that an object refers to, for these purposes. */
function referenceKeys(entry: Indexed<KindName>, purposes: readonly ReferencePurpose[]): readonly string[] {
  return unique(
    referencesOf(entry)
      .filter(({ purpose }) => purposes.includes(purpose))
      .map(({ to }) => objectKey(to.kind, to.namespace, to.name)),
  );
}

/** One end of a grant as a key: `group/kind/namespace`. */
export function sourceKey(source: ReferenceSource): string {
  return `${source.group}/${source.kind}/${source.namespace}`;
}

/** Who refers into which namespace, as a key: `group/kind/namespace>target namespace`; and to what there: `>group/kind/name`. */
export function relationKey(
  source: ReferenceSource,
  targetNamespace: string,
  target?: Pick<ReferenceTarget, 'group' | 'kind' | 'name'>,
): string {
  const relation = `${sourceKey(source)}>${targetNamespace}`;
  return target === undefined ? relation : `${relation}>${target.group}/${target.kind}/${target.name}`;
}

/** All indexes, for stores that keep them. */
export const ALL_INDEXES: readonly Index[] = Object.values(INDEXES);

const INDEXES_OF = new Map<KindName, readonly Index[]>();

/** The indexes of a kind, always in one order. */
export function indexesOf(kind: KindName): readonly Index[] {
  const known = INDEXES_OF.get(kind) ?? ALL_INDEXES.filter(({ kinds }) => kinds.includes(kind));
  INDEXES_OF.set(kind, known);
  return known;
}

/**
 * By index of {@link indexesOf}: what an object is filed under there, its keys, or where these are wildcards the hostnames that lie below them.
 */
export type Filing = readonly (readonly string[])[];

/** The filing of an object. Throws where an index cannot be made of it. */
export function filingOf(entry: Indexed<KindName>): Filing {
  return indexesOf(entry.kind).map(({ keysOf, hostnamesOf }) => (hostnamesOf ?? keysOf)(entry));
}

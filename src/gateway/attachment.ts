import { comparableHostname, compareSpecificity, intersect } from './hostname.ts';
import { INDEXES, objectKey } from './indexes.ts';
import type { Indexed } from './kindMap.ts';
import { GATEWAY_GROUP, kindOf, type ListenerKind, type RouteKind } from './kinds.ts';
import type { LabelSelector } from './labelSelector.ts';
import { ASSIGNED_PORT, type Listener, type NamespacesFrom } from './listener.ts';
import { namespaceAdmission } from './namespace.ts';
import { isParent, parentsOf, type Parent, type ParentClaim } from './parent.ts';
import { listenerKinds, type Features, type RouteGroupKind } from './routeKinds.ts';
import type { Snapshot } from './snapshot.ts';

/** The kinds that attachment reads. */
export type AttachmentKind = ListenerKind | 'Namespace';

/** What a listener has against a route, at the first stage that drops it. */
export type Refusal =
  | { readonly stage: 'section'; readonly wanted: string }
  | { readonly stage: 'port'; readonly wanted: number }
  | { readonly stage: 'kind'; readonly supported: readonly RouteGroupKind[] }
  /** `from: Same`: the listener's owner is in another namespace. */
  | { readonly stage: 'same'; readonly namespace: string }
  /** `from: Selector`: the term that the labels of the route's Namespace do not satisfy; undefined when they are out of sight. */
  | { readonly stage: 'selector'; readonly selector: LabelSelector | undefined; readonly term: string | undefined }
  | { readonly stage: 'hostname'; readonly hostname: string };

/** What becomes of one listener of a parent. */
export interface ListenerOutcome {
  readonly listener: Listener;
  /** Its position in `spec.listeners`. */
  readonly at: number;
  /** `unknown`: it depends on labels of a Namespace that is out of sight. */
  readonly attached: boolean | 'unknown';
  /** Why not, or on what it depends; undefined when attached. */
  readonly refusal: Refusal | undefined;
  /**
   * The hostnames that the route serves through this listener, route ∩ listener: canonical, most specific first, `*` for any. Empty for
   * TCPRoute and UDPRoute, which have none, and for a listener that refuses the route.
   */
  readonly hostnames: readonly string[];
}

/** The reasons of `Accepted` that attachment decides (shared: RouteConditionReason). */
export type AttachmentReason =
  | 'Accepted'
  | 'NoMatchingParent'
  | 'NotAllowedByListeners'
  | 'NoMatchingListenerHostname'
  /** It depends on labels of a Namespace that is out of sight. */
  | 'Pending';

/** What becomes of a route at one of its parents. */
export interface Attachment {
  readonly claim: ParentClaim;
  readonly parent: Parent;
  readonly accepted: boolean | 'unknown';
  readonly reason: AttachmentReason;
  /** Every listener of the parent, in its order. */
  readonly listeners: readonly ListenerOutcome[];
}

/** Every parent of a route that is there, with what becomes of the route; each parentRef on its own (GEP-1713; ListenerSetDualParentRefIndependence). */
export function attachments(
  snapshot: Snapshot<AttachmentKind>,
  route: Indexed<RouteKind>,
  features?: Features,
): readonly Attachment[] {
  return parentsOf(snapshot, route).flatMap(({ claim, parent }) =>
    isParent(parent) ? [attach(snapshot, route, claim, parent, features)] : [],
  );
}

/**
 * Attaches a route to one parent: of the parent's own listeners those that section name and port mean, of them those that allow kind and
 * namespace, of them those that share a hostname. The stage that drops the last one gives the reason (shared: ParentReference,
 * RouteConditionAccepted; HTTPRouteInvalidParentRefSectionNameNotMatchingPort, TLSRouteInvalidNoMatchingListener,
 * HTTPRouteHostnameIntersection). A Gateway's parentRef never reaches its ListenerSets (ListenerSetGatewayParentSectionNameNotFound).
 */
export function attach(
  snapshot: Snapshot<'Namespace'>,
  route: Indexed<RouteKind>,
  claim: ParentClaim,
  parent: Parent,
  features: Features = ALL_FEATURES,
): Attachment {
  if (snapshot.isMoment !== true || features !== ALL_FEATURES)
    return attachAfresh(snapshot, route, claim, parent, features);
  if (last?.route !== route || last.snapshot !== snapshot) last = { snapshot, route, byClaim: new Map() };
  const attachment = last.byClaim.get(claim) ?? attachAfresh(snapshot, route, claim, parent, features);
  last.byClaim.set(claim, attachment);
  return attachment;
}

const ALL_FEATURES: Features = {};

/** What has become of the route at the parents of one object, which policies ask for one after the other. */
let last:
  | {
      readonly snapshot: Snapshot<'Namespace'>;
      readonly route: Indexed<RouteKind>;
      readonly byClaim: Map<ParentClaim, Attachment>;
    }
  | undefined;

function attachAfresh(
  snapshot: Snapshot<'Namespace'>,
  route: Indexed<RouteKind>,
  claim: ParentClaim,
  parent: Parent,
  features: Features,
): Attachment {
  const known: Effective = new Map();
  const listeners = parent.owner.object.spec.listeners.map((listener, at) =>
    judge(snapshot, route, claim, parent, listener, at, features, known),
  );
  const { accepted, reason } = conclude(listeners);
  return { claim, parent, accepted, reason, listeners };
}

/** The effective hostnames of one route by the hostname of the listener, which many may share. */
type Effective = Map<string, readonly string[] | undefined>;

const STAGES: readonly (readonly [AttachmentReason, readonly Refusal['stage'][]])[] = [
  ['NoMatchingListenerHostname', ['hostname']],
  ['NotAllowedByListeners', ['kind', 'same', 'selector']],
];

function conclude(listeners: readonly ListenerOutcome[]): Pick<Attachment, 'accepted' | 'reason'> {
  if (listeners.some(({ attached }) => attached === true)) return { accepted: true, reason: 'Accepted' };
  if (listeners.some(({ attached }) => attached === 'unknown')) return { accepted: 'unknown', reason: 'Pending' };
  // The later the stage, the further some listener came.
  for (const [reason, stages] of STAGES) {
    if (listeners.some(({ refusal }) => refusal !== undefined && stages.includes(refusal.stage))) {
      return { accepted: false, reason };
    }
  }
  return { accepted: false, reason: 'NoMatchingParent' };
}

function judge(
  snapshot: Snapshot<'Namespace'>,
  route: Indexed<RouteKind>,
  { ref }: ParentClaim,
  { owner }: Parent,
  listener: Listener,
  at: number,
  features: Features,
  known: Effective,
): ListenerOutcome {
  const out = (refusal: Refusal): ListenerOutcome => ({ listener, at, attached: false, refusal, hostnames: [] });
  if (ref.sectionName !== undefined && ref.sectionName !== listener.name) {
    return out({ stage: 'section', wanted: ref.sectionName });
  }
  // A port that is yet to be assigned may be the one that is wanted.
  if (ref.port !== undefined && ref.port !== listener.port && listener.port !== ASSIGNED_PORT) {
    return out({ stage: 'port', wanted: ref.port });
  }
  const { supported } = listenerKinds(listener, features);
  if (!supported.some(({ kind }) => kind === route.kind)) return out({ stage: 'kind', supported });
  const ownerNamespace = owner.object.metadata.namespace ?? '';
  const refusal = refusalOfNamespace(
    snapshot,
    listener.allowedRoutes?.namespaces,
    ownerNamespace,
    route.object.metadata.namespace ?? '',
  );
  const unknown = refusal?.stage === 'selector' && refusal.term === undefined;
  if (refusal !== undefined && !unknown) return out(refusal);
  const { hostname = '' } = listener;
  const hostnames = known.has(hostname) ? known.get(hostname) : effectiveHostnames(route, listener);
  known.set(hostname, hostnames);
  if (hostnames?.length === 0) return out({ stage: 'hostname', hostname });
  return { listener, at, attached: unknown ? 'unknown' : true, refusal, hostnames: hostnames ?? [] };
}

/**
 * What `allowedRoutes.namespaces` has against a route's namespace. Same means the namespace of the listener's owner, which for a ListenerSet
 * is its own (ListenerSetAllowedRoutesNamespaces); a selector without `from: Selector` is ignored, since the default is Same (gw).
 */
function refusalOfNamespace(
  snapshot: Snapshot<'Namespace'>,
  namespaces: NamespacesFrom | undefined,
  ownerNamespace: string,
  routeNamespace: string,
): Refusal | undefined {
  const admission = namespaceAdmission(snapshot, namespaces, 'Same', ownerNamespace, routeNamespace);
  if (admission.admitted === true) return undefined;
  return namespaces?.from === 'Selector'
    ? { stage: 'selector', selector: namespaces.selector, term: admission.term }
    : { stage: 'same', namespace: ownerNamespace };
}

/**
 * The hostnames that a route would serve through a listener: the set of route ∩ listener, most specific first. Undefined for TCPRoute and
 * UDPRoute, which know no hostnames; empty when they share none (doc hostnames; HTTPRouteHostnameIntersection,
 * TLSRouteHostnameIntersection). A text that is no hostname is compared as it stands, since controllers do so.
 */
export function effectiveHostnames(route: Indexed<RouteKind>, listener: Listener): readonly string[] | undefined {
  if (route.kind === 'TCPRoute' || route.kind === 'UDPRoute') return undefined;
  const served = comparableHostname(listener.hostname);
  const asked = route.object.spec.hostnames ?? [];
  if (asked.length === 0) return [served];
  const shared = new Set<string>();
  for (const text of asked) {
    const hostname = intersect(comparableHostname(text), served);
    if (hostname !== undefined) shared.add(hostname);
  }
  return [...shared].sort(compareSpecificity);
}

/** The routes that name a holder of listeners as their parent, by parentRef or as a default Gateway; accepted or not. */
export function routesOf(snapshot: Snapshot<RouteKind>, owner: Indexed<ListenerKind>): readonly Indexed<RouteKind>[] {
  const { kind, object } = owner;
  const namespace = object.metadata.namespace ?? '';
  const found = new Map<string, Indexed<RouteKind>>();
  const add = (route: Indexed<RouteKind>): void => {
    const { metadata } = route.object;
    found.set(objectKey(route.kind, metadata.namespace ?? '', metadata.name), route);
  };
  for (const route of snapshot.lookup(INDEXES.routesByParent, objectKey(kind, namespace, object.metadata.name))) {
    const names = (route.object.spec.parentRefs ?? []).some(
      (ref) =>
        kindOf(ref.group ?? GATEWAY_GROUP, ref.kind ?? 'Gateway') === kind &&
        ref.name === object.metadata.name &&
        (ref.namespace ?? route.object.metadata.namespace ?? '') === namespace,
    );
    if (names) add(route);
  }
  if (kind === 'Gateway' && object.spec.defaultScope === 'All') {
    for (const route of snapshot.lookup(INDEXES.routesByDefaultScope, 'All')) add(route);
  }
  return [...found.values()];
}

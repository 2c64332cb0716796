import type { FieldPath } from './fieldPath.ts';
import type { Gateway } from './gateway.ts';
import { INDEXES, objectKey } from './indexes.ts';
import { indexed, isOneOf, type Indexed } from './kindMap.ts';
import { GATEWAY_GROUP, LISTENER_KINDS, kindOf, type ListenerKind, type RouteKind } from './kinds.ts';
import type { ListenerSet } from './listener.ts';
import { formatKey, keyOf, type ObjectKey } from './object.ts';
import type { ParentReference } from './reference.ts';
import type { Route } from './route.ts';
import type { Snapshot } from './snapshot.ts';

/** A parent that a route asks for: one of its `parentRefs`, or a default Gateway. */
export interface ParentClaim {
  /** As it stands in the spec, with the defaults of group and kind. */
  readonly ref: ParentReference;
  /** Undefined for a default Gateway: nothing in the spec names it. */
  readonly path: FieldPath | undefined;
}

/** A Gateway, ListenerSet or XListenerSet that a route may attach to, with the Gateway it belongs to. */
export interface Parent {
  readonly owner: Indexed<ListenerKind>;
  /** The owner itself, or the Gateway that the set extends. */
  readonly gateway: Gateway;
}

/** Why a parentRef leads to no listeners, so that no controller writes a status for it (shared: RouteParentStatus). */
export interface NoParent {
  /** `mesh`: a Service, which is not attached to listeners (GEP-1294). `missing`: the parent, or the Gateway of its ListenerSet. */
  readonly why: 'mesh' | 'unknown-kind' | 'missing';
  /** What is not there. */
  readonly missing?: ObjectKey;
}

/** A parent that a route asks for, and what is there. */
export interface ClaimedParent {
  readonly claim: ParentClaim;
  readonly parent: Parent | NoParent;
}

let last:
  | {
      readonly snapshot: Snapshot<ListenerKind>;
      readonly route: Indexed<RouteKind>;
      readonly parents: readonly ClaimedParent[];
    }
  | undefined;

/** The {@link parentClaims} of a route, each with what it leads to. Policies ask for those of one route one after the other. */
export function parentsOf(snapshot: Snapshot<ListenerKind>, route: Indexed<RouteKind>): readonly ClaimedParent[] {
  if (last?.route === route && last.snapshot === snapshot) return last.parents;
  const { namespace = '' } = route.object.metadata;
  const parents = parentClaims(snapshot, route).map((claim) => ({
    claim,
    parent: findParent(snapshot, namespace, claim.ref),
  }));
  if (snapshot.isMoment === true) last = { snapshot, route, parents };
  return parents;
}

/**
 * The parents that a route asks for, in the order of `parentRefs`; then, with `useDefaultGateways: All`, every Gateway whose `defaultScope`
 * is All and that no whole-Gateway parentRef names already (GEP-3793).
 */
export function parentClaims(snapshot: Snapshot<'Gateway'>, { object }: Indexed<RouteKind>): readonly ParentClaim[] {
  const claims: ParentClaim[] = (object.spec.parentRefs ?? []).map((ref, at) => ({
    ref: { ...ref, group: ref.group ?? GATEWAY_GROUP, kind: ref.kind ?? 'Gateway' },
    path: ['spec', 'parentRefs', at],
  }));
  if (object.spec.useDefaultGateways !== 'All') return claims;
  const named = new Set(
    claims
      .filter(({ ref }) => ref.kind === 'Gateway' && ref.sectionName === undefined && ref.port === undefined)
      .map(({ ref }) => objectKey('Gateway', ref.namespace ?? object.metadata.namespace ?? '', ref.name)),
  );
  const defaults = [...snapshot.lookup(INDEXES.gatewaysByDefaultScope, 'All')]
    .map(({ object: gateway }) => ({ namespace: gateway.metadata.namespace ?? '', name: gateway.metadata.name }))
    .filter(({ namespace, name }) => !named.has(objectKey('Gateway', namespace, name)))
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  for (const target of defaults) {
    claims.push({ ref: { group: GATEWAY_GROUP, kind: 'Gateway', ...target }, path: undefined });
  }
  return claims;
}

/** Whether a mesh alone serves a route, by Services as parents: it reads no hostnames (GEP-1294). A default Gateway does (GEP-3793). */
export function isMeshOnly({ spec: { parentRefs = [], useDefaultGateways } }: Route): boolean {
  const isMesh = ({ group = GATEWAY_GROUP, kind }: ParentReference): boolean => group === '' && kind === 'Service';
  return useDefaultGateways !== 'All' && parentRefs.length > 0 && parentRefs.every(isMesh);
}

/** What a parentRef of a route in `namespace` leads to. */
export function findParent(
  snapshot: Snapshot<ListenerKind>,
  namespace: string,
  ref: ParentReference,
): Parent | NoParent {
  const group = ref.group ?? GATEWAY_GROUP;
  const kindName = ref.kind ?? 'Gateway';
  if (group === '' && kindName === 'Service') return { why: 'mesh' };
  const named = kindOf(group, kindName);
  const kind = LISTENER_KINDS.find((known) => known === named);
  if (kind === undefined) return { why: 'unknown-kind' };
  const object = snapshot.get(kind, ref.namespace ?? namespace, ref.name);
  if (object === undefined) {
    return { why: 'missing', missing: { kind, namespace: ref.namespace ?? namespace, name: ref.name } };
  }
  return parentOf(snapshot, indexedOwner(kind, object));
}

/** A holder of listeners as a parent; its missing Gateway when it is a ListenerSet without one. */
export function parentOf(snapshot: Snapshot<'Gateway'>, owner: Indexed<ListenerKind>): Parent | NoParent {
  if (owner.kind === 'Gateway') return { owner, gateway: owner.object };
  const ref = owner.object.spec.parentRef;
  if (kindOf(ref.group ?? GATEWAY_GROUP, ref.kind ?? 'Gateway') !== 'Gateway') return { why: 'unknown-kind' };
  const namespace = ref.namespace ?? owner.object.metadata.namespace ?? '';
  const gateway = snapshot.get('Gateway', namespace, ref.name);
  return gateway === undefined
    ? { why: 'missing', missing: { kind: 'Gateway', namespace, name: ref.name } }
    : { owner, gateway };
}

/** Whether a parentRef leads to listeners. */
export function isParent(found: Parent | NoParent): found is Parent {
  return 'owner' in found;
}

/** Whether two references of objects in a namespace mean the same parent, section and port, once defaults are filled in (shared: ParentReference). */
export function isSameParentRef(a: ParentReference, b: ParentReference, namespace: string): boolean {
  return (
    (a.group ?? GATEWAY_GROUP) === (b.group ?? GATEWAY_GROUP) &&
    (a.kind ?? 'Gateway') === (b.kind ?? 'Gateway') &&
    (a.namespace ?? namespace) === (b.namespace ?? namespace) &&
    a.name === b.name &&
    a.sectionName === b.sectionName &&
    a.port === b.port
  );
}

/** Pairs a holder of listeners with its kind. */
export function indexedOwner(kind: ListenerKind, object: Gateway | ListenerSet): Indexed<ListenerKind> {
  const entry = indexed(kind, object);
  if (!isOneOf(LISTENER_KINDS, entry)) throw new Error(`${kind} holds no listeners`);
  return entry;
}

/** The key of a holder of listeners. */
export function ownerKey({ kind, object }: Indexed<ListenerKind>): ObjectKey {
  return keyOf(kind, object);
}

/** Whether two holders of listeners are one. */
export function isSameOwner(a: Indexed<ListenerKind>, b: Indexed<ListenerKind>): boolean {
  return (
    a.kind === b.kind &&
    a.object.metadata.name === b.object.metadata.name &&
    (a.object.metadata.namespace ?? '') === (b.object.metadata.namespace ?? '')
  );
}

/** `Gateway infra/public`, as messages write a holder of listeners. */
export function ownerName(owner: Indexed<ListenerKind>): string {
  return formatKey(ownerKey(owner));
}

/** The ListenerSets and XListenerSets that name a Gateway as their parent, allowed or not. */
export function listenerSetsOf(
  snapshot: Snapshot<'ListenerSet' | 'XListenerSet'>,
  gateway: Gateway,
): readonly Indexed<'ListenerSet' | 'XListenerSet'>[] {
  const key = objectKey('Gateway', gateway.metadata.namespace ?? '', gateway.metadata.name);
  return [...snapshot.lookup(INDEXES.listenerSetsByGateway, key)].filter(
    ({ object }) => (object.spec.parentRef.group ?? GATEWAY_GROUP) === GATEWAY_GROUP,
  );
}

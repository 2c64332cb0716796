import { attachments, type Attachment, type AttachmentKind, type ListenerOutcome } from './attachment.ts';
import type { RouteFilter } from './filter.ts';
import type { Gateway } from './gateway.ts';
import { ANY, covers, wildcardsAbove } from './hostname.ts';
import { INDEXES, objectKey, type Index } from './indexes.ts';
import type { Indexed } from './kindMap.ts';
import type { HostnameRouteKind, ListenerKind } from './kinds.ts';
import { listenerSetAdmission, mergeListeners, type MergedListeners } from './listenerConflicts.ts';
import { isGoing, keyOf, type ObjectKey } from './object.ts';
import { isSameParentRef, ownerKey, type Parent } from './parent.ts';
import type { Snapshot } from './snapshot.ts';
import { isTrue } from './status/condition.ts';

/** Why nobody serves a hostname: a clause, and the candidate that comes nearest to serving it. */
export interface Darkness {
  readonly reason: string;
  readonly related: readonly ObjectKey[];
}

/** Why nobody serves a hostname, which is canonical; undefined when somebody does. */
export type DarknessOf = (hostname: string) => Darkness | undefined;

/**
 * Undefined when a controller has accepted a route for the hostname on a programmed Gateway, by the status it wrote (shared:
 * RouteConditionAccepted; gw: GatewayConditionProgrammed), and the listener for it is in use; else why nobody serves it. What is being
 * deleted serves nothing for long, and what only redirects to HTTPS nothing by itself. Of routes that differ in nothing that counts for this
 * one is looked at, and once for all hostnames; so of those that serve the same on the same listeners.
 */
export function darknessIn(snapshot: Snapshot<AttachmentKind | HostnameRouteKind>): DarknessOf {
  const known = new Map<Index, Map<string, readonly Candidate[]>>();
  const candidates = (index: Index<HostnameRouteKind>, key: string): readonly Candidate[] => {
    const made = known.get(index)?.get(key) ?? candidatesIn(snapshot, index, key);
    known.set(index, (known.get(index) ?? new Map<string, readonly Candidate[]>()).set(key, made));
    return made;
  };
  const merges = new Map<Gateway, MergedListeners>();
  const mergedOf = (gateway: Gateway): MergedListeners => {
    const merged = merges.get(gateway) ?? mergeListeners(snapshot, gateway);
    merges.set(gateway, merged);
    return merged;
  };
  return (hostname) => {
    let nearest: Darkness | undefined;
    for (const [index, key] of searchesFor(snapshot, hostname)) {
      for (const { route, accepted, upgrades, parent, listeners } of candidates(index, key)) {
        const serving = listeners.filter((listener) => listener.hostnames.some((served) => covers(served, hostname)));
        if (serving.length === 0) continue;
        const unused = accepted ? whyUnused(snapshot, parent, serving, mergedOf) : 'the Route for it is not Accepted';
        if (unused === undefined && !upgrades) return undefined;
        const reason = unused ?? 'the Route for it only redirects to HTTPS';
        nearest ??= { reason, related: [keyOf(route.kind, route.object), keyOf('Gateway', parent.gateway)] };
      }
    }
    return nearest ?? { reason: 'no Route for it is attached to a Gateway', related: [] };
  };
}

/** A route at one of its parents. */
interface Candidate extends Pick<Attachment, 'parent' | 'listeners'> {
  readonly route: Indexed<HostnameRouteKind>;
  /** By the controller, whatever listener of the parent serves it. */
  readonly accepted: boolean;
  readonly upgrades: boolean;
}

/** The routes under a key at their parents, but for what is being deleted; of those alike the first, and of those that serve alike. */
function candidatesIn(
  snapshot: Snapshot<AttachmentKind | HostnameRouteKind>,
  index: Index<HostnameRouteKind>,
  key: string,
): readonly Candidate[] {
  const routes = new Map<string, Indexed<HostnameRouteKind>>();
  for (const route of snapshot.lookup(index, key)) {
    if (isGoing(route.object)) continue;
    const { metadata, spec, status } = route.object;
    const acceptedAt = (status?.parents ?? []).flatMap(({ parentRef, conditions }) =>
      isTrue(conditions, 'Accepted') ? [parentRef] : [],
    );
    const { parentRefs, useDefaultGateways, hostnames } = spec;
    const places = [metadata.namespace, parentRefs, useDefaultGateways, hostnames];
    const text = JSON.stringify([route.kind, places, acceptedAt, onlyUpgrades(route)]);
    if (!routes.has(text)) routes.set(text, route);
  }
  const candidates = new Map<string, Candidate>();
  for (const route of routes.values()) {
    const { metadata, status } = route.object;
    const upgrades = onlyUpgrades(route);
    for (const { claim, parent, listeners } of attachments(snapshot, route)) {
      if (isGoing(parent.gateway) || isGoing(parent.owner.object)) continue;
      const accepted = (status?.parents ?? []).some(
        ({ parentRef, conditions }) =>
          isTrue(conditions, 'Accepted') && isSameParentRef(parentRef, claim.ref, metadata.namespace ?? ''),
      );
      const places = listeners.map(({ at, hostnames }) => [at, hostnames]);
      const text = JSON.stringify([ownerKey(parent.owner), places, accepted, upgrades]);
      if (!candidates.has(text)) candidates.set(text, { route, parent, listeners, accepted, upgrades });
    }
  }
  return [...candidates.values()];
}

/** Whether a route does nothing but send everybody to HTTPS at the same host, where another one is to serve them. */
function onlyUpgrades(route: Indexed<HostnameRouteKind>): boolean {
  if (route.kind !== 'HTTPRoute') return false;
  const { rules = [] } = route.object.spec;
  const upgrades = ({ requestRedirect }: RouteFilter): boolean =>
    requestRedirect?.scheme === 'https' && requestRedirect.hostname === undefined;
  return (
    rules.length > 0 &&
    rules.every(({ backendRefs = [], filters = [] }) => backendRefs.length === 0 && filters.some(upgrades))
  );
}

/** Why a Gateway serves none of some listeners of a parent; undefined when it serves one. */
function whyUnused(
  snapshot: Snapshot<AttachmentKind>,
  { gateway, owner }: Parent,
  listeners: readonly ListenerOutcome[],
  mergedOf: (gateway: Gateway) => MergedListeners,
): string | undefined {
  if (!isTrue(gateway.status?.conditions, 'Programmed')) return 'its Gateway is not Programmed';
  if (owner.kind !== 'Gateway' && listenerSetAdmission(snapshot, gateway, owner.object).admitted === false) {
    return 'the ListenerSet for it is not allowed by its Gateway';
  }
  const { conflictAt } = mergedOf(gateway);
  return listeners.every(({ at }) => conflictAt(owner, at) !== undefined)
    ? 'the listener for it conflicts with another'
    : undefined;
}

/**
 * Where to look for the routes whose hostname covers all of this one, the nearest first; then for those without any, at the holders of a
 * listener that covers it: there may be thousands of them elsewhere.
 */
function* searchesFor(
  snapshot: Snapshot<ListenerKind>,
  hostname: string,
): Iterable<readonly [Index<HostnameRouteKind>, string]> {
  const keys = new Set([hostname, ...wildcardsAbove(hostname)]);
  for (const key of keys) if (key !== ANY) yield [INDEXES.routesByHostname, key];
  const parents = new Set<string>();
  for (const key of keys) {
    for (const holder of snapshot.lookup(INDEXES.listenersByHostname, key)) {
      const { kind, namespace, name } = ownerKey(holder);
      parents.add(objectKey(kind, namespace, name));
      if (holder.kind === 'Gateway' && holder.object.spec.defaultScope === 'All') parents.add('All');
    }
  }
  for (const parent of parents) yield [INDEXES.hostlessRoutesByParent, parent];
}

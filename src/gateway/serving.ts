import { attachments, type Attachment, type AttachmentKind, type ListenerOutcome } from './attachment.ts';
import type { RouteFilter } from './filter.ts';
import type { Gateway } from './gateway.ts';
import { ANY, canonicalHostname, covers, isWildcard, wildcardsAbove } from './hostname.ts';
import { INDEXES, objectKey, type Index } from './indexes.ts';
import { ingressRules, type Ingress } from './ingress.ts';
import type { Indexed } from './kindMap.ts';
import { GATEWAY_GROUP, type HostnameRouteKind, type ListenerKind } from './kinds.ts';
import { listenerSetAdmission, mergeListeners, type MergedListeners } from './listenerConflicts.ts';
import { keyOf, type KubeObject, type ObjectKey } from './object.ts';
import { ownerKey, type Parent } from './parent.ts';
import type { ParentReference } from './reference.ts';
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

function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
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
 * Whether other Ingresses serve all paths that an Ingress has for a hostname, so that it can go without anything going dark: the one that an
 * ACME solver puts beside it for a moment, or one that replaces it. A wildcard above the hostname counts too, and in `after`, which is
 * what it becomes, a rule for every host; what is in no rule stays with its default backend. Paths are compared by element, as `Prefix` means them.
 */
export function isOnIngresses(
  snapshot: Snapshot<'Ingress'>,
  ingress: Ingress,
  hostname: string,
  after: Ingress | undefined,
): boolean {
  // No host of a rule: beside rules, ingress-nginx and Traefik send the requests for other hosts to no default backend.
  if (hostname === ANY && after?.spec?.defaultBackend !== undefined) return true;
  const { name, namespace } = ingress.metadata;
  // A rule of another for every host is mostly there for what nobody serves.
  const others = hostsOver(hostname)
    .filter((host) => host === hostname || host !== ANY)
    .flatMap((host) =>
      [...snapshot.lookup(INDEXES.ingressesByHostname, host)]
        .map(({ object }) => object)
        .filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace)
        .filter((other) => !isGoing(other))
        .flatMap((other) => pathsOf(other).get(host) ?? []),
    );
  const own = after === undefined ? [] : hostsOver(hostname).flatMap((host) => pathsOf(after).get(host) ?? []);
  const left = [...others, ...own];
  const { exact = [], prefixes = [] } = pathsOf(ingress).get(hostname) ?? {};
  return (
    [...exact].every((path) => left.some((other) => other.exact.has(path) || isUnder(path, other))) &&
    [...prefixes].every((path) => left.some((other) => isUnder(path, other)))
  );
}

/** The paths of an Ingress for a host; prefixes without the slash at their end. */
interface HostPaths {
  readonly exact: Set<string>;
  readonly prefixes: Set<string>;
  /** Of the prefixes: at no other place of a path does one end. */
  readonly lengths: Set<number>;
}

const PATHS = new WeakMap<Ingress, ReadonlyMap<string, HostPaths>>();

/**
 * The paths of an Ingress by host; a rule without any is served by the default backend, whatever the path. Made once: each host of an Ingress
 * asks for them, and it may have thousands.
 */
function pathsOf(ingress: Ingress): ReadonlyMap<string, HostPaths> {
  const known = PATHS.get(ingress);
  if (known !== undefined) return known;
  const paths = new Map<string, HostPaths>();
  for (const { host, http } of ingressRules(ingress)) {
    const hostname = canonicalHostname(host);
    if (hostname === undefined) continue;
    const own = paths.get(hostname) ?? { exact: new Set(), prefixes: new Set(), lengths: new Set() };
    paths.set(hostname, own);
    for (const { path = '/', pathType } of http?.paths ?? [{}]) {
      if (pathType === 'Exact') {
        own.exact.add(path);
        continue;
      }
      const prefix = path.replace(/\/$/, '');
      own.prefixes.add(prefix);
      own.lengths.add(prefix.length);
    }
  }
  PATHS.set(ingress, paths);
  return paths;
}

/** Whether a path is a prefix, or lies below one element by element. */
function isUnder(path: string, { prefixes, lengths }: HostPaths): boolean {
  if (prefixes.has(path)) return true;
  for (const length of lengths) if (path[length] === '/' && prefixes.has(path.slice(0, length))) return true;
  return false;
}

/** The hosts of Ingress rules that take the requests for one; a wildcard stands for one label (Kubernetes: IngressRule.host). */
function hostsOver(hostname: string): readonly string[] {
  if (hostname === ANY) return [ANY];
  return isWildcard(hostname) ? [hostname, ANY] : [hostname, `*${hostname.slice(hostname.indexOf('.'))}`, ANY];
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

import {
  ANY,
  INDEXES,
  attach,
  comparableHostname,
  compareSpecificity,
  intersect,
  isParent,
  namespaceKey,
  objectKey,
  ownerKey,
  parentsOf,
  requestMatches,
  wildcardsAbove,
  type AttachmentKind,
  type HostnameRouteKind,
  type Indexed,
  type ObjectKey,
  type Parent,
  type RequestMatch,
  type RequestRouteKind,
  type Snapshot,
} from '#gateway';
import type { OwnMatches } from './ownMatches.ts';

/** The kinds that are read to find out where routes meet. */
export type Reads = AttachmentKind | HostnameRouteKind;

/** Where a route competes: one listener, under one effective hostname. */
export interface Place {
  /** The listener: together with the effective hostname equal for two routes that meet here. */
  readonly at: string;
  readonly parent: Parent;
  /** The hostname of the listener. */
  readonly listener: string;
  readonly hostname: string;
  /** The most specific hostname of the route that the effective one is a part of. */
  readonly declared: string;
  /** The Namespace whose labels admit the route, when they are out of sight. */
  readonly restsOn: readonly ObjectKey[];
}

/** Every place where a route is, or may be, attached; only those on the given holders of listeners, when there are any. */
export function placesOf(
  snapshot: Snapshot<AttachmentKind>,
  route: Indexed<RequestRouteKind>,
  owners?: ReadonlySet<string>,
): readonly Place[] {
  const namespace = route.object.metadata.namespace ?? '';
  const own = (route.object.spec.hostnames ?? []).map(comparableHostname).sort(compareSpecificity);
  const known = new Map<string, ReadonlyMap<string, string>>();
  /** The hostname of the route that an effective one comes from, worked out once for all listeners of a hostname: there may be thousands. */
  const declaredAt = (served: string, effective: string): string => {
    if (own.length < 2) return own[0] ?? ANY;
    const declared = known.get(served) ?? declaredBy(own, served);
    known.set(served, declared);
    return declared.get(effective) ?? ANY;
  };
  return parentsOf(snapshot, route).flatMap(({ claim, parent }) => {
    if (!isParent(parent)) return [];
    const owner = ownerText(parent);
    if (owners?.has(owner) === false) return [];
    return attach(snapshot, route, claim, parent).listeners.flatMap(({ listener, at, attached, hostnames }) => {
      const served = comparableHostname(listener.hostname);
      const place = `${owner}/${at}`;
      return hostnames.map((hostname): Place => ({
        at: place,
        parent,
        listener: served,
        hostname,
        declared: declaredAt(served, hostname),
        restsOn: attached === 'unknown' ? [namespaceKey(namespace)] : [],
      }));
    });
  });
}

/** Of the hostnames of a route, the most specific first, the first that comes to each effective one at a listener. */
function declaredBy(hostnames: readonly string[], served: string): ReadonlyMap<string, string> {
  const declared = new Map<string, string>();
  for (const hostname of hostnames) {
    const effective = intersect(hostname, served);
    if (effective !== undefined && !declared.has(effective)) declared.set(effective, hostname);
  }
  return declared;
}

function ownerText({ owner }: Parent): string {
  const { kind, namespace, name } = ownerKey(owner);
  return objectKey(kind, namespace, name);
}

/** Where a route may be served besides its places: what a missing parent would add; `elsewhere` when it surely is, out of reach of listeners. */
export function unseenPlaces(
  snapshot: Snapshot<AttachmentKind>,
  route: Indexed<RequestRouteKind>,
): { readonly elsewhere: boolean; readonly restsOn: readonly ObjectKey[] } {
  const found = parentsOf(snapshot, route).map(({ parent }) => parent);
  const restsOn = found.flatMap((parent) => (isParent(parent) || parent.missing === undefined ? [] : [parent.missing]));
  // Another default Gateway may be out of sight.
  const anyGateway = { kind: 'Gateway', namespace: '', name: '' } as const;
  return {
    elsewhere: found.some((parent) => !isParent(parent) && parent.why !== 'missing'),
    restsOn: route.object.spec.useDefaultGateways === 'All' ? [...restsOn, anyGateway] : restsOn,
  };
}

/** A match of another route at a place of this one. */
export interface Rival {
  readonly route: Indexed<RequestRouteKind>;
  readonly place: Place;
  readonly rule: number;
  readonly match: RequestMatch;
}

/** So many rules of other routes are compared for one route; what lies beyond is not claimed to be anything. */
export const RULES_COMPARED = 512;
/** And so many of their matches, each counted at every place where its route is: rules, hostnames and listeners multiply. */
export const MATCHES_COMPARED = 8192;
/** So many routes of other kinds, which compete for nothing, are passed over on the way. */
export const PASSED_OVER = 2048;

/** What other routes ask for: by listener, by effective hostname, by the text of the match. */
type Rivals = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, readonly Rival[]>>>;

/**
 * The matches of other routes that ask for the same as `ours` at one of the places. Between routes that are not yet created nobody goes first
 * (see `precedence`): where there is a rival for all that one asks for, `isDated` false takes no further such one.
 */
export function rivalsOf(
  snapshot: Snapshot<Reads>,
  neighbours: readonly Indexed<RequestRouteKind>[],
  places: readonly Place[],
  ours: OwnMatches,
  isDated: boolean,
): Rivals {
  const own = new Map<string, Set<string>>();
  for (const { at, hostname } of places) inner(own, at, () => new Set<string>()).add(hostname);
  const found = new Map<string, Map<string, Map<string, Rival[]>>>();
  const isFull = (text: string): boolean =>
    [...own].every(([at, hostnames]) => [...hostnames].every((one) => found.get(at)?.get(one)?.has(text) === true));
  const owners = new Set(places.map(({ parent }) => ownerText(parent)));
  let compared = 0;
  for (const other of neighbours) {
    const asked = requestMatches(other).flatMap((matches, rule) =>
      matches.flatMap((match) => (match !== undefined && ours.asks(match) ? [{ rule, match }] : [])),
    );
    if (asked.length === 0) continue;
    const isOpen = !isDated && other.object.metadata.creationTimestamp === undefined;
    if (isOpen && asked.every(({ match }) => isFull(match.text))) continue;
    for (const place of placesOf(snapshot, other, owners)) {
      compared += asked.length;
      if (compared > MATCHES_COMPARED) return found;
      const { at, hostname } = place;
      if (own.get(at)?.has(hostname) !== true) continue;
      const byHostname = inner(found, at, () => new Map<string, Map<string, Rival[]>>());
      const byText = inner(byHostname, hostname, () => new Map<string, Rival[]>());
      // Appended: hundreds of routes may ask for one thing.
      for (const { rule, match } of asked) {
        inner(byText, match.text, () => []).push({ route: other, place, rule, match });
      }
    }
  }
  return found;
}

/** What a map has under a key, made where there is nothing yet. */
function inner<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** The other routes of the kind that may share an effective hostname at one of the places, those of the route's own namespace first. */
export function neighboursOf(
  snapshot: Snapshot<Reads>,
  route: Indexed<RequestRouteKind>,
  places: readonly Place[],
): readonly Indexed<RequestRouteKind>[] {
  const { namespace: own = '', name } = route.object.metadata;
  const crowded = searches(places).filter((search) => !isAlone(snapshot, route, search));
  if (crowded.length === 0) return [];
  const found: Indexed<RequestRouteKind>[] = [];
  const seen = new Set([objectKey(route.kind, own, name)]);
  let rules = 0;
  let passed = 0;
  for (const isOwn of [true, false]) {
    for (const [index, key] of crowded) {
      for (const namespace of isOwn ? [own] : snapshot.namespacesIn(index, key).keys()) {
        if (!isOwn && namespace === own) continue;
        for (const other of snapshot.lookup(index, key, namespace)) {
          if (!isKind(other, route.kind)) {
            passed += 1;
            if (passed > PASSED_OVER) return found;
            continue;
          }
          const id = objectKey(other.kind, namespace, other.object.metadata.name);
          if (seen.has(id)) continue;
          seen.add(id);
          rules += Math.max(1, other.object.spec.rules?.length ?? 1);
          if (rules > RULES_COMPARED) return found;
          found.push(other);
        }
      }
    }
  }
  return found;
}

/** Whether a search would find nothing but the route itself. */
function isAlone(snapshot: Snapshot<Reads>, route: Indexed<RequestRouteKind>, [index, key]: Search): boolean {
  const { namespace: own = '', name } = route.object.metadata;
  const counts = snapshot.namespacesIn(index, key);
  if (counts.size === 0) return true;
  if (counts.size > 1 || counts.get(own) !== 1) return false;
  const [only] = snapshot.lookup(index, key, own);
  return only?.kind === route.kind && only.object.metadata.name === name;
}

type Search = readonly [typeof INDEXES.routesByHostname, string];

/** Where routes are filed that have the effective hostname of a place: by that hostname, or by all that the listener narrows to it. */
function searches(places: readonly Place[]): readonly Search[] {
  const [hostnames, parents] = [new Set<string>(), new Set<string>()];
  for (const { hostname, listener, parent } of places) {
    if (hostname !== ANY) hostnames.add(hostname);
    if (hostname !== listener) continue;
    for (const wider of wildcardsAbove(listener)) if (wider !== ANY) hostnames.add(wider);
    parents.add(ownerText(parent));
    if (parent.owner.kind === 'Gateway' && parent.gateway.spec.defaultScope === 'All') parents.add('All');
  }
  const found: Search[] = [];
  for (const hostname of hostnames) found.push([INDEXES.routesByHostname, hostname]);
  for (const parent of parents) found.push([INDEXES.hostlessRoutesByParent, parent]);
  return found;
}

function isKind<K extends RequestRouteKind>(entry: Indexed<Reads>, kind: K): entry is Indexed<Reads> & Indexed<K> {
  return entry.kind === kind;
}

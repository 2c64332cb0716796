import { comparableHostname } from './hostname.ts';
import type { Gateway } from './gateway.ts';
import type { Indexed } from './kindMap.ts';
import type { ListenerKind } from './kinds.ts';
import { ASSIGNED_PORT, type Listener } from './listener.ts';
import { namespaceAdmission, type NamespaceAdmission } from './namespace.ts';
import { compareAge, formatKey, namespaceKey, type ObjectKey } from './object.ts';
import type { ListenerSet } from './listener.ts';
import { indexedOwner, listenerSetsOf, ownerKey } from './parent.ts';
import { isKnownProtocol, tlsModeOf, type Features } from './routeKinds.ts';
import type { Snapshot } from './snapshot.ts';

/** A listener at its place. */
export interface ListenerPlace {
  readonly owner: Indexed<ListenerKind>;
  readonly listener: Listener;
  /** Its position in `spec.listeners` of the owner. */
  readonly at: number;
}

/** Why two listeners cannot both serve (gw: ListenerConditionConflicted). */
export type ConflictReason = 'HostnameConflict' | 'ProtocolConflict';

/** A listener that loses, and to which others. */
export interface ListenerConflict {
  readonly place: ListenerPlace;
  readonly reason: ConflictReason;
  /** Those with which it conflicts for that reason. */
  readonly others: readonly ListenerPlace[];
  /** Those with which it conflicts for any. */
  readonly all: readonly ListenerPlace[];
}

/** The listeners that a Gateway serves and those it cannot: its own and those of the ListenerSets that it admits. */
export interface MergedListeners {
  /** All, in order of precedence. */
  readonly places: readonly ListenerPlace[];
  /** Those of one of the merged objects, in its order; none when it is not among them. */
  readonly placesOf: (owner: Indexed<ListenerKind>) => readonly ListenerPlace[];
  /** The loser at a place, if it loses. */
  readonly conflictAt: (owner: Indexed<ListenerKind>, at: number) => ListenerConflict | undefined;
  readonly conflicts: readonly ListenerConflict[];
}

/** Whether a Gateway lets a ListenerSet extend it: `allowedListeners`, whose default is nobody (gw, ls; ListenerSetDefaultNotAllowed). */
export function listenerSetAdmission(
  snapshot: Snapshot<'Namespace'>,
  gateway: Gateway,
  set: ListenerSet,
): NamespaceAdmission {
  return namespaceAdmission(
    snapshot,
    gateway.spec.allowedListeners?.namespaces,
    'None',
    gateway.metadata.namespace ?? '',
    set.metadata.namespace ?? '',
  );
}

/** The Namespace whose labels {@link listenerSetAdmission} rests on; none where they say nothing, or where its name decides. */
export function admissionRestsOn(
  snapshot: Snapshot<'Namespace'>,
  gateway: Gateway,
  set: ListenerSet,
): readonly ObjectKey[] {
  if (gateway.spec.allowedListeners?.namespaces?.from !== 'Selector') return [];
  const name = set.metadata.namespace ?? '';
  const isInSight = snapshot.get('Namespace', '', name) !== undefined;
  const hangsOnLabels = isInSight || listenerSetAdmission(snapshot, gateway, set).admitted === 'unknown';
  return hangsOnLabels ? [namespaceKey(name)] : [];
}

/**
 * Merges the listeners of a Gateway with those of the ListenerSets that it admits and says who loses: first the Gateway, then the sets,
 * oldest first, then by `{namespace}/{name}`. Within one resource all that conflict lose, since none is older; against what came before the
 * later one loses, and one that is dropped does not hurt its siblings (gw: Listeners; ls, GEP-1713; ListenerSetHostnameConflict,
 * ListenerSetProtocolConflict). `perhaps` is merged too while it is unknown whether the Gateway admits it.
 */
export function mergeListeners(
  snapshot: Snapshot<ListenerKind | 'Namespace'>,
  gateway: Gateway,
  features: Features = {},
  perhaps?: Gateway | ListenerSet,
): MergedListeners {
  const sets = listenerSetsOf(snapshot, gateway)
    .filter(({ object }) => {
      const { admitted } = listenerSetAdmission(snapshot, gateway, object);
      return admitted === true || (admitted === 'unknown' && object === perhaps);
    })
    .sort((a, b) => compareAge(a.object, b.object));
  return mergeOwners([indexedOwner('Gateway', gateway), ...sets], features);
}

/** What {@link mergeListeners} says of holders of listeners that are one Gateway's, in order of precedence. */
export function mergeOwners(owners: readonly Indexed<ListenerKind>[], features: Features = {}): MergedListeners {
  const places: ListenerPlace[] = [];
  const placesOf = new Map<Gateway | ListenerSet, readonly ListenerPlace[]>();
  const conflicts = new Map<string, ListenerConflict>();
  const accepted = new PortBook(features);
  for (const owner of owners) {
    const own = owner.object.spec.listeners.map((listener, at) => ({ owner, listener, at }));
    places.push(...own);
    placesOf.set(owner.object, own);
    const lose = (conflict: ListenerConflict): void => void conflicts.set(placeKey(owner, conflict.place.at), conflict);
    const remaining = own.filter((place) => {
      const conflict = conflictWith(place, accepted.rivals(place.listener), features);
      if (conflict !== undefined) lose(conflict);
      return conflict === undefined;
    });
    const siblings = new PortBook(features);
    for (const place of remaining) siblings.add(place);
    const survivors = remaining.filter((place) => {
      const rivals = siblings.rivals(place.listener).filter((other) => other !== place);
      const others = rivals.sort((a, b) => a.at - b.at);
      const conflict = conflictWith(place, others, features);
      if (conflict !== undefined) lose(conflict);
      return conflict === undefined;
    });
    for (const place of survivors) accepted.add(place);
  }
  return {
    places,
    placesOf: ({ object }) => placesOf.get(object) ?? [],
    conflictAt: (owner, at) => conflicts.get(placeKey(owner, at)),
    conflicts: [...conflicts.values()],
  };
}

/** Listeners, filed so that the few that a listener may conflict with are found without looking at all. */
class PortBook {
  readonly #features: Features;
  readonly #byHostname = new Map<string, ListenerPlace[]>();
  readonly #byFamily = new Map<string, ListenerPlace[]>();

  constructor(features: Features) {
    this.#features = features;
  }

  add(place: ListenerPlace): void {
    const { listener } = place;
    const family = familyKey(listener.port, listener.protocol);
    file(this.#byFamily, family, place);
    file(this.#byHostname, `${family} ${comparableHostname(listener.hostname)}`, place);
  }

  /** Every listener that a listener conflicts with, and perhaps others of its port. */
  rivals(listener: Listener): readonly ListenerPlace[] {
    const { port, protocol } = listener;
    const family = familyKey(port, protocol);
    const isByHostname =
      protocolFamily(protocol) !== undefined && (protocol === 'HTTP' || this.#features.TLSRouteModeMixed !== false);
    const same = isByHostname
      ? this.#byHostname.get(`${family} ${comparableHostname(listener.hostname)}`)
      : this.#byFamily.get(family);
    const others = ['HTTP', 'HTTPS', 'TCP', 'UDP']
      .map((known) => familyKey(port, known))
      .filter((key) => key !== family)
      .flatMap((key) => this.#byFamily.get(key) ?? []);
    return [...(same ?? []), ...others];
  }
}

function familyKey(port: number, protocol: string): string {
  return `${port} ${protocolFamily(protocol) ?? protocol}`;
}

function file(map: Map<string, ListenerPlace[]>, key: string, place: ListenerPlace): void {
  const filed = map.get(key);
  if (filed === undefined) map.set(key, [place]);
  else filed.push(place);
}

function placeKey(owner: Indexed<ListenerKind>, at: number): string {
  return `${formatKey(ownerKey(owner))} ${at}`;
}

function conflictWith(
  place: ListenerPlace,
  candidates: readonly ListenerPlace[],
  features: Features,
): ListenerConflict | undefined {
  const found = candidates.flatMap((other) => {
    const reason = conflictReason(place.listener, other.listener, features);
    return reason === undefined ? [] : [{ reason, other }];
  });
  if (found.length === 0) return undefined;
  const reason = found.some((entry) => entry.reason === 'ProtocolConflict') ? 'ProtocolConflict' : 'HostnameConflict';
  const others = found.filter((entry) => entry.reason === reason).map(({ other }) => other);
  return { place, reason, others, all: found.map(({ other }) => other) };
}

/**
 * Why two listeners conflict; undefined when both can serve. They must share the port, which nobody knows while it is to be assigned, and
 * have protocols that the specification knows. UDP is another transport. HTTP, HTTPS and TLS conflict with themselves on equal hostnames,
 * where none equals none; so do HTTPS and TLS, which otherwise share a port by SNI. Any other pair cannot be told apart (gw: Listeners;
 * GEP-2643, GEP-2644, GEP-2645). Listeners that terminate and that pass through share a port unless the implementation lacks that
 * (TLSRouteListenerMixedTerminationNotSupported).
 */
function conflictReason(a: Listener, b: Listener, features: Features): ConflictReason | undefined {
  if (a.port !== b.port || a.port === ASSIGNED_PORT) return undefined;
  if (!isKnownProtocol(a.protocol) || !isKnownProtocol(b.protocol)) return undefined;
  if ((a.protocol === 'UDP') !== (b.protocol === 'UDP')) return undefined;
  const family = protocolFamily(a.protocol);
  if (family === undefined || family !== protocolFamily(b.protocol)) return 'ProtocolConflict';
  const mixes = a.protocol === 'TLS' && b.protocol === 'TLS' && tlsModeOf(a) !== tlsModeOf(b);
  if (mixes && features.TLSRouteModeMixed === false) return 'ProtocolConflict';
  return comparableHostname(a.hostname) === comparableHostname(b.hostname) ? 'HostnameConflict' : undefined;
}

/** Listeners of one family are told apart by hostname; undefined where nothing tells them apart. */
function protocolFamily(protocol: string): string | undefined {
  if (protocol === 'HTTP') return 'Host';
  return protocol === 'HTTPS' || protocol === 'TLS' ? 'SNI' : undefined;
}

import { attach, routesOf, type AttachmentKind } from '../attachment.ts';
import { comparableHostname, intersect } from '../hostname.ts';
import {
  certificateReferences,
  frontendCAReferences,
  type KeyMaterialKind,
  unresolved,
  type Unresolved,
} from '../keyMaterial.ts';
import type { Gateway } from '../gateway.ts';
import type { Indexed } from '../kindMap.ts';
import type { ListenerKind, RouteKind } from '../kinds.ts';
import type { Listener, ListenerStatus } from '../listener.ts';
import type { ListenerPlace, MergedListeners } from '../listenerConflicts.ts';
import type { Condition } from '../object.ts';
import { isParent, isSameOwner, parentsOf } from '../parent.ts';
import { isKnownProtocol, listenerKinds, tlsModeOf, type Features } from '../routeKinds.ts';
import type { Snapshot } from '../snapshot.ts';
import { condition } from './condition.ts';
import { acceptance } from './routeStatus.ts';

/** The kinds that a listener's status reads. */
export type ListenerStatusKind = AttachmentKind | KeyMaterialKind | RouteKind;

/** A verdict on one condition. */
interface Verdict {
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What a listener is part of. */
export interface ListenerContext {
  readonly gateway: Gateway;
  readonly merged: MergedListeners;
  /** See {@link listenersOverTLS}. */
  readonly overTLS: ReadonlyMap<number, readonly TLSPlace[]>;
  /** Routes by position of the listener: how many attach. */
  readonly attached: ReadonlyMap<number, number>;
  /** The Gateway is accepted; else none of its listeners is programmed. */
  readonly isGatewayAccepted: boolean;
  readonly features: Features;
}

/** The routes that are accepted at a holder of listeners and keep a listener of it, with those listeners' positions. */
export interface AttachedRoute {
  readonly route: Indexed<RouteKind>;
  readonly listeners: ReadonlySet<number>;
}

/**
 * The routes attached to a holder of listeners: distinct Routes, not parentRefs, that are Accepted=True there, each with the listeners that
 * took it (gw: ListenerStatus.attachedRoutes; GatewayWithAttachedRoutes).
 */
export function attachedRoutes(
  snapshot: Snapshot<AttachmentKind | RouteKind>,
  owner: Indexed<ListenerKind>,
  features: Features,
): readonly AttachedRoute[] {
  return routesOf(snapshot, owner).flatMap((route) => {
    const listeners = new Set<number>();
    for (const { claim, parent } of parentsOf(snapshot, route)) {
      if (!isParent(parent) || !isSameOwner(parent.owner, owner)) continue;
      const attachment = attach(snapshot, route, claim, parent, features);
      if (acceptance(route, attachment).accepted !== true) continue;
      for (const { at, attached } of attachment.listeners) if (attached === true) listeners.add(at);
    }
    return listeners.size === 0 ? [] : [{ route, listeners }];
  });
}

/** How many routes are attached to each listener, by position. */
export function countAttached(routes: readonly AttachedRoute[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { listeners } of routes) for (const at of listeners) counts.set(at, (counts.get(at) ?? 0) + 1);
  return counts;
}

/**
 * The status of one listener of a Gateway or ListenerSet (gw: ListenerStatus; ls: ListenerEntryStatus). `attachedRoutes` counts whether or
 * not the listener itself is accepted or programmed (gw).
 */
export function statusOfListener(
  snapshot: Snapshot<ListenerStatusKind>,
  place: ListenerPlace,
  context: ListenerContext,
): ListenerStatus {
  const { owner, listener, at } = place;
  const { features } = context;
  const { supported, invalid } = listenerKinds(listener, features);
  const conflict = context.merged.conflictAt(owner, at);
  const anchors = frontendCAReferences({ kind: 'Gateway', object: context.gateway }, owner, at);
  const badAnchors = unresolved(snapshot, anchors);
  const badCertificates = unresolved(snapshot, certificateReferences(owner, at));
  const hasNoAnchor = anchors.length > 0 && badAnchors.length === anchors.length;

  const conflicted: Verdict =
    conflict === undefined
      ? { status: false, reason: 'NoConflicts', message: 'no listener conflicts with it' }
      : { status: true, reason: conflict.reason, message: conflictMessage(place, conflict.reason) };
  const accepted = acceptedVerdict(listener, conflicted, hasNoAnchor, badAnchors, features);
  const refs = refsVerdict(listener, badAnchors, badCertificates, invalid);
  const programmed = programmedVerdict(place, context, conflicted, accepted, badCertificates);

  const write = (type: string, { status, reason, message }: Verdict): Condition =>
    condition(owner.object, type, status, reason, message);
  const conditions = [
    write('Accepted', accepted),
    write('Programmed', programmed),
    write('ResolvedRefs', refs),
    write('Conflicted', conflicted),
  ];
  if (overlapsOnTLS(place, context.overTLS)) {
    const message =
      'its hostname overlaps with that of another TLS listener on the port, so connections may be reused across them';
    conditions.push(write('OverlappingTLSConfig', { status: true, reason: 'OverlappingHostnames', message }));
  }
  return {
    name: listener.name,
    supportedKinds: supported,
    attachedRoutes: context.attached.get(at) ?? 0,
    conditions,
  };
}

/** Names no other listener: a ListenerSet must not learn of its parent's and siblings' (ls). */
function conflictMessage({ listener }: ListenerPlace, reason: string): string {
  return reason === 'HostnameConflict'
    ? `another listener on port ${listener.port} has the same hostname`
    : `another listener on port ${listener.port} has a protocol that cannot share it with ${listener.protocol}`;
}

/** `Accepted` (gw: ListenerConditionAccepted; GatewayListenerUnsupportedProtocol, ListenerSetProtocolConflict). */
function acceptedVerdict(
  listener: Listener,
  conflicted: Verdict,
  hasNoAnchor: boolean,
  badAnchors: readonly Unresolved[],
  features: Features,
): Verdict {
  const { protocol } = listener;
  if (!isKnownProtocol(protocol)) {
    return { status: false, reason: 'UnsupportedProtocol', message: `protocol ${protocol} is not supported` };
  }
  if (conflicted.status) return { ...conflicted, status: false };
  const mode = tlsModeOf(listener);
  const isUnsupported =
    (mode !== 'Terminate' && mode !== 'Passthrough') ||
    (protocol === 'TLS' && mode === 'Terminate' && features.TLSRouteModeTerminate === false);
  if (isUnsupported) {
    return { status: false, reason: 'UnsupportedValue', message: `TLS mode ${mode} is not supported for ${protocol}` };
  }
  if (hasNoAnchor) {
    return {
      status: false,
      reason: 'NoValidCACertificate',
      message: badAnchors.map(({ message }) => message).join('; '),
    };
  }
  return { status: true, reason: 'Accepted', message: 'the listener is valid' };
}

/** `ResolvedRefs`: trust anchors before certificates before kinds (gw: ListenerConditionResolvedRefs; the order is not specified). */
function refsVerdict(
  { protocol }: Listener,
  [badAnchor]: readonly Unresolved[],
  [badCertificate]: readonly Unresolved[],
  invalid: readonly { readonly group: string; readonly kind: string }[],
): Verdict {
  if (badAnchor !== undefined) {
    const reasons = { grant: 'RefNotPermitted', kind: 'InvalidCACertificateKind', content: 'InvalidCACertificateRef' };
    return { status: false, reason: reasons[badAnchor.what], message: badAnchor.message };
  }
  if (badCertificate !== undefined) {
    const reason = badCertificate.what === 'grant' ? 'RefNotPermitted' : 'InvalidCertificateRef';
    return { status: false, reason, message: badCertificate.message };
  }
  const [kind] = invalid;
  if (kind !== undefined && isKnownProtocol(protocol)) {
    const message = `${kind.group}/${kind.kind} cannot attach to a listener of protocol ${protocol}`;
    return { status: false, reason: 'InvalidRouteKinds', message };
  }
  return { status: true, reason: 'ResolvedRefs', message: 'all references of the listener are resolved' };
}

/** `Programmed` (gw: ListenerConditionProgrammed): not on a conflict, nor without what it must serve with; InvalidRouteKinds alone does not hinder. */
function programmedVerdict(
  { listener }: ListenerPlace,
  context: ListenerContext,
  conflicted: Verdict,
  accepted: Verdict,
  [badCertificate]: readonly Unresolved[],
): Verdict {
  if (conflicted.status) return { ...conflicted, status: false };
  if (!accepted.status) return { status: false, reason: 'Invalid', message: accepted.message };
  if (badCertificate !== undefined) return { status: false, reason: 'Invalid', message: badCertificate.message };
  if (listener.protocol === 'HTTPS' && listener.tls === undefined) {
    return { status: false, reason: 'Invalid', message: 'it terminates TLS but has no tls settings' };
  }
  if (!context.isGatewayAccepted) {
    return { status: false, reason: 'Pending', message: 'the Gateway is not accepted' };
  }
  return { status: true, reason: 'Programmed', message: 'the listener is configured' };
}

/** A listener that serves over TLS, with the hostname by which it is told apart. */
interface TLSPlace {
  readonly place: ListenerPlace;
  readonly hostname: string;
}

/** The HTTPS and TLS listeners that serve, by port. */
export function listenersOverTLS({ places, conflictAt }: MergedListeners): ReadonlyMap<number, readonly TLSPlace[]> {
  const serving = places.filter(
    ({ owner, listener, at }) =>
      (listener.protocol === 'HTTPS' || listener.protocol === 'TLS') && conflictAt(owner, at) === undefined,
  );
  return Map.groupBy(
    serving.map((place) => ({ place, hostname: comparableHostname(place.listener.hostname) })),
    ({ place }) => place.listener.port,
  );
}

/** HTTPS and TLS listeners of one port whose hostnames overlap: browsers may reuse a connection across them (gw: ListenerConditionOverlappingTLSConfig). */
function overlapsOnTLS(place: ListenerPlace, overTLS: ListenerContext['overTLS']): boolean {
  const neighbours = overTLS.get(place.listener.port) ?? [];
  const own = neighbours.find((entry) => entry.place === place);
  if (own === undefined) return false;
  return neighbours.some((other) => other !== own && intersect(other.hostname, own.hostname) !== undefined);
}

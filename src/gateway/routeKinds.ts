import { GATEWAY_GROUP, type RouteKind } from './kinds.ts';
import type { Listener } from './listener.ts';

/** A route kind as `allowedRoutes.kinds` and `supportedKinds` write it (gw: RouteGroupKind). */
export interface RouteGroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Features that an implementation may lack, by their names in the specification (features.go); each is assumed. */
export interface Features {
  /** Listeners of protocol TLS may terminate. */
  readonly TLSRouteModeTerminate?: boolean;
  /** Listeners that terminate and listeners that pass through may share a port. */
  readonly TLSRouteModeMixed?: boolean;
}

/** The route kinds of each protocol (gw: ProtocolType; GEP-2643, GEP-2907, GEP-2644, GEP-2645). */
export const KINDS_OF_PROTOCOL: ReadonlyMap<string, readonly RouteKind[]> = new Map<string, readonly RouteKind[]>([
  ['HTTP', ['HTTPRoute', 'GRPCRoute']],
  ['HTTPS', ['HTTPRoute', 'GRPCRoute']],
  ['TLS', ['TLSRoute']],
  ['TCP', ['TCPRoute']],
  ['UDP', ['UDPRoute']],
]);

/** Whether the specification defines the protocol (gw; GatewayListenerUnsupportedProtocol). */
export function isKnownProtocol(protocol: string): boolean {
  return KINDS_OF_PROTOCOL.has(protocol);
}

/** The TLS mode of a listener; the default is Terminate, for protocol TLS too (gw: ListenerTLSConfig.mode). */
export function tlsModeOf(listener: Listener): string {
  return listener.tls?.mode ?? 'Terminate';
}

/** What of `allowedRoutes.kinds` a listener can serve, and what not. */
export interface ListenerKinds {
  /** `supportedKinds` of the status: each once, in the order of the listener. */
  readonly supported: readonly RouteGroupKind[];
  /** Entries of `allowedRoutes.kinds` that the protocol cannot serve, as they stand there. */
  readonly invalid: readonly RouteGroupKind[];
}

/**
 * The route kinds of a listener: those of its protocol, cut to `allowedRoutes.kinds` on group and kind when that has entries (gw:
 * AllowedRoutes; GatewayInvalidRouteKind, TLSRouteListenerPassthroughSupportedKinds).
 */
export function listenerKinds(listener: Listener, features: Features = {}): ListenerKinds {
  const terminates = listener.protocol === 'TLS' && tlsModeOf(listener) === 'Terminate';
  const servable =
    terminates && features.TLSRouteModeTerminate === false ? [] : (KINDS_OF_PROTOCOL.get(listener.protocol) ?? []);
  const wanted = listener.allowedRoutes?.kinds ?? [];
  if (wanted.length === 0) {
    return { supported: servable.map((kind) => ({ group: GATEWAY_GROUP, kind })), invalid: [] };
  }
  const supported = new Map<string, RouteGroupKind>();
  const invalid: RouteGroupKind[] = [];
  for (const entry of wanted) {
    const groupKind = { group: entry.group ?? GATEWAY_GROUP, kind: entry.kind };
    const isServable = groupKind.group === GATEWAY_GROUP && servable.some((kind) => kind === groupKind.kind);
    if (isServable) supported.set(groupKind.kind, groupKind);
    else invalid.push(groupKind);
  }
  return { supported: [...supported.values()], invalid };
}

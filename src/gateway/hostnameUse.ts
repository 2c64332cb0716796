import { attachments, type AttachmentKind } from './attachment.ts';
import { compareText } from './compareText.ts';
import { ANY, comparableHostname, covers } from './hostname.ts';
import { INDEXES } from './indexes.ts';
import { indexed, isOneOf, type Indexed } from './kindMap.ts';
import { HOSTNAME_ROUTE_KINDS, LISTENER_KINDS, type HostnameRouteKind } from './kinds.ts';
import { listenerSetAdmission, type ListenerPlace } from './listenerConflicts.ts';
import { keyOf, type ObjectKey } from './object.ts';
import { indexedOwner, isParent, parentsOf, parentOf, type Parent } from './parent.ts';
import type { Snapshot } from './snapshot.ts';

/** The kinds that use hostnames, and those that decide who is let in. */
export type HostnameUseKind = AttachmentKind | HostnameRouteKind | 'Ingress';

/** A listener through which a hostname is used. */
export interface ListenerUse extends ListenerPlace {
  /** The Gateway that serves it: itself, or that of a ListenerSet. Undefined when that is not in sight. */
  readonly gateway: ObjectKey | undefined;
  /** Its own hostname, canonical, {@link ANY} for none. */
  readonly hostname: string;
  /** Whether the Gateway admits it; of a ListenerSet `unknown` where that hangs on labels of a Namespace that is out of sight. */
  readonly admitted: boolean | 'unknown';
}

/** A route that uses a hostname. */
export interface RouteUse {
  readonly key: ObjectKey;
  /** The listeners through which it serves the hostname; none when no parent takes it. */
  readonly through: readonly ListenerUse[];
  /** Whether one of them takes it, or is admitted, hangs on labels of a Namespace that is out of sight. */
  readonly isUnsure: boolean;
}

/** A hostname in use, and by whom. */
export interface HostnameUse {
  /** Canonical; {@link ANY} for every name. */
  readonly hostname: string;
  /** The listeners that name it, and those through which a route serves it. */
  readonly listeners: readonly ListenerUse[];
  readonly routes: readonly RouteUse[];
  readonly ingresses: readonly ObjectKey[];
}

interface Draft {
  readonly listeners: Set<ListenerUse>;
  readonly routes: RouteUse[];
  readonly ingresses: ObjectKey[];
}

/**
 * Every hostname that listeners, routes and Ingresses use, by domain: what a listener names, what each route serves through its listeners
 * (route ∩ listener), what a route names and no listener takes, and what an Ingress has. Routes of a mesh use none (GEP-1294).
 */
export function hostnameUses(snapshot: Snapshot<HostnameUseKind>): readonly HostnameUse[] {
  const drafts = new Map<string, Draft>();
  const at = (hostname: string): Draft => {
    const known = drafts.get(hostname) ?? { listeners: new Set(), routes: [], ingresses: [] };
    drafts.set(hostname, known);
    return known;
  };
  const listeners = listenerUses(snapshot);
  for (const own of listeners.values()) for (const use of own) at(use.hostname).listeners.add(use);
  for (const kind of HOSTNAME_ROUTE_KINDS) {
    for (const object of snapshot.list(kind)) {
      const route = indexed(kind, object);
      if (!isOneOf(HOSTNAME_ROUTE_KINDS, route)) continue;
      for (const [hostname, use] of routeUses(snapshot, route, listeners)) {
        at(hostname).routes.push(use);
        for (const listener of use.through) at(hostname).listeners.add(listener);
      }
    }
  }
  for (const object of snapshot.list('Ingress')) {
    const ingress = indexed('Ingress', object);
    for (const hostname of INDEXES.ingressesByHostname.keysOf(ingress)) {
      if (hostname !== '') at(hostname).ingresses.push(keyOf('Ingress', object));
    }
  }
  return [...drafts]
    .map(([hostname, draft]): HostnameUse => ({
      hostname,
      listeners: [...draft.listeners].sort((a, b) => compareText(placeText(a), placeText(b))),
      routes: draft.routes.sort((a, b) => compareText(keyText(a.key), keyText(b.key))),
      ingresses: draft.ingresses.sort((a, b) => compareText(keyText(a), keyText(b))),
    }))
    .sort((a, b) => compareText(byDomain(a.hostname), byDomain(b.hostname)));
}

/** The listeners of each holder that serve by hostname, by its key; TCP and UDP do not (gw). */
function listenerUses(snapshot: Snapshot<AttachmentKind>): ReadonlyMap<string, readonly ListenerUse[]> {
  const uses = new Map<string, readonly ListenerUse[]>();
  for (const kind of LISTENER_KINDS) {
    for (const object of snapshot.list(kind)) {
      const owner = indexedOwner(kind, object);
      const parent = parentOf(snapshot, owner);
      const gateway = isParent(parent) ? keyOf('Gateway', parent.gateway) : undefined;
      const admitted = isParent(parent) && admits(snapshot, parent);
      uses.set(
        keyText(keyOf(kind, object)),
        owner.object.spec.listeners.flatMap((listener, at): ListenerUse[] =>
          listener.protocol === 'TCP' || listener.protocol === 'UDP'
            ? []
            : [{ owner, listener, at, gateway, hostname: comparableHostname(listener.hostname), admitted }],
        ),
      );
    }
  }
  return uses;
}

/** Whether a Gateway admits the listeners of one of its holders: its own always. */
function admits(snapshot: Snapshot<'Namespace'>, { owner, gateway }: Parent): boolean | 'unknown' {
  return owner.kind === 'Gateway' || listenerSetAdmission(snapshot, gateway, owner.object).admitted;
}

/** What a route uses: each hostname that it serves, then each that it names and no listener takes. */
function routeUses(
  snapshot: Snapshot<AttachmentKind>,
  route: Indexed<HostnameRouteKind>,
  listeners: ReadonlyMap<string, readonly ListenerUse[]>,
): ReadonlyMap<string, RouteUse> {
  const found = parentsOf(snapshot, route);
  if (found.length > 0 && found.every(({ parent }) => !isParent(parent) && parent.why === 'mesh')) return new Map();
  const key = keyOf(route.kind, route.object);
  const served = new Map<string, { through: ListenerUse[]; isUnsure: boolean }>();
  for (const { parent, listeners: outcomes } of attachments(snapshot, route)) {
    const own = listeners.get(keyText(keyOf(parent.owner.kind, parent.owner.object))) ?? [];
    for (const { at, attached, hostnames } of outcomes) {
      const use = own.find((listener) => listener.at === at);
      if (attached === false || use === undefined || use.admitted === false) continue;
      for (const hostname of hostnames) {
        const known = served.get(hostname) ?? { through: [], isUnsure: false };
        served.set(hostname, known);
        if (!known.through.includes(use)) known.through.push(use);
        known.isUnsure ||= attached === 'unknown' || use.admitted === 'unknown';
      }
    }
  }
  const named = (route.object.spec.hostnames ?? []).map(comparableHostname);
  for (const hostname of named.length === 0 ? [ANY] : named) {
    const isServed = [...served.keys()].some((effective) => covers(hostname, effective));
    if (!isServed) served.set(hostname, { through: [], isUnsure: false });
  }
  return new Map([...served].map(([hostname, use]) => [hostname, { key, ...use }]));
}

function keyText({ kind, namespace, name }: ObjectKey): string {
  return `${namespace}/${name}/${kind}`;
}

function placeText({ owner, at }: ListenerPlace): string {
  return `${keyText(keyOf(owner.kind, owner.object))}/${String(at).padStart(4, '0')}`;
}

/** `shop.example.com` as `com.example.shop`, so that a domain stands before what is below it. */
function byDomain(hostname: string): string {
  return hostname.split('.').reverse().join('.');
}

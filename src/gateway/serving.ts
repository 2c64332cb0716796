import { attachments, type AttachmentKind } from './attachment.ts';
import { covers, wildcardsAbove } from './hostname.ts';
import { INDEXES } from './indexes.ts';
import type { Indexed } from './kindMap.ts';
import { GATEWAY_GROUP } from './kinds.ts';
import { keyOf, type ObjectKey } from './object.ts';
import type { ParentReference } from './reference.ts';
import type { Snapshot } from './snapshot.ts';
import { isTrue } from './status/condition.ts';

/** The routes that have hostnames. */
type HostnameRouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute';

/** Why nobody serves a hostname: a clause, and the candidate that comes nearest to serving it. */
export interface Darkness {
  readonly reason: string;
  readonly related: readonly ObjectKey[];
}

/**
 * Undefined when a controller has accepted a route for the hostname on a programmed Gateway, by the status it wrote (shared:
 * RouteConditionAccepted; gw: GatewayConditionProgrammed); else why nobody serves it. `hostname` is canonical.
 */
export function darkness(
  snapshot: Snapshot<AttachmentKind | HostnameRouteKind>,
  hostname: string,
): Darkness | undefined {
  let nearest: Darkness | undefined;
  for (const route of routesFor(snapshot, hostname)) {
    for (const { claim, parent, listeners } of attachments(snapshot, route)) {
      if (!listeners.some((listener) => listener.hostnames.some((served) => covers(served, hostname)))) continue;
      const gateway = keyOf('Gateway', parent.gateway);
      const related = [keyOf(route.kind, route.object), gateway];
      const own = route.object.metadata.namespace ?? '';
      const accepted = (route.object.status?.parents ?? []).some(
        ({ parentRef, conditions }) => isSameParentRef(parentRef, claim.ref, own) && isTrue(conditions, 'Accepted'),
      );
      const programmed = isTrue(parent.gateway.status?.conditions, 'Programmed');
      if (accepted && programmed) return undefined;
      nearest ??= { reason: accepted ? 'its Gateway is not Programmed' : 'the Route for it is not Accepted', related };
    }
  }
  return nearest ?? { reason: 'no Route for it is attached to a Gateway', related: [] };
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

/** The routes that declare a hostname covering all of this one, the nearest first, the hostless ones last. */
function* routesFor(snapshot: Snapshot<HostnameRouteKind>, hostname: string): Iterable<Indexed<HostnameRouteKind>> {
  for (const key of new Set([hostname, ...wildcardsAbove(hostname)])) {
    yield* snapshot.lookup(INDEXES.routesByHostname, key);
  }
}

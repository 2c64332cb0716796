import { attachments, type AttachmentKind } from './attachment.ts';
import { canonicalHostname, covers, wildcardsAbove } from './hostname.ts';
import { INDEXES } from './indexes.ts';
import type { Ingress } from './ingress.ts';
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

/**
 * Whether other Ingresses serve all paths that an Ingress has for a hostname, so that it can go without anything going dark: the one that an
 * ACME solver puts beside it for a moment, or one that replaces it. Paths are compared by element, as `Prefix` means them.
 */
export function isOnOtherIngresses(snapshot: Snapshot<'Ingress'>, ingress: Ingress, hostname: string): boolean {
  const { name, namespace } = ingress.metadata;
  const others = [...snapshot.lookup(INDEXES.ingressesByHostname, hostname)]
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((other) => pathsOf(other, hostname));
  return pathsOf(ingress, hostname).every((path) => others.some((other) => servesPath(other, path)));
}

interface IngressPath {
  readonly path: string;
  readonly isExact: boolean;
}

/** The paths of an Ingress for a hostname; a rule without any is served by the default backend, whatever the path. */
function pathsOf(ingress: Ingress, hostname: string): readonly IngressPath[] {
  return (ingress.spec?.rules ?? [])
    .filter((rule) => canonicalHostname(rule.host) === hostname)
    .flatMap(({ http }) => http?.paths ?? [{}])
    .map(({ path = '/', pathType }) => ({ path: path.replace(/\/$/, ''), isExact: pathType === 'Exact' }));
}

function servesPath(by: IngressPath, wanted: IngressPath): boolean {
  if (by.path === wanted.path) return !by.isExact || wanted.isExact;
  return !by.isExact && wanted.path.startsWith(`${by.path}/`);
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

import { indexed, isRoute, type Indexed } from '../kindMap.ts';
import { ROUTE_KINDS, type RouteKind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  statusOfGateway,
  type GatewayStatus,
  type GatewayStatusKind,
  type ListenerSetStatus,
} from './gatewayStatus.ts';
import type { StatusOptions } from './management.ts';
import { statusOfPolicy, type PolicyStatus, type PolicyStatusKind } from './policyStatus.ts';
import { statusOfRoute, type RouteStatus, type RouteStatusKind } from './routeStatus.ts';

/** The kinds that the status of a world reads. */
export type WorldStatusKind = GatewayStatusKind | RouteStatusKind | PolicyStatusKind;

/** An object with the status that a controller would give it. */
export type ObjectStatus =
  | { readonly kind: 'Gateway'; readonly object: KubeObject; readonly status: GatewayStatus | undefined }
  | {
      readonly kind: 'ListenerSet' | 'XListenerSet';
      readonly object: KubeObject;
      readonly status: ListenerSetStatus | undefined;
    }
  | { readonly kind: RouteKind; readonly object: KubeObject; readonly status: RouteStatus }
  | {
      readonly kind: 'BackendTLSPolicy';
      readonly object: KubeObject;
      readonly status: PolicyStatus;
    };

/**
 * The status of every Gateway, ListenerSet, Route and BackendTLSPolicy of a snapshot, in this order, then by namespace and name. `undefined`
 * where no chosen controller manages the object.
 */
export function worldStatus(snapshot: Snapshot<WorldStatusKind>, options: StatusOptions = {}): readonly ObjectStatus[] {
  const families = sorted(snapshot.list('Gateway')).map((object) => ({
    object,
    family: statusOfGateway(snapshot, object, options),
  }));
  const ofSet = new Map<KubeObject, ListenerSetStatus>();
  for (const { family } of families) for (const { set, status } of family?.sets ?? []) ofSet.set(set.object, status);
  const setsOf = (kind: 'ListenerSet' | 'XListenerSet'): readonly ObjectStatus[] =>
    sorted(snapshot.list(kind)).map((object) => ({ kind, object, status: ofSet.get(object) }));
  return [
    ...families.map(({ object, family }) => ({ kind: 'Gateway' as const, object, status: family?.gateway })),
    ...setsOf('ListenerSet'),
    ...setsOf('XListenerSet'),
    ...ROUTE_KINDS.flatMap((kind) =>
      routesOfKind(snapshot, kind).map((route) => ({
        kind,
        object: route.object,
        status: statusOfRoute(snapshot, route, options),
      })),
    ),
    ...sorted(snapshot.list('BackendTLSPolicy')).map((object) => ({
      kind: 'BackendTLSPolicy' as const,
      object,
      status: statusOfPolicy(snapshot, object, options),
    })),
  ];
}

/** Pairs each object of a route kind with the kind. */
function routesOfKind(snapshot: Snapshot<RouteKind>, kind: RouteKind): readonly Indexed<RouteKind>[] {
  return sorted(snapshot.list(kind))
    .map((object) => indexed(kind, object))
    .filter(isRoute);
}

function sorted<T extends KubeObject>(objects: Iterable<T>): readonly T[] {
  const key = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

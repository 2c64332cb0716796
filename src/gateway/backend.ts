import { isPermitted, missingGrant } from './grants.ts';
import type { Indexed } from './kindMap.ts';
import { formatGroupKind, kindOf, type KindName, type RouteKind } from './kinds.ts';
import type { ObjectKey } from './object.ts';
import { references, targetName, type Reference, type ReferenceTarget } from './references.ts';
import type { Snapshot } from './snapshot.ts';

/** The kinds that a backend reference may name: Service (Core), ServiceImport (Extended), XBackend (experimental) (http, grpc, tls). */
export const BACKEND_KINDS = ['Service', 'ServiceImport', 'XBackend'] as const;
/** A kind that a backend reference may name. */
export type BackendKind = (typeof BACKEND_KINDS)[number];

/** The reasons of a route's `ResolvedRefs` (shared: RouteConditionResolvedRefs). */
export type BackendReason = 'InvalidKind' | 'RefNotPermitted' | 'BackendNotFound';

/** What is wrong with a backend reference. */
export interface BackendProblem {
  readonly reference: Reference;
  readonly reason: BackendReason;
  /** `external-name`: a Service without addresses of its own. `port-missing`: none is given, though the kind needs one. */
  readonly what: 'kind' | 'grant' | 'absent' | 'port-absent' | 'port-missing' | 'external-name';
  /** A clause: what is so. */
  readonly message: string;
  /** What would, if it came or said otherwise, mend it. */
  readonly restsOn: readonly ObjectKey[];
}

/** Everything that a route sends traffic to: per rule each backendRef with its filters, then the rule's filters. */
export function backendReferences(route: Indexed<RouteKind>): readonly Reference[] {
  return references(route).filter(
    ({ purpose }) => purpose === 'backend' || purpose === 'request-mirror' || purpose === 'external-auth',
  );
}

/** Whether a route sends traffic to an object, by a reference that may be made. */
export function sendsTo(
  snapshot: Snapshot<'ReferenceGrant'>,
  route: Indexed<RouteKind>,
  { group, kind, namespace, name }: Omit<ReferenceTarget, 'port'>,
): boolean {
  return backendReferences(route).some(
    (reference) =>
      reference.to.group === group &&
      reference.to.kind === kind &&
      reference.to.namespace === namespace &&
      reference.to.name === name &&
      isPermitted(snapshot, reference),
  );
}

/**
 * What is wrong with a backend reference, in this order: its kind, the grant, the target, its port (shared: RouteReasonInvalidKind,
 * RefNotPermitted, BackendNotFound; UDPRouteInvalidCrossNamespaceBackendRef). Without a grant nothing is said about the target. A missing
 * port and an ExternalName Service have no reason of their own upstream (objref: SHOULD NOT be supported); controllers call neither resolved.
 * Of a kind that the caller knows besides only the grant is judged.
 */
export function backendProblem(
  snapshot: Snapshot<BackendKind | 'ReferenceGrant'>,
  reference: Reference,
  isKnownToo: (target: Reference['to']) => boolean = () => false,
): BackendProblem | undefined {
  const { from, to } = reference;
  const named = kindOf(to.group, to.kind);
  const kind = BACKEND_KINDS.find((known) => known === named);
  const name = (): string => targetName(reference);
  const problem = (
    reason: BackendReason,
    what: BackendProblem['what'],
    message: string,
    restsOn: readonly ObjectKey[] = [],
  ): BackendProblem => ({ reference, reason, what, message, restsOn });
  if (kind === undefined && !isKnownToo(to)) {
    return problem('InvalidKind', 'kind', `${formatGroupKind(to)} is no kind of backend`);
  }
  if (!isPermitted(snapshot, reference)) {
    const { message, restsOn } = missingGrant(reference);
    return problem('RefNotPermitted', 'grant', message, restsOn);
  }
  if (kind === undefined) return undefined;
  const key = (): ObjectKey => ({ kind, namespace: to.namespace, name: to.name });
  const ports = portsOf(snapshot, kind, to.namespace, to.name);
  if (ports === 'absent') {
    return isJudged(snapshot, kind)
      ? problem('BackendNotFound', 'absent', `${name()} does not exist`, [key()])
      : undefined;
  }
  if (ports === 'external') {
    const message = `${name()} is of type ExternalName, which is no backend`;
    return problem('BackendNotFound', 'external-name', message, [key()]);
  }
  if (ports === 'any') return undefined;
  if (to.port === undefined) return problem('BackendNotFound', 'port-missing', `names no port of ${name()}`);
  const transport = from.kind === 'UDPRoute' ? 'UDP' : 'TCP';
  for (const { port, protocol = 'TCP' } of ports) if (port === to.port && protocol === transport) return undefined;
  return problem('BackendNotFound', 'port-absent', `${name()} has no ${transport} port ${to.port}`, [key()]);
}

interface Port {
  readonly port: number;
  readonly protocol?: string;
}

function portsOf(
  snapshot: Snapshot<BackendKind>,
  kind: BackendKind,
  namespace: string,
  name: string,
): readonly Port[] | 'any' | 'external' | 'absent' {
  switch (kind) {
    case 'Service': {
      const service = snapshot.get('Service', namespace, name);
      if (service === undefined) return 'absent';
      if (service.spec?.type === 'ExternalName') return 'external';
      return service.spec?.ports ?? [];
    }
    case 'ServiceImport': {
      const serviceImport = snapshot.get('ServiceImport', namespace, name);
      return serviceImport === undefined ? 'absent' : (serviceImport.spec?.ports ?? 'any');
    }
    case 'XBackend':
      return snapshot.get('XBackend', namespace, name) === undefined ? 'absent' : 'any';
  }
}

/** Whether the absence of an object of the kind says anything. */
function isJudged<K extends KindName>(snapshot: Snapshot<K>, kind: K): boolean {
  return snapshot.sees(kind) !== 'none';
}

import {
  canonicalHostname,
  compareAge,
  GATEWAY_GROUP,
  objectKey,
  type GRPCRoute,
  type GRPCRouteMatch,
  type HTTPRoute,
  type HTTPRouteMatch,
  type Indexed,
  type KubeObject,
  type ParentReference,
  type Snapshot,
} from '#gateway';
import type { Claim, Claimant, HoldingKind, Relation } from './claims.ts';

/**
 * Why a claim takes traffic from an object of another owner on the same Gateway; undefined when it does not. The more specific hostname
 * wins at any age, then the more specific path, then the older object (http, grpc, gw; doc security). `key`: the rival's hostname.
 */
export function whyTaken(
  claimant: Claimant,
  rival: Indexed<HoldingKind>,
  claim: Claim,
  key: string,
  relation: Relation,
  snapshot: Snapshot<HoldingKind>,
): string | undefined {
  if (claim.use === 'annotation' || relation === 'a narrower hostname' || layer(claimant.kind) !== layer(rival.kind))
    return undefined;
  const gateways = gatewaysOf(rival, snapshot);
  if (!gatewaysOf(claimant, snapshot).some((gateway) => gateways.includes(gateway))) return undefined;
  if (claim.listener !== undefined && 'listeners' in rival.object.spec) {
    const { port } = claim.listener;
    const meets = rival.object.spec.listeners.some(
      (listener) => listener.port === port && canonicalHostname(listener.hostname) === key,
    );
    if (!meets) return undefined;
  }
  if (relation === 'a wider hostname') return 'its hostname is more specific';
  if (claimant.kind === 'Gateway' && rival.kind !== 'Gateway') return 'a Gateway goes before its ListenerSets';
  if (isOlder(claimant, rival)) return 'it is older';
  if (claimant.kind === 'HTTPRoute' && rival.kind === 'HTTPRoute' && hasNarrowerPath(claimant.object, rival.object)) {
    return 'its path is more specific';
  }
  if (claimant.kind === 'GRPCRoute' && rival.kind === 'GRPCRoute' && hasNarrowerMethod(claimant.object, rival.object)) {
    return 'its method is more specific';
  }
  return undefined;
}

/** What competes for the same requests: HTTPRoutes and GRPCRoutes with each other, TLSRoutes, listeners. */
function layer(kind: Claimant['kind']): string {
  if (kind === 'HTTPRoute' || kind === 'GRPCRoute') return 'http';
  return kind === 'TLSRoute' ? 'tls' : 'listener';
}

/** Whether the claimant goes first by age; what has no date is about to be created. A Gateway goes before its ListenerSets (gw, ls). */
function isOlder(claimant: Claimant, rival: Indexed<HoldingKind>): boolean {
  if (rival.kind === 'Gateway') return false;
  return claimant.object.metadata.creationTimestamp !== undefined && compareAge(claimant.object, rival.object) < 0;
}

/** The Gateways that serve an object: itself, its parents, or those of its parents that are ListenerSets. */
function gatewaysOf({ kind, object }: Claimant, snapshot: Snapshot<HoldingKind>): readonly string[] {
  const { namespace = '', name } = object.metadata;
  if (kind === 'Gateway') return [objectKey('Gateway', namespace, name)];
  const { spec } = object;
  if ('listeners' in spec) return 'parentRef' in spec ? [keyOfParent(spec.parentRef, object)] : [];
  if (!('parentRefs' in spec)) return [];
  return (spec.parentRefs ?? []).flatMap((ref) => {
    if (ref.kind !== 'ListenerSet' && ref.kind !== 'XListenerSet') return [keyOfParent(ref, object)];
    const set = snapshot.get(ref.kind, ref.namespace ?? namespace, ref.name);
    return set === undefined ? [] : [keyOfParent(set.spec.parentRef, set)];
  });
}

function keyOfParent(ref: Pick<ParentReference, 'group' | 'kind' | 'namespace' | 'name'>, child: KubeObject): string {
  const kind = (ref.group ?? GATEWAY_GROUP) === GATEWAY_GROUP ? (ref.kind ?? 'Gateway') : '';
  return objectKey(kind, ref.namespace ?? child.metadata.namespace ?? '', ref.name);
}

/** Whether some match names a service, or a method of one, where the other route takes all of them (grpc: GRPCMethodMatch). */
function hasNarrowerMethod(route: GRPCRoute, other: GRPCRoute): boolean {
  const matchesIn = (one: GRPCRoute): readonly GRPCRouteMatch[] =>
    (one.spec.rules ?? [{}]).flatMap((rule) => (rule.matches?.length ? rule.matches : [{}]));
  const theirs = matchesIn(other);
  return matchesIn(route).some(({ method }) =>
    theirs.some(({ method: their }) => {
      if (method === undefined || method.type === 'RegularExpression' || their?.type === 'RegularExpression')
        return false;
      const isWithin =
        (their?.service ?? method.service) === method.service && (their?.method ?? method.method) === method.method;
      return isWithin && (their?.service !== method.service || their?.method !== method.method);
    }),
  );
}

function hasNarrowerPath(route: HTTPRoute, other: HTTPRoute): boolean {
  const theirs = matchesOf(other);
  return matchesOf(route).some((match) => theirs.some((their) => isNarrower(match.path, their.path)));
}

function matchesOf(route: HTTPRoute): readonly HTTPRouteMatch[] {
  return (route.spec.rules ?? [{}]).flatMap((rule) => rule.matches ?? [{}]);
}

/** Whether a path lies strictly within another, element by element (http: PathPrefix). Regular expressions are not compared. */
function isNarrower(path: HTTPRouteMatch['path'], within: HTTPRouteMatch['path']): boolean {
  const [type, value] = [path?.type ?? 'PathPrefix', path?.value ?? '/'];
  if ((within?.type ?? 'PathPrefix') !== 'PathPrefix' || type === 'RegularExpression') return false;
  const inner = value.replace(/\/+$/, '');
  const outer = (within?.value ?? '/').replace(/\/+$/, '');
  if (inner === outer) return type === 'Exact';
  return inner.startsWith(`${outer}/`);
}

import {
  canonicalHostname,
  compareAge,
  GATEWAY_GROUP,
  objectKey,
  type GRPCRouteMatch,
  type HTTPRouteMatch,
  type Indexed,
  type KubeObject,
  type ParentReference,
  type Snapshot,
} from '#gateway';
import type { Claim, Claimant, HoldingKind, Relation } from './claims.ts';

/** Why an object loses traffic. */
export interface Taken {
  readonly reason: string;
  /** The paths or gRPC methods that are taken from it. */
  readonly matches: readonly string[];
}

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
): Taken | undefined {
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
  const isFirst = isOlder(claimant, rival);
  const matches = matchesTaken(claimant, rival, relation, isFirst);
  if (relation === 'a wider hostname') return { reason: 'its hostname is more specific', matches };
  if (claimant.kind === 'Gateway' && rival.kind !== 'Gateway') {
    return { reason: 'a Gateway goes before its ListenerSets', matches };
  }
  if (isFirst) return { reason: 'it is older', matches };
  if (matches.length === 0) return undefined;
  return { reason: `its ${claimant.kind === 'GRPCRoute' ? 'method' : 'path'} is more specific`, matches };
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

/** What a match of a rule asks of the path or the gRPC method, as a text, and what would take in all of that and more. */
interface Match {
  readonly text: string;
  readonly wider: readonly string[];
}

/**
 * The matches of a route by which it takes requests from another of its kind: those within some match of the other, equal ones where it is
 * older, and whatever meets one where its hostname goes before that of the other.
 */
function matchesTaken(
  claimant: Claimant,
  rival: Indexed<HoldingKind>,
  relation: Relation,
  isFirst: boolean,
): readonly string[] {
  if (claimant.kind !== rival.kind) return [];
  const theirs = matchesOf(rival);
  const texts = new Set(theirs.map(({ text }) => text));
  const takesEqual = isFirst || relation === 'a wider hostname';
  const around = new Set(relation === 'a wider hostname' ? theirs.flatMap(({ wider }) => wider) : []);
  return matchesOf(claimant)
    .filter(
      ({ text, wider }) => wider.some((one) => texts.has(one)) || (takesEqual && texts.has(text)) || around.has(text),
    )
    .map(({ text }) => text);
}

function matchesOf({ kind, object }: Claimant): readonly Match[] {
  if (kind === 'HTTPRoute') {
    return (object.spec.rules ?? [{}]).flatMap((rule) =>
      (rule.matches?.length ? rule.matches : [{}]).map(({ path }) => matchOfPath(path)),
    );
  }
  if (kind !== 'GRPCRoute') return [];
  return (object.spec.rules ?? [{}]).flatMap((rule) =>
    (rule.matches?.length ? rule.matches : [{}]).map(({ method }) => matchOfMethod(method)),
  );
}

/** Paths lie within each other element by element (http: PathPrefix). Regular expressions are not compared. */
function matchOfPath({ type = 'PathPrefix', value = '/' }: HTTPRouteMatch['path'] = {}): Match {
  if (type === 'RegularExpression') return { text: `${type} ${value}`, wider: [] };
  const path = value.replace(/\/+$/, '');
  const above = [...path.matchAll(/\//g)].map(({ index }) => `PathPrefix ${path.slice(0, index)}`);
  return type === 'Exact'
    ? { text: `${type} ${value}`, wider: [`PathPrefix ${path}`, ...above] }
    : { text: `${type} ${path}`, wider: above };
}

/** A method lies within its service, and both within all of them (grpc: GRPCMethodMatch). */
function matchOfMethod({ type, service = '', method = '' }: NonNullable<GRPCRouteMatch['method']> = {}): Match {
  const text = `${service}/${method}`;
  if (type === 'RegularExpression') return { text: `${type} ${text}`, wider: [] };
  return { text, wider: [`${service}/`, `/${method}`, '/'].filter((one) => one !== text) };
}

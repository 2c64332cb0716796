import { compareSpecificity } from './hostname.ts';
import { compareAge, type KubeObject } from './object.ts';
import type { RequestMatch } from './requestMatch.ts';

/** A match of a rule, where it competes for requests: at one listener, for one effective hostname. */
export interface Contender {
  /** The route. */
  readonly object: KubeObject;
  /** The hostname of the route, canonical, of which the effective one is a part; the most specific, when there are several. */
  readonly declared: string;
  /** The rule's place in the route. */
  readonly rule: number;
  readonly match: RequestMatch;
}

/**
 * Why one of two goes first. `earlier-rule`: in one route. `older`, `name`: the older route, then the one whose `{namespace}/{name}` comes
 * first. Why neither does: `undated`: neither route exists yet. `open`: the specification can be read both ways.
 */
export type PrecedenceReason = 'earlier-rule' | 'older' | 'name' | 'undated' | 'open';

/** Which of two contenders gets the requests that both ask for. */
export interface Precedence {
  readonly first: 'one' | 'other' | undefined;
  readonly reason: PrecedenceReason;
}

/**
 * Which of two matches gets the requests, when both have the same text and compete under the same effective hostname. This is all that
 * decides whether a match can ever win: a match hides another wholly only when it holds for every request of the other, thus asks for no
 * more; and then it goes first by hostname, path, method, headers or query parameters only when it asks for no less either. Among equals
 * the older route wins, then the first by name, then the earlier rule (http, grpc).
 *
 * Two points are open upstream: whether the declared or the effective hostname counts (gateway-api issue 5120), and which spelling does, see
 * {@link RequestMatch.written}. One goes first only when it does under every reading.
 */
export function precedence(one: Contender, other: Contender): Precedence {
  const isSameRoute = one.object === other.object;
  const decisive = isSameRoute ? one.rule - other.rule : ageOrder(one.object, other.object);
  if (decisive === undefined || decisive === 0) return { first: undefined, reason: 'undated' };
  const open = [
    compareSpecificity(one.declared, other.declared),
    ...one.match.written.map((count, at) => (other.match.written[at] ?? count) - count),
  ];
  if (open.some((sign) => sign * decisive < 0)) return { first: undefined, reason: 'open' };
  const sameAge = one.object.metadata.creationTimestamp === other.object.metadata.creationTimestamp;
  return { first: decisive < 0 ? 'one' : 'other', reason: isSameRoute ? 'earlier-rule' : sameAge ? 'name' : 'older' };
}

/** By creation, then by name; undefined when neither object has been created, so that the first to be is still to be seen. */
function ageOrder(one: KubeObject, other: KubeObject): number | undefined {
  const { creationTimestamp } = one.metadata;
  if (creationTimestamp === undefined && other.metadata.creationTimestamp === undefined) return undefined;
  return compareAge(one, other);
}

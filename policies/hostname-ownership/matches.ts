import { writtenMatches, type GRPCRouteMatch, type HTTPRouteMatch } from '#gateway';
import type { Claimant } from './claims.ts';

/** A match of a rule, as it competes for requests with those of other routes. */
export interface Match {
  /** What it asks of the path or the gRPC method. */
  readonly text: string;
  /** The whole match. */
  readonly written: string;
  /** By regular expression: what it has in common with others nobody can say. */
  readonly isExpression: boolean;
  /** The path; a gRPC method has none. */
  readonly path: string;
  /** With what all paths below begin; undefined where there are none. */
  readonly below: string | undefined;
  /** What else would take in all of that and more. */
  readonly wider: readonly string[];
  /** The HTTP method. */
  readonly method: string | undefined;
  /** What decides between equal paths, in this order: a method, how many headers, how many query parameters (http, grpc). */
  readonly rank: readonly number[];
}

/** A match by which a route takes requests. */
export interface Part {
  /** As little of the match as decides: its path or gRPC method, or all of it. */
  readonly text: string;
  readonly isWhole: boolean;
}

/** The matches of a route that chooses among requests; none of other objects. */
export function matchesOf({ kind, object }: Claimant): readonly Match[] {
  if (kind === 'HTTPRoute') {
    return (object.spec.rules ?? [{}]).flatMap((rule) => {
      const written = writtenMatches(rule);
      const matches = rule.matches?.length ? rule.matches : [{}];
      return matches.map((match, at) => httpMatch(match, written[at] ?? ''));
    });
  }
  if (kind !== 'GRPCRoute') return [];
  return (object.spec.rules ?? [{}]).flatMap((rule) => {
    const written = writtenMatches(rule);
    const matches = rule.matches?.length ? rule.matches : [{}];
    return matches.map((match, at) => grpcMatch(match, written[at] ?? ''));
  });
}

/** Paths lie within each other element by element (http: PathPrefix). */
function httpMatch({ path, method, headers = [], queryParams = [] }: HTTPRouteMatch, written: string): Match {
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  const rank = [method === undefined ? 0 : 1, headers.length, queryParams.length];
  const common = { written, method, rank, isExpression: type === 'RegularExpression' };
  if (type === 'RegularExpression') {
    return { ...common, text: `${type} ${value}`, path: '', below: undefined, wider: [] };
  }
  if (type === 'Exact') {
    return { ...common, text: `${type} ${value}`, path: value, below: undefined, wider: [`PathPrefix ${value}`] };
  }
  const prefix = value.replace(/\/+$/, '');
  return { ...common, text: `${type} ${prefix}`, path: prefix, below: `${prefix}/`, wider: [] };
}

/** A method lies within its service, and both within all of them (grpc: GRPCMethodMatch). */
function grpcMatch({ method: asked = {}, headers = [] }: GRPCRouteMatch, written: string): Match {
  const { type, service = '', method = '' } = asked;
  const text = `${service}/${method}`;
  const isExpression = type === 'RegularExpression';
  return {
    text: isExpression ? `${type} ${text}` : text,
    written,
    isExpression,
    path: '',
    below: undefined,
    wider: isExpression ? [] : [`${service}/`, `/${method}`, '/'].filter((one) => one !== text),
    method: undefined,
    rank: [headers.length],
  };
}

/**
 * The matches by which a route takes requests from another of its kind under one hostname: those within some match of the other, and of
 * equal paths those that ask for more, or for as much where the route is older. Where its hostname goes before that of the other
 * (`isHostFirst`), whatever meets one.
 */
export function partsTaken(
  ours: readonly Match[],
  theirs: readonly Match[],
  isHostFirst: boolean,
  isOlder: boolean,
): readonly Part[] {
  return ours.flatMap((own) => {
    let whole: Part | undefined;
    for (const their of theirs) {
      if (own.method !== undefined && their.method !== undefined && own.method !== their.method) continue;
      const isEqual = own.text === their.text;
      if (isWithin(own, their) || (isHostFirst && (isEqual || isWithin(their, own)))) return partOf(own);
      if (!isEqual) continue;
      const order = rankOrder(own, their);
      if (isOlder && order >= 0) return partOf(own);
      if (order > 0) whole = { text: own.written, isWhole: true };
    }
    return whole ?? [];
  });
}

function partOf({ text }: Match): Part {
  return { text, isWhole: false };
}

function isWithin(one: Match, other: Match): boolean {
  return (other.below !== undefined && one.path.startsWith(other.below)) || one.wider.includes(other.text);
}

/** Positive where one goes before the other by what both ask for besides the path. */
function rankOrder({ rank }: Match, other: Match): number {
  return rank.map((count, at) => count - (other.rank[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

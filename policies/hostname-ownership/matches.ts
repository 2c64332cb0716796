import { type GRPCRouteMatch, type HTTPRouteMatch, type Indexed, type KindName, type NameValueMatch } from '#gateway';

/** A match of a rule, as it competes for requests with those of other routes. */
export interface Match {
  /** What it asks of the path or the gRPC method. */
  readonly text: string;
  /** The whole match. */
  readonly asked: HTTPRouteMatch | GRPCRouteMatch;
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
  readonly own: Match;
  /** What decides: all of the match, or its path or gRPC method. */
  readonly isWhole: boolean;
}

/** The matches of a route that chooses among requests; none of other objects. */
export function matchesOf({ kind, object }: Indexed<KindName>): readonly Match[] {
  if (kind === 'HTTPRoute') {
    return (object.spec.rules ?? [{}]).flatMap(({ matches }) => (matches?.length ? matches : [{}]).map(httpMatch));
  }
  if (kind !== 'GRPCRoute') return [];
  return (object.spec.rules ?? [{}]).flatMap(({ matches }) => (matches?.length ? matches : [{}]).map(grpcMatch));
}

/** Paths lie within each other element by element (http: PathPrefix). */
function httpMatch(asked: HTTPRouteMatch): Match {
  const { path, method, headers = [], queryParams = [] } = asked;
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  const rank = [method === undefined ? 0 : 1, headers.length, queryParams.length];
  const common = { asked, method, rank, isExpression: type === 'RegularExpression' };
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
function grpcMatch(asked: GRPCRouteMatch): Match {
  const { method: { type, service = '', method = '' } = {}, headers = [] } = asked;
  const text = `${service}/${method}`;
  const isExpression = type === 'RegularExpression';
  return {
    text: isExpression ? `${type} ${text}` : text,
    asked,
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
  const byText = Map.groupBy(theirs, ({ text }) => text);
  const prefixes = theirs.filter(({ below }) => below !== undefined);
  const known = new Map<string, boolean>();
  const beatsOne = (own: Match): boolean => {
    // A hundred matches may differ in nothing but their headers.
    const key = [own.text, own.method, ...own.rank].join(' ');
    const beats = known.get(key) ?? (byText.get(own.text) ?? []).some((their) => goesBefore(own, their, isOlder));
    known.set(key, beats);
    return beats;
  };
  return ours.flatMap((own) => {
    const meets = (text: string): boolean => (byText.get(text) ?? []).some((their) => shareMethod(own, their));
    const isMet =
      isHostFirst && (meets(own.text) || theirs.some((their) => isWithin(their, own) && shareMethod(own, their)));
    if (isMet || own.wider.some(meets) || prefixes.some((their) => isBelow(own, their) && shareMethod(own, their))) {
      return { own, isWhole: false };
    }
    return beatsOne(own) ? { own, isWhole: !isOlder } : [];
  });
}

/** Whether a match holds for no other requests than another one. */
export function isNarrowing(own: Match, other: Match): boolean {
  return (
    (own.text === other.text || isWithin(own, other)) &&
    (other.method === undefined || other.method === own.method) &&
    asksFor(other.asked.headers, own.asked.headers, (name) => name.toLowerCase()) &&
    asksFor(paramsOf(other), paramsOf(own), (name) => name)
  );
}

/** Whether the first of two matches takes the requests for which both hold, be it by its path or gRPC method or by what else it asks for. */
export function isFirst(own: Match, their: Match, isOlder: boolean): boolean {
  if (own.text === their.text) return goesBefore(own, their, isOlder);
  return isWithin(own, their) && shareMethod(own, their);
}

function paramsOf({ asked }: Match): readonly NameValueMatch[] | undefined {
  return 'queryParams' in asked ? asked.queryParams : undefined;
}

/** Whether all that is wanted is asked for; of entries with equivalent names the first counts (http: HTTPHeaderMatch). */
function asksFor(
  wanted: readonly NameValueMatch[] = [],
  asked: readonly NameValueMatch[] = [],
  canonical: (name: string) => string,
): boolean {
  return wanted.every(({ name, type = 'Exact', value }) => {
    const first = asked.find((one) => canonical(one.name) === canonical(name));
    return first !== undefined && (first.type ?? 'Exact') === type && first.value === value;
  });
}

function isWithin(one: Match, other: Match): boolean {
  return isBelow(one, other) || one.wider.includes(other.text);
}

function isBelow({ path }: Match, { below }: Match): boolean {
  return below !== undefined && path.startsWith(below);
}

/** Whether some method is meant by both. */
function shareMethod(one: Match, other: Match): boolean {
  return one.method === undefined || other.method === undefined || one.method === other.method;
}

/** Whether of two matches with the same path or gRPC method, and some method in common, the first goes first. */
function goesBefore(one: Match, other: Match, isOlder: boolean): boolean {
  const order = rankOrder(one, other);
  return shareMethod(one, other) && (isOlder ? order >= 0 : order > 0);
}

/** Positive where one goes before the other by what both ask for besides the path. */
function rankOrder({ rank }: Match, other: Match): number {
  for (let at = 0; at < rank.length; at += 1) {
    const difference = (rank[at] ?? 0) - (other.rank[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

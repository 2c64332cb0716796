import { compareText } from './compareText.ts';
import type { Indexed } from './kindMap.ts';
import { hasRepeats } from './repeats.ts';
import type { GRPCRouteMatch, HTTPRouteMatch, NameValueMatch, RouteRule } from './route.ts';

/** A route kind whose rules choose among requests. */
export type RequestRouteKind = 'HTTPRoute' | 'GRPCRoute';

/** What one match of a rule asks of a request, its hostname aside. */
export interface RequestMatch {
  /** The path, or the gRPC method: two matches of one text have it in common. Tells most matches apart before their text is made. */
  readonly target: string;
  /** In words, canonical: two matches of a kind have the same text when and only when they hold for the same requests. */
  readonly text: string;
  /**
   * What precedence counts, as the author wrote it: characters of the path or of service and method, headers, query parameters. Two matches
   * of one text can differ here (`/a` and `/a/`, a header named twice); the specification does not say which spelling counts.
   */
  readonly written: readonly number[];
}

/**
 * The matches of each rule of a route, defaults filled in: an HTTPRoute rule without matches holds for the prefix `/`, a GRPCRoute rule for
 * every request (http, grpc). Undefined stands for a match that holds a regular expression, or a type of comparison that this build has
 * never heard of: its meaning and its rank are the implementation's own, so that nothing can be said of it.
 */
export function requestMatches(route: Indexed<RequestRouteKind>): readonly (readonly (RequestMatch | undefined)[])[] {
  if (route.kind === 'HTTPRoute') {
    return (route.object.spec.rules ?? [{}]).map(({ matches }) => orAny(matches).map(httpMatch));
  }
  return (route.object.spec.rules ?? []).map(({ matches }) => orAny(matches).map(grpcMatch));
}

/** Whether two matches of a route may ask for the same, since they have a target in common; looks at no more than that. */
export function repeatsTarget(route: Indexed<RequestRouteKind>): boolean {
  const targets: string[] = [];
  for (const rule of route.kind === 'HTTPRoute' ? (route.object.spec.rules ?? []) : []) {
    for (const match of orAny(rule.matches)) targets.push(httpTarget(match));
  }
  for (const rule of route.kind === 'GRPCRoute' ? (route.object.spec.rules ?? []) : []) {
    for (const match of orAny(rule.matches)) targets.push(grpcTarget(match));
  }
  return hasRepeats(targets);
}

/** Every field of a match, in the order in which {@link writtenMatches} writes them. */
const MATCH_FIELDS = ['path', 'method', 'service', 'headers', 'queryParams', 'type', 'name', 'value'];

/**
 * The matches of a rule as they are written, to tell the rule from others wherever it stands: those that {@link requestMatches} has no text
 * for too, and one for a rule without any. Headers and query parameters are maps: all must hold, whatever their order.
 */
export function writtenMatches({
  matches,
}: Pick<RouteRule<HTTPRouteMatch | GRPCRouteMatch>, 'matches'>): readonly string[] {
  return orAny<HTTPRouteMatch | GRPCRouteMatch>(matches).map((match) =>
    JSON.stringify(
      'queryParams' in match
        ? { ...match, headers: byName(match.headers), queryParams: byName(match.queryParams) }
        : { ...match, headers: byName(match.headers) },
      MATCH_FIELDS,
    ),
  );
}

function byName(matches: readonly NameValueMatch[] | undefined): readonly NameValueMatch[] | undefined {
  return matches?.toSorted((a, b) => compareText(a.name, b.name));
}

function httpTarget({ path }: HTTPRouteMatch): string {
  const value = path?.value ?? '/';
  return path?.type === 'Exact' ? value : withoutTrailingSlash(value);
}

function grpcTarget({ method: { service = '', method = '' } = {} }: GRPCRouteMatch): string {
  return `${service}/${method}`;
}

function orAny<M>(matches: readonly M[] | undefined): readonly (M | Readonly<Record<string, never>>)[] {
  return matches === undefined || matches.length === 0 ? [{}] : matches;
}

function httpMatch(match: HTTPRouteMatch): RequestMatch | undefined {
  const { path, headers = [], queryParams = [] } = match;
  const type = path?.type ?? 'PathPrefix';
  if (type !== 'PathPrefix' && type !== 'Exact') return undefined;
  if (!isExact(headers) || !isExact(queryParams)) return undefined;
  return new Asked(httpTarget(match), match, httpText, httpCounts);
}

/** A match whose text is made when somebody asks for it. */
class Asked<M> implements RequestMatch {
  readonly target: string;
  readonly #match: M;
  readonly #write: (match: M) => string;
  readonly #count: (match: M) => readonly number[];
  #text: string | undefined;

  constructor(target: string, match: M, write: (match: M) => string, count: (match: M) => readonly number[]) {
    this.target = target;
    this.#match = match;
    this.#write = write;
    this.#count = count;
  }

  get text(): string {
    return (this.#text ??= this.#write(this.#match));
  }

  get written(): readonly number[] {
    return this.#count(this.#match);
  }
}

function httpCounts({ path, headers = [], queryParams = [] }: HTTPRouteMatch): readonly number[] {
  return [(path?.value ?? '/').length, headers.length, queryParams.length];
}

function httpText({ path, method, headers = [], queryParams = [] }: HTTPRouteMatch): string {
  const value = path?.value ?? '/';
  // A trailing slash of a prefix is ignored (http: PathMatchPathPrefix).
  let text = path?.type === 'Exact' ? `path ${quoted(value)}` : `paths under ${quoted(withoutTrailingSlash(value))}`;
  if (method !== undefined) text += `, method ${method}`;
  for (const words of headerWords(headers)) text += `, ${words}`;
  for (const { name, value: wanted } of firsts(queryParams, (query) => query)) {
    text += `, query [${quoted(name)},${quoted(wanted)}]`;
  }
  return text;
}

const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/;

/** The text as JSON writes it; without asking JSON where nothing is to be escaped. */
function quoted(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

function withoutTrailingSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.replace(/\/+$/, '') || '/' : prefix;
}

function grpcMatch(match: GRPCRouteMatch): RequestMatch | undefined {
  const { method, headers = [] } = match;
  if ((method?.type ?? 'Exact') !== 'Exact' || !isExact(headers)) return undefined;
  return new Asked(grpcTarget(match), match, grpcText, grpcCounts);
}

function grpcCounts({ method: { service = '', method = '' } = {}, headers = [] }: GRPCRouteMatch): readonly number[] {
  return [service.length, method.length, headers.length];
}

function grpcText({ method: { service = '', method = '' } = {}, headers = [] }: GRPCRouteMatch): string {
  const words = [
    ...(service === '' ? [] : [`service ${JSON.stringify(service)}`]),
    ...(method === '' ? [] : [`method ${quoted(method)}`]),
    ...headerWords(headers),
  ];
  return words.length === 0 ? 'everything' : words.join(', ');
}

function isExact(matches: readonly NameValueMatch[]): boolean {
  for (const { type = 'Exact' } of matches) if (type !== 'Exact') return false;
  return true;
}

function headerWords(headers: readonly NameValueMatch[]): readonly string[] {
  return firsts(headers, (name) => name.toLowerCase()).map(
    ({ name, value }) => `header [${quoted(name.toLowerCase())},${quoted(value)}]`,
  );
}

/** Sorted by name; of entries with equivalent names the first counts and the others are ignored (http: HTTPHeaderMatch, HTTPQueryParamMatch). */
function firsts(matches: readonly NameValueMatch[], canonical: (name: string) => string): readonly NameValueMatch[] {
  if (matches.length < 2) return matches;
  const byName = new Map<string, NameValueMatch>();
  for (const match of matches) {
    const name = canonical(match.name);
    if (!byName.has(name)) byName.set(name, match);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, match]) => match);
}

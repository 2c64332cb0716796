import type { Indexed } from './kindMap.ts';
import type { GRPCRouteMatch, HTTPRouteMatch, NameValueMatch } from './route.ts';

/** The route kinds whose rules choose among requests. */
export const REQUEST_ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute'] as const;
/** One of {@link REQUEST_ROUTE_KINDS}. */
export type RequestRouteKind = (typeof REQUEST_ROUTE_KINDS)[number];

/** What one match of a rule asks of a request, its hostname aside. */
export interface RequestMatch {
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

function orAny<M>(matches: readonly M[] | undefined): readonly (M | Readonly<Record<string, never>>)[] {
  return matches === undefined || matches.length === 0 ? [{}] : matches;
}

function httpMatch({ path, method, headers = [], queryParams = [] }: HTTPRouteMatch): RequestMatch | undefined {
  const type = path?.type ?? 'PathPrefix';
  const value = path?.value ?? '/';
  if (type !== 'PathPrefix' && type !== 'Exact') return undefined;
  if (!isExact(headers) || !isExact(queryParams)) return undefined;
  // A trailing slash of a prefix is ignored (http: PathMatchPathPrefix).
  let text = type === 'Exact' ? `path ${quoted(value)}` : `paths under ${quoted(withoutTrailingSlash(value))}`;
  if (method !== undefined) text += `, method ${method}`;
  for (const words of headerWords(headers)) text += `, ${words}`;
  for (const { name, value: wanted } of firsts(queryParams, (query) => query)) {
    text += `, query [${quoted(name)},${quoted(wanted)}]`;
  }
  return { text, written: [value.length, headers.length, queryParams.length] };
}

const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/;

/** The text as JSON writes it; without asking JSON where nothing is to be escaped. */
function quoted(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

function withoutTrailingSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.replace(/\/+$/, '') || '/' : prefix;
}

function grpcMatch({ method = {}, headers = [] }: GRPCRouteMatch): RequestMatch | undefined {
  const { type = 'Exact', service = '', method: name = '' } = method;
  if (type !== 'Exact' || !isExact(headers)) return undefined;
  const words = [
    ...(service === '' ? [] : [`service ${JSON.stringify(service)}`]),
    ...(name === '' ? [] : [`method ${quoted(name)}`]),
    ...headerWords(headers),
  ];
  return {
    text: words.length === 0 ? 'everything' : words.join(', '),
    written: [service.length, name.length, headers.length],
  };
}

function isExact(matches: readonly NameValueMatch[]): boolean {
  return matches.every(({ type = 'Exact' }) => type === 'Exact');
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

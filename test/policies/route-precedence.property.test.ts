import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GRPCRouteMatch, HTTPRouteMatch } from '#gateway';
import { subjectOf } from '#policy';
import { routePrecedence } from '../../policies/route-precedence/policy.ts';
import { Store } from '../../src/cluster/store.ts';
import { evaluate, policySet } from '../../src/engine/index.ts';
import { checkedObject } from '../support/policyTable.ts';

/**
 * The slow and obvious reading of the specification: ask for every request of a small world which rule gets it. For each prefix there is a
 * path below it that nobody names, for each wildcard a hostname, and so on: requests are more than any set of matches can name.
 */
const HOSTS = ['a.example', 'b.example', 'z.example', 'z.other'];
const PATHS = ['/', '/z', '/a', '/a/', '/a/z', '/a/b', '/a/b/z', '/ab'];
const METHODS = ['GET', 'POST', 'LINK'];
const HEADERS = [undefined, '1', '2', 'z'];
const OTHER_HEADERS = [undefined, '1', '2'];
const QUERIES = [undefined, '1'];

interface Request {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
}

const pairs = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]];

const HTTP_REQUESTS: readonly Request[] = HOSTS.flatMap((host) =>
  PATHS.flatMap((path) =>
    METHODS.flatMap((method) =>
      HEADERS.flatMap((x) =>
        OTHER_HEADERS.flatMap((y) =>
          QUERIES.map((q) => ({
            host,
            path,
            method,
            headers: new Map([...pairs('x', x), ...pairs('y', y)]),
            query: new Map(pairs('q', q)),
          })),
        ),
      ),
    ),
  ),
);

/** A gRPC request is an HTTP request for `/service/method`. */
const GRPC_REQUESTS: readonly Request[] = HOSTS.flatMap((host) =>
  ['s', 't', 'z'].flatMap((service) =>
    ['m', 'n', 'z'].flatMap((name) =>
      HEADERS.flatMap((x) =>
        OTHER_HEADERS.map((y) => ({
          host,
          path: `/${service}/${name}`,
          method: 'POST',
          headers: new Map([...pairs('x', x), ...pairs('y', y)]),
          query: new Map<string, string>(),
        })),
      ),
    ),
  ),
);

type Match = HTTPRouteMatch & GRPCRouteMatch;
interface Rule {
  readonly matches?: readonly unknown[];
}
interface RouteSketch {
  readonly hostnames: readonly string[];
  readonly created: number;
  readonly rules: readonly Rule[];
}
/** Where the specification can be read two ways. */
interface Reading {
  readonly hostname: 'declared' | 'effective';
  /** Whether trailing slashes and headers named twice count. */
  readonly counts: 'written' | 'meant';
}
const READINGS: readonly Reading[] = (['declared', 'effective'] as const).flatMap((hostname) =>
  (['written', 'meant'] as const).map((counts) => ({ hostname, counts })),
);

const isOwnMatch = (match: unknown): match is Match => typeof match === 'object' && match !== null;
const matchesOf = (rule: Rule): readonly Match[] =>
  rule.matches === undefined || rule.matches.length === 0
    ? [{} as const].filter(isOwnMatch)
    : rule.matches.filter(isOwnMatch);

/** Whether a hostname holds for a name; `*` for every name. */
const serves = (hostname: string, host: string): boolean =>
  hostname === '*' || hostname === host || (hostname.startsWith('*.') && host.endsWith(hostname.slice(1)));

/** First of each name, names of headers in lower case. */
const effective = (entries: Match['headers'], lower: boolean): ReadonlyMap<string, string> => {
  const map = new Map<string, string>();
  for (const { name, value } of entries ?? []) {
    const key = lower ? name.toLowerCase() : name;
    if (!map.has(key)) map.set(key, value);
  }
  return map;
};
const trimmed = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

function grpcMethod({ method }: Match): NonNullable<GRPCRouteMatch['method']> {
  return typeof method === 'object' ? method : {};
}

type Wanted = Pick<Request, 'headers' | 'query'>;

function holds(kind: string, match: Match, wanted: Wanted, request: Request): boolean {
  for (const [name, value] of wanted.headers) if (request.headers.get(name) !== value) return false;
  if (kind === 'GRPCRoute') {
    const { service, method } = grpcMethod(match);
    const [, ofService, ofMethod] = request.path.split('/');
    return (service ?? ofService) === ofService && (method ?? ofMethod) === ofMethod;
  }
  for (const [name, value] of wanted.query) if (request.query.get(name) !== value) return false;
  if (typeof match.method === 'string' && match.method !== request.method) return false;
  const { type = 'PathPrefix', value = '/' } = match.path ?? {};
  if (type === 'Exact') return request.path === value;
  const below = trimmed(value) === '/' ? [''] : trimmed(value).split('/');
  return below.every((element, at) => request.path.split('/')[at] === element);
}

/** What precedence compares within one hostname, larger first. */
function rank(kind: string, match: Match, { counts }: Reading): readonly number[] {
  const size = (entries: Match['headers'], lower: boolean): number =>
    counts === 'written' ? (entries ?? []).length : effective(entries, lower).size;
  if (kind === 'GRPCRoute') {
    const { service = '', method = '' } = grpcMethod(match);
    return [service.length, method.length, size(match.headers, true)];
  }
  const { type = 'PathPrefix', value = '/' } = match.path ?? {};
  const path = counts === 'written' ? value : trimmed(value);
  return [
    type === 'Exact' ? 1 : 0,
    path.length,
    typeof match.method === 'string' ? 1 : 0,
    size(match.headers, true),
    size(match.queryParams, false),
  ];
}

/** The rules that get a request, as `route/rule`. */
function winners(
  kind: string,
  routes: readonly RouteSketch[],
  listener: string,
  reading: Reading,
): ReadonlySet<string> {
  const won = new Set<string>();
  const rules = routes.map((route) =>
    route.rules.map((rule) =>
      matchesOf(rule).map((match) => ({
        match,
        wanted: { headers: effective(match.headers, true), query: effective(match.queryParams, false) },
        ranked: rank(kind, match, reading),
      })),
    ),
  );
  for (const request of kind === 'GRPCRoute' ? GRPC_REQUESTS : HTTP_REQUESTS) {
    if (!serves(listener, request.host)) continue;
    let best: { readonly id: string; readonly rank: readonly number[] } | undefined;
    for (const [at, route] of routes.entries()) {
      const hosts = (route.hostnames.length === 0 ? ['*'] : route.hostnames)
        .filter((hostname) => serves(hostname, request.host))
        .map((hostname) => (reading.hostname === 'effective' && serves(hostname, listener) ? listener : hostname));
      if (hosts.length === 0) continue;
      const exact = Math.max(...hosts.map((host) => (host.startsWith('*') ? 0 : host.length)));
      const any = Math.max(...hosts.map((host) => (host === '*' ? 0 : host.length)));
      for (const [r, matches] of (rules[at] ?? []).entries()) {
        for (const { match, wanted, ranked } of matches) {
          if (!holds(kind, match, wanted, request)) continue;
          const full = [exact, any, ...ranked, -route.created, -at, -r];
          if (best === undefined || isHigher(full, best.rank)) best = { id: `${at}/${r}`, rank: full };
        }
      }
    }
    if (best !== undefined) won.add(best.id);
  }
  return won;
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, position) => value !== b[position]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

const metadata = (at: number, { created }: RouteSketch): unknown => ({
  name: `r${at}`,
  namespace: 'shop',
  creationTimestamp: `2026-01-0${created}T00:00:00Z`,
});

/** The rules that the policy calls shadowed, as `route/rule`. */
function shadowed(kind: string, routes: readonly RouteSketch[], listener: string): ReadonlySet<string> {
  const store = new Store('all');
  const gateway = checkedObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'shop' },
    spec: {
      gatewayClassName: 'c',
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP', ...(listener === '*' ? {} : { hostname: listener }) }],
    },
  });
  store.put(gateway.kind, gateway.object);
  const objects = routes.map((route, at) => {
    const { hostnames, rules } = route;
    return checkedObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind,
      metadata: metadata(at, route),
      spec: { parentRefs: [{ name: 'g' }], hostnames, rules },
    });
  });
  for (const { kind: of, object } of objects) store.put(of, object);
  const set = policySet(routePrecedence.bind([{ name: 'p', spec: {} }]).bound, []);
  const found = new Set<string>();
  for (const [at, { kind: of, object }] of objects.entries()) {
    const parts = { kind: of, object, raw: object, operation: 'CREATE', namespace: 'shop', subresource: '' } as const;
    const subject = subjectOf({ ...parts, oldObject: undefined, rawOld: undefined, requester: undefined });
    const { violations, errors } = evaluate(subject, store, set, 0);
    expect(errors).toEqual([]);
    for (const { rule, path } of violations) {
      if (rule === 'route-precedence/shadowed') found.add(`${at}/${path[2] ?? ''}`);
    }
  }
  return found;
}

const headers = (names: readonly string[]) =>
  fc.array(fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom('1', '2') }), { maxLength: 2 });
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

/** Matches in all spellings, or only in such as precedence counts in one way. */
const httpMatch = (isPlain: boolean) =>
  fc.record(
    {
      path: optional(
        fc.record({
          type: fc.constantFrom('PathPrefix', 'Exact'),
          value: isPlain ? fc.constantFrom('/', '/a', '/a/b') : fc.constantFrom('/', '/a', '/a/', '/a/b'),
        }),
      ),
      method: optional(fc.constantFrom('GET', 'POST')),
      headers: isPlain ? headers(['x', 'y']).map((all) => all.slice(0, 1)) : headers(['x', 'X']),
      queryParams: headers(['q']).map((all) => all.slice(0, 1).map(({ name }) => ({ name, value: '1' }))),
    },
    { requiredKeys: [] },
  );
const grpcMatch = (isPlain: boolean) =>
  fc.record(
    {
      method: optional(
        fc.oneof(
          fc.record({ service: fc.constantFrom('s', 't') }),
          fc.record({ method: fc.constantFrom('m', 'n') }),
          fc.record({ service: fc.constantFrom('s', 't'), method: fc.constantFrom('m', 'n') }),
        ),
      ),
      headers: isPlain ? headers(['x', 'y']).map((all) => all.slice(0, 1)) : headers(['x', 'X']),
    },
    { requiredKeys: [] },
  );
const world = (isPlain: boolean) =>
  fc.constantFrom('HTTPRoute', 'GRPCRoute').chain((kind) => {
    const match: fc.Arbitrary<unknown> = kind === 'HTTPRoute' ? httpMatch(isPlain) : grpcMatch(isPlain);
    return fc.record({
      kind: fc.constant(kind),
      listener: isPlain ? fc.constant('*') : fc.constantFrom('*', '*.example', 'a.example'),
      routes: fc.array(
        fc.record({
          hostnames: fc.uniqueArray(fc.constantFrom('a.example', 'b.example', '*.example'), { maxLength: 2 }),
          created: fc.integer({ min: 1, max: 2 }),
          rules: fc.array(fc.record({ matches: fc.array(match, { maxLength: 2 }) }, { requiredKeys: [] }), {
            minLength: 1,
            maxLength: 3,
          }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    });
  });

/** The rules that get nothing in the reading, of the routes that are served at all. */
function idle(kind: string, routes: readonly RouteSketch[], listener: string, reading: Reading): readonly string[] {
  const won = winners(kind, routes, listener, reading);
  return routes.flatMap((route, at) => {
    const isServed =
      route.hostnames.length === 0 ||
      route.hostnames.some((hostname) => serves(hostname, listener) || serves(listener, hostname));
    return route.rules.flatMap((_rule, r) => (isServed && !won.has(`${at}/${r}`) ? [`${at}/${r}`] : []));
  });
}

test('a rule is shadowed when, and only when, it gets none of the requests', () => {
  fc.assert(
    fc.property(world(true), ({ kind, routes, listener }) => {
      const reading = { hostname: 'effective', counts: 'meant' } as const;
      expect([...shadowed(kind, routes, listener)].sort()).toEqual([...idle(kind, routes, listener, reading)].sort());
    }),
    { numRuns: 200 },
  );
});

test('however the specification is read, a shadowed rule gets none of the requests', () => {
  fc.assert(
    fc.property(world(false), ({ kind, routes, listener }) => {
      const found = [...shadowed(kind, routes, listener)];
      const wins = READINGS.flatMap((reading) => [...winners(kind, routes, listener, reading)]);
      expect(found.filter((rule) => wins.includes(rule))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

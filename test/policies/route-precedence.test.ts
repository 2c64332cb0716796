import { MATCHES_COMPARED, PASSED_OVER, RULES_COMPARED } from '../../policies/route-precedence/places.ts';
import { routePrecedence } from '../../policies/route-precedence/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io/v1';
const OLD = '2026-01-01T00:00:00Z';
const YOUNG = '2026-02-01T00:00:00Z';

interface RouteOptions {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly created?: string | undefined;
  readonly hostnames?: readonly string[];
  readonly parents?: readonly unknown[];
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A route of rules, each a list of matches; by default young, in shop, on the Gateway infra/public. */
const route = (rules: readonly (readonly unknown[])[], options: RouteOptions = {}): unknown => {
  const { kind = 'HTTPRoute', name = 'web', namespace = 'shop', hostnames, parents, spec = {} } = options;
  const created = 'created' in options ? options.created : YOUNG;
  return {
    apiVersion: GROUP,
    kind,
    metadata: { name, namespace, ...(created === undefined ? {} : { creationTimestamp: created }) },
    spec: {
      parentRefs: parents ?? [{ name: 'public', namespace: 'infra' }],
      ...(hostnames === undefined ? {} : { hostnames }),
      rules: rules.map((matches) => ({ ...(matches.length === 0 ? {} : { matches }) })),
      ...spec,
    },
  };
};

const prefix = (value: string, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  path: { type: 'PathPrefix', value },
  ...more,
});
const exact = (value: string): unknown => ({ path: { type: 'Exact', value } });
const header = (name: string, value: string, type = 'Exact'): unknown => ({ type, name, value });

const listener = (name: string, hostname?: string, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  name,
  port: 80,
  protocol: 'HTTP',
  allowedRoutes: { namespaces: { from: 'All' } },
  ...(hostname === undefined ? {} : { hostname }),
  ...more,
});
const gateway = (listeners: readonly unknown[] = [listener('http')], spec: Readonly<Record<string, unknown>> = {}) => ({
  apiVersion: GROUP,
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'infra' },
  spec: { gatewayClassName: 'core', listeners, ...spec },
});
const world = gateway();
const listenerSet = (kind: string, apiVersion: string): unknown => ({
  apiVersion,
  kind,
  metadata: { name: 'more', namespace: 'infra' },
  spec: { parentRef: { name: 'public' }, listeners: [listener('more')] },
});
const old = (rules: readonly (readonly unknown[])[], options: RouteOptions = {}): unknown =>
  route(rules, { name: 'old', created: OLD, ...options });

const shadowed = (rule: number, match: string, winner: string, reason: string, certain = true): ExpectedFinding => ({
  rule: 'shadowed',
  path: `spec.rules[${rule}]`,
  message: `spec.rules[${rule}] never gets a request: requests for ${match} go to ${winner}, which ${reason}. Remove the rule, or let it ask for something else`,
  certain,
});
const duplicate = (at: string, other: string, match: string, outcome: string): ExpectedFinding => ({
  rule: 'duplicate',
  path: `spec.${at}`,
  message: `spec.${at}: ${other} asks for ${match} too; ${outcome}. Keep one of the two`,
});

const OWN = 'an earlier rule of this route';
const HIDDEN = 'an object in another namespace';
const EARLIER = 'comes first';
const A = 'paths under "/a"';
const OPEN = 'which of the two gets the requests is left to the controller';
const X64 = Array.from({ length: 64 }, (_, at) => prefix(`/x${at}`));
const asksX64 = Array.from({ length: MATCHES_COMPARED / 64 }, (_, at) =>
  old([X64], { name: `r${at}`, namespace: 'crowd' }),
);
const asksOther = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, at) =>
    old([], { kind: 'GRPCRoute', name: `r${at}`, hostnames: ['a.example'], namespace: 'crowd' }),
  );
const selecting = { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { gate: 'open' } } } } };

policyTable(routePrecedence, {
  documents: [{ name: 'precedence', spec: {} }],
  valid: [
    { name: 'another path', object: route([[prefix('/a')], [prefix('/b')]]), state: [world] },
    { name: 'a narrower prefix takes its part', object: route([[prefix('/')], [prefix('/a')]]), state: [world] },
    { name: 'an exact path takes its part', object: route([[prefix('/a')], [exact('/a')]]), state: [world] },
    { name: 'an exact path with a slash is another', object: route([[exact('/a')], [exact('/a/')]]), state: [world] },
    { name: 'a path in another case', object: route([[exact('/a')], [exact('/A')]]), state: [world] },
    {
      name: 'a method takes its part',
      object: route([[prefix('/a')], [prefix('/a', { method: 'GET' })]]),
      state: [world],
    },
    {
      name: 'a header takes its part',
      object: route([[prefix('/a')], [prefix('/a', { headers: [header('x', '1')] })]]),
      state: [world],
    },
    {
      name: 'a header of another value',
      object: route([[prefix('/a', { headers: [header('x', '1')] })], [prefix('/a', { headers: [header('x', '2')] })]]),
      state: [world],
    },
    {
      name: 'a query parameter takes its part, in its own case',
      object: route([
        [prefix('/a')],
        [prefix('/a', { queryParams: [header('q', '1')] })],
        [prefix('/a', { queryParams: [header('Q', '1')] })],
      ]),
      state: [world],
    },
    {
      name: 'regular expressions mean what the implementation says',
      object: route([
        [{ path: { type: 'RegularExpression', value: '/.*' } }],
        [{ path: { type: 'RegularExpression', value: '/.*' } }],
        [prefix('/a', { headers: [header('x', '(a+)+$', 'RegularExpression')] })],
        [prefix('/a', { headers: [header('x', '(a+)+$', 'RegularExpression')] })],
        [prefix('/a', { queryParams: [header('q', '.', 'RegularExpression')] })],
        [prefix('/a', { queryParams: [header('q', '.', 'RegularExpression')] })],
      ]),
      state: [world],
    },
    {
      name: 'one match twice in one rule',
      object: route([[prefix('/a'), prefix('/a/')]]),
      state: [world],
    },
    {
      name: 'a route without parents',
      object: route([[prefix('/a')]], { parents: [] }),
      state: [old([[prefix('/a')]])],
    },
    {
      name: 'another hostname',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [world, old([[prefix('/a')]], { hostnames: ['b.example'] })],
    },
    {
      name: 'a wider hostname leaves the narrower one its part',
      object: route([[prefix('/a')]], { hostnames: ['*.example'] }),
      state: [world, old([[prefix('/a')]], { hostnames: ['a.example'] })],
    },
    {
      name: 'a hostless route beside one with a hostname',
      object: route([[prefix('/a')]]),
      state: [world, old([[prefix('/a')]], { hostnames: ['a.example'] })],
    },
    {
      name: 'another Gateway',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [
        world,
        old([[prefix('/a')]], { hostnames: ['a.example'], parents: [{ name: 'other', namespace: 'infra' }] }),
      ],
    },
    {
      name: 'another listener of the Gateway',
      object: route([[prefix('/a')]], { parents: [{ name: 'public', namespace: 'infra', sectionName: 'one' }] }),
      state: [
        gateway([listener('one'), listener('two', undefined, { port: 8080 })]),
        old([[prefix('/a')]], { parents: [{ name: 'public', namespace: 'infra', sectionName: 'two' }] }),
      ],
    },
    {
      name: 'a listener that does not admit the other route',
      object: route([[prefix('/a')]], { namespace: 'infra' }),
      state: [
        gateway([listener('http', undefined, { allowedRoutes: { namespaces: { from: 'Same' } } })]),
        old([[prefix('/a')]]),
      ],
    },
    {
      name: 'a GRPCRoute beside an HTTPRoute',
      object: route([[{ method: { service: 'a' } }]], { kind: 'GRPCRoute' }),
      state: [world, old([[prefix('/a')]])],
    },
    {
      name: 'methods of one service',
      object: route(
        [
          [{ method: { service: 's', method: 'a' } }],
          [{ method: { service: 's' } }],
          [{ method: { method: 'a' } }],
          [],
        ],
        {
          kind: 'GRPCRoute',
        },
      ),
      state: [world],
    },
    {
      name: 'a regular expression in a GRPCRoute',
      object: route(
        [
          [{ method: { type: 'RegularExpression', service: '.*' } }],
          [{ method: { type: 'RegularExpression', service: '.*' } }],
          [{ headers: [header('x', '.', 'RegularExpression')] }],
          [{ headers: [header('x', '.', 'RegularExpression')] }],
        ],
        { kind: 'GRPCRoute' },
      ),
      state: [world],
    },
    {
      name: 'a crowd of another kind beyond what is passed over',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [
        world,
        ...asksOther(PASSED_OVER + 1),
        old([[prefix('/a')]], { hostnames: ['a.example'], namespace: 'late' }),
      ],
    },
    {
      name: 'a crowd beyond the bound',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [
        world,
        ...Array.from({ length: RULES_COMPARED }, (_, at) =>
          old([[prefix(`/x${at}`)]], { name: `r${at}`, hostnames: ['a.example'], namespace: 'crowd' }),
        ),
        old([[prefix('/a')]], { hostnames: ['a.example'], namespace: 'late' }),
      ],
    },
  ],
  invalid: [
    {
      name: 'a rule after its twin',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/a')]]),
      state: [],
      expect: [shadowed(2, A, OWN, EARLIER)],
    },
    {
      name: 'a rule after one that spells its headers and parameters otherwise',
      object: route([
        [
          prefix('/a', {
            method: 'GET',
            headers: [header('X', '1'), header('b', '2')],
            queryParams: [header('q', '1'), header('p', '1')],
          }),
        ],
        [
          prefix('/a', {
            method: 'GET',
            headers: [header('B', '2'), header('x', '1')],
            queryParams: [header('p', '1'), header('q', '1')],
          }),
        ],
      ]),
      state: [],
      expect: [
        shadowed(
          1,
          `${A}, method GET, header ["b","2"], header ["x","1"], query ["p","1"], query ["q","1"]`,
          OWN,
          EARLIER,
        ),
      ],
    },
    {
      name: 'defaults: no matches are the prefix /',
      object: route([
        [],
        [prefix('/')],
        [{ headers: [header('x', '1')] }],
        [prefix('/', { headers: [header('x', '1')] })],
      ]),
      state: [],
      expect: [
        shadowed(1, 'paths under "/"', OWN, EARLIER),
        shadowed(3, 'paths under "/", header ["x","1"]', OWN, EARLIER),
      ],
    },
    {
      name: 'a rule whose matches are all taken, each by another rule',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/b'), prefix('/a')]]),
      state: [],
      expect: [shadowed(2, 'paths under "/b" (and 1 more)', OWN, EARLIER)],
    },
    {
      name: 'a rule with one match that is taken and one that is not',
      object: route([[prefix('/a')], [prefix('/a'), prefix('/b')]]),
      state: [],
      expect: [duplicate('rules[1].matches[0]', OWN, A, 'it gets the requests, since it comes first')],
    },
    {
      name: 'a taken match beside a regular expression',
      object: route([[prefix('/a')], [prefix('/a'), { path: { type: 'RegularExpression', value: '/b' } }]]),
      state: [],
      expect: [duplicate('rules[1].matches[0]', OWN, A, 'it gets the requests, since it comes first')],
    },
    {
      name: 'a trailing slash that may or may not count',
      object: route([[prefix('/a')], [prefix('/a/')], [prefix('/a/')]]),
      state: [],
      expect: [duplicate('rules[1].matches[0]', OWN, A, OPEN), shadowed(2, A, OWN, EARLIER)],
    },
    {
      name: 'a trailing slash that only helps the earlier rule',
      object: route([[prefix('/a/')], [prefix('/a')]]),
      state: [],
      expect: [shadowed(1, A, OWN, EARLIER)],
    },
    {
      name: 'a header that is named twice, which may or may not count',
      object: route([
        [prefix('/a', { headers: [header('x', '1')] })],
        [prefix('/a', { headers: [header('x', '1'), header('X', '2')] })],
      ]),
      state: [],
      expect: [duplicate('rules[1].matches[0]', OWN, `${A}, header ["x","1"]`, OPEN)],
    },
    {
      name: 'an older route',
      object: route([[prefix('/a')]]),
      state: [world, old([[prefix('/b')], [prefix('/a')]])],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'an older route of another namespace, which stays unnamed',
      object: route([[prefix('/a')]]),
      state: [world, old([[prefix('/a')]], { namespace: 'other' })],
      expect: [shadowed(0, A, 'an object in another namespace', 'is older')],
    },
    {
      name: 'an older route of another namespace, named where the document says so',
      documents: [{ name: 'precedence', spec: { disclose: 'Objects', action: 'Deny' } }],
      object: route([[prefix('/a')]]),
      state: [world, old([[prefix('/a')]], { namespace: 'other' })],
      expect: [shadowed(0, A, 'HTTPRoute other/old', 'is older')],
    },
    {
      name: 'a younger route, which stays silent',
      object: route([[prefix('/a')]], { created: OLD }),
      state: [world, old([[prefix('/a')]], { created: YOUNG })],
      expect: [
        duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, 'this route gets the requests, since it is older'),
      ],
    },
    {
      name: 'a route of the same second, first by name',
      object: route([[prefix('/a')]]),
      state: [world, old([[prefix('/a')]], { created: YOUNG })],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is of the same age and comes first by name')],
    },
    {
      name: 'a route that does not exist yet, against one that does',
      object: route([[prefix('/a')]], { created: undefined, name: 'a' }),
      state: [world, old([[prefix('/a')]])],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'two routes that do not exist yet',
      object: route([[prefix('/a')]], { created: undefined }),
      state: [world, old([[prefix('/a')]], { created: undefined })],
      expect: [
        duplicate(
          'rules[0].matches[0]',
          'HTTPRoute shop/old',
          A,
          'the one that is created first will get the requests',
        ),
      ],
    },
    {
      name: 'a manifest of an older route that does not say its age',
      object: route([[prefix('/a')]], { created: undefined, name: 'old' }),
      oldObject: old([[prefix('/b')]]),
      state: [world, route([[prefix('/a')]])],
      expect: [
        duplicate('rules[0].matches[0]', 'HTTPRoute shop/web', A, 'this route gets the requests, since it is older'),
      ],
    },
    {
      name: 'an UPDATE that moves weights only, of a rule that was taken before',
      object: route([[prefix('/a')]], {
        spec: { rules: [{ matches: [prefix('/a')], backendRefs: [{ name: 'new', port: 80, weight: 50 }] }] },
      }),
      oldObject: route([[prefix('/a')]], {
        spec: { rules: [{ matches: [prefix('/a')], backendRefs: [{ name: 'new', port: 80, weight: 10 }] }] },
      }),
      state: [world, old([[prefix('/a')]])],
      expect: [{ ...shadowed(0, A, 'HTTPRoute shop/old', 'is older'), relief: 'ratcheted' }],
    },
    {
      name: 'an UPDATE that takes from a rule one of the matches that were taken before',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/b')]]),
      oldObject: route([[prefix('/a')], [prefix('/b')], [prefix('/a'), prefix('/b')]]),
      state: [],
      expect: [{ ...shadowed(2, 'paths under "/b"', OWN, EARLIER), relief: 'ratcheted' }],
    },
    {
      name: 'an UPDATE that gives such a rule another match that is taken',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/a'), prefix('/b')]]),
      oldObject: route([[prefix('/a')], [prefix('/b')], [prefix('/a')]]),
      state: [],
      expect: [shadowed(2, `${A} (and 1 more)`, OWN, EARLIER)],
    },
    {
      name: 'an UPDATE that gives such a rule a match that nobody takes',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/a'), prefix('/c')]]),
      oldObject: route([[prefix('/a')], [prefix('/b')], [prefix('/a')]]),
      state: [],
      expect: [
        {
          ...duplicate('rules[2].matches[0]', OWN, A, `it gets the requests, since it ${EARLIER}`),
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'an UPDATE that gives such a rule a match that nobody takes, and another that is taken',
      object: route([[prefix('/a')], [prefix('/b')], [prefix('/b'), prefix('/c')]]),
      oldObject: route([[prefix('/a')], [prefix('/b')], [prefix('/a')]]),
      state: [],
      expect: [duplicate('rules[2].matches[0]', OWN, 'paths under "/b"', `it gets the requests, since it ${EARLIER}`)],
    },
    {
      name: 'an UPDATE that leaves such a rule, and asks for the same beside it',
      object: route([[prefix('/a')], [prefix('/a'), prefix('/c')], [prefix('/a')]]),
      oldObject: route([[prefix('/a')], [prefix('/a')]]),
      state: [],
      expect: [
        duplicate('rules[1].matches[0]', OWN, A, `it gets the requests, since it ${EARLIER}`),
        { ...shadowed(2, A, OWN, EARLIER), relief: 'ratcheted' },
      ],
    },
    {
      name: 'the same, where an exemption covers the rule that it leaves',
      object: route([[prefix('/a')], [prefix('/a'), prefix('/c')], [prefix('/a')]]),
      oldObject: route([[prefix('/a')], [prefix('/a')]]),
      state: [],
      exemptions: [
        {
          name: 'dead',
          policies: [{ kind: 'RoutePrecedence', name: 'precedence', rules: ['shadowed'] }],
          match: { names: [] },
          reason: 'moves',
          ticket: undefined,
          expires: 1,
        },
      ],
      expect: [
        duplicate('rules[1].matches[0]', OWN, A, `it gets the requests, since it ${EARLIER}`),
        { ...shadowed(2, A, OWN, EARLIER), relief: 'exempted' },
      ],
    },
    {
      name: 'the same, where the document does not speak of the rule that it leaves',
      documents: [{ name: 'precedence', spec: { rules: { shadowed: 'Disabled' } } }],
      object: route([[prefix('/a')], [prefix('/a'), prefix('/c')], [prefix('/a')]]),
      oldObject: route([[prefix('/a')], [prefix('/a')]]),
      state: [],
      expect: [duplicate('rules[1].matches[0]', OWN, A, `it gets the requests, since it ${EARLIER}`)],
    },
    {
      name: 'an UPDATE that takes from such a rule the match that nobody took',
      object: route([[prefix('/a')], [prefix('/a')]]),
      oldObject: route([[prefix('/a')], [prefix('/a'), prefix('/c')]]),
      state: [],
      expect: [shadowed(1, A, OWN, EARLIER)],
    },
    {
      name: 'an UPDATE that puts a rule before a twin',
      object: route([[prefix('/c')], [prefix('/a')], [prefix('/a')]]),
      oldObject: route([[prefix('/a')], [prefix('/a')]]),
      state: [],
      expect: [{ ...shadowed(2, A, OWN, EARLIER), relief: 'ratcheted' }],
    },
    {
      name: 'an UPDATE that takes requests from a second route in another namespace, which has no name',
      object: route([[prefix('/a')]], { hostnames: ['a.example', 'b.example'], created: OLD }),
      oldObject: route([[prefix('/a')]], { hostnames: ['a.example'], created: OLD }),
      state: [
        world,
        route([[prefix('/a')]], { hostnames: ['a.example'], namespace: 'one' }),
        route([[prefix('/a')]], { hostnames: ['b.example'], namespace: 'two' }),
      ],
      expect: [duplicate('rules[0].matches[0]', HIDDEN, A, 'this route gets the requests, since it is older')],
    },
    {
      name: 'an UPDATE that takes requests of a second hostname from the same route',
      object: route([[prefix('/a')]], { hostnames: ['a.example', 'b.example'], created: OLD }),
      oldObject: route([[prefix('/a')]], { hostnames: ['b.example'], created: OLD }),
      state: [world, route([[prefix('/a')]], { hostnames: ['a.example', 'b.example'], namespace: 'one' })],
      expect: [duplicate('rules[0].matches[0]', HIDDEN, A, 'this route gets the requests, since it is older')],
    },
    {
      name: 'an UPDATE that lets go of one of two',
      object: route([[prefix('/a')]], { hostnames: ['b.example'], created: OLD }),
      oldObject: route([[prefix('/a')]], { hostnames: ['a.example', 'b.example'], created: OLD }),
      state: [
        world,
        route([[prefix('/a')]], { hostnames: ['a.example'], namespace: 'one' }),
        route([[prefix('/a')]], { hostnames: ['b.example'], namespace: 'two' }),
      ],
      expect: [
        {
          ...duplicate('rules[0].matches[0]', HIDDEN, A, 'this route gets the requests, since it is older'),
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'taken on one of two listeners',
      object: route([[prefix('/a')]]),
      state: [
        gateway([listener('one'), listener('two', undefined, { port: 8080 })]),
        old([[prefix('/a')]], { parents: [{ name: 'public', namespace: 'infra', sectionName: 'two' }] }),
      ],
      expect: [duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, 'it gets the requests, since it is older')],
    },
    {
      name: 'taken on both listeners, by two routes',
      object: route([[prefix('/a')]]),
      state: [
        gateway([listener('one'), listener('two', undefined, { port: 8080 })]),
        old([[prefix('/a')]], { parents: [{ name: 'public', namespace: 'infra', sectionName: 'two' }] }),
        old([[prefix('/a')]], { parents: [{ name: 'public', namespace: 'infra', sectionName: 'one' }], name: 'first' }),
      ],
      expect: [shadowed(0, A, 'HTTPRoute shop/first', 'is older')],
    },
    {
      name: 'taken under one of two hostnames',
      object: route([[prefix('/a')]], { hostnames: ['a.example', 'b.example'] }),
      state: [world, old([[prefix('/a')]], { hostnames: ['b.example'] })],
      expect: [duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, 'it gets the requests, since it is older')],
    },
    {
      name: 'taken on the Gateway and served by a mesh',
      object: route([[prefix('/a')]], {
        parents: [
          { name: 'public', namespace: 'infra' },
          { group: '', kind: 'Service', name: 'web' },
        ],
      }),
      state: [world, old([[prefix('/a')]])],
      expect: [duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, 'it gets the requests, since it is older')],
    },
    {
      name: 'taken on one Gateway, while another of its parents is out of sight',
      object: route([[prefix('/a')]], {
        parents: [{ name: 'public', namespace: 'infra' }, { name: 'elsewhere' }],
      }),
      state: [world, old([[prefix('/a')]])],
      visibility: { Gateway: 'some' },
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older', false)],
    },
    {
      name: 'default Gateways, some of them out of sight',
      object: route([[prefix('/a')]], { parents: [], spec: { useDefaultGateways: 'All' } }),
      state: [
        gateway([listener('http')], { defaultScope: 'All' }),
        old([[prefix('/a')]], { parents: [], spec: { useDefaultGateways: 'All' } }),
      ],
      visibility: { Gateway: 'some' },
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older', false)],
    },
    {
      name: 'a listener that admits by labels out of sight',
      object: route([[prefix('/a')]]),
      state: [gateway([listener('http', undefined, selecting)]), old([[prefix('/a')]])],
      visibility: { Namespace: 'some' },
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older', false)],
    },
    {
      name: 'a listener that admits by labels out of sight, where the declared hostname may count',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [gateway([listener('http', 'a.example', selecting)]), old([[prefix('/a')]])],
      visibility: { Namespace: 'some' },
      expect: [{ ...duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, OPEN), certain: false }],
    },
    {
      name: 'default Gateways beside one by name, all but one out of sight',
      object: route([[prefix('/a')]], { parents: [{ name: 'elsewhere' }], spec: { useDefaultGateways: 'All' } }),
      state: [
        gateway([listener('http')], { defaultScope: 'All' }),
        old([[prefix('/a')]], { parents: [], spec: { useDefaultGateways: 'All' } }),
      ],
      visibility: { Gateway: 'some' },
      restsOn: ['Gateway shop/elsewhere', 'Gateway '],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older', false)],
    },
    {
      name: 'an older route behind one that is not yet created either',
      object: route([[prefix('/a')]], { created: undefined }),
      state: [world, route([[prefix('/a')]], { name: 'new', created: undefined }), old([[prefix('/a')]])],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'two hostless routes on a listener with a hostname',
      object: route([[prefix('/a')]]),
      state: [gateway([listener('http', 'a.example')]), old([[prefix('/a')]])],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'an older route with the hostname of the listener, a hostless one',
      object: route([[prefix('/a')]]),
      state: [gateway([listener('http', 'a.example')]), old([[prefix('/a')]], { hostnames: ['A.example'] })],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'an older hostless route, where the declared hostname may count',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [gateway([listener('http', 'a.example')]), old([[prefix('/a')]])],
      expect: [duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, OPEN)],
    },
    {
      name: 'a wildcard that the listener narrows to the same hostname',
      object: route([[prefix('/a')]], { hostnames: ['*.example'] }),
      state: [
        gateway([listener('http', 'a.example')]),
        old([[prefix('/a')]], { hostnames: ['a.example', '*.example'] }),
      ],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'the wildcard of the listener, asked for by a wider wildcard',
      object: route([[prefix('/a')]], { hostnames: ['*.a.example'] }),
      state: [gateway([listener('http', '*.a.example')]), old([[prefix('/a')]], { hostnames: ['*.example'] })],
      expect: [duplicate('rules[0].matches[0]', 'HTTPRoute shop/old', A, OPEN)],
    },
    ...[
      ['ListenerSet', GROUP],
      ['XListenerSet', 'gateway.networking.x-k8s.io/v1alpha1'],
    ].map(([kind = '', apiVersion = '']) => {
      const parents = [{ group: apiVersion.split('/')[0], kind, name: 'more', namespace: 'infra' }];
      return {
        name: `on a ${kind}`,
        object: route([[prefix('/a')]], { parents }),
        state: [world, listenerSet(kind, apiVersion), old([[prefix('/a')]], { parents })],
        expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')] as const,
      };
    }),
    {
      name: 'GRPCRoutes',
      object: route(
        [
          [{ method: { service: 's', method: 'm' }, headers: [header('x', '1')] }],
          [{ method: { type: 'Exact', service: 's' } }],
          [],
          [{}],
        ],
        { kind: 'GRPCRoute' },
      ),
      state: [
        world,
        old([[{ method: { type: 'Exact', service: 's', method: 'm' }, headers: [header('X', '1')] }]], {
          kind: 'GRPCRoute',
        }),
        old([[{ method: { service: 's' } }], []], {
          kind: 'GRPCRoute',
          name: 'young',
          created: '2026-03-01T00:00:00Z',
        }),
      ],
      expect: [
        shadowed(0, 'service "s", method "m", header ["x","1"]', 'GRPCRoute shop/old', 'is older'),
        duplicate(
          'rules[1].matches[0]',
          'GRPCRoute shop/young',
          'service "s"',
          'this route gets the requests, since it is older',
        ),
        duplicate(
          'rules[2].matches[0]',
          'GRPCRoute shop/young',
          'everything',
          'this route gets the requests, since it is older',
        ),
        shadowed(3, 'everything', OWN, EARLIER),
      ],
    },
    {
      name: 'a crowd up to the bound, its own namespace first',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [
        world,
        ...Array.from({ length: RULES_COMPARED }, (_, at) =>
          old([[prefix(`/x${at}`)]], { name: `r${at}`, hostnames: ['a.example'], namespace: 'crowd' }),
        ),
        old([[prefix('/a')]], { hostnames: ['a.example'] }),
      ],
      expect: [shadowed(0, A, 'HTTPRoute shop/old', 'is older')],
    },
    {
      name: 'a crowd of another kind',
      object: route([[prefix('/a')]], { hostnames: ['a.example'] }),
      state: [
        world,
        ...asksOther(RULES_COMPARED),
        old([[prefix('/a')]], { hostnames: ['a.example'], namespace: 'late' }),
      ],
      expect: [shadowed(0, A, HIDDEN, 'is older')],
    },
    {
      name: 'matches beyond the bound',
      object: route([X64, [prefix('/a')]]),
      state: [world, ...asksX64, old([[prefix('/a')]], { namespace: 'late' })],
      expect: [shadowed(0, 'paths under "/x0" (and 63 more)', HIDDEN, 'is older')],
    },
    {
      name: 'matches up to the bound',
      object: route([X64, [prefix('/a')]]),
      state: [world, ...asksX64.slice(1), old([[prefix('/a')]], { namespace: 'late' })],
      expect: [shadowed(0, 'paths under "/x0" (and 63 more)', HIDDEN, 'is older'), shadowed(1, A, HIDDEN, 'is older')],
    },
  ],
});

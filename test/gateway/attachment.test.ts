import { describe, expect, test } from 'vitest';
import { attach, attachments, isParent, parentsOf, type LabelSelector, type Snapshot } from '#gateway';
import {
  gateway,
  listener,
  listenerSet,
  make,
  namespace,
  service,
  shortStatus,
  type Fields,
} from '../support/gatewayObjects.ts';
import { objectOf, routeIn, storeOf } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io';
const web = service('shop/web', 80);
const rules = [{ backendRefs: [{ name: 'web', port: 80 }] }];

function httpRoute(at: string, parents: readonly Fields[], spec: Fields = {}): Fields {
  return make('HTTPRoute', at, { spec: { parentRefs: parents, rules, ...spec } });
}

interface Row {
  readonly name: string;
  readonly world: readonly Fields[];
  readonly expect: Readonly<Record<string, readonly string[]>>;
}

function selectorRow(name: string, selector: LabelSelector | undefined, labels: Fields, expected: string): Row {
  const allowedRoutes = { namespaces: { from: 'Selector', ...(selector === undefined ? {} : { selector }) } };
  return {
    name: `selector: ${name}`,
    world: [
      namespace('shop', labels),
      web,
      gateway('infra/g', [listener('a', { allowedRoutes })]),
      httpRoute('shop/r', [{ namespace: 'infra', name: 'g' }]),
    ],
    expect: { 'HTTPRoute shop/r': [`Gateway infra/g: ${expected}`] },
  };
}

const refused = 'Accepted=False/NotAllowedByListeners';

const rows: readonly Row[] = [
  selectorRow('matchLabels', { matchLabels: { a: '1' } }, { a: '1' }, 'ok'),
  selectorRow('matchLabels, another value', { matchLabels: { a: '1' } }, { a: '2' }, refused),
  selectorRow(
    'all terms',
    { matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] },
    { a: '1' },
    refused,
  ),
  selectorRow(
    'NotIn holds for an absent key',
    { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] },
    {},
    'ok',
  ),
  selectorRow('NotIn without values', { matchExpressions: [{ key: 'a', operator: 'NotIn', values: [] }] }, {}, refused),
  selectorRow(
    'Exists with values',
    { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['1'] }] },
    { a: '1' },
    refused,
  ),
  selectorRow('NotIn', { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, { a: '1' }, refused),
  selectorRow('DoesNotExist', { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, {}, 'ok'),
  selectorRow(
    'DoesNotExist, it does',
    { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] },
    { a: '' },
    refused,
  ),
  selectorRow(
    'a key that no label has',
    { matchExpressions: [{ key: 'a/b c', operator: 'DoesNotExist' }] },
    {},
    refused,
  ),
  selectorRow(
    'a key as long as they come',
    { matchExpressions: [{ key: `a.b/${'c'.repeat(63)}`, operator: 'DoesNotExist' }] },
    {},
    'ok',
  ),
  selectorRow(
    'a value that no label has',
    { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1', '-'] }] },
    {},
    refused,
  ),
  selectorRow('In needs the key', { matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }] }, {}, refused),
  selectorRow('empty: everybody', {}, {}, 'ok'),
  selectorRow('absent: nobody', undefined, {}, refused),
  selectorRow(
    'label constructor is absent',
    { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
    {},
    refused,
  ),
  selectorRow('label constructor', { matchLabels: { constructor: 'x' } }, { constructor: 'x' }, 'ok'),
  selectorRow(
    'label toString is absent',
    { matchExpressions: [{ key: 'toString', operator: 'DoesNotExist' }] },
    {},
    'ok',
  ),
  selectorRow('every namespace has its name', { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }, {}, 'ok'),
  {
    name: 'a selector without from is ignored: Same',
    world: [
      namespace('shop', { a: '1' }),
      web,
      gateway('infra/g', [listener('a', { allowedRoutes: { namespaces: { selector: { matchLabels: { a: '1' } } } } })]),
      httpRoute('shop/r', [{ namespace: 'infra', name: 'g' }]),
    ],
    expect: { 'HTTPRoute shop/r': [`Gateway infra/g: ${refused}`] },
  },
  {
    name: 'labels out of sight leave it open',
    world: [
      web,
      gateway('infra/g', [
        listener('a', { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { a: '1' } } } } }),
      ]),
      httpRoute('shop/r', [{ namespace: 'infra', name: 'g' }]),
    ],
    expect: {
      'HTTPRoute shop/r': ['Gateway infra/g: Accepted=Unknown/Pending'],
      'Gateway infra/g': ['ok', 'a: ok, 0 routes'],
    },
  },
  {
    name: 'port alone, section and port on one listener, on two, and no such section',
    world: [
      web,
      gateway('shop/g', [listener('a'), listener('b', { port: 8080 })]),
      httpRoute('shop/r', [
        { name: 'g', port: 8080 },
        { name: 'g', sectionName: 'a', port: 80 },
        { name: 'g', sectionName: 'a', port: 8080 },
        { name: 'g', sectionName: 'c' },
        { name: 'g', port: 81 },
      ]),
    ],
    expect: {
      'HTTPRoute shop/r': [
        'Gateway g:8080: ok',
        'Gateway g#a:80: ok',
        'Gateway g#a:8080: Accepted=False/NoMatchingParent',
        'Gateway g#c: Accepted=False/NoMatchingParent',
        'Gateway g:81: Accepted=False/NoMatchingParent',
      ],
      'Gateway shop/g': ['ok', 'a: ok, 1 routes', 'b: ok, 1 routes'],
    },
  },
  {
    name: 'port alone at a ListenerSet; the Gateway never reaches it',
    world: [
      web,
      gateway('shop/g', [listener('a')], { allowedListeners: { namespaces: { from: 'Same' } } }),
      listenerSet('shop/s', 'shop/g', [listener('b', { port: 8080 })]),
      httpRoute('shop/r', [
        { group: GROUP, kind: 'ListenerSet', name: 's', port: 8080 },
        { group: GROUP, kind: 'ListenerSet', name: 's', port: 80 },
        { name: 'g', sectionName: 'b' },
        { name: 'g', port: 8080 },
      ]),
    ],
    expect: {
      'HTTPRoute shop/r': [
        'ListenerSet s:8080: ok',
        'ListenerSet s:80: Accepted=False/NoMatchingParent',
        'Gateway g#b: Accepted=False/NoMatchingParent',
        'Gateway g:8080: Accepted=False/NoMatchingParent',
      ],
      'Gateway shop/g': ['ok, 1 sets', 'a: ok, 0 routes'],
      'ListenerSet shop/s': ['ok', 'b: ok, 1 routes'],
    },
  },
  {
    name: 'a missing parent, a Service, a foreign kind and a ListenerSet without Gateway have no entry',
    world: [
      web,
      listenerSet('shop/s', 'shop/none', [listener('b')]),
      httpRoute('shop/r', [
        { name: 'none' },
        { group: '', kind: 'Service', name: 'web' },
        { group: 'example.com', kind: 'Mesh', name: 'm' },
        { group: GROUP, kind: 'ListenerSet', name: 's' },
      ]),
    ],
    expect: { 'HTTPRoute shop/r': [], 'ListenerSet shop/s': ['no status'] },
  },
  {
    name: 'one parent twice, with and without its own namespace, is two entries and one attached route',
    world: [
      web,
      gateway('shop/g', [listener('a')]),
      httpRoute('shop/r', [{ name: 'g' }, { namespace: 'shop', name: 'g' }]),
    ],
    expect: {
      'HTTPRoute shop/r': ['Gateway g: ok', 'Gateway shop/g: ok'],
      'Gateway shop/g': ['ok', 'a: ok, 1 routes'],
    },
  },
  {
    name: 'a route on a ListenerSet that is not allowed is judged as usual',
    world: [
      web,
      gateway('shop/g', [listener('a')]),
      listenerSet('shop/s', 'shop/g', [listener('b', { port: 8080 })]),
      httpRoute('shop/r', [{ group: GROUP, kind: 'ListenerSet', name: 's' }]),
    ],
    expect: { 'HTTPRoute shop/r': ['ListenerSet s: ok'], 'ListenerSet shop/s': ['Accepted=False/NotAllowed'] },
  },
  {
    name: 'Same is the namespace of the ListenerSet, not of its Gateway',
    world: [
      web,
      gateway('infra/g', [listener('a')], { allowedListeners: { namespaces: { from: 'All' } } }),
      listenerSet('shop/s', 'infra/g', [{ name: 'b', port: 8080, protocol: 'HTTP' }]),
      httpRoute('shop/r', [{ group: GROUP, kind: 'ListenerSet', name: 's' }]),
      httpRoute('infra/r', [{ group: GROUP, kind: 'ListenerSet', namespace: 'shop', name: 's' }], { rules: [{}] }),
    ],
    expect: {
      'HTTPRoute shop/r': ['ListenerSet s: ok'],
      'HTTPRoute infra/r': [`ListenerSet shop/s: ${refused}`],
    },
  },
  {
    name: 'one listener refuses the namespace, the other the hostname: the later stage is the reason',
    world: [
      web,
      gateway('infra/g', [
        listener('a', { allowedRoutes: { namespaces: { from: 'Same' } }, hostname: 'a.example.com' }),
        listener('b', { hostname: 'b.example.com' }),
      ]),
      httpRoute('shop/r', [{ namespace: 'infra', name: 'g' }], { hostnames: ['a.example.com'] }),
    ],
    expect: { 'HTTPRoute shop/r': ['Gateway infra/g: Accepted=False/NoMatchingListenerHostname'] },
  },
  {
    name: 'a GRPCRoute has hostnames too; TCP and UDP have none',
    world: [
      gateway('shop/g', [
        listener('a', { hostname: 'a.example.com' }),
        listener('t', { port: 5432, protocol: 'TCP' }),
        listener('u', { port: 53, protocol: 'UDP' }),
      ]),
      make('GRPCRoute', 'shop/r', { spec: { parentRefs: [{ name: 'g' }], hostnames: ['b.example.com'] } }),
      make('TCPRoute', 'shop/t', { spec: { parentRefs: [{ name: 'g' }], rules: [{ backendRefs: [] }] } }),
      make('UDPRoute', 'shop/u', {
        spec: { parentRefs: [{ name: 'g', sectionName: 't' }], rules: [{ backendRefs: [] }] },
      }),
    ],
    expect: {
      'GRPCRoute shop/r': ['Gateway g: Accepted=False/NoMatchingListenerHostname'],
      'TCPRoute shop/t': ['Gateway g: ok'],
      'UDPRoute shop/u': [`Gateway g#t: ${refused}`],
    },
  },
  {
    name: 'a TLSRoute without hostnames, as v1alpha2 allows, attaches to what the listener serves',
    world: [
      gateway('shop/g', [listener('a', { protocol: 'TLS', tls: { mode: 'Passthrough' }, hostname: '*.example.com' })]),
      {
        ...make('TLSRoute', 'shop/r', { spec: { parentRefs: [{ name: 'g' }], rules: [{}] } }),
        apiVersion: `${GROUP}/v1alpha2`,
      },
    ],
    expect: { 'TLSRoute shop/r': ['Gateway g: ok'], 'Gateway shop/g': ['ok', 'a: ok, 1 routes'] },
  },
  {
    name: 'useDefaultGateways: every default Gateway, allowedRoutes as ever, and no entry twice',
    world: [
      web,
      gateway('infra/open', [listener('a')], { defaultScope: 'All' }),
      gateway('infra/closed', [listener('a', { allowedRoutes: { namespaces: { from: 'Same' } } })], {
        defaultScope: 'All',
      }),
      gateway('infra/none', [listener('a')], { defaultScope: 'None' }),
      gateway('infra/other', [listener('a')]),
      make('HTTPRoute', 'shop/default', { spec: { useDefaultGateways: 'All', rules } }),
      make('HTTPRoute', 'shop/both', {
        spec: { useDefaultGateways: 'All', parentRefs: [{ namespace: 'infra', name: 'open' }], rules },
      }),
      make('HTTPRoute', 'shop/not', { spec: { useDefaultGateways: 'None', rules } }),
    ],
    expect: {
      'HTTPRoute shop/default': [`Gateway infra/closed: ${refused}`, 'Gateway infra/open: ok'],
      'HTTPRoute shop/both': ['Gateway infra/open: ok', `Gateway infra/closed: ${refused}`],
      'HTTPRoute shop/not': [],
      'Gateway infra/open': ['ok', 'a: ok, 2 routes'],
      'Gateway infra/none': ['ok', 'a: ok, 0 routes'],
    },
  },
  {
    name: 'an HTTPRoute and a GRPCRoute on one hostname are both accepted',
    world: [
      web,
      gateway('shop/g', [listener('a')]),
      httpRoute('shop/h', [{ name: 'g' }], { hostnames: ['a.example.com'] }),
      make('GRPCRoute', 'shop/r', { spec: { parentRefs: [{ name: 'g' }], hostnames: ['a.example.com'] } }),
    ],
    expect: {
      'HTTPRoute shop/h': ['Gateway g: ok'],
      'GRPCRoute shop/r': ['Gateway g: ok'],
      'Gateway shop/g': ['ok', 'a: ok, 2 routes'],
    },
  },
  {
    name: 'UnsupportedValue when no rule can be accepted, PartiallyInvalid when some can',
    world: [
      web,
      gateway('shop/g', [listener('a')]),
      httpRoute('shop/all', [{ name: 'g' }], { rules: [{ matches: [{ path: { type: 'Glob', value: '/' } }] }] }),
      httpRoute('shop/some', [{ name: 'g' }], { rules: [{ filters: [{ type: 'Teleport' }] }, {}] }),
    ],
    expect: {
      'HTTPRoute shop/all': ['Gateway g: Accepted=False/UnsupportedValue'],
      'HTTPRoute shop/some': ['Gateway g: PartiallyInvalid=True/UnsupportedValue'],
      'Gateway shop/g': ['ok', 'a: ok, 1 routes'],
    },
  },
  {
    name: 'IncompatibleFilters: a redirect of a backendRef beside a rewrite of its rule',
    world: [
      web,
      gateway('shop/g', [listener('a')]),
      httpRoute('shop/r', [{ name: 'g' }], {
        rules: [
          {
            filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'b.example.com' } }],
            backendRefs: [
              { name: 'web', port: 80, filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] },
            ],
          },
        ],
      }),
    ],
    expect: { 'HTTPRoute shop/r': ['Gateway g: Accepted=False/IncompatibleFilters'] },
  },
];

describe('A34 A35 attachment', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const found = shortStatus(row.world);
    expect(Object.fromEntries(Object.keys(row.expect).map((key) => [key, found[key]]))).toEqual(row.expect);
  });

  const hostnameRows: readonly (readonly [
    readonly string[] | undefined,
    string | undefined,
    readonly string[] | 'none',
  ])[] = [
    [undefined, undefined, ['*']],
    [[], 'a.example.com', ['a.example.com']],
    [undefined, '*.example.com', ['*.example.com']],
    [['a.example.com'], undefined, ['a.example.com']],
    [['a.example.com'], 'a.example.com', ['a.example.com']],
    [['A.Example.com'], 'a.example.com', ['a.example.com']],
    [['a.b.example.com'], '*.example.com', ['a.b.example.com']],
    [['example.com'], '*.example.com', 'none'],
    [['aexample.com'], '*.example.com', 'none'],
    [['*.example.com'], 'a.b.example.com', ['a.b.example.com']],
    [['*.example.com'], '*.b.example.com', ['*.b.example.com']],
    [['*.b.example.com'], '*.example.com', ['*.b.example.com']],
    [['*.bexample.com'], '*.example.com', 'none'],
    [['*.example.com'], '*.example.org', 'none'],
    [['b.example.org', '*.com', 'a.example.com', 'A.example.com'], '*.example.com', ['a.example.com', '*.example.com']],
    [['10.0.0.1'], '10.0.0.1', ['10.0.0.1']],
  ];
  test.each(hostnameRows)('A33 hostnames %j at a listener for %j: %j', (hostnames, hostname, expected) => {
    const store = storeOf([
      gateway('shop/g', [listener('a', hostname === undefined ? {} : { hostname })]),
      httpRoute('shop/r', [{ name: 'g' }], hostnames === undefined ? {} : { hostnames }),
    ]);
    const [attachment] = attachments(store, routeIn(store, 'HTTPRoute', 'shop', 'r'));
    expect(attachment?.listeners.map((outcome) => outcome.hostnames)).toEqual([expected === 'none' ? [] : expected]);
    expect(attachment?.reason).toBe(expected === 'none' ? 'NoMatchingListenerHostname' : 'Accepted');
  });
});

describe('what becomes of a route that is asked for twice', () => {
  const store = storeOf([gateway('shop/g', [listener('a')]), httpRoute('shop/r', [{ name: 'g' }])]);
  const route = routeIn(store, 'HTTPRoute', 'shop', 'r');
  const { get, list, lookup, namespacesIn, sees } = store;
  const moment = (): Snapshot => ({ get, list, lookup, namespacesIn, sees, isMoment: true });
  test('is looked for again in a snapshot that may have changed, and in another moment', () => {
    const listeners = (snapshot: Snapshot): readonly (readonly string[])[] =>
      attachments(snapshot, route).map((one) => one.listeners.map(({ listener: { name } }) => name));
    expect([listeners(moment()), listeners(store)]).toEqual([[['a']], [['a']]]);
    store.put('Gateway', objectOf('Gateway', gateway('shop/g', [listener('b')])));
    expect([listeners(store), listeners(moment()), listeners(store)]).toEqual([[['b']], [['b']], [['b']]]);
    store.delete('Gateway', 'shop', 'g');
    expect([listeners(store), listeners(moment())]).toEqual([[], []]);
    store.put('Gateway', objectOf('Gateway', gateway('shop/g', [listener('a')])));
  });

  test('is worked out again in a snapshot that may have changed', () => {
    const [claimed] = parentsOf(store, route);
    if (claimed === undefined || !isParent(claimed.parent)) throw new Error('no parent');
    const { claim, parent } = claimed;
    const first = attach(store, route, claim, parent);
    expect(attach(store, route, claim, { ...parent })).toEqual(first);
    expect(attach(store, route, claim, { ...parent })).not.toBe(first);
  });

  test('is worked out once in a moment', () => {
    const now = moment();
    const [first] = attachments(now, route);
    expect(first?.reason).toBe('Accepted');
    expect(attachments(now, route)[0]).toBe(first);
    expect(attachments(now, route, { TLSRouteModeMixed: false })[0]).not.toBe(first);
    expect(attachments(now, { ...route })[0]).not.toBe(first);
    expect(attachments(store, route)[0]).not.toBe(first);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INDEXES,
  KINDS,
  KIND_NAMES,
  formatKey,
  keyOf,
  kindOf,
  parseApiVersion,
  type Index,
  type KindName,
  type Snapshot,
} from '#gateway';
import { listCluster, openLive } from '../../src/cluster/live.ts';
import { connection } from '../../src/cluster/liveConnection.ts';
import { PACE } from '../../src/cluster/liveCollection.ts';
import { loadState } from '../../src/cluster/state.ts';
import { fakeApiServer, type FakeApiServer } from '../support/fakeApiServer.ts';
import {
  gateway,
  grant,
  listener,
  listenerSet,
  make,
  namespace,
  service,
  type Fields,
} from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';
import { countsOf } from '../support/namespaceCounts.ts';

const route = (at: string, hostnames: readonly string[], backend = 'web', spec: Fields = {}): Fields =>
  make('HTTPRoute', at, {
    spec: {
      parentRefs: [{ name: 'public', namespace: 'infra' }],
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules: [{ backendRefs: [{ name: backend, namespace: 'shop', port: 80 }] }],
      ...spec,
    },
  });

/** What every maker is to show. */
const WORLD: readonly Fields[] = [
  namespace('infra', { tier: 'platform' }),
  namespace('shop'),
  namespace('pay'),
  make('GatewayClass', 'any', { spec: { controllerName: 'example.com/controller' } }),
  gateway('infra/public', [
    listener('http', { hostname: '*.example.com' }),
    listener('open', {
      port: 81,
      allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'platform' } } } },
    }),
  ]),
  listenerSet('shop/more', 'infra/public', [listener('own', { hostname: 'Own.Example.com' })]),
  service('shop/web', 80),
  grant('shop/in', ['gateway.networking.k8s.io/HTTPRoute/pay'], ['/Service/web']),
  route('shop/first', ['www.example.com', 'a.b.example.com']),
  route('shop/second', ['*.b.example.com']),
  route('shop/hostless', []),
  route('pay/third', ['WWW.example.com', '*.example.com']),
  route('pay/default', ['pay.example.org'], 'web', { useDefaultGateways: 'All', parentRefs: [] }),
];
/** What was there, and is gone. */
const GONE: readonly Fields[] = [
  route('shop/gone', ['gone.example.com']),
  route('gone/second', ['*.b.example.com', 'x.b.example.com']),
  service('gone/web', 80),
];

const kindIn = (object: Fields): KindName => {
  const kind = kindOf(parseApiVersion(String(object['apiVersion'])).group, String(object['kind']));
  if (kind === undefined) throw new Error(`unknown ${String(object['kind'])}`);
  return kind;
};
const followed = [...new Set(WORLD.map(kindIn))];
const collectionOf = (kind: KindName): string => {
  const { group, plural, versions } = KINDS[kind];
  return group === '' ? `/api/${versions[0]}/${plural}` : `/apis/${group}/${versions[0]}/${plural}`;
};

let dir = '';
let fake: FakeApiServer;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gateward-contract-'));
  await writeFile(join(dir, 'world.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: WORLD }));
  fake = await fakeApiServer();
  for (const kind of followed) fake.serve(collectionOf(kind));
  for (const object of WORLD) put(object);
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await fake.close();
  await rm(dir, { recursive: true });
});

function put(object: Fields): void {
  fake.put(collectionOf(kindIn(object)), object as unknown as Parameters<FakeApiServer['put']>[1]);
}

const connect = () => connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));

async function live(): Promise<Snapshot> {
  const view = openLive(connect(), { kinds: followed, annotations: [] }, { ...PACE, firstPause: 10, watch: 1000 });
  closing.push(view.close);
  for (let tries = 0; view.waitingFor().length > 0 && tries < 1000; tries += 1) await pause(10);
  return view.snapshot;
}

const makers: readonly (readonly [string, () => Promise<Snapshot>])[] = [
  ['a store', () => Promise.resolve(storeOf(WORLD, 'all'))],
  ['files', async () => (await loadState(dir)).store],
  ['one look at a cluster', () => listCluster(connect(), followed, AbortSignal.timeout(60_000))],
  ['a cluster that is followed', live],
  [
    'a cluster in which all came and went',
    async () => {
      const snapshot = await live();
      for (const object of GONE) put(object);
      const routes = (): number => [...snapshot.list('HTTPRoute')].length;
      for (let tries = 0; routes() < 7 && tries < 1000; tries += 1) await pause(10);
      for (const object of GONE) {
        const { namespace: inside = '', name = '' } = (object as { metadata: { namespace?: string; name?: string } })
          .metadata;
        fake.remove(collectionOf(kindIn(object)), inside, name);
      }
      for (let tries = 0; snapshot.get('Service', 'gone', 'web') !== undefined && tries < 1000; tries += 1)
        await pause(10);
      for (let tries = 0; routes() > 5 && tries < 1000; tries += 1) await pause(10);
      return snapshot;
    },
  ],
];

const found = (snapshot: Snapshot, index: Index, key: string, inside?: string): readonly string[] =>
  [...snapshot.lookup(index, key, inside)].map(({ kind, object }) => formatKey(keyOf(kind, object))).sort();

describe.each(makers)('the snapshot of %s', (_name, maker) => {
  let snapshot: Snapshot;
  beforeAll(async () => {
    snapshot = await maker();
  });

  test('has every object, by name, by namespace, and all of a kind', () => {
    expect(
      KIND_NAMES.flatMap((kind) => [...snapshot.list(kind)].map((object) => formatKey(keyOf(kind, object)))).sort(),
    ).toEqual([
      'Gateway infra/public',
      'GatewayClass any',
      'HTTPRoute pay/default',
      'HTTPRoute pay/third',
      'HTTPRoute shop/first',
      'HTTPRoute shop/hostless',
      'HTTPRoute shop/second',
      'ListenerSet shop/more',
      'Namespace infra',
      'Namespace pay',
      'Namespace shop',
      'ReferenceGrant shop/in',
      'Service shop/web',
    ]);
    expect([...snapshot.list('HTTPRoute', 'pay')].map(({ metadata }) => metadata.name).sort()).toEqual([
      'default',
      'third',
    ]);
    expect([
      snapshot.get('HTTPRoute', 'shop', 'first')?.spec.hostnames,
      snapshot.get('HTTPRoute', 'shop', 'gone'),
      snapshot.get('Namespace', '', 'infra')?.metadata.labels,
    ]).toEqual([
      ['www.example.com', 'a.b.example.com'],
      undefined,
      { tier: 'platform', 'kubernetes.io/metadata.name': 'infra' },
    ]);
  });

  test('fills in what the API server would', () => {
    expect(snapshot.get('HTTPRoute', 'shop', 'second')?.spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' }],
      hostnames: ['*.b.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ group: '', kind: 'Service', name: 'web', namespace: 'shop', port: 80, weight: 1 }],
        },
      ],
    });
  });

  const all = ['pay/default', 'pay/third', 'shop/first', 'shop/hostless', 'shop/second'].map((at) => `HTTPRoute ${at}`);
  const [byDefault = '', third = '', first = '', hostless = '', second = ''] = all;
  const lookups: readonly (readonly [keyof typeof INDEXES, string, readonly string[]])[] = [
    ['routesByParent', 'Gateway/infra/public', [third, first, hostless, second]],
    ['routesByDefaultScope', 'All', [byDefault]],
    ['listenerSetsByGateway', 'Gateway/infra/public', ['ListenerSet shop/more']],
    ['gatewaysByClass', 'any', ['Gateway infra/public']],
    ['routesByHostname', 'www.example.com', [third, first]],
    ['routesByHostname', '*.b.example.com', [second]],
    ['routesByHostname', '*', [hostless]],
    ['routesByHostname', 'gone.example.com', []],
    ['routesBelowWildcard', '*.example.com', [third, first, second]],
    ['routesBelowWildcard', '*.b.example.com', [first]],
    ['routesBelowWildcard', '*', [byDefault, third, first, second]],
    ['routesBelowWildcard', 'b.example.com', []],
    ['hostlessRoutesByParent', 'Gateway/infra/public', [hostless]],
    ['listenersByHostname', 'own.example.com', ['ListenerSet shop/more']],
    ['listenersByHostname', '*', ['Gateway infra/public']],
    ['listenersBelowWildcard', '*.example.com', ['ListenerSet shop/more']],
    ['listenersBySelectorKey', 'tier', ['Gateway infra/public']],
    ['routesByBackend', 'Service/shop/web', all],
    ['grantsBySource', 'gateway.networking.k8s.io/HTTPRoute/pay', ['ReferenceGrant shop/in']],
    ['referrersByRelation', 'gateway.networking.k8s.io/HTTPRoute/pay>shop', [byDefault, third]],
    ['referrersByRelation', 'gateway.networking.k8s.io/HTTPRoute/pay>shop>/Service/web', [byDefault, third]],
    ['referrersByRelation', 'gateway.networking.k8s.io/HTTPRoute/pay>shop>/Service/api', []],
  ];
  test.each(lookups)('%s has under %s: %j', (name, key, expected) => {
    const index: Index = INDEXES[name];
    expect(found(snapshot, index, key)).toEqual(expected);
    const inside = (namespaceOf: string): readonly string[] =>
      expected.filter((one) => one.includes(` ${namespaceOf}/`));
    expect(['infra', 'pay', 'shop'].map((one) => found(snapshot, index, key, one))).toEqual(
      ['infra', 'pay', 'shop'].map(inside),
    );
    const counts = ['infra', 'pay', 'shop'].flatMap((one) =>
      inside(one).length === 0 ? [] : [[one, inside(one).length]],
    );
    expect(countsOf(snapshot.namespacesIn(index, key))).toEqual([counts.length, ...counts]);
  });

  test('sees all of what is there, and of what is followed and is not', () => {
    expect(followed.map((kind) => snapshot.sees(kind))).toEqual(followed.map(() => 'all'));
  });
});

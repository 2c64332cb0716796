/** The live view beside a real API server that dies, forgets, refuses and goes silent; each time it ends as a fresh list shows it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parseApiVersion, type KindName, type KubeObject, type Snapshot } from '#gateway';
import { listCluster, openLive, type LiveView } from '../../src/cluster/live.ts';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { LiveCollection, PACE, versionNumber } from '../../src/cluster/liveCollection.ts';
import { listKind, resourcePath, versionNow } from '../../src/cluster/liveList.ts';
import { writtenObject } from '../../src/cluster/liveObject.ts';
import { Projection } from '../../src/cluster/projection.ts';
import { make, service, type Fields } from '../support/gatewayObjects.ts';
import { tcpProxy, type TcpProxy } from '../support/tcpProxy.ts';
import { BATCH_POLICIES, applyBatches, batchWithoutGrant } from './batches.ts';
import { startCluster, type Cluster, type KubectlResult } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { startGateward } from './gateward.ts';

const FOLLOWED: readonly KindName[] = ['Namespace', 'Service', 'HTTPRoute', 'TLSRoute', 'ReferenceGrant'];
const TLS_ROUTES = 'tlsroutes.gateway.networking.k8s.io';
/** Reads everything but what a test takes from it. */
const RBAC = {
  apiVersion: 'v1',
  kind: 'List',
  items: ['services', '*'].flatMap((resource) => {
    const name = `follow-${resource === '*' ? 'all' : resource}`;
    const group = resource === '*' ? 'gateway.networking.k8s.io' : '';
    const resources = resource === '*' ? ['*'] : ['services'];
    return [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name },
        rules: [
          { apiGroups: [group], resources, verbs: ['get', 'list', 'watch'] },
          ...(resource === '*'
            ? [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }]
            : []),
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'follower' }],
      },
    ];
  }),
};

const route = (kind: 'HTTPRoute' | 'TLSRoute', name: string): Fields =>
  make(kind, `team/${name}`, {
    spec: {
      hostnames: [`${name}.example.com`],
      parentRefs: [{ name: 'public' }],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    },
  });

// Each wait of a test may take a minute.
vi.setConfig({ testTimeout: 300_000 });

async function persistently(run: () => Promise<KubectlResult>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { code, stderr } = await run();
    if (code === 0) return;
    if (tries === 60) throw new Error(stderr);
    await sleep(500);
  }
}

describeWithCluster('the live view beside a real API server', () => {
  let cluster: Cluster;
  let proxy: TcpProxy;
  let view: LiveView;
  let direct: ApiConnection;

  const apply = async (...objects: readonly Fields[]): Promise<void> => {
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await persistently(() => cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin }));
  };
  /** Again until it is done: a server that was started or whose CRDs changed takes a moment to serve what it should. */
  const kubectl = async (...args: readonly string[]): Promise<void> => {
    await persistently(() => cluster.kubectl(args));
  };
  const listed = (kind: KindName): number => view.kinds().find((one) => one.kind === kind)?.relists ?? 0;

  /** Waits until the view shows what a fresh list of every kind shows, whole objects compared. */
  async function equalsFreshList(): Promise<void> {
    const projection = new Projection([]);
    const fresh = await listCluster(direct, FOLLOWED, AbortSignal.timeout(30_000), undefined, writtenObject);
    const shown = (snapshot: Snapshot, kept: (kind: KindName) => Iterable<KubeObject>): readonly string[] =>
      FOLLOWED.flatMap((kind) => [...kept(kind)].map((object) => `${kind} ${JSON.stringify(object)}`))
        .concat(FOLLOWED.map((kind) => `${kind} ${snapshot.sees(kind)}`))
        .sort();
    const expected = shown(fresh, (kind) => [...fresh.list(kind)].map((object) => projection.project(kind, object)));
    const actual = (): readonly string[] => shown(view.snapshot, (kind) => view.snapshot.list(kind));
    for (let tries = 0; tries < 600; tries += 1) {
      if (JSON.stringify(actual()) === JSON.stringify(expected)) return;
      await sleep(100);
    }
    expect(actual()).toEqual(expected);
  }

  async function until(what: () => boolean): Promise<void> {
    for (let tries = 0; !what(); tries += 1) {
      if (tries === 600)
        throw new Error(`did not come to pass: ${JSON.stringify([view.waitingFor(), view.degraded()])}`);
      await sleep(100);
    }
  }

  beforeAll(async () => {
    cluster = await startCluster({ users: { follower: [] } });
    await installCrds(cluster, 'standard');
    await kubectl('create', 'namespace', 'team');
    await apply(...RBAC.items);
    await apply(service('team/web', 80), route('HTTPRoute', 'stays'), route('TLSRoute', 'tls'));
    proxy = await tcpProxy(Number(new URL(cluster.url).port));
    const credentials = (user: string) => () =>
      Promise.resolve({
        headers: { authorization: `Bearer ${cluster.token(user)}` },
        tls: { ca: cluster.ca },
        proxy: undefined,
      });
    direct = connection(cluster.url, credentials('admin'));
    view = openLive(
      connection(`https://127.0.0.1:${proxy.port}`, credentials('follower')),
      { kinds: FOLLOWED, annotations: [] },
      { ...PACE, watch: 2000, firstPause: 50, longestPause: 1000, absent: 500, stale: 6000 },
    );
    await until(() => view.waitingFor().length === 0);
  });
  afterAll(async () => {
    await view.close();
    await direct.close();
    await proxy.close();
    await cluster.stop();
  });
  beforeEach(() => {
    proxy.refusing = false; // where a test before this one failed
    return equalsFreshList();
  });

  test('F8 goes on where it was when the API server comes back from a crash', async () => {
    await cluster.halt();
    await until(() => view.degraded().length === FOLLOWED.length);
    expect([view.snapshot.get('HTTPRoute', 'team', 'stays')?.spec.hostnames, view.snapshot.sees('HTTPRoute')]).toEqual([
      ['stays.example.com'],
      'some',
    ]);
    await cluster.resume();
    await apply(route('HTTPRoute', 'after-crash'));
    await equalsFreshList();
    expect([view.degraded(), view.waitingFor()]).toEqual([[], []]);
  });

  test('F9 lists afresh when etcd was compacted meanwhile: what is gone is gone, what was made anew is new', async () => {
    await apply(route('HTTPRoute', 'goes'), route('HTTPRoute', 'anew'));
    await until(() => view.snapshot.get('HTTPRoute', 'team', 'anew') !== undefined);
    const old = view.snapshot.get('HTTPRoute', 'team', 'anew')?.metadata.uid;
    const lists = listed('HTTPRoute');
    proxy.refusing = true;
    proxy.reset();
    await kubectl('delete', 'httproute', 'goes', 'anew', '-n', 'team', '--ignore-not-found');
    await apply(route('HTTPRoute', 'anew'));
    // The API server remembers what etcd forgets, until it is started again.
    await cluster.halt();
    await cluster.resume();
    const etcd = async (call: string, body: object): Promise<unknown> => {
      const answer = await fetch(`${cluster.etcd}/v3/kv/${call}`, { method: 'POST', body: JSON.stringify(body) });
      const said: unknown = await answer.json();
      return said;
    };
    const { header } = (await etcd('range', { key: 'Lw==' })) as { header: { revision: string } };
    await etcd('compaction', { revision: header.revision });
    proxy.refusing = false;
    await equalsFreshList();
    expect(listed('HTTPRoute')).toBeGreaterThan(lists);
    expect(view.snapshot.get('HTTPRoute', 'team', 'goes')).toBeUndefined();
    expect(view.snapshot.get('HTTPRoute', 'team', 'anew')?.metadata.uid).not.toBe(old);
  });

  test('F10 notices connections that died without a word, and says so until it has made new ones', async () => {
    proxy.lose();
    proxy.refusing = true;
    await apply(route('HTTPRoute', 'unseen'));
    // Each kind had its last sign of life at a moment of its own.
    await until(() => view.degraded().length === FOLLOWED.length);
    expect([view.snapshot.sees('HTTPRoute'), ...view.degraded()]).toEqual([
      'some',
      ...FOLLOWED.map((kind): unknown => expect.stringMatching(new RegExp(`^${kind} silent for \\d+ s`))),
    ]);
    proxy.refusing = false;
    await equalsFreshList();
    expect(view.snapshot.sees('HTTPRoute')).toBe('all');
  });

  test('F10 replaces connections that died without a word by itself', async () => {
    proxy.lose();
    await apply(route('HTTPRoute', 'on-the-way'));
    await equalsFreshList();
  });

  test('F11 a kind that it may no longer read stops neither the others nor itself for good', async () => {
    await kubectl('delete', 'clusterrolebinding', 'follow-services', '--ignore-not-found');
    proxy.reset();
    await until(() => view.degraded().some((text) => text.includes('services is forbidden')));
    await apply(service('team/forbidden', 80), route('HTTPRoute', 'allowed'));
    await until(() => view.snapshot.get('HTTPRoute', 'team', 'allowed') !== undefined);
    expect(FOLLOWED.map((kind) => view.snapshot.sees(kind))).toEqual(['all', 'some', 'all', 'all', 'all']);
    await apply(...RBAC.items);
    await equalsFreshList();
  });

  test('F11 survives many resets in a row without a new list', async () => {
    const lists = listed('Service');
    for (let round = 0; round < 20; round += 1) {
      proxy.reset();
      await apply(service(`team/reset-${round}`, 80));
      await until(() => view.snapshot.get('Service', 'team', `reset-${round}`) !== undefined);
    }
    expect(listed('Service')).toBe(lists);
    await equalsFreshList();
  });

  test('F22 no batch is denied for what it brings itself', async () => {
    const server = await startGateward(cluster, BATCH_POLICIES);
    try {
      await server.register();
      await until(() => server.log().includes('serving'));
      expect(await batchWithoutGrant(cluster, 'short-')).toEqual([201, 201, 201, 201, 201, 403]);
      expect(await applyBatches(cluster, 25, 'short-')).toEqual([]);
    } finally {
      const webhooks = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';
      await kubectl('delete', webhooks, 'gateward', '--ignore-not-found');
      await server.stop();
    }
  });

  test('F22 what is followed is known to be as new as a question within the time of a review', async () => {
    const live = new LiveCollection(
      direct,
      {
        list: (each, signal) => listKind(direct, 'TLSRoute', each, signal),
        path: (version) => resourcePath('TLSRoute', version),
        put: () => undefined,
        remove: () => undefined,
        isEmpty: () => true,
        settle: () => Promise.resolve(),
      },
      PACE,
    );
    try {
      await until(() => live.lists > 0);
      // Other kinds go on, and of this one there is nothing to tell.
      await apply(service('team/elsewhere', 80));
      const now = versionNumber(await versionNow(direct, 'TLSRoute', AbortSignal.timeout(5000))) ?? NaN;
      expect(versionNumber(live.resourceVersion)).toBeLessThan(now);
      await live.reach(now, AbortSignal.timeout(4500));
      expect(versionNumber(live.resourceVersion)).toBeGreaterThanOrEqual(now);
    } finally {
      await live.stop();
    }
  });

  test('F27 takes a kind whose CRD goes for none, and follows it when the CRD is back, in another version too', async () => {
    await kubectl('delete', 'crd', TLS_ROUTES, '--ignore-not-found');
    await until(() => [...view.snapshot.list('TLSRoute')].length === 0 && view.snapshot.sees('TLSRoute') === 'all');
    expect([view.waitingFor(), view.degraded()]).toEqual([[], []]);
    await installCrds(cluster, 'standard');
    await apply(route('TLSRoute', 'back'));
    await until(() => view.snapshot.get('TLSRoute', 'team', 'back') !== undefined);
    await equalsFreshList();
    // A server that serves the older version only: of the newer one nothing is left but the storage.
    const crd = JSON.parse(
      (await cluster.kubectl(['get', 'crd', 'referencegrants.gateway.networking.k8s.io', '-o', 'json'])).stdout,
    ) as {
      spec: { versions: { name: string; served: boolean }[] };
    };
    expect(crd.spec.versions.map(({ name }) => parseApiVersion(name).version)).toEqual(['v1', 'v1beta1']);
    const serve = (version: string): Promise<void> =>
      kubectl(
        'patch',
        'crd',
        'referencegrants.gateway.networking.k8s.io',
        '--type=json',
        '-p',
        JSON.stringify(
          crd.spec.versions.map(({ name }, at) => ({
            op: 'replace',
            path: `/spec/versions/${at}/served`,
            value: name === version || version === 'all',
          })),
        ),
      );
    const grant = (name: string, version: string): Fields => ({
      apiVersion: `gateway.networking.k8s.io/${version}`,
      kind: 'ReferenceGrant',
      metadata: { name, namespace: 'team' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'a' }],
        to: [{ group: '', kind: 'Service' }],
      },
    });
    await apply(grant('new', 'v1'));
    await until(() => view.snapshot.get('ReferenceGrant', 'team', 'new') !== undefined);
    const before = listed('ReferenceGrant');
    await serve('v1beta1');
    await until(() => listed('ReferenceGrant') > before);
    await apply(grant('old', 'v1beta1'));
    await until(() => view.snapshot.get('ReferenceGrant', 'team', 'old') !== undefined);
    await serve('all');
    // The view goes on in the version that it began with.
    await equalsFreshList();
    await kubectl('delete', 'referencegrant', '--all', '-n', 'team');
    await equalsFreshList();
  });
});

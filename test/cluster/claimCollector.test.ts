import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostnameOwnership } from '../../policies/hostname-ownership/policy.ts';
import { ClaimApi } from '../../src/cluster/claimApi.ts';
import { CLAIM_PACE, CLAIMS_PER_NAMESPACE, ClaimCollector } from '../../src/cluster/claimCollector.ts';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { Store } from '../../src/cluster/store.ts';
import { ClusterClaims, type Holding, type ReadObject } from '../../src/cluster/claimKeeper.ts';
import { policySet, type WantedClaim } from '../../src/engine/index.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { objectOf } from '../support/world.ts';

const CLAIMS = '/apis/gateward.dev/v1alpha1/hostnameclaims';

let fake: FakeApiServer;
let api: ApiConnection;
let collector: ClaimCollector | undefined;
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve(CLAIMS);
  api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  await api.close();
  await fake.close();
});

function claim(owner: string, name: string, uid = name): void {
  const claimant = { kind: 'HTTPRoute', namespace: owner, name: 'web', uid: 'u' };
  fake.put(CLAIMS, {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameClaim',
    metadata: { name, uid },
    spec: { hostname: name, layer: 'Route', owner, claimant, uses: 0 },
  });
}

/** Holds `web.example.com`, to which there may be a claim, for a route of `mine`, which may have as many more as are not refused. */
function hold(
  against: WantedClaim['against'],
  readObject: ReadObject = () => Promise.resolve(undefined),
  { refusal, dryRun = false }: { readonly refusal?: string; readonly dryRun?: boolean } = {},
): Promise<Holding> {
  const counts = { refusal: () => refusal, add: () => undefined };
  const keeper = new ClusterClaims(new ClaimApi(api), readObject, counts);
  return keeper.hold({
    wanted: [{ hostname: 'web.example.com', layer: 'Route', overlaps: false, against }],
    claimant: { kind: 'HTTPRoute', namespace: 'mine', name: 'web', uid: 'web' },
    dryRun,
    askedBy: () => new Set(),
    signal: AbortSignal.timeout(10_000),
  });
}

describe('a hostname to which there is a claim', () => {
  const name = 'web.example.com';

  it('F21 is used once more where the claim has been made anew meanwhile, since its maker may take it back', async () => {
    claim('mine', name, 'first');
    let isFirst = true;
    fake.fault = (_request, response) => {
      const { method } = response.req;
      const conflicts = method === 'POST' || (method === 'PUT' && isFirst);
      if (method === 'PUT' && isFirst) {
        isFirst = false;
        fake.remove(CLAIMS, '', name);
        claim('mine', name, 'second');
      }
      return conflicts && status(409)({ path: '', watch: false }, response);
    };
    expect(await hold(() => undefined)).toEqual({ violations: [], pending: false });
    fake.fault = undefined;
    expect(await new ClaimApi(api).read(name, AbortSignal.timeout(10_000))).toMatchObject({ spec: { uses: 1 } });
  });

  it('is held by another also where nobody can look whether that object is there', async () => {
    claim('other', name);
    fake.fault = (_request, response) =>
      response.req.method === 'POST' && status(409)({ path: '', watch: false }, response);
    const contested = { violations: [], prevails: false, denies: true };
    const held = hold(
      () => contested,
      () => Promise.reject(new Error('no answer')),
    );
    expect(await held).toEqual({ violations: [], pending: false });
  });

  it('cannot be held, and the claim is named, where somebody has made it what nobody can read', async () => {
    fake.put(CLAIMS, { apiVersion: 'gateward.dev/v1alpha1', kind: 'HostnameClaim', metadata: { name, uid: 'u' } });
    fake.fault = (_request, response) =>
      response.req.method === 'POST' && status(409)({ path: '', watch: false }, response);
    await expect(hold(() => undefined)).rejects.toThrow(
      `the HostnameClaim at ${CLAIMS}/web.example.com is not as Gateward writes it: have it deleted`,
    );
  });
});

it('F24 a claim whose object cannot be read keeps no other from being taken away', async () => {
  claim('unread', 'a.example.com');
  claim('gone', 'b.example.com');
  fake.fault = (_request, response) =>
    response.req.method === 'DELETE' && status(200, '{}')({ path: '', watch: false }, response);
  const told: unknown[] = [];
  collector = new ClaimCollector({
    api: new ClaimApi(api),
    readObject: ({ namespace }) =>
      namespace === 'unread' ? Promise.reject(new Error('no answer')) : Promise.resolve(undefined),
    world: () => ({ set: policySet([], []), snapshot: new Store('all'), now: 0 }),
    isLeader: () => true,
    pace: { grace: 0, look: 60_000 },
    told: (event) => told.push(event),
  });
  for (let tries = 0; !told.some((event) => JSON.stringify(event).includes('problem')) && tries < 500; tries += 1) {
    await pause(10);
  }
  expect(told).toEqual([{ collected: ['b.example.com'] }, { problem: 'no answer' }]);
});

describe('how many claims a namespace may have', () => {
  it('A54 is counted from what the cluster has and from what is made since', async () => {
    for (let at = 0; at < CLAIMS_PER_NAMESPACE; at += 1) claim('crowded', `n${at}.crowded.example.com`);
    for (let at = 1; at < CLAIMS_PER_NAMESPACE; at += 1) claim('nearly', `n${at}.nearly.example.com`);
    collector = new ClaimCollector({
      api: new ClaimApi(api),
      readObject: () => Promise.resolve(undefined),
      world: () => ({ set: policySet([], []), snapshot: new Store('all'), now: 0 }),
      isLeader: () => false,
      pace: CLAIM_PACE,
      told: () => undefined,
    });
    const full = (namespace: string): string =>
      `namespace ${namespace} has 10000 hostname claims, the most that one may have`;
    const { refusal } = collector;
    for (let tries = 0; refusal('crowded') === undefined && tries < 3000; tries += 1) await pause(10);
    expect(['crowded', 'nearly', 'other'].map(refusal)).toEqual([full('crowded'), undefined, undefined]);
    collector.add('nearly');
    expect(refusal('nearly')).toBe(full('nearly'));
  });

  it.each([false, true])('A54 keeps none from using those it has; dry run: %s', async (dryRun) => {
    const nobody: ReadObject = () => Promise.resolve(undefined);
    const held = (): Promise<Holding> => hold(() => undefined, nobody, { refusal: 'no more', dryRun });
    await expect(held()).rejects.toThrow('no more');
    claim('mine', 'web.example.com');
    expect(await held()).toEqual({ violations: [], pending: false });
  });
});

describe('a claim of a route that stands, and names the hostname', () => {
  it.each([
    [
      'is taken away when a mesh alone serves the route',
      { group: '', kind: 'Service', name: 'web' },
      ['a.example.com'],
    ],
    ['stays when a Gateway does', { name: 'public' }, []],
  ])('%s', async (_name, parentRef, expected) => {
    claim('team-a', 'a.example.com');
    const object = objectOf('HTTPRoute', {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'web', namespace: 'team-a', uid: 'u' },
      spec: { parentRefs: [parentRef], hostnames: ['a.example.com'] },
    });
    const snapshot = new Store('all');
    snapshot.put('HTTPRoute', object);
    const { bound } = hostnameOwnership.bind([{ name: 'doc', spec: { claims: 'Enforce', owners: [] } }]);
    const set = policySet(bound, []);
    const collected: string[] = [];
    let looks = 0;
    collector = new ClaimCollector({
      api: new ClaimApi(api),
      readObject: () => Promise.resolve(object),
      world: () => {
        looks += 1;
        return { set, snapshot, now: 0 };
      },
      isLeader: () => true,
      pace: { grace: 0, look: 10 },
      told: (event) => {
        if ('collected' in event) collected.push(...event.collected);
      },
    });
    // Each look asks for the world once, and once more for each claim that may go.
    for (let tries = 0; looks < 4 && collected.length === 0 && tries < 500; tries += 1) await pause(10);
    expect(collected).toEqual(expected);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClaimApi } from '../../src/cluster/claimApi.ts';
import { CLAIM_PACE, CLAIMS_PER_NAMESPACE, ClaimCollector } from '../../src/cluster/claimCollector.ts';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { Store } from '../../src/cluster/store.ts';
import { policySet } from '../../src/engine/index.ts';
import { fakeApiServer, type FakeApiServer } from '../support/fakeApiServer.ts';

const CLAIMS = '/apis/gateward.dev/v1alpha1/hostnameclaims';

let fake: FakeApiServer;
let api: ApiConnection;
let collector: ClaimCollector;
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve(CLAIMS);
  api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
});
afterEach(async () => {
  await collector.stop();
  await api.close();
  await fake.close();
});

function claim(owner: string, name: string): void {
  const claimant = { kind: 'HTTPRoute', namespace: owner, name: 'web', uid: 'u' };
  fake.put(CLAIMS, {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameClaim',
    metadata: { name, uid: name },
    spec: { hostname: name, layer: 'Route', owner, claimant, uses: 0 },
  });
}

/** What is said when a namespace asks for one claim more. */
function refusalOf(namespace: string): string {
  try {
    collector.require(namespace);
    return '';
  } catch (error) {
    return String(error);
  }
}

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
      `Error: namespace ${namespace} has 10000 hostname claims, the most that one may have`;
    for (let tries = 0; refusalOf('crowded') === '' && tries < 3000; tries += 1) await pause(10);
    expect(['crowded', 'nearly', 'other'].map(refusalOf)).toEqual([full('crowded'), '', '']);
    collector.add('nearly');
    expect(refusalOf('nearly')).toBe(full('nearly'));
  });
});

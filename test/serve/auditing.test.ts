/** The continuous audit goes on whatever becomes of what it writes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { nextSlice } from '../../src/cluster/slice.ts';
import { Store } from '../../src/cluster/store.ts';
import type { FindingCount } from '../../src/engine/index.ts';
import { Auditing } from '../../src/serve/auditing.ts';
import { ReportObjects } from '../../src/serve/reportObjects.ts';
import { fakeApiServer } from '../support/fakeApiServer.ts';
import { httpRoute } from '../support/review.ts';
import { toySet } from '../support/toyPolicy.ts';
import { until } from '../support/until.ts';
import { admitted } from '../support/world.ts';

const API = '/apis/openreports.io/v1alpha1';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.useRealTimers();
});

test('A45 what is found is counted while the API server is slow to take report objects', async () => {
  const fake = await fakeApiServer();
  closing.push(() => fake.close());
  fake.discover('openreports.io', 'v1alpha1', []);
  fake.serve(`${API}/reports`);
  fake.serve(`${API}/clusterreports`);
  const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  closing.push(() => api.close());
  const held: (() => void)[] = [];
  let isSlow = true;
  const send: ApiConnection['send'] = async (...write) => {
    if (isSlow) await new Promise<void>((resolve) => held.push(resolve));
    return api.send(...write);
  };
  const store = new Store('all');
  const put = (name: string): void => {
    const route = admitted(httpRoute('forbidden.example.com', { name }));
    if (route !== undefined) store.put(route.kind, route.object);
  };
  put('first');
  let counts: readonly FindingCount[] = [];
  const failed = (error: unknown): void => {
    throw error;
  };
  const auditing = new Auditing(toySet({ strict: { action: 'Deny' } }), {
    snapshot: store,
    isReady: () => true,
    isLeader: () => true,
    reports: new ReportObjects({ connection: { ...api, send }, mayWrite: () => true, failed, now: () => 0 }),
    counted: (all) => (counts = all),
    failed,
    now: () => 0,
  });
  closing.push(() => {
    isSlow = false;
    for (const give of held) give();
    return auditing.close();
  });
  store.watch((...change) => {
    auditing.changed(...change);
  });
  const denied = (): number | undefined => counts.find(({ action }) => action === 'Deny')?.count;
  await until(() => held.length === 1);
  expect(denied()).toBe(1);
  put('second');
  await until(() => denied() === 2);
  expect(held).toHaveLength(1);
});

test('what a document has come to is told once everything has been judged by it', async () => {
  const [toy, other] = ['strict', 'other'].map((name) => toySet({ [name]: { action: 'Deny' } }));
  if (toy === undefined || other === undefined) throw new Error('two sets');
  const store = new Store('all');
  const route = admitted(httpRoute('forbidden.example.com'));
  if (route !== undefined) store.put(route.kind, route.object);
  const api = connection('http://127.0.0.1:1', () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  closing.push(() => api.close());
  const parts = { connection: api, mayWrite: () => false, failed: () => undefined, now: () => 0 };
  const auditing = new Auditing(toy, {
    snapshot: store,
    isReady: () => true,
    isLeader: () => true,
    reports: new ReportObjects(parts),
    counted: () => undefined,
    failed: () => undefined,
    now: () => 0,
  });
  closing.push(() => auditing.close());
  await until(() => auditing.tally('toy', 'strict') !== undefined);
  auditing.follow(other);
  expect(auditing.tally('toy', 'other')).toBeUndefined();
  await until(() => auditing.tally('toy', 'other') !== undefined);
  expect(auditing.tally('toy', 'other')).toEqual({ judged: 1, findings: 1 });
});

test('what changed is judged also while objects come without a lull', async () => {
  // The clock stands still but for what is judged: who waits for a lull waits for ever.
  vi.useFakeTimers({ toFake: ['performance'] });
  const store = new Store('all');
  const names = Array.from({ length: 50 }, (_, at) => `web-${at}`);
  const put = (name: string, hostname: string): void => {
    const route = admitted(httpRoute(hostname, { name }));
    if (route !== undefined) store.put(route.kind, route.object);
  };
  for (const name of names) put(name, 'shop.example.com');
  let hasChanged = false;
  let areObjectsComing = false;
  let judged = 0;
  const get: Store['get'] = (kind, namespace, name) => {
    vi.advanceTimersByTime(1);
    judged += 1;
    // With the first of what changed, which takes long.
    if (hasChanged && !areObjectsComing) vi.advanceTimersByTime(1000);
    areObjectsComing = hasChanged;
    return store.get(kind, namespace, name);
  };
  const { list, lookup, namespacesIn, sees } = store;
  const api = connection('http://127.0.0.1:1', () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  closing.push(() => api.close());
  let counts: readonly FindingCount[] = [];
  const now = (): number => performance.now();
  const auditing = new Auditing(toySet({ strict: { action: 'Deny' } }), {
    snapshot: { get, list, lookup, namespacesIn, sees },
    isReady: () => true,
    isLeader: () => true,
    reports: new ReportObjects({ connection: api, mayWrite: () => false, failed: () => undefined, now }),
    counted: (all) => (counts = all),
    failed: () => undefined,
    now,
  });
  store.watch((...change) => {
    auditing.changed(...change);
  });
  const denied = (): number | undefined => counts.find(({ action }) => action === 'Deny')?.count;
  let isOver = false;
  const come = async (): Promise<void> => {
    while (!isOver) await (areObjectsComing ? nextSlice() : nextTurn());
  };
  const coming = come();
  closing.push(async () => {
    isOver = true;
    await coming;
    vi.useRealTimers();
    await auditing.close();
  });
  await until(() => denied() === 0);
  vi.advanceTimersByTime(1000);
  judged = 0;
  hasChanged = true;
  for (const name of names) put(name, 'forbidden.example.com');
  await until(() => judged === names.length);
  isOver = true;
  await coming;
  vi.advanceTimersByTime(1000);
  await until(() => denied() === names.length);
});

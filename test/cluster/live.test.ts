import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatKey, keyOf, type KindName } from '#gateway';
import { listCluster, openLive, readsOf, type LiveView } from '../../src/cluster/live.ts';
import { connection } from '../../src/cluster/liveConnection.ts';
import { PACE } from '../../src/cluster/liveCollection.ts';
import { giveWayTo, nextSlice } from '../../src/cluster/slice.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { httpRoute, type Manifest } from '../support/review.ts';
import { toySet } from '../support/toyPolicy.ts';
import { until } from '../support/until.ts';

const NAMESPACES = '/api/v1/namespaces';
const SERVICES = '/api/v1/services';
const GATEWAY = 'gateway.networking.k8s.io';
const ROUTES = `/apis/${GATEWAY}/v1/httproutes`;
const OLD_ROUTES = `/apis/${GATEWAY}/v1beta1/httproutes`;
const quick = { ...PACE, watch: 1000, firstPause: 10, longestPause: 50, absent: 20 };

const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const service = (name: string, port = 80): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'team-shop' },
  spec: { ports: [{ port }] },
});

let fake: FakeApiServer;
let views: LiveView[] = [];
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve(NAMESPACES);
  fake.serve(SERVICES);
  fake.put(NAMESPACES, namespace('team-shop'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  giveWayTo(() => false);
  await Promise.all(views.map((view) => view.close()));
  views = [];
  await fake.close();
});

const connect = () =>
  connection(fake.url, () => Promise.resolve({ headers: { authorization: 'Bearer t' }, tls: {}, proxy: undefined }));

function open(...kinds: KindName[]): LiveView {
  const view = openLive(connect(), { kinds, annotations: ['own'] }, quick);
  views.push(view);
  return view;
}

const names = (view: LiveView, kind: KindName): readonly string[] =>
  [...view.snapshot.list(kind)].map((object) => formatKey(keyOf(kind, object))).sort();

describe('the live view', () => {
  it('F12 is not ready before every kind has been listed, page by page', async () => {
    for (let at = 0; at < 1203; at += 1) fake.put(SERVICES, service(`s${at}`));
    const view = open('Namespace', 'Service');
    expect([view.waitingFor(), view.snapshot.sees('Service')]).toEqual([
      ['Namespace not listed yet', 'Service not listed yet'],
      'none',
    ]);
    await until(() => view.waitingFor().length === 0);
    expect(names(view, 'Service')).toHaveLength(1203);
    expect([view.snapshot.sees('Service'), view.snapshot.sees('Gateway')]).toEqual(['all', 'none']);
    expect(fake.asked.filter((path) => path.startsWith(SERVICES) && !path.includes('watch'))).toEqual([
      `${SERVICES}?limit=50`,
      `${SERVICES}?limit=500&continue=50`,
      `${SERVICES}?limit=500&continue=550`,
      `${SERVICES}?limit=500&continue=1050`,
    ]);
  });

  it('follows what comes, changes and goes', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    fake.put(SERVICES, service('a'));
    fake.put(SERVICES, service('b'));
    await until(() => names(view, 'Service').length === 2);
    fake.put(SERVICES, service('a', 8080));
    fake.remove(SERVICES, 'team-shop', 'b');
    await until(() => names(view, 'Service').length === 1);
    expect(view.snapshot.get('Service', 'team-shop', 'a')?.spec?.ports?.map(({ port }) => port)).toEqual([8080]);
  });

  it('F16 keeps what documents read, and takes up what other documents read besides', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', own: 'x', other: 'y' };
    fake.put(SERVICES, {
      ...service('a'),
      metadata: {
        ...service('a').metadata,
        annotations,
        labels: { app: 'a' },
        managedFields: [{ manager: 'kubectl' }],
      },
      status: { loadBalancer: {} },
    });
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    const kept = (): unknown => view.snapshot.get('Service', 'team-shop', 'a');
    const metadata = { name: 'a', namespace: 'team-shop', labels: { app: 'a' } };
    const whole = {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] },
    };
    expect(kept()).toEqual({ ...whole, metadata: { ...metadata, annotations: { own: 'x' } } });
    view.follow({ kinds: ['Service'], annotations: ['other'] });
    expect([view.waitingFor(), view.snapshot.sees('Service')]).toEqual([[], 'all']);
    await until(() => view.kinds()[0]?.relists === 2);
    expect(kept()).toEqual({ ...whole, metadata: { ...metadata, annotations: { other: 'y' } } });
  });

  it('F27 keeps the version that an object was written in, whichever is followed', async () => {
    fake.serve(OLD_ROUTES);
    const written = (name: string, managedFields: unknown): void => {
      const { metadata, ...rest } = httpRoute('a.example.com', { name });
      fake.put(OLD_ROUTES, { ...rest, apiVersion: `${GATEWAY}/v1beta1`, metadata: { ...metadata, managedFields } });
    };
    const time = '2026-11-21T00:00:00Z';
    written('new', [{ apiVersion: `${GATEWAY}/v1`, time }]);
    written('status', [
      { apiVersion: `${GATEWAY}/v1beta1`, time },
      { apiVersion: `${GATEWAY}/v1`, time: '2026-11-22T00:00:00Z', subresource: 'status' },
    ]);
    written('unknown', [{ apiVersion: `${GATEWAY}/v9`, time }]);
    written('untold', undefined);
    const view = open('HTTPRoute');
    await until(() => view.waitingFor().length === 0);
    const versions = [...view.snapshot.list('HTTPRoute')].map(({ metadata, apiVersion }) => [
      metadata.name,
      apiVersion,
    ]);
    expect(Object.fromEntries(versions)).toEqual({
      new: `${GATEWAY}/v1`,
      status: `${GATEWAY}/v1beta1`,
      unknown: `${GATEWAY}/v1beta1`,
      untold: `${GATEWAY}/v1beta1`,
    });
  });

  it('keeps whole objects for those who ask for them', async () => {
    const labels = { app: 'a' };
    const annotations = { any: 'x' };
    fake.put(SERVICES, { ...service('a'), metadata: { ...service('a').metadata, labels, annotations } });
    const view = openLive(connect(), { kinds: ['Service'], annotations: undefined }, quick);
    views.push(view);
    await until(() => view.waitingFor().length === 0);
    expect(view.snapshot.get('Service', 'team-shop', 'a')?.metadata).toEqual({
      name: 'a',
      namespace: 'team-shop',
      labels,
      annotations,
      resourceVersion: '12',
    });
  });

  it('F13 applies of the changes of an object that come together the last alone, and leaves out no deletion', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    await until(() => fake.asked.some((path) => path.includes('watch')));
    const told: string[] = [];
    view.watch((_kind, { metadata: { name } }) => {
      const held = view.snapshot.get('Service', 'team-shop', name);
      told.push(`${name} ${held?.spec?.ports?.[0]?.port ?? 'gone'}`);
    });
    const event = (type: string, name: string, port: number): string =>
      `${JSON.stringify({ type, object: service(name, port) })}\n`;
    fake.say(
      [
        event('ADDED', 'a', 1),
        event('ADDED', 'b', 1),
        event('MODIFIED', 'a', 2),
        event('DELETED', 'a', 2),
        event('ADDED', 'a', 3),
        event('MODIFIED', 'a', 4),
        event('MODIFIED', 'b', 2),
        event('ADDED', 'last', 1),
      ].join(''),
    );
    await until(() => view.snapshot.get('Service', 'team-shop', 'last') !== undefined);
    expect(told).toEqual(['a 2', 'a gone', 'a 4', 'b 2', 'last 1']);
  });

  it('F13 tells nobody of what changes nothing that is kept, be it an event or a list', async () => {
    const labelled = (version: string, labels: Readonly<Record<string, string>>): Manifest => {
      const { metadata, ...rest } = service('a');
      return { ...rest, metadata: { ...metadata, labels, managedFields: [{ time: version }] } };
    };
    fake.put(SERVICES, labelled('1', { tier: 'a' }));
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    await until(() => fake.asked.some((path) => path.includes('watch')));
    const told: string[] = [];
    view.watch((_kind, object) => told.push(`${object.metadata.name} ${object.metadata.labels?.['tier'] ?? ''}`));
    fake.put(SERVICES, labelled('2', { tier: 'a' }));
    fake.put(SERVICES, service('first'));
    await until(() => view.snapshot.get('Service', 'team-shop', 'first') !== undefined);
    fake.say(`${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old' } })}\n`);
    await until(() => view.kinds()[0]?.relists === 2);
    fake.put(SERVICES, labelled('3', { tier: 'b' }));
    await until(() => view.snapshot.get('Service', 'team-shop', 'a')?.metadata.labels?.['tier'] === 'b');
    expect(told).toEqual(['first ', 'a b']);
  });

  it('F13 gives others turns of the event loop while a storm of changes is taken in, and then has them all', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    let turns = 0;
    const over = new AbortController();
    const others = (async () => {
      for (; !over.signal.aborted; turns += 1) await nextTurn();
    })();
    let first: number | undefined;
    view.watch(() => (first ??= turns));
    for (let at = 0; at < 5000; at += 1) fake.put(SERVICES, service(`s${at % 4000}`, at + 1));
    await until(() => view.snapshot.get('Service', 'team-shop', 's999')?.spec?.ports?.[0]?.port === 5000);
    const between = turns - (first ?? turns);
    over.abort();
    await others;
    expect(between).toBeGreaterThan(2);
    expect(
      [...view.snapshot.list('Service')].map((one) => one.spec?.ports?.[0]?.port ?? 0).sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 4000 }, (_, at) => at + 1001));
  });

  it('F9 does not take a new object for the one of its name that is gone', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    const object = (uid: string): Manifest => ({ ...service('a'), metadata: { ...service('a').metadata, uid } });
    fake.put(SERVICES, object('new'));
    await until(() => names(view, 'Service').length === 1);
    for (const uid of ['old', 'new']) {
      expect(names(view, 'Service')).toEqual(['Service team-shop/a']);
      fake.say(`${JSON.stringify({ type: 'DELETED', object: object(uid) })}\n`);
      fake.put(SERVICES, service(`after-${uid}`));
      await until(() => view.snapshot.get('Service', 'team-shop', `after-${uid}`) !== undefined);
      fake.remove(SERVICES, 'team-shop', `after-${uid}`);
      await until(() => view.snapshot.get('Service', 'team-shop', `after-${uid}`) === undefined);
    }
    expect(names(view, 'Service')).toEqual([]);
  });

  it('F8 goes on from where it was when a watch is reset, without a new list', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    fake.put(SERVICES, service('a'));
    await until(() => names(view, 'Service').length === 1);
    for (let round = 0; round < 20; round += 1) {
      fake.reset();
      fake.put(SERVICES, service(`r${round}`));
      await until(() => view.snapshot.get('Service', 'team-shop', `r${round}`) !== undefined);
    }
    expect(view.kinds().map(({ kind, objects, relists }) => ({ kind, objects, relists }))).toEqual([
      { kind: 'Service', objects: 21, relists: 1 },
    ]);
  });

  it('F9 lists afresh after a compaction, and what was deleted meanwhile is gone', async () => {
    fake.put(SERVICES, service('stays'));
    fake.put(SERVICES, service('goes'));
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    fake.fault = ({ watch }, response) => {
      if (watch) response.socket?.resetAndDestroy();
      return watch;
    };
    fake.reset();
    fake.remove(SERVICES, 'team-shop', 'goes');
    fake.put(NAMESPACES, namespace('later'));
    fake.compact();
    fake.fault = undefined;
    await until(() => names(view, 'Service').length === 1);
    expect([names(view, 'Service'), view.snapshot.sees('Service')]).toEqual([['Service team-shop/stays'], 'all']);
  });

  it('F9 lists afresh when the watch itself reports 410', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    await until(() => fake.asked.some((path) => path.includes('watch')));
    fake.say(`${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old' } })}\n`);
    await until(() => view.kinds()[0]?.relists === 2);
  });

  it('F11 lists afresh when the watch reports another error, which it would report again from there', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    await until(() => fake.asked.some((path) => path.includes('watch')));
    const from = new URL(fake.asked.at(-1) ?? '', 'http://fake').searchParams.get('resourceVersion');
    const broken = JSON.stringify({ type: 'ERROR', object: { code: 500, message: 'no previous value' } });
    let tries = 0;
    fake.fault = ({ watch }, response) => {
      if (!watch || !(fake.asked.at(-1) ?? '').includes(`resourceVersion=${from ?? ''}`)) return false;
      tries += 1;
      response.writeHead(200).end(`${broken}\n`);
      return true;
    };
    fake.reset();
    await until(() => tries > 0);
    fake.put(SERVICES, service('after'));
    await until(() => view.snapshot.get('Service', 'team-shop', 'after') !== undefined);
    expect([view.kinds()[0]?.relists, view.degraded()]).toEqual([2, []]);
  });

  const storms: readonly (readonly [string, number])[] = [
    ['F11 403', 403],
    ['F11 500', 500],
    ['F12 429', 429],
    ['F11 404', 404],
  ];
  it.each(storms)('%s on everything stops no kind for good', async (_name, code) => {
    const view = open('Namespace', 'Service');
    await until(() => view.waitingFor().length === 0);
    fake.fault = ({ path }, response) => {
      if (path !== SERVICES) return false;
      response.writeHead(code).end('{"message":"no"}');
      return true;
    };
    fake.reset();
    const { length } = fake.asked;
    await until(() => fake.asked.filter((path, at) => at > length && path.startsWith(SERVICES)).length > 5);
    fake.fault = undefined;
    fake.put(SERVICES, service('after'));
    await until(() => view.snapshot.get('Service', 'team-shop', 'after') !== undefined);
    expect([view.snapshot.sees('Service'), names(view, 'Namespace')]).toEqual(['all', ['Namespace team-shop']]);
  });

  it('F11 says why a kind cannot be listed, and is ready once it can', async () => {
    fake.fault = ({ path }, response) => {
      if (path !== SERVICES) return false;
      response.writeHead(403).end('{"message":"services is forbidden"}');
      return true;
    };
    const view = open('Namespace', 'Service');
    await until(() => view.waitingFor().join().includes('forbidden'));
    expect(view.waitingFor()).toEqual(['Service not listed yet: /api/v1/services: 403 services is forbidden']);
    fake.fault = undefined;
    await until(() => view.waitingFor().length === 0);
  });

  it('waits for no kind that is not served, although its list is refused for want of a right', async () => {
    const routes = '/apis/gateway.networking.k8s.io/v1/tcproutes';
    fake.fault = (request, response) => request.path.endsWith('/tcproutes') && status(403)(request, response);
    const view = open('Service', 'TCPRoute');
    await until(() => view.waitingFor().length === 0);
    expect([view.snapshot.sees('TCPRoute'), names(view, 'TCPRoute')]).toEqual(['all', []]);
    fake.serve(routes);
    fake.fault = undefined;
    fake.put(routes, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'TCPRoute',
      metadata: { name: 'db', namespace: 'team-shop' },
      spec: { rules: [] },
    });
    await until(() => names(view, 'TCPRoute').length > 0);
    expect(names(view, 'TCPRoute')).toEqual(['TCPRoute team-shop/db']);
  });

  const nonsense: readonly (readonly [string, string])[] = [
    ['no JSON', '{"type":"ADD\n'],
    ['no object', '{"type":"ADDED"}\n'],
    ['an unknown type', '{"type":"RENAMED","object":{"metadata":{}}}\n'],
    ['a list', '[]\n'],
    ['about nothing that has a name', '{"type":"ADDED","object":{"kind":"Status","metadata":{}}}\n'],
  ];
  it.each(nonsense)('F14 an event that is %s leads to a fresh list, not to an end', async (_name, text) => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    await until(() => fake.asked.some((path) => path.includes('watch')));
    fake.say(text);
    await until(() => view.kinds()[0]?.relists === 2);
    fake.put(SERVICES, service('after'));
    await until(() => view.snapshot.get('Service', 'team-shop', 'after') !== undefined);
    expect(view.degraded()).toEqual([]);
  });

  it('F14 an object that is not of its shape is set aside, and absences are not believed while it is', async () => {
    const view = open('Service');
    await until(() => view.waitingFor().length === 0);
    fake.put(SERVICES, { ...service('odd'), spec: { ports: 'none' } });
    await until(() => view.snapshot.sees('Service') === 'some');
    expect([names(view, 'Service'), view.waitingFor(), view.degraded()]).toEqual([
      [],
      [],
      ['Service objects that are not of its shape: 1'],
    ]);
    fake.put(SERVICES, service('odd'));
    await until(() => view.snapshot.sees('Service') === 'all');
    expect(names(view, 'Service')).toEqual(['Service team-shop/odd']);
  });

  it('F27 takes a kind that is not served for none at all, and follows it when it comes, changes its version, and goes', async () => {
    const view = open('HTTPRoute');
    await until(() => view.waitingFor().length === 0);
    expect([names(view, 'HTTPRoute'), view.snapshot.sees('HTTPRoute')]).toEqual([[], 'all']);
    fake.serve(OLD_ROUTES);
    fake.put(OLD_ROUTES, {
      ...httpRoute('a.example.com', { name: 'old' }),
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
    });
    await until(() => names(view, 'HTTPRoute').length === 1);
    fake.serve(ROUTES);
    fake.put(ROUTES, httpRoute('a.example.com', { name: 'new' }));
    fake.withdraw(OLD_ROUTES);
    await until(() => names(view, 'HTTPRoute').join() === 'HTTPRoute team-shop/new');
    fake.withdraw(ROUTES);
    await until(() => names(view, 'HTTPRoute').length === 0);
    expect(view.snapshot.sees('HTTPRoute')).toBe('all');
  });

  it('F11 takes nothing for gone where a server without an API answers', async () => {
    fake.serve(ROUTES);
    fake.put(ROUTES, httpRoute('a.example.com'));
    const notFound = status(404, 'default backend - 404');
    fake.fault = notFound;
    const view = open('HTTPRoute');
    const problem = '/api/v1: 404 this is no API server of Kubernetes';
    await until(() => view.kinds()[0]?.problem === problem);
    expect(view.waitingFor()).toEqual([`HTTPRoute not listed yet: ${problem}`]);
    fake.fault = undefined;
    await until(() => view.waitingFor().length === 0);
    fake.fault = notFound;
    fake.reset();
    await until(() => view.kinds()[0]?.problem === problem);
    expect(names(view, 'HTTPRoute')).toHaveLength(1);
  });

  it('F10 stops believing absences when nothing has been heard for too long, then stops serving, and recovers', async () => {
    const pace = { ...quick, stale: 300, tooStale: 900 };
    const view = openLive(connect(), { kinds: ['Service'], annotations: [] }, pace);
    views.push(view);
    const metrics = () => view.kinds().map(({ kind, whole }) => ({ kind, whole }));
    await until(() => view.waitingFor().length === 0);
    fake.fault = () => true;
    fake.reset();
    await until(() => view.snapshot.sees('Service') === 'some');
    const silent: unknown = [expect.stringMatching(/^Service silent for \d+ s/)];
    expect([view.degraded(), metrics()]).toEqual([silent, [{ kind: 'Service', whole: false }]]);
    await until(() => view.waitingFor().length > 0);
    expect(view.waitingFor()).toEqual(silent);
    fake.fault = undefined;
    fake.reset();
    await until(() => view.snapshot.sees('Service') === 'all');
    expect([view.waitingFor(), view.degraded(), metrics()]).toEqual([[], [], [{ kind: 'Service', whole: true }]]);
  });

  it('follows other kinds when other documents are in force', async () => {
    const view = open('Namespace', 'Service');
    fake.put(SERVICES, service('a'));
    await until(() => names(view, 'Service').length === 1);
    view.follow({ kinds: ['Namespace'], annotations: ['own'] });
    expect([names(view, 'Service'), view.snapshot.sees('Service'), view.waitingFor()]).toEqual([[], 'none', []]);
    view.follow({ kinds: ['Namespace', 'Service'], annotations: ['own'] });
    await until(() => view.waitingFor().length === 0);
    expect(names(view, 'Service')).toEqual(['Service team-shop/a']);
  });

  it('keeps what is followed again while it is being taken out', async () => {
    const view = open('Namespace', 'Service');
    for (const name of ['a', 'b', 'c']) fake.put(SERVICES, service(name));
    await until(() => names(view, 'Service').length === 3);
    // A clock by which the slice is over when the kind is dropped, and not when it is listed again.
    let clock = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    await nextSlice();
    clock += 1;
    let isReviewHere = true;
    giveWayTo(() => isReviewHere);
    view.follow({ kinds: ['Namespace'], annotations: ['own'] });
    clock -= 1;
    expect(names(view, 'Service')).toEqual(['Service team-shop/b', 'Service team-shop/c']);
    fake.remove(SERVICES, 'team-shop', 'c');
    view.follow({ kinds: ['Namespace', 'Service'], annotations: ['own'] });
    await until(() => view.waitingFor().length === 0);
    isReviewHere = false;
    await view.close();
    expect([names(view, 'Service'), view.snapshot.sees('Service')]).toEqual([
      ['Service team-shop/a', 'Service team-shop/b'],
      'all',
    ]);
  });

  it('F19 that lags says so by its resourceVersion, and comes to see the same', async () => {
    const ahead = open('Namespace', 'Service');
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const api = connect();
    const get: typeof api.get = async (path, ...rest) => {
      if (path.includes('watch=1')) await released;
      return api.get(path, ...rest);
    };
    const behind = openLive({ ...api, get }, { kinds: ['Namespace', 'Service'], annotations: ['own'] }, quick);
    views.push(behind);
    await until(() => ahead.waitingFor().length + behind.waitingFor().length === 0);
    const version = (view: LiveView): number => view.kinds().find(({ kind }) => kind === 'Service')?.version ?? 0;
    const seen = (): readonly (readonly string[])[] => [names(ahead, 'Service'), names(behind, 'Service')];
    fake.put(SERVICES, service('new'));
    await until(() => names(ahead, 'Service').length === 1);
    expect([seen(), version(ahead) > version(behind)]).toEqual([[['Service team-shop/new'], []], true]);
    release();
    await until(() => version(ahead) === version(behind));
    expect(seen()).toEqual([['Service team-shop/new'], ['Service team-shop/new']]);
  });

  it('waits, for documents that read more of objects, until those have been listed again', async () => {
    const view = open('Namespace', 'Service');
    await until(() => view.waitingFor().length === 0);
    const [before, after] = [['own'], ['other', 'own']].map((annotations) => ({
      kinds: ['Service'] as const,
      annotations,
    }));
    if (before === undefined || after === undefined) throw new Error('two sets');
    view.follow({ kinds: ['Namespace', 'Service'], annotations: after.annotations });
    expect([view.waitingFor(before), view.waitingFor(after)]).toEqual([[], ['Service not listed yet']]);
    await until(() => view.waitingFor(after).length === 0);
    expect(view.waitingFor({ kinds: ['Service', 'Gateway'], annotations: [] })).toEqual(['Gateway not listed yet']);
  });

  it('reads what documents read and judge, and never Secrets', () => {
    expect(readsOf(toySet({ a: {} }))).toEqual({
      kinds: ['Namespace', 'Service', 'HTTPRoute'],
      vendors: [],
      annotations: [],
    });
  });
});

describe('a live read', () => {
  const read = (view: LiveView, kind: KindName, inNamespace: string, name: string) =>
    view.reader.read([{ kind, namespace: inNamespace, name }], AbortSignal.timeout(2000));

  it('F22 gives what is there now, one object or all of a namespace', async () => {
    const view = open('Namespace');
    fake.put(SERVICES, service('a'));
    const [one] = await read(view, 'Service', 'team-shop', 'a');
    const [all] = await read(view, 'Service', 'team-shop', '');
    const [none] = await read(view, 'Service', 'team-shop', 'b');
    const [cluster] = await read(view, 'Namespace', '', 'team-shop');
    expect([one, all, none, cluster].map((answer) => answer?.objects?.map(({ metadata }) => metadata.name))).toEqual([
      ['a'],
      ['a'],
      [],
      ['team-shop'],
    ]);
  });

  describe('of more objects than can be listed in time', () => {
    const MOST = 5550;
    const all = { kind: 'Service', namespace: '', name: '' } as const;
    beforeEach(() => {
      for (let at = 0; at <= MOST; at += 1) fake.put(SERVICES, service(`s${at}`));
    });

    it('F22 waits until what is seen is as new as the question, and has a watch tell so', async () => {
      const view = open('Service');
      await until(() => view.waitingFor().length === 0);
      await until(() => fake.asked.some((path) => path.includes('watch')));
      // The API server is ahead of this collection, and says nothing of that to a watch that is open.
      fake.put(NAMESPACES, namespace('later'));
      const { length } = fake.asked;
      expect(await view.reader.read([all], AbortSignal.timeout(2000))).toEqual([{ key: all, objects: undefined }]);
      expect(fake.asked.slice(length).map((path) => path.replace(/\d+$/, ''))).toEqual([
        `${SERVICES}?limit=`,
        `${SERVICES}?limit=`,
        `${SERVICES}?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=`,
      ]);
      fake.remove(SERVICES, 'team-shop', 's0');
      const [listed] = await view.reader.read([all], AbortSignal.timeout(2000));
      expect(listed?.objects).toHaveLength(MOST);
    });

    it('A26 has no answer where the watch does not tell in time, a part is out of sight, or nothing is followed', async () => {
      const view = open('Namespace', 'Service');
      const read = (within = 5000) => view.reader.read([all], AbortSignal.timeout(within));
      await until(() => view.waitingFor().length === 0);
      expect(await read()).toEqual([{ key: all, objects: undefined }]);
      fake.fault = ({ watch }) => watch;
      fake.put(NAMESPACES, namespace('later'));
      expect(await read(300)).toEqual([undefined]);
      fake.fault = undefined;
      fake.reset();
      fake.put(SERVICES, { ...service('odd'), spec: { ports: 'none' } });
      await until(() => view.snapshot.sees('Service') === 'some');
      expect(await read()).toEqual([undefined]);
      fake.put(SERVICES, service('odd'));
      await until(() => view.snapshot.sees('Service') === 'all');
      expect(await read()).toEqual([{ key: all, objects: undefined }]);
      view.follow({ kinds: ['Namespace'], annotations: ['own'] });
      expect(await read()).toEqual([undefined]);
    });
  });

  it('A26 tells an absence from an answer that did not come', async () => {
    const view = open('Namespace');
    expect((await read(view, 'HTTPRoute', 'team-shop', 'web'))[0]?.objects).toEqual([]);
    expect((await read(view, 'Secret', 'team-shop', 'tls'))[0]).toBeUndefined();
    fake.fault = (request, response) => request.path.includes('routes/') && status(403)(request, response);
    expect((await read(view, 'TCPRoute', 'team-shop', 'db'))[0]?.objects).toEqual([]);
    fake.serve(ROUTES);
    expect((await read(view, 'HTTPRoute', 'team-shop', 'web'))[0]).toBeUndefined();
    for (const fault of [status(500), status(404, 'default backend - 404')]) {
      fake.fault = fault;
      expect((await read(view, 'Service', 'team-shop', 'a'))[0]).toBeUndefined();
      expect((await read(view, 'Service', 'team-shop', ''))[0]).toBeUndefined();
    }
    fake.fault = () => true;
    const late = view.reader.read([{ kind: 'Service', namespace: 'team-shop', name: 'a' }], AbortSignal.timeout(50));
    expect(await late).toEqual([undefined]);
    fake.fault = status(200, '{"kind":"Service","metadata":{"name":"a"},"spec":[]}');
    expect((await read(view, 'Service', 'team-shop', 'a'))[0]).toBeUndefined();
  });
});

describe('listCluster', () => {
  it('lists once, and tells what it could not take', async () => {
    fake.put(SERVICES, service('a'));
    fake.put(SERVICES, { ...service('odd'), spec: { ports: 'none' } });
    const store = await listCluster(connect(), ['Namespace', 'Service', 'HTTPRoute'], AbortSignal.timeout(5000));
    expect([
      [...store.list('Service')].length,
      store.sees('Service'),
      store.sees('Namespace'),
      store.sees('HTTPRoute'),
      store.sees('Gateway'),
    ]).toEqual([1, 'some', 'all', 'all', 'none']);
  });

  it('says what the API server would not give', async () => {
    fake.fault = status(403, '{"message":"forbidden"}');
    await expect(listCluster(connect(), ['Namespace'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: may not list namespaces`,
    );
    // Discovery refused too: nobody can say that there are none.
    await expect(listCluster(connect(), ['TLSRoute'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: may not list tlsroutes`,
    );
    fake.fault = (request, response) =>
      /(?:routes|services)$/.test(request.path) && status(403, '{"message":"forbidden"}')(request, response);
    const store = await listCluster(connect(), ['TLSRoute'], AbortSignal.timeout(5000));
    expect([store.sees('TLSRoute'), [...store.list('TLSRoute')]]).toEqual(['all', []]);
    await expect(listCluster(connect(), ['Service'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: may not list services`,
    );
    fake.fault = status(500, '{"message":"etcd is away"}');
    await expect(listCluster(connect(), ['Namespace'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: /api/v1/namespaces: 500 etcd is away`,
    );
    fake.fault = status(401, '{"message":"Unauthorized"}');
    await expect(listCluster(connect(), ['Namespace'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: does not know who asks: there is no login, or it has expired`,
    );
  });

  it('takes kinds that are not served for none only where an API server answers', async () => {
    const store = await listCluster(connect(), ['HTTPRoute'], AbortSignal.timeout(5000));
    expect(store.sees('HTTPRoute')).toBe('all');
    fake.fault = status(404, 'default backend - 404');
    await expect(listCluster(connect(), ['HTTPRoute'], AbortSignal.timeout(5000))).rejects.toThrow(
      `${fake.url}: /api/v1: 404 this is no API server of Kubernetes`,
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filedName } from '#gateway';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { openLive, readsOf, readsOfBoth, type LiveView, type Reads } from '../../src/cluster/live.ts';
import { PACE } from '../../src/cluster/liveCollection.ts';
import { connection } from '../../src/cluster/liveConnection.ts';
import { policySet } from '../../src/engine/index.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import type { Manifest } from '../support/review.ts';
import { until } from '../support/until.ts';

const ENVOY = 'gateway.envoyproxy.io';
const SECURITY = { group: ENVOY, kind: 'SecurityPolicy' };
const TRAFFIC = { group: ENVOY, kind: 'BackendTrafficPolicy' };
const V1ALPHA1 = `/apis/${ENVOY}/v1alpha1`;
const SECURITIES = `${V1ALPHA1}/securitypolicies`;
const TRAFFICS = `${V1ALPHA1}/backendtrafficpolicies`;
const RESOURCES = [
  { name: 'securitypolicies', kind: 'SecurityPolicy' },
  { name: 'securitypolicies/status', kind: 'SecurityPolicy' },
  { name: 'backendtrafficpolicies', kind: 'BackendTrafficPolicy' },
];
const quick = { ...PACE, watch: 1000, firstPause: 10, longestPause: 50, absent: 20 };

const policy = (kind: string, name: string, spec: unknown = {}, version = 'v1alpha1'): Manifest => ({
  apiVersion: `${ENVOY}/${version}`,
  kind,
  metadata: { name, namespace: 'shop' },
  spec: { targetRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'web' }, ...Object(spec) },
});

let fake: FakeApiServer;
let views: LiveView[] = [];
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve('/api/v1/namespaces');
});
afterEach(async () => {
  await Promise.all(views.map((view) => view.close()));
  views = [];
  await fake.close();
});

const reads = (...vendors: NonNullable<Reads['vendors']>): Reads => ({
  kinds: ['Namespace'],
  vendors,
  annotations: [],
});

function open(wanted: Reads, pace = quick): LiveView {
  const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  const view = openLive(api, wanted, pace);
  views.push(view);
  return view;
}

const seen = (view: LiveView): readonly string[] =>
  [...view.snapshot.list('VendorPolicy')].map((object) => filedName('VendorPolicy', object)).sort();
const sees = (view: LiveView, ...names: readonly string[]): Promise<void> =>
  until(() => JSON.stringify(seen(view)) === JSON.stringify(names));
const stateOf = (view: LiveView): unknown => {
  const state = view.kinds().find(({ kind }) => kind === 'VendorPolicy');
  return state && { ...state, age: typeof state.age };
};
function serve(): void {
  fake.discover(ENVOY, 'v1alpha1', RESOURCES);
  fake.serve(SECURITIES);
  fake.serve(TRAFFICS);
}

describe('the live view of vendors', () => {
  it('is ready without their kinds, says that they are not there, and follows them when they come, go on in another version, and go', async () => {
    const view = open(reads(SECURITY));
    await until(() => view.unseen().length === 1);
    await until(() => view.waitingFor().length === 0);
    // That there is no such group is known before it is sure that an API server has said so.
    await until(() => view.hasTriedVendors());
    expect([view.unseen(), view.degraded(), stateOf(view)]).toEqual([
      [{ kind: `${ENVOY}/SecurityPolicy`, problem: `the cluster serves no group ${ENVOY}` }],
      [],
      {
        kind: 'VendorPolicy',
        objects: 0,
        age: 'number',
        relists: expect.any(Number) as unknown,
        version: undefined,
        whole: true,
      },
    ]);
    serve();
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth', { jwt: { providers: [] } }));
    await sees(view, `${ENVOY}/SecurityPolicy/auth`);
    expect([view.unseen(), [...view.snapshot.list('VendorPolicy')]]).toEqual([[], [policy('SecurityPolicy', 'auth')]]);
    fake.put(SECURITIES, policy('SecurityPolicy', 'later'));
    await sees(view, `${ENVOY}/SecurityPolicy/auth`, `${ENVOY}/SecurityPolicy/later`);
    fake.discover(ENVOY, 'v1', RESOURCES);
    fake.serve(`/apis/${ENVOY}/v1/securitypolicies`);
    fake.put(`/apis/${ENVOY}/v1/securitypolicies`, policy('SecurityPolicy', 'later', {}, 'v1'));
    fake.withdraw(SECURITIES);
    await sees(view, `${ENVOY}/SecurityPolicy/later`);
    fake.discover(ENVOY, 'v1', RESOURCES.slice(2));
    fake.withdraw(`/apis/${ENVOY}/v1/securitypolicies`);
    await sees(view);
    await until(() => view.unseen().length === 1);
    expect(view.unseen().map(({ problem }) => problem)).toEqual([`the cluster serves no SecurityPolicy in ${ENVOY}`]);
  });

  it('says which kind was probably meant', async () => {
    serve();
    const view = open(reads({ ...SECURITY, kind: 'SecurityPolcy' }));
    await until(() => view.unseen().length === 1);
    expect(view.unseen()).toEqual([
      {
        kind: `${ENVOY}/SecurityPolcy`,
        problem: `the cluster serves no SecurityPolcy in ${ENVOY}; did you mean "SecurityPolicy"?`,
      },
    ]);
  });

  it('finds a kind that the preferred version of its group does not have', async () => {
    serve();
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    const group = JSON.stringify({ kind: 'APIGroup', versions: [{ version: 'v1alpha2' }, { version: 'v1alpha1' }] });
    const newer = JSON.stringify({ kind: 'APIResourceList', resources: RESOURCES.slice(2) });
    fake.fault = ({ path, watch }, response) =>
      (path === `/apis/${ENVOY}` && status(200, group)({ path, watch }, response)) ||
      (path === `/apis/${ENVOY}/v1alpha2` && status(200, newer)({ path, watch }, response));
    await sees(open(reads(SECURITY)), `${ENVOY}/SecurityPolicy/auth`);
  });

  it('F11 is ready without the right to list a kind, says so, sees the others, and sees it once it may', async () => {
    serve();
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    fake.put(TRAFFICS, policy('BackendTrafficPolicy', 'auth'));
    fake.fault = ({ path, watch }, response) => path === SECURITIES && status(403)({ path, watch }, response);
    const view = open(reads(SECURITY, TRAFFIC));
    await sees(view, `${ENVOY}/BackendTrafficPolicy/auth`);
    await until(() => view.unseen().length === 1);
    await until(() => view.waitingFor().length === 0);
    expect([view.unseen(), view.hasTriedVendors(), view.degraded(), stateOf(view)]).toEqual([
      [
        {
          kind: `${ENVOY}/SecurityPolicy`,
          problem: `may not list and watch securitypolicies.${ENVOY}: gateward manifests rbac --policies DIR prints that right`,
        },
      ],
      true,
      [],
      { kind: 'VendorPolicy', objects: 1, age: 'number', relists: 1, version: undefined, whole: false },
    ]);
    fake.fault = undefined;
    await sees(view, `${ENVOY}/BackendTrafficPolicy/auth`, `${ENVOY}/SecurityPolicy/auth`);
    expect([view.unseen(), stateOf(view)]).toEqual([
      [],
      { kind: 'VendorPolicy', objects: 2, age: 'number', relists: 2, version: undefined, whole: true },
    ]);
  });

  it('F11 says at once that it may not list a kind that was not there before', async () => {
    const view = open(reads(SECURITY));
    await until(() => view.unseen()[0]?.problem === `the cluster serves no group ${ENVOY}`);
    fake.fault = ({ path, watch }, response) => path === SECURITIES && status(403)({ path, watch }, response);
    serve();
    await until(() => view.unseen()[0]?.problem.startsWith('may not list and watch') === true);
  });

  it('F10 keeps what it has seen when a kind falls silent, says so, and nothing waits for it', async () => {
    serve();
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    const view = open({ ...reads(SECURITY), kinds: [] }, { ...quick, stale: 300, tooStale: 300 });
    await sees(view, `${ENVOY}/SecurityPolicy/auth`);
    fake.fault = ({ path, watch }, response) => path === SECURITIES && status(403)({ path, watch }, response);
    fake.reset();
    await until(() => view.unseen()[0]?.problem === `${SECURITIES}: 403 no`);
    expect([view.unseen(), view.waitingFor(), view.degraded(), seen(view)]).toEqual([
      [{ kind: `${ENVOY}/SecurityPolicy`, problem: `${SECURITIES}: 403 no` }],
      [],
      [],
      [`${ENVOY}/SecurityPolicy/auth`],
    ]);
    fake.fault = undefined;
    await until(() => view.unseen().length === 0);
  });

  it('F9 keeps kinds apart whose objects share a name', async () => {
    serve();
    const [mine, theirs] = [`${ENVOY}/SecurityPolicy/auth`, `${ENVOY}/BackendTrafficPolicy/auth`];
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    fake.put(SECURITIES, policy('SecurityPolicy', 'gone'));
    fake.put(TRAFFICS, policy('BackendTrafficPolicy', 'auth'));
    fake.put(TRAFFICS, policy('BackendTrafficPolicy', 'gone'));
    const view = open(reads(SECURITY, TRAFFIC));
    await until(() => seen(view).length === 4);
    // Gone while nobody watched: only a list afresh shows it.
    fake.withdraw(SECURITIES);
    fake.serve(SECURITIES);
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    fake.compact();
    await until(() => !seen(view).includes(`${ENVOY}/SecurityPolicy/gone`));
    expect(seen(view)).toEqual([theirs, `${ENVOY}/BackendTrafficPolicy/gone`, mine]);
    fake.remove(TRAFFICS, 'shop', 'gone');
    await sees(view, theirs, mine);
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth', { targetRef: null, targetSelectors: [{ kind: 'Gateway' }] }));
    await sees(view, theirs);
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    await sees(view, theirs, mine);
    fake.remove(TRAFFICS, 'shop', 'auth');
    await sees(view, mine);
  });

  it('F9 does not take a new object for the one of its name that is gone', async () => {
    serve();
    const view = open(reads(SECURITY));
    const object = (uid: string): Manifest => ({
      ...policy('SecurityPolicy', 'auth'),
      metadata: { name: 'auth', namespace: 'shop', uid },
    });
    fake.put(SECURITIES, object('new'));
    await sees(view, `${ENVOY}/SecurityPolicy/auth`);
    await until(() => fake.asked.some((path) => path.startsWith(`${SECURITIES}?watch`)));
    fake.say(`${JSON.stringify({ type: 'DELETED', object: object('old') })}\n`);
    fake.put(SECURITIES, policy('SecurityPolicy', 'later'));
    await sees(view, `${ENVOY}/SecurityPolicy/auth`, `${ENVOY}/SecurityPolicy/later`);
    fake.say(`${JSON.stringify({ type: 'DELETED', object: object('new') })}\n`);
    await sees(view, `${ENVOY}/SecurityPolicy/later`);
  });

  it('takes up and drops kinds with the documents', async () => {
    serve();
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    fake.put(TRAFFICS, policy('BackendTrafficPolicy', 'auth'));
    const view = open(reads());
    await until(() => view.waitingFor().length === 0);
    expect([seen(view), view.hasTriedVendors(), stateOf(view)]).toEqual([[], true, undefined]);
    view.follow(readsOfBoth(reads(SECURITY), reads(TRAFFIC, SECURITY)));
    expect([view.waitingFor(), view.hasTriedVendors()]).toEqual([[], false]);
    await sees(view, `${ENVOY}/BackendTrafficPolicy/auth`, `${ENVOY}/SecurityPolicy/auth`);
    view.follow(reads(TRAFFIC));
    await sees(view, `${ENVOY}/BackendTrafficPolicy/auth`);
    view.follow(reads(TRAFFIC, SECURITY));
    await sees(view, `${ENVOY}/BackendTrafficPolicy/auth`, `${ENVOY}/SecurityPolicy/auth`);
  });

  it('has no object that is cluster-scoped, and sets aside one that is not of its shape', async () => {
    serve();
    fake.put(SECURITIES, { ...policy('SecurityPolicy', 'everywhere'), metadata: { name: 'everywhere' } });
    fake.put(SECURITIES, policy('SecurityPolicy', 'auth'));
    fake.put(SECURITIES, {
      ...policy('SecurityPolicy', 'odd'),
      metadata: { name: 'odd', namespace: 'shop', labels: 'none' },
    });
    const view = open(reads(SECURITY));
    await sees(view, `${ENVOY}/SecurityPolicy/auth`);
    expect([view.unseen(), stateOf(view)]).toEqual([
      [{ kind: `${ENVOY}/SecurityPolicy`, problem: 'objects that are not of its shape: 1' }],
      { kind: 'VendorPolicy', objects: 1, age: 'number', relists: 1, version: undefined, whole: false },
    ]);
  });

  it('is of the kinds that documents name', () => {
    const { bound } = policyAttachment.bind([{ name: 'targets', spec: { kinds: [SECURITY] } }]);
    const { kinds, vendors } = readsOf(policySet(bound, []));
    expect([vendors, kinds.includes('VendorPolicy')]).toEqual([[SECURITY], false]);
  });
});

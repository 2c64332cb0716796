import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { Store } from '../../src/cluster/store.ts';
import { loadPolicies } from '../../src/config/index.ts';
import { ContinuousAudit, sweep, type FindingCount, type PolicySet } from '../../src/engine/index.ts';
import { filedName, kindOf, parseApiVersion, type KindName } from '#gateway';
import { objectOf } from '../support/world.ts';

const NOW = Date.UTC(2026, 10, 21);
const SPECS: Readonly<Record<string, unknown>> = {
  HostnameOwnership: {
    owners: [{ hostnames: ['*.example.com'], namespaceSelector: { matchLabels: { tier: 'web' } } }],
  },
  RouteAttachment: {},
  BackendReferences: {},
  ReferenceGrantScope: {},
  ListenerSafety: {},
  GatewayClassAccess: {},
  RoutePrecedence: {},
  PolicyAttachment: {
    kinds: ['example.com', 'example.org'].map((group) => ({ group, kind: 'AuthPolicy' })),
  },
};

/** One document of each of these kinds, called as its kind is with something after it. */
function documents(after = '', kinds = Object.keys(SPECS)): PolicySet {
  const given = Object.entries(SPECS)
    .filter(([kind]) => kinds.includes(kind))
    .map(([kind, spec]) => ({
      origin: kind,
      value: {
        apiVersion: 'gateward.dev/v1alpha1',
        kind,
        metadata: { name: `${kind.toLowerCase()}${after}` },
        spec: { action: 'Deny', ...(typeof spec === 'object' ? spec : {}) },
      },
      locate: undefined,
    }));
  const { set, problems } = loadPolicies(given, POLICIES, NOW);
  expect(problems).toEqual([]);
  return set;
}

type Manifest = Readonly<Record<string, unknown>> & { readonly apiVersion: string; readonly kind: string };

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const namespace = (name: string, labels: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
});
const gatewayClass = {
  apiVersion: GATEWAY_API,
  kind: 'GatewayClass',
  metadata: { name: 'c' },
  spec: { controllerName: 'a.b/c' },
};
const gateway = (hostname: string): Manifest => ({
  apiVersion: GATEWAY_API,
  kind: 'Gateway',
  metadata: { name: 'gw', namespace: 'infra' },
  spec: {
    gatewayClassName: 'c',
    listeners: [{ name: 'web', port: 80, protocol: 'HTTP', hostname, allowedRoutes: { namespaces: { from: 'All' } } }],
  },
});
const route = (name: string, hostname: string, backend: Readonly<Record<string, unknown>>): Manifest => ({
  apiVersion: GATEWAY_API,
  kind: 'HTTPRoute',
  metadata: { name, namespace: name, creationTimestamp: '2026-11-01T00:00:00Z' },
  spec: {
    parentRefs: [{ name: 'gw', namespace: 'infra' }],
    hostnames: [hostname],
    rules: [{ backendRefs: [{ port: 80, ...backend }] }],
  },
});
const service = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: name },
  spec: { ports: [{ port: 80 }] },
});
const authPolicy = (group: string, target: string): Manifest => ({
  apiVersion: `${group}/v1`,
  kind: 'AuthPolicy',
  metadata: { name: 'auth', namespace: 'infra' },
  spec: { targetRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: target } },
});
const grant = {
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: { name: 'g', namespace: 'b' },
  spec: {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'a' }],
    to: [{ group: '', kind: 'Service', name: 'web' }],
  },
};

class World {
  readonly store = new Store('all');
  readonly set = documents();
  readonly audit = new ContinuousAudit(this.store, this.set);
  judged = 0;
  now = NOW;

  constructor() {
    this.store.watch((...change) => {
      this.audit.changed(...change);
    });
  }

  put(manifest: Manifest): void {
    const kind = this.kindOf(manifest);
    this.store.put(kind, objectOf(kind, manifest));
  }

  remove(manifest: Manifest): void {
    const { namespace: within = '', name } = objectOf(this.kindOf(manifest), manifest).metadata;
    this.store.delete(this.kindOf(manifest), within, name);
  }

  kindOf(manifest: Manifest): KindName {
    return kindOf(parseApiVersion(manifest.apiVersion).group, manifest.kind) ?? 'VendorPolicy';
  }

  work(): readonly string[] {
    this.judged = 0;
    this.now += 1000;
    while (this.audit.step(this.now)) this.judged += 1;
    return this.audit
      .failingNamespaces()
      .flatMap((name) => [...this.audit.found(name, NOW)])
      .flatMap(({ subject, violations }) =>
        violations.map(({ rule }) => `${subject.kind} ${filedName(subject.kind, subject.object)}: ${rule}`),
      )
      .sort();
  }

  /** How much an audit finds that begins now. */
  counted(): readonly FindingCount[] {
    const audit = new ContinuousAudit(this.store, this.set);
    while (audit.step(NOW));
    return audit.counts();
  }

  /** What one look at everything finds. */
  swept(): readonly string[] {
    return [...sweep(this.store, this.set, NOW)]
      .flatMap(({ subject, violations }) =>
        violations.map(({ rule }) => `${subject.kind} ${filedName(subject.kind, subject.object)}: ${rule}`),
      )
      .sort();
  }
}

describe('the continuous audit', () => {
  const world = new World();
  const start = [
    namespace('infra', { tier: 'web' }),
    namespace('a', { tier: 'web' }),
    namespace('b', { tier: 'web' }),
    gatewayClass,
    gateway('*.example.com'),
    service('a'),
    service('b'),
    grant,
    route('a', 'a.example.com', { name: 'web', namespace: 'b' }),
    route('b', 'b.example.com', { name: 'web' }),
  ];

  test.each<readonly [string, (world: World) => void]>([
    [
      'everything at once',
      (one) => {
        start.forEach((manifest) => {
          one.put(manifest);
        });
      },
    ],
    [
      'a label of a namespace flips',
      (one) => {
        one.put(namespace('a', { tier: 'batch' }));
      },
    ],
    [
      'and back',
      (one) => {
        one.put(namespace('a', { tier: 'web' }));
      },
    ],
    [
      'a grant goes',
      (one) => {
        one.store.delete('ReferenceGrant', 'b', 'g');
      },
    ],
    [
      'and comes',
      (one) => {
        one.put(grant);
      },
    ],
    [
      'a listener is narrowed',
      (one) => {
        one.put(gateway('b.example.com'));
      },
    ],
    [
      'and widened',
      (one) => {
        one.put(gateway('*.example.com'));
      },
    ],
    [
      'policies of two vendors with one name come',
      (one) => {
        one.put(authPolicy('example.com', 'gw'));
        one.put(authPolicy('example.org', 'later'));
      },
    ],
    [
      'the target of one comes',
      (one) => {
        one.put({ ...gateway('later.example.com'), metadata: { name: 'later', namespace: 'infra' } });
      },
    ],
    [
      'the other is changed',
      (one) => {
        one.put(authPolicy('example.com', 'gone'));
      },
    ],
    [
      'and goes',
      (one) => {
        one.store.delete('VendorPolicy', 'infra', 'example.com/AuthPolicy/auth');
      },
    ],
    [
      'a Service goes',
      (one) => {
        one.store.delete('Service', 'b', 'web');
      },
    ],
    [
      'and all others are out of sight',
      (one) => {
        one.audit.lookAtSight();
        one.store.setVisibility('Service', 'none');
        one.audit.lookAtSight();
      },
    ],
    [
      'and they are in sight again',
      (one) => {
        one.store.setVisibility('Service', 'all');
        one.audit.lookAtSight();
      },
    ],
    [
      'and it comes',
      (one) => {
        one.put(service('b'));
      },
    ],
    [
      'the class goes',
      (one) => {
        one.store.delete('GatewayClass', '', 'c');
      },
    ],
    [
      'a rival comes',
      (one) => {
        one.put(route('b', 'a.example.com', { name: 'web' }));
      },
    ],
    [
      'the one that goes before it takes another hostname',
      (one) => {
        one.put(route('a', 'c.example.com', { name: 'web' }));
      },
    ],
    [
      'and takes it back',
      (one) => {
        one.put(route('a', 'a.example.com', { name: 'web' }));
      },
    ],
    [
      'a namespace that owns nothing takes the hostname of another',
      (one) => {
        one.put(namespace('nobody', {}));
        one.put(route('nobody', 'a.example.com', { name: 'web' }));
      },
    ],
    [
      'it takes a wildcard instead',
      (one) => {
        one.put(route('nobody', '*.deep.example.com', { name: 'web' }));
      },
    ],
    [
      'a hostname below the wildcard comes',
      (one) => {
        one.put(route('b', 'x.deep.example.com', { name: 'web' }));
      },
    ],
    [
      'a route goes',
      (one) => {
        one.store.delete('HTTPRoute', 'a', 'a');
      },
    ],
    [
      'the Gateway goes',
      (one) => {
        one.store.delete('Gateway', 'infra', 'gw');
      },
    ],
  ])('A45 after %s it finds what one look at everything finds', (_what, change) => {
    change(world);
    expect(world.work()).toEqual(world.swept());
    expect(world.audit.counts()).toEqual(world.counted());
  });

  test('policies of vendors are judged when they come, when their targets do, and each for itself', () => {
    const one = new World();
    const missing = (group: string): string =>
      `VendorPolicy ${group}/AuthPolicy/auth: policy-attachment/target-not-found`;
    const found = (): readonly string[] => one.work().filter((line) => line.startsWith('VendorPolicy'));
    for (const group of ['example.com', 'example.org']) one.put(authPolicy(group, 'gw'));
    expect(found()).toEqual([missing('example.com'), missing('example.org')]);
    // One that leads from now on sweeps what is there.
    const later = new ContinuousAudit(one.store, one.set);
    while (later.step(NOW));
    expect(later.tally('policy-attachment', 'policyattachment')).toEqual({ judged: 2, findings: 2 });
    one.put(authPolicy('example.com', 'other'));
    expect([found(), one.judged]).toEqual([[missing('example.com'), missing('example.org')], 1]);
    one.put(gateway('*.example.com'));
    expect(found()).toEqual([missing('example.com')]);
    one.store.delete('VendorPolicy', 'infra', 'example.com/AuthPolicy/auth');
    expect([found(), one.audit.tally('policy-attachment', 'policyattachment')]).toEqual([
      [],
      { judged: 1, findings: 0 },
    ]);
  });

  test('an event calls only for what it can affect', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    for (let at = 0; at < 200; at += 1) {
      one.put(namespace(`n${at}`, { tier: 'web' }));
      one.put(service(`n${at}`));
      one.put(route(`n${at}`, `n${at}.example.com`, { name: 'web' }));
    }
    one.work();
    const before = one.audit.tally('hostname-ownership', 'hostnameownership');
    one.put(namespace('n7', { tier: 'batch' }));
    const found = one.work();
    expect(found.filter((line) => line.startsWith('HTTPRoute n7'))).toEqual([
      'HTTPRoute n7: hostname-ownership/not-owned',
    ]);
    expect(one.judged).toBeLessThan(10);
    expect(one.audit.tally('hostname-ownership', 'hostnameownership')).toEqual({
      judged: before.judged,
      findings: before.findings + 1,
    });
    expect(one.audit.takeDirty()).toContain('n7');
    expect(one.audit.counts().filter(({ policy }) => policy === 'hostname-ownership')).toEqual([
      { policy: 'hostname-ownership', action: 'Deny', count: before.findings + 1 },
      { policy: 'hostname-ownership', action: 'Warn', count: 0 },
      { policy: 'hostname-ownership', action: 'Audit', count: 0 },
    ]);
  });

  test('knows what a new audit finds, whatever changes while it is at work', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const hostname = fc.constantFrom('a.example.com', '*.example.com', 'b.example.com', 'a.example.org');
    const tier = fc.constantFrom('web', 'batch');
    const manifest = fc.oneof(
      fc.tuple(name, tier).map(([of, label]) => namespace(of, { tier: label })),
      name.map(service),
      fc.constantFrom('*.example.com', 'a.example.com').map(gateway),
      fc.constant(grant),
      fc.tuple(name, hostname, name).map(([of, host, to]) => route(of, host, { name: 'web', namespace: to })),
    );
    const change = fc.oneof(
      { weight: 4, arbitrary: manifest.map((put) => ({ put })) },
      { weight: 1, arbitrary: manifest.map((gone) => ({ gone })) },
      { weight: 3, arbitrary: fc.nat(6).map((steps) => ({ steps })) },
      { weight: 1, arbitrary: fc.nat(300).map((later) => ({ later })) },
      { weight: 1, arbitrary: fc.constant({ sweep: true }) },
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const one = new World();
        for (const started of start) one.put(started);
        one.work();
        for (const what of changes) {
          if ('put' in what) one.put(what.put);
          else if ('gone' in what) one.remove(what.gone);
          else if ('later' in what) one.now += what.later;
          else if ('sweep' in what) one.audit.sweep(one.set);
          else for (let step = 0; step < what.steps; step += 1) one.audit.step(one.now);
        }
        expect(one.work()).toEqual(one.swept());
        expect(one.audit.counts()).toEqual(one.counted());
        expect(one.audit.judged).toBe([...sweep(one.store, one.set, NOW)].length);
      }),
    );
  });

  test('what has changed is judged once, however it has been read', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    for (let at = 0; at < 20; at += 1) one.put(route(`n${at}`, `n${at}.example.com`, { name: 'web' }));
    one.work();
    one.put(route('n7', 'm7.example.com', { name: 'web' }));
    one.work();
    expect(one.judged).toBe(1);
    one.put(route('n7', 'k7.example.com', { name: 'web' }));
    one.put(route('n8', 'k7.example.com', { name: 'web' }));
    one.work();
    expect(one.judged).toBe(2);
  });

  test('what is to be judged is judged before the next search, which may be long in coming', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    one.work();
    for (const name of ['x', 'y', 'z']) one.put(route(name, `${name}.example.org`, { name: 'web' }));
    one.now += 1000;
    one.audit.step(one.now);
    one.now += 1000;
    one.put(service('x'));
    expect(one.work()).toEqual(one.swept());
    expect(one.audit.counts()).toEqual(one.counted());
  });

  test('what changed is late when a search has called for it and it has not been judged for a while', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    one.work();
    const late = (after: number): boolean => one.audit.isLate(one.now + after);
    expect(late(100_000)).toBe(false);
    for (const name of ['x', 'y']) one.put(route(name, `${name}.example.org`, { name: 'web' }));
    one.now += 1000;
    // Nothing has been called for yet.
    expect(late(0)).toBe(false);
    while (one.audit.step(one.now) && !late(151));
    expect([late(150), late(151)]).toEqual([false, true]);
    // A clock that is set back holds nothing up.
    expect(late(-100_000)).toBe(true);
    while (one.audit.step(one.now));
    expect(late(151)).toBe(false);
  });

  test('one that goes after what it has read has called for it is passed over', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    for (const name of ['x', 'y', 'z']) one.put(route(name, 'xyz.example.com', { name: 'web' }));
    one.work();
    const { judged } = one.audit;
    for (const name of ['x', 'y']) one.store.delete('HTTPRoute', name, name);
    while (one.audit.step(NOW + 2000));
    expect([one.audit.judged, one.audit.counts()]).toEqual([judged - 2, one.counted()]);
  });

  test('what no document speaks about any more is forgotten', () => {
    const one = new World();
    for (const manifest of [...start, authPolicy('example.com', 'none')]) one.put(manifest);
    one.work();
    const only = documents('', ['PolicyAttachment']);
    one.audit.sweep(only);
    one.work();
    expect([one.audit.judged, one.audit.failingNamespaces(), one.audit.counts()]).toEqual([
      1,
      ['infra'],
      [
        { policy: 'policy-attachment', action: 'Deny', count: 1 },
        { policy: 'policy-attachment', action: 'Warn', count: 0 },
        { policy: 'policy-attachment', action: 'Audit', count: 0 },
      ],
    ]);
  });

  test('what is found in a namespace comes by kind and name, and namespaces in which something was found by name', () => {
    const one = new World();
    one.put(authPolicy('example.com', 'none'));
    one.put(namespace('a', {}));
    const late = { name: 'web' };
    for (const name of ['z', 'y'])
      one.put({ ...route('a', 'a.example.com', late), metadata: { name, namespace: 'a' } });
    one.put({ ...gateway('*.example.com'), metadata: { name: 'gw', namespace: 'a' } });
    one.work();
    const found = [...one.audit.found('a', NOW)].map(
      ({ subject }) => `${subject.kind} ${subject.object.metadata.name}`,
    );
    expect([found, one.audit.takeDirty(), one.audit.takeDirty()]).toEqual([
      ['Gateway gw', 'HTTPRoute y', 'HTTPRoute z'],
      ['a', 'infra'],
      [],
    ]);
  });

  test('documents that take the place of others are counted by their own names', () => {
    const one = new World();
    for (const manifest of start) one.put(manifest);
    one.work();
    const { judged, findings } = one.audit.tally('hostname-ownership', 'hostnameownership');
    expect(judged).toBeGreaterThan(0);
    const next = documents('-2');
    const isWhole = [one.set, next].map((set) => {
      one.audit.sweep(set);
      return one.audit.isWhole;
    });
    one.work();
    expect([...isWhole, one.audit.isWhole]).toEqual([true, false, true]);
    expect(['', '-2'].map((after) => one.audit.tally('hostname-ownership', `hostnameownership${after}`))).toEqual([
      { judged: 0, findings: 0 },
      { judged, findings },
    ]);
  });
});

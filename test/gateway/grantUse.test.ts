import { describe, expect, test } from 'vitest';
import {
  asGrant,
  lostUses,
  minimalGrants,
  planGrants,
  usesOf,
  type Indexed,
  type KubeObject,
  type Snapshot,
} from '#gateway';
import { Store } from '../../src/cluster/store.ts';
import { checkedObject } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io';

function route(at: string, targets: readonly string[]): object {
  const [namespace, name] = at.split('/');
  const backendRefs = targets.map((target) => {
    const [toNamespace, service] = target.split('/');
    return { namespace: toNamespace, name: service, port: 80 };
  });
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: { namespace, name },
    spec: { parentRefs: [{ namespace: 'data', name: 'gw' }], rules: [{ backendRefs }] },
  };
}

function gateway(at: string, secrets: readonly string[]): object {
  const [namespace, name] = at.split('/');
  const certificateRefs = secrets.map((secret) => {
    const [toNamespace, secretName] = secret.split('/');
    return { namespace: toNamespace, name: secretName };
  });
  const listeners = [{ name: 'web', port: 443, protocol: 'HTTPS', tls: { certificateRefs } }];
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Gateway',
    metadata: { namespace, name },
    spec: { gatewayClassName: 'public', listeners },
  };
}

interface End {
  readonly kind: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly name?: string;
}

function grant(at: string, from: readonly End[], to: readonly End[]): object {
  const [namespace, name] = at.split('/');
  return {
    apiVersion: `${GROUP}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: { namespace, name },
    spec: {
      from: from.map((end) => ({ group: GROUP, ...end })),
      to: to.map((end) => ({ group: '', ...end })),
    },
  };
}

function world(...objects: readonly object[]): Snapshot {
  const store = new Store('all');
  for (const raw of objects) {
    const { kind, object } = checkedObject(raw);
    store.put(kind, object);
  }
  return store;
}

const WEB = { kind: 'HTTPRoute', namespace: 'web' };
const routes = [route('web/a', ['data/api', 'data/db', 'web/own', 'other/x']), route('web/b', ['data/api'])];
const SERVICES = [{ kind: 'Service' }];

function numbered(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, at) => `data/s${String(from + at).padStart(2, '0')}`);
}

describe('usesOf', () => {
  const uses = (...objects: readonly object[]): readonly string[] => {
    const found = world(...routes, route('else/a', ['data/api']), gateway('web/gw', ['data/api']), ...objects);
    const object = found.get('ReferenceGrant', 'data', 'g');
    if (object === undefined) throw new Error('no grant');
    const name = ({ object: by }: Indexed<'HTTPRoute'> | { readonly object: KubeObject }): string => by.metadata.name;
    return [...usesOf(found, object)].map(
      ({ by, reference }) => `${name(by)} ${reference.to.kind} ${reference.to.name}`,
    );
  };
  test.each<[string, object, readonly string[]]>([
    ['every name', grant('data/g', [WEB], SERVICES), ['a Service api', 'a Service db', 'b Service api']],
    ['one name', grant('data/g', [WEB], [{ kind: 'Service', name: 'db' }]), ['a Service db']],
    ['what needs no grant', grant('data/g', [WEB], [{ kind: 'Gateway', group: GROUP }]), []],
    ['another kind', grant('data/g', [WEB], [{ kind: 'Secret' }]), []],
    ['another source', grant('data/g', [{ kind: 'GRPCRoute', namespace: 'web' }], SERVICES), []],
    [
      'every name and one of them',
      grant('data/g', [WEB], [{ kind: 'Service', name: 'db' }, ...SERVICES]),
      ['a Service api', 'a Service db', 'b Service api'],
    ],
    ['one source named twice', grant('data/g', [WEB, WEB], [{ kind: 'Service', name: 'db' }]), ['a Service db']],
  ])('of a grant for %s', (_name, object, expected) => {
    expect(uses(object)).toEqual(expected);
  });
});

describe('what is looked through', () => {
  const api = [{ kind: 'Service', name: 'api' }];
  test.each<[string, typeof usesOf | typeof lostUses, readonly End[], readonly object[], number, number]>([
    ['for uses of one name, those who refer to it', usesOf, api, [], 2, 2],
    ['for uses of every name, all of the relation', usesOf, SERVICES, [], 3, 3],
    ['for losses of one name, those who lose it', lostUses, api, [], 2, 2],
    ['nobody, where another grant opens the name', lostUses, api, [grant('data/g', [WEB], api)], 0, 0],
    ['nobody, where another opens every name', lostUses, SERVICES, [grant('data/g', [WEB], SERVICES)], 0, 0],
    ['all, where another opens some names', lostUses, SERVICES, [grant('data/g', [WEB], api)], 3, 1],
  ])('%s', (_name, find, to, others, seen, found) => {
    const gone = world(grant('data/gone', [WEB], to)).get('ReferenceGrant', 'data', 'gone');
    if (gone === undefined) throw new Error('no grant');
    const three = [route('web/a', ['data/api']), route('web/b', ['data/api']), route('web/c', ['data/db'])];
    const base = world(...three, ...others);
    let count = 0;
    const counting: Snapshot = {
      get: (kind, namespace, name) => base.get(kind, namespace, name),
      list: (kind, namespace) => base.list(kind, namespace),
      lookup: (index, key, namespace) =>
        [...base.lookup(index, key, namespace)].map((entry) => {
          if (entry.kind === 'HTTPRoute') count += 1;
          return entry;
        }),
      namespacesIn: (index, key) => base.namespacesIn(index, key),
      sees: (kind) => base.sees(kind),
    };
    expect([[...find(counting, gone)].length, count]).toEqual([found, seen]);
  });
});

describe('minimalGrants', () => {
  test('one per relation, with the names in use, and whether they are granted today', () => {
    const found = world(
      ...routes,
      gateway('infra/gw', ['data/tls', 'infra/own']),
      grant('data/g', [WEB], [{ kind: 'Service', name: 'api' }]),
    );
    expect(minimalGrants(found)).toEqual([
      {
        namespace: 'data',
        from: { group: GROUP, kind: 'Gateway', namespace: 'infra' },
        to: [{ group: '', kind: 'Secret', name: 'tls', isGranted: false }],
      },
      {
        namespace: 'data',
        from: { group: GROUP, kind: 'HTTPRoute', namespace: 'web' },
        to: [
          { group: '', kind: 'Service', name: 'api', isGranted: true },
          { group: '', kind: 'Service', name: 'db', isGranted: false },
        ],
      },
      {
        namespace: 'other',
        from: { group: GROUP, kind: 'HTTPRoute', namespace: 'web' },
        to: [{ group: '', kind: 'Service', name: 'x', isGranted: false }],
      },
    ]);
  });

  test('nothing where nothing crosses', () => {
    expect(minimalGrants(world(route('web/a', ['web/own'])))).toEqual([]);
  });
});

describe('planGrants', () => {
  const steps = (...objects: readonly object[]): readonly string[] =>
    planGrants(world(...objects)).steps.map(({ action, namespace, name }) => `${action} ${namespace}/${name}`);
  const use = route('web/a', ['data/api']);
  const exact = [{ kind: 'Service', name: 'api' }];

  test.each<[string, readonly object[], readonly string[]]>([
    ['adds what is missing', [use], ['add data/httproute-from-web']],
    ['keeps what says just that, under its name', [use, grant('data/g', [WEB], exact)], ['keep data/g']],
    [
      'in whatever order it says it',
      [route('web/a', ['data/api', 'data/db']), grant('data/g', [WEB], [{ kind: 'Service', name: 'db' }, ...exact])],
      ['keep data/g'],
    ],
    [
      'replaces what is wider',
      [use, grant('data/g', [WEB], SERVICES)],
      ['remove data/g', 'add data/httproute-from-web'],
    ],
    [
      'changes a wider one that has the name',
      [use, grant('data/httproute-from-web', [WEB], SERVICES)],
      ['change data/httproute-from-web'],
    ],
    [
      'keeps one for kinds that it does not know, and leaves its name alone',
      [use, grant('data/httproute-from-web', [{ kind: 'Policy', group: 'example.com', namespace: 'web' }], exact)],
      ['keep data/httproute-from-web', 'add data/httproute-from-web-2'],
    ],
    [
      'keeps one that serves such kinds beside others',
      [use, grant('data/g', [WEB, { kind: 'Policy', group: 'example.com', namespace: 'web' }], SERVICES)],
      ['keep data/g', 'add data/httproute-from-web'],
    ],
    [
      'leaves the name of one that stays to it, though another would get it first',
      [
        use,
        route('zed/a', ['data/db']),
        grant('data/httproute-from-web', [{ kind: 'HTTPRoute', namespace: 'zed' }], [{ kind: 'Service', name: 'db' }]),
      ],
      ['keep data/httproute-from-web', 'add data/httproute-from-web-2'],
    ],
    [
      'knows every name from the name of an asterisk',
      [route('web/a', ['data/*']), grant('data/g', [WEB], SERVICES)],
      ['remove data/g', 'add data/httproute-from-web'],
    ],
    ['removes what nothing uses', [grant('data/g', [WEB], exact)], ['remove data/g']],
    [
      'splits a product into its relations',
      [
        use,
        gateway('infra/gw', ['data/tls']),
        grant('data/g', [WEB, { kind: 'Gateway', namespace: 'infra' }], [...exact, { kind: 'Secret', name: 'tls' }]),
      ],
      ['remove data/g', 'add data/gateway-from-infra', 'add data/httproute-from-web'],
    ],
  ])('%s', (_name, objects, expected) => {
    expect(steps(...objects)).toEqual(expected);
  });

  test.each<[number, readonly (readonly [string, number])[]]>([
    [16, [['httproute-from-web', 16]]],
    [
      33,
      [
        ['httproute-from-web', 16],
        ['httproute-from-web-2', 16],
        ['httproute-from-web-3', 1],
      ],
    ],
  ])('splits %d at the limit of the CRD, each part under a name of its own', (count, expected) => {
    const names = numbered(0, count);
    const many = [route('web/a', names.slice(0, 9)), route('web/b', names.slice(9))];
    const { grants } = planGrants(world(...many));
    expect(grants.map(({ name, to }) => [name, to.length])).toEqual(expected);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['one that comes first moves the last of each part on', numbered(1, 34), numbered(0, 33)],
    ['one that goes moves the first of each part back', numbered(0, 33), numbered(1, 34)],
    ['so many that come first that those of the first part move on by two', numbered(32, 48), numbered(0, 47)],
  ])('applied one after the other nothing breaks: %s', (_name, old, wanted) => {
    const stays = route(
      'web/a',
      wanted.filter((name) => old.includes(name)),
    );
    const store = new Store('all');
    const put = (raw: object): void => {
      const { kind, object } = checkedObject(raw);
      store.put(kind, object);
    };
    for (const part of planGrants(world(route('web/a', old))).grants) put(asGrant(part));
    put(route('web/a', wanted));
    const { grants } = planGrants(store);
    const broken = grants.flatMap((part) => {
      put(asGrant(part));
      put(stays);
      return minimalGrants(store).flatMap(({ to }) => to.filter(({ isGranted }) => !isGranted));
    });
    expect([grants.length, broken]).toEqual([3, []]);
  });

  test('of two grants that take over from each other one goes first', () => {
    const names = numbered(0, 18);
    const held = (at: string, target = ''): object =>
      grant(at, [WEB], [{ kind: 'Service', name: target.replace('data/', '') }]);
    const { grants } = planGrants(
      world(
        route('web/a', names.slice(0, 9)),
        route('web/b', names.slice(9)),
        held('data/httproute-from-web', names[16]),
        held('data/httproute-from-web-2', names[0]),
      ),
    );
    expect(grants.map(({ name, to }) => [name, to.length])).toEqual([
      ['httproute-from-web-2', 2],
      ['httproute-from-web', 16],
    ]);
  });

  test('a grant that loses a relation comes after the one that takes it over', () => {
    const zed = { kind: 'HTTPRoute', namespace: 'zed' };
    const plan = planGrants(
      world(use, route('zed/a', ['data/db']), grant('data/httproute-from-web', [WEB, zed], SERVICES)),
    );
    expect(plan.grants.map(({ name }) => name)).toEqual(['httproute-from-zed', 'httproute-from-web']);
  });

  test('carried out, it permits the same, and a second plan keeps all', () => {
    const before = world(
      ...routes,
      gateway('infra/gw', ['data/tls']),
      grant('data/g', [WEB, { kind: 'Gateway', namespace: 'infra' }], [{ kind: 'Service' }, { kind: 'Secret' }]),
    );
    const plan = planGrants(before);
    const after = world(...routes, gateway('infra/gw', ['data/tls']), ...plan.grants.map(asGrant));
    expect(planGrants(after).steps.map(({ action }) => action)).toEqual(['keep', 'keep', 'keep']);
    expect(minimalGrants(after).flatMap(({ to }) => to.map(({ isGranted }) => isGranted))).not.toContain(false);
  });
});

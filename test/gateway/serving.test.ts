import { expect, test } from 'vitest';
import { INDEXES, darknessIn, type Snapshot } from '#gateway';
import { gateway, listener, make, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const condition = (type: string, status: string): Fields => ({
  type,
  status,
  reason: type,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const G = { name: 'g', namespace: 'infra' };
const hostless = (at: string, isAccepted: boolean, path = '/', parentRef: Fields = G): Fields => {
  return make('HTTPRoute', at, {
    spec: { parentRefs: [parentRef], rules: [{ matches: [{ path: { type: 'PathPrefix', value: path } }] }] },
    status: {
      parents: [
        { parentRef, controllerName: 'a/b', conditions: [condition('Accepted', isAccepted ? 'True' : 'False')] },
      ],
    },
  });
};
test.each([
  ['of those alike one', [hostless('shop/a', false), hostless('shop/b', false, '/b')], 1],
  ['those of another namespace too', [hostless('shop/a', false), hostless('pay/b', false)], 2],
  ['those that are accepted too', [hostless('shop/a', false), hostless('shop/b', true)], 2],
])('routes are looked at once for all hostnames: %s', (_name, routes, expected) => {
  const base = storeOf([gateway('infra/g', [listener('a', { hostname: '*.example.com' })]), ...routes], 'all');
  const seen = { lookups: 0, gateways: 0 };
  const counting: Snapshot = {
    get: (kind, namespace, name) => {
      if (kind === 'Gateway') seen.gateways += 1;
      return base.get(kind, namespace, name);
    },
    list: (kind, namespace) => base.list(kind, namespace),
    lookup: (index, key, namespace) => {
      if (index.keysOf === INDEXES.hostlessRoutesByParent.keysOf) seen.lookups += 1;
      return base.lookup(index, key, namespace);
    },
    namespacesIn: (index, key) => base.namespacesIn(index, key),
    sees: (kind) => base.sees(kind),
  };
  const darkness = darknessIn(counting);
  expect(['a.example.com', 'b.example.com', 'c.example.net'].map((hostname) => darkness(hostname)?.reason)).toEqual([
    'the Route for it is not Accepted',
    'the Route for it is not Accepted',
    'no Route for it is attached to a Gateway',
  ]);
  expect(seen).toEqual({ lookups: 1, gateways: expected });
});

test('of routes that serve the same on the same listeners one is judged for each hostname', () => {
  const set = { kind: 'ListenerSet', name: 's', namespace: 'infra' };
  const selector = { matchLabels: { tier: 'edge' } };
  const base = storeOf(
    [
      make('Gateway', 'infra/g', {
        spec: {
          gatewayClassName: 'c',
          listeners: [listener('a', { hostname: 'other.example' })],
          allowedListeners: { namespaces: { from: 'Selector', selector } },
        },
        status: { conditions: [condition('Programmed', 'True')] },
      }),
      make('ListenerSet', 'infra/s', {
        spec: { parentRef: { name: 'g' }, listeners: [listener('a', { hostname: '*.example.com' })] },
      }),
      make('Namespace', 'infra', {}),
      ...['one', 'two', 'three'].map((namespace) => hostless(`${namespace}/a`, true, '/', set)),
    ],
    'all',
  );
  let labels = 0;
  const counting: Snapshot = {
    get: (kind, namespace, name) => {
      if (kind === 'Namespace' && name === 'infra') labels += 1;
      return base.get(kind, namespace, name);
    },
    list: (kind, namespace) => base.list(kind, namespace),
    lookup: (index, key, namespace) => base.lookup(index, key, namespace),
    namespacesIn: (index, key) => base.namespacesIn(index, key),
    sees: (kind) => base.sees(kind),
  };
  const darkness = darknessIn(counting);
  const looks = ['a.example.com', 'b.example.com', 'c.example.com'].map((hostname) => {
    const before = labels;
    return [darkness(hostname)?.reason, labels - before];
  });
  // The labels are read twice for a ListenerSet.
  const once = ['the ListenerSet for it is not allowed by its Gateway', 2];
  expect(looks).toEqual([once, once, once]);
});

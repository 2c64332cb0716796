import { describe, expect, test } from 'vitest';
import { worldStatus } from '#gateway';
import { gateway, grant, listener, listenerSet, make, shortStatus, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io';
const anchor = (name: string, kind = 'ConfigMap'): Fields => ({ group: '', kind, name });
const policy = (at: string, targets: readonly Fields[], validation: Fields = {}, metadata: Fields = {}): Fields =>
  make(
    'BackendTLSPolicy',
    at,
    {
      spec: {
        targetRefs: targets.map((target) => ({ group: '', kind: 'Service', ...target })),
        validation: {
          hostname: 'a.b',
          ...(Object.keys(validation).length === 0 ? { wellKnownCACertificates: 'System' } : validation),
        },
      },
    },
    metadata,
  );
const route = (at: string, parent: Fields, ...backends: readonly Fields[]): Fields =>
  make('HTTPRoute', at, {
    spec: { parentRefs: [parent], rules: [{ backendRefs: backends.map((ref) => ({ port: 443, ...ref })) }] },
  });
const created = (hour: string): Fields => ({ creationTimestamp: `2026-01-01T${hour}:00:00Z` });

const world: readonly Fields[] = [
  gateway('shop/g', [listener('a')], { allowedListeners: { namespaces: { from: 'Same' } } }),
  make('Service', 'shop/web', { spec: { ports: [{ name: 'https', port: 443 }] } }),
  make('Service', 'shop/api', { spec: { ports: [{ name: 'https', port: 443 }] } }),
  make('ConfigMap', 'shop/ca', { data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nstub\n-----END CERTIFICATE-----' } }),
  route('shop/r', { name: 'g' }, { name: 'web' }, { name: 'api' }),
];

interface Row {
  readonly name: string;
  readonly add: readonly Fields[];
  readonly expect: Readonly<Record<string, readonly string[]>>;
}

const rows: readonly Row[] = [
  {
    name: 'the older policy wins, whatever its name; with a section it is another target',
    add: [
      policy('shop/a', [{ name: 'web' }], {}, created('02')),
      policy('shop/b', [{ name: 'web' }], {}, created('01')),
      policy('shop/c', [{ name: 'web', sectionName: 'https' }], {}, created('03')),
    ],
    expect: {
      'BackendTLSPolicy shop/a': ['Gateway g: Accepted=False/Conflicted'],
      'BackendTLSPolicy shop/b': ['Gateway g: ok'],
      'BackendTLSPolicy shop/c': ['Gateway g: ok'],
    },
  },
  {
    name: 'of one age the first by name wins; one that still has a target to itself is accepted',
    add: [
      policy('shop/a', [{ name: 'web' }]),
      policy('shop/b', [{ name: 'web' }]),
      policy('shop/c', [{ name: 'web' }, { name: 'api' }]),
    ],
    expect: {
      'BackendTLSPolicy shop/a': ['Gateway g: ok'],
      'BackendTLSPolicy shop/b': ['Gateway g: Accepted=False/Conflicted'],
      'BackendTLSPolicy shop/c': ['Gateway g: ok'],
    },
  },
  {
    name: 'trust anchors: one bad of two, all bad, a kind that is none',
    add: [
      policy('shop/a', [{ name: 'web' }], { caCertificateRefs: [anchor('ca'), anchor('none')] }),
      policy('shop/b', [{ name: 'api' }], { caCertificateRefs: [anchor('none')] }),
      policy('shop/c', [{ name: 'web', sectionName: 'https' }], { caCertificateRefs: [anchor('ca', 'Vault')] }),
    ],
    expect: {
      'BackendTLSPolicy shop/a': ['Gateway g: ResolvedRefs=False/InvalidCACertificateRef'],
      'BackendTLSPolicy shop/b': [
        'Gateway g: Accepted=False/NoValidCACertificate ResolvedRefs=False/InvalidCACertificateRef',
      ],
      'BackendTLSPolicy shop/c': ['Gateway g: Accepted=False/NoValidCACertificate ResolvedRefs=False/InvalidKind'],
    },
  },
  {
    name: 'a section that the Service does not have',
    add: [policy('shop/a', [{ name: 'web', sectionName: 'grpc' }])],
    expect: { 'BackendTLSPolicy shop/a': ['Gateway g: Accepted=False/TargetNotFound'] },
  },
  {
    name: 'a target is the same in group, kind, name and section together',
    add: [
      policy('shop/a', [{ name: 'web' }, { name: 'api', sectionName: 'https' }], {}, created('01')),
      policy('shop/b', [{ name: 'web', sectionName: 'https' }], {}, created('02')),
      policy('shop/c', [{ name: 'api' }], {}, created('03')),
      policy('shop/d', [{ group: 'example.com', name: 'api' }], {}, created('00')),
    ],
    expect: {
      'BackendTLSPolicy shop/b': ['Gateway g: ok'],
      'BackendTLSPolicy shop/c': ['Gateway g: ok'],
    },
  },
  {
    name: 'a Service that is not there',
    add: [
      route('shop/s', { name: 'g' }, { name: 'none' }),
      policy('shop/a', [{ name: 'none' }]),
      policy('shop/b', [{ name: 'none', sectionName: 'https' }]),
    ],
    expect: {
      'BackendTLSPolicy shop/a': ['Gateway g: Accepted=False/TargetNotFound'],
      'BackendTLSPolicy shop/b': ['Gateway g: Accepted=False/TargetNotFound'],
    },
  },
  {
    name: 'each Gateway once, by name, whatever leads there',
    add: [
      gateway('shop/f', [listener('a')]),
      route('shop/s', { name: 'f' }, { name: 'api' }),
      route('shop/t', { name: 'f' }, { name: 'web' }),
      policy('shop/a', [{ name: 'web' }, { name: 'api' }]),
    ],
    expect: { 'BackendTLSPolicy shop/a': ['Gateway f: ok', 'Gateway g: ok'] },
  },
  {
    name: 'no Gateway leads to a target that no route sends to, or may not, or whose route is refused',
    add: [
      make('Service', 'pay/api', { spec: { ports: [{ port: 443 }] } }),
      make('Service', 'shop/idle', { spec: { ports: [{ port: 443 }] } }),
      make('Service', 'shop/refused', { spec: { ports: [{ port: 443 }] } }),
      route('shop/s', { name: 'g' }, { namespace: 'pay', name: 'api' }),
      route('shop/t', { name: 'g', sectionName: 'none' }, { name: 'refused' }),
      policy('shop/a', [{ name: 'idle' }, { name: 'refused' }]),
      policy('pay/a', [{ name: 'api' }]),
    ],
    expect: { 'BackendTLSPolicy shop/a': [], 'BackendTLSPolicy pay/a': [] },
  },
  {
    name: 'a grant leads there; the ancestor of a route on a ListenerSet is the Gateway',
    add: [
      make('Service', 'pay/api', { spec: { ports: [{ port: 443 }] } }),
      grant('pay/from-shop', [`${GROUP}/HTTPRoute/shop`], ['/Service/api']),
      listenerSet('shop/s', 'shop/g', [listener('b', { port: 8080 })]),
      route('shop/s', { group: GROUP, kind: 'ListenerSet', name: 's' }, { namespace: 'pay', name: 'api' }),
      policy('pay/a', [{ name: 'api' }]),
    ],
    expect: { 'BackendTLSPolicy pay/a': ['Gateway g: ok'] },
  },
];

describe('BackendTLSPolicy', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const found = shortStatus([...world, ...row.add]);
    expect(Object.fromEntries(Object.keys(row.expect).map((key) => [key, found[key]]))).toEqual(row.expect);
  });

  test.each([
    ['older', created('01'), created('02'), 'BackendTLSPolicy a has the same target and is older'],
    ['of one age', created('01'), created('01'), 'BackendTLSPolicy a has the same target and goes first by its name'],
    ['of no known age', {}, {}, 'BackendTLSPolicy a has the same target and goes first by its name'],
  ])('why a policy wins that is %s', (_name, first, second, message) => {
    const policies = [policy('shop/a', [{ name: 'web' }], {}, first), policy('shop/b', [{ name: 'web' }], {}, second)];
    const messages = worldStatus(storeOf([...world, ...policies])).flatMap(({ kind, object, status }) =>
      kind === 'BackendTLSPolicy' && object.metadata.name === 'b'
        ? status.ancestors.flatMap(({ conditions }) => conditions.map((condition) => condition.message))
        : [],
    );
    expect(messages[0]).toBe(message);
  });
});

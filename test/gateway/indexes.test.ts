import { expect, test } from 'vitest';
import { ALL_INDEXES, indexed } from '#gateway';
import { gateway, grant, listener, listenerSet, make, type Fields } from '../support/gatewayObjects.ts';
import { admitted } from '../support/world.ts';

const parentRefs = [{ name: 'public', namespace: 'infra' }];
const rules = [{ backendRefs: [{ name: 'web', namespace: 'pay', port: 80 }] }];
const tls = { mode: 'Terminate', certificateRefs: [{ name: 'cert', namespace: 'infra' }] };
const selector = { matchLabels: { tier: 'platform' } };
const listeners = [
  listener('a', { hostname: '*.example.com', allowedRoutes: { namespaces: { from: 'Selector', selector } } }),
  listener('b', { protocol: 'HTTPS', port: 443, tls }),
];

/** Objects that every index files something of. */
const OBJECTS: readonly Fields[] = [
  make('HTTPRoute', 'shop/a', {
    spec: { parentRefs, hostnames: ['a.example.com'], rules, useDefaultGateways: 'All' },
    status: { parents: [{ parentRef: parentRefs[0], controllerName: 'example.com/c', conditions: [] }] },
  }),
  make('HTTPRoute', 'shop/hostless', { spec: { parentRefs, rules } }),
  gateway('shop/public', listeners, { defaultScope: 'All' }),
  listenerSet('shop/more', 'infra/public', listeners),
  make('Ingress', 'shop/old', { spec: { rules: [{ host: 'a.example.com' }] } }),
  grant('shop/in', ['gateway.networking.k8s.io/HTTPRoute/pay'], ['/Service/web']),
  make('BackendTLSPolicy', 'shop/tls', {
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
      validation: { hostname: 'web.example.com', wellKnownCACertificates: 'System' },
    },
  }),
];

test('indexes file by spec and namespace alone, so that a status or a label moves nothing', () => {
  const used = new Set<number>();
  for (const raw of OBJECTS) {
    const taken = admitted(raw);
    if (taken === undefined) throw new Error(JSON.stringify(raw));
    const { kind, object } = taken;
    const { apiVersion, metadata } = object;
    const other = {
      apiVersion,
      kind: object.kind,
      metadata: { name: metadata.name, namespace: metadata.namespace ?? '', labels: { tier: 'other' }, uid: 'other' },
      ...('spec' in object ? { spec: object.spec } : {}),
    };
    for (const [at, { keysOf, hostnamesOf }] of ALL_INDEXES.entries()) {
      const keys = keysOf(indexed(kind, object));
      if (keys.length > 0) used.add(at);
      expect([keys, hostnamesOf?.(indexed(kind, object))]).toEqual([
        keysOf(indexed(kind, other)),
        hostnamesOf?.(indexed(kind, other)),
      ]);
    }
  }
  expect(used.size).toBe(ALL_INDEXES.length);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  KIND_NAMES,
  indexed,
  isRoute,
  statusOfGateway,
  statusOfPolicy,
  statusOfRoute,
  worldStatus,
  type Index,
  type Indexed,
  type KindName,
  type KubeObject,
  type ObjectOf,
  type Snapshot,
} from '#gateway';
import { Store } from '../../src/cluster/store.ts';
import { gateway, grant, listener, listenerSet, make, service, type Fields } from '../support/gatewayObjects.ts';
import { admitted } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io';
const namespaces = fc.constantFrom('a', 'b');
const names = fc.constantFrom('x', 'y');
const at = fc.tuple(namespaces, names).map(([namespace, name]) => `${namespace}/${name}`);
const hostname = fc.constantFrom(undefined, 'a.example.com', '*.example.com', 'b.example.org');
const from = fc.constantFrom<Fields>(
  { from: 'All' },
  { from: 'Same' },
  { from: 'Selector', selector: { matchLabels: { tier: 'one' } } },
  { from: 'Selector', selector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } },
);
const optional = (key: string, value: unknown): Fields => (value === undefined ? {} : { [key]: value });

const listeners = fc
  .array(
    fc.record({
      protocol: fc.constantFrom('HTTP', 'HTTPS', 'TCP', 'TLS'),
      port: fc.constantFrom(80, 443),
      hostname,
      namespaces: from,
      secret: at,
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((drawn) =>
    drawn.map(({ protocol, port, hostname: host, namespaces: allowed, secret }, index) => {
      const [namespace, name] = secret.split('/');
      const tls = protocol === 'HTTPS' || protocol === 'TLS' ? { certificateRefs: [{ namespace, name }] } : undefined;
      return listener(`l${index}`, {
        protocol,
        port,
        allowedRoutes: { namespaces: allowed },
        ...optional('hostname', protocol === 'TCP' ? undefined : host),
        ...optional('tls', tls),
      });
    }),
  );

const parentRefs = fc.array(
  fc
    .tuple(
      at,
      fc.constantFrom('Gateway', 'ListenerSet'),
      fc.constantFrom(undefined, 'l0', 'l1'),
      fc.constantFrom(undefined, 80),
    )
    .map(([parent, kind, sectionName, port]) => {
      const [namespace, name] = parent.split('/');
      return {
        group: GROUP,
        kind,
        namespace,
        name,
        ...optional('sectionName', sectionName),
        ...optional('port', port),
      };
    }),
  { maxLength: 2 },
);

const routes = fc
  .tuple(
    at,
    fc.constantFrom('HTTPRoute', 'TLSRoute', 'TCPRoute'),
    parentRefs,
    hostname,
    at,
    fc.constantFrom(undefined, 'All'),
  )
  .map(([place, kind, parents, host, backend, useDefaultGateways]) => {
    const [namespace, name] = backend.split('/');
    return make(kind, place, {
      spec: {
        parentRefs: parents,
        rules: [{ backendRefs: [{ namespace, name, port: 80 }] }],
        ...optional('useDefaultGateways', useDefaultGateways),
        ...optional('hostnames', kind === 'TCPRoute' || host === undefined ? undefined : [host]),
      },
    });
  });

const objects: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 3, arbitrary: routes },
  {
    weight: 3,
    arbitrary: fc
      .tuple(at, listeners, from, fc.constantFrom(undefined, 'All'))
      .map(([place, own, allowed, defaultScope]) =>
        gateway(place, own, { allowedListeners: { namespaces: allowed }, ...optional('defaultScope', defaultScope) }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(at, at, listeners, fc.constantFrom('01', '02'))
      .map(([place, parent, own, hour]) =>
        listenerSet(place, parent, own, { creationTimestamp: `2026-01-01T${hour}:00:00Z` }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        at,
        namespaces,
        fc.constantFrom('HTTPRoute', 'TLSRoute', 'Gateway', 'ListenerSet'),
        fc.constantFrom('', '/x'),
      )
      .map(([place, source, kind, name]) =>
        grant(place, [`${GROUP}/${kind}/${source}`], [`/${kind.endsWith('Route') ? 'Service' : 'Secret'}${name}`]),
      ),
  },
  at.map((place) => service(place, 80)),
  at.map((place) =>
    make('Secret', place, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'c3R1Yg==', 'tls.key': 'c3R1Yg==' } }),
  ),
  fc
    .tuple(namespaces, fc.constantFrom<Fields>({}, { tier: 'one' }, { tier: 'two' }))
    .map(([name, labels]) => make('Namespace', name, {}, { labels })),
  {
    weight: 2,
    arbitrary: at.map((place) =>
      make('BackendTLSPolicy', place, {
        spec: {
          targetRefs: [{ group: '', kind: 'Service', name: 'x' }],
          validation: { hostname: 'a.b', wellKnownCACertificates: 'System' },
        },
      }),
    ),
  },
);

interface Step {
  readonly put: boolean;
  readonly kind: KindName;
  readonly object: KubeObject;
}

const steps = fc.array(
  fc.tuple(objects, fc.boolean(), fc.boolean()).map(([raw, first, second]): Step => {
    const entry = admitted(raw);
    if (entry === undefined) throw new Error('an unknown kind');
    return { ...entry, put: first || second };
  }),
  { minLength: 1, maxLength: 60 },
);

/** A snapshot without an index: every question walks every object. */
function scanning(store: Store): Snapshot {
  const all = function* <Q extends KindName>(index: Index<Q>, key: string): Iterable<Indexed<KindName>> {
    for (const kind of KIND_NAMES) {
      for (const object of store.list(kind)) {
        const entry = indexed(kind, object);
        if (index.keysOf(entry).includes(key)) yield entry;
      }
    }
  };
  const isOf = <Q extends KindName>(
    index: Index<Q>,
    entry: Indexed<KindName>,
  ): entry is Indexed<KindName> & Indexed<Q> => index.kinds.some((kind) => kind === entry.kind);
  return {
    get: store.get,
    list: store.list,
    sees: store.sees,
    lookup: function* <Q extends KindName>(index: Index<Q>, key: string, namespace?: string): Iterable<Indexed<Q>> {
      for (const entry of all(index, key)) {
        if (namespace !== undefined && (entry.object.metadata.namespace ?? '') !== namespace) continue;
        if (isOf(index, entry)) yield entry;
      }
    },
    namespacesIn: (index, key) => {
      const counts = new Map<string, number>();
      for (const { object } of all(index, key)) {
        const namespace = object.metadata.namespace ?? '';
        counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** The store after all steps, one object at a time. */
function walk(sequence: readonly Step[]): Store {
  const store = new Store('some');
  for (const { put, kind, object } of sequence) {
    if (put) store.put(kind, object);
    else store.delete(kind, object.metadata.namespace ?? '', object.metadata.name);
  }
  return store;
}

test('after any adds, updates and deletes the indexes answer as a walk over all objects and as a fresh store', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const store = walk(sequence);
      const fresh = new Store('some');
      for (const kind of [...KIND_NAMES].reverse()) for (const object of store.list(kind)) fresh.put(kind, object);
      const expected = worldStatus(scanning(store));
      expect(worldStatus(store)).toEqual(expected);
      expect(worldStatus(fresh)).toEqual(expected);
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
});

test('the worlds are worth it: every reason that they can show is shown', () => {
  const reasons = new Set<string>();
  for (const sequence of fc.sample(steps, { numRuns: 300, seed: 20_261_121 })) {
    const text = JSON.stringify(worldStatus(walk(sequence)));
    for (const [, reason = ''] of text.matchAll(/"reason":"(\w+)"/g)) reasons.add(reason);
  }
  expect([...reasons].sort()).toEqual([
    'Accepted',
    'BackendNotFound',
    'HostnameConflict',
    'Invalid',
    'InvalidCertificateRef',
    'ListenersNotValid',
    'NoConflicts',
    'NoMatchingListenerHostname',
    'NoMatchingParent',
    'NotAllowed',
    'NotAllowedByListeners',
    'OverlappingHostnames',
    'ParentNotAccepted',
    'ParentNotProgrammed',
    'Pending',
    'Programmed',
    'ProtocolConflict',
    'RefNotPermitted',
    'ResolvedRefs',
    'TargetNotFound',
  ]);
});

/** A store that refuses to be walked; only the few GatewayClasses may be listed. */
function unwalkable(store: Store): Snapshot {
  const list = <Q extends KindName>(kind: Q): Iterable<ObjectOf<Q>> => {
    if (kind !== 'GatewayClass') throw new Error(`all objects of kind ${kind} were walked`);
    return store.list(kind);
  };
  return { get: store.get, lookup: store.lookup, namespacesIn: store.namespacesIn, sees: store.sees, list };
}

test('the status of one object never walks the cluster', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const store = walk(sequence);
      const snapshot = unwalkable(store);
      for (const object of store.list('Gateway')) statusOfGateway(snapshot, object);
      for (const object of store.list('BackendTLSPolicy')) statusOfPolicy(snapshot, object);
      for (const kind of ['HTTPRoute', 'TLSRoute', 'TCPRoute'] as const) {
        for (const object of store.list(kind)) {
          const entry = indexed(kind, object);
          if (isRoute(entry)) statusOfRoute(snapshot, entry);
        }
      }
    }),
    { numRuns: 50, seed: 20_261_121 },
  );
});

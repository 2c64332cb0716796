import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  certificateReferences,
  formatPath,
  grantFor,
  indexed,
  kindOf,
  parseApiVersion,
  references,
  type Gateway,
  type KubeObject,
} from '#gateway';
import { hasShared, sharedPath } from '../support/shared.ts';
import { gateway, grant, listener, make, service, shortStatus, type Fields } from '../support/gatewayObjects.ts';
import { isRecord, nest, storeOf } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io';

interface Row {
  readonly name: string;
  readonly kind?: 'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'UDPRoute';
  /** The route's rules; the Service other/web has the ports 80/TCP and 53/UDP. */
  readonly rules: readonly Fields[];
  readonly grants?: readonly Fields[];
  readonly expect: string;
}

const backend = { namespace: 'other', name: 'web', port: 80 };
const rule = (filter: Fields): Fields => ({ filters: [filter] });
const nested = (filter: Fields): Fields => ({ backendRefs: [{ name: 'local', port: 80, filters: [filter] }] });
const mirror = { type: 'RequestMirror', requestMirror: { backendRef: backend } };
const auth = { type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: backend } };
const toWeb = (kind: string, from = 'shop'): Fields => grant('other/g', [`${GROUP}/${kind}/${from}`], ['/Service/web']);
const refused = 'ResolvedRefs=False/RefNotPermitted';
const notFound = 'ResolvedRefs=False/BackendNotFound';
const invalid = 'ResolvedRefs=False/InvalidKind';

const rows: readonly Row[] = [
  { name: 'no grant', rules: [{ backendRefs: [backend] }], expect: refused },
  { name: 'a grant', rules: [{ backendRefs: [backend] }], grants: [toWeb('HTTPRoute')], expect: 'ok' },
  {
    name: 'a grant that is going still counts',
    rules: [{ backendRefs: [backend] }],
    grants: [
      grant('other/g', [`${GROUP}/HTTPRoute/shop`], ['/Service'], {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        finalizers: ['a/b'],
      }),
    ],
    expect: 'ok',
  },
  {
    name: 'a grant in the namespace of the route',
    rules: [{ backendRefs: [backend] }],
    grants: [grant('shop/g', [`${GROUP}/HTTPRoute/shop`], ['/Service'])],
    expect: refused,
  },
  {
    name: 'a grant for another kind of route',
    rules: [{ backendRefs: [backend] }],
    grants: [toWeb('GRPCRoute')],
    expect: refused,
  },
  {
    name: 'a grant for another namespace',
    rules: [{ backendRefs: [backend] }],
    grants: [toWeb('HTTPRoute', 'team')],
    expect: refused,
  },
  {
    name: 'a grant for another name',
    rules: [{ backendRefs: [backend] }],
    grants: [grant('other/g', [`${GROUP}/HTTPRoute/shop`], ['/Service/api'])],
    expect: refused,
  },
  {
    name: 'a grant is no pattern',
    rules: [{ backendRefs: [backend] }],
    grants: [grant('other/g', [`${GROUP}/HTTPRoute/*`], ['/Service/*'])],
    expect: refused,
  },
  {
    name: 'from and to of different grants do not add up',
    rules: [{ backendRefs: [backend] }],
    grants: [toWeb('HTTPRoute', 'team'), grant('other/h', [`${GROUP}/HTTPRoute/shop`], ['/Secret'])],
    expect: refused,
  },
  {
    name: 'every from goes with every to',
    rules: [{ backendRefs: [backend] }],
    grants: [grant('other/g', [`${GROUP}/Gateway/infra`, `${GROUP}/HTTPRoute/shop`], ['/Secret', '/Service/web'])],
    expect: 'ok',
  },
  {
    name: 'GRPCRoute with its grant',
    kind: 'GRPCRoute',
    rules: [{ backendRefs: [backend] }],
    grants: [toWeb('GRPCRoute')],
    expect: 'ok',
  },
  {
    name: 'GRPCRoute with a grant for HTTPRoute',
    kind: 'GRPCRoute',
    rules: [{ backendRefs: [backend] }],
    grants: [toWeb('HTTPRoute')],
    expect: refused,
  },
  { name: 'mirror at the rule', rules: [rule(mirror)], expect: refused },
  { name: 'mirror at the backendRef', rules: [nested(mirror)], expect: refused },
  { name: 'mirror of a GRPCRoute', kind: 'GRPCRoute', rules: [rule(mirror)], expect: refused },
  { name: 'externalAuth at the rule', rules: [rule(auth)], expect: refused },
  { name: 'externalAuth at the backendRef', rules: [nested(auth)], expect: refused },
  {
    name: 'mirror and externalAuth with a grant',
    rules: [rule(mirror), nested(auth)],
    grants: [toWeb('HTTPRoute')],
    expect: 'ok',
  },
  {
    name: 'A3 without a grant it does not matter whether the target is there',
    rules: [{ backendRefs: [{ ...backend, name: 'none' }] }],
    expect: refused,
  },
  {
    name: 'with a grant it does',
    rules: [{ backendRefs: [{ ...backend, name: 'none' }] }],
    grants: [grant('other/g', [`${GROUP}/HTTPRoute/shop`], ['/Service'])],
    expect: notFound,
  },
  { name: 'the kind before the grant', rules: [{ backendRefs: [{ ...backend, kind: 'ConfigMap' }] }], expect: invalid },
  {
    name: 'a Service of another group',
    rules: [{ backendRefs: [{ name: 'local', port: 80, group: 'example.com' }] }],
    expect: invalid,
  },
  {
    name: 'a ServiceImport that is there',
    rules: [{ backendRefs: [{ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 80 }] }],
    expect: 'ok',
  },
  {
    name: 'a ServiceImport that is not',
    rules: [{ backendRefs: [{ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'none', port: 80 }] }],
    expect: notFound,
  },
  {
    name: 'an XBackend',
    rules: [{ backendRefs: [{ group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'x' }] }],
    expect: 'ok',
  },
  { name: 'a port that is not there', rules: [{ backendRefs: [{ name: 'local', port: 81 }] }], expect: notFound },
  {
    name: 'UDP asks for a UDP port',
    kind: 'UDPRoute',
    rules: [{ backendRefs: [{ name: 'local', port: 80 }] }],
    expect: notFound,
  },
  { name: 'a UDP port', kind: 'UDPRoute', rules: [{ backendRefs: [{ name: 'local', port: 53 }] }], expect: 'ok' },
  {
    name: 'TCP asks for a TCP port',
    kind: 'TCPRoute',
    rules: [{ backendRefs: [{ name: 'local', port: 53 }] }],
    expect: notFound,
  },
  { name: 'an ExternalName Service', rules: [{ backendRefs: [{ name: 'external', port: 80 }] }], expect: notFound },
  {
    name: 'the own namespace spelled out',
    rules: [{ backendRefs: [{ namespace: 'shop', name: 'local', port: 80 }] }],
    expect: 'ok',
  },
  {
    name: 'of several failures the first shows',
    rules: [{ backendRefs: [{ name: 'none', port: 80 }, backend] }],
    expect: notFound,
  },
];

describe('A36 A38 references of routes', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const { kind = 'HTTPRoute' } = row;
    const protocol = { TCPRoute: 'TCP', UDPRoute: 'UDP', HTTPRoute: 'HTTP', GRPCRoute: 'HTTP' }[kind];
    const ports = { spec: { ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] } };
    const found = shortStatus([
      gateway('shop/g', [listener('a', { protocol })]),
      make(kind, 'shop/r', { spec: { parentRefs: [{ name: 'g' }], rules: row.rules } }),
      make('Service', 'shop/local', ports),
      make('Service', 'other/web', ports),
      make('Service', 'shop/external', { spec: { type: 'ExternalName', externalName: 'a.b', ports: [{ port: 80 }] } }),
      make('ServiceImport', 'shop/far', { spec: { ports: [{ port: 80 }] } }),
      make('XBackend', 'shop/x', { spec: { type: 'Hostname', port: { port: 443 } } }),
      ...(row.grants ?? []),
    ]);
    expect(found[`${kind} shop/r`]).toEqual([`Gateway g: ${row.expect}`]);
  });
});

test('every reference of a route, in order, with what it takes', () => {
  const route = make('HTTPRoute', 'shop/r', {
    spec: {
      parentRefs: [{ namespace: 'infra', name: 'g', sectionName: 'a' }],
      rules: [
        {
          filters: [mirror, { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Wasm', name: 'w' } }],
          backendRefs: [{ name: 'local', port: 80, filters: [auth] }],
        },
      ],
    },
  });
  const [object] = storeOf([route]).list('HTTPRoute');
  const found = object === undefined ? [] : references({ kind: 'HTTPRoute', object });
  const from = { group: GROUP, kind: 'HTTPRoute', namespace: 'shop' };
  const at = (path: (string | number)[]): (string | number)[] => ['spec', 'rules', 0, ...path];
  expect(found).toEqual([
    {
      path: ['spec', 'parentRefs', 0],
      purpose: 'parent',
      from,
      to: { group: GROUP, kind: 'Gateway', namespace: 'infra', name: 'g' },
      canCross: true,
      needsGrant: false,
    },
    {
      path: at(['backendRefs', 0]),
      purpose: 'backend',
      from,
      to: { group: '', kind: 'Service', namespace: 'shop', name: 'local', port: 80 },
      canCross: true,
      needsGrant: false,
    },
    {
      path: at(['backendRefs', 0, 'filters', 0, 'externalAuth', 'backendRef']),
      purpose: 'external-auth',
      from,
      to: { group: '', kind: 'Service', ...backend },
      canCross: true,
      needsGrant: true,
    },
    {
      path: at(['filters', 0, 'requestMirror', 'backendRef']),
      purpose: 'request-mirror',
      from,
      to: { group: '', kind: 'Service', ...backend },
      canCross: true,
      needsGrant: true,
    },
    {
      path: at(['filters', 1, 'extensionRef']),
      purpose: 'extension',
      from,
      to: { group: 'example.com', kind: 'Wasm', namespace: 'shop', name: 'w' },
      canCross: false,
      needsGrant: false,
    },
  ]);
});

test('a reference within its namespace has no grant, and needs none', () => {
  const store = storeOf([grant('shop/g', [`${GROUP}/HTTPRoute/shop`], ['/Service']), service('shop/web', 80)]);
  const ends = {
    from: { group: GROUP, kind: 'HTTPRoute', namespace: 'shop' },
    to: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
  };
  expect(grantFor(store, ends)).toBeUndefined();
});

/** One field of facts/reference-fields.json: bundle → `apiVersion Kind` → path → channel → shape. */
interface FieldFact {
  readonly namespace: boolean;
  readonly groupDefault: string | null;
  readonly kindDefault: string | null;
}

describe.skipIf(!hasShared)('A36 A37 every reference field of the CRDs v1.0.0 to v1.6.1', () => {
  const facts = new Map<
    string,
    { readonly apiVersion: string; readonly kind: string; readonly path: string; readonly fact: FieldFact }
  >();
  if (hasShared) {
    const parsed: unknown = JSON.parse(readFileSync(sharedPath('gateway-api/facts/reference-fields.json'), 'utf8'));
    for (const kinds of Object.values(isRecord(parsed) ? parsed : {})) {
      for (const [versionKind, fields] of Object.entries(isRecord(kinds) ? kinds : {})) {
        const [apiVersion = '', kind = ''] = versionKind.split(' ');
        for (const [path, channels] of Object.entries(isRecord(fields) ? fields : {})) {
          if (!path.startsWith('spec.') || `${kind} ${path}` === 'ReferenceGrant spec.to[]') continue;
          const fact = isRecord(channels) ? Object.values(channels).find(isFact) : undefined;
          if (fact !== undefined) facts.set(`${kind} ${path}`, { apiVersion, kind, path, fact });
        }
      }
    }
  }

  test.each([...facts])('%s', (_name, { apiVersion, kind, path, fact }) => {
    const reference: Record<string, unknown> = { name: 'x', ...(fact.namespace ? { namespace: 'other' } : {}) };
    if (fact.groupDefault === null) reference['group'] = 'example.com';
    if (fact.kindDefault === null) reference['kind'] = 'Thing';
    const spec = nest(path.split('.').slice(1), reference);
    const object: KubeObject & Fields = {
      apiVersion,
      kind,
      metadata: { namespace: 'shop', name: 'r' },
      spec: { listeners: [], ...spec },
    };
    const known = kindOf(parseApiVersion(apiVersion).group, kind);
    const found = known === undefined ? [] : references(indexed(known, object));
    const at = path.replaceAll('[]', '[0]');
    expect(
      found.filter((entry) => formatPath(entry.path) === at).map(({ to, canCross }) => ({ to, canCross })),
    ).toEqual([
      {
        to: {
          group: fact.groupDefault ?? 'example.com',
          kind: fact.kindDefault ?? 'Thing',
          namespace: fact.namespace ? 'other' : 'shop',
          name: 'x',
        },
        canCross: fact.namespace,
      },
    ]);
  });

  test('the facts are there', () => {
    expect(facts.size).toBeGreaterThan(40);
  });
});

function isFact(value: unknown): value is FieldFact {
  return isRecord(value) && 'namespace' in value;
}

test('asking for the certificates of each listener looks at each a few times, however many there are', () => {
  let looks = 0;
  const listeners = Array.from({ length: 64 }, (_, at) => ({
    name: `l${at}`,
    port: 443,
    protocol: 'HTTPS' as const,
    get tls() {
      looks += 1;
      return { certificateRefs: [{ name: `c${at}` }] };
    },
  }));
  const object: Gateway = {
    apiVersion: `${GROUP}/v1`,
    kind: 'Gateway',
    metadata: { name: 'gw', namespace: 'infra' },
    spec: { gatewayClassName: 'public', listeners },
  };
  const found = listeners.flatMap((_, at) => certificateReferences({ kind: 'Gateway', object }, at));
  expect(found.map(({ path }) => formatPath(path))).toEqual(
    listeners.map((_, at) => `spec.listeners[${at}].tls.certificateRefs[0]`),
  );
  expect(looks).toBeLessThan(64 * 8);
});

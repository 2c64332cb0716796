/** `normalise` beside the real thing: the same objects through both, and the same specs come out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { KINDS, checkSchema, formatPath, normalise, parseApiVersion, type KindName } from '#gateway';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';

const V1 = 'gateway.networking.k8s.io/v1';

const OBJECTS: readonly (readonly [string, KindName, string, unknown])[] = [
  ['an HTTPRoute of nothing but a parent', 'HTTPRoute', V1, { parentRefs: [{ name: 'a' }] }],
  [
    'an HTTPRoute with filters, mirrors and backends',
    'HTTPRoute',
    'gateway.networking.k8s.io/v1beta1',
    {
      parentRefs: [{ kind: 'Service', group: '', name: 'mesh', port: 80 }],
      rules: [
        {
          matches: [{ headers: [{ name: 'a', value: 'b' }], queryParams: [{ name: 'a', value: 'b' }] }, { path: {} }],
          filters: [
            {
              type: 'RequestMirror',
              requestMirror: { backendRef: { name: 'b', port: 80 }, fraction: { numerator: 1 } },
            },
          ],
          backendRefs: [{ name: 'b', port: 80 }],
        },
        { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'a.example' } }] },
      ],
    },
  ],
  [
    'a GRPCRoute',
    'GRPCRoute',
    V1,
    { parentRefs: [{ name: 'a' }], rules: [{ matches: [{ method: { service: 's' } }] }] },
  ],
  [
    'a TLSRoute',
    'TLSRoute',
    V1,
    { parentRefs: [{ name: 'a' }], hostnames: ['a.example'], rules: [{ backendRefs: [{ name: 'b', port: 443 }] }] },
  ],
  ['a TCPRoute', 'TCPRoute', V1, { parentRefs: [{ name: 'a' }], rules: [{ backendRefs: [{ name: 'b', port: 443 }] }] }],
  ['a UDPRoute', 'UDPRoute', V1, { parentRefs: [{ name: 'a' }], rules: [{ backendRefs: [{ name: 'b', port: 53 }] }] }],
  [
    'a Gateway with every kind of listener',
    'Gateway',
    V1,
    {
      gatewayClassName: 'c',
      allowedListeners: {},
      tls: {
        frontend: { default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] } } },
      },
      listeners: [
        { name: 'a', port: 80, protocol: 'HTTP', allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } },
        { name: 'b', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'cert' }] } },
        { name: 'c', port: 443, protocol: 'TLS', hostname: 'a.example', tls: { mode: 'Passthrough' } },
        {
          name: 'd',
          port: 81,
          protocol: 'HTTP',
          allowedRoutes: { namespaces: { selector: { matchLabels: { a: 'b' } } } },
        },
      ],
    },
  ],
  [
    'a ListenerSet',
    'ListenerSet',
    V1,
    { parentRef: { name: 'g' }, listeners: [{ name: 'a', port: 80, protocol: 'HTTP', allowedRoutes: {} }] },
  ],
  [
    'a ReferenceGrant',
    'ReferenceGrant',
    'gateway.networking.k8s.io/v1beta1',
    { from: [{ group: '', kind: 'X', namespace: 'a' }], to: [{ group: '', kind: 'Secret' }] },
  ],
  [
    'a BackendTLSPolicy',
    'BackendTLSPolicy',
    V1,
    {
      targetRefs: [{ group: '', kind: 'Service', name: 'b' }],
      validation: { hostname: 'a.example', wellKnownCACertificates: 'System' },
    },
  ],
];

/** What each of these is refused for, by the API server and by us. */
const REFUSED: readonly (readonly [string, KindName, unknown, string])[] = [
  [
    'a path without a slash',
    'HTTPRoute',
    { rules: [{ matches: [{ path: { value: 'a' } }] }] },
    'must be an absolute path',
  ],
  [
    'a redirect beside backends',
    'HTTPRoute',
    {
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: {} }], backendRefs: [{ name: 'b', port: 80 }] }],
    },
    'RequestRedirect filter must not be used together with backendRefs',
  ],
  [
    'two listeners of one name',
    'Gateway',
    {
      gatewayClassName: 'c',
      listeners: [
        { name: 'a', port: 80, protocol: 'HTTP' },
        { name: 'a', port: 81, protocol: 'HTTP' },
      ],
    },
    'Duplicate value',
  ],
  [
    'a port out of range',
    'Gateway',
    { gatewayClassName: 'c', listeners: [{ name: 'a', port: 70000, protocol: 'HTTP' }] },
    'should be less than or equal to 65535',
  ],
];

/** A `metadata`, and what it is refused for by the API server and by us; undefined: by neither. */
const METADATA: readonly (readonly [string, object, string | undefined])[] = [
  [
    'all that there may be',
    {
      labels: { a: '', 'example.com/A_b.c': 'A_b.c' },
      annotations: { 'Example.COM/a': 'any text', a: 'é'.repeat(131_061) },
      finalizers: ['orphan', 'example.com/a'],
      ownerReferences: [{ apiVersion: 'events.k8s.io/v1', kind: 'Event', name: 'a', uid: 'b', controller: true }],
    },
    undefined,
  ],
  ['a value of a label', { labels: { a: 'b c' } }, '"b c": a valid label must be an empty string or consist of'],
  ['a long value', { labels: { a: 'a'.repeat(64) } }, 'must be no more than 63 bytes'],
  ['a key of a label', { labels: { 'a b': '' } }, '"a b": name part must consist of'],
  ['a prefix of a key', { labels: { 'A.b/c': '' } }, '"A.b/c": prefix part a lowercase RFC 1123 subdomain must'],
  ['a key of many parts', { labels: { 'a/b/c': '' } }, '"a/b/c": a valid label key must consist of'],
  ['a key of an annotation', { annotations: { 'a b': '' } }, '"a b": name part must consist of'],
  ['large annotations', { annotations: { a: 'é'.repeat(131_072) } }, 'Too long: may not be more than 262144 bytes'],
  ['a finalizer', { finalizers: ['a b'] }, '"a b": name part must consist of'],
  ['finalizers', { finalizers: ['orphan', 'foregroundDeletion'] }, 'finalizer orphan and foregroundDeletion cannot be'],
  [
    'an owner',
    { ownerReferences: [{ apiVersion: 'apps/', kind: 'D', name: 'a', uid: 'b' }] },
    'version must not be empty',
  ],
  [
    'owners',
    {
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b', controller: true },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: 'c', controller: true },
      ],
    },
    'Found "true" in references for ConfigMap/a and ConfigMap/b',
  ],
];

describeWithCluster('normalise and checkSchema beside a real API server', () => {
  let cluster: Cluster;
  const post = async (kind: KindName, apiVersion: string, object: unknown): Promise<unknown> => {
    const { version } = parseApiVersion(apiVersion);
    const { group, plural } = KINDS[kind];
    const path = `/apis/${group}/${version}/namespaces/default/${plural}?dryRun=All`;
    const { body } = await cluster.request(path, { method: 'POST', body: object });
    return JSON.parse(body);
  };
  const objectOf = (kind: KindName, apiVersion: string, spec: unknown): Readonly<Record<string, unknown>> => ({
    apiVersion,
    kind,
    metadata: { name: 'x', namespace: 'default' },
    spec,
  });

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'experimental');
  });
  afterAll(() => cluster.stop());

  test.each(OBJECTS)('%s gets the same defaults', async (_name, kind, apiVersion, spec) => {
    const object = objectOf(kind, apiVersion, spec);
    const stored = z.looseObject({ spec: z.unknown() }).parse(await post(kind, apiVersion, object));
    const normalised = normalise(kind, object);
    expect(normalised.ok && 'spec' in normalised.object ? normalised.object.spec : normalised).toEqual(stored.spec);
  });

  test.each(METADATA)('%s in metadata', async (_name, metadata, reason) => {
    const object = { ...objectOf('HTTPRoute', V1, {}), metadata: { name: 'x', namespace: 'default', ...metadata } };
    const told = z.looseObject({ message: z.string().optional() }).parse(await post('HTTPRoute', V1, object)).message;
    const [problem] = await checkSchema('HTTPRoute', 'v1', 'experimental', object);
    const expected: unknown = reason === undefined ? undefined : expect.stringContaining(reason);
    expect({ server: told, ours: problem?.message }).toEqual({ server: expected, ours: expected });
  });

  test('a change of metadata is refused for its finalizers, and not for what a name was generated from', async () => {
    const path = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';
    const created = { ...objectOf('HTTPRoute', V1, {}), metadata: { name: 'changed', namespace: 'default' } };
    const { body } = await cluster.request(path, { method: 'POST', body: created });
    const old = z.looseObject({ metadata: z.looseObject({}) }).parse(JSON.parse(body));
    const object = { ...old, metadata: { ...old.metadata, generateName: 'A', finalizers: ['a b'] } };
    const answer = await cluster.request(`${path}/changed?dryRun=All`, { method: 'PUT', body: object });
    const told = z.looseObject({ message: z.string() }).parse(JSON.parse(answer.body)).message;
    const problems = await checkSchema('HTTPRoute', 'v1', 'experimental', object, old);
    const reason = 'Invalid value: "a b": name part must consist of';
    expect(told).toContain(`is invalid: metadata.finalizers: ${reason}`);
    expect(problems.map(({ path: at, message }) => [formatPath(at), message.slice(0, reason.length)])).toEqual([
      ['metadata.finalizers[0]', reason],
    ]);
  });

  test.each(REFUSED)('%s is refused for the same reason', async (_name, kind, spec, reason) => {
    const object = objectOf(kind, V1, spec);
    const told = z.looseObject({ message: z.string() }).parse(await post(kind, V1, object)).message;
    const problems = await checkSchema(kind, 'v1', 'experimental', object);
    expect({ server: told.includes(reason), ours: problems.some(({ message }) => message.includes(reason)) }).toEqual({
      server: true,
      ours: true,
    });
  });
});

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { kindsLookedAt, runInit, type InitOptions } from '../../src/check/init.ts';
import { ManifestReader } from '../../src/cluster/manifests.ts';
import { storeOf } from '../../src/cluster/state.ts';
import { configDocuments, loadPolicies } from '../../src/config/index.ts';
import { check, findingsOf, folderOf, run, type CheckRun } from '../support/checkRun.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

const FILES = { stdinFilename: '<stdin>', namespace: undefined };
const policies = { policies: POLICIES };

async function init(cwd: string, options: Partial<InitOptions> = {}): Promise<CheckRun> {
  const given = { input: { ...FILES, paths: ['m'] }, directory: undefined, force: false, ...options };
  return run(cwd, (io, deps) => runInit(given, io, deps), policies);
}

/** What `init` says of manifests, and then `check` of the same manifests under it. */
async function initAndCheck(
  manifests: string,
): Promise<{ readonly text: string; readonly findings: readonly string[] }> {
  using folder = folderOf({ 'm/all.yaml': manifests });
  const { code, stdout, stderr } = await init(folder.path);
  expect([code, stderr]).toEqual([0, '']);
  writeFileSync(join(folder.path, 'policies.yaml'), stdout);
  const judged = await check(folder.path, { policies: ['policies.yaml'], paths: ['m'], output: ['json'] }, policies);
  return { text: stdout, findings: findingsOf(judged) };
}

/** The document of a kind in a stream, without the comment above it. */
function documentOf(text: string, kind: string): string {
  const document = text.split('---\n').find((part) => part.includes(`\nkind: ${kind}\n`)) ?? '';
  return document.slice(document.indexOf('spec:'));
}

const WORLD = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - name: https
      port: 443
      protocol: HTTPS
      hostname: '*.example.com'
      tls: { certificateRefs: [{ name: wild }] }
      allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { edge: 'yes', kubernetes.io/metadata.name: shop } } } }
    - { name: pay, port: 443, protocol: HTTPS, hostname: pay.example.com, tls: { certificateRefs: [{ name: wild }] } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: edge, namespace: infra }]
  hostnames: [shop.example.com, Cart.Shop.Example.COM]
  rules: [{ backendRefs: [{ name: pay, namespace: pay, port: 80 }], retry: { attempts: 2 } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: pay, namespace: pay }
spec: { parentRefs: [{ name: edge, namespace: infra }], hostnames: [pay.example.com, all.example.com, 10.0.0.1] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: all, namespace: shop }
spec: { parentRefs: [{ name: edge, namespace: infra }], hostnames: [all.example.com] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: hostless, namespace: shop }
spec: { parentRefs: [{ name: edge, namespace: infra, sectionName: http }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: old, namespace: shop }
spec: { rules: [{ host: old.example.com }, {}] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: { name: login, namespace: shop }
spec: { targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop }] }
`;

describe('gateward init', () => {
  test('guesses owners from who uses which hostname, and says where they share one', async () => {
    const { text } = await initAndCheck(WORLD);
    expect(documentOf(text, 'HostnameOwnership')).toBe(`spec:
  action: Warn
  owners:
    # from Gateway edge
    - hostnames: ['*.example.com']
      namespaces: [infra]
    # from HTTPRoute shop, Ingress old
    - hostnames: [old.example.com, shop.example.com, cart.shop.example.com]
      namespaces: [shop]
    # shared: a Gateway names what a route serves: infra (Gateway edge); pay (HTTPRoute pay). That is fine as long
    # as these belong together.
    - hostnames: [pay.example.com]
      namespaces: [infra, pay]
    # shared: used by pay (HTTPRoute pay); shop (GRPCRoute all). Decide who owns it and take the others out: they
    # can take each other's traffic.
    - hostnames: [all.example.com]
      namespaces: [pay, shop]
  rules:
    # 2 listeners and routes name no hostname and would be told of at every apply; set it to Warn once they do.
    no-hostname: Audit
`);
  });

  test('lists classes, ports, labels, grants and kinds that are in use', async () => {
    const { text } = await initAndCheck(WORLD);
    const kinds = ['GatewayClassAccess', 'ListenerSafety', 'NamespaceGate', 'ReferenceGrantScope', 'PolicyAttachment'];
    expect(kinds.map((kind) => documentOf(text, kind))).toEqual([
      `spec:
  action: Warn
  classes:
    # from infra/edge
    - name: public
      namespaces: [infra]
`,
      `spec:
  action: Warn
  ports: [80, 443]
  protocols: [HTTP, HTTPS]
  rules:
    # Some admit every namespace; set it to Warn once they select.
    from-all: Audit
    # Some name no hostname; set it to Warn once they do.
    no-hostname: Audit
`,
      'spec:\n  action: Warn\n  labels: [edge]\n  auto: true\n',
      `spec:
  action: Warn
  named: Always
  allow:
    # to Service pay
    - from:
        kinds:
          - group: gateway.networking.k8s.io
            kind: HTTPRoute
        namespaces: [shop]
      to:
        kinds:
          - group: ''
            kind: Service
        namespaces: [pay]
`,
      `spec:
  action: Warn
  kinds:
    - group: gateway.envoyproxy.io
      kind: SecurityPolicy
`,
    ]);
  });

  const crd = (channel: string, bundle: string, name = 'httproutes', kind = 'HTTPRoute'): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${name}.gateway.networking.k8s.io
  annotations: { gateway.networking.k8s.io/channel: ${channel}, gateway.networking.k8s.io/bundle-version: ${bundle} }
spec: { group: gateway.networking.k8s.io, names: { kind: ${kind}, plural: ${name} }, scope: Namespaced, versions: [] }
`;
  const route = (spec: string): string =>
    `\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: a, namespace: a }\nspec: { rules: [${spec}] }\n`;

  test.each([
    ['standard fields', route('{ timeouts: { request: 1s } }'), 'standard', 'v1.6.1'],
    ['an experimental field', route('{ sessionPersistence: {} }'), 'experimental', 'v1.6.1'],
    [
      'a version that went',
      route('{}').replace('/v1\nkind: HTTPRoute', '/v1alpha2\nkind: GRPCRoute'),
      'experimental',
      'v1.1.0',
    ],
    ['a CRD', `${crd('standard', 'v1.5.1')}---${route('{ sessionPersistence: {} }')}`, 'standard', 'v1.5.1'],
    [
      'CRDs of two releases',
      `${crd('standard', 'v1.5.1')}---${crd('experimental', 'v1.4.0', 'tlsroutes', 'TLSRoute')}`,
      'experimental',
      'v1.5.1',
    ],
    ['a CRD of no release', crd('standard', 'v0.0.0-dev'), 'standard', 'v1.6.1'],
  ])('guesses the release from %s', async (_what, manifests, channel, bundle) => {
    const { text } = await initAndCheck(manifests);
    expect(documentOf(text, 'ChannelPin')).toBe(`spec:\n  action: Warn\n  channel: ${channel}\n  bundle: ${bundle}\n`);
  });

  test('what is listed is no finding; what is wrong by itself stays one', async () => {
    const { findings } = await initAndCheck(WORLD);
    const listed =
      /(?:not-owned|unowned|conflict|takeover|class-not-allowed|listener-safety\/(?:port|protocol)|pair-not-allowed|channel-pinning)/;
    expect(findings.filter((finding) => listed.test(finding))).toEqual([]);
    expect(findings.filter((finding) => finding.includes('invalid-hostname'))).toEqual([
      'm/all.yaml:28:103 warn hostname-ownership/invalid-hostname HTTPRoute pay/pay spec.hostnames[2]',
    ]);
    expect(findings.filter((finding) => / deny (?!manifest)/.test(finding))).toEqual([]);
  });

  test('of no objects at all it is a set that loads and says what to write', async () => {
    const { text, findings } = await initAndCheck('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n');
    expect(findings).toEqual([]);
    expect(documentOf(text, 'HostnameOwnership')).toBe('spec:\n  action: Warn\n  owners: []\n');
    expect(text).not.toContain('IngressCutover');
  });

  const hostnames = [
    'example.com',
    '*.example.com',
    'a.example.com',
    'b.a.example.com',
    '*.a.example.com',
    '*.b.example.com',
  ];
  const object = fc.record({
    kind: fc.constantFrom('HTTPRoute', 'GRPCRoute', 'Gateway'),
    namespace: fc.constantFrom('one', 'two', 'three'),
    name: fc.constantFrom('x', 'y'),
    hostnames: fc.uniqueArray(fc.constantFrom(...hostnames), { maxLength: 3 }),
    parent: fc.constantFrom('one', 'two', 'three'),
    annotation: fc.option(fc.constantFrom(...hostnames)),
  });

  test('whatever there is, no hostname of it is unowned or another’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(object, {
          minLength: 1,
          maxLength: 6,
          selector: ({ kind, namespace, name }) => kind + namespace + name,
        }),
        async (objects) => {
          const { findings } = await initAndCheck(
            objects.map((one) => JSON.stringify(manifestOf(one))).join('\n---\n'),
          );
          // A route without hostnames may take those of others, and is told so.
          const isHostless = objects.some((one) => one.kind !== 'Gateway' && one.hostnames.length === 0);
          const surprises = isHostless ? /\/(?:not-owned|unowned)/ : /hostname-ownership\/(?!no-hostname)/;
          expect(findings.filter((finding) => surprises.test(finding))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  function manifestOf(one: typeof object extends fc.Arbitrary<infer T> ? T : never): unknown {
    const annotations = one.annotation === null ? {} : { 'external-dns.alpha.kubernetes.io/hostname': one.annotation };
    const metadata = { name: one.name, namespace: one.namespace, annotations };
    const apiVersion = 'gateway.networking.k8s.io/v1';
    if (one.kind !== 'Gateway') {
      const parentRefs = [{ name: 'x', namespace: one.parent }];
      return { apiVersion, kind: one.kind, metadata, spec: { parentRefs, hostnames: one.hostnames } };
    }
    const listeners = [undefined, ...one.hostnames].map((hostname, at) => ({
      name: `l${at}`,
      port: 80 + at,
      protocol: 'HTTP',
      ...(hostname === undefined ? {} : { hostname }),
      allowedRoutes: { namespaces: { from: 'All' } },
    }));
    return { apiVersion, kind: one.kind, metadata, spec: { gatewayClassName: 'public', listeners } };
  }

  test('a cluster gives what its manifests give, in whatever order they come', async () => {
    using folder = folderOf({ 'm/all.yaml': WORLD });
    const fromFiles = await init(folder.path);
    const reader = new ManifestReader('default');
    reader.add({ name: 'x.yaml', text: WORLD.trim().split('\n---\n').reverse().join('\n---\n') });
    const cluster = storeOf(reader.manifests.manifests, 'all');
    const fromCluster = await init(folder.path, { cluster });
    expect(withoutVendors(fromCluster.stdout)).toBe(withoutVendors(fromFiles.stdout));
    expect(kindsLookedAt(POLICIES)).not.toContain('Secret');
  });

  function withoutVendors(text: string): string {
    return text
      .split('---\n')
      .filter((part) => !part.includes('kind: PolicyAttachment'))
      .join('---\n');
  }

  test('--dir writes a file for each document, and none over another', async () => {
    using folder = folderOf({ 'm/all.yaml': WORLD });
    const written = await init(folder.path, { directory: 'p/new' });
    const files = readdirSync(join(folder.path, 'p/new'));
    expect([written.code, written.stdout, files]).toEqual([
      0,
      '',
      [
        'backend-references.yaml',
        'channel-pinning.yaml',
        'gateway-class.yaml',
        'hostname-ownership.yaml',
        'ingress-cutover.yaml',
        'listener-safety.yaml',
        'namespace-gate.yaml',
        'policy-attachment.yaml',
        'reference-grants.yaml',
        'route-attachment.yaml',
        'route-precedence.yaml',
        'supported-features.yaml',
      ],
    ]);
    expect(written.stderr.split('\n').slice(-3)).toEqual([
      'wrote p/new/supported-features.yaml',
      'next: gateward check --policies p/new PATH…',
      '',
    ]);
    writeFileSync(join(folder.path, 'p/new/gateway-class.yaml'), 'mine');
    const again = await init(folder.path, { directory: 'p/new' });
    expect([again.code, again.stderr.endsWith('name another directory, or write over with --force\n')]).toEqual([
      2,
      true,
    ]);
    expect(readFileSync(join(folder.path, 'p/new/gateway-class.yaml'), 'utf8')).toBe('mine');
    expect((await init(folder.path, { directory: 'p/new', force: true })).code).toBe(0);
    expect(readFileSync(join(folder.path, 'p/new/gateway-class.yaml'), 'utf8')).toContain('GatewayClassAccess');
  });

  test('a file that cannot be read is told, and the rest is looked at', async () => {
    using folder = folderOf({ 'm/all.yaml': WORLD, 'm/broken.yaml': 'a: [' });
    const { code, stdout, stderr } = await init(folder.path);
    expect([code, stderr.startsWith('error: m/broken.yaml:1:5: '), documentOf(stdout, 'NamespaceGate')]).toEqual([
      3,
      true,
      'spec:\n  action: Warn\n  labels: [edge]\n  auto: true\n',
    ]);
  });

  test.runIf(hasShared)('the manifests of others get documents that load, and own what they use', async () => {
    const paths = [sharedPath('gateway-api/examples')];
    using folder = folderOf({});
    const { stdout } = await init(folder.path, { input: { ...FILES, paths } });
    const { documents } = configDocuments('policies.yaml', stdout);
    const loaded = loadPolicies(documents, POLICIES, 0);
    expect([loaded.problems, loaded.warnings]).toEqual([[], []]);
    writeFileSync(join(folder.path, 'policies.yaml'), stdout);
    const judged = await check(folder.path, { policies: ['policies.yaml'], paths, output: ['json'] }, policies);
    const findings = [...judged.stdout.matchAll(/"rule": "hostname-ownership\/(\w[-\w]*)"/g)].map(([, rule]) => rule);
    expect(findings.filter((rule) => rule === 'not-owned' || rule === 'unowned')).toEqual([]);
  });
});

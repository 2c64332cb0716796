/** The main job: a real API server asks Gateward on every apply, and its verdict decides. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startCluster, type Cluster, type KubectlResult } from './cluster.ts';
import { gatewayApiCrds, installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward, type Gateward } from './gateward.ts';

const POLICIES = `
apiVersion: gateward.dev/v1alpha1
kind: ChannelPin
metadata: { name: production }
spec: { action: Deny, channel: standard, bundle: v1.6.1 }
---
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public-hostnames }
spec:
  action: Deny
  owners:
    - { hostnames: ["shop.example.com", "*.shop.example.com"], namespaces: [team-shop] }
    - { hostnames: ["pay.example.com"], namespaces: [team-pay] }
---
apiVersion: gateward.dev/v1alpha1
kind: ReferenceGrantScope
metadata: { name: least-privilege }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: DefaultFilters
metadata: { name: security-headers }
spec:
  action: Deny
  mode: Mutate
  filters:
    - type: ResponseHeaderModifier
      responseHeaderModifier: { set: [{ name: X-Content-Type-Options, value: nosniff }] }
---
apiVersion: gateward.dev/v1alpha1
kind: GatewayClassAccess
metadata: { name: classes }
spec: { action: Warn }
`;

const HEADERS = {
  type: 'ResponseHeaderModifier',
  responseHeaderModifier: { set: [{ name: 'X-Content-Type-Options', value: 'nosniff' }] },
};

const httpRoute = (name: string, hostnames: readonly string[], more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'team-shop' },
    spec: { parentRefs: [{ name: 'public' }], hostnames, rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
    ...more,
  });

const DENIED =
  'hostname-ownership/not-owned: spec.hostnames[0] "pay.example.com" belongs to namespace team-pay (policy public-hostnames); ' +
  'team-shop may use: shop.example.com, *.shop.example.com. Ask the owner for a delegation, or use a hostname you own. ' +
  'See gateward.dev/rules/hostname-ownership';

const stored = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z.object({ rules: z.array(z.object({ filters: z.array(z.unknown()).optional() })) }),
});

describeWithCluster('Gateward beside a real API server', () => {
  let cluster: Cluster;
  let server: Gateward;

  const apply = (object: string, ...flags: readonly string[]): Promise<KubectlResult> =>
    cluster.kubectl(['apply', '-f', '-', ...flags], { stdin: object });
  const read = async (kind: string, name: string): Promise<z.infer<typeof stored> | undefined> => {
    const { code, stdout } = await cluster.kubectl(['get', kind, name, '-n', 'team-shop', '-o', 'json']);
    return code === 0 ? stored.parse(JSON.parse(stdout)) : undefined;
  };

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    for (const namespace of ['team-shop', 'team-pay']) await cluster.kubectl(['create', 'namespace', namespace]);
  });
  afterAll(() => cluster.stop());

  describe('with the standard CRDs', () => {
    beforeAll(async () => {
      // What is there before any webhook is.
      await apply(httpRoute('legacy', ['pay.example.com']));
      server = await startGateward(cluster, POLICIES);
      await server.register();
    });
    afterAll(() => server.stop());

    test('a route that takes another team’s hostname is denied, in one line and with causes', async () => {
      const { code, stderr } = await apply(httpRoute('hijack', ['pay.example.com']));
      expect({ code, said: stderr.includes(DENIED) ? DENIED : stderr }).toEqual({ code: 1, said: DENIED });
      expect(await read('httproute', 'hijack')).toBeUndefined();

      const raw = await cluster.request('/apis/gateway.networking.k8s.io/v1/namespaces/team-shop/httproutes', {
        method: 'POST',
        body: JSON.parse(httpRoute('hijack', ['pay.example.com'])),
      });
      const status = z
        .object({ code: z.number(), reason: z.string(), details: z.object({ causes: z.array(z.unknown()) }) })
        .parse(JSON.parse(raw.body));
      expect(status).toEqual({
        code: 403,
        reason: 'Forbidden',
        details: {
          causes: [
            {
              reason: 'hostname-ownership/not-owned',
              field: 'spec.hostnames[0]',
              message: DENIED.replace('hostname-ownership/not-owned: ', '').replace(/\. See gateward.*$/, ''),
            },
          ],
        },
      });
    });

    test('a compliant route is admitted, and stored with the default filters', async () => {
      expect(await apply(httpRoute('web', ['shop.example.com']))).toMatchObject({ code: 0 });
      expect((await read('httproute', 'web'))?.spec.rules.map(({ filters }) => filters)).toEqual([[HEADERS]]);
    });

    test('A46 a second apply of the same changes nothing', async () => {
      await apply(httpRoute('twice', ['shop.example.com']));
      const before = await read('httproute', 'twice');
      expect(await apply(httpRoute('twice', ['shop.example.com']))).toMatchObject({ code: 0 });
      expect(await read('httproute', 'twice')).toEqual(before);
    });

    test.each(['v1', 'v1beta1'])('a wildcard ReferenceGrant is denied as %s', async (version) => {
      const grant = (name: string, to: Readonly<Record<string, string>>): string =>
        JSON.stringify({
          apiVersion: `gateway.networking.k8s.io/${version}`,
          kind: 'ReferenceGrant',
          metadata: { name: `${name}-${version}`, namespace: 'team-shop' },
          spec: { from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'team-pay' }], to: [to] },
        });
      const wide = await apply(grant('wide', { group: '', kind: 'Service' }));
      expect(wide).toMatchObject({ code: 1 });
      expect(wide.stderr).toContain('reference-grants/unnamed-target: spec.to[0].name is missing');
      expect(await apply(grant('narrow', { group: '', kind: 'Service', name: 'web' }))).toMatchObject({ code: 0 });
    });

    test('P16 A30 v1beta1 of a kind is judged as v1 is', async () => {
      const asBeta = (name: string, hostname: string): string =>
        httpRoute(name, [hostname]).replace('k8s.io/v1"', 'k8s.io/v1beta1"');
      const denied = await apply(asBeta('beta', 'pay.example.com'));
      expect(denied).toMatchObject({ code: 1 });
      expect(denied.stderr).toContain(DENIED);
      expect(await apply(asBeta('beta', 'shop.example.com'))).toMatchObject({ code: 0 });
    });

    test('P10 A48 a dry run has the same verdicts and writes nothing', async () => {
      const denied = await apply(httpRoute('dry', ['pay.example.com']), '--dry-run=server');
      expect(denied).toMatchObject({ code: 1 });
      expect(denied.stderr).toContain(DENIED);
      const allowed = await apply(httpRoute('dry', ['shop.example.com']), '--dry-run=server', '-o', 'json');
      expect(stored.omit({ metadata: true }).parse(JSON.parse(allowed.stdout)).spec.rules).toEqual([
        { filters: [HEADERS] },
      ]);
      expect(await read('httproute', 'dry')).toBeUndefined();
    });

    test('P15 A42 server-side apply is judged and mended, on creation and on change', async () => {
      const flags = ['--server-side', '--field-manager=ci'];
      const denied = await apply(httpRoute('ssa', ['pay.example.com']), ...flags);
      expect(denied).toMatchObject({ code: 1 });
      expect(denied.stderr).toContain(DENIED);
      expect(await apply(httpRoute('ssa', ['shop.example.com']), ...flags)).toMatchObject({ code: 0 });
      expect((await read('httproute', 'ssa'))?.spec.rules.map(({ filters }) => filters)).toEqual([[HEADERS]]);
      const changed = await apply(httpRoute('ssa', ['pay.example.com']), ...flags);
      expect(changed.stderr).toContain(DENIED);

      // The filters that were added belong to whoever applied the list; nobody else appears, and the same again changes nothing.
      const before = await read('httproute', 'ssa');
      const managers = 'jsonpath={.metadata.managedFields[*].manager}';
      const { stdout } = await cluster.kubectl([
        ...['get', 'httproute', 'ssa', '-n', 'team-shop', '--show-managed-fields', '-o', managers],
      ]);
      expect(stdout).toBe('ci');
      expect(await apply(httpRoute('ssa', ['shop.example.com']), ...flags)).toMatchObject({ code: 0 });
      expect(await read('httproute', 'ssa')).toEqual(before);
    });

    test('A42 an old violation warns on update, a new one is denied', async () => {
      const labelled = await cluster.kubectl(['label', 'httproute', 'legacy', '-n', 'team-shop', 'tier=web']);
      expect(labelled).toMatchObject({ code: 0 });
      expect(labelled.stderr).toContain('Warning: hostname-ownership/not-owned: spec.hostnames[0] "pay.example.com"');
      const widened = await apply(httpRoute('legacy', ['pay.example.com', 'bank.example.com']));
      expect(widened).toMatchObject({ code: 1 });
      expect(widened.stderr).toContain('hostname-ownership/unowned: spec.hostnames[1] "bank.example.com"');
    });

    test('a warning is shown by kubectl, and the write goes through', async () => {
      const { code, stderr } = await apply(
        JSON.stringify({
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: { name: 'public', namespace: 'team-shop' },
          spec: {
            gatewayClassName: 'absent',
            listeners: [{ name: 'http', port: 80, protocol: 'HTTP', hostname: 'shop.example.com' }],
          },
        }),
      );
      expect(code).toBe(0);
      expect(stderr).toContain(
        'Warning: gateway-class/class-missing: spec.gatewayClassName: there is no GatewayClass "absent"',
      );
    });

    test('P14 a deletion goes through, and an object that is refused can still be deleted', async () => {
      expect(await cluster.kubectl(['delete', 'httproute', 'legacy', '-n', 'team-shop'])).toMatchObject({ code: 0 });
    });

    test('an experimental CRD over a standard one is denied', async () => {
      const file = (await gatewayApiCrds('experimental')).find((name) => name.endsWith('_httproutes.yaml')) ?? '';
      const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', file]);
      expect(code).toBe(1);
      expect(stderr).toContain('channel-pinning/crd-channel');
    });

    test('a CRD of another group is none of its business', async () => {
      const other = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          names: { kind: 'Thing', plural: 'things' },
          scope: 'Namespaced',
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      };
      expect(await apply(JSON.stringify(other))).toMatchObject({ code: 0 });
    });

    test('an audit of the cluster finds what is there, and the CRDs as they were released', async () => {
      const policies = ['--policies', server.policies];
      const { code, stdout } = await gateward(
        'audit',
        '--cluster',
        '--kubeconfig',
        cluster.kubeconfig,
        ...policies,
        '-o',
        'json',
      );
      const { findings } = z
        .object({ findings: z.array(z.object({ rule: z.string(), effect: z.string() })) })
        .parse(JSON.parse(stdout));
      expect({ code, found: [...new Set(findings.map(({ rule, effect }) => `${effect} ${rule}`))].sort() }).toEqual({
        code: 0,
        found: ['warn gateway-class/class-missing', 'warn reference-grants/unused'],
      });
    });

    test('A56 every decision is one line of the log, and no body is in it', () => {
      const lines = server
        .log()
        .split('\n')
        .filter((line) => line.includes('"uid"'))
        .map((line) => z.looseObject({ uid: z.string(), allowed: z.boolean() }).parse(JSON.parse(line)));
      expect(lines.length).toBeGreaterThan(10);
      expect(server.log()).not.toContain('backendRefs');
    });
  });

  describe('with the experimental CRDs under a standard pin', () => {
    let experimental: Cluster;
    let judge: Gateward;
    beforeAll(async () => {
      experimental = await startCluster();
      await installCrds(experimental, 'experimental');
      await experimental.kubectl(['create', 'namespace', 'team-shop']);
      judge = await startGateward(experimental, POLICIES);
      await judge.register();
    });
    afterAll(async () => {
      await judge.stop();
      await experimental.stop();
    });

    test('a route with an experimental field is denied, its neighbour without it is not', async () => {
      const withRetry = httpRoute('retry', ['shop.example.com']).replace(
        '"rules":[{',
        '"rules":[{"retry":{"attempts":3},',
      );
      const denied = await experimental.kubectl(['apply', '-f', '-'], { stdin: withRetry });
      expect(denied.code).toBe(1);
      expect(denied.stderr).toContain('channel-pinning/field-not-in-channel: spec.rules[0].retry');
      const plain = await experimental.kubectl(['apply', '-f', '-'], {
        stdin: httpRoute('plain', ['shop.example.com']),
      });
      expect(plain).toMatchObject({ code: 0 });
    });

    test('a kind of the experimental group is denied', async () => {
      const mesh = {
        apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
        kind: 'XMesh',
        metadata: { name: 'mesh' },
        spec: { controllerName: 'example.com/mesh' },
      };
      const denied = await experimental.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(mesh) });
      expect(denied.code).toBe(1);
      expect(denied.stderr).toContain('channel-pinning/kind-not-in-channel');
    });
  });
});

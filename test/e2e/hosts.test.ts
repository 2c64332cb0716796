/** Who owns what, and what other documents would change, over a real API server with policy documents as custom resources. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { makeLeaf, tlsSecret } from '../support/leaf.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: { name: infra }
---
apiVersion: v1
kind: Namespace
metadata: { name: team-shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: team-pay }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
  - name: https
    port: 443
    protocol: HTTPS
    hostname: "*.example.com"
    tls: { certificateRefs: [{ name: example }] }
    allowedRoutes: { namespaces: { from: All } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team-shop }
spec: { parentRefs: [{ name: public, namespace: infra }], hostnames: [shop.example.com] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: team-shop }
spec: { parentRefs: [{ name: public, namespace: infra }], hostnames: [pay.example.com] }
---
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: hostnames }
spec:
  action: Warn
  owners:
  - { hostnames: ["*.example.com"], namespaces: [infra, team-shop] }
`;

const STRICT = `apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: hostnames }
spec:
  action: Deny
  owners:
  - { hostnames: ["*.example.com"], namespaces: [infra, team-shop] }
  - { hostnames: [pay.example.com], namespaces: [team-pay] }
`;

describeWithCluster('documents and hostnames of a cluster', () => {
  let cluster: Cluster;
  let strict: string;
  const over = (...args: readonly string[]): ReturnType<typeof gateward> =>
    gateward(...args, '--cluster', '--kubeconfig', cluster.kubeconfig);

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    const { stdout: crds } = await gateward('manifests', 'crds');
    expect(await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: crds })).toMatchObject({ code: 0 });
    const wait = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'];
    expect(await cluster.kubectl(wait)).toMatchObject({ code: 0 });
    const { cert, key } = await makeLeaf(['*.example.com'], '2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z');
    const secret = stringify(tlsSecret('infra/example', cert, key));
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: `${WORLD}---\n${secret}` })).toMatchObject({ code: 0 });
    strict = join(await mkdtemp(join(tmpdir(), 'gateward-e2e-')), 'strict.yaml');
    await writeFile(strict, STRICT);
  });
  afterAll(() => cluster.stop());

  test('hosts reads owners and certificates there', async () => {
    expect(await over('hosts', '-o', 'csv')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'hostname,owner,listeners,routes,certificate,conflicts',
        '*.example.com,infra; team-shop,infra/public:https,,infra/example until 2099-01-01,',
        'pay.example.com,infra; team-shop,infra/public:https,HTTPRoute team-shop/checkout,infra/example until 2099-01-01,',
        'shop.example.com,infra; team-shop,infra/public:https,HTTPRoute team-shop/shop,infra/example until 2099-01-01,',
        '',
      ].join('\r\n'),
    });
  });

  test('who-owns answers from the documents there', async () => {
    const { code, stdout } = await over('who-owns', 'pay.example.com');
    expect([code, stdout.split('\n').slice(0, 4)]).toEqual([
      0,
      [
        'pay.example.com belongs to namespaces infra, team-shop',
        '  by *.example.com → namespaces infra, team-shop (HostnameOwnership hostnames, spec.owners[0]), the most specific hostname that covers it',
        'used by',
        '  Gateway infra/public listener https  (as part of *.example.com)',
      ],
    ]);
    expect((await over('who-owns', 'example.org')).code).toBe(1);
  });

  test('preview compares with them', async () => {
    expect(await over('preview', '--policies', strict)).toEqual({
      code: 1,
      stderr: '',
      stdout: `Compared with the policy documents in the cluster.

Would be denied, and are not now: 1 object
  hostname-ownership/not-owned (hostnames): 1 object
    allow → deny  HTTPRoute team-shop/checkout spec.hostnames[0]
      spec.hostnames[0] "pay.example.com" belongs to namespace team-pay (policy hostnames); team-shop may use: *.example.com. Ask the owner for a delegation, or use a hostname you own

by namespace  newly denied
team-shop                1

1 newly denied in 3 objects
`,
    });
  });
});

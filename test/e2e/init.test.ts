/** First policy documents, guessed from what a real API server has. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: infra }
---
apiVersion: v1
kind: Namespace
metadata: { name: team-shop }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  gatewayClassName: public
  listeners: [{ name: http, port: 80, protocol: HTTP, hostname: '*.example.com' }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team-shop }
spec: { parentRefs: [{ name: edge, namespace: infra }], hostnames: [shop.example.com] }
`;

describeWithCluster('gateward init --cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'experimental');
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: OBJECTS })).toMatchObject({ code: 0 });
  });
  afterAll(() => cluster.stop());

  test('names release, class and owners, and an audit under them has no word on hostnames', async () => {
    const where = ['--cluster', '--kubeconfig', cluster.kubeconfig];
    const { code, stdout, stderr } = await gateward('init', ...where);
    expect([code, stderr]).toEqual([0, '']);
    const specs = stdout.split('---\n').map((document) => document.slice(document.indexOf('kind: ')));
    expect(specs.filter((text) => /^kind: (?:ChannelPin|GatewayClassAccess|HostnameOwnership)\n/.test(text))).toEqual([
      `kind: ChannelPin
metadata:
  name: release
spec:
  action: Warn
  channel: experimental
  bundle: v1.6.1
`,
      `kind: GatewayClassAccess
metadata:
  name: classes
spec:
  action: Warn
  classes:
    # from infra/edge
    - name: public
      namespaces: [infra]
`,
      `kind: HostnameOwnership
metadata:
  name: hostnames
spec:
  action: Warn
  owners:
    # from Gateway edge
    - hostnames: ['*.example.com']
      namespaces: [infra]
    # from HTTPRoute shop
    - hostnames: [shop.example.com]
      namespaces: [team-shop]
`,
    ]);
    const file = join(cluster.dir, 'policies.yaml');
    await writeFile(file, stdout);
    const audit = await gateward('audit', ...where, '--policies', file, '-o', 'json');
    const rules = z.object({ findings: z.array(z.object({ rule: z.string() })) }).parse(JSON.parse(audit.stdout));
    const told = rules.findings.map(({ rule }) => rule);
    expect([
      audit.code,
      told.filter((rule) => /^(?:hostname-ownership|channel-pinning|gateway-class\/class-not)/.test(rule)),
    ]).toEqual([0, []]);
  });
});

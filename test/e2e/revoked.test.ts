/** What an allow rests on, revoked: how long it is still believed, and who finds what came in meanwhile. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { tcpProxy, type TcpProxy } from '../support/tcpProxy.ts';
import { freePort, startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { metricsAt, startGateward, type Gateward } from './gateward.ts';
import { kubectl } from './installation.ts';

const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public }
spec:
  action: Deny
  owners: [{ hostnames: ["*.example.com"], namespaceSelector: { matchLabels: { tier: web } } }]
  rules: { unowned: Disabled }
---
apiVersion: gateward.dev/v1alpha1
kind: BackendReferences
metadata: { name: backends }
spec: { action: Deny }
`;
const WORLD = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { tier: web } }
---
apiVersion: v1
kind: Namespace
metadata: { name: pay }
---
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: pay }
spec: { ports: [{ port: 80 }] }
`;
const GRANT = '/apis/gateway.networking.k8s.io/v1beta1/namespaces/pay/referencegrants/shop';
const backendRefs = [{ name: 'pay', namespace: 'pay', port: 80 }];

const ROUNDS = 3;
/** Dry runs right after the view has seen a revocation. */
const TRIES = 5;

const versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

vi.setConfig({ testTimeout: 300_000 });

describeWithCluster('what an allow rests on', () => {
  let cluster: Cluster;
  let wire: TcpProxy;
  let server: Gateward;
  let port: number;

  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await holds()); tries += 1) {
      if (tries === 1200) throw new Error(`never: ${what}\n${server.log().slice(-2000)}`);
      await sleep(50);
    }
  };
  /** The value of a metric, by its name and labels. */
  const valueOf = async (series: string): Promise<number> => {
    const lines = (await metricsAt(port)).split('\n');
    return Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length));
  };
  const seesVersion = async (kind: string, version: number): Promise<boolean> =>
    (await valueOf(`gateward_snapshot_resource_version{kind="${kind}"}`)) >= version;
  /** Changes one object, and gives its version. */
  const patch = async (path: string, body: unknown): Promise<number> => {
    const contentType = 'application/merge-patch+json';
    const answer = await cluster.request(path, { method: 'PATCH', body, contentType });
    return Number(versioned.parse(JSON.parse(answer.body)).metadata.resourceVersion);
  };
  const label = (tier: string): Promise<number> => patch('/api/v1/namespaces/shop', { metadata: { labels: { tier } } });
  const grantTo = (namespace: string): Promise<number> =>
    patch(GRANT, { spec: { from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace }] } });
  const grant = (): Promise<unknown> =>
    cluster.request(GRANT.replace(/\/shop$/, ''), {
      method: 'POST',
      body: {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: { name: 'shop' },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
          to: [{ group: '', kind: 'Service' }],
        },
      },
    });
  /** Creates a route in namespace shop: `allowed`, or the rules that deny it. */
  const create = async (spec: unknown, ...flags: readonly string[]): Promise<string> => {
    // A dry run is of one beside the one that is there.
    const name = flags.length === 0 ? 'web' : 'beside';
    const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name }, spec };
    const { code, stderr } = await cluster.kubectl(['create', '-n', 'shop', ...flags, '-f', '-'], {
      stdin: JSON.stringify(route),
    });
    if (code === 0) return 'allowed';
    return /denied the request: ([a-z/-]+)/.exec(stderr)?.[1] ?? stderr;
  };

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    await kubectl(cluster, ['apply', '-f', '-'], WORLD);
    wire = await tcpProxy(Number(new URL(cluster.url).port));
    const kubeconfig = join(cluster.dir, 'wire.kubeconfig');
    const text = await readFile(cluster.kubeconfig, 'utf8');
    await writeFile(kubeconfig, text.replaceAll(cluster.url, `https://127.0.0.1:${wire.port}`), { mode: 0o600 });
    port = await freePort();
    server = await startGateward(cluster, DOCUMENTS, ['--kubeconfig', kubeconfig, '--metrics-port', String(port)]);
    await server.register();
  });
  afterAll(async () => {
    await server.stop();
    await wire.close();
    await cluster.stop();
  });

  const granted = { rules: [{ backendRefs }] };
  const rows = [
    {
      what: 'a ReferenceGrant that is deleted',
      rests: granted,
      rule: 'backend-references/ref-not-permitted',
      give: grant,
      revoke: async () => {
        await cluster.request(GRANT, { method: 'DELETE' });
        return async () => (await valueOf('gateward_snapshot_objects{kind="ReferenceGrant"}')) === 0;
      },
    },
    {
      what: 'a ReferenceGrant that names another namespace',
      rests: granted,
      rule: 'backend-references/ref-not-permitted',
      give: async () => {
        await grant();
        await grantTo('shop');
      },
      revoke: async () => {
        const version = await grantTo('others');
        return () => seesVersion('ReferenceGrant', version);
      },
    },
    {
      what: 'the label of a Namespace',
      rests: { hostnames: ['shop.example.com'] },
      rule: 'hostname-ownership/not-owned',
      give: () => label('web'),
      revoke: async () => {
        const version = await label('batch');
        return () => seesVersion('Namespace', version);
      },
    },
  ];

  test.each(rows)(
    'F23: once the view shows that $what is revoked nothing is allowed by it, and the audit has what came in before',
    async ({ rests, rule, give, revoke }) => {
      const findings = `gateward_findings{policy="${rule.split('/')[0] ?? ''}",action="Deny"}`;
      const seen = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await give();
        await until('allowed', async () => (await create(rests, '--dry-run=server')) === 'allowed');
        // What happens on the way of an event, as long as it takes here.
        wire.hold();
        const isSeen = await revoke();
        const before = await create(rests);
        wire.letGo();
        await until('the revocation is seen', isSeen);
        const after: string[] = [];
        for (let tries = 0; tries < TRIES; tries += 1) after.push(await create(rests, '--dry-run=server'));
        await until('it is found', async () => (await valueOf(findings)) === 1);
        await kubectl(cluster, ['delete', 'httproute', 'web', '-n', 'shop']);
        await until('it is found no more', async () => (await valueOf(findings)) === 0);
        seen.push({ before, after });
      }
      const denied = Array.from({ length: TRIES }, () => rule);
      expect(seen).toEqual(Array.from({ length: ROUNDS }, () => ({ before: 'allowed', after: denied })));
    },
  );
});

/** The continuous audit: what changes after admission is a finding, in metrics, reports and statuses. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { moduleFolder } from './binaries.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { metricsAt, startGateward, type Gateward } from './gateward.ts';

const CRDS = join(resolve(import.meta.dirname, '../..'), 'deploy/base/crds.generated.yaml');

const WORLD = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public }
spec:
  action: Deny
  owners: [{ hostnames: ["*.example.com"], namespaceSelector: { matchLabels: { tier: web } } }]
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { tier: web } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec: { hostnames: [shop.example.com], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
`;

const reports = z.object({
  items: z.array(
    z.object({
      metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), labels: z.unknown() }),
      summary: z.record(z.string(), z.number()),
      results: z.array(z.looseObject({ rule: z.string(), result: z.string(), policy: z.string() })),
    }),
  ),
});
const tallied = z.object({ status: z.object({ judged: z.number(), findings: z.number() }) });

describeWithCluster('the continuous audit', () => {
  let cluster: Cluster;
  const servers: { readonly server: Gateward; readonly port: number }[] = [];

  const label = (tier: string): Promise<unknown> =>
    cluster.kubectl(['label', '--overwrite', 'namespace', 'shop', `tier=${tier}`]);
  /** The findings of hostname-ownership by action, of whichever replica leads. */
  const found = async (): Promise<readonly string[]> => {
    const texts = await Promise.all(servers.map(({ port }) => metricsAt(port)));
    return texts.flatMap((text) => text.match(/^gateward_findings\{policy="hostname-ownership".*$/gm) ?? []);
  };
  const counts = (deny: number): readonly string[] =>
    Object.entries({ Deny: deny, Warn: 0, Audit: 0 }).map(
      ([action, count]) => `gateward_findings{policy="hostname-ownership",action="${action}"} ${count}`,
    );
  const reported = async (): Promise<unknown> => {
    const { stdout } = await cluster.kubectl(['get', 'reports.openreports.io', '-A', '-o', 'json']);
    return reports.parse(JSON.parse(stdout)).items.map(({ metadata, summary, results }) => ({
      name: `${metadata.namespace ?? ''}/${metadata.name}`,
      labels: metadata.labels,
      fail: summary['fail'],
      results: results.map(({ rule, result, policy }) => [rule, result, policy]),
    }));
  };
  const becomes = async <T>(ask: () => Promise<T>, wanted: T): Promise<void> => {
    let value = await ask();
    for (let attempt = 0; attempt < 250 && JSON.stringify(value) !== JSON.stringify(wanted); attempt += 1) {
      await sleep(100);
      value = await ask();
    }
    expect(value).toEqual(wanted);
  };
  const REPORT = {
    name: 'shop/gateward',
    labels: { 'app.kubernetes.io/managed-by': 'gateward' },
    fail: 1,
    results: [['hostname-ownership/not-owned', 'fail', 'public']],
  };

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    const openreports = join(await moduleFolder('reports', 'github.com/openreports/reports-api'), 'config/crd');
    for (const crds of [CRDS, openreports]) await cluster.kubectl(['apply', '--server-side', '-f', crds]);
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: WORLD })).toMatchObject({ code: 0, stderr: '' });
    for (const port of [19_473, 19_474]) {
      servers.push({ server: await startGateward(cluster, undefined, ['--metrics-port', String(port)]), port });
    }
  }, 180_000);
  afterAll(async () => {
    await Promise.all(servers.map(({ server }) => server.stop()));
    await cluster.stop();
  });

  test('one replica counts, and finds nothing where nothing is wrong', { timeout: 90_000 }, async () => {
    await becomes(found, counts(0));
    expect(await reported()).toEqual([]);
  });

  test('a label that flips is a finding, and its end', { timeout: 120_000 }, async () => {
    await label('batch');
    await becomes(found, counts(1));
    await becomes(reported, [REPORT]);
    await becomes(
      async () => {
        const { stdout } = await cluster.kubectl(['get', 'hostnameownership', 'public', '-o', 'json']);
        const { judged, findings } = tallied.parse(JSON.parse(stdout)).status;
        return { judged, findings };
      },
      { judged: 1, findings: 1 },
    );
    await label('web');
    await becomes(found, counts(0));
    await becomes(reported, []);
  });

  test(
    'when the leader stops another goes on, and takes away what is no finding any more',
    { timeout: 120_000 },
    async () => {
      await label('batch');
      await becomes(reported, [REPORT]);
      const texts = await Promise.all(
        servers.map(async ({ port }) => (await metricsAt(port)).includes('gateward_findings{')),
      );
      const [leader] = servers.splice(texts.indexOf(true), 1);
      expect(await leader?.server.stop()).toBe(0);
      await label('web');
      await becomes(found, counts(0));
      await becomes(reported, []);
    },
  );
});

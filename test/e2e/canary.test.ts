/** The canary beside a real API server: whatever takes Gateward out of the way of writes is seen by Gateward itself. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { freePort, startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, metricsAt, startGateward, type Gateward } from './gateward.ts';
import { kubectl } from './installation.ts';

const COMPONENT = join(resolve(import.meta.dirname, '../..'), 'deploy/components/canary');
const DOCUMENT = `
apiVersion: gateward.dev/v1alpha1
kind: ListenerSafety
metadata: { name: listeners }
spec: { action: Audit }
`;
const USER = 'system:serviceaccount:gateward-system:gateward';

vi.setConfig({ testTimeout: 180_000 });

describeWithCluster('the canary on a real API server', () => {
  let cluster: Cluster;
  let server: Gateward;
  let port: number;

  /** What the log says of canaries, in order. */
  const told = (): readonly string[] =>
    [...server.log().matchAll(/"msg":"canary ([a-z ]+)/g)].map(([, outcome = '']) => outcome);
  const shown = async (): Promise<readonly string[]> =>
    (await metricsAt(port)).match(/^gateward_canary_admitted.*$/gm) ?? [];
  const becomes = async (lines: readonly string[], admitted: 0 | 1): Promise<void> => {
    for (let attempt = 0; attempt < 600 && told().length < lines.length; attempt += 1) await sleep(100);
    expect(told()).toEqual(lines);
    expect(await shown()).toEqual([`gateward_canary_admitted ${admitted}`]);
  };
  const configure = async (profile: string, url: string, ca: string): Promise<void> => {
    const { stdout } = await gateward('manifests', 'webhooks', '--profile', profile, '--url', url, '--ca', ca);
    // An apply makes what is gone, and leaves what others have added; a replacement takes that away.
    for (const verb of ['apply', 'replace']) await kubectl(cluster, [verb, '-f', '-'], stdout);
  };
  const remove = (): Promise<string> =>
    kubectl(cluster, ['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'gateward']);

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    for (const file of ['namespace.yaml', 'rbac.yaml']) await kubectl(cluster, ['apply', '-f', join(COMPONENT, file)]);
    // As the controller of quotas, who is not here, writes it.
    const hard = { 'count/httproutes.gateway.networking.k8s.io': '0' };
    const status = JSON.stringify({ status: { hard, used: hard } });
    const patch = ['patch', 'resourcequota', 'no-routes', '-n', 'gateward-canary', '--subresource=status'];
    await kubectl(cluster, [...patch, '--type=merge', '-p', status]);
    port = await freePort();
    const canary = ['--canary', 'gateward-canary', '--canary-every', '1', '--metrics-port', String(port)];
    server = await startGateward(cluster, DOCUMENT, canary);
    await configure('enforce', server.url, server.ca);
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  test('F20, F6: a configuration that is deleted, edited or not believed is seen, and that it is mended', async () => {
    const wrong = await makeDevCertificates({
      dir: join(cluster.dir, 'wrong'),
      hosts: ['127.0.0.1'],
      days: 1,
      now: Date.now(),
    });
    const nowhere = `https://127.0.0.1:${await freePort()}`;
    const unasked: readonly (readonly [string, () => Promise<unknown>, string])[] = [
      ['deleted', remove, 'admitted'],
      ['another CA', () => configure('audit', server.url, wrong.ca), 'admitted'],
      ['an endpoint that is gone', () => configure('audit', nowhere, server.ca), 'admitted'],
      ['the same without Ignore', () => configure('enforce', nowhere, server.ca), 'refused for want of an answer'],
      ['rules edited', () => edit('/webhooks/0/rules', []), 'admitted'],
      [
        'a selector edited',
        () => edit('/webhooks/0/namespaceSelector', { matchLabels: { judged: 'yes' } }),
        'admitted',
      ],
    ];
    const lines: string[] = [];
    // It may have been tried before the API server had heard of the configurations.
    for (let attempt = 0; attempt < 600 && told().at(-1) !== 'denied'; attempt += 1) await sleep(100);
    const before = told();
    expect(['denied', 'admitted,denied']).toContain(before.join(','));
    for (const [, change, outcome] of unasked) {
      await change();
      lines.push(outcome);
      await becomes([...before, ...lines], outcome === 'admitted' ? 1 : 0);
      await configure('enforce', server.url, server.ca);
      lines.push('denied');
      await becomes([...before, ...lines], 0);
    }
    // Each change has one line, and the tries have none.
    expect(server.log()).not.toContain('gateward-proof-');
  });

  test('F20: one that cannot be tried says why, and gives no all-clear', async () => {
    const before = told();
    await remove();
    await becomes([...before, 'admitted'], 1);
    await kubectl(cluster, ['delete', 'crd', 'httproutes.gateway.networking.k8s.io']);
    const absent = 'canary not tried: HTTPRoute of v1, or the namespace, is not there';
    for (let attempt = 0; attempt < 600 && !server.log().includes(absent); attempt += 1) await sleep(100);
    // A kind that is going is refused for a moment before it is gone.
    expect(new Set(told().slice(before.length + 1))).toEqual(new Set(['not tried']));
    expect(await shown()).toEqual(['gateward_canary_admitted 1']);
    await installCrds(cluster, 'standard');
    await configure('enforce', server.url, server.ca);
    for (let attempt = 0; attempt < 600 && told().at(-1) !== 'denied'; attempt += 1) await sleep(100);
    expect(await shown()).toEqual(['gateward_canary_admitted 0']);
  });

  test('the right to create is good for dry runs alone, even while nobody judges', async () => {
    await remove();
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'stolen' },
      spec: {},
    };
    const create = (namespace: string): ReturnType<Cluster['kubectl']> =>
      cluster.kubectl(['create', '--as', USER, '-n', namespace, '-f', '-'], { stdin: JSON.stringify(route) });
    expect((await create('gateward-canary')).stderr).toContain('is forbidden: exceeded quota: no-routes');
    expect((await create('default')).stderr).toContain('cannot create resource "httproutes"');
  });

  const edit = (path: string, value: unknown): Promise<string> =>
    kubectl(cluster, [
      ...['patch', 'validatingwebhookconfiguration', 'gateward', '--type=json'],
      ...['-p', JSON.stringify([{ op: 'replace', path, value }])],
    ]);
});

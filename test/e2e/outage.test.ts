/** What an outage of Gateward holds up under `failurePolicy: Fail`, by the rules and conditions that are generated from the policies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { renderManifests } from '../../src/report/manifests.ts';
import { startCluster, type Cluster, type KubectlResult } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';

const WEBHOOKS = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

describeWithCluster('with nobody at the webhook address', () => {
  let cluster: Cluster;
  const apply = async (text: string): Promise<void> => {
    const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: text });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    await apply(renderManifests('crds', { policies: POLICIES }));
    for (const name of ['gateward-system', 'team', 'leaving']) await cluster.kubectl(['create', 'namespace', name]);
    // Port 1 is closed: a call that is made fails, and under Fail the write with it.
    const dead = { endpoint: { url: 'https://127.0.0.1:1' }, caBundle: Buffer.from(cluster.ca).toString('base64') };
    await apply(renderManifests('webhooks', { policies: POLICIES, ...dead }));
    await until(true, cluster);
  });
  afterAll(() => cluster.stop());

  test.each<readonly [boolean, readonly string[]]>([
    [true, ['label', 'namespace', 'team', 'a=b']],
    [false, ['annotate', 'namespace', 'team', 'a=b']],
    [false, ['create', 'namespace', 'plain']],
    [false, ['delete', 'namespace', 'leaving', '--wait=false']],
    [false, ['label', 'namespace', 'kube-system', 'a=b']],
    [false, ['label', 'namespace', 'gateward-system', 'a=b']],
    [false, ['create', 'configmap', 'any', '-n', 'team']],
    [false, ['create', 'service', 'clusterip', 'any', '--tcp=80', '-n', 'team']],
    [true, ['annotate', 'crd', 'httproutes.gateway.networking.k8s.io', 'a=b']],
    [true, ['delete', 'crd', 'udproutes.gateway.networking.k8s.io', '--wait=false']],
    [false, ['annotate', 'crd', 'defaultfilters.gateward.dev', 'a=b']],
    [false, ['delete', 'crd', 'namespacegates.gateward.dev', '--wait=false']],
    [true, ['create', 'ingress', 'any', '-n', 'team', '--rule=a.example.com/=web:80']],
  ])('held up: %s: kubectl %j', async (heldUp, command) => {
    const result = await cluster.kubectl(command);
    expect({ heldUp: isHeldUp(result), done: result.code === 0 }).toEqual({ heldUp, done: !heldUp });
  });

  test('P20 F26 one kubectl delete is enough to go on', async () => {
    expect(await cluster.kubectl(['delete', WEBHOOKS, 'gateward'])).toMatchObject({ code: 0 });
    await until(false, cluster);
  });
});

function isHeldUp({ stderr }: KubectlResult): boolean {
  return stderr.includes('failed calling webhook "validate.gateward.dev"');
}

/** An API server takes a moment to see that a webhook configuration came or went. */
async function until(heldUp: boolean, cluster: Cluster): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (isHeldUp(await cluster.kubectl(['label', 'namespace', 'team', 'a=b', '--dry-run=server'])) === heldUp) return;
    await sleep(100);
  }
  throw new Error(`the API server ${heldUp ? 'never calls' : 'goes on calling'} the webhook`);
}

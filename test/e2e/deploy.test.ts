import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { renderManifests } from '../../src/report/manifests.ts';
import { binaries, crdRoot } from './binaries.ts';
import { startCluster, type Cluster, type KubectlResult } from './cluster.ts';
import { describeWithCluster } from './describe.ts';

const root = resolve(import.meta.dirname, '../..');

describeWithCluster('deploy/ on a real API server', () => {
  let cluster: Cluster;
  const apply = (text: string): Promise<KubectlResult> =>
    cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { stdin: text });

  beforeAll(async () => {
    cluster = await startCluster();
    expect((await cluster.kubectl(['create', '-f', join(await crdRoot(), 'standard')])).code).toBe(0);
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test.each(['base', 'overlays/audit', 'overlays/enforce'])('takes %s', async (folder) => {
    const { kubectl } = await binaries();
    const text = execFileSync(kubectl, ['kustomize', join(root, 'deploy', folder)], { encoding: 'utf8' });
    expect(await apply(text)).toMatchObject({ code: 0, stderr: '' });
  });

  test('establishes every CRD as a structural one', async () => {
    const names = POLICIES.map(({ kind }) => kind).concat('PolicyExemption');
    const crds = await cluster.kubectl(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=20s']);
    expect(crds).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await cluster.kubectl([
      ...['get', 'crd', '-o'],
      'jsonpath={range .items[?(@.spec.group=="gateward.dev")]}{.spec.names.kind}{range .status.conditions[*]} {.type}={.status}{end}{"\\n"}{end}',
    ]);
    expect(stdout.trim().split('\n').sort()).toEqual(
      names.map((name) => `${name} NamesAccepted=True Established=True`).sort(),
    );
  });

  test('explains a field, keeps a good document and names what is wrong in a bad one', async () => {
    const explained = await cluster.kubectl(['explain', 'defaultfilters.spec.onConflict']);
    expect(explained.stdout).toContain('What happens when the route does something else with the same header');
    const kept = await cluster.kubectl(['apply', '-f', join(root, 'policies/hostname-ownership/example.yaml')]);
    expect(kept).toMatchObject({ code: 0, stdout: 'hostnameownership.gateward.dev/public-hostnames created\n' });
    const filters = (spec: unknown): Promise<KubectlResult> =>
      apply(
        JSON.stringify({
          apiVersion: 'gateward.dev/v1alpha1',
          kind: 'DefaultFilters',
          metadata: { name: 'bad' },
          spec,
        }),
      );
    expect((await filters({ mode: 'Mutat' })).stderr).toContain('spec.mode: Unsupported value: "Mutat"');
    expect((await filters({ match: { namespaces: ['a'], namespaceSelector: {} } })).stderr).toContain(
      'give only one of namespaces and namespaceSelector',
    );
  });

  test('with nobody at the webhook address, holds up what is judged and nothing that recovery needs', async () => {
    // Port 1 is closed: a call that is made fails, and under Fail the write with it.
    const dead = { endpoint: { url: 'https://127.0.0.1:1' }, caBundle: Buffer.from(cluster.ca).toString('base64') };
    for (const name of ['team', 'leaving']) await cluster.kubectl(['create', 'namespace', name]);
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'gateward']);
    expect((await apply(renderManifests('webhooks', { policies: POLICIES, ...dead }))).code).toBe(0);
    await until(true, cluster, ['label', 'namespace', 'team', 'a=b']);

    const attempts: readonly (readonly [boolean, readonly string[]])[] = [
      [true, ['label', 'namespace', 'team', 'a=b']],
      [false, ['annotate', 'namespace', 'team', 'a=b']],
      [false, ['create', 'namespace', 'plain']],
      [false, ['delete', 'namespace', 'leaving', '--wait=false']],
      [false, ['label', 'namespace', 'kube-system', 'a=b']],
      [false, ['label', 'namespace', 'gateward-system', 'a=b']],
      [false, ['create', 'configmap', 'any', '-n', 'team']],
      [true, ['annotate', 'crd', 'httproutes.gateway.networking.k8s.io', 'a=b']],
      [true, ['delete', 'crd', 'udproutes.gateway.networking.k8s.io', '--wait=false']],
      [false, ['annotate', 'crd', 'defaultfilters.gateward.dev', 'a=b']],
      [false, ['delete', 'crd', 'namespacegates.gateward.dev', '--wait=false']],
      [true, ['create', 'ingress', 'any', '-n', 'team', '--rule=a.example.com/=web:80']],
    ];
    const answers: (readonly [boolean, readonly string[]])[] = [];
    for (const [, command] of attempts) answers.push([isHeldUp(await cluster.kubectl(command)), command]);
    expect(answers).toEqual(attempts);

    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'gateward']);
    await until(false, cluster, ['label', 'namespace', 'team', 'a=b']);
  });
});

function isHeldUp({ stderr }: KubectlResult): boolean {
  return stderr.includes('failed calling webhook "validate.gateward.dev"');
}

/** An API server takes a moment to see that a webhook configuration came or went. */
async function until(heldUp: boolean, cluster: Cluster, command: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (isHeldUp(await cluster.kubectl([...command, '--dry-run=server'])) === heldUp) return;
    await sleep(100);
  }
  throw new Error(`the API server ${heldUp ? 'never calls' : 'goes on calling'} the webhook`);
}

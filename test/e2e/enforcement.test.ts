/** `gateward enable` and `disable` beside a real API server: what is proved, what is changed, and what is said when there is no proof. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward, type Gateward } from './gateward.ts';

const DOCUMENT = `
apiVersion: gateward.dev/v1alpha1
kind: ListenerSafety
metadata: { name: listeners }
spec: { action: Audit }
`;

const configuration = z.looseObject({
  webhooks: z.array(z.looseObject({ name: z.string(), failurePolicy: z.string(), timeoutSeconds: z.number() })),
});

describeWithCluster('gateward enable on a real API server', () => {
  let cluster: Cluster;
  let server: Gateward;

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    server = await startGateward(cluster, DOCUMENT);
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  const run = (...args: readonly string[]): ReturnType<typeof gateward> =>
    gateward(...args, '--kubeconfig', cluster.kubeconfig);

  async function install(ca: string, profile = 'audit'): Promise<void> {
    const { stdout } = await gateward('manifests', 'webhooks', '--profile', profile, '--url', server.url, '--ca', ca);
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: stdout })).toMatchObject({ code: 0 });
  }

  /** Failure policy and timeout of the webhook that denies, and whether a configuration of a proof was left. */
  async function state(): Promise<readonly unknown[]> {
    const at = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const { body } = await cluster.request(`${at}/gateward`);
    const webhook = configuration.parse(JSON.parse(body)).webhooks.find(({ name }) => name === 'validate.gateward.dev');
    const { status } = await cluster.request(`${at}/gateward-proof`);
    return [webhook?.failurePolicy, webhook?.timeoutSeconds, status];
  }

  test('without webhook configurations there is nothing to enable', async () => {
    const told = 'error: the cluster has no ValidatingWebhookConfiguration gateward\n';
    for (const command of ['enable', 'disable']) {
      expect(await run(command)).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining(told) as unknown,
      });
    }
  });

  test('proves only with --dry-run, then enforces, and takes it back', async () => {
    await install(server.ca);
    const answers = 'Gateward answers: the API server called it and took its denial.\n';
    expect(await run('enable', '--dry-run')).toEqual({ code: 0, stdout: answers, stderr: '' });
    expect(await state()).toEqual(['Ignore', 2, 404]);
    expect(await run('enable')).toEqual({
      code: 0,
      stdout: `${answers}Enforced: a write that Gateward cannot judge is refused. gateward disable takes it back.\n`,
      stderr: '',
    });
    expect(await state()).toEqual(['Fail', 5, 404]);
    expect((await run('disable')).code).toBe(0);
    expect(await state()).toEqual(['Ignore', 5, 404]);
  });

  test('an object with the label is refused in dry runs only', async () => {
    const route = (name: string): string =>
      JSON.stringify({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name, namespace: 'default', labels: { 'gateward.dev/proof': 'word' } },
        spec: {},
      });
    const dry = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: route('labelled') });
    expect(dry).toMatchObject({ code: 1, stderr: expect.stringContaining('gateward answers: word') as unknown });
    expect(await cluster.kubectl(['create', '-f', '-'], { stdin: route('labelled') })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  test('with a CA that did not sign the certificate it says so, and changes nothing', async () => {
    const dir = join(cluster.dir, 'other');
    const other = await makeDevCertificates({ dir, hosts: ['127.0.0.1'], days: 1, now: Date.now(), force: true });
    await install(other.ca);
    const refused = await run('enable');
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain('failed calling webhook "proof.gateward.dev"');
    expect(refused.stderr).toContain('x509');
    expect(refused.stderr).toContain('[enforcement/no-answer]');
    expect(await state()).toEqual(['Ignore', 2, 404]);
  });

  test('with nobody there it says so; --remove takes the configurations away, and again does no harm', async () => {
    await install(server.ca);
    await server.stop();
    const refused = await run('enable');
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain('connect: connection refused');
    expect(await state()).toEqual(['Ignore', 2, 404]);
    const deleted = (how: string): string =>
      `validatingwebhookconfigurations/gateward ${how}\nmutatingwebhookconfigurations/gateward ${how}\n`;
    expect(await run('disable', '--remove')).toEqual({ code: 0, stdout: deleted('deleted'), stderr: '' });
    expect(await run('disable', '--remove')).toEqual({ code: 0, stdout: deleted('was not there'), stderr: '' });
  });

  test('who may not look at configurations is told which right that takes, who is nobody to log in', async () => {
    await install(server.ca);
    const nobody = join(cluster.dir, 'nobody.kubeconfig');
    await writeFile(nobody, (await readFile(cluster.kubeconfig, 'utf8')).replace(cluster.token('admin'), 'expired'));
    const forbidden = `error: ${cluster.url}: may not get validatingwebhookconfigurations\n  ask with an account that may; gateward manifests rbac prints the rights that reading needs [cluster/forbidden]\n`;
    const unknown = `error: ${cluster.url}: does not know who asks: there is no login, or it has expired\n  log in again, or name another with --kubeconfig or --context [cluster/unauthenticated]\n`;
    for (const [kubeconfig, stderr] of [
      [cluster.kubeconfigOf('alice'), forbidden],
      [nobody, unknown],
    ] as const) {
      for (const command of ['enable', 'disable']) {
        expect(await gateward(command, '--kubeconfig', kubeconfig)).toEqual({ code: 4, stdout: '', stderr });
      }
    }
  });
});

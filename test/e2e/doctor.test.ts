/** `gateward doctor` beside a real API server: a whole installation, broken in one place after another. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { healthyDiagnosis } from '../support/healthyDiagnosis.ts';
import type { Cluster } from './cluster.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward, type Gateward } from './gateward.ts';
import { NAMESPACE, addPod, kubeconfigIn, kubectl, podPorts, startInstalled } from './installation.ts';

const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: ListenerSafety
metadata: { name: listeners }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: DefaultFilters
metadata: { name: headers }
spec:
  mode: Mutate
  filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { remove: [X-Forwarded-User] } }]
`;
const VALIDATING = 'ValidatingWebhookConfiguration gateward';
const AGAIN = 'run gateward manifests webhooks --profile enforce | kubectl apply -f -';
const HOST = 'gateward.gateward-system.svc';
const CALL = `Internal error occurred: failed calling webhook "validate.gateward.dev": failed to call webhook: Post "https://${HOST}:443/validate?timeout=5s"`;

/** An API server goes on with connections that it has. */
const KEPT = { but: 'answer/denial' };

const diagnosis = z.strictObject({
  kind: z.literal('Diagnosis'),
  server: z.string(),
  namespace: z.string(),
  summary: z.strictObject({ ok: z.number(), warn: z.number(), fail: z.number(), unknown: z.number() }),
  checks: z.array(
    z.strictObject({
      check: z.string(),
      result: z.enum(['ok', 'warn', 'fail', 'unknown']),
      where: z.string(),
      message: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});

// A machine may stand still for a minute.
vi.setConfig({ testTimeout: 240_000 });

describeWithCluster('gateward doctor', () => {
  let cluster: Cluster;
  let server: Gateward;

  beforeAll(async () => {
    cluster = await startInstalled();
    await kubectl(cluster, ['apply', '-f', '-'], DOCUMENTS);
    const ports = await podPorts();
    server = await startGateward(cluster, undefined, [
      ...['--kubeconfig', await kubeconfigIn(cluster, 'admin'), '--host', '0.0.0.0'],
      ...['--port', String(ports.webhook), '--metrics-port', String(ports.metrics)],
    ]);
    for (const pod of ['gateward-1', 'gateward-2']) await addPod(cluster, pod, ports);
    const patch = JSON.stringify([
      { op: 'replace', path: '/spec/template/spec/containers/0/args', value: ['serve', '--policies-from-cluster'] },
      { op: 'replace', path: '/spec/replicas', value: 2 },
    ]);
    await kubectl(cluster, ['patch', 'deployment', 'gateward', '-n', NAMESPACE, '--type=json', '-p', patch]);
    await install();
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  async function install(ca = server.ca): Promise<void> {
    const { stdout } = await gateward('manifests', 'webhooks', '--profile', 'enforce', '--ca', ca);
    await kubectl(cluster, ['apply', '-f', '-'], stdout);
  }

  const run = (...args: readonly string[]): ReturnType<typeof gateward> =>
    gateward('doctor', '--kubeconfig', cluster.kubeconfig, ...args);

  /** How it ends, and every line that is not ok; `but` is a check that is left out. */
  async function told(but: string, ...args: readonly string[]): Promise<readonly unknown[]> {
    const { code, stdout } = await run('-o', 'json', ...args);
    const { checks, server: url } = diagnosis.parse(JSON.parse(stdout));
    const lines = checks
      .filter(({ result, check }) => result !== 'ok' && check !== but)
      .map(({ check, result, where, message, fix }) =>
        // What is verified in vain, Go tells in a bracket that depends on the names of both CAs.
        [result, check, where.replace(url, 'SERVER'), message.replace(/ \(possibly because.*/, ''), fix ?? ''].join(
          ' | ',
        ),
      );
    return [code, ...lines];
  }

  /** An API server takes a moment to see what was changed. */
  async function becomes(wanted: readonly unknown[], { but = '', args = [] as readonly string[] } = {}): Promise<void> {
    let found = await told(but, ...args);
    for (let tries = 0; tries < 20 && JSON.stringify(found) !== JSON.stringify(wanted); tries += 1) {
      await sleep(500);
      found = await told(but, ...args);
    }
    expect(found).toEqual(wanted);
  }

  const patch = (what: string, operations: readonly unknown[]): Promise<string> =>
    kubectl(cluster, ['patch', ...what.split(' '), '--type=json', '-p', JSON.stringify(operations)]);

  test('of an installation in which nothing is wrong each line is ok', async () => {
    await becomes([0]);
    const { code, stdout, stderr } = await run('--fail-on', 'warn');
    const text = stdout.replaceAll(cluster.url, 'SERVER').replace(/is held by \S+/, 'is held by NAME');
    expect([code, stderr]).toEqual([0, '']);
    const facts = { server: 'SERVER', holder: 'NAME', daysOfCa: 'N', days: 'N' };
    expect(text.replace(/2\d days/g, 'N days').split('\n')).toEqual([
      ...healthyDiagnosis(facts).map(([check, line]) => `ok       ${check.padEnd(27)}${line}`),
      '',
      '0 failed, 0 warned, 0 unknown, 31 ok',
      '',
    ]);
  });

  test('a CA that did not sign the certificate', async () => {
    const dir = join(cluster.dir, 'other');
    const other = await makeDevCertificates({ dir, hosts: [HOST], days: 30, now: Date.now(), force: true });
    await install(other.ca);
    const issuer = 'CN=Gateward development CA';
    const fix = 'see certs/README.md; with another CA: gateward manifests webhooks --ca ca.crt | kubectl apply -f -';
    await becomes([
      1,
      ...['gateward-1', 'gateward-2'].map(
        (pod) =>
          `fail | certificate/served | pod ${pod} | what it presents is signed by "${issuer}", which caBundle does not hold: calls fail | ${fix}`,
      ),
      `fail | answer/denial | SERVER | ${CALL}: tls: failed to verify certificate: x509: certificate signed by unknown authority | mend what the API server names`,
    ]);
    await install();
    await becomes([0]);
  });

  test('no pod that is ready', async () => {
    const ready = (value: boolean): Promise<unknown> =>
      Promise.all(
        ['gateward-1', 'gateward-2'].map((pod) =>
          patch(`endpointslice ${pod} -n ${NAMESPACE}`, [
            { op: 'replace', path: '/endpoints/0/conditions/ready', value },
          ]),
        ),
      );
    await ready(false);
    await becomes(
      [
        1,
        `fail | lockout/replicas | ${VALIDATING} | no pod is ready, and failurePolicy is Fail: every write of what is judged is refused | run gateward disable, then see why the pods are not ready`,
        'fail | service/endpoints | Service gateward-system/gateward | has no ready endpoint (2 not ready): no call gets through | run kubectl -n gateward-system describe pods -l app.kubernetes.io/name=gateward',
      ],
      KEPT,
    );
    await ready(true);
    await becomes([0]);
  });

  test('a rule that is gone', async () => {
    await patch('validatingwebhookconfiguration gateward', [
      {
        op: 'replace',
        path: '/webhooks/0/rules',
        value: [
          {
            apiGroups: ['gateway.networking.k8s.io'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: [
              'gatewayclasses',
              'httproutes',
              'grpcroutes',
              'tlsroutes',
              'tcproutes',
              'udproutes',
              'listenersets',
              'backendtlspolicies',
            ],
            scope: '*',
          },
        ],
      },
    ]);
    const unjudged = (kind: string): string =>
      `fail | rules/served | ${VALIDATING} | ${kind} of gateway.networking.k8s.io is served, and written without being judged | ${AGAIN}`;
    await becomes([
      1,
      unjudged('Gateway v1, v1beta1'),
      unjudged('ReferenceGrant v1, v1beta1'),
      `fail | rules/judged | ${VALIDATING} | validate.gateward.dev is not sent gateways.gateway.networking.k8s.io (CREATE, UPDATE), xlistenersets.gateway.networking.x-k8s.io (CREATE, UPDATE) | ${AGAIN}`,
    ]);
    await install();
    await becomes([0]);
  });

  test('failurePolicy Ignore while documents deny: a warning, which fails only when it is asked to', async () => {
    await patch('validatingwebhookconfiguration gateward', [
      { op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' },
    ]);
    const line = `warn | webhooks/failure-policy | ${VALIDATING} | Ignore: documents deny, but a write that cannot be judged is let through | run gateward enable`;
    await becomes([0, line]);
    await becomes([1, line], { args: ['--fail-on', 'warn'] });
    await install();
    await becomes([0]);
  });

  test('another webhook that changes the same routes', async () => {
    const mesh = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'mesh' },
      webhooks: [
        {
          name: 'routes.mesh.example.com',
          clientConfig: { url: 'https://127.0.0.1:9/routes' },
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          rules: [
            {
              apiGroups: ['gateway.networking.k8s.io'],
              apiVersions: ['*'],
              operations: ['CREATE'],
              resources: ['httproutes'],
            },
          ],
        },
      ],
    };
    await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(mesh));
    await becomes([
      0,
      'warn | neighbours/mutating | MutatingWebhookConfiguration mesh | routes.mesh.example.com may change HTTPRoute too, and documents add filters there: the one may undo the other | narrow its rules or its selectors to what it is for',
    ]);
    await kubectl(cluster, ['delete', 'mutatingwebhookconfiguration', 'mesh']);
    await becomes([0]);
  });

  test('a version of a CRD that is not served any more', async () => {
    const { stdout } = await cluster.kubectl(['get', 'crd', 'httproutes.gateway.networking.k8s.io', '-o', 'json']);
    const { versions } = z
      .looseObject({ spec: z.object({ versions: z.array(z.object({ name: z.string() })) }) })
      .parse(JSON.parse(stdout)).spec;
    const path = `/spec/versions/${versions.findIndex(({ name }) => name === 'v1beta1')}/served`;
    await patch('crd httproutes.gateway.networking.k8s.io', [{ op: 'replace', path, value: false }]);
    await becomes([
      0,
      'warn | gateway-api/versions | CRD httproutes.gateway.networking.k8s.io | HTTPRoute is not served in v1beta1, unlike in standard v1.6.1 | install the CRDs of the release again',
    ]);
    await patch('crd httproutes.gateway.networking.k8s.io', [{ op: 'replace', path, value: true }]);
    await becomes([0]);
  });

  test('rights that Gateward lacks, and a Service that is not there', async () => {
    await kubectl(cluster, ['delete', 'rolebinding', 'gateward', '-n', NAMESPACE]);
    await becomes([
      1,
      'fail | access/roles | ServiceAccount gateward-system/gateward | may not create leases.coordination.k8s.io; get, update leases.coordination.k8s.io | run gateward manifests rbac | kubectl apply -f -',
    ]);
    await kubectl(cluster, ['apply', '-f', '-'], (await gateward('manifests', 'rbac')).stdout);
    await kubectl(cluster, ['delete', 'service', 'gateward', '-n', NAMESPACE]);
    await becomes(
      [
        1,
        'fail | service/port | Service gateward-system/gateward | is not there: no call gets through | apply deploy/base',
      ],
      KEPT,
    );
    await kubectl(cluster, ['apply', '-f', join(import.meta.dirname, '../../deploy/base/service.yaml')]);
    await becomes([0]);
  });

  test('who may see less is told what cannot be seen, and never that it is ok', async () => {
    const { code, stdout, stderr } = await gateward('doctor', '--kubeconfig', cluster.kubeconfigOf('alice'));
    expect([code, stderr]).toEqual([4, '']);
    expect(stdout).toContain(
      `unknown  rules/served               ${VALIDATING}: cannot be seen: may not list validatingwebhookconfigurations\n${' '.repeat(36)}fix: ask with an account that may read it\n`,
    );
    expect(stdout.split('\n').at(-2)).toBe('0 failed, 0 warned, 20 unknown, 0 ok');
    await kubectl(cluster, ['create', 'clusterrole', 'reader', '--verb=get,list', '--resource=*.*']);
    await kubectl(cluster, ['create', 'clusterrolebinding', 'reader', '--clusterrole=reader', '--user=bob']);
    const reader = await gateward('doctor', '-o', 'json', '--kubeconfig', cluster.kubeconfigOf('bob'));
    const { summary, checks } = diagnosis.parse(JSON.parse(reader.stdout));
    expect([reader.code, { ...summary, ok: 0 }]).toEqual([0, { ok: 0, warn: 0, fail: 0, unknown: 1 }]);
    expect(checks.find(({ result }) => result === 'unknown')).toEqual({
      check: 'answer/denial',
      result: 'unknown',
      where: cluster.url,
      message: 'cannot be seen: may not create httproutes in default',
      fix: 'ask with an account that may read it',
    });
  });

  test('with a server that is gone, and without an API server', async () => {
    await server.stop();
    const { code, stdout } = await run('-o', 'json');
    const { checks } = diagnosis.parse(JSON.parse(stdout));
    const by = (wanted: string): readonly (readonly string[])[] =>
      checks.filter(({ check }) => check === wanted).map(({ result, where }) => [result, where]);
    expect(code).toBe(1);
    expect(by('answer/denial')).toEqual([['fail', cluster.url]]);
    expect(by('certificate/served')).toEqual([['unknown', 'pod gateward-1, pod gateward-2']]);
    expect(by('replicas/ready')).toEqual([['unknown', 'pod gateward-1, pod gateward-2']]);
    const text = (await readFile(cluster.kubeconfig, 'utf8')).replaceAll(cluster.url, 'https://127.0.0.1:9');
    const file = join(cluster.dir, 'nowhere.kubeconfig');
    await writeFile(file, text);
    const unreachable = await gateward('doctor', '--kubeconfig', file);
    expect([unreachable.code, unreachable.stdout]).toEqual([4, '']);
    expect(unreachable.stderr).toContain('error: https://127.0.0.1:9: ');
    expect(unreachable.stderr).toContain('[cluster/unreachable]');
  });
});

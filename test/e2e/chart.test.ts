/** The chart on a real API server: installed, upgraded and removed by the real Helm. Nothing runs the pods; what they would do is done here. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { helmBinary } from './binaries.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const chart = join(root, 'deploy/chart');
const NAMESPACE = 'gateward-system';
const WEBHOOKS = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

/** Kinds of others that the chart writes objects of. Their own schemas are not here: what is tried is that our objects are sent and kept. */
const FOREIGN_KINDS = [
  ['cert-manager.io', 'certificates', 'Certificate'],
  ['cert-manager.io', 'issuers', 'Issuer'],
  ['monitoring.coreos.com', 'servicemonitors', 'ServiceMonitor'],
  ['monitoring.coreos.com', 'prometheusrules', 'PrometheusRule'],
] as const;

vi.setConfig({ testTimeout: 300_000 });

const podTemplate = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });
const deployment = z.looseObject({ spec: z.looseObject({ template: podTemplate }) });
const job = z.looseObject({
  spec: z.looseObject({
    template: podTemplate.extend({
      spec: z.looseObject({
        serviceAccountName: z.string(),
        containers: z.tuple([z.looseObject({ args: z.array(z.string()) })]),
      }),
    }),
  }),
});

describeWithCluster('the chart on a real API server', () => {
  let cluster: Cluster;
  let executable: string;

  const helm = async (...args: readonly string[]): Promise<string> => {
    const home = (name: string): string => join(cluster.dir, `helm-${name}`);
    const { stdout } = await run(executable, [...args, '--namespace', NAMESPACE], {
      env: {
        HOME: cluster.dir,
        KUBECONFIG: cluster.kubeconfig,
        HELM_CACHE_HOME: home('cache'),
        HELM_CONFIG_HOME: home('config'),
        HELM_DATA_HOME: home('data'),
      },
      maxBuffer: 1 << 26,
    });
    return stdout;
  };
  const kubectl = async (args: readonly string[], stdin = ''): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args, { stdin });
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const get = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as unknown;

  beforeAll(async () => {
    [cluster, executable] = await Promise.all([startCluster(), helmBinary()]);
    await installCrds(cluster, 'standard');
    const definitions = FOREIGN_KINDS.map(([group, plural, kind]) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural, kind },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    }));
    await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: definitions }));
    const names = FOREIGN_KINDS.map(([group, plural]) => `crd/${plural}.${group}`);
    await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names]);
    // As the namespace of deploy/base is made.
    await kubectl(['apply', '-f', join(root, 'deploy/base/namespace.yaml')]);
  });
  afterAll(() => cluster.stop());

  test.each([
    ['audit', 'Nothing is denied and nobody is warned yet.'],
    ['warn', 'What is denied and warned of is what the documents say; writes that Gateward cannot judge go through.'],
    ['self-managed', 'Nothing is denied and nobody is warned yet.'],
    ['cluster-documents', 'What is denied and warned of is what the documents say; writes that'],
    ['enforce', 'Writes that Gateward cannot judge are refused.'],
  ])(
    'installs or upgrades to ci/%s-values.yaml, says what that means, and is then what the cluster has',
    async (name, told) => {
      const flags = ['--values', join(chart, 'ci', `${name}-values.yaml`)];
      expect(await helm('upgrade', '--install', 'gateward', chart, ...flags)).toContain(told);
      const manifest = await helm('get', 'manifest', 'gateward');
      expect(await cluster.kubectl(['diff', '-f', '-'], { stdin: manifest })).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    },
  );

  /** What the API server has against a pod of a template: Pod Security looks at pods, and only warns of what will make them. */
  async function objections({ metadata, spec }: z.infer<typeof podTemplate>): Promise<string> {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'tried', namespace: NAMESPACE }, spec };
    const stdin = JSON.stringify(pod);
    return (await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { stdin })).stderr;
  }

  test('its pods are admitted where Pod Security is restricted, and others are not', async () => {
    const { template } = deployment.parse(await get('deployment', 'gateward', '-n', NAMESPACE)).spec;
    expect(await objections(template)).toBe('');
    expect(await objections({ ...template, spec: { ...template.spec, hostNetwork: true } })).toContain(
      'violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
    );
  });

  test('before it goes, its hook removes the webhook configurations with the rights that it has', async () => {
    expect(await kubectl(['get', WEBHOOKS, 'gateward', '-o', 'name'])).toBe(
      'validatingwebhookconfiguration.admissionregistration.k8s.io/gateward\n' +
        'mutatingwebhookconfiguration.admissionregistration.k8s.io/gateward\n',
    );
    const uninstalled = helm('uninstall', 'gateward', '--timeout', '5m');
    const name = 'gateward-uninstall';
    const { template } = job.parse(await appears('job', name)).spec;
    expect(await objections(template)).toBe('');
    const { serviceAccountName, containers } = template.spec;
    const token = await kubectl(['create', 'token', serviceAccountName, '-n', NAMESPACE]);
    const kubeconfig = join(cluster.dir, 'uninstall.kubeconfig');
    const admin = z.looseObject({}).parse(parse(await kubectl(['config', 'view', '--raw'])));
    await writeFile(kubeconfig, JSON.stringify({ ...admin, users: [{ name: 'admin', user: { token } }] }), {
      mode: 0o600,
    });
    expect(await gateward(...containers[0].args, '--kubeconfig', kubeconfig)).toEqual({
      code: 0,
      stdout: 'validatingwebhookconfigurations/gateward deleted\nmutatingwebhookconfigurations/gateward deleted\n',
      stderr: '',
    });
    await finish(name);
    const crds = (await kubectl(['get', 'crd', '-l', 'app.kubernetes.io/part-of=gateward', '-o', 'name']))
      .trim()
      .split('\n')
      .map((name) => name.replace(/^.*\//, ''));
    expect(crds).toContain('hostnameownerships.gateward.dev');
    const told = (await uninstalled).trim().split('\n');
    expect([told[0], told.slice(1, -2).toSorted(), told.at(-1)]).toEqual([
      'These resources were kept due to the resource policy:',
      crds.map((name) => `[CustomResourceDefinition] ${name}`).sort(),
      'release "gateward" uninstalled',
    ]);
    const kinds = `${WEBHOOKS},clusterrole,clusterrolebinding,namespace`;
    const namespaced =
      'deployment,service,serviceaccount,configmap,role,rolebinding,networkpolicy,poddisruptionbudget,job';
    const ours = ['-l', 'app.kubernetes.io/part-of=gateward', '-o', 'name'];
    // Nobody here finishes the deletion of a namespace.
    expect(await kubectl(['get', `${kinds},${namespaced}`, '-A', ...ours])).toBe(
      'namespace/gateward-canary\nnamespace/gateward-system\n',
    );
    expect(await get('namespace', 'gateward-canary')).toMatchObject({ status: { phase: 'Terminating' } });
  });

  test('a release of another name takes over the CRDs that stayed, when it is told to', async () => {
    const install = ['install', 'edge', chart, '--set', 'certificates.mode=self-managed'];
    await expect(helm(...install)).rejects.toThrow('invalid ownership metadata');
    expect(await helm(...install, '--take-ownership')).toContain('Nothing is denied and nobody is warned yet.');
    expect(await get('crd', 'hostnameownerships.gateward.dev')).toMatchObject({
      metadata: { annotations: { 'meta.helm.sh/release-name': 'edge' } },
    });
  });

  /** Waits until an object of the namespace is there. */
  async function appears(kind: string, name: string): Promise<unknown> {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const { code, stdout } = await cluster.kubectl(['get', kind, name, '-n', NAMESPACE, '-o', 'json']);
      if (code === 0) return JSON.parse(stdout) as unknown;
      await sleep(100);
    }
    throw new Error(`no ${kind} ${name}`);
  }

  /** What the controller of Jobs says of one whose pod has ended well. */
  async function finish(name: string): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const condition = (type: string): object => ({ type, status: 'True', lastTransitionTime: now });
    const status = {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
    };
    const path = ['patch', 'job', name, '-n', NAMESPACE, '--subresource=status', '--type=merge', '-p'];
    await kubectl([...path, JSON.stringify({ status })]);
  }
});

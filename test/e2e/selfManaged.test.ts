/** A certificate of Gateward's own making with a real API server, as the ServiceAccount of deploy/components/self-managed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { POLICIES as KNOWN } from '../../policies/index.ts';
import { trustOver, type Trust } from '../../src/cluster/trust.ts';
import { connectCluster, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { renderManifests } from '../../src/report/manifests.ts';
import { readAuthorities } from '../../src/serve/authorities.ts';
import { SelfManaged, type SelfManagedParts } from '../../src/serve/selfManaged.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { startGateward, type Gateward } from './gateward.ts';

const component = resolve(import.meta.dirname, '../../deploy/components/self-managed');
const USER = 'system:serviceaccount:gateward-system:gateward';
const POLICIES = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public-hostnames }
spec:
  action: Deny
  owners:
    - { hostnames: ["pay.example.com"], namespaces: [team-pay] }
`;
const MINUTE = 60_000;

describeWithCluster('a certificate of our own making', () => {
  let cluster: Cluster;
  let server: Gateward;
  let connection: ApiConnection;
  let trust: Trust;
  const signal = (): AbortSignal => AbortSignal.timeout(MINUTE);

  /** Whether a call to the webhook works: a hostname of somebody else is denied by it. */
  const called = async (): Promise<string> => {
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'hijack', namespace: 'team-shop' },
      spec: { parentRefs: [{ name: 'public' }], hostnames: ['pay.example.com'] },
    };
    const path = '/apis/gateway.networking.k8s.io/v1/namespaces/team-shop/httproutes';
    const { body } = await cluster.request(path, { method: 'POST', body: route });
    return /hostname-ownership\/not-owned|failed calling webhook/.exec(body)?.[0] ?? body;
  };
  const until = async (what: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await what()); tries += 1) {
      if (tries === 600) throw new Error(`did not come to pass:\n${server.log()}`);
      await pause(100);
    }
  };
  const roles = async (): Promise<string> => {
    const held = await trust.secret(signal());
    return readAuthorities(held?.data.get('authorities.json'))
      .map(({ role }) => role)
      .join(' ');
  };

  beforeAll(async () => {
    cluster = await startCluster({ users: { [USER]: [] } });
    await installCrds(cluster, 'standard');
    for (const name of ['team-shop', 'gateward-system']) await cluster.kubectl(['create', 'namespace', name]);
    for (const file of ['secret.yaml', 'rbac.yaml']) {
      expect(await cluster.kubectl(['apply', '-f', join(component, file)])).toMatchObject({ code: 0, stderr: '' });
    }
    const rbac = renderManifests('rbac', { policies: KNOWN });
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: rbac })).toMatchObject({ code: 0, stderr: '' });
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig, context: undefined });
    trust = trustOver(connection, 'gateward-system', 'gateward-ca');
    const kubeconfig = await kubeconfigIn(cluster, 'gateward-system');
    server = await startGateward(cluster, POLICIES, [
      ...['--kubeconfig', kubeconfig, '--tls-self-managed', '--tls-host', '127.0.0.1'],
    ]);
    await server.register();
  });
  afterAll(async () => {
    await server.stop();
    await connection.close();
    await cluster.stop();
  });

  test('is trusted by both webhook configurations, with the rights of the component and no others', async () => {
    await until(async () => (await called()) === 'hostname-ownership/not-owned');
    const held = await trust.secret(signal());
    const bundle = held?.data.get('ca.crt') ?? '';
    expect(bundle).toMatch(/^-----BEGIN CERTIFICATE-----/);
    const configurations = await trust.configurations(signal());
    expect(configurations.map(({ type, bundles }) => [type, [...bundles.values()]])).toEqual([
      ['validating', [bundle, bundle]], // of objects, and of policy documents
      ['mutating', [bundle]],
    ]);
    expect(server.log()).not.toContain('forbidden');
    expect(server.log()).not.toContain('PRIVATE KEY');
    const others = ['list', 'watch', 'delete', 'create'].map((verb) => [verb, 'secrets']);
    for (const [verb = '', what = ''] of [...others, ['get', 'secrets/other'], ['update', 'secrets/other']]) {
      const asked = await cluster.kubectl(['auth', 'can-i', verb, what, '-n', 'gateward-system', '--as', USER]);
      expect([verb, what, asked.stdout.trim()]).toEqual([verb, what, 'no']);
    }
  });

  test.each(['wiped', 'replaced'])('F6 is trusted again after its bundle was %s', async (how) => {
    const value = how === 'wiped' ? null : Buffer.from(cluster.ca).toString('base64');
    for (const type of ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration']) {
      const patch = JSON.stringify([{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }]);
      const patched = await cluster.kubectl(['patch', type, 'gateward', '--type=json', '-p', patch]);
      expect(patched).toMatchObject({ code: 0, stderr: '' });
    }
    const bundle = (await trust.secret(signal()))?.data.get('ca.crt');
    await until(async () =>
      (await trust.configurations(signal())).every(({ bundles }) =>
        [...bundles.values()].every((one) => one === bundle),
      ),
    );
    await until(async () => (await called()) === 'hostname-ownership/not-owned');
  });

  test('F5 no call fails while another CA takes over', async () => {
    const before = (await trust.secret(signal()))?.data.get('ca.crt') ?? '';
    const annotate = ['annotate', 'secret', 'gateward-ca', '-n', 'gateward-system', 'gateward.dev/rotate=now'];
    expect(await cluster.kubectl(annotate)).toMatchObject({ code: 0 });
    const seen = new Set<string>();
    const answers = new Set<string>();
    const isSigned = (): boolean => server.log().split('certificate signed').length > 2;
    await until(async () => {
      answers.add(await called());
      seen.add(await roles());
      return seen.has('signing retired') && isSigned();
    });
    for (let more = 0; more < 50; more += 1) answers.add(await called());
    expect([...answers]).toEqual(['hostname-ownership/not-owned']);
    expect([...seen]).toEqual(['signing', 'signing next', 'signing retired'].filter((state) => seen.has(state)));
    expect([...seen].slice(-2)).toEqual(['signing next', 'signing retired']);
    const held = await trust.secret(signal());
    const after = held?.data.get('ca.crt') ?? '';
    expect([after === before, after.includes(before), held?.annotations.has('gateward.dev/rotate')]).toEqual([
      false,
      true,
      false,
    ]);
    expect(held?.data.get('authorities.json')?.match(/PRIVATE KEY-----\\n"/g)).toHaveLength(1);
  });

  test('P20 what was deleted to recover stays deleted', async () => {
    const both = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';
    await cluster.kubectl(['delete', both, 'gateward']);
    await pause(6000);
    expect((await cluster.kubectl(['get', both])).stdout).toBe('');
    await server.register();
    await until(async () => (await called()) === 'hostname-ownership/not-owned');
  });

  test('F17 replicas that all believe to lead make one CA and one rotation, and sleepers bring nothing old back', async () => {
    const name = 'contested';
    await cluster.kubectl(['create', 'secret', 'generic', name, '-n', 'gateward-system']);
    const parts = (): SelfManagedParts => ({
      trust: { ...trustOver(connection, 'gateward-system', name), configurations: () => Promise.resolve([]) },
      secret: `gateward-system/${name}`,
      hosts: ['localhost'],
      isLeader: () => true,
      pace: { authority: 60 * MINUTE, leaf: MINUTE, settle: 0 },
      every: MINUTE,
      now: Date.now,
      told: () => undefined,
      failed: () => undefined,
    });
    const all = await Promise.all([1, 2, 3, 4].map(() => SelfManaged.start(parts())));
    const read = async (): Promise<readonly string[]> => {
      const held = await trustOver(connection, 'gateward-system', name).secret(signal());
      return readAuthorities(held?.data.get('authorities.json')).map(({ role }) => role);
    };
    expect(await read()).toEqual(['signing']);
    await cluster.kubectl(['annotate', 'secret', name, '-n', 'gateward-system', 'gateward.dev/rotate=now']);
    await Promise.all(all.map((one) => one.look()));
    expect(await read()).toEqual(['signing', 'next']);
    const [held, stale] = [await trust.configurations(signal()), await trust.configurations(signal())];
    const [first] = held;
    const [again] = stale;
    if (first === undefined || again === undefined) throw new Error('no configuration');
    const bundle = (await trust.secret(signal()))?.data.get('ca.crt') ?? '';
    expect(await trust.trust(first, `${bundle}${cluster.ca}`, signal())).toBe(true);
    expect(await trust.trust(again, bundle, signal())).toBe(false);
    for (const one of all) one.close();
  });
});

/** The kubeconfig of the ServiceAccount, with a namespace as a pod has it. */
async function kubeconfigIn(cluster: Cluster, namespace: string): Promise<string> {
  const document = parseDocument(await readFile(cluster.kubeconfigOf(USER), 'utf8'));
  document.setIn(['contexts', 0, 'context', 'namespace'], namespace);
  const file = join(cluster.dir, 'gateward.kubeconfig');
  await writeFile(file, JSON.stringify(document.toJSON()), { mode: 0o600 });
  return file;
}

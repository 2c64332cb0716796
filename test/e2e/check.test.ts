/** Manifests, and a planned release, held against what a real API server has. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const route = (name: string, hostname: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'team-shop' },
    spec: { parentRefs: [{ name: 'public' }], hostnames: [hostname], ...more },
  });
const grant = (name: string, version: string): string =>
  JSON.stringify({
    apiVersion: `gateway.networking.k8s.io/${version}`,
    kind: 'ReferenceGrant',
    metadata: { name, namespace: 'team-shop' },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'a' }],
      to: [{ group: '', kind: 'Service' }],
    },
  });

const POLICIES = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: hosts }
spec:
  action: Deny
  owners:
    - { hostnames: ["*.shop.example.com"], namespaces: [team-shop] }
    - { hostnames: ["pay.example.com"], namespaces: [team-pay] }
---
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: attachment }
spec: { action: Warn }
`;

describeWithCluster('gateward check --cluster', () => {
  let cluster: Cluster;
  let dir: string;
  const check = (...args: readonly string[]): ReturnType<typeof gateward> =>
    gateward('check', '--cluster', '--kubeconfig', cluster.kubeconfig, ...args);

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'experimental');
    await cluster.kubectl(['create', 'namespace', 'team-shop']);
    const objects = [
      route('old', 'pay.example.com'),
      route('retried', 'a.shop.example.com', { rules: [{ retry: { attempts: 2 } }] }),
      grant('old', 'v1beta1'),
      grant('new', 'v1'),
    ];
    for (const object of objects) {
      expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: object })).toMatchObject({ code: 0 });
    }
    dir = join(cluster.dir, 'check');
    await mkdir(join(dir, 'm'), { recursive: true });
    await writeFile(join(dir, 'policies.yaml'), POLICIES);
    await writeFile(join(dir, 'm/old.json'), route('old', 'pay.example.com'));
    await writeFile(join(dir, 'm/new.json'), route('new', 'pay.example.com'));
  });
  afterAll(() => cluster.stop());

  test('what stands already is an update, and an absence is a fact', async () => {
    const { code, stdout } = await check('--policies', join(dir, 'policies.yaml'), join(dir, 'm'));
    const heads = stdout.split('\n').filter((line) => line.startsWith(dir));
    expect([code, heads.map((line) => line.replace(`${dir}/m/`, '').replace(/:\d+:\d+/, ''))]).toEqual([
      1,
      [
        'new.json  deny  hostname-ownership/not-owned  HTTPRoute team-shop/new',
        'new.json  warn  route-attachment/parent-not-found  HTTPRoute team-shop/new',
        'old.json  warn  hostname-ownership/not-owned  HTTPRoute team-shop/old  (was there before)',
        'old.json  warn  route-attachment/parent-not-found  HTTPRoute team-shop/old  (was there before)',
      ],
    ]);
  });

  test('a planned release is tried on what is stored, each object in the version it was written in', async () => {
    const { code, stdout } = await check('--pin', 'standard@v1.4.1');
    expect([code, stdout.slice(stdout.indexOf('planned:'))]).toEqual([
      1,
      `planned: standard v1.4.1, in place of experimental v1.6.1: 2 objects would break
  HTTPRoute spec.rules[].retry                 field-not-in-channel  1 object  (experimental only since v1.2.1)
  ReferenceGrant gateway.networking.k8s.io/v1  version-not-served    1 object  (standard since v1.5.1)

see https://gateward.dev/rules/channel-pinning

2 denied in 17 objects
`,
    ]);
    const same = await check('--pin', 'experimental@v1.6.1');
    expect([same.code, same.stdout.split('\n')[0]]).toEqual([
      0,
      'planned: experimental v1.6.1, in place of experimental v1.6.1: nothing that it lacks is used',
    ]);
  });

  test('versions that are stored and would go are told', async () => {
    const name = 'grpcroutes.gateway.networking.k8s.io';
    const patch = JSON.stringify({ status: { storedVersions: ['v1alpha2', 'v1'] } });
    // The API server keeps only versions that the CRD has: one with v1alpha2 comes first.
    const read = await cluster.request(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
    const crd = JSON.parse(read.body) as { spec: { versions: { name: string; storage: boolean }[] } };
    const [first] = crd.spec.versions;
    crd.spec.versions.push({ ...first, name: 'v1alpha2', storage: false });
    expect(await cluster.kubectl(['replace', '-f', '-'], { stdin: JSON.stringify(crd) })).toMatchObject({ code: 0 });
    const patched = await cluster.kubectl(['patch', 'crd', name, '--subresource=status', '--type=merge', '-p', patch]);
    expect(patched).toMatchObject({ code: 0, stderr: '' });

    const { code, stdout } = await check('--pin', 'standard@v1.6.1');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^ {2}GRPCRoute v1alpha2 +crd-not-upgradable +1 object$/m),
    ]);
    // And the API server does refuse that release's CRD.
    const drop = JSON.stringify([{ op: 'replace', path: '/spec/versions', value: [first] }]);
    const back = await cluster.kubectl(['patch', 'crd', name, '--type=json', '--dry-run=server', '-p', drop]);
    expect([back.code, back.stderr]).toEqual([1, expect.stringContaining('status.storedVersions[0]: Invalid value')]);
  });
});

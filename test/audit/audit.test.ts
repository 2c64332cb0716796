import { afterEach, describe, expect, it } from 'vitest';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { runAudit, type AuditOptions } from '../../src/audit/index.ts';
import { temporaryFolder, writeFile } from '../support/certificates.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { testIo, type TestIo } from '../support/io.ts';
import { httpRoute } from '../support/review.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const options: AuditOptions = {
  paths: [],
  cluster: false,
  kubeconfig: undefined,
  context: undefined,
  policies: [],
  output: [],
  failOn: 'deny',
  previous: undefined,
  color: undefined,
};

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  const document = 'apiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: strict }\nspec: { action: Deny }\n';
  for (const [name, text] of Object.entries({ 'policy.yaml': document, ...files })) writeFile(folder, name, text);
  return folder;
}

const route = (name: string, namespace: string, hostname: string): string =>
  `---\n${JSON.stringify(httpRoute(hostname, { name, namespace }))}\n`;
const ROUTES = [
  route('a', 'team-shop', 'forbidden.example.com'),
  route('b', 'team-shop', 'allowed.example.com'),
  route('c', 'team-pay', 'forbidden.example.com'),
  route('d', 'team-pay', 'label.example.com'),
].join('');

async function audit(folder: string, changes: Partial<AuditOptions>): Promise<TestIo & { readonly code: number }> {
  const io = testIo({ cwd: folder });
  const code = await runAudit({ ...options, policies: ['policy.yaml'], ...changes }, io, {
    policies: [toyPolicy, policyAttachment],
    version: '1.2.3',
  });
  return { ...io, code };
}

describe('gateward audit over files', () => {
  it('tells findings by namespace, then counts them by policy and by namespace', async () => {
    const { code, out, err } = await audit(folderWith({ 'routes.yaml': ROUTES }), { paths: ['routes.yaml'] });
    expect([code, err()]).toEqual([1, '']);
    expect(out()).toBe(`team-pay
  deny   toy/forbidden  HTTPRoute team-pay/c spec.hostnames[0]  routes.yaml:6:133
         spec.hostnames[0] "forbidden.example.com" is forbidden.
  warn   toy/unlabelled  HTTPRoute team-pay/d spec.hostnames[0]  (unverified)  routes.yaml:8:133
         namespace team-pay has no label team.

team-shop
  deny   toy/forbidden  HTTPRoute team-shop/a spec.hostnames[0]  routes.yaml:2:134
         spec.hostnames[0] "forbidden.example.com" is forbidden.

by policy  denied  warned  audited  objects
toy             2       1        0        3

by namespace  denied  warned  audited  objects
team-pay           1       1        0        2
team-shop          1       0        0        1

see https://gateward.dev/rules/toy

2 denied, 1 warning (1 unverified) in 4 objects
`);
  });

  it('gives the document of check with both counts as JSON', async () => {
    const { out } = await audit(folderWith({ 'routes.yaml': ROUTES }), { paths: ['routes.yaml'], output: ['json'] });
    const report = JSON.parse(out()) as Record<string, unknown> & { findings: Record<string, unknown>[] };
    expect(
      report.findings.map(({ rule, effect, certain, path, file, line }) => ({
        rule,
        effect,
        certain,
        path,
        file,
        line,
      })),
    ).toEqual([
      {
        rule: 'toy/forbidden',
        effect: 'deny',
        certain: true,
        path: 'spec.hostnames[0]',
        file: 'routes.yaml',
        line: 2,
      },
      {
        rule: 'toy/forbidden',
        effect: 'deny',
        certain: true,
        path: 'spec.hostnames[0]',
        file: 'routes.yaml',
        line: 6,
      },
      {
        rule: 'toy/unlabelled',
        effect: 'warn',
        certain: false,
        path: 'spec.hostnames[0]',
        file: 'routes.yaml',
        line: 8,
      },
    ]);
    expect([report['policies'], report['namespaces']]).toEqual([
      [{ policy: 'toy', denied: 2, warned: 1, audited: 0, objects: 3 }],
      [
        { namespace: 'team-pay', denied: 1, warned: 1, audited: 0, objects: 2 },
        { namespace: 'team-shop', denied: 1, warned: 0, audited: 0, objects: 1 },
      ],
    ]);
  });

  it('exits by the highest of what applies', async () => {
    const clean = folderWith({ 'routes.yaml': route('b', 'team-shop', 'allowed.example.com') });
    const unverified = folderWith({ 'routes.yaml': route('d', 'team-pay', 'label.example.com') });
    const broken = folderWith({ 'routes.yaml': ROUTES, 'broken.yaml': 'a: [' });
    const codes = [];
    for (const [folder, changes] of [
      [clean, { paths: ['routes.yaml'] }],
      [unverified, { paths: ['routes.yaml'] }],
      [unverified, { paths: ['routes.yaml'], failOn: 'warn' }],
      [broken, { paths: ['broken.yaml', 'routes.yaml'] }],
      [broken, { paths: ['broken.yaml', 'routes.yaml'], failOn: 'never' }],
      [clean, { paths: ['none.yaml'] }],
    ] as const) {
      codes.push((await audit(folder, changes)).code);
    }
    expect(codes).toEqual([0, 0, 1, 3, 3, 3]);
  });

  it('refuses what it cannot understand in one line', async () => {
    const folder = folderWith({});
    await expect(audit(folder, {})).rejects.toThrow('name paths or --cluster, one of them');
    await expect(audit(folder, { paths: ['x'], cluster: true })).rejects.toThrow(
      'name paths or --cluster, one of them',
    );
    await expect(audit(folder, { paths: ['x'], policies: ['none.yaml'] })).rejects.toThrow('none.yaml: no such file');
  });
});

describe('gateward audit over a cluster', () => {
  let fake: FakeApiServer | undefined;
  afterEach(() => fake?.close());

  async function cluster(): Promise<{ readonly server: FakeApiServer; readonly folder: string }> {
    const server = await fakeApiServer();
    fake = server;
    const routes = '/apis/gateway.networking.k8s.io/v1/httproutes';
    for (const collection of ['/api/v1/namespaces', '/api/v1/services', routes]) server.serve(collection);
    server.put(routes, httpRoute('label.example.com'));
    return { server, folder: folderWith({ kubeconfig: kubeconfigFor(server.url) }) };
  }

  it('believes an absence there', async () => {
    const { folder } = await cluster();
    const { code, out } = await audit(folder, { cluster: true, kubeconfig: `${folder}/kubeconfig` });
    expect([code, out().split('\n').slice(0, 3)]).toEqual([
      1,
      [
        'team-shop',
        '  deny   toy/unlabelled  HTTPRoute team-shop/web spec.hostnames[0]',
        '         namespace team-shop has no label team.',
      ],
    ]);
  });

  it('asks where vendors’ policies are served, and names those that are not', async () => {
    const { server, folder } = await cluster();
    const group = 'gateway.envoyproxy.io';
    const collection = `/apis/${group}/v1alpha1/securitypolicies`;
    server.serve(collection);
    server.discover(group, 'v1alpha1', [{ name: 'securitypolicies', kind: 'SecurityPolicy' }]);
    const targetRef = { group: '', kind: 'Service', name: 'gone' };
    const metadata = { name: 'auth', namespace: 'team-shop' };
    server.put(collection, { apiVersion: `${group}/v1alpha1`, kind: 'SecurityPolicy', metadata, spec: { targetRef } });
    // Whatever else is of that kind and does not attach by targets is none of our business.
    const other = { name: 'other', namespace: 'team-shop' };
    server.put(collection, { apiVersion: `${group}/v1alpha1`, kind: 'SecurityPolicy', metadata: other, spec: {} });
    const kinds = ['SecurityPolicy', 'SecurityPolice'].map((kind) => `{ group: ${group}, kind: ${kind} }`).join(', ');
    writeFile(
      folder,
      'targets.yaml',
      `apiVersion: gateward.dev/v1alpha1\nkind: PolicyAttachment\nmetadata: { name: targets }\nspec: { action: Deny, kinds: [${kinds}, { group: example.com, kind: RateLimit }] }\n`,
    );
    const { code, out, err } = await audit(folder, {
      cluster: true,
      kubeconfig: `${folder}/kubeconfig`,
      policies: ['targets.yaml'],
    });
    expect([code, out().split('\n').slice(0, 3), err()]).toEqual([
      1,
      [
        'team-shop',
        '  deny   policy-attachment/target-not-found  SecurityPolicy team-shop/auth spec.targetRef',
        '         spec.targetRef: Service team-shop/gone does not exist; this SecurityPolicy has no effect until it does. Create it, or correct the name',
      ],
      `warning: no SecurityPolice is judged: the cluster serves no SecurityPolice in ${group}; did you mean "SecurityPolicy"?\nwarning: no RateLimit is judged: the cluster serves no group example.com\n`,
    ]);
  });

  it('says why it could not look', async () => {
    const { server, folder } = await cluster();
    const kubeconfig = `${folder}/kubeconfig`;
    server.fault = status(403);
    await expect(audit(folder, { cluster: true, kubeconfig })).rejects.toMatchObject({
      exitCode: 4,
      message: `${server.url}: may not list namespaces`,
    });
    await expect(audit(folder, { cluster: true, kubeconfig: `${folder}/none` })).rejects.toMatchObject({ exitCode: 4 });
    await expect(audit(folder, { cluster: true, kubeconfig, context: 'other' })).rejects.toMatchObject({ exitCode: 4 });
  });
});

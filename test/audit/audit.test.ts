import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { namespaceGate } from '../../policies/namespace-gate/policy.ts';
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

async function audit(
  folder: string,
  changes: Partial<AuditOptions>,
  stdin = '',
): Promise<TestIo & { readonly code: number }> {
  const io = testIo({ cwd: folder, stdin: () => Promise.resolve(new TextEncoder().encode(stdin)) });
  const code = await runAudit({ ...options, policies: ['policy.yaml'], ...changes }, io, {
    policies: [toyPolicy, policyAttachment, namespaceGate],
    version: '1.2.3',
  });
  return { ...io, code };
}

describe('gateward audit over files', () => {
  it('tells what is passed over among policy documents and manifests', async () => {
    const folder = folderWith({ 'routes.yaml': '' });
    mkdirSync(join(folder, 'chart/templates'), { recursive: true });
    writeFile(folder, 'chart/Chart.yaml', '');
    const { code, err } = await audit(folder, { policies: ['.'], paths: ['routes.yaml', 'chart'] });
    expect([code, err()]).toEqual([
      0,
      'warning: chart/templates: holds Helm templates, which are passed over: helm template chart renders them\n' +
        'warning: chart/templates holds Helm templates, which were passed over: helm template chart | gateward audit -\n',
    ]);
  });

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

  it('reads standard input, as check does, beside files', async () => {
    const folder = folderWith({ 'routes.yaml': route('b', 'team-shop', 'forbidden.example.com') });
    const piped = route('a', 'team-shop', 'forbidden.example.com');
    const { code, out } = await audit(folder, { paths: ['-', 'routes.yaml'], output: ['json'] }, piped);
    const { findings, summary } = JSON.parse(out()) as { findings: { file: string }[]; summary: object };
    expect([code, findings.map(({ file }) => file), summary]).toEqual([
      1,
      ['<stdin>', 'routes.yaml'],
      expect.objectContaining({ objects: 2, files: 2 }),
    ]);
  });

  it('judges what has no name yet as check does', async () => {
    const generated = ROUTES.replace('"name":"a"', '"generateName":"a-"');
    const { code, out } = await audit(folderWith({ 'routes.yaml': generated }), { paths: ['routes.yaml'] });
    expect(code).toBe(1);
    expect(out()).toContain(
      'deny   toy/forbidden  HTTPRoute team-shop/a-* (generateName) spec.hostnames[0]  routes.yaml:2:',
    );
  });

  it('judges each of those that have one name', async () => {
    const twice = {
      'a.yaml': route('b', 'team-shop', 'forbidden.example.com'),
      'b.yaml': route('b', 'team-shop', 'allowed.example.com'),
    };
    const { code, out } = await audit(folderWith(twice), { paths: ['.'] });
    expect(code).toBe(1);
    expect(out()).toContain('deny   toy/forbidden  HTTPRoute team-shop/b spec.hostnames[0]  a.yaml:2:');
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

describe('gateward audit since an earlier one', () => {
  const before = route('a', 'team-shop', 'forbidden.example.com') + route('gone', 'team-pay', 'forbidden.example.com');
  const after = route('a', 'team-shop', 'forbidden.example.com') + route('c', 'team-pay', 'forbidden.example.com');

  it('marks what is new, names what is resolved, and counts what is as it was', async () => {
    const folder = folderWith({ 'routes.yaml': before });
    const first = await audit(folder, { paths: ['routes.yaml'], output: ['json=last.json', 'text'] });
    expect(first.out()).not.toContain('since the last report');
    writeFile(folder, 'routes.yaml', after);
    const { code, out } = await audit(folder, {
      paths: ['routes.yaml'],
      previous: 'last.json',
      output: ['text', 'json=next.json'],
    });
    expect([code, out()]).toEqual([
      1,
      `team-pay
  deny   toy/forbidden  HTTPRoute team-pay/c spec.hostnames[0]  (new)  routes.yaml:4:133
         spec.hostnames[0] "forbidden.example.com" is forbidden.

team-shop
  deny   toy/forbidden  HTTPRoute team-shop/a spec.hostnames[0]  routes.yaml:2:134
         spec.hostnames[0] "forbidden.example.com" is forbidden.

by policy  denied  warned  audited  objects
toy             2       0        0        2

by namespace  denied  warned  audited  objects
team-pay           1       0        0        1
team-shop          1       0        0        1

resolved since the last report
  toy/forbidden  HTTPRoute team-pay/gone  spec.hostnames[0]

see https://gateward.dev/rules/toy

2 denied in 2 objects; since the last report 1 new, 1 resolved, 1 unchanged
`,
    ]);
    const again = await audit(folder, { paths: ['routes.yaml'], previous: 'next.json' });
    expect(again.out()).toContain('2 denied in 2 objects; since the last report 0 new, 0 resolved, 2 unchanged');
  });

  it('does not call resolved what could not be judged this time', async () => {
    const folder = folderWith({ 'routes.yaml': route('a', 'team-shop', 'forbidden.example.com') });
    await audit(folder, { paths: ['routes.yaml'], output: ['json=last.json'] });
    writeFile(folder, 'routes.yaml', route('a', 'team-shop', 'throw.example.com'));
    const { out } = await audit(folder, { paths: ['routes.yaml'], previous: 'last.json' });
    expect(out().trimEnd().split('\n').at(-1)).toBe(
      '1 error in 1 object; since the last report 0 new, 0 resolved, 0 unchanged',
    );
  });

  it('calls nothing resolved that may stand in what could not be read this time', async () => {
    const folder = folderWith({
      'a.yaml': route('a', 'team-shop', 'forbidden.example.com'),
      'b.yaml': route('b', 'team-shop', 'forbidden.example.com'),
    });
    await audit(folder, { paths: ['.'], output: ['json=last.json'] });
    writeFile(folder, 'a.yaml', route('a', 'team-shop', 'shop.example.com'));
    writeFile(folder, 'b.yaml', 'spec: [');
    const { code, out } = await audit(folder, { paths: ['.'], previous: 'last.json' });
    expect([code, out().trimEnd().split('\n').at(-1)]).toEqual([
      3,
      '1 error in 1 object; since the last report 0 new, 1 resolved, 0 unchanged',
    ]);
  });

  it.each([
    ['none.json', undefined, 'none.json: no such file or directory'],
    ['last.json', 'x', 'last.json: is no report of -o json: not JSON'],
    ['last.json', '{"findings":[{}]}', 'last.json: is no report of -o json: '],
  ])('refuses %s with %s', async (previous, text, message) => {
    const folder = folderWith({ 'routes.yaml': before, ...(text === undefined ? {} : { [previous]: text }) });
    await expect(audit(folder, { paths: ['routes.yaml'], previous })).rejects.toThrow(message);
  });
});

describe('rules that only admission can judge', () => {
  const gate = (spec: string): string =>
    `apiVersion: gateward.dev/v1alpha1\nkind: NamespaceGate\nmetadata: { name: gate }\nspec: ${spec}\n`;
  const told = async (spec: string): Promise<unknown> => {
    const folder = folderWith({ 'routes.yaml': ROUTES, 'gate.yaml': gate(spec) });
    const { out } = await audit(folder, { paths: ['routes.yaml'], policies: ['gate.yaml'], output: ['json'] });
    return (JSON.parse(out()) as Record<string, unknown>)['unauditable'];
  };

  it('are listed when they are in force', async () => {
    expect(await told('{ action: Deny, labels: [team] }')).toEqual([
      { rule: 'namespace-gate/label-removed', documents: ['gate'], needs: 'requester' },
      { rule: 'namespace-gate/label-set', documents: ['gate'], needs: 'requester' },
    ]);
    expect(await told('{ action: Deny, labels: [team], rules: { label-removed: Disabled } }')).toEqual([
      { rule: 'namespace-gate/label-set', documents: ['gate'], needs: 'requester' },
    ]);
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

  it.each([
    [['openreports.io/v1alpha1', 'wgpolicyk8s.io/v1alpha2'], 'openreports.io/v1alpha1'],
    [['wgpolicyk8s.io/v1alpha2'], 'wgpolicyk8s.io/v1alpha2'],
  ])('gives report objects of what is served: of %j %s', async (served, apiVersion) => {
    const { server, folder } = await cluster();
    server.fault = ({ path }, response) => {
      if (!served.some((api) => path === `/apis/${api}`)) return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"APIResourceList","resources":[]}');
      return true;
    };
    const { out, err } = await audit(folder, {
      cluster: true,
      kubeconfig: `${folder}/kubeconfig`,
      output: ['reports'],
    });
    expect([out().split('\n')[0], err()]).toEqual([`apiVersion: ${apiVersion}`, '']);
  });

  it('draws what it judged, with all that the picture needs', async () => {
    const { server, folder } = await cluster();
    for (const kind of ['gatewayclasses', 'gateways', 'referencegrants'])
      server.serve(`/apis/gateway.networking.k8s.io/v1/${kind}`);
    const kubeconfig = `${folder}/kubeconfig`;
    const { out } = await audit(folder, { cluster: true, kubeconfig, output: ['html'] });
    expect(out()).toContain('aria-label="Findings of HTTPRoute team-shop/web;');
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

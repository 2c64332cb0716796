import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { runPreview, type PreviewOptions } from '../../src/check/preview.ts';
import { OperatorError } from '../../src/errors.ts';
import {
  EXAMPLE_POLICIES,
  GATEWAY_TEXT,
  commit,
  folderOf,
  git,
  routeText,
  suffixDocument,
} from '../support/checkRun.ts';
import { fakeApiServer, type FakeApiServer } from '../support/fakeApiServer.ts';
import { testIo } from '../support/io.ts';
import { httpRoute } from '../support/review.ts';

const OPTIONS: PreviewOptions = {
  paths: ['m'],
  policies: ['new'],
  against: 'old',
  cluster: false,
  kubeconfig: undefined,
  context: undefined,
  output: 'text',
  failOn: 'deny',
  namespace: 'default',
  stdinFilename: '<stdin>',
  color: undefined,
};

async function preview(
  cwd: string,
  options: Partial<PreviewOptions> = {},
  policies = EXAMPLE_POLICIES,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const io = testIo({ cwd });
  try {
    const code = await runPreview({ ...OPTIONS, ...options }, io, { policies, version: '1.2.3' });
    return { code, out: io.out(), err: io.err() };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { code: error.exitCode, out: io.out(), err: `${io.err()}error: ${error.message}\n` };
  }
}

/** Hostnames of .example.com are in order before, those of .example.org after. */
const OLD = { 'old/a.yaml': suffixDocument('{ action: Deny, suffix: .example.com }') };
const NEW = { 'new/a.yaml': suffixDocument('{ action: Deny, suffix: .example.org }') };
const MANIFESTS = {
  'm/gw.yaml': GATEWAY_TEXT,
  'm/a.yaml': routeText('a', 'a.example.com'),
  'm/b.yaml': routeText('b', 'b.example.com', ', namespace: team-b').replace(
    'name: public',
    'name: public, namespace: default',
  ),
  'm/c.yaml': routeText('c', 'c.example.org'),
  'm/d.yaml': routeText('d', 'd.example.net'),
};

describe('the text', () => {
  test('has who is newly denied first, by rule with examples, then by namespace, and the sum last', async () => {
    using folder = folderOf({ ...OLD, ...NEW, ...MANIFESTS });
    expect(await preview(folder.path)).toEqual({
      code: 1,
      err: '',
      out: `Compared with old.

Would be denied, and are not now: 2 objects
  suffix/foreign (suffix): 2 objects
    allow → deny  HTTPRoute default/a spec.hostnames[0]  m/a.yaml:7:5
      spec.hostnames[0] "a.example.com" does not end in .example.org
    allow → deny  HTTPRoute team-b/b spec.hostnames[0]  m/b.yaml:7:5
      spec.hostnames[0] "b.example.com" does not end in .example.org

Would not be denied any more: 1 object
  suffix/foreign (suffix): 1 object
    deny → allow  HTTPRoute default/c spec.hostnames[0]  m/c.yaml:7:5
      spec.hostnames[0] "c.example.org" does not end in .example.com

by namespace  newly denied  no longer denied
default                  1                 1
team-b                   1                 0

2 newly denied, 1 no longer denied in 5 objects
`,
    });
  });

  test('shows three of many', async () => {
    const many = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [`m/${name}.yaml`, routeText(name, `${name}.example.com`)]),
    );
    using folder = folderOf({ ...OLD, ...NEW, 'm/gw.yaml': GATEWAY_TEXT, ...many });
    const { out } = await preview(folder.path);
    expect(out.split('\n').filter((line) => /object|more/.test(line))).toEqual([
      'Would be denied, and are not now: 5 objects',
      '  suffix/foreign (suffix): 5 objects',
      '    and 2 more',
      '5 newly denied in 6 objects',
    ]);
  });

  test('says that nothing changes', async () => {
    using folder = folderOf({ ...OLD, ...MANIFESTS });
    expect(await preview(folder.path, { policies: ['old'] })).toEqual({
      code: 0,
      err: '',
      out: 'Compared with old.\n\nnothing changes in 5 objects\n',
    });
  });
});

describe('what counts as a change', () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['a document under another name', '{ action: Deny }', '{ action: Deny }', 'nothing changes in 2 objects'],
    ['a warning in place of a denial', '{ action: Deny }', '{ action: Warn }', '1 no longer denied in 2 objects'],
    ['a denial in place of a warning', '{ action: Warn }', '{ action: Deny }', '1 newly denied in 2 objects'],
    ['a warning in place of an audit', '{ action: Audit }', '{ action: Warn }', '1 newly warned in 2 objects'],
    ['an audit in place of a warning', '{ action: Warn }', '{ action: Audit }', '1 no longer warned in 2 objects'],
    ['an audit', '{ rules: { foreign: Disabled } }', '{ action: Audit }', '1 newly audited in 2 objects'],
    ['an audit no more', '{ action: Audit }', '{ rules: { foreign: Disabled } }', '1 no longer audited in 2 objects'],
    [
      'another rule that denies too',
      '{ action: Deny }',
      '{ action: Deny, label: Require }',
      '1 for other reasons in 2 objects',
    ],
    [
      'what the webhook would mend',
      '{ action: Audit }',
      '{ action: Deny, label: Mutate }',
      '1 newly denied in 2 objects',
    ],
    [
      'what the webhook would mend, alone',
      '{ action: Deny, rules: { foreign: Disabled } }',
      '{ action: Deny, label: Mutate, rules: { foreign: Disabled } }',
      '1 newly audited in 2 objects',
    ],
  ];
  test.each(rows)('%s', async (_name, old, next, summary) => {
    using folder = folderOf({
      'old/a.yaml': suffixDocument(old),
      'new/a.yaml': suffixDocument(next, 'renamed'),
      'm/a.yaml': `${routeText('a', 'a.other.com')}---\n${GATEWAY_TEXT}`,
    });
    expect((await preview(folder.path)).out.trimEnd().split('\n').at(-1)).toBe(summary);
  });

  test('an exemption takes an object out', async () => {
    const exemption = `apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata: { name: a }
spec:
  policies: [{ kind: Suffix, name: suffix }]
  match: { names: [a] }
  reason: It moves.
  expires: 2099-01-01T00:00:00Z
`;
    using folder = folderOf({ ...OLD, ...NEW, 'new/e.yaml': exemption, ...MANIFESTS });
    const { out } = await preview(folder.path, { output: 'json' });
    expect(changesIn(out)).toEqual(['newly-denied HTTPRoute team-b/b', 'no-longer-denied HTTPRoute default/c']);
  });

  test('an object that a document cannot judge', async () => {
    using folder = folderOf({
      ...OLD,
      'new/a.yaml': suffixDocument('{ action: Deny, failureMode: Fail }'),
      'old/a.yaml': suffixDocument('{ action: Deny, failureMode: Ignore }'),
      'm/a.yaml': routeText('a', 'a.example.com', ', annotations: { poison: "1" }'),
    });
    const { code, out } = await preview(folder.path);
    expect([code, out.split('\n').slice(2, 6)]).toEqual([
      1,
      [
        'Would be denied, and are not now: 1 object',
        '  suffix/error (suffix): 1 object',
        '    warn → deny  HTTPRoute default/a  m/a.yaml:1:1',
        '      suffix could not judge it: poisoned',
      ],
    ]);
  });
});

/** The changed objects of a JSON preview, in order. */
function changesIn(out: string): readonly string[] {
  const document = JSON.parse(out) as {
    objects: { change: string; object: { kind: string; namespace: string; name: string } }[];
  };
  return document.objects.map(({ change, object }) => `${change} ${object.kind} ${object.namespace}/${object.name}`);
}

test('the exit code follows --fail-on', async () => {
  using folder = folderOf({
    'old/a.yaml': suffixDocument('{ action: Audit }'),
    'new/a.yaml': suffixDocument('{ action: Warn }'),
    'm/a.yaml': `${routeText('a', 'a.other.com')}---\n${GATEWAY_TEXT}`,
    'bad/b.yaml': 'a: [\n',
  });
  const codes = [];
  for (const options of [
    { failOn: 'deny' },
    { failOn: 'warn' },
    { failOn: 'audit' },
    { failOn: 'never' },
    { failOn: 'warn', policies: ['old'], against: 'new' },
    { failOn: 'warn', paths: ['m', 'bad'] },
  ] as const) {
    codes.push((await preview(folder.path, options)).code);
  }
  expect(codes).toEqual([0, 1, 1, 0, 0, 3]);
});

test('the JSON is one document', async () => {
  using folder = folderOf({ ...OLD, ...NEW, 'm/gw.yaml': GATEWAY_TEXT, 'm/a.yaml': routeText('a', 'a.example.com') });
  const { out } = await preview(folder.path, { output: 'json' });
  const object = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', namespace: 'default', name: 'a' };
  const none = {
    'no-longer-denied': 0,
    'newly-warned': 0,
    'newly-audited': 0,
    'no-longer-warned': 0,
    'no-longer-audited': 0,
    other: 0,
  };
  expect(JSON.parse(out)).toEqual({
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'Preview',
    against: { source: 'files', name: 'old' },
    summary: { objects: 2, changed: 1, 'newly-denied': 1, ...none },
    rules: [{ change: 'newly-denied', rule: 'suffix/foreign', document: 'suffix', objects: 1, examples: [object] }],
    namespaces: [{ namespace: 'default', 'newly-denied': 1, ...none }],
    objects: [
      {
        object,
        change: 'newly-denied',
        before: 'allow',
        after: 'deny',
        file: 'm/a.yaml',
        line: 3,
        rules: [
          {
            rule: 'suffix/foreign',
            document: 'suffix',
            path: 'spec.hostnames[0]',
            before: 'allow',
            after: 'deny',
            message: 'spec.hostnames[0] "a.example.com" does not end in .example.org',
            line: 7,
            column: 5,
          },
        ],
      },
    ],
    notPreviewable: [],
  });
});

test('the Markdown is a comment for a pull request', async () => {
  using folder = folderOf({ ...OLD, ...NEW, 'm/gw.yaml': GATEWAY_TEXT, 'm/a.yaml': routeText('a', 'a.example.com') });
  const { out } = await preview(folder.path, { output: 'markdown' });
  expect(out).toBe(`### Gateward preview: 1 newly denied in 2 objects

Compared with old.

| change | rule | document | objects | for example |
| --- | --- | --- | --- | --- |
| newly denied | [suffix/foreign](https://gateward.dev/rules/suffix) | suffix | 1 | HTTPRoute default/a |

| namespace | newly denied |
| --- | --- |
| default | 1 |

<details open><summary>Would be denied, and are not now: 1</summary>

| object | where |  | rule | what |
| --- | --- | --- | --- | --- |
| HTTPRoute default/a | m/a.yaml:7 | allow → **deny** | [suffix/foreign](https://gateward.dev/rules/suffix) | spec.hostnames&#91;0&#93; "a.example.com" does not end in .example.org |

</details>
`);
});

test('the Markdown of many namespaces fits into a comment, and has room for objects', async () => {
  const namespaces = Array.from({ length: 1000 }, (_none, at) => `${'n'.repeat(55)}-${1000 + at}`);
  const many = namespaces.map((namespace) => routeText('a', 'a.example.com', `, namespace: ${namespace}`));
  using folder = folderOf({ ...OLD, ...NEW, 'm/many.yaml': many.join('---\n') });
  const { out } = await preview(folder.path, { output: 'markdown' });
  expect([out.length < 65_536, out.match(/^.*left out.*$/gm)]).toEqual([
    true,
    ['827 more are left out.', '804 more objects are left out.'],
  ]);
});

test('what cannot be previewed is named, each once', async () => {
  const documents = `apiVersion: gateward.dev/v1alpha1
kind: NamespaceGate
metadata: { name: gate }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: updates }
spec: { match: { operations: [UPDATE] } }
---
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: others }
spec: { match: { excludedUsers: [root] } }
`;
  using folder = folderOf({ 'new/a.yaml': documents, 'old/a.yaml': documents, 'm/gw.yaml': GATEWAY_TEXT });
  const { out } = await preview(folder.path, {}, [...POLICIES]);
  expect(out).toBe(`Compared with old.

Not previewed:
  the users and groups that it excludes are not counted: others
  it speaks of UPDATE only: updates
  it depends on who asks: namespace-gate/label-removed (gate), namespace-gate/label-set (gate)

nothing changes in 1 object
`);
});

describe('what it compares with', () => {
  const summaryOf = ({ out }: { readonly out: string }): readonly string[] => [
    out.split('\n')[0] ?? '',
    out.trimEnd().split('\n').at(-1) ?? '',
  ];

  test('of files the baseline, when nothing is said', async () => {
    using folder = folderOf({ 'm/gw.yaml': GATEWAY_TEXT });
    const options = { policies: [join(import.meta.dirname, '../../policies/baseline.yaml')], against: undefined };
    expect(summaryOf(await preview(folder.path, options, [...POLICIES]))).toEqual([
      'Compared with the baseline that comes with Gateward.',
      'nothing changes in 1 object',
    ]);
  });

  test('the same paths at a git revision', async () => {
    using folder = folderOf({ ...MANIFESTS, 'new/a.yaml': OLD['old/a.yaml'] });
    commit(folder.path);
    writeFileSync(join(folder.path, 'new/a.yaml'), NEW['new/a.yaml']);
    git(folder.path, 'commit', '-qam', 'Change');
    expect(summaryOf(await preview(folder.path, { against: 'HEAD~1' }))).toEqual([
      'Compared with new at HEAD~1.',
      '2 newly denied, 1 no longer denied in 5 objects',
    ]);
  });

  test('a revision with a submodule, whose documents it has not', async () => {
    using folder = folderOf({ ...MANIFESTS, 'new/a.yaml': OLD['old/a.yaml'] });
    commit(folder.path);
    git(folder.path, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},new/sub`);
    git(folder.path, 'commit', '-qm', 'Add a submodule');
    const { err } = await preview(folder.path, { against: 'main' });
    expect(err).toBe('warning: new/sub is a submodule at main: the documents in it are not read\n');
  });

  test('a revision that had no documents', async () => {
    using folder = folderOf(MANIFESTS);
    commit(folder.path);
    mkdirSync(join(folder.path, 'new'));
    writeFileSync(join(folder.path, 'new/a.yaml'), NEW['new/a.yaml']);
    expect(summaryOf(await preview(folder.path, { against: 'main' }))).toEqual([
      'Compared with nothing: there are no policy documents in new at main.',
      '3 newly denied in 5 objects',
    ]);
  });

  test('neither path nor revision', async () => {
    using folder = folderOf({ ...NEW, ...MANIFESTS });
    commit(folder.path);
    expect(await preview(folder.path, { against: 'absent' })).toEqual({
      code: 2,
      out: '',
      err: 'error: --against absent is neither a directory nor a git revision that can be read here\n',
    });
  });
});

describe('over a cluster', () => {
  let fake: FakeApiServer | undefined;
  afterEach(() => fake?.close());
  const routes = '/apis/gateway.networking.k8s.io/v1/httproutes';
  const documents = '/apis/gateward.dev/v1alpha1/suffixs';

  async function cluster(): Promise<{ readonly server: FakeApiServer; readonly kubeconfig: string }> {
    const server = await fakeApiServer();
    fake = server;
    for (const collection of ['/api/v1/namespaces', routes]) server.serve(collection);
    server.put(routes, httpRoute('a.example.com', { name: 'a' }));
    server.put(routes, httpRoute('a.example.org', { name: 'b' }));
    return {
      server,
      kubeconfig: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    };
  }

  test('with its own documents, or nothing when it has none', async () => {
    const { server, kubeconfig } = await cluster();
    using folder = folderOf({
      'new/a.yaml': suffixDocument('{ action: Deny, suffix: .example.org, rules: { no-gateway: Disabled } }'),
      kubeconfig,
    });
    const options = { paths: [], cluster: true, kubeconfig: join(folder.path, 'kubeconfig'), against: undefined };
    const without = await preview(folder.path, { ...options, output: 'json' });
    expect([without.code, changesIn(without.out)]).toEqual([1, ['newly-denied HTTPRoute team-shop/a']]);
    expect((await preview(folder.path, options)).out.split('\n')[0]).toBe(
      'Compared with nothing: there are no policy documents in the cluster.',
    );
    server.serve(documents);
    server.put(documents, {
      apiVersion: 'gateward.dev/v1alpha1',
      kind: 'Suffix',
      metadata: { name: 'suffix' },
      spec: { action: 'Deny', rules: { 'no-gateway': 'Disabled' } },
    });
    const { code, out } = await preview(folder.path, options);
    expect([code, out.split('\n')[0], out.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      'Compared with the policy documents in the cluster.',
      '1 newly denied, 1 no longer denied in 2 objects',
    ]);
  });

  test('with paths too it is refused', async () => {
    using folder = folderOf(NEW);
    expect(await preview(folder.path, { cluster: true })).toEqual({
      code: 2,
      out: '',
      err: 'error: name paths or --cluster, one of them\n',
    });
  });
});

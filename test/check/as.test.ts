import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { requesterOf } from '../../src/check/requester.ts';
import { check, findingsOf, folderOf } from '../support/checkRun.ts';

const FILES = {
  'p/gate.yaml': `apiVersion: gateward.dev/v1alpha1
kind: NamespaceGate
metadata: { name: gate }
spec:
  action: Deny
  match: { excludedUsers: [root], excludedGroups: [system:masters] }
  labels: [expose]
  allowedUsers: [jane]
  allowedGroups: [platform, "system:serviceaccounts:argocd"]
`,
  'm/ns.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: team, labels: { expose: "yes" } }
`,
};

test.each([
  ['nobody in particular', undefined, [], 0, []],
  ['a user', 'bob', [], 1, ['m/ns.yaml:3:43 deny namespace-gate/label-set Namespace /team metadata.labels.expose']],
  ['one who may', 'jane', [], 0, []],
  ['one of a group that may', 'bob', ['dev', 'platform'], 0, []],
  ['one whom the document leaves out', 'root', [], 0, []],
  ['one of a group that it leaves out', 'bob', ['system:masters'], 0, []],
  ['a service account, in the groups of its namespace', 'system:serviceaccount:argocd:app', [], 0, []],
  [
    'a service account in other groups',
    'system:serviceaccount:argocd:app',
    ['dev'],
    1,
    ['m/ns.yaml:3:43 deny namespace-gate/label-set Namespace /team metadata.labels.expose'],
  ],
])('applied by %s', async (_name, as, asGroups, code, expected) => {
  using folder = folderOf(FILES);
  const options = { policies: ['p'], paths: ['m'], output: ['json'], as, asGroups };
  const run = await check(folder.path, options, { policies: POLICIES });
  expect([run.code, findingsOf(run)]).toEqual([code, expected]);
});

const [EVERYBODY, NOBODY, ACCOUNTS] = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'];
test.each<[string, string, readonly string[], readonly string[]]>([
  ['a user', 'bob', [], [EVERYBODY]],
  ['a user of a group', 'bob', ['dev'], ['dev', EVERYBODY]],
  ['a user of everybody', 'bob', [EVERYBODY, 'dev'], [EVERYBODY, 'dev']],
  ['a user of nobody', 'bob', [NOBODY], [NOBODY]],
  ['nobody', 'system:anonymous', [], [NOBODY]],
  ['nobody of nobody', 'system:anonymous', [NOBODY, 'dev'], [NOBODY, 'dev']],
  ['nobody of everybody', 'system:anonymous', [EVERYBODY], [EVERYBODY, NOBODY]],
  ['an account', 'system:serviceaccount:a:b.c', [], [ACCOUNTS, `${ACCOUNTS}:a`, EVERYBODY]],
  ['an account of a group', 'system:serviceaccount:a:b', ['dev'], ['dev', EVERYBODY]],
  ['an account of nobody', 'system:serviceaccount:a:b', [NOBODY], [NOBODY]],
  ['no account: a namespace that cannot be', 'system:serviceaccount:A_b:c', [], [EVERYBODY]],
  ['no account: a long namespace', `system:serviceaccount:${'a'.repeat(64)}:c`, [], [EVERYBODY]],
  ['no account: a name that cannot be', 'system:serviceaccount:a:b_c', [], [EVERYBODY]],
  ['no account: a long name', `system:serviceaccount:a:${'b'.repeat(254)}`, [], [EVERYBODY]],
  ['no account: more than two parts', 'system:serviceaccount:a:b:c', [], [EVERYBODY]],
])('the groups of %s', (_name, username, groups, expected) => {
  expect(requesterOf(username, groups)).toEqual({ username, groups: expected });
});

test('what is removed is removed by the same user', async () => {
  using folder = folderOf({
    ...FILES,
    'm/ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: team }\n',
    'old/ns.yaml': FILES['m/ns.yaml'],
  });
  const run = await check(
    folder.path,
    { policies: ['p'], paths: ['m'], old: 'old', output: ['json'], as: 'bob' },
    { policies: POLICIES },
  );
  expect(findingsOf(run)).toEqual([
    'm/ns.yaml:3:1 deny namespace-gate/label-removed Namespace /team metadata.labels.expose',
  ]);
});

test('groups of nobody are refused', async () => {
  using folder = folderOf(FILES);
  const run = await check(folder.path, { policies: ['p'], paths: ['m'], asGroups: ['dev'] }, { policies: POLICIES });
  expect(run).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: --as-group needs --as: groups of whom?\n',
  });
});

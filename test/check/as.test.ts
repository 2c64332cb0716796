import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
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

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingsOfEnvironment, settingsOfFile } from '../../src/config/settings.ts';
import { folderOf } from '../support/checkRun.ts';
import { gateward } from '../support/commandLine.ts';

describe('.gateward.yaml', () => {
  test('sets options', () => {
    const text =
      '# ours\npolicies: [a, b]\noutput: [text, sarif=x.sarif]\nfailOn: warn\nnamespace: shop\nbaseline: known.json\nrequireResources: true\ncontext: c\n';
    expect(settingsOfFile('f', text)).toEqual({
      settings: {
        policies: ['a', 'b'],
        output: ['text', 'sarif=x.sarif'],
        failOn: 'warn',
        namespace: 'shop',
        baseline: 'known.json',
        requireResources: true,
        context: 'c',
      },
    });
    expect(settingsOfFile('f', '# nothing\n')).toEqual({ settings: {} });
  });

  test.each([
    ['failon: warn\n', 'f:1:1 failon unknown setting; did you mean "failOn"?'],
    [
      'color: red\n',
      'f:1:1 color unknown setting; the settings are policies, output, failOn, namespace, baseline, requireResources, context',
    ],
    ['\nfailOn: wran\n', 'f:2:9 failOn "wran" is not one of deny | warn | audit | never; did you mean "warn"?'],
    ['policies: a\n', 'f:1:11 policies must be a list, not "a"'],
    ['policies: [a, 1]\n', 'f:1:15 policies[1] must be text, not 1'],
    ['policies: [""]\n', 'f:1:12 policies[0] must not be empty'],
    ['namespace: A B\n', 'f:1:12 namespace must be the name of a namespace'],
    ['requireResources: on\nbaseline: no\n', 'f:2:11 baseline must be text, not false'],
    ['- a\n', 'f:1:1  must be a map, not a list'],
    ['a: [\n', 'f:2:1  unexpected end of the stream within a flow collection'],
    ['failOn: deny\nfailOn: warn\n', 'f:2:1  the key "failOn" stands twice: here and at 1:1'],
    ['failOn: deny\n---\nfailOn: warn\n', 'f:3:1  holds more than one document; settings are one'],
  ])('%j is refused', (text, expected) => {
    const read = settingsOfFile('f', text);
    const problems = 'problems' in read ? read.problems : [];
    expect(
      problems.map(({ origin, at, path, message }) => `${origin}:${at?.line}:${at?.column} ${path} ${message}`),
    ).toEqual([expected]);
  });
});

describe('the environment', () => {
  test.each([
    [
      { GATEWARD_POLICIES: 'a, b', GATEWARD_REQUIRE_RESOURCES: '1' },
      { policies: ['a', 'b'], requireResources: true },
    ],
    [
      { GATEWARD_FAIL_ON: 'never', GATEWARD_REQUIRE_RESOURCES: 'False' },
      { failOn: 'never', requireResources: false },
    ],
    [{ GATEWARD_FAIL_ON: '', FAIL_ON: 'never' }, {}],
  ])('%j', (env, settings) => {
    expect(settingsOfEnvironment(env)).toEqual({ settings, hints: [] });
  });

  test.each([
    [
      { GATEWARD_FAIL_ON: 'wran' },
      'GATEWARD_FAIL_ON "wran" is not one of deny | warn | audit | never; did you mean "warn"?',
    ],
    [{ GATEWARD_POLICIES: 'a,,b' }, 'GATEWARD_POLICIES[1] must not be empty'],
    [{ GATEWARD_REQUIRE_RESOURCES: 'maybe' }, 'GATEWARD_REQUIRE_RESOURCES must be true or false, not "maybe"'],
  ])('%j is refused', (env, expected) => {
    const read = settingsOfEnvironment(env);
    expect('problems' in read && read.problems.map(({ path, message }) => `${path} ${message}`)).toEqual([expected]);
  });

  test('what looks like a setting is told, what Kubernetes puts there is not', () => {
    const env = {
      GATEWARD_FAILON: 'warn',
      GATEWARD_PORT: 'tcp://10.0.0.1:443',
      GATEWARD_SERVICE_HOST: '10.0.0.1',
      GATEWARD_PORT_443_TCP_ADDR: '10.0.0.1',
    };
    expect(settingsOfEnvironment(env)).toEqual({
      settings: {},
      hints: ['GATEWARD_FAILON is no setting; did you mean "GATEWARD_FAIL_ON"?'],
    });
  });
});

describe('a run of check', () => {
  const policy = (action: string): string =>
    `apiVersion: gateward.dev/v1alpha1\nkind: HostnameOwnership\nmetadata: { name: hosts }\nspec: { action: ${action}, owners: [] }\n`;
  const route =
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: a, namespace: shop }\nspec: { hostnames: [a.example.com] }\n';

  test('takes a flag before the environment, the environment before the file, the file before the default', () => {
    using folder = folderOf({
      'p/hosts.yaml': policy('Warn'),
      'team/m/route.yaml': route,
      '.gateward.yaml': 'policies: [p]\nfailOn: warn\noutput: [json=team/out.json]\n',
    });
    mkdirSync(join(folder.path, '.git'));
    const cwd = join(folder.path, 'team');
    const code = (words: readonly string[], env = {}): readonly unknown[] => {
      const run = gateward(['check', ...words, 'm'], { cwd, env });
      return [run.code, run.stdout, run.stderr];
    };
    expect(code([])).toEqual([1, '', '']);
    expect(code(['-o', 'json=/dev/null'], { GATEWARD_FAIL_ON: 'deny' })).toEqual([0, '', '']);
    expect(code(['--fail-on', 'warn'], { GATEWARD_FAIL_ON: 'deny' })).toEqual([1, '', '']);
    writeFileSync(join(folder.path, 'p/hosts.yaml'), policy('Deny'));
    expect(code([], { GATEWARD_FAIL_ON: 'never' })).toEqual([0, '', '']);
    writeFileSync(join(folder.path, '.gateward.yaml'), 'failOn: wran\n');
    const wrong =
      'error: ../.gateward.yaml:1:9: failOn: "wran" is not one of deny | warn | audit | never; did you mean "warn"?\n  mend .gateward.yaml or the GATEWARD_ variable [settings/invalid]\n';
    expect(code([])).toEqual([2, '', wrong]);
    expect(code(['--fail-on', 'never'])).toEqual([2, '', wrong]);
  });

  test('reads no settings from above the repository, and none from above a folder that is in none', () => {
    using folder = folderOf({ '.gateward.yaml': 'failOn: wran\n', 'repository/m.yaml': route });
    const cwd = join(folder.path, 'repository');
    expect(gateward(['check', 'm.yaml'], { cwd }).code).toBe(0);
    mkdirSync(join(cwd, '.git'));
    expect(gateward(['check', 'm.yaml'], { cwd }).code).toBe(0);
    expect(gateward(['check', 'repository'], { cwd: folder.path }).code).toBe(2);
  });
});

test('the namespace of objects is not the one that Gateward runs in', () => {
  using folder = folderOf({ '.gateward.yaml': 'namespace: shop\n' });
  const { stdout } = gateward(['manifests', 'rbac'], { cwd: folder.path });
  expect([stdout.includes('namespace: gateward-system\n'), stdout.includes('shop')]).toEqual([true, false]);
});

test.each<[string, readonly string[], NodeJS.ProcessEnv, number, string]>([
  [
    'that is named for files alone is refused',
    ['check', '--context', 'prod', 'a.yaml'],
    {},
    2,
    'error: --context needs --cluster: without it no cluster is looked at\n  see gateward check --help [usage/invalid]\n',
  ],
  ['of the settings waits for --cluster', ['check', 'a.yaml'], { GATEWARD_CONTEXT: 'prod' }, 0, ''],
])('a context %s', (_name, words, env, code, expected) => {
  using folder = folderOf({ 'a.yaml': '' });
  const run = gateward(words, { cwd: folder.path, env });
  expect([run.code, run.stderr]).toEqual([code, expected]);
});

test.each([
  ['grants', []],
  ['init', []],
  ['preview', ['--policies', 'a.yaml']],
])('%s of a cluster takes no namespace for all; that of the settings waits for files', (command, words) => {
  using folder = folderOf({ 'a.yaml': '' });
  const of = [command, ...words, '--cluster', '--kubeconfig', 'none'];
  expect(gateward([...of, '-n', 'shop'], { cwd: folder.path })).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: --namespace is for files: with --cluster all namespaces are looked at\n  see gateward ${command} --help [usage/invalid]\n`,
  });
  expect(gateward(of, { cwd: folder.path, env: { GATEWARD_NAMESPACE: 'shop' } }).stderr).not.toContain('--namespace');
});

test.each([
  ['option', ['check', '--old', '', 'a.yaml'], '--old is empty'],
  ['path', ['check', ''], 'an argument is empty'],
])('an empty %s is not the working directory', (_name, words, problem) => {
  expect(gateward(words)).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${problem}: give it a value, or leave it out\n  see gateward check --help [usage/invalid]\n`,
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../support/checkRun.ts';
import { gateward } from '../support/commandLine.ts';

const complete = (...words: readonly string[]): readonly string[] =>
  gateward(['__complete', ...words])
    .stdout.trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');

describe('what a shell may go on with', () => {
  test.each<[words: readonly string[], expected: readonly string[]]>([
    [['che'], ['check', ':4']],
    [
      ['help', 'che'],
      ['check', ':4'],
    ],
    [
      ['check', '--fail'],
      ['--fail-on', ':4'],
    ],
    [
      ['check', '--fail-on', ''],
      ['deny', 'warn', 'audit', 'never', ':4'],
    ],
    [
      ['check', '--fail-on=d'],
      ['--fail-on=deny', ':4'],
    ],
    [
      ['check', '--fail-on', '=', 'd'],
      ['deny', ':4'],
    ],
    [
      ['check', '--fail-on', '='],
      ['deny', 'warn', 'audit', 'never', ':4'],
    ],
    [
      ['check', '-o', 'js'],
      ['json', ':4'],
    ],
    [['check', '-o', 'sarif', '=', 'x'], [':0']],
    [['check', '--namespace', ''], [':4']],
    [['check', '--baseline', ''], [':0']],
    [['check', '-n', 'check', 'x'], [':0']],
    [['check', '--', '--fail'], [':0']],
    [
      ['certs', ''],
      ['dev', ':4'],
    ],
    [
      ['manifests', 'r'],
      ['rbac', ':4'],
    ],
    [['manifests', 'rbac', ''], [':4']],
    [
      ['explain', 'gateway-class/class-m'],
      ['gateway-class/class-missing', ':4'],
    ],
    [
      ['completion', 'z'],
      ['zsh', ':4'],
    ],
    [['nothing', 'of', 'the', 'kind'], [':4']],
  ])('%j', (words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });
});

test.each(['bash', 'zsh', 'fish'])('the script of %s is one', (shell) => {
  const { code, stdout } = gateward(['completion', shell]);
  expect([code, stdout.includes('gateward __complete')]).toEqual([0, true]);
  using folder = folderOf({ script: stdout });
  const { error, status, stderr } = spawnSync(shell, ['-n', join(folder.path, 'script')], { encoding: 'utf8' });
  if (error === undefined) expect([status, stderr]).toEqual([0, '']);
});

test('of a shell that is none', () => {
  const { code, stderr } = gateward(['completion', 'tcsh']);
  expect([code, stderr.split('\n')[0]]).toEqual([
    2,
    "error: command-argument value 'tcsh' is invalid for argument 'shell'. It takes bash, zsh, fish; did you mean \"bash\"?",
  ]);
});

describe('help', () => {
  const commands = complete('').slice(0, -1);
  test.each([[''], ...commands.map((command) => [command])])('of gateward %s has examples', (command) => {
    const { code, stdout } = gateward([...(command === '' ? [] : [command]), '--help']);
    expect([code, stdout.includes('\nExamples:\n  gateward ')]).toEqual([0, true]);
  });
});

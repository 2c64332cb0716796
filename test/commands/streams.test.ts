/** What reaches a terminal or a file. */
import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../support/checkRun.ts';
import { gateward } from '../support/commandLine.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** Refuses whatever is written, as a full disk does. */
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('what cannot be written', () => {
  const run = (words: readonly string[], cwd: string, stdio: readonly ('pipe' | number)[]): readonly unknown[] => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
      cwd,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', ...stdio],
      encoding: 'utf8',
    });
    return [status, stdout, stderr];
  };

  test('on standard output is told', () => {
    expect(run(['version'], '.', [openSync(FULL, 'w'), 'pipe'])).toEqual([
      2,
      null,
      'error: standard output: cannot be written: no space is left\n  name a file that can be written [output/unwritable]\n',
    ]);
  });

  test('on standard error costs neither the reports nor the exit code', () => {
    using folder = folderOf({ 'a.yaml': 'a: [\n' });
    const words = ['check', 'a.yaml', 'gone.yaml', '-o', 'text', '-o', 'json=report.json'];
    const [code, stdout] = run(words, folder.path, ['pipe', openSync(FULL, 'w')]);
    expect([code, stdout]).toEqual([3, expect.stringContaining('2 errors in 0 objects')]);
    expect(readFileSync(join(folder.path, 'report.json'), 'utf8')).toContain('unexpected end of the stream');
  });
});

test.each([
  ['an error', ['version', '--\u{1b}[2J'], '', "error: unknown option '--\\u{1b}[2J'\n"],
  [
    'a command to a runner',
    ['version', '--a\n ::error::b\nc::d ##[stop-commands]e'],
    '',
    "error: unknown option '--a\n \\u{3a}:error::b\nc::d \\u{23}#[stop-commands]e'\n",
  ],
  ['a file', ['check', '\u{1b}[2J\u{202e}'], '', 'error: \\u{1b}[2J\\u{202e}: no such file or directory; '],
  ['a line', ['check', 'a\n::error::b'], '', 'error: a\\u{a}::error::b: no such file or directory; '],
  [
    'a line in a document',
    ['check', '--policies', 'p.yaml'],
    'apiVersion: gateward.dev/v1alpha1\nkind: "a\\n::error::b"\n',
    'error: p.yaml:2:7: kind: unknown kind "a\\u{a}::error::b"\n  mend',
  ],
  [
    'a line in an object',
    ['audit', 'p.yaml'],
    'apiVersion: gateway.networking.k8s.io/v1\nkind: "a\\n::error::b"\n',
    'error: p.yaml:2:7: gateway.networking.k8s.io has no kind "a\\u{a}::error::b"; mend the file; the others were judged [input/unparsable]\n',
  ],
  [
    'an object without a namespace',
    ['status', 'p.yaml'],
    'apiVersion: gateway.networking.k8s.io/v1\nkind: "\\e[2J"\nmetadata: { name: a }\n',
    'error: p.yaml:2:7: gateway.networking.k8s.io has no kind "\\u{1b}[2J"; mend the file; the others were judged [input/unparsable]\n',
  ],
  [
    'documents with several problems',
    ['check', '--policies', 'p.yaml'],
    'apiVersion: gateward.dev/v1alpha1\nkind: "\\e[2J"\n---\napiVersion: gateward.dev/v1alpha1\nkind: B\n',
    'error: p.yaml:2:7: kind: unknown kind "\\u{1b}[2J"\np.yaml:5:7: kind: unknown kind "B"\n  mend',
  ],
  [
    'documents under test with several problems',
    ['test', 'p.yaml'],
    `apiVersion: gateward.dev/v1alpha1
kind: PolicyTest
metadata: { name: t }
spec:
  policies: [{ apiVersion: gateward.dev/v1alpha1, kind: "\\e[2J" }, { apiVersion: gateward.dev/v1alpha1, kind: B }]
  cases: [{ name: c, object: { kind: Namespace }, expect: { allowed: true } }]
`,
    'error: p.yaml:5:57: kind: unknown kind "\\u{1b}[2J"\np.yaml:5:111: kind: unknown kind "B"; mend the document; gateward policies lists the kinds [policies/invalid]\n',
  ],
])('standard error shows what the text of %s would do to a terminal', (_name, words, text, expected) => {
  using folder = folderOf({ 'p.yaml': text });
  expect(gateward(words, { cwd: folder.path }).stderr.slice(0, expected.length)).toBe(expected);
});

import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../src/check/diff.ts';
import { GATEWAY_TEXT, check, findingsOf, folderOf, routeText, suffixDocument } from '../support/checkRun.ts';

const policies = ['p'];
const FILES = {
  'p/a.yaml': suffixDocument('{ action: Deny, label: Require }'),
  'm/gw.yaml': GATEWAY_TEXT,
  'm/routes.yaml': [
    '\u{feff}# Two routes, one of them in order.',
    'apiVersion: gateway.networking.k8s.io/v1',
    'kind: HTTPRoute',
    "metadata: { name: 'a', labels: { checked: 'yes' } }   # in order",
    'spec:',
    '  parentRefs: [{ name: public }]',
    '  hostnames: [a.example.com]',
    '--- # the second',
    'apiVersion: gateway.networking.k8s.io/v1',
    'kind: HTTPRoute',
    'metadata:',
    '  name: b',
    'spec:',
    '  parentRefs:',
    '      - name: public',
    '  hostnames:',
    '      - b.example.com',
    '      # not ours',
    '      - "b.other.com"  # yet',
    '',
  ].join('\r\n'),
};

const FIXED = FILES['m/routes.yaml']
  .replace('"b.other.com"', '"shop.example.com"')
  .replace('  name: b\r\n', '  name: b\r\n  labels:\r\n    checked: yes\r\n'.replace('yes', '"yes"'));

describe('--fix', () => {
  test('writes the edits of findings, leaves every other byte, and judges what is then there', async () => {
    using folder = folderOf(FILES);
    const file = join(folder.path, 'm/routes.yaml');
    chmodSync(file, 0o640);
    const run = await check(folder.path, { policies, paths: ['m'], fix: true });
    expect(run).toEqual({
      code: 0,
      stdout: 'nothing to report in 3 objects\n',
      stderr: 'fixed: m/routes.yaml: 1 object\n',
    });
    expect(readFileSync(file, 'utf8')).toBe(FIXED);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const again = await check(folder.path, { policies, paths: ['m'], fix: true });
    expect([again.stderr, readFileSync(file, 'utf8')]).toEqual(['', FIXED]);
  });

  test('follows a link to the file', async () => {
    using folder = folderOf({ ...FILES, 'n/empty.txt': '' });
    symlinkSync('../m/routes.yaml', join(folder.path, 'n/link.yaml'));
    await check(folder.path, { policies, paths: ['n', 'm/gw.yaml'], fix: true });
    expect(lstatSync(join(folder.path, 'n/link.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(FIXED);
  });

  test('with --dry-run prints the diff and writes nothing', async () => {
    using folder = folderOf({ ...FILES, 'm/routes.yaml': FILES['m/routes.yaml'].replaceAll('\r\n', '\n').slice(1) });
    const { code, stdout } = await check(folder.path, { policies, paths: ['m'], fix: true, dryRun: true });
    expect([code, stdout]).toEqual([
      0,
      `--- a/m/routes.yaml
+++ b/m/routes.yaml
@@ -10,10 +10,12 @@
 kind: HTTPRoute
 metadata:
   name: b
+  labels:
+    checked: "yes"
 spec:
   parentRefs:
       - name: public
   hostnames:
       - b.example.com
       # not ours
-      - "b.other.com"  # yet
+      - "shop.example.com"  # yet
`,
    ]);
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toContain('b.other.com');
  });

  test('mends the items of a List', async () => {
    const item = routeText('a', 'a.other.com', ', labels: { checked: a }').trimEnd().replaceAll('\n', '\n  ');
    const text = `apiVersion: v1\nkind: List\nitems:\n- ${item}\n`;
    using folder = folderOf({ ...FILES, 'm/routes.yaml': text });
    await check(folder.path, { policies, paths: ['m'], fix: true });
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(
      text.replace('a.other.com', 'shop.example.com'),
    );
  });

  test('leaves to a person what an alias would carry further', async () => {
    const text = routeText(
      'a',
      'a.example.com',
      ', labels: { checked: a }, annotations: { x: &x a.other.com }',
    ).replace('- a.example.com', '- *x');
    using folder = folderOf({ ...FILES, 'm/routes.yaml': text });
    const run = await check(folder.path, { policies, paths: ['m'], fix: true, output: ['json'] });
    expect([run.code, findingsOf(run), run.stderr]).toEqual([
      1,
      ['m/routes.yaml:7:5 deny suffix/foreign HTTPRoute default/a spec.hostnames[0]'],
      'hint: m/routes.yaml:1:1: HTTPRoute a is left to you: there is no item 0 to replace\n',
    ]);
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(text);
  });

  test('leaves to a person what an anchor would carry further', async () => {
    const text = [
      'apiVersion: gateway.networking.k8s.io/v1',
      'kind: HTTPRoute',
      'spec:',
      '  parentRefs: [{ name: public }]',
      '  hostnames: [&x a.other.com]',
      'metadata: { name: a, labels: { checked: a }, annotations: { x: *x } }',
      '',
    ].join('\n');
    using folder = folderOf({ ...FILES, 'm/routes.yaml': text });
    const { code, stderr } = await check(folder.path, { policies, paths: ['m'], fix: true });
    expect([code, stderr]).toEqual([
      1,
      'hint: m/routes.yaml:1:1: HTTPRoute a is left to you: it cannot be written without changing something else too\n',
    ]);
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(text);
  });
});

describe('a diff', () => {
  const lines = (...words: readonly string[]): string => words.map((word) => `${word}\n`).join('');
  const twelve = 'a b c d e f g h i j k l'.split(' ');

  test.each([
    ['nothing', lines('a'), lines('a'), ''],
    ['a new text', '', lines('a', 'b'), '--- a/f\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n'],
    ['a text that goes', lines('a'), '', '--- a/f\n+++ b/f\n@@ -1,1 +0,0 @@\n-a\n'],
    [
      'no last line end',
      'a',
      'b',
      '--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
    ],
    [
      'two places far apart',
      lines(...twelve),
      lines('A', ...twelve.slice(1, -1), 'L'),
      '--- a/f\n+++ b/f\n@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n d\n@@ -9,4 +9,4 @@\n i\n j\n k\n-l\n+L\n',
    ],
    ['a line between', lines('a', 'c'), lines('a', 'b', 'c'), '--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n+b\n c\n'],
  ])('of %s', (_name, before, after, expected) => {
    expect(unifiedDiff('f', before, after)).toBe(expected);
  });
});

import { chmodSync, lstatSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { unifiedDiff } from '../../src/check/diff.ts';
import { GATEWAY_TEXT, check, findingsOf, folderOf, routeText, suffixDocument } from '../support/checkRun.ts';

const policies = ['p'];
const sarifFixes = z.object({
  runs: z.array(z.object({ results: z.array(z.object({ fixes: z.array(z.unknown()).optional() })) })),
});
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

  test('stands in SARIF as it is written into the file', async () => {
    using folder = folderOf(FILES);
    const run = await check(folder.path, { policies, paths: ['m'], output: ['sarif'] });
    const { runs } = sarifFixes.parse(JSON.parse(run.stdout));
    expect(runs[0]?.results.flatMap(({ fixes }) => fixes ?? [])).toEqual([
      {
        description: { text: 'add the label checked' },
        artifactChanges: [
          {
            artifactLocation: { uri: 'm/routes.yaml', uriBaseId: '%SRCROOT%' },
            replacements: [
              {
                deletedRegion: { startLine: 13, startColumn: 1, endLine: 13, endColumn: 1 },
                insertedContent: { text: '  labels:\r\n    checked: "yes"\r\n' },
              },
            ],
          },
        ],
      },
      {
        description: { text: 'use "shop.example.com"' },
        artifactChanges: [
          {
            artifactLocation: { uri: 'm/routes.yaml', uriBaseId: '%SRCROOT%' },
            replacements: [
              {
                deletedRegion: { startLine: 19, startColumn: 10, endLine: 19, endColumn: 17 },
                insertedContent: { text: 'shop.example' },
              },
            ],
          },
        ],
      },
    ]);
  });

  test('follows a link to the file', async () => {
    using folder = folderOf({ ...FILES, 'n/empty.txt': '' });
    symlinkSync('../m/routes.yaml', join(folder.path, 'n/link.yaml'));
    await check(folder.path, { policies, paths: ['n', 'm/gw.yaml'], fix: true });
    expect(lstatSync(join(folder.path, 'n/link.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(FIXED);
  });

  test('is what --dry-run needs', async () => {
    using folder = folderOf(FILES);
    const stderr = 'error: --dry-run needs --fix: without it nothing is written\n';
    expect(await check(folder.path, { policies, paths: ['m'], dryRun: true })).toEqual({ code: 2, stdout: '', stderr });
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

  const HEAD = 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n';
  const json = (labels: object, hostname: string, space?: number | string): string =>
    JSON.stringify(
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'a', ...labels },
        spec: { hostnames: [hostname] },
      },
      null,
      space,
    );
  const checked = { labels: { checked: 'yes' } };
  test.each([
    [
      'tabs between tokens',
      `${HEAD}metadata:\t\n  name:\ta\t# c\nspec:\n  hostnames:\n  - a.other.com\t# tab\n  - b.other.com\t\n`,
      `${HEAD}metadata:\t\n  name:\ta\t# c\n  labels:\n    checked: "yes"\nspec:\n  hostnames:\n  - shop.example.com\t# tab\n  - shop.example.com\t\n`,
    ],
    [
      'brackets over several lines, with comments',
      `${HEAD}metadata: {\n  name: a, # the name\n  # tail\n}\nspec: {\n  hostnames: [\n    a.other.com, # one\n    # two\n  ]\n}\n`,
      `${HEAD}metadata: {\n  name: a, # the name\n  labels: { checked: "yes" },\n  # tail\n}\nspec: {\n  hostnames: [\n    shop.example.com, # one\n    # two\n  ]\n}\n`,
    ],
    [
      'brackets without a last comma',
      `${HEAD}metadata: {\n  name: a # the name\n  }\nspec: { hostnames: [ shop.example.com ] }\n`,
      `${HEAD}metadata: {\n  name: a, # the name\n  labels: { checked: "yes" }\n  }\nspec: { hostnames: [ shop.example.com ] }\n`,
    ],
    [
      'quoted keys',
      `"apiVersion": gateway.networking.k8s.io/v1\n'kind': HTTPRoute\n"metadata":\n  "name": "a"\n"spec":\n  'hostnames':\n  - 'a.other.com'\n`,
      `"apiVersion": gateway.networking.k8s.io/v1\n'kind': HTTPRoute\n"metadata":\n  "name": "a"\n  labels:\n    checked: "yes"\n"spec":\n  'hostnames':\n  - 'shop.example.com'\n`,
    ],
    [
      'anchors and tags',
      `${HEAD}metadata: &m !!map\n  name: !!str a\nspec:\n  hostnames: &l\n  - &one !!str a.other.com\n`,
      `${HEAD}metadata: &m !!map\n  name: !!str a\n  labels:\n    checked: "yes"\nspec:\n  hostnames: &l\n  - &one !!str shop.example.com\n`,
    ],
    [
      'a block of text at the end, which keeps its line ends',
      `${HEAD}spec:\n  hostnames:\n  - a.other.com\nmetadata:\n  name: a\n  annotations:\n    t: |+\n      one\n\n\n`,
      `${HEAD}spec:\n  hostnames:\n  - shop.example.com\nmetadata:\n  name: a\n  annotations:\n    t: |+\n      one\n\n\n  labels:\n    checked: "yes"\n`,
    ],
    [
      'a null with a comment',
      `${HEAD}metadata:\n  name: a\n  labels: ~ # none\nspec: {}\n`,
      `${HEAD}metadata:\n  name: a\n  labels: # none\n    checked: "yes"\nspec: {}\n`,
    ],
    [
      'nothing with a comment',
      `${HEAD}metadata:\n  name: a\n  labels: # none $&\nspec: {}\n`,
      `${HEAD}metadata:\n  name: a\n  labels: # none $&\n    checked: "yes"\nspec: {}\n`,
    ],
    [
      'comments in odd places',
      `# top\n\n${HEAD}metadata: # on\n  # first\n  name: a # name\n  # last\n# col 0\nspec:\n  hostnames: # on\n  - # odd\n    a.other.com # after\n  # tail\n\n# end`,
      `# top\n\n${HEAD}metadata: # on\n  # first\n  name: a # name\n  labels:\n    checked: "yes"\n  # last\n# col 0\nspec:\n  hostnames: # on\n  - # odd\n    shop.example.com # after\n  # tail\n\n# end`,
    ],
    [
      'line ends of both kinds, and none at the end',
      `${HEAD}metadata:\r\n  name: a\nspec:\r\n  hostnames:\r\n  - a.other.com`,
      `${HEAD}metadata:\r\n  name: a\n  labels:\n    checked: "yes"\nspec:\r\n  hostnames:\r\n  - shop.example.com`,
    ],
    [
      'other alphabets',
      `${HEAD}# üñí 😀\nmetadata:\n  name: a\n  annotations: { "ключ": "😀" } # 😀\nspec: { hostnames: [a.other.com] } # 😀\n`,
      `${HEAD}# üñí 😀\nmetadata:\n  name: a\n  annotations: { "ключ": "😀" } # 😀\n  labels:\n    checked: "yes"\nspec: { hostnames: [shop.example.com] } # 😀\n`,
    ],
    ['JSON', json({}, 'a.other.com', 2), json(checked, 'shop.example.com', 2)],
    ['JSON with tabs', json({}, 'a.other.com', '\t'), json(checked, 'shop.example.com', '\t')],
    ['JSON without white space', json({}, 'a.other.com'), json(checked, 'shop.example.com')],
    [
      'JSON objects one after another',
      `${json({}, 'a.other.com')}\n${json({}, 'b.other.com').replace('"a"', '"b"')}\n`,
      `${json(checked, 'shop.example.com')}\n${json(checked, 'shop.example.com').replace('"a"', '"b"')}\n`,
    ],
  ])('keeps %s', async (_name, before, after) => {
    using folder = folderOf({ ...FILES, 'm/routes.yaml': before });
    for (let round = 0; round < 2; round += 1) {
      await check(folder.path, { policies, paths: ['m'], fix: true });
      expect(readFileSync(join(folder.path, 'm/routes.yaml'), 'utf8')).toBe(after);
    }
  });

  test('mends no file when one of them cannot be written', async () => {
    // A name of its own length fits, one with an ending more does not.
    const long = `m/${'z'.repeat(230)}.yaml`;
    const files = { 'm/a.yaml': routeText('a', 'a.other.com'), [long]: routeText('b', 'b.other.com') };
    using folder = folderOf({ ...FILES, ...files });
    const run = await check(folder.path, { policies, paths: ['m'], fix: true });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `error: ${long}: cannot be written: the name is too long; nothing was mended\n`,
    });
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(folder.path, name), 'utf8')).toBe(text);
    expect(readdirSync(join(folder.path, 'm')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('keeps permissions that the process would not give', async () => {
    using folder = folderOf(FILES);
    chmodSync(join(folder.path, 'm/routes.yaml'), 0o666);
    await check(folder.path, { policies, paths: ['m'], fix: true });
    expect(statSync(join(folder.path, 'm/routes.yaml')).mode & 0o777).toBe(0o666);
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

import { describe, expect, test } from 'vitest';
import type { FieldPath } from '#gateway';
import { readYaml } from '../../src/yaml/index.ts';

const TEXT = `\u{feff}# Source: shop/templates/route.yaml
first: &anchor
  quoted: "q"
  block: |
    text
list:
- 1
- key: value
- - nested
merged:
  <<: *anchor
  own:
---
# comment
{"json": {"a": [true]}}
`;

const [first, second] = readYaml(TEXT).documents;

describe('locate', () => {
  test.each<[path: FieldPath, at: string, key: string]>([
    [[], '2:1', '2:1'],
    [['first'], '2:1', '2:1'],
    [['first', 'quoted'], '3:11', '3:3'],
    [['first', 'block'], '5:1', '4:3'],
    [['list'], '6:1', '6:1'],
    [['list', 0], '7:3', '7:3'],
    [['list', 1], '8:3', '8:3'],
    [['list', 1, 'key'], '8:8', '8:3'],
    [['list', 2, 0], '9:5', '9:5'],
    [['merged', 'quoted'], '3:11', '3:3'],
    [['merged', 'own'], '12:3', '12:3'],
    [['merged', 'absent', 'deeper'], '10:1', '10:1'],
    [['list', 7], '6:1', '6:1'],
    [['list', 0, 'below'], '7:3', '7:3'],
  ])('%j', (path, at, key) => {
    const text = (part?: 'key'): string => {
      const position = first?.locate(path, part);
      return `${position?.line ?? 0}:${position?.column ?? 0}`;
    };
    expect([text(), text('key')]).toEqual([at, key]);
  });

  test('in a later document, from the start of the file', () => {
    expect(second?.locate(['json', 'a', 0])).toEqual({ line: 15, column: 17 });
  });

  test('the source that Helm names', () => {
    expect([first?.source, second?.source]).toEqual(['shop/templates/route.yaml', undefined]);
  });

  test('lines', () => {
    const { lineAt } = readYaml('a: 1\r\nb: 2\n');
    expect([lineAt(1), lineAt(2), lineAt(3), lineAt(9)]).toEqual(['a: 1', 'b: 2', '', '']);
  });
});

test('lines that the parser wants further right keep their places', () => {
  const text = 'a: {\n  b: [\n1,\n{c:\td},\n  ]\n}\ne: {\n}\nf: "x\ny"\ng: 1\n';
  const [document] = readYaml(text).documents;
  const places = [['a'], ['a', 'b', 0], ['a', 'b', 1, 'c'], ['e'], ['f'], ['g']].map((path) => {
    const at = document?.locate(path);
    return `${at?.line}:${at?.column}`;
  });
  expect(places).toEqual(['1:1', '3:1', '4:5', '7:1', '9:4', '11:4']);
  const problems = (more: string): readonly string[] =>
    readYaml(text + more).problems.map(({ message, at }) => `${at.line}:${at.column} ${message}`);
  expect(problems('g: 2\n')).toEqual(['12:1 the key "g" stands twice: here and at 11:1']);
  expect(problems('h: {\n}}\n')).toEqual(['13:2 bad indentation of a mapping entry']);
});

describe('locate in a large list', () => {
  const padding = `pad: ${'x'.repeat(70_000)}\n`;

  /** Where fields of items stand, and the fields of the list itself. */
  const at = (text: string, ...paths: readonly FieldPath[]): readonly string[] => {
    const [document] = readYaml(text).documents;
    return paths.map((path) => {
      const position = document?.locate(path);
      return `${position?.line ?? 0}:${position?.column ?? 0}`;
    });
  };

  test.each<[what: string, text: string, places: readonly string[]]>([
    ['as people write it', 'items:\n  - a: 1\n    b: { c: 2 }\n  - a: 3\n    b: { c: 4 }\n', ['3:13', '4:5', '5:13']],
    [
      'as kubectl writes it',
      'items:\n- a: 1\n  b:\n    c: 2\n- a: 3\n  b:\n    c: 4\nkind: List\n',
      ['4:8', '5:3', '7:8'],
    ],
    ['with a dash on a line of its own', 'items:\n  -\n    b: {c: 2}\n  -\n    b: {c: 4}\n', ['3:12', '5:5', '5:12']],
    ['with comments', 'items: \n# one\n\n  - b: {c: 2}\n# - b\n  - b: {c: 4}\n# end\n', ['4:12', '6:5', '6:12']],
    ['with line ends of Windows', 'items:\r\n- b: {c: 2}\r\n- b: {c: 4}\r\n', ['2:10', '3:3', '3:10']],
    ['with an alias of another item', 'items:\n- b: &b {c: 2}\n- b: *b\n', ['2:13', '3:3', '2:13']],
    ['with text that looks like an item', 'items:\n- b: {c: "\n- 2"}\n- b: {c: 4}\n', ['2:10', '4:3', '4:10']],
    ['in flow style', 'items: [{b: {c: 2}},\n {b: {c: 4}}]\n', ['1:17', '2:2', '2:10']],
  ])('%s', (_what, text, places) => {
    const paths: readonly FieldPath[] = [
      ['items', 0, 'b', 'c'],
      ['items', 1],
      ['items', 1, 'b', 'c'],
    ];
    const shift = (place: string): string => place.replace(/^\d+/, (line) => String(Number(line) + 1));
    expect(at(text, ...paths)).toEqual(places);
    expect(at(padding + text, ...paths, ['pad'], ['items'])).toEqual([...places.map(shift), '1:6', '2:1']);
  });

  test('beside a text that looks like the list', () => {
    const text = `${padding}note: "\nitems:\n- x: 1\n- x: 2\n"\nitems: [{b: {c: 2}},\n {b: {c: 4}}]\n`;
    expect(at(text, ['items', 0, 'b', 'c'], ['items', 1, 'b', 'c'])).toEqual(['7:17', '8:10']);
  });
});

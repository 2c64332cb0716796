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

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { applyPatch, toPointer } from '../../src/engine/index.ts';
import { EditRefusal, editYaml, type YamlEdit } from '../../src/yaml/edit.ts';
import { readYaml } from '../../src/yaml/index.ts';

const TEXT = `# head
kind: X   # kind
metadata:
  name: a # name
spec:
  hostnames:
  - a.com # first
  - "b.com"
  - 'c.com'
  rules:
  - matches: [{ path: { value: / } }] # match
    # about backends
    backendRefs:
    - name: x
      port: 80
  - backendRefs: []
    filters:
    - type: A
      a: {}
    # tail
  text: |
    hello
    world
# end
`;

/** The lines that go and come, as a diff shows them. */
function changed(before: string, after: string): readonly string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const gone = a.slice(head, a.length - tail).map((line) => `-${line}`);
  return [...gone, ...b.slice(head, b.length - tail).map((line) => `+${line}`)];
}

const add = (path: string, value: unknown): YamlEdit => ({ op: 'add', path: path.split('.'), value });
const replace = (path: string, value: unknown): YamlEdit => ({ op: 'replace', path: path.split('.'), value });
const remove = (path: string): YamlEdit => ({ op: 'remove', path: path.split('.') });

describe('an edit changes its lines and no others', () => {
  test.each<[name: string, edit: YamlEdit, lines: readonly string[]]>([
    [
      'a field of a map in a list',
      add('spec.rules.0.filters', [{ type: 'R', set: [{ name: 'X', value: 'no' }] }]),
      ['+    filters:', '+    - type: R', '+      set:', '+      - name: X', '+        value: "no"'],
    ],
    ['the first item', add('spec.rules.1.filters.0', { type: 'B' }), ['+    - type: B']],
    ['the last item', add('spec.rules.1.filters.-', { type: 'B', b: 1 }), ['+    - type: B', '+      b: 1']],
    [
      'an item of an empty list',
      add('spec.rules.1.backendRefs.-', { name: 'y' }),
      ['-  - backendRefs: []', '+  - backendRefs: [{ name: "y" }]'],
    ],
    [
      'a field of a flow map',
      add('spec.rules.0.matches.0.path.type', 'Exact'),
      ['-  - matches: [{ path: { value: / } }] # match', '+  - matches: [{ path: { value: /, type: Exact } }] # match'],
    ],
    [
      'a new map',
      add('metadata.labels', { 'a/b': 'yes', c: '010' }),
      ['+  labels:', '+    a/b: "yes"', '+    c: "010"'],
    ],
    ['after a block of text', add('spec.more', 1), ['+  more: 1']],
    ['plain text', replace('spec.hostnames.0', 'z.com'), ['-  - a.com # first', '+  - z.com # first']],
    [
      'plain text by what needs quotes',
      replace('spec.hostnames.0', '010'),
      ['-  - a.com # first', '+  - "010" # first'],
    ],
    ['text in double quotes', replace('spec.hostnames.1', 'z"'), ['-  - "b.com"', '+  - "z\\""']],
    ['text in single quotes', replace('spec.hostnames.2', "it's"), ["-  - 'c.com'", "+  - 'it''s'"]],
    ['a block of text', replace('spec.text', 'short'), ['-  text: |', '-    hello', '-    world', '+  text: short']],
    [
      'a list',
      replace('spec.rules.0.backendRefs', [{ name: 'z' }]),
      ['-    - name: x', '-      port: 80', '+    - name: z'],
    ],
    ['nothing for an item', remove('spec.hostnames.1'), ['-  - "b.com"']],
    ['nothing for a field', remove('spec.rules.1.filters'), ['-    filters:', '-    - type: A', '-      a: {}']],
    [
      'nothing for the first field of an item',
      remove('spec.rules.1.backendRefs'),
      ['-  - backendRefs: []', '-    filters:', '+  - filters:'],
    ],
    [
      'nothing for the only item',
      remove('spec.rules.1.filters.0'),
      ['-    filters:', '-    - type: A', '-      a: {}', '+    filters: []'],
    ],
  ])('%s', (_name, edit, lines) => {
    expect(changed(TEXT, editYaml(TEXT, [edit]))).toEqual(lines);
    const windows = TEXT.replaceAll('\n', '\r\n');
    expect(editYaml(windows, [edit])).toBe(editYaml(TEXT, [edit]).replaceAll('\n', '\r\n'));
  });

  test('several edits come one after the other', () => {
    const text = editYaml('metadata:\n  name: a\n', [
      add('metadata.labels', { a: 'b' }),
      add('metadata.labels.c', 'd'),
    ]);
    expect(text).toBe('metadata:\n  name: a\n  labels:\n    a: b\n    c: d\n');
  });

  test.each<[name: string, edit: YamlEdit, before: string, after: string]>([
    ['the last', remove('a.2'), 'a: [1, # one\n  2, # two\n  3, # three\n  ]\n', 'a: [1, # one\n  2, # two\n  ]\n'],
    ['the last before its bracket', remove('a.1'), 'a: [\n  1, # one\n  2] # a\n', 'a: [\n  1, # one\n  ] # a\n'],
    ['the first', remove('a.0'), 'a: [\n  1, # one\n  # of two\n  2,\n  ]\n', 'a: [\n  # of two\n  2,\n  ]\n'],
    ['a field', remove('a.c'), 'a: {\n  b: 1, # one\n  c: 2, # two\n  }\n', 'a: {\n  b: 1, # one\n  }\n'],
    ['one without comments', remove('a.1'), 'a: [\n  1,\n  2,\n  ]\n', 'a: [\n  1,\n  ]\n'],
  ])('%s of a flow collection goes with its own comment alone', (_name, edit, before, after) => {
    expect(editYaml(before, [edit])).toBe(after);
  });

  test('a text without a last line end gets none', () => {
    expect(editYaml('a:\n  - b: 1', [add('a.0.c', 2)])).toBe('a:\n  - b: 1\n    c: 2');
  });

  test.each<[name: string, edit: YamlEdit]>([
    ['a field that is not there', remove('spec.absent')],
    ['below a text', add('kind.below', 1)],
    ['the document', { op: 'replace', path: [], value: 1 }],
  ])('%s is refused', (_name, edit) => {
    expect(() => editYaml(TEXT, [edit])).toThrow(EditRefusal);
  });

  test.each([
    ['behind an alias', 'a: &x { b: 1 }\nc: *x\n', 'c.d is not written out, as behind an alias'],
    ['on lines that only a CR ends', 'a: 1\rc:\r  b: 1\r', 'it has lines that end in a carriage return alone'],
  ])('what stands %s is refused, and said to', (_name, text, reason) => {
    expect(() => editYaml(text, [add('c.d', 1)])).toThrow(reason);
  });
});

const word = fc.constantFrom(
  'a',
  'b',
  'name',
  'no',
  '010',
  'x/y',
  'with space',
  'q"u\'o',
  '# c',
  ': d',
  '',
  '- e',
  '[f',
  '1e3',
  'ü',
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.integer({ min: -9, max: 99 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const anyMap = fc.dictionary(word, anyValue, { minKeys: 1, maxKeys: 4, noNullPrototype: true });

/** Every path of a value, for changes to it. */
function pathsOf(value: unknown): readonly string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [[key], ...pathsOf(field).map((path) => [key, ...path])]);
}

test('whatever is written reads as the patch says, or is refused', () => {
  let refused = 0;
  let written = 0;
  fc.assert(
    fc.property(
      anyMap,
      anyValue,
      fc.nat(),
      fc.constantFrom('add', 'replace', 'remove'),
      fc.nat(2),
      (map, value, pick, op, style) => {
        const options = {
          version: '1.1',
          indentSeq: style !== 1,
          collectionStyle: style === 2 ? 'flow' : 'any',
        } as const;
        const text = `# comment\n${stringify(map, options)}`;
        if (JSON.stringify(readYaml(text).documents[0]?.value) !== JSON.stringify(map)) return;
        const paths = pathsOf(map);
        const path = paths[pick % paths.length] ?? [];
        const edit: YamlEdit =
          op === 'remove' ? { op, path } : op === 'add' ? { op, path, value } : { op: 'replace', path, value };
        const wanted = applyPatch(map, [{ ...edit, path: toPointer(path) }]);
        try {
          const after = editYaml(text, [edit]);
          const [document] = readYaml(after).documents;
          if (JSON.stringify(sorted(document?.value)) === JSON.stringify(sorted(wanted))) written += 1;
          else refused += 1;
          expect(after.startsWith('# comment\n')).toBe(true);
        } catch (error) {
          if (!(error instanceof EditRefusal)) throw error;
          refused += 1;
        }
      },
    ),
    { numRuns: 3000, seed: 7 },
  );
  // Odd texts may be left to a person, but not many.
  expect(refused / written).toBeLessThan(0.05);
});

/** Maps with their keys in order: a replaced key may stand elsewhere. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}

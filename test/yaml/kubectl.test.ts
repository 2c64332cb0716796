import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readYaml } from '../../src/yaml/index.ts';
import { writeYaml } from '../../src/yaml/write.ts';
import { pathWithKubectl } from '../support/kubectl.ts';

/** Plain or tagged scalars, and what kubectl makes of them. Recorded from kubectl 1.32; the last test reads them from it again. */
const SCALARS: readonly (readonly [written: string, value: unknown])[] = [
  ['no', false],
  ['n', false],
  ['off', false],
  ['OFF', false],
  ['NO', false],
  ['nO', 'nO'],
  ['False', false],
  ['yes', true],
  ['y', true],
  ['on', true],
  ['True', true],
  ['tRue', 'tRue'],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['""', ''],
  ['010', 8],
  ['0o10', 8],
  ['0O7', 7],
  ['0777', 511],
  ['-010', -8],
  ['+010', 8],
  ['0o8', '0o8'],
  ['08', 8],
  ['089', 89],
  ['-08', -8],
  ['00', 0],
  ['0x1F', 31],
  ['0X1f', 31],
  ['0x_1F', 31],
  ['-0x1F', -31],
  ['0x', '0x'],
  ['0x1p4', '0x1p4'],
  ['0b11', 3],
  ['0B11', 3],
  ['1_000', 1000],
  ['1__0', 10],
  ['1_', 1],
  ['_1', '_1'],
  ['+_1', 1],
  ['12_345.6', 12345.6],
  ['1_000.5_0', 1000.5],
  ['1e3', 1000],
  ['1E3', 1000],
  ['1e+3', 1000],
  ['1.5e3', 1500],
  ['1.e3', 1000],
  ['.5', 0.5],
  ['.5e3', 500],
  ['.5_0', 0.5],
  ['._5', '._5'],
  ['-.5', -0.5],
  ['+.5', 0.5],
  ['1.', 1],
  ['+1', 1],
  ['-0', 0],
  ['.', '.'],
  ['..', '..'],
  ['1e400', '1e400'],
  ['=', '='],
  ['inf', 'inf'],
  ['Infinity', 'Infinity'],
  ['12:30:45', '12:30:45'],
  ['190:20:30', '190:20:30'],
  ['2027-03-31', '2027-03-31'],
  ['2027-03-31T00:00:00Z', '2027-03-31T00:00:00Z'],
  ['9007199254740991', 9007199254740991],
  ['!!str 010', '010'],
  ['!!binary aGVsbG8=', 'hello'],
  ['!!int "5"', 5],
  ['!!float 5', 5],
  ['!!bool "yes"', true],
  ['!!null ""', null],
  ['!own 010', '010'],
  ["'010'", '010'],
  ['"a\\u0041\\x41\\n"', 'aAA\n'],
  ["'it''s'", "it's"],
  ['text with words', 'text with words'],
  ['a#b', 'a#b'],
];

/** Documents, and what kubectl makes of them. */
const DOCUMENTS: readonly (readonly [name: string, text: string, value: unknown])[] = [
  ['keys that are words', 'n: 1\nyes: 2\n', { false: 1, true: 2 }],
  ['the key y', 'y: 1\n', { true: 1 }],
  ['keys that are numbers', '010: 1\n1e3: 2\n1.10: 3\n', { 8: 1, 1000: 2, 1.1: 3 }],
  ['keys that are floats', '1e7: 1\n1234567.5: 2\n1e-7: 3\n', { '1e+07': 1, '1.2345675e+06': 2, '1e-07': 3 }],
  ['a key that is text', '!!str 010: 1\n', { '010': 1 }],
  ['a merge before', 'm:\n  <<: {a: 2, b: 3}\n  a: 1\n', { m: { a: 1, b: 3 } }],
  ['a merge after', 'm:\n  a: 1\n  <<: {a: 2, b: 3}\n', { m: { a: 2, b: 3 } }],
  ['a merge of an alias', 'base: &b {a: 1}\nm:\n  <<: *b\n', { base: { a: 1 }, m: { a: 1 } }],
  ['a merge of a list', 'm:\n  <<: [{a: 1}, {a: 2, c: 5}]\n  c: 6\n', { m: { a: 1, c: 6 } }],
  ['a quoted merge key', 'm:\n  "<<": {a: 1}\n', { m: { '<<': { a: 1 } } }],
  ['an alias', 'a: &x [1, 2]\nb: *x\n', { a: [1, 2], b: [1, 2] }],
  ['line ends of Windows', 'a: 1\r\nb: |\r\n  two\r\n  lines\r\n', { a: 1, b: 'two\nlines\n' }],
  ['a byte order mark', '\u{feff}a: 1\n', { a: 1 }],
  ['--- inside a block', 'a: |\n  ---\n  text\n', { a: '---\ntext\n' }],
  ['an empty value', 'a:\nb: 1\n', { a: null, b: 1 }],
  ['JSON', '{"a": {"b": [1, "c", true, null]}}', { a: { b: [1, 'c', true, null] } }],
  ['brackets that close in the first column', 'a: {\n  b: [\n1,\n]\n}\nc: 2\n', { a: { b: [1] }, c: 2 }],
  ['colons in brackets', '{a: , "b":, "c":[d:e, f: ], g: -1}\n', { a: null, b: null, c: ['d:e', { f: null }], g: -1 }],
  ['brackets with comments and tabs', 'a: [ # one\n\t1, # two\n\t\n# three\n2,\t]\n', { a: [1, 2] }],
  ['quotes that go on in the first column', 'a: "x\ny"\nb: \'x\n\ty\'\n', { a: 'x y', b: 'x y' }],
  ['brackets in a list', '- a: {\n  b: 1\n  }\n- [\n]\n', [{ a: { b: 1 } }, []]],
  ['a tab after a text with dashes', 'a: x -\ty\nb: &c-\tz\n', { a: 'x -\ty', b: 'z' }],
  ['a tab for a space', 'a:\t1\t# one\nb: [\t2 ]\n', { a: 1, b: [2] }],
  ['a tab before brackets in a map', 'm:\n  a:\t[b]\n  c: \t&d {\te: 1}\n', { m: { a: ['b'], c: { e: 1 } } }],
  [
    'a tab on a blank line after a text that may go on',
    'a: x\n   \t\nb:\n- u\n \t# z\n- w\n',
    { a: 'x', b: ['u', 'w'] },
  ],
  ['tabs of a block', 'a: |\n  x\n  \ty\n  \t\nb: |1\n \tz\n', { a: 'x\n\ty\n\t\n', b: '\tz\n' }],
  [
    'question marks and colons out of brackets',
    'a: b?c\n? d?\n: :e\nf: ["?", \':\']\n',
    { a: 'b?c', 'd?': ':e', f: ['?', ':'] },
  ],
  ['a plain text of several lines', 'a: x\n  y\n\n  z\n', { a: 'x y\nz' }],
  ['a block without a last line end', 'a: |\n  x', { a: 'x\n' }],
  ['a block that keeps its line ends', 'a: |+\n  x\n\nb: >+\n  y\n\n', { a: 'x\n\n', b: 'y\n\n' }],
  ['a block of its own indentation', 'a: |2\n    x\n   y\n', { a: '  x\n y\n' }],
  ['a key of several words', '? a b\n: 1\n', { 'a b': 1 }],
  ['an address', 'a: http://x:80/y#z\n', { a: 'http://x:80/y#z' }],
  ['an anchor of nothing', 'a: &x\nb: *x\n', { a: null, b: null }],
  ['a comment between', 'a:\n# one\n  # two\n  b: 1\n', { a: { b: 1 } }],
  ['a folded block', 'a: >-\n  one\n  two\n\n  three\n', { a: 'one two\nthree' }],
];

/** What kubectl refuses, and where the refusal points. */
const REFUSED: readonly (readonly [name: string, text: string, place: string])[] = [
  ['an infinity', 'a: .inf\n', '1:4'],
  ['not a number', 'a: .NaN\n', '1:4'],
  ['a null as key', '~: 1\n', '1:1'],
  ['a list as key', '[a]: 1\n', '1:1'],
  ['base 64 that is none', 'a: !!binary "_w=="\n', '1:13'],
  ['a tag that does not hold', 'a: !!int text\n', '1:10'],
  ['an alias to nothing', 'a: *x\n', '1:4'],
  ['an anchor in itself', 'a: &x [*x]\n', '1:8'],
  ['a merge of text', 'm:\n  <<: text\n', '2:7'],
  ['bad indentation', 'a: 1\n b: 2\n', '2:3'],
  ['a template', 'a: {{ .Values.a }}\n', '1:5'],
  ['an unclosed list', 'a: [1\n', '2:1'],
  ['a tab that indents', 'a:\n\tb: 1\n', '2:1'],
  ['a tab after a dash', '- a\n-\tb\n', '2:2'],
  ['a tab after a dash and a space', '- \t "b"\n', '1:3'],
  ['a tab before the block of an item', '- a\n-\t|\n  b\n', '2:2'],
  ['a tab before the anchor of an item', '-\t&a b\n', '1:2'],
  ['a tab before the brackets of an item', 'm:\n  -\t[b]\n', '2:6'],
  ['a tab before the lines of an item', '-\t\n  a: 1\n', '1:2'],
  ['a tab after the colon of a key in lines of its own', '? a\n:\tb\n', '2:2'],
  ['a tab on a blank line after a text that ends there', 'a: x\n\t\nb: 1\n', '2:1'],
  ['a tab on a blank line after quotes', 'a: "x"\n    \t\nb: 1\n', '2:5'],
  ['a tab on a blank line after brackets', 'a: [x]\n    \t\nb: 1\n', '2:5'],
  ['a tab in brackets after a plain text, no deeper than they', 'm:\n  a: {b: c\n  \t}\n', '3:3'],
  ['a tab in brackets before the rest of such a text', 'm:\n  a: [b\n  \tc]\n', '3:3'],
  ['a tab before a comment', 'a:\n\t# one\n  b: 1\n', '2:1'],
  ['a tab before a block is as deep', 'a: |\n  x\n \t\nb: 1\n', '3:2'],
  ['a tab that begins a block', 'a: |\n  \tx\n', '2:3'],
  ['a question mark in brackets', '{a: /b?c}\n', '1:5'],
  ['a colon that begins a text in brackets', '[:a]\n', '1:2'],
  ['a bracket that closes what it did not open', 'a: {\n]\n', '2:1'],
  ['a text that goes on too far left', 'a:\n  b: x\ny\n', '4:1'],
  ['a key without its colon', 'a: 1\nb\n', '3:1'],
  ['a quote that does not end', 'a: "x\n', '2:1'],
  ['a reserved character', 'a: @b\n', '1:4'],
];

/** What kubectl would take otherwise than it is written; refused here. */
const REFUSED_HERE: readonly (readonly [name: string, text: string, message: string])[] = [
  ['a duplicate key', 'a: 1\nb: 2\na: 3\n', '3:1 the key "a" stands twice: here and at 1:1'],
  ['a duplicate key in two spellings', '8: a\n010: b\n', '2:1 the key "8" stands twice: here and at 1:1'],
  ['a duplicate key in JSON', '{"a": 1, "a": 2}', '1:10 the key "a" stands twice: here and at 1:2'],
  [
    'a key without a value in brackets',
    '{a: 1, b:}\n',
    '1:9 kubectl takes the colon for a part of the text: a space belongs after it',
  ],
  [
    'a key without a value and a space before its colon',
    '{a: 1, b :}\n',
    '1:10 kubectl takes the colon for a part of the text: a space belongs after it',
  ],
  [
    'an item that ends in a colon',
    '[a:, b]\n',
    '1:3 kubectl takes the colon for a part of the text: a space belongs after it',
  ],
  [
    'an integer that would be rounded',
    'a: 9007199254740993\n',
    '1:4 9007199254740993 is larger than the numbers that are read exactly (2^53)',
  ],
  [
    'a document that kubectl skips',
    'a: 1\n...\nb: 2\n',
    '3:1 kubectl does not read this document: it must begin with a line that is nothing but ---',
  ],
];

const values = (text: string): readonly unknown[] => readYaml(text).documents.map(({ value }) => value);

describe('A29 YAML as kubectl reads it', () => {
  test.each(SCALARS)('%s', (written, value) => {
    expect(readYaml(`a: ${written}\n`)).toMatchObject({ documents: [{ value: { a: value } }], problems: [] });
  });

  test.each(DOCUMENTS)('%s', (_name, text, value) => {
    expect(values(text)).toEqual([value]);
  });

  test.each(REFUSED)('refuses %s', (_name, text, place) => {
    const { documents, problems } = readYaml(text);
    expect(documents).toEqual([]);
    expect(problems.map(({ kind, at }) => [kind, `${at.line}:${at.column}`])).toEqual([['unreadable', place]]);
  });

  test.each(REFUSED_HERE)('refuses %s', (_name, text, message) => {
    const { problems } = readYaml(text);
    expect(problems.map((problem) => `${problem.at.line}:${problem.at.column} ${problem.message}`)).toEqual([message]);
  });

  test.each([
    ['a separator with a comment', 'a: 1\n--- # two\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['a separator before line ends of Windows', 'a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
    [
      'files that were joined',
      'a: 1\n---\n\u{feff}b: 2\n---\r\n\u{feff}# three\nc: 3\n',
      [{ a: 1 }, { b: 2 }, { c: 3 }],
    ],
    ['empty documents', '---\n---\n# only a comment\n---\na: 1\n---\n~\n---\n', [{ a: 1 }]],
    ['JSON objects one after another', '{"a": 1}\n{"b": "}"} {"c": [1]}', [{ a: 1 }, { b: '}' }, { c: [1] }]],
    ['an escape that JSON has and YAML 1.1 has not', '{"a": "\\/"}', [{ a: '/' }]],
    ['a top-level list', '- a\n', [['a']]],
    ['nothing', '', []],
  ])('%s', (_name, text, expected) => {
    expect(readYaml(text).problems).toEqual([]);
    expect(values(text)).toEqual(expected);
  });

  test('a broken document hides no other', () => {
    const text = 'a: 1\n---\nb: [\n---\nc: 3\n---\nd: 1\nd: 2\n---\ne: 5\n';
    const { documents, problems } = readYaml(text);
    expect(documents.map(({ index, value }) => [index, value])).toEqual([
      [0, { a: 1 }],
      [2, { c: 3 }],
      [4, { e: 5 }],
    ]);
    expect(problems.map(({ kind, index, at }) => [kind, index, at.line])).toEqual([
      ['unreadable', 1, 4],
      ['duplicate-key', 3, 8],
    ]);
  });

  test('A14 a key named __proto__ is a key like others', () => {
    const [value] = values(
      '__proto__: {polluted: 1}\nconstructor: {prototype: {x: 1}}\nm: {<<: {__proto__: {a: 1}}}\n',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}},"m":{"__proto__":{"a":1}}}',
    );
    expect(Reflect.get({}, 'polluted')).toBe(undefined);
  });
});

/** Texts, and how they are written so that kubectl reads them as they were. */
const WRITTEN: readonly (readonly [text: string, written: string])[] = [
  ['a\u2028b', '"a\\u2028b"'],
  ['a\u2029b: c', '"a\\u2029b: c"'],
  ['a\u0085b', '"a\\u0085b"'],
  ['\u009b31m', '"\\u009b31m"'],
  ['"q\u007f\\', '"\\"q\\u007f\\\\"'],
  ["it's \ufffe\uffff", '"it\'s \\ufffe\\uffff"'],
  ['\u007f\n'.repeat(2), '"\\u007f\\n\\u007f\\n"'],
  ['a\u00a0b \ufffd', 'a\u00a0b \ufffd'],
  ['no', '"no"'],
];

test.each(WRITTEN)('%j is written so that kubectl reads it', (text, written) => {
  expect(writeYaml([text, 'plain'])).toBe(`- ${written}\n- plain\n`);
});

const PATH = await pathWithKubectl();

/** What kubectl sends for an object with this `spec`, or undefined when it refuses. */
function throughKubectl(spec: string): unknown {
  const text = `apiVersion: example.com/v1\nkind: Example\nmetadata: {name: example}\n${spec}`;
  const command = ['annotate', '--local', '-o', 'json', '-f', '-', 'x=y', '--dry-run=client'];
  try {
    const stdout = execFileSync('kubectl', command, { input: text, encoding: 'utf8', stdio: 'pipe', env: { PATH } });
    return z.object({ spec: z.unknown() }).parse(JSON.parse(stdout)).spec;
  } catch {
    return undefined;
  }
}

const indented = (text: string): string => text.replace(/^\u{feff}/u, '').replace(/^(?=.)/gm, '  ');

describe.skipIf(PATH === undefined)('the vectors are those of kubectl', () => {
  test('scalars', () => {
    const list = SCALARS.map(([written]) => `- ${written}\n`).join('');
    expect(throughKubectl(`spec:\n${indented(list)}`)).toEqual(SCALARS.map(([, value]) => value));
  });

  test('what is written', () => {
    const texts = WRITTEN.map(([text]) => text);
    expect(throughKubectl(`spec:\n${indented(writeYaml(texts))}`)).toEqual(texts);
  });

  test('documents', () => {
    const read = DOCUMENTS.map(([name, text]) => [name, throughKubectl(`spec:\n${indented(text)}`)]);
    expect(read).toEqual(DOCUMENTS.map(([name, , value]) => [name, value]));
  });

  test('refusals', () => {
    const read = REFUSED.map(([name, text]) => [name, throughKubectl(`spec:\n${indented(text)}`)]);
    expect(read).toEqual(REFUSED.map(([name]) => [name, undefined]));
  });
});

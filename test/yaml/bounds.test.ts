import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readYaml } from '../../src/yaml/index.ts';

/** Ten times ten times ten … */
function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < levels; level += 1) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  }
  return lines.join('\n');
}

const messages = (text: string): readonly string[] => readYaml(text).problems.map(({ message }) => message);

describe('A29 hostile text ends in one line', () => {
  test.each([
    ['a bomb of aliases', bomb(9), 'aliases expand to more than 100000 nodes'],
    ['a bomb of merges', `${bomb(9)}\nm: {<<: {x: *a8}}`, 'aliases expand to more than 100000 nodes'],
    ['deep lists', '['.repeat(100_000), 'nesting exceeded maxDepth (100)'],
    ['deep blocks', '- '.repeat(100_000), 'nesting exceeded maxDepth (100)'],
    ['deep maps', '{a: '.repeat(100_000), 'nesting exceeded maxDepth (100)'],
    ['deep JSON', '{"a":'.repeat(100_000), 'nesting exceeded maxDepth (100)'],
    [
      'depth by aliases',
      Array.from({ length: 60 }, (_, at) => `a${at}: &a${at} [[${at === 0 ? '' : `*a${at - 1}`}]]`).join('\n'),
      'nested deeper than 100',
    ],
    ['a null byte', 'a: \0', 'null byte is not allowed in input'],
    ['binary data', 'a: "\u{1}\u{2}"', 'expected valid JSON character'],
    ['binary data that is no text', 'a: \u{1}\u{2}', 'the stream contains non-printable characters'],
  ])('%s', (_name, text, message) => {
    expect(messages(text)).toEqual([message]);
  });

  test('just below the bounds is read', () => {
    const deep = `${'['.repeat(99)}${']'.repeat(99)}`;
    expect(messages(deep)).toEqual([]);
    expect(messages(bomb(4))).toEqual([]);
  });

  test('more fields than a document may have', () => {
    expect(messages(`[${'1,'.repeat(3_000_001)}]`)).toEqual(['more than 3000000 fields in one document: split it']);
  });

  test.each([
    ['empty documents', '---\n'.repeat(100_001), '100000:4'],
    ['small documents', 'a: 1\n---\n'.repeat(100_000), '200000:4'],
    ['JSON objects', '{}\n'.repeat(100_001), '100001:1'],
  ])('more %s than are read', (_name, text, place) => {
    expect(readYaml(text).problems.map(({ message, at }) => [message, `${at.line}:${at.column}`])).toEqual([
      ['more than 100000 documents: those from here on are not read', place],
    ]);
  });

  test('as many documents as are read', () => {
    expect(messages('---\n'.repeat(99_999))).toEqual([]);
    expect(messages('{}\n'.repeat(100_000))).toEqual([]);
  });

  test('what aliases add is counted over all documents', () => {
    const text = Array(10).fill(bomb(4)).join('\n---\n');
    expect(messages(text)).toEqual(Array(2).fill('aliases expand to more than 100000 nodes'));
  });

  test('a map of very many keys takes no longer than its length', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1\n`).join('');
    expect(messages(`${keys}k0: 2`)).toEqual(['the key "k0" stands twice: here and at 1:1']);
    expect(messages(`base: &b\n${keys.replace(/^/gm, '  ')}\nm:\n  <<: *b\n${keys.replace(/^(?=.)/gm, '  ')}`)).toEqual(
      [],
    );
  });

  test.each([
    ['in brackets', `a: [${'\n\t# x'.repeat(2000)}\n1]\n`],
    ['behind a text', `a: b\n${'  \t\n'.repeat(2000)}c: 1\n`],
    ['that begin a block', `a: |1\n${' \t\n'.repeat(2000)}`],
  ])('what stands before one of many tabs %s is looked at once', (_name, text) => {
    const slice = vi.spyOn(String.prototype, 'slice');
    expect(messages(text)).toEqual([]);
    const looked = slice.mock.results.reduce((sum, { value }) => sum + String(value).length, 0);
    slice.mockRestore();
    expect(looked).toBeLessThan(20 * text.length);
  });
});

/** Text that is almost YAML: its words in any order. */
const almostYaml = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a: ',
        'b:',
        '- ',
        '\n',
        '\n  ',
        '\r\n',
        '---\n',
        '...\n',
        '[',
        ']',
        '{',
        '}',
        ', ',
        ': ',
        '? ',
        '&x ',
        '*x',
        '<<: ',
        '!!str ',
        '!!binary ',
        '!a ',
        '"',
        "'",
        '|\n',
        '>-\n',
        '# ',
        '%YAML 1.1\n',
        '0x',
        '.inf',
        '~',
        '\t',
        '\u{feff}',
        '{{ .a }}',
        '__proto__: ',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((words) => words.join(''));

describe('any text', () => {
  test('is read without a throw, and every place lies in the text', () => {
    fc.assert(
      fc.property(fc.oneof(almostYaml, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const { documents, problems, lineAt } = readYaml(text);
        const places = [...problems.map(({ at }) => at), ...documents.map(({ locate }) => locate(['a', 0, 'b']))];
        for (const { line, column } of places) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          // One past the end of the line: where something is missing.
          expect(column).toBeLessThanOrEqual(lineAt(line).length + 2);
        }
        JSON.stringify(documents.map(({ value }) => value));
      }),
      { numRuns: 3000 },
    );
  });

  test('JSON comes back as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const expected: unknown = JSON.parse(text, (_key, value: unknown) => (Object.is(value, -0) ? 0 : value));
        const { documents, problems } = readYaml(`[${text}]`);
        if (problems.length === 0) expect(JSON.stringify(documents[0]?.value)).toBe(JSON.stringify([expected]));
      }),
      { numRuns: 1000 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { isDeeperThan } from '#gateway';
import {
  cut,
  type TextExcess,
  excessOf,
  parseDuration,
  safeText,
  timeAllowed,
  warningsOf,
} from '../../src/admission/index.ts';

describe('safeText', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['P11 line ends and tabs become spaces', 'a\r\nb\tc', 'a b c'],
    ['A51 an escape sequence is shown', '\u001b[2Kgone', '\\u001b[2Kgone'],
    ['A51 C1 controls are shown', 'a\u009bb\u007f', 'a\\u009bb\\u007f'],
    ['A22 NUL and the byte order mark are shown', '\u0000\ufeff', '\\u0000\\ufeff'],
    ['A22 a mark that reverses the reading order is shown', 'a\u202etxt', 'a\\u202etxt'],
    ['A22 a lone surrogate becomes the replacement character', 'a\ud800b', 'a\ufffdb'],
    ['A22 an emoji of four bytes stays', 'a😀', 'a😀'],
    ['A51 format verbs and quotes are ordinary', '%s "x" \\', '%s "x" \\'],
  ];
  it.each(cases)('%s', (_name, given, expected) => {
    expect(safeText(given)).toBe(expected);
  });
});

describe('warningsOf', () => {
  it('P11 cuts at 256 code points, never within one', () => {
    expect(warningsOf(['😀'.repeat(256)])).toEqual(['😀'.repeat(256)]);
    expect(warningsOf(['😀'.repeat(257)])).toEqual([`${'😀'.repeat(255)}…`]);
  });

  it('P11 says each thing once', () => {
    expect(warningsOf(['a', 'b', 'a'])).toEqual(['a', 'b']);
  });

  it('P11 stays below 4096 code points in all and counts what is left out', () => {
    const texts = Array.from({ length: 30 }, (_, index) => `${String(index).padStart(3, '0')}${'x'.repeat(197)}`);
    const warnings = warningsOf(texts);
    expect(warnings).toEqual([...texts.slice(0, 20), 'and 10 more warnings: see the log']);
    expect(warnings.join('').length).toBeLessThan(4096);
  });

  it('cuts text only when it is too long', () => {
    expect([cut('abc', 3), cut('abcd', 3)]).toEqual(['abc', 'ab…']);
    const emoji = '\u{1f600}';
    expect([cut(emoji.repeat(3), 3), cut(`${emoji.repeat(3)}a`, 3), cut('a'.repeat(7), 3)]).toEqual([
      emoji.repeat(3),
      `${emoji.repeat(2)}…`,
      'aa…',
    ]);
  });
});

describe('the time a review may take', () => {
  const durations: readonly (readonly [string, number | undefined])[] = [
    ['5s', 5000],
    ['30s', 30_000],
    ['1m0s', 60_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['300ms', 300],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['1h2m3.5s', 3_723_500],
    ['+2s', 2000],
    ['-1s', undefined],
    ['0', undefined],
    ['0s', undefined],
    ['abc', undefined],
    ['5', undefined],
    ['5 s', undefined],
    ['5S', undefined],
    ['.s', undefined],
    ['1e3s', undefined],
    ['', undefined],
    [`${'9'.repeat(80)}s`, undefined],
  ];
  it.each(durations)('P9 Go duration %j', (given, expected) => {
    expect(parseDuration(given)).toBe(expected);
  });

  const allowances: readonly (readonly [string, unknown, number])[] = [
    ['P9 less than configured counts, less a margin', '2s', 1800],
    ['P9 the margin is at most half a second', '30s', 9500],
    ['P9 more than configured is capped', '9999h', 9500],
    ['A10 a negative one is ignored', '-1s', 9500],
    ['A10 garbage is ignored', 'abc', 9500],
    ['A10 one given twice is ignored', ['1s', '2s'], 9500],
    ['A10 none', undefined, 9500],
  ];
  it.each(allowances)('%s', (_name, given, expected) => {
    expect(timeAllowed(given, 10_000)).toBe(expected);
  });
});

describe('depth', () => {
  it('A19 counts objects and arrays alike, to the limit and not beyond', () => {
    expect([isDeeperThan([[1]], 2), isDeeperThan([{ a: [] }], 2), isDeeperThan('x', 0)]).toEqual([false, true, false]);
  });

  it('A19 survives a million levels', () => {
    let value: unknown = 1;
    for (let level = 0; level < 1_000_000; level += 1) value = [value];
    expect(isDeeperThan(value, 512)).toBe(true);
  });

  const texts: readonly (readonly [string, TextExcess | undefined])[] = [
    ['[[1],{"a":1}]', undefined],
    ['[[[1]]]', 'depth'],
    ['{"a":{"b":{}}}', 'depth'],
    ['["[[[[", "\\"[[[", {}]', undefined],
    ['["\\\\", [[]]]', 'depth'],
    ['"unended [[[', undefined],
    ['[1,2,3,4,5]', undefined],
    ['[1,2,3,4,5,6]', 'values'],
    ['[{},{},4]', undefined],
    ['[{},{},{}]', 'values'],
    ['[",,,,,,,,",2]', undefined],
  ];
  it.each(texts)(
    'A5 A19 of the text %s there is too much over a depth of two and five values: %s',
    (text, expected) => {
      expect(excessOf(Buffer.from(text), 2, 5)).toBe(expected);
    },
  );
});

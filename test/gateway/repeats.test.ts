import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRepeats } from '../../src/gateway/repeats.ts';

const numbered = (count: number, text: (at: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, at) => text(at));

describe('hasRepeats', () => {
  it.each<readonly [string, readonly string[], boolean]>([
    ['nothing', [], false],
    ['one', ['/'], false],
    ['two', ['/', '/'], true],
    ['two that differ in their last character', ['/a', '/b'], false],
    ['two of equal ends', [`/a${'/long'.repeat(4)}`, `/b${'/long'.repeat(4)}`], false],
    ['three of equal ends, two of them equal', ['/a', '/b', '/a'].map((text) => text + '/long'.repeat(4)), true],
    ['empty texts', ['', 'a', ''], true],
    ['two of one number and length', ['0O', '10'], false],
    ['128, all different', numbered(128, (at) => `/app-${at}`), false],
    ['128 and the first again', [...numbered(128, (at) => `/app-${at}`), '/app-0'], true],
    ['more than there is room for', numbered(2000, (at) => `/app-${at}`), false],
    ['more than there is room for, and the last again', [...numbered(2000, (at) => `/app-${at}`), '/app-1999'], true],
  ])('%s', (_name, texts, expected) => {
    expect(hasRepeats(texts)).toBe(expected);
  });

  it('is what a Set says', () => {
    const text = fc.string({ minLength: 0, maxLength: 3, unit: fc.constantFrom('a', 'b', 'B', '/') });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        expect(hasRepeats(texts)).toBe(new Set(texts).size < texts.length);
      }),
    );
  });
});

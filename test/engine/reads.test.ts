import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Readers } from '../../src/engine/reads.ts';

const reader = fc.nat(5);
const places = fc.uniqueArray(fc.nat(40), { maxLength: 20 });
const step = fc.oneof(
  fc.record({ reader, places }),
  reader.map((gone) => ({ gone })),
);

/** Searches to the end, and says in how many steps. */
function search(
  readers: Readers,
  touched: ReadonlySet<number>,
): { readonly found: readonly number[]; readonly steps: number } {
  const searching = readers.searching(touched);
  for (let steps = 1; ; steps += 1) {
    const next = searching.next();
    if (next.done === true) return { found: [...next.value].sort((a, b) => a - b), steps };
  }
}

test('finds just those who have read a place when they read last, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.uniqueArray(fc.nat(40), { maxLength: 5 }), (steps, touched) => {
      const readers = new Readers();
      const model = new Map<number, readonly number[]>();
      for (const one of steps) {
        if ('gone' in one) {
          readers.forget(one.gone);
          model.delete(one.gone);
        } else {
          readers.record(one.reader, new Set(one.places));
          model.set(one.reader, one.places);
        }
      }
      const expected = [...model].flatMap(([number, read]) =>
        read.some((place) => touched.includes(place)) ? [number] : [],
      );
      expect(search(readers, new Set(touched)).found).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test('looks through many rows in steps', () => {
  const readers = new Readers();
  for (let number = 0; number < 20_000; number += 1) readers.record(number, new Set([number, number + 1]));
  expect(search(readers, new Set([0, 12_345, 20_000]))).toEqual({ found: [0, 12_344, 12_345, 19_999], steps: 3 });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlaceSet, Readers } from '../../src/engine/reads.ts';

const reader = fc.nat(5);
const places = fc.uniqueArray(fc.nat(40), { maxLength: 20 });
const step = fc.oneof(
  fc.record({ reader, places }),
  reader.map((gone) => ({ gone })),
);

/** Searches to the end, and says in how many steps. */
function search(
  readers: Readers,
  touched: readonly number[],
): { readonly found: readonly number[]; readonly steps: number } {
  const sought = new PlaceSet();
  for (const place of touched) sought.add(place);
  const searching = readers.searching(sought);
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
      expect(search(readers, touched).found).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test('looks through many rows in steps', () => {
  const readers = new Readers();
  for (let number = 0; number < 20_000; number += 1) readers.record(number, new Set([number, number + 1]));
  expect(search(readers, [0, 12_345, 20_000])).toEqual({ found: [0, 12_344, 12_345, 19_999], steps: 10 });
});

test('finds one who has read more than a page has rows, and those beside', () => {
  const readers = new Readers();
  readers.record(0, new Set([1]));
  readers.record(1, new Set(Array.from({ length: 70_000 }, (_, at) => at)));
  readers.record(2, new Set([69_999, 70_000]));
  expect([70_001, 1, 69_999, 70_000].map((place) => search(readers, [place]).found)).toEqual([[], [0, 1], [1, 2], [2]]);
});

test('of those who have read other places it takes next to none for readers of these', () => {
  const readers = new Readers();
  const hash = (number: number): number => Math.imul(number + 1, 0x9e3779b1);
  for (let number = 0; number < 100_000; number += 1) readers.record(number, new Set([hash(number)]));
  const touched = Array.from({ length: 5000 }, (_, at) => 20 * at);
  expect(search(readers, touched.map(hash)).found).toEqual(touched);
});

test('a set of places has what was added since it was cleared', () => {
  const places = new PlaceSet();
  for (const place of [0, 7, 8, 4_194_303]) places.add(place);
  expect([0, 1, 7, 8, 9, 4_194_303].map((place) => places.has(place))).toEqual([true, false, true, true, false, true]);
  expect(places.isEmpty).toBe(false);
  places.clear();
  expect([places.has(0), places.has(4_194_303), places.isEmpty]).toEqual([false, false, true]);
});

import { expect, test } from 'vitest';
import { SplitMap, textHash } from '../src/splitMap.ts';

test('has what a map has, however many there are', () => {
  const split = new SplitMap<number>();
  const map = new Map<string, number>();
  const sorted = (entries: Iterable<readonly [string, number]>): readonly (readonly [string, number])[] =>
    [...entries].sort(([, a], [, b]) => a - b);
  for (let at = 0; at < 100_000; at += 1) {
    split.set(`route-${at}`, at);
    map.set(`route-${at}`, at);
    if (at % 3 === 0) {
      split.delete(`route-${at / 3}`);
      map.delete(`route-${at / 3}`);
    }
    if (at % 7 === 0 && map.has(`route-${at - 7}`)) {
      split.set(`route-${at - 7}`, -at);
      map.set(`route-${at - 7}`, -at);
    }
  }
  expect(sorted(split.entries())).toEqual(sorted(map));
  for (let at = 0; at < 100_001; at += 1) {
    if (split.get(`route-${at}`) !== map.get(`route-${at}`)) expect.fail(`route-${at}`);
  }
});

test('has all keys of one hash, which no split takes apart', () => {
  // FNV-1a comes to the same after either block of a pair.
  const pairs = [['d4zx', 'x-ba'], ...Array.from({ length: 12 }, () => ['n4zx', 'r-ba'])];
  let keys = [''];
  for (const pair of pairs) keys = keys.flatMap((key) => pair.map((block) => key + block));
  expect(new Set(keys.map((key) => textHash(key))).size).toBe(1);
  const split = new SplitMap<number>();
  for (const [at, key] of keys.entries()) split.set(key, at);
  expect(keys.map((key) => split.get(key))).toEqual(keys.map((_, at) => at));
});

test('hashes as FNV-1a does, a text after another as both', () => {
  expect(['', 'a', 'foobar'].map((text) => textHash(text) >>> 0)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(textHash('bar', textHash('foo'))).toBe(textHash('foobar'));
});

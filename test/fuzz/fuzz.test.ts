import { expect, test } from 'vitest';
import { DOORS } from './doors.ts';
import { Fuzzer } from './fuzzer.ts';
import { patched, parsePointer } from './rfc6902.ts';

/** The short form of `npm run fuzz`: always the same cases. */
test.each(DOORS.map((open) => [open().name, open] as const))(
  'P6 A14 A15 A16 A17 A23 A25 A47 A49 A56 no hostile case breaks the oracle of %s',
  async (_name, open) => {
    const fuzzer = new Fuzzer(open(), 'short');
    await fuzzer.turn();
    expect(fuzzer.failures).toEqual([]);
  },
);

test('a fuzzer says which case broke, and tries just that one again', async () => {
  const thrown: number[] = [];
  const door = {
    name: 'dice',
    turn: 50,
    attempt: (dice: { below: (n: number) => number }) => {
      const number = dice.below(10);
      thrown.push(number);
      if (number === 7) throw new Error('seven');
    },
  };
  const fuzzer = new Fuzzer(door, 'a');
  await fuzzer.turn();
  const first = thrown.indexOf(7);
  expect([fuzzer.failures[0]?.number, fuzzer.failures.length]).toEqual([
    first,
    thrown.filter((one) => one === 7).length,
  ]);
  const again = new Fuzzer(door, 'a');
  await again.one(first);
  expect(again.failures.map(({ number }) => number)).toEqual([first]);
});

test.each([
  ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['adds before an item', [1, 3], [{ op: 'add', path: '/1', value: 2 }], [1, 2, 3]],
  ['adds at the end', [1], [{ op: 'add', path: '/-', value: 2 }], [1, 2]],
  ['replaces', { 'a/b~': 1 }, [{ op: 'replace', path: '/a~1b~0', value: null }], { 'a/b~': null }],
  ['removes', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
])('the RFC 6902 of the tests %s', (_name, document, patch, expected) => {
  expect(patched(document, patch)).toEqual(expected);
});

test.each([
  ['a parent that is missing', {}, [{ op: 'add', path: '/a/b', value: 1 }]],
  ['a member that is missing', {}, [{ op: 'replace', path: '/a', value: 1 }]],
  ['an inherited member', {}, [{ op: 'remove', path: '/constructor' }]],
  ['an index beyond the end', [1], [{ op: 'add', path: '/2', value: 1 }]],
  ['an index with a leading zero', [1], [{ op: 'remove', path: '/00' }]],
])('the RFC 6902 of the tests refuses %s', (_name, document, patch) => {
  expect(() => patched(document, patch)).toThrow();
  expect(() => parsePointer('a')).toThrow();
});

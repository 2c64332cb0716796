import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nextSlice } from '../../src/cluster/slice.ts';

test('of all that wait for a slice, one has it in a turn of the event loop, in the order they came', async () => {
  let turn = 0;
  const over = new AbortController();
  const turns = (async () => {
    for (; !over.signal.aborted; turn += 1) await nextTurn();
  })();
  const seen: { readonly who: string; readonly turn: number }[] = [];
  const work = async (who: string): Promise<void> => {
    for (let slice = 0; slice < 3; slice += 1) {
      await nextSlice();
      seen.push({ who, turn });
    }
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  over.abort();
  await turns;
  expect(seen.map(({ who }) => who).join('')).toBe('abcabcabc');
  expect(new Set(seen.map((one) => one.turn)).size).toBe(seen.length);
});

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { giveWayTo, isSliceOver, laterSlice, nextSlice } from '../../src/cluster/slice.ts';

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

describe('who goes first', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    giveWayTo(() => false);
    vi.useRealTimers();
  });

  test('reviews before objects of the cluster, and these before work that has time', async () => {
    let isReviewHere = true;
    giveWayTo(() => isReviewHere);
    const order: string[] = [];
    const later = laterSlice().then(() => order.push('work that has time'));
    const next = nextSlice().then(() => order.push('objects'));
    await pause(20);
    expect(order).toEqual([]);
    isReviewHere = false;
    await next;
    // More objects may be about to come.
    await pause(20);
    expect(order).toEqual(['objects']);
    vi.advanceTimersByTime(3);
    await later;
    expect(order).toEqual(['objects', 'work that has time']);
  });

  test('but nobody waits for ever', async () => {
    giveWayTo(() => true);
    const [next, later] = [nextSlice(), laterSlice()];
    await pause(20);
    vi.advanceTimersByTime(2);
    await next;
    vi.advanceTimersByTime(50);
    await later;
    expect(isSliceOver()).toBe(false);
  });

  test('work that has time has it longer, since it waits after each slice', async () => {
    const after = async (slice: Promise<void>, milliseconds: number): Promise<boolean> => {
      await slice;
      vi.advanceTimersByTime(milliseconds);
      return isSliceOver();
    };
    vi.advanceTimersByTime(10);
    expect(await after(laterSlice(), 0.4)).toBe(false);
    expect(await after(laterSlice(), 0.6)).toBe(true);
    for (const slice of [() => nextSlice(), () => laterSlice(true)]) {
      expect(await after(slice(), 0.2)).toBe(false);
      expect(await after(slice(), 0.3)).toBe(true);
    }
  });

  test('work that is late waits for reviews alone', async () => {
    let isReviewHere = true;
    giveWayTo(() => isReviewHere);
    const order: string[] = [];
    const later = laterSlice().then(() => order.push('work that has time'));
    const late = laterSlice(true).then(() => order.push('work that is late'));
    await pause(20);
    expect(order).toEqual([]);
    isReviewHere = false;
    await nextSlice();
    await late;
    expect(order).toEqual(['work that is late']);
    vi.advanceTimersByTime(3);
    await later;
    expect(order).toEqual(['work that is late', 'work that has time']);
  });
});

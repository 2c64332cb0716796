import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/**
 * How long objects of a cluster may hold the event loop before others get it, in milliseconds. While 5,000 come in a second, slices of 0.5 make a
 * review wait for more than a millisecond half as often again.
 */
const SLICE = 0.25;
/** The same for work that has time: it waits after each slice, so that with short ones it would take twice as long. */
const LATER_SLICE = 0.5;
/** How long a slice waits at most, in milliseconds: while reviews are there; for work that has time, also while others wait for a slice. */
const LONGEST_WAIT = 2;
const LONGEST_LATER_WAIT = 50;
/** For so long after a slice more objects are to be expected, in milliseconds. */
const LULL = 3;

let end = -Infinity;
let queue: Promise<unknown> = Promise.resolve();
let waiting = 0;
let lastSlice = -Infinity;
let isReviewHere = (): boolean => false;

/** From now on slices wait while this says that there are reviews. A process has one event loop, and so one answer. */
export function giveWayTo(reviews: () => boolean): void {
  isReviewHere = reviews;
}

/** Whether who handles objects has to wait for {@link nextSlice} before the next one. */
export function isSliceOver(): boolean {
  return performance.now() >= end;
}

/**
 * Waits for a slice of time in a turn of the event loop to come. However many kinds have objects to be handled, there is one slice in a turn, and
 * they have it one after the other: what a review waits for does not grow with the number of kinds. A review that is there goes first.
 */
export async function nextSlice(): Promise<void> {
  waiting += 1;
  queue = queue.then(() => whenFree(isReviewHere, LONGEST_WAIT, SLICE));
  await queue;
  waiting -= 1;
  lastSlice = performance.now();
}

/** The same for work that has time: objects that come one after the other go first, too, unless it `isLate`. */
export async function laterSlice(isLate = false): Promise<void> {
  const areObjectsFirst = (): boolean => !isLate && (waiting > 0 || performance.now() - lastSlice < LULL);
  await whenFree(() => areObjectsFirst() || isReviewHere(), LONGEST_LATER_WAIT, isLate ? SLICE : LATER_SLICE);
}

async function whenFree(isTaken: () => boolean, patience: number, slice: number): Promise<void> {
  const since = performance.now();
  await nextTurn();
  while (isTaken() && performance.now() - since < patience) await pause(1);
  end = performance.now() + slice;
}

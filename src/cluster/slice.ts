import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long the objects of a cluster may hold the event loop before reviews get it, in milliseconds: about as long as a review does. */
const SLICE = 1;

let end = -Infinity;
let queue: Promise<unknown> = Promise.resolve();

/** Whether who handles objects has to wait for {@link nextSlice} before the next one. */
export function isSliceOver(): boolean {
  return performance.now() >= end;
}

/**
 * Waits for a slice of time in a turn of the event loop to come. However many kinds have objects to be handled, there is one slice in a turn, and
 * they have it one after the other: what a review waits for does not grow with the number of kinds.
 */
export async function nextSlice(): Promise<void> {
  queue = queue.then(async () => {
    await nextTurn();
    end = performance.now() + SLICE;
  });
  await queue;
}

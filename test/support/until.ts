import { setTimeout as pause } from 'node:timers/promises';

/** Waits until something has come to pass, ten seconds or longer; rejects when it does not. */
export async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (what()) return;
    await pause(10);
  }
  throw new Error('did not come to pass');
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turn } from '../../src/serve/turn.ts';

test('what arrives in one turn is judged together and answered after, in order; the next turn has its own', async () => {
  const turn = new Turn();
  const log: string[] = [];
  const job = (name: string) => (): (() => void) => {
    log.push(`judge ${name}`);
    return () => {
      log.push(`answer ${name}`);
      if (name === 'b') turn.add(job('c'));
    };
  };
  turn.add(job('a'));
  turn.add(job('b'));
  expect(log).toEqual([]);
  await nextTurn();
  expect(log).toEqual(['judge a', 'judge b', 'answer a', 'answer b']);
  await nextTurn();
  expect(log).toEqual(['judge a', 'judge b', 'answer a', 'answer b', 'judge c', 'answer c']);
});

test('a job that takes long leaves the others to the next turn, and is answered before them', async () => {
  const turn = new Turn();
  const log: string[] = [];
  const job = (name: string, milliseconds: number) => (): (() => void) => {
    for (const until = performance.now() + milliseconds; performance.now() < until;);
    log.push(`judge ${name}`);
    return () => {
      log.push(`answer ${name}`);
    };
  };
  turn.add(job('long', 20));
  turn.add(job('next', 0));
  await nextTurn();
  expect(log).toEqual(['judge long', 'answer long']);
  await nextTurn();
  expect(log).toEqual(['judge long', 'answer long', 'judge next', 'answer next']);
});

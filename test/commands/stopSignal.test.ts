import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Says when it is told to stop, and goes on until its standard input ends. */
const PROGRAM = `
  import { stopSignal } from '${join(import.meta.dirname, '../../src/commands/program.ts')}';
  stopSignal().addEventListener('abort', () => console.log('told'));
  process.stdin.on('end', () => console.log('done')).resume();
  console.log('up');`;

test.each([
  ['SIGTERM', 'done'],
  ['SIGINT', 'SIGINT'],
] as const)('F1 told twice by %s, a command that drains ends with %s', async (signal, end) => {
  const args = ['--conditions=source', '--input-type=module', '-e', PROGRAM];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const closed = once(child, 'close');
  const hears = async (word: string): Promise<void> => {
    while (!said.includes(word)) await once(child.stdout, 'data');
  };
  await hears('up');
  child.kill(signal);
  await hears('told');
  child.kill(signal);
  // What a signal does to the process it does before that reads on.
  if (end === 'done') child.stdin.end();
  await closed;
  expect([said.trim().split('\n').at(-1), child.signalCode]).toEqual(end === 'done' ? [end, null] : ['told', end]);
});

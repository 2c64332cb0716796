import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { z } from 'zod';

const dockerfile = readFileSync(resolve(import.meta.dirname, '../../deploy/Dockerfile'), 'utf8');

/** Ends when told to by SIGTERM, so that a signal before that one has had its effect. */
const PROGRAM = 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000); console.log("up");';

/** What Node says on stderr when it gets the signal that opens its debugger. */
async function saysOnSignal(flags: readonly string[]): Promise<string> {
  const node = spawn(process.execPath, [...flags, '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  node.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(createInterface(node.stdout), 'line');
  const ended = once(node, 'close');
  node.kill('SIGUSR1');
  // Opened by a thread of its own: where it is, that is waited for.
  if (flags.length === 0) await once(node.stderr, 'data');
  node.kill('SIGTERM');
  await ended;
  return said;
}

test('A13 no signal opens a debugger in the image', async () => {
  const entrypoint = z
    .tuple([z.string(), z.string(), z.string()])
    .parse(JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? ''));
  expect(entrypoint).toEqual(['/nodejs/bin/node', '--disable-sigusr1', 'dist/bin.cjs']);
  expect(await saysOnSignal([entrypoint[1]])).toBe('');
  expect(await saysOnSignal([])).toContain('Debugger listening on');
});

test('the image runs as nobody in particular', () => {
  expect(/^USER (.*)$/m.exec(dockerfile)?.[1]).toBe('65532:65532');
});

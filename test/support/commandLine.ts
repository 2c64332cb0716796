import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** What a run of the command line came to. */
export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `gateward` with these words, in a process of its own whose environment is `PATH` and what is given. */
export function gateward(
  words: readonly string[],
  { cwd = process.cwd(), env = {}, input = '' }: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): CommandRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

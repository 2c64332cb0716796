/** Streams that take nothing: `/dev/full` refuses whatever is written, as a full disk does. */
import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../support/checkRun.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('what cannot be written', () => {
  const run = (words: readonly string[], cwd: string, stdio: readonly ('pipe' | number)[]): readonly unknown[] => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
      cwd,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', ...stdio],
      encoding: 'utf8',
    });
    return [status, stdout, stderr];
  };

  test('on standard output is told', () => {
    expect(run(['version'], '.', [openSync(FULL, 'w'), 'pipe'])).toEqual([
      2,
      null,
      'error: standard output: cannot be written: ENOSPC: no space left on device, write\n  name a file that can be written [output/unwritable]\n',
    ]);
  });

  test('on standard error costs neither the reports nor the exit code', () => {
    using folder = folderOf({ 'a.yaml': 'a: [\n' });
    const words = ['check', 'a.yaml', 'gone.yaml', '-o', 'text', '-o', 'json=report.json'];
    const [code, stdout] = run(words, folder.path, ['pipe', openSync(FULL, 'w')]);
    expect([code, stdout]).toEqual([3, expect.stringContaining('2 errors in 0 objects')]);
    expect(readFileSync(join(folder.path, 'report.json'), 'utf8')).toContain('unexpected end of the stream');
  });
});

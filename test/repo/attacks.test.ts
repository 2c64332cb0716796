import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedPath } from '../support/shared.ts';

/** Rows of the catalogue of attacks that no test is named after yet, and why. */
const UNTESTED: Readonly<Record<string, string>> = {
  A28: 'no policy takes expressions of a user',
  A39: 'no policy judges extension references yet',
  A50: 'no policy document is namespaced',
};

const root = resolve(import.meta.dirname, '../..');

/** The ids in files of tests: they stand in names of tests and of rows only. */
function idsInTests(): ReadonlySet<string> {
  const files = execFileSync('git', ['ls-files', 'test'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file.endsWith('.test.ts') && file !== 'test/repo/attacks.test.ts');
  return new Set(
    files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/(?<=['"`( ])[PAF]\d{1,2}(?=[ :,)'])/g) ?? []),
  );
}

describe.skipIf(!hasShared)('the catalogue of attacks', () => {
  test('has a test for every row, but for those that say why not', () => {
    const rows = [...readFileSync(sharedPath('attacks.md'), 'utf8').matchAll(/^\| ([PAF]\d+) \|/gm)].map(
      ([, id = '']) => id,
    );
    const tested = idsInTests();
    expect(rows.length).toBeGreaterThan(100);
    expect({
      untested: rows.filter((id) => !tested.has(id) && !(id in UNTESTED)),
      unknown: [...tested].filter((id) => !rows.includes(id)),
      reasonsForNothing: Object.keys(UNTESTED).filter((id) => !rows.includes(id) || tested.has(id)),
    }).toEqual({ untested: [], unknown: [], reasonsForNothing: [] });
  });
});

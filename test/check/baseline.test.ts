import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBaseline, type BaselineOptions } from '../../src/check/baseline.ts';
import { CHECK_DEFAULTS } from '../../src/check/index.ts';
import { GATEWAY_TEXT, check, folderOf, routeText, run, suffixDocument, type CheckRun } from '../support/checkRun.ts';

const FILES = {
  'p/a.yaml': suffixDocument('{ action: Deny }'),
  'm/gw.yaml': GATEWAY_TEXT,
  'm/a.yaml': routeText('a', 'a.other.com'),
  'm/b.yaml': routeText('b', 'b.other.com'),
};

/** The line of a route's finding in a baseline. */
const A =
  '    {"rule":"suffix/foreign","document":"suffix","object":"HTTPRoute default/a","path":"spec.hostnames[0]","fingerprint":"c0f1"}';

async function baseline(cwd: string, options: Partial<BaselineOptions>): Promise<CheckRun> {
  const judged = { ...CHECK_DEFAULTS, paths: ['m'], policies: ['p'] };
  return run(cwd, (io, deps) =>
    runBaseline({ check: judged, file: 'known.json', refresh: false, force: false, ...options }, io, deps),
  );
}

/** The objects of the entries in a baseline's file. */
function entries(folder: string): readonly string[] {
  const text = readFileSync(join(folder, 'known.json'), 'utf8');
  return [...text.matchAll(/"object":"([^"]*)"/g)].map(([, object = '']) => object);
}

describe('gateward baseline', () => {
  test('prints what check -o baseline writes', async () => {
    using folder = folderOf(FILES);
    const printed = await baseline(folder.path, { file: undefined });
    const checked = await check(folder.path, { paths: ['m'], policies: ['p'], output: ['baseline'], failOn: 'never' });
    expect(printed).toEqual({ code: 0, stdout: checked.stdout, stderr: 'baseline: 2 known findings\n' });
    expect(printed.stdout.split('\n')[4]?.replace(/"[0-9a-f]{64}"/, '"c0f1"')).toBe(`${A},`);
  });

  test('writes the file after which check has nothing to tell, and only new findings fail', async () => {
    using folder = folderOf(FILES);
    expect(await baseline(folder.path, {})).toEqual({
      code: 0,
      stdout: '',
      stderr: 'known.json: 2 known findings\n',
    });
    const options = { paths: ['m'], policies: ['p'], baseline: 'known.json' };
    const known = await check(folder.path, options);
    expect([known.code, known.stdout]).toEqual([0, '2 known in 3 objects\n']);
    writeFileSync(join(folder.path, 'm/c.yaml'), routeText('c', 'c.other.com'));
    const more = await check(folder.path, options);
    expect([more.code, more.stdout.split('\n').at(-2)]).toEqual([1, '1 denied, 2 known in 4 objects']);
  });

  test('--refresh forgets what no longer occurs and takes nothing in', async () => {
    using folder = folderOf(FILES);
    await baseline(folder.path, {});
    rmSync(join(folder.path, 'm/a.yaml'));
    writeFileSync(join(folder.path, 'm/c.yaml'), routeText('c', 'c.other.com'));
    expect(await baseline(folder.path, { refresh: true })).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'forgotten: suffix/foreign HTTPRoute default/a spec.hostnames[0]: it no longer occurs\n' +
        'hint: 1 new finding not taken in: check --baseline known.json tells them\n' +
        'known.json: 1 known finding\n',
    });
    expect(entries(folder.path)).toEqual(['HTTPRoute default/b']);
  });

  test('--force takes in what is new too', async () => {
    using folder = folderOf(FILES);
    await baseline(folder.path, {});
    rmSync(join(folder.path, 'm/a.yaml'));
    writeFileSync(join(folder.path, 'm/c.yaml'), routeText('c', 'c.other.com'));
    expect(await baseline(folder.path, { force: true })).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'forgotten: suffix/foreign HTTPRoute default/a spec.hostnames[0]: it no longer occurs\n' +
        'known.json: 2 known findings, 1 of them new\n',
    });
    expect(entries(folder.path)).toEqual(['HTTPRoute default/b', 'HTTPRoute default/c']);
  });

  test('a file that is there is not replaced unasked', async () => {
    using folder = folderOf({ ...FILES, 'known.json': 'mine' });
    expect(await baseline(folder.path, {})).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: known.json is there already: --refresh forgets what no longer occurs, --force takes in what is new too\n',
    });
    expect(readFileSync(join(folder.path, 'known.json'), 'utf8')).toBe('mine');
  });

  test('a file that cannot be read must not lose its entries', async () => {
    using folder = folderOf({ ...FILES, 'm/broken.yaml': 'a: [' });
    const problem =
      'error: m/broken.yaml:1:5: unexpected end of the stream within a flow collection; mend the file; the others were judged [input/unparsable]\n';
    expect(await baseline(folder.path, {})).toEqual({
      code: 3,
      stdout: '',
      stderr: `${problem}error: no baseline is written of input that could not all be read\n`,
    });
    // Nor is it passed over in silence where a report has no place for it.
    const checked = await check(folder.path, { paths: ['m'], policies: ['p'], output: ['baseline'] });
    expect([checked.code, checked.stderr]).toEqual([3, problem]);
    const both = await check(folder.path, { paths: ['m'], policies: ['p'], output: ['baseline=b.json', 'text'] });
    expect([both.code, both.stderr, both.stdout.includes('m/broken.yaml:1:5')]).toEqual([3, '', true]);
    expect(existsSync(join(folder.path, 'known.json'))).toBe(false);
  });

  test.each<[string, Partial<BaselineOptions>, string]>([
    ['--refresh without a file', { file: undefined, refresh: true }, '--refresh needs the file: -o FILE'],
    ['--force without a file', { file: undefined, force: true }, '--force needs the file: -o FILE'],
    ['--refresh of nothing', { refresh: true }, 'known.json: no such file, so there is nothing to refresh'],
    ['both', { refresh: true, force: true }, '--refresh takes no new findings in, --force all of them; choose one'],
    ['what is no baseline', { file: 'm/a.yaml', refresh: true }, 'm/a.yaml: is no baseline: not JSON'],
  ])('refuses %s', async (_what, options, problem) => {
    using folder = folderOf(FILES);
    expect(await baseline(folder.path, options)).toEqual({ code: 2, stdout: '', stderr: `error: ${problem}\n` });
  });
});

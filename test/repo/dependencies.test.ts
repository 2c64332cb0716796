/** What is installed beside our own code: under which licences, with which scripts, from which exact bytes. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const installed = z.object({
  license: z.string().optional(),
  dev: z.boolean().default(false),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().default(false),
});
const { packages } = z
  .object({ packages: z.record(z.string(), installed) })
  .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
const others = Object.entries(packages).filter(([path]) => path !== '');

test('what a pod runs has licences that ask for no more than to be named', () => {
  const licences = new Set(others.filter(([, { dev }]) => !dev).map(([, { license }]) => license));
  const known = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'PSF-2.0', 'Unlicense'];
  expect([...licences].filter((licence) => licence === undefined || !known.includes(licence))).toEqual([]);
});

test('what is used for development only has licences that are known', () => {
  const licences = new Set(others.map(([, { license }]) => license));
  expect([...licences].sort()).toEqual([
    '0BSD',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
    'ISC',
    'MIT',
    'MPL-2.0',
    'PSF-2.0',
    'Unlicense',
  ]);
});

test('A57 one package may run a script when it is installed, and no pod needs it', () => {
  const scripted = others.filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripted.map(([path, { dev }]) => [path, dev])).toEqual([['node_modules/node', true]]);
  const { allowScripts } = z
    .object({ allowScripts: z.record(z.string(), z.boolean()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  expect(allowScripts).toEqual({ node: true });
});

test('A57 every package is pinned by the hash of its bytes', () => {
  expect(others.filter(([, { integrity }]) => !(integrity ?? '').startsWith('sha512-')).map(([path]) => path)).toEqual(
    [],
  );
});

test('A57 no release of a package is taken in its first week', () => {
  expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('min-release-age=7');
});

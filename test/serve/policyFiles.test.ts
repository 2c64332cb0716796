import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileState } from '../../src/serve/fileState.ts';
import { policyFiles } from '../../src/serve/policyFiles.ts';
import { Reloading } from '../../src/serve/reloading.ts';
import { temporaryFolder, writeFile } from '../support/certificates.ts';
import { memoryLog } from '../support/serving.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const toy = (name: string): string =>
  `---\napiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: ${name} }\nspec: { action: Deny }\n`;

test('A55 a file that is half written between two looks is not taken for a whole one', async () => {
  const folder = temporaryFolder();
  const write = (...names: readonly string[]): string => writeFile(folder, 'policy.yaml', names.map(toy).join(''));
  const file = write('a', 'b');
  const reloading = await Reloading.start(policyFiles([file], [toyPolicy], () => 0));
  const look = async (): Promise<unknown> => [
    await reloading.check(),
    reloading.value.set.policies.map(({ document }) => document),
  ];
  expect(await look()).toEqual(['same', ['a', 'b']]);
  write('a');
  expect(await look()).toEqual(['same', ['a', 'b']]);
  write('a', 'b', 'c');
  expect(await look()).toEqual(['same', ['a', 'b']]);
  expect(await look()).toEqual(['changed', ['a', 'b', 'c']]);
  write('a');
  expect(await look()).toEqual(['same', ['a', 'b', 'c']]);
  expect(await look()).toEqual(['changed', ['a']]);
  rmSync(file);
  expect(await look()).toEqual(['same', ['a']]);
  expect(await look()).toEqual(['refused', ['a']]);
  write('b');
  expect(await look()).toEqual(['same', ['a']]);
  expect(await look()).toEqual(['changed', ['b']]);
});

test('A55 neither is one of the state', async () => {
  const folder = temporaryFolder();
  const write = (...names: readonly string[]): string =>
    writeFile(
      folder,
      'all.yaml',
      names.map((name) => `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`).join(''),
    );
  write('a', 'b');
  const state = await fileState(folder, memoryLog().log);
  const look = async (): Promise<readonly string[]> => {
    await state.check();
    return [...state.snapshot().list('Namespace')].map(({ metadata }) => metadata.name);
  };
  write('a');
  expect(await look()).toEqual(['a', 'b']);
  write('a', 'b', 'c');
  expect(await look()).toEqual(['a', 'b']);
  expect(await look()).toEqual(['a', 'b', 'c']);
});

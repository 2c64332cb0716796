import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileState } from '../../src/serve/fileState.ts';
import { settled } from '../../src/serve/fingerprint.ts';
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

test('A55 a file that changes at every look is read after half a minute', async () => {
  const folder = temporaryFolder();
  const write = (...names: readonly string[]): string => writeFile(folder, 'policy.yaml', names.map(toy).join(''));
  const reloading = await Reloading.start(policyFiles([write('a')], [toyPolicy], () => 0));
  const looks: string[] = [];
  for (let at = 0; at < 62; at += 1) {
    write(`a${'a'.repeat(at)}`);
    looks.push(await reloading.check());
  }
  expect(looks.flatMap((look, at) => (look === 'same' ? [] : [`${at} ${look}`]))).toEqual(['30 changed', '61 changed']);
});

test('A55 a folder from which a file goes while it is looked at is not taken for one at rest', async () => {
  const found = ['a', 'a', undefined, 'b', 'c', 'c'];
  const look = settled(() => {
    const next = found.shift();
    return next === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(next);
  });
  expect([await look(), await look(), await look(), await look(), await look(), await look()]).toEqual([
    'a',
    'a',
    'a',
    'a',
    'a',
    'c',
  ]);
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

test('a state that gets an object without a name is taken but for that one, which is told of', async () => {
  const folder = temporaryFolder();
  const write = (...metadata: readonly string[]): string =>
    writeFile(
      folder,
      'state.yaml',
      metadata.map((one) => `---\napiVersion: v1\nkind: Namespace\nmetadata: { ${one} }\n`).join(''),
    );
  const { log, lines } = memoryLog();
  const file = write('generateName: a-');
  const state = await fileState(folder, log);
  const look = async (): Promise<readonly string[]> => {
    await state.check();
    await state.check();
    return [...state.snapshot().list('Namespace')].map(({ metadata }) => metadata.name);
  };
  expect(await look()).toEqual([]);
  write('name: b', 'generateName: a-');
  expect(await look()).toEqual(['b']);
  const told = lines.filter((line) => line['msg'] === 'left out of the state');
  const problem = (line: number): string =>
    `${file}:${line}:13: Namespace a-* has no name yet: no cluster holds such an object`;
  expect(told.map((line) => line['problem'])).toEqual([problem(4), problem(8)]);
});

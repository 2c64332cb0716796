import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

const report = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

/** A copy of the sources, in which violations may be planted. */
let copy: string;

beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  copy = await mkdtemp(join(root, '.cache/layers-'));
  for (const part of ['src', 'policies', 'package.json', 'tsconfig.json', '.dependency-cruiser.js']) {
    await cp(join(root, part), join(copy, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

async function cruise(): Promise<z.infer<typeof report>> {
  const command = [join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'), 'src', 'policies'];
  const options = ['--config', '.dependency-cruiser.js', '--output-type', 'json', '--no-cache'];
  const { stdout } = await run(process.execPath, [...command, ...options], { cwd: copy, maxBuffer: 1 << 28 }).catch(
    (error: unknown) => z.object({ stdout: z.string() }).parse(error),
  );
  return report.parse(JSON.parse(stdout));
}

async function sourceFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(copy, folder), { recursive: true });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

describe('layers', () => {
  test('every source file is seen, and no import breaks a rule', async () => {
    const { modules, summary } = await cruise();
    const seen = new Set(modules.map((module) => module.source));
    const onDisk = [...(await sourceFiles('src')), ...(await sourceFiles('policies'))];
    expect(onDisk.filter((file) => !seen.has(file))).toEqual([]);
    expect(summary.violations).toEqual([]);
  });

  test('a planted violation of each rule is caught, one of them through a chain', async () => {
    const planted = {
      'src/gateway/planted.ts': `import { EXIT } from '../errors.ts';\nimport type { Finding } from '../policy/finding.ts';\nexport const a: [typeof EXIT, Finding?] = [EXIT];\n`,
      'src/policy/planted.ts': `export * from '../engine/decide.ts';\n`,
      'src/engine/planted.ts': `export * from '../report/planted.ts';\nimport jsonpatch from 'jsonpatch';\nexport { jsonpatch };\n`,
      'src/report/planted.ts': `export * from '../cluster/store.ts';\n`,
      'src/cluster/planted.ts': `export * from '../serve/planted.ts';\nexport * from '@kubernetes/client-node';\n`,
      'src/serve/planted.ts': `export * from '../check/planted.ts';\n`,
      'src/check/planted.ts': `export * from '../main.ts';\nexport * from '../../policies/index.ts';\n`,
      'src/commands/planted.ts': `export * from '../main.ts';\n`,
      'policies/planted/policy.ts': `export * from '../../src/engine/decide.ts';\n`,
      'src/yaml/planted.ts': `export * from './planted2.ts';\n`,
      'src/yaml/planted2.ts': `export * from './planted.ts';\n`,
    };
    await mkdir(join(copy, 'policies/planted'), { recursive: true });
    for (const [file, text] of Object.entries(planted)) await writeFile(join(copy, file), text);
    const { summary } = await cruise();
    const caught = new Set(
      summary.violations
        .filter(({ from }) => Object.hasOwn(planted, from))
        .map(({ from, rule }) => `${rule.name} ${from}`),
    );
    const expected = [
      'cluster-client-in-live-only src/cluster/planted.ts',
      'core-knows-no-policy src/check/planted.ts',
      'faces-are-strangers src/serve/planted.ts',
      'gateway-stands-alone src/gateway/planted.ts',
      'json-patch-in-one-adapter src/engine/planted.ts',
      'no-circular src/yaml/planted.ts',
      'no-import-upwards-from-cluster src/cluster/planted.ts',
      'no-import-upwards-from-commands src/commands/planted.ts',
      'no-import-upwards-from-config src/report/planted.ts',
      'no-import-upwards-from-engine src/engine/planted.ts',
      'no-import-upwards-from-errors src/gateway/planted.ts',
      'no-import-upwards-from-policy src/policy/planted.ts',
      'no-import-upwards-from-serve src/check/planted.ts',
      'policies-enter-by-two-doors policies/planted/policy.ts',
    ];
    expect(expected.filter((violation) => !caught.has(violation))).toEqual([]);
  });
});

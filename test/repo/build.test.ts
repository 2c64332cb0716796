/** The program as it is built: it finds its own files, and says what the sources say. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buildProgram } from '../../scripts/build.ts';
import { demoFiles } from '../../src/serve/demo.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.cache/build-test');

beforeAll(async () => {
  await buildProgram(BUILT);
});

/** What a command says and how it ends. */
function run(program: string, args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test.for([
  { name: 'help', args: ['--help'], code: 0 },
  { name: 'the version', args: ['--version'], code: 0 },
  { name: 'the shipped baseline', args: ['check', 'deploy/example', '-o', 'json'], code: 0 },
  {
    name: 'documents of a user',
    args: ['check', '--policies', 'policies/restricted.yaml', 'deploy/example', '-o', 'sarif'],
    code: 1,
  },
  { name: 'the page of a rule', args: ['explain', 'hostname-ownership/not-owned'], code: 0 },
  { name: 'a page that is drawn', args: ['status', 'deploy/example', '-o', 'html'], code: 0 },
  { name: 'a client of the cluster', args: ['audit', '--cluster', '--kubeconfig', 'nowhere'], code: 4 },
  {
    name: 'a server',
    args: ['serve', '--policies', 'policies', '--state', 'deploy', '--tls-cert', 'nowhere', '--tls-key', 'nowhere'],
    code: 2,
  },
  { name: 'an unknown command', args: ['lint'], code: 2 },
])('the built program, like the sources, does $name', async ({ args, code }) => {
  const built = await run(join(BUILT, 'bin.cjs'), args);
  expect(built).toEqual(await run(join(ROOT, 'src/main.ts'), args));
  expect(built.code).toBe(code);
});

test('a package holds the files that the program reads', () => {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [{ files }] = z.tuple([z.object({ files: z.array(z.object({ path: z.string() })) })]).parse(JSON.parse(said));
  const packed = files.map(({ path }) => path);
  const { policies, state, review } = demoFiles();
  const read = [...policies, state, review].map((path) => relative(ROOT, path));
  expect(read.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(read.filter((path) => !packed.some((file) => file === path || file.startsWith(`${path}/`)))).toEqual([]);
});

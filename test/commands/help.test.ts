/** What help says: how each command ends, and examples that do what they say. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram } from '../../scripts/build.ts';
import { testCa } from '../support/certificates.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.cache/help-test');
const COMMANDS = [
  'serve',
  'check',
  'audit',
  'preview',
  'status',
  'grants',
  'hosts',
  'who-owns',
  'init',
  'baseline',
  'exempt',
  'test',
  'enable',
  'disable',
  'doctor',
  'certs',
  'certs dev',
  'policies',
  'explain',
  'manifests',
  'completion',
  'version',
];
/** Examples that need more than a folder: a cluster, a server that stays, kustomize, a shell's own folders, a fingerprint of somebody's report. */
const NOT_HERE = /--cluster|^serve|^enable|^disable|^doctor|-k overlays|^completion|3fa9c2d41b07|^check -$/;

let folder: string;

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd: folder, env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const helpOf = async (command: string): Promise<string> =>
  (await run(process.execPath, [join(BUILT, 'bin.cjs'), ...command.split(' ').filter((word) => word !== ''), '--help']))
    .stdout;

/** The examples of a help, without the program's name and without what is said of them. */
function examplesOf(help: string): readonly string[] {
  const part = /\nExamples:\n((?: {2}.*\n)+)/.exec(help)?.[1] ?? '';
  return part
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replace(/^gateward /, ''))
    .map((line) => line.replace(/(?: {2,}| \().*$/, '').trimEnd());
}

beforeAll(async () => {
  await buildProgram(BUILT);
  folder = await mkdtemp(join(tmpdir(), 'gateward-help-'));
  await mkdir(join(folder, 'manifests'));
  await mkdir(join(folder, 'policies'));
  const example = join(ROOT, 'deploy/example');
  await cp(join(example, 'route.yaml'), join(folder, 'manifests/route.yaml'));
  await cp(join(example, 'route.yaml'), join(folder, 'routes.yaml'));
  await cp(join(example, 'route.yaml'), join(folder, 'gateway.yaml'));
  const suite = await readFile(join(ROOT, 'policies/hostname-ownership/tests.yaml'), 'utf8');
  await writeFile(join(folder, 'policies/tests.yaml'), suite.replace('name: hostname-ownership', 'name: hostnames'));
  await cp(join(ROOT, 'policies/hostname-ownership/example.yaml'), join(folder, 'policies/example.yaml'));
  await writeFile(join(folder, 'ca.crt'), (await testCa()).pem);
  const git = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  await run('git', ['init', '-q']);
  await run('git', ['add', '.']);
  await run('git', [...git, 'commit', '-qm', 'before']);
  await run('git', ['update-ref', 'refs/remotes/origin/main', 'HEAD']);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('help lists the commands that are tried here', async () => {
  const listed = /\nCommands:\n([^]*?)\n\n/.exec(await helpOf(''))?.[1] ?? '';
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
  expect(names).toEqual([...COMMANDS.filter((name) => !name.includes(' ')), 'help']);
});

test.each(COMMANDS)(
  'the help of %s has examples that work, and says how it ends',
  { timeout: 60_000 },
  async (command) => {
    const help = await helpOf(command);
    expect(/\n\nExit codes:\n {2}0 {2}.*\n(?: {2}1 {2}.*\n)? {2}2 {2}/.test(help)).toBe(true);
    const examples = examplesOf(help);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples.filter((one) => !NOT_HERE.test(one))) {
      const { code, stderr } = await run('/bin/sh', [
        '-c',
        `'${process.execPath}' '${join(BUILT, 'bin.cjs')}' ${example}`,
      ]);
      expect([example, code, code === 0 || code === 1 ? '' : stderr]).toEqual([example, expect.toBeOneOf([0, 1]), '']);
    }
  },
);

test.each([
  ['manifests crd', 'crds'],
  ['completion bsh', 'bash'],
])('%s names the nearest', async (args, nearest) => {
  const { code, stderr } = await run(process.execPath, [join(BUILT, 'bin.cjs'), ...args.split(' ')]);
  expect([code, stderr.split('\n')[0]?.toLowerCase()]).toEqual([
    2,
    expect.stringMatching(`did you mean "?${nearest}"?\\?`),
  ]);
});

test.each([
  ['chek', 'unknown command "chek"; did you mean "check"?', '--help [usage/unknown-word]'],
  ['lint', 'unknown command "lint"; did you mean "check"?', '--help [usage/unknown-word]'],
  ['help chek', 'unknown command "chek"; did you mean "check"?', '--help [usage/unknown-word]'],
  ['certs de', 'unknown command "de"; did you mean "dev"?', '--help [usage/unknown-word]'],
  ['--polices', 'unknown option "--polices"', '--help [usage/unknown-word]'],
  ['check --polices p', "unknown option '--polices'; did you mean --policies?", 'check --help [usage/invalid]'],
  [
    'certs dev --days 0',
    "option '--days <days>' argument '0' is invalid. It takes a whole number from 1 to 825.",
    'certs dev --help [usage/invalid]',
  ],
  [
    // A healthy API server may say nothing for a second.
    'serve --stale-after 1',
    "option '--stale-after <seconds>' argument '1' is invalid. It takes a whole number from 2 to 3600.",
    'serve --help [usage/invalid]',
  ],
])('%s is told with its code and the help that has more', async (args, problem, help) => {
  expect(await run(process.execPath, [join(BUILT, 'bin.cjs'), ...args.split(' ')])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${problem}\n  see gateward ${help}\n`,
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readYaml } from '../../src/yaml/index.ts';
import { folderOf } from '../support/checkRun.ts';

const ROOT = join(import.meta.dirname, '../..');
const ACTION = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string() })),
    outputs: z.record(z.string(), z.unknown()),
    runs: z.object({
      steps: z.array(
        z.object({ run: z.string(), shell: z.literal('bash'), env: z.record(z.string(), z.string()).optional() }),
      ),
    }),
  })
  .parse(readYaml(readFileSync(join(ROOT, 'action.yml'), 'utf8')).documents[0]?.value);

const FILES = {
  'policies/hosts.yaml':
    'apiVersion: gateward.dev/v1alpha1\nkind: HostnameOwnership\nmetadata: { name: hosts }\nspec: { action: Deny, owners: [] }\n',
  'manifests/route.yaml':
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: a, namespace: shop }\nspec: { hostnames: [a.example.com] }\n',
  'summary.md': 'before\n',
  'output.txt': '',
};

/** Runs the last step as a runner does: inputs put into its environment, the rest from the machine. */
function runStep(
  cwd: string,
  inputs: Readonly<Record<string, string>>,
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const step = ACTION.runs.steps.at(-1);
  const given = Object.entries(step?.env ?? {}).map(([name, text]) => {
    const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(text)?.[1] ?? '';
    return [name, inputs[input] ?? ACTION.inputs[input]?.default ?? 'no such input'] as const;
  });
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 99'],
    {
      cwd,
      env: {
        PATH: process.env['PATH'],
        ...Object.fromEntries(given),
        GITHUB_ACTION_PATH: ROOT,
        GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
        GITHUB_OUTPUT: join(cwd, 'output.txt'),
      },
      encoding: 'utf8',
    },
  );
  return { code: status, stdout, stderr };
}

describe('the step of action.yml', () => {
  test('annotates, and fills outputs, SARIF and summary although it fails', () => {
    using folder = folderOf(FILES);
    const inputs = { paths: 'manifests/\n', policies: ' policies ', 'sarif-file': 'out.sarif' };
    const { code, stdout, stderr } = runStep(folder.path, inputs);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^::error file=manifests\/route\.yaml,line=4,col=21,title=hostname-ownership\/unowned::/);
    const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
    expect(read('output.txt')).toBe('findings=1\ndenied=1\n');
    expect(read('out.sarif')).toContain('"ruleId": "hostname-ownership/unowned"');
    expect(read('summary.md')).toMatch(/^before\n[^]*hostname-ownership\/unowned/);
  });

  test('judges the whole repository by the baseline when nothing is said', () => {
    using folder = folderOf(FILES);
    const { code, stderr } = runStep(folder.path, { args: '--require-resources', summary: 'false' });
    expect([code, stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder.path, 'summary.md'), 'utf8')).toBe('before\n');
  });

  test('runs nothing that stands in an input', () => {
    using folder = folderOf(FILES);
    const { code, stderr } = runStep(folder.path, { paths: '$(touch${IFS}ran) ;touch ran' });
    expect(code).toBe(3);
    expect(stderr).toContain('error: $(touch${IFS}ran): no such file or directory');
    expect(spawnSync('ls', { cwd: folder.path, encoding: 'utf8' }).stdout).not.toContain('ran\n');
  });

  test('tells a wrong input as a usage error', () => {
    using folder = folderOf(FILES);
    expect(runStep(folder.path, { 'fail-on': 'wran' }).code).toBe(2);
    expect(readFileSync(join(folder.path, 'output.txt'), 'utf8')).toBe('');
  });
});

test('the pre-commit hook judges the files that it is given', () => {
  using folder = folderOf(FILES);
  const hook = readYaml(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')).documents[0]?.value;
  const [{ entry }] = z
    .tuple([z.object({ id: z.literal('gateward-check'), entry: z.string(), language: z.literal('script') })])
    .parse(hook);
  // Where the dependencies are, nothing is installed.
  const { status, stdout } = spawnSync(join(ROOT, entry), ['--policies', 'policies', 'manifests/route.yaml'], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  expect([status, stdout.split('  ')[0]]).toEqual([1, 'manifests/route.yaml:4:21']);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  GATEWAY_TEXT,
  check,
  findingsOf,
  folderOf,
  routeText,
  suffixDocument,
  type CheckRun,
} from '../support/checkRun.ts';
import { pathWithKubectl } from '../support/kubectl.ts';

const PATH = await pathWithKubectl();
const policies = ['p'];
const FILES = {
  'p/a.yaml': suffixDocument('{ action: Deny }'),
  'k/base/kustomization.yaml': 'resources: [gateway.yaml, routes]\n',
  'k/base/gateway.yaml': GATEWAY_TEXT,
  'k/base/routes/kustomization.yml': 'resources: [all.yaml]\n',
  'k/base/routes/all.yaml': `# Two routes.\n${routeText('a', 'a.other.com')}---\n${routeText('b-a', 'b.other.com')}`,
  'k/prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\nnamespace: shop\n',
};

describe.skipIf(PATH === undefined)('-k', () => {
  const run = (files: Readonly<Record<string, string>>, ...kustomize: readonly string[]) => {
    const folder = folderOf({ ...FILES, ...files });
    return check(folder.path, { policies, kustomize, output: ['json'] }, { env: { PATH } }).finally(() => {
      folder[Symbol.dispose]();
    });
  };
  // kustomize renames the Gateway and not the routes' parentRefs, which are findings of their own.
  const foreign = (run: CheckRun): readonly string[] => findingsOf(run).filter((line) => line.includes('/foreign'));
  const MAPPED = [
    'k/base/routes/all.yaml:8:5 deny suffix/foreign HTTPRoute shop/prod-a spec.hostnames[0]',
    'k/base/routes/all.yaml:16:5 deny suffix/foreign HTTPRoute shop/prod-b-a spec.hostnames[0]',
  ];

  test.each([
    ['by searching the files', ''],
    ['by the origin annotation', 'buildMetadata: [originAnnotations]\n'],
  ])('findings stand where the object was written, found %s', async (_name, more) => {
    const prod = FILES['k/prod/kustomization.yaml'] + more;
    const { code, stdout, stderr } = await run({ 'k/prod/kustomization.yaml': prod }, 'k/prod');
    expect([code, foreign({ code, stdout, stderr }), stderr]).toEqual([1, MAPPED, '']);
  });

  test('what a patch has changed is shown at the object', async () => {
    const patch =
      'patches:\n- target: { kind: HTTPRoute, name: a }\n  patch: |\n    - { op: replace, path: /spec/hostnames/0, value: c.other.com }\n';
    const prod = FILES['k/prod/kustomization.yaml'] + patch;
    expect(foreign(await run({ 'k/prod/kustomization.yaml': prod }, 'k/prod'))).toEqual([
      'k/base/routes/all.yaml:4:19 deny suffix/foreign HTTPRoute shop/prod-a spec.hostnames[0]',
      MAPPED[1],
    ]);
  });

  test('what stands in no file stays where it was rendered', async () => {
    const prod = `${FILES['k/prod/kustomization.yaml']}nameSuffix: -x\n`;
    const base = 'resources: [gateway.yaml, routes]\nconfigMapGenerator: [{ name: c }]\n';
    const replaced = {
      'k/prod/kustomization.yaml': `${prod}replacements:\n- source: { kind: Gateway, name: public, fieldPath: spec.gatewayClassName }\n  targets: [{ select: { kind: HTTPRoute, name: a }, fieldPaths: [metadata.name] }]\n`,
      'k/base/kustomization.yaml': base,
    };
    const findings = findingsOf(await run(replaced, 'k/prod'));
    expect(findings[0]).toMatch(/^<kustomize k\/prod>:\d+:5 deny suffix\/foreign HTTPRoute shop\/public spec/);
  });

  test('nothing that kustomize rendered is mended', async () => {
    using folder = folderOf(FILES);
    const options = { policies, kustomize: ['k/prod'], fix: true, dryRun: true };
    expect(await check(folder.path, options, { env: { PATH } })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('a directory that cannot be rendered is one line, and the rest is judged', async () => {
    using folder = folderOf({ ...FILES, 'm/a.yaml': routeText('a', 'a.other.com') });
    mkdirSync(join(folder.path, 'empty'));
    const options = { policies, kustomize: ['empty', 'k/prod'], paths: ['m'], output: ['json'] };
    const result = await check(folder.path, options, { env: { PATH } });
    expect([result.code, foreign(result).length]).toEqual([3, 3]);
    expect(result.stderr).toMatch(/^error: empty: kubectl: .*unable to find one of 'kustomization\.yaml'.*\n$/);
  });
});

test('-k without kubectl and kustomize', async () => {
  using folder = folderOf(FILES);
  expect(await check(folder.path, { policies, kustomize: ['k/prod'] }, { env: { PATH: folder.path } })).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: neither kubectl nor kustomize is on PATH, and -k needs one of them\n',
  });
});

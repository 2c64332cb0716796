/** What `deploy/` holds, on a real API server: accepted as it is, and of use to whoever asks it. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { POLICIES } from '../../policies/index.ts';
import { pluralOf } from '../../src/report/manifestsCrds.ts';
import { sharedPath, hasShared } from '../support/shared.ts';
import { binaries } from './binaries.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const root = resolve(import.meta.dirname, '../..');

const field = z.looseObject({
  description: z.string().default(''),
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
});
const openapi = z.object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) });
const groupVersionKinds = z.looseObject({
  'x-kubernetes-group-version-kind': z.array(z.object({ kind: z.string() })),
});

function isOneOf(kinds: readonly string[], schema: unknown): boolean {
  const parsed = groupVersionKinds.safeParse(schema);
  return parsed.success && parsed.data['x-kubernetes-group-version-kind'].some(({ kind }) => kinds.includes(kind));
}

/** The path and description of every field below a schema, through lists and maps. */
function fieldsBelow(schema: unknown, path: string): readonly (readonly [path: string, description: string])[] {
  if (typeof schema !== 'object') return [];
  const { properties, items, additionalProperties } = field.parse(schema);
  return [
    ...Object.entries(properties).flatMap(([name, child]) => [
      [`${path}.${name}`, field.parse(child).description] as const,
      ...fieldsBelow(child, `${path}.${name}`),
    ]),
    ...fieldsBelow(items, path),
    ...fieldsBelow(additionalProperties, path),
  ];
}

describeWithCluster('deploy/ on a real API server', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    const crds = await cluster.kubectl(['apply', '-f', join(root, 'deploy/base/crds.generated.yaml')]);
    expect(crds).toMatchObject({ code: 0, stderr: '' });
    await cluster.kubectl([
      'wait',
      '--for=condition=Established',
      '--timeout=60s',
      'crd',
      '-l',
      'app.kubernetes.io/part-of=gateward',
    ]);
  });
  afterAll(() => cluster.stop());

  test.each(['base', 'overlays/audit', 'overlays/enforce', 'overlays/ha'])(
    '%s applies, and is then what the cluster has',
    async (folder) => {
      const first = await cluster.kubectl(['apply', '-k', join(root, 'deploy', folder)]);
      expect(first).toMatchObject({ code: 0, stderr: '' });
      const again = await cluster.kubectl(['diff', '-k', join(root, 'deploy', folder)]);
      expect(again).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );

  const kinds = [...POLICIES.map(({ kind }) => kind), 'PolicyExemption'];
  test.each(kinds)('kubectl explain says something of each field of %s', async (kind) => {
    const { code, stdout } = await cluster.kubectl(['explain', `${pluralOf(kind)}.spec`, '--recursive=false']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('<no description>');
    const tree = await cluster.kubectl(['explain', `${pluralOf(kind)}.spec`, '--recursive']);
    const fields = [...tree.stdout.matchAll(/^ +(\w+)\t/gm)].map(([, name]) => name);
    expect([tree.code, fields]).toEqual([
      0,
      expect.arrayContaining(['match', 'namespaceSelector', 'matchExpressions']),
    ]);
  });

  test('what kubectl explain reads has a description at every depth', async () => {
    const { body } = await cluster.request('/openapi/v3/apis/gateward.dev/v1alpha1');
    const { components } = openapi.parse(JSON.parse(body));
    const schemas = Object.entries(components.schemas).filter(([, schema]) => isOneOf(kinds, schema));
    expect(schemas).toHaveLength(kinds.length);
    const paths = schemas.flatMap(([name, schema]) =>
      fieldsBelow(field.parse(schema).properties['spec'], `${name}.spec`),
    );
    expect(paths.filter(([, description]) => description === '').map(([path]) => path)).toEqual([]);
    expect(paths.map(([path]) => path)).toContain(
      'dev.gateward.v1alpha1.HostnameOwnership.spec.owners.namespaceSelector.matchExpressions.operator',
    );
  });

  test('the commands of the README take away what of a backstop is no longer compiled, and then all of it', async () => {
    const readme = await readFile(join(root, 'deploy/README.md'), 'utf8');
    const section = readme.slice(readme.indexOf('## A backstop'), readme.indexOf('## What it may do'));
    const [applied, pruned, removed] = [...section.matchAll(/(?<=```console\n)[\s\S]*?(?=```)/g)].map(([block]) =>
      block.replace(/^\$ /gm, '').replace(/^gateward .*\n/m, ''),
    );
    const dir = await mkdtemp(join(cluster.dir, 'backstop-'));
    const { kubectl } = await binaries();
    const env = {
      ...process.env,
      PATH: `${dirname(kubectl)}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: cluster.kubeconfig,
    };
    const bash = (script = 'exit 1'): unknown => execFileSync('bash', ['-c', script], { cwd: dir, env, stdio: 'pipe' });
    const names = async (): Promise<readonly string[]> =>
      (
        await cluster.kubectl(['get', 'validatingadmissionpolicies,validatingadmissionpolicybindings', '-o', 'name'])
      ).stdout
        .split('\n')
        .filter((name) => name.includes('gateward.'))
        .map((name) => name.replace(/^.*\//, ''));
    const compile = async (...documents: readonly string[]): Promise<void> => {
      const written = documents.map((name) =>
        [
          'apiVersion: gateward.dev/v1alpha1',
          'kind: ListenerSafety',
          `metadata: { name: ${name} }`,
          'spec: { action: Deny, ports: [443] }',
          '',
        ].join('\n'),
      );
      await writeFile(join(dir, 'policies.yaml'), written.join('---\n'));
      const { stdout } = await gateward('manifests', 'backstop', '--policies', join(dir, 'policies.yaml'));
      await writeFile(join(dir, 'backstop.yaml'), stdout);
      bash(applied);
    };
    const compiledOf = (name: string): readonly string[] =>
      ['gateways', 'listenersets'].map((kind) => `gateward.listener-safety.${name}.${kind}`);
    await compile('goes', 'stays');
    expect(new Set(await names())).toEqual(new Set([...compiledOf('goes'), ...compiledOf('stays')]));
    await compile('stays');
    bash(pruned);
    expect(new Set(await names())).toEqual(new Set(compiledOf('stays')));
    bash(removed);
    expect(await names()).toEqual([]);
  });

  describe('policy documents', () => {
    test('of the examples and bundles are accepted', async () => {
      const ids = (await readdir(join(root, 'policies'), { withFileTypes: true })).filter((entry) =>
        entry.isDirectory(),
      );
      const files = ['baseline.yaml', 'restricted.yaml', ...ids.map(({ name }) => `${name}/example.yaml`)];
      for (const file of files) {
        const applied = await cluster.kubectl([
          'apply',
          '--server-side',
          '--force-conflicts',
          '-f',
          join(root, 'policies', file),
        ]);
        expect({ file, ...applied }).toMatchObject({ file, code: 0, stderr: '' });
      }
    });

    test.skipIf(!hasShared)('of the contract are accepted', async () => {
      const applied = await cluster.kubectl([
        'apply',
        '--server-side',
        '--force-conflicts',
        '--dry-run=server',
        '-f',
        sharedPath('policy-documents.yaml'),
      ]);
      expect(applied).toMatchObject({ code: 0, stderr: '' });
    });

    test.each([
      ['an unknown field', 'owners: []\n', 'ownerz: []\n', 'ownerz'],
      ['a wrong value', 'action: Warn', 'action: Enforce', 'spec.action'],
    ])('with %s are refused', async (_name, right, wrong, told) => {
      const text =
        (await readFile(join(root, 'policies/hostname-ownership/example.yaml'), 'utf8')).split('\n---')[0] ?? '';
      const document = [
        'apiVersion: gateward.dev/v1alpha1',
        'kind: HostnameOwnership',
        'metadata: { name: refused }',
        'spec:',
        '  action: Warn',
        '  owners: []',
        '',
      ].join('\n');
      expect(text).toContain('kind: HostnameOwnership');
      const apply = (stdin: string): ReturnType<Cluster['kubectl']> =>
        cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { stdin });
      expect(await apply(document)).toMatchObject({ code: 0 });
      const refused = await apply(document.replace(right, wrong));
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain(told);
    });
  });
});

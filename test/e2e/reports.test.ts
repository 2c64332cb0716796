/** Reports as those who read them take them: SARIF by its own schema, report objects by a real API server. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { moduleFolder } from './binaries.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: { name: team }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: public }
spec: { controllerName: example.com/controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team }
spec:
  parentRefs: [{ name: nowhere }]
  hostnames: [pay.example.com]
  rules: [{ backendRefs: [{ name: gone, port: 80 }] }]
`;

const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: BackendReferences
metadata: { name: backends }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: NamespaceGate
metadata: { name: gate }
spec: { action: Deny, labels: [team] }
`;

const reportSchema = z.object({
  items: z.array(
    z.object({
      summary: z.record(z.string(), z.number()),
      results: z.array(z.looseObject({ rule: z.string(), result: z.string() })),
    }),
  ),
});

describeWithCluster('reports', () => {
  let cluster: Cluster;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    folder = await mkdtemp(join(tmpdir(), 'gateward-reports-'));
    await writeFile(join(folder, 'policies.yaml'), DOCUMENTS);
    await writeFile(join(folder, 'world: of [one] team.yaml'), WORLD);
    const { code, stderr } = await cluster.kubectl(['apply', '-f', join(folder, 'world: of [one] team.yaml')]);
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true });
  });

  const run = (...args: readonly string[]): ReturnType<typeof gateward> =>
    gateward(...args, '--policies', join(folder, 'policies.yaml'), '--fail-on', 'never');

  test('SARIF is what its schema says', async () => {
    const file = join(
      await moduleFolder('reports', 'github.com/owenrumney/go-sarif/v3'),
      'pkg/report/v210/sarif/schema.go',
    );
    const source = await readFile(file, 'utf8');
    // The schema is of draft 4, of which it uses nothing that later drafts read in another way.
    const { $schema, id, ...schema } = z
      .looseObject({ $schema: z.string(), id: z.string() })
      .parse(JSON.parse(source.slice(source.indexOf('`') + 1, source.lastIndexOf('`'))));
    expect([$schema, id.includes('sarif-schema-2.1.0')]).toEqual(['http://json-schema.org/draft-04/schema#', true]);
    const validate = new Ajv.default({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    const { stdout } = await run('check', '-o', 'sarif', join(folder, 'world: of [one] team.yaml'));
    const report: unknown = JSON.parse(stdout);
    validate(report);
    expect(validate.errors).toBe(null);
    expect(stdout).toContain(`"uri": "file://${folder}/world%3A%20of%20%5Bone%5D%20team.yaml"`);
    expect(validate({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });

  test('an audit gives objects of the API that the cluster serves, and the API server takes them', async () => {
    const audit = (): ReturnType<typeof gateward> =>
      run('audit', '--cluster', '--kubeconfig', cluster.kubeconfig, '-o', 'reports');
    const before = await audit();
    expect(before.stderr).toContain('hint: the cluster serves neither openreports.io nor wgpolicyk8s.io');
    const crds = join(await moduleFolder('reports', 'github.com/openreports/reports-api'), 'config/crd');
    const kubectl = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await cluster.kubectl(args);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    await kubectl('apply', '--server-side', '-f', crds);
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', crds);
    const { stdout, stderr } = await audit();
    expect(stderr).toBe('');
    const file = join(folder, 'reports.yaml');
    await writeFile(file, stdout);
    await kubectl('apply', '--server-side', '-f', file);
    const listed = async (kind: string): Promise<unknown> =>
      reportSchema
        .parse(JSON.parse(await kubectl('get', kind, '-A', '-o', 'json')))
        .items.map(({ summary, results }) => ({
          summary,
          results: results.map(({ rule, result }) => `${rule} ${result}`),
        }));
    expect(await listed('reports.openreports.io')).toEqual([
      {
        summary: { pass: 0, fail: 1, warn: 0, error: 0, skip: 0 },
        results: ['backend-references/backend-not-found fail'],
      },
    ]);
    expect(await listed('clusterreports.openreports.io')).toEqual([
      {
        summary: expect.objectContaining({ fail: 0, skip: 2 }) as unknown,
        results: ['namespace-gate/label-removed skip', 'namespace-gate/label-set skip'],
      },
    ]);
  });
});

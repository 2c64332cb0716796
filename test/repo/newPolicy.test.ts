/** The walk of CONTRIBUTING.md: a new policy is four files and no other change. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const ID = 'service-owner';

const POLICY = `import { definePolicy } from '#policy';
import { z } from 'zod';

/** A Service says which team to call. */
export const serviceOwner = definePolicy({
  id: 'service-owner',
  kind: 'ServiceOwner',
  summary: 'Every Service says which team owns it.',
  subjects: ['Service'],
  reads: ['ConfigMap'],
  messages: {
    'no-owner': {
      severity: 'low',
      why: 'Whoever finds it broken does not know whom to call.',
      text: '{{path}}: the Service says no team; set the label {{label}}',
    },
    'unknown-owner': {
      severity: 'low',
      why: 'A team that does not exist cannot be called.',
      text: '{{path}}: there is no team {{team}}; name one of the ConfigMaps in namespace teams',
    },
  },
  options: { label: z.string().min(1).default('team').describe('The label that names the team.') },
  bind: ({ options }) => options,
  mutates: () => true,
  *evaluate({ object, namespace }, { bound: { label }, find, snapshot }) {
    const labels = new Map(Object.entries(object.metadata.labels ?? {}));
    const team = labels.get(label);
    if (team === undefined) {
      const value = { ...object.metadata.labels, [label]: namespace };
      const fix = { description: 'name the team after the namespace', edits: [{ op: 'add' as const, path: ['metadata', 'labels'], value }] };
      yield find('no-owner', ['metadata', 'labels'], { label }, { fix });
      return;
    }
    const key = { kind: 'ConfigMap' as const, namespace: 'teams', name: team };
    if (snapshot.get(key.kind, key.namespace, key.name) !== undefined) return;
    yield find('unknown-owner', ['metadata', 'labels', label], { team }, { restsOn: [key] });
  },
});
`;

const EXAMPLE = `# Every Service says which team owns it.
apiVersion: gateward.dev/v1alpha1
kind: ServiceOwner
metadata:
  name: owners
spec:
  action: Warn
  label: owner
`;

const TESTS = `# What example.yaml makes of objects. Run it with: gateward test policies/service-owner
apiVersion: gateward.dev/v1alpha1
kind: PolicyTest
metadata: { name: service-owner }
spec:
  policies: [example.yaml]
  cases:
    - name: a team that is not there
      object:
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop, labels: { owner: shop } }
        spec: { ports: [{ port: 80 }] }
      expect:
        allowed: true
        rules: [service-owner/unknown-owner]
`;

const TABLE = `import { serviceOwner } from '../../policies/service-owner/policy.ts';
import { policyTable } from '../support/policyTable.ts';

const service = (labels: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', labels },
  spec: { ports: [{ port: 80 }] },
});
const team = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'teams' } });
const documents = [{ name: 'owners', spec: { action: 'Deny', label: 'owner' } }];

policyTable(serviceOwner, {
  documents,
  valid: [{ name: 'a team that is there', object: service({ owner: 'shop' }), state: [team('shop')] }],
  invalid: [
    {
      name: 'a team that is not there',
      object: service({ owner: 'shop' }),
      state: [team('shops')],
      expect: [
        {
          rule: 'unknown-owner',
          path: 'metadata.labels.owner',
          message: 'metadata.labels.owner: there is no team shop; name one of the ConfigMaps in namespace teams',
        },
      ],
    },
  ],
  patched: [
    {
      name: 'no team',
      object: service({ tier: 'web' }),
      state: [team('shop')],
      expect: [
        {
          rule: 'no-owner',
          path: 'metadata.labels',
          message: 'metadata.labels: the Service says no team; set the label owner',
        },
      ],
      patch: [{ op: 'add', path: '/metadata/labels', value: { tier: 'web', owner: 'shop' } }],
    },
  ],
});
`;

/** A copy of the repository, as somebody has it who begins. */
let copy: string;

beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  copy = await mkdtemp(join(root, '.cache/new-policy-'));
  const parts = [
    'src',
    'policies',
    'scripts',
    'deploy',
    'test/support/policyTable.ts',
    'README.md',
    'CONTRIBUTING.md',
    'package.json',
  ];
  for (const part of [...parts, 'tsconfig.json', 'vitest.config.ts', '.prettierrc.json', '.prettierignore']) {
    await cp(join(root, part), join(copy, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

const read = (file: string): Promise<string> => readFile(join(copy, file), 'utf8');

async function plant(file: string, text: string): Promise<void> {
  await mkdir(join(copy, dirname(file)), { recursive: true });
  await writeFile(join(copy, file), text);
}

/** Runs a Node program in the copy; what it prints, and how it ends. */
async function node(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const { stdout, stderr, code } = await run(process.execPath, [...args], { cwd: copy, maxBuffer: 1 << 26 })
    .then((done) => ({ ...done, code: 0 }))
    .catch((error: unknown) => z.object({ stdout: z.string(), stderr: z.string(), code: z.number() }).parse(error));
  return { code, out: `${stdout}${stderr}` };
}

describe('a new policy is four files', () => {
  test('which CONTRIBUTING.md names', async () => {
    const walk = (await read('CONTRIBUTING.md')).split('## A new policy is four files')[1]?.split('\n## ')[0] ?? '';
    const named = [...walk.matchAll(/^\d\. .*?`([^`]+)`/gm)].map(([, file]) => file);
    expect(named).toEqual([
      'policies/<id>/policy.ts',
      'policies/<id>/example.yaml',
      'policies/<id>/tests.yaml',
      'test/policies/<id>.test.ts',
    ]);
    expect(walk).toContain(
      '`npm run generate` then writes the list `policies/index.ts`, the page `policies/<id>/README.md`, the CRD, the RBAC and webhook rules',
    );
  });

  test('and the rest follows from them', async () => {
    expect(await node('scripts/generate.ts', '--check')).toEqual({ code: 0, out: 'nothing to do\n' });
    await plant(`policies/${ID}/policy.ts`, POLICY);
    await plant(`policies/${ID}/example.yaml`, EXAMPLE);
    await plant(`policies/${ID}/tests.yaml`, TESTS);
    await plant(`test/policies/${ID}.test.ts`, TABLE);

    expect(await node('scripts/generate.ts')).toEqual({
      code: 0,
      out: `wrote policies/index.ts, deploy/base/crds.generated.yaml, deploy/base/rbac.generated.yaml, deploy/base/webhooks.generated.yaml, deploy/chart/templates/crds.generated.yaml, deploy/chart/templates/rbac.generated.yaml, deploy/chart/templates/webhooks.generated.yaml, policies/${ID}/README.md, README.md\n`,
    });
    expect(await node('node_modules/typescript/bin/tsc', '--noEmit')).toEqual({ code: 0, out: '' });
    const table = await node('node_modules/vitest/vitest.mjs', 'run', `test/policies/${ID}.test.ts`);
    expect([table.code, table.out]).toEqual([0, expect.stringMatching(/Tests.*4 passed/)]);

    expect((await node('src/main.ts', 'test', `policies/${ID}`)).code).toBe(0);
    const [page, crds, webhooks, readme] = await Promise.all(
      [
        `policies/${ID}/README.md`,
        'deploy/base/crds.generated.yaml',
        'deploy/base/webhooks.generated.yaml',
        'README.md',
      ].map(read),
    );
    expect(page).toContain('The label that names the team.');
    expect(page).toContain('Whoever finds it broken does not know whom to call.');
    expect(crds).toContain('name: serviceowners.gateward.dev');
    // Both webhooks: it judges Services, and it mends them.
    expect(webhooks?.match(/^ +- services$/gm)).toHaveLength(2);
    expect(readme).toContain(`[${ID}](policies/${ID}/README.md)`);

    // All kinds that policies read are granted already; of itself it asks for just what it reads and judges.
    const own = await node(
      '--input-type=module',
      '-e',
      `import { serviceOwner } from './policies/${ID}/policy.ts';
       import { renderManifests } from './src/report/manifests.ts';
       process.stdout.write(renderManifests('rbac', { policies: [serviceOwner] }));`,
    );
    expect(own.out).toContain(
      '      - configmaps\n      - namespaces\n      - services\n    verbs:\n      - get\n      - list\n      - watch\n',
    );
    const rule = await node('src/main.ts', 'explain', `${ID}/unknown-owner`);
    expect(rule.code).toBe(0);
    expect(rule.out).toContain('A team that does not exist cannot be called.');
  }, 600_000);
});

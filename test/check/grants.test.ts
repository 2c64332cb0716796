import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runGrants, type GrantsOptions } from '../../src/check/grants.ts';
import { readYaml } from '../../src/yaml/index.ts';
import type { Io } from '../../src/telemetry/io.ts';

const ROUTE = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: team-web }
spec:
  rules: [{ backendRefs: [{ name: api, namespace: data, port: 80 }, { name: db, namespace: data, port: 80 }] }]
`;
const WIDE = `
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: wide, namespace: data }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: team-web }]
  to: [{ group: "", kind: Service }]
`;
const LEAST = `---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata:
  name: httproute-from-team-web
  namespace: data
spec:
  from:
    - group: gateway.networking.k8s.io
      kind: HTTPRoute
      namespace: team-web
  to:
    - group: ""
      kind: Service
      name: api
    - group: ""
      kind: Service
      name: db
`;
const SEEN = 'note: only these files were seen; a grant may serve objects elsewhere, which --cluster shows\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grants-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(
  files: Readonly<Record<string, string>>,
  options: Partial<GrantsOptions>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (text) => (written.stdout += text),
    stderr: (text) => (written.stderr += text),
    stdin: () => Promise.resolve(new Uint8Array()),
    isTTY: { stdin: true, stdout: false, stderr: false },
    env: {},
    cwd: folder,
    now: () => 0,
  };
  const paths = Object.keys(files);
  const code = await runGrants(
    { paths, stdinFilename: '<stdin>', namespace: 'default', diff: false, output: 'yaml', ...options },
    io,
  );
  return { code, ...written };
}

describe('gateward grants', () => {
  test('prints what the references need, ready to apply, and the note that files are not all', async () => {
    expect(await run({ 'a.yaml': `${ROUTE}---${WIDE}` }, {})).toEqual({ code: 0, stdout: LEAST, stderr: SEEN });
  });

  test('marks what nothing grants today', async () => {
    const { stdout } = await run({ 'a.yaml': ROUTE }, {});
    expect(stdout).toBe(
      LEAST.replace('---\n', '---\n# Not granted today, though referred to: Service api, Service db\n'),
    );
  });

  test('writes names so that kubectl reads them, and none that ends a comment', async () => {
    const route = ROUTE.replace('namespace: team-web', 'namespace: "on"')
      .replace('name: api', 'name: "yes"')
      .replace('name: db', String.raw`name: "db\n---\nkind: Namespace"`);
    const { stdout } = await run({ 'a.yaml': route }, {});
    const { documents, problems } = readYaml(stdout);
    expect([documents.length, problems]).toEqual([1, []]);
    expect(documents[0]?.value).toMatchObject({
      spec: { from: [{ namespace: 'on' }], to: [{ name: 'db\n---\nkind: Namespace' }, { name: 'yes' }] },
    });
    expect((await run({ 'a.yaml': route }, { diff: true })).stdout).toMatch(/^[^\n]*\n$/);
  });

  test('counts a referrer whose name is still to be generated', async () => {
    const { code } = await run(
      { 'a.yaml': ROUTE.replace('name: web', 'generateName: web-'), 'b.yaml': LEAST },
      { diff: true },
    );
    expect(code).toBe(0);
  });

  test('says what to change', async () => {
    expect(await run({ 'a.yaml': `${ROUTE}---${WIDE}` }, { diff: true })).toEqual({
      code: 1,
      stdout: [
        '+ ReferenceGrant data/httproute-from-team-web: lets HTTPRoute of team-web refer to Service api, Service db\n',
        '- ReferenceGrant data/wide: opens more than is used, or nothing that is\n',
      ].join(''),
      stderr: SEEN,
    });
  });

  test('has nothing to say about what it printed itself', async () => {
    expect(await run({ 'a.yaml': ROUTE, 'b.yaml': LEAST }, { diff: true })).toEqual({
      code: 0,
      stdout: '= ReferenceGrant data/httproute-from-team-web: is as wide as its use\n',
      stderr: '',
    });
  });

  test('the same as JSON', async () => {
    const { stdout } = await run({ 'a.yaml': ROUTE, 'b.yaml': LEAST }, { output: 'json' });
    expect(JSON.parse(stdout)).toEqual({
      grants: [
        {
          apiVersion: 'gateway.networking.k8s.io/v1beta1',
          kind: 'ReferenceGrant',
          metadata: { name: 'httproute-from-team-web', namespace: 'data' },
          spec: {
            from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'team-web' }],
            to: [
              { group: '', kind: 'Service', name: 'api' },
              { group: '', kind: 'Service', name: 'db' },
            ],
          },
        },
      ],
      steps: [{ action: 'keep', namespace: 'data', name: 'httproute-from-team-web', why: 'is as wide as its use' }],
    });
  });

  test('goes on after a file that it cannot read, and says so', async () => {
    const { code, stdout, stderr } = await run({ 'a.yaml': `${ROUTE}---${WIDE}`, 'bad.yaml': 'a: [' }, {});
    expect({ code, stdout }).toEqual({ code: 3, stdout: LEAST });
    expect(stderr).toMatch(/^error: bad\.yaml:1:\d+: .*\nnote: /);
  });

  test('nothing to read is a mistake of use', async () => {
    await expect(run({}, {})).rejects.toMatchObject({ code: 'usage/invalid', exitCode: 2 });
  });
});

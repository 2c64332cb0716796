import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import { runStatus, type StatusFaceOptions } from '../../src/status/index.ts';
import { folderOf } from '../support/checkRun.ts';
import type { Io } from '../../src/telemetry/io.ts';

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: { name: team-b }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: public }
spec: { controllerName: example.com/controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra, generation: 3 }
spec:
  gatewayClassName: public
  listeners:
    - name: https
      port: 80
      protocol: HTTP
      allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { gateway-access: "true" } } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team-b }
spec:
  parentRefs: [{ namespace: infra, name: public }, { name: gone }]
  rules: [{ backendRefs: [{ namespace: pay, name: api, port: 80 }] }]
status: { parents: [] }
`;

/** What the command is told when nothing is said. */
const DEFAULTS: StatusFaceOptions = {
  paths: [],
  output: 'table',
  classes: [],
  controllers: [],
  explain: false,
  namespace: 'default',
};

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(text: string, options: Partial<StatusFaceOptions>): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (part) => void (written.stdout += part),
    stderr: (part) => void (written.stderr += part),
    stdin: () => Promise.resolve(Buffer.from(text)),
    isTTY: { stdin: false, stdout: false, stderr: false },
    env: {},
    cwd: '.',
    now: () => 0,
  };
  return { code: await runStatus({ ...DEFAULTS, ...options }, io), ...written };
}

const REFUSAL =
  'Gateway infra/public: listener "https" admits namespaces with label gateway-access=true; namespace team-b has no such label';
const NO_GRANT =
  'spec.rules[0].backendRefs[0]: no ReferenceGrant in namespace pay permits HTTPRoute of namespace team-b to refer to Service pay/api';

const LIST = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'public', namespace: 'infra', generation: 3 },
      spec: {
        gatewayClassName: 'public',
        listeners: [
          {
            name: 'https',
            port: 80,
            protocol: 'HTTP',
            allowedRoutes: {
              namespaces: { from: 'Selector', selector: { matchLabels: { 'gateway-access': 'true' } } },
            },
          },
        ],
      },
      status: {
        conditions: [
          {
            type: 'Accepted',
            status: 'True',
            reason: 'Accepted',
            message: 'the Gateway is valid',
            observedGeneration: 3,
          },
          {
            type: 'Programmed',
            status: 'True',
            reason: 'Programmed',
            message: 'the Gateway is configured',
            observedGeneration: 3,
          },
        ],
        listeners: [
          {
            name: 'https',
            supportedKinds: [
              { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
              { group: 'gateway.networking.k8s.io', kind: 'GRPCRoute' },
            ],
            attachedRoutes: 0,
            conditions: [
              {
                type: 'Accepted',
                status: 'True',
                reason: 'Accepted',
                message: 'the listener is valid',
                observedGeneration: 3,
              },
              {
                type: 'Programmed',
                status: 'True',
                reason: 'Programmed',
                message: 'the listener is configured',
                observedGeneration: 3,
              },
              {
                type: 'ResolvedRefs',
                status: 'True',
                reason: 'ResolvedRefs',
                message: 'all references of the listener are resolved',
                observedGeneration: 3,
              },
              {
                type: 'Conflicted',
                status: 'False',
                reason: 'NoConflicts',
                message: 'no listener conflicts with it',
                observedGeneration: 3,
              },
            ],
          },
        ],
        attachedListenerSets: 0,
      },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop', namespace: 'team-b' },
      spec: {
        parentRefs: [
          { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'infra', name: 'public' },
          { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gone' },
        ],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [{ group: '', kind: 'Service', namespace: 'pay', name: 'api', port: 80, weight: 1 }],
          },
        ],
      },
      status: {
        parents: [
          {
            parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'infra', name: 'public' },
            controllerName: 'example.com/controller',
            conditions: [
              { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: REFUSAL },
              { type: 'ResolvedRefs', status: 'False', reason: 'RefNotPermitted', message: NO_GRANT },
            ],
          },
        ],
      },
    },
  ],
};

describe('gateward status', () => {
  test('json: a List with the status of each object, and nothing else on standard output', async () => {
    const { code, stdout, stderr } = await run(WORLD, { output: 'json' });
    expect({ code, list: JSON.parse(stdout) as unknown, stderr }).toEqual({ code: 0, list: LIST, stderr: '' });
  });

  test('yaml: the same List', async () => {
    const { stdout } = await run(WORLD, { output: 'yaml' });
    const read: unknown[] = parseAllDocuments(stdout, { version: '1.1' }).map((document): unknown => {
      const value: unknown = document.toJS();
      return value;
    });
    expect(read).toEqual([LIST]);
  });

  test('table, with why a parent has no entry', async () => {
    const { code, stdout } = await run(WORLD, { explain: true });
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'OBJECT                  ACCEPTED  RESOLVEDREFS  PROGRAMMED  ROUTES  WHY',
      'Gateway infra/public    True                    True',
      '  listener https        True      True          True        0',
      'HTTPRoute team-b/shop',
      `  Gateway infra/public  False     False                             NotAllowedByListeners: ${REFUSAL}; RefNotPermitted: ${NO_GRANT}`,
      '',
      'HTTPRoute team-b/shop: no status for Gateway team-b/gone: Gateway team-b/gone does not exist',
      '',
    ]);
  });

  test('table, with names that would move a cursor', async () => {
    const text = WORLD.replaceAll('{ name: gone }', '{ name: "\\e[2J", namespace: infra }')
      .replace('name: shop', 'name: "\\e[1A"')
      .replace('namespace: pay, name: api', 'namespace: pay, name: "\\e[3A"');
    const { stdout } = await run(text, { explain: true });
    const grant = NO_GRANT.replace('pay/api', String.raw`pay/\u{1b}[3A`);
    expect(stdout.split('\n').slice(3)).toEqual([
      String.raw`HTTPRoute team-b/\u{1b}[1A`,
      `  Gateway infra/public      False     False                             NotAllowedByListeners: ${REFUSAL}; RefNotPermitted: ${grant}`,
      '',
      String.raw`HTTPRoute team-b/\u{1b}[1A: no status for Gateway infra/\u{1b}[2J: Gateway infra/\u{1b}[2J does not exist`,
      '',
    ]);
  });

  test('table, with an object whose name is still to be generated', async () => {
    const { stdout } = await run(WORLD.replace('name: shop', 'generateName: shop-'), {});
    expect(stdout.split('\n').slice(3)).toEqual([
      'HTTPRoute team-b/shop-*1',
      `  Gateway infra/public    False     False                             NotAllowedByListeners: ${REFUSAL}; RefNotPermitted: ${NO_GRANT}`,
      '',
    ]);
  });

  test('a class or controller that is not chosen', async () => {
    const table = [
      'OBJECT                              ACCEPTED  RESOLVEDREFS  PROGRAMMED  ROUTES  WHY',
      'Gateway infra/public (not managed)',
      'HTTPRoute team-b/shop (no parent)',
      '',
    ].join('\n');
    expect(await run(WORLD, { classes: ['other'] })).toEqual({ code: 0, stdout: table, stderr: '' });
    expect(await run(WORLD, { controllers: ['example.com/other'] })).toEqual({ code: 0, stdout: table, stderr: '' });
    expect((await run(WORLD, { classes: ['public'] })).stdout).not.toContain('not managed');
  });

  test('an object that the API server would refuse is said, the rest is printed, exit code 3', async () => {
    const refused =
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: g }\nspec: { listeners: 7 }\n';
    const directory = mkdtempSync(join(tmpdir(), 'gateward-status-'));
    writeFileSync(join(directory, 'a.yaml'), WORLD);
    writeFileSync(join(directory, 'b.yaml'), refused);
    const { code, stdout, stderr } = await run('', {
      paths: [directory, join(directory, 'none.yaml')],
      output: 'json',
    });
    expect({ code, list: JSON.parse(stdout) as unknown }).toEqual({ code: 3, list: LIST });
    expect(stderr).toContain(`error: ${join(directory, 'b.yaml')}:4:`);
    expect(stderr).toContain('none.yaml');
  });

  test('templates of a chart are passed over with a hint', async () => {
    using folder = folderOf({ 'a.yaml': WORLD, 'c/Chart.yaml': '', 'c/templates/b.yaml': '{{ .x }}' });
    const { code, stdout, stderr } = await run('', { paths: [folder.path], output: 'json' });
    expect([code, JSON.parse(stdout), stderr]).toEqual([
      0,
      LIST,
      `hint: ${folder.path}/c/templates holds Helm templates, which were passed over: helm template ${folder.path}/c | gateward status -\n`,
    ]);
  });

  test('nothing to read is an error of usage', async () => {
    const io: Io = {
      stdout: () => undefined,
      stderr: () => undefined,
      stdin: () => Promise.resolve(Buffer.from('')),
      isTTY: { stdin: true, stdout: true, stderr: true },
      env: {},
      cwd: '.',
      now: () => 0,
    };
    await expect(runStatus(DEFAULTS, io)).rejects.toMatchObject({ code: 'usage/invalid', exitCode: 2 });
  });
});

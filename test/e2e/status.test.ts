/** The health check of a rollout: what is predicted for a real API server's objects beside what a controller wrote there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward } from './gateward.ts';

const root = resolve(import.meta.dirname, '../..');
const CONTROLLER = 'example.com/controller';
const API = '/apis/gateway.networking.k8s.io/v1';

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: { name: infra }
---
apiVersion: v1
kind: Namespace
metadata: { name: team }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: team }
spec: { ports: [{ port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: public }
spec: { controllerName: ${CONTROLLER} }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - { name: https, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: { certificateRefs: [{ name: tls }] } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team }
spec:
  parentRefs: [{ name: public, namespace: infra }]
  hostnames: [shop.example.com]
  rules: [{ backendRefs: [{ name: web, port: 80 }] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: old, namespace: team }
spec:
  rules:
    - { host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }
    - { host: pay.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }
`;

const TRANSITION = '2026-11-21T09:00:00Z';
const condition = (type: string, status: string, reason: string, message = ''): object => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: TRANSITION,
});
const listener = (name: string, attachedRoutes: number, ...conditions: readonly object[]): object => ({
  name,
  attachedRoutes,
  supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
  conditions,
});
const NO_SECRET = 'Secret infra/tls does not exist';

/** What a controller writes that has understood the world as the specification means it. */
const AGREEING = {
  gatewayClass: { conditions: [condition('Accepted', 'True', 'Accepted')] },
  gateway: {
    addresses: [{ type: 'IPAddress', value: '203.0.113.7' }],
    conditions: [condition('Accepted', 'True', 'Accepted'), condition('Programmed', 'True', 'Programmed')],
    listeners: [
      listener(
        'http',
        1,
        condition('Accepted', 'True', 'Accepted'),
        condition('Programmed', 'True', 'Programmed'),
        condition('ResolvedRefs', 'True', 'ResolvedRefs'),
      ),
      listener(
        'https',
        0,
        condition('Accepted', 'True', 'Accepted'),
        condition('Programmed', 'False', 'Invalid'),
        condition('ResolvedRefs', 'False', 'InvalidCertificateRef', NO_SECRET),
      ),
    ],
  },
  route: (accepted: object): object => ({
    parents: [
      {
        parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' },
        controllerName: CONTROLLER,
        conditions: [accepted, condition('ResolvedRefs', 'True', 'ResolvedRefs')],
      },
    ],
  }),
};
const ACCEPTED = AGREEING.route(condition('Accepted', 'True', 'Accepted'));
const REFUSED = AGREEING.route(condition('Accepted', 'False', 'NotAllowedByListeners', 'not my cup of tea'));

const HEALTHY = `\
  OBJECT                  ACCEPTED  RESOLVEDREFS  PROGRAMMED  ROUTES  ADDRESS
  GatewayClass public     True
  Gateway infra/public    True                    True                203.0.113.7
    listener http         True      True          True        1
    listener https        True      False         False       0
      ResolvedRefs InvalidCertificateRef: Secret infra/tls does not exist
  HTTPRoute team/shop
    Gateway infra/public  True      True

Ingresses left: 1
  team  1
  ! pay.example.com  not yet served: no Route for it is attached to a Gateway
    shop.example.com  served by a route

5 as predicted, 0 differ (predicted≠actual)
`;

describeWithCluster('gateward status --cluster', () => {
  let cluster: Cluster;
  const write = async (path: string, status: object): Promise<void> => {
    const { status: code, body } = await cluster.request(`${API}/${path}/status`, {
      method: 'PATCH',
      body: { status },
      contentType: 'application/merge-patch+json',
    });
    expect({ code, body: code === 200 ? '' : body }).toEqual({ code: 200, body: '' });
  };
  const ROUTE = 'namespaces/team/httproutes/shop';
  const status = (...flags: readonly string[]): ReturnType<typeof gateward> =>
    gateward('status', '--cluster', '--kubeconfig', cluster.kubeconfig, ...flags);

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    const applied = await cluster.kubectl(['apply', '-f', '-'], { stdin: WORLD });
    expect(applied).toMatchObject({ code: 0 });
  });
  afterAll(() => cluster.stop());

  test('waits for a controller that has just been given something to do', async () => {
    const { code, stdout } = await status('-n', 'team');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `\
  OBJECT                  ACCEPTED  RESOLVEDREFS  PROGRAMMED  ROUTES  ADDRESS
  HTTPRoute team/shop
    Gateway infra/public  waiting   waiting
      waiting for the controller, which has said nothing yet

Ingresses left: 1
  team  1
  ! pay.example.com  not yet served: no Route for it is attached to a Gateway
  ! shop.example.com  not yet served: the Route for it is not Accepted

0 as predicted, 0 differ (predicted≠actual), 1 waiting for the controller
`,
    });
  });

  test('agrees with a controller that does as the specification says', async () => {
    await write('gatewayclasses/public', AGREEING.gatewayClass);
    await write('namespaces/infra/gateways/public', AGREEING.gateway);
    await write(ROUTE, ACCEPTED);
    expect(await status()).toEqual({ code: 0, stdout: HEALTHY, stderr: '' });
  });

  test('marks where a controller says something else, exit code 1', async () => {
    await write(ROUTE, REFUSED);
    const { code, stdout } = await status('-n', 'team');
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `\
  OBJECT                  ACCEPTED    RESOLVEDREFS  PROGRAMMED  ROUTES  ADDRESS
  HTTPRoute team/shop
!   Gateway infra/public  True≠False  True
      Accepted: predicted True; the controller says False NotAllowedByListeners: not my cup of tea

Ingresses left: 1
  team  1
  ! pay.example.com  not yet served: no Route for it is attached to a Gateway
  ! shop.example.com  not yet served: the Route for it is not Accepted

0 as predicted, 1 differs (predicted≠actual)
`,
    });
  });

  test('says the same as JSON', async () => {
    const { code, stdout } = await status('-n', 'team', '-o', 'json');
    const ref = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' };
    const predicted = (type: string, reason: string, message: string): object => ({
      type,
      status: 'True',
      reason,
      message,
      observedGeneration: 1,
    });
    expect({ code, document: JSON.parse(stdout) as unknown }).toEqual({
      code: 1,
      document: {
        apiVersion: 'gateward.dev/v1alpha1',
        kind: 'StatusComparison',
        summary: { agrees: 0, differs: 1, waiting: 0, stale: 0, uncertain: 0, unmanaged: 0 },
        items: [
          {
            kind: 'HTTPRoute',
            namespace: 'team',
            name: 'shop',
            parentRef: ref,
            controllerName: CONTROLLER,
            verdict: 'differs',
            conditions: [
              {
                type: 'Accepted',
                verdict: 'differs',
                predicted: predicted('Accepted', 'Accepted', 'attached to Gateway infra/public'),
                actual: condition('Accepted', 'False', 'NotAllowedByListeners', 'not my cup of tea'),
              },
              {
                type: 'ResolvedRefs',
                verdict: 'agrees',
                predicted: predicted('ResolvedRefs', 'ResolvedRefs', 'all references of the route are resolved'),
                actual: condition('ResolvedRefs', 'True', 'ResolvedRefs'),
              },
            ],
            notes: [],
          },
        ],
        ingresses: [
          {
            namespace: 'team',
            count: 1,
            hostnames: [
              { hostname: 'pay.example.com', served: false, reason: 'no Route for it is attached to a Gateway' },
              { hostname: 'shop.example.com', served: false, reason: 'the Route for it is not Accepted' },
            ],
          },
        ],
      },
    });
  });

  test('predicts nothing of certificates without permission to read Secrets', async () => {
    await write(ROUTE, ACCEPTED);
    const reader = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: [
        { apiGroups: ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io'], resources: ['*'], verbs: ['list'] },
        { apiGroups: ['multicluster.x-k8s.io'], resources: ['serviceimports'], verbs: ['list'] },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list'] },
        { apiGroups: [''], resources: ['namespaces', 'services'], verbs: ['list'] },
      ],
    };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    };
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [reader, binding] });
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: list })).toMatchObject({ code: 0 });
    const { code, stdout } = await gateward('status', '--cluster', '--kubeconfig', cluster.kubeconfigOf('alice'));
    expect({ code, lines: stdout.split('\n').filter((line) => /https|predict/.test(line)) }).toEqual({
      code: 0,
      lines: [
        '    listener https        True      False (?)     False (?)   0',
        '      ResolvedRefs, Programmed: cannot be predicted from what is in sight',
        '4 as predicted, 0 differ (predicted≠actual), 1 uncertain',
      ],
    });
  });

  test('ends with 4 where it may not read, and where nobody answers', async () => {
    const forbidden = await gateward('status', '--cluster', '--kubeconfig', cluster.kubeconfigOf('bob'));
    expect(forbidden).toEqual({
      code: 4,
      stdout: '',
      stderr: `error: ${cluster.url}: may not list gatewayclasses\n  ask with an account that may; gateward manifests rbac prints the rights that reading needs [cluster/forbidden]\n`,
    });
    const nowhere = join(cluster.dir, 'nowhere.kubeconfig');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'x', user: { token: 'x' } }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    };
    await writeFile(nowhere, JSON.stringify(config));
    const unreachable = await gateward('status', '--cluster', '--kubeconfig', nowhere, '--context', 'x');
    expect(unreachable).toMatchObject({ code: 4, stdout: '' });
    expect(unreachable.stderr).toContain('[cluster/unreachable]');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('--watch prints again after a change, and ends on %s', async (signal) => {
    await write(ROUTE, ACCEPTED);
    const flags = ['status', '--cluster', '--watch', '-n', 'team', '--kubeconfig', cluster.kubeconfig];
    const watching = spawn(process.execPath, ['--conditions=source', join(root, 'src/main.ts'), ...flags], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    watching.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    watching.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const sums = (): readonly string[] => stdout.split('\n').filter((line) => line.includes('as predicted'));
    const until = async (count: number): Promise<void> => {
      for (let attempt = 0; sums().length < count; attempt += 1) {
        if (attempt === 300) throw new Error(`no ${count}. table:\n${stdout}\n${stderr}`);
        await sleep(100);
      }
    };
    await until(1);
    await write(ROUTE, REFUSED);
    await until(2);
    watching.kill(signal);
    await once(watching, 'exit');
    expect({ code: watching.exitCode, sums: sums(), stderr }).toEqual({
      code: 1,
      sums: ['1 as predicted, 0 differ (predicted≠actual)', '0 as predicted, 1 differs (predicted≠actual)'],
      stderr: '',
    });
  });
});

/** Gateward as its own ServiceAccount, with everything on: every call is allowed, and every right is used. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { testCa } from '../support/certificates.ts';
import { moduleFolder } from './binaries.ts';
import { admissionConfiguration } from './claimRig.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward, type Gateward } from './gateward.ts';
import { NAMESPACE, SERVICES_BY_ENDPOINTS, addPod, kubeconfigIn, kubectl, podPorts } from './installation.ts';

const root = resolve(import.meta.dirname, '../..');
const USER = `system:serviceaccount:${NAMESPACE}:gateward`;

/** What the API server asks for when an apply makes what is not there (endpoints/handlers/patch.go): its log tells of the patch alone. */
const UNSHOWN = [
  'create clusterpolicyreports.wgpolicyk8s.io gateward',
  'create clusterreports.openreports.io gateward',
  'create policyreports.wgpolicyk8s.io gateward',
  'create reports.openreports.io gateward',
];

const crd = (group: string, kind: string, plural: string, version: string, scope = 'Namespaced'): unknown => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${plural}.${group}`,
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
  },
  spec: {
    group,
    scope,
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});
/** Kinds that Gateward reads or writes where they are served, and that come with no release that is installed here. */
const MORE_CRDS = [
  crd('gateway.networking.k8s.io', 'BackendLBPolicy', 'backendlbpolicies', 'v1alpha2'),
  crd('gateway.networking.x-k8s.io', 'XListenerSet', 'xlistenersets', 'v1alpha1'),
  crd('gateway.envoyproxy.io', 'SecurityPolicy', 'securitypolicies', 'v1alpha1'),
  crd('multicluster.x-k8s.io', 'ServiceImport', 'serviceimports', 'v1alpha1'),
  crd('wgpolicyk8s.io', 'PolicyReport', 'policyreports', 'v1alpha2'),
  crd('wgpolicyk8s.io', 'ClusterPolicyReport', 'clusterpolicyreports', 'v1alpha2', 'Cluster'),
];

const OWNERS = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: owners }
spec:
  action: Deny
  claims: Enforce
  owners:
    - { hostnames: ["owned.example.net"], namespaceSelector: { matchLabels: { tier: platform } } }
  rules: { unowned: Disabled }
`;
const PIN = `
apiVersion: gateward.dev/v1alpha1
kind: ChannelPin
metadata: { name: production }
spec: { action: Audit, channel: standard, bundle: v1.6.1 }
`;
const EXEMPTION = `
apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata: { name: some }
spec:
  policies: [{ kind: ListenerSafety, name: listeners }]
  match: { namespaces: [nowhere] }
  reason: so that there is one
  expires: 2099-01-01T00:00:00Z
`;
const route = (name: string, spec: unknown, apiVersion = 'gateway.networking.k8s.io/v1', kind = 'HTTPRoute') => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'team' },
  spec,
});
const GATEWAY = 'gateway.networking.k8s.io';
/** What rests on objects that are not there: each is asked for before it is denied. */
const DENIED = [
  ...['Gateway', 'ListenerSet'].map((kind) => route('no-parent', { parentRefs: [{ kind, name: 'gone' }] })),
  ...[
    { name: 'gone', port: 80 },
    { name: 'gone', port: 80, group: 'multicluster.x-k8s.io', kind: 'ServiceImport' },
    { name: 'gone', group: 'gateway.networking.x-k8s.io', kind: 'XBackend' },
  ].map((backend) => route('no-backend', { rules: [{ backendRefs: [backend] }] })),
  route('not-owned', { hostnames: ['owned.example.net'] }),
  route(
    'no-authority',
    {
      gatewayClassName: 'any',
      tls: {
        frontend: { default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'gone' }] } } },
      },
      listeners: [
        {
          name: 'https',
          port: 443,
          protocol: 'HTTPS',
          hostname: 'a.example.org',
          tls: { certificateRefs: [{ name: 'gone' }] },
        },
      ],
    },
    `${GATEWAY}/v1`,
    'Gateway',
  ),
  ...[
    ...['GatewayClass', 'Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
      (kind) => ({ group: GATEWAY, kind }),
    ),
    { group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet' },
  ].map((target) =>
    route(
      'no-target',
      { targetRefs: [{ ...target, name: 'gone' }] },
      'gateway.envoyproxy.io/v1alpha1',
      'SecurityPolicy',
    ),
  ),
];
/** What `gateward manifests webhooks` adds for the vendor's kind that the documents name. */
const VENDOR_RULE = {
  apiGroups: ['gateway.envoyproxy.io'],
  apiVersions: ['*'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['securitypolicies'],
  scope: 'Namespaced',
};

const events = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      apiGroup: z.string().default(''),
      resource: z.string(),
      subresource: z.string().default(''),
      name: z.string().default(''),
      namespace: z.string().default(''),
    })
    .optional(),
  annotations: z.record(z.string(), z.string()).default({}),
});
const roles = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string() }),
      rules: z.array(
        z.object({
          apiGroups: z.array(z.string()),
          resources: z.array(z.string()),
          resourceNames: z.array(z.string()).default(['']),
          verbs: z.array(z.string()),
        }),
      ),
    }),
  ),
});

vi.setConfig({ testTimeout: 600_000 });

describeWithCluster('the rights of Gateward', () => {
  let cluster: Cluster;
  let installed: string;
  let server: Gateward | undefined;
  let flags: readonly string[];

  const list = async (...what: readonly string[]): Promise<string> =>
    (await kubectl(cluster, ['get', ...what, '-o', 'name'])).trim();
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await holds()); tries += 1) {
      if (tries === 200) throw new Error(`never: ${what}\n${server?.log().slice(-4000) ?? ''}`);
      await sleep(300);
    }
  };
  const apply = (...objects: readonly unknown[]): Promise<string> =>
    kubectl(cluster, ['apply', '-f', '-'], objects.map((one) => JSON.stringify(one)).join('\n---\n'));

  beforeAll(async () => {
    const callers = await testCa('webhook callers');
    cluster = await startCluster({
      auditPolicy: JSON.stringify({
        apiVersion: 'audit.k8s.io/v1',
        kind: 'Policy',
        omitStages: ['RequestReceived', 'ResponseStarted'],
        rules: [{ level: 'Metadata', users: [USER] }, { level: 'None' }],
      }),
      extraArgs: async (dir) => {
        const { cert, key } = await callers.issue('kube-apiserver');
        const file = await admissionConfiguration(dir, cert, key);
        return [SERVICES_BY_ENDPOINTS, `--admission-control-config-file=${file}`];
      },
    });
    await installCrds(cluster, 'experimental');
    await apply(...MORE_CRDS);
    await kubectl(cluster, ['apply', '--server-side', '-f', join(root, 'deploy/base/crds.generated.yaml')]);
    await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    installed = join(cluster.dir, 'installed');
    await mkdir(installed);
    const at = (part: string): string => relative(installed, join(root, 'deploy', part));
    await writeFile(
      join(installed, 'kustomization.yaml'),
      JSON.stringify({
        resources: [at('base')],
        components: [at('components/self-managed'), at('components/claims'), at('components/canary')],
      }),
    );
    await kubectl(cluster, ['apply', '-k', installed]);
    const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
    const { body } = await cluster.request(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/gateward/token`, {
      method: 'POST',
      body: asked,
    });
    const { token } = z.object({ status: z.object({ token: z.string() }) }).parse(JSON.parse(body)).status;
    const trusted = join(cluster.dir, 'callers.crt');
    await writeFile(trusted, callers.pem);
    const ports = await podPorts();
    flags = [
      ...['--kubeconfig', await kubeconfigIn(cluster, 'gateward', token), '--host', '0.0.0.0'],
      ...['--port', String(ports.webhook), '--metrics-port', String(ports.metrics)],
      ...['--tls-self-managed', '--tls-host', `gateward.${NAMESPACE}.svc`, '--client-ca', trusted],
      ...['--claim-grace', '1', '--canary', 'gateward-canary', '--canary-every', '1'],
    ];
    await addPod(cluster, 'gateward-1', ports);
    await kubectl(cluster, ['create', 'namespace', 'team']);
    const documents = (await readdir(join(root, 'policies'), { withFileTypes: true })).filter((one) =>
      one.isDirectory(),
    );
    for (const { name } of documents) {
      const text = await readFile(join(root, 'policies', name, 'example.yaml'), 'utf8');
      const own = name === 'hostname-ownership' ? OWNERS : name === 'channel-pinning' ? PIN : text;
      await kubectl(cluster, ['apply', '-f', '-'], own.replace('action: Warn', 'action: Deny'));
    }
    await kubectl(cluster, ['apply', '-f', '-'], EXEMPTION);
    const vendors = join(root, 'policies/policy-attachment/example.yaml');
    await kubectl(cluster, ['apply', '-f', '-'], (await gateward('manifests', 'rbac', '--policies', vendors)).stdout);
  });
  afterAll(async () => {
    await server?.stop();
    await cluster.stop();
  });

  const refused = async (object: unknown): Promise<string> =>
    (await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: JSON.stringify(object) })).stderr;

  /** What is there before anybody judges, its reports, and their end. */
  async function audited(namespaced: string, clusterWide: string): Promise<void> {
    await kubectl(cluster, ['apply', '-f', '-'], PIN);
    await apply(route('wrong', { parentRefs: [{ name: 'gone' }] }));
    server = await startGateward(cluster, undefined, flags);
    await until(
      'reports',
      async () => (await list(namespaced, '-n', 'team')) !== '' && (await list(clusterWide)) !== '',
    );
    await kubectl(cluster, ['delete', 'channelpin', 'production']);
    await kubectl(cluster, ['delete', 'httproute', 'wrong', '-n', 'team']);
    await until('no reports', async () => (await list(namespaced, '-A')) + (await list(clusterWide)) === '');
  }
  async function stopped(): Promise<void> {
    await server?.stop();
    server = undefined;
  }
  const webhooks = ['validatingwebhookconfiguration,mutatingwebhookconfiguration', 'gateward'];

  test('are enough for all that it does', async () => {
    await kubectl(cluster, ['delete', ...webhooks]);
    await audited('policyreports.wgpolicyk8s.io', 'clusterpolicyreports.wgpolicyk8s.io');
    await kubectl(cluster, ['apply', '-k', installed]);
    const added = JSON.stringify([{ op: 'add', path: '/webhooks/0/rules/-', value: VENDOR_RULE }]);
    await kubectl(cluster, ['patch', 'validatingwebhookconfiguration', 'gateward', '--type=json', '-p', added]);
    for (const object of DENIED)
      await until(JSON.stringify(object), async () => (await refused(object)).includes('denied'));
    // A claim is made with the first object, used by the one beside it, and taken away when both are gone.
    const held = (...hostnames: readonly string[]): unknown => route('held', { hostnames });
    await apply(held('a.example.org'));
    await until('a claim', async () => (await list('hostnameclaims')) !== '');
    await apply(held('a.example.org', 'b.example.org'), route('beside', { hostnames: ['a.example.org'] }));
    await kubectl(cluster, ['delete', 'httproute', 'held', 'beside', '-n', 'team']);
    await until('no claim', async () => (await list('hostnameclaims')) === '');
    await stopped();
    await kubectl(cluster, ['delete', ...webhooks]);
    const openreports = join(await moduleFolder('reports', 'github.com/openreports/reports-api'), 'config/crd');
    await kubectl(cluster, ['apply', '--server-side', '-f', openreports]);
    await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    await audited('reports.openreports.io', 'clusterreports.openreports.io');
    await stopped();
  });

  test('and each of them is used', async () => {
    const lines = (await readFile(cluster.auditLog ?? '', 'utf8')).trim().split('\n');
    const calls = lines.map((line) => events.parse(JSON.parse(line))).filter(({ user }) => user.username === USER);
    const named = ({ verb, objectRef }: (typeof calls)[number], name: string): string => {
      if (objectRef === undefined) return '';
      const { apiGroup, resource, subresource } = objectRef;
      return rightText(verb, apiGroup, subresource === '' ? resource : `${resource}/${subresource}`, name);
    };
    // The canary is refused with 403 too, by Gateward.
    const forbidden = calls.filter(({ annotations }) => annotations['authorization.k8s.io/decision'] === 'forbid');
    expect(new Set(calls.map(({ annotations }) => annotations['authorization.k8s.io/decision']))).toContain('allow');
    expect(forbidden.map((call) => named(call, call.objectRef?.name ?? ''))).toEqual([]);
    const seen = new Set(calls.flatMap((call) => [named(call, ''), named(call, call.objectRef?.name ?? '')]));
    const own = ['gateward', 'gateward-claims', 'gateward-vendors', 'gateward-certificates'];
    const all = [
      ...roles.parse(JSON.parse(await kubectl(cluster, ['get', 'clusterroles', ...own, '-o', 'json']))).items,
    ];
    for (const namespace of [NAMESPACE, 'gateward-canary']) {
      all.push(
        ...roles.parse(JSON.parse(await kubectl(cluster, ['get', 'roles', '-n', namespace, '-o', 'json']))).items,
      );
    }
    const granted = all.flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            verbs.flatMap((verb) => resourceNames.map((name) => rightText(verb, group, resource, name))),
          ),
        ),
      ),
    );
    const unused = [...new Set(granted)].filter((right) => !seen.has(right));
    expect(unused.sort()).toEqual(UNSHOWN);
  });
});

function rightText(verb: string, group: string, resource: string, name: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` ${name}`}`;
}

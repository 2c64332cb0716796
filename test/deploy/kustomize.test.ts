import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { POLICIES } from '../../policies/index.ts';
import { configDocuments, loadPolicies } from '../../src/config/index.ts';
import { manifestObjects } from '../../src/report/manifests.ts';
import { temporaryFolder, writeFile } from '../support/certificates.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

const labelled = z.record(z.string(), z.string());
const anyObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), annotations: labelled.optional() }),
});

function render(folder: string): readonly z.infer<typeof anyObject>[] {
  const text = execFileSync('kubectl', ['kustomize', resolve(deploy, folder)], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => anyObject.parse(document.toJS()));
}

/** The base with components, as somebody's own kustomization has it. */
function renderWith(...components: readonly string[]): readonly z.infer<typeof anyObject>[] {
  const folder = temporaryFolder();
  const path = (name: string): string => relative(folder, join(deploy, name));
  const own = { resources: [path('base')], components: components.map((name) => path(`components/${name}`)) };
  writeFile(folder, 'kustomization.yaml', JSON.stringify(own));
  return render(folder);
}

function one<S extends z.ZodType>(objects: readonly z.infer<typeof anyObject>[], kind: string, door: S): z.infer<S> {
  return door.parse(objects.find((object) => object.kind === kind));
}

const webhook = z.looseObject({
  failurePolicy: z.string(),
  timeoutSeconds: z.number(),
  clientConfig: z.looseObject({
    service: z.strictObject({ name: z.string(), namespace: z.string(), path: z.string(), port: z.number() }),
  }),
});
const validating = z.looseObject({ webhooks: z.tuple([webhook, webhook]) });
const mutating = z.looseObject({ webhooks: z.tuple([webhook]) });
const configMap = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  data: z.strictObject({ 'policies.yaml': z.string() }),
});
const service = z.looseObject({
  spec: z.looseObject({
    selector: labelled,
    ports: z.array(z.looseObject({ name: z.string(), port: z.number(), targetPort: z.string() })),
  }),
});
const deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: labelled }),
      spec: z.looseObject({
        serviceAccountName: z.string(),
        securityContext: z.unknown(),
        containers: z.tuple([
          z.looseObject({
            args: z.array(z.string()),
            ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })),
            securityContext: z.unknown(),
            volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
        volumes: z.array(
          z.looseObject({ name: z.string(), configMap: z.looseObject({ name: z.string() }).optional() }),
        ),
      }),
    }),
  }),
});

describe.skipIf(!hasKubectl)('deploy/', () => {
  test('the base holds what an installation needs, and no secret', () => {
    const kinds = render('base').map(({ kind }) => kind);
    expect([...new Set(kinds)].sort()).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'CustomResourceDefinition',
      'Deployment',
      'MutatingWebhookConfiguration',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'ResourceQuota',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
      'ValidatingWebhookConfiguration',
    ]);
  });

  test('the parts of the base meet: webhook, Service, pods, mounts and arguments', () => {
    const objects = render('base');
    const pods = one(objects, 'Deployment', deployment).spec;
    const [container] = pods.template.spec.containers;
    const hooks = one(objects, 'ValidatingWebhookConfiguration', validating).webhooks;
    const target = one(objects, 'Service', service).spec;
    const endpoint = { name: 'gateward', namespace: 'gateward-system', port: 443 };
    expect(hooks.map(({ clientConfig }) => clientConfig.service)).toEqual([
      { ...endpoint, path: '/validate' },
      { ...endpoint, path: '/documents' },
    ]);
    expect(pods.template.metadata.labels).toMatchObject(target.selector);
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(target.ports.map(({ port, targetPort }) => [port, ports.get(targetPort)])).toEqual([
      [443, 8443],
      [9090, 9090],
    ]);
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect({ args: container.args, mounts, replicas: pods.replicas }).toEqual({
      args: [
        'serve',
        ...['--policies', '/etc/gateward/policies'],
        ...['--tls-cert', '/etc/gateward/tls/tls.crt'],
        ...['--tls-key', '/etc/gateward/tls/tls.key'],
        ...['--port', '8443'],
        ...['--metrics-port', '9090'],
      ],
      mounts: ['/etc/gateward/policies', '/etc/gateward/tls'],
      replicas: 3,
    });
    expect(pods.template.spec.volumes.find(({ name }) => name === 'policies')?.configMap?.name).toBe(
      one(objects, 'ConfigMap', configMap).metadata.name,
    );
  });

  test('with the self-managed component no certificate is mounted, and rights are by name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateward-deploy-'));
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(realpathSync(folder), join(deploy, 'base'))],
      components: [relative(realpathSync(folder), join(deploy, 'components/self-managed'))],
    };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    const objects = render(relative(deploy, folder));
    const { containers, volumes } = one(objects, 'Deployment', deployment).spec.template.spec;
    const [{ args, volumeMounts }] = containers;
    expect([args, volumeMounts.map(({ name }) => name), volumes.map(({ name }) => name)]).toEqual([
      [
        'serve',
        ...['--policies', '/etc/gateward/policies'],
        '--tls-self-managed',
        ...['--port', '8443'],
        ...['--metrics-port', '9090'],
      ],
      ['policies'],
      ['policies'],
    ]);
    const rules = z.looseObject({ rules: z.unknown() });
    const granted = objects
      .filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name === 'gateward-certificates')
      .map((role) => rules.parse(role).rules);
    expect(granted).toEqual([
      [
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['gateward-ca'], verbs: ['get', 'update'] },
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: ['gateward-certificates'],
          verbs: ['get', 'update'],
        },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      ],
      [
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
          resourceNames: ['gateward'],
          verbs: ['get', 'patch'],
        },
      ],
    ]);
    rmSync(folder, { recursive: true });
  });

  test.each([
    [
      ['policies-from-cluster'],
      ['--tls-cert', '/etc/gateward/tls/tls.crt', '--tls-key', '/etc/gateward/tls/tls.key'],
      ['tls'],
    ],
    [['self-managed', 'policies-from-cluster'], ['--tls-self-managed'], []],
  ])('with the components %j there is no ConfigMap of documents', (components, tls, mounted) => {
    const objects = renderWith(...components);
    const { containers, volumes } = one(objects, 'Deployment', deployment).spec.template.spec;
    const [{ args, volumeMounts }] = containers;
    expect([args, volumeMounts.map(({ name }) => name), volumes.map(({ name }) => name)]).toEqual([
      ['serve', '--policies-from-cluster', ...tls, '--port', '8443', '--metrics-port', '9090'],
      mounted,
      mounted,
    ]);
    expect(objects.filter(({ kind }) => kind === 'ConfigMap')).toEqual([]);
  });

  test('the pods fit the restricted Pod Security Standard', () => {
    const { template } = one(render('base'), 'Deployment', deployment).spec;
    expect([template.spec.securityContext, template.spec.containers[0].securityContext]).toEqual([
      {
        runAsNonRoot: true,
        runAsUser: 65_532,
        runAsGroup: 65_532,
        fsGroup: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    ]);
  });

  test.each([
    ['base', 'Ignore', 5],
    ['overlays/audit', 'Ignore', 2],
    ['overlays/enforce', 'Fail', 5],
  ])('F3 %s calls with failure policy %s and %s s, and its documents load', (folder, failurePolicy, timeoutSeconds) => {
    const objects = render(folder);
    const hooks = [
      ...one(objects, 'ValidatingWebhookConfiguration', validating).webhooks,
      ...one(objects, 'MutatingWebhookConfiguration', mutating).webhooks,
    ];
    expect(hooks.map((hook) => [hook.clientConfig.service.path, hook.failurePolicy, hook.timeoutSeconds])).toEqual([
      ['/validate', failurePolicy, timeoutSeconds],
      ['/documents', 'Ignore', 2],
      ['/mutate', 'Ignore', 2],
    ]);
    const { data } = one(objects, 'ConfigMap', configMap);
    const { documents, problems } = configDocuments('policies.yaml', data['policies.yaml']);
    expect([...problems, ...loadPolicies(documents, POLICIES, 0).problems]).toEqual([]);
    expect(documents.length).toBeGreaterThan(0);
  });

  test('the component for hostname claims adds just what manifests says of documents that hold them', () => {
    const added = manifestObjects('rbac', { policies: POLICIES, holdsClaims: true }).slice(-2);
    const objects = renderWith('claims');
    expect(objects.filter(({ metadata }) => metadata.name === 'gateward-claims')).toEqual(added);
    const sideEffects = z.looseObject({ webhooks: z.array(z.looseObject({ sideEffects: z.string() })) });
    expect(
      ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) =>
        one(objects, kind, sideEffects).webhooks.map((webhook) => webhook.sideEffects),
      ),
    ).toEqual([['None'], ['NoneOnDryRun', 'None']]);
  });

  test('the component for the canary gives a flag, and one right in a namespace where nothing can be stored', () => {
    const objects = renderWith('canary');
    const args = one(objects, 'Deployment', deployment).spec.template.spec.containers[0].args;
    expect(args.slice(-4)).toEqual(['--metrics-port', '9090', '--canary', 'gateward-canary']);
    const base = new Set(render('base').map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const said = z.looseObject({ rules: z.unknown(), subjects: z.unknown(), spec: z.unknown() }).partial();
    const added = objects
      .filter(({ kind, metadata }) => !base.has(`${kind} ${metadata.name}`))
      .map((object) => {
        const { rules, subjects, spec } = said.parse(object);
        return [object.kind, object.metadata.namespace, rules ?? subjects ?? spec];
      });
    expect(added).toEqual([
      ['Namespace', undefined, undefined],
      ['ResourceQuota', 'gateward-canary', { hard: { 'count/httproutes.gateway.networking.k8s.io': '0' } }],
      [
        'Role',
        'gateward-canary',
        [{ apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: ['create'] }],
      ],
      ['RoleBinding', 'gateward-canary', [{ kind: 'ServiceAccount', name: 'gateward', namespace: 'gateward-system' }]],
    ]);
  });
});

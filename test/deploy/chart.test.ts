/** The chart as the real Helm reads it: what it renders, what it refuses, and that it installs what kustomize does. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { POLICIES } from '../../policies/index.ts';
import { configDocuments, loadPolicies } from '../../src/config/index.ts';
import { renderManifests } from '../../src/report/manifests.ts';
import { describeWithHelm } from '../support/helm.ts';
import { pathWithAnyKubectl } from '../support/kubectl.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const chart = join(deploy, 'chart');

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
});
type KubeObject = z.infer<typeof object>;

test('no template has a tag of YAML, which not every reader of rendered charts knows', () => {
  const names = readdirSync(join(chart, 'templates')).filter((name) => name.endsWith('.yaml'));
  expect(names).toContain('certificate.generated.yaml');
  const tagged = names.filter((name) => / !!?\w/.test(readFileSync(join(chart, 'templates', name), 'utf8')));
  expect(tagged).toEqual([]);
});

function objectsIn(text: string): readonly KubeObject[] {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => z.unknown().parse(document.toJS()))
    .filter((value) => value !== null)
    .map((value): KubeObject => object.parse(value));
}

const idOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

/** What is refused, the values that are, the nearest that are not, and what is told. */
type Refusal = [name: string, wrong: readonly string[], right: readonly string[], told: string];

const podTemplate = z.looseObject({
  metadata: z.looseObject({ annotations: z.unknown() }),
  spec: z.record(z.string(), z.unknown()),
});

await describeWithHelm('the chart', (helm) => {
  const version = ['--kube-version', '1.36.0'];
  const release = [...version, '--namespace', 'gateward-system'];

  function render(...flags: readonly string[]): readonly KubeObject[] {
    return objectsIn(
      execFileSync(helm, ['template', 'gateward', chart, ...release, ...flags], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    );
  }

  const values = readdirSync(join(chart, 'ci')).map((name) => join(chart, 'ci', name));

  test.each(values)('lints with %s', (file) => {
    const said = execFileSync(helm, ['lint', '--strict', ...version, '--values', file, chart], { encoding: 'utf8' });
    expect(said).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  test.each(['audit', 'enforce'])('installs in profile %s what the overlay of this name does', async (profile) => {
    const path = await pathWithAnyKubectl();
    expect(path).toBeDefined();
    const overlay = objectsIn(
      execFileSync('kubectl', ['kustomize', join(deploy, 'overlays', profile)], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        env: { ...process.env, PATH: path },
      }),
    );
    const secret = ['certificates.mode=secret', 'certificates.caBundle=Q0E=', `profile=${profile}`];
    const rendered = render(...secret.flatMap((value) => ['--set', value])).filter(
      ({ metadata }) => !Object.keys(metadata.annotations ?? {}).includes('helm.sh/hook'),
    );
    expect(rendered.map(idOf).sort()).toEqual(
      overlay
        .map(idOf)
        .filter((id) => id !== 'Namespace gateward-system')
        .sort(),
    );
    const byId = new Map(overlay.map((one) => [idOf(one), one]));
    for (const one of rendered) expect([idOf(one), bare(one)]).toEqual([idOf(one), bare(byId.get(idOf(one)))]);
  });

  test.each([
    ['audit', 'Ignore', 2, 'Audit'],
    ['warn', 'Ignore', 5, 'Warn'],
    ['enforce', 'Fail', 5, 'Deny'],
  ])(
    'profile %s calls with %s and %s s, and the strictest action of its documents is %s',
    (profile, failurePolicy, timeoutSeconds, strictest) => {
      const objects = render('--set', `profile=${profile}`);
      const validating = objects.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
      expect(validating).toMatchObject({
        webhooks: [
          { name: 'validate.gateward.dev', failurePolicy, timeoutSeconds },
          { name: 'documents.gateward.dev', failurePolicy: 'Ignore', timeoutSeconds: 2 },
        ],
      });
      expect(validating?.metadata.annotations).toEqual({
        'cert-manager.io/inject-ca-from': 'gateward-system/gateward',
      });
      const { data } = z
        .looseObject({ data: z.strictObject({ 'policies.yaml': z.string() }) })
        .parse(objects.find(({ kind }) => kind === 'ConfigMap'));
      const { documents, problems } = configDocuments('policies.yaml', data['policies.yaml']);
      const loaded = loadPolicies(documents, POLICIES, 0);
      expect([...problems, ...loaded.problems]).toEqual([]);
      const actions = new Set(loaded.set.policies.flatMap(({ spec }) => [spec.action, ...Object.values(spec.rules)]));
      expect(['Deny', 'Warn', 'Audit'].find((action) => [...actions].some((one) => one === action))).toBe(strictest);
    },
  );

  test('every pod fits the restricted Pod Security Standard', () => {
    const pods = values.flatMap((file) => render('--values', file)).flatMap(podsOf);
    expect(new Set(pods.map(({ name }) => name))).toEqual(new Set(['gateward', 'gateward-test', 'gateward-uninstall']));
    for (const { name, security, containers } of pods) {
      expect({ name, security }).toMatchObject({
        name,
        security: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect({ name, containers }).toEqual({
        name,
        containers: [
          { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        ],
      });
    }
  });

  test('the flags of the pods are those of the values', () => {
    const [deployment] = render('--values', join(chart, 'ci/warn-values.yaml')).filter(
      ({ kind }) => kind === 'Deployment',
    );
    const { spec } = z.looseObject({ spec: z.looseObject({ template: podTemplate }) }).parse(deployment);
    expect(spec.template.spec).toMatchObject({
      containers: [
        {
          args: [
            ...['serve', '--policies', '/etc/gateward/policies'],
            ...['--tls-cert', '/etc/gateward/tls/tls.crt', '--tls-key', '/etc/gateward/tls/tls.key'],
            ...['--port', '8443', '--metrics-port', '9090', '--log-level', 'info'],
            ...['--shutdown-delay', '15', '--stale-after', '35'],
            ...['--client-ca', '/etc/gateward/callers/ca.crt', '--client-name', 'kube-apiserver'],
          ],
          volumeMounts: [
            { name: 'policies', mountPath: '/etc/gateward/policies', readOnly: true },
            { name: 'tls', mountPath: '/etc/gateward/tls', readOnly: true },
            { name: 'callers', mountPath: '/etc/gateward/callers', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'policies', configMap: { name: 'gateward-policies' } },
        { name: 'tls', secret: { secretName: 'gateward-tls', defaultMode: 0o440 } },
        { name: 'callers', configMap: { name: 'api-server-ca' } },
      ],
    });
  });

  test('with documents of the cluster and claims the chart installs what the components do', () => {
    const objects = render('--values', join(chart, 'ci/cluster-documents-values.yaml'));
    expect(objects.filter(({ kind }) => kind === 'ConfigMap')).toEqual([]);
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    const { spec } = z.looseObject({ spec: z.looseObject({ template: podTemplate }) }).parse(deployment);
    expect(spec.template.spec).toMatchObject({
      containers: [
        {
          args: expect.arrayContaining(['serve', '--policies-from-cluster', '--client-ca']) as unknown,
          volumeMounts: [
            { name: 'tls', mountPath: '/etc/gateward/tls', readOnly: true },
            { name: 'callers', mountPath: '/etc/gateward/callers', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'tls', secret: { secretName: 'gateward-tls', defaultMode: 0o440 } },
        { name: 'callers', configMap: { name: 'api-server-ca' } },
      ],
    });
    const claims = objectsIn(readFileSync(join(deploy, 'components/claims/rbac.generated.yaml'), 'utf8'));
    expect(objects.filter(({ metadata }) => metadata.name === 'gateward-claims').map(bare)).toEqual(claims.map(bare));
    const sideEffects = (from: readonly KubeObject[]): unknown =>
      z
        .looseObject({ webhooks: z.array(z.looseObject({ sideEffects: z.string() })) })
        .parse(from.find(({ kind }) => kind === 'ValidatingWebhookConfiguration'))
        .webhooks.map((webhook) => webhook.sideEffects);
    expect([sideEffects(objects), sideEffects(render())]).toEqual([
      ['NoneOnDryRun', 'None'],
      ['None', 'None'],
    ]);
  });

  test('with the canary the chart installs what the component does, and without it nothing of it', () => {
    const own = (objects: readonly KubeObject[]): readonly unknown[] =>
      objects.filter(({ metadata }) => /canary|no-routes/.test(metadata.name)).map(bare);
    const objects = render('--values', join(chart, 'ci/enforce-values.yaml'));
    const component = ['namespace', 'rbac'].flatMap((name) =>
      objectsIn(readFileSync(join(deploy, `components/canary/${name}.yaml`), 'utf8')),
    );
    expect(new Set(own(objects))).toEqual(new Set(own(component)));
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    expect(JSON.stringify(deployment)).toContain('"--canary","gateward-canary","--serve-stale"]');
    expect(own(render())).toEqual([]);
    expect(JSON.stringify(render())).not.toContain('canary"');
  });

  test('kinds of vendors are sent, and may be listed and watched, as gateward manifests has it', () => {
    const vendorKinds = ['SecurityPolicy', 'BackendTrafficPolicy'].map((kind) => ({
      group: 'gateway.envoyproxy.io',
      kind,
    }));
    const ofVendors = (objects: readonly KubeObject[]): readonly unknown[] =>
      objects.filter(({ metadata }) => metadata.name === 'gateward-vendors').map(bare);
    const granted = objectsIn(renderManifests('rbac', { policies: POLICIES, vendorKinds }));
    const given = vendorKinds.map(({ kind }) => `${kind.slice(0, -1).toLowerCase()}ies`).sort();
    const flags = [
      '--set',
      `webhooks.vendorRules[0].group=gateway.envoyproxy.io,webhooks.vendorRules[0].resources={${given.join()}}`,
    ];
    expect(ofVendors(render(...flags))).toEqual(ofVendors(granted));
    const rulesIn = (objects: readonly KubeObject[]): unknown =>
      z
        .looseObject({ webhooks: z.array(z.looseObject({ rules: z.unknown() })) })
        .parse(objects.find(({ kind }) => kind === 'ValidatingWebhookConfiguration')).webhooks[0]?.rules;
    expect(rulesIn(render(...flags))).toEqual(
      rulesIn(objectsIn(renderManifests('webhooks', { policies: POLICIES, vendorKinds }))),
    );
    expect(ofVendors(granted)).toHaveLength(2);
    expect(ofVendors(render())).toEqual([]);
  });

  test.each([
    ['gateward', 'edge'],
    ['7', '123'],
  ])('release %s in namespace %s names no other', (name, namespace) => {
    for (const file of values) {
      const flags = ['--values', file, '--namespace', namespace];
      const text = execFileSync(helm, ['template', name, chart, ...version, ...flags], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      expect(text).not.toContain('gateward-system');
      const objects = objectsIn(text);
      const namespaces = objects.map(({ metadata }) => metadata.namespace).filter((one) => one !== 'gateward-canary');
      expect(new Set(namespaces)).toEqual(new Set([undefined, namespace]));
      expect(new Set(objects.map(({ metadata }) => metadata.labels['app.kubernetes.io/instance']))).toEqual(
        new Set([name]),
      );
    }
  });

  test('documents reach their ConfigMap as they are, also with blanks before the first line', () => {
    const documents = { 'a.yaml': '  # indented\nkind: A\n', 'b.yml': '\t\nkind: B\n', 'c.yaml': '\nkind: C\n' };
    const objects = render('--set-json', `policies.documents=${JSON.stringify(documents)}`);
    expect(objects.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({ data: documents });
  });

  test('values reach the objects that they are for', () => {
    const found = (file: string, sought: string): KubeObject | undefined =>
      render('--values', join(chart, 'ci', file)).find((one) => idOf(one) === sought);
    expect(found('enforce-values.yaml', 'Deployment gateward')).toMatchObject({
      spec: {
        replicas: 5,
        template: {
          metadata: { annotations: { 'example.com/team': 'edge' }, labels: { 'example.com/tier': 'control' } },
          spec: {
            imagePullSecrets: [{ name: 'registry' }],
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
            priorityClassName: 'system-cluster-critical',
            topologySpreadConstraints: [
              { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
              { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
            ],
            containers: [
              {
                image: `registry.example.com/gateward@sha256:${'0'.repeat(64)}`,
                imagePullPolicy: 'IfNotPresent',
                env: expect.arrayContaining([
                  { name: 'NODE_OPTIONS', value: '--max-old-space-size=768 --max-semi-space-size=8' },
                ]) as unknown,
                resources: { requests: { cpu: '100m', memory: '1024Mi' }, limits: { memory: '1024Mi' } },
              },
            ],
            volumes: [{ name: 'policies' }, { name: 'tls', secret: { secretName: 'webhook-certificate' } }],
          },
        },
      },
    });
    expect(found('enforce-values.yaml', 'ResourceQuota critical-pods')).toMatchObject({
      spec: { hard: { pods: '12' } },
    });
    expect(found('enforce-values.yaml', 'ServiceMonitor gateward')?.metadata.labels).toMatchObject({
      release: 'prometheus',
    });
    const clientConfig = {
      service: { namespace: 'gateward-system' },
      caBundle: expect.stringMatching(/^LS0t/) as unknown,
    };
    expect(found('enforce-values.yaml', 'ValidatingWebhookConfiguration gateward')).toMatchObject({
      webhooks: [{ clientConfig }, { clientConfig }],
    });
    expect(found('enforce-values.yaml', 'MutatingWebhookConfiguration gateward')).toMatchObject({
      webhooks: [{ clientConfig }],
    });
    expect(found('warn-values.yaml', 'ValidatingWebhookConfiguration gateward')).toMatchObject({
      webhooks: [{ timeoutSeconds: 3 }, { timeoutSeconds: 2 }],
    });
    const of = (flag: string): readonly string[] => render('--set', flag).map(idOf);
    expect(of('podDisruptionBudget.enabled=false')).not.toContain('PodDisruptionBudget gateward');
    expect(of('networkPolicy.enabled=false')).not.toContain('NetworkPolicy gateward');
    expect(of('scheduling.priorityClassName=high')).not.toContain('ResourceQuota critical-pods');
    const [certificate] = render('--set', 'certificates.secretName=other,certificates.issuerRef.name=mine').filter(
      (one) => idOf(one) === 'Certificate gateward',
    );
    expect(certificate).toMatchObject({ spec: { secretName: 'other', issuerRef: { name: 'mine' } } });
  });

  test('the CRDs of the documents stay when the release goes, and those of Gateway API are nobody’s', () => {
    const crds = render().filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds.length).toBeGreaterThan(0);
    expect(crds.filter(({ metadata }) => !metadata.name.endsWith('.gateward.dev'))).toEqual([]);
    expect(new Set(crds.map(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy']))).toEqual(
      new Set(['keep']),
    );
    expect(render('--set', 'crds.install=false').filter(({ kind }) => kind === 'CustomResourceDefinition')).toEqual([]);
  });

  test.each<Refusal>([
    [
      'one replica under enforce',
      ['profile=enforce', 'replicas=1'],
      ['profile=warn', 'replicas=1'],
      'profile enforce with replicas 1',
    ],
    [
      'a Secret without its CA',
      ['certificates.mode=secret'],
      ['certificates.mode=secret', 'certificates.caBundle=Q0E='],
      'certificates.mode secret without',
    ],
    [
      'a Secret that nothing is kept in',
      ['certificates.mode=self-managed', 'certificates.secretName=mine'],
      ['certificates.mode=self-managed'],
      'certificates.secretName with',
    ],
    [
      'documents in a file that is not read',
      ['policies.documents.a\\.txt=text'],
      ['policies.documents.a\\.yml=text'],
      'policies.documents: "a.txt"',
    ],
    ['a CA beside cert-manager', ['certificates.caBundle=Q0E='], [], 'certificates.caBundle with'],
    [
      'no documents',
      ['policies.bundle=none'],
      ['policies.bundle=none', 'policies.documents.a\\.yaml=text'],
      'policies.bundle none without',
    ],
    [
      'a ConfigMap and a bundle',
      ['policies.existingConfigMap=mine', 'policies.bundle=audit'],
      ['policies.existingConfigMap=mine'],
      'policies.existingConfigMap takes',
    ],
    [
      'documents of the cluster and a bundle',
      ['policies.fromCluster=true', 'policies.bundle=audit'],
      ['policies.fromCluster=true'],
      'policies.fromCluster takes',
    ],
    [
      'claims without a CA',
      ['claims.enabled=true'],
      ['claims.enabled=true', 'callers.caConfigMap=ca'],
      'claims.enabled without',
    ],
    [
      'names without a CA',
      ['callers.names={a}'],
      ['callers.names={a}', 'callers.caConfigMap=ca'],
      'callers.names without',
    ],
    [
      'a group of Kubernetes',
      ['webhooks.vendorRules[0].group=coordination.k8s.io', 'webhooks.vendorRules[0].resources={leases}'],
      ['webhooks.vendorRules[0].group=a.x-k8s.io', 'webhooks.vendorRules[0].resources={leases}'],
      'is a group of Kubernetes',
    ],
    ...['podLabels', 'monitoring.serviceMonitor.additionalLabels'].map((labels): Refusal => [
      `what is Gateward’s own in ${labels}`,
      [`${labels}.app\\.kubernetes\\.io/part-of=mine`],
      [`${labels}.example\\.com/part-of=mine`],
      `${labels}: app.kubernetes.io/part-of is Gateward's own`,
    ]),
    [
      'the label by which pods are found',
      ['podLabels.app\\.kubernetes\\.io/name=mine'],
      ['podLabels.app\\.kubernetes\\.io/instance=mine'],
      "podLabels: app.kubernetes.io/name is Gateward's own",
    ],
    ['an unknown value', ['replica=2'], ['replicas=2'], "additional properties 'replica' not allowed"],
    ['an unknown profile', ['profile=deny'], ['profile=warn'], '/profile'],
    ['a silence that gateward serve refuses', ['serve.staleAfter=1'], ['serve.staleAfter=2'], '/serve/staleAfter'],
    ['a tag for a digest', ['image.digest=latest'], ['image.tag=latest'], '/image/digest'],
  ])('refuses %s', async (_name, wrong, right, told) => {
    const run = (given: readonly string[]): Promise<string> =>
      new Promise((done) => {
        const flags = given.flatMap((value) => ['--set', value]);
        execFile(
          helm,
          ['template', 'gateward', chart, ...release, ...flags],
          { maxBuffer: 1 << 26 },
          (error, _stdout, stderr) => {
            done(error === null ? '' : stderr);
          },
        );
      });
    expect(await run(wrong)).toContain(told);
    expect(await run(right)).toBe('');
  });

  test('before the release goes a hook removes the webhook configurations, and may do nothing else', () => {
    const hooks = render().filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'pre-delete');
    expect(hooks.map(idOf)).toEqual([
      'ServiceAccount gateward-uninstall',
      'ClusterRole gateward-uninstall',
      'ClusterRoleBinding gateward-uninstall',
      'Job gateward-uninstall',
    ]);
    expect(hooks.find(({ kind }) => kind === 'ClusterRole')).toMatchObject({
      rules: [
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
          resourceNames: ['gateward'],
          verbs: ['delete'],
        },
      ],
    });
    expect(render('--set', 'uninstall.removeWebhooks=false').filter(({ kind }) => kind === 'Job')).toEqual([]);
  });

  test('alerts and dashboard reach the objects of the operators unchanged', () => {
    const objects = render('--values', join(chart, 'ci/enforce-values.yaml'));
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    expect(rule).toMatchObject({
      spec: z.unknown().parse(parse(readFileSync(join(deploy, 'components/monitoring/alerts.yaml'), 'utf8'))),
    });
    expect(rule?.metadata.labels).toMatchObject({ release: 'prometheus' });
    expect(objects.find(({ metadata }) => metadata.name === 'gateward-dashboard')).toMatchObject({
      data: { 'gateward.json': readFileSync(join(deploy, 'components/monitoring/dashboard.json'), 'utf8') },
    });
  });
});

/** Without the labels that Helm adds, and what the chart always writes and the overlay leaves to its default. */
function bare(one: KubeObject | undefined): unknown {
  if (one === undefined) return undefined;
  const { name, namespace, labels } = one.metadata;
  const kept = Object.entries(labels).filter(([name]) => !/^helm|instance$|managed-by$|\/version$/.test(name));
  return { ...bareSpec({ ...one, metadata: { name, namespace } }), labels: Object.fromEntries(kept) };
}

function bareSpec(one: unknown): Record<string, unknown> {
  const text = JSON.stringify(one, (key, value: unknown) => {
    if (['caBundle', 'imagePullPolicy', 'image'].includes(key)) return undefined;
    if (['annotations', 'imagePullSecrets', 'nodeSelector', 'tolerations', 'affinity'].includes(key) && isEmpty(value))
      return undefined;
    if (key === 'args') return z.array(z.string()).parse(value).slice(0, 11);
    return value;
  });
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

interface PodOf {
  readonly name: string;
  readonly security: unknown;
  readonly containers: readonly unknown[];
}

const podSpec = z.looseObject({
  securityContext: z.unknown(),
  containers: z.array(z.looseObject({ securityContext: z.unknown() })),
});

function podsOf(one: KubeObject): readonly PodOf[] {
  if (!['Deployment', 'Job', 'Pod'].includes(one.kind)) return [];
  const door = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: z.unknown() }).optional() }) });
  const { spec } = door.parse(one);
  const { securityContext, containers } = podSpec.parse(spec.template === undefined ? spec : spec.template.spec);
  return [
    {
      name: one.metadata.name,
      security: securityContext,
      containers: containers.map((container) => container.securityContext),
    },
  ];
}

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { KINDS, KIND_NAMES } from '#gateway';
import { definePolicy } from '#policy';
import { POLICIES } from '../../policies/index.ts';
import { manifestObjects, renderManifests } from '../../src/report/manifests.ts';
import { pluralOf } from '../../src/report/manifestsCrds.ts';
import { PROFILES, type Profile } from '../../src/report/manifestsWebhooks.ts';

/** Judges DELETE of Namespaces and CRDs, reads Secrets and Services, never mutates. */
const guard = definePolicy({
  id: 'guard',
  kind: 'Guard',
  summary: 'Guards.',
  subjects: ['Namespace', 'CustomResourceDefinition'],
  operations: ['DELETE'],
  reads: ['Secret', 'Service'],
  options: {},
  messages: { guarded: { severity: 'low', why: 'It is guarded.', text: 'guarded' } },
  bind: () => undefined,
  evaluate: () => [],
});
/** Judges and mutates two route kinds of the same versions. */
const filters = definePolicy({
  id: 'filters',
  kind: 'Filters',
  summary: 'Filters.',
  subjects: ['TCPRoute', 'UDPRoute'],
  operations: ['CREATE', 'DELETE'],
  reads: [],
  options: {},
  messages: { filtered: { severity: 'low', why: 'It is filtered.', text: 'filtered' } },
  bind: () => undefined,
  mutates: () => true,
  evaluate: () => [],
});

const labels = { 'app.kubernetes.io/part-of': 'gateward' };
const routes = { apiGroups: ['gateway.networking.k8s.io'], apiVersions: ['v1', 'v1alpha2'], scope: 'Namespaced' };

describe('webhook configurations', () => {
  test('hold exactly the kinds, versions and operations of the policies', () => {
    const options = { policies: [guard, filters], endpoint: { url: 'https://127.0.0.1:9443' }, caBundle: 'Q0E=' };
    expect(manifestObjects('webhooks', options)).toEqual([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'gateward', labels },
        webhooks: [
          {
            name: 'mutate.gateward.dev',
            clientConfig: { url: 'https://127.0.0.1:9443/mutate', caBundle: 'Q0E=' },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            matchPolicy: 'Equivalent',
            failurePolicy: 'Ignore',
            timeoutSeconds: 2,
            reinvocationPolicy: 'IfNeeded',
            namespaceSelector: {
              matchExpressions: [
                { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'gateward-system'] },
              ],
            },
            rules: [{ ...routes, operations: ['CREATE'], resources: ['tcproutes', 'udproutes'] }],
          },
        ],
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'gateward', labels },
        webhooks: [
          {
            name: 'validate.gateward.dev',
            clientConfig: { url: 'https://127.0.0.1:9443/validate', caBundle: 'Q0E=' },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            matchPolicy: 'Equivalent',
            failurePolicy: 'Fail',
            timeoutSeconds: 5,
            namespaceSelector: {
              matchExpressions: [
                { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'gateward-system'] },
              ],
            },
            matchConditions: [
              {
                name: 'only-crds-of-gateway-api',
                expression:
                  "request.resource.resource != 'customresourcedefinitions' || (request.operation == 'DELETE' ? oldObject : object)" +
                  ".spec.group in ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io']",
              },
              {
                name: 'only-namespaces-whose-labels-matter',
                expression:
                  "request.resource.resource != 'namespaces' || request.operation == 'DELETE' || (request.operation == 'CREATE' ? " +
                  "object.metadata.?labels.orValue({}).exists(key, key != 'kubernetes.io/metadata.name') : " +
                  'object.metadata.?labels != oldObject.metadata.?labels)',
              },
            ],
            rules: [
              { ...routes, operations: ['CREATE', 'DELETE'], resources: ['tcproutes', 'udproutes'] },
              {
                apiGroups: ['apiextensions.k8s.io'],
                apiVersions: ['v1'],
                operations: ['DELETE'],
                resources: ['customresourcedefinitions'],
                scope: 'Cluster',
              },
              {
                apiGroups: [''],
                apiVersions: ['v1'],
                operations: ['DELETE'],
                resources: ['namespaces', 'namespaces/finalize', 'namespaces/status'],
                scope: 'Cluster',
              },
            ],
          },
          {
            name: 'documents.gateward.dev',
            clientConfig: { url: 'https://127.0.0.1:9443/documents', caBundle: 'Q0E=' },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            matchPolicy: 'Equivalent',
            failurePolicy: 'Ignore',
            timeoutSeconds: 2,
            rules: [
              {
                apiGroups: ['gateward.dev'],
                apiVersions: ['v1alpha1'],
                operations: ['CREATE', 'UPDATE'],
                resources: ['filters', 'guards', 'policyexemptions'],
                scope: 'Cluster',
              },
            ],
          },
        ],
      },
    ]);
  });

  test('name the Service and no CA, and leave the mutating one out when nothing mutates', () => {
    const objects = manifestObjects('webhooks', { policies: [guard], namespace: 'edge' });
    expect(objects.map((object) => z.looseObject({ kind: z.string() }).parse(object).kind)).toEqual([
      'ValidatingWebhookConfiguration',
    ]);
    expect(webhooksOf(objects).map(({ clientConfig }) => clientConfig)).toEqual([
      { service: { name: 'gateward', namespace: 'edge', port: 443, path: '/validate' } },
      { service: { name: 'gateward', namespace: 'edge', port: 443, path: '/documents' } },
    ]);
    expect(JSON.stringify(objects)).toContain('"values":["kube-system","edge"]');
  });

  test.each([
    ['audit', undefined, ['Ignore', 2], ['Ignore', 2], ['Ignore', 2]],
    ['warn', undefined, ['Ignore', 2], ['Ignore', 5], ['Ignore', 2]],
    ['enforce', undefined, ['Ignore', 2], ['Fail', 5], ['Ignore', 2]],
    ['enforce', 1, ['Ignore', 1], ['Fail', 1], ['Ignore', 1]],
    ['enforce', 10, ['Ignore', 2], ['Fail', 10], ['Ignore', 2]],
  ] as const)('in profile %s with timeout %s', (profile, timeoutSeconds, mutate, validate, documents) => {
    const webhooks = webhooksOf(manifestObjects('webhooks', { policies: [filters], profile, timeoutSeconds }));
    expect(webhooks.map((webhook) => [webhook.failurePolicy, webhook.timeoutSeconds])).toEqual([
      mutate,
      validate,
      documents,
    ]);
  });

  test('P19 F26 of all policies can match nothing that a cluster needs to live or to be mended', () => {
    const profiles = Object.keys(PROFILES).filter((name): name is Profile => Object.hasOwn(PROFILES, name));
    const rules = profiles.flatMap((profile) =>
      webhooksOf(manifestObjects('webhooks', { policies: POLICIES, profile })).flatMap((webhook) => webhook.rules),
    );
    const own = rules.filter(({ apiGroups }) => apiGroups.includes('gateward.dev'));
    expect(own.map(({ operations }) => operations)).toEqual(profiles.map(() => ['CREATE', 'UPDATE']));
    const known = new Map(KIND_NAMES.map((kind) => [`${KINDS[kind].group}/${KINDS[kind].plural}`, kind]));
    const matched = rules
      .filter((rule) => !own.includes(rule))
      .flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) =>
          resources.map((resource) => known.get(`${group}/${resource.split('/')[0] ?? ''}`)),
        ),
      );
    expect(matched).not.toContain(undefined);
    const untouchable = ['Secret', 'ConfigMap', 'Service', 'ServiceImport'];
    expect(matched.filter((kind) => kind !== undefined && untouchable.includes(kind))).toEqual([]);
    expect(rules.flatMap((rule) => Object.values(rule).flat()).filter((word) => word.includes('*'))).toEqual([]);
  });

  test('hold the kinds of vendors that documents name, in the validating webhook only', () => {
    const vendorKinds = [
      { group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy' },
      { group: 'kuadrant.io', kind: 'AuthPolicy' },
      { group: 'gateway.envoyproxy.io', kind: 'BackendTrafficPolicy' },
      { group: 'kuadrant.io', kind: 'DNSPolicy', resource: 'dnspols' },
    ];
    const rulesOf = (given: typeof vendorKinds) =>
      webhooksOf(manifestObjects('webhooks', { policies: POLICIES, vendorKinds: given })).map(({ rules }) => rules);
    const [mutating, validating, documents] = rulesOf([]);
    const rule = { apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], scope: 'Namespaced' };
    expect(rulesOf(vendorKinds)).toEqual([
      mutating,
      [
        ...(validating ?? []),
        { ...rule, apiGroups: ['gateway.envoyproxy.io'], resources: ['backendtrafficpolicies', 'securitypolicies'] },
        { ...rule, apiGroups: ['kuadrant.io'], resources: ['authpolicies', 'dnspols'] },
      ],
      documents,
    ]);
  });

  test.each([
    [false, ['None', 'None']],
    [true, ['None', 'NoneOnDryRun']],
  ])('P10 have side effects only where hostnames are held (%s), in the validating webhook', (holdsClaims, expected) => {
    const webhooks = webhooksOf(manifestObjects('webhooks', { policies: POLICIES, holdsClaims }));
    expect(webhooks.map(({ sideEffects }) => sideEffects).slice(0, 2)).toEqual(expected);
  });

  test('A30 have a rule for every served version of every kind that is judged', () => {
    const [validating] = webhooksOf(manifestObjects('webhooks', { policies: POLICIES })).slice(-2);
    const matched = new Map(
      (validating?.rules ?? []).flatMap(({ apiGroups, apiVersions, resources }) =>
        resources.map((resource) => [`${apiGroups.join()}/${resource}`, apiVersions]),
      ),
    );
    const subjects = new Set(POLICIES.flatMap((policy) => policy.subjects));
    const judged = [...subjects].filter((kind) => kind !== 'VendorPolicy');
    expect(judged.map((kind) => matched.get(`${KINDS[kind].group}/${KINDS[kind].plural}`))).toEqual(
      judged.map((kind) => KINDS[kind].versions),
    );
  });
});

describe('RBAC', () => {
  test('reads what is judged and read, never Secrets, and writes statuses, reports and the Lease', () => {
    expect(manifestObjects('rbac', { policies: [guard, filters], namespace: 'edge' })).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'gateward', labels },
        rules: [
          { apiGroups: [''], resources: ['namespaces', 'services'], verbs: ['get', 'list', 'watch'] },
          {
            apiGroups: ['apiextensions.k8s.io'],
            resources: ['customresourcedefinitions'],
            verbs: ['list', 'watch'],
          },
          {
            apiGroups: ['gateward.dev'],
            resources: ['filters', 'guards', 'policyexemptions'],
            verbs: ['list', 'watch'],
          },
          {
            apiGroups: ['gateward.dev'],
            resources: ['filters/status', 'guards/status', 'policyexemptions/status'],
            verbs: ['patch'],
          },
          {
            apiGroups: ['gateway.networking.k8s.io'],
            resources: ['tcproutes', 'udproutes'],
            verbs: ['get', 'list', 'watch'],
          },
          {
            apiGroups: ['openreports.io'],
            resources: ['clusterreports', 'reports'],
            verbs: ['list'],
          },
          {
            apiGroups: ['openreports.io'],
            resources: ['clusterreports', 'reports'],
            resourceNames: ['gateward'],
            verbs: ['create', 'patch', 'delete'],
          },
          {
            apiGroups: ['wgpolicyk8s.io'],
            resources: ['clusterpolicyreports', 'policyreports'],
            verbs: ['list'],
          },
          {
            apiGroups: ['wgpolicyk8s.io'],
            resources: ['clusterpolicyreports', 'policyreports'],
            resourceNames: ['gateward'],
            verbs: ['create', 'patch', 'delete'],
          },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'gateward', labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gateward' },
        subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace: 'edge' }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'gateward', labels, namespace: 'edge' },
        rules: [
          { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
          {
            apiGroups: ['coordination.k8s.io'],
            resources: ['leases'],
            resourceNames: ['gateward'],
            verbs: ['get', 'update'],
          },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'gateward', labels, namespace: 'edge' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gateward' },
        subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace: 'edge' }],
      },
    ]);
  });

  test('writes claims, and nothing else, where documents hold hostnames', () => {
    const given = { policies: [guard], namespace: 'edge' };
    const granted = manifestObjects('rbac', { ...given, holdsClaims: true });
    expect(granted.slice(0, -2)).toEqual(manifestObjects('rbac', given));
    expect(granted.slice(-2)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'gateward-claims', labels },
        rules: [
          {
            apiGroups: ['gateward.dev'],
            resources: ['hostnameclaims'],
            verbs: ['create', 'delete', 'get', 'list', 'update'],
          },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'gateward-claims', labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gateward-claims' },
        subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace: 'edge' }],
      },
    ]);
  });

  test('sees the kinds of vendors that documents name, and may do nothing else with them', () => {
    const given = { policies: [guard], namespace: 'edge' };
    const vendorKinds = [
      { group: 'kuadrant.io', kind: 'DNSPolicy', resource: 'dnspols' },
      { group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy' },
      { group: 'gateway.envoyproxy.io', kind: 'BackendTrafficPolicy' },
      { group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy' },
    ];
    const granted = manifestObjects('rbac', { ...given, vendorKinds });
    expect(granted.slice(0, -2)).toEqual(manifestObjects('rbac', given));
    expect(granted.slice(-2)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'gateward-vendors', labels },
        rules: [
          {
            apiGroups: ['gateway.envoyproxy.io'],
            resources: ['backendtrafficpolicies', 'securitypolicies'],
            verbs: ['list', 'watch'],
          },
          { apiGroups: ['kuadrant.io'], resources: ['dnspols'], verbs: ['list', 'watch'] },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'gateward-vendors', labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gateward-vendors' },
        subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace: 'edge' }],
      },
    ]);
  });

  test('of all policies names no Secret and no wildcard, and writes nothing that is judged', () => {
    const text = renderManifests('rbac', { policies: POLICIES });
    expect(text).not.toMatch(/secrets|\*/);
    const writing = /create|update|patch|delete/;
    const rules = manifestObjects('rbac', { policies: POLICIES }).flatMap(
      (object) => z.looseObject({ rules: z.array(ruleDoor).default([]) }).parse(object).rules,
    );
    const written = rules.filter(({ verbs }) => writing.test(verbs.join())).flatMap(({ apiGroups }) => apiGroups);
    expect([...new Set(written)].sort()).toEqual([
      'coordination.k8s.io',
      'gateward.dev',
      'openreports.io',
      'wgpolicyk8s.io',
    ]);
  });
});

describe('CRDs', () => {
  test.each([
    ['HostnameOwnership', 'hostnameownerships'],
    ['ListenerSafety', 'listenersafeties'],
    ['GatewayClassAccess', 'gatewayclassaccesses'],
    ['DefaultFilters', 'defaultfilters'],
    ['RoutePrecedence', 'routeprecedences'],
  ])('of %s are called %s', (kind, plural) => {
    expect(pluralOf(kind)).toBe(plural);
  });

  test('are one per policy, PolicyExemption and HostnameClaim, sorted', () => {
    const names = manifestObjects('crds', { policies: POLICIES }).map((crd) => crdDoor.parse(crd).metadata.name);
    const kinds = [...POLICIES.map(({ kind }) => kind), 'PolicyExemption', 'HostnameClaim'];
    expect(names).toEqual(kinds.map((kind) => `${pluralOf(kind)}.gateward.dev`).sort());
  });

  test('explain every field', () => {
    const silent = manifestObjects('crds', { policies: POLICIES }).flatMap((object) => {
      const { spec } = crdDoor.parse(object);
      const fields = spec.versions[0].schema.openAPIV3Schema.properties;
      const status = fields['status'] === undefined ? [] : undescribed(fields['status'], 'status');
      return [...undescribed(fields['spec'], `${spec.names.kind}.spec`), ...status];
    });
    expect(silent).toEqual([]);
  });
});

const crdDoor = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    names: z.looseObject({ kind: z.string() }),
    versions: z.tuple([
      z.looseObject({
        schema: z.looseObject({ openAPIV3Schema: z.looseObject({ properties: z.record(z.string(), z.unknown()) }) }),
      }),
    ]),
  }),
});
const fieldDoor = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
});
const ruleDoor = z.looseObject({ apiGroups: z.array(z.string()), verbs: z.array(z.string()) });
const webhookDoor = z.looseObject({
  clientConfig: z.unknown(),
  failurePolicy: z.string(),
  timeoutSeconds: z.number(),
  rules: z.array(
    z.strictObject({
      apiGroups: z.array(z.string()),
      apiVersions: z.array(z.string()),
      operations: z.array(z.string()),
      resources: z.array(z.string()),
      scope: z.string(),
    }),
  ),
});

function webhooksOf(objects: readonly unknown[]): readonly z.infer<typeof webhookDoor>[] {
  return objects.flatMap((object) => z.looseObject({ webhooks: z.array(webhookDoor) }).parse(object).webhooks);
}

/** The fields below a schema that have no description; items of lists and values of maps need none. */
function undescribed(schema: unknown, path: string): readonly string[] {
  const { description, properties, items, additionalProperties: values } = fieldDoor.parse(schema);
  return [
    ...(description === undefined && !/(?:\[\]|\.\*)$/.test(path) ? [path] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, field]) => undescribed(field, `${path}.${name}`)),
    ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
    ...(typeof values === 'object' ? undescribed(values, `${path}.*`) : []),
  ];
}

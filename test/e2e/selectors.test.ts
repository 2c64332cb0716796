/** Label selectors, held against what a real API server answers to the same ones. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { formatSelector, matchesSelector, refusedTerm, type LabelSelector } from '#gateway';
import { labelSelectorSchema } from '#policy';
import { startCluster, type Cluster } from './cluster.ts';
import { describeWithCluster } from './describe.ts';

const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bare: {},
  web: { tier: 'web' },
  'web-prod': { tier: 'web', env: 'prod' },
  db: { tier: 'db', env: 'prod' },
  empty: { tier: '', env: 'test' },
  odd: { constructor: 'yes', toString: 'no', 'example.com/tier': 'web', tier: 'Web' },
};

const is = (key: string, operator: string, ...values: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});

const SELECTORS: readonly LabelSelector[] = [
  {},
  { matchLabels: {} },
  { matchLabels: { tier: 'web' } },
  { matchLabels: { tier: '' } },
  { matchLabels: { tier: 'web', env: 'prod' } },
  { matchLabels: { constructor: 'yes' } },
  { matchLabels: { toString: 'yes' } },
  { matchLabels: { 'example.com/tier': 'web' } },
  { matchLabels: { 'kubernetes.io/metadata.name': 'db' } },
  is('tier', 'In', 'web', 'db'),
  is('tier', 'In', ''),
  is('tier', 'NotIn', 'web'),
  is('tier', 'NotIn', 'web', 'db', ''),
  is('tier', 'Exists'),
  is('tier', 'DoesNotExist'),
  is('hasOwnProperty', 'Exists'),
  is('hasOwnProperty', 'DoesNotExist'),
  is('kubernetes.io/metadata.name', 'NotIn', 'web', 'db'),
  { matchLabels: { env: 'prod' }, ...is('tier', 'NotIn', 'db') },
  {
    matchExpressions: [
      ...(is('env', 'Exists').matchExpressions ?? []),
      ...(is('env', 'NotIn', 'prod').matchExpressions ?? []),
    ],
  },
];

const list = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }) })),
});

const policy = (name: string, matchConstraints: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
      ],
      ...matchConstraints,
    },
    validations: [{ expression: 'false', message: 'guarded' }],
  },
});

describeWithCluster('A35 label selectors on a real API server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    for (const [name, labels] of Object.entries(NAMESPACES)) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
      expect(await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(object) })).toMatchObject({
        code: 0,
      });
    }
  });
  afterAll(() => cluster.stop());

  const namespaces = async (query: string): Promise<z.infer<typeof list>['items']> => {
    const { body } = await cluster.request(`/api/v1/namespaces${query}`);
    return list.parse(JSON.parse(body)).items.filter(({ metadata }) => Object.hasOwn(NAMESPACES, metadata.name));
  };

  test.each(SELECTORS.map((selector) => [formatSelector(selector), selector] as const))(
    '%s selects the same namespaces',
    async (text, selector) => {
      const query = text === 'everything' ? '' : `?labelSelector=${encodeURIComponent(text)}`;
      const selected = (await namespaces(query)).map(({ metadata }) => metadata.name);
      const ours = (await namespaces('')).filter(({ metadata }) => matchesSelector(selector, metadata.labels));
      expect(ours.map(({ metadata }) => metadata.name)).toEqual(selected);
    },
  );

  test.each([
    [is('tier', 'In', 'web')],
    [is('tier', 'In')],
    [is('tier', 'NotIn')],
    [is('tier', 'Exists')],
    [is('tier', 'Exists', 'web')],
    [is('tier', 'DoesNotExist', 'web')],
    [is('tier', 'Equals', 'web')],
    [is('', 'Exists')],
    [is('a b', 'DoesNotExist')],
    [is('_tier', 'Exists')],
    [is('Example.com/tier', 'Exists')],
    [is('example.com/', 'Exists')],
    [is('example.com/a/b', 'Exists')],
    [is('x'.repeat(63), 'Exists')],
    [is('x'.repeat(64), 'Exists')],
    [is('tier', 'NotIn', 'web', 'a b')],
    [is('tier', 'In', 'web-')],
    [is('tier', 'In', '')],
    [{ matchLabels: { 'a b': 'c' } }],
    [{ matchLabels: { a: 'b c' } }],
  ])('%j is taken, or refused, by both', async (namespaceSelector) => {
    const stdin = JSON.stringify(policy('selector', { namespaceSelector }));
    const { code } = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { stdin });
    expect(labelSelectorSchema.safeParse(namespaceSelector).success).toBe(code === 0);
    expect(refusedTerm(namespaceSelector) === undefined).toBe(code === 0);
  });

  test('P18 an object is selected by its labels as they were, too', async () => {
    const apply = (labels: object, data: object): ReturnType<Cluster['kubectl']> => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'web', labels }, data };
      return cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) });
    };
    expect(await apply({ guarded: 'yes' }, {})).toMatchObject({ code: 0 });
    const guard = policy('guard', { objectSelector: { matchLabels: { guarded: 'yes' } } });
    const binding = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'guard' },
      spec: { policyName: 'guard', validationActions: ['Deny'] },
    };
    for (const object of [guard, binding]) {
      expect(await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(object) })).toMatchObject({
        code: 0,
      });
    }
    // The policy takes a moment to be in force; an apply that changes nothing would not be asked about.
    let tries = 0;
    const change = (): ReturnType<typeof apply> => apply({ guarded: 'yes' }, { a: String((tries += 1)) });
    await expect.poll(change, { timeout: 50_000 }).toMatchObject({ code: 1 });
    const { code, stderr } = await apply({}, { a: 'other' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('guarded')]);
  });
});

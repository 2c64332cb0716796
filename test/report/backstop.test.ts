import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Policy } from '#policy';
import { channelPinning } from '../../policies/channel-pinning/policy.ts';
import { gatewayClass } from '../../policies/gateway-class/policy.ts';
import { hostnameOwnership } from '../../policies/hostname-ownership/policy.ts';
import { listenerSafety } from '../../policies/listener-safety/policy.ts';
import { namespaceGate } from '../../policies/namespace-gate/policy.ts';
import { referenceGrants } from '../../policies/reference-grants/policy.ts';
import { routeAttachment } from '../../policies/route-attachment/policy.ts';
import { policySet, type Exemption } from '../../src/engine/index.ts';
import { compileBackstop } from '../../src/report/backstop/compile.ts';
import { renderBackstop } from '../../src/report/backstop/index.ts';

const OPTIONS = { namespace: 'gateward-system', now: Date.parse('2026-06-01T00:00:00Z') };

function setOf(policy: Policy, spec: unknown, exemptions: readonly Exemption[] = []): ReturnType<typeof policySet> {
  const { bound, issues } = policy.bind([{ name: 'doc', spec }]);
  expect(issues).toEqual([]);
  return policySet(bound, exemptions);
}

const compiledPolicy = z.looseObject({
  kind: z.literal('ValidatingAdmissionPolicy'),
  spec: z.looseObject({
    variables: z.array(z.strictObject({ name: z.string(), expression: z.string() })),
    validations: z.array(z.looseObject({ expression: z.string(), message: z.string() })),
  }),
});

/** The policies that are compiled. */
function compiled(...args: Parameters<typeof setOf>): readonly z.infer<typeof compiledPolicy>['spec'][] {
  return compileBackstop(setOf(...args), OPTIONS).objects.flatMap((object) => {
    const { data } = compiledPolicy.safeParse(object);
    return data === undefined ? [] : [data.spec];
  });
}

/** Of the policies that are compiled the variable `applies`, and the validations. */
function conditions(...args: Parameters<typeof setOf>): readonly unknown[] {
  return compiled(...args).map(({ variables, validations }) => [
    variables.find(({ name }) => name === 'applies')?.expression ?? '',
    ...validations.map(({ expression }) => expression),
  ]);
}

const CLASSES = { action: 'Deny', classes: [{ name: 'public', namespaces: ['infra'] }] };
const GATE = { action: 'Deny', labels: ['access'], auto: false };

const exemption = (
  match: Partial<Exemption['match']>,
  rules: readonly string[] = [],
  expires = '2026-07-01T00:00:00Z',
): Exemption => ({
  name: 'some',
  policies: [{ kind: 'GatewayClassAccess', name: 'doc', rules }],
  match: { names: [], ...match },
  reason: 'moves',
  ticket: undefined,
  expires: Date.parse(expires),
});

describe('a backstop', () => {
  test('is a policy and its binding, after what is left out', () => {
    expect(renderBackstop(setOf(gatewayClass, CLASSES), OPTIONS))
      .toBe(`# What the API server refuses by itself of what the policy documents deny. Compile it again when they change.
# Not said here:
# - GatewayClassAccess/doc creator-not-allowed: allowedGroups is empty
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: gateward.gateway-class.doc.gateways
  labels:
    app.kubernetes.io/part-of: gateward
    app.kubernetes.io/component: backstop
spec:
  failurePolicy: Ignore
  matchConstraints:
    matchPolicy: Equivalent
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: NotIn
          values:
            - kube-system
            - gateward-system
    resourceRules:
      - apiGroups:
          - gateway.networking.k8s.io
        apiVersions:
          - v1
          - v1beta1
        operations:
          - CREATE
          - UPDATE
        scope: Namespaced
        resources:
          - gateways
  variables:
    - name: classNotAllowedBefore
      expression: "request.operation == 'UPDATE' ? ([oldObject.spec.gatewayClassName]) : []"
    - name: classNotAllowed
      expression: ([object.spec.gatewayClassName]).filter(item, !(item in variables.classNotAllowedBefore) && item in ['public'] && !(item == 'public' && request.namespace in ['infra']))
  validations:
    - expression: variables.classNotAllowed.size() == 0
      messageExpression: "'gateway-class/class-not-allowed: spec.gatewayClassName: namespace ' + request.namespace + ' may not use class \\"' + variables.classNotAllowed[0] + '\\" (policy doc); it may use ' + [(request.namespace in ['infra'] ? ['\\"public\\"'] : [])].map(names, names.size() == 0 ? 'none of the classes that the policy lists. Ask for access, or choose a class that it does not list' : names.join(', ') + '. Choose one of these, or ask for access')[0] + '. See gateward.dev/rules/gateway-class'"
      message: "gateway-class/class-not-allowed (policy doc): The class belongs to other namespaces: its addresses, its controller, its bill."
      reason: Forbidden
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: gateward.gateway-class.doc.gateways
  labels:
    app.kubernetes.io/part-of: gateward
    app.kubernetes.io/component: backstop
spec:
  policyName: gateward.gateway-class.doc.gateways
  validationActions:
    - Deny
`);
  });

  test.each<[string, unknown, string]>([
    ['no part', {}, ''],
    ['namespaces', { namespaces: ['a', "b'c"] }, String.raw`request.namespace in ['a', 'b\'c']`],
    [
      'namespaces by label',
      { namespaceSelector: { matchLabels: { tier: 'apps' } } },
      "('tier' in namespaceObject.metadata.?labels.orValue({}) && namespaceObject.metadata.?labels.orValue({})['tier'] in ['apps'])",
    ],
    [
      'objects by label, as they are or were',
      { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
      "('a' in object.metadata.?labels.orValue({}) || (request.operation == 'UPDATE' && 'a' in oldObject.metadata.?labels.orValue({})))",
    ],
    [
      'excluded users and groups',
      { excludedUsers: ['robot'], excludedGroups: ['fire'] },
      "(!(request.userInfo.username in ['robot']) && !request.userInfo.?groups.orValue([]).exists(group, group in ['fire']))",
    ],
  ])('speaks about what the document does: %s', (_name, match, applies) => {
    const validation = `${applies === '' ? '' : '!variables.applies || '}variables.classNotAllowed.size() == 0`;
    expect(conditions(gatewayClass, { ...CLASSES, match })).toEqual([[applies, validation]]);
  });

  test('the namespace of a Namespace is itself, as it is or was', () => {
    const namespaceSelector = { matchExpressions: [{ key: 'free', operator: 'DoesNotExist' }] };
    expect(conditions(namespaceGate, { ...GATE, match: { namespaceSelector } })).toEqual([
      [
        "(!('free' in object.metadata.?labels.orValue({})) || (request.operation == 'UPDATE' && !('free' in oldObject.metadata.?labels.orValue({}))))",
        '!variables.applies || variables.labelSet.size() == 0',
        '!variables.applies || variables.labelRemoved.size() == 0',
      ],
    ]);
  });

  test.each<[string, Policy, unknown, readonly string[]]>([
    [
      'ports and protocols',
      listenerSafety,
      { ports: [80], protocols: ['HTTP'] },
      ['port', 'protocol', 'tls-mode', 'from-all', 'kind-mismatch', 'no-hostname', 'too-many'],
    ],
    [
      'ports',
      listenerSafety,
      { ports: [80] },
      ['port', 'tls-mode', 'from-all', 'kind-mismatch', 'no-hostname', 'too-many'],
    ],
    [
      'protocols',
      listenerSafety,
      { protocols: ['HTTP'] },
      ['protocol', 'tls-mode', 'from-all', 'kind-mismatch', 'no-hostname', 'too-many'],
    ],
    ['targets that need a name', referenceGrants, { named: 'Always' }, ['unnamed-target', 'too-wide']],
    ['none that does', referenceGrants, { named: 'Never' }, ['too-wide']],
    ['classes', gatewayClass, CLASSES, ['class-not-allowed']],
    ['creators', gatewayClass, { ...CLASSES, allowedGroups: ['a'] }, ['class-not-allowed', 'creator-not-allowed']],
  ])('holds the rules that the document asks for: %s', (_name, policy, spec, rules) => {
    const said = compiled(policy, { ...Object(spec), action: 'Deny' }).flatMap(({ validations }) =>
      validations.map(({ message }) => message.replace(/^.*?\/([a-z-]+) .*$/, '$1')),
    );
    expect([...new Set(said)].sort()).toEqual([...rules].sort());
  });

  test('asks nothing about users or groups where the document lists none', () => {
    const guard = (spec: object): readonly unknown[] =>
      compiled(namespaceGate, { ...GATE, ...spec }).flatMap(({ variables }) => variables);
    const [users, groups] = ["request.userInfo.username in ['a']", "exists(group, group in ['b'])"];
    const asked = [
      {},
      { allowedUsers: ['a'] },
      { allowedGroups: ['b'] },
      { allowedUsers: ['a'], allowedGroups: ['b'] },
    ];
    expect(
      asked
        .map((spec) => JSON.stringify(guard(spec)))
        .map((text) => [text.includes(users), text.includes(groups), text.includes('userInfo')]),
    ).toEqual([
      [false, false, false],
      [true, false, true],
      [false, true, true],
      [true, true, true],
    ]);
  });

  test.each<[string, object, RegExp]>([
    ['all targets', { named: 'Always' }, /filter\(target, !has\(target.name\)\)/],
    [
      'Secrets',
      { named: 'Secrets' },
      /filter\(target, target.group == '' && target.kind == 'Secret' && !has\(target.name\)\)/,
    ],
  ])('asks for the names of %s', (_name, spec, expression) => {
    const [policy] = compiled(referenceGrants, { action: 'Deny', ...spec });
    expect(policy?.variables.find(({ name }) => name === 'unnamedTarget')?.expression).toMatch(expression);
  });

  test.each<[string, readonly object[], readonly boolean[]]>([
    ['no field', [], [true, false, true]],
    ['a field', [{ kind: 'HTTPRoute', path: 'spec.rules[].retry' }], [false, false, true]],
    ['a field of some items', [{ kind: 'HTTPRoute', path: 'spec.rules[0].retry' }], [false, false, true]],
    ['a field in it', [{ kind: 'HTTPRoute', path: 'spec.rules[].retry.attempts' }], [false, true, true]],
    ['a field of another kind', [{ kind: 'GRPCRoute', path: 'spec.rules[].sessionPersistence' }], [true, false, true]],
    ['a value', [{ kind: 'HTTPRoute', path: 'spec.rules[].filters[].type=ExternalAuth' }], [true, false, false]],
  ])('holds the fields that a pin does not allow: %s', (_name, allow, held) => {
    const spec = { action: 'Deny', bundle: 'v1.6.1', channel: 'standard', allow };
    const [fields] = compileBackstop(setOf(channelPinning, spec), OPTIONS)
      .objects.map((object) => JSON.stringify(object))
      .filter((text) => text.includes('channel-pinning.doc.httproutes') && text.includes('variables'));
    const names = [
      "['spec.rules[].retry']",
      "['spec.rules[].retry.codes']",
      "['spec.rules[].filters[].type=ExternalAuth']",
    ];
    expect(names.map((name) => fields?.includes(name))).toEqual(held);
  });

  test('is none for a document that means another operation alone', () => {
    const allowed = { from: { kinds: [], namespaces: ['a'] }, to: { kinds: [], namespaces: ['b'] } };
    const spec = { action: 'Deny', match: { operations: ['DELETE'] }, allow: [allowed] };
    expect(compileBackstop(setOf(referenceGrants, spec), OPTIONS).objects).toEqual([]);
  });

  const HELD = 'variables.classNotAllowed.size() == 0';
  test.each<[string, Exemption, string]>([
    ['everything', exemption({}), `true || ${HELD}`],
    ['a name', exemption({ names: ['a.b'] }), `object.metadata.name == 'a.b' || ${HELD}`],
    ['names', exemption({ names: ['a.*'] }), `object.metadata.name.matches('^a\\\\..*$') || ${HELD}`],
    [
      'another kind',
      exemption({ kinds: [{ group: '', kind: 'A' }] }),
      `request.kind.group + '/' + request.kind.kind in ['/A'] || ${HELD}`,
    ],
    ['an operation', exemption({ operations: ['UPDATE'] }), `request.operation in ['UPDATE'] || ${HELD}`],
    [
      'objects as they will be',
      exemption({ objectSelector: { matchLabels: { a: 'b' } } }),
      `('a' in object.metadata.?labels.orValue({}) && object.metadata.?labels.orValue({})['a'] in ['b']) || ${HELD}`,
    ],
    ['a namespace', exemption({ namespaces: ['infra'] }), `request.namespace in ['infra'] || ${HELD}`],
    ['its rule', exemption({}, ['class-not-allowed']), `true || ${HELD}`],
    ['another rule', exemption({}, ['creator-not-allowed']), HELD],
    ['what has ended', exemption({}, [], '2026-06-01T00:00:00Z'), HELD],
  ])('an exemption for %s', (_name, given, validation) => {
    expect(conditions(gatewayClass, CLASSES, [given])).toEqual([['', validation]]);
  });

  test.each([
    ['names', { namespaces: ['infra'] }],
    ['selects', { namespaceSelector: { matchLabels: { tier: 'infra' } } }],
  ])('what is in no namespace is not among those that an exemption %s', (_name, match) => {
    const pinned = { action: 'Deny', bundle: 'v1.6.1', channel: 'standard' };
    const policies = [{ kind: 'ChannelPin', name: 'doc', rules: [] }];
    const of = (...given: readonly Exemption[]) => {
      const all = compileBackstop(setOf(channelPinning, pinned, given), OPTIONS).objects;
      return all.filter((object) => JSON.stringify(object).includes('crdChannel'));
    };
    const narrowed = of({ ...exemption(match), policies });
    expect([of().length, narrowed]).toEqual([1, of()]);
    expect(of({ ...exemption({ names: ['a'] }), policies })).not.toEqual(of());
  });

  test.each<[string, Policy, unknown, readonly string[]]>([
    ['a document that warns', gatewayClass, { ...CLASSES, action: 'Warn' }, ['GatewayClassAccess/doc: denies nothing']],
    [
      'a rule that warns',
      gatewayClass,
      { ...CLASSES, rules: { 'class-not-allowed': 'Warn' } },
      ['GatewayClassAccess/doc creator-not-allowed: allowedGroups is empty'],
    ],
    [
      'a policy of which CEL can say nothing',
      routeAttachment,
      { action: 'Audit', rules: { 'not-allowed-by-listeners': 'Deny' } },
      ['RouteAttachment/doc not-allowed-by-listeners: is left to Gateward'],
    ],
    [
      'labels that only selectors name',
      namespaceGate,
      { action: 'Deny' },
      ['NamespaceGate/doc label-set: is left to Gateward', 'NamespaceGate/doc label-removed: is left to Gateward'],
    ],
    [
      'more owners than a ConfigMap holds',
      hostnameOwnership,
      {
        action: 'Deny',
        owners: [
          { hostnames: ['example.com'], namespaces: Array.from({ length: 100_000 }, (_none, at) => `team-${at}`) },
        ],
      },
      ['HostnameOwnership/doc: what it lists is more than a ConfigMap holds'],
    ],
    [
      'more classes than an expression holds',
      gatewayClass,
      {
        action: 'Deny',
        classes: Array.from({ length: 5000 }, (_none, at) => ({ name: `class-${at}`, namespaces: ['infra'] })),
      },
      [
        'GatewayClassAccess/doc class-not-allowed: is more than an expression may hold',
        'GatewayClassAccess/doc creator-not-allowed: allowedGroups is empty',
      ],
    ],
  ])('%s is not compiled', (_name, policy, spec, unsaid) => {
    expect(compileBackstop(setOf(policy, spec), OPTIONS)).toEqual({ objects: [], unsaid });
  });

  test.each<[string, string]>([
    ['a', 'gateward.gateway-class.a.gateways'],
    [`${'a'.repeat(220)}.${'b'.repeat(32)}`, `gateward.gateway-class.${'a'.repeat(220)}-fc1a9a78`],
  ])('the name of a document may be long: %.9s', (document, expected) => {
    const { bound } = gatewayClass.bind([{ name: document, spec: CLASSES }]);
    const { objects } = compileBackstop(policySet(bound, []), OPTIONS);
    expect(objects).toMatchObject([
      { kind: 'ValidatingAdmissionPolicy', metadata: { name: expected } },
      { kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: expected }, spec: { policyName: expected } },
    ]);
  });

  test('who owns what is looked up in a ConfigMap', () => {
    const owners = [
      { hostnames: ['Shop.example.com', '*.shop.example.com'], namespaces: ['team-shop', 'team-b'] },
      { hostnames: ['shop.example.com'], namespaceSelector: { matchLabels: { tier: 'apps' } } },
      { hostnames: ['*'], namespaces: ['infra'] },
    ];
    const [configMap] = compileBackstop(setOf(hostnameOwnership, { action: 'Deny', owners }), OPTIONS).objects;
    expect(configMap).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'gateward.hostname-ownership',
        namespace: 'gateward-system',
        labels: { 'app.kubernetes.io/part-of': 'gateward', 'app.kubernetes.io/component': 'backstop' },
      },
      data: {
        'shop.example.com': 'namespace team-shop\nnamespace team-b\nnamespaces with tier=apps\npolicy doc',
        '_.shop.example.com': 'namespace team-shop\nnamespace team-b\npolicy doc',
        _: 'namespace infra\npolicy doc',
      },
    });
  });
});

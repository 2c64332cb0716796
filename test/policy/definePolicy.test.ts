import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { normalise, type Snapshot } from '#gateway';
import { definePolicy, subjectOf, type Subject } from '#policy';
import { ingressCutover } from '../../policies/ingress-cutover/policy.ts';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { Store } from '../../src/cluster/store.ts';

const policy = definePolicy({
  id: 'port-range',
  kind: 'PortRange',
  summary: 'Listeners use ports of a range.',
  subjects: ['Gateway'],
  reads: ['Service'],
  options: { lowest: z.int().default(1).describe('The lowest port.') },
  messages: {
    'too-low': {
      severity: 'low',
      why: 'Low ports need privileges.',
      text: '{{path}} {{port}} is below {{lowest}} ({{document}})',
    },
    noted: { severity: 'info', why: 'No document can deny it.', text: 'noted', atMost: 'Warn' },
  },
  bind: (document) => document.options.lowest,
  *evaluate(subject, { bound, find }) {
    for (const [at, listener] of subject.object.spec.listeners.entries()) {
      const path = ['spec', 'listeners', at, 'port'];
      if (listener.port < bound) yield find('too-low', path, { port: listener.port, lowest: bound });
      if (listener.protocol === 'UDP') yield find('noted', path, {});
    }
  },
});

/** The promises of the types; never run. `npm run types` fails when one of the marked lines begins to compile. */
definePolicy({
  id: 'misuse',
  kind: 'Misuse',
  summary: 'Breaks every promise.',
  subjects: ['Gateway'],
  reads: ['Service'],
  options: {},
  messages: { 'too-low': { severity: 'low', why: '', text: '{{path}} {{port}} is below {{lowest}}' } },
  bind: () => 0,
  *evaluate(subject, { find, snapshot }) {
    snapshot.get('Service', 'a', 'b');
    // @ts-expect-error a kind that is not declared in `reads`
    snapshot.get('Secret', 'a', 'b');
    // @ts-expect-error a function that reads more than the policy declares
    readsSecrets(snapshot);
    // @ts-expect-error an unknown message id
    yield find('too-hig', [], {});
    // @ts-expect-error an unfilled hole
    yield find('too-low', [], { port: 1 });
    // @ts-expect-error data that no hole takes
    yield find('too-low', [], { port: 1, lowest: 2, highest: 3 });
    // @ts-expect-error a write to the subject
    subject.object.spec.gatewayClassName = 'other';
    // @ts-expect-error a kind that is not among the subjects
    const kind: 'HTTPRoute' = subject.kind;
    yield find('too-low', [kind], { port: 1, lowest: 2 });
  },
});

function readsSecrets(snapshot: Snapshot<'Secret'>): unknown {
  return snapshot.get('Secret', 'a', 'b');
}

function gateway(port: number): Subject {
  const raw = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'public', namespace: 'infra' },
    spec: { gatewayClassName: 'public', listeners: [{ name: 'http', port, protocol: 'HTTP' }] },
  };
  const normalised = normalise('Gateway', raw);
  if (!normalised.ok) throw new Error('not a Gateway');
  return subjectOf({
    kind: 'Gateway',
    operation: 'CREATE',
    object: normalised.object,
    oldObject: undefined,
    raw,
    rawOld: undefined,
    namespace: 'infra',
    subresource: '',
    requester: undefined,
  });
}

describe('definePolicy', () => {
  test('derives what the rest of Gateward needs', () => {
    expect({ id: policy.id, operations: policy.operationsOn('Gateway'), reads: policy.reads }).toEqual({
      id: 'port-range',
      operations: ['CREATE', 'UPDATE'],
      reads: ['Service', 'Namespace'],
    });
  });

  test.each([
    ['below', 79, ['spec.listeners[0].port 79 is below 80 (web)']],
    ['at the limit', 80, []],
  ])('a port %s', (_name, port, messages) => {
    const { bound } = policy.bind([{ name: 'web', spec: { lowest: 80 } }]);
    const findings = bound.flatMap((one) => one.evaluate(gateway(port), new Store('all'), 0));
    expect(findings.map((finding) => finding.message)).toEqual(messages);
  });

  test.each([
    ['an unknown field', { lowst: 80 }, [['spec', 'lowst']], 'unknown field'],
    ['a wrong type', { lowest: '80' }, [['spec', 'lowest']], 'must be a number, not "80"'],
    ['an unknown rule', { rules: { 'too-lo': 'Deny' } }, [['spec', 'rules', 'too-lo']], 'unknown field'],
    ['a stricter action than the rule may have', { rules: { noted: 'Deny' } }, [['spec', 'rules', 'noted']], undefined],
  ])('refuses %s', (_name, spec, paths, message) => {
    const { bound, issues } = policy.bind([{ name: 'web', spec }]);
    expect(bound).toEqual([]);
    expect(issues.map((issue) => issue.path)).toEqual(paths);
    if (message !== undefined) expect(issues.map((issue) => issue.message)).toEqual([message]);
  });

  const gateways = { group: 'gateway.networking.k8s.io', kind: 'Gateway' };
  const routes = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' };
  const wrong = (message: string, expected?: readonly string[]): object => ({ message, expected: expected ?? [] });
  const none = (judged: string): object => wrong(`the policy judges none of these; it judges ${judged}`);
  const unknown = (kind: string, group: string, expected: string): object =>
    wrong(`Gateward knows no kind "${kind}" in the group "${group}"`, [expected]);
  test.each<[string, object, Readonly<Record<string, object>>]>([
    ['its subject', { kinds: [gateways] }, {}],
    ['no kind in particular', { kinds: [] }, {}],
    ['its subject among others that are known', { kinds: [routes, gateways] }, {}],
    ['its subject, and a kind that is gone', { kinds: [gateways, { ...gateways, kind: 'BackendLBPolicy' }] }, {}],
    ['other kinds alone', { kinds: [routes] }, { kinds: none('Gateway') }],
    [
      'a misspelt kind',
      { kinds: [gateways, { ...gateways, kind: 'Gatway' }] },
      { 'kinds.1.kind': unknown('Gatway', gateways.group, 'Gateway') },
    ],
    [
      'a kind in another group',
      { kinds: [{ ...gateways, group: 'networking.k8s.io' }] },
      { 'kinds.0.group': unknown('Gateway', 'networking.k8s.io', gateways.group) },
    ],
    ['operations that are judged, among others', { operations: ['DELETE', 'UPDATE'] }, {}],
    ['no operation that is judged', { operations: ['DELETE'] }, { operations: none('CREATE, UPDATE') }],
  ])('takes a match of what it judges: %s', (_name, match, expected) => {
    const { issues } = policy.bind([{ name: 'web', spec: { match } }]);
    expect(issues).toEqual(
      Object.entries(expected).map(([path, issue]) => ({
        document: 'web',
        path: ['spec', 'match', ...path.split('.').map((part) => (/^\d/.test(part) ? Number(part) : part))],
        ...issue,
      })),
    );
  });

  const ingresses = { group: 'networking.k8s.io', kind: 'Ingress' };
  test.each<[string, object, readonly string[]]>([
    ['on one of the kinds', { kinds: [routes, ingresses], operations: ['DELETE'] }, []],
    [
      'on none of them',
      { kinds: [routes], operations: ['DELETE'] },
      ['the policy judges none of these on the kinds of match.kinds; it judges CREATE, UPDATE'],
    ],
  ])('takes a match of an operation that it judges %s', (_name, match, expected) => {
    const { issues } = ingressCutover.bind([{ name: 'move', spec: { match } }]);
    expect(issues.map(({ message }) => message)).toEqual(expected);
  });

  const vendors = { group: 'example.com', kind: 'AuthPolicy' };
  test.each<[string, readonly object[], readonly string[]]>([
    ['that it lists', [vendors], []],
    [
      'that it lists, beside a misspelt one of Gateway API',
      [vendors, { ...gateways, kind: 'BackendTlsPolicy' }],
      ['spec.match.kinds.1.kind: Gateward knows no kind "BackendTlsPolicy" in the group "gateway.networking.k8s.io"'],
    ],
    [
      'that it does not list',
      [{ ...vendors, kind: 'AuthPolcy' }],
      ['spec.match.kinds.0: kinds does not list example.com/AuthPolcy, so that it is not judged'],
    ],
    [
      'beside none',
      [routes],
      [
        'spec.match.kinds: the policy judges none of these; it judges BackendTLSPolicy, BackendLBPolicy, XBackendTrafficPolicy, kinds of vendors',
      ],
    ],
  ])('takes a match of a kind of vendors %s', (_name, kinds, expected) => {
    const { issues } = policyAttachment.bind([{ name: 'targets', spec: { kinds: [vendors], match: { kinds } } }]);
    expect(issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(expected);
  });
});

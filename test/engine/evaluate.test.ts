import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ObjectKey } from '#gateway';
import { definePolicy, subjectOf, type Operation, type Requester, type Subject } from '#policy';
import { Store } from '../../src/cluster/store.ts';
import {
  decide,
  effectOf,
  evaluate,
  openQuestions,
  policySet,
  standing,
  type Evaluation,
  type Exemption,
  type Violation,
} from '../../src/engine/index.ts';
import { objectOf } from '../support/world.ts';

/** Refuses hostnames of a list; each is a violation of its own. `absent` makes findings rest on a Namespace label. */
const policy = definePolicy({
  id: 'refused-hostnames',
  kind: 'RefusedHostnames',
  summary: 'Refuses hostnames.',
  subjects: ['HTTPRoute', 'GRPCRoute'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  reads: [],
  options: {
    hostnames: z.array(z.string()).default([]),
    throws: z.boolean().default(false),
    restsOnLabel: z.boolean().default(false),
    mild: z.boolean().default(false),
    limit: z.int().default(16),
  },
  messages: {
    refused: { severity: 'high', why: 'It is refused.', text: '{{path}} "{{hostname}}" is refused' },
    'too-many': { severity: 'low', why: 'Few are enough.', text: '{{path}} has more than {{limit}} hostnames' },
    seldom: { severity: 'info', why: 'Only when asked for.', text: 'asked for', off: true },
  },
  bind: ({ options }) => options,
  *evaluate(subject, { bound, find }) {
    if (bound.throws) throw new Error('cannot judge');
    const hostnames = subject.object.spec.hostnames ?? [];
    const namespace: ObjectKey = { kind: 'Namespace', namespace: '', name: subject.namespace };
    for (const [at, hostname] of hostnames.entries()) {
      if (bound.hostnames.includes(hostname)) {
        yield find(
          'refused',
          ['spec', 'hostnames', at],
          { hostname },
          { ...(bound.restsOnLabel ? { restsOn: [namespace] } : {}), ...(bound.mild ? { atMost: 'Warn' } : {}) },
        );
      }
    }
    if (hostnames.length > bound.limit) {
      yield find('too-many', ['spec', 'hostnames'], { limit: bound.limit }, { size: hostnames.length });
    }
    yield find('seldom', [], {});
  },
});

interface Change {
  readonly operation?: Operation;
  readonly hostnames: readonly string[];
  readonly before?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly metadataBefore?: Readonly<Record<string, unknown>>;
  readonly requester?: Requester;
}

function route(hostnames: readonly string[], metadata: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop-web', namespace: 'team-shop', ...metadata },
    spec: { parentRefs: [{ name: 'public' }], hostnames },
  };
}

function subject(change: Change): Subject {
  const raw = route(change.hostnames, change.metadata);
  const rawOld = change.before === undefined ? undefined : route(change.before, change.metadataBefore);
  return subjectOf({
    kind: 'HTTPRoute',
    operation: change.operation ?? (rawOld === undefined ? 'CREATE' : 'UPDATE'),
    object: objectOf('HTTPRoute', raw),
    oldObject: rawOld === undefined ? undefined : objectOf('HTTPRoute', rawOld),
    raw,
    rawOld,
    namespace: 'team-shop',
    subresource: '',
    requester: change.requester,
  });
}

const REFUSED = { hostnames: ['a.example', 'b.example'] };

interface Around {
  readonly store?: Store;
  readonly exemptions?: readonly Exemption[];
  readonly now?: number;
}

/** Evaluates one change under documents given as specs. */
function evaluated(specs: readonly Readonly<Record<string, unknown>>[], change: Change, around: Around): Evaluation {
  const { bound, issues } = policy.bind(specs.map((spec, at) => ({ name: `document-${at}`, spec })));
  expect(issues).toEqual([]);
  const { store = new Store('all'), exemptions = [], now = 0 } = around;
  return evaluate(subject(change), store, policySet(bound, exemptions), now);
}

/** What becomes of one change: `effect relief rule path` of each violation, then errors. */
function outcome(
  specs: readonly Readonly<Record<string, unknown>>[],
  change: Change,
  around: Around = {},
): readonly string[] {
  const evaluation = evaluated(specs, change, around);
  return [
    ...evaluation.violations.map(
      (violation) => `${effectOf(violation)} ${violation.relief.kind} ${violation.rule} ${violation.path.join('.')}`,
    ),
    ...evaluation.errors.map(
      (error) => `error ${error.action} ${error.failureMode} ${error.document}: ${error.reason}`,
    ),
  ];
}

const refused = 'refused-hostnames/refused';
const deny = { action: 'Deny', ...REFUSED };

const selector = { namespaceSelector: { matchLabels: { tier: 'apps' } } };
const namespace = (labels: Readonly<Record<string, string>>): Store => {
  const store = new Store('some');
  store.put(
    'Namespace',
    objectOf('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-shop', labels } }),
  );
  return store;
};

describe('the action of a violation', () => {
  test.each<[string, Readonly<Record<string, unknown>>[], readonly string[]]>([
    ['is the document’s', [deny], [`deny none ${refused} spec.hostnames.0`]],
    ['is Warn by default', [REFUSED], [`warn none ${refused} spec.hostnames.0`]],
    [
      'is overridden for a rule',
      [{ ...deny, rules: { refused: 'Audit' } }],
      [`audit none ${refused} spec.hostnames.0`],
    ],
    ['is nothing for a disabled rule', [{ ...deny, rules: { refused: 'Disabled' } }], []],
    ['is no stricter than the finding allows', [{ ...deny, mild: true }], [`warn none ${refused} spec.hostnames.0`]],
    [
      'turns on a rule that is off by default',
      [{ ...REFUSED, rules: { seldom: 'Audit', refused: 'Disabled' } }],
      ['audit none refused-hostnames/seldom '],
    ],
    [
      'is the strictest of several documents, said once',
      [REFUSED, deny, { action: 'Audit', ...REFUSED }],
      [`deny none ${refused} spec.hostnames.0`],
    ],
  ])('%s', (_name, specs, expected) => {
    expect(outcome(specs, { hostnames: ['a.example', 'c.example'] })).toEqual(expected);
  });
});

describe('match', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Change, boolean]>([
    [
      'of the kind',
      { kinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }] },
      { hostnames: ['a.example'] },
      true,
    ],
    [
      'of another kind',
      { kinds: [{ group: 'gateway.networking.k8s.io', kind: 'GRPCRoute' }] },
      { hostnames: ['a.example'] },
      false,
    ],
    [
      'of one of the kinds',
      { kinds: ['GRPCRoute', 'HTTPRoute'].map((kind) => ({ group: 'gateway.networking.k8s.io', kind })) },
      { hostnames: ['a.example'] },
      true,
    ],
    ['where no list has an entry', { kinds: [], operations: [] }, { hostnames: ['a.example'] }, true],
    ['of the namespace', { namespaces: ['team-shop'] }, { hostnames: ['a.example'] }, true],
    ['of another namespace', { namespaces: ['team-pay'] }, { hostnames: ['a.example'] }, false],
    ['of the operation', { operations: ['UPDATE'] }, { hostnames: ['a.example'], before: [] }, true],
    ['of another operation', { operations: ['UPDATE'] }, { hostnames: ['a.example'] }, false],
    [
      'with the label',
      { objectSelector: { matchLabels: { tier: 'web' } } },
      { hostnames: ['a.example'], metadata: { labels: { tier: 'web' } } },
      true,
    ],
    ['without the label', { objectSelector: { matchLabels: { tier: 'web' } } }, { hostnames: ['a.example'] }, false],
    [
      'whose label is taken away by the same write',
      { objectSelector: { matchLabels: { tier: 'web' } } },
      { hostnames: ['a.example'], before: [], metadataBefore: { labels: { tier: 'web' } } },
      true,
    ],
    [
      'which had another label before',
      { objectSelector: { matchLabels: { tier: 'web' } } },
      { hostnames: ['a.example'], before: [], metadataBefore: { labels: { tier: 'db' } } },
      false,
    ],
    [
      'of an excluded user',
      { excludedUsers: ['argocd'] },
      { hostnames: ['a.example'], requester: { username: 'argocd', groups: [] } },
      false,
    ],
    [
      'of another user',
      { excludedUsers: ['argocd'] },
      { hostnames: ['a.example'], requester: { username: 'alice', groups: ['argocd'] } },
      true,
    ],
    [
      'of one of the excluded groups',
      { excludedGroups: ['robots', 'admins'] },
      { hostnames: ['a.example'], requester: { username: 'alice', groups: ['dev', 'admins'] } },
      false,
    ],
  ])('speaks about an object %s', (_name, match, change, speaks) => {
    const expected = speaks ? [`deny none ${refused} spec.hostnames.0`] : [];
    expect(outcome([{ ...deny, match }], change)).toEqual(expected);
  });

  test.each<[string, Store, readonly string[]]>([
    ['in sight and matching', namespace({ tier: 'apps' }), [`deny none ${refused} spec.hostnames.0`]],
    ['in sight and not matching', namespace({ tier: 'infra' }), []],
    ['out of sight', new Store('some'), [`warn unverified ${refused} spec.hostnames.0`]],
  ])('a namespace selector, the Namespace %s', (_name, store, expected) => {
    expect(outcome([{ ...deny, match: selector }], { hostnames: ['a.example'] }, { store })).toEqual(expected);
  });

  const chosen = { ...deny, match: selector };
  const ignored = { ...chosen, failureMode: 'Ignore' };
  test.each<[string, Readonly<Record<string, unknown>>[], string, boolean]>([
    ['a Warn', [REFUSED, chosen], 'unverified', false],
    ['an Audit', [chosen, { ...REFUSED, action: 'Audit' }], 'unverified', false],
    ['a certain Deny', [chosen, deny], 'none', false],
    ['one that fails open', [ignored, chosen], 'unverified', false],
    ['a Warn, failing open itself', [ignored, REFUSED], 'unverified', true],
  ])('a Deny for a Namespace out of sight, beside %s', (_name, specs, relief, allowed) => {
    const evaluation = evaluated(specs, { hostnames: ['a.example'] }, { store: new Store('some') });
    expect([
      evaluation.violations.map((violation) => `${violation.action} ${violation.relief.kind}`),
      decide(evaluation, 'error').allowed,
    ]).toEqual([[`Deny ${relief}`], allowed]);
  });
});

describe('a finding that rests on something', () => {
  test.each<[string, Store, readonly string[]]>([
    ['is verified where all is in sight', new Store('all'), [`deny none ${refused} spec.hostnames.0`]],
    ['is unverified where only some is', new Store('some'), [`warn unverified ${refused} spec.hostnames.0`]],
    ['is unverified where nothing is', new Store('none'), [`warn unverified ${refused} spec.hostnames.0`]],
  ])('%s', (_name, store, expected) => {
    expect(outcome([{ ...deny, restsOnLabel: true }], { hostnames: ['a.example'] }, { store })).toEqual(expected);
  });

  test('asks for a live read before a Deny, and only then', () => {
    const questions = (action: string): readonly ObjectKey[] => {
      const { bound } = policy.bind([{ name: 'd', spec: { ...deny, action, restsOnLabel: true } }]);
      return openQuestions(evaluate(subject({ hostnames: ['a.example'] }), new Store('all'), policySet(bound, []), 0));
    };
    expect(questions('Deny')).toEqual([{ kind: 'Namespace', namespace: '', name: 'team-shop' }]);
    expect(questions('Warn')).toEqual([]);
  });

  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['Fail', 'refuses', { allowed: false, failed: ['Namespace cannot be seen'], ignored: [] }],
    ['Ignore', 'lets pass', { allowed: true, failed: [], ignored: ['Namespace cannot be seen'] }],
  ])('that admission cannot establish: failure mode %s %s', (failureMode, _verb, expected) => {
    const { bound } = policy.bind([{ name: 'd', spec: { ...deny, failureMode, restsOnLabel: true } }]);
    const decision = decide(
      evaluate(subject({ hostnames: ['a.example'] }), new Store('some'), policySet(bound, []), 0),
      'error',
    );
    expect({
      allowed: decision.allowed,
      failed: decision.failed.map(({ reason }) => reason),
      ignored: decision.ignored.map(({ reason }) => reason),
    }).toEqual(expected);
  });

  test('that admission cannot establish is told with what it would deny, each kind once', () => {
    const { bound } = policy.bind([{ name: 'd', spec: { ...deny, restsOnLabel: true } }]);
    const evaluation = evaluate(subject({ hostnames: ['a.example'] }), new Store('some'), policySet(bound, []), 0);
    const restsOn = ['a', 'b'].map((name) => ({ kind: 'Namespace', namespace: '', name }) as const);
    const violations = evaluation.violations.map((violation): Violation => ({
      ...violation,
      relief: { kind: 'unverified', restsOn },
    }));
    const { failed } = decide({ ...evaluation, violations }, 'error');
    expect(failed.map(({ reason, finding }) => ({ reason, finding }))).toEqual([
      { reason: 'Namespace cannot be seen', finding: evaluation.violations[0]?.message },
    ]);
  });

  test.each<[string, string, 'error' | 'warn', object]>([
    ['a Warn, at admission', 'Warn', 'error', { warned: 1, audited: 0, allowed: true }],
    ['an Audit, at admission', 'Audit', 'error', { warned: 0, audited: 1, allowed: true }],
    ['a Deny, of files', 'Deny', 'warn', { warned: 1, audited: 0, allowed: true }],
  ])('that cannot be established is said and no more: %s', (_name, action, unverified, expected) => {
    const evaluation = evaluated(
      [{ ...deny, action, restsOnLabel: true }],
      { hostnames: ['a.example'] },
      { store: new Store('some') },
    );
    const { warned, audited, allowed, failed, ignored } = decide(evaluation, unverified);
    expect({ warned: warned.length, audited: audited.length, allowed, failed, ignored }).toEqual({
      ...expected,
      failed: [],
      ignored: [],
    });
  });

  const fail = { ...deny, failureMode: 'Fail', restsOnLabel: true };
  const ignore = { ...fail, failureMode: 'Ignore' };
  test.each<[string, Readonly<Record<string, unknown>>[], boolean]>([
    ['Fail before Ignore', [fail, ignore], false],
    ['Ignore before Fail', [ignore, fail], false],
    ['Ignore twice', [ignore, ignore], true],
    ['Warn of what is certain, and Fail', [REFUSED, fail], false],
    ['Warn of what is certain, and Ignore', [REFUSED, ignore], true],
  ])('that admission cannot establish is as the strictest of several documents has it: %s', (_name, specs, allowed) => {
    const { bound } = policy.bind(specs.map((spec, at) => ({ name: `document-${at}`, spec })));
    const evaluation = evaluate(subject({ hostnames: ['a.example'] }), new Store('some'), policySet(bound, []), 0);
    expect(decide(evaluation, 'error').allowed).toBe(allowed);
  });
});

describe('A42 the ratchet', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Change, readonly string[]]>([
    [
      'an old violation warns',
      deny,
      { before: ['a.example'], hostnames: ['a.example', 'c.example'] },
      [`warn ratcheted ${refused} spec.hostnames.0`],
    ],
    [
      'an old violation that moved warns',
      deny,
      { before: ['a.example'], hostnames: ['c.example', 'a.example'] },
      [`warn ratcheted ${refused} spec.hostnames.1`],
    ],
    [
      'a new one beside it denies',
      deny,
      { before: ['a.example'], hostnames: ['a.example', 'b.example'] },
      [`warn ratcheted ${refused} spec.hostnames.0`, `deny none ${refused} spec.hostnames.1`],
    ],
    [
      'a second of the same denies',
      deny,
      { before: ['a.example'], hostnames: ['a.example', 'a.example'] },
      [`warn ratcheted ${refused} spec.hostnames.0`, `deny none ${refused} spec.hostnames.1`],
    ],
    [
      'a measure that grows denies',
      { action: 'Deny', limit: 1 },
      { before: ['x', 'y'], hostnames: ['x', 'y', 'z'] },
      ['deny none refused-hostnames/too-many spec.hostnames'],
    ],
    [
      'a measure that stays warns',
      { action: 'Deny', limit: 1 },
      { before: ['x', 'y'], hostnames: ['x', 'z'] },
      ['warn ratcheted refused-hostnames/too-many spec.hostnames'],
    ],
    [
      'a measure that shrinks warns',
      { action: 'Deny', limit: 1 },
      { before: ['x', 'y', 'z'], hostnames: ['x', 'z'] },
      ['warn ratcheted refused-hostnames/too-many spec.hostnames'],
    ],
  ])('%s', (_name, spec, change, expected) => {
    expect(outcome([spec], change)).toEqual(expected);
  });
});

describe('A43 an object that is being deleted', () => {
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/hold'] };
  const released = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  test.each<[string, Change, readonly string[]]>([
    [
      'may lose its finalizers, whatever is wrong with it',
      { before: ['a.example'], hostnames: ['a.example'], metadataBefore: deleting, metadata: released },
      [],
    ],
    [
      'may not change otherwise',
      { before: ['c'], hostnames: ['a.example'], metadataBefore: deleting, metadata: released },
      [`deny none ${refused} spec.hostnames.0`],
    ],
    ...['labels', 'annotations'].map((field): [string, Change, readonly string[]] => [
      `may not change its ${field}`,
      {
        before: ['a.example'],
        hostnames: ['a.example'],
        metadataBefore: deleting,
        metadata: { ...deleting, [field]: { a: 'b' } },
      },
      [`warn ratcheted ${refused} spec.hostnames.0`],
    ]),
    [
      'is judged as ever without a deletionTimestamp',
      { before: ['c'], hostnames: ['a.example'] },
      [`deny none ${refused} spec.hostnames.0`],
    ],
  ])('%s', (_name, change, expected) => {
    expect(outcome([deny], change)).toEqual(expected);
  });
});

describe('A25 errors', () => {
  test.each<[string, readonly Readonly<Record<string, unknown>>[], readonly string[]]>([
    [
      'stay in their document',
      [{ ...deny, throws: true }, deny],
      [`deny none ${refused} spec.hostnames.0`, 'error Deny Fail document-0: cannot judge'],
    ],
    [
      'stand for the strictest action of any rule',
      [{ action: 'Warn', rules: { refused: 'Deny' }, throws: true, failureMode: 'Ignore' }],
      ['error Deny Ignore document-0: cannot judge'],
    ],
  ])('%s', (_name, specs, expected) => {
    expect(outcome(specs, { hostnames: ['a.example'] })).toEqual(expected);
  });

  test.each([
    ['Deny', 'Fail', false],
    ['Deny', 'Ignore', true],
    ['Warn', 'Fail', true],
    ['Audit', 'Fail', true],
  ])('action %s under failure mode %s: allowed is %s', (action, failureMode, allowed) => {
    const { bound } = policy.bind([{ name: 'd', spec: { action, failureMode, throws: true } }]);
    const evaluation = evaluate(subject({ hostnames: [] }), new Store('all'), policySet(bound, []), 0);
    expect(decide(evaluation, 'error').allowed).toBe(allowed);
  });
});

describe('A44 exemptions', () => {
  const exemption: Exemption = {
    name: 'migration',
    policies: [{ kind: 'RefusedHostnames', name: 'document-0', rules: ['refused'] }],
    match: { namespaces: ['team-shop'], names: ['shop-*'] },
    reason: 'moves in March',
    ticket: undefined,
    expires: 1000,
  };
  const rule = (rules: readonly string[]): Exemption['policies'] => [
    { kind: 'RefusedHostnames', name: 'document-0', rules },
  ];
  test.each<[string, Exemption, number, string]>([
    ['until it expires', exemption, 999, 'exempt exempted'],
    ['not from then on', exemption, 1000, 'deny none'],
    ['every rule when it names none', { ...exemption, policies: rule([]) }, 0, 'exempt exempted'],
    ['no other rule', { ...exemption, policies: rule(['too-many']) }, 0, 'deny none'],
    [
      'no other document',
      { ...exemption, policies: [{ kind: 'RefusedHostnames', name: 'other', rules: [] }] },
      0,
      'deny none',
    ],
    [
      'no document of another kind',
      { ...exemption, policies: [{ kind: 'Other', name: 'document-0', rules: [] }] },
      0,
      'deny none',
    ],
    [
      'no kind of another group',
      { ...exemption, match: { ...exemption.match, kinds: [{ group: 'other', kind: 'HTTPRoute' }] } },
      0,
      'deny none',
    ],
    ['no other namespace', { ...exemption, match: { ...exemption.match, namespaces: ['team-pay'] } }, 0, 'deny none'],
    [
      'no other name',
      { ...exemption, match: { ...exemption.match, names: ['shop-', '*-api', 'web'] } },
      0,
      'deny none',
    ],
    ...[
      { names: ['web', 'shop-*'], expected: 'exempt exempted' },
      { names: ['shop-web*'], expected: 'exempt exempted' },
      { names: ['shop-*web'], expected: 'exempt exempted' },
      { names: ['*shop-web'], expected: 'exempt exempted' },
      { names: ['pay-*'], expected: 'deny none' },
      { names: ['s*x*b'], expected: 'deny none' },
      { names: ['s*p-w*p-w*b'], expected: 'deny none' },
      { names: ['*shop-web*b'], expected: 'deny none' },
    ].map(({ names, expected }): [string, Exemption, number, string] => [
      `of names: ${names.join(', ')}`,
      { ...exemption, match: { ...exemption.match, names } },
      0,
      expected,
    ]),
    ['one of several rules', { ...exemption, policies: rule(['too-many', 'refused']) }, 0, 'exempt exempted'],
    [
      'one of several documents',
      {
        ...exemption,
        policies: ['other', 'document-0'].map((name) => ({ kind: 'RefusedHostnames', name, rules: [] })),
      },
      0,
      'exempt exempted',
    ],
    ['a name by its end', { ...exemption, match: { ...exemption.match, names: ['*-web'] } }, 0, 'exempt exempted'],
    ['a name by its middle', { ...exemption, match: { ...exemption.match, names: ['s*p-w*b'] } }, 0, 'exempt exempted'],
    [
      'no name that only overlaps',
      { ...exemption, match: { ...exemption.match, names: ['shop-web*web'] } },
      0,
      'deny none',
    ],
  ])('cover %s', (_name, given, now, expected) => {
    const found = outcome([deny], { hostnames: ['a.example'] }, { exemptions: [given], now });
    expect(found).toEqual([`${expected} ${refused} spec.hostnames.0`]);
  });

  test.each([
    ['shop-*', 'exempt exempted'],
    ['shop-web-*', 'exempt exempted'],
    ['shop-web-1', 'deny none'],
    ['*-1', 'deny none'],
  ])('for %s cover or leave what is still to be given a name', (pattern, expected) => {
    const exemptions = [{ ...exemption, match: { names: [pattern] } }];
    const change = { hostnames: ['a.example'], metadata: { name: '', generateName: 'shop-web-' } };
    expect(outcome([deny], change, { exemptions })).toEqual([`${expected} ${refused} spec.hostnames.0`]);
  });

  test.each([
    ['has', { free: 'yes' }, {}, 'exempt exempted'],
    ['had before the write', {}, { free: 'yes' }, 'deny none'],
  ])('by a label cover what %s it', (_name, labels, labelsBefore, expected) => {
    const match = { objectSelector: { matchLabels: { free: 'yes' } }, names: [] };
    const change = {
      hostnames: ['a.example'],
      before: [],
      metadata: { labels },
      metadataBefore: { labels: labelsBefore },
    };
    const found = outcome([deny], change, { exemptions: [{ ...exemption, match }] });
    expect(found).toEqual([`${expected} ${refused} spec.hostnames.0`]);
  });

  test.each<[string, Store, number, string]>([
    ['in sight and matching', namespace({ tier: 'apps' }), 0, 'exempt exempted'],
    ['in sight and not matching', namespace({ tier: 'infra' }), 0, 'deny none'],
    ['out of sight', new Store('some'), 0, 'warn unverified'],
    ['out of sight, of one that has ended', new Store('some'), 1000, 'deny none'],
  ])('by a namespace selector, the Namespace %s', (_name, store, now, expected) => {
    const given = { ...exemption, match: { ...selector, names: [] } };
    const found = outcome([deny], { hostnames: ['a.example'] }, { exemptions: [given], now, store });
    expect(found).toEqual([`${expected} ${refused} spec.hostnames.0`]);
  });

  test('by a namespace selector ask for the labels that are out of sight', () => {
    const given = { ...exemption, match: { ...selector, names: [] } };
    const evaluation = evaluated([deny], { hostnames: ['a.example'] }, { exemptions: [given] });
    expect(openQuestions(evaluation)).toEqual([{ kind: 'Namespace', namespace: '', name: 'team-shop' }]);
  });

  test('are asked once for a rule, however many violations of it there are', () => {
    let looks = 0;
    const policies = ['too-many', 'refused'].map((id) => ({
      kind: 'RefusedHostnames',
      name: 'document-0',
      get rules() {
        looks += 1;
        return [id];
      },
    }));
    const hostnames = Array.from({ length: 16 }, () => 'a.example');
    const found = outcome([deny], { hostnames }, { exemptions: [{ ...exemption, policies }] });
    expect([found.length, found[15], looks]).toEqual([16, `exempt exempted ${refused} spec.hostnames.15`, 2]);
  });

  const everything = definePolicy({
    id: 'everything',
    kind: 'Everything',
    summary: 'Refuses everything.',
    subjects: ['GatewayClass', 'Namespace', 'HTTPRoute'],
    reads: [],
    options: {},
    messages: { there: { severity: 'high', why: 'It is there.', text: 'is there' } },
    bind: () => ({}),
    *evaluate(_subject, { find }) {
      yield find('there', [], {});
    },
  });
  const gatewayClass = standing(
    'GatewayClass',
    objectOf('GatewayClass', {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'team-shop' },
      spec: { controllerName: 'example.com/controller' },
    }),
  );
  const labelled = { name: 'team-shop', labels: { tier: 'apps' } };
  const namespaceItself = standing(
    'Namespace',
    objectOf('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: labelled }),
  );
  test.each<[string, Subject, Partial<Exemption['match']>, string]>([
    ['no object of the cluster by a namespace', gatewayClass, { namespaces: ['team-shop'] }, 'none'],
    ['no object of the cluster by labels of a namespace', gatewayClass, selector, 'none'],
    ['an object of the cluster by its name', gatewayClass, { names: ['team-*'] }, 'exempted'],
    ['a Namespace by itself', namespaceItself, { namespaces: ['team-shop'] }, 'exempted'],
    ['a Namespace by its labels', namespaceItself, selector, 'exempted'],
    ['an object by its namespace', subject({ hostnames: [] }), { namespaces: ['team-shop'] }, 'exempted'],
    ['an object by labels of its namespace', subject({ hostnames: [] }), selector, 'exempted'],
  ])('cover %s', (_name, given, match, expected) => {
    const { bound } = everything.bind([{ name: 'd', spec: { action: 'Deny' } }]);
    const policies = [{ kind: 'Everything', name: 'd', rules: [] }];
    const exemptions = [{ ...exemption, policies, match: { names: [], ...match } }];
    const { violations } = evaluate(given, namespace({ tier: 'apps' }), policySet(bound, exemptions), 0);
    expect(violations.map(({ relief }) => relief.kind)).toEqual([expected]);
  });
});

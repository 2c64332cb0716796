import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { definePolicy, type Policy } from '#policy';
import { POLICIES } from '../../policies/index.ts';
import { configDocuments, formatProblem, loadPolicies, type LoadedPolicies } from '../../src/config/index.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

const owners = definePolicy({
  id: 'owners',
  kind: 'Owners',
  summary: 'A policy with an option of each sort.',
  subjects: ['HTTPRoute'],
  reads: [],
  messages: {
    'not-owned': { text: '{{path}} is not owned', severity: 'high', why: 'Because.' },
    noted: { text: '{{path}} is noted', severity: 'low', why: 'Because.', atMost: 'Warn' },
  },
  options: {
    owners: z
      .array(z.strictObject({ hostnames: z.array(z.string()).min(1), namespaces: z.array(z.string()).optional() }))
      .default([]),
    limit: z.number().int().max(10).default(1),
    either: z.union([z.string(), z.strictObject({ selector: z.string() })]).optional(),
  },
  bind: () => undefined,
  *evaluate() {
    // Nothing is ever found.
  },
});

const NOW = Date.parse('2027-01-01T00:00:00Z');

function load(text: string, policies: readonly Policy[] = [owners]): LoadedPolicies {
  const { documents, problems } = configDocuments('policies/a.yaml', text);
  expect(problems).toEqual([]);
  return loadPolicies(documents, policies, NOW);
}

const document = (spec: string, name = 'a'): string =>
  `apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: { name: ${name} }\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

const exemption = (spec: string): string =>
  `---\napiVersion: gateward.dev/v1alpha1\nkind: PolicyExemption\nmetadata: { name: moving }\nspec: ${spec}\n`;

describe('a document that is in order', () => {
  test('is bound', () => {
    const { set, problems, warnings, count } = load(document('action: Deny\nowners: [{ hostnames: [a.example.com] }]'));
    expect({ problems, warnings, count }).toEqual({ problems: [], warnings: [], count: 1 });
    expect(set.policies.map(({ document: name, spec }) => [name, spec.action])).toEqual([['a', 'Deny']]);
  });

  test('needs no spec', () => {
    const { set, problems } = load('apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: { name: a }\n');
    expect(problems).toEqual([]);
    expect(set.policies.map(({ spec }) => spec.action)).toEqual(['Warn']);
  });

  test('may stand in a List, and beside documents of others', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: gateward.dev/v1alpha1\n  kind: Owners\n  metadata: { name: b }\n`;
    const others =
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n---\n- a list\n---\nkind: Cluster\n';
    const { set, problems, count } = load(`${list}---\n${others}`);
    expect(problems).toEqual([]);
    expect([set.policies.map((bound) => bound.document), count]).toEqual([['b'], 1]);
  });
});

describe('a document that is not in order is refused with its place and the word that was meant', () => {
  test.each([
    ['an unknown field', document('ownerz: []'), '5:3: spec.ownerz: unknown field; did you mean "owners"?'],
    ['an unknown field that is like none', document('zzzzzz: []'), '5:3: spec.zzzzzz: unknown field'],
    [
      'an unknown field deeper down',
      document('owners:\n- { hostnames: [a], namespace: [b] }'),
      '6:23: spec.owners[0].namespace: unknown field; did you mean "namespaces"?',
    ],
    [
      'an unknown field of match',
      document('match: { kind: [] }'),
      '5:12: spec.match.kind: unknown field; did you mean "kinds"?',
    ],
    [
      'a kind that is none',
      document('match: { kinds: [{ group: gateway.networking.k8s.io, kind: HTTPRoutes }] }'),
      '5:62: spec.match.kinds[0].kind: Gateward knows no kind "HTTPRoutes" in the group "gateway.networking.k8s.io"; did you mean "HTTPRoute"?',
    ],
    [
      'a selector by a key that no label has',
      document('match: { objectSelector: { matchLabels: { team name: a } } }'),
      '5:56: spec.match.objectSelector.matchLabels.team name: is not the key of a label: letters, digits, "-", "_" and ".", perhaps after a DNS name and "/"',
    ],
    [
      'a selector by a value that no label has',
      document('match: { objectSelector: { matchExpressions: [{ key: a, operator: NotIn, values: [a b] }] } }'),
      '5:85: spec.match.objectSelector.matchExpressions[0].values[0]: is not the value of a label: at most 63 letters, digits, "-", "_" and "."',
    ],
    [
      'an unknown rule',
      document('rules: { not-ownd: Deny }'),
      '5:12: spec.rules.not-ownd: unknown field; did you mean "not-owned"?',
    ],
    ['a missing field', document('owners: [{}]'), '5:12: spec.owners[0].hostnames: is required: a list'],
    ['text for a list', document('owners: a'), '5:11: spec.owners: must be a list, not "a"'],
    ['a list for a number', document('limit: [1]'), '5:3: spec.limit: must be a number, not a list'],
    ['too large a number', document('limit: 11'), '5:10: spec.limit: must be at most 10'],
    ['an empty list', document('owners: [{ hostnames: [] }]'), '5:14: spec.owners[0].hostnames: must have at least 1'],
    [
      'an unknown field in one of two shapes',
      document('either: { selektor: a }'),
      '5:3: spec.either.selector: is required: text\n5:13: spec.either.selektor: unknown field; did you mean "selector"?',
    ],
    [
      'Enforce',
      document('action: Enforce'),
      '5:11: spec.action: "Enforce" is not one of Deny | Warn | Audit; did you mean "Deny"?',
    ],
    [
      'deny',
      document('action: deny'),
      '5:11: spec.action: "deny" is not one of Deny | Warn | Audit; did you mean "Deny"?',
    ],
    [
      'dryrun',
      document('action: dryrun'),
      '5:11: spec.action: "dryrun" is not one of Deny | Warn | Audit; did you mean "Audit"?',
    ],
    [
      'dry-run',
      document('action: dry-run'),
      '5:11: spec.action: "dry-run" is not one of Deny | Warn | Audit; did you mean "Audit"?',
    ],
    [
      'protect',
      document('action: protect'),
      '5:11: spec.action: "protect" is not one of Deny | Warn | Audit; did you mean "Deny"?',
    ],
    [
      'monitor',
      document('action: monitor'),
      '5:11: spec.action: "monitor" is not one of Deny | Warn | Audit; did you mean "Audit"?',
    ],
    [
      'a bare Off',
      document('rules: { not-owned: Off }'),
      '5:23: spec.rules.not-owned: false is not one of Deny | Warn | Audit | Disabled; did you mean "Disabled"? (YAML reads a bare Off, No or False as false)',
    ],
    [
      'more than the rule may',
      document('rules: { noted: Deny }'),
      '5:19: spec.rules.noted: "Deny" is not one of Warn | Audit | Disabled',
    ],
    [
      'an unknown kind',
      'apiVersion: gateward.dev/v1alpha1\nkind: Owner\nmetadata: { name: a }\n',
      '2:7: kind: unknown kind "Owner"; did you mean "Owners"?',
    ],
    ['no kind', 'apiVersion: gateward.dev/v1alpha1\nmetadata: { name: a }\n', '1:1: kind: is required: text'],
    ['no version', 'kind: Owners\nmetadata: { name: a }\n', '1:1: apiVersion: is required: gateward.dev/v1alpha1'],
    [
      'an empty version',
      'apiVersion:\nkind: Owners\nmetadata: { name: a }\n',
      '1:1: apiVersion: is required: gateward.dev/v1alpha1',
    ],
    [
      'an unknown version',
      'apiVersion: gateward.dev/v1\nkind: Owners\nmetadata: { name: a }\n',
      '1:13: apiVersion: must be gateward.dev/v1alpha1, not "gateward.dev/v1"',
    ],
    [
      'a misspelt group',
      'apiVersion: gatward.dev/v1alpha1\nkind: Owners\nmetadata: { name: a }\n',
      '1:13: apiVersion: must be gateward.dev/v1alpha1, not "gatward.dev/v1alpha1"',
    ],
    [
      'no name',
      'apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: {}\n',
      '3:1: metadata.name: is required: text',
    ],
    [
      'a name that is no text to YAML',
      'apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: { name: no }\n',
      '3:19: metadata.name: must be text, not false',
    ],
    [
      'a name that is none',
      'apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: { name: A_b }\n',
      '3:19: metadata.name: "A_b" is not a name: lower-case letters, digits, - and .',
    ],
    [
      'an unknown field outside of spec',
      'apiVersion: gateward.dev/v1alpha1\nkind: Owners\nmetadata: { name: a }\nspce: {}\n',
      '4:1: spce: unknown field; did you mean "spec"?',
    ],
    [
      'the same document twice',
      `${document('limit: 1')}---\n${document('limit: 2')}`,
      '9:19: metadata.name: Owners "a" stands twice: here and at policies/a.yaml:3:19',
    ],
  ])('%s', (_name, text, expected) => {
    expect(load(text).problems.map(formatProblem)).toEqual(
      expected.split('\n').map((line) => `policies/a.yaml:${line}`),
    );
  });

  test('everything that is wrong is told at once, in the order of the file', () => {
    const { set, problems } = load(`${document('limit: a\nownerz: []')}---\n${document('action: off', 'b')}`);
    expect(problems.map(formatProblem)).toEqual([
      'policies/a.yaml:5:10: spec.limit: must be a number, not "a"',
      'policies/a.yaml:6:3: spec.ownerz: unknown field; did you mean "owners"?',
      'policies/a.yaml:12:11: spec.action: false is not one of Deny | Warn | Audit (YAML reads a bare Off, No or False as false)',
    ]);
    expect(set.policies).toEqual([]);
  });

  test.each([
    ['among its fields', Array.from({ length: 60 }, (_, at) => `limt${at}: 1`).join('\n')],
    ['in its lists', `owners: [${'{},'.repeat(60)}]`],
  ])('of 60 things that are wrong %s, 50 are told', (_name, spec) => {
    expect(load(document(spec)).problems.length).toBe(50);
  });

  test('A55 of more that is wrong than a stack holds, that much is told', () => {
    const spec = { owners: [{ hostnames: Array.from({ length: 200_000 }, () => 1) }] };
    const value = { apiVersion: 'gateward.dev/v1alpha1', kind: 'Owners', metadata: { name: 'a' }, spec };
    const { problems } = loadPolicies([{ origin: 'a', value, locate: undefined }], [owners], NOW);
    expect(problems.map(formatProblem)).toEqual(['a: spec: has more problems than can be told']);
  });

  test('text that is no YAML', () => {
    const { documents, problems } = configDocuments('policies/a.yaml', 'a: 1\na: 2\n---\nb: 1\n');
    expect(problems.map(formatProblem)).toEqual(['policies/a.yaml:2:1: the key "a" stands twice: here and at 1:1']);
    expect(documents.map(({ value }) => value)).toEqual([{ b: 1 }]);
  });

  test('a document from a cluster is told by its name', () => {
    const value = { apiVersion: 'gateward.dev/v1alpha1', kind: 'Owners', metadata: { name: 'a' }, spec: { limt: 1 } };
    const { problems } = loadPolicies([{ origin: 'Owners a', value, locate: undefined }], [owners], NOW);
    expect(problems.map(formatProblem)).toEqual(['Owners a: spec.limt: unknown field; did you mean "limit"?']);
  });
});

describe('exemptions', () => {
  const of =
    'policies: [{ kind: Owners, name: a, rules: [not-owned] }], match: { namespaces: [team], names: ["shop-*"] }';

  test('are honoured until they expire', () => {
    const text = `${document('limit: 1')}${exemption(`{ ${of}, reason: moves, ticket: T-1, expires: 2027-01-01T00:00:01Z }`)}`;
    const { set, expired, problems, warnings } = load(text);
    expect({ expired, problems, warnings }).toEqual({ expired: [], problems: [], warnings: [] });
    expect(set.exemptions).toEqual([
      {
        name: 'moving',
        policies: [{ kind: 'Owners', name: 'a', rules: ['not-owned'] }],
        match: { namespaces: ['team'], names: ['shop-*'] },
        reason: 'moves',
        ticket: 'T-1',
        expires: NOW + 1000,
      },
    ]);
  });

  test('are only listed from then on', () => {
    const text = `${document('limit: 1')}${exemption(`{ ${of}, reason: moves, expires: 2027-01-01T00:00:00Z }`)}`;
    const { set, expired, problems } = load(text);
    expect([set.exemptions, expired.map(({ name }) => name), problems]).toEqual([[], ['moving'], []]);
  });

  test('that name no document are told', () => {
    const { warnings, problems } = load(
      `${document('limit: 1', 'ab')}${exemption(`{ ${of}, reason: moves, expires: 2028-01-01T00:00:00Z }`)}`,
    );
    expect(problems).toEqual([]);
    expect(warnings.map(formatProblem)).toEqual([
      'policies/a.yaml:10:42: spec.policies[0].name: there is no Owners "a"; did you mean "ab"?',
    ]);
  });

  test.each([
    ['no end', '{ policies: [{ kind: Owners, name: a }], match: {}, reason: r }', 'spec.expires: is required: text'],
    [
      'an end that is a day',
      '{ policies: [{ kind: Owners, name: a }], match: {}, reason: r, expires: 2027-03-31 }',
      'spec.expires: must be a time as RFC 3339 writes it: 2027-03-31T00:00:00Z',
    ],
    [
      'no reason',
      '{ policies: [{ kind: Owners, name: a }], match: {}, expires: 2028-01-01T00:00:00Z }',
      'spec.reason: is required: text',
    ],
    [
      'a blank reason',
      '{ policies: [{ kind: Owners, name: a }], match: {}, reason: " ", expires: 2028-01-01T00:00:00Z }',
      'spec.reason: must not be empty',
    ],
    [
      'a kind that is none',
      '{ policies: [{ kind: Owner, name: a }], match: {}, reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.policies[0].kind: there is no policy of kind "Owner"; did you mean "Owners"?',
    ],
    [
      'a rule that is none',
      '{ policies: [{ kind: Owners, name: a, rules: [not-own] }], match: {}, reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.policies[0].rules[0]: Owners has no rule "not-own"; did you mean "not-owned"?',
    ],
    [
      'a misspelt kind of object',
      '{ policies: [{ kind: Owners, name: a }], match: { kinds: [{ group: gateway.networking.k8s.io, kind: HttpRoute }] }, reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.match.kinds[0].kind: Gateward knows no kind "HttpRoute" in the group "gateway.networking.k8s.io"; did you mean "HTTPRoute"?',
    ],
    [
      'kinds of objects that the policy does not judge',
      '{ policies: [{ kind: Owners, name: a }], match: { kinds: [{ group: gateway.networking.k8s.io, kind: Gateway }] }, reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.match.kinds: the policy judges none of these; it judges HTTPRoute',
    ],
    [
      'operations that the policy does not judge',
      '{ policies: [{ kind: Owners, name: a }], match: { operations: [DELETE] }, reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.match.operations: the policy judges none of these; it judges CREATE, UPDATE',
    ],
    [
      'no match',
      '{ policies: [{ kind: Owners, name: a }], reason: r, expires: 2028-01-01T00:00:00Z }',
      'spec.match: is required: a map',
    ],
  ])('with %s are refused', (_name, spec, expected) => {
    const { problems } = load(exemption(spec));
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([expected]);
  });
});

describe.skipIf(!hasShared)('the example documents', () => {
  const text = readFileSync(hasShared ? sharedPath('policy-documents.yaml') : import.meta.filename, 'utf8');
  const { documents } = configDocuments('policy-documents.yaml', text);

  test('load unchanged', () => {
    const { set, problems, warnings, expired, count } = loadPolicies(documents, POLICIES, NOW);
    expect(problems.map(formatProblem)).toEqual([]);
    expect({ warnings, expired }).toEqual({ warnings: [], expired: [] });
    expect(set.exemptions.map(({ name, expires }) => [name, expires])).toEqual([
      ['shop-migration', Date.parse('2027-03-31T00:00:00Z')],
    ]);
    expect(set.policies.map(({ policy }) => policy.kind).sort()).toEqual([
      'BackendReferences',
      'ChannelPin',
      'DefaultFilters',
      'GatewayClassAccess',
      'HostnameOwnership',
      'IngressCutover',
      'ListenerSafety',
      'NamespaceGate',
      'PolicyAttachment',
      'ReferenceGrantScope',
      'RouteAttachment',
      'RoutePrecedence',
      'SupportedFeatures',
    ]);
    expect(count).toBe(14);
  });
});

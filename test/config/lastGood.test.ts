import { expect, test } from 'vitest';
import { LastGood, type ClusterDocument } from '../../src/config/index.ts';
import { documentStatus } from '../../src/report/documentStatus.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const NOW = Date.UTC(2026, 10, 21);

function toy(name: string, generation: number, spec: unknown, status?: unknown): ClusterDocument {
  const value = {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'Toy',
    metadata: { name, generation, uid: name },
    spec,
    ...(status === undefined ? {} : { status }),
  };
  return { origin: `Toy ${name} of the cluster`, value, locate: undefined, kind: 'Toy', name, uid: name, generation };
}

test('each document stands for itself, and keeps its last good version', () => {
  const lastGood = new LastGood([toyPolicy]);
  const look = (...documents: readonly ClusterDocument[]): unknown => {
    const { loaded, refused } = lastGood.take(documents, NOW);
    return {
      inForce: loaded.set.policies.map(({ document, spec }) => [document, spec.action]),
      refused: refused.map(({ document, problems, kept }) => [
        document.name,
        problems.map(({ path, message }) => `${path}: ${message}`),
        kept?.generation,
      ]),
    };
  };
  const problem = 'spec.acton: unknown field; did you mean "action"?';
  expect(look()).toEqual({ inForce: [], refused: [] });
  expect(look(toy('a', 1, { action: 'Deny' }), toy('b', 1, { acton: 'Deny' }))).toEqual({
    inForce: [['a', 'Deny']],
    refused: [['b', [problem], undefined]],
  });
  expect(look(toy('a', 2, { acton: 'Warn' }), toy('b', 2, { action: 'Warn' }))).toEqual({
    inForce: [
      ['a', 'Deny'],
      ['b', 'Warn'],
    ],
    refused: [['a', [problem], 1]],
  });
  expect(look(toy('b', 2, { action: 'Warn' }))).toEqual({ inForce: [['b', 'Warn']], refused: [] });
  expect(() => look()).toThrow('no policy documents in the cluster');
  expect(() => look(toy('c', 1, { acton: 'Deny' }))).toThrow('no policy documents in the cluster');
  // What has just been refused as a whole has changed nothing.
  expect(look(toy('b', 3, { acton: 'Warn' }))).toEqual({ inForce: [['b', 'Warn']], refused: [['b', [problem], 2]] });
});

test('what came when the last policy had gone is not in force, and is told so', () => {
  const lastGood = new LastGood([toyPolicy]);
  const exemption = (name: string): ClusterDocument => {
    const spec = {
      policies: [{ kind: 'Toy', name: 'a' }],
      match: { namespaces: ['team-shop'] },
      reason: 'moves',
      expires: '2027-03-31T00:00:00Z',
    };
    const value = { apiVersion: 'gateward.dev/v1alpha1', kind: 'PolicyExemption', metadata: { name }, spec };
    return { ...toy(name, 1, spec), kind: 'PolicyExemption', value };
  };
  const told = () => lastGood.refused.map(({ document, problems }) => [document.name, problems[0]?.message]);
  lastGood.take([toy('a', 1, { action: 'Deny' }), exemption('before')], NOW);
  expect(told()).toEqual([]);
  expect(() => lastGood.take([toy('b', 1, { acton: 'Deny' }), exemption('before'), exemption('after')], NOW)).toThrow();
  expect(told()).toEqual([
    ['b', 'unknown field; did you mean "action"?'],
    ['after', 'no policy documents in the cluster'],
  ]);
});

test('the status says whether a document is in force, since when, and what it has come to', () => {
  const lastTransitionTime = '2026-11-01T00:00:00Z';
  const ready = { type: 'Ready', status: 'True', reason: 'InForce', message: 'in force as it stands' };
  const good = toy('a', 2, {}, { judged: 5, findings: 1, conditions: [{ ...ready, lastTransitionTime }] });
  expect(documentStatus(good, undefined, [], { judged: 7, findings: 0 }, NOW)).toEqual({
    observedGeneration: 2,
    judged: 7,
    findings: 0,
    conditions: [{ ...ready, observedGeneration: 2, lastTransitionTime }],
  });
  const problems = [
    { origin: 'a', at: undefined, path: 'spec.acton', message: 'unknown field' },
    { origin: 'a', at: undefined, path: '', message: 'is no document' },
  ];
  const refused = (kept: ClusterDocument | undefined): string =>
    `spec.acton: unknown field\nis no document\n${kept === undefined ? 'nothing of this document is in force' : 'generation 1, the last one in order, stays in force'}`;
  for (const kept of [undefined, toy('a', 1, {})]) {
    expect(
      documentStatus(good, { document: good, problems, kept }, ['HTTPRoute not listed yet'], undefined, NOW),
    ).toEqual({
      observedGeneration: 2,
      judged: 5,
      findings: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'Refused',
          message: refused(kept),
          observedGeneration: 2,
          lastTransitionTime: '2026-11-21T00:00:00Z',
        },
      ],
    });
  }
});

test.for([
  {
    name: 'one that has changed',
    observedGeneration: 1,
    reason: 'Waiting',
    message: 'not in force yet: Gateway not listed yet',
  },
  {
    name: 'one that was in force as it stands',
    observedGeneration: 2,
    reason: 'InForce',
    message: 'in force as it stands',
  },
])('while what new documents read has not been listed, $name says so', ({ observedGeneration, reason, message }) => {
  const document = toy('a', 2, {}, { conditions: [{ type: 'Ready', status: 'True', observedGeneration }] });
  const { conditions } = documentStatus(document, undefined, ['Gateway not listed yet'], undefined, NOW);
  expect(conditions).toEqual([expect.objectContaining({ reason, message })]);
});

test.for([
  ['2026-11-21T00:00:01Z', 'True', 'InForce', 'in force as it stands'],
  ['2026-11-21T01:00:00+01:00', 'False', 'Expired', 'ended 2026-11-21T01:00:00+01:00 and is not honoured'],
] as const)('an exemption that expires at %s is %s', ([expires, status, reason, message]) => {
  const document = { ...toy('a', 2, { expires }), kind: 'PolicyExemption' };
  const { conditions } = documentStatus(document, undefined, [], undefined, NOW);
  expect(conditions).toEqual([expect.objectContaining({ status, reason, message })]);
});

import { describe, expect, it } from 'vitest';
import type { Snapshot } from '#gateway';
import type { BoundPolicy } from '#policy';
import { policySet } from '../../src/engine/index.ts';
import { read, validate } from '../../src/serve/judge.ts';
import { breaking, busyStore, strictDocuments } from '../fuzz/world.ts';
import { sentReview } from '../fuzz/reviewDoor.ts';
import { Dice } from '../support/dice.ts';

const store = busyStore('a');

/** Whether reviews that a document speaks about were allowed, of those in which something threw. */
async function allowedDespite(document: BoundPolicy, faulty: boolean): Promise<readonly boolean[]> {
  const allowed: boolean[] = [];
  for (let at = 0; at < 400; at += 1) {
    const { text } = sentReview(new Dice(`${document.document}/${at}`), 0);
    for (let call = 0; call < 8; call += 1) {
      const fault = breaking(store, call);
      const snapshot: Snapshot = faulty ? fault.snapshot : store;
      const evaluate: BoundPolicy['evaluate'] = (subject, world, now) => {
        const findings = document.evaluate(subject, world, now);
        if (faulty) return findings;
        throw new Error('told to break');
      };
      const set = policySet([{ ...document, evaluate }], []);
      const review = read('validate', JSON.parse(text), set);
      if (review.kind !== 'subject') break;
      const world = { set, snapshot, reader: undefined, claims: undefined, stale: [] };
      const verdict = await validate(review, world, {
        now: 0,
        signal: () => AbortSignal.timeout(60_000),
        trusted: false,
      });
      if (faulty && !fault.broke()) break;
      if (faulty || verdict.errors.length > 0) allowed.push(verdict.answer.response.allowed);
      if (!faulty) break;
    }
  }
  return allowed;
}

/** Those that look into the cluster for none of the kinds and operations that are tried. */
const BLIND: readonly string[] = ['channel-pinning', 'policy-attachment'];

const documents = strictDocuments().map((document) => [document.policy.id, document] as const);

describe('A25 whatever throws inside a policy', () => {
  it.each(documents)('%s denies when its findings are lost', async (_id, document) => {
    const allowed = await allowedDespite(document, false);
    expect([allowed.length > 0, [...new Set(allowed)]]).toEqual([true, [false]]);
  });

  it.each(documents)('%s denies when a look into the cluster throws', async (_id, document) => {
    const allowed = await allowedDespite(document, true);
    expect([allowed.length > 0, allowed.filter(Boolean)]).toEqual([!BLIND.includes(document.policy.id), []]);
  });

  it.each([
    ['failure mode Ignore', { failureMode: 'Ignore' as const }],
    ['action Warn', { action: 'Warn' as const }],
  ])('is a warning under %s', async (_name, changes) => {
    for (const [, document] of documents) {
      const changed = { ...document, spec: { ...document.spec, ...changes } };
      expect([...new Set(await allowedDespite(changed, false))]).toEqual([true]);
    }
  });
});

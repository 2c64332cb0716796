import { allow, answerRefused, decodeDocument, type RequestFacts, type ReviewAnswer } from '../admission/index.ts';
import { formatProblem, loadPolicies, type ConfigProblem, type Unfit } from '../config/index.ts';
import { valueAt } from '#gateway';
import type { Policy } from '#policy';

/** The answer to a write of a policy document. */
export type DocumentVerdict =
  | { readonly kind: 'answered'; readonly facts: RequestFacts; readonly answer: ReviewAnswer }
  | { readonly kind: 'unreadable'; readonly problem: string };

/**
 * Judges a write of a policy document, as the loader of files would, with the same words. It needs neither a cluster nor other documents, so
 * it answers before Gateward is ready too. What was wrong before and is not touched passes with a warning: labels and finalizers of a broken
 * document must stay within reach. `now` in milliseconds since the epoch; `unfit`: what the server cannot put in force.
 */
export function judgeDocument(
  body: unknown,
  policies: readonly Policy[],
  now: number,
  unfit: Unfit = () => [],
): DocumentVerdict {
  const review = decodeDocument(body);
  if (review.kind === 'unreadable') return review;
  const { facts, object, oldObject } = review;
  const allowed = (...warnings: readonly string[]): DocumentVerdict => ({
    kind: 'answered',
    facts,
    answer: allow(facts.uid, warnings),
  });
  if (facts.operation !== 'CREATE' && facts.operation !== 'UPDATE') return allowed();
  let problems: readonly ConfigProblem[];
  try {
    const document = { origin: facts.kind, value: object, locate: undefined };
    const loaded = loadPolicies([document], policies, now);
    problems = [...loaded.problems, ...unfit(document, loaded)];
    if (problems.length === 0) return allowed();
    const isTouched = JSON.stringify(valueAt(object, ['spec'])) !== JSON.stringify(valueAt(oldObject, ['spec']));
    if (facts.operation === 'UPDATE' && !isTouched) return allowed(...problems.map(formatProblem));
  } catch {
    return allowed('gateward could not judge this document; its status will say whether it is in force');
  }
  return { kind: 'answered', facts, answer: answerRefused(facts, problems) };
}

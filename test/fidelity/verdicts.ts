/** Sorts disagreements into the known classes. */
import { CLASSES, causesOf } from './classes.ts';
import type { Comparison } from './compare.ts';
import type { Evidence } from './evidence.ts';
import type { Verdict } from './knownClass.ts';

/** A disagreement with its class; `unclassed` is a finding. */
export interface Judged {
  readonly comparison: Comparison;
  readonly verdict: Verdict | 'unclassed';
  /** The id of the class, or what it follows from. */
  readonly because: string;
}

const WEIGHT: readonly Judged['verdict'][] = ['open', 'theirs', 'ours', 'unclassed'];

/** The disagreements among the comparisons, each judged. What follows from others has the gravest of their verdicts. */
export function judge(comparisons: readonly Comparison[], evidence: Evidence): readonly Judged[] {
  return comparisons.filter(({ ours, theirs }) => ours !== theirs).map((comparison) => one(comparison, evidence));
}

function one(comparison: Comparison, evidence: Evidence): Judged {
  const known = CLASSES.find(({ matches }) => matches(comparison, evidence));
  if (known !== undefined) return { comparison, verdict: known.verdict, because: known.id };
  const causes = causesOf(comparison, evidence).map((cause) => one(cause, evidence));
  const gravest = WEIGHT.findLast((verdict) => causes.some((cause) => cause.verdict === verdict));
  return { comparison, verdict: gravest ?? 'unclassed', because: 'follows from another' };
}

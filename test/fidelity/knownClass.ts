import type { Comparison } from './compare.ts';
import type { Evidence } from './evidence.ts';

/** Who must change: the controller, nobody, the model. */
export type Verdict = 'theirs' | 'open' | 'ours';

/** One kind of disagreement. */
export interface KnownClass {
  readonly id: string;
  readonly verdict: Verdict;
  readonly matches: (comparison: Comparison, evidence: Evidence) => boolean;
  /** Source and sentence. */
  readonly sentence: string;
}

import type { ObjectKey } from '#gateway';
import type { Evaluation, PolicyError, Violation } from './evaluate.ts';

/** What a violation comes to once relief is counted. */
export type Effect = 'deny' | 'warn' | 'audit' | 'exempt';

/** The effect of a violation: relief turns a Deny into a warning, an exemption takes it out. */
export function effectOf(violation: Violation): Effect {
  if (violation.relief.kind === 'exempted') return 'exempt';
  if (violation.action === 'Audit') return 'audit';
  return violation.action === 'Deny' && violation.relief.kind === 'none' ? 'deny' : 'warn';
}

/** The verdict on one subject. */
export interface Decision {
  readonly allowed: boolean;
  readonly denied: readonly Violation[];
  readonly warned: readonly Violation[];
  readonly audited: readonly Violation[];
  readonly exempted: readonly Violation[];
  /** Documents that could not be judged and whose failure mode denies. */
  readonly failed: readonly PolicyError[];
  /** Documents that could not be judged and whose failure mode lets pass. */
  readonly ignored: readonly PolicyError[];
}

/**
 * Weighs an evaluation. With `unverified: 'error'` (admission, after the live read) a Deny that still rests on something out of sight is an
 * error of its document; with `'warn'` (files and audit) it is reported and never denies.
 */
export function decide(evaluation: Evaluation, unverified: 'error' | 'warn'): Decision {
  const by: Record<Effect, Violation[]> = { deny: [], warn: [], audit: [], exempt: [] };
  const failed: PolicyError[] = [];
  const ignored: PolicyError[] = [];
  for (const error of evaluation.errors) {
    (error.action === 'Deny' && error.failureMode === 'Fail' ? failed : ignored).push(error);
  }
  for (const violation of evaluation.violations) {
    if (unverified === 'error' && violation.action === 'Deny' && violation.relief.kind === 'unverified') {
      const { policy, document, failureMode, action, message } = violation;
      const missing = new Set(violation.relief.restsOn.map((key) => key.kind));
      const reason = `${[...missing].join(', ')} cannot be seen`;
      const error: PolicyError = { policy, document, failureMode, action, reason, finding: message };
      (failureMode === 'Fail' ? failed : ignored).push(error);
    } else by[effectOf(violation)].push(violation);
  }
  return {
    allowed: by.deny.length === 0 && failed.length === 0,
    denied: by.deny,
    warned: by.warn,
    audited: by.audit,
    exempted: by.exempt,
    failed,
    ignored,
  };
}

/** What the denials of an evaluation rest on: to be read live before the word is final. */
export function openQuestions(evaluation: Evaluation): readonly ObjectKey[] {
  const questions = new Map<string, ObjectKey>();
  for (const { action, relief, restsOn } of evaluation.violations) {
    if (action !== 'Deny' || relief.kind === 'exempted' || relief.kind === 'ratcheted') continue;
    for (const key of restsOn) questions.set(`${key.kind}/${key.namespace}/${key.name}`, key);
  }
  return [...questions.values()];
}

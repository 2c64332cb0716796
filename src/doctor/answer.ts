import type { Installation } from '../cluster/installation.ts';
import { fail, ok, unknown, type Line } from './line.ts';
import { denying } from './ours.ts';

/** Whether the API server gets an answer: what no other line can prove. */
export function answerLines(seen: Installation): readonly Line[] {
  const check = 'answer/denial';
  const own = denying(seen);
  const { answer } = seen;
  if (own === undefined) return [];
  if ('unseen' in answer) return [unknown(check, seen.server, answer.unseen)];
  if (answer.answer === 'denied') {
    return [ok(check, seen.server, 'called Gateward in a dry run, and took its denial')];
  }
  if (answer.answer === 'failed') return [fail(check, seen.server, answer.problem, 'mend what the API server names')];
  const message =
    'would store an object that is made to be denied: it gets no answer from Gateward, and failurePolicy is Ignore';
  return [fail(check, seen.server, message, 'run gateward enable --dry-run, which tells why')];
}

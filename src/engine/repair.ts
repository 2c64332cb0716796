import type { ObjectKey, Snapshot } from '#gateway';
import { applies, type BoundPolicy, type Edit, type Subject } from '#policy';
import { actionFor, ruleOf } from './evaluate.ts';
import { exempting } from './exemption.ts';
import { applyPatch, toPatch, type PatchOperation } from './jsonPatch.ts';
import { overlay } from './overlay.ts';
import type { PolicySet } from './policySet.ts';

/** A subject as the mutating documents want it. */
export interface Repair {
  /** From the object as it came to the object as it should be; empty when nothing is to do. */
  readonly patch: readonly PatchOperation[];
  readonly subject: Subject;
}

/**
 * Applies the fixes of every document that mutates, one document after the other, each on what the ones before have made, until none asks
 * for more: so two documents that set headers meet in one filter. `rebuild` makes a subject of a changed object.
 *
 * Throws when a patch does not apply or documents undo each other: then nothing is to be changed, and validation has the word.
 */
export function repair(
  subject: Subject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
  rebuild: (raw: unknown) => Subject,
): Repair {
  const mutating = set.speakingOf(subject.kind, subject.operation).filter((bound) => bound.mutates);
  const patch: PatchOperation[] = [];
  let current = subject;
  for (let pass = 0; pass <= 1; pass += 1) {
    let changed = false;
    for (const bound of mutating) {
      const edits = editsOf(bound, current, snapshot, set, now);
      if (edits.length === 0) continue;
      const operations = toPatch(edits);
      current = rebuild(applyPatch(current.raw, operations));
      patch.push(...operations);
      changed = true;
    }
    if (!changed) return { patch, subject: current };
  }
  if (mutating.every((bound) => editsOf(bound, current, snapshot, set, now).length === 0))
    return { patch, subject: current };
  throw new Error(`documents undo each other: ${mutating.map((bound) => bound.document).join(', ')}`);
}

/** The Namespace that must be seen before it is known which documents and exemptions mean the subject of a repair. */
export function unseenBeforeRepair(subject: Subject, snapshot: Snapshot, set: PolicySet): ObjectKey | undefined {
  const mutating = set.speakingOf(subject.kind, subject.operation).filter((bound) => bound.mutates);
  if (mutating.length === 0) return undefined;
  for (const { match } of [...mutating.map(({ spec }) => spec), ...set.exemptions]) {
    const isMeant = applies(match, subject, snapshot);
    if (typeof isMeant !== 'boolean') return isMeant.unknown;
  }
  return undefined;
}

function editsOf(
  bound: BoundPolicy,
  subject: Subject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
): readonly Edit[] {
  const world = overlay(snapshot, subject);
  if (bound.applies(subject, world) !== true) return [];
  const findings = bound.evaluate(subject, world, now);
  if (findings.length === 0) return [];
  const exempted = exempting(set.exemptions, bound, subject, world, now);
  return findings.flatMap((finding) => {
    if (finding.fix === undefined || actionFor(bound, finding) === undefined) return [];
    return exempted(ruleOf(bound, finding)).by === undefined ? finding.fix.edits : [];
  });
}

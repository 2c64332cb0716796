import { KINDS, KIND_NAMES, type KubeObject, type Snapshot } from '#gateway';
import { subjectOf, type Subject } from '#policy';
import { evaluate, type Evaluation } from './evaluate.ts';
import type { PolicySet } from './policySet.ts';

/** An object that is already there, as a subject: judged as if it were created now, by nobody in particular. */
export function standing(kind: Subject['kind'], object: KubeObject): Subject {
  const namespace = KINDS[kind].scope === 'Cluster' ? '' : (object.metadata.namespace ?? '');
  return subjectOf({
    kind,
    operation: 'CREATE',
    object,
    oldObject: undefined,
    raw: object,
    rawOld: undefined,
    namespace,
    subresource: '',
    requester: undefined,
  });
}

/** Judges every object of a snapshot that some document speaks about, one at a time, so that the caller may pause between them. */
export function* sweep(snapshot: Snapshot, set: PolicySet, now: number): Generator<Evaluation> {
  for (const kind of [...KIND_NAMES, 'VendorPolicy'] as const) {
    if (set.speakingOf(kind, 'CREATE').length === 0) continue;
    for (const object of snapshot.list(kind)) yield evaluate(standing(kind, object), snapshot, set, now);
  }
}

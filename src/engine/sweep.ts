import { KINDS, ROW_NAMES, type KubeObject, type Snapshot } from '#gateway';
import { subjectOf, type Message, type Subject } from '#policy';
import { actionFor, evaluateIn, type Evaluation } from './evaluate.ts';
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

/** Judges an object of a snapshot where it stands: the world as it will be is the snapshot itself. */
export function evaluateStanding(
  kind: Subject['kind'],
  object: KubeObject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
): Evaluation {
  return evaluateIn(snapshot, standing(kind, object), set, now, snapshot);
}

/** Judges every object of a snapshot that some document speaks about, one at a time, so that the caller may pause between them. */
export function* sweep(snapshot: Snapshot, set: PolicySet, now: number): Generator<Evaluation> {
  for (const kind of ROW_NAMES) {
    if (set.speakingOf(kind, 'CREATE').length === 0) continue;
    for (const object of snapshot.list(kind)) yield evaluateStanding(kind, object, snapshot, set, now);
  }
}

/** A rule that is in force and cannot be judged of what is already there. */
export interface Unauditable {
  /** `<policy>/<message id>`. */
  readonly rule: string;
  /** The policy documents in which it is in force, sorted. */
  readonly documents: readonly string[];
  readonly needs: NonNullable<Message['needs']>;
}

/** The rules of the documents that a {@link sweep} passes over, sorted by id. */
export function unauditable(set: PolicySet): readonly Unauditable[] {
  const rules = new Map<string, { readonly documents: string[]; readonly needs: Unauditable['needs'] }>();
  for (const bound of set.policies) {
    for (const [id, { needs }] of bound.policy.messages) {
      if (needs === undefined || actionFor(bound, { id, atMost: undefined }) === undefined) continue;
      const rule = `${bound.id}/${id}`;
      rules.set(rule, { needs, documents: [...(rules.get(rule)?.documents ?? []), bound.document].sort() });
    }
  }
  return [...rules].map(([rule, entry]) => ({ rule, ...entry })).sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

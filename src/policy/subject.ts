import { isOfKind, type KindName, type KubeObject, type ObjectOf } from '#gateway';

/** The operations that policies judge. */
export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;
/** See {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** Who asks; from the AdmissionReview. */
export interface Requester {
  readonly username: string;
  readonly groups: readonly string[];
}

/** A requester as messages name it; a review without `userInfo` names nobody. */
export function requesterName({ username }: Requester): string {
  return username === '' ? 'an unnamed requester' : username;
}

interface SubjectOfKind<K extends KindName> {
  readonly kind: K;
  readonly operation: Operation;
  /** The normalised object; for DELETE the object that goes. */
  readonly object: ObjectOf<K>;
  /** For UPDATE: the object before. */
  readonly oldObject: ObjectOf<K> | undefined;
  /** The object as it came, before defaults: what channel pinning judges. Foreign data of any shape. */
  readonly raw: unknown;
  /** For UPDATE: the object before, as it came. */
  readonly rawOld: unknown;
  /** `""` for cluster-scoped kinds. */
  readonly namespace: string;
  /** `""`, or the subresource that is written (`status`, `finalize`). */
  readonly subresource: string;
  /** Absent in check and audit: rules that need the requester are skipped there. */
  readonly requester: Requester | undefined;
}

/** What is judged: one object and what is about to happen to it. A union that narrows by `kind`. */
export type Subject<K extends KindName = KindName> = { [Q in K]: SubjectOfKind<Q> }[K];

/** The parts of a subject before its objects are known to be of its kind. */
export type SubjectParts = Omit<SubjectOfKind<KindName>, 'object' | 'oldObject'> & {
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
};

/** A subject of parts whose objects have passed `normalise` for the kind. Throws when an object is of another kind. */
export function subjectOf(parts: SubjectParts): Subject {
  if (!isSubject(parts)) throw new Error(`a subject of kind ${parts.kind} cannot hold a ${parts.object.kind}`);
  return parts;
}

function isSubject(parts: SubjectParts): parts is SubjectParts & Subject {
  const { kind, object, oldObject } = parts;
  return isOfKind(kind, object) && (oldObject === undefined || isOfKind(kind, oldObject));
}

/** The object of an UPDATE as it was, as a subject of its own; undefined for other operations. */
export function pastOf(subject: Subject): Subject | undefined {
  const { oldObject } = subject;
  if (subject.operation !== 'UPDATE' || oldObject === undefined) return undefined;
  return subjectOf({ ...subject, object: oldObject, oldObject: undefined, raw: subject.rawOld, rawOld: undefined });
}

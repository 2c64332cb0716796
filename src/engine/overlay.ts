import {
  indexed,
  isOneOf,
  type Index,
  type Indexed,
  type KindName,
  type KubeObject,
  type NamespaceCounts,
  type ObjectOf,
  type Snapshot,
} from '#gateway';
import type { Subject } from '#policy';

/**
 * The world as it will be when the subject's operation has happened: its object in place of what the snapshot has under that name, or gone
 * after a DELETE. Costs nothing until asked. For one judgement, during which the base does not change.
 */
export function overlay(base: Snapshot, subject: Subject): Snapshot {
  const { kind, namespace } = subject;
  const { name } = subject.object.metadata;
  const entry = subject.operation === 'DELETE' ? undefined : subject;
  const isAbout = (index: Index): boolean => index.kinds.includes(kind);
  let filed: Map<Index, readonly string[]> | undefined;
  /** What an index files the subject under, worked out once for all policies. */
  const keysIn = (index: Index): readonly string[] => {
    if (entry === undefined) return NO_KEYS;
    const known = filed?.get(index);
    if (known !== undefined) return known;
    const keys = index.keysOf(entry);
    (filed ??= new Map()).set(index, keys);
    return keys;
  };
  const namespacesIn = (index: Index, key: string): NamespaceCounts => {
    const counts = base.namespacesIn(index, key);
    if (!isAbout(index)) return counts;
    const before = base.get(kind, namespace, name);
    const was = before !== undefined && index.keysOf(indexed(kind, before)).includes(key) ? 1 : 0;
    const is = keysIn(index).includes(key) ? 1 : 0;
    return was === is ? counts : new CountsWith(counts, namespace, (counts.get(namespace) ?? 0) + is - was);
  };
  return {
    get: (wanted, inNamespace, wantedName) => {
      if (!isOfKind(subject, wanted) || wantedName !== name || inNamespace !== namespace) {
        return base.get(wanted, inNamespace, wantedName);
      }
      return entry === undefined ? undefined : subject.object;
    },
    list: (wanted, within) =>
      isOfKind(subject, wanted) ? listWith(base, subject, wanted, within) : base.list(wanted, within),
    lookup: (index, key, within) =>
      isAbout(index) ? lookupWith(base, subject, keysIn, index, key, within) : base.lookup(index, key, within),
    namespacesIn,
    sees: base.sees,
    isMoment: true,
  };
}

const NO_KEYS: readonly string[] = [];

/** Counts with another one for one namespace. */
class CountsWith implements NamespaceCounts {
  readonly size: number;
  readonly #counts: NamespaceCounts;
  readonly #namespace: string;
  readonly #count: number;

  constructor(counts: NamespaceCounts, namespace: string, count: number) {
    this.#counts = counts;
    this.#namespace = namespace;
    this.#count = count;
    this.size = counts.size + Number(count > 0) - Number(counts.get(namespace) !== undefined);
  }

  get(namespace: string): number | undefined {
    if (namespace !== this.#namespace) return this.#counts.get(namespace);
    return this.#count > 0 ? this.#count : undefined;
  }

  *keys(): Iterable<string> {
    for (const namespace of this.#counts.keys()) if (namespace !== this.#namespace) yield namespace;
    if (this.#count > 0) yield this.#namespace;
  }
}

// Generators stand outside of `overlay`: one made anew for each review would leave a hidden class behind that holds the review until the
// next full collection.

function* listWith<Q extends KindName>(
  base: Snapshot,
  subject: Subject & Subject<Q>,
  wanted: Q,
  within: string | undefined,
): Iterable<ObjectOf<Q>> {
  for (const object of base.list(wanted, within)) if (!isSubject(subject, object)) yield object;
  if (subject.operation !== 'DELETE' && (within === undefined || within === subject.namespace)) yield subject.object;
}

function* lookupWith<Q extends KindName>(
  base: Snapshot,
  subject: Subject,
  keysIn: (index: Index) => readonly string[],
  index: Index<Q>,
  key: string,
  within: string | undefined,
): Iterable<Indexed<Q>> {
  for (const found of base.lookup(index, key, within)) {
    if (found.kind !== subject.kind || !isSubject(subject, found.object)) yield found;
  }
  if (within !== undefined && within !== subject.namespace) return;
  if (isOneOf(index.kinds, subject) && keysIn(index).includes(key)) yield subject;
}

function isSubject({ namespace, object }: Subject, candidate: KubeObject): boolean {
  return candidate.metadata.name === object.metadata.name && (candidate.metadata.namespace ?? '') === namespace;
}

function isOfKind<Q extends KindName>(subject: Subject, kind: Q): subject is Subject & Subject<Q> {
  return subject.kind === kind;
}

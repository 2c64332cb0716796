import {
  indexed,
  type Index,
  type Indexed,
  type KindName,
  type KubeObject,
  type ObjectOf,
  type Snapshot,
} from '#gateway';
import type { Subject } from '#policy';

/**
 * The world as it will be when the subject's operation has happened: its object in place of what the snapshot has under that name, or gone
 * after a DELETE. Costs nothing until asked.
 */
export function overlay(base: Snapshot, subject: Subject): Snapshot {
  const { kind, namespace } = subject;
  const name = subject.object.metadata.name;
  const entry: Indexed<KindName> | undefined = subject.operation === 'DELETE' ? undefined : subject;
  const isSubject = (candidate: KubeObject): boolean =>
    candidate.metadata.name === name && (candidate.metadata.namespace ?? '') === namespace;
  const before = base.get(kind, namespace, name);

  function* listWith<Q extends KindName>(wanted: Q, within: string | undefined): Iterable<ObjectOf<Q>> {
    for (const object of base.list(wanted, within)) if (!isSubject(object)) yield object;
    if (isOfKind(subject, wanted) && entry !== undefined && (within === undefined || within === namespace)) {
      yield subject.object;
    }
  }

  function* lookupWith<Q extends KindName>(index: Index<Q>, key: string, within?: string): Iterable<Indexed<Q>> {
    for (const found of base.lookup(index, key, within)) {
      if (found.kind !== kind || !isSubject(found.object)) yield found;
    }
    if (entry === undefined || (within !== undefined && within !== namespace)) return;
    if (isIndexed(entry, index) && index.keysOf(entry).includes(key)) yield entry;
  }

  return {
    get: (wanted, inNamespace, wantedName) => {
      if (!isOfKind(subject, wanted) || wantedName !== name || inNamespace !== namespace) {
        return base.get(wanted, inNamespace, wantedName);
      }
      return entry === undefined ? undefined : subject.object;
    },
    list: (wanted, within) => (isOfKind(subject, wanted) ? listWith(wanted, within) : base.list(wanted, within)),
    lookup: (index, key, within) =>
      index.kinds.some((indexed) => indexed === kind)
        ? lookupWith(index, key, within)
        : base.lookup(index, key, within),
    namespacesIn: (index, key) => {
      const counts = base.namespacesIn(index, key);
      if (!index.kinds.some((indexed) => indexed === kind)) return counts;
      const was = before !== undefined && index.keysOf(indexed(kind, before)).includes(key) ? 1 : 0;
      const is = entry !== undefined && index.keysOf(entry).includes(key) ? 1 : 0;
      if (was === is) return counts;
      const count = (counts.get(namespace) ?? 0) + is - was;
      const changed = new Map(counts);
      if (count > 0) changed.set(namespace, count);
      else changed.delete(namespace);
      return changed;
    },
    sees: base.sees,
  };
}

function isOfKind<Q extends KindName>(subject: Subject, kind: Q): subject is Subject & Subject<Q> {
  return subject.kind === kind;
}

function isIndexed<Q extends KindName>(
  entry: Indexed<KindName>,
  index: Index<Q>,
): entry is Indexed<KindName> & Indexed<Q> {
  return index.kinds.some((kind) => kind === entry.kind);
}

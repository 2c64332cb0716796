import type { Indexed, KindName, KubeObject } from '#gateway';

/** The objects under one key: nearly always one, or some of one namespace. */
type Filed = KubeObject | ReadonlySet<KubeObject> | Crowd;

/** The objects under a key that several namespaces share. */
class Crowd {
  readonly objects = new Map<string, Set<KubeObject>>();
  readonly counts = new Map<string, number>();

  add(object: KubeObject): void {
    const namespace = namespaceOf(object);
    const held = this.objects.get(namespace);
    if (held === undefined) this.objects.set(namespace, new Set([object]));
    else held.add(object);
    this.counts.set(namespace, held?.size ?? 1);
  }

  remove(object: KubeObject): void {
    const namespace = namespaceOf(object);
    const held = this.objects.get(namespace);
    if (held?.delete(object) !== true) return;
    this.counts.set(namespace, held.size);
    if (held.size > 0) return;
    this.objects.delete(namespace);
    this.counts.delete(namespace);
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

/** One index: key → objects, told apart by identity. Most keys have one object, and that costs nothing but its entry. */
export class IndexFile {
  readonly #keysOf: (entry: Indexed<KindName>) => readonly string[];
  readonly #filed = new Map<string, Filed>();

  constructor(keysOf: (entry: Indexed<KindName>) => readonly string[]) {
    this.#keysOf = keysOf;
  }

  add(entry: Indexed<KindName>): void {
    for (const key of this.#keysOf(entry)) this.#add(key, entry.object);
  }

  remove(entry: Indexed<KindName>): void {
    for (const key of this.#keysOf(entry)) this.#remove(key, entry.object);
  }

  #add(key: string, object: KubeObject): void {
    const filed = this.#filed.get(key);
    if (filed === undefined) this.#filed.set(key, object);
    else if (filed instanceof Crowd) filed.add(object);
    else {
      const held = isSet(filed) ? filed : [filed];
      const [first = object] = held;
      if (namespaceOf(first) === namespaceOf(object)) {
        if (filed instanceof Set) filed.add(object);
        else this.#filed.set(key, new Set([first, object]));
        return;
      }
      const crowd = new Crowd();
      for (const one of held) crowd.add(one);
      crowd.add(object);
      this.#filed.set(key, crowd);
    }
  }

  #remove(key: string, object: KubeObject): void {
    const filed = this.#filed.get(key);
    if (filed === object) this.#filed.delete(key);
    else if (filed instanceof Crowd) {
      filed.remove(object);
      if (filed.objects.size === 0) this.#filed.delete(key);
    } else if (filed instanceof Set) {
      filed.delete(object);
      if (filed.size === 0) this.#filed.delete(key);
    }
  }

  /** How many objects each namespace has under a key. */
  counts(key: string): ReadonlyMap<string, number> {
    const filed = this.#filed.get(key);
    if (filed === undefined) return NONE;
    if (filed instanceof Crowd) return filed.counts;
    if (!isSet(filed)) return new Map([[namespaceOf(filed), 1]]);
    const [first] = filed;
    return first === undefined ? NONE : new Map([[namespaceOf(first), filed.size]]);
  }

  objects(key: string, namespace: string | undefined): Iterable<KubeObject> {
    const filed = this.#filed.get(key);
    if (filed === undefined) return [];
    if (filed instanceof Crowd) {
      return namespace === undefined ? flatten(filed.objects.values()) : (filed.objects.get(namespace) ?? []);
    }
    const held = isSet(filed) ? filed : [filed];
    const [first] = held;
    return first === undefined || (namespace !== undefined && namespaceOf(first) !== namespace) ? [] : held;
  }
}

function isSet(filed: KubeObject | ReadonlySet<KubeObject>): filed is ReadonlySet<KubeObject> {
  return filed instanceof Set;
}

function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

function* flatten<T>(groups: Iterable<Iterable<T>>): Iterable<T> {
  for (const group of groups) yield* group;
}

import { SplitMap } from '../splitMap.ts';
import { namespaceOf, sameKeys, type Slot } from './slot.ts';

/** The objects under one key: nearly always one, or some of one namespace. */
type Filed = Slot | ReadonlySet<Slot> | Crowd;

/** The objects under a key that several namespaces share. */
class Crowd {
  readonly objects = new Map<string, Set<Slot>>();
  readonly counts = new Map<string, number>();

  add(slot: Slot): void {
    const namespace = namespaceOf(slot);
    const held = this.objects.get(namespace);
    if (held === undefined) this.objects.set(namespace, new Set([slot]));
    else held.add(slot);
    this.counts.set(namespace, held?.size ?? 1);
  }

  remove(slot: Slot): void {
    const namespace = namespaceOf(slot);
    const held = this.objects.get(namespace);
    if (held?.delete(slot) !== true) return;
    this.counts.set(namespace, held.size);
    if (held.size > 0) return;
    this.objects.delete(namespace);
    this.counts.delete(namespace);
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

/** One index: key → the slots of objects. Most keys have one object, and that costs nothing but its entry. */
export class IndexFile {
  readonly #filed = new SplitMap<Filed>();

  add(slot: Slot, keys: readonly string[]): void {
    for (const key of keys) this.#add(key, slot);
  }

  remove(slot: Slot, keys: readonly string[]): void {
    for (const key of keys) this.#remove(key, slot);
  }

  /** Files a slot that stands under some keys under others. */
  move(slot: Slot, from: readonly string[], to: readonly string[]): void {
    if (sameKeys(from, to)) return;
    const [old, wanted] = [new Set(from), new Set(to)];
    for (const key of old) if (!wanted.has(key)) this.#remove(key, slot);
    for (const key of wanted) if (!old.has(key)) this.#add(key, slot);
  }

  #add(key: string, slot: Slot): void {
    const filed = this.#filed.get(key);
    if (filed === undefined) this.#filed.set(key, slot);
    else if (filed instanceof Crowd) filed.add(slot);
    else {
      const held = isSet(filed) ? filed : [filed];
      const [first = slot] = held;
      if (namespaceOf(first) === namespaceOf(slot)) {
        if (filed instanceof Set) filed.add(slot);
        else this.#filed.set(key, new Set([first, slot]));
        return;
      }
      const crowd = new Crowd();
      for (const one of held) crowd.add(one);
      crowd.add(slot);
      this.#filed.set(key, crowd);
    }
  }

  #remove(key: string, slot: Slot): void {
    const filed = this.#filed.get(key);
    if (filed === slot) this.#filed.delete(key);
    else if (filed instanceof Crowd) {
      filed.remove(slot);
      if (filed.objects.size === 0) this.#filed.delete(key);
    } else if (filed instanceof Set) {
      filed.delete(slot);
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

  slots(key: string, namespace: string | undefined): Iterable<Slot> {
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

function isSet(filed: Slot | ReadonlySet<Slot>): filed is ReadonlySet<Slot> {
  return filed instanceof Set;
}

function* flatten<T>(groups: Iterable<Iterable<T>>): Iterable<T> {
  for (const group of groups) yield* group;
}

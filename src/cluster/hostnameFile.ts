import { ANY, isWildcard } from '#gateway';
import { SplitMap } from '../splitMap.ts';
import { namespaceOf, sameKeys, type Slot } from './slot.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** What a namespace has below one wildcard. */
class Branch {
  readonly suffix: string;
  readonly namespace: string;
  readonly above: Branch | undefined;
  /** Objects with a hostname that has one label more than the suffix. */
  slots: Slot[] | undefined;
  /** Branches whose suffix has one label more. */
  branches: Branch[] | undefined;
  /** Objects with any hostname below. */
  count = 0;
  /** Where the count is told too; undefined while no other namespace has something below the suffix. */
  fork: Fork | undefined;

  constructor(suffix: string, namespace: string, above: Branch | undefined) {
    this.suffix = suffix;
    this.namespace = namespace;
    this.above = above;
  }

  // Lists of one have no room for more, unlike those that begin empty: most branches have one object.
  add(slot: Slot): void {
    if (this.slots === undefined) this.slots = [slot];
    else this.slots.push(slot);
  }

  grow(branch: Branch): void {
    if (this.branches === undefined) this.branches = [branch];
    else this.branches.push(branch);
  }

  *below(): Iterable<Slot> {
    yield* this.slots ?? [];
    for (const branch of this.branches ?? []) yield* branch.below();
  }
}

/** The branches of one suffix, where several namespaces have something below it. */
class Fork {
  readonly branches = new Map<string, Branch>();
  readonly counts = new Map<string, number>();

  add(branch: Branch): void {
    branch.fork = this;
    this.branches.set(branch.namespace, branch);
    this.counts.set(branch.namespace, branch.count);
  }
}

/**
 * What lies below each wildcard: every namespace has a tree of labels from the last to the first. An object stands once for each hostname,
 * where its first label would be, and is counted on the way down; so a hostname costs little however many wildcards are above it.
 */
export class HostnameFile {
  readonly #filed = new SplitMap<Branch | Fork>();

  add(slot: Slot, hostnames: readonly string[]): void {
    const namespace = namespaceOf(slot);
    const counted: Branch[] = [];
    for (const hostname of hostnames) {
      const suffix = suffixAbove(hostname);
      if (suffix === undefined) continue;
      const branch = this.#branch(suffix, namespace) ?? this.#grow(suffix, namespace);
      branch.add(slot);
      count(branch, 1, counted);
    }
  }

  remove(slot: Slot, hostnames: readonly string[]): void {
    const namespace = namespaceOf(slot);
    const counted: Branch[] = [];
    for (const hostname of hostnames) {
      const suffix = suffixAbove(hostname);
      const branch = suffix === undefined ? undefined : this.#branch(suffix, namespace);
      if (branch?.slots === undefined || !takeOut(branch.slots, slot)) continue;
      count(branch, -1, counted);
    }
    for (const branch of counted) if (branch.count === 0) this.#fell(branch);
  }

  /** Files a slot with some hostnames by others. */
  move(slot: Slot, from: readonly string[], to: readonly string[]): void {
    if (sameKeys(from, to)) return;
    this.remove(slot, from);
    this.add(slot, to);
  }

  /** How many objects of each namespace have a hostname below a wildcard. */
  counts(wildcard: string): ReadonlyMap<string, number> {
    const suffix = suffixOf(wildcard);
    const filed = suffix === undefined ? undefined : this.#filed.get(suffix);
    if (filed === undefined) return NONE;
    return filed instanceof Fork ? filed.counts : new Map([[filed.namespace, filed.count]]);
  }

  /** The objects that have a hostname below a wildcard, each once. */
  *slots(wildcard: string, namespace: string | undefined): Iterable<Slot> {
    const suffix = suffixOf(wildcard);
    if (suffix === undefined) return;
    const seen = new Set<Slot>();
    for (const one of namespace === undefined ? this.counts(wildcard).keys() : [namespace]) {
      for (const slot of this.#branch(suffix, one)?.below() ?? []) {
        if (seen.has(slot)) continue;
        seen.add(slot);
        yield slot;
      }
    }
  }

  #branch(suffix: string, namespace: string): Branch | undefined {
    const filed = this.#filed.get(suffix);
    if (filed instanceof Fork) return filed.branches.get(namespace);
    return filed?.namespace === namespace ? filed : undefined;
  }

  #grow(suffix: string, namespace: string): Branch {
    const wider = suffix === '' ? undefined : suffixAbove(suffix.slice(1));
    const above = wider === undefined ? undefined : (this.#branch(wider, namespace) ?? this.#grow(wider, namespace));
    const branch = new Branch(suffix, namespace, above);
    above?.grow(branch);
    const filed = this.#filed.get(suffix);
    if (filed === undefined) this.#filed.set(suffix, branch);
    else {
      const fork = filed instanceof Fork ? filed : new Fork();
      if (filed instanceof Branch) fork.add(filed);
      fork.add(branch);
      this.#filed.set(suffix, fork);
    }
    return branch;
  }

  #fell(branch: Branch): void {
    const { suffix, namespace, above, fork } = branch;
    takeOut(above?.branches ?? [], branch);
    if (fork === undefined) this.#filed.delete(suffix);
    else {
      fork.branches.delete(namespace);
      fork.counts.delete(namespace);
      if (fork.branches.size === 0) this.#filed.delete(suffix);
    }
  }
}

/** Counts an object on the way from a branch to the root, once however many of its hostnames lead there. */
function count(from: Branch, change: 1 | -1, counted: Branch[]): void {
  for (let branch: Branch | undefined = from; branch !== undefined; branch = branch.above) {
    if (counted.includes(branch)) return;
    counted.push(branch);
    branch.count += change;
    branch.fork?.counts.set(branch.namespace, branch.count);
  }
}

function takeOut<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at < 0) return false;
  const last = list.pop();
  if (last !== undefined && at < list.length) list[at] = last;
  return true;
}

/** What every hostname below a wildcard ends in; nothing for {@link ANY}. Undefined for what is no wildcard. */
function suffixOf(wildcard: string): string | undefined {
  if (wildcard === ANY) return '';
  return isWildcard(wildcard) ? wildcard.slice(1) : undefined;
}

/** The suffix of the nearest wildcard above a hostname. Undefined for {@link ANY}, which has none above. */
function suffixAbove(hostname: string): string | undefined {
  if (hostname === ANY) return undefined;
  const dot = hostname.indexOf('.', isWildcard(hostname) ? 2 : 0);
  return dot < 0 ? '' : hostname.slice(dot);
}

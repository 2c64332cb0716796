import { ALL_INDEXES, indexed, type Index, type KindName, type KubeObject, type Snapshot } from '#gateway';

/** Places of a snapshot that can be read, told apart by a hash; two that share one cost a judgement too many and nothing else. */
const PLACES = 1 << 22;
const NUMBER_OF = new Map<Index, number>(ALL_INDEXES.map((index, at) => [index, at]));

/** The same snapshot; `read` hears of every place that is looked at, whether something is there or not. */
export function recording(base: Snapshot, read: (place: number) => void): Snapshot {
  return {
    get: (kind, namespace, name) => {
      read(objectPlace(kind, namespace, name));
      return base.get(kind, namespace, name);
    },
    list: (kind, namespace) => {
      read(listPlace(kind, namespace));
      return base.list(kind, namespace);
    },
    lookup: (index, key, namespace) => {
      read(indexPlace(index, key));
      return base.lookup(index, key, namespace);
    },
    namespacesIn: (index, key) => {
      read(indexPlace(index, key));
      return base.namespacesIn(index, key);
    },
    sees: (kind) => {
      read(sightPlace(kind));
      return base.sees(kind);
    },
  };
}

/** The places where an object that comes, goes or changes is seen. */
export function placesOf(kind: KindName, object: KubeObject): readonly number[] {
  const { namespace = '', name } = object.metadata;
  const entry = indexed(kind, object);
  const places = [objectPlace(kind, namespace, name), listPlace(kind, undefined), listPlace(kind, namespace)];
  for (const index of ALL_INDEXES) {
    if (index.kinds.includes(kind)) for (const key of index.keysOf(entry)) places.push(indexPlace(index, key));
  }
  return places;
}

/** Where it is seen how much of a kind is in sight. */
export function sightPlace(kind: KindName): number {
  return place(`sees ${kind}`);
}

function objectPlace(kind: KindName, namespace: string, name: string): number {
  return place(`${kind} ${namespace}/${name}`);
}

function listPlace(kind: KindName, namespace: string | undefined): number {
  return place(namespace === undefined ? `all ${kind}` : `all ${kind} ${namespace}`);
}

function indexPlace(index: Index, key: string): number {
  return place(`${NUMBER_OF.get(index) ?? ''}=${key}`);
}

/** FNV-1a. */
function place(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 22)) & (PLACES - 1);
}

const NOBODY = 0xffffffff;

/**
 * Who has read which place: two columns, searched as a whole. An index by place would take ten times the memory, and a search of two million
 * rows takes some milliseconds however many places have changed.
 */
export class Readers {
  #places = new Uint32Array(1024);
  #readers = new Uint32Array(1024);
  #rows = 0;
  #dead = 0;
  /** By reader: where its rows begin, and how many there are. */
  #rowsOf = new Map<number, readonly [first: number, count: number]>();

  /** Notes what a reader has read, in place of what it had before. */
  record(reader: number, places: ReadonlySet<number>): void {
    this.forget(reader);
    if (this.#rows + places.size > this.#places.length) this.#makeRoom(places.size);
    this.#rowsOf.set(reader, [this.#rows, places.size]);
    for (const read of places) {
      this.#places[this.#rows] = read;
      this.#readers[this.#rows] = reader;
      this.#rows += 1;
    }
  }

  /** A reader that is gone. */
  forget(reader: number): void {
    const [first, count] = this.#rowsOf.get(reader) ?? [0, 0];
    this.#readers.fill(NOBODY, first, first + count);
    this.#dead += count;
    this.#rowsOf.delete(reader);
  }

  /** Those who have read one of the places. */
  of(places: ReadonlySet<number>): ReadonlySet<number> {
    const isTouched = new Uint8Array(PLACES >> 3);
    for (const read of places) isTouched[read >> 3] = (isTouched[read >> 3] ?? 0) | (1 << (read & 7));
    const found = new Set<number>();
    for (let row = 0; row < this.#rows; row += 1) {
      const read = this.#places[row] ?? 0;
      if (((isTouched[read >> 3] ?? 0) & (1 << (read & 7))) !== 0) found.add(this.#readers[row] ?? NOBODY);
    }
    found.delete(NOBODY);
    return found;
  }

  #makeRoom(more: number): void {
    const live = this.#rows - this.#dead;
    const size = Math.max(this.#places.length, 2 * (live + more));
    const [places, readers] = [new Uint32Array(size), new Uint32Array(size)];
    let rows = 0;
    for (const [reader, [first, count]] of this.#rowsOf) {
      places.set(this.#places.subarray(first, first + count), rows);
      readers.fill(reader, rows, rows + count);
      this.#rowsOf.set(reader, [rows, count]);
      rows += count;
    }
    [this.#places, this.#readers, this.#rows, this.#dead] = [places, readers, rows, 0];
  }
}

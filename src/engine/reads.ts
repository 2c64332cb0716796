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
/** Rows that are searched without a pause: less than a millisecond's work. */
const ROWS_OF_A_STEP = 1 << 16;

/** Rows are taken so many at a time: what a judgement reads changes a little each time, and its rows are to do for the next one. */
const ROWS_OF_A_GRAIN = 8;

/**
 * Who has read which place: two columns, searched as a whole. An index by place would take ten times the memory, and a search of two million
 * rows takes some milliseconds however many places have changed. Rows never move, so that nothing takes long at once.
 */
export class Readers {
  #places: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  #readers: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  #rows = 0;
  /** By reader: where its rows begin, and how many there are. */
  readonly #firstOf: number[] = [];
  readonly #countOf: number[] = [];
  /** By count: where so many rows are that nobody has. */
  readonly #free = new Map<number, number[]>();

  /** Notes what a reader has read, in place of what it had before. Readers are numbers from 0 on, without large gaps. */
  record(reader: number, places: ReadonlySet<number>): void {
    const count = Math.ceil(places.size / ROWS_OF_A_GRAIN) * ROWS_OF_A_GRAIN;
    if (this.#countOf[reader] !== count) {
      this.forget(reader);
      this.#firstOf[reader] = this.#take(count);
      this.#countOf[reader] = count;
    }
    const first = this.#firstOf[reader] ?? 0;
    let row = first;
    for (const read of places) {
      this.#places[row] = read;
      row += 1;
    }
    this.#readers.fill(reader, first, row).fill(NOBODY, row, first + count);
  }

  /** A reader that is gone. */
  forget(reader: number): void {
    const count = this.#countOf[reader] ?? 0;
    if (count === 0) return;
    const first = this.#firstOf[reader] ?? 0;
    this.#readers.fill(NOBODY, first, first + count);
    this.#countOf[reader] = 0;
    const free = this.#free.get(count);
    if (free === undefined) this.#free.set(count, [first]);
    else free.push(first);
  }

  /** Looks for those who have read one of the places, some rows at each step; nothing may be recorded until it is done. */
  *searching(places: ReadonlySet<number>): Generator<undefined, ReadonlySet<number>> {
    const isTouched = new Uint8Array(PLACES >> 3);
    for (const read of places) isTouched[read >> 3] = (isTouched[read >> 3] ?? 0) | (1 << (read & 7));
    const found = new Set<number>();
    for (let row = 0; row < this.#rows; row += 1) {
      if (row > 0 && row % ROWS_OF_A_STEP === 0) yield;
      const read = this.#places[row] ?? 0;
      if (((isTouched[read >> 3] ?? 0) & (1 << (read & 7))) !== 0) found.add(this.#readers[row] ?? NOBODY);
    }
    found.delete(NOBODY);
    return found;
  }

  #take(count: number): number {
    const free = this.#free.get(count)?.pop();
    if (free !== undefined) return free;
    const first = this.#rows;
    this.#rows += count;
    if (this.#rows > this.#places.length) {
      const length = Math.ceil(1.5 * this.#rows);
      this.#places = enlarged(this.#places, length);
      this.#readers = enlarged(this.#readers, length);
    }
    return first;
  }
}

function enlarged(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(column);
  return larger;
}

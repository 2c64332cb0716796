import {
  ALL_INDEXES,
  filingOf,
  indexed,
  indexesOf,
  wildcardsAbove,
  type Filing,
  type Index,
  type KindName,
  type KubeObject,
  type Snapshot,
} from '#gateway';
import { textHash } from '../splitMap.ts';

/** Bits of a number that says where a bit for a place is; it has 32 itself. */
const BITS = 22;

/** The same snapshot, for one judgement; `read` hears of every place that is looked at, whether something is there or not. */
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
    isMoment: true,
  };
}

/** The places where an object that comes, goes or changes is seen, by how it was and is filed. */
export function placesOf(kind: KindName, object: KubeObject, filings: readonly Filing[]): readonly number[] {
  const { namespace = '', name } = object.metadata;
  const places = [objectPlace(kind, namespace, name), listPlace(kind, undefined), listPlace(kind, namespace)];
  const indexes = indexesOf(kind);
  for (const filing of filings.length === 0 ? [filingOf(indexed(kind, object))] : filings) {
    for (const [at, index] of indexes.entries()) {
      for (const key of filing[at] ?? []) {
        if (index.hostnamesOf === undefined) places.push(indexPlace(index, key));
        else for (const wildcard of wildcardsAbove(key)) places.push(indexPlace(index, wildcard));
      }
    }
  }
  return places;
}

/** Where it is seen how much of a kind is in sight. */
export function sightPlace(kind: KindName): number {
  return textHash(kind, SIGHT);
}

// Places are told apart by a hash; two that share one cost a judgement too many and nothing else.

const SIGHT = textHash('sees ');
const ALL = textHash('all ');
const INDEX = new Map<Index, number>(ALL_INDEXES.map((index, at) => [index, textHash(`${at}=`)]));

function objectPlace(kind: KindName, namespace: string, name: string): number {
  return textHash(name, textHash('/', textHash(namespace, textHash(' ', textHash(kind)))));
}

function listPlace(kind: KindName, namespace: string | undefined): number {
  const place = textHash(kind, ALL);
  return namespace === undefined ? place : textHash(namespace, textHash(' ', place));
}

function indexPlace(index: Index, key: string): number {
  return textHash(key, INDEX.get(index));
}

/**
 * Places, two bits for each there is, by the lower and by the upper part of its number: however many come and go, they leave nothing behind, and
 * one that is not among thousands is hardly ever taken for one of them.
 */
export class PlaceSet {
  readonly #lower = new Uint8Array(1 << (BITS - 3));
  readonly #upper = new Uint8Array(1 << (BITS - 3));
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(place: number): void {
    this.#isEmpty = false;
    setBit(this.#lower, lowerPart(place));
    setBit(this.#upper, upperPart(place));
  }

  has(place: number): boolean {
    return hasBit(this.#lower, lowerPart(place)) && hasBit(this.#upper, upperPart(place));
  }

  clear(): void {
    this.#isEmpty = true;
    this.#lower.fill(0);
    this.#upper.fill(0);
  }
}

function lowerPart(place: number): number {
  return place & ((1 << BITS) - 1);
}

function upperPart(place: number): number {
  return place >>> (32 - BITS);
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
}

function hasBit(bits: Uint8Array, at: number): boolean {
  return ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}

const NOBODY = 0xffffffff;
/** Rows of a page, which are searched without a pause: about a tenth of a millisecond's work. */
const PAGE = 1 << 14;

/** Rows are taken so many at a time: what a judgement reads changes a little each time, and its rows are to do for the next one. */
const ROWS_OF_A_GRAIN = 8;

/** Rows side by side: what was read, and who has read it. */
interface Page {
  readonly places: Int32Array;
  readonly readers: Uint32Array;
}

/**
 * Who has read which place: two columns, searched as a whole. An index by place would take ten times the memory, and a search of two million
 * rows takes some milliseconds however many places have changed. Rows never move, so that nothing takes long at once.
 */
export class Readers {
  readonly #pages: Page[] = [];
  /** Rows of the last page that nobody has had yet begin here. */
  #next = 0;
  /** By reader: where its rows begin, as the number of their page times {@link PAGE} and the row in it; and how many there are. */
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
    if (count === 0) return;
    const { page, first } = this.#rowsOf(reader);
    let row = first;
    for (const read of places) {
      page.places[row] = read;
      row += 1;
    }
    page.readers.fill(reader, first, row).fill(NOBODY, row, first + count);
  }

  /** A reader that is gone. */
  forget(reader: number): void {
    const count = this.#countOf[reader] ?? 0;
    if (count === 0) return;
    const { page, first } = this.#rowsOf(reader);
    page.readers.fill(NOBODY, first, first + count);
    this.#countOf[reader] = 0;
    const free = this.#free.get(count);
    const address = this.#firstOf[reader] ?? 0;
    if (free === undefined) this.#free.set(count, [address]);
    else free.push(address);
  }

  /** Looks for those who have read one of the places, a page at each step; nothing may be recorded until it is done. */
  *searching(places: PlaceSet): Generator<undefined, ReadonlySet<number>> {
    const found = new Set<number>();
    for (const [number, page] of this.#pages.entries()) {
      if (number > 0) yield;
      for (let row = 0; row < page.places.length; row += 1) {
        if (places.has(page.places[row] ?? 0)) found.add(page.readers[row] ?? NOBODY);
      }
    }
    found.delete(NOBODY);
    return found;
  }

  /** The address of so many rows that nobody has, side by side. */
  #take(count: number): number {
    const free = this.#free.get(count)?.pop();
    if (free !== undefined) return free;
    if (this.#next + count > (this.#pages.at(-1)?.places.length ?? 0)) {
      const rows = Math.max(PAGE, count);
      this.#pages.push({ places: new Int32Array(rows), readers: new Uint32Array(rows).fill(NOBODY) });
      this.#next = 0;
    }
    const address = (this.#pages.length - 1) * PAGE + this.#next;
    this.#next += count;
    return address;
  }

  #rowsOf(reader: number): { readonly page: Page; readonly first: number } {
    const address = this.#firstOf[reader] ?? 0;
    const page = this.#pages[Math.floor(address / PAGE)];
    if (page === undefined) throw new Error(`reader ${reader} has no rows`);
    return { page, first: address % PAGE };
  }
}

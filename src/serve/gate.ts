import type { ShedReason } from '../telemetry/index.ts';

/** What a server takes on at once. */
export interface Limits {
  /** Longest body, in bytes: an UPDATE near etcd's limit, both objects, with every `<` escaped (10 MiB). */
  readonly bodyBytes: number;
  /** Bodies being received or judged at once, in bytes. */
  readonly inFlightBytes: number;
  readonly inFlightReviews: number;
  /** The longest a review may take, in milliseconds; the API server may ask for less. */
  readonly milliseconds: number;
}

/** The limits of a server that is not told otherwise. */
export const LIMITS: Limits = {
  bodyBytes: 10 * 1024 * 1024,
  inFlightBytes: 64 * 1024 * 1024,
  inFlightReviews: 1024,
  milliseconds: 10_000,
};

/** For so long after a review was begun its wait says how long the queue is, in milliseconds. */
const FRESH = 250;

/** For so long a caller may keep the server waiting where others find no room, in milliseconds. */
const PATIENCE = 1000;

/** A request that was let in: its body is received, then it is judged, then its answer is taken. */
export class Entry {
  readonly bytes: number;
  /** Its place in the list of the gate. */
  at: number;
  readonly #end: (reason: ShedReason) => void;
  readonly #leave: (entry: Entry) => void;
  /** Since when its caller is waited for; undefined while it is judged. */
  #awaited: number | undefined;
  #isReceived = false;

  constructor(
    bytes: number,
    at: number,
    now: number,
    end: (reason: ShedReason) => void,
    leave: (entry: Entry) => void,
  ) {
    this.bytes = bytes;
    this.at = at;
    this.#awaited = now;
    this.#end = end;
    this.#leave = leave;
  }

  /** Its body is in hand. */
  receive(): void {
    this.#isReceived = true;
    this.#awaited = undefined;
  }

  /** Its answer is written. */
  answer(): void {
    this.#awaited = performance.now();
  }

  /** Takes it out of the count; any but the first time nothing happens. */
  leave(): void {
    this.#leave(this);
  }

  /**
   * Ends it to make room for a request of so many bytes, where that is fair: its caller has been waited for too long, or it is bytes that lack
   * and its body, which is not whole, may have more.
   */
  giveWay(lacking: 'bytes' | 'concurrency', bytes: number, now: number): void {
    if (this.#awaited === undefined) return;
    const isSmaller = lacking === 'bytes' && !this.#isReceived && bytes < this.bytes;
    if (!isSmaller && now - this.#awaited <= PATIENCE) return;
    this.leave();
    this.#end(lacking);
  }
}

/**
 * Counts what is in flight and turns away what would go beyond the limits. Room is not kept for callers who keep the server waiting: a handful
 * that send their bodies by the byte, or do not read their answers, would shut everybody else out.
 */
export class Gate {
  readonly limits: Limits;
  /** In no order. A list, since to come and go costs 3 us in a `Set` (measured at 2 KB, where a review takes 75). */
  readonly #entries: Entry[] = [];
  #bytes = 0;
  #lastEntered = -Infinity;
  /** How long the review that was begun last had waited for its turn, and when that was. */
  #wait = 0;
  #begun = -Infinity;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** When the last review came in, on the clock of `performance.now()`. */
  get lastEntered(): number {
    return this.#lastEntered;
  }

  /** Reviews being received or judged. */
  get reviews(): number {
    return this.#entries.length;
  }

  /** Tells that a review is begun which had waited since a time, on the clock of `performance.now()`, with its body in hand. */
  begin(since: number): void {
    this.#begun = performance.now();
    this.#wait = this.#begun - since;
  }

  /**
   * Lets a request in that announces so many bytes (undefined: none announced, so the most it may have) and may take so many milliseconds, or
   * says why not. Half of its time in the queue would be too much: its caller may be gone when it is answered. `end` is called when it has to
   * give way to others; it has left by then.
   */
  enter(announced: number | undefined, allowed: number, end: (reason: ShedReason) => void): ShedReason | Entry {
    const now = performance.now();
    this.#lastEntered = now;
    if (this.reviews > 0 && this.#wait > allowed / 2 && now - this.#begun < FRESH) return 'queue';
    const bytes = Math.min(announced ?? this.limits.bodyBytes, this.limits.bodyBytes);
    const lacking = this.#makeRoom(bytes, now);
    if (lacking !== undefined) return lacking;
    const entry = new Entry(bytes, this.#entries.length, now, end, this.#leave);
    this.#bytes += bytes;
    this.#entries.push(entry);
    return entry;
  }

  readonly #leave = (entry: Entry): void => {
    const { at, bytes } = entry;
    if (this.#entries[at] !== entry) return;
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[at] = last;
      last.at = at;
    }
    this.#bytes -= bytes;
  };

  #lacking(bytes: number): 'bytes' | 'concurrency' | undefined {
    if (this.reviews >= this.limits.inFlightReviews) return 'concurrency';
    return this.#bytes + bytes > this.limits.inFlightBytes ? 'bytes' : undefined;
  }

  /** What there is too little of for a request of so many bytes, after those that should have given way to it. */
  #makeRoom(bytes: number, now: number): 'bytes' | 'concurrency' | undefined {
    let lacking = this.#lacking(bytes);
    if (lacking === undefined) return undefined;
    // Of a copy: who gives way leaves the list.
    for (const entry of [...this.#entries]) {
      entry.giveWay(lacking, bytes, now);
      lacking = this.#lacking(bytes);
      if (lacking === undefined) break;
    }
    return lacking;
  }
}

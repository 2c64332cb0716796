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

/** Counts what is in flight and turns away what would go beyond the limits. */
export class Gate {
  readonly limits: Limits;
  #bytes = 0;
  #reviews = 0;
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
    return this.#reviews;
  }

  /** Tells that a review is begun which had waited since a time, on the clock of `performance.now()`, with its body in hand. */
  begin(since: number): void {
    this.#begun = performance.now();
    this.#wait = this.#begun - since;
  }

  /**
   * Lets a request in that announces so many bytes (undefined: none announced, so the most it may have) and may take so many milliseconds, or
   * says why not. Half of its time in the queue would be too much: its caller may be gone when it is answered.
   */
  enter(announced: number | undefined, allowed: number): ShedReason | { readonly leave: () => void } {
    const now = performance.now();
    this.#lastEntered = now;
    if (this.#reviews > 0 && this.#wait > allowed / 2 && now - this.#begun < FRESH) return 'queue';
    const bytes = Math.min(announced ?? this.limits.bodyBytes, this.limits.bodyBytes);
    if (this.#reviews >= this.limits.inFlightReviews) return 'concurrency';
    if (this.#bytes + bytes > this.limits.inFlightBytes) return 'bytes';
    this.#bytes += bytes;
    this.#reviews += 1;
    return {
      leave: () => {
        this.#bytes -= bytes;
        this.#reviews -= 1;
      },
    };
  }
}

/**
 * What is to be done, each thing once, in the order in which it was first asked for. Taking one costs the same however many there are: a fresh
 * look at a large Map passes over all that was taken before.
 */
export class Due<K, V> {
  readonly #entries = new Map<K, V>();
  #next = this.#entries.entries();

  get size(): number {
    return this.#entries.size;
  }

  add(key: K, value: V): void {
    this.#entries.set(key, value);
  }

  /** The one that has waited longest, which is here no more; undefined when there is none. */
  take(): readonly [key: K, value: V] | undefined {
    if (this.#entries.size === 0) return undefined;
    let { value } = this.#next.next();
    if (value === undefined) {
      // It had come to the end before there was more.
      this.#next = this.#entries.entries();
      ({ value } = this.#next.next());
    }
    if (value !== undefined) this.#entries.delete(value[0]);
    return value;
  }
}

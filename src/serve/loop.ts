/** How often the event loop is looked at, in milliseconds. */
const TICK = 20;

/**
 * How late the event loop is. A request whose head is read after the loop stood still for a second has waited for up to a second, and nothing
 * in it says so.
 */
export class Loop {
  #due = performance.now() + TICK;
  #late = 0;
  readonly #timer = setInterval(() => {
    const now = performance.now();
    this.#late = Math.max(0, now - this.#due);
    this.#due = now + TICK;
  }, TICK).unref();

  /** How long what is read at a time, on the clock of `performance.now()`, may have waited; in milliseconds. */
  delayAt(now: number): number {
    return Math.max(this.#late, now - this.#due);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

import { REWRITE, type Io } from './io.ts';

/** Work that takes longer than this is shown, in milliseconds. */
const SILENT_FOR = 300;

/** One line on standard error that says how far the work is: on a terminal only, not under CI, and gone when the work is done. */
export class Progress {
  readonly #io: Io;
  readonly #began: number;
  #shownAt: number | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#began = io.now();
  }

  /** Says how far the work is; `text` is asked for only when it is shown. */
  show(text: () => string): void {
    if (!this.#io.isTTY.stderr || this.#io.env['CI'] !== undefined) return;
    const now = this.#io.now();
    if (now - this.#began < SILENT_FOR || (this.#shownAt !== undefined && now - this.#shownAt < 100)) return;
    this.#shownAt = now;
    this.#io.stderr(REWRITE + text());
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shownAt !== undefined) this.#io.stderr(REWRITE);
    this.#shownAt = undefined;
  }
}

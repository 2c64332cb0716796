import { errorText } from '../errors.ts';
/** Something that is read from files and may change while the server runs. */
export interface Source<T> {
  /** Changes whenever `load` would give something else. */
  readonly fingerprint: () => Promise<string>;
  /** Throws when what is there cannot be used. */
  readonly load: () => Promise<T>;
}

/** The last good value of a source: what cannot be used never replaces it. */
export class Reloading<T> {
  readonly #source: Source<T>;
  #fingerprint: string;
  #value: T;
  #problem: string | undefined;

  private constructor(source: Source<T>, fingerprint: string, value: T) {
    this.#source = source;
    this.#fingerprint = fingerprint;
    this.#value = value;
  }

  /** Loads for the first time; throws when there is nothing good to begin with. */
  static async start<T>(source: Source<T>): Promise<Reloading<T>> {
    // Taken before loading: a change in between is seen the next time.
    const fingerprint = await source.fingerprint();
    return new Reloading(source, fingerprint, await source.load());
  }

  get value(): T {
    return this.#value;
  }

  /** Why what is there now was refused; undefined when it is in force. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks whether the source has changed, and loads it if so. Never throws. */
  async check(): Promise<'same' | 'changed' | 'refused'> {
    const before = this.#problem;
    let seen: string | undefined;
    try {
      seen = await this.#source.fingerprint();
      if (seen === this.#fingerprint) return 'same';
      this.#fingerprint = seen;
      this.#value = await this.#source.load();
      this.#problem = undefined;
      return 'changed';
    } catch (error) {
      this.#problem = errorText(error);
      // What cannot even be looked at is told once, not at every look; and when it is back, it is read again.
      if (seen === undefined) this.#fingerprint = '';
      return seen === undefined && this.#problem === before ? 'same' : 'refused';
    }
  }
}

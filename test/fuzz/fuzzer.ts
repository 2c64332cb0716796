import { Dice } from '../support/dice.ts';
import type { Door } from './door.ts';

/** A case that broke the oracle. */
interface Failure {
  readonly number: number;
  readonly message: string;
}

/** More failures than this of one door are the same one. */
const ENOUGH = 20;

/** Tries the cases of one door in turn; each depends on seed and number alone. */
export class Fuzzer {
  readonly door: Door;
  readonly failures: Failure[] = [];
  cases = 0;
  readonly #seed: string;

  constructor(door: Door, seed: string) {
    this.door = door;
    this.#seed = seed;
  }

  /** The next cases. */
  async turn(): Promise<void> {
    for (let at = 0; at < this.door.turn && this.failures.length < ENOUGH; at += 1) await this.one(this.cases);
  }

  /** The case of one number. */
  async one(number: number): Promise<void> {
    this.cases += 1;
    try {
      await this.door.attempt(new Dice(`${this.#seed}/${this.door.name}/${number}`));
      for (const key in {}) throw new Error(`Object.prototype has got a ${key}`);
    } catch (error) {
      this.failures.push({ number, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
}

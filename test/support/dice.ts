/** Seeded chance: the same seed throws the same, on every machine. */
export class Dice {
  #state: number;

  /** A seed of any length; similar seeds throw differently. */
  constructor(seed: string) {
    let hash = 2166136261;
    for (const unit of seed) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 16777619);
    this.#state = hash >>> 0;
  }

  /** A whole number from 0 to `n` - 1 (mulberry32). */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * n);
  }

  /** True with this probability, of 1. */
  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  /** One of the items; more copies make one more likely. Throws when there is none. */
  pick<T>(items: readonly T[]): T {
    const at = this.below(items.length);
    for (const [index, item] of items.entries()) if (index === at) return item;
    throw new Error('nothing to pick from');
  }

  /** Between `least` and `most` different items, in random order. */
  some<T>(items: readonly T[], least: number, most: number): T[] {
    const left = [...items];
    const size = Math.min(left.length, least + this.below(most - least + 1));
    return Array.from({ length: size }, () => left.splice(this.below(left.length), 1)).flat();
  }
}

/** So many entries make a part: to split it takes less than a millisecond, and all of one size are split at nearly the same time. */
const PART = 1024;
/** A part that has more is split in so many, by as many bits of a hash as that takes; after the last bit it may grow. */
const BITS = 4;
const LAST_BIT = 32;

interface Part<V> {
  readonly entries: Map<string, V>;
  parts: readonly Part<V>[] | undefined;
}

/**
 * A map of many texts that never takes long at once. A `Map` that is full is written anew as a whole: with a quarter of a million entries, as a
 * large cluster has hostnames, that is 30 ms in which nobody is served.
 */
export class SplitMap<V> {
  readonly #root: Part<V> = { entries: new Map(), parts: undefined };

  get(key: string): V | undefined {
    return this.#partOf(key).entries.get(key);
  }

  set(key: string, value: V): void {
    const { entries } = this.#partOf(key);
    entries.set(key, value);
    if (entries.size > PART) this.#split(key);
  }

  delete(key: string): void {
    this.#partOf(key).entries.delete(key);
  }

  entries(): Iterable<readonly [key: string, value: V]> {
    return entriesOf(this.#root);
  }

  #partOf(key: string): Part<V> {
    let part = this.#root;
    if (part.parts === undefined) return part;
    for (let hash = textHash(key); part.parts !== undefined; hash >>>= BITS) part = branchOf(part.parts, hash);
    return part;
  }

  /** Splits the part of a key. */
  #split(key: string): void {
    let part = this.#root;
    let bit = 0;
    for (const hash = textHash(key); part.parts !== undefined; bit += BITS) part = branchOf(part.parts, hash >>> bit);
    if (bit >= LAST_BIT) return;
    const parts = Array.from({ length: 1 << BITS }, (): Part<V> => ({ entries: new Map(), parts: undefined }));
    for (const [one, value] of part.entries) branchOf(parts, textHash(one) >>> bit).entries.set(one, value);
    part.entries.clear();
    part.parts = parts;
  }
}

function branchOf<V>(parts: readonly Part<V>[], hash: number): Part<V> {
  const part = parts[hash & ((1 << BITS) - 1)];
  if (part === undefined) throw new Error('a part is missing');
  return part;
}

function* entriesOf<V>({ entries, parts }: Part<V>): Iterable<readonly [string, V]> {
  yield* entries;
  for (const part of parts ?? []) yield* entriesOf(part);
}

/** A hash of a text, of 32 bits (FNV-1a); after another text, of both. */
export function textHash(text: string, before = 0x811c9dc5): number {
  let hash = before;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Larger values are not looked up: they rarely have an equal. Objects, lists, texts and numbers count. */
const MOST_PARTS = 64;
/** Values remembered at once, twice over. */
const REMEMBERED = 4096;
/** After so many values of a field it is judged whether they repeat themselves, and after so many again. */
const TRIAL = 512;

/** How often the values of a field had come up before, of those looked up lately. */
class Experience {
  #tries = 0;
  #hits = 0;
  #skips = 0;

  /** Whether looking is worth its while: a value in eight was known, or little is known yet. */
  get pays(): boolean {
    if (this.#tries < TRIAL || this.#hits * 8 >= this.#tries) return true;
    this.#skips += 1;
    if (this.#skips > 8 * TRIAL) [this.#tries, this.#hits, this.#skips] = [0, 0, 0];
    return false;
  }

  note(isHit: boolean): void {
    this.#tries += 1;
    if (isHit) this.#hits += 1;
    if (this.#tries > 8 * TRIAL) [this.#tries, this.#hits] = [this.#tries / 8, this.#hits / 8];
  }
}

/** What has come up lately: what was not asked for between two times that it grew full is forgotten. */
class Lately<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

/** Fields are forgotten too: the keys of labels are fields, and whoever writes objects may write ever new ones. */
function experienceOf(field: string, all: Lately<string, Experience>): Experience {
  const known = all.get(field);
  if (known !== undefined) return known;
  const experience = new Experience();
  all.set(field, experience);
  return experience;
}

/**
 * Makes equal parts of objects one value. The objects of a cluster repeat themselves: the same parentRefs, filters, labels and conditions stand
 * in thousands of routes. What has not come up for a while is forgotten, so that what occurs once is not kept for long, and fields whose values
 * are all different are passed over; either only means that an equal value is held twice.
 */
export class Sharing {
  readonly #texts = new Lately<string, string>();
  /** By number; of two values of one number the later. */
  readonly #values = new Lately<number, object>();
  readonly #experience = new Lately<string, Experience>();
  readonly #experienceOfTexts = new Lately<string, Experience>();

  /**
   * Puts known values in place of equal parts of this one, a value as `JSON.parse` gives it that belongs to the caller. Neither it nor its
   * parts may be changed afterwards. `held` is what it is to replace: of that most parts stay, and to compare them costs little. `field` is
   * what it stands under.
   */
  shareParts(value: unknown, held?: unknown, field = ''): void {
    if (!isChangeable(value)) return;
    const isList = Array.isArray(value);
    const old = isObject(held) ? held : undefined;
    for (const key of Object.keys(value)) {
      const part = value[key];
      const oldPart = old?.[key];
      const own = isList ? `${field}[]` : key;
      if (typeof part === 'string') value[key] = part === oldPart ? oldPart : this.#sharedText(part, own);
      if (typeof part !== 'object' || part === null) continue;
      const shared = isEqual(part, oldPart) ? oldPart : this.#shared(part, oldPart, own);
      if (shared !== part) value[key] = shared;
    }
  }

  #sharedText(text: string, field: string): string {
    const experience = experienceOf(field, this.#experienceOfTexts);
    if (!experience.pays) return text;
    const known = this.#texts.get(text);
    experience.note(known !== undefined);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }

  #shared(value: object, held: unknown, field: string): unknown {
    const experience = experienceOf(field, this.#experience);
    const number = experience.pays ? Numbering.of(value) : undefined;
    const known = number === undefined ? undefined : this.#values.get(number);
    const isKnown = known !== undefined && isEqual(value, known);
    if (number !== undefined) experience.note(isKnown);
    if (isKnown) return known;
    this.shareParts(value, held, field);
    if (number !== undefined) this.#values.set(number, value);
    return value;
  }
}

/** Makes numbers of values. */
class Numbering {
  #parts = 0;

  /** A number that equal values have in common, and that others have rarely; undefined for a large one. */
  static of(value: object): number | undefined {
    const numbering = new Numbering();
    const number = numbering.#add(0, value);
    return numbering.#parts > MOST_PARTS ? undefined : number;
  }

  #add(number: number, value: unknown): number {
    this.#parts += 1;
    if (this.#parts > MOST_PARTS) return number;
    if (typeof value === 'string') return addText(number, value);
    if (typeof value === 'number') return mixed(number, value);
    if (!isObject(value)) return mixed(number, value === true ? 1 : 2);
    let sum = number;
    if (Array.isArray(value)) {
      for (const item of value) sum = this.#add(mixed(sum, 3), item);
      return sum;
    }
    // In whatever order the keys come.
    for (const key in value) sum = (sum + this.#add(mixed(number, key.length), value[key])) | 0;
    return sum;
  }
}

/** The length, and the characters at the end: names differ there. */
function addText(number: number, text: string): number {
  let sum = mixed(number, text.length);
  for (let at = Math.max(0, text.length - 8); at < text.length; at += 1) sum = mixed(sum, text.charCodeAt(at));
  return sum;
}

function mixed(number: number, more: number): number {
  return (Math.imul(number, 31) + more) | 0;
}

/** Whether two values of JSON are equal. Written for speed, since it compares every object that changes. */
function isEqual(some: unknown, others: unknown): boolean {
  if (some === others) return true;
  if (!isObject(some) || !isObject(others)) return false;
  if (Array.isArray(some)) {
    if (!Array.isArray(others) || some.length !== others.length) return false;
    for (let at = 0; at < some.length; at += 1) if (!isEqual(some[at], others[at])) return false;
    return true;
  }
  if (Array.isArray(others)) return false;
  let count = 0;
  for (const key in some) {
    // Of an object that has no such key this is its prototype.
    if (key === '__proto__' || !isEqual(some[key], others[key])) return false;
    count += 1;
  }
  return count === Object.keys(others).length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Arrays too: their keys are their indexes. What `normalise` has filled in is frozen, and one value already. */
function isChangeable(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Object.isFrozen(value);
}

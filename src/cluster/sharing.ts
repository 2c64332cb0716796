/** Values whose text is longer are not looked up: they rarely have an equal. */
const LONGEST = 1024;
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

/**
 * Makes equal parts of objects one value. The objects of a cluster repeat themselves: the same parentRefs, filters, labels and conditions stand
 * in thousands of routes. What has not come up for a while is forgotten, so that what occurs once is not kept for long, and fields whose values
 * are all different are passed over; either only means that an equal value is held twice.
 */
export class Sharing {
  #young = new Map<string, unknown>();
  #old = new Map<string, unknown>();
  readonly #experience = new Map<string, Experience>();

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
      if (typeof part !== 'object' || part === null) continue;
      const oldPart = old?.[key];
      const shared = isEqual(part, oldPart) ? oldPart : this.#shared(part, oldPart, isList ? `${field}[]` : key);
      if (shared !== part) value[key] = shared;
    }
  }

  /** A text that is likely to come up again. */
  shareText(text: string): string {
    // No JSON of an object or array begins like this.
    const key = `"${text}`;
    const known = this.#known(key);
    if (typeof known === 'string') return known;
    this.#remember(key, text);
    return text;
  }

  #shared(value: object, held: unknown, field: string): unknown {
    const experience = this.#experience.get(field) ?? new Experience();
    this.#experience.set(field, experience);
    const text = experience.pays ? JSON.stringify(value) : undefined;
    const known = text === undefined || text.length > LONGEST ? undefined : this.#known(text);
    if (text !== undefined) experience.note(known !== undefined);
    if (known !== undefined) return known;
    this.shareParts(value, held, field);
    if (text !== undefined && text.length <= LONGEST) this.#remember(text, value);
    return value;
  }

  #known(text: string): unknown {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const old = this.#old.get(text);
    if (old !== undefined) this.#remember(text, old);
    return old;
  }

  #remember(text: string, value: unknown): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }
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

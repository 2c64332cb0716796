/** Room for the numbers of a thousand texts; what one call leaves there the next one takes away. */
const SLOTS = new Int32Array(4096);
/** So many characters at its end tell a text from nearly all others. */
const END = 16;

/**
 * Whether two of the texts are equal. Texts fresh from `JSON.parse` have never been hashed, which is most of what a `Set` of them costs: they are
 * told apart by numbers of their ends first (a third of the time), and by a `Set` where two numbers are equal.
 */
export function hasRepeats(texts: readonly string[]): boolean {
  let mask = 63;
  while (mask < texts.length * 4) mask = mask * 2 + 1;
  if (mask >= SLOTS.length) return new Set(texts).size < texts.length;
  SLOTS.fill(0, 0, mask + 1);
  for (const text of texts) {
    const number = numberOf(text);
    let slot = (number ^ (number >>> 15)) & mask;
    while (SLOTS[slot] !== 0 && SLOTS[slot] !== number) slot = (slot + 1) & mask;
    if (SLOTS[slot] === number) return new Set(texts).size < texts.length;
    SLOTS[slot] = number;
  }
  return false;
}

/** Of the length and the last characters; never 0. */
function numberOf(text: string): number {
  let number = text.length;
  for (let at = Math.max(0, text.length - END); at < text.length; at += 1) {
    number = (Math.imul(number, 31) + text.charCodeAt(at)) | 0;
  }
  return number === 0 ? 1 : number;
}

/** Longest warning the API server never cuts, in code points (apiserver `filters/warning.go`, truncateAtRunes). */
const WARNING_LIMIT = 256;
/** Code points of all warnings of an answer; above it the API server cuts each (maxTotalRunes). */
const WARNINGS_LIMIT = 4096;

/**
 * C0 and C1 controls (one makes the API server drop the whole Warning header; in a terminal they move the cursor), marks that reverse the
 * reading order, byte order mark, and line ends beyond ASCII.
 */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text that may stand in a message: valid Unicode on one line, what a reader could not see written as `\u….`. */
export function safeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Text of at most `limit` code points; what is cut ends in `…`. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A code point has two units at most: of a text of megabytes no more is looked at.
  const points = Array.from(text.slice(0, 2 * limit));
  return points.length <= limit && text.length <= 2 * limit ? text : `${points.slice(0, limit - 1).join('')}…`;
}

/**
 * Warnings as the API server passes them on: no controls, none over 256 code points, no duplicates, together within the limit above which
 * it would cut them. Those for which there is no room are counted in the last one.
 */
export function warningsOf(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return texts;
  const distinct = [...new Set(texts)];
  const warnings = new Set<string>();
  let room = WARNINGS_LIMIT - 64;
  for (const [at, text] of distinct.entries()) {
    const warning = cut(safeText(text), WARNING_LIMIT);
    if (warnings.has(warning)) continue;
    room -= Array.from(warning).length;
    if (room < 0) return [...warnings, `and ${distinct.length - at} more warnings: see the log`];
    warnings.add(warning);
  }
  return [...warnings];
}

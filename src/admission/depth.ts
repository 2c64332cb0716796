/** How deep the object of a review may nest; far above any Gateway API object, far below what would exhaust a stack. */
export const OBJECT_DEPTH = 512;

/** How deep a JSON text may nest at all: the limit of the API server's own decoder (apimachinery `json`, 10,000). */
export const TEXT_DEPTH = 10_000;

/** Whether parsed JSON nests deeper than `limit` objects and arrays. Its own recursion ends at the limit. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const below = limit - 1;
  if (Array.isArray(value)) {
    for (const child of value) if (typeof child === 'object' && isDeeperThan(child, below)) return true;
    return false;
  }
  return isFields(value) && isMapDeeperThan(value, below);
}

function isMapDeeperThan(fields: Readonly<Record<string, unknown>>, below: number): boolean {
  // Parsed JSON inherits no enumerable field, and Object.values would copy: three times the cost.
  for (const key in fields) {
    const child = fields[key];
    if (typeof child === 'object' && isDeeperThan(child, below)) return true;
  }
  return false;
}

function isFields(value: object): value is Readonly<Record<string, unknown>> {
  return !Array.isArray(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `{` and `}` are `[` and `]` with this bit set. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Whether a JSON text nests deeper than `limit`, read from its bytes without parsing: 8 MiB of `[` would hold the event loop for a second in
 * `JSON.parse`. The text need not be JSON.
 */
export function isTextDeeperThan(text: Uint8Array, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) {
      for (at += 1; at < text.length && text[at] !== QUOTE; at += 1) if (text[at] === BACKSLASH) at += 1;
    } else if ((byte | BRACE_BIT) === OPENING) {
      depth += 1;
      if (depth > limit) return true;
    } else if ((byte | BRACE_BIT) === CLOSING) depth -= 1;
  }
  return false;
}

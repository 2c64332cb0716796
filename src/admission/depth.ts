/** How deep a JSON text may nest at all: the limit of the API server's own decoder (apimachinery `json`, 10,000). */
export const TEXT_DEPTH = 10_000;

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

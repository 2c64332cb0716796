/** How deep a JSON text may nest at all: the limit of the API server's own decoder (apimachinery `json`, 10,000). */
export const TEXT_DEPTH = 10_000;
/**
 * How many values a JSON text may have: more than two of the largest objects that etcd stores. Each may take 64 bytes of memory, and 10 MiB have
 * room for five million.
 */
export const TEXT_VALUES = 1_000_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `{` and `}` are `[` and `]` with this bit set. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** What a JSON text has too much of. */
export type TextExcess = 'depth' | 'values';

/**
 * Whether a JSON text nests deeper than `depth` or has more than `values` values, read from its bytes without parsing: 8 MiB of `[` would hold the
 * event loop for a second in `JSON.parse`, 10 MiB of `{},` take 300 MB. Values are counted by what opens one and by commas. The text need not be
 * JSON.
 */
export function excessOf(text: Uint8Array, depth: number, values: number): TextExcess | undefined {
  let open = 0;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) {
      for (at += 1; at < text.length && text[at] !== QUOTE; at += 1) if (text[at] === BACKSLASH) at += 1;
    } else if (byte === COMMA) {
      count += 1;
      if (count > values) return 'values';
    } else if ((byte | BRACE_BIT) === OPENING) {
      open += 1;
      count += 1;
      if (open > depth) return 'depth';
      if (count > values) return 'values';
    } else if ((byte | BRACE_BIT) === CLOSING) open -= 1;
  }
  return undefined;
}

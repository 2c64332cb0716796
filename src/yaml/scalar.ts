/** What a plain scalar stands for, or why it is refused. */
export type Resolved = { readonly value: unknown; readonly float?: true } | { readonly refused: string };

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);
const LONGEST_WORD = Math.max(...[...WORDS.keys()].map((word) => word.length));
const NOT_A_NUMBER_OF_JSON = /^(?:\.(?:nan|NaN|NAN)|[-+]?\.(?:inf|Inf|INF))$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** A number that begins with its point may have underscores between digits only (Go `strconv.ParseFloat`). */
const POINT_FLOAT = /^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;

/**
 * A plain scalar as kubectl reads it: the dialect of go-yaml v2 (`resolve.go`), which is YAML 1.1 without base 60 and dates. Booleans have
 * many words, a leading zero means octal, underscores are dropped. An integer that JavaScript cannot hold exactly is refused.
 */
export function resolvePlain(text: string): Resolved {
  const word = text.length <= LONGEST_WORD ? WORDS.get(text) : undefined;
  if (word !== undefined) return { value: word };
  const first = text.charCodeAt(0);
  const isDigitOrSign = (first >= 48 && first <= 57) || first === 43 || first === 45;
  if (!isDigitOrSign && first !== 46) return { value: text };
  if (NOT_A_NUMBER_OF_JSON.test(text)) return { refused: `${text} is not a number that JSON has` };
  if (first === 46) return POINT_FLOAT.test(text) ? resolveFloat(text, text.replaceAll('_', '')) : { value: text };
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const integer = INTEGER.exec(plain);
  if (integer !== null) {
    const value = parseInteger(integer);
    if (Number.isSafeInteger(value)) return { value: value === 0 ? 0 : value };
    if (Math.abs(value) < 2 ** 64)
      return { refused: `${text} is larger than the numbers that are read exactly (2^53)` };
  }
  return FLOAT.test(plain) ? resolveFloat(text, plain) : { value: text };
}

function parseInteger([, sign, hex, binary, octal, decimal]: RegExpExecArray): number {
  const magnitude =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  return sign === '-' ? -magnitude : magnitude;
}

/** The number of a text, or the text as it stands when the number is too large. */
function resolveFloat(text: string, digits: string): Resolved {
  const value = Number(digits);
  return Number.isFinite(value) ? { value, float: true } : { value: text };
}

/** The text of a `!!binary` scalar (RFC 4648 base 64; bytes that are no UTF-8 become U+FFFD), or why it is refused. */
export function resolveBinary(text: string): Resolved {
  const digits = text.replace(/[\r\n]/g, '');
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    return { refused: '!!binary is not followed by base 64' };
  }
  const bytes = Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
  return { value: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
}

/**
 * A mapping key as kubectl writes it into JSON (sigs.k8s.io/yaml `convertToJSONableObject`): numbers and booleans become text, floats with
 * the precision of 32 bits. Undefined for what cannot be a key: null, a list, a map.
 */
export function keyText(key: { readonly value: unknown; readonly float?: true }): string | undefined {
  const { value } = key;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return undefined;
  return key.float === true ? shortFloat(value) : String(value);
}

/** Go `strconv.FormatFloat(value, 'g', -1, 32)`. */
function shortFloat(value: number): string {
  const single = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits += 1;
  const short = Number(single.toPrecision(digits));
  const [mantissa = '', exponent = '0'] = short.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(short);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

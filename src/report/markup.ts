import { visible } from './visible.ts';

/** Text that is markup already: the work of {@link markup}, or a constant of ours. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template of markup. */
export type MarkupPart = string | number | Markup | readonly MarkupPart[];

/**
 * The tag by which all SVG and HTML is written: what is put in is escaped for text and attribute values alike, unless it is markup itself.
 * `undefined` has no place in it, so that no picture says "undefined".
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const text = strings.map((string, at) => string + (at < parts.length ? partText(parts[at] ?? '') : ''));
  return new Markup(text.join(''));
}

function partText(part: MarkupPart): string {
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return part.map(partText).join('');
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text of XML and HTML: control characters become visible, non-characters and lone surrogates U+FFFD; line breaks stay. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .split('\n')
    .map(visible)
    .join('\n')
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
}

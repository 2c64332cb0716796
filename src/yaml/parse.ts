import { YAMLException, parseEvents, type Event } from 'js-yaml';
import { MAX_DEPTH, Refusal } from './construct.ts';
import { tabOutOfPlace } from './tabs.ts';

/** How many characters are parsed again, in all, for lines that are indented too little. */
const MAX_WORK = 50_000_000;

/** A document as it was given to the parser. */
export interface Parsed {
  /** The text that offsets of events lead into; longer than the document where lines were indented. */
  readonly source: string;
  readonly events: readonly Event[];
  /** An offset of the document for one of `source`. */
  readonly original: (offset: number) => number;
}

/**
 * The events of a document. Inside `[…]`, `{…}` and quotes kubectl takes lines of any indentation, and tabs, where the parser follows YAML 1.2
 * and refuses them: such a line is indented and the document parsed again. There white space before a line means nothing, so no value
 * changes. Throws a {@link Refusal}.
 */
export function parse(document: string): Parsed {
  const inserted: number[] = [];
  let width = 0;
  const original = (offset: number): number =>
    inserted.reduceRight((at, start) => (at <= start ? at : Math.max(start, at - width)), offset);
  let source = document;
  for (let work = document.length; ; work += source.length) {
    try {
      const events = parseEvents(source, { maxDepth: MAX_DEPTH });
      const indented = new Set(inserted);
      const tab = tabOutOfPlace(source, events, (start) => (indented.has(start) ? width : 0));
      if (tab !== undefined) throw new Refusal('a tab where only spaces may stand', original(tab));
      return { source, events, original };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const at = error.mark?.position ?? 0;
      const start = source.lastIndexOf('\n', at - 1) + 1;
      const before = source.slice(start, at);
      // Before a value in brackets, too, which may have an anchor or a tag; what a tab parts from its `-` kubectl does not take.
      const found = /\t[ \t]*(?=(?:[&!]\S*[ \t]+)*(?:[[{] *)?$)/.exec(before);
      const tabs = /[^\s?:-]/.test(before.slice(0, found?.index)) ? found : null;
      const isIndented = /^[ \t]*$/.test(before) && start > (inserted.at(-1) ?? 0);
      if (error.reason !== 'deficient indentation' || work > MAX_WORK || (!isIndented && tabs === null)) {
        throw new Refusal(error.reason, original(at));
      }
      if (isIndented) {
        if (width === 0) width = widestIndent(document) + 1;
        inserted.push(start);
        source = `${source.slice(0, start)}${' '.repeat(width)}${source.slice(start)}`;
      } else if (tabs !== null) {
        const [{ length }, from] = [tabs[0], start + tabs.index];
        source = `${source.slice(0, from)}${' '.repeat(length)}${source.slice(from + length)}`;
      }
    }
  }
}

function widestIndent(document: string): number {
  let widest = 0;
  for (const [indent] of document.matchAll(/^[ ?:-]+/gm)) widest = Math.max(widest, indent.length);
  return Math.min(widest, 1000);
}

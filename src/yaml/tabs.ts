import { COLLECTION_STYLE, EVENT_ID, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';

/** The part of a document in which a tab stands: where the last scalar, list or map before it begins, and what is open there. */
interface Part {
  readonly start: number;
  readonly scalar: ScalarEvent | undefined;
  /** How many lists and maps in brackets are open. */
  readonly brackets: number;
  /** The column of the innermost list or map that is not in brackets; -1 outside of all. */
  readonly column: number;
}

/**
 * The first tab that kubectl does not take where the parser does: before the first word of a line, be it blank or a comment, or between it and
 * an indicator (`-`, `?`, `:`). A tab is white space there only in brackets, in quotes, in a block scalar from its indentation on, and behind
 * a plain scalar, in brackets too, as far as it may go on (go-yaml v2 `yaml_parser_scan_to_next_token`, `_scan_block_scalar_breaks`,
 * `_scan_plain_scalar`). `added` tells how far a line that begins at an offset has been indented since it was written.
 */
export function tabOutOfPlace(
  source: string,
  events: readonly Event[],
  added: (start: number) => number,
): number | undefined {
  if (!source.includes('\t')) return undefined;
  const parts = partsOf(source, events);
  let next = 0;
  let isWhiteSpace: Tabs = () => false;
  for (const { 0: before, index } of source.matchAll(/^(?: |[-?:](?=[ \t]))*\t/gm)) {
    const at = index + before.length - 1;
    const known = next;
    while ((parts[next]?.start ?? Infinity) <= at) next += 1;
    const part = parts[next - 1];
    if (next > known && part !== undefined) isWhiteSpace = tabsOf(source, part);
    if (!isWhiteSpace(at, before.length - 1 - added(index))) return at;
  }
  return undefined;
}

/** Whether a tab is white space, by its place and column. Asked in the order of places, so that no text is looked at twice. */
type Tabs = (at: number, column: number) => boolean;

function tabsOf(source: string, part: Part): Tabs {
  const { scalar } = part;
  if (scalar === undefined) return tabsBehind(source, part, part.start);
  const inside = isBlock(scalar)
    ? tabsInBlock(source, scalar)
    : (_at: number, column: number) => scalar.style !== SCALAR_STYLE.PLAIN || column > part.column;
  const behind = tabsBehind(source, part, scalar.valueEnd);
  return (at, column) => (at < scalar.valueEnd ? inside(at, column) : behind(at, column));
}

/** Those between a part, or the end of its scalar, and the next. */
function tabsBehind(source: string, { scalar, brackets, column: least }: Part, start: number): Tabs {
  const text = scalar?.style === SCALAR_STYLE.PLAIN ? nextText(source, start) : -1;
  let seen = start;
  let open = brackets;
  return (at, column) => {
    const gap = source.slice(seen, at).replace(/#.*/g, '');
    open -= gap.match(/[\]}]/g)?.length ?? 0;
    seen = at;
    return at <= text ? column > least : open > 0;
  };
}

function isBlock({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

/** Those of the text of a block scalar; the first line of one without an indentation indicator says where that begins. */
function tabsInBlock(source: string, { valueStart, indent }: ScalarEvent): Tabs {
  const header = source.slice(source.lastIndexOf('\n', valueStart - 2) + 1, valueStart);
  const first = /[|>][-+]?[1-9]/.test(header) ? valueStart : nextText(source, valueStart);
  return (at, column) => column >= indent && at >= first;
}

/** Where the next character stands that is no white space. */
function nextText(source: string, from: number): number {
  const text = /\S/g;
  text.lastIndex = from;
  return text.exec(source)?.index ?? source.length;
}

function partsOf(source: string, events: readonly Event[]): readonly Part[] {
  const parts: Part[] = [];
  const open: Pick<Part, 'brackets' | 'column'>[] = [{ brackets: 0, column: -1 }];
  const add = (start: number, scalar?: ScalarEvent): void => {
    const { brackets, column } = open.at(-1) ?? { brackets: 0, column: -1 };
    parts.push({ start, scalar, brackets, column });
  };
  for (const event of events) {
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      const { brackets, column } = open.at(-1) ?? { brackets: 0, column: -1 };
      const isFlow = event.style === COLLECTION_STYLE.FLOW;
      open.push(isFlow ? { brackets: brackets + 1, column } : { brackets, column: columnOf(source, event.start) });
      add(event.start);
    } else if (event.type === EVENT_ID.DOCUMENT) open.push({ brackets: 0, column: -1 });
    else if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type === EVENT_ID.ALIAS) add(event.anchorStart);
    else if (event.valueStart >= 0) add(event.valueStart, event);
  }
  return parts;
}

function columnOf(source: string, at: number): number {
  return at - (source.lastIndexOf('\n', at - 1) + 1);
}

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
 * a plain scalar as far as it may go on (go-yaml v2 `yaml_parser_scan_to_next_token`, `_scan_block_scalar_breaks`, `_scan_plain_scalar`).
 */
export function tabOutOfPlace(source: string, events: readonly Event[]): number | undefined {
  if (!source.includes('\t')) return undefined;
  const parts = partsOf(source, events);
  let next = 0;
  for (const { 0: before, index } of source.matchAll(/^(?: |[-?:](?=[ \t]))*\t/gm)) {
    const at = index + before.length - 1;
    while ((parts[next]?.start ?? Infinity) <= at) next += 1;
    if (!isWhiteSpace(source, at, before.length - 1, parts[next - 1])) return at;
  }
  return undefined;
}

function isWhiteSpace(source: string, at: number, column: number, part: Part | undefined): boolean {
  if (part === undefined) return false;
  const { scalar } = part;
  if (scalar !== undefined && at < scalar.valueEnd) {
    if (scalar.style === SCALAR_STYLE.PLAIN) return part.brackets > 0 || column > part.column;
    return !isBlock(scalar) || isInBlock(source, at, column, scalar);
  }
  const gap = source.slice(scalar?.valueEnd ?? part.start, at).replace(/#.*/g, '');
  const closed = gap.match(/[\]}]/g)?.length ?? 0;
  if (part.brackets > closed) return true;
  return scalar?.style === SCALAR_STYLE.PLAIN && column > part.column && !/\S/.test(source.slice(scalar.valueEnd, at));
}

function isBlock({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

/** Whether a tab belongs to the text of a block scalar; the first line of one without an indentation indicator says where that begins. */
function isInBlock(source: string, at: number, column: number, { valueStart, indent }: ScalarEvent): boolean {
  const header = source.slice(source.lastIndexOf('\n', valueStart - 2) + 1, valueStart);
  const isFirst = !/\S/.test(source.slice(valueStart, at));
  return column >= indent && (!isFirst || /[|>][-+]?[1-9]/.test(header));
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
      const ownColumn = event.start - (source.lastIndexOf('\n', event.start - 1) + 1);
      open.push(isFlow ? { brackets: brackets + 1, column } : { brackets, column: ownColumn });
      add(event.start);
    } else if (event.type === EVENT_ID.DOCUMENT) open.push({ brackets: 0, column: -1 });
    else if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type === EVENT_ID.ALIAS) add(event.anchorStart);
    else if (event.valueStart >= 0) add(event.valueStart, event);
  }
  return parts;
}

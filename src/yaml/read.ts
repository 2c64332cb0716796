import type { FieldPath } from '#gateway';
import { MAX_ALIASED, Refusal, construct, type Place } from './construct.ts';
import { itemRanges, itemText } from './items.ts';
import { Lines, type Position } from './lines.ts';
import { parse, type Parsed } from './parse.ts';
import { splitDocuments, type Chunk } from './split.ts';

/** The parser holds every node of a document at once, about 100 bytes each: this is far above any list of objects. */
const MAX_FIELDS = 3_000_000;
/** Far more than any stream of manifests holds, few enough to keep. */
const MAX_DOCUMENTS = 100_000;

/** One document of a text. */
export interface YamlDocument {
  /** Plain objects, arrays, text, finite numbers, booleans, null. Values behind aliases are shared: not to be changed. */
  readonly value: unknown;
  /** Its number in the text from 0, empty documents not counted. */
  readonly index: number;
  /**
   * Where a field stands: a list or map at the key that holds it, anything else at its value; with `'key'` always at the key. A path that
   * leads nowhere is located where it leaves the document.
   */
  readonly locate: (path: FieldPath, part?: 'key') => Position;
  /** Offsets into the text from which its first line begins and before which its last ends. */
  readonly range: { readonly start: number; readonly end: number };
  /** The template that Helm names in a comment above it: `# Source: chart/templates/route.yaml`. */
  readonly source: string | undefined;
}

/** What keeps a document from being read. */
export interface YamlProblem {
  /** A duplicate key kubectl would take, anything else it would not. */
  readonly kind: 'duplicate-key' | 'unreadable';
  readonly message: string;
  /** The number its document would have. */
  readonly index: number;
  readonly at: Position;
}

/** A text, read. */
export interface YamlText {
  readonly documents: readonly YamlDocument[];
  /** One for each document that cannot be read; the others stand in `documents`. */
  readonly problems: readonly YamlProblem[];
  /** The text of a line (from 1) without its line end. */
  readonly lineAt: (line: number) => string;
}

/**
 * Reads every document of a text as kubectl does (see `scalar.ts` and `split.ts`), but refuses what kubectl reads otherwise than it is
 * written: duplicate keys, integers that are rounded, a document that kubectl would skip. Empty documents are left out. Never throws. What
 * it takes to locate fields is kept in `places`, which texts that are told of together may share.
 */
export function readYaml(input: string, places = new Places()): YamlText {
  const text = input.startsWith('\u{feff}') ? input.slice(1) : input;
  const lines = new Lines(text);
  const documents: YamlDocument[] = [];
  const problems: YamlProblem[] = [];
  const chunks = splitDocuments(text, MAX_DOCUMENTS + 1);
  let index = 0;
  let allowed = MAX_ALIASED;
  for (const chunk of chunks.slice(0, MAX_DOCUMENTS)) {
    try {
      const { value, problem, aliased } = readChunk(text, chunk, index, lines, allowed);
      allowed -= aliased;
      if (problem !== undefined) problems.push(problem);
      if (value === null) continue;
      documents.push({
        value,
        index,
        locate: locator(text, chunk, value, lines, places),
        range: chunk,
        source: sourceComment(text, chunk),
      });
      index += 1;
    } catch (error) {
      problems.push(toProblem(error, chunk, index, lines));
      index += 1;
    }
  }
  const rest = chunks[MAX_DOCUMENTS];
  if (rest !== undefined) {
    const message = `more than ${MAX_DOCUMENTS} documents: those from here on are not read`;
    problems.push({ kind: 'unreadable', message, index, at: lines.positionAt(rest.start) });
  }
  return { documents, problems, lineAt: (line) => lines.textOf(line) };
}

function readChunk(
  text: string,
  chunk: Chunk,
  index: number,
  lines: Lines,
  allowed: number,
): { readonly value: unknown; readonly aliased: number; readonly problem?: YamlProblem } {
  const source = text.slice(chunk.start, chunk.end);
  if (hasMoreFieldsThan(MAX_FIELDS, source)) {
    throw new Refusal(`more than ${MAX_FIELDS} fields in one document: split it`, 0);
  }
  const parsed = parse(source);
  const { value, next, aliased } = constructOrExplain(parsed, allowed);
  if (next >= parsed.events.length) return { value, aliased };
  const second = construct(parsed.source, parsed.events, next, 'values', allowed - aliased);
  const message = 'kubectl does not read this document: it must begin with a line that is nothing but ---';
  const at = lines.positionAt(chunk.start + parsed.original(second.offset));
  return { value, aliased, problem: { kind: 'unreadable', message, index, at } };
}

/** Whether a text may hold more list items and fields than this: no node begins but after one of these characters. */
function hasMoreFieldsThan(limit: number, text: string): boolean {
  if (text.length <= limit) return false;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 44 || code === 58 || code === 91 || code === 123) count += 1;
  }
  return count > limit;
}

/** Places are noted on a second pass, for what is refused: a duplicate key tells where it stood first. */
function constructOrExplain({ source, events, original }: Parsed, allowed: number): ReturnType<typeof construct> {
  try {
    return construct(source, events, 0, 'values', allowed);
  } catch {
    try {
      return construct(source, events, 0, 'places', allowed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message, offset, first } = error;
      throw new Refusal(message, original(offset), first === undefined ? undefined : original(first));
    }
  }
}

type WithPlaces = ReturnType<typeof construct> & Pick<Parsed, 'original'>;

/** Places take more memory than the document itself: they are kept for as many documents as findings are told of at once. */
const MOST_WITH_PLACES = 16;

/** From so many characters on a document is read once more item by item, where it has items. */
const LARGE = 65_536;

/** A part of a text with the places in it, and the rest of a path from there. */
interface Within {
  readonly read: WithPlaces;
  readonly start: number;
  readonly rest: FieldPath;
}

/** Reads documents once more, with the places of their parts, and keeps the last few: one for all texts of a run. */
export class Places {
  /** The one that was asked for last at the end. */
  readonly #kept = new Map<Chunk, WithPlaces>();
  readonly #items = new WeakMap<Chunk, readonly Chunk[]>();

  /** The places on the way of a path: of one item where a document is a large list, since those of all take more memory than the objects. */
  of(text: string, chunk: Chunk, value: unknown, path: FieldPath): Within {
    return (
      this.#ofItem(text, chunk, value, path) ?? {
        read: this.#keep(chunk, () => placesOf(text.slice(chunk.start, chunk.end))),
        start: chunk.start,
        rest: path,
      }
    );
  }

  #ofItem(text: string, chunk: Chunk, value: unknown, [field, at, ...rest]: FieldPath): Within | undefined {
    if (chunk.end - chunk.start < LARGE || field !== 'items' || typeof at !== 'number') return undefined;
    const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined;
    if (!Array.isArray(items)) return undefined;
    const ranges = this.#items.get(chunk) ?? itemRanges(text, chunk) ?? [];
    this.#items.set(chunk, ranges);
    const range = ranges[at];
    if (range === undefined || ranges.length !== items.length) return undefined;
    try {
      const read = this.#keep(range, () => placesOf(itemText(text, range)));
      return isSame(read.value, items[at]) ? { read, start: range.start, rest } : undefined;
    } catch {
      // Not to be read by itself: it has aliases of anchors elsewhere.
      return undefined;
    }
  }

  #keep(chunk: Chunk, read: () => WithPlaces): WithPlaces {
    const kept = this.#kept.get(chunk) ?? read();
    this.#kept.delete(chunk);
    this.#kept.set(chunk, kept);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_WITH_PLACES) this.#kept.delete(oldest);
    return kept;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function placesOf(document: string): WithPlaces {
  const { source, events, original } = parse(document);
  return { ...construct(source, events, 0, 'places'), original };
}

function locator(text: string, chunk: Chunk, document: unknown, lines: Lines, places: Places): YamlDocument['locate'] {
  return (path, part) => {
    const { read, start, rest } = places.of(text, chunk, document, path);
    let value = read.value;
    let place: Place = { key: read.offset, value: read.offset };
    for (const step of rest) {
      if (typeof value !== 'object' || value === null) break;
      const next = read.places.get(value)?.get(step);
      if (next === undefined) break;
      place = next;
      value = Reflect.get(value, step);
    }
    const isScalar = typeof value !== 'object' || value === null;
    return lines.positionAt(start + read.original(isScalar && part !== 'key' ? place.value : place.key));
  };
}

function toProblem(error: unknown, chunk: Chunk, index: number, lines: Lines): YamlProblem {
  if (error instanceof Refusal) {
    const at = lines.positionAt(chunk.start + error.offset);
    if (error.first === undefined) return { kind: 'unreadable', message: error.message, index, at };
    const first = lines.positionAt(chunk.start + error.first);
    return { kind: 'duplicate-key', message: `${error.message}: here and at ${first.line}:${first.column}`, index, at };
  }
  return { kind: 'unreadable', message: 'cannot be read', index, at: lines.positionAt(chunk.start) };
}

function sourceComment(text: string, chunk: Chunk): string | undefined {
  const head = /^(?:\s*\n|#.*\n)*/.exec(text.slice(chunk.start, Math.min(chunk.end, chunk.start + 4096)))?.[0] ?? '';
  return /^# Source: (\S+)\s*$/m.exec(head)?.[1];
}

import {
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { readYaml } from './read.ts';

/** One change to a document: a path of keys and list positions, `-` for past the end (RFC 6901, unescaped). */
export type YamlEdit =
  | { readonly op: 'add' | 'replace'; readonly path: readonly string[]; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: readonly string[] };

/** Why a change cannot be written into the text. */
export class EditRefusal extends Error {
  override readonly name = 'EditRefusal';
}

/** From `start` to `end` the text is replaced. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text of one document with changes written into it, one after the other: only the lines that change are touched, so comments, order,
 * quoting and line ends stay. Throws {@link EditRefusal} where the place cannot be found; whoever calls compares the values before and after,
 * since an alias may carry a change further than it was meant.
 *
 * The library that finds the ranges must not be given hostile text: only what `readYaml` has read.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): string {
  // A line end to `readYaml`, and none to the library.
  if (/\r(?!\n)/.test(text)) throw new EditRefusal('it has lines that end in a carriage return alone');
  let current = text;
  for (const edit of edits) {
    const { start, end, text: inserted } = spliceOf(current, edit);
    const written = inserted.replaceAll('\n', lineEndAt(current, start));
    current = `${current.slice(0, start)}${written}${current.slice(end)}`;
  }
  return current;
}

/** The line end of the line in which an offset lies; of the last line that has one, where it has none. */
function lineEndAt(text: string, offset: number): string {
  const next = text.indexOf('\n', offset);
  return text[(next < 0 ? text.lastIndexOf('\n') : next) - 1] === '\r' ? '\r\n' : '\n';
}

/** Whether a document is JSON, and has to stay it. */
function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function spliceOf(text: string, edit: YamlEdit): Splice {
  const { contents } = parseDocument<Node>(text, { uniqueKeys: false, keepSourceTokens: true });
  const last = edit.path.at(-1);
  if (last === undefined) throw new EditRefusal('the document itself cannot be replaced');
  const parent = find(contents, edit.path.slice(0, -1));
  if (parent === undefined) throw new EditRefusal(`${edit.path.join('.')} is not written out, as behind an alias`);
  if (edit.op === 'remove' && (isMap(parent) || isSeq(parent)) && parent.items.length === 1) {
    // Without its last entry a block collection has no lines left: it becomes {} or [].
    const value = isMap(parent) ? {} : [];
    if (edit.path.length > 1) return spliceOf(text, { op: 'replace', path: edit.path.slice(0, -1), value });
    return { ...rangeOf(parent), text: `${flowText(value)}\n` };
  }
  if (isMap(parent)) return inMap(text, parent, last, edit);
  if (isSeq(parent)) return inList(text, parent, last, edit);
  throw new EditRefusal(`${edit.path.join('.')} does not lead into a map or list that is written out`);
}

function find(root: Node | null, path: readonly string[]): Node | undefined {
  let node: Node | null | undefined = root;
  for (const step of path) {
    if (isMap(node)) node = valueOf(entryOf(node, step));
    else if (isSeq(node)) node = nodeOf(node.items[Number(step)]);
    else return undefined;
  }
  return node ?? undefined;
}

function inMap(text: string, map: YAMLMap, key: string, edit: YamlEdit): Splice {
  const entry = entryOf(map, key);
  if (edit.op === 'remove') {
    if (entry === undefined) throw new EditRefusal(`there is no ${key} to remove`);
    const { start } = rangeOf(nodeOf(entry.key));
    return removal(text, map, map.items.indexOf(entry), start, endOfEntry(entry));
  }
  if (entry !== undefined) return replacement(text, map, entry, edit.value);
  if (map.flow === true) return intoFlow(text, map, fieldText(text, key, edit.value), map.items.length);
  const first = map.items[0];
  if (first === undefined) throw new EditRefusal('an empty map that is not written as {}');
  const indent = columnOf(text, rangeOf(nodeOf(first.key)).start);
  return newLines(text, endOfEntry(map.items.at(-1)), indent, blockText({ [key]: edit.value }, text));
}

function inList(text: string, list: YAMLSeq, position: string, edit: YamlEdit): Splice {
  const at = position === '-' ? list.items.length : Number(position);
  const item = nodeOf(list.items[at]);
  if (edit.op === 'remove') {
    if (item === undefined) throw new EditRefusal(`there is no item ${position} to remove`);
    const { start, end } = rangeOf(item);
    return removal(text, list, at, list.flow === true ? start : dashBefore(text, start), end);
  }
  if (edit.op === 'replace') {
    if (item === undefined) throw new EditRefusal(`there is no item ${position} to replace`);
    const { start, end } = rangeOf(item);
    if (isScalar(item)) return scalarReplacement(text, item, edit.value, list.flow === true);
    if (list.flow === true) return { start, end, text: valueText(text, edit.value) };
    const dash = dashBefore(text, start);
    const lines = indented(blockText([edit.value], text), columnOf(text, dash)).trimStart();
    return { start: dash, end: endOfLine(text, end), text: withComment(lines, text.slice(end, endOfLine(text, end))) };
  }
  if (list.flow === true) return intoFlow(text, list, valueText(text, edit.value), at);
  const first = nodeOf(list.items[0]);
  if (first === undefined) throw new EditRefusal('an empty list that is not written as []');
  const dash = dashBefore(text, rangeOf(first).start);
  const lines = blockText([edit.value], text);
  if (at > 0) return newLines(text, rangeOf(nodeOf(list.items[at - 1])).end, columnOf(text, dash), lines);
  const column = columnOf(text, dash);
  return { start: dash, end: dash, text: `${indented(lines, column).trimStart()}\n${' '.repeat(column)}` };
}

/** A value in place of a map entry's. */
function replacement(text: string, map: YAMLMap, entry: Pair, value: unknown): Splice {
  const node = valueOf(entry);
  const key = nodeOf(entry.key);
  if (isScalar(node) && node.range !== null && (typeof value !== 'object' || value === null)) {
    return scalarReplacement(text, node, value, map.flow === true);
  }
  const { start } = rangeOf(key);
  const name = text.slice(start, rangeOf(key).end);
  if (map.flow === true) return { start, end: endOfEntry(entry), text: `${name}: ${valueText(text, value)}` };
  const column = columnOf(text, start);
  const lines = indented(blockText({ key: value }, text), column)
    .trimStart()
    .slice('key'.length);
  const end = endOfLine(text, endOfEntry(entry));
  return { start, end, text: withComment(`${name}${lines}`, text.slice(endOfEntry(entry), end)) };
}

/** Lines with the comment that stood behind what they replace, which goes behind the first. */
function withComment(lines: string, tail: string): string {
  const comment = /(?:^|[ \t:])(#.*)$/.exec(tail)?.[1];
  return comment === undefined ? lines : lines.replace(/$/m, ` ${comment.replaceAll('$', '$$$$')}`);
}

function scalarReplacement(text: string, node: Node, value: unknown, isInFlow: boolean): Splice {
  const { start, end } = rangeOf(node);
  if (typeof value === 'object' && value !== null) return { start, end, text: flowText(value) };
  const quote = text[start];
  if (quote === '|' || quote === '>') return { start, end, text: `${scalarText(value, isInFlow)}\n` };
  if (typeof value === 'string' && quote === '"') return { start, end, text: JSON.stringify(value) };
  if (typeof value === 'string' && quote === "'") return { start, end, text: `'${value.replaceAll("'", "''")}'` };
  return { start, end, text: scalarText(value, isInFlow) };
}

/** Takes one of several entries out, with its line where it has lines of its own. */
function removal(text: string, parent: YAMLMap | YAMLSeq, at: number, start: number, end: number): Splice {
  const { items } = parent;
  const startOf = (index: number): number => {
    const item = items[index];
    return rangeOf(isMap(parent) && isPair(item) ? nodeOf(item.key) : nodeOf(item)).start;
  };
  if (parent.flow === true) {
    const isLast = at + 1 === items.length;
    const before = items[at - 1];
    const from = !isLast ? start : isPair(before) ? endOfEntry(before) : rangeOf(nodeOf(before)).end;
    const to = isLast ? end : startOf(at + 1);
    const gap = isLast ? text.slice(from, start) : text.slice(end, to);
    return (gap.includes('#') ? ofOwnLines(text, start, end) : undefined) ?? { start: from, end: to, text: '' };
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const after = endOfLine(text, end);
  // The first entry may share its line with the dash of the list around it.
  if (text.slice(lineStart, start).trim() !== '') {
    const next = startOf(at + 1);
    return { start, end: isSeq(parent) ? dashBefore(text, next) : next, text: '' };
  }
  return { start: lineStart, end: !text.includes('\n', after) ? after : text.indexOf('\n', after) + 1, text: '' };
}

/**
 * Takes the lines of a flow entry that has its own out, with the comment behind it, so that those of its neighbours stay; undefined where it
 * shares a line with what is before it. A comma before the closing bracket may stay: only YAML has comments.
 */
function ofOwnLines(text: string, start: number, end: number): Splice | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
  if (!/^(?:[&!]\S+[ \t]+)*$/.test(text.slice(lineStart + indent.length, start))) return undefined;
  const [tail = ''] = /^[ \t]*,?[ \t]*(?:#.*)?\n/.exec(text.slice(end)) ?? [];
  return tail === ''
    ? { start: lineStart + indent.length, end, text: '' }
    : { start: lineStart, end: end + tail.length, text: '' };
}

/** An entry for a flow collection, before the entry at `at`. */
function intoFlow(text: string, parent: YAMLMap | YAMLSeq, entry: string, at: number): Splice {
  const { start, end } = rangeOf(parent);
  if (parent.items.length === 0) {
    const pad = isMap(parent) ? ' ' : '';
    return { start, end, text: `${text[start] ?? ''}${pad}${entry}${pad}${text[end - 1] ?? ''}` };
  }
  if (at < parent.items.length) {
    const before = rangeOf(nodeOf(parent.items[at])).start;
    return { start: before, end: before, text: `${entry}, ` };
  }
  const last = parent.items.at(-1);
  const first = isPair(last) ? rangeOf(nodeOf(last.key)).start : rangeOf(nodeOf(last)).start;
  const after = isPair(last) ? endOfEntry(last) : rangeOf(nodeOf(last)).end;
  const indent = text.slice(text.lastIndexOf('\n', first - 1) + 1, first);
  const rest = /^[ \t]*(,?)[ \t]*(?:#.*)?(?=\r?\n)/.exec(text.slice(after));
  // Where each entry has a line of its own the new one gets one too, behind the comment of the last.
  if (/\S/.test(indent) || rest === null)
    return { start: after, end: after, text: isCompact(text) ? `,${entry}` : `, ${entry}` };
  const lines = `\n${indent}${entry.replaceAll('\n', `\n${indent}`)}`;
  const comma = rest[1] ?? '';
  const tail = text.slice(after, after + rest[0].length);
  return { start: after, end: after + rest[0].length, text: comma === '' ? `,${tail}${lines}` : `${tail}${lines},` };
}

/** A field of a flow map. */
function fieldText(text: string, key: string, value: unknown): string {
  const name = isJson(text) ? JSON.stringify(key) : scalarText(key, true);
  return `${name}:${isCompact(text) ? '' : ' '}${valueText(text, value)}`;
}

/** A value in flow style; in JSON it is JSON, laid out as the rest. */
function valueText(text: string, value: unknown): string {
  if (!isJson(text)) return flowText(value);
  const unit = /^[ \t]+/m.exec(text)?.[0] ?? '';
  return isCompact(text) || unit === '' ? JSON.stringify(value) : JSON.stringify(value, null, unit);
}

/** Whether a document is JSON without white space. */
function isCompact(text: string): boolean {
  return /^\s*\{"[^"]*":\S/.test(text) && isJson(text);
}

/** Lines of their own after the line in which something ends. */
function newLines(text: string, after: number, indent: number, lines: string): Splice {
  const written = indented(lines, indent);
  if (text[after - 1] === '\n') return { start: after, end: after, text: `${written}\n` };
  const at = endOfLine(text, after);
  return { start: at, end: at, text: `\n${written}` };
}

/** A value in block style, in the list style of the text: with or without indentation below its key. */
function blockText(value: unknown, text: string): string {
  const indentSeq = !/^( *)(?:- +)*[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(text);
  return stringify(value, { version: '1.1', lineWidth: 0, indentSeq, aliasDuplicateObjects: false }).replace(/\n$/, '');
}

/** A value in flow style. JSON is YAML; plain words stay plain. */
function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalarText(value, true);
  const fields = Object.entries(value).map(([key, field]) => `${scalarText(key, true)}: ${flowText(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** A scalar, plain where it is read back as it is, else in double quotes. */
function scalarText(value: unknown, isInFlow: boolean): string {
  const quoted = JSON.stringify(value);
  if (typeof value !== 'string') return quoted;
  const [document] = readYaml(isInFlow ? `[${value}, ${value}]` : `- ${value}\n- ${value}\n`).documents;
  const isPlain = !/[\n\r"'#]|^\s|\s$/.test(value) && JSON.stringify(document?.value) === `[${quoted},${quoted}]`;
  return isPlain ? value : quoted;
}

function indented(lines: string, column: number): string {
  return lines.replace(/^(?=.)/gm, ' '.repeat(column));
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', text[offset - 1] === '\n' ? offset - 1 : offset);
  const end = newline < 0 ? text.length : newline;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** The dash of the list item that begins at an offset. */
function dashBefore(text: string, start: number): number {
  const dash = /-[ \t]*(?:[&!]\S+[ \t]+)*$/.exec(text.slice(0, start));
  if (dash === null) throw new EditRefusal('a list item that does not stand behind its dash');
  return dash.index;
}

function endOfEntry(entry: Pair | undefined): number {
  const value = valueOf(entry);
  const key = nodeOf(entry?.key);
  return Math.max(rangeOf(key).end, value?.range == null ? 0 : value.range[1]);
}

function entryOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && (item.key.source ?? String(item.key.value)) === key);
}

function valueOf(entry: Pair | undefined): Node | null {
  return nodeOf(entry?.value) ?? null;
}

function nodeOf(value: unknown): Node | undefined {
  return isMap(value) || isSeq(value) || isScalar(value) ? value : undefined;
}

function isPair(value: unknown): value is Pair {
  return typeof value === 'object' && value !== null && 'key' in value && 'value' in value;
}

function rangeOf(node: Node | undefined): { readonly start: number; readonly end: number } {
  if (node?.range == null) throw new EditRefusal('a place that is not written out');
  return { start: node.range[0], end: node.range[1] };
}

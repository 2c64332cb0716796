import type { Chunk } from './split.ts';

/**
 * Where each item of a document's own block list `items` stands, as `kubectl get -o yaml` and most people write a List; undefined where the
 * text does not look like one. Told from indentation alone: who uses a range checks that it holds what it should.
 */
export function itemRanges(text: string, { start, end }: Chunk): readonly Chunk[] | undefined {
  const document = text.slice(start, end);
  const head = /^items:[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*( *)-(?=[ \r\n])/m.exec(document);
  if (head === null) return undefined;
  const [matched, indent = ''] = head;
  const first = head.index + matched.length - indent.length - 1;
  const after = /^[^\s#-]/gm;
  after.lastIndex = first;
  const last = after.exec(document)?.index ?? document.length;
  const starts: number[] = [];
  const item = new RegExp(`^${indent}-(?=[ \\r\\n])`, 'gm');
  item.lastIndex = first;
  for (let found = item.exec(document); found !== null && found.index < last; found = item.exec(document)) {
    starts.push(found.index);
  }
  return starts.map((from, at) => ({ start: start + from, end: start + (starts[at + 1] ?? last) }));
}

/** The text of an item as a document of its own: its dash blank, so that every character keeps its offset. */
export function itemText(text: string, { start, end }: Chunk): string {
  const dash = text.indexOf('-', start);
  return `${' '.repeat(dash + 1 - start)}${text.slice(dash + 1, end)}`;
}

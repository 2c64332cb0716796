import type { Paint } from './paint.ts';
import { visible } from './visible.ts';

/** Counts for a terminal: a row for each name, `""` for what is in no namespace, under the title and the names of the columns. */
export function countTable(
  title: string,
  columns: readonly string[],
  counts: readonly (readonly [name: string, counts: readonly number[]])[],
  paint: Paint,
): string {
  const head = [title, ...columns];
  const rows = counts.map(([name, own]) => [name === '' ? '(cluster-scoped)' : visible(name), ...own.map(String)]);
  const widths = head.map((text, at) => Math.max(text.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const write = (row: readonly string[]): string =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join('  ');
  return [paint('strong', write(head)), ...rows.map(write)].join('\n');
}

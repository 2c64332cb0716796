import type { Paint } from '../paint.ts';
import { visible } from '../visible.ts';
import type { Host } from './hosts.ts';
import { COLUMNS, cellsOf, hostsSummary } from './words.ts';

/** No column is made narrower than this to fit a terminal, in characters. */
const NARROWEST = 12;

/**
 * The list for people: a row for each hostname, `!` before those with conflicts and the conflicts below. With a `width`, in characters, cells
 * are cut so that rows fit; the other formats have everything.
 */
export function renderHostsText(
  hosts: readonly Host[],
  {
    knowsOwners,
    width,
    paint,
  }: { readonly knowsOwners: boolean; readonly width: number | undefined; readonly paint: Paint },
): string {
  const columns = COLUMNS.filter((column) => column !== 'owner' || knowsOwners);
  const rows = hosts.map((host) => {
    const cells = cellsOf(host);
    return columns.map((column) => (cells[column].length === 0 ? ['-'] : cells[column].map(visible)));
  });
  const head = columns.map((column) => column.toUpperCase());
  const widths = fitted(
    head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.join(', ').length ?? 0))),
    width,
  );
  const write = (cells: readonly (readonly string[])[]): string =>
    cells
      .map((texts, at) => cut(texts, widths[at] ?? 0).padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const body = hosts.flatMap(({ conflicts }, at) => {
    const line = `${conflicts.length > 0 ? '!' : ' '} ${write(rows[at] ?? [])}`;
    return [
      conflicts.length > 0 ? paint('deny', line) : line,
      ...conflicts.map(({ kind, message }) => `      ${kind}: ${visible(message)}`),
    ];
  });
  const table = hosts.length === 0 ? [] : [paint('strong', `  ${write(head.map((title) => [title]))}`), ...body, ''];
  return `${[...table, hostsSummary(hosts, knowsOwners)].join('\n')}\n`;
}

/** Takes from the widest column until all fit, two characters apart and two before. */
function fitted(natural: readonly number[], width: number | undefined): readonly number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, one) => sum + one + 2, 0);
  while (width !== undefined && total() > width) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** As many of the texts as there is room for, and how many more: `infra/public:http +1`; one that is too long is cut. */
function cut(texts: readonly string[], width: number): string {
  for (let count = texts.length; count > 0; count -= 1) {
    const more = count === texts.length ? '' : ` +${texts.length - count}`;
    const shown = texts.slice(0, count).join(', ');
    if (shown.length + more.length <= width) return `${shown}${more}`;
    if (count === 1) return `${shown.slice(0, Math.max(0, width - more.length - 1))}…${more}`;
  }
  return '';
}

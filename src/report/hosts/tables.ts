import { escapeMarkdown, row } from '../markdown.ts';
import { visible } from '../visible.ts';
import type { Host } from './hosts.ts';
import { COLUMNS, cellsOf, hostsSummary } from './words.ts';

const HEAD = [...COLUMNS, 'conflicts'];

function rowsOf(hosts: readonly Host[], separator: string): readonly (readonly string[])[] {
  return hosts.map((host) => {
    const cells = cellsOf(host);
    const conflicts = host.conflicts.map(({ kind, message }) => `${kind}: ${message}`);
    return [...COLUMNS.map((column) => cells[column]), conflicts].map((texts) => texts.join(separator));
  });
}

/** The list as CSV (RFC 4180), values of one cell divided by `; `. What a spreadsheet would take for a formula is written as text. */
export function renderHostsCsv(hosts: readonly Host[]): string {
  return [HEAD, ...rowsOf(hosts, '; ')].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(text: string): string {
  const safe = visible(/^[=+\-@]/.test(text) ? `'${text}` : text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The list as a Markdown table. */
export function renderHostsMarkdown(hosts: readonly Host[], knowsOwners: boolean): string {
  const rows = rowsOf(hosts, ', ').map((cells) => row(cells.map(escapeMarkdown)));
  const table = hosts.length === 0 ? '' : `\n${row(HEAD)}${row(HEAD.map(() => '---'))}${rows.join('')}`;
  return `### Gateward: ${hostsSummary(hosts, knowsOwners)}\n${table}`;
}

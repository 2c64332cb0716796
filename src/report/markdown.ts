import { objectText, renderedNote, shownPlace, type FilePlace, type ReportFinding } from './finding.ts';
import { helpUri, type RenderContext } from './context.ts';
import { summaryLine, type Report } from './report.ts';
import { mostSevereFirst } from './severity.ts';
import { visible } from './visible.ts';

/** A job summary of GitHub may have 1 MiB; a comment 65,536 characters. */
export const MAX_CHARACTERS = 60_000;
/** No message of ours is as long; one with foreign text may be. */
const MAX_CELL = 1000;

/** A comment for a pull request: the summary, and a table of findings, most severe first, cut where a comment ends. */
export function renderMarkdown(report: Report, context: RenderContext): string {
  const head = `### Gateward: ${escapeMarkdown(summaryLine(report))}\n`;
  const rows = [
    ...report.problems.map((problem) => row(['**error**', 'input', '', '', escapeMarkdown(problem)])),
    ...report.errors.map(({ policy, document, reason, object }) =>
      row(['**error**', policy, objectText(object), '', `${document} could not judge it: ${reason}`].map(escapeCell)),
    ),
    ...mostSevereFirst(report.findings).map((finding) => findingRow(finding, context)),
  ];
  if (rows.length === 0) return head;
  return `${head}\n| | rule | object | where | what |\n| --- | --- | --- | --- | --- |\n${fitting(rows, MAX_CHARACTERS)}`;
}

/** The first of the rows of a table, as many as there is room for, and how many are left out. */
export function fitting(rows: readonly string[], room: number): string {
  let length = 0;
  const end = rows.findIndex((line) => (length += line.length) > room);
  return end === -1 ? rows.join('') : `${rows.slice(0, end).join('')}\n${rows.length - end} more are left out.\n`;
}

function findingRow(finding: ReportFinding, { fromRoot }: RenderContext): string {
  const { effect, certain, rule, object, place, message, fix, change } = finding;
  const strong = effect === 'deny' || effect === 'error' ? `**${effect}**` : effect;
  const word = `${strong}${certain ? '' : ' (unverified)'}${change === 'new' ? ' (new)' : ''}`;
  const where = place === undefined ? '' : `${escapeMarkdown(fromRoot(shownPlace(place).file))}${lineOf(place)}`;
  const what =
    escapeMarkdown(message + renderedNote(place)) +
    (fix === undefined ? '' : `<br>Fix: ${escapeMarkdown(fix.description)}`);
  return row([word, `[${rule}](${helpUri(rule)})`, escapeMarkdown(objectText(object)), where, what]);
}

/** `:12`; nothing for a template. */
function lineOf(place: FilePlace): string {
  return renderedNote(place) === '' ? `:${place.line}` : '';
}

/** A row of a table; cells are Markdown. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function escapeCell(text: string): string {
  return text.startsWith('**') ? text : escapeMarkdown(text);
}

/** GitHub looks for mentions in the text that entities have become (github/cmark-gfm#181): a space without width comes between. */
const NO_MENTION = '&#8203;';

/** Foreign text as text: no markup, no link, no formula, no mention of a person or an issue, no longer than a cell should be. */
export function escapeMarkdown(text: string): string {
  return visible(text.replace(/\s+/gu, ' ').slice(0, MAX_CELL).toWellFormed())
    .replace(/[&<>|`*_[\]@#\\~$]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
    .replace(/&#(?:64|35);/g, (mark) => `${mark}${NO_MENTION}`)
    .replaceAll('://', '&#58;//')
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`);
}

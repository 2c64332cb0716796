import type { Paint } from './paint.ts';
import { helpUri } from './context.ts';
import { objectText, type FilePlace, type ReportError, type ReportFinding } from './finding.ts';
import { planLines } from './plan.ts';
import { visible } from './visible.ts';
import { summaryLine, type Report } from './report.ts';

/** So much of a line is shown. */
const EXCERPT = 120;
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/gu;

/**
 * The report for people: grouped by file, one block a finding with the line it is about, the summary last. The word says what the colour
 * says. Control characters of the input are shown as `\u{1b}`, never sent to the terminal.
 */
export function renderText(report: Report, paint: Paint): string {
  const blocks = [
    ...report.findings.map((finding) => ({ place: finding.place, text: findingText(finding, paint) })),
    ...report.errors.map((error) => ({ place: error.place, text: errorText(error, paint) })),
  ];
  const byFile = Map.groupBy(blocks, ({ place }) => place?.file ?? '');
  const files = [...byFile.values()].map((group) => group.map(({ text }) => text).join('\n'));
  const expired = report.expiredExemptions.map((name) => `exemption ${name} is over and not honoured`);
  const plan = report.plan === undefined ? [] : planLines(report.plan).map(visible);
  const parts = [...files, expired.join('\n'), plan.join('\n'), pagesText(report, paint), summaryLine(report)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Where the rules that are broken are explained, each page once. */
export function pagesText({ findings }: Report, paint: Paint): string {
  const pages = [...new Set(findings.map(({ rule }) => helpUri(rule)))].sort();
  return pages.map((page) => paint('faint', `see ${page}`)).join('\n');
}

function findingText(finding: ReportFinding, paint: Paint): string {
  const { effect, rule, object, message, place, fix, certain, relief, change } = finding;
  const notes = [
    certain ? '' : 'unverified',
    relief === 'ratcheted' ? 'was there before' : '',
    relief === 'repaired' ? 'mended on admission' : '',
    change === 'new' ? 'new' : '',
  ].filter((note) => note !== '');
  const parts = [paint(effect, effect), rule, visible(objectText(object))];
  return [
    headOf(place, [...parts, notes.length === 0 ? '' : `(${notes.join(', ')})`], paint),
    `  ${visible(message)}`,
    ...excerpt(place, paint),
    ...(fix === undefined ? [] : [`  fix: ${visible(fix.description)}`]),
    ...(place?.source === undefined
      ? []
      : [paint('faint', `  rendered from ${visible(place.source)}: the line is that of the rendered text`)]),
  ].join('\n');
}

function errorText({ policy, document, reason, object, place }: ReportError, paint: Paint): string {
  const head = headOf(place, [paint('error', 'error'), policy, visible(objectText(object))], paint);
  return `${head}\n  ${document} could not judge it: ${visible(reason)}`;
}

function headOf(place: FilePlace | undefined, parts: readonly string[], paint: Paint): string {
  const where = place === undefined ? '' : paint('strong', `${visible(place.file)}:${place.line}:${place.column}`);
  return [where, ...parts].filter((part) => part !== '').join('  ');
}

/** The line with a caret below the column; of a long line what is around it. */
function excerpt(place: FilePlace | undefined, paint: Paint): readonly string[] {
  if (place === undefined || place.text.trim() === '') return [];
  const at = place.column - 1;
  const text = place.text.replaceAll('\t', ' ');
  const from = at < EXCERPT ? 0 : at - EXCERPT / 2;
  const before = `${from > 0 ? '…' : ''}${visible(text.slice(from, at).toWellFormed())}`;
  const after = `${visible(text.slice(at, from + EXCERPT).toWellFormed())}${text.length > from + EXCERPT ? '…' : ''}`;
  return [
    `${paint('faint', `${String(place.line).padStart(5)} |`)} ${before}${after}`,
    `${paint('faint', '      |')} ${' '.repeat(columnsOf(before))}^`,
  ];
}

/** How many columns of a terminal a text takes: none for marks that combine, two for what is wide. */
function columnsOf(text: string): number {
  const count = (characters: RegExp): number => text.match(characters)?.length ?? 0;
  return count(/[^]/gu) - count(/[\p{M}\u200d]/gu) + count(WIDE);
}

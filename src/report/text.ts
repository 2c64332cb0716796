import type { FilePlace, FindingEffect, ReportError, ReportFinding } from './finding.ts';
import { objectText } from './finding.ts';
import { planLines } from './plan.ts';
import { visible } from './visible.ts';
import { summaryLine, type Report } from './report.ts';

/** What is painted; `plain` gives the text back as it is. */
export type Paint = (what: FindingEffect | 'faint' | 'strong', text: string) => string;

/** No colours. */
export const plain: Paint = (_what, text) => text;

/**
 * The report for people: grouped by file, one block a finding with the line it is about, the summary last. The word says what the colour
 * says. Control characters of the input are shown as `\u{1b}`, never sent to the terminal.
 */
export function renderText(report: Report, paint: Paint = plain): string {
  const blocks = [
    ...report.findings.map((finding) => ({ place: finding.place, text: findingText(finding, paint) })),
    ...report.errors.map((error) => ({ place: error.place, text: errorText(error, paint) })),
  ];
  const byFile = Map.groupBy(blocks, ({ place }) => place?.file ?? '');
  const files = [...byFile.values()].map((group) => group.map(({ text }) => text).join('\n'));
  const expired = report.expiredExemptions.map((name) => `exemption ${name} is over and not honoured`);
  const plan = report.plan === undefined ? [] : planLines(report.plan).map(visible);
  const blocksOfText = [...files, expired.join('\n'), plan.join('\n'), summaryLine(report)];
  return `${blocksOfText.filter((block) => block !== '').join('\n\n')}\n`;
}

function findingText(finding: ReportFinding, paint: Paint): string {
  const { effect, rule, object, message, place, fix, certain, relief } = finding;
  const notes = [
    certain ? '' : 'unverified',
    relief === 'ratcheted' ? 'was there before' : '',
    relief === 'repaired' ? 'mended on admission' : '',
  ].filter((note) => note !== '');
  const parts = [paint(effect, effect), rule, visible(objectText(object))];
  return [
    headOf(place, [...parts, notes.length === 0 ? '' : `(${notes.join(', ')})`], paint),
    `  ${visible(message)}`,
    ...excerpt(place, paint),
    ...(fix === undefined ? [] : [`  fix: ${visible(fix.description)}`]),
    ...(place?.source === undefined ? [] : [paint('faint', `  rendered from ${visible(place.source)}`)]),
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

/** The line with a caret below the column, cut where a terminal would wrap. */
function excerpt(place: FilePlace | undefined, paint: Paint): readonly string[] {
  if (place === undefined || place.text.trim() === '') return [];
  const number = String(place.line).padStart(5);
  const text = place.text.replaceAll('\t', ' ');
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  const lines = [`${paint('faint', `${number} |`)} ${visible(shown)}`];
  if (place.column <= 120) lines.push(`${paint('faint', '      |')} ${' '.repeat(place.column - 1)}^`);
  return lines;
}

export { visible };

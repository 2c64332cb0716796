import { formatPath } from '#gateway';
import type { Unauditable } from '../engine/index.ts';
import { UNAUDITABLE_TEXT } from './unauditable.ts';
import { countTable } from './countTable.ts';
import { objectText, type ReportFinding } from './finding.ts';
import { jsonReport } from './json.ts';
import { summaryLine, type Report } from './report.ts';
import type { Paint } from './paint.ts';
import { pagesText } from './text.ts';
import { visible } from './visible.ts';
import type { ReportedFinding } from './parseReport.ts';

/** How many findings of each effect one policy or namespace has. */
export interface Tally {
  readonly denied: number;
  readonly warned: number;
  readonly audited: number;
  /** Objects with at least one finding. */
  readonly objects: number;
}

/** Findings counted by a name, the worst first: most denied, then warned, then audited, then by name. */
export function tallyBy(
  findings: readonly ReportFinding[],
  nameOf: (finding: ReportFinding) => string,
): readonly (readonly [string, Tally])[] {
  const tallies = [...Map.groupBy(findings, nameOf)].map(([name, group]) => {
    const count = (effect: ReportFinding['effect']): number => group.filter((one) => one.effect === effect).length;
    const objects = new Set(group.map(({ object }) => objectText(object))).size;
    return [name, { denied: count('deny'), warned: count('warn'), audited: count('audit'), objects }] as const;
  });
  return tallies.toSorted(
    ([nameA, a], [nameB, b]) =>
      b.denied - a.denied || b.warned - a.warned || b.audited - a.audited || (nameA < nameB ? -1 : 1),
  );
}

/** The report of an audit as JSON: the document of `check`, and the findings counted by policy and by namespace. */
export function renderAuditJson(report: Report): string {
  const tallies = (nameOf: (finding: ReportFinding) => string, field: string): readonly unknown[] =>
    tallyBy(report.findings, nameOf).map(([name, tally]) => ({ [field]: name, ...tally }));
  const document = {
    ...jsonReport(report),
    policies: tallies(({ policy }) => policy, 'policy'),
    namespaces: tallies(namespaceOf, 'namespace'),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The report of an audit for people: findings by namespace, then both tables, the summary last. */
export function renderAuditText(report: Report, paint: Paint): string {
  const { findings, errors, expiredExemptions } = report;
  const byNamespace = Map.groupBy(findings, namespaceOf);
  const namespaces = [...byNamespace.keys()].sort();
  const blocks = namespaces.map((namespace) => {
    const lines = (byNamespace.get(namespace) ?? []).map((finding) => line(finding, paint));
    return [paint('strong', namespace === '' ? '(cluster-scoped)' : visible(namespace)), ...lines].join('\n');
  });
  const failed = errors.map(
    ({ policy, document, reason, object }) =>
      `${paint('error', 'error')}  ${policy} ${document}  ${visible(objectText(object))}: ${visible(reason)}`,
  );
  const tables = [
    table(
      'by policy',
      tallyBy(findings, ({ policy }) => policy),
      paint,
    ),
    table('by namespace', tallyBy(findings, namespaceOf), paint),
  ];
  const parts = [
    ...blocks,
    failed.join('\n'),
    ...(findings.length === 0 ? [] : tables),
    block('resolved since the last report', (report.resolved ?? []).map(resolvedLine), paint),
    block('not auditable', report.unauditable.map(unauditableLine), paint),
    expiredExemptions.map((name) => `exemption ${name} is over and not honoured`).join('\n'),
    pagesText(report, paint),
    summaryLine(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function block(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : [paint('strong', title), ...lines.map((text) => `  ${text}`)].join('\n');
}

function resolvedLine({ rule, object, path }: ReportedFinding): string {
  return visible([rule, objectText(object ?? undefined), path].filter((part) => part !== '').join('  '));
}

/** `label-set  needs to know who asked for it  (documents gate)`. */
function unauditableLine({ rule, documents, needs }: Unauditable): string {
  return `${rule}  ${UNAUDITABLE_TEXT[needs]}  (${visible(documents.join(', '))})`;
}

function line({ effect, rule, object, path, message, certain, place, change }: ReportFinding, paint: Paint): string {
  const where = place === undefined ? '' : paint('faint', `  ${visible(place.file)}:${place.line}:${place.column}`);
  const notes = [certain ? '' : 'unverified', change === 'new' ? 'new' : ''].filter((note) => note !== '');
  const what = `${visible(objectText(object))} ${visible(formatPath(path))}`.trimEnd();
  return [
    `  ${paint(effect, effect.padEnd(5))}  ${rule}  ${what}${notes.length === 0 ? '' : `  (${notes.join(', ')})`}${where}`,
    `         ${visible(message)}`,
  ].join('\n');
}

function table(title: string, tallies: readonly (readonly [string, Tally])[], paint: Paint): string {
  return countTable(
    title,
    ['denied', 'warned', 'audited', 'objects'],
    tallies.map(([name, { denied, warned, audited, objects }]) => [name, [denied, warned, audited, objects]]),
    paint,
  );
}

function namespaceOf({ object }: ReportFinding): string {
  return object?.namespace ?? '';
}

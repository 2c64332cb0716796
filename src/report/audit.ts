import { formatPath } from '#gateway';
import { objectText, type ReportFinding } from './finding.ts';
import { jsonReport } from './json.ts';
import { summaryLine, type Report } from './report.ts';
import { plain, visible, type Paint } from './text.ts';

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
export function renderAuditText(report: Report, paint: Paint = plain): string {
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
    expiredExemptions.map((name) => `exemption ${name} is over and not honoured`).join('\n'),
    summaryLine(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function line({ effect, rule, object, path, message, certain, place }: ReportFinding, paint: Paint): string {
  const where = place === undefined ? '' : paint('faint', `  ${visible(place.file)}:${place.line}:${place.column}`);
  const what = `${visible(objectText(object))} ${visible(formatPath(path))}`.trimEnd();
  return [
    `  ${paint(effect, effect.padEnd(5))}  ${rule}  ${what}${certain ? '' : '  (unverified)'}${where}`,
    `         ${visible(message)}`,
  ].join('\n');
}

function table(title: string, tallies: readonly (readonly [string, Tally])[], paint: Paint): string {
  const rows = tallies.map(([name, { denied, warned, audited, objects }]) => [
    name === '' ? '(cluster-scoped)' : visible(name),
    ...[denied, warned, audited, objects].map(String),
  ]);
  const head = [title, 'denied', 'warned', 'audited', 'objects'];
  const widths = head.map((text, at) => Math.max(text.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const write = (row: readonly string[]): string =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join('  ');
  return [paint('strong', write(head)), ...rows.map(write)].join('\n');
}

function namespaceOf({ object }: ReportFinding): string {
  return object?.namespace ?? '';
}

import { objectText, type ReportFinding, type ReportObject } from './finding.ts';
import type { Report } from './report.ts';

interface Case {
  readonly file: string;
  readonly object: ReportObject | undefined;
  /** In place of what is made of the object. */
  readonly classname?: string;
  readonly name: string;
  readonly outcome: 'pass' | 'failure' | 'error' | 'skipped';
  /** The element inside the case; `""` for a plain pass. */
  readonly body: string;
}

/** A case of whatever is told as JUnit. */
export interface JunitCase {
  readonly file: string;
  readonly classname: string;
  readonly name: string;
  readonly outcome: 'pass' | 'failure' | 'error';
  /** In one line, what is wrong. */
  readonly message: string;
  readonly text: string;
}

/** JUnit XML: a suite for each file. */
export function junitXml(cases: readonly JunitCase[]): string {
  return suitesXml(
    cases.map(({ file, classname, name, outcome, message, text }): Case => {
      const body = `<${outcome} message="${escapeXml(message)}">${escapeXml(text)}</${outcome}>`;
      return { file, object: undefined, classname, name, outcome, body: outcome === 'pass' ? '' : body };
    }),
  );
}

/**
 * JUnit XML: a suite for each file, a case for each rule that an object breaks and for each policy document that it passes. Only what comes
 * to a denial is a failure; warnings and audits pass and say so.
 */
export function renderJunit(report: Report): string {
  const cases = [...report.findings.map(findingCase), ...passes(report), ...exempted(report), ...errors(report)];
  return suitesXml(cases);
}

function suitesXml(cases: readonly Case[]): string {
  const suites = [...Map.groupBy(cases, ({ file }) => file)].sort(([a], [b]) => (a < b ? -1 : 1));
  const body = suites.map(
    ([file, own]) =>
      `  <testsuite name="${escapeXml(file)}" ${totals(own)}>\n${own.map(caseXml).join('')}  </testsuite>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gateward" ${totals(cases)}>\n${body.join('')}</testsuites>\n`;
}

function findingCase(finding: ReportFinding): Case {
  const { rule, effect, message, object, place, fix } = finding;
  const where = place === undefined ? '' : `\n${place.file}:${place.line}:${place.column}`;
  const text = `${message}${fix === undefined ? '' : `\nfix: ${fix.description}`}${where}`;
  const common = { file: place?.file ?? '', object, name: rule };
  if (effect === 'deny' || effect === 'error') {
    const element = effect === 'deny' ? 'failure' : 'error';
    const body = `<${element} type="${escapeXml(rule)}" message="${escapeXml(message)}">${escapeXml(text)}</${element}>`;
    return { ...common, outcome: element, body };
  }
  return { ...common, outcome: 'pass', body: `<system-out>${escapeXml(`${effect}: ${text}`)}</system-out>` };
}

function passes({ judged }: Report): readonly Case[] {
  return judged.flatMap(({ object, file, outcomes }) =>
    outcomes
      .filter(({ outcome }) => outcome === 'pass')
      .map(({ policy, document }): Case => ({
        file: file ?? '',
        object,
        name: `${policy} (${document})`,
        outcome: 'pass',
        body: '',
      })),
  );
}

function exempted(report: Report): readonly Case[] {
  return report.exempted.map(({ finding, exemption }) => ({
    file: finding.place?.file ?? '',
    object: finding.object,
    name: finding.rule,
    outcome: 'skipped',
    body: `<skipped message="${escapeXml(`${exemption.name}: ${exemption.reason}`)}"/>`,
  }));
}

function errors(report: Report): readonly Case[] {
  return report.errors.map(({ policy, document, reason, object, place }) => ({
    file: place?.file ?? '',
    object,
    name: `${policy} (${document})`,
    outcome: 'error',
    body: `<error type="${escapeXml(policy)}" message="${escapeXml(reason)}"/>`,
  }));
}

function caseXml({ object, name, body, ...given }: Case): string {
  const { kind = '', namespace = '', name: own = '' } = object ?? {};
  const classname =
    (given.classname ?? [kind, namespace, own].filter((part) => part !== '').join('/')) ||
    objectText(object) ||
    'manifest';
  const open = `    <testcase classname="${escapeXml(classname)}" name="${escapeXml(name)}"`;
  return body === '' ? `${open}/>\n` : `${open}>${body}</testcase>\n`;
}

function totals(cases: readonly Case[]): string {
  const count = (wanted: Case['outcome']): number => cases.filter(({ outcome }) => outcome === wanted).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

/** Text of XML 1.0: what it forbids is dropped, what has a meaning is escaped. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

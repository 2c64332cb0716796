import { objectText, shownName, type ReportFinding, type ReportObject } from './finding.ts';
import type { Report } from './report.ts';
import { UNAUDITABLE_TEXT } from './unauditable.ts';

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

/** The suite of what is in no file. */
const NO_FILE = 'cluster';

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
      const body = `<${outcome} message="${attribute(message)}">${escapeXml(text)}</${outcome}>`;
      return { file, object: undefined, classname, name, outcome, body: outcome === 'pass' ? '' : body };
    }),
  );
}

/**
 * JUnit XML: a suite for each file, a case for each rule that an object breaks and for each policy document that it passes. Only what comes
 * to a denial is a failure; warnings and audits pass and say so.
 */
export function renderJunit(report: Report): string {
  const cases = [...report.findings.map(findingCase), ...passes(report), ...skippedCases(report), ...errors(report)];
  return suitesXml(cases);
}

function suitesXml(cases: readonly Case[]): string {
  const suites = [...Map.groupBy(cases, ({ file }) => file)].sort(([a], [b]) => (a < b ? -1 : 1));
  const body = suites.map(
    ([file, own]) =>
      `  <testsuite name="${attribute(file || NO_FILE)}" ${totals(own)}>\n${own.map(caseXml).join('')}  </testsuite>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gateward" ${totals(cases)}>\n${body.join('')}</testsuites>\n`;
}

function findingCase(finding: ReportFinding): Case {
  const { rule, effect, message, object, place, fix, change } = finding;
  const where = place === undefined ? '' : `\n${place.file}:${place.line}:${place.column}`;
  const since = change === undefined ? '' : `\n${change} since the last report`;
  const text = `${message}${fix === undefined ? '' : `\nfix: ${fix.description}`}${where}${since}`;
  const common = { file: place?.file ?? '', object, name: rule };
  if (effect === 'deny' || effect === 'error') {
    const element = effect === 'deny' ? 'failure' : 'error';
    const body = `<${element} type="${attribute(rule)}" message="${attribute(message)}">${escapeXml(text)}</${element}>`;
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

function skippedCases(report: Report): readonly Case[] {
  const skipped = (message: string): Pick<Case, 'outcome' | 'body'> => {
    return { outcome: 'skipped', body: `<skipped message="${attribute(message)}"/>` };
  };
  return [
    ...report.exempted.map(({ finding, exemption }) => ({
      file: finding.place?.file ?? '',
      object: finding.object,
      name: finding.rule,
      ...skipped(`${exemption.name}: ${exemption.reason}`),
    })),
    ...report.unauditable.map(({ rule, needs }) => ({
      file: '',
      object: undefined,
      name: rule,
      ...skipped(`not auditable: ${UNAUDITABLE_TEXT[needs]}`),
    })),
  ];
}

function errors(report: Report): readonly Case[] {
  const unjudged = report.errors.map(({ policy, document, reason, object, place }): Case => ({
    file: place?.file ?? '',
    object,
    name: `${policy} (${document})`,
    outcome: 'error',
    body: `<error type="${attribute(policy)}" message="${attribute(reason)}"/>`,
  }));
  const unread = report.problems.map((problem): Case => ({
    file: '',
    object: undefined,
    name: 'input',
    outcome: 'error',
    body: `<error type="input" message="${attribute(problem)}"/>`,
  }));
  return [...unread, ...unjudged];
}

function caseXml({ object, name, body, ...given }: Case): string {
  const { kind = '', namespace = '' } = object ?? {};
  const own = object === undefined ? '' : shownName(object);
  const classname =
    (given.classname ?? [kind, namespace, own].filter((part) => part !== '').join('/')) ||
    objectText(object) ||
    'manifest';
  const open = `    <testcase classname="${attribute(classname)}" name="${attribute(name)}"`;
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

/** The value of an attribute; a parser would make spaces of its line breaks. */
function attribute(text: string): string {
  return escapeXml(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

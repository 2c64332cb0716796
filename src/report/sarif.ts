import { formatPath } from '#gateway';
import type { Severity } from '#policy';
import {
  objectText,
  renderedNote,
  shownPlace,
  type FilePlace,
  type ReportFinding,
  type RelatedObject,
} from './finding.ts';
import { helpUri, type RenderContext, type RuleInfo, type TextEdit } from './context.ts';
import { counted, type Report } from './report.ts';
import { mostSevereFirst } from './severity.ts';
import { UNAUDITABLE_TEXT } from './unauditable.ts';
import { visible } from './visible.ts';

/** The most results that GitHub code scanning takes of one run. */
const MAX_RESULTS = 25_000;
/** The most bytes that it takes of a file, packed. */
const MAX_PACKED = 10_000_000;
/** The most fixes that are worked out: each is written into its document and read again. */
const MAX_FIXES = 1000;
/** What code scanning sorts by (its `security-severity`, on the scale of CVSS). */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};
const LEVELS = { deny: 'error', warn: 'warning', audit: 'note', error: 'error' } as const;

/**
 * SARIF 2.1.0. Files are named from the root of the repository, since absolute names would make every alert a new one. What could not be read
 * or judged is a notification of the run, an exempted finding a suppressed result. What is more than code scanning takes is left out, the
 * least severe first, and said to be.
 */
export async function renderSarif(report: Report, context: RenderContext): Promise<string> {
  const judged = report.findings.filter(({ effect }) => effect !== 'error');
  const all = judged.length + report.exempted.length;
  const fixes = await fixesOf(judged, context);
  const fingerprints = ownFingerprints([...judged, ...report.exempted.map(({ finding }) => finding)]);
  if (fixes.leftOut > 0) context.warn(`sarif: ${fixesLeftOutText(fixes.leftOut)}`);
  for (let most = Math.min(all, MAX_RESULTS); ; most = Math.floor(most * 0.8)) {
    const text = sarifOf(report, judged, most, fixes, fingerprints, context);
    if (most > 0 && text.length > MAX_PACKED && context.packed(text) > MAX_PACKED) continue;
    if (most < all) context.warn(`sarif: ${leftOutText(all - most)}: code scanning takes 25,000 results and 10 MB`);
    return text;
  }
}

function leftOutText(count: number): string {
  return `${counted(count, 'less severe finding')} left out`;
}

function fixesLeftOutText(count: number): string {
  return `${count} more fixes not written out: gateward check --fix does them`;
}

/** The report with the most severe results alone. */
function sarifOf(
  report: Report,
  judged: readonly ReportFinding[],
  most: number,
  fixes: Fixes,
  fingerprints: ReadonlyMap<ReportFinding, string>,
  context: RenderContext,
): string {
  const ruleIndex = new Map(context.rules.map(({ id }, index) => [id, index]));
  const toResult = (finding: ReportFinding): Readonly<Record<string, unknown>> => ({
    ruleId: finding.rule,
    ...(ruleIndex.has(finding.rule) ? { ruleIndex: ruleIndex.get(finding.rule) } : {}),
    level: LEVELS[finding.effect],
    message: {
      text: unlinked(
        [
          `${finding.message}${renderedNote(finding.place)}`,
          ...(finding.fix === undefined ? [] : [`Fix: ${finding.fix.description}.`]),
        ].join(' '),
      ),
    },
    locations: [location(finding, context)],
    ...(finding.related.length === 0
      ? {}
      : { relatedLocations: finding.related.map((related) => relatedLocation(related, context)) }),
    ...fixesField(finding, fixes.edits.get(finding), context),
    partialFingerprints: { primaryLocationLineHash: fingerprints.get(finding) ?? finding.fingerprint },
    ...(finding.change === undefined ? {} : { baselineState: finding.change }),
    properties: {
      action: finding.action,
      certain: finding.certain,
      policyDocument: finding.document,
      path: formatPath(finding.path),
      relief: finding.relief,
    },
  });
  const shown = judged.length > most ? mostSevereFirst(judged).slice(0, most) : judged;
  const suppressed = report.exempted.slice(0, most - shown.length);
  const leftOut = judged.length - shown.length + report.exempted.length - suppressed.length;
  const results = [
    ...shown.map(toResult),
    ...suppressed.map(({ finding, exemption }) => ({
      ...toResult(finding),
      suppressions: [{ kind: 'external', status: 'accepted', justification: exemption.reason }],
    })),
  ];
  const run = {
    tool: { driver: driver(context) },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: notifications(report, leftOut, fixes.leftOut, context),
      },
    ],
    results,
  };
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

/**
 * Code scanning takes results of one fingerprint for one alert, so that those after the first are numbered, as its own action does it
 * (github/codeql-action `fingerprints.ts`).
 */
function ownFingerprints(findings: readonly ReportFinding[]): ReadonlyMap<ReportFinding, string> {
  const seen = new Map<string, number>();
  return new Map(
    findings.map((finding) => {
      const count = (seen.get(finding.fingerprint) ?? 0) + 1;
      seen.set(finding.fingerprint, count);
      return [finding, count === 1 ? finding.fingerprint : `${finding.fingerprint}:${count}`];
    }),
  );
}

interface Fixes {
  readonly edits: ReadonlyMap<ReportFinding, TextEdit>;
  /** Findings of which it was not tried to write the fix. */
  readonly leftOut: number;
}

async function fixesOf(findings: readonly ReportFinding[], { editOf }: RenderContext): Promise<Fixes> {
  const edits = new Map<ReportFinding, TextEdit>();
  const fixable = findings.filter(({ fix, place }) => (fix?.patch.length ?? 0) > 0 && place !== undefined);
  if (editOf === undefined) return { edits, leftOut: 0 };
  for (const finding of fixable.slice(0, MAX_FIXES)) {
    const edit = await editOf(finding);
    if (edit !== undefined) edits.set(finding, edit);
  }
  return { edits, leftOut: Math.max(0, fixable.length - MAX_FIXES) };
}

function fixesField(
  { fix, place }: ReportFinding,
  edit: TextEdit | undefined,
  context: RenderContext,
): { readonly fixes?: unknown } {
  if (fix === undefined || place === undefined || edit === undefined) return {};
  const { start, end, text } = edit;
  const deletedRegion = {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
  const { artifactLocation } = physicalLocation(place, context);
  const replacements = [{ deletedRegion, ...(text === '' ? {} : { insertedContent: { text } }) }];
  return {
    fixes: [
      { description: { text: unlinked(fix.description) }, artifactChanges: [{ artifactLocation, replacements }] },
    ],
  };
}

function driver({ rules, version }: RenderContext): Readonly<Record<string, unknown>> {
  return {
    name: 'gateward',
    version,
    informationUri: 'https://gateward.dev',
    rules: rules.map(({ id, why, severity, text, kind }) => ({
      id,
      shortDescription: { text: why },
      fullDescription: { text: text === '' ? why : `${why} It says: ${text}` },
      help: { text: `${why} See ${helpUri(id)}`, markdown: helpMarkdown({ id, why, severity, text, kind }) },
      helpUri: helpUri(id),
      properties: { 'security-severity': SECURITY_SEVERITY[severity], tags: ['gateway-api'] },
    })),
  };
}

/** What a rule is for and where an operator sets what happens, under the alert. */
function helpMarkdown({ id, why, text, kind }: RuleInfo): string {
  const rule = id.slice(id.indexOf('/') + 1);
  return [
    why,
    ...(kind === ''
      ? []
      : [
          `It says:\n\n    ${text}`,
          `A \`${kind}\` document sets what happens, with \`spec.action\` or for this rule alone:`,
          `    spec:\n      rules:\n        ${rule}: Deny # Deny | Warn | Audit | Disabled`,
        ]),
    `[${id}](${helpUri(id)}), offline: \`gateward explain ${id}\``,
  ].join('\n\n');
}

/** A message in which foreign text makes no link: SARIF reads `[text](target)` as one. */
function unlinked(text: string): string {
  return visible(text).replaceAll('](', '] (');
}

function notifications(
  report: Report,
  leftOut: number,
  fixesLeftOut: number,
  context: RenderContext,
): readonly unknown[] {
  const unreadable = report.findings
    .filter(({ effect }) => effect === 'error')
    .map((finding) => ({
      level: 'error',
      message: { text: unlinked(`${finding.message}${renderedNote(finding.place)}`) },
      locations: [location(finding, context)],
    }));
  const unjudged = report.errors.map(({ document, reason, object, place }) => ({
    level: 'error',
    message: { text: unlinked(`${document} could not judge ${objectText(object)}: ${reason}`) },
    ...(place === undefined ? {} : { locations: [{ physicalLocation: physicalLocation(place, context) }] }),
  }));
  const cut = [
    ...(leftOut > 0 ? [leftOutText(leftOut)] : []),
    ...(fixesLeftOut > 0 ? [fixesLeftOutText(fixesLeftOut)] : []),
  ].map((text) => ({ level: 'warning', message: { text } }));
  const unread = report.problems.map((problem) => ({ level: 'error', message: { text: unlinked(problem) } }));
  const unauditable = report.unauditable.map(({ rule, needs }) => ({
    level: 'note',
    message: { text: `${rule} is not auditable: ${UNAUDITABLE_TEXT[needs]}` },
  }));
  return [...unread, ...unreadable, ...unjudged, ...cut, ...unauditable];
}

function location(finding: ReportFinding, context: RenderContext): Readonly<Record<string, unknown>> {
  const { object, path, place } = finding;
  const name = [objectText(object), formatPath(path)].filter((part) => part !== '').join(' ');
  return {
    ...(place === undefined ? {} : { physicalLocation: physicalLocation(place, context) }),
    ...(name === '' ? {} : { logicalLocations: [{ fullyQualifiedName: name, kind: 'resource' }] }),
  };
}

function relatedLocation(related: RelatedObject, context: RenderContext): Readonly<Record<string, unknown>> {
  const { kind, namespace, name, place } = related;
  const text = objectText({ apiVersion: '', kind, namespace, name });
  return {
    message: { text },
    ...(place === undefined ? {} : { physicalLocation: physicalLocation(place, context) }),
  };
}

function physicalLocation(place: FilePlace, { fromRoot }: RenderContext): Readonly<Record<string, unknown>> {
  const { file, line, column } = shownPlace(place);
  const path = fromRoot(file);
  const uri = path.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: path.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' },
    region: { startLine: line, startColumn: column },
  };
}

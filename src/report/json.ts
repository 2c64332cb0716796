import { formatPath } from '#gateway';
import type { FilePlace, ReportFinding } from './finding.ts';
import type { Report } from './report.ts';

/** The report as one JSON document; the contract that the README documents. Fields are only ever added. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(jsonReport(report), null, 2)}\n`;
}

/** The same document as a value, for reports that say more. */
export function jsonReport(report: Report): Readonly<Record<string, unknown>> {
  const { findings, exempted, errors, expiredExemptions, problems, unauditable, resolved, plan, summary } = report;
  return {
    findings: findings.map(findingJson),
    exempted: exempted.map(({ finding, exemption }) => ({
      ...findingJson(finding),
      exemption: {
        name: exemption.name,
        reason: exemption.reason,
        ticket: exemption.ticket ?? null,
        expires: new Date(exemption.expires).toISOString(),
      },
    })),
    errors: errors.map(({ policy, document: name, effect, reason, object, place }) => ({
      policy,
      document: name,
      effect,
      reason,
      object,
      ...placeJson(place),
    })),
    expiredExemptions,
    ...(plan === undefined ? {} : { plan }),
    problems,
    unauditable,
    resolved: resolved ?? null,
    summary,
  };
}

function findingJson(finding: ReportFinding): Readonly<Record<string, unknown>> {
  const { rule, policy, document, action, effect, severity, message, certain, relief, object, path, fix } = finding;
  return {
    rule,
    policy,
    document,
    action,
    effect,
    severity,
    message,
    certain,
    relief,
    object: object ?? null,
    path: formatPath(path),
    ...placeJson(finding.place),
    related: finding.related.map(({ kind, namespace, name, place }) => ({
      kind,
      namespace,
      name,
      ...placeJson(place),
    })),
    fix: fix ?? null,
    fingerprint: finding.fingerprint,
    change: finding.change ?? null,
  };
}

function placeJson(place: FilePlace | undefined): Readonly<Record<string, unknown>> {
  if (place === undefined) return { file: null, line: null, column: null };
  const { file, line, column, source } = place;
  return { file, line, column, ...(source === undefined ? {} : { source }) };
}

import { createHash } from 'node:crypto';
import { objectText, type FilePlace, type ReportFinding, type ReportObject } from './finding.ts';
import type { RenderContext } from './context.ts';
import type { Report } from './report.ts';

/** GitLab Code Quality: one array, paths from the root of the repository, each fingerprint once. */
export function renderGitlab(report: Report, context: RenderContext): string {
  const entries = [
    ...report.findings.map((finding) => ({
      description: [objectText(finding.object), finding.message].filter((part) => part !== '').join(': '),
      check_name: finding.rule,
      fingerprint: finding.fingerprint,
      severity: severityOf(finding),
      location: location(finding.place, finding.object, context),
    })),
    ...report.errors.map(({ policy, document, reason, object, place }) => ({
      description: `${document} could not judge ${objectText(object)}: ${reason}`,
      check_name: policy,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([policy, document, objectText(object)]))
        .digest('hex'),
      severity: 'blocker',
      location: location(place, object, context),
    })),
  ];
  return `${JSON.stringify(entries, null, 2)}\n`;
}

function severityOf({ effect, severity }: ReportFinding): string {
  const isGrave = severity === 'critical' || severity === 'high';
  return { error: 'blocker', deny: isGrave ? 'critical' : 'major', warn: 'minor', audit: 'info' }[effect];
}

function location(
  place: FilePlace | undefined,
  object: ReportObject | undefined,
  { fromRoot }: RenderContext,
): { readonly path: string; readonly lines: { readonly begin: number } } {
  if (place === undefined) return { path: objectText(object), lines: { begin: 1 } };
  return { path: fromRoot(place.file), lines: { begin: place.line } };
}

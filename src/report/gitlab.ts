import { createHash } from 'node:crypto';
import {
  objectText,
  renderedNote,
  shownPlace,
  type FilePlace,
  type ReportFinding,
  type ReportObject,
} from './finding.ts';
import type { RenderContext } from './context.ts';
import type { Report } from './report.ts';

/** GitLab Code Quality: one array, paths from the root of the repository, each fingerprint once. */
export function renderGitlab(report: Report, context: RenderContext): string {
  const entries = [
    ...report.findings.map((finding) => ({
      description: `${[objectText(finding.object), finding.message].filter((part) => part !== '').join(': ')}${renderedNote(finding.place)}`,
      check_name: finding.rule,
      fingerprint: finding.fingerprint,
      severity: severityOf(finding),
      location: location(finding.place, finding.object, context),
    })),
    ...report.errors.map(({ policy, document, reason, object, place }) => ({
      description: `${document} could not judge ${objectText(object)}: ${reason}`,
      check_name: policy,
      fingerprint: sha256([policy, document, objectText(object)]),
      severity: 'blocker',
      location: location(place, object, context),
    })),
  ];
  return `${JSON.stringify(withOwnFingerprints(entries), null, 2)}\n`;
}

/** GitLab keeps one entry of each fingerprint, so that those after the first get one of their own. */
function withOwnFingerprints<E extends { readonly fingerprint: string }>(entries: readonly E[]): readonly E[] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const before = seen.get(entry.fingerprint) ?? 0;
    seen.set(entry.fingerprint, before + 1);
    return before === 0 ? entry : { ...entry, fingerprint: sha256([entry.fingerprint, before]) };
  });
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
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
  const { file, line } = shownPlace(place);
  return { path: fromRoot(file), lines: { begin: line } };
}

import { objectText, type ReportFinding } from './finding.ts';
import type { ReportedFinding } from './parseReport.ts';
import type { ReportParts } from './report.ts';

/**
 * Marks what is new since an earlier report, and names what is resolved: each earlier finding is good for one of the same fingerprint. One
 * that is exempted by now, or whose document could not be judged for its object this time, is neither.
 */
export function sincePrevious(parts: ReportParts, previous: readonly ReportedFinding[]): ReportParts {
  const left = Map.groupBy(previous, ({ fingerprint }) => fingerprint);
  const take = (fingerprint: string): boolean => left.get(fingerprint)?.shift() !== undefined;
  const findings = parts.findings.map((finding): ReportFinding => ({
    ...finding,
    change: take(finding.fingerprint) ? 'unchanged' : 'new',
  }));
  for (const { finding } of parts.exempted) take(finding.fingerprint);
  const unjudged = new Set(parts.errors.map(({ document, object }) => `${document} ${objectText(object)}`));
  const resolved = [...left.values()]
    .flat()
    .filter(({ document, object }) => !unjudged.has(`${document} ${objectText(object ?? undefined)}`));
  return { ...parts, findings, resolved };
}

import { objectText, type ReportFinding } from './finding.ts';
import type { ReportedFinding } from './parseReport.ts';
import type { ReportParts } from './report.ts';

/**
 * Marks what is new since an earlier report, and names what is resolved: each earlier finding is good for one of the same fingerprint. One
 * that is exempted by now, whose document could not be judged for its object this time, or whose object may stand in what could not be read, is
 * neither.
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
  const judged = new Set((parts.judged ?? []).map(({ object }) => objectText(object)));
  const isAllRead = (parts.problems ?? []).length === 0;
  const resolved = [...left.values()].flat().filter(({ document, object }) => {
    const text = objectText(object ?? undefined);
    return !unjudged.has(`${document} ${text}`) && (isAllRead || judged.has(text));
  });
  return { ...parts, findings, resolved };
}

import { SEVERITIES } from '#policy';
import type { FindingEffect, ReportFinding } from './finding.ts';

const EFFECTS: readonly FindingEffect[] = ['error', 'deny', 'warn', 'audit'];

/** The most severe first, by effect and then by severity; what is equal stays in its order. For formats that can show only so many. */
export function mostSevereFirst(findings: readonly ReportFinding[]): readonly ReportFinding[] {
  const rank = ({ effect, severity }: ReportFinding): number =>
    EFFECTS.indexOf(effect) * SEVERITIES.length + SEVERITIES.indexOf(severity);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

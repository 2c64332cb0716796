import { formatPath } from '#gateway';
import { z } from 'zod';
import { objectText, type ReportFinding } from './finding.ts';
import type { Report } from './report.ts';

/** Findings that are known and shall not fail a build again. What a person reads of an entry is for people; the fingerprint decides. */
const baselineSchema = z.object({
  kind: z.literal('GatewardBaseline'),
  version: z.literal(1),
  findings: z.array(
    z.object({ fingerprint: z.string(), rule: z.string(), document: z.string(), object: z.string(), path: z.string() }),
  ),
});

/** A baseline as it stands in a file. */
export type Baseline = z.infer<typeof baselineSchema>;

/** The findings of a report as a baseline. What could not be read is never in it. */
export function renderBaseline({ findings }: Report): string {
  return baselineText(
    findings
      .filter(({ effect }) => effect !== 'error')
      .map(({ fingerprint, rule, document, object, path }) => ({
        rule,
        document,
        object: objectText(object),
        path: formatPath(path),
        fingerprint,
      })),
  );
}

/** The text of a baseline: a line for each entry, so that a change of it reads well. */
export function baselineText(entries: Baseline['findings']): string {
  const texts = entries.map(({ rule, document, object, path, fingerprint }) =>
    JSON.stringify({ rule, document, object, path, fingerprint }),
  );
  const lines = [...new Set(texts)].map((entry) => `\n    ${entry}`).join(',');
  return `{\n  "kind": "GatewardBaseline",\n  "version": 1,\n  "findings": [${lines === '' ? '' : `${lines}\n  `}]\n}\n`;
}

/** The baseline of a file's text, or what is wrong with it. */
export function parseBaseline(text: string): Baseline | { readonly problem: string } {
  try {
    const parsed = baselineSchema.safeParse(JSON.parse(text));
    return parsed.success
      ? parsed.data
      : { problem: `is no baseline: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  } catch {
    return { problem: 'is no baseline: not JSON' };
  }
}

/** Takes the known findings out; `gone` are the entries that no longer occur. */
export function withoutKnown(
  findings: readonly ReportFinding[],
  baseline: Baseline,
): {
  readonly unknown: readonly ReportFinding[];
  readonly known: number;
  readonly gone: Baseline['findings'];
} {
  const entries = new Set(baseline.findings.map(({ fingerprint }) => fingerprint));
  const unknown = findings.filter(({ effect, fingerprint }) => effect === 'error' || !entries.has(fingerprint));
  const seen = new Set(findings.map(({ fingerprint }) => fingerprint));
  return {
    unknown,
    known: findings.length - unknown.length,
    gone: baseline.findings.filter(({ fingerprint }) => !seen.has(fingerprint)),
  };
}

/** An entry for people: rule, object and field. */
export function entryText({ rule, object, path }: Baseline['findings'][number]): string {
  return [rule, object, path].filter((part) => part !== '').join(' ');
}

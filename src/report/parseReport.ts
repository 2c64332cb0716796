import { SEVERITIES } from '#policy';
import { z } from 'zod';

/** What a JSON report says of a finding, as far as another command needs it; see `renderJson`. */
const findingSchema = z.object({
  rule: z.string(),
  policy: z.string(),
  document: z.string(),
  effect: z.enum(['error', 'deny', 'warn', 'audit']),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  path: z.string(),
  fingerprint: z.string(),
  object: z
    .object({
      apiVersion: z.string(),
      kind: z.string(),
      namespace: z.string(),
      name: z.string(),
      generateName: z.string().optional(),
    })
    .nullable(),
});

const reportSchema = z.object({ findings: z.array(findingSchema) });

/** A finding of a JSON report. */
export type ReportedFinding = z.infer<typeof findingSchema>;

/** The findings of a JSON report's text, or what is wrong with it. */
export function parseReport(
  text: string,
): { readonly findings: readonly ReportedFinding[] } | { readonly problem: string } {
  try {
    const parsed = reportSchema.safeParse(JSON.parse(text));
    return parsed.success
      ? parsed.data
      : { problem: `is no report of -o json: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  } catch {
    return { problem: 'is no report of -o json: not JSON' };
  }
}

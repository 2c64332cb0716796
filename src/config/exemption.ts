import type { KindName } from '#gateway';
import {
  MOST_ISSUES,
  documentIssues,
  matchProblems,
  matchSchema,
  parseBy,
  type DocumentIssue,
  type Operation,
  type Policy,
} from '#policy';
import { z } from 'zod';
import type { Exemption } from '../engine/index.ts';

/** The kind of exemption documents. */
export const EXEMPTION_KIND = 'PolicyExemption';

const text = (what: string): z.ZodString => z.string().regex(/\S/, 'must not be empty').describe(what);

/** `spec` of a PolicyExemption; made when it is first asked for. */
export function exemptionSchema(): ReturnType<typeof makeSchema> {
  return (schema ??= makeSchema());
}
let schema: ReturnType<typeof makeSchema> | undefined;

const makeSchema = () =>
  z.strictObject({
    policies: z
      .array(
        z.strictObject({
          kind: text('The kind of the document.'),
          name: text('Its metadata.name.'),
          rules: z
            .array(text('A rule id.'))
            .default([])
            .describe('Rules that do not count; empty = all of that document.'),
        }),
      )
      .min(1)
      .describe('The documents, and their rules, that do not count.'),
    match: matchSchema
      .safeExtend({
        names: z
          .array(text('A name.'))
          .default([])
          .describe('Names of objects, `*` stands for any characters; empty = all.'),
      })
      .describe(
        'The objects for which they do not count. All given parts must hold; what is in no namespace is not among those of a namespace.',
      ),
    reason: text('Why.'),
    ticket: z.string().optional().describe('Where it was decided.'),
    expires: z.iso
      .datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2027-03-31T00:00:00Z' })
      .describe('When it ends. From then on it is reported, never honoured.'),
  });

/** A PolicyExemption of a `spec`, or what is wrong with it. Kinds and rules must be those of `policies`, and judge what is matched. */
export function parseExemption(
  name: string,
  spec: unknown,
  policies: readonly Policy[],
): { readonly exemption: Exemption } | { readonly issues: readonly DocumentIssue[] } {
  const parsed = parseBy(exemptionSchema(), spec);
  if (!parsed.success) return { issues: documentIssues(name, parsed.error, exemptionSchema(), spec) };
  const { data } = parsed;
  const issues = data.policies.flatMap((named, at) => unknownNames(name, named, at, policies));
  if (issues.length > 0) return { issues: issues.slice(0, MOST_ISSUES) };
  const named = policies.filter((policy) => data.policies.some(({ kind }) => kind === policy.kind));
  const unmet = matchProblems(data.match, judgedBy(named)).slice(0, MOST_ISSUES);
  if (unmet.length > 0) {
    return {
      issues: unmet.map(({ path, message, expected = [] }) => ({
        document: name,
        path: ['spec', ...path],
        message,
        expected,
      })),
    };
  }
  return { exemption: { ...data, name, ticket: data.ticket, expires: Date.parse(data.expires) } };
}

/** The operations that some of the policies judge, by kind. */
function judgedBy(policies: readonly Policy[]): ReadonlyMap<KindName, readonly Operation[]> {
  const kinds = new Set(policies.flatMap(({ subjects }) => subjects));
  return new Map([...kinds].map((kind) => [kind, policies.flatMap(({ operationsOn }) => operationsOn(kind))]));
}

function unknownNames(
  document: string,
  named: { readonly kind: string; readonly rules: readonly string[] },
  at: number,
  policies: readonly Policy[],
): readonly DocumentIssue[] {
  const path = ['spec', 'policies', at];
  const policy = policies.find(({ kind }) => kind === named.kind);
  if (policy === undefined) {
    const expected = policies.map(({ kind }) => kind);
    return [{ document, path: [...path, 'kind'], message: `there is no policy of kind "${named.kind}"`, expected }];
  }
  const expected = [...policy.messages.keys()];
  return named.rules.flatMap((rule, index) =>
    policy.messages.has(rule)
      ? []
      : [{ document, path: [...path, 'rules', index], message: `${policy.kind} has no rule "${rule}"`, expected }],
  );
}

import { isObject, type FieldPath } from '#gateway';
import { ACTIONS, OPERATIONS, documentIssues, type Action, type DocumentIssue, type Policy } from '#policy';
import { z } from 'zod';
import { POLICY_API_VERSION, issueProblem, type ConfigDocument, type ConfigProblem } from './document.ts';
import { POLICY_TEST_KIND, kindsOf, readEnvelope } from './envelope.ts';
import { parsePattern, type Pattern } from './pattern.ts';

const text = (what: string): z.ZodString => z.string().regex(/\S/, 'must not be empty').describe(what);

/** A map, or the path of a file that holds it. Foreign data: it is looked into by those who know its kind. */
const inlineOrPath = z
  .unknown()
  .refine((value) => isPath(value) || isObject(value), { error: 'must be a map, or the path of a file' });

const pattern = (what: string): z.ZodString =>
  text(what).refine((value) => parsePattern(value) !== undefined, {
    error: 'is no regular expression of RE2 (which has no look-around)',
  });

const time = z.iso.datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2027-03-31T00:00:00Z' });

const ruleSchema = z.strictObject({
  rule: text('The rule, as in hostname-ownership/not-owned.'),
  path: z.string().optional().describe('The field, as reports write it: spec.hostnames[0].'),
  action: z
    .enum(ACTIONS)
    .optional()
    .describe('What it comes to; a Deny for what the object had before an UPDATE is a Warn.'),
  message: pattern('A text that stands in its message, or /a regular expression/ of RE2.').optional(),
});

const operationSchema = z.strictObject({
  op: z.enum(['add', 'replace', 'remove']).describe('add, replace or remove.'),
  path: z.string().describe('A JSON Pointer.'),
  value: z.unknown().optional().describe('Of add and replace.'),
});

const expectSchema = z
  .strictObject({
    allowed: z.boolean().optional().describe('Whether admission lets the object pass.'),
    rules: z
      .array(z.union([ruleSchema, z.string()]))
      .optional()
      .describe('All rules that it breaks, in any order; a rule alone stands for { rule }.'),
    patch: z.array(operationSchema).optional().describe('What the mutating webhook does to it, as a JSON Patch.'),
    object: z
      .unknown()
      .optional()
      .describe('The object after mutation: the fields that are said; a list in full, its entries as far as said.'),
    message: pattern('A text that stands in the message of some rule, or /a regular expression/ of RE2.').optional(),
  })
  .describe('What is not said here is not asserted.');

const caseSchema = z
  .strictObject({
    name: text('What the case shows.'),
    object: inlineOrPath.optional().describe('The object that is written.'),
    oldObject: inlineOrPath.optional().describe('The object before: of an UPDATE, or of a DELETE.'),
    operation: z
      .enum(OPERATIONS)
      .optional()
      .describe('Default: UPDATE with both objects, DELETE with the old one alone, else CREATE.'),
    subresource: z.enum(['status', 'finalize']).optional().describe('The subresource that is written.'),
    userInfo: z
      .strictObject({
        username: z.string().describe('As the API server writes it: system:serviceaccount:argocd:argocd.'),
        groups: z.array(z.string()).default([]).describe('The groups of the user.'),
      })
      .optional()
      .describe('Who asks. Without it rules that need to know are not judged.'),
    state: z.array(inlineOrPath).default([]).describe('Objects that are there besides those of the suite.'),
    now: time.optional().describe('The time of the request; default that of the suite.'),
    expect: expectSchema,
  })
  .superRefine(({ object, oldObject, operation = operationOf(object, oldObject) }, context) => {
    const wanted = { CREATE: [true, false], UPDATE: [true, true], DELETE: [false, true] }[operation];
    for (const [at, field] of (['object', 'oldObject'] as const).entries()) {
      const isThere = (field === 'object' ? object : oldObject) !== undefined;
      if (isThere === wanted[at]) continue;
      const message = isThere ? `a ${operation} has none` : `is required for ${operation}`;
      context.addIssue({ code: 'custom', path: [field], message });
    }
  });

/** `spec` of a PolicyTest. */
const policyTestSchema = z.strictObject({
  policies: z
    .array(inlineOrPath)
    .min(1)
    .describe('The documents under test: files and folders, from the file of the test; or documents as they are.'),
  state: z
    .array(inlineOrPath)
    .default([])
    .describe('All that there is besides: files and folders of manifests, or objects as they are.'),
  now: time.optional().describe('The time of the requests; default now.'),
  cases: z.array(caseSchema).min(1).describe('The cases.'),
});

type Spec = z.infer<typeof policyTestSchema>;

/** The whole document as a JSON schema, by which an editor completes and checks it. */
export function policyTestJsonSchema(): unknown {
  const document = z.strictObject({
    apiVersion: z.literal(POLICY_API_VERSION),
    kind: z.literal(POLICY_TEST_KIND),
    metadata: z.looseObject({ name: z.string() }),
    spec: policyTestSchema,
  });
  return z.toJSONSchema(document, { io: 'input' });
}

/** What is expected of one broken rule. */
export interface ExpectedRule {
  readonly rule: string;
  readonly path: string | undefined;
  readonly action: Action | undefined;
  readonly message: ExpectedMessage | undefined;
}

/** A pattern as it was written, and as a test. */
export interface ExpectedMessage {
  readonly text: string;
  readonly matches: Pattern;
}

/** One case of a suite. */
export interface PolicyTestCase extends Omit<Spec['cases'][number], 'expect' | 'operation'> {
  readonly operation: (typeof OPERATIONS)[number];
  readonly expect: Omit<Spec['cases'][number]['expect'], 'rules' | 'message'> & {
    readonly rules: readonly ExpectedRule[] | undefined;
    readonly message: ExpectedMessage | undefined;
  };
  /** Its path in the document. */
  readonly path: FieldPath;
}

/** A PolicyTest that is in order. */
export interface PolicyTest {
  readonly document: ConfigDocument;
  readonly name: string;
  readonly policies: Spec['policies'];
  readonly state: Spec['state'];
  readonly now: string | undefined;
  readonly cases: readonly PolicyTestCase[];
}

/**
 * The PolicyTest of a document, or everything wrong with it; undefined for a document of another kind, which is none of a test's business.
 * Rules must be those of `policies`.
 */
export function parsePolicyTest(
  document: ConfigDocument,
  policies: readonly Policy[],
): PolicyTest | { readonly problems: readonly ConfigProblem[] } | undefined {
  const envelope = readEnvelope(document, kindsOf(policies));
  if (envelope === undefined || ('spec' in envelope && envelope.kind !== POLICY_TEST_KIND)) return undefined;
  if (!('spec' in envelope)) {
    return envelope.kind === POLICY_TEST_KIND || !kindsOf(policies).includes(envelope.kind) ? envelope : undefined;
  }
  const { name, spec } = envelope;
  const parsed = policyTestSchema.safeParse(spec);
  const issues = parsed.success
    ? [...unknownRules(name, parsed.data, policies), ...idle(name, parsed.data)]
    : documentIssues(name, parsed.error, policyTestSchema, spec);
  if (!parsed.success || issues.length > 0) return { problems: issues.map((issue) => issueProblem(issue, document)) };
  const { data } = parsed;
  return {
    document,
    name,
    policies: data.policies,
    state: data.state,
    now: data.now,
    cases: data.cases.map((own, at): PolicyTestCase => {
      const { rules, message } = own.expect;
      return {
        ...own,
        operation: own.operation ?? operationOf(own.object, own.oldObject),
        expect: { ...own.expect, rules: rules?.map(expectedRule), message: expectedMessage(message) },
        path: ['spec', 'cases', at],
      };
    }),
  };
}

function operationOf(object: unknown, oldObject: unknown): (typeof OPERATIONS)[number] {
  if (oldObject === undefined) return 'CREATE';
  return object === undefined ? 'DELETE' : 'UPDATE';
}

type Rule = NonNullable<Spec['cases'][number]['expect']['rules']>[number];

function expectedRule(rule: Rule): ExpectedRule {
  if (typeof rule === 'string') return { rule, path: undefined, action: undefined, message: undefined };
  return { rule: rule.rule, path: rule.path, action: rule.action, message: expectedMessage(rule.message) };
}

function expectedMessage(written: string | undefined): ExpectedMessage | undefined {
  const matches = written === undefined ? undefined : parsePattern(written);
  return written === undefined || matches === undefined ? undefined : { text: written, matches };
}

/** A rule that no policy has could never be found, and its absence proves nothing. */
function unknownRules(document: string, { cases }: Spec, policies: readonly Policy[]): readonly DocumentIssue[] {
  const expected = policies.flatMap(({ id, messages }) => [...messages.keys()].map((rule) => `${id}/${rule}`));
  return cases.flatMap(({ expect }, at) =>
    (expect.rules ?? []).flatMap((own, index): readonly DocumentIssue[] => {
      const { rule } = expectedRule(own);
      if (expected.includes(rule)) return [];
      const path = ['spec', 'cases', at, 'expect', 'rules', index, ...(typeof own === 'string' ? [] : ['rule'])];
      return [{ document, path, message: `there is no rule "${rule}"`, expected }];
    }),
  );
}

/** Cases that cannot fail, or cannot be told from others. */
function idle(document: string, { cases }: Spec): readonly DocumentIssue[] {
  const issue = (path: FieldPath, message: string): DocumentIssue => ({ document, path, message, expected: [] });
  return cases.flatMap(({ name, expect }, at) => {
    const path = ['spec', 'cases', at];
    const isTwice = cases.findIndex((other) => other.name === name) !== at;
    const isEmpty = Object.keys(expect).length === 0;
    return [
      ...(isTwice ? [issue([...path, 'name'], `"${name}" stands twice`)] : []),
      ...(isEmpty ? [issue([...path, 'expect'], 'expects nothing: say allowed, rules, patch, object or message')] : []),
    ];
  });
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

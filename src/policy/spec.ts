import { isObject } from '#gateway';
import { z } from 'zod';
import { ACTIONS } from './action.ts';
import { documentIssues, parseBy, type DocumentIssue } from './issue.ts';
import { matchSchema } from './match.ts';
import type { Message } from './message.ts';

/** The fields that every policy document has under `spec`. */
export const commonShape = {
  action: z.enum(ACTIONS).default('Warn').describe('What happens on a violation: Deny | Warn | Audit.'),
  failureMode: z
    .enum(['Fail', 'Ignore'])
    .default('Fail')
    .describe('What an error in judging means for a Deny: Fail denies, Ignore warns.'),
  disclose: z
    .enum(['Owners', 'Objects'])
    .default('Owners')
    .describe('Owners: a message names owners from documents, but no objects of other namespaces. Objects: those too.'),
  match: matchSchema.default({}),
};

const commonSchema = z.strictObject(commonShape);

/** The common fields of a document, parsed; `rules` maps message ids to the action that overrides `action`. */
export type CommonSpec = z.infer<typeof commonSchema> & {
  readonly rules: Readonly<Partial<Record<string, (typeof ACTIONS)[number] | 'Disabled'>>>;
};

/** A parsed document: the fields that all kinds share, and the policy's own. */
export interface Document<O extends z.ZodRawShape> {
  readonly name: string;
  readonly spec: CommonSpec;
  readonly options: z.infer<z.ZodObject<O, z.core.$strict>>;
}

/** A document's name and its `spec`, not yet parsed. */
export interface PolicyDocument {
  readonly name: string;
  readonly spec: unknown;
}

/** Reads the documents of one kind. */
export interface SpecReader<O extends z.ZodRawShape> {
  /** The schema of `spec` as a whole, made when it is first asked for. */
  readonly schema: () => z.ZodType;
  /** The document, parsed; else what is wrong with it. */
  readonly read: (document: PolicyDocument) => Document<O> | readonly DocumentIssue[];
}

/** The reader of documents of a kind, whose `spec` has the common fields, `rules` for these messages and these fields of its own. */
export function specReader<O extends z.ZodRawShape>(
  kind: string,
  messages: ReadonlyMap<string, Message>,
  options: O,
): SpecReader<O> {
  const ownSchema = z.strictObject(options);
  const rulesSchema = z.strictObject(
    Object.fromEntries([...messages].map(([id, message]) => [id, ruleAction(message)])),
  );
  const schema = once(() => wholeSchema(messages, options));
  /** Undefined when something is wrong: what, the schema of the whole says. It is made only then; few runs ever need it. */
  const parse = ({ name, spec }: PolicyDocument): Document<O> | undefined => {
    if (!isObject(spec)) return undefined;
    const { action, failureMode, disclose, match, rules, ...own } = spec;
    const common = parseBy(commonSchema, present({ action, failureMode, disclose, match }));
    const overrides = parseBy(rulesSchema, rules === undefined ? {} : rules);
    const parsed = parseBy(ownSchema, own);
    if (!common.success || !overrides.success || !parsed.success) return undefined;
    return { name, spec: { ...common.data, rules: overrides.data }, options: parsed.data };
  };
  return {
    schema,
    read: (document) => {
      const parsed = parse(document);
      if (parsed !== undefined) return parsed;
      const { name, spec } = document;
      const whole = parseBy(schema(), spec);
      if (whole.success) throw new Error(`${kind} "${name}" is in order as a whole, not in its parts`);
      return documentIssues(name, whole.error, schema(), spec);
    },
  };
}

function wholeSchema(messages: ReadonlyMap<string, Message>, options: z.ZodRawShape): z.ZodType {
  const rules = [...messages].map(([id, message]) => [id, ruleAction(message).describe(message.why)]);
  return z.strictObject({
    ...commonShape,
    rules: z
      .strictObject(Object.fromEntries(rules))
      .default({})
      .describe('Overrides `action` for single rules of this document: Deny | Warn | Audit | Disabled.'),
    ...options,
  });
}

/** What a rule may be set to; some go no further than to warn. */
const RULE_ACTION = z.enum([...ACTIONS, 'Disabled']).optional();
const MILD_RULE_ACTION = z.enum(['Warn', 'Audit', 'Disabled']).optional();

function ruleAction({ atMost }: Message): typeof RULE_ACTION | typeof MILD_RULE_ACTION {
  return atMost === 'Warn' ? MILD_RULE_ACTION : RULE_ACTION;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

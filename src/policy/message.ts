import type { Action, Severity } from './action.ts';

/** One rule of a policy: what its violation says. */
export interface Message {
  /**
   * One line: what is wrong, why it matters, what to do. `{{hole}}` is filled from the finding's data; `{{path}}` and `{{document}}` are
   * filled for every finding.
   */
  readonly text: string;
  readonly severity: Severity;
  /** Why the rule exists, for its page. */
  readonly why: string;
  /** The action can be no stricter than this, whatever the document says. */
  readonly atMost?: Action;
  /** The rule applies only when a document turns it on. */
  readonly off?: true;
  /** What an audit does not know of what is already there, so that it cannot judge the rule: who asked for it, or what it was before. */
  readonly needs?: 'requester' | 'change';
}

/** Message ids to messages. */
export type Messages<M> = { readonly [I in keyof M]: Message };

/** The names of the holes in a text, as a union of string literals. */
export type Holes<Text extends string> = Text extends `${string}{{${infer Hole}}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;

/** Exactly the data that a message's text needs. */
export type DataOf<M extends Message> = Readonly<
  Record<Exclude<Holes<M['text']>, 'path' | 'document'>, string | number>
>;

/** At most so many things are listed in a message. */
const LISTED = 5;

/** The first few of some texts as a message lists them, and how many more there are of `total`: `a, b, c, d, e and 3 more`. */
export function listed(texts: readonly string[], total: number = texts.length): string {
  const shown = texts.slice(0, LISTED);
  return total > shown.length ? `${shown.join(', ')} and ${total - shown.length} more` : shown.join(', ');
}

/** Texts of messages as what stands between their holes and the names of these, by turns: one object may break a rule thousands of times. */
const PARTS = new Map<string, readonly string[]>();

/** Fills the holes of a text. A value is written as it is; a name without a value stays visible as `{{name}}`. */
export function fill(text: string, data: Readonly<Partial<Record<string, string | number>>>): string {
  const parts = PARTS.get(text) ?? text.split(/\{\{(\w+)\}\}/);
  PARTS.set(text, parts);
  return parts.map((part, at) => (at % 2 === 0 ? part : String(data[part] ?? `{{${part}}}`))).join('');
}

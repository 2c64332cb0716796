import type { KindName } from '#gateway';
import { celText } from './cel.ts';
import { fill, type DataOf, type Messages } from './message.ts';

/**
 * What of a document the API server itself can hold, in CEL (ValidatingAdmissionPolicy), for the hour in which no replica answers. It may say
 * less than the document and never more: what the document allows, it allows.
 */
export interface Backstop<S extends KindName, M extends Messages<M>> extends BackstopFacts {
  readonly parts: readonly (BackstopPart<S> & { readonly checks: readonly BackstopCheck<M>[] })[];
}

interface BackstopFacts {
  /** By rule why it is not said, where the document itself is the reason. */
  readonly unsaid?: Readonly<Record<string, string>>;
  /** What expressions look up as `params.data`: keys and values of a ConfigMap, the same for all documents of the policy. */
  readonly params?: Readonly<Record<string, string>>;
}

/** What is said of kinds that have in common which fields are read. */
interface BackstopPart<S extends KindName> {
  readonly kinds: readonly S[];
  /** Read as `variables.<name>`; each may read those before it. */
  readonly variables?: readonly BackstopVariable[];
}

/** An expression with a name. */
export interface BackstopVariable {
  readonly name: string;
  readonly expression: string;
}

interface Check<I extends string> {
  readonly rule: I;
  /**
   * A list: what in `object`, or in `oldObject`, might break the rule. Where findings have the same data items are the same: the violation is
   * one that an UPDATE may keep.
   */
  readonly items: (object: 'object' | 'oldObject') => string;
  /** Whether an item breaks it; each does when this is not given. */
  readonly refused?: ((item: string) => string) | undefined;
  /** The items are what is new: what an UPDATE may keep is not among them. */
  readonly isNew?: true | undefined;
  /** For people: what the rule has a word about and this has not. */
  readonly unless?: string | undefined;
}

/** One rule of a policy. The functions take and give CEL expressions. */
export type BackstopCheck<M extends Messages<M>> = {
  readonly [I in keyof M & string]: Check<I> & {
    /** Where it is wrong, without indexes. */
    readonly path: string;
    /** What fills the holes of the message. */
    readonly data: (item: string) => { readonly [H in keyof DataOf<M[I]>]: string };
  };
}[keyof M & string];

/** A {@link Backstop} whose messages are filled in. */
export interface BoundBackstop extends BackstopFacts {
  readonly parts: readonly (BackstopPart<KindName> & { readonly checks: readonly BoundCheck[] })[];
}

/** See {@link BackstopCheck}. */
export type BoundCheck = Check<string> & { readonly message: (item: string) => string };

/** Fills the messages of a document's backstop: what a denial by the rules says, without the positions in lists. */
export function boundBackstop<S extends KindName, M extends Messages<M>>(
  { parts, ...facts }: Backstop<S, M>,
  policy: string,
  messages: M,
  document: string,
): BoundBackstop {
  return {
    ...facts,
    parts: parts.map(({ checks, kinds, variables = [] }) => ({
      kinds,
      variables,
      checks: checks.map((check): BoundCheck => {
        const { rule, items, refused, isNew, unless, path, data } = check;
        const written = fill(messages[rule].text, { path, document });
        const text = `${policy}/${rule}: ${written}. See gateward.dev/rules/${policy}`;
        const message = (item: string): string => filled(text, new Map(Object.entries<string>(data(item))));
        return { rule, items, refused, isNew, unless, message };
      }),
    })),
  };
}

/** A text with holes as an expression; `data` has one for each hole. */
function filled(text: string, data: ReadonlyMap<string, string>): string {
  const parts = text
    .split(/\{\{(\w+)\}\}/)
    .map((part, at) => (at % 2 === 0 ? celText(part) : (data.get(part) ?? "''")));
  return parts.filter((part) => part !== "''").join(' + ');
}

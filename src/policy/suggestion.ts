import type { FieldPath } from '#gateway';

/** A first document of a policy for a cluster as it stands, for an operator to read and change. */
export interface Suggestion {
  /** Its `metadata.name`. */
  readonly name: string;
  /** What was guessed from what, and what to change next: a paragraph each. */
  readonly comment: readonly string[];
  /** All of `spec` but the action. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** A word on single fields. */
  readonly notes?: readonly SuggestionNote[];
}

/** A comment above a field. */
export interface SuggestionNote {
  /** Below `spec`. */
  readonly path: FieldPath;
  readonly text: string;
}

/** At most so many are named in a comment. */
const NAMED = 4;

/** Names for a comment: the first few, and how many more. */
export function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}

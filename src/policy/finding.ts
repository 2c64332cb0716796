import type { FieldPath, ObjectKey } from '#gateway';
import type { Action, Severity } from './action.ts';

/** One change to an object, in the terms of RFC 6902 but with unescaped path segments; a list position may be `-` only in `add`. */
export type Edit =
  | { readonly op: 'add'; readonly path: FieldPath; readonly value: unknown }
  | { readonly op: 'replace'; readonly path: FieldPath; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: FieldPath };

/** What would make a finding go away. */
export interface Fix {
  /** An imperative sentence: `set to "HTTP-to-HTTPS"`. */
  readonly description: string;
  /** Applied in order; empty when only a person can choose. */
  readonly edits: readonly Edit[];
}

/** A fact: the subject breaks one rule of one policy, at one place. The engine makes of it what the operator's document says. */
export interface Finding {
  /** The message id; the rule is `<policy>/<id>`. */
  readonly id: string;
  /** The outermost field that is wrong. */
  readonly path: FieldPath;
  /**
   * What the message was filled with; together with the rule, and but for what is `aside`, the identity of the violation when an UPDATE is
   * compared with its past.
   */
  readonly data: Readonly<Record<string, string | number>>;
  readonly message: string;
  readonly severity: Severity;
  /** Objects the finding is about besides the subject; for logs and reports, never for a message to the requester. */
  readonly related: readonly ObjectKey[];
  /**
   * What must not exist, or not say otherwise, for the finding to hold. An empty name stands for every object of the kind in the
   * namespace. A finding that rests on something out of sight is unverified.
   */
  readonly restsOn: readonly ObjectKey[];
  readonly fix: Fix | undefined;
  /** The action can be no stricter than this. */
  readonly atMost: Action | undefined;
  /** For rules with a measure: an UPDATE that does not raise it does not widen the violation. Such a measure is left out of `data`. */
  readonly size: number | undefined;
  /** What it is about besides `data`, told to nobody: an UPDATE that keeps the violation may lose parts of it, and gain none. */
  readonly about: readonly string[];
  /** Names of data that an UPDATE may change and keep the violation: where it stands, and what `about` has part by part. */
  readonly aside: readonly string[];
  /** What would be found but for this, which is worse: an UPDATE that leaves no more than these has none that is new. */
  readonly insteadOf: readonly Finding[];
}

/** The optional parts of a finding. */
export interface FindingDetails {
  readonly related?: readonly ObjectKey[];
  readonly restsOn?: readonly ObjectKey[];
  readonly fix?: Fix;
  readonly atMost?: Action;
  readonly size?: number;
  readonly about?: readonly string[];
  readonly aside?: readonly string[];
  readonly insteadOf?: readonly Finding[];
}

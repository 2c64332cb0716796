import type { Severity } from '#policy';
import type { Paint } from './text.ts';

/** What a format says of a rule. */
export interface RuleInfo {
  /** `<policy>/<rule>`. */
  readonly id: string;
  /** One sentence: why it exists. */
  readonly why: string;
  readonly severity: Severity;
}

/** What formats need besides the report. */
export interface RenderContext {
  readonly paint: Paint;
  /** Every rule that could have been broken, sorted by id. */
  readonly rules: readonly RuleInfo[];
  /** Gateward's own. */
  readonly version: string;
  /** Milliseconds since the epoch, for formats that carry the time. */
  readonly now: number;
  /** A file's path from the root of its repository, with `/`; reports that outlive the run name files so. */
  readonly fromRoot: (file: string) => string;
}

/** Where a rule's page is. */
export function helpUri(rule: string): string {
  return `https://gateward.dev/rules/${rule.slice(0, Math.max(0, rule.indexOf('/')))}`;
}

import type { Severity } from '#policy';
import type { ReportFinding } from './finding.ts';
import type { Graph } from './graph/graph.ts';
import type { Paint } from './paint.ts';

/** What a format says of a rule. */
export interface RuleInfo {
  /** `<policy>/<rule>`. */
  readonly id: string;
  /** One sentence: why it exists. */
  readonly why: string;
  readonly severity: Severity;
  /** What its violation says, with `{{holes}}`; `""` for what no policy is about. */
  readonly text: string;
  /** The kind of the documents that hold it; `""` for what no policy is about. */
  readonly kind: string;
}

/** A change of a file's text: what stands from one place up to another gives way to `text`. Lines and columns from 1, as in findings. */
export interface TextEdit {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
  readonly text: string;
}

/** What formats need besides the report. */
export interface RenderContext {
  /** What reports: some formats say more of an audit. */
  readonly face: 'check' | 'audit';
  readonly paint: Paint;
  /** Every rule that could have been broken, sorted by id. */
  readonly rules: readonly RuleInfo[];
  /** Gateward's own. */
  readonly version: string;
  /** Milliseconds since the epoch, for formats that carry the time. */
  readonly now: number;
  /** A file's path from the root of its repository, with `/`; reports that outlive the run name files so. */
  readonly fromRoot: (file: string) => string;
  /** What was judged, drawn; undefined when there is no drawing of it. Asked for by the one format that draws. */
  readonly picture?: () => Promise<Graph | undefined>;
  /** How a finding's fix is written into its file; undefined where it cannot be. */
  readonly editOf?: (finding: ReportFinding) => Promise<TextEdit | undefined>;
  /** How many bytes a text takes when it is packed (gzip). */
  readonly packed: (text: string) => number;
  /** Is told, a line each, what a format has left out. */
  readonly warn: (line: string) => void;
  /** The API of the objects of `-o reports`. Default OpenReports. */
  readonly reportApi?: 'openreports' | 'policyreport';
}

/** Where a rule's page is. */
export function helpUri(rule: string): string {
  return `https://gateward.dev/rules/${rule.slice(0, Math.max(0, rule.indexOf('/')))}`;
}

import type { Severity } from '#policy';
import type { Report } from './report.ts';
import { plain, type Paint } from './text.ts';

/** The formats of `-o`. */
export const FORMATS = ['text', 'json', 'sarif', 'junit', 'github', 'gitlab', 'markdown'] as const;
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

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
  /** A file's path from the root of its repository, with `/`; reports that outlive the run name files so. */
  readonly fromRoot: (file: string) => string;
}

/** Where a rule's page is. */
export function helpUri(rule: string): string {
  return `https://gateward.dev/rules/${rule.slice(0, Math.max(0, rule.indexOf('/')))}`;
}

/** The report in a format; the renderer is loaded when it is first asked for. */
export async function render(format: Format, report: Report, context: RenderContext): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).renderText(report, context.paint);
    case 'json':
      return (await import('./json.ts')).renderJson(report);
    case 'sarif':
      return (await import('./sarif.ts')).renderSarif(report, context);
    case 'junit':
      return (await import('./junit.ts')).renderJunit(report);
    case 'github':
      return (await import('./github.ts')).renderGithub(report, context);
    case 'gitlab':
      return (await import('./gitlab.ts')).renderGitlab(report, context);
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(report, context);
  }
}

/** A context without colours, for callers that have no repository in sight. */
export function plainContext(rules: readonly RuleInfo[], version: string): RenderContext {
  return { paint: plain, rules, version, fromRoot: (file) => file.replace(/^(?:\.\/)+/, '') };
}

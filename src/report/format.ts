import type { RenderContext } from './context.ts';
import type { Report } from './report.ts';

/** The formats of `-o`; `reports` is `openreports` or `policyreport`, whichever API the cluster serves. */
export const FORMATS = [
  'text',
  'json',
  'sarif',
  'junit',
  'github',
  'gitlab',
  'markdown',
  'html',
  'policyreport',
  'openreports',
  'reports',
  'baseline',
] as const;
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** The report in a format; the renderer is loaded when it is first asked for. */
export async function render(format: Format, report: Report, context: RenderContext): Promise<string> {
  switch (format) {
    case 'text':
      return context.face === 'audit'
        ? (await import('./audit.ts')).renderAuditText(report, context.paint)
        : (await import('./text.ts')).renderText(report, context.paint);
    case 'json':
      return context.face === 'audit'
        ? (await import('./audit.ts')).renderAuditJson(report)
        : (await import('./json.ts')).renderJson(report);
    case 'html':
      return (await import('./page/page.ts')).renderPage(report, context, await context.picture?.());
    case 'sarif':
      return (await import('./sarif.ts')).renderSarif(report, context);
    case 'junit':
      return (await import('./junit.ts')).renderJunit(report);
    case 'github':
      return (await import('./github.ts')).renderGithub(report, context);
    case 'gitlab':
      return (await import('./gitlab.ts')).renderGitlab(report, context);
    case 'policyreport':
    case 'openreports':
    case 'reports':
      return (await import('./policyReport.ts')).renderPolicyReport(
        format === 'reports' ? (context.reportApi ?? 'openreports') : format,
        report,
        context,
      );
    case 'baseline':
      return (await import('./baseline.ts')).renderBaseline(report);
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(report, context);
  }
}

import { objectText, renderedNote, shownPlace, type FilePlace } from './finding.ts';
import type { RenderContext } from './context.ts';
import { visible } from './visible.ts';
import { summaryLine, type Report } from './report.ts';
import { mostSevereFirst } from './severity.ts';

/** How many annotations of one level GitHub shows for a step. */
const SHOWN = 10;
const LEVELS = { error: 'error', deny: 'error', warn: 'warning', audit: 'notice' } as const;

interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly place: FilePlace | undefined;
}

/** Annotations of GitHub Actions (workflow commands), most severe first; where there are more than are shown, the last one says how many. */
export function renderGithub(report: Report, context: RenderContext): string {
  const annotations: readonly Annotation[] = [
    ...report.problems.map((message): Annotation => ({ level: 'error', title: 'input', message, place: undefined })),
    ...report.errors.map(({ policy, document, reason, object, place }): Annotation => {
      return {
        level: 'error',
        title: policy,
        message: `${document} could not judge ${objectText(object)}: ${reason}`,
        place,
      };
    }),
    ...mostSevereFirst(report.findings).map((finding): Annotation => {
      const { effect, rule, object, message, fix, certain, place } = finding;
      const notes = [certain ? '' : 'unverified', finding.change === 'new' ? 'new' : ''];
      const parts = [objectText(object), ...notes, message].filter((part) => part !== '');
      const text = parts.join(': ') + renderedNote(place) + (fix === undefined ? '' : `\nFix: ${fix.description}`);
      return { level: LEVELS[effect], title: rule, message: text, place };
    }),
  ];
  const lines = (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const own = annotations.filter((annotation) => annotation.level === level);
    if (own.length <= SHOWN) return own.map((annotation) => command(annotation, context));
    const shown = own.slice(0, SHOWN - 1).map((annotation) => command(annotation, context));
    return [...shown, `::${level}::${own.length - shown.length} more; the whole report has them`];
  });
  return `${[...lines, escapeData(summaryLine(report))].join('\n')}\n`;
}

function command({ level, title, message, place }: Annotation, { fromRoot }: RenderContext): string {
  const where = place === undefined ? [] : propertiesOf(shownPlace(place), fromRoot);
  return `::${level} ${[...where, `title=${escapeProperty(title)}`].join(',')}::${escapeData(message)}`;
}

function propertiesOf(
  { file, line, column }: ReturnType<typeof shownPlace>,
  fromRoot: RenderContext['fromRoot'],
): readonly string[] {
  return [`file=${escapeProperty(fromRoot(file))}`, `line=${line}`, `col=${column}`];
}

function escapeData(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => visible(line).replaceAll('%', '%25'));
  return lines.join('%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

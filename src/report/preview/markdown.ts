import { helpUri, type RenderContext } from '../context.ts';
import { objectText } from '../finding.ts';
import { escapeMarkdown, fitting, row, MAX_CHARACTERS } from '../markdown.ts';
import { CHANGES, previewSummary, type ChangedObject, type Preview } from './preview.ts';
import { HEADLINES, notPreviewedLines } from './text.ts';

/** What each table of sums may take, so that there is room for objects whatever their number of namespaces and documents. */
const MAX_SUMS = MAX_CHARACTERS / 5;

/**
 * A comment for a pull request on policy documents: the sum, what changes by rule and by namespace, and each object that changes, those that
 * would be denied first, cut where a comment ends.
 */
export function renderPreviewMarkdown(preview: Preview, context: Pick<RenderContext, 'fromRoot'>): string {
  const { against, rules, namespaces, objects, counts } = preview;
  const unseen = notPreviewedLines(preview).map((line) => `- ${escapeMarkdown(line)}\n`);
  const columns = CHANGES.filter((change) => counts[change] > 0);
  const words = columns.map((change) => change.replaceAll('-', ' '));
  const head = [
    `### Gateward preview: ${previewSummary(preview)}`,
    `Compared with ${escapeMarkdown(against.name)}.`,
    ...(objects.length === 0
      ? []
      : [
          table(
            ['change', 'rule', 'document', 'objects', 'for example'],
            rules.map(({ change, rule, document, objects: changed }) => [
              change.replaceAll('-', ' '),
              `[${rule}](${helpUri(rule)})`,
              escapeMarkdown(document),
              String(changed.length),
              escapeMarkdown(objectText(changed[0]?.object)),
            ]),
          ),
          table(
            ['namespace', ...words],
            namespaces.map(({ namespace, counts: own }) => [
              namespace === '' ? '(cluster-scoped)' : escapeMarkdown(namespace),
              ...columns.map((change) => String(own[change])),
            ]),
          ),
        ]),
    ...(unseen.length === 0 ? [] : [`Not previewed:\n${fitting(unseen, MAX_SUMS).trimEnd()}`]),
  ].join('\n\n');
  return `${head}\n${objectTables(objects, context, MAX_CHARACTERS - head.length)}`;
}

function objectTables(
  objects: readonly ChangedObject[],
  { fromRoot }: Pick<RenderContext, 'fromRoot'>,
  room: number,
): string {
  let text = '';
  let left = 0;
  for (const change of CHANGES) {
    const own = objects.filter((object) => object.change === change);
    if (own.length === 0) continue;
    text += `\n<details${change === 'newly-denied' ? ' open' : ''}><summary>${HEADLINES[change]}: ${own.length}</summary>\n\n`;
    text += head(['object', 'where', '', 'rule', 'what']);
    for (const { object, rules } of own) {
      const rows = rules.map(({ rule, before, after, message, place }) =>
        row([
          escapeMarkdown(objectText(object)),
          place === undefined ? '' : `${escapeMarkdown(fromRoot(place.file))}:${place.line}`,
          `${before} → ${after === 'deny' ? '**deny**' : after}`,
          `[${rule}](${helpUri(rule)})`,
          escapeMarkdown(message),
        ]),
      );
      if (text.length + rows.join('').length > room) left += 1;
      else text += rows.join('');
    }
    text += '\n</details>\n';
  }
  return left === 0 ? text : `${text}\n${left} more objects are left out.\n`;
}

function table(cells: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${head(cells)}${fitting(rows.map(row), MAX_SUMS)}`.trimEnd();
}

function head(cells: readonly string[]): string {
  return `${row(cells)}${row(cells.map(() => '---'))}`;
}

import { countTable } from '../countTable.ts';
import { objectText } from '../finding.ts';
import type { Paint } from '../paint.ts';
import { visible } from '../visible.ts';
import {
  CHANGES,
  previewSummary,
  type Change,
  type ChangedObject,
  type NotPreviewable,
  type Preview,
  type RuleGroup,
} from './preview.ts';

/** Objects that are shown of each group; JSON has them all. */
const EXAMPLES = 3;

/** The headline of each change. */
export const HEADLINES: Readonly<Record<Change, string>> = {
  'newly-denied': 'Would be denied, and are not now',
  'no-longer-denied': 'Would not be denied any more',
  'newly-warned': 'Would be warned of, and are not now',
  'newly-audited': 'Would be audited, and are not now',
  'no-longer-warned': 'Would not be warned of any more',
  'no-longer-audited': 'Would not be audited any more',
  other: 'Would come to the same, for other reasons',
};

/** The preview for people: each change by rule and document with examples, then by namespace, then what cannot be previewed; the sum last. */
export function renderPreviewText(preview: Preview, paint: Paint): string {
  const sections = CHANGES.filter((change) => preview.counts[change] > 0).map((change) => {
    const groups = preview.rules.filter((group) => group.change === change);
    const head = `${HEADLINES[change]}: ${objects(preview.counts[change])}`;
    return [paint('strong', head), ...groups.map((group) => groupText(group, paint))].join('\n');
  });
  const unseen = notPreviewedLines(preview);
  const parts = [
    paint('faint', `Compared with ${preview.against.name}.`),
    ...sections,
    ...(preview.objects.length === 0 ? [] : [namespaceTable(preview, paint)]),
    ...(unseen.length === 0 ? [] : [['Not previewed:', ...unseen.map((line) => `  ${line}`)].join('\n')]),
    previewSummary(preview),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What cannot be previewed, a line for each reason. */
export function notPreviewedLines({ notPreviewable }: Preview): readonly string[] {
  const name = ({ rule, document }: NotPreviewable): string => (rule === '*' ? document : `${rule} (${document})`);
  return [...Map.groupBy(notPreviewable, ({ why }) => why)].map(
    ([why, entries]) => `${why}: ${entries.map(name).join(', ')}`,
  );
}

function groupText({ rule, document, objects: changed }: RuleGroup, paint: Paint): string {
  const lines = changed.slice(0, EXAMPLES).flatMap((object) => objectLines(object, rule, document, paint));
  const more = changed.length - EXAMPLES;
  return [
    `  ${rule} (${document}): ${objects(changed.length)}`,
    ...lines,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ].join('\n');
}

function objectLines(
  { object, rules }: ChangedObject,
  rule: string,
  document: string,
  paint: Paint,
): readonly string[] {
  const own = rules.find((one) => one.rule === rule && one.document === document);
  if (own === undefined) return [];
  const { before, after, path, message, place } = own;
  const where = place === undefined ? '' : paint('faint', `  ${visible(place.file)}:${place.line}:${place.column}`);
  const what = `${visible(objectText(object))} ${visible(path)}`.trimEnd();
  const verdict = (word: typeof before): string => (word === 'allow' ? word : paint(word, word));
  return [`    ${verdict(before)} → ${verdict(after)}  ${what}${where}`, `      ${visible(message)}`];
}

function namespaceTable({ namespaces, counts }: Preview, paint: Paint): string {
  const columns = CHANGES.filter((change) => counts[change] > 0);
  return countTable(
    'by namespace',
    columns.map((change) => change.replaceAll('-', ' ')),
    namespaces.map(({ namespace, counts: own }) => [namespace, columns.map((change) => own[change])]),
    paint,
  );
}

function objects(count: number): string {
  return `${count} ${count === 1 ? 'object' : 'objects'}`;
}

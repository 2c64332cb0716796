import { Document, isCollection, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { FieldPath } from '#gateway';
import type { Suggestion } from '#policy';
import { POLICY_API_VERSION } from './document.ts';

/** Columns of a comment, and of a list in one line. */
const WIDE = 110;

/** A suggestion as a policy document with comments, on action Warn; what the loader reads as it is. */
export function suggestionText(kind: string, { name, comment, spec, notes = [] }: Suggestion): string {
  const document = new Document({
    apiVersion: POLICY_API_VERSION,
    kind,
    metadata: { name },
    spec: { action: 'Warn', ...spec },
  });
  for (const { path, text } of notes) addComment(document, ['spec', ...path], text);
  inOneLine(document.contents);
  const body = document.toString({
    lineWidth: 0,
    singleQuote: true,
    flowCollectionPadding: false,
    commentString: asComment,
  });
  return `${comment.map(asComment).join('\n')}\n${body}`;
}

/** Text as comment lines; whatever ends a line in foreign text ends the comment line too. */
export function asComment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/[\p{Cc}\u2028\u2029 ]+/u).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDE) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}

function addComment(document: Document, path: FieldPath, text: string): void {
  const key = path.at(-1);
  const parent = document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
    if (isScalar(pair?.key)) pair.key.commentBefore = text;
  } else if (isSeq(parent) && typeof key === 'number') {
    const item = parent.items[key];
    if (isCollection(item) || isScalar(item)) item.commentBefore = text;
  }
}

/** Short lists of words read better in one line. */
function inOneLine(node: Node | null): void {
  if (!isCollection(node)) return;
  const values = node.items.map((item) => (isPair(item) ? item.value : item));
  if (isSeq(node) && values.every(isScalar) && JSON.stringify(node.toJSON()).length < WIDE) node.flow = true;
  for (const value of values) if (isCollection(value)) inOneLine(value);
}

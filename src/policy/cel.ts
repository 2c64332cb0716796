import { KINDS, KIND_NAMES, type LabelSelector } from '#gateway';
import { selectorOf, type NamespaceSet } from './match.ts';

/** A text as a CEL literal. */
export function celText(text: string): string {
  const escaped = JSON.stringify(text.toWellFormed()).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped}'`;
}

/** Texts as a CEL list. */
export function celTexts(texts: readonly string[]): string {
  return `[${texts.map(celText).join(', ')}]`;
}

/** Texts by texts, as a CEL map. */
export function celMap(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, value]) => `${celText(key)}: ${celText(value)}`).join(', ')}}`;
}

/** That all hold; true of none. */
export function celAll(conditions: readonly string[]): string {
  return joined(conditions, '&&', 'true');
}

/** That one of them holds; false of none. */
export function celAny(conditions: readonly string[]): string {
  return joined(conditions, '||', 'false');
}

function joined(conditions: readonly string[], operator: string, ofNone: string): string {
  const [only = ofNone, ...others] = conditions;
  return others.length === 0 ? only : `(${conditions.join(` ${operator} `)})`;
}

/** A `group/kind` as messages write it; see `formatKind`. */
export function celKind(groupKind: string): string {
  const known = celTexts([...new Set(['', ...KIND_NAMES.map((name) => KINDS[name].group)])]);
  return `[${groupKind}.split('/')].map(parts, parts[0] in ${known} ? parts[1] : parts[1] + '.' + parts[0])[0]`;
}

/** The labels of an object, or of `namespaceObject`; none when it has none. */
export function celLabels(object: string): string {
  return `${object}.metadata.?labels.orValue({})`;
}

/** Whether labels, given as an expression, match a selector, as `matchesSelector` has it. */
export function celSelects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: string): string {
  const isIn = (key: string, values: readonly string[]): string =>
    `(${celText(key)} in ${labels} && ${labels}[${celText(key)}] in ${celTexts(values)})`;
  return celAll([
    ...Object.entries(matchLabels).map(([key, value]) => isIn(key, [value])),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In':
          return isIn(key, values);
        case 'NotIn':
          return `!${isIn(key, values)}`;
        case 'Exists':
          return `${celText(key)} in ${labels}`;
        case 'DoesNotExist':
          return `!(${celText(key)} in ${labels})`;
        default:
          return 'false';
      }
    }),
  ]);
}

/** Whether the namespace of the request is in a set, as `namespaceIn` has it. For namespaced kinds only: the others have no such object. */
export function celNamespaceIn({ namespaces, namespaceSelector }: NamespaceSet): string {
  if (namespaces !== undefined) return `request.namespace in ${celTexts(namespaces)}`;
  if (namespaceSelector === undefined) return 'true';
  return celSelects(selectorOf(namespaceSelector), celLabels('namespaceObject'));
}

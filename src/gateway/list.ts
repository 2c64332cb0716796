import type { FieldPath } from './fieldPath.ts';

/**
 * The objects of a document: those of a `List` kind (`v1 List`, `HTTPRouteList`), or the document itself, each with its path in the
 * document. Items of a typed list carry no kind of their own when they come from the API server: they take it from the list.
 */
export function* objectsOf(
  document: unknown,
  path: FieldPath = [],
): Generator<{ readonly value: unknown; readonly path: FieldPath }> {
  const list = asList(document);
  if (list === undefined) {
    yield { value: document, path };
    return;
  }
  for (const [index, item] of list.items.entries()) yield* objectsOf(typed(item, list), [...path, 'items', index]);
}

interface List {
  readonly apiVersion: unknown;
  readonly kind: string;
  readonly items: readonly unknown[];
}

function asList(document: unknown): List | undefined {
  if (typeof document !== 'object' || document === null || !('kind' in document) || !('items' in document))
    return undefined;
  const { kind } = document;
  // As kubectl reads it (`decodeList`): null is a list of nothing, anything else that is no list is refused.
  const items = document.items ?? [];
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return undefined;
  return { apiVersion: 'apiVersion' in document ? document.apiVersion : undefined, kind, items };
}

function typed(item: unknown, list: List): unknown {
  if (list.kind === 'List' || typeof item !== 'object' || item === null || 'kind' in item) return item;
  return { apiVersion: list.apiVersion, kind: list.kind.slice(0, -'List'.length), ...item };
}

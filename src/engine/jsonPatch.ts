import jsonpatch from 'jsonpatch';
import type { FieldPath } from '#gateway';
import type { Edit } from '#policy';

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** A JSON Pointer (RFC 6901): `~` is escaped before `/`. */
export function toPointer(path: FieldPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Edits as a JSON Patch. Throws on a segment that the library would read as the object's prototype. */
export function toPatch(edits: readonly Edit[]): readonly PatchOperation[] {
  return edits.map((edit) => {
    if (edit.path.includes('__proto__')) throw new Error('a patch may not name __proto__');
    const path = toPointer(edit.path);
    return edit.op === 'remove' ? { op: edit.op, path } : { op: edit.op, path, value: edit.value };
  });
}

/** The document with a patch applied; the document itself is left as it is. Throws when the patch does not apply. */
export function applyPatch(document: unknown, patch: readonly PatchOperation[]): unknown {
  return jsonpatch.apply_patch<unknown>(document, [...patch]);
}

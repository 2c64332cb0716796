import { z } from 'zod';
import { isRecord } from '../support/world.ts';

const OPERATIONS = z.array(
  z.discriminatedUnion('op', [
    z.strictObject({ op: z.literal('add'), path: z.string(), value: z.unknown() }),
    z.strictObject({ op: z.literal('replace'), path: z.string(), value: z.unknown() }),
    z.strictObject({ op: z.literal('remove'), path: z.string() }),
  ]),
);

/** The segments of a JSON Pointer. Throws when it is none (RFC 6901). */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw new Error(`${pointer} is no JSON Pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The document with a JSON Patch applied, to the letter of RFC 6902 and without any code of ours. Throws when it does not apply. */
export function patched(document: unknown, patch: unknown): unknown {
  const root: Record<string, unknown> = { document: structuredClone(document) };
  for (const operation of OPERATIONS.parse(patch)) {
    const path = ['document', ...parsePointer(operation.path)];
    const last = path.at(-1) ?? '';
    let parent: unknown = root;
    for (const part of path.slice(0, -1)) parent = own(parent, part);
    if (operation.op !== 'add') own(parent, last);
    if (Array.isArray(parent)) {
      const at = last === '-' ? parent.length : indexIn(last);
      if (at > parent.length) throw new Error(`${operation.path} is beyond the end`);
      if (operation.op === 'add') parent.splice(at, 0, operation.value);
      else if (operation.op === 'replace') parent.splice(at, 1, operation.value);
      else parent.splice(at, 1);
    } else if (!isRecord(parent)) throw new Error(`${operation.path} leads into a value`);
    else if (operation.op === 'remove') Reflect.deleteProperty(parent, last);
    else {
      Object.defineProperty(parent, last, {
        value: operation.value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
  return root['document'];
}

function own(parent: unknown, part: string): unknown {
  if (Array.isArray(parent) && indexIn(part) < parent.length) return parent[indexIn(part)];
  if (isRecord(parent) && Object.hasOwn(parent, part)) return parent[part];
  throw new Error(`there is no ${part}`);
}

function indexIn(part: string): number {
  if (!/^(?:0|[1-9]\d*)$/.test(part)) throw new Error(`${part} is no index`);
  return Number(part);
}

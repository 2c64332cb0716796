import { hash } from 'node:crypto';
import { valueAt, type FieldPath } from '#gateway';

/** What a finding is recognised by. */
export interface Fingerprinted {
  readonly rule: string;
  /** The policy document's name. */
  readonly document: string;
  readonly object:
    | { readonly apiVersion: string; readonly kind: string; readonly namespace: string; readonly name: string }
    | undefined;
  readonly path: FieldPath;
  /** The object that the path leads into. */
  readonly value: unknown;
}

/** The fields by which people know the entry of a list. */
const ENTRY_KEYS = ['name', 'hostname', 'port', 'type', 'kind'];

/**
 * SHA-256, in hexadecimal, of what makes a finding the same one tomorrow: rule, policy document, group, kind, namespace and name of the
 * object, and the field, in which a list index gives way to the entry's own key (a hostname, a listener's name, a port). Lines and messages
 * do not count, so that neither an edit above nor a better wording makes a known finding new.
 */
export function fingerprintOf({ rule, document, object, path, value }: Fingerprinted): string {
  const group =
    object?.apiVersion.includes('/') === true ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : '';
  const steps: string[] = [];
  for (const [at, part] of path.entries()) {
    steps.push(typeof part === 'number' ? entryKey(valueAt(value, path.slice(0, at)), part) : `.${part}`);
  }
  const parts = [rule, document, group, object?.kind ?? '', object?.namespace ?? '', object?.name ?? '', ...steps];
  return hash('sha256', JSON.stringify(parts));
}

/** The own key of an entry; with all its plain fields where another entry of the list has the same key, as two backendRefs to one name. */
function entryKey(list: unknown, index: number): string {
  const entry = valueAt(list, [index]);
  const key = shortKey(entry) ?? `[${index}]`;
  const isShared = Array.isArray(list) && list.some((other, at) => at !== index && shortKey(other) === key);
  return isShared ? `${key}${plainFields(entry)}` : key;
}

function shortKey(entry: unknown): string | undefined {
  if (isPlain(entry)) return `[=${entry}]`;
  for (const key of ENTRY_KEYS) {
    const own = valueAt(entry, [key]);
    if (!isPlain(own)) continue;
    // What has no name is known by its namespace too: whom a ReferenceGrant is from.
    const namespace = key === 'kind' ? valueAt(entry, ['namespace']) : undefined;
    return `[${key}=${own}${isPlain(namespace) ? `,namespace=${namespace}` : ''}]`;
  }
  return undefined;
}

function plainFields(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return '';
  return JSON.stringify(
    Object.entries(entry)
      .filter(([, own]) => isPlain(own))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

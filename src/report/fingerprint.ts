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
    steps.push(typeof part === 'number' ? entryKey(valueAt(value, path.slice(0, at + 1)), part) : `.${part}`);
  }
  const parts = [rule, document, group, object?.kind ?? '', object?.namespace ?? '', object?.name ?? '', ...steps];
  return hash('sha256', JSON.stringify(parts));
}

function entryKey(entry: unknown, index: number): string {
  if (typeof entry === 'string' || typeof entry === 'number') return `[=${entry}]`;
  for (const key of ENTRY_KEYS) {
    const own = valueAt(entry, [key]);
    if (typeof own === 'string' || typeof own === 'number') return `[${key}=${own}]`;
  }
  return `[${index}]`;
}

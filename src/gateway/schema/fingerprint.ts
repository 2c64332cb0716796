import { createHash } from 'node:crypto';

/** A version of a CRD, as far as its schema and its service go. */
export interface FingerprintedVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: unknown } | undefined;
}

/**
 * A short hash of what a CRD's versions mean: names, served, stored, schemas. Descriptions do not count, nor does the order of keys and
 * versions, so that a CRD read back from an API server has the fingerprint of the file it was applied from.
 */
export function fingerprintOf(versions: readonly FingerprintedVersion[]): string {
  const hash = createHash('sha256');
  const sorted = [...versions].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, served, storage, schema } of sorted) {
    hash.update(JSON.stringify([name, served, storage]));
    hash.update(canonical(schema?.openAPIV3Schema ?? null, false));
  }
  return hash.digest('hex').slice(0, 16);
}

/** JSON with sorted keys and without descriptions; a property may be named `description`, a keyword is left out. */
function canonical(value: unknown, isNames: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, false)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts: string[] = [];
  for (const [key, child] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === 'description' && !isNames) continue;
    parts.push(`${JSON.stringify(key)}:${canonical(child, key === 'properties' && !isNames)}`);
  }
  return `{${parts.join(',')}}`;
}

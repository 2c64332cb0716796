import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../shared');

/** Whether the reference material beside the project (CRDs, conformance results) is there; tests that need it are skipped without. */
export const hasShared = existsSync(root);

/** A file or folder of the reference material. */
export function sharedPath(...parts: readonly string[]): string {
  return join(root, ...parts);
}

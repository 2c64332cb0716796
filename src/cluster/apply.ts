import type { ApiConnection } from './liveConnection.ts';
import { ApiError, NOT_FOUND, readJson } from './liveList.ts';

/** Who owns the fields that Gateward writes. */
const FIELD_MANAGER = 'gateward';

/**
 * Server-side apply of an object, or of its status, at a path: Gateward's fields become as they stand here, others' stay. Throws
 * {@link ApiError}, and whatever the connection throws. Gives the object as it stands there then.
 */
export async function applyObject(
  connection: ApiConnection,
  path: string,
  object: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<unknown> {
  const asked = `${path}?fieldManager=${FIELD_MANAGER}&force=true`;
  const write = { method: 'PATCH', path: asked, body: object, contentType: 'application/apply-patch+yaml' } as const;
  return readJson(await connection.send(write, signal), path);
}

/** Which object is meant: not another of its name, and not a later state of it. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Deletes an object if it is still the one that is meant; one that is gone already is no failure. Throws as {@link applyObject} does. */
export async function deleteObject(
  connection: ApiConnection,
  path: string,
  preconditions: Preconditions,
  signal: AbortSignal,
): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
  try {
    await readJson(await connection.send({ method: 'DELETE', path, body }, signal), path);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === NOT_FOUND)) throw error;
  }
}

import { PROOF_LABEL } from '../admission/index.ts';
import { KINDS } from '../gateway/index.ts';
import type { ApiConnection } from './liveConnection.ts';
import { isFields } from './liveList.ts';

/** The name of all that is made for a proof, and kept nowhere. */
export const PROOF_NAME = 'gateward-proof';

/** An answer of the API server: its status, and what it says when it is no success. */
export interface Said {
  readonly status: number;
  readonly message: string;
}

/** Creates, in a dry run, an object that Gateward refuses for its label: who finds the word in the denial knows who refused it. */
export function createProof(connection: ApiConnection, word: string, signal: AbortSignal): Promise<Said> {
  const { group, plural } = KINDS.HTTPRoute;
  const path = `/apis/${group}/v1/namespaces/default/${plural}?dryRun=All`;
  const route = {
    apiVersion: `${group}/v1`,
    kind: 'HTTPRoute',
    metadata: { name: PROOF_NAME, labels: { [PROOF_LABEL]: word } },
    spec: {},
  };
  return say(connection, 'POST', path, route, signal);
}

/** Sends what writes, and gives what the API server says to it. Rejects when nothing answers. */
export async function say(
  connection: ApiConnection,
  method: 'POST' | 'DELETE',
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Said> {
  const response = await connection.send({ method, path, body }, signal);
  const text = await response.body.text();
  if (response.status < 300) return { status: response.status, message: '' };
  return { status: response.status, message: messageOf(text) ?? `status ${response.status}` };
}

/** What a `Status` of the API server says; undefined for any other text. */
export function messageOf(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFields(value) && value['kind'] === 'Status' && typeof value['message'] === 'string'
    ? value['message']
    : undefined;
}

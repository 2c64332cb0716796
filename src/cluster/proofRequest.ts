import { PROOF_LABEL, proofMessage } from '../admission/index.ts';
import { KINDS, apiVersionOf, isObject } from '#gateway';
import type { ApiConnection } from './liveConnection.ts';
import { NOT_FOUND, resourcePath } from './liveList.ts';

/** The name of all that is made for a proof, and kept nowhere. */
export const PROOF_NAME = 'gateward-proof';

/** An answer of the API server: its status, and what it says when it is no success. */
export interface Said {
  readonly status: number;
  readonly message: string;
}

/**
 * What an API server made of an object that Gateward refuses: Gateward was asked and refused it; it would be stored; it is refused since
 * Gateward gave no answer; who asks may not; HTTPRoute of v1 or the namespace is not there; something else refuses it, before or instead.
 */
export type ProofOutcome = 'denied' | 'admitted' | 'failed' | 'forbidden' | 'absent' | 'refused';

/** An outcome, and what the API server says of it; nothing when it would store the object. */
export interface Proof {
  readonly outcome: ProofOutcome;
  readonly message: string;
}

/** A quota is asked last, when every webhook has let the object pass (kube-apiserver, AllOrderedPlugins). */
const OVER_QUOTA = /^\S+ "[^"]*" is forbidden: (?:exceeded quota|status unknown for quota): /;

/**
 * Creates, in a dry run, an object that Gateward refuses for its label: who finds the word in the denial knows who refused it. Rejects when
 * nothing answers.
 */
export async function createProof(
  connection: ApiConnection,
  { namespace = 'default', word }: { readonly namespace?: string; readonly word: string },
  signal: AbortSignal,
): Promise<Proof> {
  const { group } = KINDS.HTTPRoute;
  const path = `${resourcePath('HTTPRoute', 'v1', namespace)}?dryRun=All`;
  const route = {
    apiVersion: apiVersionOf(group, 'v1'),
    kind: 'HTTPRoute',
    // A name that nobody has taken.
    metadata: { name: `${PROOF_NAME}-${word}`, labels: { [PROOF_LABEL]: word } },
    spec: {},
  };
  const said = await say(connection, 'POST', path, route, signal);
  const outcome = outcomeOf(said, word);
  return { outcome, message: outcome === 'admitted' ? '' : said.message };
}

function outcomeOf({ status, message }: Said, word: string): ProofOutcome {
  if (message.includes(proofMessage(word))) return 'denied';
  if (status < 300 || OVER_QUOTA.test(message)) return 'admitted';
  if (status === NOT_FOUND) return 'absent';
  if (status === 401 || (status === 403 && message.includes('cannot create resource'))) return 'forbidden';
  return message.includes('.gateward.dev"') ? 'failed' : 'refused';
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
  return isObject(value) && value['kind'] === 'Status' && typeof value['message'] === 'string'
    ? value['message']
    : undefined;
}

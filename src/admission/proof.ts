import type { ReviewAnswer } from './answer.ts';

/** The label of an object that is refused for nothing but having it, in a dry run: who sends one learns that it was Gateward who answered. */
export const PROOF_LABEL = 'gateward.dev/proof';

const UID = /^[\w-]{1,128}$/;
const WORD = /^[a-z0-9]{1,63}$/;

/** What the denial of an object with {@link PROOF_LABEL} says. */
export function proofMessage(word: string): string {
  return `gateward answers: ${word}`;
}

/**
 * The denial of an object that is made to be denied; undefined for every other request. Only a dry run is answered so: nothing that could be
 * stored is ever refused for a label. The mutating webhook, which is asked before, leaves it as it is.
 */
export function answerProof(webhook: 'validate' | 'mutate', body: unknown): ReviewAnswer | undefined {
  const request = fieldOf(body, 'request');
  if (fieldOf(request, 'dryRun') !== true || fieldOf(body, 'apiVersion') !== 'admission.k8s.io/v1') return undefined;
  const uid = fieldOf(request, 'uid');
  if (typeof uid !== 'string' || !UID.test(uid)) return undefined;
  const labels = fieldOf(fieldOf(fieldOf(request, 'object'), 'metadata'), 'labels');
  const word = fieldOf(labels, PROOF_LABEL);
  if (fieldOf(request, 'operation') !== 'CREATE' || typeof word !== 'string' || !WORD.test(word)) return undefined;
  const denial = {
    allowed: false,
    status: {
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message: proofMessage(word),
      details: { group: '', kind: '', name: '', causes: [] },
    },
  } as const;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...(webhook === 'validate' ? denial : { allowed: true }) },
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

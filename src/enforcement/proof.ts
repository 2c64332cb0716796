import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { PROOF_LABEL } from '../admission/index.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { PROOF_NAME, createProof, say } from '../cluster/proofRequest.ts';
import { KINDS } from '#gateway';

/** The webhook of Gateward that denies, as far as it must be known. */
export const webhookDoor = z.looseObject({
  name: z.string(),
  clientConfig: z.unknown(),
  namespaceSelector: z.unknown(),
});

const STORE = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const HTTP_ROUTE = KINDS.HTTPRoute;

/** How long an API server may take to see a new configuration, and the pause between two looks; both in milliseconds. */
export interface ProofPace {
  readonly patience: number;
  readonly pause: number;
}

/**
 * Undefined when the API server reaches a webhook and takes its denial for an answer, else why not, in one line.
 *
 * A copy of the webhook, with failure policy Fail and for objects with one label only, is put beside it, and an object with this label
 * created in a dry run: Gateward denies it, and a call that fails is told with its reason, which an API server keeps to itself under Ignore.
 */
export async function proveAnswer(
  connection: ApiConnection,
  webhook: z.infer<typeof webhookDoor>,
  { patience, pause: between }: ProofPace,
  signal: AbortSignal,
): Promise<string | undefined> {
  const word = randomBytes(8).toString('hex');
  const selector = { matchLabels: { [PROOF_LABEL]: word } };
  await remove(connection, signal);
  const made = await say(connection, 'POST', STORE, configuration(webhook, selector), signal);
  if (made.status >= 300) return `a configuration for the proof cannot be made: ${made.message}`;
  try {
    for (const end = performance.now() + patience; ;) {
      const { outcome, message } = await createProof(connection, { word }, signal);
      if (outcome === 'denied') return undefined;
      if (outcome === 'absent') return 'the cluster serves no HTTPRoute of v1: install Gateway API first';
      if (outcome !== 'admitted') return message;
      if (performance.now() > end) return 'the API server stores an object that is made to be denied, without a call';
      await pause(between, undefined, { signal });
    }
  } finally {
    await remove(connection, AbortSignal.timeout(10_000));
  }
}

function configuration(
  { clientConfig, namespaceSelector }: z.infer<typeof webhookDoor>,
  objectSelector: unknown,
): unknown {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: PROOF_NAME, labels: { 'app.kubernetes.io/part-of': 'gateward' } },
    webhooks: [
      {
        name: 'proof.gateward.dev',
        clientConfig,
        ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
        objectSelector,
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
        matchPolicy: 'Equivalent',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        rules: [
          {
            apiGroups: [HTTP_ROUTE.group],
            apiVersions: HTTP_ROUTE.versions,
            operations: ['CREATE'],
            resources: [HTTP_ROUTE.plural],
            scope: HTTP_ROUTE.scope,
          },
        ],
      },
    ],
  };
}

async function remove(connection: ApiConnection, signal: AbortSignal): Promise<void> {
  await say(connection, 'DELETE', `${STORE}/${PROOF_NAME}`, {}, signal);
}

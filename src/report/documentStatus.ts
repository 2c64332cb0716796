import { valueAt } from '#gateway';
import { EXEMPTION_KIND, type ClusterDocument, type ConfigProblem, type RefusedDocument } from '../config/index.ts';

/** What a document has come to in a cluster. */
export interface DocumentTally {
  /** Objects that it has a word about. */
  readonly judged: number;
  readonly findings: number;
}

/** The longest message that the CRDs take. */
const MESSAGE_LIMIT = 32_768;

/**
 * The `status` of a policy document: whether it is in force as it stands, and what it has come to. `waiting` is why documents that have changed
 * are not in force yet; one that was in force as it stands still is. An exemption ends by itself. Without a tally the numbers stay as they are.
 * `now` in milliseconds since the epoch.
 */
export function documentStatus(
  { kind, value, generation }: ClusterDocument,
  refused: RefusedDocument | undefined,
  waiting: readonly string[],
  tally: DocumentTally | undefined,
  now: number,
): Readonly<Record<string, unknown>> {
  const old = valueAt(value, ['status', 'conditions', 0]);
  const wasInForce = valueAt(old, ['status']) === 'True' && valueAt(old, ['observedGeneration']) === generation;
  const expires = kind === EXEMPTION_KIND ? valueAt(value, ['spec', 'expires']) : undefined;
  const [reason, message] =
    refused !== undefined
      ? ['Refused', refusal(refused).slice(0, MESSAGE_LIMIT)]
      : waiting.length > 0 && !wasInForce
        ? ['Waiting', `not in force yet: ${waiting.join('; ')}`.slice(0, MESSAGE_LIMIT)]
        : typeof expires === 'string' && Date.parse(expires) <= now
          ? ['Expired', `ended ${expires} and is not honoured`]
          : ['InForce', 'in force as it stands'];
  const status = reason === 'InForce' ? 'True' : 'False';
  const since = valueAt(old, ['status']) === status ? valueAt(old, ['lastTransitionTime']) : undefined;
  const was = (field: string): unknown => valueAt(value, ['status', field]);
  const { judged = was('judged'), findings = was('findings') } = tally ?? {};
  return {
    observedGeneration: generation,
    ...(judged === undefined ? {} : { judged }),
    ...(findings === undefined ? {} : { findings }),
    conditions: [
      {
        type: 'Ready',
        status,
        reason,
        message,
        observedGeneration: generation,
        lastTransitionTime: since ?? `${new Date(now).toISOString().slice(0, 19)}Z`,
      },
    ],
  };
}

function refusal({ problems, kept }: RefusedDocument): string {
  const outcome =
    kept === undefined
      ? 'nothing of this document is in force'
      : `generation ${kept.generation}, the last one in order, stays in force`;
  return `${problems.map(problemText).join('\n')}\n${outcome}`;
}

function problemText({ path, message }: ConfigProblem): string {
  return path === '' ? message : `${path}: ${message}`;
}

import { applyObject } from '../cluster/apply.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { documentPath, type FollowedPolicies } from '../cluster/livePolicies.ts';
import { POLICY_API_VERSION, type ClusterDocument, type RefusedDocument } from '../config/index.ts';
import { valueAt } from '#gateway';
import { documentStatus, type DocumentTally } from '../report/documentStatus.ts';

/** What the statuses of policy documents are made of. */
export interface StatusParts {
  readonly connection: ApiConnection;
  readonly followed: FollowedPolicies;
  readonly refused: () => readonly RefusedDocument[];
  /** Why documents that have changed are not in force yet; empty when they are. */
  readonly waiting: () => readonly string[];
  /** What a document has come to; undefined while nobody has looked at the whole cluster. */
  readonly tallyOf: (kind: string, name: string) => DocumentTally | undefined;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Numbers change with every object; they are written at most so often for a document, in milliseconds. */
const COUNT_EVERY = 10_000;
/** How long a write may take, in milliseconds. */
const TIMEOUT = 5000;

/** Writes into the status of each policy document whether it is in force, and how many objects it has judged. */
export class DocumentStatuses {
  readonly #parts: StatusParts;
  /** By uid: what was written last, and when on the clock of `performance.now()`. */
  readonly #written = new Map<string, { readonly text: string; readonly at: number }>();

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  /** Brings up to date what has changed. Throws what the API server says to a write that it refuses. */
  async check(): Promise<void> {
    const { connection, followed, refused, waiting, tallyOf, mayWrite, now } = this.#parts;
    const broken = new Map(refused().map((entry) => [entry.document.uid, entry]));
    for (const document of followed.documents()) {
      const { kind, name, uid } = document;
      const status = documentStatus(document, broken.get(uid), waiting(), tallyOf(kind, name), now());
      const text = JSON.stringify(status);
      const last = this.#written.get(uid);
      const isRecent = last !== undefined && performance.now() - last.at < COUNT_EVERY;
      if (isStanding(document, status) || (isRecent && (last.text === text || isSameWord(document, status)))) continue;
      if (!mayWrite()) return;
      this.#written.set(uid, { text, at: performance.now() });
      const object = { apiVersion: POLICY_API_VERSION, kind, metadata: { name, uid }, status };
      const path = `${documentPath(kind)}/${encodeURIComponent(name)}/status`;
      await applyObject(connection, path, object, AbortSignal.timeout(TIMEOUT));
    }
  }
}

/** Whether the status stands there already. */
function isStanding(document: ClusterDocument, status: Readonly<Record<string, unknown>>): boolean {
  const numbers = ['judged', 'findings', 'observedGeneration'];
  return (
    numbers.every((field) => valueAt(document.value, ['status', field]) === status[field]) &&
    isSameWord(document, status)
  );
}

/** Whether the condition says the same; the API server gives its fields in an order of its own. */
function isSameWord({ value }: ClusterDocument, status: Readonly<Record<string, unknown>>): boolean {
  const fields = ['status', 'message', 'observedGeneration'];
  return fields.every(
    (field) => valueAt(value, ['status', 'conditions', 0, field]) === valueAt(status, ['conditions', 0, field]),
  );
}

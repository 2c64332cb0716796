import type { Policy } from '#policy';
import { OperatorError } from '../errors.ts';
import type { ConfigDocument, ConfigProblem } from './document.ts';
import { EXEMPTION_KIND } from './exemption.ts';
import { loadPolicies, type LoadedPolicies } from './load.ts';

/** One version of a policy document that stands in a cluster. */
export interface ClusterDocument extends ConfigDocument {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Grows with every change of what the operator wrote. */
  readonly generation: number;
}

/** A document that is not in order. */
export interface RefusedDocument {
  readonly document: ClusterDocument;
  readonly problems: readonly ConfigProblem[];
  /** The version that stays in force in its place; undefined when none has been in order. */
  readonly kept: ClusterDocument | undefined;
}

/** What stands against a document that is in order by itself, given what it was bound to; nothing where it can be in force. */
export type Unfit = (document: ConfigDocument, loaded: LoadedPolicies) => readonly ConfigProblem[];

/** What is in force of the documents of a cluster. */
export interface InForce {
  /** Its problems are those of the refused documents, which are not part of the set. */
  readonly loaded: LoadedPolicies;
  readonly refused: readonly RefusedDocument[];
}

/**
 * Keeps of each document the last version that was in order. Documents of a cluster have no common moment at which all of them are meant to
 * be right, as a folder of files has: so each stands for itself. One that is not in order leaves its last good version in force, and no
 * other document waits for it.
 */
export class LastGood {
  readonly #policies: readonly Policy[];
  readonly #unfit: Unfit;
  #good: ReadonlyMap<string, ClusterDocument> = new Map();
  #refused: readonly RefusedDocument[] = [];
  #isInForce = false;

  constructor(policies: readonly Policy[], unfit: Unfit = () => []) {
    this.#policies = policies;
    this.#unfit = unfit;
  }

  /** The documents of the last look that are not in force as they stand, also when that was refused as a whole. */
  get refused(): readonly RefusedDocument[] {
    return this.#refused;
  }

  /**
   * Puts in force what is in order of these documents; `now` in milliseconds since the epoch. Throws {@link OperatorError} when there were
   * policies and now there are none: a set that has become empty would allow everything, and stays as it was.
   */
  take(documents: readonly ClusterDocument[], now: number): InForce {
    const good = new Map<string, ClusterDocument>();
    const refused: RefusedDocument[] = [];
    for (const document of documents) {
      const id = `${document.kind}/${document.name}`;
      const own = loadPolicies([document], this.#policies, now);
      const problems = [...own.problems, ...this.#unfit(document, own)];
      const kept = problems.length === 0 ? document : this.#good.get(id);
      if (kept !== undefined) good.set(id, kept);
      if (problems.length > 0) refused.push({ document, problems, kept });
    }
    const isEmpty = [...good.values()].every(({ kind }) => kind === EXEMPTION_KIND);
    this.#refused = refused;
    if (isEmpty && this.#isInForce) {
      const error = new OperatorError('policies/none', { where: 'the cluster' });
      for (const [id, document] of good) {
        const kept = this.#good.get(id);
        if (kept?.uid === document.uid && kept.generation === document.generation) continue;
        const problem = { origin: document.origin, at: undefined, path: '', message: error.message };
        refused.push({ document, problems: [problem], kept });
      }
      throw error;
    }
    this.#good = good;
    this.#isInForce = !isEmpty;
    const loaded = loadPolicies([...good.values()], this.#policies, now);
    return { loaded: { ...loaded, problems: refused.flatMap(({ problems }) => problems) }, refused };
  }
}

import type { Policy } from '#policy';
import { POLICY_API_VERSION, loadPolicies, type ClusterDocument, type LoadedPolicies } from '../config/index.ts';
import { valueAt } from '#gateway';
import { documentKinds, pluralOf } from '../report/manifestsCrds.ts';
import type { LiveKindState } from './live.ts';
import { LiveCollection, PACE, nameOf, versionNumber, type Pace } from './liveCollection.ts';
import type { ApiConnection } from './liveConnection.ts';
import { clusterError, listCollection, type Collection } from './liveList.ts';
import { inOrder } from './policyFiles.ts';

/**
 * The policy documents that are in a cluster as custom resources, bound; none where their CRDs are not installed. `now` in milliseconds since
 * the epoch. Rejects with an `OperatorError` when the API server would not give them, or they are not in order.
 */
export async function livePolicies(
  connection: ApiConnection,
  policies: readonly Policy[],
  now: number,
  signal: AbortSignal,
): Promise<LoadedPolicies> {
  return inOrder(loadPolicies(await listDocuments(connection, policies, signal), policies, now));
}

/** The same as they stand there. Rejects with an `OperatorError` when the API server would not give them. */
export async function listDocuments(
  connection: ApiConnection,
  policies: readonly Policy[],
  signal: AbortSignal,
): Promise<readonly ClusterDocument[]> {
  const documents: ClusterDocument[] = [];
  for (const collection of documentCollections(policies)) {
    const take = (value: unknown): void => {
      documents.push(clusterDocument(collection.kind, value));
    };
    try {
      await listCollection(connection, collection, take, signal);
    } catch (error) {
      throw clusterError(connection, `${pluralOf(collection.kind)}.gateward.dev`, error);
    }
  }
  return documents;
}

/** How a kind of documents stands; as of other kinds. */
export type FollowedDocuments = Omit<LiveKindState, 'kind'> & { readonly kind: string };

/** The policy documents of a cluster as list and watch show them. */
export interface FollowedPolicies {
  /** By kind and name. */
  readonly documents: () => readonly ClusterDocument[];
  /** Changes when an operator has changed a document; what stands in `status` does not count. */
  readonly revision: () => number;
  /** The kinds that have not been listed yet, each with the reason. */
  readonly waitingFor: () => readonly string[];
  /** The kinds that have been silent for too long. */
  readonly silent: () => readonly string[];
  /** How each kind stands. */
  readonly kinds: () => readonly FollowedDocuments[];
  readonly close: () => Promise<void>;
}

/** Follows the documents of all kinds; an absent CRD counts as no document, until it comes. */
export function followPolicies(
  connection: ApiConnection,
  policies: readonly Policy[],
  pace: Pace = PACE,
): FollowedPolicies {
  let revision = 0;
  const followed = documentCollections(policies).map((collection) => {
    const documents = new Map<string, ClusterDocument>();
    const put = (value: unknown): void => {
      const document = clusterDocument(collection.kind, value);
      const known = documents.get(document.name);
      documents.set(document.name, document);
      if (known?.uid !== document.uid || known.generation !== document.generation) revision += 1;
    };
    const remove = (name: string): void => {
      if (documents.delete(name)) revision += 1;
    };
    const live = new LiveCollection(
      connection,
      {
        list: async (each, signal) => {
          const resourceVersion = await listCollection(connection, collection, each, signal);
          return resourceVersion === undefined ? undefined : { version: '', resourceVersion };
        },
        path: () => collection.path,
        put,
        remove: (value) => {
          remove(nameOf(value).name);
        },
        isEmpty: () => documents.size === 0,
        settle: (seen) => {
          for (const name of [...documents.keys()]) if (!seen.has(`/${name}`)) remove(name);
          return Promise.resolve();
        },
      },
      pace,
    );
    return { kind: collection.kind, documents, live };
  });
  return {
    documents: () =>
      followed.flatMap(({ documents }) => [...documents.values()].sort((a, b) => (a.name < b.name ? -1 : 1))),
    revision: () => revision,
    waitingFor: () =>
      followed.flatMap(({ kind, live: { lists, problem } }) =>
        lists > 0 ? [] : [`${kind} documents not listed yet${problem === undefined ? '' : `: ${problem}`}`],
      ),
    silent: () =>
      followed.flatMap(({ kind, live: { lists, age } }) =>
        lists === 0 || age < pace.stale ? [] : [`${kind} documents silent for ${Math.round(age / 1000)} s`],
      ),
    kinds: () =>
      followed.map(({ kind, documents, live: { age, lists, resourceVersion, problem } }) => ({
        kind,
        objects: documents.size,
        age: age / 1000,
        relists: lists,
        version: versionNumber(resourceVersion),
        whole: lists > 0 && age < pace.stale,
        problem,
      })),
    close: async () => {
      await Promise.all(followed.map(({ live }) => live.stop()));
    },
  };
}

/** Where the documents of a kind are. */
export function documentPath(kind: string): string {
  return `/apis/${POLICY_API_VERSION}/${pluralOf(kind)}`;
}

function documentCollections(policies: readonly Policy[]): readonly Collection[] {
  return documentKinds(policies).map((kind) => ({ path: documentPath(kind), apiVersion: POLICY_API_VERSION, kind }));
}

function clusterDocument(kind: string, value: unknown): ClusterDocument {
  const { name } = nameOf(value);
  const uid = valueAt(value, ['metadata', 'uid']);
  const generation = valueAt(value, ['metadata', 'generation']);
  return {
    origin: `${kind} ${name} of the cluster`,
    value,
    locate: undefined,
    kind,
    name,
    uid: typeof uid === 'string' ? uid : '',
    generation: typeof generation === 'number' ? generation : 0,
  };
}

import type { Policy } from '#policy';
import {
  EXEMPTION_KIND,
  POLICY_API_VERSION,
  loadPolicies,
  type ConfigDocument,
  type LoadedPolicies,
} from '../config/index.ts';
import { pluralOf } from '../report/manifestsCrds.ts';
import type { ApiConnection } from './liveConnection.ts';
import { clusterError, isFields, listCollection } from './liveList.ts';
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
  const documents: ConfigDocument[] = [];
  for (const kind of [...policies.map((policy) => policy.kind), EXEMPTION_KIND]) {
    const collection = { path: `/apis/${POLICY_API_VERSION}/${pluralOf(kind)}`, apiVersion: POLICY_API_VERSION, kind };
    const take = (value: unknown): void => {
      const name = isFields(value) && isFields(value['metadata']) ? String(value['metadata']['name']) : '';
      documents.push({ origin: `${kind} ${name} of the cluster`, value, locate: undefined });
    };
    try {
      await listCollection(connection, collection, take, signal);
    } catch (error) {
      throw clusterError(connection, `${pluralOf(kind)}.gateward.dev`, error);
    }
  }
  return inOrder(loadPolicies(documents, policies, now));
}

import type { FollowedPolicies } from '../cluster/livePolicies.ts';
import { LastGood, loadPolicies, type LoadedPolicies, type RefusedDocument, type Unfit } from '../config/index.ts';
import type { Policy } from '#policy';
import type { Source } from './reloading.ts';

/** The policy documents of a cluster; each stands for itself, and keeps its last good version in force. */
export interface ClusterPolicies extends Source<LoadedPolicies> {
  /** The documents that are not in order, as of the last load. */
  readonly refused: () => readonly RefusedDocument[];
}

/** Before all kinds of documents have been listed the set is empty, which is nothing to serve by. `unfit` as of {@link LastGood}. */
export function clusterPolicies(
  followed: FollowedPolicies,
  policies: readonly Policy[],
  now: () => number,
  unfit: Unfit = () => [],
): ClusterPolicies {
  const lastGood = new LastGood(policies, unfit);
  const isListed = (): boolean => followed.waitingFor().length === 0;
  return {
    fingerprint: () => Promise.resolve(isListed() ? String(followed.revision()) : 'not listed'),
    load: () => {
      if (!isListed()) return Promise.resolve(loadPolicies([], policies, now()));
      return Promise.resolve(lastGood.take(followed.documents(), now()).loaded);
    },
    refused: () => lastGood.refused,
  };
}

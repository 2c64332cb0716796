import { keptObject } from './liveObject.ts';
import { getObject } from './liveList.ts';
import { ClaimApi } from './claimApi.ts';
import { ClaimCollector, type CollectorParts } from './claimCollector.ts';
import { ClusterClaims, type ClaimKeeper, type ReadObject } from './claimKeeper.ts';
import type { ApiConnection } from './liveConnection.ts';

/** The hostname claims of a cluster. */
export interface LiveClaims {
  readonly keeper: ClaimKeeper;
  /** How many claims there were at the last look, and how many have been taken away by this replica. */
  readonly state: () => { readonly standing: number; readonly collected: number };
  readonly close: () => Promise<void>;
}

/** Holds hostnames in a cluster, and looks after the claims by which that is done. */
export function openClaims(connection: ApiConnection, parts: Omit<CollectorParts, 'api' | 'readObject'>): LiveClaims {
  const api = new ClaimApi(connection);
  const readObject: ReadObject = async ({ kind, namespace, name }, signal) => {
    const item = await getObject(connection, kind, namespace, name, signal);
    return item === undefined ? undefined : keptObject(kind, item);
  };
  const collector = new ClaimCollector({ ...parts, api, readObject });
  return {
    keeper: new ClusterClaims(api, readObject, collector),
    state: () => ({ standing: collector.standing, collected: collector.collected }),
    close: () => collector.stop(),
  };
}

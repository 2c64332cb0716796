import { hostname } from 'node:os';
import { openLive, readsOf } from '../cluster/live.ts';
import { PACE } from '../cluster/liveCollection.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { Lease } from '../cluster/lease.ts';
import type { FollowedPolicies } from '../cluster/livePolicies.ts';
import type { PolicySet } from '../engine/index.ts';
import { LEASE_NAME } from '../report/manifestsRbac.ts';
import type { Log } from '../telemetry/index.ts';
import type { ClusterPolicies } from './clusterPolicies.ts';
import { DocumentStatuses } from './documentStatuses.ts';
import type { State } from './server.ts';

/** What a live state is told. */
export interface LiveStateOptions {
  /** Seconds after which what a silent API server does not show is no longer taken to be absent. */
  readonly staleAfter: number | undefined;
  /** Go on serving however long the API server is silent. */
  readonly serveStale: boolean;
  /** The policy documents of the cluster, when those are the ones in force. */
  readonly documents: { readonly followed: FollowedPolicies; readonly source: ClusterPolicies } | undefined;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The state of a cluster that is watched, and the duties of the replica that leads. Closes the connection in the end. */
export function liveState(connection: ApiConnection, set: PolicySet, options: LiveStateOptions): State {
  const { documents, log, now } = options;
  const stale = options.staleAfter === undefined ? PACE.stale : options.staleAfter * 1000;
  const view = openLive(connection, readsOf(set), {
    ...PACE,
    // A quiet kind gives a sign of life when its watch ends.
    watch: Math.min(PACE.watch, stale * 0.7),
    stale,
    tooStale: options.serveStale ? Infinity : Math.max(PACE.tooStale, stale),
  });
  const lease = new Lease(connection, {
    namespace: connection.namespace ?? 'default',
    name: LEASE_NAME,
    holder: `${hostname()}_${crypto.randomUUID()}`,
    now,
    told: (problem) => {
      log.warn('cannot try to lead', { problem });
    },
  });
  const statuses =
    documents === undefined
      ? undefined
      : new DocumentStatuses({
          connection,
          followed: documents.followed,
          refused: documents.source.refused,
          tallyOf: () => undefined,
          mayWrite: () => lease.isLeader,
          now,
        });
  let problem: string | undefined;
  return {
    snapshot: () => view.snapshot,
    reader: view.reader,
    waitingFor: () => [...(documents?.followed.waitingFor() ?? []), ...view.waitingFor()],
    notes: () => [...(documents?.followed.silent() ?? []), ...view.degraded()],
    kinds: view.kinds,
    check: async () => {
      if (statuses === undefined || !lease.isLeader) return;
      try {
        await statuses.check();
        problem = undefined;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (said !== problem) log.warn('the status of a policy document could not be written', { problem: said });
        problem = said;
      }
    },
    follow: (next) => {
      view.follow(readsOf(next));
    },
    close: async () => {
      await lease.stop();
      await documents?.followed.close();
      await view.close();
    },
  };
}

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { errorText } from '../errors.ts';
import { openLive, readsOf, readsOfBoth, type Reads, type UnseenKind } from '../cluster/live.ts';
import { CLAIM_PACE } from '../cluster/claimCollector.ts';
import { openClaims } from '../cluster/liveClaims.ts';
import { PACE, type Pace } from '../cluster/liveCollection.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { Lease } from '../cluster/lease.ts';
import type { FollowedDocuments, FollowedPolicies } from '../cluster/livePolicies.ts';
import { createProof } from '../cluster/proofRequest.ts';
import type { PolicySet } from '../engine/index.ts';
import type { Policy } from '#policy';
import { LEASE_NAME } from '../report/manifestsRbac.ts';
import type { CanaryOutcome, Log, Metrics } from '../telemetry/index.ts';
import { Auditing } from './auditing.ts';
import { Canary } from './canary.ts';
import type { ClusterPolicies } from './clusterPolicies.ts';
import { countedClaims } from './countedClaims.ts';
import { DocumentStatuses } from './documentStatuses.ts';
import { ReportObjects } from './reportObjects.ts';
import type { State } from './server.ts';

/** What a live state is told. */
export interface LiveStateOptions {
  /** Seconds after which what a silent API server does not show is no longer taken to be absent. */
  readonly staleAfter: number | undefined;
  /** Go on serving however long the API server is silent. */
  readonly serveStale: boolean;
  /** Seconds that a hostname claim without its object is kept. */
  readonly claimGrace: number | undefined;
  /** Where the leader tries whether the API server asks, and how many milliseconds apart. */
  readonly canary: { readonly namespace: string; readonly every: number } | undefined;
  /** The policy documents of the cluster, when those are the ones in force. */
  readonly documents: { readonly followed: FollowedPolicies; readonly source: ClusterPolicies } | undefined;
  readonly policies: readonly Policy[];
  readonly metrics: Metrics;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What an outcome of the canary means, as it is logged. */
const CANARY_SAYS: Readonly<Record<CanaryOutcome, string>> = {
  denied: 'canary denied: the API server asks Gateward',
  admitted: 'canary admitted: the API server stores what Gateward refuses, and writes go unjudged',
  failed: 'canary refused for want of an answer: writes are refused that nobody judges',
  forbidden: 'canary not tried: no right to create httproutes',
  absent: 'canary not tried: HTTPRoute of v1, or the namespace, is not there',
  refused: 'canary not tried: something else refuses it',
  unreachable: 'canary not tried: the API server does not answer',
};

/** How a cluster is followed by who is told so. */
export function livePace({ staleAfter, serveStale }: Pick<LiveStateOptions, 'staleAfter' | 'serveStale'>): Pace {
  const stale = staleAfter === undefined ? PACE.stale : staleAfter * 1000;
  return {
    ...PACE,
    // A quiet kind gives a sign of life when its watch ends.
    watch: Math.min(PACE.watch, stale * 0.7),
    stale,
    tooStale: serveStale ? Infinity : Math.max(PACE.tooStale, stale),
  };
}

/** The state of a cluster that is watched, and the duties of the replica that leads. Closes the connection in the end. */
export function liveState(connection: ApiConnection, set: PolicySet, options: LiveStateOptions): State {
  const { documents, policies, metrics, log, now } = options;
  /** What documents read, and that it need not be found out for each review. */
  const known = new WeakMap<PolicySet, Reads>();
  const read = (documentSet: PolicySet): Reads => {
    const reads = known.get(documentSet) ?? readsOf(documentSet);
    known.set(documentSet, reads);
    return reads;
  };
  let inForce = set;
  /** What is to come into force. */
  let coming = set;
  const view = openLive(connection, read(set), livePace(options));
  const lease = new Lease(connection, {
    namespace: connection.namespace ?? 'default',
    name: LEASE_NAME,
    holder: `${hostname()}_${crypto.randomUUID()}`,
    now,
    told: (problem) => {
      log.warn('cannot try to lead', { problem });
    },
  });
  let isClosing = false;
  const mayWrite = (): boolean => !isClosing && lease.isLeader;
  const failing = oncePerProblem((problem) => {
    log.warn('a report object could not be written', { problem });
  });
  const auditing = new Auditing(set, {
    snapshot: view.snapshot,
    // Otherwise a report of what was found of vendors' kinds would go, and come again.
    isReady: () => view.waitingFor(read(inForce)).length === 0 && view.hasTriedVendors(),
    isLeader: mayWrite,
    reports: new ReportObjects({ connection, mayWrite, failed: failing, now }),
    counted: metrics.findings,
    failed: failing,
    now,
  });
  view.watch((kind, object, filings) => {
    auditing.changed(kind, object, filings);
  });
  const claims = openClaims(connection, {
    world: () =>
      inForce.holdsClaims && view.waitingFor(read(inForce)).length === 0
        ? { set: inForce, snapshot: view.snapshot, now: now() }
        : undefined,
    isLeader: mayWrite,
    pace: { ...CLAIM_PACE, ...(options.claimGrace === undefined ? {} : { grace: options.claimGrace * 1000 }) },
    told: (event) => {
      if ('problem' in event) log.warn('hostname claims were not looked after', event);
      else log.info('hostname claims without their objects were taken away', event);
    },
  });
  metrics.observeClaims(claims.state);
  const canary = canaryOf(connection, options, mayWrite);
  const refused = oncePerProblem((problem) => {
    log.warn('the status of a policy document could not be written', { problem });
  });
  const tellUnseen = onceForEachKind((fields) => {
    log.warn('a kind of a vendor is not seen, and not audited', fields);
  });
  const tellFailing = onceForEachKind((fields) => {
    log.warn('a kind could not be listed or watched', fields);
  });
  const kinds = (): readonly FollowedDocuments[] => [...view.kinds(), ...(documents?.followed.kinds() ?? [])];
  const policyOf = new Map(policies.map(({ kind, id }) => [kind, id]));
  const statuses =
    documents === undefined
      ? undefined
      : new DocumentStatuses({
          connection,
          followed: documents.followed,
          refused: documents.source.refused,
          waiting: () => (coming === inForce ? [] : view.waitingFor(read(coming))),
          tallyOf: (kind, name) => auditing.tally(policyOf.get(kind) ?? '', name),
          mayWrite,
          now,
        });
  let writing: Promise<void> | undefined;
  return {
    snapshot: () => view.snapshot,
    reader: view.reader,
    claims: countedClaims(claims.keeper, metrics),
    waitingFor: (wanted) => [...(documents?.followed.waitingFor() ?? []), ...view.waitingFor(read(wanted))],
    stale: () => [...(documents?.followed.silent() ?? []), ...view.degraded()],
    notes: () => view.unseen().map(({ kind, problem }) => `${kind} not seen: ${problem}`),
    kinds,
    check: () => {
      tellUnseen(view.unseen());
      tellFailing(kinds().flatMap(({ kind, problem }) => (problem === undefined ? [] : [{ kind, problem }])));
      // Nobody who looks for changes waits for them: documents and certificates are reloaded in the same round.
      if (statuses !== undefined && lease.isLeader) {
        writing ??= statuses
          .check()
          .catch(refused)
          .finally(() => {
            writing = undefined;
          });
      }
      return Promise.resolve();
    },
    follow: (current, next = current) => {
      coming = next;
      view.follow(next === current ? read(current) : readsOfBoth(read(current), read(next)));
      if (current === inForce) return;
      inForce = current;
      auditing.follow(current);
    },
    close: async () => {
      isClosing = true;
      canary?.close();
      await auditing.close();
      await claims.close();
      await writing;
      await lease.stop();
      await documents?.followed.close();
      await view.close();
    },
  };
}

function canaryOf(
  connection: ApiConnection,
  { canary, log, metrics }: LiveStateOptions,
  isLeader: () => boolean,
): Canary | undefined {
  if (canary === undefined) return undefined;
  const { namespace, every } = canary;
  const made = new Canary({
    attempt: (signal) => createProof(connection, { namespace, word: randomBytes(8).toString('hex') }, signal),
    isLeader,
    every,
    told: (outcome, problem) => {
      if (outcome === 'denied') log.info(CANARY_SAYS.denied, { namespace });
      else log.warn(CANARY_SAYS[outcome], { namespace, ...(problem === '' ? {} : { problem }) });
    },
  });
  metrics.observeCanary(() => made.state);
  return made;
}

/** Tells of an error unless it is the one that was told last. */
function oncePerProblem(tell: (problem: string) => void): (error: unknown) => void {
  let last: string | undefined;
  return (error) => {
    const problem = errorText(error);
    if (problem !== last) tell(problem);
    last = problem;
  };
}

/** Tells of each kind of which not all is seen, unless it has been told already why. */
function onceForEachKind(
  tell: (fields: { kind: string; problem: string }) => void,
): (unseen: readonly UnseenKind[]) => void {
  let told: ReadonlyMap<string, string> = new Map();
  return (unseen) => {
    for (const { kind, problem } of unseen) if (told.get(kind) !== problem) tell({ kind, problem });
    told = new Map(unseen.map(({ kind, problem }) => [kind, problem]));
  };
}

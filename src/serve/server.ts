import type { AddressInfo } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { formatProblem, type LoadedPolicies } from '../config/index.ts';
import { OperatorError, errorText } from '../errors.ts';
import type { PolicySet } from '../engine/index.ts';
import type { Snapshot } from '#gateway';
import { giveWayTo } from '../cluster/slice.ts';
import type { LiveReader } from '../cluster/answered.ts';
import type { ClaimKeeper } from '../cluster/claimKeeper.ts';
import { createMetrics, type KindState, type Log, type Metrics } from '../telemetry/index.ts';
import { buildApp, type AppParts } from './app.ts';
import type { Callers } from './callers.ts';
import type { Credentials } from './certificate.ts';
import type { OwnCertificate } from './ownCertificate.ts';
import { drain, type DrainTimes } from './drain.ts';
import { Gate, type Limits } from './gate.ts';
import type { World } from './judge.ts';
import { Loop } from './loop.ts';
import { createListener } from './listener.ts';
import { createMetricsServer } from './metricsServer.ts';
import { poll } from './poll.ts';
import { Reloading, type Source } from './reloading.ts';

/** Where the state of the cluster comes from while the server runs. */
export interface State {
  readonly snapshot: () => Snapshot;
  readonly reader: LiveReader | undefined;
  /** Absent where there is no API server to hold hostnames in. */
  readonly claims: ClaimKeeper | undefined;
  /** What must happen before documents can judge by the state; empty when they can. */
  readonly waitingFor: (set: PolicySet) => readonly string[];
  /** What of it may be behind the cluster, although it can be judged by. */
  readonly stale: () => readonly string[];
  /** What else is worth knowing; no judgement rests on it. */
  readonly notes: () => readonly string[];
  readonly kinds: () => readonly KindState[];
  /** Looks for changes, where nobody tells of them. */
  readonly check: () => Promise<void>;
  /** Which documents are in force, and which are to come into force once the state has what they read. */
  readonly follow: (inForce: PolicySet, next?: PolicySet) => void;
  readonly close: () => Promise<void>;
}

/** What a server is started with. */
export interface ServerParts {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Absent: no metrics port. */
  readonly metricsPort: number | undefined;
  readonly certificate: Source<Credentials>;
  /** What looks after the certificate, when Gateward makes it itself. */
  readonly own: OwnCertificate | undefined;
  /** Who may ask for reviews; undefined: everybody. */
  readonly callers: Callers | undefined;
  readonly policies: Source<LoadedPolicies>;
  /** Judges the body of a review about a policy document. */
  readonly judgeDocument: AppParts['judgeDocument'];
  /** Opens the state; given the documents, since they say what is read. */
  readonly openState: (set: PolicySet, metrics: Metrics) => Promise<State>;
  readonly limits: Limits;
  readonly drain: DrainTimes;
  /** How often files are looked at, in milliseconds. */
  readonly pollEvery: number;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A server that runs. */
export interface RunningServer {
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly metrics: Metrics;
  /** Drains and closes. */
  readonly stop: () => Promise<void>;
}

/** The server stops being ready so long before its certificate ends: later every connection would fail instead. */
const LEAST_VALIDITY = 5 * 60_000;

/**
 * Loads certificate, documents and state, then listens. Whatever is read from files is read again when it changes, and what cannot be used
 * never replaces what can. Throws {@link OperatorError} when there is nothing good to begin with, or no address to listen on.
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { log, now } = parts;
  const metrics = createMetrics();
  const certificate = await Reloading.start(parts.certificate);
  const policies = await Reloading.start(parts.policies);
  const state = await parts.openState(policies.value.set, metrics);
  const gate = new Gate(parts.limits);
  giveWayTo(() => gate.reviews > 0);
  const loop = new Loop();
  let draining = false;
  let https: HttpsServer | undefined;
  let inForce = policies.value;
  /** Why the documents that were read last are not in force. */
  const pending = (): readonly string[] =>
    inForce === policies.value
      ? []
      : state.waitingFor(policies.value.set).map((reason) => `the new policies are not in force yet: ${reason}`);
  const present = (): World => ({
    set: inForce.set,
    snapshot: state.snapshot(),
    reader: state.reader,
    claims: state.claims,
    stale: state.stale(),
  });
  let world = present();

  const app = buildApp({
    world: () => world,
    waitingFor: () => [
      ...(inForce.set.policies.length > 0 ? [] : ['no policy document is in force']),
      ...state.waitingFor(inForce.set),
      ...(certificate.value.expires - now() < LEAST_VALIDITY ? ['the certificate ends within 5 minutes'] : []),
    ],
    notes: () => [
      ...(policies.problem === undefined ? [] : [`policies not reloaded: ${policies.problem}`]),
      ...pending(),
      ...policies.value.problems.map((problem) => `policy document refused: ${formatProblem(problem)}`),
      ...(certificate.problem === undefined ? [] : [`certificate not reloaded: ${certificate.problem}`]),
      ...(parts.own?.managed.problem === undefined
        ? []
        : [`certificate not looked after: ${parts.own.managed.problem}`]),
      ...state.stale(),
      ...state.notes(),
    ],
    isDraining: () => draining,
    judgeDocument: parts.judgeDocument,
    callers: parts.callers,
    gate,
    loop,
    log,
    metrics,
    now,
    serverFactory: (handler) => {
      https = createListener(certificate.value, handler);
      return https;
    },
  });
  metrics.policies(inForce);
  tellWarnings(log, inForce);
  tellCertificate(metrics, certificate.value);
  metrics.observeKinds(state.kinds);
  const { own } = parts;
  if (own !== undefined) {
    metrics.observeTrust(() => own.managed.state);
    metrics.certificate('ca', own.managed.state.authorityEnds / 1000);
  }

  const checks = async (): Promise<void> => {
    if (tell(log, 'certificate', await certificate.check(), certificate.problem) === 'changed') {
      https?.setSecureContext(certificate.value.options);
      tellCertificate(metrics, certificate.value);
      if (own !== undefined) metrics.certificate('ca', own.managed.state.authorityEnds / 1000);
    }
    const reloaded = tell(log, 'policies', await policies.check(), policies.problem);
    const { problems } = policies.value;
    if (reloaded !== 'same') metrics.reload(reloaded === 'changed' && problems.length === 0 ? 'success' : 'failure');
    if (reloaded === 'changed') {
      for (const problem of problems) log.warn('policy document refused', { problem: formatProblem(problem) });
      tellWarnings(log, policies.value);
      state.follow(inForce.set, policies.value.set);
      for (const reason of pending()) log.info(reason);
    }
    if (inForce !== policies.value && pending().length === 0) {
      inForce = policies.value;
      metrics.policies(inForce);
      state.follow(inForce.set);
      // At once: readiness speaks for these documents from now on, and what follows may wait for the API server.
      world = present();
    }
    await state.check();
    world = present();
  };
  const stopPolling = poll(parts.pollEvery, checks, (error) => {
    log.error('looking for changes failed', error);
  });

  const metricsServer = parts.metricsPort === undefined ? undefined : createMetricsServer(metrics);
  try {
    await listen(parts.host, parts.port, () => app.listen({ host: parts.host, port: parts.port }));
    if (metricsServer !== undefined) {
      await listen(parts.host, parts.metricsPort ?? 0, () => listening(metricsServer, parts));
    }
  } catch (error) {
    stopPolling();
    await Promise.all([app.close(), state.close()]);
    throw error;
  }
  return {
    port: portOf(app.server),
    metricsPort: metricsServer === undefined ? undefined : portOf(metricsServer),
    metrics,
    stop: async () => {
      draining = true;
      await drain(app, gate, parts.drain);
      stopPolling();
      loop.close();
      metricsServer?.close();
      metricsServer?.closeAllConnections();
      await Promise.all([state.close(), own?.close()]);
      log.flush();
    },
  };
}

function tellCertificate(metrics: Metrics, { expires, callersEnd }: Credentials): void {
  metrics.certificate('serving', expires / 1000);
  if (callersEnd !== undefined) metrics.certificate('client-ca', callersEnd / 1000);
}

function tell(
  log: Log,
  what: string,
  result: 'same' | 'changed' | 'refused',
  problem: string | undefined,
): 'same' | 'changed' | 'refused' {
  if (result === 'changed') log.info('reloaded', { what });
  if (result === 'refused') log.warn('not reloaded: the last good one stays', { what, problem });
  return result;
}

function tellWarnings(log: Log, { warnings }: LoadedPolicies): void {
  for (const warning of warnings) log.warn('noticed in the policy documents', { problem: formatProblem(warning) });
}

function listening(server: HttpServer, { host, metricsPort }: ServerParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(metricsPort, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function listen(host: string, port: number, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const problem = errorText(error);
    throw new OperatorError('serve/address', { address: `${host}:${port}`, problem }, error);
  }
}

function portOf(server: HttpServer): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

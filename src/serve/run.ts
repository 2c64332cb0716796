import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../errors.ts';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import type { PolicySet } from '../engine/index.ts';
import type { Policy } from '#policy';
import { createLog, type Log, type LogLevel, type Metrics } from '../telemetry/index.ts';
import { Callers } from './callers.ts';
import { credentialsOf, keyPairFiles, type Credentials, type TlsManner } from './certificate.ts';
import { missingForClaims, refusingClaims, unfitForClaims } from './claimsNeed.ts';
import { demoFiles, greeting } from './demo.ts';
import { makeDevCertificates } from './devCertificates.ts';
import { fileState } from './fileState.ts';
import { LIMITS } from './gate.ts';
import { keepApartWhatIsNew } from './heap.ts';
import { policyFiles } from './policyFiles.ts';
import { openOwnCertificate, type OwnCertificate } from './ownCertificate.ts';
import { clusterPolicies } from './clusterPolicies.ts';
import { judgeDocument } from './documents.ts';
import type { Source } from './reloading.ts';
import type { LiveStateOptions } from './liveState.ts';
import { startServer, type ServerParts, type State } from './server.ts';

/** What `gateward serve` is told; undefined where nothing was said. */
export interface ServeOptions {
  readonly demo: boolean;
  /** Files and directories of policy documents. */
  readonly policies: readonly string[];
  /** The policy documents are those of the cluster. */
  readonly policiesFromCluster: boolean;
  /** Directory of manifests that is the whole cluster. */
  readonly state: string | undefined;
  /** Kubeconfig file; without it and without `state` the pod's own service account. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Gateward makes its certificate itself. */
  readonly tlsSelfManaged: boolean;
  /** Name of the Secret of its CA. */
  readonly tlsSecret: string;
  /** Names by which the webhooks are called, for that certificate. */
  readonly tlsHosts: readonly string[];
  readonly clientCa: string | undefined;
  /** Common names of the client certificates whose holders may ask; none: all that the client CA signed. */
  readonly clientNames: readonly string[];
  readonly tlsMinVersion: '1.2' | '1.3';
  readonly host: string | undefined;
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** Seconds after which what a silent API server does not show is no longer taken to be absent. */
  readonly staleAfter: number | undefined;
  /** Go on serving however long the API server is silent. */
  readonly serveStale: boolean;
  /** Seconds to go on serving after the signal to stop. */
  readonly shutdownDelay: number | undefined;
  /** Seconds that a hostname claim without its object is kept. */
  readonly claimGrace: number | undefined;
  /** Namespace in which the leader tries whether the API server asks. */
  readonly canary: string | undefined;
  /** Seconds between two of these tries. */
  readonly canaryEvery: number | undefined;
  /** Reviews that are received or judged at once. */
  readonly maxInFlight: number;
  readonly logLevel: LogLevel;
}

/** What a running command may touch of its process. */
export interface ServeIo {
  readonly stdout: (text: string) => void;
  /** File descriptor or path of the log. */
  readonly log: number | string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted by SIGTERM or Ctrl-C. */
  readonly signal: AbortSignal;
}

const DEFAULT_SHUTDOWN_DELAY = 15;
/** A pod's grace period is 60 s; the server is gone before it is killed. */
const LONGEST_DRAIN = 55_000;
const POLL_EVERY = 1000;
const DEFAULT_CANARY_EVERY = 30;

/** `gateward serve`: runs until the signal, drains, and gives the exit code. Throws {@link OperatorError} when it cannot start. */
export async function runServe(options: ServeOptions, policies: readonly Policy[], io: ServeIo): Promise<number> {
  keepApartWhatIsNew();
  const log = createLog(io.log, options.logLevel);
  const { demo } = options;
  const folder = demo ? await mkdtemp(join(tmpdir(), 'gateward-demo-')) : undefined;
  const forget = keepServing(log);
  let own: OwnCertificate | undefined;
  try {
    const callers = callersOf(options);
    const delay = (options.shutdownDelay ?? (demo ? 0 : DEFAULT_SHUTDOWN_DELAY)) * 1000;
    own = await ownCertificateOf(options, log, io);
    const server = await startServer({
      host: options.host ?? (demo ? '127.0.0.1' : '0.0.0.0'),
      port: options.port,
      metricsPort: options.metricsPort,
      ...(await worldOf(options, policies, log, io)),
      certificate: await certificateOf(options, folder, own, io),
      own,
      callers,
      judgeDocument: (body) => judgeDocument(body, policies, io.now(), unfitForClaims(missingFor(options))),
      limits: { ...LIMITS, inFlightReviews: options.maxInFlight },
      drain: { atLeast: delay, quiet: delay / 3, atMost: Math.max(delay, LONGEST_DRAIN) },
      pollEvery: POLL_EVERY,
      log,
      now: io.now,
    });
    log.info('serving', { port: server.port, metricsPort: server.metricsPort });
    io.stdout(
      folder === undefined
        ? `Gateward serves https://localhost:${server.port}\n`
        : greeting(server.port, join(folder, 'ca.crt'), demoFiles().review),
    );
    await aborted(io.signal);
    log.info('draining');
    await server.stop();
    return 0;
  } catch (error) {
    await own?.close();
    throw error;
  } finally {
    forget();
    log.flush();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function certificateOf(
  { demo, tlsCert, tlsKey, clientCa, tlsMinVersion }: ServeOptions,
  folder: string | undefined,
  own: OwnCertificate | undefined,
  { now }: ServeIo,
): Promise<Source<Credentials>> {
  const manner: TlsManner = { clientCa, minVersion: tlsMinVersion === '1.2' ? 'TLSv1.2' : 'TLSv1.3' };
  if (own !== undefined) return credentialsOf(own.managed.pairs, manner, now);
  if (demo && folder !== undefined && tlsCert === undefined && tlsKey === undefined) {
    await makeDevCertificates({ dir: folder, hosts: ['localhost', '127.0.0.1', '::1'], days: 30, now: now() });
    return credentialsOf(keyPairFiles(join(folder, 'tls.crt'), join(folder, 'tls.key')), manner, now);
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new OperatorError('usage/invalid', {
      command: 'serve',
      problem: 'give both --tls-cert and --tls-key, or --tls-self-managed',
    });
  }
  return credentialsOf(keyPairFiles(tlsCert, tlsKey), manner, now);
}

async function ownCertificateOf(
  options: ServeOptions,
  log: Log,
  { now }: ServeIo,
): Promise<OwnCertificate | undefined> {
  const { demo, tlsSelfManaged, tlsCert, tlsKey } = options;
  if (!tlsSelfManaged) return undefined;
  if (demo || tlsCert !== undefined || tlsKey !== undefined) {
    const problem = '--tls-self-managed goes with none of --demo, --tls-cert and --tls-key';
    throw new OperatorError('usage/invalid', { command: 'serve', problem });
  }
  return openOwnCertificate(options, log, now);
}

function callersOf({ clientCa, clientNames }: ServeOptions): Callers | undefined {
  if (clientCa !== undefined) return new Callers(clientNames);
  if (clientNames.length === 0) return undefined;
  throw new OperatorError('usage/invalid', { command: 'serve', problem: '--client-name needs --client-ca' });
}

/** Documents and state: of directories, or of the cluster that a kubeconfig or the pod's service account leads to. */
async function worldOf(
  options: ServeOptions,
  policies: readonly Policy[],
  log: Log,
  { now }: ServeIo,
): Promise<Pick<ServerParts, 'policies' | 'openState'>> {
  const example = options.demo ? demoFiles() : undefined;
  const paths = [...(example?.policies ?? []), ...options.policies];
  const directory = options.state ?? example?.state;
  const wrong = (problem: string): OperatorError => new OperatorError('usage/invalid', { command: 'serve', problem });
  if (options.policiesFromCluster) {
    if (paths.length > 0) throw wrong('give --policies or --policies-from-cluster, not both');
    if (directory !== undefined) throw wrong('--policies-from-cluster needs a cluster, not --state');
  } else if (paths.length === 0) throw wrong('give --policies or --policies-from-cluster');
  const files = refusingClaims(policyFiles(paths, policies, now), missingFor(options));
  const { canary, canaryEvery = DEFAULT_CANARY_EVERY } = options;
  if (canary === undefined && options.canaryEvery !== undefined) throw wrong('--canary-every needs --canary');
  if (directory !== undefined) {
    if (canary !== undefined) throw wrong('--canary needs a cluster, not --state');
    return { policies: files, openState: () => fileState(directory, log) };
  }
  const { staleAfter, serveStale, claimGrace } = options;
  const openState = async (
    set: PolicySet,
    metrics: Metrics,
    documents?: LiveStateOptions['documents'],
    connection?: ApiConnection,
  ): Promise<State> => {
    const { liveState } = await import('./liveState.ts');
    return liveState(connection ?? (await connect(options)), set, {
      staleAfter,
      serveStale,
      claimGrace,
      canary: canary === undefined ? undefined : { namespace: canary, every: canaryEvery * 1000 },
      documents,
      policies,
      metrics,
      log,
      now,
    });
  };
  if (!options.policiesFromCluster) {
    return { policies: files, openState };
  }
  const connection = await connect(options);
  const { followPolicies } = await import('../cluster/livePolicies.ts');
  const { livePace } = await import('./liveState.ts');
  const followed = followPolicies(connection, policies, livePace(options));
  const source = clusterPolicies(followed, policies, now, unfitForClaims(missingFor(options)));
  return { policies: source, openState: (set, metrics) => openState(set, metrics, { followed, source }, connection) };
}

/** What is missing for documents that hold hostnames. */
function missingFor({ demo, state, clientCa }: ServeOptions): string | undefined {
  return missingForClaims(!demo && state === undefined, clientCa !== undefined);
}

async function connect(options: ServeOptions): Promise<ApiConnection> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const connection = await connectCluster(options);
  const { canary } = options;
  if (canary === undefined || (canary !== 'kube-system' && canary !== connection.namespace)) return connection;
  await connection.close();
  const problem = `--canary ${canary}: Gateward is not asked about this namespace, so nothing is denied there; name another`;
  throw new OperatorError('usage/invalid', { command: 'serve', problem });
}

/** A failure that nobody caught is told and ends nothing: reviews in flight that it belonged to time out, and the API server sees that. */
function keepServing(log: Log): () => void {
  const tell = (error: unknown): void => {
    log.error('unexpected failure', error);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
  return () => {
    process.off('uncaughtException', tell);
    process.off('unhandledRejection', tell);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener('abort', () => {
        resolve();
      });
    }
  });
}

import {
  HOSTNAME_PROBLEMS,
  LISTENER_KINDS,
  ROUTE_KINDS,
  parseHostname,
  ANY,
  type KindName,
  type Snapshot,
} from '#gateway';
import type { HostnameOwners, Policy } from '#policy';
import type { ApiConnection, ClusterOptions } from '../cluster/liveConnection.ts';
import { toldPolicyFiles } from '../cluster/policyFiles.ts';
import { named, storeOf } from '../cluster/state.ts';
import type { PolicySet } from '../engine/index.ts';
import { EXIT, OperatorError } from '../errors.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import {
  answerHostname,
  listHosts,
  renderAnswerJson,
  renderAnswerText,
  renderHostsCsv,
  renderHostsJson,
  renderHostsMarkdown,
  renderHostsText,
  type HostFilter,
} from '../report/hosts/index.ts';
import type { Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';
import type { CheckOptions, HostsFormat } from './options.ts';
import { readManifests } from './readManifests.ts';

/** Where hostnames and their owners are looked for. */
interface Place extends Pick<CheckOptions, 'paths' | 'kustomize' | 'stdinFilename' | 'color'>, ClusterOptions {
  readonly cluster: boolean;
  /** Policy documents, of which those about hostnames are read; none: those in the cluster. */
  readonly policies: readonly string[];
}

/** What `gateward hosts` is told. */
export interface HostsOptions extends Place {
  readonly filter: HostFilter;
  /** Of objects in files that name none. */
  readonly namespace: string;
  readonly output: HostsFormat;
}

/** What `gateward who-owns` is told. */
export interface WhoOwnsOptions extends Place {
  readonly hostname: string;
  readonly output: 'text' | 'json';
}

/** What was found there. */
interface Found {
  readonly snapshot: Snapshot;
  /** Undefined when no documents are known. */
  readonly set: PolicySet | undefined;
  readonly code: number;
}

/** The kinds that use hostnames, and those that decide who is let in. */
const KINDS_LISTED: readonly KindName[] = [...LISTENER_KINDS, ...ROUTE_KINDS, 'Namespace', 'ReferenceGrant', 'Ingress'];
/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
const ALL: HostFilter = { namespace: undefined, owner: undefined, unowned: false, conflicts: false };

/**
 * `gateward hosts`: lists every hostname in use. Gives the exit code: 0, or `EXIT.input` when some input could not be read. Throws
 * {@link OperatorError} for what is wrong with options, documents, or the cluster.
 */
export async function runHosts(options: HostsOptions, io: Io, deps: FaceDeps): Promise<number> {
  const { snapshot, set, code } = options.cluster
    ? await lookAtCluster(options, io, deps.policies, 'hosts', true)
    : await lookAtFiles(options, options.namespace, await documentsOf(options.policies, io, deps.policies), io);
  const owners = set === undefined ? undefined : ownersOf(set, io);
  const knowsOwners = owners !== undefined;
  if (!knowsOwners && (options.filter.owner !== undefined || options.filter.unowned)) {
    throw refuse('hosts', '--owner and --unowned need documents of kind HostnameOwnership: name them with --policies');
  }
  if (set === undefined) io.stderr('note: who owns a hostname stands in policy documents: name them with --policies\n');
  const hosts = listHosts(snapshot, owners, options.filter, io.now());
  switch (options.output) {
    case 'text': {
      const { paint } = renderContext(options, io, deps);
      io.stdout(renderHostsText(hosts, { knowsOwners, width: io.columns, paint }));
      break;
    }
    case 'json':
      io.stdout(renderHostsJson(hosts, knowsOwners));
      break;
    case 'csv':
      io.stdout(renderHostsCsv(hosts));
      break;
    case 'markdown':
      io.stdout(renderHostsMarkdown(hosts, knowsOwners));
  }
  return code;
}

/**
 * `gateward who-owns`: says who owns a hostname and why, and who uses it. Gives the exit code: 0 when somebody owns it, `EXIT.findings` when
 * nobody does. Throws {@link OperatorError} for what is no hostname, and what is wrong with options, documents, or the cluster.
 */
export async function runWhoOwns(options: WhoOwnsOptions, io: Io, deps: FaceDeps): Promise<number> {
  const hostname = hostnameIn(options.hostname);
  const { snapshot, set, code } = options.cluster
    ? await lookAtCluster(options, io, deps.policies, 'who-owns', false)
    : await lookAtFiles(options, 'default', await documentsOf(options.policies, io, deps.policies), io);
  if (set === undefined) {
    throw refuse('who-owns', 'who owns a hostname stands in policy documents: name them with --policies, or --cluster');
  }
  const owners = ownersOf(set, io);
  const answer = answerHostname(hostname, owners, listHosts(snapshot, owners, ALL, io.now()));
  const { paint } = renderContext(options, io, deps);
  io.stdout(options.output === 'json' ? renderAnswerJson(answer) : renderAnswerText(answer, paint));
  return Math.max(code, answer.owner === undefined ? EXIT.findings : EXIT.clean);
}

function hostnameIn(text: string): string {
  if (text === ANY) return ANY;
  const parsed = parseHostname(text);
  if ('hostname' in parsed) return parsed.hostname;
  throw refuse('who-owns', `"${text}" ${HOSTNAME_PROBLEMS[parsed.problem]}`);
}

function refuse(command: 'hosts' | 'who-owns', problem: string): OperatorError {
  return new OperatorError('usage/invalid', { command, problem });
}

function ownersOf({ policies }: PolicySet, io: Io): HostnameOwners | undefined {
  const owners = policies.find((bound) => bound.owners !== undefined)?.owners;
  if (owners === undefined) io.stderr('note: no policy document is of kind HostnameOwnership\n');
  return owners;
}

async function documentsOf(
  paths: readonly string[],
  io: Io,
  policies: readonly Policy[],
): Promise<PolicySet | undefined> {
  return paths.length === 0 ? undefined : (await toldPolicyFiles(paths, policies, io)).set;
}

/** To answer for one hostname no objects are needed. */
async function lookAtFiles(
  { hostname, paths, kustomize = [], stdinFilename }: Place & { readonly hostname?: string },
  namespace: string,
  set: PolicySet | undefined,
  io: Io,
): Promise<Found> {
  const hasNone = hostname !== undefined && paths.length + kustomize.length === 0;
  const { manifests, code } = hasNone
    ? { manifests: [], code: EXIT.clean }
    : await readManifests(
        { paths, kustomize, stdinFilename, namespace },
        hostname === undefined ? 'hosts' : 'who-owns',
        io,
      );
  return { snapshot: storeOf(named(manifests), 'some'), set, code };
}

async function lookAtCluster(
  options: Place,
  io: Io,
  policies: readonly Policy[],
  command: 'hosts' | 'who-owns',
  readsCertificates: boolean,
): Promise<Found> {
  if (options.paths.length + (options.kustomize?.length ?? 0) > 0)
    throw refuse(command, 'name paths or --cluster, one of them');
  const named = await documentsOf(options.policies, io, policies);
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const { listCluster } = await import('../cluster/live.ts');
  const progress = new Progress(io);
  const connection = await connectCluster(options);
  try {
    const signal = AbortSignal.timeout(CLUSTER_TIMEOUT);
    const set = named ?? (await documentsIn(connection, io, policies, command, signal));
    const listed = await listCluster(connection, KINDS_LISTED, signal, (kind, objects) => {
      progress.show(() => `reading ${kind}: ${objects}`);
    });
    progress.clear();
    if (!readsCertificates) return { snapshot: listed, set, code: EXIT.clean };
    const { withKeyMaterial } = await import('../cluster/liveKeyMaterial.ts');
    return { snapshot: await withKeyMaterial(connection, listed, signal), set, code: EXIT.clean };
  } finally {
    await connection.close();
  }
}

/** The documents in the cluster; undefined when they may not be read, which is told: there are hostnames to list without them. */
async function documentsIn(
  connection: ApiConnection,
  io: Io,
  policies: readonly Policy[],
  command: 'hosts' | 'who-owns',
  signal: AbortSignal,
): Promise<PolicySet | undefined> {
  const { livePolicies } = await import('../cluster/livePolicies.ts');
  try {
    const { set } = await livePolicies(connection, policies, io.now(), signal);
    return set;
  } catch (error) {
    if (command === 'who-owns' || !(error instanceof OperatorError) || error.code !== 'cluster/forbidden') throw error;
    io.stderr(`warning: ${error.message}\n`);
    return undefined;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { ROUTE_KINDS, worldStatus, type KindName, type Snapshot } from '#gateway';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { EXIT, OperatorError } from '../errors.ts';
import {
  compareWorld,
  comparisonJson,
  comparisonLine,
  comparisonTable,
  comparisonYaml,
  differs,
  type StatusComparison,
} from '../report/comparison/index.ts';
import { PICTURE_FORMATS, renderPicture, worldGraph, type PictureFormat } from '../report/graph/index.ts';
import type { Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';
import { markFor } from './mark.ts';
import type { ClusterStatusOptions, StatusFormat } from './options.ts';

/** The kinds that a comparison lists; Secrets and ConfigMaps are read one by one. */
const KINDS_LISTED: readonly KindName[] = [
  'GatewayClass',
  'Gateway',
  'ListenerSet',
  'XListenerSet',
  ...ROUTE_KINDS,
  'BackendTLSPolicy',
  'ReferenceGrant',
  'Namespace',
  'Service',
  'ServiceImport',
  'XBackend',
  'Ingress',
];
/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
/** How often it is looked whether something has changed, in milliseconds. */
const LOOK = 300;
/** Certificates are not followed, and silence becomes a difference without any change: so often it is looked anyway, in milliseconds. */
const LOOK_ANYWAY = 10_000;
/** What hinders the view for longer is told, in milliseconds. */
const HINDERED = 5000;

/** A cluster at one moment. */
interface Look {
  readonly snapshot: Snapshot;
  readonly comparison: StatusComparison;
}

/**
 * `gateward status --cluster`: prints what is predicted for a cluster beside what its controllers wrote, and gives the exit code: 0, or 1 when
 * some controller says something else. With `watch` it prints again whenever that changes, until the signal; the code is that of what was
 * printed last. A picture shows what is predicted. Throws {@link OperatorError} when the cluster cannot be reached or refuses, or a picture
 * is to be watched.
 */
export async function runClusterStatus(options: ClusterStatusOptions, io: Io, signal: AbortSignal): Promise<number> {
  const { output, watch } = options;
  if (watch && isPicture(output)) {
    throw new OperatorError('usage/invalid', { command: 'status', problem: `--watch does not draw: -o ${output}` });
  }
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const connection = await connectCluster(options);
  try {
    const screen = new Screen(options, io);
    await screen.show(await look(connection, options, io, signal));
    if (watch) await follow(connection, options, io, screen, signal);
    return screen.exitCode;
  } catch (error) {
    if (signal.aborted) return EXIT.clean;
    throw error;
  } finally {
    await connection.close();
  }
}

/** One look at the whole cluster. */
async function look(
  connection: ApiConnection,
  options: ClusterStatusOptions,
  io: Io,
  stop: AbortSignal,
): Promise<Look> {
  const { listCluster } = await import('../cluster/live.ts');
  const progress = new Progress(io);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(CLUSTER_TIMEOUT)]);
  try {
    const snapshot = await listCluster(connection, KINDS_LISTED, signal, (kind, objects) => {
      progress.show(() => `reading ${kind}: ${objects}`);
    });
    return await compare(connection, snapshot, options, io, signal);
  } finally {
    progress.clear();
  }
}

async function compare(
  connection: ApiConnection,
  snapshot: Snapshot,
  { classes, controllers, namespace }: ClusterStatusOptions,
  io: Io,
  signal: AbortSignal,
): Promise<Look> {
  const { withKeyMaterial } = await import('../cluster/liveKeyMaterial.ts');
  const whole = await withKeyMaterial(connection, snapshot, signal);
  return { snapshot: whole, comparison: compareWorld(whole, { classes, controllers, namespace, now: io.now() }) };
}

/** Shows the comparison again whenever it changes, until the signal. While some kind is out of sight nothing new is shown. */
async function follow(
  connection: ApiConnection,
  options: ClusterStatusOptions,
  io: Io,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const { openLive } = await import('../cluster/live.ts');
  const view = openLive(connection, { kinds: KINDS_LISTED, annotations: undefined });
  let revision = -1;
  let looked = io.now();
  let sound = io.now();
  let told = '';
  const tell = (problem: string): void => {
    if (problem !== told && problem !== '') io.stderr(`warning: ${problem}\n`);
    told = problem;
  };
  try {
    for (;;) {
      await pause(LOOK, undefined, { signal });
      const problems = [...view.waitingFor(), ...view.degraded()];
      if (problems.length > 0) {
        if (io.now() - sound > HINDERED) tell(`not current: ${problems.join('; ')}`);
        continue;
      }
      if (view.revision() === revision && io.now() - looked < LOOK_ANYWAY) continue;
      revision = view.revision();
      looked = io.now();
      try {
        await screen.show(await compare(connection, view.snapshot, options, io, signal));
        sound = io.now();
        tell('');
      } catch (error) {
        if (signal.aborted || !(error instanceof OperatorError)) throw error;
        tell(error.message);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await view.close();
  }
}

/** Standard output, with what stands on it. */
class Screen {
  readonly #options: ClusterStatusOptions;
  readonly #io: Io;
  #shown: string | undefined;
  #differs = false;

  constructor(options: ClusterStatusOptions, io: Io) {
    this.#options = options;
    this.#io = io;
  }

  /** Of what was shown last. */
  get exitCode(): number {
    return this.#differs ? EXIT.findings : EXIT.clean;
  }

  /** Prints a comparison unless it says what is there already. */
  async show(seen: Look): Promise<void> {
    const text = await this.#render(seen);
    this.#differs = differs(seen.comparison);
    if (text === this.#shown) return;
    this.#io.stdout(`${this.#lead()}${text}`);
    this.#shown = text;
  }

  #render({ snapshot, comparison }: Look): string | Promise<string> {
    const { output, watch, classes, controllers } = this.#options;
    if (output === 'table') return comparisonTable(comparison, markFor(this.#io));
    if (output === 'yaml') return comparisonYaml(comparison);
    if (output === 'json') return watch ? comparisonLine(comparison) : comparisonJson(comparison);
    return renderPicture(output, worldGraph(snapshot, worldStatus(snapshot, { classes, controllers })));
  }

  /** What parts a comparison from the one before: a terminal shows the last table only. */
  #lead(): string {
    const { output, watch } = this.#options;
    if (!watch || output === 'json') return '';
    const time = new Date(this.#io.now()).toISOString();
    if (output === 'yaml') return `---\n# ${time}\n`;
    const isTerminal = this.#io.isTTY.stdout && this.#io.env['TERM'] !== 'dumb';
    return isTerminal ? `\u{1b}[H\u{1b}[2J\u{1b}[3J${time}\n` : `${this.#shown === undefined ? '' : '\n'}${time}\n`;
  }
}

function isPicture(output: StatusFormat): output is PictureFormat {
  return PICTURE_FORMATS.some((format) => format === output);
}

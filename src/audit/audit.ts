import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ROUTE_KINDS,
  filedName,
  formatKey,
  worldStatus,
  type KindName,
  type KubeObject,
  type Snapshot,
} from '#gateway';
import {
  MAX_FILE_BYTES,
  chartLines,
  decodeFile,
  findFiles,
  readFiles,
  readProblem,
  unreadable,
  type FileProblem,
  type TextFile,
} from '../cluster/files.ts';
import { ManifestReader, unparsable, type Manifest } from '../cluster/manifests.ts';
import { servedReportApis } from '../cluster/reportApi.ts';
import { shippedBaseline, toldPolicyFiles } from '../cluster/policyFiles.ts';
import { storeOf } from '../cluster/state.ts';
import type { LoadedPolicies } from '../config/index.ts';
import { evaluate, standing, sweep, unauditable, type Evaluation, type PolicySet } from '../engine/index.ts';
import { EXIT, OperatorError, tellInput } from '../errors.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import { parseOutputs, writeOutputs } from '../output/outputs.ts';
import type { RenderContext } from '../report/context.ts';
import { fails, type FailOn } from '../report/failOn.ts';
import {
  NOWHERE,
  reportEvaluation,
  type ExemptedFinding,
  type FilePlace,
  type Places,
  type ReportError,
  type ReportFinding,
} from '../report/finding.ts';
import type { Format } from '../report/format.ts';
import type { Graph } from '../report/graph/graph.ts';
import type { ReportApi } from '../report/policyReport.ts';
import { parseReport, type ReportedFinding } from '../report/parseReport.ts';
import { sincePrevious } from '../report/previous.ts';
import { judgedObject, makeReport, type JudgedObject, type Report, type ReportParts } from '../report/report.ts';
import type { Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';

/** What `gateward audit` is told. */
export interface AuditOptions {
  /** Files and directories of manifests; empty with `cluster`. */
  readonly paths: readonly string[];
  /** Look at a live cluster instead. */
  readonly cluster: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Files and directories of policy documents; none: the baseline that comes with Gateward. */
  readonly policies: readonly string[];
  /** `FORMAT` or `FORMAT=FILE`, one on standard output at most. */
  readonly output: readonly string[];
  readonly failOn: FailOn;
  /** The JSON report of an earlier audit, to say what is new and what is resolved since. */
  readonly previous: string | undefined;
  /** `false`: never; undefined: when standard output is a terminal that wants it. */
  readonly color: boolean | undefined;
}

/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
/** Objects judged before anything else gets a turn. */
const BATCH = 200;

/** What is looked at. */
interface World {
  readonly snapshot: Snapshot;
  /** What the snapshot cannot hold: objects whose name is still to be generated, and those before another of the same name. */
  readonly unheld: readonly Manifest[];
  readonly objects: number;
  readonly files: number;
  readonly others: number;
  readonly placesOf: (object: KubeObject) => Places;
  /** What could not be read. */
  readonly problems: readonly OperatorError[];
  /** One line for each kind that a document names and the cluster does not serve. */
  readonly missing: readonly string[];
  /** The API of report objects that the cluster serves; undefined when nobody asked, or there is none. */
  readonly reportApi: ReportApi | undefined;
}

/**
 * `gateward audit`: one sweep over what is already there, each object judged in the world of all the others. Gives the exit code: the highest
 * of those that apply. Throws {@link OperatorError} for what is wrong with options, documents, or the cluster.
 */
export async function runAudit(options: AuditOptions, io: Io, deps: FaceDeps): Promise<number> {
  if (options.cluster === options.paths.length > 0) {
    throw new OperatorError('usage/invalid', { problem: 'name paths or --cluster, one of them', command: 'audit' });
  }
  const outputs = parseOutputs(options.output, 'audit');
  const asks = (format: Format): boolean => outputs.some((output) => output.format === format);
  const documents = options.policies.length > 0 ? options.policies : [shippedBaseline()];
  const loaded = await toldPolicyFiles(documents, deps.policies, io);
  const previous = options.previous === undefined ? undefined : await readPrevious(options.previous, io.cwd);
  const progress = new Progress(io);
  const world = options.cluster
    ? await clusterWorld(options, loaded.set, asks('html') ? PICTURE_KINDS : [], asks('reports'), progress)
    : await fileWorld(options.paths, io);
  const parts = await audit(world, loaded, io.now(), progress);
  progress.clear();
  for (const line of world.missing) io.stderr(`warning: ${line}\n`);
  for (const problem of world.problems) io.stderr(tellInput(problem));
  for (const { name, expires } of loaded.expired) {
    io.stderr(`warning: exemption ${name} ended ${new Date(expires).toISOString()} and is not honoured\n`);
  }
  if (asks('reports') && options.cluster && world.reportApi === undefined) {
    io.stderr(
      'hint: the cluster serves neither openreports.io nor wgpolicyk8s.io; the reports are those of openreports.io\n',
    );
  }
  const report = makeReport(previous === undefined ? parts : sincePrevious(parts, previous));
  const context: RenderContext = {
    ...renderContext(options, io, deps),
    face: 'audit',
    picture: () => pictureOf(world.snapshot),
    reportApi: world.reportApi ?? 'openreports',
  };
  await writeOutputs(outputs, report, context, io);
  return exitCode(report, world, options.failOn);
}

async function readPrevious(file: string, cwd: string): Promise<readonly ReportedFinding[]> {
  const wrong = (problem: string, cause?: unknown): OperatorError =>
    new OperatorError('usage/invalid', { problem: `${file}: ${problem}`, command: 'audit' }, cause);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    throw wrong(readProblem(error), error);
  });
  const previous = parseReport(text);
  if ('problem' in previous) throw wrong(previous.problem);
  return previous.findings;
}

async function pictureOf(snapshot: Snapshot): Promise<Graph> {
  const { worldGraph } = await import('../report/graph/index.ts');
  return worldGraph(snapshot, worldStatus(snapshot, { classes: [], controllers: [] }));
}

async function audit(
  world: World,
  { set, expired }: LoadedPolicies,
  now: number,
  progress: Progress,
): Promise<ReportParts> {
  const judged: JudgedObject[] = [];
  const findings: ReportFinding[] = [];
  const exempted: ExemptedFinding[] = [];
  const errors: ReportError[] = [];
  let done = 0;
  for (const evaluation of evaluations(world, set, now)) {
    const places = world.placesOf(evaluation.subject.object);
    const reported = reportEvaluation(evaluation, places);
    findings.push(...reported.findings);
    exempted.push(...reported.exempted);
    errors.push(...reported.errors);
    judged.push(judgedObject(evaluation, places.ofField([])?.file));
    done += 1;
    progress.show(() => `judging: ${done} objects`);
    if (done % BATCH === 0) await nextTurn();
  }
  return {
    findings,
    exempted,
    errors,
    judged,
    expiredExemptions: expired.map(({ name }) => name),
    problems: world.problems.map(({ message }) => message),
    unauditable: unauditable(set),
    counts: { objects: world.objects, others: world.others, files: world.files, skipped: 0 },
  };
}

/** Those of the objects that the snapshot holds, then those of the others, each in the world in which it has come. */
function* evaluations({ snapshot, unheld }: World, set: PolicySet, now: number): Generator<Evaluation> {
  yield* sweep(snapshot, set, now);
  for (const { kind, object } of unheld) {
    const subject = standing(kind, object);
    if (set.speakingOf(kind, 'CREATE').length > 0) yield evaluate(subject, snapshot, set, now);
  }
}

/** Files are some of a cluster: what is absent from them is not believed. */
async function fileWorld(paths: readonly string[], { cwd, stdin }: Io): Promise<World> {
  const found = await findFiles(
    paths.filter((path) => path !== '-'),
    cwd,
  );
  const piped = paths.includes('-') ? [decodeFile('<stdin>', await stdin(MAX_FILE_BYTES))] : [];
  const problems = found.problems.map(unreadable);
  const reader = new ManifestReader('default');
  const take = (file: TextFile | FileProblem): void => {
    if ('text' in file) reader.add(file);
    else problems.push(unreadable(file));
  };
  for (const file of piped) take(file);
  for await (const file of readFiles(found.files, cwd)) take(file);
  const { manifests, findings, others } = reader.manifests;
  problems.push(...findings.filter(({ rule }) => rule !== 'duplicate').map(unparsable));
  const origins = new Map(manifests.map((manifest) => [manifest.object, manifest]));
  const named = new Map(
    manifests.map((manifest) => {
      const { namespace, object } = manifest;
      return [formatKey({ kind: object.kind, namespace, name: object.metadata.name }), manifest];
    }),
  );
  const snapshot = storeOf(manifests, 'some');
  return {
    snapshot,
    unheld: manifests.filter(
      (one) => snapshot.get(one.kind, one.namespace, filedName(one.kind, one.object)) !== one.object,
    ),
    objects: manifests.length,
    files: found.files.length + piped.length,
    others,
    problems,
    missing: chartLines(found.charts, '| gateward audit -'),
    reportApi: undefined,
    placesOf: (object) => ({
      ofField: (path) => placeIn(origins.get(object), path),
      ofObject: (key) => placeIn(named.get(formatKey(key)), ['metadata', 'name']),
    }),
  };
}

function placeIn(manifest: Manifest | undefined, path: Parameters<Manifest['locate']>[0]): FilePlace | undefined {
  if (manifest === undefined) return undefined;
  const { file, document, source } = manifest;
  const { line, column } = manifest.locate(path);
  return { file, document, line, column, text: manifest.lineAt(line), source };
}

/** What the picture of a report shows besides what is judged. */
const PICTURE_KINDS: readonly KindName[] = [
  'GatewayClass',
  'Gateway',
  'ListenerSet',
  'XListenerSet',
  ...ROUTE_KINDS,
  'BackendTLSPolicy',
  'ReferenceGrant',
  'Service',
  'ServiceImport',
  'XBackend',
];

/** Everything that the documents judge or read, and `more`. */
async function clusterWorld(
  options: AuditOptions,
  set: PolicySet,
  more: readonly KindName[],
  asksReports: boolean,
  progress: Progress,
): Promise<World> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const { listJudged } = await import('../cluster/live.ts');
  const connection = await connectCluster(options);
  try {
    const signal = AbortSignal.timeout(CLUSTER_TIMEOUT);
    const told = (kind: KindName, count: number): void => {
      progress.show(() => `reading ${kind}: ${count}`);
    };
    const { store, objects, missing } = await listJudged(connection, [set], signal, told, more);
    const [reportApi] = asksReports ? await servedReportApis(connection, signal) : [];
    return {
      snapshot: store,
      unheld: [],
      objects,
      files: 0,
      others: 0,
      problems: [],
      missing,
      placesOf: () => NOWHERE,
      reportApi,
    };
  } finally {
    await connection.close();
  }
}

function exitCode(report: Report, world: World, failOn: FailOn): number {
  return Math.max(
    fails(report, failOn) ? EXIT.findings : EXIT.clean,
    world.problems.length > 0 ? EXIT.input : EXIT.clean,
  );
}

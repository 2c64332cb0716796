import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatKey, type Snapshot } from '#gateway';
import type { Policy } from '#policy';
import { findFiles, readFiles } from '../cluster/files.ts';
import { ManifestReader, type Manifest } from '../cluster/manifests.ts';
import { requirePolicyFiles, shippedBaseline } from '../cluster/policyFiles.ts';
import { storeOf } from '../cluster/state.ts';
import type { LoadedPolicies } from '../config/index.ts';
import { sweep, type PolicySet } from '../engine/index.ts';
import { EXIT, OperatorError } from '../errors.ts';
import { renderAuditJson, renderAuditText } from '../report/audit.ts';
import {
  NOWHERE,
  reportEvaluation,
  type ExemptedFinding,
  type FilePlace,
  type Places,
  type ReportError,
  type ReportFinding,
} from '../report/finding.ts';
import { makeReport, type Report } from '../report/report.ts';
import type { Io } from '../telemetry/io.ts';

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
  readonly output: 'text' | 'json';
  readonly failOn: 'deny' | 'warn' | 'audit' | 'never';
}

/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
/** Objects judged before anything else gets a turn. */
const BATCH = 200;

/** What is looked at. */
interface World {
  readonly snapshot: Snapshot;
  readonly objects: number;
  readonly files: number;
  readonly others: number;
  readonly placesOf: (kind: string, namespace: string, name: string) => Places;
  /** What could not be read. */
  readonly problems: readonly string[];
}

/**
 * `gateward audit`: one sweep over what is already there, each object judged in the world of all the others. Gives the exit code: the highest
 * of those that apply. Throws {@link OperatorError} for what is wrong with options, documents, or the cluster.
 */
export async function runAudit(options: AuditOptions, policies: readonly Policy[], io: Io): Promise<number> {
  if (options.cluster === options.paths.length > 0) {
    throw new OperatorError('usage/invalid', { problem: 'name paths or --cluster, one of them', command: 'audit' });
  }
  const documents = options.policies.length > 0 ? options.policies : [shippedBaseline()];
  const loaded = await requirePolicyFiles(documents, policies, io.now(), io.cwd);
  const world = options.cluster ? await clusterWorld(options, loaded.set, io) : await fileWorld(options.paths, io.cwd);
  const report = await audit(world, loaded, io.now());
  for (const problem of world.problems) io.stderr(`error: ${problem}\n`);
  io.stdout(options.output === 'json' ? renderAuditJson(report) : renderAuditText(report));
  return exitCode(report, world, options.failOn);
}

async function audit(world: World, { set, expired }: LoadedPolicies, now: number): Promise<Report> {
  const findings: ReportFinding[] = [];
  const exempted: ExemptedFinding[] = [];
  const errors: ReportError[] = [];
  let done = 0;
  for (const evaluation of sweep(world.snapshot, set, now)) {
    const { namespace, object } = evaluation.subject;
    const reported = reportEvaluation(evaluation, world.placesOf(object.kind, namespace, object.metadata.name));
    findings.push(...reported.findings);
    exempted.push(...reported.exempted);
    errors.push(...reported.errors);
    done += 1;
    if (done % BATCH === 0) await nextTurn();
  }
  return makeReport({
    findings,
    exempted,
    errors,
    expiredExemptions: expired.map(({ name }) => name),
    counts: {
      objects: world.objects,
      others: world.others,
      files: world.files,
      skipped: 0,
      unreadable: world.problems.length,
    },
  });
}

/** Files are some of a cluster: what is absent from them is not believed. */
async function fileWorld(paths: readonly string[], cwd: string): Promise<World> {
  const found = await findFiles(paths, cwd);
  const problems = found.problems.map(({ file, problem }) => `${file}: ${problem}`);
  const reader = new ManifestReader('default');
  for await (const file of readFiles(found.files, cwd)) {
    if ('text' in file) reader.add(file);
    else problems.push(`${file.file}: ${file.tooLarge ? `larger than ${file.problem}` : file.problem}`);
  }
  const { manifests, findings, others } = reader.manifests;
  for (const { rule, origin, at, message } of findings) {
    if (rule !== 'duplicate') problems.push(`${origin.file}:${at.line}:${at.column}: ${message}`);
  }
  const origins = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const { namespace, object } = manifest;
    origins.set(formatKey({ kind: object.kind, namespace, name: object.metadata.name }), manifest);
  }
  return {
    snapshot: storeOf(manifests, 'some'),
    objects: manifests.length,
    files: found.files.length,
    others,
    problems,
    placesOf: (kind, namespace, name) => ({
      ofField: (path) => placeIn(origins.get(formatKey({ kind, namespace, name })), path),
      ofObject: (key) => placeIn(origins.get(formatKey(key)), ['metadata', 'name']),
    }),
  };
}

function placeIn(manifest: Manifest | undefined, path: Parameters<Manifest['locate']>[0]): FilePlace | undefined {
  if (manifest === undefined) return undefined;
  const { file, document, source } = manifest;
  const { line, column } = manifest.locate(path);
  return { file, document, line, column, text: manifest.lineAt(line), source };
}

/** Everything that the documents judge or read. */
async function clusterWorld(options: AuditOptions, set: PolicySet, io: Io): Promise<World> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const { listJudged } = await import('../cluster/live.ts');
  const connection = await connectCluster(options);
  try {
    const { store, objects, missing } = await listJudged(connection, [set], AbortSignal.timeout(CLUSTER_TIMEOUT));
    for (const line of missing) io.stderr(`warning: ${line}\n`);
    return { snapshot: store, objects, files: 0, others: 0, problems: [], placesOf: () => NOWHERE };
  } finally {
    await connection.close();
  }
}

function exitCode(report: Report, world: World, failOn: AuditOptions['failOn']): number {
  const counting = { deny: ['deny'], warn: ['deny', 'warn'], audit: ['deny', 'warn', 'audit'], never: [] }[failOn];
  const fails = [...report.findings, ...report.errors].some(({ effect }) => counting.some((one) => one === effect));
  return Math.max(fails ? EXIT.findings : EXIT.clean, world.problems.length > 0 ? EXIT.input : EXIT.clean);
}

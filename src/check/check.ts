import { worldStatus, type Release } from '#gateway';
import type { Policy, Requester } from '#policy';
import type { ApiConnection, ClusterOptions } from '../cluster/liveConnection.ts';
import { chartLines } from '../cluster/files.ts';
import { shippedBaseline, toldPolicyFiles } from '../cluster/policyFiles.ts';
import type { LoadedPolicies } from '../config/index.ts';
import { EXIT, OperatorError, tellInput } from '../errors.ts';
import { entryText, withoutKnown, type Baseline } from '../report/baseline.ts';
import { unparsable, type Manifest } from '../cluster/manifests.ts';
import type { RenderContext } from '../report/context.ts';
import type { Graph } from '../report/graph/graph.ts';
import { makeReport, type Report, type ReportParts } from '../report/report.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import { parseOutputs, writeOutputs } from '../output/outputs.ts';
import { fails } from '../report/failOn.ts';
import { objectText } from '../report/finding.ts';
import type { Io } from '../telemetry/io.ts';
import { readBaseline } from './baselineFile.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { readCluster } from './cluster.ts';
import {
  changesOf,
  judgeManifests,
  judgeStanding,
  manifestFindings,
  pastIn,
  worldAfter,
  type Judged,
  type Worlds,
} from './judge.ts';
import { readOld } from './old.ts';
import { requesterOf } from './requester.ts';
import type { ReviewedChanges } from './reviews.ts';
import type { CheckOptions } from './options.ts';
import { PIN_KIND, PlanGatherer, parsePin, planned } from './pin.ts';
import { Progress } from '../telemetry/progress.ts';
import { schemaFindings } from './schema.ts';

/**
 * `gateward check`: judges, reports, and gives the exit code: the highest of those that apply (see `EXIT`). What is wrong with the options,
 * the policy documents or the cluster is an {@link OperatorError}, for the caller to tell; what is wrong with single files is told here, and
 * the others are judged.
 */
export async function runCheck(options: CheckOptions, given: Io, deps: FaceDeps): Promise<number> {
  const io = readingStdinOnce(given);
  const outputs = parseOutputs(options.output, 'check');
  const planned = planOf(options, deps.policies);
  const requester = requesterIn(options);
  if (options.dryRun === true && options.fix !== true) {
    const problem = '--dry-run needs --fix: without it nothing is written';
    throw new OperatorError('usage/invalid', { problem, command: 'check' });
  }
  const loaded = await loadDocuments(options, io, deps.policies, planned);
  const progress = new Progress(io);
  const job: Job = { options, io, loaded, progress, planned, requester };
  const { inputs, worlds, parts } =
    options.cluster === undefined ? await judgeInputs(job) : await judgeOnCluster(job, options.cluster);
  if (typeof parts === 'string') {
    io.stdout(parts);
    return EXIT.clean;
  }
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, io.cwd);
  const report = makeReport(baseline === undefined ? parts : quieten(parts, baseline, io));
  progress.clear();
  for (const problem of inputs.problems) io.stderr(tellInput(problem));
  if (options.isHidden === true || outputs.every(({ format }) => format === 'baseline')) {
    const unread = inputs.findings.filter(({ rule }) => rule === 'unparsable');
    for (const finding of unread) io.stderr(tellInput(unparsable(finding)));
  }
  for (const line of notes(inputs, loaded)) io.stderr(`${line}\n`);
  const context = {
    ...renderContext(options, io, deps),
    picture: () => pictureOf(worlds),
    editOf: editsIn(inputs, options, io),
  };
  await writeOutputs(outputs, report, context, io);
  return exitCode(report, inputs, options, io);
}

/** What the parts of a run share. */
interface Job {
  readonly options: CheckOptions;
  readonly io: Io;
  readonly loaded: LoadedPolicies;
  readonly progress: Progress;
  readonly planned: Planned | undefined;
  readonly requester: Requester | undefined;
}

/** A release that is planned, and whether it is the stored objects that it is tried on. */
interface Planned {
  readonly release: Release;
  readonly isOfStored: boolean;
  readonly gatherer: PlanGatherer;
}

/** What was judged, and what that came to; text where a diff was asked for. */
interface Outcome {
  readonly inputs: Inputs;
  /** What was judged. */
  readonly worlds: Worlds;
  readonly parts: ReportParts | string;
}

/** The planned release. Throws {@link OperatorError} when there is no such release, or an option does not go with it. */
function planOf(options: CheckOptions, policies: readonly Policy[]): Planned | undefined {
  const { pin, cluster, paths, kustomize = [], reviews = [], fix, old } = options;
  if (pin === undefined) return undefined;
  const release = parsePin(pin);
  const isOfStored = cluster !== undefined && paths.length + kustomize.length + reviews.length === 0;
  if (isOfStored && (fix === true || old !== undefined)) {
    const problem = `${fix === true ? '--fix' : '--old'} needs paths: without them the stored objects are judged`;
    throw new OperatorError('usage/invalid', { problem, command: 'check' });
  }
  const policy = policies.find(({ kind }) => kind === PIN_KIND);
  return { release, isOfStored, gatherer: new PlanGatherer(policy?.id ?? '') };
}

/** Who applies the manifests. Throws {@link OperatorError} for groups of nobody. */
function requesterIn({ as, asGroups = [] }: CheckOptions): Requester | undefined {
  if (as !== undefined) return requesterOf(as, asGroups);
  if (asGroups.length === 0) return undefined;
  throw new OperatorError('usage/invalid', { problem: '--as-group needs --as: groups of whom?', command: 'check' });
}

/** The policy documents that are in force. Throws {@link OperatorError} when one of them is not in order, or there is none. */
async function loadDocuments(
  options: CheckOptions,
  io: Io,
  policies: readonly Policy[],
  plan: Planned | undefined,
): Promise<LoadedPolicies> {
  const paths = options.policies.length > 0 || plan !== undefined ? options.policies : [shippedBaseline()];
  return toldPolicyFiles(paths, policies, io, (documents) =>
    plan === undefined ? documents : planned(documents, plan.release, plan.isOfStored),
  );
}

/** The AdmissionReviews of the input; few runs have any, so what reads them is loaded when one is there. */
async function readReviews({ reviews, manifests }: Inputs): Promise<ReviewedChanges> {
  if (reviews.length === 0) return { changes: [], findings: [], others: 0 };
  return (await import('./reviews.ts')).readReviews(reviews, manifests);
}

async function judgeOnCluster(job: Job, where: ClusterOptions): Promise<Outcome> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const connection = await connectCluster(where);
  try {
    const namespace = job.options.namespace ?? connection.namespace;
    return await judgeInputs({ ...job, options: { ...job.options, namespace } }, connection);
  } finally {
    await connection.close();
  }
}

async function judgeInputs(job: Job, connection?: ApiConnection): Promise<Outcome> {
  const { options, io, loaded, progress, planned, requester } = job;
  const read = (): Promise<Inputs> =>
    planned?.isOfStored === true ? Promise.resolve(NO_INPUTS) : readInputs(options, io, progress);
  let inputs = await read();
  const old = options.old === undefined ? undefined : await readOld(options.old, options, io.cwd);
  const cluster =
    connection === undefined
      ? undefined
      : await readCluster(connection, [...inputs.manifests, ...(old?.manifests ?? [])], loaded.set, progress);
  progress.clear();
  for (const line of cluster?.missing ?? []) io.stderr(`warning: ${line}\n`);
  for (const line of old?.notes ?? []) io.stderr(`${line}\n`);
  const around = { old: old?.manifests, cluster, requester, isPlan: planned !== undefined };
  if (options.fix === true) {
    const worlds = { ...around, manifests: inputs.manifests };
    const diff = await fix(inputs, worlds, job);
    if (diff !== undefined) {
      progress.clear();
      return { inputs, worlds, parts: diff };
    }
    inputs = await read();
  }
  const reviewed = await readReviews(inputs);
  const worlds = { ...around, manifests: inputs.manifests, reviewed: reviewed.changes };
  return { inputs, worlds, parts: await judge(inputs, reviewed, worlds, job) };
}

/** The input of those who look at a cluster alone. */
const NO_INPUTS: Inputs = {
  manifests: [],
  reviews: [],
  findings: [],
  others: 0,
  beyond: 0,
  files: 0,
  problems: [],
  charts: [],
};

async function judge(
  inputs: Inputs,
  reviewed: ReviewedChanges,
  worlds: Worlds,
  { loaded, io, progress, planned }: Job,
): Promise<ReportParts> {
  const { manifests, others, files, problems, charts } = inputs;
  const judged: Judged = (evaluation, done, all) => {
    planned?.gatherer.add(evaluation);
    progress.show(() => `judging: ${done} of ${all} objects`);
  };
  const isOfStored = planned?.isOfStored === true && worlds.cluster !== undefined;
  const verdicts = isOfStored
    ? judgeStanding(worlds.cluster, loaded.set, io.now(), judged)
    : judgeManifests(worlds, loaded.set, io.now(), judged);
  const own = [...inputs.findings, ...reviewed.findings];
  const unjudged = own.filter(({ rule }) => rule !== 'duplicate' && rule !== 'unparsable');
  const refused = await schemaFindings(manifests, pastIn(worlds));
  return {
    ...verdicts,
    findings: [...manifestFindings([...own, ...refused]), ...verdicts.findings],
    expiredExemptions: loaded.expired.map(({ name }) => name),
    plan: planned?.gatherer.toPlan(planned.release, worlds.cluster?.store),
    problems: problems.map(({ message }) => message),
    counts: {
      objects: isOfStored
        ? verdicts.judged.length
        : manifests.length + reviewed.changes.length + new Set(unjudged.map(({ origin }) => origin)).size,
      others: others + reviewed.others,
      files,
      skipped: charts.length,
    },
  };
}

async function pictureOf({ cluster, ...worlds }: Worlds): Promise<Graph> {
  const { worldGraph } = await import('../report/graph/index.ts');
  const world = worldAfter(changesOf({ cluster, ...worlds }), cluster);
  return worldGraph(world, worldStatus(world, { classes: [], controllers: [] }));
}

/** The manifests that stand in files. */
function inFiles({ manifests }: Inputs, { stdinFilename }: CheckOptions): readonly Manifest[] {
  return manifests.filter(({ file }) => file !== stdinFilename);
}

/** How the fix of a finding is written into its file. */
function editsIn(inputs: Inputs, options: CheckOptions, io: Io): NonNullable<RenderContext['editOf']> {
  let edits: RenderContext['editOf'];
  return async (finding) => {
    const { textEdits } = await import('./fix.ts');
    edits ??= textEdits(inFiles(inputs, options), io.cwd);
    return edits(finding);
  };
}

/** `--fix` reads its input a second time. */
function readingStdinOnce(io: Io): Io {
  let read: Promise<Uint8Array> | undefined;
  return { ...io, stdin: (limit) => (read ??= io.stdin(limit)) };
}

/** Mends the files; with `dryRun` gives the diff instead. */
async function fix(
  inputs: Inputs,
  worlds: Worlds,
  { options, io, loaded, requester }: Job,
): Promise<string | undefined> {
  const { fixManifests, storeFixes } = await import('./fix.ts');
  const world = worldAfter(changesOf(worlds), worlds.cluster);
  const fixes = await fixManifests(inFiles(inputs, options), world, loaded.set, io.now(), io.cwd, requester);
  for (const line of fixes.refused) io.stderr(`hint: ${line}\n`);
  if (options.dryRun === true) {
    const { unifiedDiff } = await import('./diff.ts');
    return fixes.files.map(({ file, before, after }) => unifiedDiff(file, before, after)).join('');
  }
  await storeFixes(fixes, io.cwd);
  for (const { file, objects } of fixes.files)
    io.stderr(`fixed: ${file}: ${objects} ${objects === 1 ? 'object' : 'objects'}\n`);
  return undefined;
}

/** Takes known findings out, and names what the baseline no longer needs: of objects that were judged, since the others may only be elsewhere. */
function quieten(parts: ReportParts, baseline: Baseline, io: Io): ReportParts {
  const { unknown, known, gone } = withoutKnown(parts.findings, baseline);
  const judged = new Set((parts.judged ?? []).map(({ object }) => objectText(object)));
  const failed = new Set(parts.errors.map(({ document, object }) => `${document} ${objectText(object)}`));
  for (const entry of gone) {
    if (!judged.has(entry.object) || failed.has(`${entry.document} ${entry.object}`)) continue;
    io.stderr(`hint: the baseline may forget ${entryText(entry)}: it no longer occurs\n`);
  }
  return { ...parts, findings: unknown, counts: { ...parts.counts, known } };
}

/** What is to be said beside the findings. */
function notes({ charts }: Inputs, loaded: LoadedPolicies): readonly string[] {
  return [
    ...chartLines(charts, '| gateward check -').map((line) => `hint: ${line}`),
    ...loaded.expired.map(
      ({ name, expires }) => `warning: exemption ${name} ended ${new Date(expires).toISOString()} and is not honoured`,
    ),
  ];
}

function exitCode(report: Report, inputs: Inputs, options: CheckOptions, io: Io): number {
  const codes: number[] = [EXIT.clean];
  if (fails(report, options.failOn)) codes.push(EXIT.findings);
  const isUnparsable = report.findings.some(({ effect }) => effect === 'error');
  if (inputs.problems.length > 0 || isUnparsable) codes.push(EXIT.input);
  if (options.requireResources && report.summary.objects === 0) {
    const problem = new OperatorError('input/none', {
      where:
        [...options.paths, ...(options.kustomize ?? []), ...(options.reviews ?? [])].join(', ') ||
        options.stdinFilename,
    });
    io.stderr(tellInput(problem));
    codes.push(EXIT.input);
  }
  return Math.max(...codes);
}

import { dirname } from 'node:path';
import type { Policy } from '#policy';
import type { Manifest, ManifestFinding } from '../cluster/manifests.ts';
import { requirePolicyFiles, shippedBaseline } from '../cluster/policyFiles.ts';
import { formatProblem, type LoadedPolicies } from '../config/index.ts';
import { EXIT, OperatorError } from '../errors.ts';
import { entryText, withoutKnown, type Baseline } from '../report/baseline.ts';
import { makeReport, type Report, type ReportParts } from '../report/report.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import { parseOutputs, writeOutputs } from '../output/outputs.ts';
import { fails } from '../report/failOn.ts';
import type { Io } from '../telemetry/io.ts';
import { readBaseline } from './baselineFile.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { judgeManifests, manifestFindings } from './judge.ts';
import { readOld } from './old.ts';
import type { ReviewedChanges } from './reviews.ts';
import type { CheckOptions } from './options.ts';
import { Progress } from '../telemetry/progress.ts';
import { schemaFindings } from './schema.ts';

/**
 * `gateward check`: judges, reports, and gives the exit code: the highest of those that apply (see `EXIT`). What is wrong with the options
 * or the policy documents is an {@link OperatorError}, for the caller to tell; what is wrong with single files is told here, and the others
 * are judged.
 */
export async function runCheck(options: CheckOptions, given: Io, deps: FaceDeps): Promise<number> {
  const io = readingStdinOnce(given);
  const outputs = parseOutputs(options.output, 'check');
  const loaded = await loadDocuments(options, io, deps.policies);
  const progress = new Progress(io);
  let inputs = await readInputs(options, io, progress);
  if (options.fix === true) {
    const diff = await fix(inputs, loaded, options, io);
    if (diff !== undefined) {
      progress.clear();
      io.stdout(diff);
      return EXIT.clean;
    }
    inputs = await readInputs(options, io, progress);
  }
  const refused = await schemaFindings(inputs.manifests);
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, io.cwd);
  const old = options.old === undefined ? undefined : await readOld(options.old, options, io.cwd);
  const reviewed = await readReviews(inputs);
  const findings = [...inputs.findings, ...refused, ...reviewed.findings];
  const parts = judge(inputs, findings, { old: old?.manifests, reviewed }, loaded, io, progress);
  const report = makeReport(baseline === undefined ? parts : quieten(parts, baseline, io));
  progress.clear();
  for (const line of [...(old?.notes ?? []), ...notes(inputs, loaded)])
    io.stderr(`${line}
`);
  await writeOutputs(outputs, report, renderContext(options, io, deps), io);
  return exitCode(report, inputs, options, io);
}

/** The policy documents that are in force. Throws {@link OperatorError} when one of them is not in order, or there is none. */
async function loadDocuments(options: CheckOptions, io: Io, policies: readonly Policy[]): Promise<LoadedPolicies> {
  const paths = options.policies.length > 0 ? options.policies : [shippedBaseline()];
  const loaded = await requirePolicyFiles(paths, policies, io.now(), io.cwd);
  for (const warning of loaded.warnings) io.stderr(`warning: ${formatProblem(warning)}\n`);
  return loaded;
}

/** The AdmissionReviews of the input; few runs have any, so what reads them is loaded when one is there. */
async function readReviews({ reviews, manifests }: Inputs): Promise<ReviewedChanges> {
  if (reviews.length === 0) return { changes: [], findings: [], others: 0 };
  return (await import('./reviews.ts')).readReviews(reviews, manifests);
}

function judge(
  inputs: Inputs,
  findings: readonly ManifestFinding[],
  { old, reviewed }: { readonly old: readonly Manifest[] | undefined; readonly reviewed: ReviewedChanges },
  loaded: LoadedPolicies,
  io: Io,
  progress: Progress,
): ReportParts {
  const { manifests, others, files, problems, charts } = inputs;
  const verdicts = judgeManifests({ manifests, old, reviewed: reviewed.changes }, loaded.set, io.now(), (done, all) => {
    progress.show(() => `judging: ${done} of ${all} objects`);
  });
  const own = [...inputs.findings, ...reviewed.findings];
  const unjudged = own.filter(({ rule }) => rule !== 'duplicate' && rule !== 'unparsable');
  return {
    ...verdicts,
    findings: [...manifestFindings(findings), ...verdicts.findings],
    expiredExemptions: loaded.expired.map(({ name }) => name),
    counts: {
      objects: manifests.length + reviewed.changes.length + new Set(unjudged.map(({ origin }) => origin)).size,
      others: others + reviewed.others,
      files,
      skipped: charts.length,
      unreadable: problems.length,
    },
  };
}

/** `--fix` reads its input a second time. */
function readingStdinOnce(io: Io): Io {
  let read: Promise<Uint8Array> | undefined;
  return { ...io, stdin: (limit) => (read ??= io.stdin(limit)) };
}

/** Mends the files; with `dryRun` gives the diff instead. */
async function fix(inputs: Inputs, loaded: LoadedPolicies, options: CheckOptions, io: Io): Promise<string | undefined> {
  const { fixManifests, storeFixes } = await import('./fix.ts');
  const own = inputs.manifests.filter(({ file }) => file !== options.stdinFilename);
  const fixes = await fixManifests(own, loaded.set, io.now(), io.cwd);
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

/** Takes known findings out, and names what the baseline no longer needs. */
function quieten(parts: ReportParts, baseline: Baseline, io: Io): ReportParts {
  const { unknown, known, gone } = withoutKnown(parts.findings, baseline);
  for (const entry of gone) {
    io.stderr(`hint: the baseline may forget ${entryText(entry)}: it no longer occurs\n`);
  }
  return { ...parts, findings: unknown, counts: { ...parts.counts, known } };
}

/** What is to be said beside the findings. */
function notes(inputs: Inputs, loaded: LoadedPolicies): readonly string[] {
  const { problems, charts } = inputs;
  const [chart, ...more] = charts;
  const also = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return [
    ...problems.map(({ message, help }) => `error: ${message}; ${help}`),
    ...(chart === undefined
      ? []
      : [
          `hint: ${chart}${also} holds Helm templates, which were passed over: helm template ${dirname(chart)} | gateward check -`,
        ]),
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
    const { message, help } = new OperatorError('input/none', {
      where:
        [...options.paths, ...(options.kustomize ?? []), ...(options.reviews ?? [])].join(', ') ||
        options.stdinFilename,
    });
    io.stderr(`error: ${message}; ${help}\n`);
    codes.push(EXIT.input);
  }
  return Math.max(...codes);
}

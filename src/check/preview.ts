import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROW_NAMES, type Snapshot } from '#gateway';
import type { Policy, Subject } from '#policy';
import type { Manifest } from '../cluster/manifests.ts';
import { inOrder, shippedBaseline, toldPolicyFiles } from '../cluster/policyFiles.ts';
import { storeOf } from '../cluster/state.ts';
import { configDocuments, loadPolicies, type LoadedPolicies } from '../config/index.ts';
import { policySet, standing, unauditable, type PolicySet } from '../engine/index.ts';
import { EXIT, OperatorError } from '../errors.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import { UNAUDITABLE_TEXT } from '../report/unauditable.ts';
import type { FailOn } from '../report/failOn.ts';
import { NOWHERE, reportEvaluation, reportObject, type FilePlace, type Places } from '../report/finding.ts';
import {
  failsPreview,
  makePreview,
  renderPreviewJson,
  renderPreviewMarkdown,
  renderPreviewText,
  type Against,
  type Judgement,
  type NotPreviewable,
  type Preview,
  type TwiceJudged,
} from '../report/preview/index.ts';
import type { Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';
import { creationOf, judgeOne, placeOf } from './judge.ts';
import type { CheckOptions, PreviewFormat } from './options.ts';
import { readManifests } from './readManifests.ts';
import { filesAtRevision } from './revision.ts';

/** What `gateward preview` is told. */
export interface PreviewOptions extends Pick<
  CheckOptions,
  'paths' | 'kustomize' | 'stdinFilename' | 'namespace' | 'color'
> {
  /** The documents that would replace those in force. */
  readonly policies: readonly string[];
  /** The documents in force: a file or directory, or a git revision of the new ones' paths. */
  readonly against: string | undefined;
  readonly cluster: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly output: PreviewFormat;
  readonly failOn: FailOn;
}

/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
const NOTHING: PolicySet = policySet([], []);

/** A set of documents, and what to call it. */
interface InForce {
  readonly set: PolicySet;
  readonly against: Against;
}

/** An object to be judged under both sets. */
interface Candidate {
  readonly subject: Subject;
  readonly places: Places;
}

/** What is judged. */
interface World {
  readonly snapshot: Snapshot;
  readonly candidates: readonly Candidate[];
  readonly code: number;
}

/**
 * `gateward preview`: says what would change if the documents of `policies` replaced those in force, for each object as if it were created
 * now. Gives the exit code: `EXIT.findings` when some object would come to `failOn` or more and does not now. Throws {@link OperatorError} for
 * what is wrong with options, documents, or the cluster.
 */
export async function runPreview(options: PreviewOptions, io: Io, deps: FaceDeps): Promise<number> {
  const progress = new Progress(io);
  const next = await toldPolicyFiles(options.policies, deps.policies, io);
  for (const { name, expires } of next.expired) {
    io.stderr(`warning: exemption ${name} ended ${new Date(expires).toISOString()} and is not honoured\n`);
  }
  const { world, inForce } = options.cluster
    ? await fromCluster(options, next.set, io, deps.policies, progress)
    : await fromFiles(options, io, deps.policies);
  const judged = judgeTwice(world, inForce.set, next.set, io.now(), progress);
  progress.clear();
  const preview = makePreview(judged, inForce.against, notPreviewable([next.set, inForce.set]));
  io.stdout(render(preview, options, io, deps));
  return Math.max(world.code, failsPreview(preview, options.failOn) ? EXIT.findings : EXIT.clean);
}

function render(preview: Preview, options: PreviewOptions, io: Io, deps: FaceDeps): string {
  const context = renderContext(options, io, deps);
  switch (options.output) {
    case 'json':
      return renderPreviewJson(preview);
    case 'markdown':
      return renderPreviewMarkdown(preview, context);
    case 'text':
      return renderPreviewText(preview, context.paint);
  }
}

async function fromFiles(
  options: PreviewOptions,
  io: Io,
  policies: readonly Policy[],
): Promise<{ readonly world: World; readonly inForce: InForce }> {
  const inForce = (await namedInForce(options, io, policies)) ?? {
    set: (await toldPolicyFiles([shippedBaseline()], policies, io)).set,
    against: { source: 'baseline', name: 'the baseline that comes with Gateward' },
  };
  const { manifests, code } = await readManifests(options, 'preview', io);
  const candidates = manifests.map((manifest) => ({ subject: creationOf(manifest), places: placesIn(manifest) }));
  return { world: { snapshot: storeOf(manifests, 'some'), candidates, code }, inForce };
}

function placesIn(manifest: Manifest): Places {
  return { ofField: (path): FilePlace => placeOf(manifest, path), ofObject: () => undefined };
}

async function fromCluster(
  options: PreviewOptions,
  next: PolicySet,
  io: Io,
  policies: readonly Policy[],
  progress: Progress,
): Promise<{ readonly world: World; readonly inForce: InForce }> {
  if (options.paths.length + (options.kustomize?.length ?? 0) > 0) {
    throw new OperatorError('usage/invalid', { problem: 'name paths or --cluster, one of them', command: 'preview' });
  }
  const named = await namedInForce(options, io, policies);
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const { listJudged } = await import('../cluster/live.ts');
  const { livePolicies } = await import('../cluster/livePolicies.ts');
  const connection = await connectCluster(options);
  try {
    const signal = AbortSignal.timeout(CLUSTER_TIMEOUT);
    const inForce = named ?? inForceInCluster(await livePolicies(connection, policies, io.now(), signal));
    const sets = [next, inForce.set];
    const { store: snapshot, missing } = await listJudged(connection, sets, signal, (kind, objects) => {
      progress.show(() => `reading ${kind}: ${objects}`);
    });
    progress.clear();
    for (const line of missing) io.stderr(`warning: ${line}\n`);
    const judged = new Set(sets.flatMap((set) => set.policies.flatMap(({ policy }) => policy.subjects)));
    const candidates = ROW_NAMES.filter((kind) => judged.has(kind)).flatMap((kind) =>
      [...snapshot.list(kind)].map((object) => ({ subject: standing(kind, object), places: NOWHERE })),
    );
    return { world: { snapshot, candidates, code: EXIT.clean }, inForce };
  } finally {
    await connection.close();
  }
}

function inForceInCluster({ set }: LoadedPolicies): InForce {
  return set.policies.length === 0
    ? { set, against: { source: 'nothing', name: 'nothing: there are no policy documents in the cluster' } }
    : { set, against: { source: 'cluster', name: 'the policy documents in the cluster' } };
}

/** The documents that `against` names; undefined when it names none. */
async function namedInForce(
  { against, policies: paths }: PreviewOptions,
  io: Io,
  policies: readonly Policy[],
): Promise<InForce | undefined> {
  if (against === undefined) return undefined;
  if (existsSync(resolve(io.cwd, against))) {
    const { set } = await toldPolicyFiles([against], policies, io);
    return { set, against: { source: 'files', name: against } };
  }
  const option = { flag: '--against', command: 'preview', revision: against } as const;
  const { files, submodules } = await filesAtRevision(option, paths, io.cwd);
  for (const path of submodules)
    io.stderr(`warning: ${path} is a submodule at ${against}: the documents in it are not read\n`);
  const read = files.map(({ name, text }) => configDocuments(name, text));
  const documents = read.flatMap((one) => one.documents);
  const loaded = loadPolicies(documents, policies, io.now());
  const { set } = inOrder({ ...loaded, problems: [...read.flatMap(({ problems }) => problems), ...loaded.problems] });
  const where = `${paths.join(', ')} at ${against}`;
  return set.policies.length === 0
    ? { set: NOTHING, against: { source: 'nothing', name: `nothing: there are no policy documents in ${where}` } }
    : { set, against: { source: 'revision', name: where } };
}

function judgeTwice(
  { snapshot, candidates }: World,
  before: PolicySet,
  after: PolicySet,
  now: number,
  progress: Progress,
): readonly TwiceJudged[] {
  return candidates.map(({ subject, places }, at): TwiceJudged => {
    progress.show(() => `judging: ${at} of ${candidates.length} objects`);
    return {
      object: reportObject(subject.object),
      place: places.ofField(['metadata', 'name']),
      before: judgementOf(subject, snapshot, before, now, places),
      after: judgementOf(subject, snapshot, after, now, places),
    };
  });
}

/** What admission would say, mutation counted: what the webhook mends never comes to a denial. */
function judgementOf(subject: Subject, world: Snapshot, set: PolicySet, now: number, places: Places): Judgement {
  const { evaluation, mended } = judgeOne(subject, world, set, now);
  return reportEvaluation(evaluation, places, mended);
}

/** The rules and documents of these sets whose effect cannot be seen on what is there, each once, sorted. */
function notPreviewable(sets: readonly PolicySet[]): readonly NotPreviewable[] {
  const entries = sets.flatMap((set): NotPreviewable[] => [
    ...unauditable(set).flatMap(({ rule, documents, needs }) =>
      documents.map((document) => ({ rule, document, why: UNAUDITABLE_TEXT[needs] })),
    ),
    ...set.policies.flatMap(({ document, spec: { match } }): NotPreviewable[] => {
      const { operations = [], excludedUsers = [], excludedGroups = [] } = match;
      if (operations.length > 0 && !operations.includes('CREATE')) {
        return [{ rule: '*', document, why: `it speaks of ${operations.join(' and ')} only` }];
      }
      const isExcluding = excludedUsers.length + excludedGroups.length > 0;
      return isExcluding ? [{ rule: '*', document, why: 'the users and groups that it excludes are not counted' }] : [];
    }),
  ]);
  const once = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

import { formatKey, keyOf, normalise, type FieldPath, type Snapshot } from '#gateway';
import { subjectOf, type Requester, type Subject } from '#policy';
import { manifestKey, type Manifest, type ManifestFinding, type Origin } from '../cluster/manifests.ts';
import { named, storeOf } from '../cluster/state.ts';
import { Store } from '../cluster/store.ts';
import { evaluate, overlay, repair, sweep, type Evaluation, type PolicySet, type Violation } from '../engine/index.ts';
import {
  NOWHERE,
  reportEvaluation,
  type ExemptedFinding,
  type FilePlace,
  type Places,
  type ReportError,
  type ReportFinding,
} from '../report/finding.ts';
import { fingerprintOf } from '../report/fingerprint.ts';
import { judgedObject, type JudgedObject } from '../report/report.ts';
import { asApplied, type TargetCluster } from './cluster.ts';

/** What judging a set of manifests came to. */
export interface Verdicts {
  readonly findings: ReportFinding[];
  readonly exempted: ExemptedFinding[];
  readonly errors: ReportError[];
  readonly judged: JudgedObject[];
}

/** The manifests to be judged, and what they are applied to. */
export interface Worlds {
  readonly manifests: readonly Manifest[];
  /** What is there before the change; undefined when nothing is known of it, so that everything is created. */
  readonly old: readonly Manifest[] | undefined;
  /** Changes that the API server tells of itself, who asks for them included. */
  readonly reviewed?: readonly Change[];
  /** The cluster that the change happens to; undefined: one of which nothing else is in sight. */
  readonly cluster: TargetCluster | undefined;
  /** Who applies the manifests; undefined: nobody in particular, and rules that depend on it are not judged. */
  readonly requester?: Requester | undefined;
  /** Everything counts as created, so that what was wrong before is no excuse: under rules that are only planned. */
  readonly isPlan: boolean;
}

/** Is told of each object that has been judged, and how many there are. */
export type Judged = (evaluation: Evaluation, done: number, all: number) => void;

/**
 * Judges manifests as if all of them were applied: each is created in the world of all the others, or updated when it stands already, and
 * what stands only among the old ones is deleted. The change is judged as one: what an object lacks in the new world and did not lack in the
 * old one is new, whichever object brought it about. What the mutating webhook would mend is found, but only as an Audit: it never comes to a
 * denial. `now` in milliseconds since the epoch.
 */
export function judgeManifests(worlds: Worlds, set: PolicySet, now: number, judged: Judged): Verdicts {
  const changes = changesOf(worlds);
  const world = worldAfter(changes, worlds.cluster);
  const before = worldBefore(worlds) ?? world;
  const filed = filedOf(changes);
  const origins = new Map(filed.map((manifest) => [formatKey(keyOf(manifest.kind, manifest.object)), manifest]));
  const verdicts: Verdicts = { findings: [], exempted: [], errors: [], judged: [] };
  for (const [done, { manifest, subject }] of changes.entries()) {
    const around = manifest.object.metadata.name === '' ? withoutItself(world, filed[done]) : world;
    const { evaluation, mended } = judgeOne(subject, around, set, now, before === world ? around : before);
    const places: Places = {
      ofField: (path) => placeOf(manifest, path),
      ofObject: (key) => {
        const other = origins.get(formatKey(key));
        return other === undefined ? undefined : placeOf(other, ['metadata', 'name']);
      },
    };
    addVerdict(verdicts, evaluation, mended, places, manifest.file);
    judged(evaluation, done + 1, changes.length);
  }
  return verdicts;
}

/** Judges what stands in a cluster, each object in the world of all the others. */
export function judgeStanding(
  { store, objects }: TargetCluster,
  set: PolicySet,
  now: number,
  judged: Judged,
): Verdicts {
  const verdicts: Verdicts = { findings: [], exempted: [], errors: [], judged: [] };
  let done = 0;
  for (const evaluation of sweep(store, set, now)) {
    addVerdict(verdicts, evaluation, [], NOWHERE, undefined);
    done += 1;
    judged(evaluation, done, objects);
  }
  return verdicts;
}

function addVerdict(
  verdicts: Verdicts,
  evaluation: Evaluation,
  mended: readonly Violation[],
  places: Places,
  file: string | undefined,
): void {
  const { findings, exempted, errors } = reportEvaluation(evaluation, places, mended);
  verdicts.findings.push(...findings);
  verdicts.exempted.push(...exempted);
  verdicts.errors.push(...errors);
  verdicts.judged.push(judgedObject(evaluation, file));
}

/** One thing that happens to the cluster, and the manifest that tells of it. */
export interface Change {
  readonly manifest: Manifest;
  readonly subject: Subject;
}

/** What applying the new manifests does to what the old ones made, or to what stands in a cluster; then what reviews ask for. */
export function changesOf(worlds: Worlds): readonly Change[] {
  const { manifests, old = [], reviewed = [], cluster, isPlan, requester } = worlds;
  const pastOf = pastIn(worlds);
  const stays = new Set(manifests.map(manifestKey));
  const gone = [...byKey(old).values()].filter((manifest) => !stays.has(manifestKey(manifest)));
  return [
    ...manifests.map((manifest) => {
      const standing = cluster?.standing(manifest);
      const applied = standing === undefined ? manifest : asApplied(manifest, standing);
      return updateOf(applied, isPlan ? undefined : pastOf(manifest), requester);
    }),
    ...gone.flatMap((manifest) => {
      const past = pastOf(manifest);
      return past === undefined ? [] : [deletionOf(manifest, past, requester)];
    }),
    ...reviewed,
  ];
}

/** What stood under the name of a manifest before it is applied, among the old ones or in a cluster; undefined when nothing is known of it. */
export function pastIn({ old = [], cluster }: Worlds): (manifest: Manifest) => Past | undefined {
  if (cluster !== undefined) return cluster.standing;
  const past = byKey(old);
  return (manifest) => past.get(manifestKey(manifest));
}

/** Nobody can tell which of the old objects one with a generated name is. */
function byKey(old: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  const named = old.filter(({ object }) => object.metadata.name !== '');
  return new Map(named.map((manifest) => [manifestKey(manifest), manifest]));
}

/** The world before the change; undefined when nothing is known of it. */
function worldBefore({ old, cluster }: Worlds): Snapshot | undefined {
  if (cluster !== undefined) return cluster.store;
  return old === undefined ? undefined : storeOf(named(old), 'some');
}

/** The world once all changes have happened. */
export function worldAfter(changes: readonly Change[], cluster: TargetCluster | undefined): Snapshot {
  const world = cluster === undefined ? new Store('some') : cluster.store.copy();
  for (const [at, { kind, object, namespace }] of filedOf(changes).entries()) {
    if (changes[at]?.subject.operation === 'DELETE') world.delete(kind, namespace, object.metadata.name);
    else world.put(kind, object);
  }
  return world;
}

/** The manifests of changes under the names by which they stand in the world. */
function filedOf(changes: readonly Change[]): readonly Manifest[] {
  return named(changes.map(({ manifest }) => manifest));
}

/** The world in which an object comes about whose name is still to be generated: it must not meet itself under another name. */
function withoutItself(world: Snapshot, filed: Manifest | undefined): Snapshot {
  return filed === undefined ? world : overlay(world, { ...creationOf(filed), operation: 'DELETE' });
}

/** An object before a change. */
export type Past = Pick<Manifest, 'object' | 'raw'>;

/** The manifest as the API server meets it when it is applied to what was there. */
function updateOf(manifest: Manifest, past: Past | undefined, requester: Requester | undefined): Change {
  const created = creationOf(manifest, requester);
  if (past === undefined) return { manifest, subject: created };
  const subject = subjectOf({ ...created, operation: 'UPDATE', oldObject: past.object, rawOld: past.raw });
  return { manifest, subject };
}

function deletionOf(manifest: Manifest, { object, raw }: Past, requester: Requester | undefined): Change {
  const created = creationOf({ ...manifest, object, raw }, requester);
  return { manifest, subject: subjectOf({ ...created, operation: 'DELETE' }) };
}

/** The creation of a manifest, by nobody in particular where no requester is given. */
export function creationOf({ kind, object, raw, namespace }: Manifest, requester?: Requester): Subject {
  return subjectOf({
    kind,
    operation: 'CREATE',
    object,
    oldObject: undefined,
    raw,
    rawOld: undefined,
    namespace,
    subresource: '',
    requester,
  });
}

/** What admission says of a subject after the mutating webhook has had it, and the violations that are gone by then. */
export function judgeOne(
  subject: Subject,
  world: Snapshot,
  set: PolicySet,
  now: number,
  before = world,
): { readonly evaluation: Evaluation; readonly mended: readonly Violation[] } {
  const first = evaluate(subject, world, set, now, before);
  if (!set.speakingOf(subject.kind, subject.operation).some(({ mutates }) => mutates)) {
    return { evaluation: first, mended: [] };
  }
  const mutated = mutate(subject, world, set, now);
  if (mutated === undefined) return { evaluation: first, mended: [] };
  const second = evaluate(mutated, world, set, now, before);
  const left = [...second.violations];
  const kept: Violation[] = [];
  const mended: Violation[] = [];
  for (const violation of first.violations) {
    const at = left.findIndex(
      ({ identity, document }) => identity === violation.identity && document === violation.document,
    );
    if (at < 0) mended.push(violation);
    else {
      // The paths of the first judgement are those of the file.
      kept.push(violation);
      left.splice(at, 1);
    }
  }
  return { evaluation: { ...second, subject, violations: [...kept, ...left] }, mended };
}

/** The subject as the mutating webhook would leave it; undefined when it would leave it alone. */
function mutate(subject: Subject, world: Snapshot, set: PolicySet, now: number): Subject | undefined {
  try {
    const repaired = repair(subject, world, set, now, (raw) => rebuild(subject, raw));
    return repaired.patch.length === 0 ? undefined : repaired.subject;
  } catch {
    // As in the webhook: a patch that does not hold together changes nothing, and validation has the word.
    return undefined;
  }
}

/** The subject with another object in its place. Throws when that is not of its shape. */
export function rebuild(subject: Subject, raw: unknown): Subject {
  const normalised = normalise(subject.kind, raw);
  if (!normalised.ok) throw new Error('the patched object is not of its shape');
  return subjectOf({ ...subject, object: normalised.object, raw });
}

/** Where a field of an object was written. */
export function placeOf(origin: Origin, path: FieldPath): FilePlace {
  const { file, document, source } = origin;
  const { line, column } = origin.locate(path);
  return { file, document, line, column, text: origin.lineAt(line), source };
}

/** What is wrong with manifests themselves, as findings; a document that cannot be read is an error, an object given twice a warning. */
export function manifestFindings(findings: readonly ManifestFinding[]): readonly ReportFinding[] {
  return findings.map(({ rule, message, path, at, origin, object, value }): ReportFinding => {
    const id = `manifest/${rule}`;
    const { file, document, source } = origin;
    return {
      rule: id,
      policy: 'manifest',
      document: '',
      action: rule === 'duplicate' ? 'Warn' : 'Deny',
      effect: rule === 'duplicate' ? 'warn' : rule === 'unparsable' ? 'error' : 'deny',
      severity: rule === 'duplicate' ? 'medium' : 'high',
      message,
      certain: true,
      relief: 'none',
      object,
      path,
      place: { file, document, line: at.line, column: at.column, text: origin.lineAt(at.line), source },
      related: [],
      fix: undefined,
      fingerprint: fingerprintOf({ rule: id, document: file, object, path, value }),
    };
  });
}

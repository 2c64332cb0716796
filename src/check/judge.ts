import { formatKey, keyOf, normalise, type FieldPath, type Snapshot } from '#gateway';
import { subjectOf, type Subject } from '#policy';
import { manifestKey, type Manifest, type ManifestFinding, type Origin } from '../cluster/manifests.ts';
import { storeOf } from '../cluster/state.ts';
import { evaluate, repair, type Evaluation, type PolicySet, type Violation } from '../engine/index.ts';
import {
  reportEvaluation,
  reportObject,
  type ExemptedFinding,
  type FilePlace,
  type Places,
  type ReportError,
  type ReportFinding,
} from '../report/finding.ts';
import { fingerprintOf } from '../report/fingerprint.ts';
import type { JudgedObject } from '../report/report.ts';

/** What judging a set of manifests came to. */
export interface Verdicts {
  readonly findings: ReportFinding[];
  readonly exempted: ExemptedFinding[];
  readonly errors: ReportError[];
  readonly judged: JudgedObject[];
}

/** The manifests to be judged, and those that stand now. */
export interface Worlds {
  readonly manifests: readonly Manifest[];
  /** What is there before the change; undefined when nothing is known of it, so that everything is created. */
  readonly old: readonly Manifest[] | undefined;
  /** Changes that the API server tells of itself, who asks for them included. */
  readonly reviewed?: readonly Change[];
}

/**
 * Judges manifests as if all of them were applied to a cluster of which nothing else is in sight: each is created in the world of all the
 * others, or updated when it stands among the old ones, and what stands only there is deleted. The change is judged as one: what an object
 * lacks in the new world and did not lack in the old one is new, whichever object brought it about. What the mutating webhook would mend is
 * found, but only as an Audit: it never comes to a denial. `now` in milliseconds since the epoch; `tick` is called after each object.
 */
export function judgeManifests(
  worlds: Worlds,
  set: PolicySet,
  now: number,
  tick: (done: number, all: number) => void,
): Verdicts {
  const world = worldAfter(worlds);
  const before = worlds.old === undefined ? world : storeOf(worlds.old, 'some');
  const changes = changesOf(worlds);
  const origins = new Map(changes.map(({ manifest }) => [formatKey(keyOf(manifest.kind, manifest.object)), manifest]));
  const verdicts: Verdicts = { findings: [], exempted: [], errors: [], judged: [] };
  for (const [done, { manifest, subject }] of changes.entries()) {
    const { evaluation, mended } = judgeOne(subject, world, set, now, before);
    const places: Places = {
      ofField: (path) => placeOf(manifest, path),
      ofObject: (key) => {
        const other = origins.get(formatKey(key));
        return other === undefined ? undefined : placeOf(other, ['metadata', 'name']);
      },
    };
    const { findings, exempted, errors } = reportEvaluation(evaluation, places);
    const repaired = reportEvaluation({ ...evaluation, violations: mended }, places).findings;
    verdicts.findings.push(...findings, ...repaired.map(asRepaired));
    verdicts.exempted.push(...exempted);
    verdicts.errors.push(...errors);
    verdicts.judged.push({
      object: reportObject(manifest.object),
      file: manifest.file,
      outcomes: evaluation.outcomes.map(({ policy, document, outcome }) => ({ policy, document, outcome })),
    });
    tick(done + 1, changes.length);
  }
  return verdicts;
}

/** The world once everything has happened. */
function worldAfter({ manifests, reviewed = [] }: Worlds): Snapshot {
  const written = reviewed.filter(({ subject }) => subject.operation !== 'DELETE').map(({ manifest }) => manifest);
  return storeOf([...manifests, ...written], 'some');
}

/** One thing that happens to the cluster, and the manifest that tells of it. */
export interface Change {
  readonly manifest: Manifest;
  readonly subject: Subject;
}

/** What applying the new manifests does to what the old ones made. */
function changesOf({ manifests, old = [], reviewed = [] }: Worlds): readonly Change[] {
  // Nobody can tell which of the old objects one with a generated name is.
  const before = new Map(
    old.filter(({ object }) => object.metadata.name !== '').map((manifest) => [manifestKey(manifest), manifest]),
  );
  const stays = new Set(manifests.map(manifestKey));
  return [
    ...manifests.map((manifest) => changeOf(manifest, before.get(manifestKey(manifest)))),
    ...[...before].filter(([key]) => !stays.has(key)).map(([, gone]) => changeOf(gone, undefined, 'DELETE')),
    ...reviewed,
  ];
}

/** The manifest as the API server meets it when nobody in particular applies or deletes it. */
function changeOf(manifest: Manifest, before: Manifest | undefined, operation?: 'DELETE'): Change {
  const created = creationOf(manifest);
  if (before === undefined && operation === undefined) return { manifest, subject: created };
  const subject = subjectOf({
    ...created,
    operation: operation ?? 'UPDATE',
    oldObject: before?.object,
    rawOld: before?.raw,
  });
  return { manifest, subject };
}

/** The creation of a manifest by nobody in particular. */
export function creationOf({ kind, object, raw, namespace }: Manifest): Subject {
  return subjectOf({
    kind,
    operation: 'CREATE',
    object,
    oldObject: undefined,
    raw,
    rawOld: undefined,
    namespace,
    subresource: '',
    requester: undefined,
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

/** A finding that the mutating webhook mends. */
export function asRepaired(finding: ReportFinding): ReportFinding {
  return { ...finding, action: 'Audit', effect: 'audit', relief: 'repaired' };
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

import { compareText, formatPath, type FieldPath, type KubeObject, type ObjectKey } from '#gateway';
import type { Action, Severity, Subject } from '#policy';
import {
  effectOf,
  toPatch,
  type Evaluation,
  type Exemption,
  type PatchOperation,
  type Violation,
} from '../engine/index.ts';
import { fingerprintOf } from './fingerprint.ts';

/** An object as reports name it; `namespace` is `""` for cluster-scoped kinds. */
export interface ReportObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** The name; of an object that will be given one, what it begins with. */
  readonly name: string;
  /** What the API server makes the name of; undefined for an object that has one. */
  readonly generateName?: string | undefined;
}

/** A place in a file. */
export interface FilePlace {
  /** As the user named it. */
  readonly file: string;
  /** The document's number in the file, from 0. */
  readonly document: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** The line itself. */
  readonly text: string;
  /** The Helm template that the line was rendered from. */
  readonly source: string | undefined;
}

/**
 * Where a place is shown beside the code. What was piped in is in no file of the repository: there its Helm template stands for it, as a whole,
 * since its lines are others.
 */
export function shownPlace(place: FilePlace): Pick<FilePlace, 'file' | 'line' | 'column'> {
  const template = templateOf(place);
  return template === undefined ? place : { file: template, line: 1, column: 1 };
}

/** What a message that stands at a template adds: ` (line 12 of what Helm rendered)`; nothing for other places. */
export function renderedNote(place: FilePlace | undefined): string {
  return place === undefined || templateOf(place) === undefined ? '' : ` (line ${place.line} of what Helm rendered)`;
}

function templateOf({ file, source }: FilePlace): string | undefined {
  return file.startsWith('<') ? source : undefined;
}

/** What a finding comes to: what admission would do about it; `error` for what cannot be read or judged. */
export type FindingEffect = 'error' | 'deny' | 'warn' | 'audit';

/** A finding as every format tells it: what is wrong, under whose rule, where it was written. */
export interface ReportFinding {
  /** `<policy>/<rule>`, or `manifest/<rule>` for what no policy is about. */
  readonly rule: string;
  /** The policy's id, or `manifest`. */
  readonly policy: string;
  /** The policy document's name; `""` for `manifest`. */
  readonly document: string;
  /** What the operator wants done about it. */
  readonly action: Action;
  /** What it comes to here: a Deny that is unverified or older than the change only warns. */
  readonly effect: FindingEffect;
  readonly severity: Severity;
  readonly message: string;
  /** `false`: it rests on the absence of something that is out of sight. */
  readonly certain: boolean;
  /** Why it counts for less: `repaired` when the mutating webhook would mend it. */
  readonly relief: 'none' | 'unverified' | 'ratcheted' | 'repaired';
  /** Undefined when a file holds no object to name. */
  readonly object: ReportObject | undefined;
  readonly path: FieldPath;
  /** Undefined for objects that come from a cluster. */
  readonly place: FilePlace | undefined;
  readonly related: readonly RelatedObject[];
  readonly fix: ReportFix | undefined;
  /** The same for the same finding wherever it moves in its file; see {@link fingerprintOf}. */
  readonly fingerprint: string;
  /** Whether the previous report had it; undefined when there is none to compare with. */
  readonly change?: 'new' | 'unchanged';
}

/** Another object that a finding is about. */
export interface RelatedObject extends ObjectKey {
  readonly place: FilePlace | undefined;
}

/** What would make a finding go away; `patch` is empty when only a person can choose. */
export interface ReportFix {
  readonly description: string;
  readonly patch: readonly PatchOperation[];
}

/** A finding that an exemption takes out. */
export interface ExemptedFinding {
  readonly finding: ReportFinding;
  readonly exemption: Exemption;
}

/** A document that could not be judged for an object. */
export interface ReportError {
  readonly policy: string;
  readonly document: string;
  /** What it comes to: `deny` when the document's failure mode is Fail and it would deny. */
  readonly effect: 'deny' | 'warn' | 'audit';
  readonly reason: string;
  readonly object: ReportObject;
  readonly place: FilePlace | undefined;
}

/** Finds the place of an object's field; with a name of another object, of that object. */
export interface Places {
  readonly ofField: (path: FieldPath) => FilePlace | undefined;
  readonly ofObject: (key: ObjectKey) => FilePlace | undefined;
}

/** Places for objects that were never in a file. */
export const NOWHERE: Places = { ofField: () => undefined, ofObject: () => undefined };

/** How reports name an object. */
export function reportObject(object: KubeObject): ReportObject {
  const { apiVersion, kind, metadata } = object;
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? '',
    ...nameOf(metadata),
  };
}

function nameOf({ name, generateName = '' }: KubeObject['metadata']): Pick<ReportObject, 'name' | 'generateName'> {
  return name !== '' || generateName === '' ? { name } : { name: generateName, generateName };
}

/** A violation of a subject as a finding. */
function reportFinding(
  violation: Violation,
  subject: Subject,
  places: Places,
  state: 'standing' | 'repaired',
): ReportFinding {
  const { policy, document, rule, action, severity, message, path, relief, fix } = violation;
  const object = reportObject(subject.object);
  const effect = effectOf(violation);
  const isRepaired = state === 'repaired';
  return {
    rule,
    policy,
    document,
    action: isRepaired ? 'Audit' : action,
    effect: isRepaired || effect === 'exempt' ? 'audit' : effect,
    severity,
    message,
    certain: relief.kind !== 'unverified',
    relief: isRepaired ? 'repaired' : relief.kind === 'exempted' ? 'none' : relief.kind,
    object,
    path,
    place: places.ofField(path),
    related: violation.related.map((key) => ({ ...key, place: places.ofObject(key) })),
    fix: fix === undefined ? undefined : { description: fix.description, patch: toPatch(fix.edits) },
    // Few formats tell it.
    get fingerprint() {
      return fingerprintOf({ rule, document, object, path, value: subject.raw });
    },
  };
}

/** The findings, exempted findings and errors of an evaluation; `mended` are violations that the mutating webhook mends, which only audit. */
export function reportEvaluation(
  evaluation: Evaluation,
  places: Places,
  mended: readonly Violation[] = [],
): {
  readonly findings: readonly ReportFinding[];
  readonly exempted: readonly ExemptedFinding[];
  readonly errors: readonly ReportError[];
} {
  const findings: ReportFinding[] = [];
  const exempted: ExemptedFinding[] = [];
  const { subject } = evaluation;
  for (const violation of evaluation.violations) {
    const finding = reportFinding(violation, subject, places, 'standing');
    if (violation.relief.kind === 'exempted') exempted.push({ finding, exemption: violation.relief.exemption });
    else findings.push(finding);
  }
  for (const violation of mended) {
    if (violation.relief.kind !== 'exempted') findings.push(reportFinding(violation, subject, places, 'repaired'));
  }
  const errors = evaluation.errors.map(({ policy, document, action, failureMode, reason }): ReportError => {
    const effect = action === 'Audit' ? 'audit' : action === 'Deny' && failureMode === 'Fail' ? 'deny' : 'warn';
    const object = reportObject(subject.object);
    return { policy, document, effect, reason, object, place: places.ofField([]) };
  });
  return { findings, exempted, errors };
}

/** The order of all reports: file, document, path, rule, then object for what has no file. */
export function compareFindings(a: ReportFinding, b: ReportFinding): number {
  return (
    compareText(a.place?.file ?? '', b.place?.file ?? '') ||
    (a.place?.document ?? 0) - (b.place?.document ?? 0) ||
    compareText(objectText(a.object), objectText(b.object)) ||
    comparePaths(a.path, b.path) ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
    compareText(a.rule, b.rule) ||
    compareText(a.document, b.document) ||
    compareText(a.message, b.message)
  );
}

/** `Kind namespace/name`, or nothing. */
export function objectText(object: ReportObject | undefined): string {
  if (object === undefined) return '';
  const { kind, namespace } = object;
  const name = shownName(object);
  return namespace === '' ? `${kind} ${name}`.trim() : `${kind} ${namespace}/${name}`;
}

/** An object's name, or what is known of one that is still to be made: `web-* (generateName)`. */
export function shownName({ name, generateName }: Pick<ReportObject, 'name' | 'generateName'>): string {
  return generateName === undefined ? name : `${generateName}* (generateName)`;
}

function comparePaths(a: FieldPath, b: FieldPath): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [left = '', right = ''] = [a[at], b[at]];
    const order =
      typeof left === 'number' && typeof right === 'number' ? left - right : compareText(String(left), String(right));
    if (order !== 0) return order;
  }
  return a.length - b.length || compareText(formatPath(a), formatPath(b));
}

import { formatKey, valueAt, type ObjectKey, type Snapshot } from '#gateway';
import {
  atMost,
  pastOf,
  stricter,
  type Action,
  type BoundPolicy,
  type Finding,
  type Fix,
  type Severity,
  type Subject,
} from '#policy';
import { errorText } from '../errors.ts';
import { exempting, type Exemption } from './exemption.ts';
import type { PolicySet } from './policySet.ts';
import { overlay } from './overlay.ts';

/** Why a violation counts for less than its document's action. */
export type Relief =
  | { readonly kind: 'none' }
  /** It rests on the absence of something out of sight. */
  | { readonly kind: 'unverified'; readonly restsOn: readonly ObjectKey[] }
  /** The object had it before this UPDATE. */
  | { readonly kind: 'ratcheted' }
  | { readonly kind: 'exempted'; readonly exemption: Exemption };

/** A finding under a document: what the operator wants done about it, and what stands against doing so. */
export interface Violation {
  readonly policy: string;
  readonly document: string;
  /** `<policy>/<message id>`. */
  readonly rule: string;
  readonly message: string;
  readonly path: Finding['path'];
  readonly severity: Severity;
  /** The operator's action for this rule, before relief. */
  readonly action: Action;
  /** What an error in judging the document means. */
  readonly failureMode: 'Fail' | 'Ignore';
  readonly relief: Relief;
  readonly related: readonly ObjectKey[];
  /** What must be absent, or not say otherwise, for the violation to hold; read live before a Deny. An empty name: any of the kind. */
  readonly restsOn: readonly ObjectKey[];
  readonly fix: Fix | undefined;
  /** What fills the holes of the message. */
  readonly data: Finding['data'];
  /** Rule and data: equal for the same violation of several documents, wherever it stands. */
  readonly identity: string;
  readonly size: number | undefined;
  /** What it is about besides; see {@link Finding.about}. */
  readonly about: readonly string[];
  /** See {@link Finding.aside}. */
  readonly aside: readonly string[];
}

/** A document that could not be judged. */
export interface PolicyError {
  readonly policy: string;
  readonly document: string;
  /** What its failures mean, from the document. */
  readonly failureMode: 'Fail' | 'Ignore';
  readonly action: Action;
  readonly reason: string;
  /** The violation that could not be verified, in words. */
  readonly finding?: string;
}

/** What one document came to for a subject. */
export interface PolicyOutcome {
  readonly policy: string;
  readonly document: string;
  readonly action: Action;
  readonly outcome: 'pass' | 'fail' | 'skip' | 'error';
}

/** What all documents came to for one subject. */
export interface Evaluation {
  readonly subject: Subject;
  readonly violations: readonly Violation[];
  readonly errors: readonly PolicyError[];
  readonly outcomes: readonly PolicyOutcome[];
}

/**
 * Judges a subject under every document that speaks about it, in the world as it will be when the subject has landed.
 *
 * Each document is judged in its own guard: what throws becomes the outcome `error` of that document and nothing else. `now` is in
 * milliseconds since the epoch. `before` is the world before the whole change that the subject is part of, where that is known: what the
 * object of an UPDATE already had is judged there, and what stood there and is gone is known to be absent. `silent` is what was asked for in
 * vain, see {@link doubted}.
 */
export function evaluate(
  subject: Subject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
  before: Snapshot = snapshot,
  silent: readonly ObjectKey[] = [],
): Evaluation {
  return evaluateIn(overlay(snapshot, subject), subject, set, now, before, silent);
}

/** {@link evaluate} in the world as it will be. */
export function evaluateIn(
  world: Snapshot,
  subject: Subject,
  set: PolicySet,
  now: number,
  before: Snapshot,
  silent: readonly ObjectKey[] = [],
): Evaluation {
  const candidates = set.speakingOf(subject.kind, subject.operation);
  if (candidates.length === 0 || isOnlyFinalizing(subject)) {
    return { subject, violations: [], errors: [], outcomes: [] };
  }
  const violations: Violation[] = [];
  const errors: PolicyError[] = [];
  const passed = passedBy(candidates);
  let outcomes: PolicyOutcome[] | undefined;
  for (const [at, bound] of candidates.entries()) {
    const { id: policy, document, spec } = bound;
    let outcome: PolicyOutcome['outcome'];
    try {
      const judged = judge(bound, subject, world, now, before);
      outcome = judged === undefined ? 'skip' : judged.length > 0 ? 'fail' : 'pass';
      if (judged !== undefined && judged.length > 0) {
        for (const violation of relieve(judged, bound, subject, world, before, set, now)) violations.push(violation);
      }
    } catch (error) {
      const reason = errorText(error);
      errors.push({ policy, document, failureMode: spec.failureMode, action: strictestAction(bound), reason });
      outcome = 'error';
    }
    if (outcome !== 'pass') outcomes ??= passed.slice(0, at);
    outcomes?.push({ policy, document, action: spec.action, outcome });
  }
  return { subject, violations: merged(doubted(violations, silent)), errors, outcomes: outcomes ?? passed };
}

const PASSED = new WeakMap<readonly BoundPolicy[], readonly PolicyOutcome[]>();

/** The outcomes where all documents pass, made once: so it is with most reviews, and who counts them knows them again. */
function passedBy(candidates: readonly BoundPolicy[]): readonly PolicyOutcome[] {
  let passed = PASSED.get(candidates);
  if (passed === undefined) {
    passed = candidates.map(({ id, document, spec }) => ({
      policy: id,
      document,
      action: spec.action,
      outcome: 'pass',
    }));
    PASSED.set(candidates, passed);
  }
  return passed;
}

/**
 * Violations of which none counts as certain that rests on a key without an answer, whatever an old copy of the object says. Before they are
 * merged: the one that is left must not be one that only the old copy made certain.
 */
export function doubted(violations: readonly Violation[], silent: readonly ObjectKey[]): readonly Violation[] {
  if (silent.length === 0) return violations;
  const unanswered = new Set(silent.map(formatKey));
  return violations.map((violation): Violation => {
    const restsOn = violation.restsOn.filter((key) => unanswered.has(formatKey(key)));
    if (violation.relief.kind !== 'none' || restsOn.length === 0) return violation;
    return { ...violation, relief: { kind: 'unverified', restsOn } };
  });
}

/** The document's violations, before relief but for what is out of sight; undefined when it does not speak about the subject. */
function judge(
  bound: BoundPolicy,
  subject: Subject,
  world: Snapshot,
  now: number,
  before: Snapshot,
): readonly Violation[] | undefined {
  const applies = bound.applies(subject, world);
  if (applies === false) return undefined;
  const restsOnMatch = applies === true ? [] : [applies.unknown];
  const judged: Violation[] = [];
  for (const finding of bound.evaluate(subject, world, now)) {
    const violation = violationOf(bound, finding, restsOnMatch, world, before);
    if (violation !== undefined) judged.push(violation);
  }
  return judged;
}

/** A finding under a document; undefined when the document has disabled its rule. `restsOnToo` is what it rests on besides. */
export function violationOf(
  bound: BoundPolicy,
  finding: Finding,
  restsOnToo: readonly ObjectKey[],
  world: Snapshot,
  before: Snapshot,
): Violation | undefined {
  const action = actionFor(bound, finding);
  if (action === undefined) return undefined;
  const rule = ruleOf(bound, finding);
  return {
    policy: bound.id,
    document: bound.document,
    rule,
    message: finding.message,
    path: finding.path,
    severity: finding.severity,
    action,
    failureMode: bound.spec.failureMode,
    ...resting(restsOnToo.length === 0 ? finding.restsOn : [...restsOnToo, ...finding.restsOn], world, before),
    related: finding.related,
    fix: finding.fix,
    data: finding.data,
    identity: identityOf(rule, finding.data),
    size: finding.size,
    about: finding.about,
    aside: finding.aside,
  };
}

/** The rule of a finding: `<policy>/<message id>`. */
export function ruleOf(bound: BoundPolicy, { id }: Finding): string {
  return `${bound.id}/${id}`;
}

/** Rule and data as a text. As JSON, which is one piece: a text put together of many takes longer as a key. */
function identityOf(rule: string, data: Finding['data'], aside: readonly string[] = []): string {
  const entries = Object.entries(data);
  return JSON.stringify([rule, aside.length === 0 ? entries : entries.filter(([name]) => !aside.includes(name))]);
}

/** What a violation rests on, and that it is unverified where some of that is out of sight. */
function resting(
  restsOn: readonly ObjectKey[],
  world: Snapshot,
  before: Snapshot,
): Pick<Violation, 'relief' | 'restsOn'> {
  const outOfSight = restsOn.filter((key) => !isInSight(key, world, before));
  return { restsOn, relief: outOfSight.length > 0 ? { kind: 'unverified', restsOn: outOfSight } : { kind: 'none' } };
}

/** What the document says of a rule; undefined when it is disabled, or off and not turned on. */
export function actionFor(bound: BoundPolicy, finding: Pick<Finding, 'id' | 'atMost'>): Action | undefined {
  const message = bound.policy.messages.get(finding.id);
  const override = bound.spec.rules[finding.id];
  if (override === 'Disabled' || (override === undefined && message?.off === true)) return undefined;
  return atMost(atMost(override ?? bound.spec.action, message?.atMost), finding.atMost);
}

/** The strictest action that any rule of the document may have: what an error in judging it stands for. */
export function strictestAction(bound: BoundPolicy): Action {
  let strictest = bound.spec.action;
  for (const action of Object.values(bound.spec.rules)) {
    if (action !== undefined && action !== 'Disabled') strictest = stricter(strictest, action);
  }
  return strictest;
}

/** An absence proves something only where everything is in sight; a named object that is there, or was and goes, is in sight. */
function isInSight({ kind, namespace, name }: ObjectKey, world: Snapshot, before: Snapshot): boolean {
  const isKnown = (snapshot: Snapshot): boolean => snapshot.get(kind, namespace, name) !== undefined;
  return (name !== '' && (isKnown(world) || isKnown(before))) || world.sees(kind) === 'all';
}

function relieve(
  judged: readonly Violation[],
  bound: BoundPolicy,
  subject: Subject,
  world: Snapshot,
  before: Snapshot,
  set: PolicySet,
  now: number,
): readonly Violation[] {
  const past = new Past(bound, findingsBefore(bound, subject, before, now));
  const exempted = exempting(set.exemptions, bound, subject, world, now);
  const relieved = judged.map((violation): Violation => {
    const { by, unknown } = exempted(violation.rule);
    const stood = past.takes(violation);
    if (by !== undefined) return { ...violation, relief: { kind: 'exempted', exemption: by } };
    if (stood) return { ...violation, relief: { kind: 'ratcheted' } };
    if (unknown.length === 0) return violation;
    return { ...violation, ...resting([...violation.restsOn, ...unknown], world, before) };
  });
  const parts = past.left().flatMap(({ insteadOf }) => insteadOf);
  if (parts.length === 0) return relieved;
  const broken = new Past(bound, parts);
  return relieved.map((violation) => {
    const isOpen = violation.relief.kind === 'none' || violation.relief.kind === 'unverified';
    return isOpen && broken.takes(violation) ? { ...violation, relief: { kind: 'ratcheted' } } : violation;
  });
}

/** What was found of the object of an UPDATE as it was, but for what the document has disabled: that covers nothing. */
function findingsBefore(bound: BoundPolicy, subject: Subject, before: Snapshot, now: number): readonly Finding[] {
  const past = pastOf(subject);
  if (past === undefined) return [];
  const world = overlay(before, past);
  if (bound.applies(past, world) === false) return [];
  return bound.evaluate(past, world, now).filter((finding) => actionFor(bound, finding) !== undefined);
}

/**
 * What an object already had, each good for one violation of the new object, wherever that stands. What has a measure covers only what
 * measures no more; what none of its like was about is covered by none.
 */
class Past {
  readonly #old = new Map<string, { readonly id: number; readonly findings: Finding[] }>();
  /** By number: there may be thousands of parts, and what lasts of a violation may be long. */
  readonly #known = new Set<string>();

  constructor(bound: BoundPolicy, findings: readonly Finding[]) {
    for (const finding of findings) {
      const lasting = identityOf(ruleOf(bound, finding), finding.data, finding.aside);
      const alike = this.#old.get(lasting) ?? { id: this.#old.size, findings: [] };
      if (alike.findings.length === 0) this.#old.set(lasting, alike);
      alike.findings.push(finding);
      for (const part of finding.about) this.#known.add(`${alike.id} ${part}`);
    }
  }

  takes({ rule, data, aside, identity, about, size }: Violation): boolean {
    const alike = this.#old.get(aside.length === 0 ? identity : identityOf(rule, data, aside));
    if (alike === undefined || !about.every((part) => this.#known.has(`${alike.id} ${part}`))) return false;
    const { findings } = alike;
    // From the end: hundreds that are alike are each found at once.
    const at = size === undefined ? findings.length - 1 : findings.findLastIndex((old) => (old.size ?? 0) >= size);
    if (at < 0) return false;
    findings.splice(at, 1);
    return true;
  }

  /** Those that have covered nothing. */
  left(): readonly Finding[] {
    return [...this.#old.values()].flatMap(({ findings }) => findings);
  }
}

/** Violations of several judgements as those of one: the same one of several documents of a policy counts once, with the strictest action. */
export function merged(all: readonly Violation[]): readonly Violation[] {
  if (all.length === 0) return all;
  const violations = new Map<string, Violation>();
  for (const violation of all) {
    const key = `${violation.identity} ${violation.path.join('/')}`;
    const known = violations.get(key);
    if (known === undefined || rank(violation) < rank(known)) violations.set(key, violation);
  }
  return [...violations.values()];
}

function rank({ relief, action, failureMode }: Violation): number {
  // A Deny that is still to be verified outranks what another document is sure to warn of: it may become one.
  const unsure = relief.kind === 'unverified' ? (failureMode === 'Fail' ? 1 : 2) : 0;
  const relieved = { none: 0, unverified: 0, ratcheted: 9, exempted: 18 }[relief.kind];
  return relieved + 3 * ['Deny', 'Warn', 'Audit'].indexOf(action) + unsure;
}

/**
 * An UPDATE of an object that is being deleted, which leaves spec and the metadata that policies read equal: only finalizers or status move,
 * and refusing it would hold the object for ever. Any other edit of such an object is judged (CVE-2023-34091).
 */
export function isOnlyFinalizing(subject: Subject): boolean {
  const { object, oldObject } = subject;
  if (subject.operation !== 'UPDATE' || oldObject?.metadata.deletionTimestamp === undefined) return false;
  const parts = [['spec'], ['metadata', 'labels'], ['metadata', 'annotations']];
  return parts.every((path) => JSON.stringify(valueAt(object, path)) === JSON.stringify(valueAt(oldObject, path)));
}

import type { KindName, KubeObject, ObjectKey, Snapshot } from '#gateway';
import {
  pastOf,
  type BoundPolicy,
  type ClaimLayer,
  type HeldHostname,
  type HostnameClaim,
  type Subject,
} from '#policy';
import { effectOf } from './decide.ts';
import {
  isOnlyFinalizing,
  merged,
  ruleOf,
  strictestAction,
  violationOf,
  type Evaluation,
  type PolicyError,
  type Violation,
} from './evaluate.ts';
import { exempting } from './exemption.ts';
import { overlay } from './overlay.ts';
import type { PolicySet } from './policySet.ts';
import { standing } from './sweep.ts';

/** What documents make of a hostname that somebody else holds. */
export interface Contested {
  readonly violations: readonly Violation[];
  /** Every document that speaks gives the claimant the right to it. */
  readonly prevails: boolean;
  /** The write is to be refused. */
  readonly denies: boolean;
}

/** A hostname that a subject asks for, and what the documents that hold hostnames say of others that hold it. */
export interface WantedClaim {
  /** Canonical. */
  readonly hostname: string;
  readonly layer: ClaimLayer;
  /** Wider and narrower hostnames of others count too. */
  readonly overlaps: boolean;
  /** Undefined where holder and claimant are one owner and share the hostname. */
  readonly against: (held: HeldHostname) => Contested | undefined;
}

const NONE: ReadonlyMap<string, WantedClaim> = new Map();

/**
 * The hostnames that are to be held for a subject before it lands. An UPDATE asks for none that the object has had before: it stands in the
 * cluster, where everybody sees it.
 */
export function claimsOf(
  subject: Subject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
): ReadonlyMap<string, WantedClaim> {
  if (!set.holdsClaims) return NONE;
  const bounds = set.speakingOf(subject.kind, subject.operation).filter(({ claims }) => claims !== undefined);
  if (bounds.length === 0 || subject.operation === 'DELETE' || isOnlyFinalizing(subject)) return NONE;
  const world = overlay(snapshot, subject);
  const past = pastOf(subject);
  const had = past === undefined ? undefined : asked(past, overlay(snapshot, past), bounds, now);
  const wanted = new Map<string, WantedClaim>();
  for (const [id, claims] of asked(subject, world, bounds, now)) {
    const [first] = claims;
    if (first === undefined || had?.has(id) === true) continue;
    wanted.set(id, {
      hostname: first.claim.hostname,
      layer: first.claim.layer,
      overlaps: claims.some(({ claim }) => claim.overlaps),
      against: (held) => contested(claims, held, subject, { snapshot, world }, set, now),
    });
  }
  return wanted;
}

/** What {@link claimsOf} would say of an object that stands in the cluster: the hostnames it may keep, by {@link claimId}. */
export function claimsStanding(
  kind: KindName,
  object: KubeObject,
  snapshot: Snapshot,
  set: PolicySet,
  now: number,
): ReadonlySet<string> {
  return new Set(claimsOf(standing(kind, object), snapshot, set, now).keys());
}

/** Names a hostname with what it is claimed for. */
export function claimId({ layer, hostname }: { readonly layer: ClaimLayer; readonly hostname: string }): string {
  return `${layer} ${hostname}`;
}

/** An evaluation with what came of holding the subject's hostnames. */
export function withViolations(evaluation: Evaluation, violations: readonly Violation[]): Evaluation {
  const policies = new Set(violations.map(({ policy, document }) => `${policy} ${document}`));
  return {
    ...evaluation,
    violations: merged([...evaluation.violations, ...violations]),
    outcomes: evaluation.outcomes.map((one) =>
      one.outcome === 'pass' && policies.has(`${one.policy} ${one.document}`) ? { ...one, outcome: 'fail' } : one,
    ),
  };
}

/** An evaluation of a subject whose hostnames could not be held: every document that holds them has failed. */
export function withFailedClaims(evaluation: Evaluation, set: PolicySet, reason: string): Evaluation {
  const { subject } = evaluation;
  const errors = set
    .speakingOf(subject.kind, subject.operation)
    .filter(({ claims }) => claims !== undefined)
    .map((bound): PolicyError => ({
      policy: bound.id,
      document: bound.document,
      failureMode: bound.spec.failureMode,
      action: strictestAction(bound),
      reason,
    }));
  const failed = new Set(errors.map(({ policy, document }) => `${policy} ${document}`));
  return {
    ...evaluation,
    errors: [...evaluation.errors, ...errors],
    outcomes: evaluation.outcomes.map((one) =>
      failed.has(`${one.policy} ${one.document}`) ? { ...one, outcome: 'error' } : one,
    ),
  };
}

interface Asked {
  readonly bound: BoundPolicy;
  readonly claim: HostnameClaim;
  /** What must be seen before it is known that the document speaks. */
  readonly restsOn: readonly ObjectKey[];
}

function asked(
  subject: Subject,
  world: Snapshot,
  bounds: readonly BoundPolicy[],
  now: number,
): ReadonlyMap<string, readonly Asked[]> {
  const all = new Map<string, Asked[]>();
  for (const bound of bounds) {
    const applies = bound.applies(subject, world);
    if (applies === false) continue;
    const restsOn = applies === true ? [] : [applies.unknown];
    for (const claim of bound.claims?.(subject, world, now) ?? []) {
      const id = claimId(claim);
      const known = all.get(id);
      if (known === undefined) all.set(id, [{ bound, claim, restsOn }]);
      else known.push({ bound, claim, restsOn });
    }
  }
  return all;
}

function contested(
  claims: readonly Asked[],
  held: HeldHostname,
  subject: Subject,
  { snapshot, world }: { readonly snapshot: Snapshot; readonly world: Snapshot },
  set: PolicySet,
  now: number,
): Contested | undefined {
  const violations: Violation[] = [];
  let prevails = true;
  let isShared = true;
  for (const { bound, claim, restsOn } of claims) {
    const contest = claim.contest(held);
    if (contest === undefined) continue;
    isShared = false;
    prevails &&= contest.prevails;
    const exempted = exempting(set.exemptions, bound, subject, world, now);
    const { by, unknown } = exempted(ruleOf(bound, contest.finding));
    const violation = violationOf(bound, contest.finding, [...restsOn, ...unknown], world, snapshot);
    if (violation === undefined) continue;
    violations.push(by === undefined ? violation : { ...violation, relief: { kind: 'exempted', exemption: by } });
  }
  if (isShared) return undefined;
  const denies = violations.some(
    (violation) =>
      effectOf(violation) === 'deny' || (violation.action === 'Deny' && violation.relief.kind === 'unverified'),
  );
  return { violations, prevails, denies };
}

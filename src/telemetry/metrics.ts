import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { LoadedPolicies } from '../config/index.ts';
import { KIND_NAMES } from '#gateway';
import type { FindingCount, PolicyOutcome } from '../engine/index.ts';
import { OPERATIONS } from '#policy';

/** Why a request was turned away before it was judged. */
export type ShedReason = 'not-ready' | 'concurrency' | 'bytes' | 'queue' | 'deadline' | 'unauthenticated';

/** How a kind of the live view stands, when the metrics are read. */
export interface KindState {
  readonly kind: string;
  readonly objects: number;
  /** Seconds since the last sign of life, where there has been any. */
  readonly age: number | undefined;
  readonly relists: number;
  /** The resourceVersion seen last, where it is known. */
  readonly version: number | undefined;
  /** It is known that no object is missing. */
  readonly whole: boolean;
}

/**
 * What came of holding the hostnames of an object: all are held; somebody else holds one; one is held for an object that has not landed or is
 * gone; or it could not be found out in time.
 */
export type ClaimResult = 'held' | 'contested' | 'pending' | 'failed';

/** How the hostname claims of a cluster stand, when the metrics are read. */
export interface ClaimState {
  /** Claims there were at the last look. */
  readonly standing: number;
  /** Claims that this replica has taken away. */
  readonly collected: number;
}

/** Who trusts the certificate that Gateward made for itself, when the metrics are read. */
export interface TrustState {
  /** Last millisecond of the CA that signs. */
  readonly authorityEnds: number;
  /** By webhook configuration: whether it does not trust the certificate that is served, as last seen. */
  readonly mismatches: ReadonlyMap<'validating' | 'mutating', boolean>;
  /** Times that a bundle was written, by webhook configuration. */
  readonly repairs: ReadonlyMap<'validating' | 'mutating', number>;
}

/**
 * What came of an object that only Gateward refuses, created in a dry run: Gateward was asked and refused it; nobody refused it; it was refused
 * for want of an answer of Gateward; or it was not tried: there is no right to, HTTPRoute or the namespace is not there, something else refuses
 * it, or the API server does not answer.
 */
export type CanaryOutcome = (typeof CANARY_OUTCOMES)[number];
const CANARY_OUTCOMES = ['denied', 'admitted', 'failed', 'forbidden', 'absent', 'refused', 'unreachable'] as const;

/** What came of the canaries of this replica, when the metrics are read. */
export interface CanaryState {
  readonly counts: ReadonlyMap<CanaryOutcome, number>;
  /** Whether nobody refused the last one that was tried; undefined before there was one, and where another replica leads. */
  readonly admitted: boolean | undefined;
}

/** The metrics of one server. Every label is of a closed set: no object, hostname, user or path becomes one. */
export interface Metrics {
  readonly registry: Registry;
  readonly review: (
    webhook: 'validate' | 'mutate' | 'documents',
    operation: string,
    kind: string,
    allowed: boolean,
    seconds: number,
  ) => void;
  /** What each document came to, before the operator's action. */
  readonly outcomes: (outcomes: readonly PolicyOutcome[]) => void;
  readonly shed: (reason: ShedReason) => void;
  readonly reload: (result: 'success' | 'failure') => void;
  /** The documents now in force, and the exemptions that were left out because they are over. */
  readonly policies: (loaded: Pick<LoadedPolicies, 'set' | 'expired'>) => void;
  /** The findings of the audit, and how many objects it has judged; none where another replica leads. */
  readonly findings: (counts: readonly FindingCount[], judged: number) => void;
  readonly claims: (result: ClaimResult) => void;
  /** Where to ask for the state of the claims whenever the metrics are read. */
  readonly observeClaims: (state: () => ClaimState) => void;
  /** The last second at which a certificate is valid: the one that is served, or the CA of the callers or of our own. */
  readonly certificate: (certificate: 'serving' | 'client-ca' | 'ca', expirySeconds: number) => void;
  /** Where to ask for what came of the canaries, when there are any. */
  readonly observeCanary: (state: () => CanaryState) => void;
  /** Where to ask for the trust in a certificate of our own making. */
  readonly observeTrust: (state: () => TrustState) => void;
  /** Where to ask for the state of the kinds whenever the metrics are read. */
  readonly observeKinds: (kinds: () => readonly KindState[]) => void;
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** What expires within so many milliseconds is worth a look. */
const SOON = 7 * 86_400_000;
const KINDS_SHOWN: ReadonlySet<string> = new Set(KIND_NAMES);
const OPERATIONS_SHOWN: ReadonlySet<string> = new Set([...OPERATIONS, 'CONNECT']);

/** Metrics in a registry of their own, so that several servers of one process do not mix. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = tally(registers, {
    name: 'gateward_admission_requests_total',
    help: 'Reviews answered.',
    labelNames: ['webhook', 'operation', 'kind', 'allowed'],
  });
  const outcomes = tally(registers, {
    name: 'gateward_admission_outcomes_total',
    help: 'What each document came to for each review, before enforcement.',
    labelNames: ['policy', 'outcome', 'action'],
    before: countOutcomes,
  });
  /** The list of outcomes that was told last, and how often it is still to be counted: that of the reviews which all documents pass is one. */
  let told: readonly PolicyOutcome[] = [];
  let times = 0;
  function countOutcomes(): void {
    for (const { policy, outcome, action } of told) outcomes(times, policy, outcome, action);
    times = 0;
  }
  const duration = new Histogram({
    name: 'gateward_admission_duration_seconds',
    help: 'From the head of the request to the answer.',
    labelNames: ['webhook'],
    buckets: BUCKETS,
    registers,
  });
  const shed = new Counter({
    name: 'gateward_admission_shed_total',
    help: 'Requests turned away before they were judged.',
    labelNames: ['reason'],
    registers,
  });
  const reloads = new Counter({
    name: 'gateward_config_reload_total',
    help: 'Times that changed policy documents were read.',
    labelNames: ['result'],
    registers,
  });
  // The first failure is no increase of a series that begins with it.
  for (const result of ['success', 'failure'] as const) reloads.inc({ result }, 0);
  const policyInfo = new Gauge({
    name: 'gateward_policy_info',
    help: 'The policy documents in force.',
    labelNames: ['policy', 'document', 'action'],
    registers,
  });
  /** Of the documents in force; some that were over when they were read, and others end while they are. */
  let exemptionEnds: readonly number[] = [];
  new Gauge({
    name: 'gateward_exemptions',
    help: 'Exemptions by state; those that expire within seven days are active too.',
    labelNames: ['state'],
    registers,
    collect() {
      const now = Date.now();
      const active = exemptionEnds.filter((end) => now < end);
      this.set({ state: 'active' }, active.length);
      this.set({ state: 'expired' }, exemptionEnds.length - active.length);
      this.set({ state: 'expiring' }, active.filter((end) => end < now + SOON).length);
    },
  });
  const findings = new Gauge({
    name: 'gateward_findings',
    help: 'What the audit finds in the cluster; only the replica that leads has it.',
    labelNames: ['policy', 'action'],
    registers,
  });
  const audited = new Gauge({
    name: 'gateward_audited_objects',
    help: 'Objects that the audit has judged; only the replica that leads has it.',
    registers,
  });
  const claims = tally(registers, {
    name: 'gateward_claims_total',
    help: 'Objects whose hostnames were to be held, by what came of it.',
    labelNames: ['result'],
  });
  const expiry = new Gauge({
    name: 'gateward_certificate_expiry_timestamp_seconds',
    help: 'End of validity of a certificate.',
    labelNames: ['certificate'],
    registers,
  });
  return {
    registry,
    review: (webhook, operation, kind, allowed, seconds) => {
      requests(
        1,
        webhook,
        OPERATIONS_SHOWN.has(operation) ? operation : 'other',
        KINDS_SHOWN.has(kind) ? kind : 'other',
        allowed ? 'true' : 'false',
      );
      duration.observe({ webhook }, seconds);
    },
    outcomes: (all) => {
      if (all !== told) {
        countOutcomes();
        told = all;
      }
      times += 1;
    },
    shed: (reason) => {
      shed.inc({ reason });
    },
    reload: (result) => {
      reloads.inc({ result });
    },
    policies: ({ set, expired }) => {
      policyInfo.reset();
      for (const { policy, document, spec } of set.policies) {
        policyInfo.set({ policy: policy.id, document, action: spec.action }, 1);
      }
      exemptionEnds = [...set.exemptions, ...expired].map(({ expires }) => expires);
    },
    claims: (result) => {
      claims(1, result);
    },
    observeClaims: (state) => {
      observeClaims(registers, state);
    },
    certificate: (certificate, expirySeconds) => {
      expiry.set({ certificate }, expirySeconds);
    },
    observeCanary: (state) => {
      observeCanary(registers, state);
    },
    observeTrust: (state) => {
      observeTrust(registers, state);
    },
    findings: (counts, judged) => {
      audited.set(judged);
      findings.reset();
      for (const { policy, action, count } of counts) findings.set({ policy, action }, count);
    },
    observeKinds: (kinds) => {
      observeKinds(registers, kinds);
    },
  };
}

/** What has been counted under the values of some labels; the last label's values lead to the count. */
class Tally {
  readonly below = new Map<string, Tally>();
  count = 0;
  of(value: string): Tally {
    const known = this.below.get(value);
    if (known !== undefined) return known;
    const made = new Tally();
    this.below.set(value, made);
    return made;
  }

  *entries(values: readonly string[] = []): Iterable<readonly [readonly string[], number]> {
    if (this.count > 0) yield [values, this.count];
    for (const [value, tally] of this.below) yield* tally.entries([...values, value]);
  }
}

/**
 * A counter that is told how often and the values of its labels in their order, and hands its counts over when somebody reads the metrics: a
 * review counts several times, and a labelled increment of the library costs a microsecond. `before` is called before they are handed over.
 */
function tally(
  registers: Registry[],
  {
    name,
    help,
    labelNames,
    before = () => undefined,
  }: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly string[];
    readonly before?: () => void;
  },
): (times: number, ...values: readonly string[]) => void {
  const root = new Tally();
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers,
    collect() {
      before();
      this.reset();
      for (const [values, count] of root.entries()) {
        this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), count);
      }
    },
  });
  return (times, ...values) => {
    let at = root;
    for (const value of values) at = at.of(value);
    at.count += times;
  };
}

function observeTrust(registers: Registry[], state: () => TrustState): void {
  const labelNames = ['configuration'];
  new Gauge({
    name: 'gateward_ca_bundle_mismatch',
    help: 'Whether a webhook configuration does not trust the serving certificate, as last seen.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [configuration, differs] of state().mismatches) this.set({ configuration }, differs ? 1 : 0);
    },
  });
  new Counter({
    name: 'gateward_ca_bundle_repairs_total',
    help: 'Times that the CA bundle of a webhook configuration was written.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [configuration, count] of state().repairs) this.inc({ configuration }, count);
    },
  });
}

function observeClaims(registers: Registry[], state: () => ClaimState): void {
  new Gauge({
    name: 'gateward_claims',
    help: 'Hostname claims in the cluster, as last counted.',
    registers,
    collect() {
      this.set(state().standing);
    },
  });
  new Counter({
    name: 'gateward_claims_collected_total',
    help: 'Hostname claims taken away because their objects never came or are gone; only the replica that leads does so.',
    registers,
    collect() {
      this.reset();
      this.inc(state().collected);
    },
  });
}

function observeCanary(registers: Registry[], state: () => CanaryState): void {
  new Counter({
    name: 'gateward_canary_total',
    help: 'Objects that only Gateward refuses, created in a dry run, by what came of it; only the replica that leads makes any.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const { counts } = state();
      for (const outcome of CANARY_OUTCOMES) this.inc({ outcome }, counts.get(outcome) ?? 0);
    },
  });
  new Gauge({
    name: 'gateward_canary_admitted',
    help: '1 while the API server lets through what Gateward refuses; only the replica that leads has it.',
    registers,
    collect() {
      const { admitted } = state();
      if (admitted === undefined) this.remove();
      else this.set(admitted ? 1 : 0);
    },
  });
}

function observeKinds(registers: Registry[], kinds: () => readonly KindState[]): void {
  const gauge = (name: string, help: string, valueOf: (state: KindState) => number | undefined): void => {
    new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset();
        for (const state of kinds()) {
          const value = valueOf(state);
          if (value !== undefined) this.set({ kind: state.kind }, value);
        }
      },
    });
  };
  gauge('gateward_snapshot_age_seconds', 'Time since a kind last gave a sign of life.', (state) => state.age);
  gauge(
    'gateward_snapshot_resource_version',
    'The resourceVersion of a kind that has been seen last: of two replicas, the one with the lower is behind.',
    (state) => state.version,
  );
  gauge('gateward_snapshot_objects', 'Objects of a kind in the snapshot.', (state) => state.objects);
  gauge('gateward_snapshot_whole', '0 while absences of a kind are not believed.', (state) => (state.whole ? 1 : 0));
  gauge('gateward_snapshot_relists_total', 'Complete lists of a kind since the start.', (state) => state.relists);
}

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  KIND_NAMES,
  formatKey,
  formatPath,
  isVendorPolicy,
  keyOf,
  kindOf,
  normalise,
  parseApiVersion,
  type KindName,
  type KubeObject,
  type Snapshot,
  type Visibility,
} from '#gateway';
import {
  commonShape,
  subjectOf,
  type Action,
  type BoundPolicy,
  type Finding,
  type Operation,
  type Policy,
  type PolicyDocument,
  type Requester,
  type Subject,
} from '#policy';
import { Projection } from '../../src/cluster/projection.ts';
import { Store } from '../../src/cluster/store.ts';
import {
  applyPatch,
  evaluate,
  policySet,
  repair,
  standing,
  toPatch,
  type Evaluation,
  type Exemption,
  type PatchOperation,
  type PolicySet,
  type Violation,
} from '../../src/engine/index.ts';
import { mayAskFor } from '../../src/report/manifestsRbac.ts';

/** A violation as a table writes it. */
export interface ExpectedFinding {
  /** The message id: `not-owned`. */
  readonly rule: string;
  /** As Kubernetes writes field errors: `spec.hostnames[0]`; `""` for the object itself. */
  readonly path: string;
  readonly message: string;
  /** Before relief. Default: the action of the row's first document. */
  readonly action?: Action;
  /** `false`: it rests on something out of sight. Default true. */
  readonly certain?: boolean;
  /** Why it counts for less. Default: it does not. */
  readonly relief?: 'ratcheted' | 'exempted';
}

/** What happens, in which world, under which documents. Objects are as they come: before defaults. */
interface Row {
  readonly name: string;
  /** Default: the table's. */
  readonly documents?: readonly PolicyDocument[];
  readonly object: unknown;
  /** For UPDATE. It is in the snapshot too, as it would be in the cluster. */
  readonly oldObject?: unknown;
  /** Default UPDATE with an old object, else CREATE. */
  readonly operation?: Operation;
  readonly requester?: Requester | undefined;
  /** The other objects of the snapshot. */
  readonly state?: readonly unknown[];
  /** How much of the cluster is in sight: of every kind, or by kind (those not named: all). Default all. */
  readonly visibility?: Visibility | Readonly<Partial<Record<KindName, Visibility>>>;
  readonly exemptions?: readonly Exemption[];
  /** Milliseconds since the epoch. Default 0. */
  readonly now?: number;
}

/** A row without a violation. */
interface ValidRow extends Row {
  /** No document speaks about the object. */
  readonly skipped?: true;
}

/** A row with all its violations, in the order in which they are found. */
interface InvalidRow extends Row {
  readonly expect: readonly [ExpectedFinding, ...ExpectedFinding[]];
  /** The fixes of the violations, where a row is about them. */
  readonly fixes?: readonly PatchOperation[];
  /** What is read live before the violations deny, as messages write objects, where a row is about it. */
  readonly restsOn?: readonly string[];
}

/** A row with the patch that mends it: the mutation's when a document mutates, else the fixes of its violations. */
interface PatchedRow extends Row {
  readonly expect?: readonly ExpectedFinding[];
  readonly patch: readonly PatchOperation[];
}

/** Documents that are not in order, with everything wrong in them. */
interface RefusedRow {
  readonly name: string;
  readonly documents: readonly PolicyDocument[];
  readonly issues: readonly { readonly path: string; readonly message: string }[];
}

/** Literal rows for one policy. */
interface PolicyTable {
  /** For rows that name none of their own. */
  readonly documents?: readonly PolicyDocument[];
  readonly valid: readonly ValidRow[];
  readonly invalid: readonly InvalidRow[];
  readonly patched?: readonly PatchedRow[];
  readonly refused?: readonly RefusedRow[];
}

/**
 * Registers a test for each row of a policy's table, and one for what nobody writes down: over the whole table every message is produced
 * (those that need a requester or a change by no row without), every declared kind is read, every option is set. In each row nothing but
 * declared kinds is read, no input is changed (all are frozen), and nothing changes when the snapshot has of its objects only what a live one
 * keeps.
 */
export function policyTable(policy: Policy, table: PolicyTable): void {
  const { valid, invalid, patched = [], refused = [] } = table;
  const rows = [...valid, ...invalid, ...patched];
  const documentsOf = (row: Row): readonly PolicyDocument[] => row.documents ?? table.documents ?? [];
  const runOf = (row: Row): Run => run(policy, row, documentsOf(row));

  describe(`${policy.id}: valid`, () => {
    test.each(valid.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const { found, errors, outcomes, undeclared } = runOf(row);
      const skips = outcomes.every(({ outcome }) => outcome === 'skip');
      expect({ found, errors, undeclared, skipped: skips }).toEqual({
        found: [],
        errors: [],
        undeclared: [],
        skipped: row.skipped ?? false,
      });
    });
  });

  describe(`${policy.id}: invalid`, () => {
    test.each(invalid.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const { found, errors, undeclared, evaluation } = runOf(row);
      const expected = row.expect.map((finding) => complete(finding, documentsOf(row)));
      expect({ found, errors, undeclared }).toEqual({ found: expected, errors: [], undeclared: [] });
      if (row.fixes !== undefined) expect(fixesOf(evaluation)).toEqual(row.fixes);
      if (row.restsOn !== undefined) {
        expect(evaluation.violations.flatMap(({ restsOn }) => restsOn.map(formatKey))).toEqual(row.restsOn);
      }
    });
  });

  describe.runIf(patched.length > 0)(`${policy.id}: patched`, () => {
    test.each(patched.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const { found, errors, undeclared, subject, snapshot, set, evaluation } = runOf(row);
      const expected = row.expect?.map((finding) => complete(finding, documentsOf(row))) ?? found;
      expect({ found, errors, undeclared }).toEqual({ found: expected, errors: [], undeclared: [] });
      const again = (raw: unknown): Subject => rebuild(subject, raw);
      const now = row.now ?? 0;
      const patch = set.policies.some(({ mutates }) => mutates)
        ? repair(subject, snapshot, set, now, again).patch
        : fixesOf(evaluation);
      expect(patch).toEqual(row.patch);
      const mended = again(applyPatch(subject.raw, patch));
      expect(fixesOf(evaluate(mended, snapshot, set, now))).toEqual([]);
      expect(evaluate(mended, snapshot, set, now).violations.map(describeViolation)).toEqual([]);
      expect(repair(mended, snapshot, set, now, again).patch).toEqual([]);
    });
  });

  describe.runIf(refused.length > 0)(`${policy.id}: refused documents`, () => {
    test.each(refused.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const { bound, issues } = policy.bind(row.documents);
      expect(issues.map(({ path, message }) => ({ path: formatPath(path), message }))).toEqual(row.issues);
      expect(bound).toEqual([]);
    });
  });

  test(`${policy.id}: the table reaches every message, declared kind and option, and names each row once`, () => {
    const runs = rows.map(runOf);
    const messages = new Set(runs.flatMap(({ found }) => found.map(({ rule }) => rule)));
    const read = new Set(runs.flatMap((one) => one.read));
    const set = new Set(rows.flatMap(documentsOf).flatMap(({ spec }) => Object.keys(z.looseObject({}).parse(spec))));
    const names = rows.map(({ name }) => name);
    const standing = new Set(rows.map(asStanding).flatMap((row) => runOf(row).found.map(({ rule }) => rule)));
    expect({
      messagesNeverProduced: [...policy.messages.keys()].filter((id) => !messages.has(id)),
      // Namespace is readable by every policy, for selectors.
      kindsNeverRead: policy.reads.filter((kind) => kind !== 'Namespace' && !read.has(kind)),
      optionsNeverSet: ownOptions(policy).filter((option) => !set.has(option)),
      namesTwice: names.filter((name, at) => names.indexOf(name) !== at),
      messagesNeverStanding: [...policy.messages.keys()].filter((id) => !standing.has(id)),
    }).toEqual({
      messagesNeverProduced: [],
      kindsNeverRead: [],
      optionsNeverSet: [],
      namesTwice: [],
      messagesNeverStanding: [...policy.messages].filter(([, { needs }]) => needs !== undefined).map(([id]) => id),
    });
  });
}

/** The row as an audit meets it: the object is there, and nobody knows how it came. */
function asStanding(row: Row): Row {
  return { ...row, operation: 'CREATE', oldObject: undefined, requester: undefined };
}

type Found = ReturnType<typeof describeViolation>;

interface Run {
  readonly subject: Subject;
  readonly snapshot: Snapshot;
  readonly set: PolicySet;
  readonly evaluation: Evaluation;
  readonly found: readonly Found[];
  readonly errors: readonly string[];
  readonly outcomes: Evaluation['outcomes'];
  /** The kinds that the policy asked the snapshot for. */
  readonly read: readonly KindName[];
  readonly undeclared: readonly KindName[];
}

function run(policy: Policy, row: Row, documents: readonly PolicyDocument[]): Run {
  const { bound, issues } = policy.bind(deepFreeze(documents));
  if (issues.length > 0) throw new Error(`the documents are not in order: ${JSON.stringify(issues)}`);
  const subject = subjectOfRow(row);
  const snapshot = snapshotOf(row, subject);
  const read = new Set<KindName>();
  const recorded = bound.map((one): BoundPolicy => ({
    ...one,
    evaluate: (judged, world, now) => askable(one.evaluate(judged, recording(world, read), now)),
  }));
  const set = policySet(recorded, row.exemptions ?? []);
  const evaluation = evaluate(subject, snapshot, set, row.now ?? 0);
  judgedAlike(row, subject, snapshot, set, evaluation);
  return {
    subject,
    snapshot,
    set,
    evaluation,
    found: evaluation.violations.map(describeViolation),
    errors: evaluation.errors.map(({ document, reason }) => `${document}: ${reason}`),
    outcomes: evaluation.outcomes,
    read: [...read],
    undeclared: [...read].filter((kind) => !policy.reads.includes(kind)),
  };
}

/** The findings as they are. Throws when one rests on an object that a server has no right to ask for. */
function askable(findings: readonly Finding[]): readonly Finding[] {
  for (const { kind, name } of findings.flatMap(({ restsOn }) => restsOn)) {
    if (name !== '' && !mayAskFor(kind)) throw new Error(`RBAC grants no get of ${kind}: see manifestsRbac.ts`);
  }
  return findings;
}

/** Judges the row again by projected objects, and its object as an audit of a live cluster would; nothing may come out differently. */
function judgedAlike(row: Row, subject: Subject, snapshot: Snapshot, set: PolicySet, evaluation: Evaluation): void {
  const projection = new Projection(set.policies.flatMap(({ annotations }) => annotations));
  const projected = (kind: KindName, object: KubeObject): KubeObject =>
    projection.project(kind, checkedObject(JSON.parse(JSON.stringify(object)), false).object);
  const now = row.now ?? 0;
  const kept = snapshotOf(row, subject, projected);
  expect(evaluate(subject, kept, set, now)).toEqual(evaluation);
  const { kind, object } = subject;
  const audited = evaluate(standing(kind, object), snapshot, set, now);
  const { violations, errors, outcomes } = evaluate(standing(kind, projected(kind, object)), kept, set, now);
  expect({ violations, errors, outcomes }).toEqual({
    violations: audited.violations,
    errors: audited.errors,
    outcomes: audited.outcomes,
  });
}

function describeViolation(violation: Violation): {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
  readonly action: Action;
  readonly relief: string;
} {
  const { policy, rule, path, message, action, relief } = violation;
  return { rule: rule.slice(policy.length + 1), path: formatPath(path), message, action, relief: relief.kind };
}

function complete(finding: ExpectedFinding, documents: readonly PolicyDocument[]): Found {
  const { action } = z.looseObject({ action: commonShape.action }).parse(documents[0]?.spec ?? {});
  return {
    rule: finding.rule,
    path: finding.path,
    message: finding.message,
    action: finding.action ?? action,
    relief: finding.relief ?? (finding.certain === false ? 'unverified' : 'none'),
  };
}

/** A checked object of a kind Gateward knows, with its kind; frozen. Throws when it is not in order. */
export function checkedObject(raw: unknown, isFrozen = true): { readonly kind: KindName; readonly object: KubeObject } {
  const { apiVersion, kind } = z.looseObject({ apiVersion: z.string(), kind: z.string() }).parse(raw);
  const known = kindOf(parseApiVersion(apiVersion).group, kind) ?? (isVendorPolicy(raw) ? 'VendorPolicy' : undefined);
  if (known === undefined) throw new Error(`unknown kind ${apiVersion} ${kind}`);
  const normalised = normalise(known, isFrozen ? deepFreeze(raw) : raw);
  if (!normalised.ok) throw new Error(`not a ${kind}: ${JSON.stringify(normalised.problems)}`);
  return { kind: known, object: isFrozen ? deepFreeze(normalised.object) : normalised.object };
}

function subjectOfRow(row: Row): Subject {
  const { kind, object } = checkedObject(row.object);
  const old = row.oldObject === undefined ? undefined : checkedObject(row.oldObject).object;
  return subjectOf({
    kind,
    operation: row.operation ?? (old === undefined ? 'CREATE' : 'UPDATE'),
    object,
    oldObject: old,
    raw: row.object,
    rawOld: row.oldObject,
    namespace: object.metadata.namespace ?? '',
    subresource: '',
    requester: row.requester,
  });
}

function rebuild(subject: Subject, raw: unknown): Subject {
  return subjectOf({ ...subject, object: checkedObject(raw).object, raw });
}

function snapshotOf(
  row: Row,
  subject: Subject,
  kept: (kind: KindName, object: KubeObject) => KubeObject = (_kind, object) => object,
): Snapshot {
  const { visibility = 'all', state = [] } = row;
  const store = new Store(typeof visibility === 'string' ? visibility : 'all');
  if (typeof visibility !== 'string') {
    for (const [name, seen] of Object.entries(visibility)) {
      const kind = KIND_NAMES.find((known) => known === name);
      if (kind !== undefined) store.setVisibility(kind, seen);
    }
  }
  const before = subject.operation === 'DELETE' ? subject.object : subject.oldObject;
  if (before !== undefined) store.put(subject.kind, kept(subject.kind, before));
  for (const raw of state) {
    const { kind, object } = checkedObject(raw);
    const { namespace, name } = keyOf(kind, object);
    if (store.get(kind, namespace, name) !== undefined) throw new Error(`${kind} ${namespace}/${name} is given twice`);
    store.put(kind, kept(kind, object));
  }
  return store;
}

/** The snapshot, writing down the kinds it is asked for; an index counts as all its kinds. */
function recording(base: Snapshot, read: Set<KindName>): Snapshot {
  const note = (...kinds: readonly KindName[]): void => {
    for (const kind of kinds) read.add(kind);
  };
  return {
    get: (kind, namespace, name) => {
      note(kind);
      return base.get(kind, namespace, name);
    },
    list: (kind, namespace) => {
      note(kind);
      return base.list(kind, namespace);
    },
    lookup: (index, key, namespace) => {
      note(...index.kinds);
      return base.lookup(index, key, namespace);
    },
    namespacesIn: (index, key) => {
      note(...index.kinds);
      return base.namespacesIn(index, key);
    },
    sees: (kind) => {
      note(kind);
      return base.sees(kind);
    },
  };
}

function fixesOf(evaluation: Evaluation): readonly PatchOperation[] {
  return toPatch(evaluation.violations.flatMap(({ fix }) => fix?.edits ?? []));
}

/** The fields of a document's `spec` that are the policy's own. */
function ownOptions(policy: Policy): readonly string[] {
  if (!(policy.schema instanceof z.ZodObject)) return [];
  return Object.keys(policy.schema.shape).filter((field) => field !== 'rules' && !Object.hasOwn(commonShape, field));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

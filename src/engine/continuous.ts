import {
  KINDS,
  KIND_NAMES,
  ROW_NAMES,
  filedName,
  type Filing,
  type KindName,
  type KubeObject,
  type Snapshot,
} from '#gateway';
import type { Action } from '#policy';
import { SplitMap } from '../splitMap.ts';
import { Due } from './due.ts';
import type { Evaluation } from './evaluate.ts';
import type { PolicySet } from './policySet.ts';
import { PlaceSet, Readers, placesOf, recording, sightPlace } from './reads.ts';
import { evaluateStanding } from './sweep.ts';

/** How many findings a policy has, by the operator's action. */
export interface FindingCount {
  readonly policy: string;
  readonly action: Action;
  readonly count: number;
}

/** An object that is or was judged, or will be. */
interface Held {
  readonly kind: KindName;
  readonly namespace: string;
  /** The one it is filed under, see {@link filedName}. */
  readonly name: string;
  /** Among those who have read; undefined before it is judged. */
  number: number | undefined;
  /** Whether it waits to be judged. */
  isDue: boolean;
  /** What it came to; equal results share one. */
  result: Result;
}

/** What documents came to for an object: enough to count by. */
interface Result {
  /** `policy document` of each that has a word about it. */
  readonly judged: readonly string[];
  readonly findings: readonly { readonly policy: string; readonly document: string; readonly action: Action }[];
  readonly errors: number;
}

/** Between two searches for those who have read what changed, in milliseconds. */
const SEARCH_EVERY = 200;
/** How many of them are taken down without a pause, more or less. */
const READERS_OF_A_STEP = 4096;
/** What a search has called for is late when it has not been judged in so many milliseconds: a change is to be a finding within a second. */
const LATE = 150;

const NOTHING: Result = { judged: [], findings: [], errors: 0 };

/**
 * The audit of a cluster that changes. Every judgement notes what it has read of the snapshot; a change calls for just those judgements that
 * have read where it is seen, whatever policy they are of. What time alone changes is found by the next sweep.
 */
export class ContinuousAudit {
  readonly #snapshot: Snapshot;
  #set: PolicySet;
  readonly #held = new SplitMap<Held>();
  readonly #byNumber: (Held | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #readers = new Readers();
  readonly #results = new Map<string, Result>();
  /** Where something has changed since the last search began, and before it. */
  #touched = new PlaceSet();
  #sought = new PlaceSet();
  #search: Generator<undefined, void> | undefined;
  #searched = -Infinity;
  /** Objects that have changed since the last search began, and before it, and then those whose judgement has read what changed. */
  #changed = new Due<Held>();
  #due = new Due<Held>();
  readonly #dueAgain = new Due<Held>();
  readonly #counts = new Map<string, number>();
  readonly #tallies = new Map<string, { judged: number; findings: number }>();
  readonly #failing = new Map<string, Map<string, Held>>();
  readonly #dirty = new Set<string>();
  readonly #sights = new Map<KindName, string>();
  #sweep: Iterator<readonly [KindName, KubeObject]> | undefined;
  #isWhole = false;

  constructor(snapshot: Snapshot, set: PolicySet) {
    this.#snapshot = snapshot;
    this.#set = set;
    this.sweep(set);
  }

  /** Judges everything once more by these documents; what is known stays until it is judged again. */
  sweep(set: PolicySet): void {
    if (set !== this.#set) this.#isWhole = false;
    this.#set = set;
    this.#results.clear();
    this.#sweep = this.#all();
  }

  /** An object has come, gone, or taken the place of one of its name; with how it was and is filed, nothing where that stays. */
  changed(kind: KindName, object: KubeObject, filings: readonly Filing[]): void {
    for (const place of placesOf(kind, object, filings)) this.#touched.add(place);
    if (this.#set.speakingOf(kind, 'CREATE').length > 0) call(this.#changed, this.#heldOf(kind, object));
  }

  /** Whether everything has been judged at least once by these documents. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Objects that have been judged and are still there. */
  get judged(): number {
    return this.#byNumber.length - this.#free.length;
  }

  /** Whether what changed has waited too long for being judged. */
  isLate(now: number): boolean {
    return !(this.#due.isEmpty && this.#dueAgain.isEmpty) && Math.abs(now - this.#searched) > LATE;
  }

  /** Judges one object that is due, or looks for some that are; false when there is nothing to do. `now` in milliseconds since the epoch. */
  step(now: number): boolean {
    if (this.#isToSearch(now)) {
      this.#search ??= this.#readersOfTouched(now);
      if (this.#search.next().done !== true) return true;
      this.#search = undefined;
    }
    const next = this.#due.take() ?? this.#dueAgain.take();
    if (next !== undefined) {
      // What has been judged since for another reason is passed over.
      if (next.isDue) this.#judge(next, now);
      return true;
    }
    const swept = this.#sweep?.next();
    if (swept === undefined) return false;
    if (swept.done === true) {
      this.#sweep = undefined;
      this.#isWhole = true;
      return false;
    }
    this.#judge(this.#heldOf(...swept.value), now);
    return true;
  }

  /** What kinds are in sight may change without an object. */
  lookAtSight(): void {
    for (const kind of KIND_NAMES) {
      const sight = this.#snapshot.sees(kind);
      if ((this.#sights.get(kind) ?? sight) !== sight) this.#touched.add(sightPlace(kind));
      this.#sights.set(kind, sight);
    }
  }

  counts(): readonly FindingCount[] {
    return this.#set.policies
      .map(({ policy }) => policy.id)
      .filter((policy, at, all) => all.indexOf(policy) === at)
      .flatMap((policy) =>
        (['Deny', 'Warn', 'Audit'] as const).map((action) => ({
          policy,
          action,
          count: this.#counts.get(`${policy} ${action}`) ?? 0,
        })),
      );
  }

  /** What a document has come to. */
  tally(policy: string, document: string): { readonly judged: number; readonly findings: number } {
    return { judged: 0, findings: 0, ...this.#tallies.get(`${policy} ${document}`) };
  }

  /** The namespaces in which something was or is found, and has been judged since this was asked the last time; `""` for what is in none. */
  takeDirty(): readonly string[] {
    const dirty = [...this.#dirty].sort();
    this.#dirty.clear();
    return dirty;
  }

  /** The namespaces in which something is found; `""` for what is in none. */
  failingNamespaces(): readonly string[] {
    return [...this.#failing.keys()];
  }

  /** What is found in a namespace now, an object at a time, in the order of kind and name. */
  *found(namespace: string, now: number): Iterable<Evaluation> {
    const failing = [...(this.#failing.get(namespace) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, { kind, name }] of failing) {
      const object = this.#snapshot.get(kind, namespace, name);
      if (object !== undefined) yield evaluateStanding(kind, object, this.#snapshot, this.#set, now);
    }
  }

  *#all(): Iterator<readonly [KindName, KubeObject]> {
    for (const [, held] of this.#held.entries()) {
      if (this.#set.speakingOf(held.kind, 'CREATE').length === 0) call(this.#due, held);
    }
    for (const kind of ROW_NAMES) {
      if (this.#set.speakingOf(kind, 'CREATE').length === 0) continue;
      for (const object of this.#snapshot.list(kind)) yield [kind, object];
    }
  }

  /** A search looks at all that has been read: while changes keep coming, one is for as many of them as come in a while. */
  #isToSearch(now: number): boolean {
    if (this.#search !== undefined) return true;
    return !this.#touched.isEmpty && this.#due.isEmpty && Math.abs(now - this.#searched) >= SEARCH_EVERY;
  }

  *#readersOfTouched(now: number): Generator<undefined, void> {
    this.#searched = now;
    [this.#touched, this.#sought] = [this.#sought, this.#touched];
    [this.#changed, this.#due] = [this.#due, this.#changed];
    this.#touched.clear();
    for (const number of yield* this.#readers.searching(this.#sought)) {
      const reader = this.#byNumber[number];
      if (reader !== undefined) call(this.#dueAgain, reader);
      if (number % READERS_OF_A_STEP === 0) yield;
    }
  }

  #heldOf(kind: KindName, object: KubeObject): Held {
    const { namespace = '' } = object.metadata;
    const name = filedName(kind, object);
    const key = keyOf({ kind, namespace, name });
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const held = { kind, namespace, name, number: undefined, isDue: false, result: NOTHING };
    this.#held.set(key, held);
    return held;
  }

  #judge(held: Held, now: number): void {
    const { kind, namespace, name } = held;
    held.isDue = false;
    const object = this.#snapshot.get(kind, namespace, name);
    if (object === undefined || this.#set.speakingOf(kind, 'CREATE').length === 0) {
      this.#forget(held);
      return;
    }
    const read = new Set<number>();
    const seen = recording(this.#snapshot, (place) => read.add(place));
    const evaluation = evaluateStanding(kind, object, seen, this.#set, now);
    held.number ??= this.#free.pop() ?? this.#byNumber.length;
    this.#byNumber[held.number] = held;
    this.#readers.record(held.number, read);
    this.#count(held, this.#resultOf(evaluation));
  }

  #forget(held: Held): void {
    this.#count(held, NOTHING);
    this.#held.delete(keyOf(held));
    if (held.number === undefined) return;
    this.#readers.forget(held.number);
    this.#byNumber[held.number] = undefined;
    this.#free.push(held.number);
  }

  #resultOf({ subject, outcomes, violations, errors }: Evaluation): Result {
    const findings = violations.flatMap(({ policy, document, action, relief }) =>
      relief.kind === 'exempted' ? [] : [{ policy, document, action }],
    );
    // The documents that speak about a kind are the same for all of its objects, and nearly always nothing is found.
    let key: string = subject.kind;
    for (const { outcome } of outcomes) key += outcome === 'skip' ? '-' : '+';
    if (findings.length + errors.length > 0) key += JSON.stringify([findings, errors.length]);
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const judged = outcomes.flatMap(({ policy, document, outcome }) =>
      outcome === 'skip' ? [] : [`${policy} ${document}`],
    );
    const result = { judged, findings, errors: errors.length };
    this.#results.set(key, result);
    return result;
  }

  #count(held: Held, result: Result): void {
    const before = held.result;
    if (fails(before) || fails(result)) this.#dirty.add(held.namespace);
    const failing = this.#failing.get(held.namespace) ?? new Map<string, Held>();
    if (fails(result)) this.#failing.set(held.namespace, failing.set(keyOf(held), held));
    else if (fails(before)) failing.delete(keyOf(held));
    if (failing.size === 0) this.#failing.delete(held.namespace);
    held.result = result;
    if (before === result) return;
    this.#add(before, -1);
    this.#add(result, 1);
  }

  #add({ judged, findings }: Result, by: 1 | -1): void {
    const tallyOf = (id: string): { judged: number; findings: number } => {
      const tally = this.#tallies.get(id) ?? { judged: 0, findings: 0 };
      this.#tallies.set(id, tally);
      return tally;
    };
    for (const id of judged) tallyOf(id).judged += by;
    for (const { policy, document, action } of findings) {
      tallyOf(`${policy} ${document}`).findings += by;
      const id = `${policy} ${action}`;
      this.#counts.set(id, (this.#counts.get(id) ?? 0) + by);
    }
  }
}

function fails({ findings, errors }: Result): boolean {
  return findings.length > 0 || errors > 0;
}

function keyOf({ kind, namespace, name }: Pick<Held, 'kind' | 'namespace' | 'name'>): string {
  return `${KINDS[kind].group}/${kind}/${namespace}/${name}`;
}

function call(due: Due<Held>, held: Held): void {
  if (held.isDue) return;
  held.isDue = true;
  due.add(held);
}

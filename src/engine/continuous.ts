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

/** An object that is or was judged. */
interface Held {
  readonly kind: KindName;
  readonly namespace: string;
  /** The one it is filed under, see {@link filedName}. */
  readonly name: string;
  readonly number: number;
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

const NOTHING: Result = { judged: [], findings: [], errors: 0 };

/**
 * The audit of a cluster that changes. Every judgement notes what it has read of the snapshot; a change calls for just those judgements that
 * have read where it is seen, whatever policy they are of. What time alone changes is found by the next sweep.
 */
export class ContinuousAudit {
  readonly #snapshot: Snapshot;
  #set: PolicySet;
  readonly #held = new Map<string, Held>();
  readonly #byNumber: (Held | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #readers = new Readers();
  readonly #results = new Map<string, Result>();
  /** Where something has changed since the last search began, and before it. */
  #touched = new PlaceSet();
  #sought = new PlaceSet();
  #search: Generator<undefined, void> | undefined;
  #searched = -Infinity;
  /** Objects that have changed, and then those whose judgement has read what changed. */
  readonly #due = new Due<string, readonly [kind: KindName, namespace: string, name: string]>();
  readonly #dueAgain = new Due<number, undefined>();
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

  /** An object has come, gone, been replaced by one of the same spec, or is about to be replaced; its filing where that is known. */
  changed(kind: KindName, object: KubeObject, filing: Filing | undefined): void {
    for (const place of placesOf(kind, object, filing)) this.#touched.add(place);
    this.#call(kind, object.metadata.namespace ?? '', filedName(kind, object));
  }

  /** Whether everything has been judged at least once by these documents. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Objects that have been judged and are still there. */
  get judged(): number {
    return this.#held.size;
  }

  /** Judges one object that is due, or looks for some that are; false when there is nothing to do. `now` in milliseconds since the epoch. */
  step(now: number): boolean {
    if (this.#isToSearch(now)) {
      this.#search ??= this.#readersOfTouched(now);
      if (this.#search.next().done !== true) return true;
      this.#search = undefined;
    }
    const next = this.#due.take();
    if (next !== undefined) {
      const [key, [kind, namespace, name]] = next;
      this.#judge(key, kind, namespace, name, now);
      return true;
    }
    const again = this.#dueAgain.take();
    if (again !== undefined) {
      const held = this.#byNumber[again[0]];
      if (held === undefined) return true;
      const { kind, namespace, name } = held;
      this.#judge(keyOf(kind, namespace, name), kind, namespace, name, now);
      return true;
    }
    const swept = this.#sweep?.next();
    if (swept === undefined) return false;
    if (swept.done === true) {
      this.#sweep = undefined;
      this.#isWhole = true;
      return false;
    }
    const [kind, object] = swept.value;
    const { namespace = '' } = object.metadata;
    const name = filedName(kind, object);
    this.#judge(keyOf(kind, namespace, name), kind, namespace, name, now);
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
    for (const held of [...this.#held.values()]) {
      if (this.#set.speakingOf(held.kind, 'CREATE').length === 0) this.#call(held.kind, held.namespace, held.name);
    }
    for (const kind of ROW_NAMES) {
      if (this.#set.speakingOf(kind, 'CREATE').length === 0) continue;
      for (const object of this.#snapshot.list(kind)) yield [kind, object];
    }
  }

  #call(kind: KindName, namespace: string, name: string): void {
    this.#due.add(keyOf(kind, namespace, name), [kind, namespace, name]);
  }

  /** A search looks at all that has been read: while changes keep coming, one is for as many of them as come in a while. */
  #isToSearch(now: number): boolean {
    if (this.#search !== undefined) return true;
    return (
      !this.#touched.isEmpty &&
      (this.#due.size + this.#dueAgain.size === 0 || Math.abs(now - this.#searched) >= SEARCH_EVERY)
    );
  }

  *#readersOfTouched(now: number): Generator<undefined, void> {
    this.#searched = now;
    [this.#touched, this.#sought] = [this.#sought, this.#touched];
    this.#touched.clear();
    for (const number of yield* this.#readers.searching(this.#sought)) {
      this.#dueAgain.add(number, undefined);
      if (number % READERS_OF_A_STEP === 0) yield;
    }
  }

  #judge(key: string, kind: KindName, namespace: string, name: string, now: number): void {
    const object = this.#snapshot.get(kind, namespace, name);
    const known = this.#held.get(key);
    if (object === undefined || this.#set.speakingOf(kind, 'CREATE').length === 0) {
      if (known === undefined) return;
      this.#count(key, known, NOTHING);
      this.#held.delete(key);
      this.#readers.forget(known.number);
      this.#byNumber[known.number] = undefined;
      this.#free.push(known.number);
      return;
    }
    const number = known?.number ?? this.#free.pop() ?? this.#byNumber.length;
    const held = known ?? { kind, namespace, name, number, result: NOTHING };
    const read = new Set<number>();
    const seen = recording(this.#snapshot, (place) => read.add(place));
    const evaluation = evaluateStanding(kind, object, seen, this.#set, now);
    this.#readers.record(number, read);
    this.#byNumber[number] = held;
    this.#held.set(key, held);
    this.#count(key, held, this.#resultOf(evaluation));
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

  #count(key: string, held: Held, result: Result): void {
    const before = held.result;
    if (fails(before) || fails(result)) this.#dirty.add(held.namespace);
    const failing = this.#failing.get(held.namespace) ?? new Map<string, Held>();
    if (fails(result)) this.#failing.set(held.namespace, failing.set(key, held));
    else failing.delete(key);
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

function keyOf(kind: KindName, namespace: string, name: string): string {
  return `${KINDS[kind].group}/${kind}/${namespace}/${name}`;
}

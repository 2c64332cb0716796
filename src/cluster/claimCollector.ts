import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../errors.ts';
import { INDEXES, type KindName, type KubeObject, type Snapshot } from '#gateway';
import { claimId, claimsStanding, type PolicySet } from '../engine/index.ts';
import type { ClaimApi, ClaimRecord } from './claimApi.ts';
import type { ClaimCounts, ReadObject } from './claimKeeper.ts';
import { isSliceOver, nextSlice } from './slice.ts';

/** How claims are looked after; all in milliseconds. */
export interface ClaimPace {
  /** So long a claim may stand unused without its object: the write that it was made for may be on its way. */
  readonly grace: number;
  /** Between two looks at all claims; more where a look takes long. */
  readonly look: number;
}

/** The pace of a server that is not told otherwise. */
export const CLAIM_PACE: ClaimPace = { grace: 120_000, look: 5000 };

/** Most claims that one namespace may have, landed or not: a tenant whose writes are refused by others leaves them behind until the grace. */
export const CLAIMS_PER_NAMESPACE = 10_000;

/** What claims are judged by. */
export interface ClaimWorld {
  readonly set: PolicySet;
  readonly snapshot: Snapshot;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What a collector is made of. */
export interface CollectorParts {
  readonly api: ClaimApi;
  readonly readObject: ReadObject;
  /** Undefined while there is nothing to look at: no document holds hostnames, or the state of the cluster is not known yet. */
  readonly world: () => ClaimWorld | undefined;
  readonly isLeader: () => boolean;
  readonly pace: ClaimPace;
  /** Hears what a look came to: claims that were taken away, or why it failed, once for each new reason. */
  readonly told: (event: { readonly collected: readonly string[] } | { readonly problem: string }) => void;
}

interface Sighting {
  readonly uid: string;
  readonly resourceVersion: string;
  /** On the clock of `performance.now()`. */
  readonly since: number;
}

/** How long one look may take, in milliseconds. */
const PATIENCE = 120_000;

/**
 * Looks at all claims again and again: counts them, and on the leader takes away those whose objects never came or are gone. How long a claim
 * has stood unchanged every replica judges by its own clock, so that another leader goes on where the last one ended. A claim is deleted only
 * as it was seen, and only when the API server itself says that its object does not ask for the hostname.
 */
export class ClaimCollector implements ClaimCounts {
  readonly #parts: CollectorParts;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #seen = new Map<string, Sighting>();
  #counts = new Map<string, number>();
  #collected = 0;
  #problem = '';

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    this.#done = this.#run();
  }

  readonly refusal = (namespace: string): string | undefined =>
    (this.#counts.get(namespace) ?? 0) < CLAIMS_PER_NAMESPACE
      ? undefined
      : `namespace ${namespace} has ${CLAIMS_PER_NAMESPACE} hostname claims, the most that one may have`;

  readonly add = (namespace: string): void => {
    this.#counts.set(namespace, (this.#counts.get(namespace) ?? 0) + 1);
  };

  /** Claims there were at the last look, and those made here since. */
  get standing(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Claims taken away since the start. */
  get collected(): number {
    return this.#collected;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const isClosed = (): boolean => signal.aborted;
    while (!isClosed()) {
      const begun = performance.now();
      try {
        await this.#look(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
        this.#problem = '';
      } catch (error) {
        const problem = errorText(error);
        if (!isClosed() && problem !== this.#problem) this.#parts.told({ problem });
        this.#problem = problem;
      }
      const wait = Math.max(this.#parts.pace.look, 10 * (performance.now() - begun));
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { api, pace, world } = this.#parts;
    if (world() === undefined) return;
    const counts = new Map<string, number>();
    const seen = new Map<string, Sighting>();
    const unused: ClaimRecord[] = [];
    const now = performance.now();
    await api.list((record) => {
      const { name, uid, resourceVersion, spec } = record;
      counts.set(spec.owner, (counts.get(spec.owner) ?? 0) + 1);
      const before = this.#seen.get(name);
      const isSame = before?.uid === uid && before.resourceVersion === resourceVersion;
      const sighting = isSame ? before : { uid, resourceVersion, since: now };
      seen.set(name, sighting);
      if (now - sighting.since >= pace.grace) unused.push(record);
    }, signal);
    this.#seen = seen;
    this.#counts = counts;
    await this.#collect(unused, signal);
  }

  async #collect(unused: readonly ClaimRecord[], signal: AbortSignal): Promise<void> {
    const { api, readObject, world, isLeader, told } = this.#parts;
    const collected: string[] = [];
    const failures: unknown[] = [];
    for (const record of unused) {
      if (isSliceOver()) await nextSlice();
      const known = world();
      if (known === undefined || !isLeader() || signal.aborted) break;
      try {
        if (isUsed(record, known)) continue;
        const key = record.spec.claimant;
        const object = await readObject(key, signal);
        const stands =
          object?.metadata.uid === record.spec.claimant.uid &&
          claimsStanding(key.kind, object, known.snapshot, known.set, known.now).has(claimId(record.spec));
        if (!stands && isLeader() && (await api.remove(record, signal))) {
          collected.push(record.name);
          this.#collected += 1;
        }
      } catch (error) {
        // What cannot be established of one claim is not to keep the others.
        failures.push(error);
      }
    }
    if (collected.length > 0) told({ collected });
    if (failures.length > 0) throw failures[0];
  }
}

/** Whether an object of the claim's owner asks for the hostname, as far as the snapshot shows: that of the claim, or another. */
function isUsed({ spec }: ClaimRecord, { snapshot, set, now }: ClaimWorld): boolean {
  const { kind, namespace, name } = spec.claimant;
  const id = claimId(spec);
  const asks = (one: KindName, object: KubeObject): boolean => claimsStanding(one, object, snapshot, set, now).has(id);
  const object = snapshot.get(kind, namespace, name);
  if (object?.metadata.uid === spec.claimant.uid && asks(kind, object)) return true;
  const index = spec.layer === 'Listener' ? INDEXES.listenersByHostname : INDEXES.routesByHostname;
  return [...snapshot.lookup(index, spec.hostname, namespace)].some((other) => asks(other.kind, other.object));
}

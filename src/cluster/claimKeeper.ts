import { claimId, type Contested, type WantedClaim } from '../engine/index.ts';
import { claimName, overlapSelectors, type HostnameClaimSpec } from '../config/index.ts';
import type { KindName, KubeObject, ObjectKey } from '#gateway';
import { isOlder, used, type ClaimApi, type ClaimRecord } from './claimApi.ts';

/** What is asked of a keeper: hostnames for one object that is about to land. */
export interface HoldRequest {
  readonly wanted: readonly WantedClaim[];
  readonly claimant: HostnameClaimSpec['claimant'];
  /** Look, and write nothing. */
  readonly dryRun: boolean;
  /** The {@link claimId}s of the hostnames that an object of the cluster asks for. */
  readonly askedBy: (kind: KindName, object: KubeObject) => ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Holding {
  /** What documents say of hostnames that others hold; empty when all are held for the claimant. */
  readonly violations: Contested['violations'];
  /** The write is refused because of a claim whose object is not there: not yet, or no longer. */
  readonly pending: boolean;
}

/** Holds hostnames for objects that are about to land, for all replicas together. */
export interface ClaimKeeper {
  /** Rejects when it could not be established in time who holds a hostname. The same request may be made any number of times. */
  readonly hold: (request: HoldRequest) => Promise<Holding>;
}

/** Reads an object past every cache; undefined when there is none. */
export type ReadObject = (key: ObjectKey, signal: AbortSignal) => Promise<KubeObject | undefined>;

/** How many claims namespaces have. */
export interface ClaimCounts {
  /** Why a namespace may have no more; undefined when it may. */
  readonly refusal: (namespace: string) => string | undefined;
  /** One more has been made. */
  readonly add: (namespace: string) => void;
}

/** A hostname that is held for the claimant. */
interface Mine {
  readonly want: WantedClaim;
  /** Undefined where nothing was written, on a dry run. */
  readonly record: ClaimRecord | undefined;
}

/** A hostname that somebody else holds, and keeps. */
interface Theirs {
  readonly record: ClaimRecord;
  readonly contested: Contested;
}

/**
 * The API server is the judge: one claim for a hostname, made by whoever comes first. Every object that is admitted has, before that, made or
 * used a claim to each of its hostnames, and only then looked for overlapping ones; so of two that meet one has seen the other. Hostnames are
 * asked for in one order, so that of several objects with several hostnames one gets through.
 */
export class ClusterClaims implements ClaimKeeper {
  readonly #api: ClaimApi;
  readonly #readObject: ReadObject;
  readonly #counts: ClaimCounts;

  constructor(api: ClaimApi, readObject: ReadObject, counts: ClaimCounts) {
    this.#api = api;
    this.#readObject = readObject;
    this.#counts = counts;
  }

  readonly hold = async (request: HoldRequest): Promise<Holding> => {
    const violations: Contested['violations'][number][] = [];
    const mine: Mine[] = [];
    const made: ClaimRecord[] = [];
    const named = request.wanted.map((want) => ({ want, name: claimName(want.layer, want.hostname) }));
    named.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { want, name } of named) {
      const got = await this.#take(want, name, request, made, violations);
      if ('record' in got && 'contested' in got) {
        violations.push(...got.contested.violations);
        if (got.contested.denies) return this.#refused(got, violations, made, request);
      } else mine.push(got);
    }
    for (const one of mine) {
      for await (const theirs of this.#overlapping(one, request)) {
        violations.push(...theirs.contested.violations);
        if (theirs.contested.denies) return this.#refused(theirs, violations, made, request);
      }
    }
    return { violations, pending: false };
  };

  async #take(
    want: WantedClaim,
    name: string,
    request: HoldRequest,
    made: ClaimRecord[],
    violations: Contested['violations'][number][],
  ): Promise<Mine | Theirs> {
    const { claimant, dryRun, signal } = request;
    const by = { owner: claimant.namespace, claimant };
    let before: ClaimRecord | undefined;
    for (;;) {
      signal.throwIfAborted();
      // What a namespace has already it may use, however many that are.
      const refusal = this.#counts.refusal(by.owner);
      if (before === undefined && !dryRun && refusal === undefined) {
        const { hostname, layer } = want;
        const created = await this.#api.create({ hostname, layer, ...by, uses: 0 }, signal);
        if (created !== undefined) {
          this.#counts.add(by.owner);
          made.push(created);
          return { want, record: created };
        }
      }
      const record = await this.#api.read(name, signal);
      if (record === undefined && refusal !== undefined) throw new Error(refusal);
      if (record === undefined && dryRun) return { want, record };
      if (record !== undefined) {
        if (claimId(record.spec) !== claimId(want)) throw new Error(`the claim ${name} is to another hostname`);
        const contested = want.against({ hostname: record.spec.hostname, claimant: record.spec.claimant });
        if (contested !== undefined && !contested.prevails) return { record, contested };
        // Somebody of the same owner has used it since it was read: it is as fresh as it would be by this. One that was only made since
        // may be taken back by whoever made it.
        const isFresh = contested === undefined && before?.uid === record.uid;
        const kept = dryRun || isFresh ? record : await this.#api.replace(record, used(record, by), signal);
        if (kept !== undefined) {
          violations.push(...(contested?.violations ?? []));
          return { want, record: kept };
        }
      }
      before = record;
    }
  }

  /** The older claims of others that overlap with one; on a dry run, all. */
  async *#overlapping({ want, record: own }: Mine, { signal }: HoldRequest): AsyncGenerator<Theirs> {
    if (!want.overlaps) return;
    for (const selector of overlapSelectors(want.layer, want.hostname)) {
      for await (const record of this.#api.select(selector, signal)) {
        const contested = want.against({ hostname: record.spec.hostname, claimant: record.spec.claimant });
        if (contested !== undefined && (own === undefined || isOlder(record, own))) yield { record, contested };
      }
    }
  }

  /** What was made for a write that is refused is taken back, so that nobody waits for it; what cannot be is collected later. */
  async #refused(
    { record }: Theirs,
    violations: Contested['violations'],
    made: readonly ClaimRecord[],
    request: HoldRequest,
  ): Promise<Holding> {
    const { signal } = request;
    const [stands] = await Promise.all([
      // That it is held is known either way, and where nobody can look nobody says that waiting helps.
      this.#stands(record, request).catch(() => true),
      ...made.map((claim) => this.#api.remove(claim, signal).catch(() => false)),
    ]);
    return { violations, pending: !stands };
  }

  /** Whether the object of a claim is in the cluster, and asks for the hostname. */
  async #stands({ spec }: ClaimRecord, { askedBy, signal }: HoldRequest): Promise<boolean> {
    const key = spec.claimant;
    const object = await this.#readObject(key, signal);
    return object?.metadata.uid === spec.claimant.uid && askedBy(key.kind, object).has(claimId(spec));
  }
}

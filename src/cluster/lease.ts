import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../errors.ts';
import { apiVersionOf, valueAt } from '#gateway';
import type { ApiConnection } from './liveConnection.ts';
import { ApiError, NOT_FOUND, readJson } from './liveList.ts';

/** How a lease is held; all in milliseconds. */
export interface LeasePace {
  /** Seen unchanged for so long, a lease is anybody's. */
  readonly duration: number;
  /** Not renewed for so long, its holder leads no more; less than the duration, so that no two ever lead at once. */
  readonly renewDeadline: number;
  /** Between two looks, shaken by a fifth. */
  readonly retry: number;
}

/** The pace of Kubernetes' own controllers. */
const LEASE_PACE: LeasePace = { duration: 15_000, renewDeadline: 10_000, retry: 2000 };

/** Which lease, and for whom. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who holds it: of its own for each process. */
  readonly holder: string;
  /** Milliseconds since the epoch, for what is written into the lease; who leads is judged by a clock that nobody sets. */
  readonly now: () => number;
  /** Hears why the lease could not be read or written, once for each new reason. */
  readonly told: (problem: string) => void;
}

const COORDINATION = apiVersionOf('coordination.k8s.io', 'v1');
const CONFLICT = 409;
const READ_SILENCE = 5000;

/** What is seen of a lease. */
interface Seen {
  readonly resourceVersion: string;
  readonly holder: string;
  readonly transitions: number;
  readonly acquired: unknown;
}

/**
 * One leader among replicas: a Lease of coordination.k8s.io/v1, held as Kubernetes' own controllers do. Others' clocks do not count: a lease
 * is free when its resourceVersion has stood still for its duration as seen from here. Every write is fenced by the resourceVersion read.
 */
export class Lease {
  readonly #connection: ApiConnection;
  readonly #options: LeaseOptions;
  readonly #pace: LeasePace;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  /** The version last seen, and when it was first seen, on the clock of `performance.now()`. */
  #version: string | undefined;
  #since = 0;
  /** When the last renewal was sent that went through. */
  #renewed = -Infinity;
  #problem: string | undefined;

  constructor(connection: ApiConnection, options: LeaseOptions, pace: LeasePace = LEASE_PACE) {
    this.#connection = connection;
    this.#options = options;
    this.#pace = pace;
    this.#done = this.#hold();
  }

  /** Whether this process leads. Ask before each write: what leads may end at any time. */
  get isLeader(): boolean {
    return performance.now() - this.#renewed < this.#pace.renewDeadline;
  }

  /** Leads no more, and lets another begin at once. */
  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#done;
    const led = this.isLeader;
    this.#renewed = -Infinity;
    if (!led) return;
    const signal = AbortSignal.timeout(READ_SILENCE);
    try {
      const seen = await this.#read(signal);
      if (seen?.holder === this.#options.holder) await this.#write(seen, '', signal);
    } catch {
      // Then it runs out by itself.
    }
  }

  async #hold(): Promise<void> {
    const { signal } = this.#closing;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#round(AbortSignal.any([signal, AbortSignal.timeout(this.#pace.renewDeadline)]));
        this.#problem = undefined;
      } catch (error) {
        const problem = errorText(error);
        if (!signal.aborted && problem !== this.#problem) this.#options.told(problem);
        this.#problem = problem;
      }
      const shaken = this.#pace.retry * (1 + Math.random() / 5);
      await pause(shaken, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const asked = performance.now();
    const seen = await this.#read(signal);
    if (seen?.resourceVersion !== this.#version) {
      this.#version = seen?.resourceVersion;
      // Not `asked`: it may have been written while the answer was on its way.
      this.#since = performance.now();
    }
    const { holder } = this.#options;
    const isOurs = seen?.holder === holder;
    const isFree = seen === undefined || seen.holder === '' || asked - this.#since >= this.#pace.duration;
    if (!isOurs) this.#renewed = -Infinity;
    if (!isOurs && !isFree) return;
    if (await this.#write(seen, holder, signal)) this.#renewed = asked;
  }

  async #read(signal: AbortSignal): Promise<Seen | undefined> {
    const path = this.#path(this.#options.name);
    const response = await this.#connection.get(path, signal, READ_SILENCE);
    if (response.status === NOT_FOUND) {
      await response.body.dump();
      return undefined;
    }
    const lease = await readJson(response, path);
    const transitions = valueAt(lease, ['spec', 'leaseTransitions']);
    return {
      resourceVersion: text(valueAt(lease, ['metadata', 'resourceVersion'])),
      holder: text(valueAt(lease, ['spec', 'holderIdentity'])),
      transitions: typeof transitions === 'number' ? transitions : 0,
      acquired: valueAt(lease, ['spec', 'acquireTime']),
    };
  }

  /** Whether it went through: false when somebody else was first. */
  async #write(seen: Seen | undefined, holder: string, signal: AbortSignal): Promise<boolean> {
    const { namespace, name, now } = this.#options;
    const time = new Date(now()).toISOString().replace('Z', '000Z');
    const isNew = seen?.holder !== holder;
    const body = {
      apiVersion: COORDINATION,
      kind: 'Lease',
      metadata: {
        name,
        namespace,
        labels: { 'app.kubernetes.io/managed-by': 'gateward' },
        ...(seen === undefined ? {} : { resourceVersion: seen.resourceVersion }),
      },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: Math.max(1, Math.round(this.#pace.duration / 1000)),
        acquireTime: isNew ? time : (seen.acquired ?? time),
        renewTime: time,
        leaseTransitions: (seen?.transitions ?? 0) + (seen !== undefined && isNew && holder !== '' ? 1 : 0),
      },
    };
    const path = seen === undefined ? this.#path() : this.#path(name);
    const response = await this.#connection.send({ method: seen === undefined ? 'POST' : 'PUT', path, body }, signal);
    try {
      const written = await readJson(response, path);
      this.#version = text(valueAt(written, ['metadata', 'resourceVersion']));
      this.#since = performance.now();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === CONFLICT) return false;
      throw error;
    }
  }

  #path(name?: string): string {
    const leases = `/apis/${COORDINATION}/namespaces/${encodeURIComponent(this.#options.namespace)}/leases`;
    return name === undefined ? leases : `${leases}/${encodeURIComponent(name)}`;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

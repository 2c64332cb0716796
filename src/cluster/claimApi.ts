import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { KIND_NAMES } from '#gateway';
import {
  CLAIM_KIND,
  POLICY_API_VERSION,
  claimLabels,
  claimName,
  hostnameClaimSchema,
  type HostnameClaimSpec,
} from '../config/index.ts';
import type { ApiConnection, ApiResponse } from './liveConnection.ts';
import { ApiError, NOT_FOUND, listCollection, readJson } from './liveList.ts';

/** A HostnameClaim as the API server has it. */
export interface ClaimRecord {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly spec: z.infer<typeof claimDoor>['spec'];
}

const CONFLICT = 409;
/** Of these answers nobody knows more after waiting but that it may be another: throttled, out of order, out of reach of etcd. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const FIRST_PAUSE = 25;
const LONGEST_PAUSE = 500;
/** How long the server may say nothing to a read, in milliseconds. */
const SILENCE = 10_000;
/** The most claims that are looked at for one hostname. */
const PAGE = 500;
const PAGES = 20;

const COLLECTION = `/apis/${POLICY_API_VERSION}/hostnameclaims`;

const claimDoor = z.object({
  metadata: z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() }),
  spec: hostnameClaimSchema.extend({
    claimant: hostnameClaimSchema.shape.claimant.extend({ kind: z.enum(KIND_NAMES) }),
  }),
});
const pageDoor = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(z.unknown()),
});

/** HostnameClaims of one API server. Every call asks the server itself and is repeated until it answers or the signal ends. */
export class ClaimApi {
  readonly #connection: ApiConnection;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  /** Undefined when there is a claim of this name; perhaps written by this very call, whose answer was lost. */
  async create(spec: HostnameClaimSpec, signal: AbortSignal): Promise<ClaimRecord | undefined> {
    const body = claimObject(spec, {});
    const response = await this.#ask(COLLECTION, signal, () =>
      this.#connection.send({ method: 'POST', path: `${COLLECTION}?fieldManager=gateward`, body }, signal),
    );
    if (response.status === NOT_FOUND) {
      await response.body.dump();
      throw notInstalled();
    }
    return this.#unless(CONFLICT, response, COLLECTION);
  }

  /** Undefined when there is none. */
  async read(name: string, signal: AbortSignal): Promise<ClaimRecord | undefined> {
    const path = pathOf(name);
    const response = await this.#ask(path, signal, () => this.#connection.get(path, signal, SILENCE));
    return this.#unless(NOT_FOUND, response, path);
  }

  /** Undefined when the claim is another by now, or gone. */
  async replace(record: ClaimRecord, spec: HostnameClaimSpec, signal: AbortSignal): Promise<ClaimRecord | undefined> {
    const path = pathOf(record.name);
    const body = claimObject(spec, { uid: record.uid, resourceVersion: record.resourceVersion });
    const response = await this.#ask(path, signal, () =>
      this.#connection.send({ method: 'PUT', path: `${path}?fieldManager=gateward`, body }, signal),
    );
    if (response.status === NOT_FOUND) {
      await response.body.dump();
      return undefined;
    }
    return this.#unless(CONFLICT, response, path);
  }

  /** Deletes the very claim that was read: one that has been used since, or made anew, stays. False when nothing was deleted. */
  async remove({ name, uid, resourceVersion }: ClaimRecord, signal: AbortSignal): Promise<boolean> {
    const path = pathOf(name);
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
    const response = await this.#ask(path, signal, () =>
      this.#connection.send({ method: 'DELETE', path, body }, signal),
    );
    if (response.status === NOT_FOUND || response.status === CONFLICT) {
      await response.body.dump();
      return false;
    }
    await readJson(response, path);
    return true;
  }

  /** The claims that a label selector selects, as they are now. */
  async *select(selector: string, signal: AbortSignal): AsyncGenerator<ClaimRecord> {
    let next = '';
    for (let page = 1; ; page += 1) {
      const path = `${COLLECTION}?labelSelector=${encodeURIComponent(selector)}&limit=${PAGE}${next}`;
      const response = await this.#ask(path, signal, () => this.#connection.get(path, signal, SILENCE));
      const { metadata, items } = pageDoor.parse(await readJson(response, path));
      for (const item of items) yield recordOf(item, 'a HostnameClaim that overlaps');
      if ((metadata.continue ?? '') === '') return;
      if (page === PAGES) throw new Error(`more than ${PAGE * PAGES} claims overlap`);
      next = `&continue=${encodeURIComponent(metadata.continue ?? '')}`;
    }
  }

  /** All claims there are, page by page; what is no claim is passed over. */
  async list(each: (record: ClaimRecord) => void, signal: AbortSignal): Promise<void> {
    const collection = { path: COLLECTION, apiVersion: POLICY_API_VERSION, kind: CLAIM_KIND };
    const take = (item: unknown): void => {
      const parsed = claimDoor.safeParse(item);
      if (parsed.success) each(flat(parsed.data));
    };
    const version = await listCollection(this.#connection, collection, take, signal);
    if (version === undefined) throw notInstalled();
  }

  async #unless(status: number, response: ApiResponse, path: string): Promise<ClaimRecord | undefined> {
    if (response.status !== status) return recordOf(await readJson(response, path), `the HostnameClaim at ${path}`);
    await response.body.dump();
    return undefined;
  }

  async #ask(path: string, signal: AbortSignal, send: () => Promise<ApiResponse>): Promise<ApiResponse> {
    for (let failures = 0; ; failures += 1) {
      let problem: unknown;
      try {
        const response = await send();
        if (!PASSING.has(response.status)) return response;
        await response.body.dump();
        problem = new ApiError(response.status, path, 'is not to be had at the moment');
      } catch (error) {
        problem = error;
      }
      const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
      await pause(longest * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {
        throw problem;
      });
    }
  }
}

/**
 * Which of two claims is the older: by the resourceVersions at their creation, which the API server orders (KEP-5504). Two that overlap are
 * each created before their maker looks for others, so that the younger always sees the older. A creationTimestamp would not do: of two
 * within a second the one without may already have looked.
 */
export function isOlder(claim: ClaimRecord, other: ClaimRecord): boolean {
  const [a, b] = [firstVersion(claim), firstVersion(other)];
  // Where that cannot be said, both count as older, and none of the two is admitted.
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return true;
  return BigInt(a) < BigInt(b);
}

/** What is written of a claim when it is used once more. */
export function used(record: ClaimRecord, by: Pick<HostnameClaimSpec, 'owner' | 'claimant'>): HostnameClaimSpec {
  const { spec, uid } = record;
  return { ...spec, ...by, uses: spec.uses + 1, created: { uid, resourceVersion: firstVersion(record) } };
}

/** A claim that was restored from a backup tells of another life of its own, which does not count. */
function firstVersion({ uid, resourceVersion, spec: { created } }: ClaimRecord): string {
  return created?.uid === uid ? created.resourceVersion : resourceVersion;
}

function claimObject(spec: HostnameClaimSpec, metadata: Readonly<Record<string, string>>): unknown {
  const { layer, hostname, owner } = spec;
  return {
    apiVersion: POLICY_API_VERSION,
    kind: CLAIM_KIND,
    metadata: { ...metadata, name: claimName(layer, hostname), labels: claimLabels(layer, hostname, owner) },
    spec,
  };
}

function notInstalled(): ApiError {
  return new ApiError(NOT_FOUND, COLLECTION, 'the CRD of HostnameClaim is not installed');
}

function pathOf(name: string): string {
  return `${COLLECTION}/${encodeURIComponent(name)}`;
}

/** `what` is told to who asks for the hostname: it names no claim to a hostname of others. */
function recordOf(value: unknown, what: string): ClaimRecord {
  const parsed = claimDoor.safeParse(value);
  if (!parsed.success) throw new Error(`${what} is not as Gateward writes it: have it deleted`);
  return flat(parsed.data);
}

function flat({ metadata, spec }: z.infer<typeof claimDoor>): ClaimRecord {
  return { ...metadata, spec };
}

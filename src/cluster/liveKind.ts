import { setTimeout as pause } from 'node:timers/promises';
import type { KindName, Visibility } from '../gateway/index.ts';
import { ApiError, GONE, NOT_FOUND, isFields, listKind, readJson, resourcePath, type ListEnd } from './liveList.ts';
import type { ApiConnection } from './liveConnection.ts';
import { keptObject } from './liveObject.ts';
import type { Store } from './store.ts';

/** How a kind is followed; all in milliseconds. */
export interface Pace {
  /** A watch is asked to end after this, so that a connection that has died silently is noticed. */
  readonly watch: number;
  /** First and longest pause after a failure; each is doubled and shaken. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** How often to look whether an absent kind has come. */
  readonly absent: number;
  /** Without a sign of life for so long, absences are no longer believed. */
  readonly stale: number;
}

/** The pace of a server that is not told otherwise. */
export const PACE: Pace = { watch: 25_000, firstPause: 250, longestPause: 15_000, absent: 5000, stale: 35_000 };

/**
 * Follows one kind for ever: lists it, watches from there, and starts again after whatever ended that. No answer of the API server and no
 * object stops it or reaches anybody else.
 */
export class LiveKind {
  readonly kind: KindName;
  readonly #connection: ApiConnection;
  readonly #store: Store;
  readonly #pace: Pace;
  readonly #stop = new AbortController();
  readonly #quarantined = new Set<string>();
  readonly #keys = new Set<string>();
  #position: ListEnd | undefined;
  #lists = 0;
  #lastContact = -Infinity;
  #failures = 0;
  #problem: string | undefined;
  readonly #done: Promise<void>;

  constructor(kind: KindName, connection: ApiConnection, store: Store, pace: Pace) {
    this.kind = kind;
    this.#connection = connection;
    this.#store = store;
    this.#pace = pace;
    store.setVisibility(kind, 'none');
    this.#done = this.#follow();
  }

  /** Complete lists since the start; an absent kind counts as listed. */
  get lists(): number {
    return this.#lists;
  }

  get objects(): number {
    return this.#keys.size;
  }

  /** Why the last attempt ended; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Milliseconds since the API server last said anything about this kind. */
  get age(): number {
    return performance.now() - this.#lastContact;
  }

  /** How much is in sight: nothing before the first list, not all while an object is in quarantine or nothing has been heard for too long. */
  get visibility(): Visibility {
    if (this.#lists === 0) return 'none';
    return this.#quarantined.size === 0 && this.age < this.#pace.stale ? 'all' : 'some';
  }

  /** Ends it and takes its objects out; nothing of this kind changes in the store afterwards. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const key of [...this.#keys]) this.#remove(key);
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed()) {
      try {
        if (this.#position === undefined) await this.#list();
        this.#problem = undefined;
        if (this.#position === undefined) await this.#pause(this.#pace.absent);
        else await this.#watch(this.#position);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#isClosed()) return;
    const isForgotten = error instanceof ApiError && (error.status === GONE || error.status === NOT_FOUND);
    // A watch that broke off goes on where it was; what was forgotten or cannot be understood is listed afresh.
    if (isForgotten || error instanceof SyntaxError) this.#position = undefined;
    const failures = this.#failures;
    this.#failures = Math.min(failures + 1, 16);
    if (isForgotten && failures === 0) return;
    this.#problem = error instanceof Error ? error.message : String(error);
    const longest = Math.min(this.#pace.longestPause, this.#pace.firstPause * 2 ** failures);
    await this.#pause(longest * (0.5 + Math.random() / 2));
  }

  async #list(): Promise<void> {
    const seen = new Set<string>();
    const end = await listKind(
      this.#connection,
      this.kind,
      (item) => {
        this.#stop.signal.throwIfAborted();
        this.#lastContact = performance.now();
        const key = keyOfItem(item);
        seen.add(key);
        this.#put(key, item);
      },
      this.#stop.signal,
    );
    this.#stop.signal.throwIfAborted();
    for (const key of [...this.#keys, ...this.#quarantined]) if (!seen.has(key)) this.#remove(key);
    this.#position = end;
    this.#lists += 1;
    this.#lastContact = performance.now();
  }

  async #watch({ version, resourceVersion }: ListEnd): Promise<void> {
    const seconds = Math.max(1, Math.round(this.#pace.watch / 1000));
    const path = resourcePath(this.kind, version);
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(resourceVersion)}`;
    const silence = this.#pace.watch + Math.min(5000, this.#pace.watch);
    const response = await this.#connection.get(`${path}${query}`, this.#stop.signal, silence);
    if (response.status !== 200) {
      await readJson(response, path);
      throw new ApiError(response.status, path, 'is no watch');
    }
    this.#lastContact = performance.now();
    const opened = this.#lastContact;
    for await (const line of linesOf(response.body)) {
      this.#stop.signal.throwIfAborted();
      this.#lastContact = performance.now();
      this.#event(JSON.parse(line), version, path);
      this.#failures = 0;
    }
    this.#lastContact = performance.now();
    // A server that ends every watch at once is not to be asked without a breath.
    if (this.#lastContact - opened < this.#pace.firstPause) await this.#pause(this.#pace.firstPause);
    else this.#failures = 0;
  }

  #event(event: unknown, version: string, path: string): void {
    const type = isFields(event) ? event['type'] : undefined;
    const object = isFields(event) ? event['object'] : undefined;
    if (!isFields(object)) throw new SyntaxError(`${path}: an event without object`);
    if (type === 'ERROR') {
      const { code, message } = object;
      throw new ApiError(typeof code === 'number' ? code : 500, path, typeof message === 'string' ? message : '');
    }
    const metadata = isFields(object['metadata']) ? object['metadata'] : {};
    const key = keyOfItem(object);
    if (type === 'ADDED' || type === 'MODIFIED') this.#put(key, object);
    else if (type === 'DELETED') this.#remove(key);
    else if (type !== 'BOOKMARK') throw new SyntaxError(`${path}: an event of type ${String(type)}`);
    const { resourceVersion } = metadata;
    if (typeof resourceVersion === 'string') this.#position = { version, resourceVersion };
  }

  /** An object that is not of its kind's shape, or breaks an index, is set aside: it stands for an absence that is not believed. */
  #put(key: string, item: unknown): void {
    try {
      const object = keptObject(this.kind, item);
      if (object !== undefined) {
        this.#store.put(this.kind, object);
        this.#keys.add(key);
        this.#quarantined.delete(key);
        return;
      }
    } catch {
      // Falls through to the quarantine.
    }
    this.#remove(key);
    this.#quarantined.add(key);
  }

  #remove(key: string): void {
    this.#quarantined.delete(key);
    if (!this.#keys.delete(key)) return;
    const slash = key.indexOf('/');
    this.#store.delete(this.kind, key.slice(0, slash), key.slice(slash + 1));
  }

  #isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}

/** `namespace/name`, whatever the item is. */
function keyOfItem(item: unknown): string {
  const metadata = isFields(item) && isFields(item['metadata']) ? item['metadata'] : {};
  const { namespace, name } = metadata;
  return `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`;
}

/** The most that one event may take, in characters: above any object etcd holds. */
const LONGEST_LINE = 16 * 1024 * 1024;

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of body) {
    held += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n', start)) {
      if (end > start) yield held.slice(start, end);
      start = end + 1;
    }
    held = held.slice(start);
    if (held.length > LONGEST_LINE) throw new SyntaxError('an event of a watch is larger than any object can be');
  }
}

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { KindName, KubeObject, Visibility } from '../gateway/index.ts';
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
  /** Without a sign of life for so long, a kind is nothing to serve by. */
  readonly tooStale: number;
}

/** The pace of a server that is not told otherwise. */
export const PACE: Pace = {
  watch: 25_000,
  firstPause: 250,
  longestPause: 15_000,
  absent: 5000,
  stale: 35_000,
  tooStale: 180_000,
};

/** Makes of an object what is kept of it. */
export type Keep = (kind: KindName, object: KubeObject) => KubeObject;

/** How long objects are put in or taken out before the event loop gets a turn, in milliseconds. */
const SLICE = 8;

/**
 * Follows one kind for ever: lists it, watches from there, and starts again after whatever ended that. No answer of the API server and no
 * object stops it or reaches anybody else.
 */
export class LiveKind {
  readonly kind: KindName;
  readonly #connection: ApiConnection;
  readonly #store: Store;
  readonly #pace: Pace;
  readonly #quarantined = new Set<string>();
  readonly #done: Promise<void>;
  #keep: Keep;
  #attempt = new AbortController();
  #isClosed = false;
  #position: ListEnd | undefined;
  #lists = 0;
  #heard = performance.now();
  #failures = 0;
  #problem: string | undefined;

  constructor(kind: KindName, connection: ApiConnection, store: Store, keep: Keep, pace: Pace) {
    this.kind = kind;
    this.#connection = connection;
    this.#store = store;
    this.#keep = keep;
    this.#pace = pace;
    this.#done = this.#follow();
  }

  /** Complete lists since the start; an absent kind counts as listed. */
  get lists(): number {
    return this.#lists;
  }

  get objects(): number {
    return this.#store.count(this.kind);
  }

  /** Objects that are not of their kind's shape. */
  get quarantined(): number {
    return this.#quarantined.size;
  }

  /** Why the last attempt ended; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Milliseconds since the API server last showed that nothing is missing here; before the first list, since the start. */
  get age(): number {
    return performance.now() - this.#heard;
  }

  /** How much is in sight: nothing before the first list, not all while an object is in quarantine or nothing has been heard for too long. */
  get visibility(): Visibility {
    if (this.#lists === 0) return 'none';
    return this.#quarantined.size === 0 && this.age < this.#pace.stale ? 'all' : 'some';
  }

  /** Keeps other parts of objects from now on; what is there is listed again. */
  keep(keep: Keep): void {
    this.#keep = keep;
    this.#position = undefined;
    this.#attempt.abort();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    this.#attempt.abort();
    await this.#done;
  }

  /** Ends it and takes its objects out. */
  async drop(): Promise<void> {
    await Promise.all([this.stop(), this.#clear([...this.#store.list(this.kind)])]);
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      this.#attempt = new AbortController();
      const { signal } = this.#attempt;
      try {
        if (this.#position === undefined) await this.#list(signal);
        this.#problem = undefined;
        if (this.#position === undefined) await this.#pause(this.#pace.absent, signal);
        else await this.#watch(this.#position, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const isForgotten = error instanceof ApiError && (error.status === GONE || error.status === NOT_FOUND);
    // A watch that broke off goes on where it was; what was forgotten or cannot be understood is listed afresh.
    if (isForgotten || error instanceof SyntaxError) this.#position = undefined;
    const failures = this.#failures;
    this.#failures = Math.min(failures + 1, 16);
    if (isForgotten && failures === 0) return;
    this.#problem = error instanceof Error ? error.message : String(error);
    const longest = Math.min(this.#pace.longestPause, this.#pace.firstPause * 2 ** failures);
    await this.#pause(longest * (0.5 + Math.random() / 2), signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    // The first time there is nothing that could be gone.
    const isFirst = this.objects + this.quarantined === 0;
    const seen = isFirst ? undefined : new Set<string>();
    const end = await listKind(
      this.#connection,
      this.kind,
      (item) => {
        signal.throwIfAborted();
        seen?.add(keyOfItem(item));
        this.#put(item);
      },
      signal,
    );
    signal.throwIfAborted();
    if (seen !== undefined) {
      for (const key of this.#quarantined) if (!seen.has(key)) this.#quarantined.delete(key);
      await this.#clear([...this.#store.list(this.kind)].filter((object) => !seen.has(keyOfItem(object))));
      signal.throwIfAborted();
    }
    this.#position = end;
    this.#lists += 1;
    this.#heard = performance.now();
  }

  async #watch({ version, resourceVersion }: ListEnd, signal: AbortSignal): Promise<void> {
    const seconds = Math.max(1, Math.round(this.#pace.watch / 1000));
    const path = resourcePath(this.kind, version);
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(resourceVersion)}`;
    const silence = this.#pace.watch + Math.min(5000, this.#pace.watch);
    const response = await this.#connection.get(`${path}${query}`, signal, silence);
    if (response.status !== 200) {
      await readJson(response, path);
      throw new ApiError(response.status, path, 'is no watch');
    }
    const opened = performance.now();
    this.#heard = opened;
    let sliceEnd = opened + SLICE;
    for await (const line of linesOf(response.body)) {
      signal.throwIfAborted();
      this.#event(JSON.parse(line), version, path);
      this.#heard = performance.now();
      this.#failures = 0;
      // What has piled up is read without a pause; reviews get a turn in between.
      if (this.#heard < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE;
    }
    this.#heard = performance.now();
    // A server that ends every watch at once is not to be asked without a breath.
    if (this.#heard - opened < this.#pace.firstPause) await this.#pause(this.#pace.firstPause, signal);
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
    if (type === 'ADDED' || type === 'MODIFIED') this.#put(object);
    else if (type === 'DELETED') this.#remove(object);
    else if (type !== 'BOOKMARK') throw new SyntaxError(`${path}: an event of type ${String(type)}`);
    const { resourceVersion } = metadataOf(object);
    if (typeof resourceVersion === 'string') this.#position = { version, resourceVersion };
  }

  /** An object that is not of its kind's shape, or breaks an index, is set aside: it stands for an absence that is not believed. */
  #put(item: unknown): void {
    try {
      const object = keptObject(this.kind, item);
      if (object !== undefined) {
        this.#store.put(this.kind, this.#keep(this.kind, object));
        if (this.#quarantined.size > 0) this.#quarantined.delete(keyOfItem(item));
        return;
      }
    } catch {
      // Falls through to the quarantine.
    }
    const { namespace, name } = nameOf(item);
    this.#store.delete(this.kind, namespace, name);
    this.#quarantined.add(keyOfItem(item));
  }

  /** Takes out the very object that is gone: another that has its name already is not meant. */
  #remove(item: unknown): void {
    const { namespace, name } = nameOf(item);
    const held = this.#store.get(this.kind, namespace, name);
    const { uid } = metadataOf(item);
    if (typeof uid === 'string' && held?.metadata.uid !== undefined && held.metadata.uid !== uid) return;
    this.#quarantined.delete(keyOfItem(item));
    this.#store.delete(this.kind, namespace, name);
  }

  /** Takes out objects, as far as they are still the ones that are held. */
  async #clear(objects: readonly KubeObject[]): Promise<void> {
    let sliceEnd = performance.now() + SLICE;
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      if (this.#store.get(this.kind, namespace, name) === object) this.#store.delete(this.kind, namespace, name);
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE;
    }
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pause(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function metadataOf(item: unknown): Readonly<Record<string, unknown>> {
  return isFields(item) && isFields(item['metadata']) ? item['metadata'] : {};
}

/** Whatever the item is. */
function nameOf(item: unknown): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = metadataOf(item);
  return { namespace: typeof namespace === 'string' ? namespace : '', name: typeof name === 'string' ? name : '' };
}

/** `namespace/name`, whatever the item is. */
function keyOfItem(item: unknown): string {
  const { namespace, name } = nameOf(item);
  return `${namespace}/${name}`;
}

/** The most that one event may take, in characters: above any object etcd holds. */
const LONGEST_LINE = 16 * 1024 * 1024;

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of body) {
    const searched = held.length;
    held += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = held.indexOf('\n', searched); end >= 0; end = held.indexOf('\n', start)) {
      if (end > start) yield held.slice(start, end);
      start = end + 1;
    }
    held = held.slice(start);
    if (held.length > LONGEST_LINE) throw new SyntaxError('an event of a watch is larger than any object can be');
  }
}

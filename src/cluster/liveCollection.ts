import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../errors.ts';
import { isObject } from '#gateway';
import { ApiError, GONE, NOT_FOUND, expectApiServer, readJson, type ListEnd } from './liveList.ts';
import type { ApiConnection } from './liveConnection.ts';
import { isSliceOver, nextSlice } from './slice.ts';

/** How a collection is followed; all in milliseconds. */
export interface Pace {
  /** A watch is asked to end after this, so that a connection that has died silently is noticed. */
  readonly watch: number;
  /** First and longest pause after a failure; each is doubled and shaken. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** After how long to look again, at the latest, whether an absent kind has come. */
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

/** A watch of so many milliseconds has a bookmark after one to two seconds: API servers send one two seconds before the end. */
const SHORT_WATCH = 3000;

/** A collection of an API server, and where its objects go. */
export interface Followed {
  /** Lists it, handing over each object; gives where the list ended, or undefined when the collection is not served. */
  readonly list: (each: (item: unknown) => void, signal: AbortSignal) => Promise<ListEnd | undefined>;
  /** What is watched after a list that ended in a version. */
  readonly path: (version: string) => string;
  readonly put: (item: unknown) => void;
  readonly remove: (item: unknown) => void;
  /** Whether nothing has been put that a list could find gone. */
  readonly isEmpty: () => boolean;
  /** Takes out what a list has not seen; `seen` has `namespace/name` of each object. */
  readonly settle: (seen: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
}

/**
 * Follows one collection for ever: lists it, watches from there, and starts again after whatever ended that. No answer of the API server
 * stops it or reaches anybody else.
 */
export class LiveCollection {
  readonly #connection: ApiConnection;
  readonly #followed: Followed;
  readonly #pace: Pace;
  readonly #done: Promise<void>;
  #attempt = new AbortController();
  #isClosed = false;
  #position: ListEnd | undefined;
  #lists = 0;
  #heard = performance.now();
  #failures = 0;
  #problem: string | undefined;
  /** Whether the watch that is open is to have its bookmark soon; undefined while none is. */
  #bookmark: 'soon' | 'late' | undefined;
  readonly #waiting = new Set<{ readonly version: number; readonly done: () => void }>();

  constructor(connection: ApiConnection, followed: Followed, pace: Pace) {
    this.#connection = connection;
    this.#followed = followed;
    this.#pace = pace;
    this.#done = this.#follow();
  }

  /** Complete lists since the start; one that is not served counts as listed. */
  get lists(): number {
    return this.#lists;
  }

  /** The version that has been seen last; undefined when that is not known, or there is nothing to see. */
  get resourceVersion(): string | undefined {
    return this.#position?.resourceVersion;
  }

  /** Why the last attempt ended; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** When the API server last showed that nothing is missing here, on the clock of `performance.now()`; before the first list, the start. */
  get heard(): number {
    return this.#heard;
  }

  /** Milliseconds since then. */
  get age(): number {
    return performance.now() - this.#heard;
  }

  /**
   * Waits until all has been seen up to a version of the API server, be it this collection's or not: a bookmark tells of that. Rejects when the
   * signal ends first.
   */
  async reach(version: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if ((versionNumber(this.resourceVersion) ?? 0) >= version) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiting = { version, done: resolve.bind(undefined, undefined) };
    this.#waiting.add(waiting);
    const giveUp = (): void => {
      reject(new Error('the watch is behind'));
    };
    signal.addEventListener('abort', giveUp);
    // The next watch is a short one.
    if (this.#bookmark === 'late') this.#attempt.abort();
    try {
      await promise;
    } finally {
      this.#waiting.delete(waiting);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Lists it again from the beginning. */
  restart(): void {
    this.#position = undefined;
    this.#attempt.abort();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    this.#attempt.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      this.#attempt = new AbortController();
      const { signal } = this.#attempt;
      try {
        if (this.#position === undefined) await this.#list(signal);
        this.#problem = undefined;
        if (this.#position === undefined) await this.#pause(shaken(this.#pace.absent), signal);
        else await this.#watch(this.#position, signal);
      } catch (error) {
        this.#bookmark = undefined;
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const isForgotten = error instanceof ApiError && (error.status === GONE || error.status === NOT_FOUND);
    // A watch that broke off goes on where it was; what was forgotten or cannot be understood is listed afresh.
    if (isForgotten || error instanceof WatchError || error instanceof SyntaxError) this.#position = undefined;
    const failures = this.#failures;
    this.#failures = Math.min(failures + 1, 16);
    if (isForgotten && failures === 0) return;
    this.#problem = errorText(error);
    const longest = Math.min(this.#pace.longestPause, this.#pace.firstPause * 2 ** failures);
    await this.#pause(shaken(longest), signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const seen = this.#followed.isEmpty() ? undefined : new Set<string>();
    const end = await this.#followed.list((item) => {
      signal.throwIfAborted();
      seen?.add(keyOfItem(item));
      this.#followed.put(item);
    }, signal);
    // What is no API server knows of nothing either.
    if (end === undefined) await expectApiServer(this.#connection, signal);
    signal.throwIfAborted();
    if (seen !== undefined) {
      await this.#followed.settle(seen, signal);
      signal.throwIfAborted();
    }
    this.#moveTo(end);
    this.#lists += 1;
    this.#heard = performance.now();
  }

  async #watch({ version, resourceVersion }: ListEnd, signal: AbortSignal): Promise<void> {
    this.#bookmark = this.#waiting.size > 0 ? 'soon' : 'late';
    const lasting = this.#bookmark === 'soon' ? Math.min(SHORT_WATCH, this.#pace.watch) : this.#pace.watch;
    const seconds = Math.max(1, Math.round(lasting / 1000));
    const path = this.#followed.path(version);
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(resourceVersion)}`;
    const silence = this.#pace.watch + Math.min(5000, this.#pace.watch);
    const response = await this.#connection.get(`${path}${query}`, signal, silence);
    if (response.status !== 200) {
      await readJson(response, path);
      throw new ApiError(response.status, path, 'is no watch');
    }
    const opened = performance.now();
    this.#heard = opened;
    for await (const lines of linesOf(response.body)) {
      for (const event of await this.#eventsOf(lines, path, signal)) {
        // What has piled up comes without a pause; reviews get a turn in between.
        if (isSliceOver()) await nextSlice();
        signal.throwIfAborted();
        this.#apply(event, version);
        this.#heard = performance.now();
        this.#failures = 0;
      }
    }
    this.#bookmark = undefined;
    this.#heard = performance.now();
    // A server that ends every watch at once is not to be asked without a breath.
    if (this.#heard - opened < this.#pace.firstPause) await this.#pause(this.#pace.firstPause, signal);
    else this.#failures = 0;
  }

  /** Events that came together, without those that put an object which a later one puts again. Throws for one that cannot be understood. */
  async #eventsOf(lines: readonly string[], path: string, signal: AbortSignal): Promise<readonly WatchEvent[]> {
    const events: WatchEvent[] = [];
    for (const line of lines) {
      if (isSliceOver()) await nextSlice();
      signal.throwIfAborted();
      events.push(eventOf(JSON.parse(line), path));
    }
    return events.length === 1 ? events : lastPuts(events);
  }

  #apply({ type, object }: WatchEvent, version: string): void {
    if (type === 'DELETED') this.#followed.remove(object);
    else if (type !== 'BOOKMARK') this.#followed.put(object);
    else this.#bookmark = 'late';
    const { resourceVersion } = metadataOf(object);
    if (typeof resourceVersion === 'string') this.#moveTo({ version, resourceVersion });
  }

  #moveTo(position: ListEnd | undefined): void {
    this.#position = position;
    if (this.#waiting.size === 0) return;
    const reached = versionNumber(position?.resourceVersion) ?? 0;
    for (const { version, done } of this.#waiting) if (version <= reached) done();
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pause(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** At most so long, and seldom as long as others: a dozen kinds that are looked for at once hold the event loop for 15 ms. */
function shaken(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}

/** What the API server ends a watch with; it would come again from where the watch was. */
class WatchError extends ApiError {}

/** An event of a watch (API concepts: Efficient detection of changes). */
interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Readonly<Record<string, unknown>>;
}

function eventOf(event: unknown, path: string): WatchEvent {
  const type = isObject(event) ? event['type'] : undefined;
  const object = isObject(event) ? event['object'] : undefined;
  if (!isObject(object)) throw new SyntaxError(`${path}: an event without object`);
  if (type === 'ERROR') {
    const { code, message } = object;
    throw new WatchError(typeof code === 'number' ? code : 500, path, typeof message === 'string' ? message : '');
  }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
    throw new SyntaxError(`${path}: an event of type ${String(type)}`);
  }
  if (type !== 'BOOKMARK' && nameOf(object).name === '') throw new SyntaxError(`${path}: an event about nothing`);
  return { type, object };
}

/** Without the events that put an object which the next event about it puts again. */
function lastPuts(events: readonly WatchEvent[]): readonly WatchEvent[] {
  const next = new Map<string, WatchEvent['type']>();
  const isPut = (type: WatchEvent['type'] | undefined): boolean => type === 'ADDED' || type === 'MODIFIED';
  return events
    .toReversed()
    .filter(({ type, object }) => {
      if (type === 'BOOKMARK') return true;
      const key = keyOfItem(object);
      const isOver = isPut(type) && isPut(next.get(key));
      next.set(key, type);
      return !isOver;
    })
    .reverse();
}

/** A resourceVersion as the number that it is at the API server (KEP-5504); undefined when there is none, or it is none. */
export function versionNumber(resourceVersion: string | undefined): number | undefined {
  const version = Number(resourceVersion);
  return Number.isFinite(version) ? version : undefined;
}

/** The metadata of whatever the item is. */
export function metadataOf(item: unknown): Readonly<Record<string, unknown>> {
  return isObject(item) && isObject(item['metadata']) ? item['metadata'] : {};
}

/** Namespace and name, whatever the item is. */
export function nameOf(item: unknown): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = metadataOf(item);
  return { namespace: typeof namespace === 'string' ? namespace : '', name: typeof name === 'string' ? name : '' };
}

/** `namespace/name`, whatever the item is. */
export function keyOfItem(item: unknown): string {
  const { namespace, name } = nameOf(item);
  return `${namespace}/${name}`;
}

/** The most that one event may take, in characters: above any object etcd holds. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** The lines of a body, as many together as come at once. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    if (!text.includes('\n')) {
      held += text;
      if (held.length > LONGEST_LINE) throw new SyntaxError('an event of a watch is larger than any object can be');
      continue;
    }
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    yield lines.filter((line) => line !== '');
  }
}

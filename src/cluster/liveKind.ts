import { filedName, type KindName, type KubeObject, type Visibility } from '#gateway';
import {
  LiveCollection,
  keyOfItem,
  metadataOf,
  nameOf,
  versionNumber,
  type Followed,
  type Pace,
} from './liveCollection.ts';
import { listKind, resourcePath } from './liveList.ts';
import type { ApiConnection } from './liveConnection.ts';
import { isSliceOver, nextSlice } from './slice.ts';
import type { Store } from './store.ts';

/**
 * Makes of an object of the API server what is kept of it, in place of what is held, and that itself where nothing is new; undefined for one that
 * is not of its kind's shape.
 */
export type Keep = (kind: KindName, item: unknown, held: KubeObject | undefined) => KubeObject | undefined;

/** What is followed into a row of a store: a kind that Gateward knows, or one of a vendor's, which share a row. */
export interface FollowedKind {
  /** The row. */
  readonly kind: KindName;
  /** What it is called: `Service`, `gateway.envoyproxy.io/SecurityPolicy`. */
  readonly name: string;
  /** What the names of its objects in the row begin with; see {@link filedName}. */
  readonly prefix: string;
  readonly list: Followed['list'];
  readonly path: Followed['path'];
  /** Whether an item is to be kept at all. */
  readonly takes: (item: unknown) => boolean;
  /** Why the last list has found no such kind, where that may be a mistake. */
  readonly absence: () => string | undefined;
}

/** A kind that Gateward knows, in the newest version that is served; its absence is no mistake. */
export function knownKind(connection: ApiConnection, kind: KindName): FollowedKind {
  return {
    kind,
    name: kind,
    prefix: '',
    list: (each, signal) => listKind(connection, kind, each, signal),
    path: (version) => resourcePath(kind, version),
    takes: () => true,
    absence: () => undefined,
  };
}

/** Follows one kind into a store. No object stops it or reaches anybody else. */
export class LiveKind {
  readonly #followed: FollowedKind;
  readonly #collection: LiveCollection;
  readonly #store: Store;
  readonly #pace: Pace;
  readonly #quarantined = new Set<string>();
  #keep: Keep;
  #listsWanted = 1;

  constructor(followed: FollowedKind, connection: ApiConnection, store: Store, keep: Keep, pace: Pace) {
    this.#followed = followed;
    this.#store = store;
    this.#keep = keep;
    this.#pace = pace;
    this.#collection = new LiveCollection(
      connection,
      {
        list: followed.list,
        path: followed.path,
        put: (item) => {
          if (followed.takes(item)) this.#put(item);
          else this.#takeOut(item);
        },
        remove: (item) => {
          this.#remove(item);
        },
        isEmpty: () => this.objects + this.quarantined === 0,
        settle: (seen, signal) => this.#settle(seen, signal),
      },
      pace,
    );
  }

  /** The row. */
  get kind(): KindName {
    return this.#followed.kind;
  }

  get name(): string {
    return this.#followed.name;
  }

  /** Complete lists since the start; an absent kind counts as listed. */
  get lists(): number {
    return this.#collection.lists;
  }

  /** Whether all that is to be kept of its objects is there. */
  get isListed(): boolean {
    return this.lists >= this.#listsWanted;
  }

  /** Objects of its row. */
  get objects(): number {
    return this.#store.count(this.kind);
  }

  /** The resourceVersion that has been seen last; undefined when there is none, or it is no number. */
  get version(): number | undefined {
    return versionNumber(this.#collection.resourceVersion);
  }

  /** Objects that are not of their kind's shape. */
  get quarantined(): number {
    return this.#quarantined.size;
  }

  /** Why the last attempt ended; undefined while all is well. */
  get problem(): string | undefined {
    return this.#collection.problem;
  }

  /** Why the last list has found no such kind, where that may be a mistake. */
  get absence(): string | undefined {
    return this.#followed.absence();
  }

  /** Milliseconds since the API server last showed that nothing is missing here; before the first list, since the start. */
  get age(): number {
    return this.#collection.age;
  }

  /** The moment of that, on the clock of `performance.now()`. */
  get heard(): number {
    return this.#collection.heard;
  }

  /** How much is in sight: nothing before the first list, not all while an object is in quarantine or nothing has been heard for too long. */
  get visibility(): Visibility {
    if (this.lists === 0) return 'none';
    return this.#quarantined.size === 0 && this.age < this.#pace.stale ? 'all' : 'some';
  }

  /** Waits until all has been seen up to a version of the API server. Rejects when the signal ends first. */
  async reach(version: number, signal: AbortSignal): Promise<void> {
    await this.#collection.reach(version, signal);
  }

  /** Keeps other parts of objects from now on; what is there is listed again. */
  keep(keep: Keep): void {
    this.#keep = keep;
    this.#listsWanted = this.lists + 1;
    this.#collection.restart();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#collection.stop();
  }

  /** Ends it and takes its objects out, until another follows them: from then on they are that one's to take out. */
  async drop(isFollowedAgain: () => boolean): Promise<void> {
    await Promise.all([this.stop(), this.#clear(this.#own(), isFollowedAgain)]);
  }

  async #settle(seen: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    for (const key of this.#quarantined) if (!seen.has(key)) this.#quarantined.delete(key);
    signal.throwIfAborted();
    await this.#clear(
      this.#own().filter((object) => !seen.has(keyOfItem(object))),
      () => signal.aborted,
    );
  }

  #own(): readonly KubeObject[] {
    return [...this.#store.list(this.kind)].filter((object) =>
      filedName(this.kind, object).startsWith(this.#followed.prefix),
    );
  }

  /** An object that is not of its kind's shape, or breaks an index, is set aside: it stands for an absence that is not believed. */
  #put(item: unknown): void {
    try {
      const held = this.#held(item);
      const object = this.#keep(this.kind, item, held);
      if (object !== undefined) {
        // Most of what changes in a cluster is not kept, and nobody is to be told.
        if (object !== held) this.#store.put(this.kind, object);
        if (this.#quarantined.size > 0) this.#quarantined.delete(keyOfItem(item));
        return;
      }
    } catch {
      // Falls through to the quarantine.
    }
    this.#takeOut(item);
    this.#quarantined.add(keyOfItem(item));
  }

  /** Takes out the very object that is gone: another that has its name already is not meant. */
  #remove(item: unknown): void {
    const held = this.#held(item);
    const { uid } = metadataOf(item);
    if (typeof uid === 'string' && held?.metadata.uid !== undefined && held.metadata.uid !== uid) return;
    this.#takeOut(item);
  }

  /** What has the name of an item. */
  #held(item: unknown): KubeObject | undefined {
    const { namespace, name } = nameOf(item);
    return this.#store.get(this.kind, namespace, this.#followed.prefix + name);
  }

  /** Takes that out. */
  #takeOut(item: unknown): void {
    const { namespace, name } = nameOf(item);
    this.#quarantined.delete(keyOfItem(item));
    this.#store.delete(this.kind, namespace, this.#followed.prefix + name);
  }

  /** Takes out objects, as far as they are still the ones that are held, until it is over. */
  async #clear(objects: readonly KubeObject[], isOver: () => boolean): Promise<void> {
    for (const object of objects) {
      if (isOver()) return;
      const { namespace = '' } = object.metadata;
      const name = filedName(this.kind, object);
      if (this.#store.get(this.kind, namespace, name) === object) this.#store.delete(this.kind, namespace, name);
      if (isSliceOver()) await nextSlice();
    }
  }
}

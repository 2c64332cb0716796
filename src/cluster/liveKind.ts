import type { KindName, KubeObject, Visibility } from '../gateway/index.ts';
import { LiveCollection, keyOfItem, metadataOf, nameOf, type Pace } from './liveCollection.ts';
import { listKind, resourcePath } from './liveList.ts';
import type { ApiConnection } from './liveConnection.ts';
import { isSliceOver, nextSlice } from './slice.ts';
import type { Store } from './store.ts';

/** Makes of an object of the API server what is kept of it, in place of what is held; undefined for one that is not of its kind's shape. */
export type Keep = (kind: KindName, item: unknown, held: KubeObject | undefined) => KubeObject | undefined;

/** Follows one kind into a store. No object stops it or reaches anybody else. */
export class LiveKind {
  readonly kind: KindName;
  readonly #collection: LiveCollection;
  readonly #store: Store;
  readonly #pace: Pace;
  readonly #quarantined = new Set<string>();
  #keep: Keep;
  #listsWanted = 1;

  constructor(kind: KindName, connection: ApiConnection, store: Store, keep: Keep, pace: Pace) {
    this.kind = kind;
    this.#store = store;
    this.#keep = keep;
    this.#pace = pace;
    this.#collection = new LiveCollection(
      connection,
      {
        list: (each, signal) => listKind(connection, kind, each, signal),
        path: (version) => resourcePath(kind, version),
        put: (item) => {
          this.#put(item);
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

  /** Complete lists since the start; an absent kind counts as listed. */
  get lists(): number {
    return this.#collection.lists;
  }

  /** Whether all that is to be kept of its objects is there. */
  get isListed(): boolean {
    return this.lists >= this.#listsWanted;
  }

  get objects(): number {
    return this.#store.count(this.kind);
  }

  /** The resourceVersion that has been seen last; undefined when there is none, or it is no number. */
  get version(): number | undefined {
    const version = Number(this.#collection.resourceVersion);
    return Number.isFinite(version) ? version : undefined;
  }

  /** Objects that are not of their kind's shape. */
  get quarantined(): number {
    return this.#quarantined.size;
  }

  /** Why the last attempt ended; undefined while all is well. */
  get problem(): string | undefined {
    return this.#collection.problem;
  }

  /** Milliseconds since the API server last showed that nothing is missing here; before the first list, since the start. */
  get age(): number {
    return this.#collection.age;
  }

  /** How much is in sight: nothing before the first list, not all while an object is in quarantine or nothing has been heard for too long. */
  get visibility(): Visibility {
    if (this.lists === 0) return 'none';
    return this.#quarantined.size === 0 && this.age < this.#pace.stale ? 'all' : 'some';
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

  /** Ends it and takes its objects out. */
  async drop(): Promise<void> {
    await Promise.all([this.stop(), this.#clear([...this.#store.list(this.kind)])]);
  }

  async #settle(seen: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    for (const key of this.#quarantined) if (!seen.has(key)) this.#quarantined.delete(key);
    signal.throwIfAborted();
    await this.#clear([...this.#store.list(this.kind)].filter((object) => !seen.has(keyOfItem(object))));
  }

  /** An object that is not of its kind's shape, or breaks an index, is set aside: it stands for an absence that is not believed. */
  #put(item: unknown): void {
    const { namespace, name } = nameOf(item);
    try {
      const object = this.#keep(this.kind, item, this.#store.get(this.kind, namespace, name));
      if (object !== undefined) {
        this.#store.put(this.kind, object);
        if (this.#quarantined.size > 0) this.#quarantined.delete(keyOfItem(item));
        return;
      }
    } catch {
      // Falls through to the quarantine.
    }
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
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      if (this.#store.get(this.kind, namespace, name) === object) this.#store.delete(this.kind, namespace, name);
      if (isSliceOver()) await nextSlice();
    }
  }
}

import {
  ALL_INDEXES,
  KIND_NAMES,
  ROW_NAMES,
  filedName,
  filingOf,
  indexed,
  indexesOf,
  isOneOf,
  type Filing,
  type Index,
  type Indexed,
  type KindMap,
  type KindName,
  type KubeObject,
  type ObjectOf,
  type Snapshot,
  type Visibility,
} from '#gateway';
import { HostnameFile } from './hostnameFile.ts';
import { IndexFile } from './indexFile.ts';
import type { Slot } from './slot.ts';

type Slots = { [K in KindName]: Map<string, Map<string, { object: ObjectOf<K> }>> };

/** Hears of an object that has come, gone or taken the place of one of its name; with how it was and is filed, nothing where that stays. */
export type Changed = (kind: KindName, object: KubeObject, filings: readonly Filing[]) => void;

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Objects by kind, namespace and name, with every index kept current one object at a time. It is its own {@link Snapshot}: a judgement is
 * synchronous, so nothing changes under it, and taking "one snapshot" costs nothing.
 */
export class Store implements Snapshot {
  readonly #slots: Slots = emptySlots();
  readonly #files = new Map<Index, IndexFile | HostnameFile>(
    ALL_INDEXES.map((index) => [index, index.hostnamesOf === undefined ? new IndexFile() : new HostnameFile()]),
  );
  /** In the order of {@link indexesOf}. */
  readonly #filesOf = new Map<KindName, readonly (IndexFile | HostnameFile)[]>(
    KIND_NAMES.map((kind) => [kind, indexesOf(kind).flatMap((index) => this.#files.get(index) ?? [])]),
  );
  readonly #visibility = new Map<KindName, Visibility>();
  readonly #counts = new Map<KindName, number>();
  #revision = 0;
  #changed: Changed | undefined;

  /** Every kind starts with this visibility. */
  constructor(visibility: Visibility) {
    for (const kind of KIND_NAMES) this.#visibility.set(kind, visibility);
  }

  /** Grows with every change of an object. */
  get revision(): number {
    return this.#revision;
  }

  /** Has every object told that comes, goes or is replaced from now on. */
  watch(changed: Changed): void {
    this.#changed = changed;
  }

  /** Another store of the same objects, which changes by itself. */
  copy(): Store {
    const copy = new Store('none');
    for (const kind of ROW_NAMES) {
      copy.setVisibility(kind, this.sees(kind));
      for (const object of this.list(kind)) copy.put(kind, object);
    }
    return copy;
  }

  /** How many objects of a kind there are. */
  count(kind: KindName): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Says how much of a kind is in sight from now on. */
  setVisibility(kind: KindName, visibility: Visibility): void {
    this.#visibility.set(kind, visibility);
  }

  /**
   * Adds an object or replaces the one of its name. The object must have passed `normalise` for its kind. Where that throws, neither object
   * is there.
   */
  put(kind: KindName, object: KubeObject): void {
    const entry = indexed(kind, object);
    const files = this.#filesOf.get(kind) ?? [];
    const held = this.get(kind, object.metadata.namespace ?? '', filedName(kind, object));
    // Indexes look at nothing else, and most of what changes in a cluster is a status.
    const isFiled = held !== undefined && specOf(held) === specOf(object);
    let to: Filing | undefined;
    try {
      if (!isFiled) to = filingOf(entry);
    } catch (error) {
      if (held !== undefined) this.delete(kind, held.metadata.namespace ?? '', filedName(kind, held));
      throw error;
    }
    this.#revision += 1;
    const from = held === undefined || isFiled ? undefined : filingOf(indexed(kind, held));
    const slot = putObject(this.#slots, entry);
    for (const [at, keys] of (to ?? []).entries()) {
      if (from === undefined) files[at]?.add(slot, keys);
      else files[at]?.move(slot, from[at] ?? [], keys);
    }
    if (held === undefined) this.#counts.set(kind, this.count(kind) + 1);
    this.#changed?.(
      kind,
      object,
      [from, to].filter((filing) => filing !== undefined),
    );
  }

  /** Takes an object out; nothing happens when it is not there. */
  delete(kind: KindName, namespace: string, name: string): void {
    const held = this.#slots[kind].get(namespace);
    const slot = held?.get(name);
    if (held === undefined || slot === undefined) return;
    const { object } = slot;
    this.#revision += 1;
    held.delete(name);
    if (held.size === 0) this.#slots[kind].delete(namespace);
    this.#counts.set(kind, this.count(kind) - 1);
    const from = filingOf(indexed(kind, object));
    for (const [at, file] of (this.#filesOf.get(kind) ?? []).entries()) file.remove(slot, from[at] ?? []);
    this.#changed?.(kind, object, [from]);
  }

  readonly get = <Q extends KindName>(kind: Q, namespace: string, name: string): ObjectOf<Q> | undefined =>
    this.#slots[kind].get(namespace)?.get(name)?.object;

  readonly list = <Q extends KindName>(kind: Q, namespace?: string): Iterable<ObjectOf<Q>> => {
    const all = this.#slots[kind];
    return objectsOf(namespace === undefined ? all.values() : [all.get(namespace) ?? new Map<never, never>()]);
  };

  readonly lookup = <Q extends KindName>(index: Index<Q>, key: string, namespace?: string): Iterable<Indexed<Q>> =>
    entriesOf(index, this.#files.get(index)?.slots(key, namespace) ?? []);

  readonly namespacesIn = (index: Index, key: string): ReadonlyMap<string, number> =>
    this.#files.get(index)?.counts(key) ?? NONE;

  readonly sees = (kind: KindName): Visibility => this.#visibility.get(kind) ?? 'none';
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function* objectsOf<T>(maps: Iterable<ReadonlyMap<string, { readonly object: T }>>): Iterable<T> {
  for (const map of maps) for (const { object } of map.values()) yield object;
}

/** No index is over kinds whose objects call themselves otherwise. */
function* entriesOf<Q extends KindName>(index: Index<Q>, slots: Iterable<Slot>): Iterable<Indexed<Q>> {
  for (const { object } of slots) {
    const kind = index.kinds.find((one) => one === object.kind);
    const entry = kind === undefined ? undefined : indexed(kind, object);
    if (entry !== undefined && isOneOf(index.kinds, entry)) yield entry;
  }
}

/** Puts an object where the one of its name stands, or in a slot of its own. */
function putObject<K extends KindName>(slots: Slots, entry: { readonly kind: K; readonly object: KindMap[K] }): Slot {
  const { namespace = '' } = entry.object.metadata;
  const held = getOrAdd(slots[entry.kind], namespace, () => new Map<string, { object: ObjectOf<K> }>());
  const slot = getOrAdd(held, filedName(entry.kind, entry.object), () => ({ object: entry.object }));
  slot.object = entry.object;
  return slot;
}

function specOf(object: KubeObject): unknown {
  return 'spec' in object ? object.spec : undefined;
}

function emptySlots(): Slots {
  return {
    GatewayClass: new Map(),
    Gateway: new Map(),
    ListenerSet: new Map(),
    HTTPRoute: new Map(),
    GRPCRoute: new Map(),
    TLSRoute: new Map(),
    TCPRoute: new Map(),
    UDPRoute: new Map(),
    ReferenceGrant: new Map(),
    BackendTLSPolicy: new Map(),
    BackendLBPolicy: new Map(),
    XListenerSet: new Map(),
    XBackendTrafficPolicy: new Map(),
    XBackend: new Map(),
    XMesh: new Map(),
    CustomResourceDefinition: new Map(),
    Namespace: new Map(),
    Service: new Map(),
    Secret: new Map(),
    ConfigMap: new Map(),
    Ingress: new Map(),
    ServiceImport: new Map(),
    VendorPolicy: new Map(),
  };
}

import {
  ALL_INDEXES,
  KIND_NAMES,
  indexed,
  parseApiVersion,
  type Index,
  type Indexed,
  type KindMap,
  type KindName,
  type KubeObject,
  type ObjectOf,
  type Snapshot,
  type Visibility,
} from '#gateway';

type Objects = { [K in KindName]: Map<string, Map<string, ObjectOf<K>>> };

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Objects by kind, namespace and name, with every index kept current one object at a time. It is its own {@link Snapshot}: a judgement is
 * synchronous, so nothing changes under it, and taking "one snapshot" costs nothing.
 */
export class Store implements Snapshot {
  readonly #objects: Objects = emptyObjects();
  readonly #indexes = new Map<Index, IndexFile>(ALL_INDEXES.map((index) => [index, new IndexFile()]));
  readonly #visibility = new Map<KindName, Visibility>();
  #revision = 0;

  /** Every kind starts with this visibility. */
  constructor(visibility: Visibility) {
    for (const kind of KIND_NAMES) this.#visibility.set(kind, visibility);
  }

  /** Grows with every change of an object. */
  get revision(): number {
    return this.#revision;
  }

  /** Another store of the same objects, which changes by itself. */
  copy(): Store {
    const copy = new Store('none');
    for (const kind of [...KIND_NAMES, 'VendorPolicy'] as const) {
      copy.setVisibility(kind, this.sees(kind));
      for (const object of this.list(kind)) copy.put(kind, object);
    }
    return copy;
  }

  /** Says how much of a kind is in sight from now on. */
  setVisibility(kind: KindName, visibility: Visibility): void {
    this.#visibility.set(kind, visibility);
  }

  /** Adds an object or replaces the one of its name. The object must have passed `normalise` for its kind. */
  put(kind: KindName, object: KubeObject): void {
    const entry = indexed(kind, object);
    this.#revision += 1;
    this.delete(kind, object.metadata.namespace ?? '', filedName(kind, object));
    putObject(this.#objects, entry);
    for (const [index, file] of this.#indexes) for (const key of index.keysOf(entry)) file.add(key, entry);
  }

  /** Takes an object out; nothing happens when it is not there. */
  delete(kind: KindName, namespace: string, name: string): void {
    const held = this.#objects[kind].get(namespace);
    const object = held?.get(name);
    if (held === undefined || object === undefined) return;
    this.#revision += 1;
    held.delete(name);
    if (held.size === 0) this.#objects[kind].delete(namespace);
    const entry = indexed(kind, object);
    for (const [index, file] of this.#indexes) for (const key of index.keysOf(entry)) file.remove(key, entry);
  }

  readonly get = <Q extends KindName>(kind: Q, namespace: string, name: string): ObjectOf<Q> | undefined =>
    this.#objects[kind].get(namespace)?.get(name);

  readonly list = <Q extends KindName>(kind: Q, namespace?: string): Iterable<ObjectOf<Q>> => {
    const all = this.#objects[kind];
    return namespace === undefined ? flatten(all.values()) : (all.get(namespace)?.values() ?? []);
  };

  readonly lookup = <Q extends KindName>(index: Index<Q>, key: string, namespace?: string): Iterable<Indexed<Q>> =>
    entriesOf(index, this.#indexes.get(index)?.entries(key, namespace) ?? []);

  readonly namespacesIn = (index: Index, key: string): ReadonlyMap<string, number> =>
    this.#indexes.get(index)?.counts(key) ?? NONE;

  readonly sees = (kind: KindName): Visibility => this.#visibility.get(kind) ?? 'none';
}

/** One index: key → namespace → object names with their entries. */
class IndexFile {
  readonly #entries = new Map<string, Map<string, Map<string, Indexed<KindName>>>>();
  readonly #counts = new Map<string, Map<string, number>>();

  add(key: string, entry: Indexed<KindName>): void {
    const namespace = entry.object.metadata.namespace ?? '';
    const byNamespace = getOrAdd(this.#entries, key, () => new Map<string, Map<string, Indexed<KindName>>>());
    getOrAdd(byNamespace, namespace, () => new Map<string, Indexed<KindName>>()).set(nameIn(entry), entry);
    const counts = getOrAdd(this.#counts, key, () => new Map<string, number>());
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }

  remove(key: string, entry: Indexed<KindName>): void {
    const namespace = entry.object.metadata.namespace ?? '';
    const byNamespace = this.#entries.get(key);
    const held = byNamespace?.get(namespace);
    const counts = this.#counts.get(key);
    if (byNamespace === undefined || counts === undefined || held?.delete(nameIn(entry)) !== true) return;
    counts.set(namespace, held.size);
    if (held.size > 0) return;
    counts.delete(namespace);
    byNamespace.delete(namespace);
    if (byNamespace.size > 0) return;
    this.#entries.delete(key);
    this.#counts.delete(key);
  }

  counts(key: string): ReadonlyMap<string, number> {
    return this.#counts.get(key) ?? NONE;
  }

  entries(key: string, namespace: string | undefined): Iterable<Indexed<KindName>> {
    const byNamespace = this.#entries.get(key);
    if (byNamespace === undefined) return [];
    return namespace === undefined ? flatten(byNamespace.values()) : (byNamespace.get(namespace)?.values() ?? []);
  }
}

function nameIn(entry: Indexed<KindName>): string {
  return `${entry.kind}/${entry.object.metadata.name}`;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function* flatten<T>(maps: Iterable<ReadonlyMap<string, T>>): Iterable<T> {
  for (const map of maps) yield* map.values();
}

function* entriesOf<Q extends KindName>(index: Index<Q>, entries: Iterable<Indexed<KindName>>): Iterable<Indexed<Q>> {
  for (const entry of entries) if (isOf(index, entry)) yield entry;
}

function isOf<Q extends KindName>(index: Index<Q>, entry: Indexed<KindName>): entry is Indexed<KindName> & Indexed<Q> {
  return index.kinds.some((kind) => kind === entry.kind);
}

function putObject<K extends KindName>(
  objects: Objects,
  entry: { readonly kind: K; readonly object: KindMap[K] },
): void {
  const { namespace = '' } = entry.object.metadata;
  const name = filedName(entry.kind, entry.object);
  getOrAdd(objects[entry.kind], namespace, () => new Map<string, ObjectOf<K>>()).set(name, entry.object);
}

/** The name of an object among those of its row: policies of different vendors' kinds may share one. */
function filedName(kind: KindName, { apiVersion, kind: own, metadata }: KubeObject): string {
  return kind === 'VendorPolicy' ? `${parseApiVersion(apiVersion).group}/${own}/${metadata.name}` : metadata.name;
}

function emptyObjects(): Objects {
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

import { KINDS, formatKey, type KindName, type KubeObject, type ObjectKey, type Snapshot } from '../gateway/index.ts';
import type { PolicySet } from '../engine/index.ts';
import type { LiveAnswer, LiveReader } from './answered.ts';
import type { ApiConnection } from './liveConnection.ts';
import { LiveKind, PACE, type Pace } from './liveKind.ts';
import { clusterError, getObject, listKind } from './liveList.ts';
import { keptObject, writtenObject } from './liveObject.ts';
import { listVendors } from './liveVendors.ts';
import { Store } from './store.ts';

/** How a followed kind stands. */
export interface LiveKindState {
  readonly kind: KindName;
  readonly objects: number;
  /** Seconds since the last sign of life. */
  readonly age: number;
  readonly relists: number;
}

/** A cluster as list and watch show it. */
export interface LiveView {
  readonly snapshot: Snapshot;
  readonly reader: LiveReader;
  /** Kinds that have not been listed yet, or have been silent for too long to serve by; each with the reason. */
  readonly waitingFor: () => readonly string[];
  /** Kinds whose absences are not believed at the moment. */
  readonly degraded: () => readonly string[];
  readonly kinds: () => readonly LiveKindState[];
  /** Grows with every change of an object. */
  readonly revision: () => number;
  /** Follows these kinds from now on, and no others. */
  readonly follow: (kinds: readonly KindName[]) => void;
  readonly close: () => Promise<void>;
}

/** Silent for so long, a kind is nothing to serve by, in milliseconds. */
const TOO_STALE = 180_000;
/** Pages that a live read of a whole namespace may take within the deadline of a review. */
const LIVE_PAGES = 4;

/**
 * The kinds that documents read. Secrets are never among them: RBAC cannot grant their names without their contents, so what rests on one is
 * answered as unseen.
 */
export function kindsRead(set: PolicySet): readonly KindName[] {
  const kinds = new Set<KindName>(['Namespace', ...set.policies.flatMap(({ policy }) => policy.reads)]);
  kinds.delete('Secret');
  return [...kinds];
}

/** Opens the view; it fills in the background and is whole when `waitingFor` is empty. */
export function openLive(connection: ApiConnection, kinds: readonly KindName[], pace: Pace = PACE): LiveView {
  const store = new Store('none');
  const followed = new Map<KindName, LiveKind>();
  const closing = new Set<Promise<void>>();
  const close = (live: LiveKind): void => {
    followed.delete(live.kind);
    const closed = live.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const follow = (wanted: readonly KindName[]): void => {
    for (const live of [...followed.values()]) if (!wanted.includes(live.kind)) close(live);
    for (const kind of wanted) {
      if (!followed.has(kind)) followed.set(kind, new LiveKind(kind, connection, store, pace));
    }
  };
  follow(kinds);
  const { get, list, lookup, namespacesIn } = store;
  return {
    snapshot: { get, list, lookup, namespacesIn, sees: (kind) => followed.get(kind)?.visibility ?? 'none' },
    reader: { read: (keys, signal) => Promise.all(keys.map((key) => readLive(connection, key, signal))) },
    waitingFor: () =>
      [...followed.values()].flatMap((live) => {
        if (live.lists === 0)
          return [`${live.kind} not listed yet${live.problem === undefined ? '' : `: ${live.problem}`}`];
        return live.age > TOO_STALE ? [`${live.kind} silent for ${Math.round(live.age / 1000)} s`] : [];
      }),
    degraded: () =>
      [...followed.values()]
        .filter((live) => live.lists > 0 && live.visibility !== 'all')
        .map((live) => `${live.kind} is not wholly in sight${live.problem === undefined ? '' : `: ${live.problem}`}`),
    kinds: () =>
      [...followed.values()].map(({ kind, objects, age, lists }) => ({
        kind,
        objects,
        age: Number.isFinite(age) ? age / 1000 : 0,
        relists: lists,
      })),
    revision: () => store.revision,
    follow,
    close: async () => {
      for (const live of [...followed.values()]) close(live);
      await Promise.all(closing);
      await connection.close();
    },
  };
}

/**
 * Lists kinds once, for a single look at a cluster; `told` hears of every object as the API server gave it, with how many of its kind there
 * have been, and `read` makes of it what is kept. Rejects with an `OperatorError` that says what the API server would not give.
 */
export async function listCluster(
  connection: ApiConnection,
  kinds: readonly KindName[],
  signal: AbortSignal,
  told?: (kind: KindName, objects: number, item: unknown) => void,
  read = keptObject,
): Promise<Store> {
  const store = new Store('none');
  for (const kind of kinds) {
    const strange: unknown[] = [];
    let objects = 0;
    const each = (item: unknown): void => {
      objects += 1;
      told?.(kind, objects, item);
      const object = read(kind, item);
      if (object === undefined) strange.push(item);
      else store.put(kind, object);
    };
    try {
      await listKind(connection, kind, each, signal);
    } catch (error) {
      throw clusterError(connection, KINDS[kind].plural, error);
    }
    store.setVisibility(kind, strange.length === 0 ? 'all' : 'some');
  }
  return store;
}

/** A cluster as a set of documents looks at it. */
export interface JudgedCluster {
  readonly store: Store;
  /** Objects in the store. */
  readonly objects: number;
  /** One line for each kind that a document names and the cluster does not serve. */
  readonly missing: readonly string[];
}

/**
 * Lists all that sets of documents judge and read, vendors' kinds included, each object in the version it was written in; see
 * {@link listCluster}.
 */
export async function listJudged(
  connection: ApiConnection,
  sets: readonly PolicySet[],
  signal: AbortSignal,
  told?: (kind: KindName, objects: number, item: unknown) => void,
): Promise<JudgedCluster> {
  const documents = sets.flatMap(({ policies }) => policies);
  const judged = documents.flatMap(({ policy }) => policy.subjects).filter((kind) => kind !== 'VendorPolicy');
  const kinds = [...new Set([...sets.flatMap(kindsRead), ...judged])];
  const store = await listCluster(connection, kinds, signal, told, writtenObject);
  const vendors = documents.flatMap(({ vendorKinds }) => vendorKinds);
  let policies = 0;
  const each = (item: unknown): void => {
    policies += 1;
    told?.('VendorPolicy', policies, item);
    const object = keptObject('VendorPolicy', item);
    if (object !== undefined) store.put('VendorPolicy', object);
  };
  const missing = await listVendors(connection, vendors, each, signal);
  const objects = kinds.reduce((count, kind) => count + [...store.list(kind)].length, policies);
  return { store, objects, missing };
}

async function readLive(
  connection: ApiConnection,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<LiveAnswer | undefined> {
  if (key.kind === 'Secret') return undefined;
  try {
    const items: unknown[] = [];
    if (key.name === '') {
      const within = { namespace: key.namespace, pages: LIVE_PAGES };
      await listKind(connection, key.kind, (item) => items.push(item), signal, within);
    } else {
      const item = await getObject(connection, key.kind, key.namespace, key.name, signal);
      if (item !== undefined) items.push(item);
    }
    const objects: KubeObject[] = [];
    for (const item of items) {
      const object = keptObject(key.kind, item);
      if (object === undefined) throw new Error(`${formatKey(key)} is not of its kind's shape`);
      objects.push(object);
    }
    return { key, objects };
  } catch {
    return undefined;
  }
}

import { KINDS, formatKey, type KindName, type KubeObject, type ObjectKey, type Snapshot } from '#gateway';
import type { PolicySet } from '../engine/index.ts';
import type { VendorKind } from '#policy';
import type { LiveAnswer, LiveReader } from './answered.ts';
import type { ApiConnection } from './liveConnection.ts';
import { PACE, versionNumber, type Pace } from './liveCollection.ts';
import { LiveKind, knownKind, type Keep } from './liveKind.ts';
import {
  ApiError,
  TOO_LARGE,
  clusterError,
  expectApiServer,
  getObject,
  listKind,
  requestError,
  versionNow,
} from './liveList.ts';
import { asWritten, keptObject, shapedObject, writtenObject } from './liveObject.ts';
import { listVendors, vendorKind } from './liveVendors.ts';
import { Projection } from './projection.ts';
import { Store, type Changed } from './store.ts';

/** How a followed kind stands; kinds of vendors stand together. */
export interface LiveKindState {
  readonly kind: KindName;
  readonly objects: number;
  /** Seconds since the last sign of life; before the first list, since the start. Undefined while none of the kinds of vendors has been listed. */
  readonly age: number | undefined;
  readonly relists: number;
  /**
   * The resourceVersion seen last: what one replica has and another has not yet. The API server's are numbers that grow (KEP-5504). Several kinds
   * have none in common.
   */
  readonly version: number | undefined;
  /** It is known that no object is missing. */
  readonly whole: boolean;
  /** Why the last list or watch ended; undefined while all is well. Kinds of vendors tell by {@link LiveView.unseen}. */
  readonly problem: string | undefined;
}

/** A kind of a vendor of which not all is seen. */
export interface UnseenKind {
  /** `gateway.envoyproxy.io/SecurityPolicy`. */
  readonly kind: string;
  readonly problem: string;
}

/** What documents look at in a cluster. */
export interface Reads {
  readonly kinds: readonly KindName[];
  /** Kinds of vendors, for the audit: no review rests on what is seen of them, so that nothing waits for them. */
  readonly vendors?: readonly VendorKind[];
  /** Keys of the annotations that are kept, beside what else policies read of objects; undefined: objects are kept whole. */
  readonly annotations: readonly string[] | undefined;
}

/** A cluster as list and watch show it. */
export interface LiveView {
  readonly snapshot: Snapshot;
  readonly reader: LiveReader;
  /**
   * Of what is read, by default all that is followed: the kinds that have not been listed yet, or have been silent for too long to serve by; each
   * with the reason.
   */
  readonly waitingFor: (reads?: Reads) => readonly string[];
  /** Kinds whose absences are not believed at the moment; kinds of vendors are not among them. */
  readonly degraded: () => readonly string[];
  /** Kinds of vendors of which not all is seen at the moment: not served, not allowed, or silent for too long. */
  readonly unseen: () => readonly UnseenKind[];
  /** Whether every kind of a vendor has been listed, or could not be. */
  readonly hasTriedVendors: () => boolean;
  readonly kinds: () => readonly LiveKindState[];
  /** Grows with every change of an object. */
  readonly revision: () => number;
  /** Has every object told that comes, goes or is replaced from now on. */
  readonly watch: (changed: Changed) => void;
  /** Follows what these documents read from now on, and nothing else. */
  readonly follow: (reads: Reads) => void;
  readonly close: () => Promise<void>;
}

/** How long a live read waits for an answer before it asks over a new connection, in milliseconds. */
const PATIENCE = 2000;

/** Pages that a live read of a whole namespace may take within the deadline of a review. */
const LIVE_PAGES = 12;

/**
 * What documents read, and what they judge, for the audit. Secrets are never among it: RBAC cannot grant their names without their contents, so what rests on one is answered as
 * unseen.
 */
export function readsOf(set: PolicySet): Reads {
  const kinds = new Set<KindName>([
    'Namespace',
    ...set.policies.flatMap(({ policy }) => [...policy.reads, ...policy.subjects]),
  ]);
  kinds.delete('Secret');
  // Stands for the kinds of vendors that documents name.
  kinds.delete('VendorPolicy');
  return {
    kinds: [...kinds],
    vendors: set.policies.flatMap(({ vendorKinds }) => vendorKinds),
    annotations: [...new Set(set.policies.flatMap(({ annotations }) => annotations))].sort(),
  };
}

/** What some documents and others look at. */
export function readsOfBoth(some: Reads, others: Reads): Reads {
  const annotations =
    some.annotations === undefined || others.annotations === undefined
      ? undefined
      : [...new Set([...some.annotations, ...others.annotations])].sort();
  return {
    kinds: [...new Set([...some.kinds, ...others.kinds])],
    vendors: [...(some.vendors ?? []), ...(others.vendors ?? [])],
    annotations,
  };
}

/** Opens the view; it fills in the background and is whole when `waitingFor` is empty. */
export function openLive(connection: ApiConnection, reads: Reads, pace: Pace = PACE): LiveView {
  const store = new Store('none');
  /** By name: known kinds by that of their row. */
  const followed = new Map<string, LiveKind>();
  const known = (): readonly LiveKind[] => [...followed.values()].filter((live) => !isVendors(live));
  const vendors = (): readonly LiveKind[] => [...followed.values()].filter(isVendors);
  const dropping = new Set<Promise<void>>();
  const drop = (live: LiveKind): void => {
    followed.delete(live.name);
    const dropped = live.drop(() => followed.has(live.name)).finally(() => dropping.delete(dropped));
    dropping.add(dropped);
  };
  let { annotations } = reads;
  let keep = keeping(annotations);
  const follow = (wanted: Reads): void => {
    const named = [
      ...wanted.kinds.map((kind) => knownKind(connection, kind)),
      ...(wanted.vendors ?? []).map((vendor) => vendorKind(connection, vendor)),
    ];
    for (const live of [...followed.values()]) if (!named.some(({ name }) => name === live.name)) drop(live);
    if (!areAmong(wanted.annotations, annotations)) {
      ({ annotations } = wanted);
      keep = keeping(annotations);
      for (const live of followed.values()) live.keep(keep);
    }
    for (const one of named) {
      if (!followed.has(one.name)) followed.set(one.name, new LiveKind(one, connection, store, keep, pace));
    }
  };
  follow(reads);
  /** What objects of all kinds were listed with; while they are listed again, more is kept of some. */
  let listedWith = annotations;
  // Every review asks for this: plain loops, and one look at the clock.
  const waitingFor = ({ kinds, annotations: wanted }: Reads): readonly string[] => {
    let isAllListed = true;
    for (const one of followed.values()) isAllListed &&= one.isListed || isVendors(one);
    if (isAllListed) listedWith = annotations;
    const isEnough = areAmong(wanted, listedWith);
    const silence = performance.now() - pace.tooStale;
    const waiting: string[] = [];
    for (const kind of kinds) {
      const live = followed.get(kind);
      if (live === undefined) waiting.push(`${kind} not listed yet`);
      else if (!live.isListed && !(isEnough && live.lists > 0)) waiting.push(`${kind} not listed yet${because(live)}`);
      else if (live.heard < silence) waiting.push(`${kind} silent for ${seconds(live)} s${because(live)}`);
    }
    return waiting;
  };
  const degraded = (): readonly string[] => {
    const silence = performance.now() - pace.stale;
    const degraded: string[] = [];
    for (const live of followed.values()) {
      if (isVendors(live) || live.lists === 0) continue;
      if (live.heard <= silence) degraded.push(`${live.kind} silent for ${seconds(live)} s${because(live)}`);
      else if (live.quarantined > 0)
        degraded.push(`${live.kind} objects that are not of its shape: ${live.quarantined}`);
    }
    return degraded;
  };
  const { get, list, lookup, namespacesIn } = store;
  return {
    snapshot: { get, list, lookup, namespacesIn, sees: (kind) => followed.get(kind)?.visibility ?? 'none' },
    reader: {
      read: (keys, signal) => Promise.all(keys.map((key) => readLive(connection, key, followed.get(key.kind), signal))),
    },
    waitingFor: (wanted = { kinds: known().map(({ kind }) => kind), annotations: listedWith }) => waitingFor(wanted),
    degraded,
    unseen: () =>
      vendors().flatMap((live) => {
        const problem = whyUnseen(live, pace);
        return problem === undefined ? [] : [{ kind: live.name, problem }];
      }),
    hasTriedVendors: () => vendors().every(({ lists, problem }) => lists > 0 || problem !== undefined),
    kinds: () => [
      ...known().map(({ kind, objects, age, lists, version, visibility, problem }) => ({
        kind,
        objects,
        age: age / 1000,
        relists: lists,
        version,
        whole: visibility === 'all',
        problem,
      })),
      ...stateOfAll(vendors()),
    ],
    revision: () => store.revision,
    watch: (changed) => {
      store.watch(changed);
    },
    follow,
    close: async () => {
      await Promise.all([...[...followed.values()].map((live) => live.stop()), ...dropping]);
      await connection.close();
    },
  };
}

function keeping(annotations: Reads['annotations']): Keep {
  if (annotations === undefined) return keptObject;
  const projection = new Projection(annotations);
  return (kind, item, held) => {
    const object = shapedObject(kind, asWritten(kind, item));
    return object && projection.project(kind, object, held);
  };
}

/** Whether objects of which these annotations are kept have all that is wanted; undefined: all there are. */
function areAmong(wanted: Reads['annotations'], kept: Reads['annotations']): boolean {
  return kept === undefined || wanted?.every((key) => kept.includes(key)) === true;
}

function isVendors({ kind }: LiveKind): boolean {
  return kind === 'VendorPolicy';
}

/** Why not all of a kind is seen; undefined when it is, and before it has been tried. */
function whyUnseen({ absence, lists, version, age, problem, quarantined }: LiveKind, pace: Pace): string | undefined {
  if (absence !== undefined) return absence;
  if (version === undefined && problem !== undefined) return problem;
  if (lists > 0 && age >= pace.stale) return problem ?? 'the API server is silent';
  return quarantined > 0 ? `objects that are not of its shape: ${quarantined}` : undefined;
}

/** Kinds of one row as one. */
function stateOfAll(kinds: readonly LiveKind[]): readonly LiveKindState[] {
  const [first] = kinds;
  if (first === undefined) return [];
  const ages = kinds.flatMap(({ lists, age }) => (lists === 0 ? [] : [age / 1000]));
  return [
    {
      kind: first.kind,
      objects: first.objects,
      age: ages.length === 0 ? undefined : Math.max(...ages),
      relists: kinds.reduce((sum, { lists }) => sum + lists, 0),
      version: undefined,
      whole: kinds.every(({ visibility }) => visibility === 'all'),
      problem: undefined,
    },
  ];
}

function because({ problem }: LiveKind): string {
  return problem === undefined ? '' : `: ${problem}`;
}

function seconds({ age }: LiveKind): number {
  return Math.round(age / 1000);
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
  let isServed = false;
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
      const end = await listKind(connection, kind, each, signal);
      isServed ||= end !== undefined;
    } catch (error) {
      throw clusterError(connection, KINDS[kind].plural, error);
    }
    store.setVisibility(kind, strange.length === 0 ? 'all' : 'some');
  }
  if (!isServed) await expectServer(connection, signal);
  return store;
}

async function expectServer(connection: ApiConnection, signal: AbortSignal): Promise<void> {
  try {
    await expectApiServer(connection, signal);
  } catch (error) {
    throw requestError(connection, error);
  }
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
 * {@link listCluster}. `more` kinds are listed too, and not counted.
 */
export async function listJudged(
  connection: ApiConnection,
  sets: readonly PolicySet[],
  signal: AbortSignal,
  told: (kind: KindName, objects: number, item: unknown) => void,
  more: readonly KindName[] = [],
): Promise<JudgedCluster> {
  const documents = sets.flatMap(({ policies }) => policies);
  const kinds = [...new Set(sets.flatMap((set) => readsOf(set).kinds))];
  const store = await listCluster(connection, [...new Set([...kinds, ...more])], signal, told, writtenObject);
  const vendors = documents.flatMap(({ vendorKinds }) => vendorKinds);
  let policies = 0;
  const each = (item: unknown): void => {
    policies += 1;
    told('VendorPolicy', policies, item);
    const object = keptObject('VendorPolicy', item);
    if (object !== undefined) store.put('VendorPolicy', object);
  };
  const missing = await listVendors(connection, vendors, each, signal);
  const objects = kinds.reduce((count, kind) => count + [...store.list(kind)].length, policies);
  return { store, objects, missing };
}

/** Of a list that is too large to be read in time the answer is what is followed, once that is known to be as new. */
async function readLive(
  connection: ApiConnection,
  key: ObjectKey,
  followed: LiveKind | undefined,
  signal: AbortSignal,
): Promise<LiveAnswer | undefined> {
  if (key.kind === 'Secret') return undefined;
  const impatient: ApiConnection = {
    ...connection,
    get: (path, until, silence) => connection.get(path, until, silence, PATIENCE),
  };
  try {
    const items: unknown[] = [];
    if (key.name === '') {
      const within = { namespace: key.namespace, pages: LIVE_PAGES };
      const end = await listKind(impatient, key.kind, (item) => items.push(item), signal, within);
      if (end === undefined) await expectApiServer(impatient, signal);
    } else {
      const item = await getObject(impatient, key.kind, key.namespace, key.name, signal);
      if (item !== undefined) items.push(item);
    }
    const objects: KubeObject[] = [];
    for (const item of items) {
      const object = keptObject(key.kind, item);
      if (object === undefined) throw new Error(`${formatKey(key)} is not of its kind's shape`);
      objects.push(object);
    }
    return { key, objects };
  } catch (error) {
    const isTooLarge = error instanceof ApiError && error.status === TOO_LARGE;
    const isAsNew = isTooLarge && followed !== undefined && (await isUpToDate(impatient, followed, signal));
    return isAsNew ? { key, objects: undefined } : undefined;
  }
}

/** Whether a kind is seen, in time, as it is now. */
async function isUpToDate(connection: ApiConnection, followed: LiveKind, signal: AbortSignal): Promise<boolean> {
  try {
    const version = versionNumber(await versionNow(connection, followed.kind, signal));
    if (version === undefined) return false;
    await followed.reach(version, signal);
    return followed.visibility === 'all';
  } catch {
    return false;
  }
}

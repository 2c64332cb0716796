import { isObject, normalise, valueAt, type KubeObject } from '#gateway';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import { identityKey, identityOf, manifestKey, type Manifest } from '../cluster/manifests.ts';
import type { Store } from '../cluster/store.ts';
import type { PolicySet } from '../engine/index.ts';
import type { Progress } from '../telemetry/progress.ts';

/** How long a cluster has to answer, in milliseconds. */
const CLUSTER_TIMEOUT = 120_000;
/** What `kubectl apply` remembers of the last time. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Metadata that nobody but the API server writes. */
const SERVER_OWNED = ['uid', 'creationTimestamp', 'deletionTimestamp', 'generation', 'resourceVersion'];

/** The cluster that manifests are applied to. */
export interface TargetCluster {
  readonly store: Store;
  /** Objects of the kinds that the documents judge or read. */
  readonly objects: number;
  /** What stands there under the name of a manifest, as the API server gave it, in the manifest's version. */
  readonly standing: (manifest: Manifest) => Standing | undefined;
  /** One line for each kind that a document names and the cluster does not serve. */
  readonly missing: readonly string[];
}

/** An object of a cluster: as rules read it, and as the API server gave it. */
export interface Standing {
  readonly object: KubeObject;
  readonly raw: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * One look at a cluster: all that the documents judge and read, and of what the manifests would change how it stands. Rejects with an
 * `OperatorError` when the API server does not answer, or refuses.
 */
export async function readCluster(
  connection: ApiConnection,
  manifests: readonly Manifest[],
  set: PolicySet,
  progress: Progress,
): Promise<TargetCluster> {
  const { listJudged } = await import('../cluster/live.ts');
  const wanted = new Set(manifests.map(manifestKey));
  const standing = new Map<string, unknown>();
  const signal = AbortSignal.timeout(CLUSTER_TIMEOUT);
  const { store, objects, missing } = await listJudged(connection, [set], signal, (kind, count, item) => {
    progress.show(() => `reading ${kind}: ${count}`);
    const key = identityKey(kind, identityOf(item));
    if (wanted.has(key)) standing.set(key, item);
  });
  return {
    store,
    objects,
    missing,
    standing: (manifest) => {
      const { kind, object } = manifest;
      const item = standing.get(manifestKey(manifest));
      if (!isObject(item)) return undefined;
      const converted = { ...item, apiVersion: object.apiVersion };
      const normalised = normalise(kind, converted);
      return normalised.ok ? { object: normalised.object, raw: converted } : undefined;
    },
  };
}

/**
 * A manifest as it will be once it is applied: its spec in place of the old one, the status of what stands, the metadata of both. Labels and
 * annotations that it does not name stay, unless it was an earlier `kubectl apply` that set them.
 */
export function asApplied(manifest: Manifest, { raw: standing }: Standing): Manifest {
  const written = fieldsAt(manifest.raw, ['metadata']);
  const old = fieldsAt(standing, ['metadata']);
  const applied = lastApplied(standing);
  const kept = (field: 'labels' | 'annotations'): Fields => {
    const own = fieldsAt(written, [field]);
    const was = fieldsAt(applied, ['metadata', field]);
    const others = Object.entries(fieldsAt(old, [field])).filter(([key]) => !Object.hasOwn(was, key));
    return { ...Object.fromEntries(others), ...own };
  };
  const server = Object.entries(old).filter(([field]) => SERVER_OWNED.includes(field));
  const metadata = {
    ...old,
    ...written,
    ...Object.fromEntries(server),
    labels: kept('labels'),
    annotations: kept('annotations'),
  };
  const own = Object.entries(fieldsAt(manifest.raw, [])).filter(([field]) => field !== 'status');
  const status = standing['status'] === undefined ? {} : { status: standing['status'] };
  const raw = { ...Object.fromEntries(own), metadata, ...status };
  const normalised = normalise(manifest.kind, raw);
  return normalised.ok ? { ...manifest, object: normalised.object, raw } : manifest;
}

function lastApplied(standing: Fields): unknown {
  const text = valueAt(standing, ['metadata', 'annotations', LAST_APPLIED]);
  if (typeof text !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}

function fieldsAt(value: unknown, path: readonly string[]): Fields {
  const found = valueAt(value, path);
  return isObject(found) ? found : {};
}

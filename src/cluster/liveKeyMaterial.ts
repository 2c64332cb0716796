import {
  KINDS,
  LISTENER_KINDS,
  indexed,
  isPermitted,
  kindOf,
  normalise,
  objectKey,
  references,
  type ObjectKey,
  type ReferencePurpose,
  type Snapshot,
} from '#gateway';
import type { ApiConnection } from './liveConnection.ts';
import { ApiError, clusterError, getObject } from './liveList.ts';
import { Store } from './store.ts';

/** What may name a Secret or ConfigMap. */
const PURPOSES: readonly ReferencePurpose[] = ['certificate', 'client-certificate', 'ca-certificate', 'parameters'];
/** Reads under way at once. */
const AT_ONCE = 16;

/**
 * A snapshot together with the Secrets and ConfigMaps that its Gateways, ListenerSets and BackendTLSPolicies name, read one by one: nobody
 * needs to be allowed to list Secrets. Where one of a kind may not be read, the whole kind is out of sight. The Secrets are whole, keys
 * included, and are held only by what is given back. Rejects with an `OperatorError` when the API server does not answer.
 */
export async function withKeyMaterial(
  connection: ApiConnection,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Snapshot> {
  const store = new Store('all');
  const keys = [...namedMaterial(snapshot).values()];
  const read = async ({ kind, namespace, name }: ObjectKey): Promise<void> => {
    try {
      const answer = normalise(kind, await getObject(connection, kind, namespace, name, signal));
      if (answer.ok) store.put(kind, answer.object);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403))
        throw clusterError(connection, KINDS[kind].plural, error);
      store.setVisibility(kind, 'none');
    }
  };
  for (let at = 0; at < keys.length; at += AT_ONCE) await Promise.all(keys.slice(at, at + AT_ONCE).map(read));
  return {
    get: (kind, namespace, name) => (isMaterial(kind) ? store : snapshot).get(kind, namespace, name),
    list: (kind, namespace) => (isMaterial(kind) ? store : snapshot).list(kind, namespace),
    lookup: snapshot.lookup,
    namespacesIn: snapshot.namespacesIn,
    sees: (kind) => (isMaterial(kind) ? store : snapshot).sees(kind),
  };
}

function namedMaterial(snapshot: Snapshot): ReadonlyMap<string, ObjectKey> {
  const named = new Map<string, ObjectKey>();
  for (const kind of [...LISTENER_KINDS, 'BackendTLSPolicy'] as const) {
    for (const object of snapshot.list(kind)) {
      for (const reference of references(indexed(kind, object))) {
        const { group, namespace, name, kind: target } = reference.to;
        const known = kindOf(group, target);
        if (known === undefined || !isMaterial(known) || !PURPOSES.includes(reference.purpose)) continue;
        if (isPermitted(snapshot, reference)) {
          named.set(objectKey(known, namespace, name), { kind: known, namespace, name });
        }
      }
    }
  }
  return named;
}

function isMaterial(kind: string): kind is 'Secret' | 'ConfigMap' {
  return kind === 'Secret' || kind === 'ConfigMap';
}

import type { Index } from './indexes.ts';
import type { KindName } from './kinds.ts';
import type { Indexed, ObjectOf } from './kindMap.ts';

/** How much of a kind a snapshot shows: every object of the cluster, only those given, or none at all. */
export type Visibility = 'all' | 'some' | 'none';

/** How many objects each namespace has under a key of an index; namespaces without any are not among them. A `Map` is one. */
export interface NamespaceCounts {
  /** How many namespaces. */
  readonly size: number;
  readonly get: (namespace: string) => number | undefined;
  readonly keys: () => Iterable<string>;
}

/**
 * The objects of a cluster at one moment: synchronous, read-only, indexed. K are the kinds that the holder may read: a policy gets a
 * snapshot of just the kinds it declares, so that RBAC, watches and webhook rules can be derived from the declaration.
 *
 * Members are function-valued properties, not methods, so that a `Snapshot<'Gateway'>` does not pass for a `Snapshot<'Gateway' | 'Secret'>`.
 */
export interface Snapshot<in K extends KindName = KindName> {
  /** One object; `namespace` is `""` for cluster-scoped kinds. */
  readonly get: <Q extends K>(kind: Q, namespace: string, name: string) => ObjectOf<Q> | undefined;
  /** All objects of a kind, or those of one namespace; order is not defined. */
  readonly list: <Q extends K>(kind: Q, namespace?: string) => Iterable<ObjectOf<Q>>;
  /** The objects that an index of `INDEXES` files under a key, each with its kind; of one namespace only, when given. */
  readonly lookup: <Q extends K>(index: Index<Q>, key: string, namespace?: string) => Iterable<Indexed<Q>>;
  /** Under a key of an index: how many objects each namespace has. Costs nothing however many objects there are. */
  readonly namespacesIn: <Q extends K>(index: Index<Q>, key: string) => NamespaceCounts;
  /** How much of a kind is in sight. An absence proves nothing unless it is `all`. */
  readonly sees: (kind: K) => Visibility;
  /** Set where nothing changes as long as anybody asks: what was worked out for one who asked is worked out for the next. */
  readonly isMoment?: true;
}

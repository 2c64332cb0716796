import type { KubeObject } from '#gateway';

/** Where an object stands in a store. Indexes file slots, so that an object which is replaced by one of the same keys is not filed anew. */
export interface Slot {
  readonly object: KubeObject;
}

/** The namespace of what stands there, which never changes; `""` for cluster-scoped kinds. */
export function namespaceOf({ object }: Slot): string {
  return object.metadata.namespace ?? '';
}

/** Whether two lists of keys are one list. */
export function sameKeys(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key, at) => key === others[at]);
}

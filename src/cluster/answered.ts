import type { KubeObject, KindName, ObjectKey, Snapshot } from '#gateway';
import { overlay, standing } from '../engine/index.ts';

/** What the API server has under a key right now; with an empty name in the key: every object of the kind in that namespace. */
export interface LiveAnswer {
  readonly key: ObjectKey;
  /** Undefined: those that the snapshot shows, which was seen to be as new as the question. */
  readonly objects: readonly KubeObject[] | undefined;
}

/** Reads objects from the API server itself, past every cache. */
export interface LiveReader {
  /** One answer for each key, in order; undefined for a key that could not be read before the signal. Never rejects. */
  readonly read: (keys: readonly ObjectKey[], signal: AbortSignal) => Promise<readonly (LiveAnswer | undefined)[]>;
}

/**
 * A snapshot as it is after live reads: what was found stands in it, what was not there is gone from it, and of a kind that was asked for in
 * vain nothing is certain any more.
 */
export function answered(
  base: Snapshot,
  keys: readonly ObjectKey[],
  answers: readonly (LiveAnswer | undefined)[],
): Snapshot {
  const silent = new Set<KindName>();
  let world = base;
  keys.forEach((key, at) => {
    const answer = answers[at];
    if (answer === undefined) silent.add(key.kind);
    else world = withAnswer(world, answer);
  });
  const known = new Set(keys.map(({ kind }) => kind));
  const { get, list, lookup, namespacesIn } = world;
  return {
    get,
    list,
    lookup,
    namespacesIn,
    // Of a kind of which nothing is seen rules say nothing, which would let pass what a Deny was about.
    sees: (kind) => {
      if (!silent.has(kind)) return known.has(kind) ? 'all' : base.sees(kind);
      return base.sees(kind) === 'none' ? 'none' : 'some';
    },
  };
}

function withAnswer(base: Snapshot, { key, objects }: LiveAnswer): Snapshot {
  if (objects === undefined) return base;
  let world = base;
  const present = new Set(objects.map((object) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`));
  const held =
    key.name === ''
      ? [...base.list(key.kind, key.namespace)]
      : [base.get(key.kind, key.namespace, key.name)].filter((object) => object !== undefined);
  for (const object of held) {
    if (present.has(`${object.metadata.namespace ?? ''}/${object.metadata.name}`)) continue;
    world = overlay(world, { ...standing(key.kind, object), operation: 'DELETE' });
  }
  for (const object of objects) world = overlay(world, standing(key.kind, object));
  return world;
}

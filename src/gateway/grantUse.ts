import { grantFor, isPermitted, opensAll } from './grants.ts';
import { INDEXES, REFERRING_KINDS, relationKey } from './indexes.ts';
import { indexed, type Indexed } from './kindMap.ts';
import type { ReferenceGrant } from './referenceGrant.ts';
import { references, type Reference, type ReferenceSource, type ReferenceTarget } from './references.ts';
import type { Snapshot } from './snapshot.ts';

/** A kind that can refer into another namespace by the leave of a ReferenceGrant. */
export type ReferringKind = (typeof REFERRING_KINDS)[number];

/** A reference with the object that makes it. */
export interface GrantUse {
  readonly by: Indexed<ReferringKind>;
  readonly reference: Reference;
}

/** What a grant opens to one source: a target, or with an empty name, which no object has, all of a kind. */
interface Opening {
  readonly from: ReferenceSource;
  readonly to: ReferenceTarget;
}

/** The openings of a grant, each once; a target is left out where all of its kind are open beside it. */
function openingsOf(grant: ReferenceGrant): readonly Opening[] {
  const { namespace = '' } = grant.metadata;
  const openings = grant.spec.from.flatMap((from) =>
    grant.spec.to
      .filter((to) => to.name === undefined || !opensAll(grant, to))
      .map(({ group, kind, name = '' }): Opening => ({ from, to: { group, kind, namespace, name } })),
  );
  return [...new Map(openings.map((opening) => [relationKey(opening.from, namespace, opening.to), opening])).values()];
}

/** The references by an opening. Found by relation and target, not by walking the objects. */
function* usesBy(snapshot: Snapshot<ReferringKind>, { from, to }: Opening): Generator<GrantUse> {
  const key = to.name === '' ? relationKey(from, to.namespace) : relationKey(from, to.namespace, to);
  for (const by of snapshot.lookup(INDEXES.referrersByRelation, key)) {
    for (const reference of references(by)) {
      const { group, kind, namespace, name } = reference.to;
      const isThere = namespace === to.namespace && group === to.group && kind === to.kind;
      if (reference.needsGrant && isThere && (to.name === '' || name === to.name)) yield { by, reference };
    }
  }
}

/** The references that a grant permits, whether or not another grant permits them too. */
export function* usesOf(snapshot: Snapshot<ReferringKind>, grant: ReferenceGrant): Generator<GrantUse> {
  for (const opening of openingsOf(grant)) yield* usesBy(snapshot, opening);
}

/** The references that a grant has permitted and no grant of a world does any more; what one opens as much is not looked through. */
export function* lostUses(
  world: Snapshot<ReferringKind | 'ReferenceGrant'>,
  grant: ReferenceGrant,
): Generator<GrantUse> {
  for (const opening of openingsOf(grant)) {
    if (grantFor(world, opening) !== undefined) continue;
    for (const use of usesBy(world, opening)) if (grantFor(world, use.reference) === undefined) yield use;
  }
}

/** The least that a ReferenceGrant must say for the references of one relation. */
export interface MinimalGrant {
  /** Where the grant stands: the namespace of the targets. */
  readonly namespace: string;
  readonly from: ReferenceSource;
  /** Sorted by group, kind and name; each once. */
  readonly to: readonly MinimalTarget[];
}

/** One target of a {@link MinimalGrant}. */
export interface MinimalTarget {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Some grant permits it today. */
  readonly isGranted: boolean;
}

/**
 * The least grants for all references that need one: one per group, kind and namespace of the source and namespace of the target, with just
 * the names in use, sorted by target namespace and source (doc security).
 */
export function minimalGrants(snapshot: Snapshot<ReferringKind | 'ReferenceGrant'>): readonly MinimalGrant[] {
  const relations = new Map<string, { readonly first: Reference; readonly to: Map<string, MinimalTarget> }>();
  for (const kind of REFERRING_KINDS) {
    for (const object of snapshot.list(kind)) {
      for (const reference of references(indexed(kind, object))) {
        if (!reference.needsGrant) continue;
        const { from, to } = reference;
        const relation = relationKey(from, to.namespace);
        const known = relations.get(relation) ?? { first: reference, to: new Map<string, MinimalTarget>() };
        relations.set(relation, known);
        const { group, kind: toKind, name } = to;
        known.to.set(targetKey(to), { group, kind: toKind, name, isGranted: isPermitted(snapshot, reference) });
      }
    }
  }
  return [...relations.values()]
    .map(({ first, to }) => ({
      namespace: first.to.namespace,
      from: first.from,
      to: [...to].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target),
    }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function targetKey({ group, kind, name }: Omit<ReferenceTarget, 'namespace'>): string {
  return `${group}/${kind}/${name}`;
}

function sortKey({ namespace, from }: MinimalGrant): string {
  return `${namespace} ${from.namespace} ${from.kind} ${from.group}`;
}

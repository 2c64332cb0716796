import { INDEXES, sourceKey } from './indexes.ts';
import type { ObjectKey } from './object.ts';
import type { ReferenceGrant } from './referenceGrant.ts';
import { targetName, type Reference, type ReferenceSource, type ReferenceTarget } from './references.ts';
import type { Snapshot } from './snapshot.ts';

/** Both ends of a reference. */
export type ReferenceEnds = Pick<Reference, 'from' | 'to'>;

/**
 * A ReferenceGrant that permits a reference into another namespace; undefined when there is none. A reference within its own namespace needs
 * none and gets none, so ask {@link isPermitted} whether a reference may be made.
 *
 * A grant counts in the target's namespace only, and from creation until it is gone: a deletionTimestamp takes nothing from it (rg;
 * HTTPRouteInvalidReferenceGrant, GatewaySecretInvalidReferenceGrant).
 */
export function grantFor(snapshot: Snapshot<'ReferenceGrant'>, reference: ReferenceEnds): ReferenceGrant | undefined {
  const { from, to } = reference;
  if (from.namespace === to.namespace) return undefined;
  for (const { object } of snapshot.lookup(INDEXES.grantsBySource, sourceKey(from), to.namespace)) {
    if (grants(object, from, to)) return object;
  }
  return undefined;
}

/** Whether a reference may be made: it needs no grant, or has one. */
export function isPermitted(
  snapshot: Snapshot<'ReferenceGrant'>,
  reference: ReferenceEnds & { readonly needsGrant: boolean },
): boolean {
  return !reference.needsGrant || grantFor(snapshot, reference) !== undefined;
}

/** What is said of a reference that has no grant: a clause, and the grants that would mend it. */
export function missingGrant(reference: Reference): {
  readonly message: string;
  readonly restsOn: readonly ObjectKey[];
} {
  const { from, to } = reference;
  return {
    message: `no ReferenceGrant in namespace ${to.namespace} permits ${from.kind} of namespace ${from.namespace} to refer to ${targetName(reference)}`,
    restsOn: [{ kind: 'ReferenceGrant', namespace: to.namespace, name: '' }],
  };
}

/**
 * Whether a grant permits this pair: some `from` equals group, kind and namespace, and some `to` equals group, kind and, where it has one,
 * name. Exact strings; every `from` goes with every `to` (rg).
 */
export function grants(grant: ReferenceGrant, from: ReferenceSource, to: ReferenceTarget): boolean {
  if ((grant.metadata.namespace ?? '') !== to.namespace) return false;
  return (
    grant.spec.from.some(
      (entry) => entry.group === from.group && entry.kind === from.kind && entry.namespace === from.namespace,
    ) &&
    grant.spec.to.some(
      (entry) => entry.group === to.group && entry.kind === to.kind && (entry.name ?? to.name) === to.name,
    )
  );
}

/** How many pairs a grant opens: every `from` goes with every `to` (rg). */
export function pairsIn({ spec }: ReferenceGrant): number {
  return spec.from.length * spec.to.length;
}

/** Whether a grant opens every object of a kind: a `to` without a name (rg). */
export function opensAll({ spec }: ReferenceGrant, kind: Pick<ReferenceTarget, 'group' | 'kind'>): boolean {
  return spec.to.some((entry) => entry.group === kind.group && entry.kind === kind.kind && entry.name === undefined);
}

/** The sources that a grant names and an older state of it did not. */
export function addedSources(grant: ReferenceGrant, old: ReferenceGrant): readonly ReferenceSource[] {
  const isOld = ({ group, kind, namespace }: ReferenceSource): boolean =>
    old.spec.from.some((entry) => entry.group === group && entry.kind === kind && entry.namespace === namespace);
  return grant.spec.from.filter((source) => !isOld(source));
}

import { grants } from './grants.ts';
import { minimalGrants, type MinimalGrant, type MinimalTarget, type ReferringKind } from './grantUse.ts';
import { REFERRING_KINDS } from './indexes.ts';
import { kindOf } from './kinds.ts';
import type { ReferenceGrant } from './referenceGrant.ts';
import type { Snapshot } from './snapshot.ts';

/** How many entries the CRD allows in `to`. */
const ENTRIES = 16;

/** A {@link MinimalGrant} under the name it has or would get. */
export interface NamedGrant extends MinimalGrant {
  readonly name: string;
}

/** What becomes of one ReferenceGrant. */
export interface GrantStep {
  readonly action: 'keep' | 'add' | 'change' | 'remove';
  readonly namespace: string;
  readonly name: string;
  /** Half a sentence. */
  readonly why: string;
}

/** From the grants there are to the least that the references in use need. */
export interface GrantPlan {
  /** The grants to have, by namespace and source. To be applied in this order, so that nothing breaks on the way. */
  readonly grants: readonly NamedGrant[];
  /** Sorted by namespace and name. What is to be removed goes last. */
  readonly steps: readonly GrantStep[];
}

/**
 * Plans the least grants: one per relation, split at the limit of the CRD. A grant that says just that keeps its name; one for sources that
 * Gateward does not know is kept, since what uses it cannot be seen; every other one goes.
 */
export function planGrants(snapshot: Snapshot<ReferringKind | 'ReferenceGrant'>): GrantPlan {
  const existing = [...snapshot.list('ReferenceGrant')];
  const byContent = new Map(existing.map((grant) => [contentOf(grant), grant.metadata.name]));
  const keptForOthers = new Set(existing.filter(servesOthers).map(place));
  const planned: NamedGrant[] = [];
  const steps = new Map<string, GrantStep>();
  const least = minimalGrants(snapshot).flatMap(split);
  const standing = (wanted: MinimalGrant): string | undefined =>
    byContent.get(contentOf(asGrant({ ...wanted, name: '' })));
  // A name that stays with its grant is nobody else's, whichever comes first.
  const stays = least.flatMap((wanted) => {
    const name = standing(wanted);
    return name === undefined ? [] : [`${wanted.namespace}/${name}`];
  });
  const taken = new Set([...keptForOthers, ...stays]);
  for (const wanted of least) {
    const { namespace } = wanted;
    const name = standing(wanted) ?? freeName(wanted, taken);
    const at = `${namespace}/${name}`;
    taken.add(at);
    planned.push({ ...wanted, name });
    const before = snapshot.get('ReferenceGrant', namespace, name);
    const isSame = before !== undefined && contentOf(before) === contentOf(asGrant({ ...wanted, name }));
    const action = isSame ? 'keep' : before === undefined ? 'add' : 'change';
    steps.set(at, { action, namespace, name, why: isSame ? 'is as wide as its use' : describe(wanted) });
  }
  for (const grant of existing) {
    const { namespace = '', name } = grant.metadata;
    if (steps.has(place(grant))) continue;
    steps.set(
      place(grant),
      keptForOthers.has(place(grant))
        ? { action: 'keep', namespace, name, why: 'has sources whose references cannot be seen' }
        : { action: 'remove', namespace, name, why: 'opens more than is used, or nothing that is' },
    );
  }
  return {
    grants: gainingFirst(planned, snapshot),
    steps: [...steps].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, step]) => step),
  };
}

/** Puts a grant that lets go of something after those that come to permit it, so that no reference is without one on the way. */
function gainingFirst(wanted: readonly NamedGrant[], snapshot: Snapshot<'ReferenceGrant'>): readonly NamedGrant[] {
  const peers = Map.groupBy(wanted, ({ namespace }) => namespace);
  const ordered = new Set<NamedGrant>();
  const seen = new Set<NamedGrant>();
  const heldBy = ({ namespace, name }: NamedGrant): ReferenceGrant | undefined =>
    snapshot.get('ReferenceGrant', namespace, name);
  const visit = (grant: NamedGrant): void => {
    if (seen.has(grant)) return;
    seen.add(grant);
    const held = heldBy(grant);
    for (const peer of held === undefined ? [] : (peers.get(grant.namespace) ?? [])) {
      const permits = (by: ReferenceGrant | undefined, target: MinimalTarget): boolean =>
        by !== undefined && grants(by, peer.from, { ...target, namespace: peer.namespace });
      if (peer.to.some((target) => permits(held, target) && !permits(heldBy(peer), target))) visit(peer);
    }
    ordered.add(grant);
  };
  for (const grant of wanted) visit(grant);
  return [...ordered];
}

/** A grant as a manifest, ready to apply: v1beta1, which every bundle since v1.0 serves. */
export function asGrant(grant: NamedGrant): ReferenceGrant {
  const { group, kind, namespace } = grant.from;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: grant.name, namespace: grant.namespace },
    spec: {
      from: [{ group, kind, namespace }],
      to: grant.to.map((target) => ({ group: target.group, kind: target.kind, name: target.name })),
    },
  };
}

function split(grant: MinimalGrant): readonly MinimalGrant[] {
  const parts: MinimalGrant[] = [];
  for (let at = 0; at < grant.to.length; at += ENTRIES) {
    parts.push({ ...grant, to: grant.to.slice(at, at + ENTRIES) });
  }
  return parts;
}

/** `httproute-from-team-web`, and a number where that is taken in this plan. */
function freeName({ namespace, from }: MinimalGrant, taken: ReadonlySet<string>): string {
  const base = `${from.kind.toLowerCase()}-from-${from.namespace}`;
  let name = base;
  for (let number = 2; taken.has(`${namespace}/${name}`); number += 1) name = `${base}-${number}`;
  return name;
}

function contentOf({ metadata, spec }: ReferenceGrant): string {
  const from = spec.from.map(({ group, kind, namespace }) => [group, kind, namespace].join('/'));
  // A name may be any text, an asterisk too: only one that is absent stands for all.
  const to = spec.to.map(({ group, kind, name }) =>
    JSON.stringify([group, kind, ...(name === undefined ? [] : [name])]),
  );
  return JSON.stringify([metadata.namespace, [...new Set(from)].sort(), [...new Set(to)].sort()]);
}

function servesOthers({ spec }: ReferenceGrant): boolean {
  return spec.from.some(({ group, kind }) => !REFERRING_KINDS.some((known) => known === kindOf(group, kind)));
}

function place({ metadata }: ReferenceGrant): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function describe({ from, to }: MinimalGrant): string {
  return `lets ${from.kind} of ${from.namespace} refer to ${to.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`;
}

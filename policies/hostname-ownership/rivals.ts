import {
  ANY,
  INDEXES,
  isMeshOnly,
  keyOf,
  namespaceKey,
  wildcardsAbove,
  type Index,
  type ObjectKey,
  type Snapshot,
} from '#gateway';
import { isHostnameRoute, type Claim, type Claimant, type HoldingKind, type Relation } from './claims.ts';
import type { OwnerTable } from './owners.ts';
import type { Taken, Takeovers } from './takeover.ts';

/** An object of another owner that holds the same or an overlapping hostname. */
export interface Rival {
  readonly key: ObjectKey;
  readonly relation: Relation;
  /** The Namespaces whose labels were not in sight when the owners were compared. */
  readonly restsOn: readonly ObjectKey[];
}

/** A rival that loses traffic to the claimant; it rests on what that rests on, too. */
export interface Robbed extends Rival {
  readonly taken: Taken;
}

/** At most so many namespaces and objects are looked at for one claim, so that no review pays for a crowd. */
export const LOOKED_AT = 64;
/** And for all claims of a review: a route may be served under a thousand hostnames. */
export const LOOKED_AT_IN_ALL = 2048;

/** What a review may still look at. */
export class Looks {
  #left = LOOKED_AT_IN_ALL;

  /** False when there is nothing left. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/**
 * Who else holds a hostname that overlaps a claimed one: the first rival met, and those that lose traffic. Hostless routes and listeners are
 * not among them: they are judged where they stand.
 */
export function rivalsOf(
  claimant: Claimant,
  claim: Claim,
  table: OwnerTable,
  takeovers: Takeovers,
  looks: Looks,
  snapshot: Snapshot<HoldingKind | 'Namespace'>,
): { readonly met: Rival | undefined; readonly robbed: readonly Robbed[] } {
  const namespace = claimant.object.metadata.namespace ?? '';
  let isSameOwner: ReturnType<OwnerTable['sameOwnerAs']> | undefined;
  let met: Rival | undefined;
  const robbed: Robbed[] = [];
  let looked = 0;
  for (const [index, key, relation] of searchesFor(claim)) {
    for (const other of snapshot.namespacesIn(index, key).keys()) {
      if (other === namespace) continue;
      looked += 1;
      if (looked > LOOKED_AT || !looks.take()) return { met, robbed };
      if (claim.entitled && table.entitlement(claim.hostname, other, snapshot).entitled) continue;
      isSameOwner ??= table.sameOwnerAs(namespace, snapshot);
      const isSame = isSameOwner(other);
      if (isSame === true) continue;
      const restsOn = isSame === 'unknown' ? [namespaceKey(namespace), namespaceKey(other)] : [];
      for (const held of snapshot.lookup(index, key, other)) {
        if (isHostnameRoute(held) && isMeshOnly(held.object)) continue;
        const taken = claim.entitled ? undefined : takeovers.whyTaken(held, claim, key, relation);
        const rival = { key: keyOf(held.kind, held.object), relation, restsOn };
        met ??= rival;
        looked += 1;
        if (taken !== undefined) robbed.push({ ...rival, taken, restsOn: [...restsOn, ...taken.restsOn] });
        if (claim.entitled || looked > LOOKED_AT || !looks.take()) return { met, robbed };
      }
    }
  }
  return { met, robbed };
}

function* searchesFor(claim: Claim): Iterable<readonly [Index<HoldingKind>, string, Relation]> {
  const { hostname, listener, entitled } = claim;
  const holders: Index<HoldingKind> = listener === undefined ? INDEXES.routesByHostname : INDEXES.listenersByHostname;
  yield [holders, hostname, 'the same hostname'];
  if (entitled) return;
  for (const wider of wildcardsAbove(hostname)) if (wider !== ANY) yield [holders, wider, 'a wider hostname'];
  yield [
    listener === undefined ? INDEXES.routesBelowWildcard : INDEXES.listenersBelowWildcard,
    hostname,
    'a narrower hostname',
  ];
}

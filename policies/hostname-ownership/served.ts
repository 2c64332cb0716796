import {
  attach,
  covers,
  effectiveHostnames,
  isParent,
  ownerKey,
  parentsOf,
  type AttachmentKind,
  type Indexed,
  type ObjectKey,
  type RouteKind,
  type Snapshot,
} from '#gateway';

/** What a route would serve through one of its parents. */
export interface Served {
  readonly parent: ObjectKey;
  /** The route's own words name the parent; a default Gateway is named by nothing in the route. */
  readonly isDeclared: boolean;
  /** What must be read to know more; undefined when the parent is in sight. */
  readonly missing: ObjectKey | undefined;
  /** The effective hostnames, route ∩ listener. */
  readonly hostnames: readonly string[];
}

/**
 * The effective hostnames of a route by parent: of each listener that a parentRef means and that serves the route's kind, what it shares with
 * the route. A listener that does not admit the route's namespace counts: it may begin to, and no route is judged again then.
 */
export function servedThrough(route: Indexed<RouteKind>, snapshot: Snapshot<AttachmentKind>): readonly Served[] {
  return parentsOf(snapshot, route).flatMap(({ claim, parent }): Served[] => {
    const isDeclared = claim.path !== undefined;
    if (!isParent(parent)) {
      const { missing } = parent;
      return missing === undefined ? [] : [{ parent: missing, isDeclared, missing, hostnames: [] }];
    }
    const hostnames = attach(snapshot, route, claim, parent)
      .listeners.filter(({ refusal }) => refusal === undefined || ['same', 'selector'].includes(refusal.stage))
      .flatMap(({ attached, hostnames: own, listener }) =>
        attached === false ? (effectiveHostnames(route, listener) ?? []) : own,
      );
    return [{ parent: ownerKey(parent.owner), isDeclared, missing: undefined, hostnames: [...new Set(hostnames)] }];
  });
}

/** All effective hostnames of a route, whatever the parent. */
export function hostnamesOf(served: readonly Served[]): readonly string[] {
  return [...new Set(served.flatMap(({ hostnames }) => hostnames))];
}

/** What of the effective hostnames is left of a wildcard. */
export function narrowed(wildcard: string, effective: readonly string[]): readonly string[] {
  return effective.filter((hostname) => covers(wildcard, hostname));
}

import { ANY, isSameParentRef, isWildcard, type FieldPath, type ObjectKey, type Snapshot } from '#gateway';
import { pastOf, type Subject } from '#policy';
import { isHostless, isHostnameRoute, type Claim, type Claimant, type HoldingKind, type Written } from './claims.ts';
import { hostnamesOf, narrowed, servedThrough, type Served } from './served.ts';

/** One hostname that an object asks for, in so many words or by naming none. */
export interface Asked extends Omit<Claim, 'entitled'> {
  readonly path: FieldPath;
  /** The parents out of sight, whose listeners may leave less of it. */
  readonly uncut: readonly ObjectKey[];
  /** False for a wildcard of which no listener serves anything: it takes no traffic yet. */
  readonly isServed: boolean;
  /** How a message quotes it. */
  readonly claim: string;
}

/** What the listeners of a route must be asked for: only a wildcard is cut by them, and only a route without hostnames takes theirs. */
export function servedFor(
  claimant: Claimant,
  written: readonly Written[],
  snapshot: Snapshot<HoldingKind | 'Namespace'>,
): readonly Served[] {
  const asksListeners = isHostless(claimant) || written.some(({ text }) => text.startsWith('*'));
  return asksListeners && isHostnameRoute(claimant) ? servedThrough(claimant, snapshot) : [];
}

/**
 * What the hostnames that a subject has written come to, each with its canonical form. Of a route's wildcard what the listeners in sight leave
 * (`served`); and the whole, where they leave nothing or there are others.
 */
export function asking(
  subject: Subject<Claimant['kind']>,
  served: readonly Served[],
  snapshot: Snapshot<HoldingKind | 'Namespace'>,
): (written: Written, hostname: string) => readonly Asked[] {
  const effective = hostnamesOf(served);
  const uncut = served.flatMap(({ missing }) => missing ?? []);
  let before: readonly string[] | undefined;
  return ({ text, path, use, listener }, hostname) => {
    const isCut = use === 'route' && isWildcard(hostname);
    const now = isCut ? narrowed(hostname, effective) : [hostname];
    const left = now.length > 0 ? now : narrowed(hostname, (before ??= effectiveBefore(subject, snapshot)));
    const isWhole = !left.includes(hostname) && (left.length === 0 || uncut.length > 0);
    return [
      ...left.map((one) => {
        const claim = one === hostname ? `"${text}"` : `"${text}" (as its listeners cut it)`;
        return { hostname: one, use, listener, path, uncut: [], isServed: true, claim };
      }),
      ...(isWhole ? [{ hostname, use, listener, path, uncut, isServed: uncut.length > 0, claim: `"${text}"` }] : []),
    ];
  };
}

/**
 * The effective hostnames of a route as it was before an UPDATE that only takes parents away: to name another one is an UPDATE again, and judged
 * by what that one's listeners leave.
 */
function effectiveBefore(
  subject: Subject<Claimant['kind']>,
  snapshot: Snapshot<HoldingKind | 'Namespace'>,
): readonly string[] {
  const past = pastOf(subject);
  if (past === undefined || !isHostnameRoute(past) || !isHostnameRoute(subject)) return [];
  const { spec } = subject.object;
  const { hostnames = [], parentRefs = [], useDefaultGateways } = past.object.spec;
  const isLess =
    (spec.useDefaultGateways !== 'All' || useDefaultGateways === 'All') &&
    (spec.hostnames ?? []).every((hostname) => hostnames.includes(hostname)) &&
    (spec.parentRefs ?? []).every((ref) => parentRefs.some((old) => isSameParentRef(ref, old, subject.namespace)));
  return isLess ? hostnamesOf(servedThrough(past, snapshot)) : [];
}

/** The hostnames that a route without any takes through one of its parents; `extent` says in words what that is. */
export function askedThrough({ hostnames }: Served, extent: string): readonly Asked[] {
  return hostnames
    .filter((hostname) => hostname !== ANY)
    .map((hostname) => ({
      hostname,
      use: 'route',
      listener: undefined,
      path: ['spec', 'hostnames'],
      uncut: [],
      isServed: true,
      claim: `(none: ${extent})`,
    }));
}

import { ANY, isWildcard, type FieldPath, type ObjectKey, type Snapshot } from '#gateway';
import { isHostless, isHostnameRoute, type Claim, type Claimant, type HoldingKind, type Written } from './claims.ts';
import { narrowed, servedThrough, type Served } from './served.ts';

/** One hostname that an object asks for, in so many words or by naming none. */
export interface Asked extends Omit<Claim, 'entitled'> {
  readonly path: FieldPath;
  /** The parents out of sight, whose listeners may leave less of it. */
  readonly uncut: readonly ObjectKey[];
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
 * The hostnames that a written one comes to; `hostname` is its canonical form. Of a wildcard what the listeners in sight leave; and the whole,
 * where they leave nothing or there are others. `effective`: all hostnames that are `served`.
 */
export function askedBy(
  { text, path, use, listener }: Written,
  hostname: string,
  served: readonly Served[],
  effective: readonly string[],
): readonly Asked[] {
  const isCut = use === 'route' && isWildcard(hostname);
  const left = isCut ? narrowed(hostname, effective) : [hostname];
  const uncut = served.flatMap(({ missing }) => missing ?? []);
  const isWhole = !left.includes(hostname) && (left.length === 0 || uncut.length > 0);
  return [
    ...left.map((one) => {
      const claim = one === hostname ? `"${text}"` : `"${text}" (as its listeners cut it)`;
      return { hostname: one, use, listener, path, uncut: [], claim };
    }),
    ...(isWhole ? [{ hostname, use, listener, path, uncut, claim: `"${text}"` }] : []),
  ];
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
      claim: `(none: ${extent})`,
    }));
}

import { ANY, type FieldPath, type Snapshot } from '#gateway';
import { isHostless, isHostnameRoute, type Claim, type Claimant, type HoldingKind, type Written } from './claims.ts';
import { narrowed, servedThrough, type Served } from './served.ts';

/** One hostname that an object asks for, in so many words or by naming none. */
export interface Asked extends Omit<Claim, 'entitled'> {
  readonly path: FieldPath;
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

/** The hostnames that a written one comes to; `hostname` is its canonical form. */
export function askedBy(
  { text, path, use, listener }: Written,
  hostname: string,
  served: readonly Served[],
): readonly Asked[] {
  return (use === 'route' ? narrowed(hostname, served) : [hostname]).map((effective) => {
    const claim = effective === hostname ? `"${text}"` : `"${text}" (as its listeners cut it)`;
    return { hostname: effective, use, listener, path, claim };
  });
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
      claim: `(none: ${extent})`,
    }));
}

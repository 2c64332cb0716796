import { z } from 'zod';
import type { Issued } from './issuing.ts';

/**
 * A CA of ours. One signs. The next one is trusted before it signs, and a retired one for as long as a leaf of it may be served; its key is
 * gone by then.
 */
export type Authority =
  | {
      readonly role: 'next' | 'signing';
      readonly since: number;
      readonly cert: string;
      readonly key: string;
      readonly ends: number;
    }
  | { readonly role: 'retired'; readonly since: number; readonly cert: string; readonly ends: number };

/** The one that signs. */
export type Signing = Extract<Authority, { readonly key: string }>;

const pem = z.string().startsWith('-----BEGIN ');
const milliseconds = z.int().nonnegative();
const door = z.array(
  z.discriminatedUnion('role', [
    z.strictObject({ role: z.enum(['next', 'signing']), since: milliseconds, cert: pem, key: pem, ends: milliseconds }),
    z.strictObject({ role: z.literal('retired'), since: milliseconds, cert: pem, ends: milliseconds }),
  ]),
);

/** How long things last; all in milliseconds. */
export interface AuthorityPace {
  /** Life of a CA; at two thirds of it the next one is made. */
  readonly authority: number;
  /** Life of a leaf; at two thirds of it the next one is signed. */
  readonly leaf: number;
  /** How long a bundle has been in all webhook configurations when every API server is taken to know it. */
  readonly settle: number;
}

/** Validity begins so long before now: clocks differ. */
export const MARGIN = 3_600_000;

/** What a step depends on. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long every CA of these has been trusted by every webhook configuration, in milliseconds; undefined: it is not. */
  readonly trustedFor: number | undefined;
  /** Somebody asks for another CA before its time. */
  readonly isAskedFor: boolean;
  readonly make: (notAfter: number) => Promise<Issued>;
}

/**
 * The next step in the life of the CAs; undefined when none is due. First both old and new are trusted, then the new one signs, and when no leaf
 * of the old one can be served any more, the old one is trusted no longer.
 */
export async function nextStep(
  authorities: readonly Authority[],
  { now, trustedFor, isAskedFor, make }: Circumstances,
  pace: AuthorityPace,
): Promise<readonly Authority[] | undefined> {
  const added = async (role: 'next' | 'signing'): Promise<Authority> => {
    const ends = now + pace.authority;
    return { role, since: now, ...(await make(ends)), ends };
  };
  const signing = signingOf(authorities);
  const next = authorities.find((authority): authority is Signing => authority.role === 'next');
  // Nothing that is served can be trusted: no need to wait for anything.
  if (signing === undefined || signing.ends <= now) return [await added('signing')];
  const kept = authorities.filter(({ role, since }) => role !== 'retired' || now < since + pace.leaf + MARGIN);
  if (next !== undefined) {
    if (trustedFor === undefined || trustedFor < pace.settle) return undefined;
    return [
      { ...next, role: 'signing', since: now },
      { role: 'retired', since: now, cert: signing.cert, ends: signing.ends },
      ...kept.filter(({ role }) => role === 'retired'),
    ];
  }
  const isOld = now >= signing.ends - pace.authority / 3;
  if (isOld || isAskedFor) return [...kept, await added('next')];
  return kept.length < authorities.length ? kept : undefined;
}

/** The CA that leaves are signed with; undefined before there is any. */
export function signingOf(authorities: readonly Authority[]): Signing | undefined {
  return authorities.find((authority): authority is Signing => authority.role === 'signing');
}

/** All CAs that callers must trust, as PEM. */
export function bundleOf(authorities: readonly Authority[]): string {
  return authorities.map(({ cert }) => cert).join('');
}

/** Reads what {@link writeAuthorities} wrote; none from nothing. Throws with the reason when it is something else. */
export function readAuthorities(text: string | undefined): readonly Authority[] {
  return text === undefined || text === '' ? [] : door.parse(JSON.parse(text));
}

/** As text for a Secret. */
export function writeAuthorities(authorities: readonly Authority[]): string {
  return JSON.stringify(authorities);
}

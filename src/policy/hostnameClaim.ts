import type { FieldPath, ObjectKey } from '#gateway';
import type { Finding } from './finding.ts';

/** What a hostname is claimed for: routes and listeners of one name do not stand in each other's way. */
export const CLAIM_LAYERS = ['Route', 'Listener'] as const;
/** See {@link CLAIM_LAYERS}. */
export type ClaimLayer = (typeof CLAIM_LAYERS)[number];

/** A hostname that is held in a cluster, by the object that asked for it last. */
export interface HeldHostname {
  /** Canonical. */
  readonly hostname: string;
  readonly claimant: ObjectKey;
}

/** Two owners want the same or an overlapping hostname. */
export interface Contest {
  readonly finding: Finding;
  /** The claimant has a right to the hostname and the holder has none: it is only warned. */
  readonly prevails: boolean;
}

/** A hostname that an object asks for, to be held for its owner before the object lands. */
export interface HostnameClaim {
  /** Canonical, never "everything". */
  readonly hostname: string;
  readonly layer: ClaimLayer;
  /** Where the object asks for it. */
  readonly path: FieldPath;
  /** Wider and narrower hostnames of others count too, not the very hostname alone. */
  readonly overlaps: boolean;
  /** What it comes to that the same or an overlapping hostname is held; undefined where the two are one owner and share it. */
  readonly contest: (held: HeldHostname) => Contest | undefined;
}

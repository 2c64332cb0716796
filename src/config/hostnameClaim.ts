import { createHash } from 'node:crypto';
import { ANY, isWildcard, wildcardsAbove } from '#gateway';
import { CLAIM_LAYERS, type ClaimLayer } from '#policy';
import { z } from 'zod';

/** The kind of the objects by which hostnames are held; Gateward writes them, nobody else. */
export const CLAIM_KIND = 'HostnameClaim';

/** `spec` of a HostnameClaim. What a later release adds is passed over. */
export const hostnameClaimSchema = z.object({
  hostname: z.string().describe('The hostname that is held, in canonical form.'),
  layer: z
    .enum(CLAIM_LAYERS)
    .describe('What it is held for: Route | Listener. One does not stand in the way of the other.'),
  owner: z.string().describe('The namespace for which it is held, and for those that own just the same.'),
  claimant: z
    .object({
      kind: z.string().describe('Its kind.'),
      namespace: z.string().describe('Its namespace.'),
      name: z.string().describe('Its name.'),
      uid: z.string().describe('Its uid.'),
    })
    .describe('The object that asked for the hostname last.'),
  uses: z.number().int().describe('How often it has been asked for, so that every use is a change.'),
  created: z
    .object({
      uid: z.string().describe('metadata.uid of this claim.'),
      resourceVersion: z.string().describe('Its first.'),
    })
    .optional()
    .describe('Which of two overlapping claims came first; written when the claim is first changed.'),
});

/** A parsed `spec`; see {@link hostnameClaimSchema}. */
export type HostnameClaimSpec = Readonly<z.infer<typeof hostnameClaimSchema>>;

/** Kubernetes: a name is at most so long. */
const LONGEST_NAME = 253;

/**
 * The name of the claim to a hostname: for a route the hostname itself. No hostname ends in a number (it would be an address), so what does
 * is free for the others: wildcards, listeners, and the digest of what is too long.
 */
export function claimName(layer: ClaimLayer, hostname: string): string {
  const stem = isWildcard(hostname) ? hostname.slice(2) : hostname;
  const ending = { Route: ['', '.wildcard.0'], Listener: ['.listener.0', '.listener-wildcard.0'] }[layer][
    isWildcard(hostname) ? 1 : 0
  ];
  const name = `${stem}${ending ?? ''}`;
  return name.length <= LONGEST_NAME ? name : `${digest(`${layer} ${hostname}`, 64)}.0`;
}

/** Of a claim to a wildcard: which one, so that a narrower claim finds it. */
export const WILDCARD_LABEL = 'gateward.dev/wildcard';
/** The namespace for which a hostname is held. */
const OWNER_LABEL = 'gateward.dev/owner';

/** The labels by which overlapping claims are found, without a look at all that there are. */
export function claimLabels(layer: ClaimLayer, hostname: string, owner: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/managed-by': 'gateward',
    [OWNER_LABEL]: owner,
    ...(isWildcard(hostname) ? { [WILDCARD_LABEL]: wildcardDigest(layer, hostname) } : {}),
    ...Object.fromEntries(wildcardsOver(hostname).map((wildcard) => [belowLabel(layer, wildcard), ''])),
  };
}

/** Label selectors whose claims, of the same layer, may overlap with a hostname. */
export function overlapSelectors(layer: ClaimLayer, hostname: string): readonly string[] {
  const above = wildcardsOver(hostname).map((wildcard) => wildcardDigest(layer, wildcard));
  return [
    ...(above.length === 0 ? [] : [`${WILDCARD_LABEL} in (${above.join(',')})`]),
    ...(isWildcard(hostname) ? [belowLabel(layer, hostname)] : []),
  ];
}

function wildcardsOver(hostname: string): readonly string[] {
  return wildcardsAbove(hostname).filter((wildcard) => wildcard !== ANY);
}

function belowLabel(layer: ClaimLayer, wildcard: string): string {
  return `below.gateward.dev/${wildcardDigest(layer, wildcard)}`;
}

function wildcardDigest(layer: ClaimLayer, wildcard: string): string {
  return digest(`${layer} ${wildcard}`, 32);
}

/** Names may be longer than a label's value. */
function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text; undefined when one is none. */
export function certificatesIn(pem: string): readonly X509Certificate[] | undefined {
  try {
    return (pem.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

type Chain = readonly [X509Certificate, ...X509Certificate[]];

/**
 * Until when a client that trusts `bundle` takes a chain, in milliseconds since the epoch, and how long the first certificate lives in all. Of
 * a chain that nobody takes: its first end.
 */
export function validityOf(
  chain: Chain,
  bundle: readonly X509Certificate[],
  now: number,
): { readonly ends: number; readonly lives: number } {
  const [leaf] = chain;
  const anchors = bundle.filter((ca) => isValid(ca, now));
  const ends = chain.map(endOf).toSorted((a, b) => b - a);
  const last = ends.find((end) => (bundle.length === 0 ? isValid(leaf, end) : leadsTo(chain, anchors, end)));
  return { ends: last ?? Math.min(...ends), lives: endOf(leaf) - Date.parse(leaf.validFrom) };
}

/**
 * Why a client that trusts `bundle` and asks for `host` would not take a chain; undefined when it would, by any way from certificate to
 * certificate, as Go `x509.Certificate.Verify`: what else stands in a chain counts for nothing. An empty bundle trusts what the system of the
 * API server trusts, which nobody knows here: then only name and dates of the first certificate count.
 */
export function chainProblem(
  chain: Chain,
  bundle: readonly X509Certificate[],
  host: string,
  now: number,
): string | undefined {
  const [leaf] = chain;
  if (!isFor(leaf, host)) return `is for ${leaf.subjectAltName ?? 'no name'}, not for ${host}`;
  const date = dateProblem(leaf, now);
  if (date !== undefined) return date;
  const anchors = bundle.filter((ca) => isValid(ca, now));
  if (bundle.length === 0 || leadsTo(chain, anchors, now)) return undefined;
  const signers = reachedFrom(chain, () => true);
  const trusted = bundle.filter((ca) => signers.some((at) => isAnchor(ca, at)));
  const dated = trusted.length === 0 ? [] : [...trusted, ...signers];
  const [problem] = dated.flatMap((ca) => dateProblem(ca, now) ?? []);
  if (problem !== undefined) return `is signed by a CA that ${problem}`;
  const last = signers.at(-1) ?? leaf;
  return `is signed by "${last.issuer.replaceAll('\n', ', ')}", which caBundle does not hold`;
}

function endOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

function isValid(certificate: X509Certificate, at: number): boolean {
  return dateProblem(certificate, at) === undefined;
}

function dateProblem({ validFrom, validTo }: X509Certificate, at: number): string | undefined {
  if (at < Date.parse(validFrom)) return `is not valid before ${validFrom}`;
  return at > Date.parse(validTo) ? `is over since ${validTo}` : undefined;
}

function leadsTo(chain: Chain, anchors: readonly X509Certificate[], at: number): boolean {
  const reached = reachedFrom(chain, (certificate) => isValid(certificate, at));
  return reached.some((certificate) => anchors.some((ca) => isAnchor(ca, certificate)));
}

/** The first certificate and those that lead on from it, of those that may be on the way. */
function reachedFrom(
  [leaf, ...rest]: Chain,
  isOnWay: (certificate: X509Certificate) => boolean,
): readonly X509Certificate[] {
  const reached = [leaf].filter(isOnWay);
  for (const at of reached)
    reached.push(...rest.filter((ca) => !reached.includes(ca) && isOnWay(ca) && issued(ca, at)));
  return reached;
}

/** Whether a CA that is trusted is a certificate itself, or has signed it. One that was renewed with its key stands in a bundle twice. */
function isAnchor(ca: X509Certificate, of: X509Certificate): boolean {
  return ca.raw.equals(of.raw) || issued(ca, of);
}

function issued(by: X509Certificate, of: X509Certificate): boolean {
  return of.checkIssued(by) && of.verify(by.publicKey);
}

/** Whether a certificate is for a DNS name or an IP address. */
export function isFor(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
}

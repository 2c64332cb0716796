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

/** First end of validity in a chain, in milliseconds since the epoch, and how long the first certificate lives in all. */
export function validityOf([leaf, ...rest]: readonly [X509Certificate, ...X509Certificate[]]): {
  readonly ends: number;
  readonly lives: number;
} {
  const end = ({ validTo }: X509Certificate): number => Date.parse(validTo);
  return { ends: Math.min(end(leaf), ...rest.map(end)), lives: end(leaf) - Date.parse(leaf.validFrom) };
}

/**
 * Why a client that trusts `bundle` and asks for `host` would not take a chain; undefined when it would. An empty bundle trusts what the
 * system of the API server trusts, which nobody knows here: then only name and dates count.
 */
export function chainProblem(
  [leaf, ...rest]: readonly [X509Certificate, ...X509Certificate[]],
  bundle: readonly X509Certificate[],
  host: string,
  now: number,
): string | undefined {
  if (!isFor(leaf, host)) return `is for ${leaf.subjectAltName ?? 'no name'}, not for ${host}`;
  for (const { validFrom, validTo } of [leaf, ...rest]) {
    if (now < Date.parse(validFrom)) return `is not valid before ${validFrom}`;
    if (now > Date.parse(validTo)) return `is over since ${validTo}`;
  }
  if (bundle.length === 0) return undefined;
  const issued = (by: X509Certificate, of: X509Certificate): boolean => of.checkIssued(by) && of.verify(by.publicKey);
  let at = leaf;
  for (let steps = 0; steps <= rest.length; steps += 1) {
    // A CA that was renewed with its key stands there twice.
    const anchors = bundle.filter((ca) => ca.raw.equals(at.raw) || issued(ca, at));
    if (anchors.some((ca) => now >= Date.parse(ca.validFrom) && now <= Date.parse(ca.validTo))) return undefined;
    const [anchor] = anchors;
    if (anchor !== undefined) {
      return now > Date.parse(anchor.validTo)
        ? `is signed by a CA that is over since ${anchor.validTo}`
        : `is signed by a CA that is not valid before ${anchor.validFrom}`;
    }
    const next = rest.find((ca) => issued(ca, at));
    if (next === undefined) break;
    at = next;
  }
  return `is signed by "${at.issuer.replaceAll('\n', ', ')}", which caBundle does not hold`;
}

/** Whether a certificate is for a DNS name or an IP address. */
export function isFor(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
}

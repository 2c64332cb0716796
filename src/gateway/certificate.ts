import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto';
import { ANY, covers, isWildcard } from './hostname.ts';
import type { ConfigMap, Secret } from './service.ts';

/** The parts of a leaf certificate that rules read. */
export interface CertificateFacts {
  /** DNS names of the leaf, lower case; wildcards as `*.suffix`. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** What a Secret or ConfigMap holds: facts, a clause that says what is wrong with it, or nothing that can be judged. */
export type KeyMaterial =
  | { readonly ok: true; readonly facts: CertificateFacts }
  | {
      readonly ok: false;
      readonly problem: string;
      /** Only the format is wrong, and which formats serve is the implementation's to say. */
      readonly isFormatOnly?: true;
    }
  /** The content is a placeholder, as files that are kept in a repository have in place of key material. */
  | { readonly ok: 'redacted' };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----([\s\S]*?)-----END (?:RSA |EC )?PRIVATE KEY-----/;
const PLACEHOLDER = /^(?:\*+|\++|x+|<[^>]*>|\$\{[^}]*\}|stub|fake|dummy|redacted|placeholder|change-?me|replace-?me)$/i;
/** No certificate or key is so short: the body between the PEM lines is a placeholder. */
const SHORTEST_BODY = 64;

/**
 * What a `kubernetes.io/tls` Secret holds: the chain in `tls.crt` must be PEM and parse, the key in `tls.key` must be the leaf's (gw:
 * ListenerReasonInvalidCertificateRef; GatewayInvalidTLSConfiguration). Expiry and names are facts, not problems.
 */
export function tlsSecretMaterial(secret: Secret): KeyMaterial {
  if (secret.type !== 'kubernetes.io/tls') {
    return { ok: false, problem: `is of type ${secret.type ?? 'Opaque'}, not kubernetes.io/tls` };
  }
  const chain = secretText(secret, 'tls.crt');
  const key = secretText(secret, 'tls.key');
  if (chain === '') return { ok: false, problem: 'has no tls.crt' };
  if (key === '') return { ok: false, problem: 'has no tls.key' };
  const certificates = parseChain(chain);
  if (certificates === undefined) return { ok: false, problem: 'has a tls.crt that is no PEM certificate' };
  const isKeyRedacted = isPlaceholder(key, PRIVATE_KEY);
  const privateKey = isKeyRedacted ? undefined : parseKey(key);
  if (!isKeyRedacted && privateKey === undefined)
    return { ok: false, problem: 'has a tls.key that is no PEM private key' };
  if (certificates === 'redacted') return { ok: 'redacted' };
  const [leaf] = certificates;
  if (leaf === undefined) return { ok: false, problem: 'has a tls.crt that is no PEM certificate' };
  if (privateKey !== undefined && !leaf.checkPrivateKey(privateKey)) {
    return { ok: false, problem: 'has a tls.key that does not belong to the certificate in tls.crt' };
  }
  return { ok: true, facts: factsOf(leaf) };
}

/**
 * What a ConfigMap of trust anchors holds: `ca.crt` must be there; that it is PEM, implementations MAY insist on (gw: FrontendTLSValidation;
 * btp: caCertificateRefs). The facts are those of the first.
 */
export function caMaterial(object: ConfigMap): KeyMaterial {
  const text = own(object.data, 'ca.crt') ?? '';
  if (text.trim() === '') return { ok: false, problem: 'has no ca.crt' };
  const certificates = parseChain(text);
  if (certificates === 'redacted') return { ok: 'redacted' };
  const first = certificates?.[0];
  return first === undefined
    ? { ok: false, problem: 'has a ca.crt that is no PEM certificate', isFormatOnly: true }
    : { ok: true, facts: factsOf(first) };
}

/**
 * Whether a certificate can serve a listener's hostname: some name equals it, or is the wildcard for its last label but one (RFC 6125 section
 * 6.4.3: one label). A listener for any hostname needs none in particular.
 */
export function certificateCovers(facts: CertificateFacts, hostname: string): boolean {
  if (hostname === ANY || facts.names.includes(hostname)) return true;
  if (isWildcard(hostname)) return facts.names.some((name) => covers(hostname, name));
  const dot = hostname.indexOf('.');
  return dot > 0 && facts.names.includes(`*${hostname.slice(dot)}`);
}

function secretText(secret: Secret, key: string): string {
  const plain = own(secret.stringData, key);
  if (plain !== undefined) return plain;
  const encoded = own(secret.data, key);
  return encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
}

function own(data: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
}

function isPlaceholder(text: string, pem: RegExp): boolean {
  const body = pem.exec(text)?.[1];
  pem.lastIndex = 0;
  return body === undefined ? PLACEHOLDER.test(text.trim()) : body.replace(/\s/g, '').length < SHORTEST_BODY;
}

function parseChain(text: string): readonly X509Certificate[] | 'redacted' | undefined {
  if (isPlaceholder(text, CERTIFICATE)) return 'redacted';
  try {
    const blocks = text.match(CERTIFICATE) ?? [];
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:"?([^",\s]+)/g)].map(([, name = '']) =>
    name.toLowerCase(),
  );
  return { names, notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

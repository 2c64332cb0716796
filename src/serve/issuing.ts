import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type * as X509 from '@peculiar/x509';

/** From when to when, in milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** PEM texts of a certificate and of its key. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

const KEY = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Makes a CA (ECDSA P-256) that signs leaves only. */
export async function makeAuthority(name: string, validity: Validity): Promise<Issued> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates(validity),
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyText(keys.privateKey) };
}

/** Makes a server certificate for DNS names and IP addresses, signed by a CA. Rejects when the CA cannot be read. */
export async function issueLeaf(authority: Issued, hosts: readonly string[], validity: Validity): Promise<Issued> {
  const x509 = await library();
  const ca = new x509.X509Certificate(authority.cert);
  const [pkcs8] = x509.PemConverter.decode(authority.key);
  if (pkcs8 === undefined) throw new Error('the key of the CA is not PEM');
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.create({
    ...dates(validity),
    serialNumber: serialNumber(),
    subject: [{ CN: ['Gateward'] }],
    issuer: ca.subjectName,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, KEY, false, ['sign']),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(await ca.publicKey.export()),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyText(keys.privateKey) };
}

/** Imported when it is needed: a server that is given its certificate needs none of it. */
async function library(): Promise<typeof X509> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

function dates({ notBefore, notAfter }: Validity): { notBefore: Date; notAfter: Date; signingAlgorithm: typeof KEY } {
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter), signingAlgorithm: KEY };
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await library();
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** 127 random bits: positive, and never twice. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString('hex');
}

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { OperatorError } from '../errors.ts';

/** Where the serving certificate is, and how connections are made with it. */
export interface CertificateSource {
  /** PEM file: leaf first, then intermediates. */
  readonly cert: string;
  /** PEM file of the leaf's private key. */
  readonly key: string;
  /** PEM file of the CAs that sign callers' certificates. */
  readonly clientCa: string | undefined;
  readonly minVersion: SecureVersion;
}

/** A certificate that fits its key, with every TLS option: `setSecureContext` drops those it is not given again. */
export interface Credentials {
  readonly options: SecureContextOptions;
  /** End of validity of the leaf, in milliseconds since the epoch. */
  readonly expires: number;
  /** Equal as long as the files hold the same. */
  readonly content: string;
}

/**
 * Reads the files and checks that they belong together. Throws {@link OperatorError} naming the file when one cannot be read, holds no
 * certificate or key, or the key is of another certificate (half of a rotation).
 */
export async function readCredentials(source: CertificateSource): Promise<Credentials> {
  const cert = await readPem(source.cert);
  const key = await readPem(source.key);
  const ca = source.clientCa === undefined ? undefined : await readPem(source.clientCa);
  const options: SecureContextOptions = {
    cert,
    key,
    minVersion: source.minVersion,
    ...(ca === undefined ? {} : { ca }),
  };
  const leaf = attempt(source.cert, () => new X509Certificate(cert));
  const privateKey = attempt(source.key, () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new OperatorError('serve/certificate', { file: source.key, problem: `is not the key of ${source.cert}` });
  }
  if (ca !== undefined && source.clientCa !== undefined) attempt(source.clientCa, () => new X509Certificate(ca));
  attempt(source.cert, () => createSecureContext(options));
  return { options, expires: Date.parse(leaf.validTo), content: [cert, key, ca ?? ''].join('\0') };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new OperatorError('serve/certificate', { file, problem: problemOf(error) }, error);
  }
}

function attempt<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new OperatorError('serve/certificate', { file, problem: problemOf(error) }, error);
  }
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

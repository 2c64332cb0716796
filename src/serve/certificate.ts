import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { readProblem } from '../cluster/files.ts';
import { OperatorError, errorText } from '../errors.ts';
import type { Source } from './reloading.ts';

/** PEM texts of a serving certificate, leaf first, then intermediates, and of the leaf's private key; and where they are from. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  readonly from: { readonly cert: string; readonly key: string };
}

/** How connections are made, besides the serving certificate. */
export interface TlsManner {
  /** PEM file of the CAs that sign callers' certificates; undefined: callers are not asked for any. */
  readonly clientCa: string | undefined;
  readonly minVersion: SecureVersion;
}

/** A certificate that fits its key, with every TLS option: `setSecureContext` drops those it is not given again. */
export interface Credentials {
  readonly options: SecureContextOptions;
  /** The first end of validity in the serving chain, in milliseconds since the epoch. */
  readonly expires: number;
  /** The last end of validity among the CAs of callers; undefined where they are not asked. */
  readonly callersEnd: number | undefined;
}

/** A certificate and key in two files. */
export function keyPairFiles(cert: string, key: string): Source<KeyPair> {
  const load = async (): Promise<KeyPair> => ({
    cert: await readPem(cert),
    key: await readPem(key),
    from: { cert, key },
  });
  return { fingerprint: async () => contentOf(await load()), load };
}

/**
 * Credentials of a key pair. Loading rejects with {@link OperatorError} naming the file when one cannot be read, holds no certificate or key,
 * or the key is of another certificate (half of a rotation). Once there are good ones, none are taken that are not valid at the time.
 */
export function credentialsOf(pairs: Source<KeyPair>, manner: TlsManner, now: () => number): Source<Credentials> {
  const { clientCa } = manner;
  const callers = (): Promise<string> => (clientCa === undefined ? Promise.resolve('') : readPem(clientCa));
  let hasGood = false;
  /** When what was refused for being early will be good. */
  let due: number | undefined;
  return {
    fingerprint: async () => {
      const isDue = due !== undefined && now() >= due;
      return [await pairs.fingerprint(), await callers(), isDue ? 'due' : ''].join('\0');
    },
    load: async () => {
      const pair = await pairs.load();
      const { credentials, begins } = made(pair, await callers(), manner);
      due = begins > now() ? begins : undefined;
      if (hasGood && due !== undefined) throw refused(pair.from.cert, `is not valid before ${timeOf(begins)}`);
      if (hasGood && credentials.expires <= now()) {
        throw refused(pair.from.cert, `is not valid after ${timeOf(credentials.expires)}`);
      }
      hasGood = true;
      return credentials;
    },
  };
}

function made(
  { cert, key, from }: KeyPair,
  callers: string,
  { clientCa, minVersion }: TlsManner,
): { readonly credentials: Credentials; readonly begins: number } {
  const options: SecureContextOptions = { cert, key, minVersion, ...(clientCa === undefined ? {} : { ca: callers }) };
  const chain = attempt(from.cert, () => certificatesIn(cert));
  const privateKey = attempt(from.key, () => createPrivateKey(key));
  if (chain[0]?.checkPrivateKey(privateKey) !== true) throw refused(from.key, `is not the key of ${from.cert}`);
  const trusted = clientCa === undefined ? [] : attempt(clientCa, () => certificatesIn(callers));
  attempt(from.cert, () => createSecureContext(options));
  return {
    credentials: {
      options,
      expires: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
      callersEnd: trusted.length === 0 ? undefined : Math.max(...trusted.map(({ validTo }) => Date.parse(validTo))),
    },
    begins: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
  };
}

/** All certificates of a PEM text; throws when there is none, or one that cannot be read. */
function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('holds no PEM certificate');
  return blocks.map((block) => new X509Certificate(block));
}

/** Text that changes with a key pair. */
function contentOf({ cert, key }: KeyPair): string {
  return `${cert}\0${key}`;
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw refused(file, readProblem(error), error);
  }
}

function attempt<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw refused(file, errorText(error), error);
  }
}

function refused(file: string, problem: string, cause?: unknown): OperatorError {
  return new OperatorError('serve/certificate', { file, problem }, cause);
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

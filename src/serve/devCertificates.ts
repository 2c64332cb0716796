import { randomBytes } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { OperatorError, writeProblem } from '../errors.ts';
import { makeDirectory } from '../output/replaceFile.ts';
import { issueLeaf, makeAuthority } from './issuing.ts';

/** What a development certificate is for. */
export interface DevCertificateOptions {
  /** Directory for `ca.crt`, `tls.crt` and `tls.key`; made when it is not there. */
  readonly dir: string;
  /** DNS names and IP addresses by which the server is called. */
  readonly hosts: readonly string[];
  /** Validity of CA and certificate, from an hour before now. */
  readonly days: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Replace files that are there. Default: refuse. */
  readonly force?: boolean;
}

/** What was written. */
export interface DevCertificates {
  /** The CA that a caller must trust. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** End of validity in milliseconds since the epoch. */
  readonly expires: number;
}

const HOUR = 3_600_000;
/** Clients refuse leaf certificates that are valid longer (CA/Browser Forum, ballot 193). */
const MOST_DAYS = 825;
const DNS_NAME = /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;

/**
 * Makes a CA and a server certificate (ECDSA P-256) and writes them as PEM, the key for its owner only. The key of the CA is never written:
 * whoever trusts the CA trusts this one certificate. Throws {@link OperatorError} for hosts or days that make no certificate, and when a
 * file is there already.
 */
export async function makeDevCertificates(options: DevCertificateOptions): Promise<DevCertificates> {
  const { dir, hosts, days, now, force = false } = options;
  check(hosts, days);
  const files = { ca: join(dir, 'ca.crt'), cert: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
  if (!force) await refuseExisting(Object.values(files));
  const validity = { notBefore: now - HOUR, notAfter: now + days * 24 * HOUR };
  const authority = await makeAuthority('Gateward development CA', validity);
  const { cert, key } = await issueLeaf(authority, hosts, validity);
  const texts = [
    { file: files.ca, text: authority.cert, mode: 0o644 },
    { file: files.key, text: key, mode: 0o600 },
    { file: files.cert, text: cert, mode: 0o644 },
  ];
  let current = dir;
  try {
    await makeDirectory(resolve(dir));
    for (const { file, text, mode } of texts) {
      current = file;
      await replace(file, text, mode);
    }
  } catch (error) {
    throw new OperatorError('output/unwritable', { file: current, problem: writeProblem(error) }, error);
  }
  return { ...files, expires: validity.notAfter };
}

function check(hosts: readonly string[], days: number): void {
  if (hosts.length === 0) throw unusable('name at least one host');
  const wrong = hosts.find((host) => isIP(host) === 0 && !DNS_NAME.test(host));
  if (wrong !== undefined) throw unusable(`"${wrong}" is neither a DNS name nor an IP address`);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    throw unusable(`${days} is not a number of days from 1 to ${MOST_DAYS}`);
  }
}

async function refuseExisting(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists) throw unusable(`${file} is there already; --force replaces it`);
  }
}

/** Writes beside the file and renames, so that a server that watches it never reads half of it. */
async function replace(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(beside, text, { mode, flag: 'wx' });
  await rename(beside, file);
}

function unusable(problem: string, cause?: unknown): OperatorError {
  return new OperatorError('usage/invalid', { command: 'certs dev', problem }, cause);
}

/** What the command may touch of its process. */
export interface CertsIo {
  readonly stdout: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `gateward certs dev`: writes the files, says what to do with them, and gives the exit code. */
export async function runCertsDev(options: Omit<DevCertificateOptions, 'now'>, io: CertsIo): Promise<number> {
  const { ca, cert, key, expires } = await makeDevCertificates({ ...options, now: io.now() });
  io.stdout(`${ca}, ${cert} and ${key} are good for ${options.hosts.join(', ')} until ${new Date(expires).toISOString()}

  gateward serve --tls-cert '${cert}' --tls-key '${key}' …
  gateward manifests webhooks --ca '${ca}'
`);
  return 0;
}

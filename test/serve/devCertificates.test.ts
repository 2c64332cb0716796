import { X509Certificate, createPrivateKey } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/errors.ts';
import { makeDevCertificates, runCertsDev } from '../../src/serve/devCertificates.ts';

const DAY = 86_400_000;
/** Certificates hold whole seconds. */
const now = Math.floor(Date.now() / 1000) * 1000;
const root = mkdtempSync(join(tmpdir(), 'gateward-certs-'));
const hosts = ['localhost', 'gateward.gateward-system.svc', '127.0.0.1', '::1'];
let folders = 0;

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function folder(): string {
  folders += 1;
  return join(root, `${folders}`, 'certs');
}

/** Shakes hands with a server that has the files; what the client says of it. */
async function handshake(dir: string, servername: string): Promise<string> {
  const server = createServer({
    cert: readFileSync(join(dir, 'tls.crt')),
    key: readFileSync(join(dir, 'tls.key')),
    minVersion: 'TLSv1.3',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  try {
    return await new Promise<string>((resolve) => {
      const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername, ca: readFileSync(join(dir, 'ca.crt')) });
      socket.once('secureConnect', () => {
        resolve(`${socket.authorized ? 'authorized' : 'refused'} ${socket.getProtocol() ?? ''}`);
        socket.destroy();
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
    });
  } finally {
    server.close();
  }
}

describe('development certificates', () => {
  test('are a CA and a leaf that it signed, for the hosts, ECDSA P-256, with the key for its owner only', async () => {
    const dir = folder();
    const made = await makeDevCertificates({ dir, hosts, days: 30, now });
    expect(made).toEqual({
      ca: join(dir, 'ca.crt'),
      cert: join(dir, 'tls.crt'),
      key: join(dir, 'tls.key'),
      expires: now + 30 * DAY,
    });
    const ca = new X509Certificate(readFileSync(made.ca));
    const leaf = new X509Certificate(readFileSync(made.cert));
    expect({
      files: readdirSync(dir).sort(),
      keyMode: (statSync(made.key).mode & 0o777).toString(8),
      isCa: [ca.ca, leaf.ca],
      signed: [ca.checkIssued(ca), leaf.checkIssued(ca), leaf.verify(ca.publicKey), leaf.verify(leaf.publicKey)],
      fits: leaf.checkPrivateKey(createPrivateKey(readFileSync(made.key))),
      names: leaf.subjectAltName,
      usage: leaf.keyUsage,
      curve: leaf.publicKey.asymmetricKeyDetails,
      validity: [leaf, ca].map(({ validFrom, validTo }) => [Date.parse(validFrom), Date.parse(validTo)]),
    }).toEqual({
      files: ['ca.crt', 'tls.crt', 'tls.key'],
      keyMode: '600',
      isCa: [true, false],
      signed: [true, true, true, false],
      fits: true,
      names: 'DNS:localhost, DNS:gateward.gateward-system.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
      usage: ['1.3.6.1.5.5.7.3.1'],
      curve: { namedCurve: 'prime256v1' },
      validity: [
        [now - DAY / 24, now + 30 * DAY],
        [now - DAY / 24, now + 30 * DAY],
      ],
    });
  });

  test.each([
    ['localhost', 'authorized TLSv1.3'],
    ['gateward.gateward-system.svc', 'authorized TLSv1.3'],
    ['gateward.other.svc', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('are accepted by whoever trusts the CA and calls %s: %s', async (servername, answer) => {
    const dir = folder();
    await makeDevCertificates({ dir, hosts, days: 30, now });
    expect(await handshake(dir, servername)).toBe(answer);
  });

  test('of two runs do not vouch for each other', async () => {
    const [first, second] = [folder(), folder()];
    await makeDevCertificates({ dir: first, hosts, days: 30, now });
    await makeDevCertificates({ dir: second, hosts, days: 30, now });
    const of = (dir: string, file: string): X509Certificate => new X509Certificate(readFileSync(join(dir, file)));
    expect(of(first, 'tls.crt').verify(of(second, 'ca.crt').publicKey)).toBe(false);
    expect(of(first, 'tls.crt').serialNumber).not.toBe(of(second, 'tls.crt').serialNumber);
  });

  test('replace nothing unless told to, and then leave no key readable for others', async () => {
    const dir = folder();
    await makeDevCertificates({ dir, hosts, days: 30, now });
    chmodSync(join(dir, 'tls.key'), 0o644);
    rmSync(join(dir, 'ca.crt'));
    rmSync(join(dir, 'tls.crt'));
    writeFileSync(join(dir, 'tls.key'), 'mine');
    await expect(makeDevCertificates({ dir, hosts, days: 30, now })).rejects.toThrow(
      `${join(dir, 'tls.key')} is there already; --force replaces it`,
    );
    expect(readFileSync(join(dir, 'tls.key'), 'utf8')).toBe('mine');
    await makeDevCertificates({ dir, hosts, days: 30, now, force: true });
    expect((statSync(join(dir, 'tls.key')).mode & 0o777).toString(8)).toBe('600');
    expect(await handshake(dir, 'localhost')).toBe('authorized TLSv1.3');
  });

  test.each([
    ['no host', [], 30, 'name at least one host'],
    ['a host that is none', ['a b'], 30, '"a b" is neither a DNS name nor an IP address'],
    ['no day', hosts, 0, '0 is not a number of days from 1 to 825'],
    ['part of a day', hosts, 1.5, '1.5 is not a number of days from 1 to 825'],
    ['too many days', hosts, 826, '826 is not a number of days from 1 to 825'],
  ])('are refused for %s', async (_name, names, days, message) => {
    await expect(makeDevCertificates({ dir: folder(), hosts: names, days, now })).rejects.toThrow(
      new OperatorError('usage/invalid', { command: 'certs dev', problem: message }),
    );
  });

  test('cannot be written into a file', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(makeDevCertificates({ dir: file, hosts, days: 1, now })).rejects.toThrow(
      new OperatorError('output/unwritable', { file, problem: 'is a file, not a directory' }),
    );
  });

  test('cannot be written over a directory, which is named', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'ca.crt'), { recursive: true });
    await expect(makeDevCertificates({ dir, hosts, days: 1, now, force: true })).rejects.toThrow(
      new OperatorError('output/unwritable', { file: join(dir, 'ca.crt'), problem: 'is a directory' }),
    );
  });

  test.each([
    ['nowhere', 'link', 'gone', 'no such file or directory'],
    ['to itself', 'loop', 'loop', 'is a link that leads to itself'],
  ])('cannot be written into a link that leads %s', async (_name, link, target, problem) => {
    const dir = join(root, link);
    symlinkSync(target, dir);
    await expect(makeDevCertificates({ dir, hosts, days: 1, now })).rejects.toThrow(
      new OperatorError('output/unwritable', { file: dir, problem }),
    );
  });

  test.skipIf(!existsSync('/proc/self'))('cannot be written where no directory can be made', async () => {
    const dir = '/proc/none/certs';
    await expect(makeDevCertificates({ dir, hosts, days: 1, now })).rejects.toThrow(
      new OperatorError('output/unwritable', { file: dir, problem: 'no such file or directory' }),
    );
  });
});

test('gateward certs dev says what it wrote and what to do with it', async () => {
  const dir = folder();
  let said = '';
  const code = await runCertsDev(
    { dir, hosts: ['localhost', '*.example.com'], days: 1 },
    { stdout: (text) => (said += text), now: () => now },
  );
  expect({ code, said }).toEqual({
    code: 0,
    said: `${dir}/ca.crt, ${dir}/tls.crt and ${dir}/tls.key are good for localhost, *.example.com until ${new Date(now + DAY).toISOString()}

  gateward serve --tls-cert '${dir}/tls.crt' --tls-key '${dir}/tls.key' …
  gateward manifests webhooks --ca '${dir}/ca.crt'
`,
  });
});

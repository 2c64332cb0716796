import { request as httpsRequest, Agent, type RequestOptions } from 'node:https';
import { connect } from 'node:tls';
import { existsSync, mkdirSync, mkdtempSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReviewAnswer } from '../../src/admission/index.ts';
import { configDocuments, loadPolicies } from '../../src/config/index.ts';
import { Callers } from '../../src/serve/callers.ts';
import { credentialsOf, keyPairFiles, type TlsManner } from '../../src/serve/certificate.ts';
import { LIMITS } from '../../src/serve/gate.ts';
import { judgeDocument } from '../../src/serve/documents.ts';
import { fileState } from '../../src/serve/fileState.ts';
import { policyFiles } from '../../src/serve/policyFiles.ts';
import { startServer, type RunningServer, type ServerParts } from '../../src/serve/server.ts';
import { temporaryFolder, testCa, writeFile, type TestCa } from '../support/certificates.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { memoryLog, series, type LoggedLines } from '../support/serving.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const DENY = 'apiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: strict }\nspec: { action: Deny }\n';
const review = JSON.stringify(reviewOf('CREATE', httpRoute('forbidden.example.com')));

interface Started extends LoggedLines {
  readonly server: RunningServer;
  readonly ca: TestCa;
  readonly folder: string;
}

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

function files(
  cert: string,
  key: string,
  manner: Partial<TlsManner> = {},
  now = () => Date.now(),
): ServerParts['certificate'] {
  return credentialsOf(keyPairFiles(cert, key), { clientCa: undefined, minVersion: 'TLSv1.3', ...manner }, now);
}

async function start(
  changes: Partial<ServerParts> = {},
  prepare?: (folder: string, ca: TestCa) => Promise<Partial<ServerParts>>,
): Promise<Started> {
  const ca = await testCa();
  const folder = temporaryFolder();
  const { cert, key } = await ca.issue('first');
  writeFile(folder, 'policy.yaml', DENY);
  const memory = memoryLog();
  const now = () => Date.now();
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    metricsPort: 0,
    certificate: files(writeFile(folder, 'tls.crt', cert), writeFile(folder, 'tls.key', key), {}, now),
    own: undefined,
    callers: undefined,
    policies: policyFiles([`${folder}/policy.yaml`], [toyPolicy], now),
    judgeDocument: (body) => judgeDocument(body, [toyPolicy], now()),
    openState: () => fileState(temporaryFolder(), memory.log),
    limits: LIMITS,
    drain: { atLeast: 0, quiet: 0, atMost: 2000 },
    pollEvery: 20,
    log: memory.log,
    now,
    ...changes,
    ...(await prepare?.(folder, ca)),
  });
  running.push(server);
  return { ...memory, server, ca, folder };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function call(port: number, options: RequestOptions, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        method: 'POST',
        path: '/validate',
        headers: { 'content-type': 'application/json' },
        ...options,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function isAllowed(port: number, ca: string): Promise<boolean> {
  const { text } = await call(port, { ca }, review);
  const parsed = JSON.parse(text) as ReviewAnswer;
  return parsed.response.allowed;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await what()) return;
    await pause(20);
  }
  throw new Error('did not come to pass');
}

/** The name of the certificate and the protocol that a handshake ends with, or why it failed. */
function handshake(port: number, options: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...options }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      resolve(`${String(CN)} ${socket.getProtocol() ?? ''} ${String(socket.alpnProtocol)}`);
      socket.destroy();
    });
    socket.on('error', (error: Error) => {
      resolve(error.message.includes('alert') || error.message.includes('protocol') ? 'refused' : error.message);
    });
  });
}

/** Everything that is said on a connection after some text, until it closes. */
function talk(port: number, ca: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      socket.write(text);
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('close', () => {
      resolve(received);
    });
    socket.on('error', () => {
      resolve(received);
    });
  });
}

/** Puts a pair where a kubelet would: in a folder of its own, to which `..data` is switched by a rename. */
function mountSecret(folder: string, { cert, key }: { readonly cert: string; readonly key: string }): void {
  const mount = join(folder, 'mount');
  mkdirSync(mount, { recursive: true });
  const data = mkdtempSync(`${mount}/..2026_`);
  writeFile(data, 'tls.crt', cert);
  writeFile(data, 'tls.key', key);
  symlinkSync(basename(data), join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  for (const name of ['tls.crt', 'tls.key']) {
    if (!existsSync(join(mount, name))) symlinkSync(join('..data', name), join(mount, name));
  }
}

describe('a server over TLS', () => {
  it('denies and answers metrics on a port of their own', async () => {
    const { server, ca } = await start();
    expect(await isAllowed(server.port, ca.pem)).toBe(false);
    const metrics = await fetch(`http://127.0.0.1:${server.metricsPort ?? 0}/metrics`);
    expect(await metrics.text()).toContain('gateward_policy_info{policy="toy",document="strict",action="Deny"} 1');
    expect((await fetch(`http://127.0.0.1:${server.metricsPort ?? 0}/validate`)).status).toBe(404);
  });

  it('A7 speaks TLS 1.3 and HTTP/1.1 only, whatever is asked for', async () => {
    const { server, ca } = await start();
    const offers = [
      {},
      { ALPNProtocols: ['h2', 'http/1.1'] },
      { maxVersion: 'TLSv1.2' },
      { servername: 'elsewhere.example.com', checkServerIdentity: () => undefined },
    ];
    const results = [];
    for (const offer of offers) results.push(await handshake(server.port, { ca: ca.pem, ...offer }));
    expect(results).toEqual(['first TLSv1.3 false', 'first TLSv1.3 http/1.1', 'refused', 'first TLSv1.3 false']);
  });

  it('A7 speaks TLS 1.2 where the operator says so', async () => {
    const { server, ca } = await start({}, (folder) =>
      Promise.resolve({
        certificate: files(`${folder}/tls.crt`, `${folder}/tls.key`, { minVersion: 'TLSv1.2' }),
      }),
    );
    expect(await handshake(server.port, { ca: ca.pem, maxVersion: 'TLSv1.2' })).toBe('first TLSv1.2 false');
    expect(await handshake(server.port, { ca: ca.pem, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' })).not.toContain(
      'first',
    );
  });

  it('F4 A7 takes a new pair when both files fit, keeps the old one while they do not, and keeps every TLS option', async () => {
    const { server, ca, folder, lines } = await start();
    const second = await ca.issue('second');
    writeFile(folder, 'tls.crt', second.cert);
    await until(() => lines.some((line) => line['msg'] === 'not reloaded: the last good one stays'));
    expect(await handshake(server.port, { ca: ca.pem })).toBe('first TLSv1.3 false');
    writeFile(folder, 'tls.key', second.key);
    await until(async () => (await handshake(server.port, { ca: ca.pem })) === 'second TLSv1.3 false');
    expect(await handshake(server.port, { ca: ca.pem, maxVersion: 'TLSv1.2' })).toBe('refused');
    const third = await ca.issue('third', 20);
    writeFile(folder, 'tls.crt', third.cert);
    writeFile(folder, 'tls.key', third.key);
    await until(async () => (await handshake(server.port, { ca: ca.pem })) === 'third TLSv1.3 false');
    const expiry = await series(server.metrics, 'gateward_certificate_expiry_timestamp_seconds{certificate="serving"}');
    expect(expiry).toBeGreaterThan(Date.now() / 1000 + 19 * 86_400);
  });

  it('F7 is not ready when the certificate is about to end', async () => {
    const { server, ca } = await start({ now: () => Date.now() + 7 * 86_400_000 - 60_000 });
    const { status, text } = await call(server.port, { ca: ca.pem, method: 'GET', path: '/readyz' });
    expect([status, text]).toEqual([503, 'the certificate ends within 5 minutes\n']);
  });

  it('A1 takes reviews only with a client certificate of the client CA and an allowed name, still so after a rotation, while probes need none', async () => {
    const callers = await testCa('callers');
    const { server, ca, folder } = await start({}, (at) =>
      Promise.resolve({
        certificate: files(`${at}/tls.crt`, `${at}/tls.key`, { clientCa: writeFile(at, 'callers.crt', callers.pem) }),
        callers: new Callers(['kube-apiserver']),
      }),
    );
    const statuses = async (): Promise<readonly number[]> => {
      const known = await callers.issue('kube-apiserver');
      const foreign = await ca.issue('someone');
      const results = [];
      const another = await callers.issue('kube-apiserver-2');
      const forged = await ca.issue('kube-apiserver');
      for (const identity of [{}, foreign, forged, another, known]) {
        results.push((await call(server.port, { ca: ca.pem, agent: new Agent(identity), ...identity }, review)).status);
      }
      results.push((await call(server.port, { ca: ca.pem, method: 'GET', path: '/readyz' })).status);
      return results;
    };
    expect(await statuses()).toEqual([401, 401, 401, 401, 200, 200]);
    expect(await series(server.metrics, 'gateward_admission_shed_total{reason="unauthenticated"}')).toBe(4);
    const second = await ca.issue('second');
    writeFile(folder, 'tls.crt', second.cert);
    writeFile(folder, 'tls.key', second.key);
    await until(async () => (await handshake(server.port, { ca: ca.pem })).startsWith('second'));
    expect(await statuses()).toEqual([401, 401, 401, 401, 200, 200]);
  });

  it('A1 takes another client CA when its file changes: who was known is a stranger then', async () => {
    const before = await testCa('callers');
    const after = await testCa('other callers');
    const { server, ca, folder } = await start({}, (at) =>
      Promise.resolve({
        certificate: files(`${at}/tls.crt`, `${at}/tls.key`, { clientCa: writeFile(at, 'callers.crt', before.pem) }),
        callers: new Callers([]),
      }),
    );
    const [old, young] = [await before.issue('old'), await after.issue('young')];
    const statuses = async (): Promise<string> => {
      const replies = [];
      for (const identity of [old, young]) {
        replies.push(await call(server.port, { ca: ca.pem, agent: new Agent(identity), ...identity }, review));
      }
      return replies.map(({ status }) => status).join(' ');
    };
    expect(await statuses()).toBe('200 401');
    writeFile(folder, 'callers.crt', after.pem);
    await until(async () => (await statuses()) === '401 200');
  });

  it('A1 refuses a stranger at the head of the request: nothing of the body is waited for', async () => {
    const callers = await testCa('callers');
    const { server, ca } = await start({}, (at) =>
      Promise.resolve({
        certificate: files(`${at}/tls.crt`, `${at}/tls.key`, { clientCa: writeFile(at, 'callers.crt', callers.pem) }),
        callers: new Callers([]),
      }),
    );
    const head =
      'POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n';
    const received = await talk(server.port, ca.pem, head);
    expect(received.split('\r\n').filter((line) => /^HTTP|^connection/i.test(line))).toEqual([
      'HTTP/1.1 401 Unauthorized',
      'connection: close',
    ]);
  });

  it.each(['/validate', '/documents'])('A6 answers others while a stranger is slow with a body: %s', async (path) => {
    const { server, ca } = await start({ limits: { ...LIMITS, inFlightBytes: LIMITS.bodyBytes } });
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    const stranger = connect({ host: '127.0.0.1', servername: 'localhost', port: server.port, ca: ca.pem }, () => {
      stranger.write(`${head}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`);
    });
    let said = '';
    stranger.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.includes('100 Continue'));
    expect(await isAllowed(server.port, ca.pem)).toBe(false);
    await until(() => said.includes('bytes\n'));
    // What is cut off while it sends may not see the answer.
    stranger.write('0\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => said.includes('ok\n'));
    expect(said.split(/\r?\n/).filter((line) => /^(?:HTTP|retry)/.test(line))).toEqual([
      'HTTP/1.1 100 Continue',
      'HTTP/1.1 503 Service Unavailable',
      'retry-after: 1',
      'HTTP/1.1 200 OK',
    ]);
    expect(await series(server.metrics, 'gateward_admission_requests_total')).toBe(1);
    stranger.destroy();
  });

  it('A6 answers others while a stranger does not read its answers', async () => {
    const { server, ca } = await start({ limits: { ...LIMITS, inFlightReviews: 1 } });
    const name = 'n'.repeat(4_000_000);
    const body = JSON.stringify(reviewOf('CREATE', { ...httpRoute('a.example.com', { name }), spec: [] }));
    const stranger = connect({ host: '127.0.0.1', servername: 'localhost', port: server.port, ca: ca.pem });
    // Those that have been sent when the connection is cut go nowhere.
    stranger.on('error', () => undefined).pause();
    const isTurnedAway = async (): Promise<boolean> => (await call(server.port, { ca: ca.pem }, review)).status === 503;
    const judged = (): Promise<number> => series(server.metrics, 'gateward_admission_requests_total');
    await until(async () => {
      const before = await judged();
      stranger.write(
        `POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await until(async () => (await judged()) > before);
      return isTurnedAway();
    });
    await until(async () => !(await isTurnedAway()));
    stranger.destroy();
  });

  it('F4 sees every swap of ..data in a mounted Secret', async () => {
    const { server, ca, folder } = await start({}, async (at, issuer) => {
      mountSecret(at, await issuer.issue('mounted-0'));
      return { certificate: files(`${at}/mount/tls.crt`, `${at}/mount/tls.key`) };
    });
    for (const name of ['mounted-1', 'mounted-2', 'mounted-3']) {
      mountSecret(folder, await ca.issue(name));
      await until(async () => (await handshake(server.port, { ca: ca.pem })) === `${name} TLSv1.3 false`);
    }
  });

  it('F7 keeps a good certificate until the next one is valid, and instead of one that is over', async () => {
    let ahead = 0;
    const now = () => Date.now() + ahead;
    const { server, ca, folder, lines } = await start({ now }, (at) =>
      Promise.resolve({ certificate: files(`${at}/tls.crt`, `${at}/tls.key`, {}, now) }),
    );
    const refusals = () => lines.filter((line) => line['level'] === 40).length;
    const put = ({ cert, key }: { readonly cert: string; readonly key: string }): void => {
      writeFile(folder, 'tls.crt', cert);
      writeFile(folder, 'tls.key', key);
    };
    put(await ca.issue('over', -0.5));
    await until(() => refusals() > 0);
    expect(await handshake(server.port, { ca: ca.pem })).toBe('first TLSv1.3 false');
    const HOUR = 3_600_000;
    put(await ca.issue('early', 7, HOUR));
    await until(() => lines.some((line) => String(line['problem']).includes('is not valid before')));
    expect(await handshake(server.port, { ca: ca.pem })).toBe('first TLSv1.3 false');
    ahead = HOUR;
    // By the clock of this test's client it is not valid yet.
    const lenient = { ca: ca.pem, rejectUnauthorized: false };
    await until(async () => (await handshake(server.port, lenient)) === 'early TLSv1.3 false');
  });

  it('A55 puts changed documents in force, and keeps the last good ones when they are broken, empty or gone', async () => {
    const { server, ca, folder, lines } = await start();
    const refusals = () => lines.filter((line) => line['level'] === 40).length;
    for (const broken of ['spec: [', DENY.replace('Deny', 'Denyy'), '', '# nothing\n']) {
      const before = refusals();
      writeFile(folder, 'policy.yaml', broken);
      await until(() => refusals() > before);
      expect(await isAllowed(server.port, ca.pem)).toBe(false);
    }
    const ready = await call(server.port, { ca: ca.pem, method: 'GET', path: '/readyz' });
    expect([ready.status, ready.text.split('\n')[1]]).toEqual([
      200,
      `policies not reloaded: no policy documents in ${folder}/policy.yaml`,
    ]);
    writeFile(folder, 'policy.yaml', DENY.replace('Deny', 'Warn'));
    await until(() => isAllowed(server.port, ca.pem));
    expect(await series(server.metrics, 'gateward_config_reload_total{result="success"}')).toBe(1);
    expect(await series(server.metrics, 'gateward_config_reload_total{result="failure"}')).toBe(4);
  });

  it('tells what is passed over among the documents', async () => {
    const loaded = loadPolicies(configDocuments('policy.yaml', DENY).documents, [toyPolicy], 0);
    const warnings = [{ origin: 'chart/templates', at: undefined, path: '', message: 'is passed over' }];
    const { lines } = await start({
      policies: { fingerprint: () => Promise.resolve(''), load: () => Promise.resolve({ ...loaded, warnings }) },
    });
    expect(lines.filter(({ level }) => level === 40)).toMatchObject([
      { msg: 'noticed in the policy documents', problem: 'chart/templates: is passed over' },
    ]);
  });

  it('A55 judges by the first documents as soon as it is ready, however long the state is looked at', async () => {
    let text = '';
    const { server, ca } = await start({
      policies: {
        fingerprint: () => Promise.resolve(text),
        load: () => Promise.resolve(loadPolicies(configDocuments('policy.yaml', text).documents, [toyPolicy], 0)),
      },
      openState: async () => ({
        ...(await fileState(temporaryFolder(), memoryLog().log)),
        check: () => (text === '' ? Promise.resolve() : new Promise(() => undefined)),
      }),
    });
    const ready = async () => (await call(server.port, { ca: ca.pem, method: 'GET', path: '/readyz' })).status;
    expect(await ready()).toBe(503);
    text = DENY;
    await until(async () => (await ready()) === 200);
    expect(await isAllowed(server.port, ca.pem)).toBe(false);
  });

  it('F1 goes on serving while it drains, closing each connection, then ends', async () => {
    const { server, ca } = await start({ drain: { atLeast: 300, quiet: 100, atMost: 5000 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await call(server.port, { ca: ca.pem, agent }, review);
    const stopped = server.stop();
    const draining = await call(server.port, { ca: ca.pem, agent }, review);
    const ready = await call(server.port, { ca: ca.pem, method: 'GET', path: '/readyz' });
    expect([draining.status, draining.headers['connection'], ready.status]).toEqual([200, 'close', 503]);
    await stopped;
    await expect(call(server.port, { ca: ca.pem }, review)).rejects.toThrow('ECONNREFUSED');
  });

  it('A11 answers each pipelined request once, and refuses smuggled lengths', async () => {
    const { server, ca } = await start();
    const head = 'Host: localhost\r\nContent-Type: application/json\r\n';
    const smuggled = `POST /validate HTTP/1.1\r\n${head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`;
    const piped = `GET /livez HTTP/1.1\r\n${head}\r\nGET /livez HTTP/1.1\r\n${head}Connection: close\r\n\r\n`;
    expect((await talk(server.port, ca.pem, smuggled)).split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
    expect((await talk(server.port, ca.pem, piped)).match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  });
});

describe('a server that cannot start', () => {
  const says = async (
    changes: Partial<ServerParts>,
    prepare?: (folder: string, ca: TestCa) => Promise<Partial<ServerParts>>,
  ): Promise<string> => {
    try {
      await start(changes, prepare);
      return 'started';
    } catch (error) {
      return error instanceof Error ? error.message.replaceAll(/\S*gateward-test-\w+/g, 'FOLDER') : 'no error';
    }
  };

  it('names the file that is at fault', async () => {
    const withCertificate =
      (change: (folder: string, ca: TestCa) => Promise<unknown>) => async (folder: string, ca: TestCa) => {
        await change(folder, ca);
        return {};
      };
    expect([
      await says(
        {},
        withCertificate((folder) => Promise.resolve(writeFile(folder, 'tls.crt', 'none'))),
      ),
      await says(
        {},
        withCertificate(async (folder, ca) => writeFile(folder, 'tls.key', (await ca.issue('x')).key)),
      ),
      await says(
        {},
        withCertificate((folder) => Promise.resolve(writeFile(folder, 'policy.yaml', DENY.replace('action', 'acton')))),
      ),
      await says(
        {},
        withCertificate((folder) => Promise.resolve(writeFile(folder, 'policy.yaml', '---\n'))),
      ),
    ]).toEqual([
      expect.stringMatching(/^FOLDER\/tls.crt: /),
      'FOLDER/tls.key: is not the key of FOLDER/tls.crt',
      'FOLDER/policy.yaml:4:9: spec.acton: unknown field; did you mean "action"?',
      'no policy documents in FOLDER/policy.yaml',
    ]);
  });

  it('says which address is taken', async () => {
    const { server } = await start();
    expect(await says({ port: server.port })).toMatch(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

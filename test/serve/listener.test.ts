import { Agent, request, type Server } from 'node:https';
import { connect as connectPlain, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, it, vi } from 'vitest';
import type { AppParts } from '../../src/serve/app.ts';
import { credentialsOf, keyPairFiles, type Credentials } from '../../src/serve/certificate.ts';
import { Gate, LIMITS } from '../../src/serve/gate.ts';
import { createListener } from '../../src/serve/listener.ts';
import { temporaryFolder, testCa, writeFile, type TestCa } from '../support/certificates.ts';
import { testApp } from '../support/serving.ts';

const HOUR = 3_600_000;

async function credentialsFrom(ca: TestCa): Promise<Credentials> {
  const folder = temporaryFolder();
  const { cert, key } = await ca.issue('first');
  const manner = { clientCa: undefined, minVersion: 'TLSv1.3' } as const;
  const files = keyPairFiles(writeFile(folder, 'tls.crt', cert), writeFile(folder, 'tls.key', key));
  return credentialsOf(files, manner, Date.now).load();
}

async function listener(ca: TestCa, age: number): Promise<Server> {
  return createListener(await credentialsFrom(ca), (_request, response) => void response.end('ok'), age);
}

/** Has it listen on a free port, and gives that. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

it('A6 F1 bounds head, body and number of connections, and keeps idle ones for longer than the API server does', async () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = await listener(await testCa(), HOUR);
  expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 120_000,
    maxConnections: 4096,
  });
});

it('A6 closes connections that nobody uses once there is no room for others', async () => {
  const ca = await testCa();
  const server = await listener(ca, HOUR);
  server.maxConnections = 2;
  const port = await listen(server);
  const agents: Agent[] = [];
  const ask = (): Promise<number | string> =>
    new Promise((resolve) => {
      const agent = new Agent({ keepAlive: true });
      agents.push(agent);
      request({ host: '127.0.0.1', servername: 'localhost', port, ca: ca.pem, agent }, (response) => {
        response.resume().on('end', () => {
          resolve(response.statusCode ?? 0);
        });
      })
        .on('error', () => {
          resolve('dropped');
        })
        .end();
    });
  const answers = [await ask(), await ask(), await ask()];
  expect(answers).toEqual([200, 200, 'dropped']);
  await vi.waitFor(async () => {
    expect(await ask()).toBe(200);
  });
  for (const agent of agents) agent.destroy();
  server.close();
});

it('A6 answers what has come over a kept connection at the moment when there was no room for another', async () => {
  const ca = await testCa();
  const server = await listener(ca, HOUR);
  server.maxConnections = 1;
  const port = await listen(server);
  const kept = connect({ host: '127.0.0.1', servername: 'localhost', port, ca: ca.pem });
  const answers = vi.fn();
  kept.on('data', answers);
  const lost = vi.fn();
  kept.on('error', lost);
  const asking = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  kept.write(asking);
  await vi.waitFor(() => {
    expect(answers).toHaveBeenCalledTimes(1);
  });
  // Both are with the server before it looks again, that without room first.
  const other = connectPlain({ host: '127.0.0.1', port }).on('error', () => undefined);
  await new Promise<void>((resolve) => {
    process.nextTick(() => {
      process.nextTick(resolve);
    });
  });
  kept.write(asking);
  await vi.waitFor(() => {
    expect(kept.closed).toBe(true);
  });
  expect([answers.mock.calls.length, lost.mock.calls]).toEqual([2, []]);
  other.destroy();
  server.close();
});

it.each([
  // age of a connection in milliseconds, connection header of two answers, whether the second came over the connection of the first
  [HOUR, ['keep-alive', 'keep-alive'], true],
  [0, ['close', 'close'], false],
])('F1 uses a connection for %d ms at least, and ends it with an answer', async (age, expected, isOne) => {
  const ca = await testCa();
  const server = await listener(ca, age);
  const port = await listen(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<readonly [string | undefined, boolean]> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', servername: 'localhost', port, ca: ca.pem, agent }, (response) => {
        response.resume().on('end', () => {
          resolve([response.headers.connection, asked.reusedSocket]);
        });
      });
      asked.on('error', reject).end();
    });
  const [first, second] = [await ask(), await ask()];
  agent.destroy();
  server.close();
  expect([[first[0], second[0]], second[1]]).toEqual([expected, isOne]);
});

it('A6 F1 ends no old connection before the body that comes over it is whole', async () => {
  const ca = await testCa();
  const gate = new Gate({ ...LIMITS, inFlightBytes: 10 });
  const credentials = await credentialsFrom(ca);
  const { app } = testApp({}, { gate, serverFactory: (handler) => createListener(credentials, handler, 0) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const caller = connect({ host: '127.0.0.1', servername: 'localhost', port, ca: ca.pem });
  let said = '';
  caller.on('data', (chunk: Buffer) => (said += chunk.toString()));
  caller.write('POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n');
  await vi.waitFor(() => {
    expect(said).toContain('bytes\n');
  });
  caller.write(`${' '.repeat(100)}GET /livez HTTP/1.1\r\nHost: a\r\n\r\n`);
  await vi.waitFor(() => {
    expect(caller.closed).toBe(true);
  });
  expect(said.split(/\r?\n/).filter((line) => /^(?:HTTP|connection)/i.test(line))).toEqual([
    'HTTP/1.1 503 Service Unavailable',
    'HTTP/1.1 200 OK',
    'connection: close',
  ]);
  await app.close();
});

it.each<readonly [string, Partial<AppParts>]>([
  ['not ready', { waitingFor: () => ['HTTPRoute not listed'] }],
  ['draining and full', { isDraining: () => true, gate: new Gate({ ...LIMITS, inFlightBytes: 10 }) }],
])(
  'P22 asks for a review to come again when its body is whole, and ends the connection, while %s',
  async (_, parts) => {
    const ca = await testCa();
    const credentials = await credentialsFrom(ca);
    const { app } = testApp({}, { ...parts, serverFactory: (handler) => createListener(credentials, handler, HOUR) });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const caller = connect({ host: '127.0.0.1', servername: 'localhost', port, ca: ca.pem });
    let said = '';
    caller.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const length = 4_000_000;
    caller.write(
      `POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
    );
    caller.write(' '.repeat(length - 1));
    await pause(200);
    expect([said, caller.closed]).toEqual(['', false]);
    caller.write(' ');
    await vi.waitFor(() => {
      expect(caller.closed).toBe(true);
    });
    expect(said.split(/\r?\n/).filter((line) => /^(?:HTTP|connection|retry)/i.test(line))).toEqual([
      'HTTP/1.1 503 Service Unavailable',
      'retry-after: 1',
      'connection: close',
    ]);
    await app.close();
  },
);

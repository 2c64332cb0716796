import { createServer, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { delimiter } from 'node:path';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connectCluster, connection } from '../../src/cluster/liveConnection.ts';
import { readJson } from '../../src/cluster/liveList.ts';
import { testCa } from '../support/certificates.ts';
import { folderOf } from '../support/checkRun.ts';
import { tcpProxy } from '../support/tcpProxy.ts';

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://localhost:1' } }]
contexts: [{ name: a, context: { cluster: c, user: u } }, { name: b, context: { cluster: d, user: u } }]
users: [{ name: u, user: {} }]
`;

test.each([
  ['no current context', KUBECONFIG, undefined, 'has no current context: name one with --context'],
  [
    'an empty current context',
    `${KUBECONFIG}current-context: ''\n`,
    undefined,
    'has no current context: name one with --context',
  ],
  ['no such context', KUBECONFIG, 'x', 'has no context "x"'],
  ['no such cluster', KUBECONFIG, 'b', 'has no cluster "d", which context "b" names'],
  ['no YAML', 'a: [b\n', undefined, 'deficient indentation (2:1)'],
])('a kubeconfig with %s is told in one line', async (_what, text, context, problem) => {
  using folder = folderOf({ kubeconfig: text });
  const kubeconfig = `${folder.path}/kubeconfig`;
  await expect(connectCluster({ kubeconfig, context })).rejects.toThrow(
    expect.objectContaining({ code: 'cluster/unreachable', message: `${kubeconfig}: ${problem}` }),
  );
});

test.each([
  ['fails', ['-c', 'echo "no session" >&2; echo "log in again" >&2; exit 1'], 'no session log in again'],
  ['writes no JSON', ['-c', 'echo no; echo yes'], `Unexpected token 'o', "no yes " is not valid JSON`],
])('a plugin for the login that %s is told in one line', async (_what, args, problem) => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args, interactiveMode: 'Never' };
  using folder = folderOf({ kubeconfig: KUBECONFIG.replace('user: {}', `user: ${JSON.stringify({ exec })}`) });
  const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
  await expect(api.get('/api', AbortSignal.timeout(10_000), 10_000)).rejects.toThrow(
    expect.objectContaining({ message: `what the kubeconfig names for the login cannot be used: ${problem}` }),
  );
  await api.close();
});

test('a plugin for the login that does not end holds nobody longer than there is time', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sleep',
    args: ['5'],
    interactiveMode: 'Never',
  };
  using folder = folderOf({ kubeconfig: KUBECONFIG.replace('user: {}', `user: ${JSON.stringify({ exec })}`) });
  const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
  await expect(api.get('/api', AbortSignal.timeout(100), 10_000)).rejects.toThrow(
    'the login that the kubeconfig names has not come to an end',
  );
  await api.close();
});

test('a kubeconfig whose context is there leads to its cluster', async () => {
  using folder = folderOf({ kubeconfig: KUBECONFIG });
  const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
  expect(api.server).toBe('https://localhost:1');
  await api.close();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('of several kubeconfigs', () => {
  const second = (cluster: string): string => `apiVersion: v1
kind: Config
clusters: [{ name: ${cluster}, cluster: { server: 'https://localhost:2' } }]
contexts: [{ name: e, context: { cluster: ${cluster}, user: u } }]
users: [{ name: u, user: {} }]
current-context: e
`;
  test.each([
    ['the first current context counts', [`${KUBECONFIG}current-context: a\n`, second('f')], 1],
    ['a later one where the first has none', [KUBECONFIG, second('f')], 2],
    ['the first cluster of a name', [KUBECONFIG, second('c')], 1],
    ['one that is not there is passed over', [undefined, second('c')], 2],
  ])('%s', async (_what, texts, port) => {
    using folder = folderOf(
      Object.fromEntries(texts.flatMap((text, at) => (text === undefined ? [] : [[`${at}`, text]]))),
    );
    vi.stubEnv('KUBECONFIG', texts.map((_text, at) => `${folder.path}/${at}`).join(delimiter));
    const api = await connectCluster({ kubeconfig: undefined, context: undefined });
    expect(api.server).toBe(`https://localhost:${port}`);
    await api.close();
  });

  test('one that cannot be read is named', async () => {
    using folder = folderOf({ a: KUBECONFIG, b: 'a: [b\n' });
    vi.stubEnv('KUBECONFIG', `${folder.path}/a${delimiter}${folder.path}/b`);
    await expect(connectCluster({ kubeconfig: undefined, context: 'a' })).rejects.toThrow(
      expect.objectContaining({ message: `${folder.path}/b: deficient indentation (2:1)` }),
    );
  });
});

test('the token of a file is read each time, and goes before one in the kubeconfig', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const text = KUBECONFIG.replace('https://localhost:1', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    .replace("server: '", "insecure-skip-tls-verify: true, server: '")
    .replace('user: {}', 'user: { token: old, tokenFile: secrets/token }');
  using folder = folderOf({ kubeconfig: text, 'secrets/token': 'first\n' });
  const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
  const ask = async (): Promise<void> => {
    const { body } = await api.get('/api', AbortSignal.timeout(10_000), 10_000);
    await body.dump();
  };
  await ask();
  writeFileSync(`${folder.path}/secrets/token`, 'second\n');
  await ask();
  rmSync(`${folder.path}/secrets/token`);
  await expect(ask()).rejects.toThrow(/^what the kubeconfig names for the login cannot be used: ENOENT: /);
  expect(seen).toEqual(['Bearer first', 'Bearer second']);
  await api.close();
  server.close();
});

test('asks by HTTP/1.1 and connects for each request that stays open, also where HTTP/2 is offered', async () => {
  const ca = await testCa();
  const ports = new Set<number | undefined>();
  const server = createSecureServer(
    { ...(await ca.issue('api server')), allowHTTP1: true },
    ({ httpVersion, socket, url }, response) => {
      ports.add(socket.remotePort);
      response.writeHead(200).write(JSON.stringify({ httpVersion }));
      if (url !== '/watch') response.end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = connection(url, () => Promise.resolve({ headers: {}, tls: { ca: ca.pem }, proxy: undefined }));
  const { signal } = new AbortController();
  const watch = await api.get('/watch', signal, 1000);
  expect(watch.status).toBe(200);
  expect(await readJson(await api.get('/one?a=b', signal, 1000), '/one')).toEqual({ httpVersion: '1.1' });
  await nextTurn();
  expect(await readJson(await api.get('/two', signal, 1000), '/two')).toEqual({ httpVersion: '1.1' });
  expect(ports.size).toBe(2);
  await api.close();
  server.close();
});

test('asks by HTTP/1.1 through a proxy too, below the path that a server stands under', async () => {
  const ca = await testCa();
  const server = createSecureServer(
    { ...(await ca.issue('api server')), allowHTTP1: true },
    ({ httpVersion, url }, response) => response.end(JSON.stringify({ httpVersion, url })),
  );
  const tunnels: (string | undefined)[] = [];
  const proxy = createServer().on('connect', ({ url }, near: Duplex) => {
    tunnels.push(url);
    const far = connect(Number(url?.split(':')[1]), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(near).pipe(far);
    });
  });
  for (const one of [server, proxy]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const [host, by] = [server, proxy].map((one) => `127.0.0.1:${(one.address() as AddressInfo).port}`);
  const api = connection(`https://${host ?? ''}/clusters/c-1/`, () =>
    Promise.resolve({ headers: {}, tls: { ca: ca.pem }, proxy: `http://${by ?? ''}` }),
  );
  const { signal } = new AbortController();
  expect(await readJson(await api.get('/api/v1/services?limit=1', signal, 1000), '/')).toEqual({
    httpVersion: '1.1',
    url: '/clusters/c-1/api/v1/services?limit=1',
  });
  expect(tunnels).toEqual([host]);
  await api.close();
  server.close();
  proxy.close();
});

test('asks by the proxy of the environment, unless the kubeconfig names one', async () => {
  const tunnels: string[] = [];
  const proxies = ['first', 'second'].map((name) =>
    createServer().on('connect', ({ url }, near: Duplex) => {
      tunnels.push(`${name} ${url ?? ''}`);
      near.end('HTTP/1.1 502 No\r\n\r\n');
    }),
  );
  for (const one of proxies) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const [first, second] = proxies.map((one) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`);
  vi.stubEnv('HTTPS_PROXY', first);
  const own = KUBECONFIG.replace('localhost:1', 'api.example.com:6443');
  for (const text of [own, own.replace('server:', `proxy-url: '${second ?? ''}', server:`)]) {
    using folder = folderOf({ kubeconfig: text });
    const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
    await expect(api.get('/api', AbortSignal.timeout(10_000), 10_000)).rejects.toThrow('502');
    await api.close();
  }
  expect(tunnels).toEqual(['first api.example.com:6443', 'second api.example.com:6443']);
  for (const one of proxies) one.close();
});

test('tells of a proxy that cannot be used', async () => {
  vi.stubEnv('HTTPS_PROXY', 'ftp://user:secret@proxy');
  using folder = folderOf({ kubeconfig: KUBECONFIG.replace('localhost:1', 'api.example.com:6443') });
  const api = await connectCluster({ kubeconfig: `${folder.path}/kubeconfig`, context: 'a' });
  await expect(api.get('/api', AbortSignal.timeout(10_000), 10_000)).rejects.toThrow(
    'the proxy that kubeconfig or environment name cannot be used: invalid url',
  );
  await api.close();
});

test('has 256 connections at most; what is beyond waits', async () => {
  const held: ServerResponse[] = [];
  let [sockets, most] = [0, 0];
  const server = createServer((_request, response) => {
    held.push(response);
    if (most === 256) for (const one of held.splice(0)) one.end('{}');
  }).on('connection', (socket) => {
    sockets += 1;
    most = Math.max(most, sockets);
    socket.on('close', () => (sockets -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = connection(url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  const { signal } = new AbortController();
  const ask = async (): Promise<unknown> => readJson(await api.get('/', signal, 10_000), '/');
  expect(await Promise.all(Array.from({ length: 300 }, ask))).toEqual(Array.from({ length: 300 }, () => ({})));
  expect(most).toBe(256);
  await api.close();
  server.close();
});

test('asks once more over a new connection when those that were idle have died silently', async () => {
  let connections = 0;
  const server = createServer(({ url }, response) => {
    if (url === '/watch') response.writeHead(200).write('{');
    else if (url !== '/silent') response.end('{}');
  }).on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = await tcpProxy((server.address() as AddressInfo).port);
  const api = connection(`http://127.0.0.1:${wire.port}`, () =>
    Promise.resolve({ headers: {}, tls: {}, proxy: undefined }),
  );
  const { signal } = new AbortController();
  const read = async (path: string, patience?: number): Promise<unknown> => {
    const value = await readJson(await api.get(path, signal, 10_000, patience), path);
    await nextTurn();
    return value;
  };
  expect(await Promise.all(['/1', '/2', '/3', '/4'].map((path) => read(path)))).toEqual([{}, {}, {}, {}]);
  wire.lose();
  expect(await Promise.all(['/5', '/6'].map((path) => read(path, 100)))).toEqual([{}, {}]);
  expect(await Promise.all(['/7', '/8', '/9'].map((path) => read(path)))).toEqual([{}, {}, {}]);
  expect(connections).toBe(7);
  const watch = await api.get('/watch', signal, 60_000);
  await expect(api.get('/silent', signal, 100, 100)).rejects.toThrow('Headers Timeout Error');
  expect(watch.body.destroyed).toBe(false);
  await api.close();
  await wire.close();
  server.close();
});

test('ends once, also for who asks afterwards with renewed credentials', async () => {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let cert = 'old';
  const api = connection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () =>
    Promise.resolve({ headers: {}, tls: { cert }, proxy: undefined }),
  );
  const { signal } = new AbortController();
  expect(await readJson(await api.get('/', signal, 1000), '/')).toEqual({});
  await api.close();
  cert = 'new';
  expect(await readJson(await api.get('/', signal, 1000), '/')).toEqual({});
  await nextTurn();
  await api.close();
  server.close();
});

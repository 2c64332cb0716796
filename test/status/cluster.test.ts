import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runClusterStatus, type ClusterStatusOptions } from '../../src/status/index.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { testIo, type TestIo } from '../support/io.ts';
import { httpRoute } from '../support/review.ts';

const execute = promisify(execFile);
const ROUTES = '/apis/gateway.networking.k8s.io/v1/httproutes';
const INGRESSES = '/apis/networking.k8s.io/v1/ingresses';
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'old', namespace: 'team' } };

let fake: FakeApiServer;
let options: ClusterStatusOptions;
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve(ROUTES);
  fake.serve(INGRESSES);
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'gateward-status-')), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server: fake.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'fake', user: { token: 't' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const all = { classes: [], controllers: [], namespace: undefined, context: undefined };
  options = { ...all, kubeconfig, output: 'json', watch: false };
});
afterEach(() => fake.close());

/** A process whose clock goes on by a second with every look at it. */
function hastyIo(isTerminal: boolean): TestIo {
  let now = 0;
  return testIo({
    isTTY: { stdin: false, stdout: false, stderr: isTerminal },
    now: () => (now += 1000),
  });
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5000; tries += 1) {
    if (what()) return;
    await pause(10);
  }
  throw new Error('did not come to pass');
}

const ingressesIn = (line: string | undefined): unknown => {
  const document: unknown = JSON.parse(line ?? 'null');
  return typeof document === 'object' && document !== null && 'ingresses' in document ? document.ingresses : undefined;
};

describe('a look at a cluster', () => {
  test('says on a terminal how far it is, and takes that away', async () => {
    for (const name of ['a', 'b']) fake.put(ROUTES, httpRoute('a.example.com', { name }));
    const io = hastyIo(true);
    expect(await runClusterStatus(options, io, new AbortController().signal)).toBe(0);
    expect(io.err()).toBe('\r\u{1b}[Kreading HTTPRoute: 1\r\u{1b}[Kreading HTTPRoute: 2\r\u{1b}[K');
  });

  test('says nothing of it elsewhere', async () => {
    fake.put(ROUTES, httpRoute('a.example.com'));
    const io = hastyIo(false);
    expect(await runClusterStatus(options, io, new AbortController().signal)).toBe(0);
    expect(io.err()).toBe('');
  });

  test('leaves out what is in other namespaces when it is told to, not for a setting', async () => {
    fake.put(INGRESSES, { ...ingress, spec: { rules: [{ host: 'a.example.com' }] } });
    const main = join(import.meta.dirname, '../../src/main.ts');
    const env = { PATH: process.env['PATH'], GATEWARD_NAMESPACE: 'other' };
    const left = async (...more: readonly string[]): Promise<unknown> => {
      const words = [main, 'status', '--cluster', '--kubeconfig', options.kubeconfig ?? '', '-o', 'json', ...more];
      return ingressesIn((await execute(process.execPath, words, { env })).stdout);
    };
    expect(await left()).toEqual([expect.objectContaining({ namespace: 'team', count: 1 })]);
    expect(await left('-n', 'other')).toEqual([]);
  });

  test('draws what is predicted', async () => {
    fake.put(ROUTES, httpRoute('a.example.com'));
    const io = hastyIo(false);
    expect(await runClusterStatus({ ...options, output: 'mermaid' }, io, new AbortController().signal)).toBe(0);
    expect(io.out()).toContain('team-shop');
  });

  test('draws nothing that is watched', async () => {
    const watched = runClusterStatus({ ...options, output: 'svg', watch: true }, hastyIo(false), AbortSignal.abort());
    await expect(watched).rejects.toMatchObject({ code: 'usage/invalid', exitCode: 2 });
  });

  test('asks for no Secret that nobody names', async () => {
    await runClusterStatus(options, hastyIo(false), new AbortController().signal);
    expect(fake.asked.filter((path) => /secrets|configmaps/.test(path))).toEqual([]);
  });
});

test('a watch tells of an outage, keeps what it showed, and goes on', async () => {
  const lines: string[] = [];
  const io: TestIo = {
    ...hastyIo(false),
    stdout: (text) => {
      // From the first table on: before anything is followed.
      if (lines.push(text) === 1) fake.fault = status(500);
    },
  };
  const stop = new AbortController();
  const watching = runClusterStatus({ ...options, watch: true }, io, stop.signal);
  await until(() => io.err().includes('warning: not current: GatewayClass not listed yet'));
  fake.put(INGRESSES, ingress);
  expect(lines).toHaveLength(1);
  fake.fault = undefined;
  await until(() => lines.length === 2);
  stop.abort();
  expect(await watching).toBe(0);
  expect(lines.map(ingressesIn)).toEqual([[], [{ namespace: 'team', count: 1, hostnames: [] }]]);
});

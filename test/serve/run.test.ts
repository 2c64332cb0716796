import dns from 'node:dns';
import { isIP } from 'node:net';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import type { ReviewAnswer } from '../../src/admission/index.ts';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { runServe, type ServeOptions } from '../../src/serve/run.ts';
import { temporaryFolder, writeFile } from '../support/certificates.ts';
import { fakeApiServer } from '../support/fakeApiServer.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const options: ServeOptions = {
  demo: false,
  policies: [],
  policiesFromCluster: false,
  state: undefined,
  kubeconfig: undefined,
  context: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  tlsSelfManaged: false,
  tlsSecret: 'gateward-ca',
  tlsHosts: [],
  clientCa: undefined,
  clientNames: [],
  tlsMinVersion: '1.3',
  host: '127.0.0.1',
  port: 0,
  metricsPort: undefined,
  staleAfter: undefined,
  serveStale: false,
  shutdownDelay: 0,
  maxInFlight: 1024,
  claimGrace: undefined,
  canary: undefined,
  canaryEvery: undefined,
  logLevel: 'silent',
};

interface Run {
  readonly stdout: () => string;
  readonly stop: () => Promise<number>;
}

async function run(changes: Partial<ServeOptions>, policies = POLICIES): Promise<Run> {
  let text = '';
  const stop = new AbortController();
  const io = { stdout: (more: string) => void (text += more), log: 2, now: Date.now, signal: stop.signal };
  const ended = runServe({ ...options, ...changes }, policies, io);
  const started = (async () => {
    while (text === '') await pause(10);
  })();
  await Promise.race([started, ended]);
  return {
    stdout: () => text,
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

function post(port: number, ca: string, body: string): Promise<ReviewAnswer['response']> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        method: 'POST',
        path: '/validate',
        ca,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(text));
          else resolve((JSON.parse(text) as ReviewAnswer).response);
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const portIn = (text: string): number => Number(/https:\/\/localhost:(\d+)/.exec(text)?.[1]);

describe('gateward serve', () => {
  it('--demo greets with a command that is denied for a good reason, and leaves nothing behind', async () => {
    const demo = await run({ demo: true });
    const [, ca = '', review = ''] = /--cacert '([^']+)' .* --data-binary '@([^']+)'/.exec(demo.stdout()) ?? [];
    const { allowed, status } = await post(
      portIn(demo.stdout()),
      readFileSync(ca, 'utf8'),
      readFileSync(review, 'utf8'),
    );
    expect([allowed, status?.message]).toEqual([
      false,
      expect.stringMatching(
        /^hostname-ownership\/not-owned: spec\.hostnames\[0\] "pay\.example\.com" belongs to namespace team-pay/,
      ),
    ]);
    expect([await demo.stop(), existsSync(dirname(ca))]).toEqual([0, false]);
  });

  it('judges by the state of a directory, and takes its changes unless they are broken', async () => {
    const folder = temporaryFolder();
    const { ca, cert, key } = await makeDevCertificates({
      dir: folder,
      hosts: ['localhost'],
      days: 1,
      now: Date.now(),
    });
    mkdirSync(join(folder, 'state'));
    const labelled = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: team-shop, labels: { team: shop } }\n';
    const service =
      '---\napiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: team-shop }\nspec: { ports: [{ port: 80 }] }\n';
    writeFile(join(folder, 'state'), 'all.yaml', labelled + service);
    const document =
      'apiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: strict }\nspec: { action: Deny }\n';
    const server = await run(
      {
        policies: [writeFile(folder, 'policy.yaml', document)],
        state: join(folder, 'state'),
        tlsCert: cert,
        tlsKey: key,
      },
      [toyPolicy],
    );
    const isAllowed = async (): Promise<boolean> => {
      const body = JSON.stringify(reviewOf('CREATE', httpRoute('label.example.com')));
      return (await post(portIn(server.stdout()), readFileSync(ca, 'utf8'), body)).allowed;
    };
    expect(await isAllowed()).toBe(true);
    writeFile(join(folder, 'state'), 'all.yaml', labelled + service.slice(0, -12));
    await pause(2500);
    expect(await isAllowed()).toBe(true);
    writeFile(join(folder, 'state'), 'all.yaml', labelled);
    while (await isAllowed()) await pause(50);
    expect(await server.stop()).toBe(0);
  });

  const refused: readonly (readonly [string, Partial<ServeOptions>, string])[] = [
    ['no documents', {}, 'give --policies or --policies-from-cluster'],
    [
      'documents from both places',
      { policies: ['x'], policiesFromCluster: true },
      'give --policies or --policies-from-cluster, not both',
    ],
    [
      'documents of a cluster that is a directory',
      { policiesFromCluster: true, state: 'x' },
      '--policies-from-cluster needs a cluster, not --state',
    ],
    [
      'two ways to a certificate',
      { policies: ['policies'], tlsSelfManaged: true, tlsCert: 'tls.crt' },
      '--tls-self-managed goes with none of --demo, --tls-cert and --tls-key',
    ],
    [
      'names of callers without their CA',
      { policies: ['policies'], clientNames: ['kube-apiserver'] },
      '--client-name needs --client-ca',
    ],
    [
      'a canary without a cluster',
      { policies: ['policies'], tlsCert: 'x', tlsKey: 'x', state: 'x', canary: 'canary' },
      '--canary needs a cluster, not --state',
    ],
    [
      'the pace of no canary',
      { policies: ['policies'], tlsCert: 'x', tlsKey: 'x', canaryEvery: 60 },
      '--canary-every needs --canary',
    ],
    ['no certificate', { policies: ['policies'] }, 'give both --tls-cert and --tls-key, or --tls-self-managed'],
    [
      'a file that is not there',
      { policies: ['policies'], tlsCert: 'none.crt', tlsKey: 'none.key' },
      'none.crt: no such file or directory',
    ],
  ];
  it.each(refused)('is refused in one line: %s', async (_name, changes, message) => {
    await expect(run(changes)).rejects.toThrow(message);
  });
});

describe('the namespace of the canary', () => {
  it.each([
    ['the one that Gateward runs in', 'edge', 'edge'],
    ['kube-system', 'kube-system', 'edge'],
  ])('is not %s, about which nobody is asked', async (_what, canary, own) => {
    const folder = temporaryFolder();
    const kubeconfig = writeFile(folder, 'kubeconfig', kubeconfigFor('https://127.0.0.1:1', own));
    const { cert, key } = await makeDevCertificates({ dir: folder, hosts: ['localhost'], days: 1, now: Date.now() });
    await expect(run({ policiesFromCluster: true, kubeconfig, tlsCert: cert, tlsKey: key, canary })).rejects.toThrow(
      `--canary ${canary}: Gateward is not asked about this namespace`,
    );
  });
});

it('documents of a cluster are known to be old as soon as its objects are', async () => {
  const fake = await fakeApiServer();
  for (const collection of ['/api/v1/namespaces', '/apis/gateward.dev/v1alpha1/toies']) fake.serve(collection);
  const folder = temporaryFolder();
  const { cert, key } = await makeDevCertificates({ dir: folder, hosts: ['localhost'], days: 1, now: Date.now() });
  const kubeconfig = writeFile(folder, 'kubeconfig', kubeconfigFor(fake.url));
  const server = await run({ policiesFromCluster: true, kubeconfig, tlsCert: cert, tlsKey: key, staleAfter: 10 }, [
    toyPolicy,
  ]);
  const watches = (): ReadonlyMap<string, string> =>
    new Map(
      fake.asked.flatMap((asked) => {
        const [, plural = '', seconds] = /(\w+)\?watch=1.*&timeoutSeconds=(\d+)/.exec(asked) ?? [];
        return seconds === undefined ? [] : [[plural, seconds]];
      }),
    );
  await expect.poll(() => watches().size, { timeout: 30_000 }).toBe(2);
  expect(await server.stop()).toBe(0);
  await fake.close();
  // What is asked to end after so long gives a sign of life in time.
  expect(Object.fromEntries(watches())).toEqual({ namespaces: '7', toies: '7' });
});

describe('the network that a server needs', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['F18 of an API server that is reached by its address, no name is asked for', '127.0.0.1', []],
    ['an API server that is reached by its name is the only one', 'localhost', ['localhost']],
  ])('%s', async (_what, host, expected) => {
    const fake = await fakeApiServer();
    for (const collection of ['/api/v1/namespaces', '/api/v1/services']) fake.serve(collection);
    fake.put('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'team-shop', labels: { team: 'shop' } },
    });
    fake.put('/api/v1/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'team-shop' },
      spec: { ports: [{ port: 80 }] },
    });
    const lookup = vi.spyOn(dns, 'lookup');
    const folder = temporaryFolder();
    const { ca, cert, key } = await makeDevCertificates({
      dir: folder,
      hosts: ['localhost'],
      days: 1,
      now: Date.now(),
    });
    const server = await run(
      {
        policies: [
          writeFile(
            folder,
            'policy.yaml',
            'apiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: strict }\nspec: { action: Deny }\n',
          ),
        ],
        kubeconfig: writeFile(folder, 'kubeconfig', kubeconfigFor(fake.url.replace('127.0.0.1', host))),
        tlsCert: cert,
        tlsKey: key,
      },
      [toyPolicy],
    );
    const body = JSON.stringify(reviewOf('CREATE', httpRoute('label.example.com')));
    const judged = async (): Promise<boolean> =>
      post(portIn(server.stdout()), readFileSync(ca, 'utf8'), body).then(
        ({ allowed }) => allowed,
        () => false, // not ready yet
      );
    await expect.poll(judged, { timeout: 30_000 }).toBe(true);
    expect(await server.stop()).toBe(0);
    await fake.close();
    const names = lookup.mock.calls.map(([name]) => name).filter((name) => isIP(name) === 0);
    expect([...new Set(names)]).toEqual(expected);
  });
});

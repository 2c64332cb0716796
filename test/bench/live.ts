/**
 * `npm run bench:live [-- --routes=N]`: the live view as `gateward serve` has it: how long until it is ready, how much memory it takes, how long
 * it holds the event loop, and what 5,000 events a second do to the latency of reviews. The API server is a fake in another process.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import type { Storm } from './apiServer.ts';
import type { Visit, Visited } from './load.ts';
import { benchReviews } from './reviews.ts';
import { owners } from './world.ts';

const ROUTES = Number(process.argv.find((word) => word.startsWith('--routes='))?.slice('--routes='.length) ?? 100_000);
/** How long reviews are sent, in milliseconds, without and with events. */
const VISIT = 10_000;
const RATE = 5000;
/** So few that reviews wait for the server and not for each other. */
const CONNECTIONS = 2;

/** As deploy/base/deployment.yaml has it. */
const AS_DEPLOYED = { NODE_OPTIONS: '--max-old-space-size=384 --max-semi-space-size=8', MALLOC_ARENA_MAX: '1' };

const folder = mkdtempSync(join(tmpdir(), 'gateward-bench-'));
const children: ChildProcess[] = [];
const root = join(import.meta.dirname, '../..');

function start(file: string, args: readonly string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, file), [...args]);
  children.push(child);
  return child;
}

async function ask<T>(child: ChildProcess, message?: object): Promise<T> {
  const answer = once(child, 'message');
  if (message !== undefined) child.send(message);
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the benchmark ended');
  });
  const [value] = (await Promise.race([answer, ended])) as [T];
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function get(url: string, ca?: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const outgoing = (ca === undefined ? plain : request)(url, ca === undefined ? {} : { ca }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    outgoing.on('error', () => {
      resolve({ status: 0, text: '' });
    });
    outgoing.end();
  });
}

/** Peak and present resident memory of a process, in MiB. */
function memory(pid: number | undefined): { readonly peak: number; readonly now: number } {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  const of = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { peak: of('VmHWM'), now: of('VmRSS') };
}

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  });
}

async function main(): Promise<void> {
  const { ca, cert, key } = await makeDevCertificates({ dir: folder, hosts: ['localhost'], days: 1, now: Date.now() });
  const trusted = readFileSync(ca, 'utf8');
  const policies = readFileSync(join(root, 'policies/restricted.yaml'), 'utf8');
  const documents = policies.replace(/^ {2}owners: \[\].*$/m, `  owners:\n${owners().join('\n')}`);
  writeFileSync(join(folder, 'policies.yaml'), documents);
  const api = start('apiServer.ts', [String(ROUTES)]);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig(await ask<string>(api)));
  const [port, metricsPort] = [await freePort(), await freePort()];
  const flags = {
    policies: join(folder, 'policies.yaml'),
    kubeconfig: join(folder, 'kubeconfig'),
    'tls-cert': cert,
    'tls-key': key,
    host: '127.0.0.1',
    port: String(port),
    'metrics-port': String(metricsPort),
    'shutdown-delay': '0',
    'log-level': 'warn',
  };
  const started = performance.now();
  const server = spawn(
    process.execPath,
    [join(root, 'src/main.ts'), 'serve', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...AS_DEPLOYED } },
  );
  children.push(server);
  let listening: number | undefined;
  for (;;) {
    const { status } = await get(`https://localhost:${port}/readyz`, trusted);
    if (status !== 0) listening ??= performance.now();
    if (status === 200) break;
    await pause(50);
  }
  const ready = performance.now();
  const metric = async (name: string): Promise<number> => {
    const { text } = await get(`http://127.0.0.1:${metricsPort}/metrics`);
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? 0,
    );
  };
  const longestBlock = async (): Promise<string> =>
    `${((await metric('nodejs_eventloop_lag_max_seconds')) * 1000).toFixed(0)} ms`;
  const filling = await longestBlock();
  const filled = memory(server.pid);
  print(`Node ${process.version}, ${ROUTES.toLocaleString('en')} routes`);
  print(
    `ready after          ${((ready - started) / 1000).toFixed(1)} s (${((ready - (listening ?? ready)) / 1000).toFixed(1)} s after it listened)`,
  );
  print(`resident memory      ${filled.now.toFixed(0)} MiB, peak ${filled.peak.toFixed(0)} MiB`);
  print(`longest block        ${filling} since the start`);

  const load = start('load.ts', []);
  const visit: Visit = {
    port,
    ca: trusted,
    bodies: benchReviews(8 * 1024),
    connections: CONNECTIONS,
    milliseconds: VISIT,
  };
  await ask<Visited>(load, visit);
  const idle = await ask<Visited>(load, visit);
  const storm: Storm = { rate: RATE, seconds: VISIT / 1000 };
  const objects = 'gateward_snapshot_objects{kind="HTTPRoute"}';
  const before = await metric(objects);
  const raised = ask<number>(api, storm);
  await longestBlock();
  const busy = await ask<Visited>(load, visit);
  const events = await raised;
  const over = performance.now();
  const block = await longestBlock();
  while ((await metric(objects)) <= before) await pause(10);
  const show = ({ p50, p99, answers, seconds }: Visited): string =>
    `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${Math.round(answers / seconds)} reviews/s`;
  print(`reviews, idle        ${show(idle)}`);
  print(
    `reviews, ${Math.round(events / storm.seconds)} events/s  ${show(busy)}; p99 ${(busy.p99 / idle.p99).toFixed(2)} of idle`,
  );
  print(`last event seen      ${(performance.now() - over).toFixed(0)} ms after the storm; longest block ${block}`);
  print(
    `resident memory      ${memory(server.pid).now.toFixed(0)} MiB, peak ${memory(server.pid).peak.toFixed(0)} MiB`,
  );
}

try {
  await main();
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

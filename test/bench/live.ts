/**
 * `npm run bench:live [-- --routes=N]`: the live view as the built `gateward serve` has it: how long until it is ready, how much memory it
 * takes, how long it holds the event loop, and what 5,000 events a second and a full audit do to the latency of reviews. The API server is a
 * fake in another process, and so is a bare server that answers the same reviews and sees no event: what a storm does to its latency, the
 * machine does.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildProgram } from '../../scripts/build.ts';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { freePort } from '../e2e/cluster.ts';
import { ask } from './ask.ts';
import type { Visit, Visited } from './load.ts';
import type { Listening } from './server.ts';
import { quantile } from './quantile.ts';
import { benchReviews } from './reviews.ts';
import { owners } from './world.ts';

const ROUTES = Number(process.argv.find((word) => word.startsWith('--routes='))?.slice('--routes='.length) ?? 100_000);
/** The servers are visited in turn, so often without and so often with events, for so many milliseconds each time; odd, so that one is in the middle. */
const ROUNDS = 7;
const VISIT = 2000;
/** While all is audited, for a shorter time: it may be over soon. */
const SHORT_VISIT = 500;
/** How often the progress of the audit is asked for, in milliseconds: to tell all metrics holds the event loop for two of them. */
const ASK_EVERY = 500;
const EVENTS_PER_SECOND = 5000;
/** So few, and over so many connections, that reviews wait for the server and not for each other. */
const REVIEWS_PER_SECOND = 400;
const CONNECTIONS = 8;

/** As deploy/base/deployment.yaml has it, where nothing can be written. */
const AS_DEPLOYED = {
  NODE_OPTIONS: '--max-old-space-size=384 --max-semi-space-size=8',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  NODE_DISABLE_COMPILE_CACHE: '1',
};

const folder = mkdtempSync(join(tmpdir(), 'gateward-bench-'));
const children: ChildProcess[] = [];
const root = join(import.meta.dirname, '../..');
const BUILT = join(root, '.cache/bench-live');

function start(file: string, args: readonly string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, file), [...args], { execArgv: ['--conditions=source', '--expose-gc'] });
  children.push(child);
  return child;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
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

function kubeconfig(server: string, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  });
}

async function main(): Promise<void> {
  const { ca, cert, key } = await makeDevCertificates({
    dir: folder,
    hosts: ['localhost', '127.0.0.1'],
    days: 1,
    now: Date.now(),
  });
  const trusted = readFileSync(ca, 'utf8');
  const policies = readFileSync(join(root, 'policies/restricted.yaml'), 'utf8');
  const documents = policies.replace(/^ {2}owners: \[\].*$/m, `  owners:\n${owners().join('\n')}`);
  writeFileSync(join(folder, 'policies.yaml'), documents);
  const api = start('apiServer.ts', [String(ROUTES), key, cert]);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig(await ask<string>(api), ca));
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
  await buildProgram(BUILT);
  const started = performance.now();
  const server = spawn(
    process.execPath,
    [join(BUILT, 'bin.cjs'), 'serve', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...AS_DEPLOYED },
    },
  );
  children.push(server);
  /** The longest block in seconds that was told since it was asked for; whoever reads the metrics ends what they tell of. */
  let longest = 0;
  const read = async (): Promise<string> => {
    const { text } = await get(`http://127.0.0.1:${metricsPort}/metrics`);
    longest = Math.max(longest, valueOf(text, 'nodejs_eventloop_lag_max_seconds'));
    return text;
  };
  const metric = async (name: string): Promise<number> => valueOf(await read(), name);
  const longestBlock = async (): Promise<string> => {
    await read();
    const milliseconds = longest * 1000;
    longest = 0;
    return `${milliseconds.toFixed(0)} ms`;
  };
  /** How many reviews the server has answered within each of its buckets, in seconds. */
  const answered = async (): Promise<ReadonlyMap<number, number>> => {
    const text = await read();
    const within = new Map<number, number>();
    for (const [, le = '', count = ''] of text.matchAll(
      /^gateward_admission_duration_seconds_bucket{.*le="([^"]+)".*} (\d+)$/gm,
    )) {
      const bound = le === '+Inf' ? Infinity : Number(le);
      within.set(bound, (within.get(bound) ?? 0) + Number(count));
    }
    return within;
  };
  const isAt = async (wanted: (status: number) => boolean): Promise<number> => {
    while (!wanted((await get(`https://localhost:${port}/readyz`, trusted)).status)) await pause(20);
    return performance.now() - started;
  };
  const listening = await isAt((status) => status !== 0);
  const starting = await longestBlock();
  const ready = await isAt((status) => status === 200);
  const filling = await longestBlock();
  const filled = memory(server.pid);
  print(`Node ${process.version}, ${ROUTES.toLocaleString('en')} routes`);
  print(
    `ready after          ${(ready / 1000).toFixed(1)} s, of which ${(listening / 1000).toFixed(1)} s until it listened; ${cpuSeconds(server.pid).toFixed(1)} s of processor`,
  );
  print(`resident memory      ${filled.now.toFixed(0)} MiB, peak ${filled.peak.toFixed(0)} MiB`);
  print(`longest block        ${filling} while it filled, ${starting} before it listened`);

  const load = start('load.ts', []);
  const bare = start('server.ts', ['bare', key, cert]);
  const ports = { ours: port, bare: (await ask<Listening>(bare)).port };
  const visit = {
    ca: trusted,
    bodies: benchReviews(8 * 1024),
    connections: CONNECTIONS,
    milliseconds: VISIT,
    rate: REVIEWS_PER_SECOND,
  };
  const visited = async (name: 'ours' | 'bare', milliseconds = VISIT): Promise<Visited> => {
    const came = await ask<Visited>(load, { ...visit, milliseconds, port: ports[name] } satisfies Visit);
    if (came.refused > 0) throw new Error(`${name}: ${came.refused} reviews refused`);
    return came;
  };
  const rounds = async (count: number): Promise<Visits> => {
    const visits: Visits = { ours: [], bare: [] };
    for (let round = 0; round < count; round += 1) {
      for (const name of ['ours', 'bare'] as const) visits[name].push(await visited(name));
    }
    return visits;
  };
  await rounds(2);
  const idle = await rounds(ROUNDS);
  const audited = (): Promise<number> => metric('gateward_audited_objects');
  api.send({ leases: true });
  while ((await audited()) === 0) await pause(10);
  const sweeping = performance.now();
  const beforeSweep = cpuSeconds(server.pid);
  await longestBlock();
  let sweptAt = sweeping;
  const isSweeping = (): boolean => performance.now() - sweptAt < 3 * ASK_EVERY;
  const sweep = (async () => {
    for (let last = 0; isSweeping();) {
      const now = await audited();
      if (now !== last) sweptAt = performance.now();
      last = now;
      await pause(ASK_EVERY);
    }
  })();
  const short: { readonly name: 'ours' | 'bare'; readonly over: number; readonly came: Visited }[] = [];
  while (isSweeping()) {
    for (const name of ['ours', 'bare'] as const) {
      short.push({ name, came: await visited(name, SHORT_VISIT), over: performance.now() });
    }
  }
  await sweep;
  const whileSweeping = (wanted: 'ours' | 'bare'): Visited[] =>
    short.filter(({ name, over }) => name === wanted && over <= sweptAt).map(({ came }) => came);
  const during: Visits = { ours: whileSweeping('ours'), bare: whileSweeping('bare') };
  const audit = `${((sweptAt - sweeping) / 1000).toFixed(1)} s, ${(cpuSeconds(server.pid) - beforeSweep).toFixed(1)} s of processor`;
  const [objects, auditBlock] = [await audited(), await longestBlock()];
  const seconds = (2 * ROUNDS * VISIT) / 1000;
  await ask<number>(api, { events: EVENTS_PER_SECOND * seconds });
  const routes = 'gateward_snapshot_objects{kind="HTTPRoute"}';
  const before = await metric(routes);
  await longestBlock();
  const used = cpuSeconds(server.pid);
  const usedByApi = cpuSeconds(api.pid);
  const mainBefore = mainThread(server.pid);
  const raised = ask<number>(api, { rate: EVENTS_PER_SECOND });
  const calm = await answered();
  const busy = await rounds(ROUNDS);
  const own = ninetyNine(calm, await answered());
  const events = await raised;
  const over = performance.now();
  const block = await longestBlock();
  while ((await metric(routes)) <= before) await pause(10);
  print(
    `                     ours p50, p99            bare p50, p99            of all reviews, and the middle visit's p99`,
  );
  for (const [name, { ours, bare: others }] of [
    ['idle', idle],
    ['audited', during],
    ['in a storm', busy],
  ] as const) {
    print(`reviews, ${name.padEnd(12)}${show(ours)}    ${show(others)}    ${middle(ours).toFixed(2)} ms`);
  }
  const times = (some: Visits, p99: (visits: readonly Visited[]) => number): string =>
    (['ours', 'bare'] as const).map((name) => (p99(some[name]) / p99(idle[name])).toFixed(2)).join(' of idle, bare ');
  const p99 = (visits: readonly Visited[]): number => latencyOf(visits).p99;
  print(`p99 in the audit     ${times(during, p99)}`);
  print(`p99 in the storm     ${times(busy, p99)}; of the middle visit ${times(busy, middle)}`);
  print(`full audit           ${audit}; ${objects} objects; longest block ${auditBlock}`);
  print(
    `storm                ${Math.round(events / seconds)} events/s; longest block ${block}; last event seen ${(performance.now() - over).toFixed(0)} ms after`,
  );
  print(`by its own clock     99 % of the reviews in the storm within ${own * 1000} ms`);
  const main = mainThread(server.pid);
  print(
    `processor            ${(cpuSeconds(server.pid) - used).toFixed(1)} s in the storm of ${seconds} s; ${(cpuSeconds(api.pid) - usedByApi).toFixed(1)} s of the API server`,
  );
  print(
    `main thread          had one for ${(main.ran - mainBefore.ran).toFixed(1)} s of them, and waited for one ${(main.waited - mainBefore.waited).toFixed(1)} s`,
  );
  print(
    `resident memory      ${memory(server.pid).now.toFixed(0)} MiB, peak ${memory(server.pid).peak.toFixed(0)} MiB`,
  );
}

/** The value of a metric without labels; 0 where there is none. */
function valueOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** The bucket within which 99 % were answered in between. */
function ninetyNine(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  const since = (le: number): number => (after.get(le) ?? 0) - (before.get(le) ?? 0);
  const buckets = [...after.keys()].sort((a, b) => a - b);
  return buckets.find((le) => since(le) >= 0.99 * since(Infinity)) ?? Infinity;
}

/** What came of visits to the servers. */
type Visits = Readonly<Record<'ours' | 'bare', Visited[]>>;

/** Latencies in milliseconds. */
type Latency = Pick<Visited, 'p50' | 'p99'>;

/** Of all reviews of some visits: what is rare and long counts as often as it is met. */
function latencyOf(visits: readonly Visited[]): Latency {
  const all = visits.flatMap(({ latencies }) => latencies);
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
}

/** The p99 of the visit in the middle: what is rare and long, as a full collection of the heap, is met by one of them. */
function middle(visits: readonly Visited[]): number {
  return quantile(
    visits.map(({ p99 }) => p99),
    0.5,
  );
}

function show(visits: readonly Visited[]): string {
  const { p50, p99 } = latencyOf(visits);
  return `${p50.toFixed(2)} ms, ${p99.toFixed(2)} ms`.padEnd(22);
}

/** Processor time that a process has used. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** For how many seconds the first thread of a process has had a processor, and for how many it could have used one that others had. */
function mainThread(pid: number | undefined): { readonly ran: number; readonly waited: number } {
  const [ran, waited] = readFileSync(`/proc/${pid ?? 0}/schedstat`, 'utf8')
    .split(' ')
    .map(Number);
  return { ran: (ran ?? 0) / 1e9, waited: (waited ?? 0) / 1e9 };
}

try {
  await main();
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

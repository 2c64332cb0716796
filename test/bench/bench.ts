/**
 * `npm run bench [-- --quick] [--kinds=KIND,…]`: throughput of `/validate` against a bare `node:https` server that only parses the body and allows, and with
 * 100, 10,000 and 100,000 routes in the state. All servers are up at once and visited in every round, since a machine changes its speed
 * within minutes; ratios are taken within a round, the median and the spread over rounds are told. Last, what each policy takes of a review.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { ask } from './ask.ts';
import { benchReviews } from './reviews.ts';
import type { Visit, Visited } from './load.ts';
import { quantile } from './quantile.ts';
import type { Listening } from './server.ts';
import { owners } from './world.ts';

const QUICK = process.argv.includes('--quick');
/** Kinds of documents to judge by, `--kinds=ChannelPin,DefaultFilters`; all when nothing is said. */
const KINDS = process.argv
  .find((word) => word.startsWith('--kinds='))
  ?.slice('--kinds='.length)
  .split(',');
const ROUNDS = QUICK ? 5 : 15;
const VISIT = QUICK ? 250 : 600;
/** Answers of each server before anything is counted, so that its code is compiled, and the longest that this may take in milliseconds. */
const WARM_UP = QUICK ? 4000 : 30_000;
const LONGEST_WARM_UP = QUICK ? 5000 : 20_000;
const CONNECTIONS = 16;
const SIZES = [2, 8, 100];
const ROUTES = QUICK ? [100, 10_000] : [100, 10_000, 100_000];

interface Server extends Listening {
  readonly name: string;
  readonly process: ChildProcess;
}

/** What one server did in one visit. */
interface Sample {
  readonly throughput: number;
  /** Microseconds of the server's main thread for one answer: what bounds throughput, also where others use the machine. */
  readonly cpu: number;
  readonly p99: number;
}

const folder = mkdtempSync(join(tmpdir(), 'gateward-bench-'));
const children: ChildProcess[] = [];

function start(file: string, args: readonly string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, file), [...args], { execArgv: ['--conditions=source', '--expose-gc'] });
  children.push(child);
  return child;
}

async function startServer(name: string, args: readonly string[]): Promise<Server> {
  const child = start('server.ts', args);
  return { name, process: child, ...(await ask<Listening>(child)) };
}

async function sample(load: ChildProcess, server: Server, visit: Omit<Visit, 'port'>): Promise<Sample> {
  const before = await ask<NodeJS.CpuUsage>(server.process, {});
  const visited = await ask<Visited>(load, { ...visit, port: server.port });
  const after = await ask<NodeJS.CpuUsage>(server.process, {});
  if (visited.refused > 0) throw new Error(`${server.name} refused ${visited.refused} of ${visited.answers} reviews`);
  const cpu = after.user + after.system - before.user - before.system;
  return { throughput: visited.answers / visited.seconds, cpu: cpu / visited.answers, p99: visited.p99 };
}

async function warmUp(load: ChildProcess, servers: readonly Server[], visit: Omit<Visit, 'port'>): Promise<void> {
  for (const server of servers) {
    const started = performance.now();
    for (let answers = 0; answers < WARM_UP && performance.now() - started < LONGEST_WARM_UP;) {
      answers += (await ask<Visited>(load, { ...visit, port: server.port, milliseconds: 1000 })).answers;
    }
  }
}

/** Visits each server in every round, in turn; samples by server. */
async function rounds(
  load: ChildProcess,
  servers: readonly Server[],
  visit: Omit<Visit, 'port'>,
): Promise<ReadonlyMap<Server, readonly Sample[]>> {
  const samples = new Map<Server, Sample[]>(servers.map((server) => [server, []]));
  for (const server of servers) await sample(load, server, { ...visit, milliseconds: 2 * VISIT });
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? servers : servers.toReversed();
    for (const server of order) samples.get(server)?.push(await sample(load, server, visit));
  }
  return samples;
}

/** `0.81 (0.78–0.84)`: the median of the ratios within rounds, and the middle half of them. */
function ratio(
  of: readonly Sample[],
  to: readonly Sample[],
  value: (sample: Sample) => number,
): { readonly median: number; readonly text: string } {
  const ratios = of.flatMap((one, at) => {
    const other = to[at];
    return other === undefined ? [] : [value(one) / value(other)];
  });
  const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part));
  const show = (number: number | undefined): string => (number ?? 0).toFixed(2);
  return { median: median ?? 0, text: `${show(median)} (${show(low)}–${show(high)})` };
}

function row(cells: readonly string[]): string {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(28) : cell.padStart(20))).join('');
}

function describe(samples: readonly Sample[]): readonly string[] {
  const median = (value: (sample: Sample) => number): number => quantile(samples.map(value), 0.5);
  return [
    `${Math.round(median((one) => one.throughput))} /s`,
    `${Math.round(median((one) => one.cpu))} µs`,
    `${median((one) => one.p99).toFixed(1)} ms`,
  ];
}

async function main(): Promise<void> {
  const { ca, cert, key } = await makeDevCertificates({ dir: folder, hosts: ['localhost'], days: 1, now: Date.now() });
  const policies = join(folder, 'policies.yaml');
  const restricted = readFileSync(join(import.meta.dirname, '../../policies/restricted.yaml'), 'utf8');
  const documents = restricted.split(/^---$/m).filter((text) => {
    const kind = /^kind: (\w+)$/m.exec(text)?.[1];
    return kind !== undefined && (KINDS === undefined || KINDS.includes(kind));
  });
  // An operator writes the owners into the document that is there for them.
  const owned = documents.join('---\n').replace(/^ {2}owners: \[\].*$/m, `  owners:\n${owners().join('\n')}`);
  writeFileSync(policies, owned);
  const bare = await startServer('bare node:https', ['bare', key, cert]);
  const filled: Server[] = [];
  for (const routes of ROUTES) {
    filled.push(
      await startServer(`${routes.toLocaleString('en')} routes`, ['gateward', key, cert, String(routes), policies]),
    );
  }
  const [small] = filled;
  if (small === undefined) throw new Error('no server');
  const load = start('load.ts', []);
  const visit = { ca: readFileSync(ca, 'utf8'), connections: CONNECTIONS, milliseconds: VISIT };
  const print = (line: string): void => void process.stdout.write(`${line}\n`);

  print(
    `Node ${process.version}, ${ROUNDS} rounds of ${VISIT} ms, ${CONNECTIONS} connections, TLS 1.3, P-256, ${documents.length} documents of restricted.yaml\n`,
  );
  await warmUp(load, [bare, ...filled], { ...visit, bodies: benchReviews(2 * 1024) });
  print(row(['/validate against bare', 'throughput', 'ratio', 'main thread', 'ratio', 'p99']));
  for (const size of SIZES) {
    const bodies = benchReviews(size * 1024);
    const samples = await rounds(load, [bare, small], { ...visit, bodies });
    const [base, ours] = [samples.get(bare) ?? [], samples.get(small) ?? []];
    const [baseThroughput = '', baseCpu = '', baseP99 = ''] = describe(base);
    const [throughput = '', cpu = '', p99 = ''] = describe(ours);
    print(row([`${size} KB  bare`, baseThroughput, '1', baseCpu, '1', baseP99]));
    print(
      row([
        `${size} KB  gateward`,
        throughput,
        ratio(ours, base, (one) => one.throughput).text,
        cpu,
        ratio(base, ours, (one) => one.cpu).text,
        p99,
      ]),
    );
  }

  print(
    `\n${row(['8 KB by routes in the state', 'throughput', 'ratio', 'main thread', 'ratio', 'p99', 'fill', 'heap a route'])}`,
  );
  const samples = await rounds(load, filled, { ...visit, bodies: benchReviews(8 * 1024) });
  const base = samples.get(small) ?? [];
  for (const [at, server] of filled.entries()) {
    const ours = samples.get(server) ?? [];
    const [throughput = '', cpu = '', p99 = ''] = describe(ours);
    const perRoute =
      at === 0 ? '' : `${Math.round((server.heap - small.heap) / ((ROUTES[at] ?? 1) - (ROUTES[0] ?? 0)))} B`;
    print(
      row([
        server.name,
        throughput,
        ratio(ours, base, (one) => one.throughput).text,
        cpu,
        ratio(base, ours, (one) => one.cpu).text,
        p99,
        `${Math.round(server.filled)} ms`,
        perRoute,
      ]),
    );
  }

  for (const server of [bare, ...filled]) server.process.kill();
  print('');
  execFileSync(process.execPath, [join(import.meta.dirname, 'shares.ts'), policies], { stdio: 'inherit' });
}

try {
  if (process.argv[2] === 'check') await (await import('./check.ts')).benchCheck();
  else await main();
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

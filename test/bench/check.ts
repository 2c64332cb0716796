/**
 * `npm run bench -- check [--quick]`: the time and memory that `gateward check` takes as it is built, against `node -e 0` and against parsing
 * the same YAML and nothing else. Each program runs once in every round, since a machine changes its speed within minutes; ratios of processor
 * time are taken within a round, the median and the middle half over rounds are told.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { buildProgram } from '../../scripts/build.ts';
import { quantile } from './quantile.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.cache/bench');
const QUICK = process.argv.includes('--quick');
const ROUNDS = QUICK ? 5 : 15;

/** What a process used: seconds from start to end, milliseconds of processor, MiB at most in memory. */
interface Usage {
  readonly seconds: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Tells on descriptor 3 what the process has used when it ends; Linux counts into `maxRSS` what its parent had at the fork. */
const TELL = `const { existsSync, readFileSync, writeSync } = require('node:fs');
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const peak = Number(/^VmHWM:\\s*(\\d+)/m.exec(status)?.[1] ?? maxRSS);
  writeSync(3, JSON.stringify([(userCPUTime + systemCPUTime) / 1000, peak / 1024]));
});`;
const told = z.tuple([z.number(), z.number()]);
const PARSE = `const { loadAll } = require('js-yaml');
const { readFileSync, readdirSync, statSync } = require('node:fs');
const [, path] = process.argv;
const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => path + '/' + name) : [path];
for (const file of files) loadAll(readFileSync(file, 'utf8'));`;

async function run(tell: string, args: readonly string[]): Promise<Usage> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--require', tell, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const pipe = child.stdio[3];
  if (pipe === null || pipe === undefined || !('readable' in pipe)) throw new Error('no pipe');
  const [cpu, memory] = told.parse(JSON.parse(await text(pipe)));
  return { seconds: (performance.now() - started) / 1000, cpu, memory };
}

/** A route with findings, among them two about objects that are not there. */
function route(at: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: route-${at}
  namespace: team-${at % 20}
  labels: { app: app-${at} }
spec:
  parentRefs:
    - name: edge
      namespace: infra
      sectionName: https
  hostnames: [app-${at}.shop.example.com]
  rules:
    - matches:
        - path: { type: PathPrefix, value: /api }
          headers: [{ name: x-version, value: v1 }]
        - path: { type: Exact, value: /health }
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: x-env, value: prod }] }
      backendRefs:
        - { name: app-${at}, port: 8080, weight: 90 }
        - { name: app-${at}-canary, port: 8080, weight: 10 }
    - backendRefs:
        - name: app-${at}
          port: 8080
`;
}

function service(at: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: app-${at}, namespace: team-${at % 20} }
spec:
  ports: [{ name: http, port: 8080 }]
`;
}

/** The same objects as items of one List, as `kubectl get -o yaml` writes them. */
function listOf(documents: readonly string[]): string {
  const item = (document: string): string => document.trimEnd().replace(/^/gm, '    ').replace('    ', '  - ');
  return `apiVersion: v1\nkind: List\nitems:\n${documents.map(item).join('\n')}\n`;
}

/** Writes the inputs below a folder; their names and paths. */
function writeInputs(folder: string): readonly { readonly name: string; readonly path: string }[] {
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const many = join(folder, 'many');
  mkdirSync(many);
  for (let at = 0; at < 1000; at += 1) writeFileSync(join(many, `route-${at}.yaml`), route(at));
  const documents = Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? route(at / 2) : service((at - 1) / 2)));
  return [
    { name: 'one route', path: write('one.yaml', route(0)) },
    { name: '1,000 files', path: many },
    { name: '10,000 documents', path: write('documents.yaml', documents.join('---\n')) },
    { name: '10,000 in a List', path: write('list.yaml', listOf(documents)) },
  ];
}

/** `5.1 (4.9–5.3)`: the median of the ratios within rounds, and the middle half of them. */
function ratio(of: readonly Usage[], to: readonly Usage[]): string {
  const ratios = of.map(({ cpu }, at) => cpu / (to[at]?.cpu ?? 0));
  const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(1));
  return `${median} (${low}–${high})`;
}

function row(cells: readonly string[]): string {
  return `${cells.map((cell, at) => (at === 0 ? cell.padEnd(18) : cell.padStart(22))).join('')}\n`;
}

/** Runs the benchmark and prints it. */
export async function benchCheck(): Promise<void> {
  await buildProgram(BUILT);
  const folder = mkdtempSync(join(tmpdir(), 'gateward-bench-'));
  try {
    const tell = join(folder, 'tell.cjs');
    writeFileSync(tell, TELL);
    const print = (line: string): void => void process.stdout.write(line);
    print(`Node ${process.version}, ${ROUNDS} rounds, gateward check with the baseline\n\n`);
    print(row(['', 'seconds', 'CPU', 'of node -e 0', 'of parsing alone', 'peak']));
    for (const { name, path } of writeInputs(folder)) {
      const nothing: Usage[] = [];
      const parse: Usage[] = [];
      const check: Usage[] = [];
      const checkArgs = [join(BUILT, 'bin.cjs'), 'check', '--fail-on', 'never', path];
      // The first run fills the compile cache.
      await run(tell, checkArgs);
      for (let round = 0; round < ROUNDS; round += 1) {
        nothing.push(await run(tell, ['-e', '0']));
        parse.push(await run(tell, ['-e', PARSE, path]));
        check.push(await run(tell, checkArgs));
      }
      const median = (value: (usage: Usage) => number): number => quantile(check.map(value), 0.5);
      print(
        row([
          name,
          median(({ seconds }) => seconds).toFixed(2),
          `${median(({ cpu }) => cpu).toFixed(0)} ms`,
          ratio(check, nothing),
          ratio(check, parse),
          `${median(({ memory }) => memory).toFixed(0)} MiB`,
        ]),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

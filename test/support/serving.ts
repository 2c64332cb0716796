import type { FastifyInstance } from 'fastify';
import { Store } from '../../src/cluster/store.ts';
import { createLog, createMetrics, type Metrics } from '../../src/telemetry/index.ts';
import { buildApp, type AppParts } from '../../src/serve/app.ts';
import { judgeDocument } from '../../src/serve/documents.ts';
import { Gate, LIMITS } from '../../src/serve/gate.ts';
import type { World } from '../../src/serve/judge.ts';
import { toyPolicy, toySet } from './toyPolicy.ts';

/** A log that is read by tests: each line parsed. */
export interface LoggedLines {
  readonly lines: Readonly<Record<string, unknown>>[];
  readonly text: () => string;
  readonly log: AppParts['log'];
}

/** A log into memory. */
export function memoryLog(): LoggedLines {
  const texts: string[] = [];
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = createLog(
    {
      write: (text) => {
        texts.push(text);
        const parsed: unknown = JSON.parse(text);
        if (typeof parsed === 'object' && parsed !== null) lines.push({ ...parsed });
      },
    },
    'info',
  );
  return { lines, text: () => texts.join(''), log };
}

/** An app with toy documents over an empty world in full sight, and what it logged and counted. */
export interface TestApp extends LoggedLines {
  readonly app: FastifyInstance;
  readonly metrics: Metrics;
}

/** Builds a {@link TestApp}; `changes` replaces parts. */
export function testApp(specs: Readonly<Record<string, unknown>>, changes: Partial<AppParts> = {}): TestApp {
  const memory = memoryLog();
  const metrics = createMetrics();
  const world: World = {
    set: toySet(specs),
    snapshot: new Store('all'),
    reader: undefined,
    claims: undefined,
    stale: [],
  };
  const app = buildApp({
    world: () => world,
    waitingFor: () => [],
    notes: () => [],
    isDraining: () => false,
    judgeDocument: (body) => judgeDocument(body, [toyPolicy], Date.UTC(2026, 10, 21)),
    callers: undefined,
    gate: new Gate(LIMITS),
    loop: { delayAt: () => 0 },
    log: memory.log,
    metrics,
    now: () => Date.UTC(2026, 10, 21),
    ...changes,
  });
  return { ...memory, app, metrics };
}

/** The value of one series, as Prometheus would read it; 0 when there is none. */
export async function series(metrics: Metrics, start: string): Promise<number> {
  const text = await metrics.registry.metrics();
  const line = text.split('\n').find((candidate) => candidate.startsWith(start));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}

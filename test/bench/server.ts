/**
 * One server of the benchmark, in a process of its own. Told by its arguments: `bare KEY CERT`, or `gateward KEY CERT ROUTES POLICY…`.
 * Sends its port when it listens, and the CPU time of its main thread whenever it gets a message.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { POLICIES } from '../../policies/index.ts';
import { credentialsOf, keyPairFiles } from '../../src/serve/certificate.ts';
import { judgeDocument } from '../../src/serve/documents.ts';
import { LIMITS } from '../../src/serve/gate.ts';
import { policyFiles } from '../../src/serve/policyFiles.ts';
import { startServer } from '../../src/serve/server.ts';
import { createLog } from '../../src/telemetry/index.ts';
import { benchWorld } from './world.ts';

/** What a server says once it listens; times in milliseconds, memory in bytes. */
export interface Listening {
  readonly port: number;
  readonly filled: number;
  readonly heap: number;
}

const [kind, key = '', cert = '', routes = '0', ...policies] = process.argv.slice(2);

function tell(listening: Listening): void {
  process.send?.(listening);
  process.on('message', () => process.send?.(process.threadCpuUsage()));
}

function bare(): void {
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(cert), minVersion: 'TLSv1.3', keepAliveTimeout: 120_000 },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
        const { uid } = review.request;
        const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    },
  );
  server.listen(0, '127.0.0.1', () => {
    tell({ port: (server.address() as AddressInfo).port, filled: 0, heap: 0 });
  });
}

async function gateward(): Promise<void> {
  const heapBefore = heap();
  const started = performance.now();
  const store = benchWorld(Number(routes));
  const filled = performance.now() - started;
  const heapAfter = heap();
  const log = createLog('/dev/null', 'info');
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    metricsPort: undefined,
    certificate: credentialsOf(keyPairFiles(cert, key), { clientCa: undefined, minVersion: 'TLSv1.3' }, Date.now),
    own: undefined,
    callers: undefined,
    policies: policyFiles(policies, POLICIES, Date.now),
    judgeDocument: (body) => judgeDocument(body, POLICIES, Date.now()),
    openState: () =>
      Promise.resolve({
        snapshot: () => store,
        reader: undefined,
        claims: undefined,
        waitingFor: () => [],
        stale: () => [],
        notes: () => [],
        kinds: () => [],
        check: () => Promise.resolve(),
        follow: () => undefined,
        close: () => Promise.resolve(),
      }),
    limits: LIMITS,
    drain: { atLeast: 0, quiet: 0, atMost: 0 },
    pollEvery: 1000,
    log,
    now: Date.now,
  });
  tell({ port: server.port, filled, heap: heapAfter - heapBefore });
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

process.on('disconnect', () => process.exit());
if (kind === 'bare') bare();
else await gateward();

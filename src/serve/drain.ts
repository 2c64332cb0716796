import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Gate } from './gate.ts';

/** How long a server goes on after it was told to stop, in milliseconds. */
export interface DrainTimes {
  /** At least so long: endpoints take a while to forget a pod. */
  readonly atLeast: number;
  /** And until no review has come for so long. */
  readonly quiet: number;
  /** But never longer than this: below the pod's grace period. */
  readonly atMost: number;
}

/**
 * Serves on until callers have gone elsewhere, then closes. Answers carry `Connection: close` meanwhile, since the API server pins idle
 * connections to one pod and does not repeat a review whose connection was reset.
 */
export async function drain(app: FastifyInstance, gate: Gate, times: DrainTimes): Promise<void> {
  const started = performance.now();
  for (;;) {
    const now = performance.now();
    const waited = now - started;
    const isQuiet = gate.reviews === 0 && now - gate.lastEntered >= times.quiet;
    if (waited >= times.atMost || (waited >= times.atLeast && isQuiet)) break;
    await pause(Math.min(100, Math.max(1, times.atMost - waited)));
  }
  const closing = app.close();
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, 2000);
  await closing;
  clearTimeout(cut);
}

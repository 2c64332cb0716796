import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** A `gateward serve` of its own process. */
export interface Replica {
  readonly port: number;
  /** What `/readyz` says; undefined when nobody answers. */
  readonly status: () => Promise<number | undefined>;
  /** SIGTERM, and its exit code. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL. */
  readonly kill: () => void;
  readonly hasEnded: () => boolean;
  /** Most memory that it had, in bytes, as last asked for by Linux; 0 where that cannot be known. */
  readonly pid: number;
}

const root = resolve(import.meta.dirname, '../..');

/** Starts one on a free loopback port, and waits until it is ready. */
export async function startReplica(flags: readonly string[]): Promise<Replica> {
  const command = ['src/main.ts', 'serve', '--host', '127.0.0.1', '--port', '0', '--log-level', 'warn', ...flags];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await announced(child);
  const replica: Replica = {
    port,
    pid: child.pid ?? 0,
    status: () => statusOf(port),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    kill: () => {
      child.kill('SIGKILL');
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
  while ((await replica.status()) !== 200) await pause(50);
  return replica;
}

async function announced(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface(child.stdout)) {
    const port = /https:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('a replica ended before it served');
}

/** As a kubelet asks: whatever the certificate. */
function statusOf(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const asked = request({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false });
    asked.setTimeout(2000, () => {
      asked.destroy();
    });
    asked.on('response', (response) => {
      response.resume();
      done(response.statusCode);
    });
    asked.on('error', () => {
      done(undefined);
    });
    asked.end();
  });
}

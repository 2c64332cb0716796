/** Gateward as an operator runs it: the command, with certificates of its own, against a cluster of the tests. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import type { Cluster } from './cluster.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const command = [join(root, 'src/main.ts')];

/** A running server. */
export interface Gateward {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The file of the CA that its callers must trust. */
  readonly ca: string;
  /** The folder of its policy documents; empty when it takes those of the cluster. */
  readonly policies: string;
  /** What `/readyz` says. */
  readonly ready: () => Promise<{ readonly status: number; readonly text: string }>;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Makes the API server call it. */
  readonly register: () => Promise<void>;
  /** SIGTERM, and its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Runs one command of Gateward; does not throw when it fails. */
export async function gateward(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd: root, maxBuffer: 1 << 26 };
  return run(process.execPath, [...command, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      if (!(error instanceof Error) || !('code' in error && 'stdout' in error && 'stderr' in error)) throw error;
      return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
    },
  );
}

/**
 * Starts `gateward serve` against a cluster, and waits until it answers `/readyz` with 200. With these policy documents (YAML), or (undefined) with those
 * of the cluster: then it is not ready before there are any, and what is waited for is an answer at all. Flags that are said again win.
 */
export async function startGateward(
  cluster: Cluster,
  policies: string | undefined,
  flags: readonly string[] = [],
): Promise<Gateward> {
  const dir = await mkdtemp(join(cluster.dir, 'gateward-'));
  const isFromCluster = policies === undefined;
  if (!isFromCluster) {
    await mkdir(join(dir, 'policies'));
    await writeFile(join(dir, 'policies/policies.yaml'), policies);
  }
  const { ca, cert, key } = await makeDevCertificates({
    dir,
    hosts: ['127.0.0.1', 'localhost', 'gateward.gateward-system.svc'],
    days: 30,
    now: Date.now(),
    force: true,
  });
  const where = [
    ...(isFromCluster ? ['--policies-from-cluster'] : ['--policies', join(dir, 'policies')]),
    ...(flags.includes('--kubeconfig') ? [] : ['--kubeconfig', cluster.kubeconfig]),
    '--host',
    '127.0.0.1',
    '--port',
    '0',
  ];
  const isOwn = flags.includes('--tls-self-managed');
  const pair = isOwn ? [] : ['--tls-cert', cert, '--tls-key', key];
  const server = spawn(process.execPath, [...command, 'serve', ...where, ...pair, '--shutdown-delay', '0', ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const url = await Promise.race([
    announced(createInterface(server.stdout)),
    once(server, 'exit').then(() => {
      throw new Error(`gateward serve ended:\n${log}`);
    }),
  ]);
  // Of a CA that Gateward made for itself, only the cluster knows.
  const trusted = isOwn ? undefined : await readFile(ca);
  for (let attempt = 0; !isFromCluster && (await ask(`${url}/readyz`, trusted)).status !== 200; attempt += 1) {
    if (attempt === 300) throw new Error(`gateward serve does not get ready:\n${log}`);
    await sleep(100);
  }
  return {
    url,
    ca,
    policies: join(dir, 'policies'),
    log: () => log,
    ready: () => ask(`${url}/readyz`, trusted),
    register: async () => {
      const manifests = await gateward('manifests', 'webhooks', '--url', url, ...(isOwn ? [] : ['--ca', ca]));
      const applied = await cluster.kubectl(['apply', '-f', '-'], { stdin: manifests.stdout });
      if (applied.code !== 0) throw new Error(`${manifests.stderr}${applied.stderr}`);
    },
    stop: async () => {
      if (server.exitCode !== null) return server.exitCode;
      server.kill('SIGTERM');
      await once(server, 'exit');
      return server.exitCode;
    },
  };
}

async function announced(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const port = /https:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return `https://127.0.0.1:${port}`;
  }
  throw new Error('gateward serve said no address');
}

function ask(url: string, ca: Buffer | undefined): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done, fail) => {
    request(url, { ca, rejectUnauthorized: ca !== undefined }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        done({ status: response.statusCode ?? 0, text });
      });
    })
      .on('error', fail)
      .end();
  });
}

/** The metrics of a server on this machine. */
export function metricsAt(port: number): Promise<string> {
  return new Promise((done, fail) => {
    get(`http://127.0.0.1:${port}/metrics`, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        done(text);
      });
    }).on('error', fail);
  });
}

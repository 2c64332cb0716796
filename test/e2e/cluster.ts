/** A real kube-apiserver for tests: free loopback ports, a fresh temporary folder, nothing left behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries, type Binaries } from './binaries.ts';

/** What a test may choose about its cluster. */
export interface ClusterOptions {
  /** More users and their groups. `admin` (system:masters), `alice` (team-a) and `bob` (team-b) are always there. */
  readonly users?: Readonly<Record<string, readonly string[]>>;
  /** An audit policy (YAML or JSON text); the log is then found at `Cluster.auditLog`. */
  readonly auditPolicy?: string;
  /** More kube-apiserver flags. The function form gets the cluster's folder, to put the files there that the flags name. */
  readonly extraArgs?: readonly string[] | ((dir: string) => readonly string[] | Promise<readonly string[]>);
}

/** How kubectl ended. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As whom kubectl speaks (default: `admin`), and what it reads. */
interface KubectlOptions {
  readonly user?: string;
  readonly kubeconfig?: string;
  readonly stdin?: string;
}

/** A request without kubectl in between. A `body` that is no string is sent as JSON. */
interface RawRequest {
  readonly method?: string;
  readonly user?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** The answer to a {@link RawRequest}. */
interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A running cluster. */
export interface Cluster {
  /** `https://127.0.0.1:PORT`; stays the same over `halt` and `resume`. */
  readonly url: string;
  /** The PEM text that a client must trust. */
  readonly ca: string;
  /** The kubeconfig file of `admin`. */
  readonly kubeconfig: string;
  /** The cluster's folder, removed by `stop`. */
  readonly dir: string;
  /** What kube-apiserver writes to stderr. */
  readonly log: string;
  /** The audit log, one JSON event a line; only with `auditPolicy`. */
  readonly auditLog: string | undefined;
  /** etcd's client URL; changes with `resume`. JSON over HTTP works too: `POST /v3/kv/compaction`. */
  readonly etcd: string;
  /** The bearer token of a user. */
  token(user: string): string;
  /** The kubeconfig file of a user. */
  kubeconfigOf(user: string): string;
  /** Runs kubectl; does not throw when kubectl fails. `--as` and `--as-group` make up further users on the spot. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** Asks the API server directly. */
  request(path: string, options?: RawRequest): Promise<RawResponse>;
  /** Kills API server and etcd, as a crash would; the data stay. */
  halt(): Promise<void>;
  /** Starts them again on the same data, address, users and certificate. */
  resume(): Promise<void>;
  /** Kills everything and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a cluster and waits until it is ready. Call `stop`; should the process die first, the cluster dies with it. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const executables = await binaries();
  for (let attempt = 1; ; attempt++) {
    const cluster = new LocalCluster(executables, await mkdtemp(join(tmpdir(), 'gateward-e2e-')), await freePort());
    try {
      await cluster.prepare(options);
      await cluster.resume();
      return cluster;
    } catch (error) {
      await cluster.stop();
      // Between finding a free port and using it, somebody else may take it.
      if (attempt === 3 || !String(error).includes('address already in use')) throw error;
    }
  }
}

class LocalCluster implements Cluster {
  readonly url: string;
  readonly dir: string;
  readonly log: string;
  ca = '';
  etcd = '';
  auditLog: string | undefined;
  readonly #binaries: Binaries;
  readonly #port: number;
  readonly #tokens = new Map<string, string>();
  /** For a test process that ends without `stop`: the API server dies with it, its folder goes here. */
  readonly #remove = (): void => {
    rmSync(this.dir, { recursive: true, force: true });
  };
  #flags: readonly string[] = [];
  #running: Running[] = [];

  constructor(executables: Binaries, dir: string, port: number) {
    this.#binaries = executables;
    this.#port = port;
    this.dir = dir;
    this.url = `https://127.0.0.1:${port}`;
    this.log = join(dir, 'kube-apiserver.log');
    process.once('exit', this.#remove);
  }

  get kubeconfig(): string {
    return this.kubeconfigOf('admin');
  }

  kubeconfigOf(user: string): string {
    this.token(user);
    return join(this.dir, `${user}.kubeconfig`);
  }

  token(user: string): string {
    const token = this.#tokens.get(user);
    if (!token) throw new Error(`this cluster has no user ${user}`);
    return token;
  }

  /** Writes what the API server reads at its start. */
  async prepare(options: ClusterOptions): Promise<void> {
    const at = (name: string): string => join(this.dir, name);
    const users = { admin: ['system:masters'], alice: ['team-a'], bob: ['team-b'], ...options.users };
    for (const user of Object.keys(users)) this.#tokens.set(user, randomBytes(16).toString('hex'));
    const rows = Object.entries(users).map(
      ([user, groups]) => `${this.token(user)},${user},${user},"${groups.join(',')}"\n`,
    );
    await writeFile(at('tokens.csv'), rows.join(''), { mode: 0o600 });

    // kube-apiserver reads no PKCS #8 here.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(at('service-account.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });

    const audit: string[] = [];
    if (options.auditPolicy !== undefined) {
      this.auditLog = at('audit.log');
      await writeFile(at('audit-policy.yaml'), options.auditPolicy);
      audit.push(`--audit-policy-file=${at('audit-policy.yaml')}`, `--audit-log-path=${this.auditLog}`);
    }
    const { extraArgs = [] } = options;
    this.#flags = [
      `--secure-port=${this.#port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none', // a loopback address is no valid endpoint
      `--cert-dir=${at('certs')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${at('service-account.key')}`,
      `--service-account-signing-key-file=${at('service-account.key')}`,
      '--authorization-mode=RBAC',
      `--token-auth-file=${at('tokens.csv')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
      ...audit,
      ...(typeof extraArgs === 'function' ? await extraArgs(this.dir) : extraArgs),
    ];
  }

  async resume(): Promise<void> {
    if (this.#running.length > 0) throw new Error('this cluster is running');
    const data = join(this.dir, 'etcd');
    const { apiserver, etcd } = this.#binaries;
    if (etcd) {
      const [client, peer] = [await freePort(), await freePort()];
      this.etcd = `http://127.0.0.1:${client}`;
      const peers = `http://127.0.0.1:${peer}`;
      const flags = {
        'data-dir': data,
        'listen-client-urls': this.etcd,
        'advertise-client-urls': this.etcd,
        'listen-peer-urls': peers,
        'initial-advertise-peer-urls': peers,
        'initial-cluster': `default=${peers}`,
        'unsafe-no-fsync': 'true',
      };
      const etcdArgs = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
      await this.#spawn(etcd, etcdArgs, join(this.dir, 'etcd.log'), true);
      await this.#spawn(apiserver, [`--etcd-servers=${this.etcd}`, ...this.#flags], this.log, true);
    } else {
      const { child, exited } = await this.#spawn(
        apiserver,
        ['-data-dir', data, '--', ...this.#flags],
        this.log,
        false,
      );
      if (!child.stdout) throw new Error('no stdout');
      const lines = createInterface({ input: child.stdout });
      const [line] = (await Promise.race([once(lines, 'line'), exited.then(() => [''])])) as [string];
      this.etcd = /"etcd":"([^"]+)"/.exec(line)?.[1] ?? '';
    }
    await this.#ready();
    await this.#writeKubeconfigs();
  }

  async halt(): Promise<void> {
    const running = this.#running.splice(0);
    for (const { child } of running) child.stdin?.end();
    await Promise.all(running.map(({ exited }) => exited));
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 3 });
    process.off('exit', this.#remove);
  }

  async kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> {
    const child = spawn(this.#binaries.kubectl, args, {
      cwd: this.dir,
      env: {
        PATH: process.env['PATH'],
        HOME: this.dir,
        KUBECONFIG: options.kubeconfig ?? this.kubeconfigOf(options.user ?? 'admin'),
        KUBECACHEDIR: join(this.dir, 'kubectl-cache'), // by host and port: in $HOME another cluster's would be found
      },
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    child.stdin.on('error', () => undefined); // kubectl may end before it has read everything
    child.stdin.end(options.stdin ?? '');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await closed;
    return { code: code ?? -1, stdout, stderr };
  }

  async request(path: string, options: RawRequest = {}): Promise<RawResponse> {
    const { method = 'GET', user = 'admin', body, contentType = 'application/json' } = options;
    const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
    const headers: Record<string, string> = { authorization: `Bearer ${this.token(user)}` };
    if (body !== undefined) headers['content-type'] = contentType;
    const outgoing = request(this.url + path, { method, headers, ca: this.ca, agent: false }, (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    return promise;
  }

  /** Starts a process that dies when we do: its stdin is a pipe of ours, and its end is the end of the process. */
  async #spawn(command: string, args: readonly string[], log: string, guard: boolean): Promise<Running> {
    const file = await open(log, 'a');
    const argv = guard ? [process.execPath, '-e', GUARD, command, ...args] : [command, ...args];
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', guard ? file.fd : 'pipe', file.fd] });
    await file.close();
    const exited = once(child, 'exit').then(
      () => undefined,
      () => undefined,
    );
    child.stdin?.on('error', () => undefined);
    const running = { child, exited };
    this.#running.push(running);
    return running;
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const dead = this.#running.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (dead || Date.now() > deadline)
        throw new Error(`the API server ${dead ? 'ended' : 'is not ready'}:\n${await this.#tail()}`);
      this.ca ||= await readFile(join(this.dir, 'certs/apiserver.crt'), 'utf8').catch(() => '');
      if (this.ca !== '') {
        const answer = await this.request('/readyz').catch(() => undefined);
        if (answer?.status === 200) return;
      }
      await sleep(50);
    }
  }

  async #tail(): Promise<string> {
    const files = ['etcd.log', 'kube-apiserver.log'].map((name) =>
      readFile(join(this.dir, name), 'utf8').catch(() => ''),
    );
    return (await Promise.all(files)).map((log) => log.split('\n').slice(-15).join('\n')).join('\n');
  }

  async #writeKubeconfigs(): Promise<void> {
    const cluster = { server: this.url, 'certificate-authority-data': Buffer.from(this.ca).toString('base64') };
    for (const [user, token] of this.#tokens) {
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': user,
        clusters: [{ name: 'e2e', cluster }],
        users: [{ name: user, user: { token } }],
        contexts: [{ name: user, context: { cluster: 'e2e', user } }],
      };
      await writeFile(this.kubeconfigOf(user), JSON.stringify(config), { mode: 0o600 });
    }
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
}

/** Gives a program of others what ours has: it is killed when stdin closes. */
const GUARD = `
const child = require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin.on('close', () => child.kill('SIGKILL')).resume();
`;

/** A loopback port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) all += chunk as string;
  return all;
}

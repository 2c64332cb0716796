/** Three replicas of Gateward that hold hostnames, behind one address, and creators that all want the same one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { makeDevCertificates } from '../../src/serve/devCertificates.ts';
import { testCa } from '../support/certificates.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { gateward } from './gateward.ts';

const root = resolve(import.meta.dirname, '../..');
/** As it is named where `deploy/` puts it. */
const NAMESPACE = 'gateward-system';
const SERVICE_ACCOUNT = `system:serviceaccount:${NAMESPACE}:gateward`;

/** Nobody owns what the creators want, and whoever comes first is to keep it. */
export const FIRST_COME = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: first-come }
spec:
  action: Deny
  claims: Enforce
  owners:
    - { hostnames: ["owned.example.net"], namespaces: [owner, owner-too] }
  rules: { unowned: Disabled }
`;

/** How one write ended. */
export interface Written {
  readonly status: number;
  readonly message: string;
  /** Of a 429. */
  readonly retryAfter: string | undefined;
}

/** What runs. */
export interface ClaimRig {
  readonly cluster: Cluster;
  /** The namespaces of the creators: `team-0` … */
  readonly teams: readonly string[];
  /** Creates an object, and does not repeat what fails. */
  readonly create: (object: KubeLike, query?: string) => Promise<Written>;
  readonly remove: (object: KubeLike) => Promise<Written>;
  readonly list: (path: string) => Promise<readonly Listed[]>;
  readonly claims: () => Promise<readonly Listed[]>;
  /** Kills a replica as a crash would. */
  readonly kill: (replica: number) => void;
  /** Starts a killed one again and waits until it is ready. */
  readonly revive: (replica: number) => Promise<void>;
  /** Reviews that each replica has answered since it was started. */
  readonly answered: () => readonly number[];
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** An object that is to be written. */
export interface KubeLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

const listed = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().default(''),
    uid: z.string(),
    resourceVersion: z.string(),
  }),
  spec: z.looseObject({}),
});
/** An object of a list. */
export type Listed = z.infer<typeof listed>;

interface Replica {
  process: ChildProcess | undefined;
  port: number;
  log: string;
  answered: number;
}

/** Starts all of it: a cluster whose API server shows a client certificate, the CRDs, RBAC, three replicas, the webhook. */
export async function startClaimRig(
  policies: string,
  { creators = 16, grace = 120, auditPolicy }: { creators?: number; grace?: number; auditPolicy?: string } = {},
): Promise<ClaimRig> {
  const replicas: Replica[] = [0, 1, 2].map(() => ({ process: undefined, port: 0, log: '', answered: 0 }));
  const balancer = await startBalancer(replicas);
  const callers = await testCa('webhook callers');
  const cluster = await startCluster({
    users: { [SERVICE_ACCOUNT]: ['system:serviceaccounts', 'system:serviceaccounts:gateward-system'] },
    ...(auditPolicy === undefined ? {} : { auditPolicy }),
    extraArgs: async (dir) => {
      const { cert, key } = await callers.issue('kube-apiserver');
      return [`--admission-control-config-file=${await admissionConfiguration(dir, cert, key)}`];
    },
  });
  const dir = join(cluster.dir, 'gateward');
  await mkdir(join(dir, 'policies'), { recursive: true });
  const files = { policies: join(dir, 'policies/policies.yaml'), callers: join(dir, 'callers.crt') };
  await writeFile(files.policies, policies);
  await writeFile(files.callers, callers.pem);
  const hosts = ['127.0.0.1', 'localhost'];
  const serving = await makeDevCertificates({ dir, hosts, days: 1, now: Date.now() });

  await installCrds(cluster, 'standard');
  const documents = ['--policies', files.policies];
  await apply(cluster, (await gateward('manifests', 'crds')).stdout);
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  await apply(cluster, (await gateward('manifests', 'rbac', ...documents)).stdout);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  const teams = Array.from({ length: creators }, (_, at) => `team-${at}`);
  for (const team of [...teams, 'owner', 'owner-too']) await cluster.kubectl(['create', 'namespace', team]);

  const kubeconfig = join(dir, 'kubeconfig');
  await copyFile(cluster.kubeconfigOf(SERVICE_ACCOUNT), kubeconfig);
  await cluster.kubectl(['config', 'set-context', '--current', `--namespace=${NAMESPACE}`], { kubeconfig });

  const start = async (at: number): Promise<void> => {
    const replica = replicas[at];
    if (replica === undefined) throw new Error(`no replica ${at}`);
    const child = spawn(
      process.execPath,
      [
        ...['--conditions=source', join(root, 'src/main.ts'), 'serve', ...documents],
        ...['--kubeconfig', kubeconfig, '--host', '127.0.0.1', '--port', '0'],
        ...['--tls-cert', serving.cert, '--tls-key', serving.key, '--client-ca', files.callers],
        ...['--shutdown-delay', '0', '--claim-grace', String(grace)],
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    replica.answered = 0;
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      replica.answered += text.split('"webhook":"validate"').length - 1;
      replica.log = `${replica.log}${text}`.slice(-200_000);
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`a replica ended:\n${replica.log}`);
    });
    ended.catch(() => undefined);
    const port = await Promise.race([announced(createInterface(child.stdout)), ended]);
    await Promise.race([readyAt(port), ended]);
    replica.port = port;
    replica.process = child;
  };
  await Promise.all(replicas.map((_, at) => start(at)));
  const url = `https://127.0.0.1:${balancer.port}`;
  const webhooks = await gateward('manifests', 'webhooks', ...documents, '--url', url, '--ca', serving.ca);
  await apply(cluster, webhooks.stdout);

  const agent = new Agent({ connections: 64, connect: { ca: cluster.ca } });
  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
    const response = await request(`${cluster.url}${path}`, {
      method,
      dispatcher: agent,
      headers: { authorization: `Bearer ${cluster.token('admin')}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headersTimeout: 120_000,
    });
    const text = await response.body.text();
    const { 'retry-after': retryAfter } = response.headers;
    return { status: response.statusCode, text, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
  };
  const write = async (method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Written> => {
    const { status, text, retryAfter } = await ask(method, path, body);
    const message = z.object({ message: z.string().default('') }).parse(JSON.parse(text)).message;
    return { status, message, retryAfter };
  };
  const collection = ({ apiVersion, kind, metadata }: KubeLike): string =>
    `/apis/${apiVersion}/namespaces/${metadata.namespace}/${kind.toLowerCase()}s`;
  const list = async (path: string): Promise<readonly Listed[]> => {
    const { text } = await ask('GET', path);
    return z.object({ items: z.array(listed) }).parse(JSON.parse(text)).items;
  };
  return {
    cluster,
    teams,
    create: (object, query = '') => write('POST', `${collection(object)}${query}`, object),
    remove: (object) => write('DELETE', `${collection(object)}/${object.metadata.name}`),
    list,
    claims: () => list('/apis/gateward.dev/v1alpha1/hostnameclaims'),
    kill: (at) => {
      const replica = replicas[at];
      replica?.process?.kill('SIGKILL');
      if (replica !== undefined) replica.process = undefined;
    },
    revive: start,
    answered: () => replicas.map(({ answered }) => answered),
    log: () => replicas.map(({ log }) => log).join('\n'),
    stop: async () => {
      for (const { process: child } of replicas) child?.kill('SIGKILL');
      balancer.close();
      await agent.destroy();
      await cluster.stop();
    },
  };
}

/** What a round of creators comes to. */
export interface Round {
  /** Names the hostnames and the objects of the round. */
  readonly name: string;
  readonly hostname: string;
  readonly written: readonly Written[];
}

/**
 * All teams want one hostname at the same moment. Rounds take turns: routes for one name; routes of which half want a wildcard and half a name
 * below it; listeners of Gateways.
 */
export async function claimRound(rig: ClaimRig, round: number): Promise<Round> {
  const name = `r${round}`;
  const hostname = `${name}.example.org`;
  const objects = rig.teams.map((team, at) => {
    if (round % 4 === 3) return listening(team, name, hostname);
    return wanting(
      team,
      name,
      round % 4 === 2 && at % 2 === 1 ? `*.${hostname}` : round % 4 === 2 ? `a.${hostname}` : hostname,
    );
  });
  // Who comes first is not to be always the same.
  const turned = objects.map((_, at) => objects[(at + round) % objects.length] ?? fail('no object'));
  return { name, hostname, written: await Promise.all(turned.map((object) => rig.create(object))) };
}

/** The rounds' hostnames that objects of more than one namespace have in the cluster. */
export async function doubled(rig: ClaimRig): Promise<readonly string[]> {
  const holders = new Map<string, Set<string>>();
  for (const kind of ['httproutes', 'gateways']) {
    for (const { metadata } of await rig.list(`/apis/gateway.networking.k8s.io/v1/${kind}`)) {
      const teams = holders.get(metadata.name) ?? new Set();
      holders.set(metadata.name, teams.add(metadata.namespace));
    }
  }
  return [...holders].filter(([, teams]) => teams.size > 1).map(([name]) => name);
}

/** The claims whose object is not in the cluster. */
export async function orphans(rig: ClaimRig): Promise<readonly string[]> {
  const there = new Set<string>();
  for (const kind of ['httproutes', 'gateways']) {
    for (const { metadata } of await rig.list(`/apis/gateway.networking.k8s.io/v1/${kind}`)) there.add(metadata.uid);
  }
  const claimant = z.object({ claimant: z.object({ uid: z.string() }) });
  return (await rig.claims())
    .filter(({ spec }) => !there.has(claimant.parse(spec).claimant.uid))
    .map(({ metadata }) => metadata.name);
}

function fail(problem: string): never {
  throw new Error(problem);
}

/** A route of a team that wants a hostname. */
export function wanting(team: string, name: string, hostname: string): KubeLike {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: team },
    spec: { parentRefs: [{ name: 'public' }], hostnames: [hostname] },
  };
}

/** A Gateway of a team with a listener for a hostname. */
export function listening(team: string, name: string, hostname: string): KubeLike {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: team },
    spec: { gatewayClassName: 'any', listeners: [{ name: 'http', port: 80, protocol: 'HTTP', hostname }] },
  };
}

async function apply(cluster: Cluster, manifests: string): Promise<void> {
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: manifests });
  if (code !== 0) throw new Error(stderr);
}

/** Tells the API server which certificate to show to webhooks. */
export async function admissionConfiguration(dir: string, cert: string, key: string): Promise<string> {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  const user = { 'client-certificate-data': data(cert), 'client-key-data': data(key) };
  const kubeConfigFile = join(dir, 'webhooks.kubeconfig');
  await writeFile(kubeConfigFile, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: '*', user }] }), {
    mode: 0o600,
  });
  const plugins = ['Validating', 'Mutating'].map((type) => ({
    name: `${type}AdmissionWebhook`,
    configuration: {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'WebhookAdmissionConfiguration',
      kubeConfigFile,
    },
  }));
  const file = join(dir, 'admission.json');
  await writeFile(
    file,
    JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins }),
  );
  return file;
}

/** Passes each connection to the next replica that takes it, as a Service would. */
async function startBalancer(
  replicas: readonly Replica[],
): Promise<{ readonly port: number; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const pass = (client: Socket, tries: number): void => {
    turn += 1;
    const replica = replicas[turn % replicas.length];
    if (tries === 0) client.destroy();
    else if (replica?.process === undefined) pass(client, tries - 1);
    else {
      const upstream = connect(replica.port, '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.on('error', () => upstream.destroy());
      client.pipe(upstream).pipe(client);
    }
  };
  const server: Server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    pass(client, replicas.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function announced(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const port = /https:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('gateward serve said no address');
}

async function readyAt(port: number): Promise<void> {
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const { statusCode, body } = await request(`https://127.0.0.1:${port}/readyz`, { dispatcher: agent });
      await body.dump();
      if (statusCode === 200) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('a replica does not get ready');
  } finally {
    await agent.destroy();
  }
}

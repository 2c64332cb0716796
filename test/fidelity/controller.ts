/**
 * Envoy Gateway: a second opinion on every predicted status. It is built from its Go module into `.cache/fidelity` and runs as a process
 * of ours against an API server without nodes, so that what it deploys stays on paper.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, open, readFile, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '../e2e/cluster.ts';

/** The name by which Envoy Gateway signs status. */
export const CONTROLLER_NAME = 'gateway.envoyproxy.io/gatewayclass-controller';

const MODULE = 'github.com/envoyproxy/gateway';
const VERSION = 'v1.9.1';
const CACHE = join(import.meta.dirname, '../../.cache/fidelity');
const NAMESPACE = 'envoy-gateway-system';
/** Where Envoy Gateway looks for its serving certificate: a constant of its sources. */
const CERTIFICATES = '/certs';
/** Ports that nobody asks here, so that they need not be free. */
const NO_PORTS = [
  `${MODULE}/internal/provider/kubernetes.healthProbeBindAddress=0`,
  'sigs.k8s.io/controller-runtime/pkg/metrics/server.DefaultBindAddress=0',
];
/** No telemetry, no admission webhook, no leader; the log tells errors. */
const CONFIG = {
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'EnvoyGateway',
  gateway: { controllerName: CONTROLLER_NAME },
  logging: { level: { default: 'error' } },
  admin: { address: { host: '127.0.0.1', port: 19000 } },
  telemetry: { metrics: { prometheus: { disable: true } } },
  provider: {
    type: 'Kubernetes',
    kubernetes: {
      leaderElection: { disable: true },
      client: { rateLimit: { qps: 1000, burst: 2000 } },
      proxyTopologyInjector: { disabled: true },
      // A cloud would be needed for the default, a load balancer.
      shutdownManager: {},
    },
  },
  envoyProxy: { provider: { type: 'Kubernetes', kubernetes: { envoyService: { type: 'ClusterIP' } } } },
};

const run = promisify(execFile);

/** PEM material of a throw-away CA: two leaf certificates with their keys. */
export interface Pki {
  readonly ca: string;
  readonly leaf: { readonly certificate: string; readonly key: string };
  readonly otherLeaf: { readonly certificate: string; readonly key: string };
}

/** A running controller. */
export interface Controller {
  /** What it logs. */
  readonly log: string;
  /** Throws with the end of the log when it has ended by itself. */
  check(): Promise<void>;
  /** Ends it and removes what it needed outside the cluster's folder. */
  stop(): Promise<void>;
}

/** The executable, built on first use (minutes). Throws with Go's last line when the build fails. */
export async function controllerBinary(): Promise<string> {
  const target = join(CACHE, `envoy-gateway-${VERSION}`);
  if (await exists(target)) return target;
  const partial = join(CACHE, `build.${process.pid}`);
  await mkdir(partial, { recursive: true });
  const ldflags = ['-s', '-w', ...NO_PORTS.map((setting) => `-X ${setting}`)].join(' ');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOBIN: partial };
  await run('go', ['install', '-ldflags', ldflags, `${MODULE}/cmd/envoy-gateway@${VERSION}`], {
    env,
    maxBuffer: 1 << 26,
  });
  await rename(join(partial, 'envoy-gateway'), target);
  await rm(partial, { recursive: true });
  return target;
}

/** The controller's own CRDs as YAML documents: files of its Helm chart, which differ from plain ones by a first and a last line. */
export async function controllerCrds(): Promise<string> {
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const { stdout } = await run('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], { env });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const folder = join(Dir, 'charts/gateway-crds-helm/templates/generated');
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => text.replace(/^\{\{.*\}\}$/gm, '')).join('\n---\n');
}

/** Lets the controller's own tool make a CA and leaves under the cluster's folder. */
export async function makePki(binary: string, cluster: Cluster): Promise<Pki> {
  await run(binary, ['certgen', '--local', '--config-home', cluster.dir]);
  const read = (...path: string[]): Promise<string> => readFile(join(cluster.dir, 'certs', ...path), 'utf8');
  const leaf = async (name: string): Promise<Pki['leaf']> => ({
    certificate: await read(name, 'tls.crt'),
    key: await read(name, 'tls.key'),
  });
  return { ca: await read('envoy', 'ca.crt'), leaf: await leaf('envoy'), otherLeaf: await leaf('envoy-rate-limit') };
}

/** Starts the controller against the cluster, after {@link makePki}; it begins with what is there. */
export async function startController(binary: string, cluster: Cluster): Promise<Controller> {
  const env = {
    PATH: process.env['PATH'],
    HOME: cluster.dir,
    KUBECONFIG: cluster.kubeconfig,
    ENVOY_GATEWAY_NAMESPACE: NAMESPACE,
  };
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  await run(binary, ['certgen', '--disable-topology-injector'], { env });
  const config = join(cluster.dir, 'envoy-gateway.yaml');
  await writeFile(config, JSON.stringify(CONFIG));
  const unlink = await linkCertificates(join(cluster.dir, 'certs/envoy-gateway'));
  const log = join(cluster.dir, 'envoy-gateway.log');
  const file = await open(log, 'a');
  const child = spawn(binary, ['server', '-c', config], { env, cwd: cluster.dir, stdio: ['ignore', file.fd, file.fd] });
  await file.close();
  const exited = once(child, 'exit');
  const die = (): void => void child.kill('SIGKILL');
  process.once('exit', die);
  return {
    log,
    async check() {
      if (child.exitCode === null && child.signalCode === null) return;
      throw new Error(`the controller ended:\n${(await readFile(log, 'utf8')).split('\n').slice(-15).join('\n')}`);
    },
    async stop() {
      process.off('exit', die);
      die();
      await exited;
      await unlink();
    },
  };
}

/** Puts a link where the controller looks for its certificate; the function returned takes it away again. */
async function linkCertificates(folder: string): Promise<() => Promise<void>> {
  const left = await readlink(CERTIFICATES).catch(() => '');
  // A run that was killed leaves its link; two at a time are impossible anyway, since the controller's ports are fixed.
  if (left.endsWith('/certs/envoy-gateway')) await rm(CERTIFICATES);
  try {
    await symlink(folder, CERTIFICATES);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `cannot link ${CERTIFICATES}, where Envoy Gateway expects its certificate (run as root): ${reason}`,
      {
        cause: error,
      },
    );
  }
  return () => rm(CERTIFICATES, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

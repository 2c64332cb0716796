/** An installation as `deploy/base` makes it, with a server behind its Service, where no kubelet runs a pod. */
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { freePort, startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';

export const NAMESPACE = 'gateward-system';
const deploy = resolve(import.meta.dirname, '../../deploy');

/** Makes an API server call webhooks where EndpointSlices lead, as there is nobody who forwards the addresses of Services. */
export const SERVICES_BY_ENDPOINTS = '--enable-aggregator-routing=true';

/** An address of this machine that an API server takes for one of a pod: no loopback. */
export function podAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('this machine has no address but loopback ones');
  return found.address;
}

/** A cluster whose API server calls webhooks where EndpointSlices lead, with Gateway API, and `deploy/base` applied. */
export async function startInstalled(): Promise<Cluster> {
  const cluster = await startCluster({ extraArgs: [SERVICES_BY_ENDPOINTS] });
  await installCrds(cluster, 'standard', { safeUpgrades: true });
  const crds = join(deploy, 'base/crds.generated.yaml');
  await kubectl(cluster, ['apply', '--server-side', '-f', crds]);
  await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  await kubectl(cluster, ['apply', '-k', join(deploy, 'base')]);
  return cluster;
}

/** kubectl that must not fail. */
export async function kubectl(cluster: Cluster, args: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args, { stdin });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** What a kubelet and a controller would make of a pod of the Deployment that answers at these ports. */
export async function addPod(
  cluster: Cluster,
  name: string,
  ports: { readonly webhook: number; readonly metrics: number },
  ready = true,
): Promise<void> {
  const address = podAddress();
  const labels = { 'app.kubernetes.io/name': 'gateward' };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels },
    spec: {
      serviceAccountName: 'gateward',
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'gateward',
          image: 'gateward',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'gateward' } },
    addressType: 'IPv4',
    ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number, protocol: 'TCP' })),
    endpoints: [
      { addresses: [address], conditions: { ready }, targetRef: { kind: 'Pod', name, namespace: NAMESPACE } },
    ],
  };
  for (const object of [pod, slice]) await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(object));
  const status = JSON.stringify({ status: { podIP: address, podIPs: [{ ip: address }] } });
  await kubectl(cluster, ['patch', 'pod', name, '-n', NAMESPACE, '--subresource=status', '--type=merge', '-p', status]);
}

/** The kubeconfig of a user, with a namespace as a pod has it. */
export async function kubeconfigIn(cluster: Cluster, user: string, token = cluster.token(user)): Promise<string> {
  const document = parseDocument(await readFile(cluster.kubeconfig, 'utf8'));
  document.setIn(['contexts', 0, 'context', 'namespace'], NAMESPACE);
  document.setIn(['users', 0, 'user', 'token'], token);
  const file = join(cluster.dir, `${user.replaceAll(':', '_')}.in.kubeconfig`);
  await writeFile(file, JSON.stringify(document.toJSON()), { mode: 0o600 });
  return file;
}

/** Two ports that nobody uses at the moment. */
export async function podPorts(): Promise<{ readonly webhook: number; readonly metrics: number }> {
  return { webhook: await freePort(), metrics: await freePort() };
}

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Policy } from '#policy';
import { BUNDLE_ANNOTATION, CHANNEL_ANNOTATION, EXPERIMENTAL_GROUP, GATEWAY_GROUP, apiVersionOf } from '#gateway';
import { OperatorError } from '../errors.ts';
import { LEASE_NAME } from '../report/manifestsRbac.ts';
import {
  bindingDoor,
  configurationDoor,
  crdDoor,
  dataDoor,
  deploymentDoor,
  leaseDoor,
  roleDoor,
  serviceDoor,
  sliceDoor,
  type Answer,
  type Endpoint,
  type Installation,
  type Replica,
  type RoleRule,
  type Seen,
  type ServedKind,
  type WebhookConfiguration,
} from './installation.ts';
import type { ApiConnection } from './liveConnection.ts';
import {
  ApiError,
  NOT_FOUND,
  expectApiServer,
  lackingRight,
  listCollection,
  readJson,
  requestError,
} from './liveList.ts';
import { listDocuments } from './livePolicies.ts';
import { createProof, messageOf } from './proofRequest.ts';
import { servedCertificate } from './servedCertificate.ts';

/** How everything of Gateward is named in `deploy/`. */
const NAME = 'gateward';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SAFE_UPGRADES = 'safe-upgrades.gateway.networking.k8s.io';
const CA_SECRET = 'gateward-ca';
const TLS_SECRET = 'gateward-tls';
/** The roles that Gateward may have, each with its binding. */
const ROLES = ['gateward', 'gateward-claims', 'gateward-vendors', 'gateward-certificates'];
/** Places that are looked at one by one; more of them are counted only. */
const MOST_REPLICAS = 20;
/** How long the API server may take to answer, and to pass on what a pod answers; in milliseconds. */
const SILENCE = 30_000;
const PROXY_SILENCE = 5000;

/**
 * Looks at an installation in a cluster, and writes nothing: the one request that is no reading is a creation in a dry run. What may not be
 * read is not seen, and says why. Throws {@link OperatorError} when the API server cannot be reached, or does not know who asks.
 */
export async function readInstallation(
  connection: ApiConnection,
  {
    namespace,
    policies,
    now,
  }: { readonly namespace: string; readonly policies: readonly Policy[]; readonly now: number },
  signal: AbortSignal,
): Promise<Installation> {
  try {
    await expectApiServer(connection, signal);
    const look = new Look(connection, signal);
    const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    const validating = await look.list(`${ADMISSION}/validatingwebhookconfigurations`, configurationDoor);
    const mutating = await look.list(`${ADMISSION}/mutatingwebhookconfigurations`, configurationDoor);
    const called = calledBy(validating) ?? calledBy(mutating);
    const serviceName = encodeURIComponent(called?.service?.name ?? NAME);
    const at = `/api/v1/namespaces/${encodeURIComponent(called?.service?.namespace ?? namespace)}`;
    const slices = await look.list(
      `${at.replace('/api/v1', '/apis/discovery.k8s.io/v1')}/endpointslices`,
      sliceDoor,
      `kubernetes.io/service-name=${serviceName}`,
    );
    const endpoints = mapped(slices, (all) => all.flatMap(endpointsOf));
    const workload = mapped(
      await look.one(`/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments/${NAME}`, deploymentDoor),
      (found) =>
        found === undefined
          ? undefined
          : {
              replicas: found.spec.replicas,
              args: found.spec.template.spec.containers.flatMap(({ args }) => args),
              secrets: found.spec.template.spec.volumes.flatMap(({ secret }) => secret?.secretName ?? []),
            },
    );
    const told = 'value' in workload ? workload.value : undefined;
    const argument = (name: string): string | undefined => told?.args[told.args.indexOf(name) + 1];
    const caSecret = told?.args.includes('--tls-secret') === true ? argument('--tls-secret') : CA_SECRET;
    const textIn = async (secret: string, key: string): Promise<Seen<string | undefined>> =>
      mapped(await look.one(`${core}/secrets/${encodeURIComponent(secret)}`, dataDoor), (found) =>
        found?.data[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString(),
      );
    const [service, lease, authority, keyPair, kinds, safeUpgrades, documents, policyFiles, access, replicas, answer] =
      await Promise.all([
        look.one(`${at}/services/${serviceName}`, serviceDoor),
        look.one(
          `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${LEASE_NAME}`,
          leaseDoor,
        ),
        textIn(caSecret ?? CA_SECRET, 'ca.crt'),
        textIn(told?.secrets[0] ?? TLS_SECRET, 'tls.crt'),
        servedKinds(look),
        guarded(look),
        look.try(`policy documents`, () => listDocuments(connection, policies, signal)),
        look.one(`${core}/configmaps/gateward-policies`, dataDoor),
        accessOf(look, namespace),
        replicasOf(look, at, called, 'value' in endpoints ? endpoints.value : []),
        answerOf(connection, signal),
      ]);
    return {
      server: connection.server,
      namespace,
      now,
      validating,
      mutating,
      service: mapped(service, (found) => found?.spec),
      endpoints,
      workload,
      lease: mapped(lease, (found) =>
        found === undefined
          ? undefined
          : {
              holder: found.spec.holderIdentity,
              durationSeconds: found.spec.leaseDurationSeconds,
              renewed: Date.parse(found.spec.renewTime),
            },
      ),
      authority,
      keyPair,
      replicas,
      kinds,
      safeUpgrades,
      documents,
      policyFiles: mapped(policyFiles, (found) => found && new Map(Object.entries(found.data))),
      access,
      answer,
    };
  } catch (error) {
    throw error instanceof OperatorError ? error : requestError(connection, error);
  }
}

/** Where the API server calls, as our configuration of a type says. */
function calledBy(
  configurations: Seen<readonly WebhookConfiguration[]>,
): WebhookConfiguration['webhooks'][number]['clientConfig'] | undefined {
  const all = 'value' in configurations ? configurations.value : [];
  return all.find(({ metadata }) => metadata.name === NAME)?.webhooks[0]?.clientConfig;
}

function endpointsOf({ endpoints, ports }: z.infer<typeof sliceDoor>): readonly Endpoint[] {
  const byName = new Map((ports ?? []).map(({ name, port }) => [name, port]));
  return (endpoints ?? []).flatMap(({ addresses, conditions, targetRef }) => {
    const [address] = addresses;
    const pod = targetRef?.kind === 'Pod' ? targetRef.name : undefined;
    return address === undefined ? [] : [{ address, ready: conditions.ready, pod, ports: byName }];
  });
}

/** Requests that read. */
class Look {
  readonly connection: ApiConnection;
  readonly #signal: AbortSignal;

  constructor(connection: ApiConnection, signal: AbortSignal) {
    this.connection = connection;
    this.#signal = signal;
  }

  /** One object; an undefined value when there is none, or its kind is not served. */
  async one<T>(path: string, door: z.ZodType<T>): Promise<Seen<T | undefined>> {
    return this.try(path, async () => {
      const response = await this.connection.get(path, this.#signal, SILENCE);
      if (response.status === NOT_FOUND) {
        await response.body.dump();
        return undefined;
      }
      return door.parse(await readJson(response, path));
    });
  }

  /** A whole collection; none when its kind is not served. */
  async list<T>(path: string, door: z.ZodType<T>, labelSelector?: string): Promise<Seen<readonly T[]>> {
    return this.try(path, async () => {
      const items: T[] = [];
      const collection = { path, apiVersion: '', kind: '', ...(labelSelector === undefined ? {} : { labelSelector }) };
      await listCollection(this.connection, collection, (item) => items.push(door.parse(item)), this.#signal);
      return items;
    });
  }

  /** What a pod answers to a GET that the API server passes on. */
  async through(path: string): Promise<Seen<{ readonly status: number; readonly text: string }>> {
    return this.try(path, async () => {
      const { status, body } = await this.connection.get(path, this.#signal, PROXY_SILENCE);
      const text = await body.text();
      const refused = messageOf(text);
      if (refused !== undefined) throw new ApiError(status, path, refused);
      return { status, text };
    });
  }

  /** Makes what an API server refuses, and what is not as it should be, into something that is not seen. */
  async try<T>(path: string, read: () => Promise<T>): Promise<Seen<T>> {
    try {
      return { value: await read() };
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'cluster/forbidden')
        return { unseen: error.message.replace(/^.*: /, '') };
      if (error instanceof z.ZodError) return { unseen: `${path}: ${z.prettifyError(error).split('\n')[0] ?? ''}` };
      if (!(error instanceof ApiError) || error.status === 401) throw error;
      const lacking = lackingRight(error.message);
      return { unseen: lacking === undefined ? error.message : `may not ${lacking.verb} ${lacking.resource}` };
    }
  }
}

function mapped<T, U>(seen: Seen<T>, map: (value: T) => U): Seen<U> {
  return 'value' in seen ? { value: map(seen.value) } : seen;
}

const groupDoor = z.object({ versions: z.array(z.object({ version: z.string() })) });
const resourcesDoor = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** The kinds of Gateway API that are served, by discovery, and of which release their CRDs say they are. */
async function servedKinds(look: Look): Promise<Seen<readonly ServedKind[]>> {
  const kinds = new Map<string, Omit<ServedKind, 'release'> & { readonly versions: string[] }>();
  for (const group of [GATEWAY_GROUP, EXPERIMENTAL_GROUP]) {
    const found = await look.one(`/apis/${group}`, groupDoor);
    if ('unseen' in found) return found;
    for (const { version } of found.value?.versions ?? []) {
      const listed = await look.one(`/apis/${apiVersionOf(group, version)}`, resourcesDoor);
      if ('unseen' in listed) return listed;
      for (const { name, kind, namespaced } of listed.value?.resources ?? []) {
        if (name.includes('/')) continue;
        const scope = namespaced ? ('Namespaced' as const) : ('Cluster' as const);
        const known = kinds.get(`${name}.${group}`) ?? { group, kind, plural: name, scope, versions: [] };
        known.versions.push(version);
        kinds.set(`${name}.${group}`, known);
      }
    }
  }
  // Discovery lists them in no order that lasts.
  const place = ({ group, plural }: { readonly group: string; readonly plural: string }): string =>
    `${group}/${plural}`;
  const sorted = [...kinds].sort(([, a], [, b]) => (place(a) < place(b) ? -1 : 1));
  const all = sorted.map(async ([name, kind]): Promise<ServedKind> => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
    const release = mapped(await look.one(path, crdDoor), (crd) => ({
      channel: crd?.metadata.annotations[CHANNEL_ANNOTATION],
      bundle: crd?.metadata.annotations[BUNDLE_ANNOTATION],
    }));
    return { ...kind, release };
  });
  return { value: await Promise.all(all) };
}

const bindingOfPolicyDoor = z.object({ spec: z.object({ policyName: z.string() }) });

async function guarded(look: Look): Promise<Seen<boolean>> {
  const policy = await look.one(`${ADMISSION}/validatingadmissionpolicies/${SAFE_UPGRADES}`, z.object({}));
  if ('unseen' in policy || policy.value === undefined) return mapped(policy, () => false);
  const bindings = await look.list(`${ADMISSION}/validatingadmissionpolicybindings`, bindingOfPolicyDoor);
  return mapped(bindings, (all) => all.some(({ spec }) => spec.policyName === SAFE_UPGRADES));
}

async function accessOf(look: Look, namespace: string): Promise<Installation['access']> {
  const rulesIn = async (root: string, roles: string, bindings: string): Promise<Seen<readonly RoleRule[]>> => {
    const rules: RoleRule[] = [];
    for (const name of ROLES) {
      const binding = await look.one(`${root}/${bindings}/${name}`, bindingDoor);
      if ('unseen' in binding) return binding;
      const isBound = binding.value?.subjects.some(
        (subject) => subject.kind === 'ServiceAccount' && subject.name === NAME && subject.namespace === namespace,
      );
      if (binding.value === undefined || isBound !== true) continue;
      const role = await look.one(`${root}/${roles}/${encodeURIComponent(binding.value.roleRef.name)}`, roleDoor);
      if ('unseen' in role) return role;
      rules.push(...(role.value?.rules ?? []));
    }
    return { value: rules };
  };
  const cluster = await rulesIn(RBAC, 'clusterroles', 'clusterrolebindings');
  if ('unseen' in cluster) return cluster;
  const inNamespace = `${RBAC}/namespaces/${encodeURIComponent(namespace)}`;
  const namespaced = await rulesIn(inNamespace, 'roles', 'rolebindings');
  return mapped(namespaced, (rules) => ({ cluster: cluster.value, namespaced: rules }));
}

/** Each place where Gateward answers: the pods behind the Service, or what the webhook's URL leads to. */
async function replicasOf(
  look: Look,
  namespacePath: string,
  called: ReturnType<typeof calledBy>,
  endpoints: readonly Endpoint[],
): Promise<readonly Replica[]> {
  if (called?.url !== undefined) {
    const { hostname, port, host } = new URL(called.url);
    const bare = hostname.replace(/^\[|\]$/g, '');
    const unseen = 'the webhook calls a URL, which cannot be asked through the API server';
    const certificate = await servedCertificate(bare, Number(port === '' ? 443 : port), bare);
    return [{ name: host, certificate, ready: { unseen }, metrics: { unseen } }];
  }
  const name = `${called?.service?.name ?? NAME}.${decodeURIComponent(namespacePath.split('/')[4] ?? '')}.svc`;
  const seen = endpoints.slice(0, MOST_REPLICAS).map(async ({ address, pod, ports }): Promise<Replica> => {
    const port = ports.get('webhook') ?? [...ports.values()][0] ?? 443;
    const metrics = ports.get('metrics');
    const reach = (scheme: string, to: number, path: string): ReturnType<Look['through']> =>
      pod === undefined
        ? Promise.resolve({ unseen: 'the endpoint is no pod' })
        : look.through(`${namespacePath}/pods/${scheme}:${encodeURIComponent(pod)}:${to}/proxy/${path}`);
    return {
      name: pod === undefined ? address : `pod ${pod}`,
      certificate: await servedCertificate(address, port, name),
      ready: await reach('https', port, 'readyz'),
      metrics:
        metrics === undefined
          ? { unseen: 'the Service has no port named metrics' }
          : mapped(await reach('http', metrics, 'metrics'), ({ text }) => samplesOf(text)),
    };
  });
  return Promise.all(seen);
}

/** The samples of Prometheus' text format, by name and labels as they stand there. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

async function answerOf(connection: ApiConnection, signal: AbortSignal): Promise<Answer> {
  const word = randomBytes(8).toString('hex');
  const { outcome, message } = await createProof(connection, { word }, signal);
  switch (outcome) {
    case 'denied':
      return { answer: 'denied' };
    case 'admitted':
      return { answer: 'stored' };
    case 'failed':
      return { answer: 'failed', problem: message };
    case 'absent':
      return { unseen: 'the cluster serves no HTTPRoute of v1' };
    case 'forbidden':
      return { unseen: 'may not create httproutes in default' };
    case 'refused':
      return { unseen: message };
  }
}

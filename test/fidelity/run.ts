/** One run: a cluster with worlds in it, a controller that has had its say, and everything read back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_GROUP, KIND_NAMES, type KindName } from '#gateway';
import { startCluster } from '../e2e/cluster.ts';
import { installCrds } from '../e2e/crds.ts';
import { Api, servedVersion, type Manifest, type Refusal } from './api.ts';
import { conformanceWorld } from './conformance.ts';
import { CONTROLLER_NAME, controllerBinary, controllerCrds, makePki, startController } from './controller.ts';
import { CLASS_NAME, FOREIGN_CLASS_NAME } from './sketch.ts';
import { worlds, type World } from './worlds.ts';

/** What a run leaves: the worlds as they were drawn, what the API server did not take, and all objects with their status. */
export interface Outcome {
  readonly worlds: readonly World[];
  readonly refused: readonly Refusal[];
  readonly objects: ReadonlyMap<KindName, readonly Manifest[]>;
}

/** Kinds that cannot be in the cluster (their CRDs are gone from v1.6), or that no world has. */
const ABSENT: readonly KindName[] = [
  'BackendLBPolicy',
  'XListenerSet',
  'ServiceImport',
  'CustomResourceDefinition',
  'Ingress',
];
const STATUS_KINDS: readonly KindName[] = [
  'Gateway',
  'ListenerSet',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
];

/** Draws the worlds, lets the controller judge them and reads all back. `tell` hears what happens. */
export async function runController(seed: number, count: number, tell: (line: string) => void): Promise<Outcome> {
  tell('building or finding Envoy Gateway');
  const binary = await controllerBinary();
  // Every Gateway gets a Service from the controller: more than the 254 addresses of the default range.
  const cluster = await startCluster({ extraArgs: ['--service-cluster-ip-range=10.96.0.0/16'] });
  const api = new Api(cluster);
  try {
    await installCrds(cluster, 'experimental');
    const applied = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: await controllerCrds() });
    if (applied.code !== 0) throw new Error(applied.stderr);
    const pki = await makePki(binary, cluster);
    const conformance = await conformanceWorld(pki);
    const drawn = [...(conformance === undefined ? [] : [conformance]), ...worlds(seed, count, pki)];
    tell(`creating ${drawn.length} worlds`);
    const refused = await populate(api, drawn);
    tell('starting the controller');
    const controller = await startController(binary, cluster);
    try {
      await settle(api, () => controller.check());
      return { worlds: drawn, refused, objects: await readAll(api) };
    } finally {
      await controller.stop();
    }
  } finally {
    await api.close();
    await cluster.stop();
  }
}

async function populate(api: Api, drawn: readonly World[]): Promise<Refusal[]> {
  const classes = [
    [CLASS_NAME, CONTROLLER_NAME],
    [FOREIGN_CLASS_NAME, 'example.com/nobody'],
  ].map(([name = '', controllerName]) => ({
    apiVersion: `${GATEWAY_GROUP}/v1`,
    kind: 'GatewayClass',
    metadata: { name },
    spec: { controllerName },
  }));
  const all = (wave: 0 | 1): Manifest[] => drawn.flatMap(({ waves }) => waves[wave]);
  const namespaces = all(0).filter(({ kind }) => kind === 'Namespace');
  const refused = await api.create([...classes, ...namespaces]);
  refused.push(...(await api.create(all(0).filter(({ kind }) => kind !== 'Namespace'))));
  await sleep(1100); // creation times are whole seconds
  refused.push(...(await api.create(all(1))));
  return refused;
}

/**
 * Waits until every managed Gateway has been judged in its present generation and nothing has changed for three seconds; ten suffice
 * where a Gateway is never judged, because the controller cannot write its status.
 */
async function settle(api: Api, check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 240_000;
  let seen = '';
  let rest = 0;
  for (;;) {
    await check();
    await sleep(1000);
    const lists = await Promise.all(STATUS_KINDS.map((kind) => api.list(servedVersion(kind), kind)));
    const versions = lists
      .flat()
      .map(({ metadata }) => metadata.resourceVersion)
      .join();
    const managed = (lists[0] ?? []).filter(isManaged);
    const judged = managed.filter(isJudged).length;
    rest = judged > 0 && versions === seen ? rest + 1 : 0;
    if (rest >= (judged === managed.length ? 3 : 10)) return;
    seen = versions;
    if (Date.now() > deadline) throw new Error(`${judged} of ${managed.length} Gateways judged, and still no rest`);
  }
}

function isManaged({ spec }: Manifest): boolean {
  return (
    typeof spec === 'object' && spec !== null && 'gatewayClassName' in spec && spec.gatewayClassName === CLASS_NAME
  );
}

function isJudged({ metadata, status }: Manifest): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; observedGeneration?: number }[] };
  return conditions.some(
    ({ type, observedGeneration }) => type === 'Accepted' && observedGeneration === metadata.generation,
  );
}

async function readAll(api: Api): Promise<Map<KindName, Manifest[]>> {
  const present = KIND_NAMES.filter((kind) => !ABSENT.includes(kind));
  const lists = await Promise.all(
    present.map(async (kind) => [kind, await api.list(servedVersion(kind), kind)] as const),
  );
  return new Map(lists);
}

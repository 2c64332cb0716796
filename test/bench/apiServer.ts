/**
 * The API server of the benchmark of the live view, in a process of its own: the world with so many routes, each as large as a cluster makes
 * it (`apiServer.ts ROUTES KEY CERT`). Sends its address when it listens. A message `{ events }` has so many changes of routes written down, a
 * message `{ rate }` tells of them; the answer to either is how many there are. From a message `{ leases }` on there can be a leader.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { KINDS, type KindName } from '#gateway';
import { fakeApiServer } from '../support/fakeApiServer.ts';
import { benchObjects, parentRef, standingRoute, type BenchObject } from './world.ts';

const [routes, key, cert] = [Number(process.argv[2]), ...process.argv.slice(3)];
const fake = await fakeApiServer({ key: readFileSync(key ?? '', 'utf8'), cert: readFileSync(cert ?? '', 'utf8') });
const collectionOf = (kind: KindName): string => {
  const { group, plural, versions } = KINDS[kind];
  return group === '' ? `/api/${versions[0]}/${plural}` : `/apis/${group}/${versions[0]}/${plural}`;
};
for (const kind of ['Namespace', 'GatewayClass', 'Gateway', 'Service', 'ReferenceGrant', 'HTTPRoute'] as const) {
  fake.serve(collectionOf(kind));
}
for (const { kind, object } of benchObjects(routes)) fake.put(collectionOf(kind), grown(object));
fake.compact();
process.send?.(fake.url);

let gusts: readonly (() => void)[] = [];
process.on('message', (order: { readonly events: number } | { readonly rate: number } | { readonly leases: true }) => {
  if ('leases' in order) fake.serve('/apis/coordination.k8s.io/v1/leases');
  else if ('events' in order) {
    gusts = prepared(order.events);
    globalThis.gc?.();
    process.send?.(order.events);
  } else void storm(gusts, order.rate).then((events) => process.send?.(events));
});
process.on('disconnect', () => process.exit());

/** So many events are told together. */
const EVENTS_OF_A_GUST = 25;

function prepared(events: number): readonly (() => void)[] {
  return Array.from({ length: events / EVENTS_OF_A_GUST }, (_, gust) =>
    fake.prepare(
      collectionOf('HTTPRoute'),
      Array.from({ length: EVENTS_OF_A_GUST }, (__, at) =>
        grown(changed(((gust * EVENTS_OF_A_GUST + at) * 7919) % routes)),
      ),
    ),
  );
}

async function storm(gusts: readonly (() => void)[], rate: number): Promise<number> {
  const started = performance.now();
  for (let told = 0; told < gusts.length;) {
    const due = ((performance.now() - started) / 1000) * (rate / EVENTS_OF_A_GUST);
    for (; told < due && told < gusts.length; told += 1) gusts[told]?.();
    await pause(2);
  }
  const last = standingRoute(0);
  fake.put(collectionOf('HTTPRoute'), grown({ ...last, metadata: { ...last.metadata, name: `last-${started}` } }));
  return gusts.length * EVENTS_OF_A_GUST;
}

/** A route that has moved to another hostname. */
function changed(at: number): BenchObject {
  const route = standingRoute(at);
  const { namespace = '' } = route.metadata;
  return { ...route, spec: { ...Object(route.spec), hostnames: [`moved-${at}.${namespace}.example.com`] } };
}

/** The object as a cluster has it, with what clients and controllers leave in it. */
function grown(object: BenchObject): BenchObject {
  const { metadata, kind } = object;
  const at = Number(/\d+$/.exec(metadata.name)?.[0] ?? 0);
  const conditions = ['Accepted', 'ResolvedRefs'].map((type) => ({
    type,
    status: 'True',
    reason: type,
    message: `${kind} ${metadata.name} is in order`,
    observedGeneration: 1,
    lastTransitionTime: '2026-02-01T00:00:01Z',
  }));
  const status = { parents: [{ parentRef: parentRef(at), controllerName: 'example.com/controller', conditions }] };
  return {
    ...object,
    metadata: {
      ...metadata,
      generation: 1,
      labels: { ...Object(metadata['labels']), 'app.kubernetes.io/name': `app-${at % 50}` },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
      managedFields: [
        {
          manager: 'kubectl',
          operation: 'Apply',
          apiVersion: object.apiVersion,
          time: '2026-02-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:hostnames': {}, 'f:parentRefs': {}, 'f:rules': {} } },
        },
      ],
    },
    ...(kind === 'HTTPRoute' ? { status } : {}),
  };
}

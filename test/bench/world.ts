import { APP_PROTOCOL_FEATURES, FEATURES, type KindName } from '#gateway';
import { Store } from '../../src/cluster/store.ts';
import { objectOf } from '../support/world.ts';

const NAMESPACES = 500;
const GATEWAYS = 200;
const SERVICES = 5000;
const GRANTS = 2000;

/** `team-7`: the namespaces of the world. */
export function namespaceName(index: number): string {
  return `team-${index % NAMESPACES}`;
}

/** The filters that the documents ask of each rule. */
export const FILTERS: readonly unknown[] = [
  {
    type: 'ResponseHeaderModifier',
    responseHeaderModifier: {
      set: [
        { name: 'Strict-Transport-Security', value: 'max-age=31536000' },
        { name: 'X-Content-Type-Options', value: 'nosniff' },
      ],
      remove: ['Server', 'X-Powered-By'],
    },
  },
  { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['X-Forwarded-User'] } },
];

/** The parent that routes of a namespace attach to. */
export function parentRef(index: number): Readonly<Record<string, unknown>> {
  return {
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    name: `gateway-${(index % NAMESPACES) % GATEWAYS}`,
    namespace: 'infra',
  };
}

/** Lines of `owners` for the hostnames of all namespaces. */
export function owners(): readonly string[] {
  return Array.from({ length: NAMESPACES }, (_, index) => {
    const name = namespaceName(index);
    return `    - { hostnames: ["*.${name}.example.com"], namespaces: [${name}] }`;
  });
}

/** A cluster with so many routes, each with one to three hostnames, a tenth of them wildcards. */
export function benchWorld(routes: number): Store {
  const store = new Store('all');
  for (const { kind, object } of benchObjects(routes)) store.put(kind, objectOf(kind, object));
  return store;
}

/** The objects of that cluster, as a user writes them. */
export function* benchObjects(routes: number): Iterable<{ readonly kind: KindName; readonly object: BenchObject }> {
  const gateway = 'gateway.networking.k8s.io/v1';
  const namespace = (name: string, labels: object): BenchObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  yield { kind: 'Namespace', object: namespace('infra', { tier: 'platform' }) };
  for (let at = 0; at < NAMESPACES; at += 1) {
    const labels = { tier: 'apps', 'gateway-access': 'public' };
    yield { kind: 'Namespace', object: namespace(namespaceName(at), labels) };
  }
  yield {
    kind: 'GatewayClass',
    object: {
      apiVersion: gateway,
      kind: 'GatewayClass',
      metadata: { name: 'public' },
      spec: { controllerName: 'example.com/controller' },
      status: {
        supportedFeatures: [...FEATURES.map(({ name }) => name), ...APP_PROTOCOL_FEATURES.values()].map((name) => ({
          name,
        })),
      },
    },
  };
  for (let at = 0; at < GATEWAYS; at += 1) {
    const from = { from: 'Selector', selector: { matchLabels: { 'gateway-access': 'public' } } };
    const listener = {
      name: 'https',
      port: 443,
      protocol: 'HTTPS',
      hostname: '*.example.com',
      allowedRoutes: { namespaces: from },
    };
    const object = {
      apiVersion: gateway,
      kind: 'Gateway',
      metadata: { name: `gateway-${at}`, namespace: 'infra', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        gatewayClassName: 'public',
        listeners: [{ ...listener, tls: { certificateRefs: [{ name: 'example-com' }] } }],
      },
    };
    yield { kind: 'Gateway', object };
  }
  for (let at = 0; at < SERVICES; at += 1) {
    const metadata = { name: `service-${Math.floor(at / NAMESPACES)}`, namespace: namespaceName(at) };
    const spec = { ports: [{ name: 'http', port: 80 }] };
    yield { kind: 'Service', object: { apiVersion: 'v1', kind: 'Service', metadata, spec } };
  }
  for (let at = 0; at < GRANTS; at += 1) {
    const object = {
      apiVersion: gateway,
      kind: 'ReferenceGrant',
      metadata: { name: `grant-${at}`, namespace: namespaceName(at) },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: namespaceName(at + 1) }],
        to: [{ group: '', kind: 'Service', name: 'service-0' }],
      },
    };
    yield { kind: 'ReferenceGrant', object };
  }
  for (let at = 0; at < routes; at += 1) yield { kind: 'HTTPRoute', object: standingRoute(at) };
}

/** An object of the world, before defaults. */
export interface BenchObject {
  readonly [field: string]: unknown;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The route of a number; the same number gives the same route. */
export function standingRoute(at: number): BenchObject {
  const namespace = namespaceName(at);
  const hostnames = Array.from({ length: 1 + (at % 3) }, (_, part) =>
    at % 10 === 0 && part === 0 ? `*.w${at}.${namespace}.example.com` : `h${at}-${part}.${namespace}.example.com`,
  );
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: `route-${at}`,
      namespace,
      uid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      creationTimestamp: '2026-02-01T00:00:00Z',
      resourceVersion: String(1000 + at),
    },
    spec: {
      parentRefs: [parentRef(at)],
      hostnames,
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: `/app-${at}` } }],
          filters: FILTERS,
          backendRefs: [{ name: `service-${at % 10}`, port: 80 }],
        },
      ],
    },
  };
}

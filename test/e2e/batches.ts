/** Batches as users apply them: what a route needs stands in the same batch, and has been there for milliseconds when the route comes. */
import type { Cluster } from './cluster.ts';

/** Documents under which each route of a batch is denied unless the namespace's label, the class, the grant and the Service are seen. */
export const BATCH_POLICIES = `
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: attached }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: BackendReferences
metadata: { name: backends }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: GatewayClassAccess
metadata: { name: classes }
spec: { action: Deny }
`;

const GATEWAY = 'gateway.networking.k8s.io/v1';

interface Made {
  readonly collection: string;
  readonly object: Readonly<Record<string, unknown>>;
}

function batch(at: string): readonly Made[] {
  const [own, shop] = [`batch-${at}`, `batch-${at}-shop`];
  const core = (inside: string, plural: string): string => `/api/v1/namespaces/${inside}/${plural}`;
  const gateway = (inside: string, plural: string): string => `/apis/${GATEWAY}/namespaces/${inside}/${plural}`;
  const namespaced = (name: string, labels: object): Made => ({
    collection: '/api/v1/namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
  });
  return [
    namespaced(own, { batch: at }),
    namespaced(shop, {}),
    {
      collection: `/apis/${GATEWAY}/gatewayclasses`,
      object: {
        apiVersion: GATEWAY,
        kind: 'GatewayClass',
        metadata: { name: own },
        spec: { controllerName: 'example.com/controller' },
      },
    },
    {
      collection: gateway(shop, 'gateways'),
      object: {
        apiVersion: GATEWAY,
        kind: 'Gateway',
        metadata: { name: 'public' },
        spec: {
          gatewayClassName: own,
          listeners: [
            {
              name: 'http',
              port: 80,
              protocol: 'HTTP',
              allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { batch: at } } } },
            },
          ],
        },
      },
    },
    {
      collection: gateway(shop, 'referencegrants'),
      object: {
        apiVersion: GATEWAY,
        kind: 'ReferenceGrant',
        metadata: { name: 'in' },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: own }],
          to: [{ group: '', kind: 'Service', name: 'web' }],
        },
      },
    },
    {
      collection: core(shop, 'services'),
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { clusterIP: 'None', ports: [{ port: 80 }] },
      },
    },
    {
      collection: gateway(own, 'httproutes'),
      object: {
        apiVersion: GATEWAY,
        kind: 'HTTPRoute',
        metadata: { name: 'web' },
        spec: {
          hostnames: [`${own}.example.com`],
          parentRefs: [{ name: 'public', namespace: shop }],
          rules: [{ backendRefs: [{ name: 'web', namespace: shop, port: 80 }] }],
        },
      },
    },
  ];
}

/** Applies so many batches, one write after the other as kubectl does, and gives what was refused. `from` makes their names new. */
export async function applyBatches(cluster: Cluster, count: number, from: string): Promise<readonly string[]> {
  const refused: string[] = [];
  for (let at = 0; at < count; at += 1) {
    for (const { collection, object } of batch(`${from}${at}`)) {
      const { status, body } = await cluster.request(collection, { method: 'POST', body: object });
      if (status !== 201) refused.push(`${String(object['kind'])} of batch ${at}: ${status} ${body}`);
    }
  }
  return refused;
}

/**
 * The status of each write of a batch without its grant: the route, the last, must be refused (403), or the documents would deny nothing and
 * nothing would be proved.
 */
export async function batchWithoutGrant(cluster: Cluster, from: string): Promise<readonly number[]> {
  const made = batch(`${from}denied`).filter(({ object }) => object['kind'] !== 'ReferenceGrant');
  const answers: number[] = [];
  for (const { collection, object } of made) {
    answers.push((await cluster.request(collection, { method: 'POST', body: object })).status);
  }
  return answers;
}

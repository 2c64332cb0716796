import { KINDS, kindOf, parseApiVersion } from '#gateway';

/** A manifest as a test writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** An HTTPRoute for one hostname. */
export function httpRoute(hostname: string, metadata: Manifest['metadata'] = {}): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'team-shop', ...metadata },
    spec: { hostnames: [hostname], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
  };
}

/** The AdmissionReview that the API server would send for an operation on an object; `changes` overrides fields of its request. */
export function reviewOf(
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT',
  object: Manifest,
  oldObject?: Manifest,
  changes: Readonly<Record<string, unknown>> = {},
): { apiVersion: string; kind: string; request: Record<string, unknown> } {
  const { group, version } = parseApiVersion(object.apiVersion);
  const known = kindOf(group, object.kind);
  const plural = known === undefined ? `${object.kind.toLowerCase()}s` : KINDS[known].plural;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group, version, kind: object.kind },
      resource: { group, version, resource: plural },
      requestKind: { group, version, kind: object.kind },
      requestResource: { group, version, resource: plural },
      name: object.metadata.name ?? '',
      namespace: object.metadata.namespace ?? '',
      operation,
      userInfo: { username: 'dev', groups: ['system:authenticated'] },
      object: operation === 'DELETE' ? null : object,
      oldObject: operation === 'DELETE' ? object : (oldObject ?? null),
      dryRun: false,
      options: null,
      ...changes,
    },
  };
}

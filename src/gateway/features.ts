import type { FieldPath } from './fieldPath.ts';
import type { RouteFilter } from './filter.ts';
import type { Indexed, ObjectOf } from './kindMap.ts';
import type { KindName } from './kinds.ts';
import { tlsModeOf } from './routeKinds.ts';
import type { HTTPRoute } from './route.ts';

/** The kinds whose fields ask for features. */
export type FeatureKind =
  'BackendTLSPolicy' | 'Gateway' | 'GRPCRoute' | 'HTTPRoute' | 'ListenerSet' | 'TCPRoute' | 'TLSRoute' | 'UDPRoute';

/** A feature of Gateway API, as `status.supportedFeatures` of a GatewayClass and conformance reports spell it (pkg/features). */
export interface Feature {
  readonly name: string;
  /** Where its use can be seen. */
  readonly kind: FeatureKind;
  /** The fields with which an object asks for it; none for an object of another kind. */
  readonly uses: (entry: Indexed<KindName>) => readonly FieldPath[];
}

/**
 * Features that no field of an object asks for: behaviour of the data plane, what every implementation has (ReferenceGrant), what a mesh
 * does for Service parents, and the port matching that GatewayClasses never came to report apart from `HTTPRouteParentRefPort`.
 */
export const FEATURES_WITHOUT_FIELD = [
  'GatewayHTTPListenerIsolation',
  'GatewayHTTPSListenerDetectMisdirectedRequests',
  'HTTPRouteDestinationPortMatching',
  'HTTPRouteRetryConnectionError',
  'Mesh',
  'MeshClusterIPMatching',
  'MeshConsumerRoute',
  'MeshHTTPRouteBackendRequestHeaderModification',
  'MeshHTTPRouteNamedRouteRule',
  'MeshHTTPRouteQueryParamMatching',
  'MeshHTTPRouteRedirectPath',
  'MeshHTTPRouteRedirectPort',
  'MeshHTTPRouteRewritePath',
  'MeshHTTPRouteSchemeRedirect',
  'ReferenceGrant',
] as const;

/** Features that depend on the `appProtocol` of the Service behind a backendRef (GEP-1911). */
export const APP_PROTOCOL_FEATURES: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/h2c', 'HTTPRouteBackendProtocolH2C'],
  ['kubernetes.io/ws', 'HTTPRouteBackendProtocolWebSocket'],
]);

/** Every feature of Gateway API v1.6.1 that a field asks for, by kind. */
export const FEATURES: readonly Feature[] = [
  ...kindItself(
    'Gateway',
    'HTTPRoute',
    'GRPCRoute',
    'TLSRoute',
    'TCPRoute',
    'UDPRoute',
    'ListenerSet',
    'BackendTLSPolicy',
  ),

  ...(['Gateway', 'ListenerSet'] as const).map((kind) =>
    feature(kind, 'GatewayPort8080', ({ spec }) =>
      spec.listeners.flatMap((listener, at) => (listener.port === 8080 ? [['spec', 'listeners', at, 'port']] : [])),
    ),
  ),
  feature('Gateway', 'GatewayStaticAddresses', ({ spec }) =>
    (spec.addresses ?? []).flatMap(({ value }, at) => (isGiven(value) ? [['spec', 'addresses', at, 'value']] : [])),
  ),
  feature('Gateway', 'GatewayAddressEmpty', ({ spec }) =>
    (spec.addresses ?? []).flatMap(({ value }, at) => (isGiven(value) ? [] : [['spec', 'addresses', at]])),
  ),
  feature('Gateway', 'GatewayInfrastructurePropagation', ({ spec }) => [
    ...when(spec.infrastructure?.labels, 'spec', 'infrastructure', 'labels'),
    ...when(spec.infrastructure?.annotations, 'spec', 'infrastructure', 'annotations'),
  ]),
  feature('Gateway', 'ListenerSet', ({ spec }) =>
    (spec.allowedListeners?.namespaces?.from ?? 'None') === 'None' ? [] : [['spec', 'allowedListeners']],
  ),
  feature('Gateway', 'GatewayBackendClientCertificate', ({ spec }) =>
    when(spec.tls?.backend?.clientCertificateRef, 'spec', 'tls', 'backend', 'clientCertificateRef'),
  ),
  feature('Gateway', 'GatewayFrontendClientCertificateValidation', ({ spec }) =>
    when(spec.tls?.frontend, 'spec', 'tls', 'frontend'),
  ),
  feature('Gateway', 'GatewayFrontendClientCertificateValidationInsecureFallback', ({ spec }) => {
    const frontend = spec.tls?.frontend;
    const insecure = (mode: string | undefined): true | undefined =>
      mode === 'AllowInsecureFallback' ? true : undefined;
    return [
      ...when(
        insecure(frontend?.default?.validation?.mode),
        'spec',
        'tls',
        'frontend',
        'default',
        'validation',
        'mode',
      ),
      ...(frontend?.perPort ?? []).flatMap(({ tls }, at) =>
        when(insecure(tls?.validation?.mode), 'spec', 'tls', 'frontend', 'perPort', at, 'tls', 'validation', 'mode'),
      ),
    ];
  }),
  ...(['Gateway', 'ListenerSet'] as const).flatMap((kind) => [
    feature(kind, 'TLSRouteModeTerminate', ({ spec }) =>
      spec.listeners.flatMap((listener, at) =>
        listener.protocol === 'TLS' && tlsModeOf(listener) === 'Terminate' ? [['spec', 'listeners', at, 'tls']] : [],
      ),
    ),
    feature(kind, 'TLSRouteModeMixed', ({ spec }) => {
      const modes = new Map<number, Set<string>>();
      for (const listener of spec.listeners) {
        if (listener.protocol !== 'TLS') continue;
        modes.set(listener.port, (modes.get(listener.port) ?? new Set()).add(tlsModeOf(listener)));
      }
      return spec.listeners.flatMap((listener, at) =>
        listener.protocol === 'TLS' && (modes.get(listener.port)?.size ?? 0) > 1
          ? [['spec', 'listeners', at, 'tls']]
          : [],
      );
    }),
  ]),

  feature('HTTPRoute', 'HTTPRouteParentRefPort', ({ spec }) =>
    (spec.parentRefs ?? []).flatMap(({ port }, at) => when(port, 'spec', 'parentRefs', at, 'port')),
  ),
  feature('HTTPRoute', 'HTTPRouteNamedRouteRule', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ name }, at) => when(name, 'spec', 'rules', at, 'name')),
  ),
  feature('HTTPRoute', 'HTTPRouteQueryParamMatching', (route) =>
    matches(route, ({ queryParams = [] }) => (queryParams.length > 0 ? 'queryParams' : undefined)),
  ),
  feature('HTTPRoute', 'HTTPRouteMethodMatching', (route) =>
    matches(route, ({ method }) => (method === undefined ? undefined : 'method')),
  ),
  feature('HTTPRoute', 'HTTPRouteRequestTimeout', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ timeouts }, at) =>
      when(timeouts?.request, 'spec', 'rules', at, 'timeouts', 'request'),
    ),
  ),
  feature('HTTPRoute', 'HTTPRouteBackendTimeout', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ timeouts }, at) =>
      when(timeouts?.backendRequest, 'spec', 'rules', at, 'timeouts', 'backendRequest'),
    ),
  ),
  feature('HTTPRoute', 'HTTPRouteRetry', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ retry }, at) => when(retry, 'spec', 'rules', at, 'retry')),
  ),
  feature('HTTPRoute', 'HTTPRouteRetryBackendTimeout', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ retry, timeouts }, at) =>
      retry === undefined ? [] : when(timeouts?.backendRequest, 'spec', 'rules', at, 'retry'),
    ),
  ),
  onFilter(
    'HTTPRouteResponseHeaderModification',
    ({ responseHeaderModifier }) => responseHeaderModifier,
    'responseHeaderModifier',
  ),
  onFilter('HTTPRoutePortRedirect', ({ requestRedirect }) => requestRedirect?.port, 'requestRedirect', 'port'),
  onFilter('HTTPRouteSchemeRedirect', ({ requestRedirect }) => requestRedirect?.scheme, 'requestRedirect', 'scheme'),
  onFilter('HTTPRoutePathRedirect', ({ requestRedirect }) => requestRedirect?.path, 'requestRedirect', 'path'),
  ...[303, 307, 308].map((code) =>
    onFilter(
      `HTTPRoute${code}RedirectStatusCode`,
      ({ requestRedirect }) => (requestRedirect?.statusCode === code ? code : undefined),
      'requestRedirect',
      'statusCode',
    ),
  ),
  onFilter('HTTPRouteHostRewrite', ({ urlRewrite }) => urlRewrite?.hostname, 'urlRewrite', 'hostname'),
  onFilter('HTTPRoutePathRewrite', ({ urlRewrite }) => urlRewrite?.path, 'urlRewrite', 'path'),
  onFilter('HTTPRouteCORS', ({ cors }) => cors, 'cors'),
  onFilter('HTTPRouteRequestMirror', ({ requestMirror }) => requestMirror, 'requestMirror'),
  onFilter(
    'HTTPRouteRequestPercentageMirror',
    ({ requestMirror }) => requestMirror?.percent,
    'requestMirror',
    'percent',
  ),
  onFilter(
    'HTTPRouteRequestPercentageMirror',
    ({ requestMirror }) => requestMirror?.fraction,
    'requestMirror',
    'fraction',
  ),
  feature('HTTPRoute', 'HTTPRouteRequestMultipleMirrors', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ filters = [] }, at) => {
      const mirrors = filters.flatMap(({ requestMirror }, position) => (requestMirror === undefined ? [] : [position]));
      return mirrors.slice(1).map((position) => ['spec', 'rules', at, 'filters', position]);
    }),
  ),
  feature('HTTPRoute', 'HTTPRouteBackendRequestHeaderModification', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ backendRefs = [] }, at) =>
      backendRefs.flatMap(({ filters = [] }, ref) =>
        filters.flatMap(({ requestHeaderModifier }, position) =>
          when(
            requestHeaderModifier,
            'spec',
            'rules',
            at,
            'backendRefs',
            ref,
            'filters',
            position,
            'requestHeaderModifier',
          ),
        ),
      ),
    ),
  ),

  feature('GRPCRoute', 'GRPCRouteNamedRouteRule', ({ spec }) =>
    (spec.rules ?? []).flatMap(({ name }, at) => when(name, 'spec', 'rules', at, 'name')),
  ),
  feature('BackendTLSPolicy', 'BackendTLSPolicySANValidation', ({ spec }) =>
    when(spec.validation?.subjectAltNames, 'spec', 'validation', 'subjectAltNames'),
  ),
];

const byKind = Map.groupBy(FEATURES, ({ kind }) => kind);

/** The features that an object asks for and that are not among those given, each with the field that does. */
export function featuresBeyond(
  supported: ReadonlySet<string>,
  entry: Indexed<FeatureKind>,
): readonly { readonly name: string; readonly path: FieldPath }[] {
  return unsupported(supported, entry.kind).flatMap(({ name, uses }) => uses(entry).map((path) => ({ name, path })));
}

/** By list of supported features: those of a kind that are not in it. A kind has some forty, and a list stands for many reviews. */
const LACKING = new WeakMap<ReadonlySet<string>, Map<FeatureKind, readonly Feature[]>>();

function unsupported(supported: ReadonlySet<string>, kind: FeatureKind): readonly Feature[] {
  let ofList = LACKING.get(supported);
  if (ofList === undefined) {
    ofList = new Map();
    LACKING.set(supported, ofList);
  }
  let lacking = ofList.get(kind);
  if (lacking === undefined) {
    lacking = (byKind.get(kind) ?? []).filter(({ name }) => !supported.has(name));
    ofList.set(kind, lacking);
  }
  return lacking;
}

function feature<K extends FeatureKind>(
  kind: K,
  name: string,
  uses: (object: ObjectOf<K>) => readonly FieldPath[],
): Feature {
  const isOfKind = (entry: Indexed<KindName>): entry is Indexed<KindName> & Indexed<K> => entry.kind === kind;
  return { kind, name, uses: (entry) => (isOfKind(entry) ? uses(entry.object) : []) };
}

/** A kind is a feature of its own name: using it at all asks for it. */
function kindItself(...kinds: readonly FeatureKind[]): readonly Feature[] {
  return kinds.map((kind) => feature(kind, kind, () => [[]]));
}

function onFilter(name: string, part: (filter: RouteFilter) => unknown, ...field: readonly string[]): Feature {
  return feature('HTTPRoute', name, ({ spec }) =>
    (spec.rules ?? []).flatMap(({ filters = [], backendRefs = [] }, at) => [
      ...filters.flatMap((filter, position) => when(part(filter), 'spec', 'rules', at, 'filters', position, ...field)),
      ...backendRefs.flatMap((ref, refAt) =>
        (ref.filters ?? []).flatMap((filter, position) =>
          when(part(filter), 'spec', 'rules', at, 'backendRefs', refAt, 'filters', position, ...field),
        ),
      ),
    ]),
  );
}

type Match = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['matches']>[number];

function matches({ spec }: HTTPRoute, field: (match: Match) => string | undefined): readonly FieldPath[] {
  return (spec.rules ?? []).flatMap((rule, at) =>
    (rule.matches ?? []).flatMap((match, position) => {
      const name = field(match);
      return name === undefined ? [] : [['spec', 'rules', at, 'matches', position, name]];
    }),
  );
}

function when(value: unknown, ...path: FieldPath): readonly FieldPath[] {
  return value === undefined ? [] : [path];
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

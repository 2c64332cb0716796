import { supportedFeatures } from '../../policies/supported-features/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io/v1';

const gatewayClass = (name: string, features: readonly string[]): unknown => ({
  apiVersion: GROUP,
  kind: 'GatewayClass',
  metadata: { name },
  spec: { controllerName: 'example.com/controller' },
  status: { supportedFeatures: features.map((feature) => ({ name: feature })) },
});

const gateway = (spec: Readonly<Record<string, unknown>> = {}, className = 'core', name = 'public'): unknown => ({
  apiVersion: GROUP,
  kind: 'Gateway',
  metadata: { name, namespace: 'shop' },
  spec: { gatewayClassName: className, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], ...spec },
});

const route = (spec: Readonly<Record<string, unknown>>, kind = 'HTTPRoute'): unknown => ({
  apiVersion: GROUP,
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'public' }], ...spec },
});

const listenerSet = (kind: string, apiVersion: string): unknown => ({
  apiVersion,
  kind,
  metadata: { name: 'more', namespace: 'shop' },
  spec: { parentRef: { name: 'public' }, listeners: [{ name: 'http', port: 8081, protocol: 'HTTP' }] },
});

const service = (namespace: string, appProtocol: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace },
  spec: { ports: [{ port: 80, appProtocol }] },
});

const grant = {
  apiVersion: GROUP,
  kind: 'ReferenceGrant',
  metadata: { name: 'open', namespace: 'other' },
  spec: {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
    to: [{ group: '', kind: 'Service' }],
  },
};

const policy = (namespace = 'shop'): unknown => ({
  apiVersion: GROUP,
  kind: 'BackendTLSPolicy',
  metadata: { name: 'tls', namespace },
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
    validation: {
      hostname: 'web.example',
      wellKnownCACertificates: 'System',
      subjectAltNames: [{ type: 'Hostname', hostname: 'web.example' }],
    },
  },
});

const CORE = ['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'ReferenceGrant'];
const core = gatewayClass('core', CORE);
const world = [core, gateway()];

const terminating = gatewayClass('core', [...CORE, 'ListenerSet', 'TLSRouteModeTerminate']);
const terminated = {
  listeners: [
    { name: 'tls', port: 443, protocol: 'TLS', hostname: 'a.example', tls: { certificateRefs: [{ name: 'c' }] } },
  ],
};
/** On the port of the Gateway's listener, and on one of its own. */
const passingThrough = {
  apiVersion: GROUP,
  kind: 'ListenerSet',
  metadata: { name: 'more', namespace: 'shop' },
  spec: {
    parentRef: { name: 'public' },
    listeners: [443, 8443].map((port) => ({
      name: `tls-${port}`,
      port,
      protocol: 'TLS',
      hostname: 'b.example',
      tls: { mode: 'Passthrough' },
    })),
  },
};

const ports = gatewayClass('ports', [...CORE, 'HTTPRouteParentRefPort']);
const twoClasses = [...world, ports, gateway({}, 'ports', 'ported')];

const unsupported = (path: string, what: string, feature: string, className = 'core'): ExpectedFinding => ({
  rule: 'unsupported',
  path,
  message:
    `${path}${what} needs the feature ${feature}, which GatewayClass "${className}" (example.com/controller) does not list; ` +
    'the controller may ignore it. Leave it out, or use a class that supports it',
});

const filters = (...given: readonly unknown[]): Readonly<Record<string, unknown>> => ({ rules: [{ filters: given }] });
const FILTER = 'spec.rules[0].filters[0]';

policyTable(supportedFeatures, {
  documents: [{ name: 'features', spec: { action: 'Deny' } }],
  valid: [
    {
      name: 'core features',
      object: route({
        rules: [
          {
            matches: [{ path: { value: '/a' }, headers: [{ name: 'a', value: 'b' }] }],
            filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'a', value: 'b' }] } }],
            backendRefs: [{ name: 'web', port: 80, weight: 2 }],
          },
        ],
      }),
      state: [...world, service('shop', 'http')],
    },
    {
      name: 'a redirect with core fields',
      object: route(filters({ type: 'RequestRedirect', requestRedirect: { hostname: 'a.example', statusCode: 301 } })),
      state: world,
    },
    {
      name: 'a class that lists nothing',
      object: route(filters({ type: 'CORS', cors: {} })),
      state: [gatewayClass('core', []), gateway()],
    },
    { name: 'a class out of sight', object: route(filters({ type: 'CORS', cors: {} })), state: [gateway()] },
    { name: 'a Gateway out of sight', object: route(filters({ type: 'CORS', cors: {} })), state: [core] },
    {
      name: 'an Extended feature that the class lists',
      object: route(filters({ type: 'CORS', cors: {} })),
      state: [gatewayClass('core', [...CORE, 'HTTPRouteCORS']), gateway()],
    },
    {
      name: 'an Extended feature that the document lists',
      documents: [{ name: 'features', spec: { features: { core: ['HTTPRoute', 'HTTPRouteCORS'] } } }],
      object: route(filters({ type: 'CORS', cors: {} })),
      state: world,
    },
    {
      name: 'the one protocol of backends that the class lists',
      object: route({ rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] }),
      state: [
        gatewayClass('core', [...CORE, 'HTTPRouteBackendProtocolH2C']),
        gateway(),
        service('shop', 'kubernetes.io/h2c'),
      ],
    },
    {
      name: 'a protocol of backends, which is a matter of HTTPRoutes alone',
      object: route({ rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] }, 'GRPCRoute'),
      state: [...world, service('shop', 'kubernetes.io/h2c')],
    },
    {
      name: 'the protocol of a Service that only has the name of the backend',
      object: route({
        rules: [{ backendRefs: [{ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'web', port: 80 }] }],
      }),
      state: [...world, service('shop', 'kubernetes.io/h2c')],
    },
    {
      name: 'a Service of another namespace that no grant opens',
      object: route({ rules: [{ backendRefs: [{ name: 'web', namespace: 'other', port: 80 }] }] }),
      state: [...world, service('other', 'kubernetes.io/h2c')],
    },
    {
      name: 'modes of TLS on ports of their own',
      object: gateway({ listeners: [{ name: 'a', port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' } }] }),
      state: [core],
    },
    {
      name: 'a Gateway that says that it takes no ListenerSets',
      object: gateway({ allowedListeners: { namespaces: { from: 'None' } } }),
      state: [core],
    },
    {
      name: 'the port of a parent of a class that lists it, beside a parent of one that does not',
      object: route({ parentRefs: [{ name: 'ported', port: 80 }, { name: 'public' }] }),
      state: twoClasses,
    },
    {
      name: 'the port of a Service as parent, which a mesh reads',
      object: route({ parentRefs: [{ name: 'public' }, { group: '', kind: 'Service', name: 'web', port: 80 }] }),
      state: world,
    },
    {
      name: 'a ListenerSet that would pass TLS through where its Gateway terminates it, and is not admitted',
      object: passingThrough,
      state: [terminating, gateway(terminated)],
    },
    { name: 'a policy whose Service no route uses', object: policy(), state: world },
    {
      name: 'a policy whose Service only a route of another namespace names, which no grant lets through',
      object: policy('other'),
      state: [...world, route({ rules: [{ backendRefs: [{ name: 'web', namespace: 'other', port: 80 }] }] })],
    },
  ],
  invalid: [
    {
      name: 'the other one of two protocols of backends',
      object: route({ rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] }),
      state: [
        gatewayClass('core', [...CORE, 'HTTPRouteBackendProtocolH2C']),
        gateway(),
        service('shop', 'kubernetes.io/ws'),
      ],
      expect: [
        unsupported(
          'spec.rules[0].backendRefs[0].port',
          ' (appProtocol kubernetes.io/ws of the Service)',
          'HTTPRouteBackendProtocolWebSocket',
        ),
      ],
    },
    {
      name: 'a kind as such',
      object: route({}, 'GRPCRoute'),
      state: [gatewayClass('core', ['Gateway', 'HTTPRoute']), gateway()],
      expect: [unsupported('', 'GRPCRoute', 'GRPCRoute')],
    },
    {
      name: 'matching on methods and query parameters',
      object: route({ rules: [{ matches: [{ method: 'GET', queryParams: [{ name: 'a', value: 'b' }] }] }] }),
      state: world,
      expect: [
        unsupported('spec.rules[0].matches[0].queryParams', '', 'HTTPRouteQueryParamMatching'),
        unsupported('spec.rules[0].matches[0].method', '', 'HTTPRouteMethodMatching'),
      ],
    },
    {
      name: 'timeouts',
      object: route({ rules: [{ timeouts: { request: '2s', backendRequest: '1s' } }] }),
      state: world,
      expect: [
        unsupported('spec.rules[0].timeouts.request', '', 'HTTPRouteRequestTimeout'),
        unsupported('spec.rules[0].timeouts.backendRequest', '', 'HTTPRouteBackendTimeout'),
      ],
    },
    {
      name: 'UPDATE: the same in another rule',
      oldObject: route({ rules: [{ timeouts: { request: '2s' } }, {}] }),
      object: route({ rules: [{}, { timeouts: { request: '3s' } }] }),
      state: world,
      expect: [
        { ...unsupported('spec.rules[1].timeouts.request', '', 'HTTPRouteRequestTimeout'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: the feature by another field of its',
      oldObject: gateway({ infrastructure: { labels: { a: 'b' } } }),
      object: gateway({ infrastructure: { annotations: { a: 'b' } } }),
      state: [core],
      expect: [unsupported('spec.infrastructure.annotations', '', 'GatewayInfrastructurePropagation')],
    },
    {
      name: 'retries with a backend timeout, a name, and a port of a parent',
      object: route({
        parentRefs: [{ name: 'public', port: 80 }],
        rules: [{ name: 'main', retry: { attempts: 2 }, timeouts: { backendRequest: '1s' } }],
      }),
      state: [gatewayClass('core', [...CORE, 'HTTPRouteBackendTimeout']), gateway()],
      expect: [
        unsupported('spec.parentRefs[0].port', '', 'HTTPRouteParentRefPort'),
        unsupported('spec.rules[0].name', '', 'HTTPRouteNamedRouteRule'),
        unsupported('spec.rules[0].retry', '', 'HTTPRouteRetry'),
        unsupported('spec.rules[0].retry', '', 'HTTPRouteRetryBackendTimeout'),
      ],
    },
    {
      name: 'the ports of two parents, one of a class that lists them',
      object: route({
        parentRefs: [
          { name: 'ported', port: 80 },
          { name: 'public', port: 80 },
        ],
      }),
      state: twoClasses,
      expect: [unsupported('spec.parentRefs[1].port', '', 'HTTPRouteParentRefPort')],
    },
    {
      name: 'redirects',
      object: route(
        filters({
          type: 'RequestRedirect',
          requestRedirect: {
            scheme: 'https',
            port: 8443,
            path: { type: 'ReplaceFullPath', replaceFullPath: '/' },
            statusCode: 308,
          },
        }),
      ),
      state: world,
      expect: [
        unsupported(`${FILTER}.requestRedirect.port`, '', 'HTTPRoutePortRedirect'),
        unsupported(`${FILTER}.requestRedirect.scheme`, '', 'HTTPRouteSchemeRedirect'),
        unsupported(`${FILTER}.requestRedirect.path`, '', 'HTTPRoutePathRedirect'),
        unsupported(`${FILTER}.requestRedirect.statusCode`, '', 'HTTPRoute308RedirectStatusCode'),
      ],
    },
    {
      name: 'rewrites',
      object: route(
        filters({
          type: 'URLRewrite',
          urlRewrite: { hostname: 'a.example', path: { type: 'ReplaceFullPath', replaceFullPath: '/' } },
        }),
      ),
      state: world,
      expect: [
        unsupported(`${FILTER}.urlRewrite.hostname`, '', 'HTTPRouteHostRewrite'),
        unsupported(`${FILTER}.urlRewrite.path`, '', 'HTTPRoutePathRewrite'),
      ],
    },
    {
      name: 'mirrors',
      object: route(
        filters(
          { type: 'RequestMirror', requestMirror: { backendRef: { name: 'web', port: 80 }, percent: 5 } },
          {
            type: 'RequestMirror',
            requestMirror: { backendRef: { name: 'web', port: 80 }, fraction: { numerator: 1 } },
          },
        ),
      ),
      state: [gatewayClass('core', [...CORE, 'HTTPRouteRequestMirror']), gateway()],
      expect: [
        unsupported(`${FILTER}.requestMirror.percent`, '', 'HTTPRouteRequestPercentageMirror'),
        unsupported('spec.rules[0].filters[1].requestMirror.fraction', '', 'HTTPRouteRequestPercentageMirror'),
        unsupported('spec.rules[0].filters[1]', '', 'HTTPRouteRequestMultipleMirrors'),
      ],
    },
    {
      name: 'a filter of a backendRef',
      object: route({
        rules: [
          {
            backendRefs: [
              {
                name: 'web',
                port: 80,
                filters: [
                  { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['a'] } },
                  { type: 'ResponseHeaderModifier', responseHeaderModifier: { remove: ['a'] } },
                ],
              },
            ],
          },
        ],
      }),
      state: world,
      expect: [
        unsupported(
          'spec.rules[0].backendRefs[0].filters[1].responseHeaderModifier',
          '',
          'HTTPRouteResponseHeaderModification',
        ),
        unsupported(
          'spec.rules[0].backendRefs[0].filters[0].requestHeaderModifier',
          '',
          'HTTPRouteBackendRequestHeaderModification',
        ),
      ],
    },
    {
      name: 'protocols of Services, one behind a grant',
      object: route({
        rules: [
          {
            backendRefs: [
              { name: 'web', port: 80 },
              { name: 'web', namespace: 'other', port: 80 },
            ],
          },
        ],
      }),
      state: [...world, grant, service('shop', 'kubernetes.io/ws'), service('other', 'kubernetes.io/h2c')],
      expect: [
        unsupported(
          'spec.rules[0].backendRefs[0].port',
          ' (appProtocol kubernetes.io/ws of the Service)',
          'HTTPRouteBackendProtocolWebSocket',
        ),
        unsupported(
          'spec.rules[0].backendRefs[1].port',
          ' (appProtocol kubernetes.io/h2c of the Service)',
          'HTTPRouteBackendProtocolH2C',
        ),
      ],
    },
    {
      name: 'what a Gateway asks for',
      object: gateway({
        addresses: [{ value: '10.0.0.1' }, { type: 'IPAddress' }],
        infrastructure: { labels: { a: 'b' }, annotations: { a: 'b' } },
        allowedListeners: { namespaces: { from: 'Same' } },
        tls: {
          backend: { clientCertificateRef: { name: 'client' } },
          frontend: {
            default: {
              validation: {
                caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }],
                mode: 'AllowInsecureFallback',
              },
            },
          },
        },
        listeners: [
          { name: 'a', port: 8080, protocol: 'HTTP' },
          { name: 'b', port: 443, protocol: 'TLS', hostname: 'a.example', tls: { mode: 'Passthrough' } },
          { name: 'c', port: 443, protocol: 'TLS', hostname: 'b.example', tls: { certificateRefs: [{ name: 'c' }] } },
        ],
      }),
      state: [core],
      expect: [
        unsupported('spec.listeners[0].port', '', 'GatewayPort8080'),
        unsupported('spec.addresses[0].value', '', 'GatewayStaticAddresses'),
        unsupported('spec.addresses[1]', '', 'GatewayAddressEmpty'),
        unsupported('spec.infrastructure.labels', '', 'GatewayInfrastructurePropagation'),
        unsupported('spec.infrastructure.annotations', '', 'GatewayInfrastructurePropagation'),
        unsupported('spec.allowedListeners', '', 'ListenerSet'),
        unsupported('spec.tls.backend.clientCertificateRef', '', 'GatewayBackendClientCertificate'),
        unsupported('spec.tls.frontend', '', 'GatewayFrontendClientCertificateValidation'),
        unsupported(
          'spec.tls.frontend.default.validation.mode',
          '',
          'GatewayFrontendClientCertificateValidationInsecureFallback',
        ),
        unsupported('spec.listeners[2].tls', '', 'TLSRouteModeTerminate'),
        unsupported('spec.listeners[1].tls', '', 'TLSRouteModeMixed'),
        unsupported('spec.listeners[2].tls', '', 'TLSRouteModeMixed'),
      ],
    },
    {
      name: 'a ListenerSet that terminates TLS',
      object: {
        apiVersion: GROUP,
        kind: 'ListenerSet',
        metadata: { name: 'more', namespace: 'shop' },
        spec: {
          parentRef: { name: 'public' },
          listeners: [{ name: 'tls', port: 443, protocol: 'TLS', tls: { certificateRefs: [{ name: 'c' }] } }],
        },
      },
      state: [gatewayClass('core', [...CORE, 'ListenerSet']), gateway()],
      expect: [unsupported('spec.listeners[0].tls', '', 'TLSRouteModeTerminate')],
    },
    {
      name: 'a ListenerSet that terminates TLS where it passes it through',
      object: {
        apiVersion: GROUP,
        kind: 'ListenerSet',
        metadata: { name: 'more', namespace: 'shop' },
        spec: {
          parentRef: { name: 'public' },
          listeners: [
            { name: 'a', port: 443, protocol: 'TLS', hostname: 'a.example', tls: { mode: 'Passthrough' } },
            { name: 'b', port: 443, protocol: 'TLS', hostname: 'b.example', tls: { certificateRefs: [{ name: 'c' }] } },
            { name: 'c', port: 8443, protocol: 'TLS', hostname: 'c.example', tls: { mode: 'Passthrough' } },
          ],
        },
      },
      state: [gatewayClass('core', [...CORE, 'ListenerSet', 'TLSRouteModeTerminate']), gateway()],
      expect: [
        unsupported('spec.listeners[0].tls', '', 'TLSRouteModeMixed'),
        unsupported('spec.listeners[1].tls', '', 'TLSRouteModeMixed'),
      ],
    },
    {
      name: 'a ListenerSet that passes TLS through where its Gateway terminates it',
      object: passingThrough,
      state: [terminating, gateway({ ...terminated, allowedListeners: { namespaces: { from: 'Same' } } })],
      expect: [unsupported('spec.listeners[0].tls', '', 'TLSRouteModeMixed')],
    },
    {
      name: 'a ListenerSet that does so where its Gateway admits it by labels which are out of sight: unverified',
      object: passingThrough,
      visibility: 'some',
      state: [
        terminating,
        gateway({
          ...terminated,
          allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'web' } } } },
        }),
      ],
      expect: [{ ...unsupported('spec.listeners[0].tls', '', 'TLSRouteModeMixed'), certain: false }],
    },
    {
      name: 'a ListenerSet that listens on port 8080 of its Gateway',
      object: {
        apiVersion: GROUP,
        kind: 'ListenerSet',
        metadata: { name: 'more', namespace: 'shop' },
        spec: {
          parentRef: { name: 'public' },
          listeners: [
            { name: 'a', port: 80, protocol: 'HTTP' },
            { name: 'b', port: 8080, protocol: 'HTTP' },
          ],
        },
      },
      state: [gatewayClass('core', [...CORE, 'ListenerSet']), gateway()],
      expect: [unsupported('spec.listeners[1].port', '', 'GatewayPort8080')],
    },
    {
      name: 'a ListenerSet as such',
      object: listenerSet('ListenerSet', GROUP),
      state: world,
      expect: [unsupported('', 'ListenerSet', 'ListenerSet')],
    },
    {
      name: 'a route on a ListenerSet',
      object: route({ ...filters({ type: 'CORS', cors: {} }), parentRefs: [{ kind: 'ListenerSet', name: 'more' }] }),
      state: [...world, listenerSet('ListenerSet', GROUP)],
      expect: [unsupported(`${FILTER}.cors`, '', 'HTTPRouteCORS')],
    },
    {
      name: 'a route on an XListenerSet',
      object: route({
        ...filters({ type: 'CORS', cors: {} }),
        parentRefs: [{ group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet', name: 'more' }],
      }),
      state: [...world, listenerSet('XListenerSet', 'gateway.networking.x-k8s.io/v1alpha1')],
      expect: [unsupported(`${FILTER}.cors`, '', 'HTTPRouteCORS')],
    },
    {
      name: 'a policy, by the routes that use its Service',
      object: policy(),
      state: [
        ...world,
        ...['HTTPRoute', 'GRPCRoute'].map((kind) =>
          route({ rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] }, kind),
        ),
        ...['TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind) =>
          route(
            {
              ...(kind === 'TLSRoute' ? { hostnames: ['a.example'] } : {}),
              rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
            },
            kind,
          ),
        ),
      ],
      expect: [
        unsupported('', 'BackendTLSPolicy', 'BackendTLSPolicy'),
        unsupported('spec.validation.subjectAltNames', '', 'BackendTLSPolicySANValidation'),
      ],
    },
    {
      name: 'a policy, by a route of another namespace that a grant lets through',
      object: policy('other'),
      state: [
        gatewayClass('core', [...CORE, 'BackendTLSPolicySANValidation']),
        gateway(),
        grant,
        route({ rules: [{ backendRefs: [{ name: 'web', namespace: 'other', port: 80 }] }] }),
      ],
      expect: [unsupported('', 'BackendTLSPolicy', 'BackendTLSPolicy')],
    },
    {
      name: 'a feature that the document does not list, against the status',
      documents: [{ name: 'features', spec: { action: 'Deny', features: { core: ['HTTPRoute'] } } }],
      object: route(filters({ type: 'CORS', cors: {} })),
      state: [gatewayClass('core', ['HTTPRouteCORS']), gateway()],
      expect: [unsupported(`${FILTER}.cors`, '', 'HTTPRouteCORS')],
    },
  ],
  refused: [
    {
      name: 'a feature that the specification does not know',
      documents: [{ name: 'features', spec: { features: { core: ['HTTPRoute', 'HTTPRouteTeleport'] } } }],
      issues: [{ path: 'spec.features.core[1]', message: '"HTTPRouteTeleport" is no feature of Gateway API v1.6.1' }],
    },
  ],
});

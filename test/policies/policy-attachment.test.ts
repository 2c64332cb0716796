import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io';
const EXPERIMENTAL = 'gateway.networking.x-k8s.io';
const VENDOR = 'gateway.envoyproxy.io';

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: unknown,
  metadata: Readonly<Record<string, unknown>> = {},
): unknown => ({ apiVersion, kind, metadata: { name, namespace: 'shop', ...metadata }, spec });

const target = (kind: string, name = 'web', group = '', more: Readonly<Record<string, unknown>> = {}): unknown => ({
  group,
  kind,
  name,
  ...more,
});
const tlsPolicy = (targetRefs: readonly unknown[], metadata: Readonly<Record<string, unknown>> = {}): unknown =>
  object(
    `${GROUP}/v1`,
    'BackendTLSPolicy',
    'tls',
    { targetRefs, validation: { hostname: 'web.example', wellKnownCACertificates: 'System' } },
    metadata,
  );
const vendorPolicy = (spec: unknown, kind = 'SecurityPolicy', apiVersion = `${VENDOR}/v1alpha1`): unknown =>
  object(apiVersion, kind, 'auth', spec);

const service = object('v1', 'Service', 'web', {
  ports: [
    { name: 'http', port: 80 },
    { name: 'grpc', port: 90 },
  ],
});
const unnamed = object('v1', 'Service', 'web', { ports: [{ port: 80 }] });
const listeners = [{ name: 'https', port: 443, protocol: 'HTTP' }];
const gateway = object(`${GROUP}/v1`, 'Gateway', 'web', { gatewayClassName: 'core', listeners });
const gatewayClass = {
  apiVersion: `${GROUP}/v1`,
  kind: 'GatewayClass',
  metadata: { name: 'web' },
  spec: { controllerName: 'example.com/controller' },
};
const listenerSet = (kind: string, apiVersion: string): unknown =>
  object(apiVersion, kind, 'web', { parentRef: { name: 'web' }, listeners });
const route = (kind: string): unknown =>
  object(`${GROUP}/v1`, kind, 'web', {
    ...(kind === 'TLSRoute' ? { hostnames: ['a.example'] } : {}),
    rules: [{ name: 'main', backendRefs: [{ name: 'web', port: 80 }] }],
  });
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];
const xBackend = object(`${EXPERIMENTAL}/v1alpha1`, 'XBackend', 'web', {
  type: 'ExternalHostname',
  port: { port: 80 },
});
const serviceImport = object('multicluster.x-k8s.io/v1alpha1', 'ServiceImport', 'web', { ports: [{ port: 80 }] });

const vendors = { kinds: [{ group: VENDOR, kind: 'SecurityPolicy' }] };
const documents = [{ name: 'targets', spec: vendors }];

const THIS = 'this BackendTLSPolicy';
const wrongKind = (path: string, kind: string, hint = '', policy = THIS): ExpectedFinding => ({
  rule: 'target-kind',
  path: `spec.${path}.kind`,
  message: `spec.${path}.kind: ${policy} does not attach to ${kind}${hint}. It has no effect until it names a kind that it attaches to`,
});
const missing = (path: string, name: string, policy = THIS, certain = true): ExpectedFinding => ({
  rule: 'target-not-found',
  path: `spec.${path}`,
  message: `spec.${path}: ${name} does not exist; ${policy} has no effect until it does. Create it, or correct the name`,
  certain,
});
const noSection = (path: string, name: string, part: string, section: string, known: string, policy = THIS) => ({
  rule: 'section-not-found',
  path: `spec.${path}.sectionName`,
  message: `spec.${path}.sectionName: ${name} has no ${part} "${section}" (${known}); ${policy} has no effect until it does. Correct the name, or leave it out to mean all of the target`,
});
const AUTH = 'this SecurityPolicy';
const clash = (path: string, other: string, reason = 'is older'): ExpectedFinding => ({
  rule: 'conflicted',
  path: `spec.${path}`,
  message: `spec.${path}: ${other} has the same target and ${reason}; this one will not be accepted (Conflicted). Change that one, or name another section`,
});
const OLD = { creationTimestamp: '2026-01-01T00:00:00Z' };
const YOUNG = { creationTimestamp: '2026-02-01T00:00:00Z' };

const notAttaching = (at: number, kind: string) => ({
  path: `spec.kinds[${at}]`,
  message: `${kind} is no kind of policy that attaches by targetRefs; name one of a vendor's group, such as gateway.envoyproxy.io`,
});

policyTable(policyAttachment, {
  documents,
  valid: [
    {
      name: 'a policy of a vendor for the target of a BackendTLSPolicy',
      object: vendorPolicy({ targetRefs: [target('Service')] }),
      state: [service, tlsPolicy([target('Service')], OLD)],
    },
    {
      name: 'UPDATE by a manifest, which does not say how old its object is',
      oldObject: tlsPolicy([target('Service')], OLD),
      object: tlsPolicy([target('Service')]),
      state: [service, tlsPolicy([target('Service')], { ...YOUNG, name: 'young' })],
    },
    { name: 'a Service that is there', object: tlsPolicy([target('Service')]), state: [service] },
    {
      name: 'a port of a Service',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: 'grpc' })]),
      state: [service],
    },
    {
      name: 'a ServiceImport',
      object: tlsPolicy([target('ServiceImport', 'web', 'multicluster.x-k8s.io')]),
      state: [serviceImport],
    },
    { name: 'an XBackend', object: tlsPolicy([target('XBackend', 'web', EXPERIMENTAL)]), state: [xBackend] },
    {
      name: 'backends that implementations bring, one of them called Service',
      object: tlsPolicy([
        target('Backend', 'web', VENDOR),
        target('InferencePool', 'web', 'inference.networking.k8s.io'),
        target('Service', 'web', 'serving.knative.dev'),
      ]),
    },
    {
      name: 'a BackendLBPolicy',
      object: object(`${GROUP}/v1alpha2`, 'BackendLBPolicy', 'lb', { targetRefs: [target('Service')] }),
      state: [service],
    },
    {
      name: 'an XBackendTrafficPolicy',
      object: object(`${EXPERIMENTAL}/v1alpha1`, 'XBackendTrafficPolicy', 'retry', { targetRefs: [target('Service')] }),
      state: [service],
    },
    {
      name: 'a listener, by the policy of a vendor',
      object: vendorPolicy({ targetRefs: [target('Gateway', 'web', GROUP, { sectionName: 'https' })], jwt: {} }),
      state: [gateway],
    },
    {
      name: 'a rule of each kind of route',
      object: vendorPolicy({ targetRefs: ROUTES.map((kind) => target(kind, 'web', GROUP, { sectionName: 'main' })) }),
      state: ROUTES.map(route),
    },
    {
      name: 'a GatewayClass, which has no sections and no namespace',
      object: vendorPolicy({ targetRef: target('GatewayClass', 'web', GROUP, { sectionName: 'all' }) }),
      state: [gatewayClass],
    },
    {
      name: 'a Service, by a policy that leaves the group out',
      object: vendorPolicy({ targetRef: { kind: 'Service', name: 'web' } }),
      state: [service],
    },
    {
      name: 'kinds that Gateward does not know',
      object: vendorPolicy({
        targetRefs: [target('Backend', 'web', VENDOR), target('Pod'), target('Namespace', 'shop'), target('Secret')],
      }),
    },
    {
      name: 'kinds of Kubernetes that Gateward does not know',
      object: vendorPolicy({
        targetRefs: [target('Deployment', 'web', 'apps'), target('NetworkPolicy', 'web', 'networking.k8s.io')],
      }),
    },
    {
      name: 'a policy of a vendor that selects',
      object: vendorPolicy({ targetRefs: [], targetSelectors: [{ kind: 'Gateway' }] }),
    },
    {
      name: 'a kind of the vendor that no document lists',
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP) }, 'BackendTrafficPolicy'),
    },
    {
      name: 'a kind of that name of another vendor',
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP) }, 'SecurityPolicy', 'example.com/v1'),
    },
    {
      name: 'a document for the vendor that matches other kinds only',
      documents: [
        { name: 'targets', spec: { ...vendors, match: { kinds: [{ group: GROUP, kind: 'BackendTLSPolicy' }] } } },
      ],
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP) }),
      skipped: true,
    },
    {
      name: 'a target in another namespace, about which nothing is told',
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP, { namespace: 'infra' }) }),
    },
    {
      name: 'the older of two policies for one target',
      object: tlsPolicy([target('Service')], OLD),
      state: [service, tlsPolicy([target('Service')], { name: 'other', ...YOUNG })],
    },
    {
      name: 'policies for two sections of one target, and for all of it',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: 'http' })], YOUNG),
      state: [
        service,
        tlsPolicy([target('Service', 'web', '', { sectionName: 'grpc' })], { name: 'other', ...OLD }),
        tlsPolicy([target('Service')], { name: 'all', ...OLD }),
      ],
    },
    {
      name: 'two policies for one target, neither of which exists yet',
      object: tlsPolicy([target('Service')]),
      state: [service, tlsPolicy([target('Service')], { name: 'another' })],
    },
  ],
  invalid: [
    {
      name: 'a Service that is not there, and one of another namespace by that name',
      object: tlsPolicy([target('Service', 'web'), target('Service', 'gone')]),
      state: [service, object('v1', 'Service', 'gone', {}, { namespace: 'other' })],
      expect: [missing('targetRefs[1]', 'Service shop/gone')],
    },
    {
      name: 'over files, where the target may be out of sight',
      object: tlsPolicy([target('Service', 'gone')]),
      visibility: 'some',
      expect: [missing('targetRefs[0]', 'Service shop/gone', THIS, false)],
    },
    {
      name: 'a port that the Service does not have',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: 'https' })]),
      state: [service],
      expect: [noSection('targetRefs[0]', 'Service shop/web', 'port', 'https', 'it has http, grpc')],
    },
    {
      name: 'a port of a Service whose only port has no name',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: '80' })]),
      state: [unnamed],
      expect: [noSection('targetRefs[0]', 'Service shop/web', 'port', '80', 'none has a name')],
    },
    {
      name: 'kinds that no backend is of, or not in this group',
      object: tlsPolicy([
        target('Gateway', 'web', GROUP),
        target('service'),
        target('Service', 'web', 'core'),
        target('XBackend'),
        target('Ingress', 'web', 'networking.k8s.io'),
        target('Backend', 'web', EXPERIMENTAL),
      ]),
      state: [service, gateway, xBackend],
      expect: [
        wrongKind('targetRefs[0]', `${GROUP}/Gateway`),
        wrongKind('targetRefs[1]', 'service', ' (did you mean Service?)'),
        wrongKind('targetRefs[2]', 'core/Service', ' (did you mean Service?)'),
        wrongKind('targetRefs[3]', 'XBackend', ` (did you mean ${EXPERIMENTAL}/XBackend?)`),
        wrongKind('targetRefs[4]', 'networking.k8s.io/Ingress'),
        wrongKind('targetRefs[5]', `${EXPERIMENTAL}/Backend`),
      ],
    },
    {
      name: 'the one target of v1alpha2, which could name a namespace',
      documents: [{ name: 'targets', spec: { disclose: 'Objects' } }],
      object: object(`${GROUP}/v1alpha2`, 'BackendTLSPolicy', 'tls', {
        targetRef: target('Service', 'gone', '', { namespace: 'other' }),
        tls: { hostname: 'web.example', wellKnownCACerts: 'System' },
      }),
      expect: [missing('targetRef', 'Service other/gone')],
    },
    {
      name: 'targets of a vendor that are not there, of every kind',
      object: vendorPolicy({
        targetRef: target('GatewayClass', 'gone', GROUP),
        targetRefs: [
          ...['Gateway', 'ListenerSet', ...ROUTES].map((kind) => target(kind, 'gone', GROUP)),
          target('XListenerSet', 'gone', EXPERIMENTAL),
          target('XBackend', 'gone', EXPERIMENTAL),
          target('ServiceImport', 'gone', 'multicluster.x-k8s.io'),
          target('Service', 'gone'),
        ],
      }),
      expect: [
        missing('targetRef', 'GatewayClass gone', AUTH),
        missing('targetRefs[0]', 'Gateway shop/gone', AUTH),
        ...['ListenerSet', ...ROUTES, 'XListenerSet', 'XBackend', 'ServiceImport', 'Service'].map((kind, at) =>
          missing(`targetRefs[${at + 1}]`, `${kind} shop/gone`, AUTH),
        ),
      ],
    },
    {
      name: 'sections that a vendor’s targets do not have',
      object: vendorPolicy({
        targetRefs: [
          target('Gateway', 'web', GROUP, { sectionName: 'http' }),
          target('ListenerSet', 'web', GROUP, { sectionName: 'http' }),
          target('XListenerSet', 'web', EXPERIMENTAL, { sectionName: 'http' }),
          target('HTTPRoute', 'web', GROUP, { sectionName: 'other' }),
        ],
      }),
      state: [
        gateway,
        listenerSet('ListenerSet', `${GROUP}/v1`),
        listenerSet('XListenerSet', `${EXPERIMENTAL}/v1alpha1`),
        route('HTTPRoute'),
      ],
      expect: [
        noSection('targetRefs[0]', 'Gateway shop/web', 'listener', 'http', 'it has https', AUTH),
        noSection('targetRefs[1]', 'ListenerSet shop/web', 'listener', 'http', 'it has https', AUTH),
        noSection('targetRefs[2]', 'XListenerSet shop/web', 'listener', 'http', 'it has https', AUTH),
        noSection('targetRefs[3]', 'HTTPRoute shop/web', 'rule', 'other', 'it has main', AUTH),
      ],
    },
    {
      name: 'kinds that Gateway API does not have, or not in this group',
      object: vendorPolicy({
        targetRefs: [
          target('HttpRoute', 'web', GROUP),
          target('Ingresses', 'web', GROUP),
          target('Gateway'),
          target('XListenerSet', 'web', GROUP),
        ],
      }),
      expect: [
        wrongKind('targetRefs[0]', `${GROUP}/HttpRoute`, ` (did you mean ${GROUP}/HTTPRoute?)`, AUTH),
        wrongKind('targetRefs[1]', `${GROUP}/Ingresses`, '', AUTH),
        wrongKind('targetRefs[2]', 'Gateway', ` (did you mean ${GROUP}/Gateway?)`, AUTH),
        wrongKind('targetRefs[3]', `${GROUP}/XListenerSet`, ` (did you mean ${EXPERIMENTAL}/XListenerSet?)`, AUTH),
      ],
    },
    {
      name: 'an UPDATE of a vendor’s policy that had a target and has none now',
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP) }),
      oldObject: vendorPolicy({ targetRef: target('Gateway', 'web', GROUP) }),
      state: [gateway],
      expect: [missing('targetRef', 'Gateway shop/gone', AUTH)],
    },
    {
      name: 'an UPDATE of a vendor’s policy whose target was missing before',
      object: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP), jwt: {} }),
      oldObject: vendorPolicy({ targetRef: target('Gateway', 'gone', GROUP) }),
      state: [gateway],
      expect: [{ ...missing('targetRef', 'Gateway shop/gone', AUTH), relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: the wrong kind for another name is another violation',
      object: tlsPolicy([target('Service'), target('Gateway', 'api', GROUP)]),
      oldObject: tlsPolicy([target('Gateway', 'web', GROUP), target('Service', 'web')]),
      state: [service],
      expect: [wrongKind('targetRefs[1]', `${GROUP}/Gateway`)],
    },
    {
      name: 'UPDATE: the older policy has another target of this one too',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: 'grpc' })], YOUNG),
      oldObject: tlsPolicy([target('Service', 'web', '', { sectionName: 'http' })], YOUNG),
      state: [
        service,
        tlsPolicy(
          [
            target('Service', 'web', '', { sectionName: 'http' }),
            target('Service', 'web', '', { sectionName: 'grpc' }),
          ],
          { name: 'other', ...OLD },
        ),
      ],
      expect: [clash('targetRefs[0]', 'BackendTLSPolicy shop/other')],
    },
    {
      name: 'the younger of two policies for one section',
      object: tlsPolicy([target('Service', 'web', '', { sectionName: 'http' })], YOUNG),
      state: [service, tlsPolicy([target('Service', 'web', '', { sectionName: 'http' })], { name: 'other', ...OLD })],
      expect: [clash('targetRefs[0]', 'BackendTLSPolicy shop/other')],
    },
    {
      name: 'a policy that does not exist yet, beside one that does',
      object: tlsPolicy([target('Service')]),
      state: [service, tlsPolicy([target('Service')], { name: 'other', ...OLD })],
      expect: [clash('targetRefs[0]', 'BackendTLSPolicy shop/other')],
    },
    {
      name: 'the second by name of two policies of one age',
      object: tlsPolicy([target('Service')], OLD),
      state: [service, tlsPolicy([target('Service')], { name: 'other', ...OLD })],
      expect: [clash('targetRefs[0]', 'BackendTLSPolicy shop/other', 'goes first by its name')],
    },
  ],
  refused: [
    {
      name: 'kinds that attach to nothing, beside one of Gateway API that does',
      documents: [
        {
          name: 'targets',
          spec: {
            kinds: [
              { group: GROUP, kind: 'BackendTLSPolicy' },
              { group: GROUP, kind: 'HTTPRoute' },
              { group: '', kind: 'ConfigMap' },
              { group: 'networking.k8s.io', kind: 'Ingress' },
              { group: 'coordination.k8s.io', kind: 'Lease' },
              { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
              { group: 'inference.networking.x-k8s.io', kind: 'InferencePool' },
            ],
          },
        },
      ],
      issues: [
        notAttaching(1, `${GROUP}/HTTPRoute`),
        notAttaching(2, 'ConfigMap'),
        notAttaching(3, 'networking.k8s.io/Ingress'),
        notAttaching(4, 'coordination.k8s.io/Lease'),
        notAttaching(5, 'autoscaling/HorizontalPodAutoscaler'),
      ],
    },
  ],
});

/** The compiled policies on a real API server, held against Gateward itself on one table: what they refuse, it refuses for the same rule. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward } from './gateward.ts';

const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public }
spec:
  action: Deny
  match:
    namespaceSelector: { matchExpressions: [{ key: sandbox, operator: DoesNotExist }] }
    excludedUsers: [robot]
    excludedGroups: [breakglass]
  owners:
    - { hostnames: [shop.example.com, "*.shop.example.com", bücher.example.com], namespaces: [team-shop] }
    - { hostnames: [pay.example.com], namespaces: [team-pay] }
    - { hostnames: ["*.example.com"], namespaceSelector: { matchLabels: { tier: platform } } }
  rules: { conflict: Warn, takeover: Warn }
---
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: lab }
spec:
  action: Warn
  owners: [{ hostnames: [lab.example.net], namespaces: [team-shop, team-pay] }]
---
apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata: { name: legacy }
spec:
  policies: [{ kind: HostnameOwnership, name: public, rules: [not-owned] }]
  match: { kinds: [{ group: gateway.networking.k8s.io, kind: HTTPRoute }], namespaces: [team-pay], names: ["legacy-*"] }
  reason: moves
  expires: 2099-01-01T00:00:00Z
---
apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata: { name: ended }
spec:
  policies: [{ kind: HostnameOwnership, name: public }]
  match: { names: ["ended-*"] }
  reason: moved
  expires: 2020-01-01T00:00:00Z
---
apiVersion: gateward.dev/v1alpha1
kind: ReferenceGrantScope
metadata: { name: least }
spec:
  action: Deny
  match: { objectSelector: { matchLabels: { judged: "yes" } } }
  maxPairs: 4
  allow:
    - from: { kinds: [{ group: gateway.networking.k8s.io, kind: HTTPRoute }], namespaceSelector: { matchLabels: { tier: platform } } }
      to: { kinds: [{ group: "", kind: Service }] }
    - from: { kinds: [{ group: gateway.networking.k8s.io, kind: Gateway }], namespaces: [infra] }
      to: { kinds: [{ group: "", kind: Secret }], namespaces: [team-shop] }
---
apiVersion: gateward.dev/v1alpha1
kind: ChannelPin
metadata: { name: standard }
spec:
  action: Deny
  channel: standard
  allow:
    - { kind: GRPCRoute, path: "spec.rules[].sessionPersistence" }
    - { kind: HTTPRoute, path: "spec.rules[0].sessionPersistence" }
    - { group: gateway.networking.x-k8s.io, kind: XBackend }
---
apiVersion: gateward.dev/v1alpha1
kind: NamespaceGate
metadata: { name: gate }
spec:
  action: Deny
  labels: [gateway-access, tier]
  allowedUsers: [robot]
  allowedGroups: [platform-admins]
  match: { namespaceSelector: { matchExpressions: [{ key: free, operator: DoesNotExist }] } }
---
apiVersion: gateward.dev/v1alpha1
kind: GatewayClassAccess
metadata: { name: classes }
spec:
  action: Deny
  classes:
    - { name: public, namespaces: [infra, team-shop] }
    - { name: internal, namespaceSelector: { matchLabels: { tier: platform } } }
  allowedGroups: [platform-admins, developers]
---
apiVersion: gateward.dev/v1alpha1
kind: ListenerSafety
metadata: { name: listeners }
spec:
  action: Deny
  ports: [80, 443]
  protocols: [HTTP, HTTPS, TLS]
  maxListeners: 2
  rules: { no-hostname: Deny, certificate: Disabled }
---
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: attachment }
spec: { action: Warn }
`;

const GROUP = 'gateway.networking.k8s.io';
const EXTERNAL_DNS = 'external-dns.alpha.kubernetes.io/hostname';
type Fields = Readonly<Record<string, unknown>>;

const PLURALS: Readonly<Record<string, string>> = {
  HTTPRoute: 'httproutes',
  GRPCRoute: 'grpcroutes',
  TLSRoute: 'tlsroutes',
  TCPRoute: 'tcproutes',
  Gateway: 'gateways',
  ListenerSet: 'listenersets',
  ReferenceGrant: 'referencegrants',
  XMesh: 'xmeshes',
  XBackend: 'xbackends',
  Namespace: 'namespaces',
  CustomResourceDefinition: 'customresourcedefinitions',
};

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Fields;
  readonly spec?: unknown;
}

/** What is created, or what an object that is there is changed by, and which rules refuse it. */
interface Row {
  readonly name: string;
  readonly object: KubeObject;
  /** Merged into the object, which is there before. */
  readonly change?: unknown;
  /** Default `dev`, of group `developers`. */
  readonly user?: string;
  readonly subresource?: string;
  /** The rules for which both refuse it. */
  readonly both?: readonly string[];
  /** The rules for which only Gateward does. */
  readonly ours?: readonly string[];
}

let names = 0;
const object = (kind: string, namespace: string, spec: unknown, metadata: Fields = {}, version = 'v1'): KubeObject => ({
  apiVersion: `${kind.startsWith('X') ? 'gateway.networking.x-k8s.io' : GROUP}/${version}`,
  kind,
  metadata: { name: `o${(names += 1)}`, ...(namespace === '' ? {} : { namespace }), ...metadata },
  spec,
});
const route = (namespace: string, hostnames: readonly string[], metadata: Fields = {}, more: Fields = {}): KubeObject =>
  object('HTTPRoute', namespace, { hostnames, ...more }, metadata);
const annotated = (text: string): Fields => ({ annotations: { [EXTERNAL_DNS]: text } });
const listener = (hostname: string | undefined, more: Fields = {}): Fields => ({
  name: `l${(names += 1)}`,
  port: 80,
  protocol: 'HTTP',
  ...(hostname === undefined ? {} : { hostname }),
  ...more,
});
const gateway = (
  namespace: string,
  listeners: readonly Fields[],
  more: Fields = {},
  metadata: Fields = {},
): KubeObject => object('Gateway', namespace, { gatewayClassName: 'other', listeners, ...more }, metadata);
const from = (kind: string, namespace: string, group = GROUP): Fields => ({ group, kind, namespace });
const to = (kind: string, name?: string, group = ''): Fields => ({
  group,
  kind,
  ...(name === undefined ? {} : { name }),
});
const JUDGED = { labels: { judged: 'yes' } };
const grant = (
  namespace: string,
  sources: readonly Fields[],
  targets: readonly Fields[],
  metadata: Fields = JUDGED,
  version = 'v1',
): KubeObject => object('ReferenceGrant', namespace, { from: sources, to: targets }, metadata, version);
const namespaced = (name: string, labels: Fields, more: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, ...more },
});
const definition = (kind: string, channel: string | undefined, bundle?: string): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${kind.toLowerCase()}s.${GROUP}`,
    annotations: {
      'api-approved.kubernetes.io': 'unapproved, a test',
      ...(channel === undefined ? {} : { [`${GROUP}/channel`]: channel }),
      ...(bundle === undefined ? {} : { [`${GROUP}/bundle-version`]: bundle }),
    },
  },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { kind, plural: `${kind.toLowerCase()}s` },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});
const deep = (depth: number): string => `${'a.'.repeat(depth)}pay.example.com`;
const CUT = { parentRefs: [{ name: 'cut', namespace: 'infra' }] };
const tls = (version: string): KubeObject =>
  object(
    'TLSRoute',
    'team-shop',
    { hostnames: ['shop.example.com'], rules: [{ backendRefs: [{ name: 'a', port: 1 }] }] },
    {},
    version,
  );
const secure = (protocol: 'HTTPS' | 'TLS', settings?: Fields): KubeObject =>
  gateway('team-shop', [
    listener('shop.example.com', { port: 443, protocol, ...(settings === undefined ? {} : { tls: settings }) }),
  ]);
const REFS = { certificateRefs: [{ name: 'a' }] };
const takes = (...kinds: readonly Fields[]): Fields =>
  listener('shop.example.com', { name: 'a', allowedRoutes: { kinds } });
const named = (term: Fields): Fields => ({
  namespaces: {
    from: 'Selector',
    selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', ...term }] },
  },
});
const ports = (count: number): readonly Fields[] =>
  [80, 443, 80].slice(0, count).map((port, at) => listener(`${at}.shop.example.com`, { name: `p${at}`, port }));
const EXTERNAL_AUTH = {
  type: 'ExternalAuth',
  externalAuth: { protocol: 'HTTP', backendRef: { name: 'a', port: 1 }, http: { path: '/a' } },
};
const CROWDED = Array.from({ length: 16 }, () => ({
  backendRefs: ['a', 'b', 'c', 'd'].map((name) => ({ name, port: 1, filters: [EXTERNAL_AUTH] })),
}));
const own = (rule: string): string => `hostname-ownership/${rule}`;
const VERSION = 'channel-pinning/crd-version';

const ROWS: readonly Row[] = [
  { name: 'own hostname', object: route('team-shop', ['shop.example.com']) },
  { name: 'own wildcard as a whole', object: route('team-shop', ['*.shop.example.com']) },
  { name: 'a name of many labels below an own wildcard', object: route('team-shop', ['a.b.c.shop.example.com']) },
  { name: 'a name below a wildcard that labels own', object: route('infra', ['x.y.example.com']) },
  { name: 'a hostname of another', object: route('team-shop', ['pay.example.com']), both: [own('not-owned')] },
  {
    name: 'the same in v1beta1',
    object: object('HTTPRoute', 'team-shop', { hostnames: ['pay.example.com'] }, {}, 'v1beta1'),
    both: [own('not-owned')],
  },
  { name: 'a more specific line of another', object: route('infra', ['pay.example.com']), both: [own('not-owned')] },
  { name: 'a name below the exact line of another', object: route('infra', ['a.pay.example.com']) },
  { name: 'the apex of a wildcard', object: route('infra', ['example.com']), both: [own('unowned')] },
  { name: 'the apex below another', object: route('team-pay', ['a.shop.example.com']), both: [own('not-owned')] },
  { name: 'a suffix that is no label', object: route('team-shop', ['xshop.example.com']), both: [own('not-owned')] },
  { name: 'nobody’s', object: route('team-shop', ['elsewhere.test']), both: [own('unowned')] },
  {
    name: 'own and other',
    object: route('team-shop', ['shop.example.com', 'pay.example.com', 'elsewhere.test']),
    both: [own('not-owned'), own('unowned')],
  },
  { name: 'shared, one', object: route('team-shop', ['lab.example.net']) },
  { name: 'shared, the other', object: route('team-pay', ['lab.example.net']) },
  { name: 'shared by others', object: route('infra', ['lab.example.net']), both: [own('not-owned')] },
  { name: 'upper case, which the CRD refuses', object: route('team-shop', ['Pay.example.com']) },
  { name: 'a trailing dot, which the CRD refuses', object: route('team-shop', ['pay.example.com.']) },
  { name: 'an own internationalised name', object: route('team-shop', ['xn--bcher-kva.example.com']) },
  {
    name: 'an internationalised name of another',
    object: route('team-pay', ['xn--bcher-kva.example.com']),
    both: [own('not-owned')],
  },
  { name: 'an internationalised name that does not decode', object: route('infra', ['xn--0.example.com']) },
  { name: 'an empty list', object: route('team-pay', []) },
  {
    name: 'an empty list on a Gateway that is not there',
    object: route('team-pay', [], {}, { parentRefs: [{ name: 'gone' }] }),
    ours: [own('no-hostname')],
  },
  {
    name: 'a mesh alone',
    object: route('team-shop', ['pay.example.com'], {}, { parentRefs: [{ group: '', kind: 'Service', name: 'a' }] }),
  },
  {
    name: 'a Service of no mesh',
    object: route(
      'team-shop',
      ['pay.example.com'],
      {},
      { parentRefs: [{ group: 'example.com', kind: 'Service', name: 'a' }] },
    ),
    both: [own('not-owned')],
  },
  {
    name: 'a mesh and the default Gateways',
    object: route(
      'team-shop',
      ['pay.example.com'],
      {},
      { parentRefs: [{ group: '', kind: 'Service', name: 'a' }], useDefaultGateways: 'All' },
    ),
    both: ['channel-pinning/field-not-in-channel', own('not-owned')],
  },
  {
    name: 'a mesh and a Gateway',
    object: route(
      'team-shop',
      ['pay.example.com'],
      {},
      { parentRefs: [{ group: '', kind: 'Service', name: 'a' }, { name: 'a' }] },
    ),
    both: [own('not-owned')],
  },
  {
    name: 'a wildcard over own and other names',
    object: route('team-pay', ['*.example.com']),
    ours: [own('not-owned')],
  },
  { name: 'a wildcard that its listeners cut to an own name', object: route('team-shop', ['*.example.com'], {}, CUT) },
  {
    name: 'a wildcard that its listeners cut to the name of another',
    object: route('team-pay', ['*.shop.example.com'], {}, CUT),
    both: [own('not-owned')],
  },
  { name: 'a wildcard of another', object: route('team-pay', ['*.shop.example.com']), both: [own('not-owned')] },
  {
    name: 'a wildcard below an own exact name',
    object: route('team-pay', ['*.pay.example.com']),
    both: [own('not-owned')],
  },
  { name: 'a wildcard of nobody', object: route('team-pay', ['*.elsewhere.test']), both: [own('unowned')] },
  {
    name: 'a wildcard of nobody over a name of somebody',
    object: route('infra', ['*.example.net']),
    ours: [own('unowned')],
  },
  { name: 'an address', object: route('infra', ['10.0.0.1']), both: [own('invalid-hostname')] },
  { name: 'what ends in a number', object: route('infra', ['a.0x1f']), both: [own('invalid-hostname')] },
  {
    name: 'a label that is too long',
    object: route('infra', [`${'a'.repeat(64)}.example.com`]),
    both: [own('invalid-hostname')],
  },
  { name: 'a label that is long', object: route('infra', [`${'a'.repeat(63)}.example.com`]) },
  { name: 'a last label that begins with a digit', object: route('infra', ['a.1x']), ours: [own('unowned')] },
  {
    name: 'a public suffix',
    object: route('infra', ['co.uk']),
    both: [own('unowned')],
    ours: [own('invalid-hostname')],
  },
  { name: 'thirty-two labels', object: route('team-shop', [deep(29)]), both: [own('not-owned')] },
  { name: 'thirty-three labels', object: route('team-shop', [deep(30)]), ours: [own('not-owned')] },
  { name: 'an annotation, own', object: route('team-shop', ['shop.example.com'], annotated('a.shop.example.com')) },
  {
    name: 'an annotation',
    object: route('team-shop', ['shop.example.com'], annotated(' a.shop.example.com,\tpay.example.com ')),
    both: [own('not-owned')],
  },
  {
    name: 'an annotation of several lines',
    object: route('team-shop', ['shop.example.com'], annotated('a.shop.example.com,\r\n pay.example.com\n')),
    both: [own('not-owned')],
  },
  {
    name: 'an annotation with a wildcard',
    object: route('team-shop', ['shop.example.com'], annotated('*.pay.example.com')),
    both: [own('not-owned')],
  },
  {
    name: 'an annotation in upper case',
    object: route('team-shop', ['shop.example.com'], annotated('PAY.example.com')),
    ours: [own('not-owned')],
  },
  {
    name: 'an annotation with a trailing dot',
    object: route('team-shop', ['shop.example.com'], annotated('pay.example.com.')),
    ours: [own('not-owned')],
  },
  {
    name: 'an annotation after a byte order mark',
    object: route('team-shop', ['shop.example.com'], annotated('\ufeffpay.example.com')),
    ours: [own('not-owned')],
  },
  {
    name: 'an annotation after a next line, which is no blank to Gateward',
    object: route('team-shop', ['shop.example.com'], annotated('\u0085pay.example.com')),
    ours: [own('invalid-hostname')],
  },
  {
    name: 'a long annotation',
    object: route('team-shop', ['shop.example.com'], annotated(`${' '.repeat(5000)}pay.example.com`)),
    ours: [own('not-owned')],
  },
  {
    name: 'an annotation with a name that is too long to be one',
    object: route('team-shop', ['shop.example.com'], annotated(`${`${'a'.repeat(60)}.`.repeat(4)}pay.example.com`)),
    ours: [own('invalid-hostname')],
  },
  {
    name: 'an annotation that nobody reads',
    object: route('team-shop', ['shop.example.com'], { annotations: { hostname: 'pay.example.com' } }),
  },
  { name: 'an excluded user', object: route('team-shop', ['pay.example.com']), user: 'robot' },
  { name: 'an excluded group', object: route('team-shop', ['pay.example.com']), user: 'fireman' },
  { name: 'a namespace that the document does not mean', object: route('play', ['pay.example.com']) },
  { name: 'a namespace that is never judged', object: route('kube-system', ['pay.example.com']) },
  { name: 'an exempted name', object: route('team-pay', ['shop.example.com'], { name: 'legacy-a' }) },
  {
    name: 'an exempted name, another rule',
    object: route('team-pay', ['elsewhere.test'], { name: 'legacy-b' }),
    both: [own('unowned')],
  },
  {
    name: 'an exempted name, another kind',
    object: object('GRPCRoute', 'team-pay', { hostnames: ['shop.example.com'] }, { name: 'legacy-a' }),
    both: [own('not-owned')],
  },
  {
    name: 'an exempted name, another namespace',
    object: route('infra', ['pay.example.com'], { name: 'legacy-a' }),
    both: [own('not-owned')],
  },
  {
    name: 'an exemption that has ended',
    object: route('team-pay', ['shop.example.com'], { name: 'ended-a' }),
    both: [own('not-owned')],
  },
  {
    name: 'a GRPCRoute',
    object: object('GRPCRoute', 'team-pay', { hostnames: ['shop.example.com'] }),
    both: [own('not-owned')],
  },
  {
    name: 'a TLSRoute',
    object: object('TLSRoute', 'team-pay', {
      hostnames: ['shop.example.com'],
      rules: [{ backendRefs: [{ name: 'a', port: 1 }] }],
    }),
    both: [own('not-owned')],
  },
  {
    name: 'a TCPRoute',
    object: object(
      'TCPRoute',
      'team-pay',
      { rules: [{ backendRefs: [{ name: 'a', port: 1 }] }] },
      annotated('shop.example.com'),
    ),
    both: [own('not-owned')],
  },
  {
    name: 'a TCPRoute without annotations',
    object: object('TCPRoute', 'team-pay', { rules: [{ backendRefs: [{ name: 'a', port: 1 }] }] }),
  },
  {
    name: 'an own listener',
    object: gateway('team-shop', [listener('shop.example.com'), listener('*.shop.example.com')]),
  },
  {
    name: 'a listener of another',
    object: gateway('team-shop', [listener('shop.example.com'), listener('pay.example.com')]),
    both: [own('not-owned')],
  },
  {
    name: 'a wildcard of a listener, as a whole',
    object: gateway('team-pay', [listener('*.example.com')]),
    both: [own('not-owned')],
  },
  { name: 'a wildcard that labels own', object: gateway('infra', [listener('*.example.com')]) },
  {
    name: 'a listener without a hostname',
    object: gateway('infra', [listener(undefined)]),
    both: [own('no-hostname'), 'listener-safety/no-hostname'],
  },
  {
    name: 'a Gateway for DNS',
    object: gateway('team-pay', [listener('pay.example.com')], {
      infrastructure: { annotations: { [EXTERNAL_DNS]: 'shop.example.com' } },
    }),
    both: [own('not-owned')],
  },
  {
    name: 'a ListenerSet',
    object: object('ListenerSet', 'team-pay', {
      parentRef: { name: 'cut', namespace: 'infra' },
      listeners: [listener('shop.example.com')],
    }),
    both: [own('not-owned')],
  },
  {
    name: 'a violation that stays',
    object: route('team-pay', ['shop.example.com']),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a violation that goes',
    object: route('team-pay', ['shop.example.com']),
    change: { spec: { hostnames: ['pay.example.com'] } },
  },
  {
    name: 'a violation that comes',
    object: route('team-pay', ['shop.example.com']),
    change: { spec: { hostnames: ['shop.example.com', 'a.shop.example.com'] } },
    both: [own('not-owned')],
  },
  {
    name: 'a violation that changes',
    object: route('team-pay', ['shop.example.com']),
    change: { spec: { hostnames: ['elsewhere.test'] } },
    both: [own('unowned')],
  },
  {
    name: 'a violation that moves from an annotation to the hostnames',
    object: route('team-pay', ['pay.example.com'], annotated('a.test,\u00a0shop.example.com')),
    change: { metadata: { annotations: { [EXTERNAL_DNS]: 'a.test' } }, spec: { hostnames: ['shop.example.com'] } },
    both: [own('not-owned')],
  },
  {
    name: 'a violation that moves from the hostnames to an annotation',
    object: route('team-pay', ['shop.example.com']),
    change: {
      metadata: { annotations: { [EXTERNAL_DNS]: 'shop.example.com' } },
      spec: { hostnames: ['pay.example.com'] },
    },
  },
  {
    name: 'a violation that moves from a long annotation',
    object: route('team-pay', ['pay.example.com'], annotated(`shop.example.com${' '.repeat(5000)}`)),
    change: { metadata: { annotations: { [EXTERNAL_DNS]: null } }, spec: { hostnames: ['shop.example.com'] } },
    both: [own('not-owned')],
  },
  {
    name: 'an address that moves from an annotation',
    object: route('team-pay', ['pay.example.com'], annotated('10.0.0.1')),
    change: { metadata: { annotations: { [EXTERNAL_DNS]: null } }, spec: { hostnames: ['10.0.0.1'] } },
  },
  {
    name: 'a mesh that becomes a Gateway’s',
    object: route('team-pay', ['shop.example.com'], {}, { parentRefs: [{ group: '', kind: 'Service', name: 'a' }] }),
    change: { spec: { parentRefs: [{ name: 'a' }] } },
    both: [own('not-owned')],
  },
  {
    name: 'a second listener without a hostname',
    object: gateway('infra', [listener(undefined, { name: 'a' })]),
    change: {
      spec: { listeners: [listener(undefined, { name: 'a' }), listener(undefined, { name: 'b', port: 443 })] },
    },
    both: ['listener-safety/no-hostname'],
    ours: [own('no-hostname')],
  },
  {
    name: 'a route that is being deleted and lets go',
    object: route('team-pay', ['shop.example.com'], { name: 'going-a', finalizers: ['example.com/hold'] }),
    change: { metadata: { finalizers: null } },
  },
  {
    name: 'A43 a route that is being deleted and takes a hostname',
    object: route('team-pay', ['pay.example.com'], { name: 'going-b', finalizers: ['example.com/hold'] }),
    change: { spec: { hostnames: ['shop.example.com'] } },
    both: [own('not-owned')],
  },

  { name: 'a named pair of a line', object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret', 'tls')]) },
  {
    name: 'the same in v1beta1',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret', 'tls')], JUDGED, 'v1beta1'),
  },
  {
    name: 'a Secret without a name',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret')]),
    both: ['reference-grants/unnamed-target'],
  },
  {
    name: 'a Secret without a name, v1beta1',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret')], JUDGED, 'v1beta1'),
    both: ['reference-grants/unnamed-target'],
  },
  {
    name: 'a Secret of another namespace',
    object: grant('team-pay', [from('Gateway', 'infra')], [to('Secret', 'tls')]),
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a namespace that no line lets in',
    object: grant('team-shop', [from('Gateway', 'team-pay')], [to('Secret', 'tls')]),
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'the namespace of the grant itself',
    object: grant('team-shop', [from('Gateway', 'team-shop')], [to('Service', 'a')]),
  },
  {
    name: 'a pair of two lines',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Service', 'a')]),
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a namespace let in by labels',
    object: grant('team-shop', [from('HTTPRoute', 'infra')], [to('Service', 'a')]),
  },
  {
    name: 'a namespace not let in by labels',
    object: grant('team-shop', [from('HTTPRoute', 'team-pay')], [to('Service', 'a')]),
    ours: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a kind of another group',
    object: grant('team-shop', [from('Gateway', 'infra', 'example.com')], [to('Secret', 'tls')]),
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'too many pairs',
    object: grant(
      'team-shop',
      [from('Gateway', 'infra')],
      ['a', 'b', 'c', 'd', 'e'].map((name) => to('Secret', name)),
    ),
    both: ['reference-grants/too-wide'],
  },
  {
    name: 'as many pairs as may be',
    object: grant(
      'team-shop',
      [from('Gateway', 'infra')],
      ['a', 'b', 'c', 'd'].map((name) => to('Secret', name)),
    ),
  },
  {
    name: 'a grant that the document does not mean',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret')], {}),
  },
  {
    name: 'a grant that leaves the match',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret', 'tls')]),
    change: { metadata: { labels: { judged: null } }, spec: { to: [to('Secret')] } },
    both: ['reference-grants/unnamed-target'],
  },
  {
    name: 'a grant whose violation stays',
    object: grant('team-pay', [from('Gateway', 'infra')], [to('Secret')]),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a grant whose violation gets another group',
    object: grant('team-shop', [from('Gateway', 'infra', 'example.com')], [to('Secret', 'tls')]),
    change: { spec: { from: [from('Gateway', 'infra', 'example.org')] } },
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a grant whose nameless target gets another group',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Service')]),
    change: { spec: { to: [to('Service', undefined, 'evil.example')] } },
    both: ['reference-grants/pair-not-allowed', 'reference-grants/unnamed-target'],
  },
  {
    name: 'a grant whose pair gets another name',
    object: grant('team-pay', [from('Gateway', 'infra')], [to('Secret', 'tls')]),
    change: { spec: { to: [to('Secret', 'other')] } },
    ours: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a grant that names what it opened as a whole',
    object: grant('team-pay', [from('Gateway', 'infra')], [to('Secret')]),
    change: { spec: { to: [to('Secret', 'other')] } },
  },
  {
    name: 'a grant with a further target',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret', 'tls')]),
    change: { spec: { to: [to('Secret', 'tls'), to('Service', 'a')] } },
    both: ['reference-grants/pair-not-allowed'],
  },
  {
    name: 'a wide grant that gets wider',
    object: grant(
      'team-shop',
      [from('Gateway', 'infra')],
      ['a', 'b', 'c', 'd', 'e'].map((name) => to('Secret', name)),
    ),
    change: { spec: { to: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => to('Secret', name)) } },
    ours: ['reference-grants/too-wide'],
  },
  {
    name: 'an open grant that lets somebody in',
    object: grant('team-shop', [from('Gateway', 'infra')], [to('Secret')]),
    change: { spec: { from: [from('Gateway', 'infra'), from('Gateway', 'team-pay')] } },
    both: ['reference-grants/pair-not-allowed'],
    ours: ['reference-grants/unnamed-target'],
  },

  {
    name: 'a field of the other channel',
    object: route('team-shop', ['shop.example.com'], {}, { rules: [{ retry: { attempts: 1 } }] }),
    both: ['channel-pinning/field-not-in-channel'],
  },
  {
    name: 'a field that is allowed where it stands',
    object: route('team-shop', ['shop.example.com'], {}, { rules: [{ sessionPersistence: { sessionName: 'a' } }] }),
  },
  {
    name: 'a field that is allowed elsewhere',
    object: route('team-shop', ['shop.example.com'], {}, { rules: [{}, { sessionPersistence: { sessionName: 'a' } }] }),
    ours: ['channel-pinning/field-not-in-channel'],
  },
  {
    name: 'a field that is allowed',
    object: object('GRPCRoute', 'team-shop', {
      hostnames: ['shop.example.com'],
      rules: [{ sessionPersistence: { sessionName: 'a' } }],
    }),
  },
  {
    name: 'a field of a TCPRoute',
    object: object('TCPRoute', 'team-shop', {
      useDefaultGateways: 'All',
      rules: [{ backendRefs: [{ name: 'a', port: 1 }] }],
    }),
    both: ['channel-pinning/field-not-in-channel'],
  },
  {
    name: 'a field and its value',
    object: route(
      'team-shop',
      ['shop.example.com'],
      {},
      {
        rules: [
          {
            filters: [EXTERNAL_AUTH],
          },
        ],
      },
    ),
    both: ['channel-pinning/field-not-in-channel', 'channel-pinning/value-not-in-channel'],
  },
  {
    name: 'a field beside more than are told',
    object: route('team-shop', ['shop.example.com'], {}, { rules: CROWDED }),
    change: { spec: { rules: [...CROWDED.slice(1), { retry: { attempts: 1 } }] } },
    both: ['channel-pinning/field-not-in-channel'],
  },
  {
    name: 'a field that stays',
    object: route('team-shop', ['shop.example.com'], {}, { rules: [{ retry: { attempts: 1 } }] }),
    change: { spec: { rules: [{ retry: { attempts: 2 } }] } },
  },
  {
    name: 'a kind of the other channel',
    object: object('XMesh', '', { controllerName: 'example.com/mesh' }, {}, 'v1alpha1'),
    both: ['channel-pinning/kind-not-in-channel'],
  },
  {
    name: 'a kind that is allowed',
    object: object(
      'XBackend',
      'team-shop',
      { type: 'ExternalHostname', externalHostname: { hostname: 'a.test' }, port: { port: 80 } },
      {},
      'v1alpha1',
    ),
  },
  {
    name: 'a kind that stays',
    object: object('XMesh', '', { controllerName: 'example.com/mesh' }, {}, 'v1alpha1'),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a CRD of no known kind, of the other channel',
    object: definition('Widget', 'experimental'),
    both: [VERSION],
    ours: ['channel-pinning/crd-channel'],
  },
  {
    name: 'a CRD of no channel',
    object: definition('Widget', undefined),
    both: ['channel-pinning/crd-channel', VERSION],
  },
  {
    name: 'a CRD of a channel of its own',
    object: definition('Widget', 'mine'),
    both: ['channel-pinning/crd-channel', VERSION],
  },
  { name: 'a CRD of a bundle that is meant', object: definition('Widget', 'standard', 'v1.6.9') },
  { name: 'a CRD of an older bundle', object: definition('Widget', 'standard', 'v1.5.9'), both: [VERSION] },
  { name: 'a CRD of a later bundle', object: definition('Widget', 'standard', 'v1.10.0'), both: [VERSION] },
  { name: 'a CRD of a pre-release', object: definition('Widget', 'standard', 'v1.7.0-rc.1'), ours: [VERSION] },
  {
    name: 'a CRD whose bundle stays',
    object: definition('Gadget', 'standard', 'v1.5.9'),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a CRD whose bundle changes',
    object: definition('Gizmo', 'standard', 'v1.5.8'),
    change: { metadata: { annotations: { [`${GROUP}/bundle-version`]: 'v1.5.9' } } },
    both: [VERSION],
  },
  {
    name: 'a version that the other channel serves',
    object: tls('v1alpha2'),
    both: ['channel-pinning/version-not-served'],
  },
  { name: 'a version that both serve', object: tls('v1') },
  {
    name: 'a version that stays',
    object: tls('v1alpha3'),
    change: { metadata: { labels: { a: 'b' } } },
  },

  {
    name: 'a guarded label',
    object: namespaced('n1', { 'gateway-access': 'true' }),
    both: ['namespace-gate/label-set'],
  },
  { name: 'a label that nobody guards', object: namespaced('n2', { team: 'a' }) },
  {
    name: 'a guarded label, by an allowed user',
    object: namespaced('n3', { 'gateway-access': 'true' }),
    user: 'robot',
  },
  {
    name: 'a guarded label, by an allowed group',
    object: namespaced('n4', { 'gateway-access': 'true' }),
    user: 'boss',
  },
  {
    name: 'a guarded label that stays',
    object: namespaced('n5', { 'gateway-access': 'true' }),
    change: { metadata: { labels: { team: 'a' } } },
  },
  {
    name: 'a guarded label that changes',
    object: namespaced('n6', { 'gateway-access': 'true' }),
    change: { metadata: { labels: { 'gateway-access': 'yes' } } },
    both: ['namespace-gate/label-set'],
  },
  {
    name: 'a second guarded label of the same value',
    object: namespaced('n7', { 'gateway-access': 'true' }),
    change: { metadata: { labels: { tier: 'true' } } },
    both: ['namespace-gate/label-set'],
  },
  {
    name: 'a guarded label that goes',
    object: namespaced('n8', { 'gateway-access': 'true' }),
    change: { metadata: { labels: { 'gateway-access': null } } },
    both: ['namespace-gate/label-removed'],
  },
  {
    name: 'P19 a guarded label by the status',
    object: namespaced('n9', {}),
    subresource: 'status',
    change: { metadata: { labels: { tier: 'platform' } } },
    both: ['namespace-gate/label-set'],
  },
  {
    name: 'P17 a namespace that excuses itself',
    object: namespaced('n10', {}),
    change: { metadata: { labels: { tier: 'platform', free: 'yes' } } },
    both: ['namespace-gate/label-set'],
  },
  {
    name: 'a namespace that is excused',
    object: namespaced('n11', { free: 'yes' }),
    change: { metadata: { labels: { tier: 'platform' } } },
  },

  {
    name: 'a class of another namespace',
    object: gateway('team-pay', [listener('pay.example.com')], { gatewayClassName: 'public' }),
    both: ['gateway-class/class-not-allowed'],
  },
  {
    name: 'an own class',
    object: gateway('team-shop', [listener('shop.example.com')], { gatewayClassName: 'public' }),
  },
  {
    name: 'a class by labels',
    object: gateway('infra', [listener('a.example.com')], { gatewayClassName: 'internal' }),
  },
  {
    name: 'a class by labels that are not there',
    object: gateway('team-shop', [listener('shop.example.com')], { gatewayClassName: 'internal' }),
    both: ['gateway-class/class-not-allowed'],
  },
  {
    name: 'a class that stays',
    object: gateway('team-pay', [listener('pay.example.com')], { gatewayClassName: 'public' }),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a creator who may not',
    object: gateway('team-shop', [listener('shop.example.com')]),
    user: 'robot',
    both: ['gateway-class/creator-not-allowed'],
  },
  {
    name: 'a change by whom may not create',
    object: gateway('team-shop', [listener('shop.example.com')]),
    user: 'robot',
    change: { metadata: { labels: { a: 'b' } } },
  },

  {
    name: 'a port',
    object: gateway('team-shop', [listener('shop.example.com', { port: 8080 })]),
    both: ['listener-safety/port'],
  },
  {
    name: 'a protocol',
    object: gateway('team-shop', [listener(undefined, { protocol: 'TCP' })]),
    both: ['listener-safety/protocol'],
  },
  {
    name: 'a listener open to all',
    object: gateway('team-shop', [listener('shop.example.com', { allowedRoutes: { namespaces: { from: 'All' } } })]),
    both: ['listener-safety/from-all'],
  },
  {
    name: 'a listener with an empty selector',
    object: gateway('team-shop', [
      listener('shop.example.com', { allowedRoutes: { namespaces: { from: 'Selector', selector: {} } } }),
    ]),
    both: ['listener-safety/from-all'],
  },
  {
    name: 'a listener that selects by the label of every namespace',
    object: gateway('team-shop', [listener('shop.example.com', { allowedRoutes: named({ operator: 'Exists' }) })]),
    both: ['listener-safety/from-all'],
  },
  {
    name: 'a listener that selects by a term which matches nothing',
    object: gateway('team-shop', [
      listener('shop.example.com', {
        allowedRoutes: named({ operator: 'Exists', values: ['infra'] }),
      }),
    ]),
  },
  {
    name: 'a listener without a selector',
    object: gateway('team-shop', [
      listener('shop.example.com', { allowedRoutes: { namespaces: { from: 'Selector' } } }),
    ]),
    ours: ['listener-safety/selector-missing'],
  },
  {
    name: 'a listener with a selector',
    object: gateway('team-shop', [
      listener('shop.example.com', {
        allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { a: 'b' } } } },
      }),
    ]),
  },
  {
    name: 'listeners open to all',
    object: gateway('team-shop', [listener('shop.example.com')], { allowedListeners: { namespaces: { from: 'All' } } }),
    both: ['listener-safety/from-all'],
  },
  {
    name: 'a port of a ListenerSet',
    object: object('ListenerSet', 'team-shop', {
      parentRef: { name: 'cut', namespace: 'infra' },
      listeners: [listener('shop.example.com', { port: 81 })],
    }),
    both: ['listener-safety/port'],
  },
  { name: 'HTTPS without settings', object: secure('HTTPS'), both: ['listener-safety/tls-mode'] },
  { name: 'HTTPS with a certificate', object: secure('HTTPS', REFS) },
  {
    name: 'TLS that passes through beside certificates',
    object: secure('TLS', { mode: 'Passthrough', ...REFS }),
    both: ['listener-safety/tls-mode'],
  },
  { name: 'TLS that passes through', object: secure('TLS', { mode: 'Passthrough' }) },
  { name: 'TLS that ends here', object: secure('TLS', { mode: 'Terminate', ...REFS }) },
  {
    name: 'a kind that the protocol does not serve',
    object: gateway('team-shop', [takes({ kind: 'HTTPRoute' }, { kind: 'TCPRoute' })]),
    both: ['listener-safety/kind-mismatch'],
  },
  {
    name: 'kinds that the protocol serves',
    object: gateway('team-shop', [takes({ kind: 'HTTPRoute' }, { group: GROUP, kind: 'GRPCRoute' })]),
  },
  {
    name: 'a kind of a listener that stays',
    object: gateway('team-shop', [takes({ group: 'example.com', kind: 'HTTPRoute' })]),
    change: { metadata: { labels: { a: 'b' } } },
  },
  {
    name: 'a kind of a listener that gets another group',
    object: gateway('team-shop', [takes({ group: 'example.com', kind: 'HTTPRoute' })]),
    change: { spec: { listeners: [takes({ group: 'example.org', kind: 'HTTPRoute' })] } },
    both: ['listener-safety/kind-mismatch'],
  },
  {
    name: 'as many listeners as may be',
    object: gateway('team-shop', ports(2)),
  },
  { name: 'too many listeners', object: gateway('team-shop', ports(3)), both: ['listener-safety/too-many'] },
  {
    name: 'a listener too many',
    object: gateway('team-shop', ports(2)),
    change: { spec: { listeners: ports(3) } },
    ours: ['listener-safety/too-many'],
  },
  {
    name: 'a port that stays',
    object: gateway('team-shop', [listener('shop.example.com', { port: 8080 })]),
    change: { metadata: { labels: { a: 'b' } } },
  },
];

/** What the strict bundle refuses of the table without Gateward. */
const STRICT: readonly (readonly string[])[] = [
  ['a mesh and the default Gateways', 'channel-pinning/field-not-in-channel'],
  ['an address', own('invalid-hostname')],
  ['what ends in a number', own('invalid-hostname')],
  ['a label that is too long', own('invalid-hostname')],
  ['a listener without a hostname', own('no-hostname')],
  ['a Secret without a name', 'reference-grants/unnamed-target'],
  ['a Secret without a name, v1beta1', 'reference-grants/unnamed-target'],
  ['a grant that the document does not mean', 'reference-grants/unnamed-target'],
  ['a grant that leaves the match', 'reference-grants/unnamed-target'],
  ['a grant whose nameless target gets another group', 'reference-grants/unnamed-target'],
  ['a field of the other channel', 'channel-pinning/field-not-in-channel'],
  ['a field that is allowed where it stands', 'channel-pinning/field-not-in-channel'],
  ['a field that is allowed elsewhere', 'channel-pinning/field-not-in-channel'],
  ['a field that is allowed', 'channel-pinning/field-not-in-channel'],
  ['a field of a TCPRoute', 'channel-pinning/field-not-in-channel'],
  ['a field and its value', 'channel-pinning/field-not-in-channel'],
  ['a field beside more than are told', 'channel-pinning/field-not-in-channel'],
  ['a kind of the other channel', 'channel-pinning/kind-not-in-channel'],
  ['a kind that is allowed', 'channel-pinning/kind-not-in-channel'],
  ['a CRD of no known kind, of the other channel', VERSION],
  ['a CRD of no channel', 'channel-pinning/crd-channel'],
  ['a CRD of a channel of its own', 'channel-pinning/crd-channel'],
  ['a CRD of an older bundle', VERSION],
  ['a CRD of a later bundle', VERSION],
  ['a CRD whose bundle changes', VERSION],
  ['a version that the other channel serves', 'channel-pinning/version-not-served'],
  ['a port', 'listener-safety/port'],
  ['a protocol', 'listener-safety/protocol'],
  ['a listener open to all', 'listener-safety/from-all'],
  ['a listener with an empty selector', 'listener-safety/from-all'],
  ['a listener that selects by the label of every namespace', 'listener-safety/from-all'],
  ['listeners open to all', 'listener-safety/from-all'],
  ['a port of a ListenerSet', 'listener-safety/port'],
  ['HTTPS without settings', 'listener-safety/tls-mode'],
  ['TLS that passes through beside certificates', 'listener-safety/tls-mode'],
  ['a kind that the protocol does not serve', 'listener-safety/kind-mismatch'],
  ['a kind of a listener that gets another group', 'listener-safety/kind-mismatch'],
];

/** What is there before. */
const STATE: readonly KubeObject[] = [
  namespaced('team-shop', {}),
  namespaced('team-pay', {}),
  namespaced('play', { sandbox: 'yes' }),
  namespaced('infra', { tier: 'platform' }),
  namespaced('gateward-system', {}),
  gateway(
    'infra',
    [listener('shop.example.com', { allowedRoutes: { namespaces: { from: 'All' } } })],
    {},
    { name: 'cut' },
  ),
];

const status = z.looseObject({
  message: z.string().optional(),
  details: z.looseObject({ causes: z.array(z.looseObject({ reason: z.string().optional() })).optional() }).optional(),
});

describeWithCluster('A30 A42 the backstop on a real API server', () => {
  let cluster: Cluster;
  /** By row the rules for which it is refused. */
  const ours: string[][] = [];
  const compiled: string[][] = [];
  const policies: string[] = [];
  /** The compiled policies that have refused something. */
  const spoken = new Set<string>();

  const apply = async (stdin: string): Promise<void> => {
    expect(await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin })).toMatchObject({ code: 0 });
  };

  beforeAll(async () => {
    cluster = await startCluster({
      users: { dev: ['developers'], boss: ['platform-admins'], robot: [], fireman: ['breakglass', 'developers'] },
    });
    await installCrds(cluster, 'experimental');
    await apply(
      JSON.stringify({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'everybody' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'Group', name: 'system:authenticated', apiGroup: 'rbac.authorization.k8s.io' }],
      }),
    );
    const before = [...STATE, ...ROWS.filter(({ change }) => change !== undefined).map((row) => row.object)];
    for (const one of before) await send(one, 'POST');
    for (const name of ['going-a', 'going-b']) {
      await cluster.request(`/apis/${GROUP}/v1/namespaces/team-pay/httproutes/${name}`, { method: 'DELETE' });
    }

    const isRefused = ({ both }: Row): boolean => both !== undefined;
    ours.push(...(await refusedByGateward(DOCUMENTS, isRefused)));
    compiled.push(...(await refusedByBackstop(DOCUMENTS, isRefused)));
  });
  afterAll(() => cluster.stop());

  async function send(
    { apiVersion, kind, metadata, spec }: KubeObject,
    method: 'POST' | 'PATCH',
    {
      body,
      user = 'admin',
      query = '',
      subresource,
    }: { body?: unknown; user?: string; query?: string; subresource?: string | undefined } = {},
  ): Promise<{ readonly code: number; readonly status: z.infer<typeof status> }> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
    const name = method === 'POST' ? '' : `/${metadata.name}`;
    const below = subresource === undefined ? '' : `/${subresource}`;
    const answer = await cluster.request(`${root}${within}/${PLURALS[kind] ?? ''}${name}${below}${query}`, {
      method,
      user,
      body: body ?? { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) },
      contentType: method === 'POST' ? 'application/json' : 'application/merge-patch+json',
    });
    const parsed = { code: answer.status, status: status.parse(JSON.parse(answer.body)) };
    if (query === '' && answer.status > 299) throw new Error(`${kind} ${metadata.name}: ${answer.body}`);
    return parsed;
  }

  /** The rules for which a row is refused, and the compiled policies that do. */
  async function refusals(
    row: Row,
  ): Promise<{ readonly rules: readonly string[]; readonly by: readonly string[]; readonly message: string }> {
    const method = row.change === undefined ? 'POST' : 'PATCH';
    const { object: target, user = 'dev', subresource } = row;
    const answer = await send(target, method, { body: row.change, user, query: '?dryRun=All', subresource });
    const { message = '', details } = answer.status;
    if (answer.code < 300 || !/denied the request|denied request/.test(message)) {
      // What the schema refuses is no matter of policies; anything else would be a mistake in the table.
      if (answer.code > 299 && answer.code !== 422) throw new Error(`${row.name}: ${message}`);
      return { rules: [], by: [], message };
    }
    const causes = (details?.causes ?? []).flatMap(({ reason }) => (reason?.includes('/') === true ? [reason] : []));
    const by = [...message.matchAll(/ValidatingAdmissionPolicy '([^']+)'/g)].map(([, name = '']) => name);
    const told = [...message.matchAll(/denied request: ([a-z-]+\/[a-z-]+): /g)].map(([, rule = '']) => rule);
    return { rules: [...new Set(by.length > 0 ? told : causes)].sort(), by, message };
  }

  /** By row the rules for which Gateward refuses it; `isRefused` tells when it is in force. */
  async function refusedByGateward(documents: string, isRefused: (row: Row) => boolean): Promise<string[][]> {
    const server = await startGateward(cluster, documents);
    try {
      await server.register();
      return await outcomes(isRefused);
    } finally {
      await cluster.kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'gateward']);
      await server.stop();
    }
  }

  /** By row the rule for which the API server refuses it. */
  async function refusedByBackstop(documents: string, isRefused: (row: Row) => boolean): Promise<string[][]> {
    const file = join(cluster.dir, 'documents.yaml');
    await writeFile(file, documents);
    const { stdout } = await gateward('manifests', 'backstop', '--policies', file);
    await apply(stdout);
    policies.push(...[...stdout.matchAll(/policyName: (\S+)/g)].map(([, name = '']) => name));
    return outcomes(isRefused);
  }

  async function outcomes(isRefused: (row: Row) => boolean): Promise<string[][]> {
    await inForce(ROWS.filter(isRefused));
    const all: string[][] = [];
    for (const row of ROWS) {
      const { rules, by } = await refusals(row);
      for (const name of by) spoken.add(name);
      all.push([...rules]);
    }
    return all;
  }

  /** Webhooks and policies take a moment. */
  async function inForce(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const deadline = Date.now() + 30_000;
      for (;;) {
        const { rules, message } = await refusals(row);
        if (rules.length > 0) break;
        if (Date.now() > deadline) throw new Error(`nothing refuses the row: ${row.name}: ${message}`);
        await sleep(100);
      }
    }
  }

  test.each(ROWS.map((row, at) => [row.name, at] as const))('%s', (_name, at) => {
    const { both = [], ours: alone = [] } = ROWS[at] ?? {};
    // The API server tells the first denial that it meets.
    const told = both.length === 0 ? [] : [expect.toBeOneOf([...both]) as unknown];
    expect({ gateward: ours[at], backstop: compiled[at] }).toEqual({
      gateward: [...both, ...alone].sort(),
      backstop: told,
    });
  });

  test('every policy but those of what older bundles had has refused something', () => {
    const silent = policies.filter((name) => !spoken.has(name));
    expect(silent.sort()).toEqual(
      ['backendlbpolicies', 'backendtlspolicies', 'gateways', 'grpcroutes', 'referencegrants', 'udproutes'].map(
        (plural) => `gateward.channel-pinning.standard.${plural}`,
      ),
    );
  });

  test('where what they look up is of another compilation or gone, nothing is refused', async () => {
    const foreign = { name: '', object: route('team-shop', ['pay.example.com']) };
    const configMap = '/api/v1/namespaces/gateward-system/configmaps/gateward.hostname-ownership';
    const name = async (owner: string): Promise<void> => {
      const body = { data: { 'pay.example.com': `${owner}\npolicy public` } };
      await cluster.request(configMap, { method: 'PATCH', body, contentType: 'application/merge-patch+json' });
    };
    const rules = async (): Promise<readonly string[]> => (await refusals(foreign)).rules;
    await name('namespaces with other=yes');
    await expect.poll(rules, { timeout: 30_000 }).toEqual([]);
    await name('namespaces with tier=platform');
    await expect.poll(rules, { timeout: 30_000 }).toEqual([own('not-owned')]);
    await cluster.request(configMap, { method: 'DELETE' });
    await expect.poll(rules, { timeout: 30_000 }).toEqual([]);
  });

  test('five thousand hostnames, and objects that ask for as much as they can', async () => {
    const some = (count: number, name: (at: number) => string): readonly string[] =>
      Array.from({ length: count }, (_none, at) => name(at));
    const owners = some(
      2500,
      (at) => `{ hostnames: [t${at}.example.org, "*.t${at}.example.com"], namespaces: [t${at}] }`,
    );
    const file = join(cluster.dir, 'many.yaml');
    await writeFile(
      file,
      `{ apiVersion: gateward.dev/v1alpha1, kind: HostnameOwnership, metadata: { name: public },
         spec: { action: Deny, rules: { conflict: Warn }, owners: [${owners.join(', ')}] } }`,
    );
    const { stdout } = await gateward('manifests', 'backstop', '--policies', file);
    await apply(stdout);
    const long = (at: number, suffix: string): string => `${'aaaaaaa.'.repeat(27)}${at}.t2499.example.${suffix}`;
    const wild = (suffix: string) => (at: number) => `*.${long(at, suffix)}`;
    const rows = [
      gateway(
        'play',
        some(64, (at) => long(at, 'com')).map((hostname) => listener(hostname)),
      ),
      gateway(
        'play',
        some(64, (at) => long(at, 'net')).map((hostname) => listener(hostname)),
      ),
      route('play', [...some(14, (at) => long(at, 'com')), ...some(2, wild('com'))]),
      route('play', some(2, wild('com'))),
      route('play', some(2, wild('net'))),
      route('play', [...some(15, wild('net')), long(0, 'com')]),
    ].map((one, at) => ({ name: String(at), object: one }));
    for (const row of rows) {
      await expect
        .poll(async () => [row.name, (await refusals(row)).rules.length], { timeout: 30_000 })
        .toEqual([row.name, 1]);
    }
  }, 240_000);

  test('of the strict bundle the API server refuses what Gateward does', async () => {
    const kinds = 'validatingadmissionpolicybindings,validatingadmissionpolicies';
    await cluster.kubectl(['delete', kinds, '-l', 'app.kubernetes.io/component=backstop']);
    const documents = await readFile('policies/restricted.yaml', 'utf8');
    const isRefused = ({ name }: Row): boolean => STRICT.some(([strict]) => strict === name);
    const byGateward = await refusedByGateward(documents, isRefused);
    const byBackstop = await refusedByBackstop(documents, isRefused);
    const refused = ROWS.map(({ name }, at) => [name, ...(byBackstop[at] ?? [])]).filter(({ length }) => length > 1);
    expect(refused).toEqual(STRICT);
    const alone = byBackstop.map((rules, at) => rules.filter((rule) => byGateward[at]?.includes(rule) !== true));
    expect(alone.flat()).toEqual([]);
  }, 240_000);
});

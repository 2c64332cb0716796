import { hostnameOwnership } from '../../policies/hostname-ownership/policy.ts';
import { LOOKED_AT_IN_ALL } from '../../policies/hostname-ownership/rivals.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io/v1';
const DNS = 'external-dns.alpha.kubernetes.io/hostname';

interface Meta {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
}

/** A route under its namespace and name: `team-shop/web`. */
function route(at: string, hostnames: readonly string[] | undefined, spec: object = {}, meta: Meta = {}): object {
  const [namespace, name] = at.split('/');
  return {
    apiVersion: GROUP,
    kind: 'HTTPRoute',
    metadata: { namespace, name, ...meta },
    spec: {
      parentRefs: [{ namespace: 'infra', name: 'public' }],
      ...(hostnames === undefined ? {} : { hostnames }),
      ...spec,
    },
  };
}

function other(kind: string, at: string, spec: object, meta: Meta = {}): object {
  const [namespace, name] = at.split('/');
  return { apiVersion: GROUP, kind, metadata: { namespace, name, ...meta }, spec };
}

function grpcRoute(at: string, matches: readonly object[], meta: Meta = {}): object {
  const parentRefs = [{ namespace: 'infra', name: 'public' }];
  return other('GRPCRoute', at, { parentRefs, hostnames: ['b.test'], rules: [{ matches }] }, meta);
}

function tlsRoute(at: string, hostnames: readonly string[]): object {
  const parentRefs = [{ namespace: 'infra', name: 'public' }];
  return other('TLSRoute', at, { parentRefs, hostnames, rules: [{ backendRefs: [{ name: 'web', port: 443 }] }] });
}

const FROM_ALL = { namespaces: { from: 'All' } };

/** A Gateway whose listeners have these hostnames, in turn; `undefined` for one without. */
function gateway(at: string, hostnames: readonly (string | undefined)[], more: object = {}, meta: Meta = {}): object {
  const listeners = hostnames.map((hostname, index) => ({
    name: `web-${index}`,
    port: 80,
    protocol: 'HTTP',
    allowedRoutes: FROM_ALL,
    ...(hostname === undefined ? {} : { hostname }),
  }));
  return other('Gateway', at, { gatewayClassName: 'public', listeners, ...more }, meta);
}

function listenerSet(at: string, hostname: string, meta: Meta = {}, port = 80): object {
  const listeners = [{ name: 'own', port, protocol: 'HTTP', hostname }];
  return other('ListenerSet', at, { parentRef: { namespace: 'infra', name: 'public' }, listeners }, meta);
}

function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

const OWNERS = [
  { hostnames: ['shop.example.com', '*.shop.example.com'], namespaces: ['team-shop', 'team-shop-staging'] },
  { hostnames: ['pay.example.com'], namespaces: ['team-pay'] },
  { hostnames: ['x.deep.example.com'], namespaces: ['team-pay'] },
  { hostnames: ['*.example.com'], namespaceSelector: { matchLabels: { tier: 'platform' } } },
];
const PLATFORM = namespace('infra', { tier: 'platform' });
const APPS = namespace('team-shop', { tier: 'apps' });

function document(spec: object = {}): readonly [{ readonly name: string; readonly spec: object }] {
  return [{ name: 'public-hostnames', spec: { action: 'Deny', owners: OWNERS, ...spec } }];
}

/** Nobody owns anything: first come, first served, and only rivalry counts. */
const BETA = { name: 'x-beta', value: 'on' };
const FIRST_COME = [
  {
    name: 'first-come',
    spec: { action: 'Deny', owners: [], rules: { unowned: 'Disabled', 'no-hostname': 'Disabled' } },
  },
];

const shopMayUse = 'team-shop may use: shop.example.com, *.shop.example.com';
const payIsTheirs = `belongs to namespace team-pay (policy public-hostnames); ${shopMayUse}. Ask the owner for a delegation, or use a hostname you own`;
const platformsOwn = `belongs to namespaces with tier=platform (policy public-hostnames); ${shopMayUse}. Ask the owner for a delegation, or use a hostname you own`;
const nobodyHolds = 'Use a hostname that nobody else holds, or settle who owns it';
const handedOver = 'Use a hostname that nobody else holds, or have it handed over';
const somebody = 'an object in another namespace, of another owner,';
/** One more than a review looks at, where 32 namespaces have an object each. */
const CROWDED = Array.from({ length: LOOKED_AT_IN_ALL / 64 + 1 }, (_, at) => `h${at}.test`);
const conflictAt = (at: number): ExpectedFinding => ({
  rule: 'conflict',
  path: `spec.hostnames[${at}]`,
  message: `spec.hostnames[${at}] "h${at}.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
});
const LONG = 'a'.repeat(64);
const EARLY = { creationTimestamp: '2026-01-01T00:00:00Z' };
const LATE = { creationTimestamp: '2026-02-01T00:00:00Z' };
const BETWEEN = '2026-01-15T00:00:00Z';
const PATH_B = { path: { type: 'PathPrefix', value: '/b' } };
const PATH_A = { path: { type: 'PathPrefix', value: '/a' } };
const BOTH = [
  { namespace: 'infra', name: 'public' },
  { namespace: 'infra', name: 'second' },
];
const through = (sectionName: string) => ({ parentRefs: [{ namespace: 'infra', name: 'public', sectionName }] });
const TWO_PORTS = other('Gateway', 'infra/public', {
  gatewayClassName: 'public',
  listeners: [
    { name: 'one', port: 80, protocol: 'HTTP', allowedRoutes: FROM_ALL },
    { name: 'two', port: 8080, protocol: 'HTTP', allowedRoutes: FROM_ALL },
  ],
});
const paths = (...values: readonly string[]) => ({
  rules: [{ matches: values.map((value) => ({ path: { type: 'PathPrefix', value } })) }],
});
const takesAll = (): ExpectedFinding => ({
  rule: 'no-hostname',
  path: 'spec.hostnames',
  message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
});
const meets = (at: string, claim: string, relation = 'the same hostname'): ExpectedFinding => ({
  rule: 'conflict',
  path: at,
  message: `${at} "${claim}": ${somebody} holds ${relation}. ${nobodyHolds}`,
});
const takes = (at: string, claim: string, reason: string): ExpectedFinding => ({
  rule: 'takeover',
  path: at,
  message: `${at} "${claim}" takes traffic from ${somebody} because ${reason}. ${handedOver}`,
});
const FIRST = 'spec.hostnames[0]';
const LISTENER = 'spec.listeners[0].hostname';
const INFRA_PUBLIC = { namespace: 'infra', name: 'public' };
const listener = (name: string, port: number, hostname: string) => ({ name, port, protocol: 'HTTP', hostname });
const clipped = `"${'b.'.repeat(50)}…" has a label of more than 63 characters (RFC 1035)`;
const everything = 'spec.hostnames (none: everything that Gateway infra/public serves)';

policyTable(hostnameOwnership, {
  documents: document(),
  valid: [
    { name: 'an owner uses its hostname', object: route('team-shop/web', ['shop.example.com']) },
    {
      name: 'an owner uses a name below its wildcard, two labels deep',
      object: route('team-shop/web', ['a.b.shop.example.com']),
    },
    { name: 'an owner claims its wildcard', object: route('team-shop/web', ['*.shop.example.com']) },
    { name: 'an owner claims a narrower wildcard', object: route('team-shop/web', ['*.eu.shop.example.com']) },
    { name: 'another spelling is the same hostname', object: route('team-shop/web', ['Shop.Example.COM.']) },
    {
      name: 'two namespaces of one line share a hostname',
      object: route('team-shop/web', ['shop.example.com']),
      state: [route('team-shop-staging/web', ['shop.example.com'])],
    },
    {
      name: 'an owner by label',
      object: route('infra/status', ['status.example.com']),
      state: [PLATFORM],
    },
    {
      name: 'an owner by label claims the wildcard, though others own names below it',
      object: route('infra/all', ['*.example.com']),
      state: [PLATFORM, route('team-shop/web', ['shop.example.com'])],
    },
    {
      name: 'an owner of a wildcard claims a narrower one, though somebody owns a name below that',
      object: route('infra/deep', ['*.deep.example.com']),
      state: [PLATFORM],
    },
    {
      name: 'an owner uses its name under a wildcard that another owner serves',
      object: route('team-shop/web', ['shop.example.com']),
      state: [PLATFORM, route('infra/all', ['*.example.com'])],
    },
    {
      name: 'owners of several documents form one table',
      documents: [
        ...document(),
        {
          name: 'second',
          spec: { action: 'Deny', owners: [{ hostnames: ['two.example.com'], namespaces: ['team-two'] }] },
        },
      ],
      object: route('team-two/web', ['two.example.com']),
    },
    {
      name: 'owners named in two documents share the hostname',
      documents: [
        ...document(),
        { name: 'second', spec: { owners: [{ hostnames: ['pay.example.com'], namespaces: ['team-two'] }] } },
      ],
      object: route('team-two/web', ['pay.example.com']),
    },
    {
      name: 'an internationalised name is one hostname in every spelling, in the document and in the route (A31)',
      documents: document({ owners: [{ hostnames: ['bücher.example', '*.公司.cn'], namespaces: ['team-shop'] }] }),
      object: route('team-shop/web', ['xn--bcher-kva.example', 'BÜCHER.example.', '*.xn--55qx5d.cn']),
    },
    {
      name: 'owners by name share a hostname that two lines name, the first of them too',
      documents: document({
        owners: ['team-shop', 'team-pay'].map((team) => ({ hostnames: ['a.test'], namespaces: [team] })),
      }),
      object: route('team-shop/web', ['a.test']),
    },
    {
      name: 'owners by name and by label share a hostname that two lines name',
      documents: document({
        owners: [
          { hostnames: ['a.test'], namespaces: ['team-shop'] },
          { hostnames: ['A.test.'], namespaceSelector: { matchLabels: { tier: 'platform' } } },
        ],
      }),
      object: gateway('infra/public', ['a.test']),
      state: [PLATFORM, route('team-shop/web', ['a.test'])],
    },
    {
      name: 'the owner of * may use anything',
      documents: document({ owners: [{ hostnames: ['*'], namespaces: ['infra'] }] }),
      object: gateway('infra/public', [undefined, 'a.test']),
    },
    {
      name: 'a hostless route on a listener that its namespace owns',
      object: route('team-shop/web', undefined),
      state: [gateway('infra/public', ['*.shop.example.com', 'shop.example.com'])],
    },
    {
      name: 'a hostless route on the owned one of two listeners, by section',
      object: route('team-shop/web', undefined, {
        parentRefs: [{ namespace: 'infra', name: 'public', sectionName: 'web-1' }],
      }),
      state: [gateway('infra/public', [undefined, 'shop.example.com'])],
    },
    {
      name: 'a wildcard that the listeners cut down to what is owned',
      object: route('team-shop/web', ['*.example.com']),
      state: [gateway('infra/public', ['*.shop.example.com', 'other.test'])],
    },
    ...(
      [
        ['all parents, one of them one', { parentRefs: [] }],
        ['a parent', { parentRefs: BOTH.slice(1), useDefaultGateways: 'All' }],
        ['the default Gateways and a parent', { parentRefs: BOTH.slice(1), useDefaultGateways: 'None' }],
      ] as const
    ).map(([what, less]) => ({
      name: `UPDATE: a wildcard that loses ${what} whose listener cut it down to what is owned`,
      oldObject: route('team-shop/web', ['*.example.com'], { parentRefs: BOTH, useDefaultGateways: 'All' }),
      object: route('team-shop/web', ['*.example.com'], less),
      state: [gateway('infra/public', ['shop.example.com']), gateway('infra/second', ['other.test'])],
    })),
    {
      name: 'a wildcard beside a name, which the listeners cut down to what is owned',
      object: route('team-shop/web', ['shop.example.com', '*.example.com']),
      state: [gateway('infra/public', ['*.shop.example.com', 'other.test'])],
    },
    {
      name: 'an owned wildcard, and a listener that neither meets it nor admits its namespace',
      object: route('team-shop/web', ['*.shop.example.com']),
      state: [
        other('Gateway', 'infra/public', {
          gatewayClassName: 'public',
          listeners: [listener('web', 80, 'other.test')],
        }),
      ],
    },
    {
      name: 'a hostless route on a Gateway of its own namespace, which it does not name',
      object: route('infra/web', undefined, { parentRefs: [{ name: 'public' }] }),
      state: [PLATFORM, gateway('infra/public', ['*.example.com'])],
    },
    {
      name: 'a hostless route of a mesh, on a listener that its namespace owns besides',
      object: route('team-shop/web', undefined, {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }, INFRA_PUBLIC],
      }),
      state: [gateway('infra/public', ['shop.example.com'])],
    },
    {
      name: 'a hostless route of a namespace that owns all there is, whose Gateway is not there',
      documents: document({ owners: [{ hostnames: ['*'], namespaces: ['team-shop'] }] }),
      object: route('team-shop/web', undefined),
    },
    {
      name: 'a hostless route without parents serves nothing',
      object: route('team-shop/web', undefined, { parentRefs: [] }),
    },
    {
      name: 'a route of a mesh, whose hostnames nobody reads',
      object: route('team-shop/web', ['pay.example.com'], {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
        useDefaultGateways: 'None',
      }),
    },
    { name: 'a listener of its owner', object: gateway('team-shop/own', ['shop.example.com', '*.shop.example.com']) },
    {
      name: 'listeners for TCP and UDP have no hostname',
      object: other('Gateway', 'team-shop/tcp', {
        gatewayClassName: 'public',
        listeners: [
          { name: 'db', port: 5432, protocol: 'TCP' },
          { name: 'dns', port: 53, protocol: 'UDP' },
        ],
      }),
    },
    {
      name: 'an annotation with owned hostnames',
      object: route(
        'team-shop/web',
        ['shop.example.com'],
        {},
        { annotations: { [DNS]: 'shop.example.com, a.shop.example.com' } },
      ),
    },
    {
      name: 'an annotation whose key is a word of the language',
      documents: document({ annotations: ['constructor', '__proto__'] }),
      object: route('team-shop/web', ['shop.example.com'], {}, { annotations: { own: 'pay.example.com' } }),
    },
    {
      name: 'an annotation that is not configured',
      object: route(
        'team-shop/web',
        ['shop.example.com'],
        {},
        { annotations: { 'example.com/hostname': 'pay.example.com' } },
      ),
    },
    {
      name: 'a public suffix that the operator gave to somebody',
      documents: document({ owners: [{ hostnames: ['*.github.io', 'github.io'], namespaces: ['team-shop'] }] }),
      object: route('team-shop/web', ['*.github.io', 'github.io']),
    },
    {
      name: 'a name below a public suffix',
      documents: document({ owners: [{ hostnames: ['*'], namespaces: ['team-shop'] }] }),
      object: route('team-shop/web', ['*.example.co.uk', 'kubernetes.default.svc', 'localhost', '*.svc']),
    },
    { name: 'a label of 63 characters', object: route('team-shop/web', [`${LONG.slice(1)}.shop.example.com`]) },
    {
      name: 'a redirect to an own hostname and to one without an owner',
      documents: document({ rules: { 'foreign-target': 'Deny' } }),
      object: route('team-shop/web', ['shop.example.com'], {
        rules: [
          { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'a.shop.example.com' } }] },
          { filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'example.org' } }] },
        ],
      }),
    },
    {
      name: 'a redirect to what is no hostname',
      documents: document({ rules: { 'foreign-target': 'Deny' } }),
      object: route('team-shop/web', ['shop.example.com'], {
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: '10.0.0.1' } }] }],
      }),
    },
    {
      name: 'a redirect to a hostname of somebody else, unless the rule is on',
      object: route('team-shop/web', ['shop.example.com'], {
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'pay.example.com' } }] }],
      }),
    },
    {
      name: 'an excluded user',
      skipped: true,
      documents: document({ match: { excludedUsers: ['argocd'] } }),
      object: route('team-shop/web', ['pay.example.com']),
      requester: { username: 'argocd', groups: [] },
    },
    {
      name: 'a namespace outside of the match',
      skipped: true,
      documents: document({ match: { namespaces: ['team-pay'] } }),
      object: route('team-shop/web', ['pay.example.com']),
    },
    {
      name: 'first come: the same hostname in the same namespace',
      documents: FIRST_COME,
      object: route('team-a/two', ['a.test']),
      state: [route('team-a/one', ['a.test'])],
    },
    {
      name: 'first come: names side by side',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.test']),
      state: [route('team-b/web', ['b.test', '*.a.test'])],
    },
    {
      name: 'first come: the holder is a route of a mesh',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.test']),
      state: [route('team-b/web', ['a.test'], { parentRefs: [{ group: '', kind: 'Service', name: 'web' }] })],
    },
    {
      name: 'first come: a hostless route is judged where it stands',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.test']),
      state: [route('team-b/web', undefined)],
    },
    {
      name: 'first come: so is a hostless listener',
      documents: FIRST_COME,
      object: gateway('team-a/own', ['a.test']),
      state: [gateway('infra/public', [undefined])],
    },
    {
      name: 'first come: listeners and routes are no rivals',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.test']),
      state: [gateway('infra/public', ['a.test'])],
    },
    {
      name: 'two namespaces that own just the same share a hostname without an owner',
      documents: document({ rules: { unowned: 'Disabled' } }),
      object: route('team-shop/web', ['free.test']),
      state: [APPS, namespace('team-shop-staging'), route('team-shop-staging/web', ['free.test'])],
    },
  ],
  invalid: [
    {
      name: 'a hostname of somebody else',
      object: route('team-shop/web', ['shop.example.com', 'pay.example.com']),
      state: [APPS],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[1]', message: `spec.hostnames[1] "pay.example.com" ${payIsTheirs}` },
      ],
      restsOn: [],
    },
    {
      name: 'a hostname that others own by name and by label',
      documents: document({
        owners: [
          { hostnames: ['a.test'], namespaces: ['team-pay'] },
          { hostnames: ['a.test'], namespaceSelector: { matchLabels: { tier: 'platform' } } },
        ],
      }),
      object: route('team-shop/web', ['a.test']),
      state: [APPS],
      expect: [
        {
          rule: 'not-owned',
          path: FIRST,
          message:
            'spec.hostnames[0] "a.test" belongs to namespace team-pay and namespaces with tier=platform (policy public-hostnames); team-shop may use: none. Ask the owner for a delegation, or use a hostname you own',
        },
      ],
      restsOn: ['Namespace team-shop'],
    },
    {
      name: 'the apex is not below the wildcard (A32)',
      object: route('infra/web', ['example.com']),
      state: [PLATFORM],
      expect: [
        {
          rule: 'unowned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "example.com" has no owner in the policy documents; infra may use: *.example.com. Use one of those, or have the hostname added to owners',
        },
      ],
    },
    {
      name: 'an owner of a wildcard does not own a name below it that has an owner of its own',
      object: route('infra/web', ['pay.example.com']),
      state: [PLATFORM],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "pay.example.com" belongs to namespace team-pay (policy public-hostnames); infra may use: *.example.com. Ask the owner for a delegation, or use a hostname you own',
        },
      ],
    },
    {
      name: 'an owner of a name does not own the wildcard around it',
      object: route('team-pay/web', ['*.deep.example.com']),
      state: [namespace('team-pay')],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "*.deep.example.com" belongs to namespaces with tier=platform (policy public-hostnames); team-pay may use: pay.example.com, x.deep.example.com. Ask the owner for a delegation, or use a hostname you own',
        },
      ],
    },
    {
      name: 'an owner by label, whose Namespace is not in sight',
      visibility: 'some',
      object: route('team-shop/web', ['status.example.com']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "status.example.com" ${platformsOwn}`,
          certain: false,
        },
      ],
    },
    {
      name: 'an owner by label, whose Namespace is in sight and says no',
      visibility: 'some',
      state: [APPS],
      object: route('team-shop/web', ['status.example.com']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "status.example.com" ${platformsOwn}`,
        },
      ],
      restsOn: ['Namespace team-shop'],
    },
    {
      name: 'an owner by name needs no Namespace in sight',
      visibility: 'none',
      object: route('team-shop/web', ['pay.example.com']),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'a wildcard that its listeners cut down to what another owns',
      object: route('team-shop/web', ['*.example.com']),
      state: [gateway('infra/public', ['pay.example.com', 'shop.example.com'])],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" (as its listeners cut it) ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'an owner by label that the name alone decides needs no Namespace in sight',
      visibility: 'some',
      documents: document({
        owners: [
          {
            hostnames: ['a.test'],
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'infra', tier: 'platform' } },
          },
        ],
      }),
      object: route('team-shop/web', ['a.test']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "a.test" belongs to namespaces with kubernetes.io/metadata.name=infra,tier=platform (policy public-hostnames); team-shop may use: none. Ask the owner for a delegation, or use a hostname you own',
        },
      ],
    },
    {
      name: 'a route without parents claims all the same',
      object: route('team-shop/web', ['pay.example.com'], { parentRefs: [] }),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'a wildcard of which its listeners leave nothing counts as written',
      object: route('team-shop/web', ['*.example.com']),
      state: [APPS, gateway('infra/public', ['other.test'])],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "*.example.com" ${platformsOwn}` },
      ],
    },
    {
      name: 'a wildcard counts as written while one of its parents is not in sight',
      object: route('team-shop/web', ['*.example.com'], {
        parentRefs: [
          { namespace: 'infra', name: 'public' },
          { namespace: 'infra', name: 'gone' },
        ],
      }),
      state: [APPS, gateway('infra/public', ['shop.example.com'])],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "*.example.com" ${platformsOwn}` },
      ],
    },
    {
      name: 'a hostless route: one hostname refused for certain makes the finding certain',
      visibility: { Namespace: 'some' },
      object: route('team-shop/web', undefined),
      state: [gateway('infra/public', ['status.example.com', 'pay.example.com'])],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a hostless route: all hostnames refused for labels out of sight',
      visibility: { Namespace: 'some' },
      object: route('team-shop/web', undefined),
      state: [gateway('infra/public', ['status.example.com'])],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
          certain: false,
        },
      ],
    },
    {
      name: 'a wildcard whose listeners are not in sight counts as written',
      object: route('team-shop/web', ['*.example.com']),
      state: [APPS],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "*.example.com" ${platformsOwn}` },
      ],
    },
    {
      name: 'a route of a mesh and of a Gateway',
      object: route('team-shop/web', ['pay.example.com'], {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }, INFRA_PUBLIC],
      }),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'a route of a mesh that asks for the default Gateways too',
      object: route('team-shop/web', ['pay.example.com'], {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
        useDefaultGateways: 'All',
      }),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'a wildcard whose listeners may be out of sight',
      visibility: { Gateway: 'some' },
      object: route('team-shop/web', ['*.example.com']),
      state: [APPS],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" ${platformsOwn}`,
          certain: false,
        },
      ],
    },
    {
      name: 'a wildcard that one parent leaves whole, while another may be out of sight',
      visibility: { Gateway: 'some' },
      object: route('team-shop/web', ['*.example.com'], { parentRefs: BOTH }),
      state: [APPS, gateway('infra/public', [undefined])],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "*.example.com" ${platformsOwn}` },
      ],
    },
    {
      name: 'a wildcard that one parent cuts to the name of another, while another may be out of sight',
      visibility: { Gateway: 'some' },
      object: route('team-shop/web', ['*.example.com'], { parentRefs: BOTH }),
      state: [APPS, gateway('infra/public', ['pay.example.com'])],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" (as its listeners cut it) ${payIsTheirs}`,
        },
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" ${platformsOwn}`,
          certain: false,
        },
      ],
    },
    {
      name: 'one of two wildcards, of which its listeners leave both',
      object: route('team-shop/web', ['*.shop.example.com', '*.example.org']),
      state: [gateway('infra/public', [undefined])],
      expect: [
        {
          rule: 'unowned',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "*.example.org" has no owner in the policy documents; ${shopMayUse}. Use one of those, or have the hostname added to owners`,
        },
      ],
    },
    {
      name: 'a wildcard in an annotation, which no listener cuts',
      object: route('team-shop/web', ['*.shop.example.com'], {}, { annotations: { [DNS]: '*.example.com' } }),
      state: [APPS, gateway('infra/public', ['a.shop.example.com'])],
      expect: [
        {
          rule: 'not-owned',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "*.example.com" ${platformsOwn}`,
        },
      ],
    },
    {
      name: 'a name counts though no listener serves it',
      object: route('team-shop/web', ['pay.example.com']),
      state: [gateway('infra/public', ['shop.example.com'])],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'GRPCRoute and TLSRoute alike: GRPCRoute',
      object: other('GRPCRoute', 'team-shop/api', { hostnames: ['pay.example.com'] }),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'GRPCRoute and TLSRoute alike: TLSRoute',
      object: other('TLSRoute', 'team-shop/tls', {
        hostnames: ['pay.example.com'],
        rules: [{ backendRefs: [{ name: 'web', port: 443 }] }],
      }),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'a listener of a Gateway',
      object: gateway('team-shop/own', ['shop.example.com', 'pay.example.com']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.listeners[1].hostname',
          message: `spec.listeners[1].hostname "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'a listener of a ListenerSet',
      object: listenerSet('team-shop/own', 'pay.example.com'),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'a listener of an XListenerSet',
      object: {
        apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
        kind: 'XListenerSet',
        metadata: { namespace: 'team-shop', name: 'own' },
        spec: {
          parentRef: { namespace: 'infra', name: 'public' },
          listeners: [{ name: 'own', port: 80, protocol: 'HTTP', hostname: 'pay.example.com' }],
        },
      },
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'annotations (A40): a list, on a route without hostnames of its kind, and in the infrastructure of a Gateway',
      documents: document({ annotations: [DNS, 'example.com/dns'] }),
      object: gateway(
        'team-shop/own',
        ['shop.example.com'],
        { infrastructure: { annotations: { 'example.com/dns': 'pay.example.com' } } },
        { annotations: { [DNS]: 'shop.example.com , pay.example.com' } },
      ),
      expect: [
        {
          rule: 'not-owned',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "pay.example.com" ${payIsTheirs}`,
        },
        {
          rule: 'not-owned',
          path: 'spec.infrastructure.annotations[example.com/dns]',
          message: `spec.infrastructure.annotations[example.com/dns] "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'an annotation of a TCPRoute',
      object: other(
        'TCPRoute',
        'team-shop/tcp',
        { rules: [{ backendRefs: [{ name: 'db', port: 5432 }] }] },
        { annotations: { [DNS]: 'pay.example.com' } },
      ),
      expect: [
        {
          rule: 'not-owned',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'a hostless route on a wildcard listener (A33)',
      object: route('team-shop/web', undefined),
      state: [APPS, gateway('infra/public', ['*.shop.example.com', '*.example.com'])],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a route with an empty list of hostnames on a hostless listener (A33)',
      object: route('team-shop/web', []),
      state: [gateway('infra/public', [undefined]), route('team-pay/web', undefined)],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a hostless GRPCRoute',
      object: other('GRPCRoute', 'team-shop/api', { parentRefs: [INFRA_PUBLIC] }),
      state: [gateway('infra/public', [undefined])],
      expect: [takesAll()],
    },
    {
      name: 'a hostless TLSRoute, as v1alpha2 allowed',
      object: other('TLSRoute', 'team-shop/tls', {
        parentRefs: [INFRA_PUBLIC],
        rules: [{ backendRefs: [{ name: 'web', port: 443 }] }],
      }),
      state: [
        other('Gateway', 'infra/public', {
          gatewayClassName: 'public',
          listeners: [
            { name: 'tls', port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' }, allowedRoutes: FROM_ALL },
          ],
        }),
      ],
      expect: [takesAll()],
    },
    {
      name: 'a hostless route whose Gateway does not admit its namespace yet',
      object: route('team-shop/web', undefined),
      state: [
        other('Gateway', 'infra/public', {
          gatewayClassName: 'public',
          listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }],
        }),
      ],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a hostless route whose Gateway is not in sight',
      visibility: 'some',
      object: route('team-shop/web', undefined),
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
          certain: false,
        },
      ],
    },
    {
      name: 'a hostless route whose Gateway is not there must be explicit',
      object: route('team-shop/web', undefined),
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a hostless route whose Gateway is not there, where labels out of sight may make all of it its own',
      documents: document({ owners: [{ hostnames: ['*'], namespaceSelector: { matchLabels: { tier: 'apps' } } }] }),
      visibility: { Namespace: 'some' },
      object: route('team-shop/web', undefined),
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message:
            'spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; team-shop may use: none. Name the hostnames it is for',
          certain: false,
        },
      ],
    },
    {
      name: 'a hostless route on default Gateways, which it does not name',
      object: route('team-shop/web', undefined, { parentRefs: [], useDefaultGateways: 'All' }),
      state: [gateway('infra/public', [undefined], { defaultScope: 'All' })],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that an object in another namespace serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'a listener without a hostname beside one for TCP',
      object: other('Gateway', 'infra/public', {
        gatewayClassName: 'public',
        listeners: [
          { name: 'db', port: 5432, protocol: 'TCP' },
          { name: 'web', port: 80, protocol: 'HTTP' },
        ],
      }),
      state: [PLATFORM],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.listeners[1].hostname',
          message:
            'spec.listeners[1].hostname names none, so this listener would serve every hostname there is; infra may use: *.example.com. Name the hostnames it is for',
        },
      ],
    },
    ...(
      [
        ['ListenerSet', GROUP],
        ['XListenerSet', 'gateway.networking.x-k8s.io/v1alpha1'],
      ] as const
    ).map(([kind, apiVersion]) => ({
      name: `a listener without a hostname in a ${kind}`,
      object: {
        apiVersion,
        kind,
        metadata: { namespace: 'team-shop', name: 'own' },
        spec: { parentRef: INFRA_PUBLIC, listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
      },
      expect: [
        {
          rule: 'no-hostname',
          path: LISTENER,
          message: `${LISTENER} names none, so this listener would serve every hostname there is; ${shopMayUse}. Name the hostnames it is for`,
        },
      ] as const,
    })),
    {
      name: 'hostnames that are none (A31)',
      object: route('team-shop/web', [
        '10.0.0.1',
        `${LONG}.shop.example.com`,
        '_acme.shop.example.com',
        '*.*.shop.example.com',
        '*',
      ]),
      expect: [
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "10.0.0.1" is an IP address, or ends in a number as one does; Gateway API takes DNS names only',
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "${LONG}.shop.example.com" has a label of more than 63 characters (RFC 1035)`,
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[2]',
          message:
            'spec.hostnames[2] "_acme.shop.example.com" is not a DNS name: letters, digits and hyphens, in labels divided by single dots',
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[3]',
          message: 'spec.hostnames[3] "*.*.shop.example.com" may have one wildcard, as the whole first label',
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[4]',
          message: 'spec.hostnames[4] "*" may have one wildcard, as the whole first label',
        },
      ],
    },
    {
      name: 'public suffixes, of registries and of companies, even of the owner of everything',
      documents: document({ owners: [{ hostnames: ['*'], namespaces: ['team-shop'] }] }),
      object: gateway('team-shop/own', ['*.co.uk', '*.github.io', 'com']),
      expect: [
        {
          rule: 'invalid-hostname',
          path: 'spec.listeners[0].hostname',
          message:
            'spec.listeners[0].hostname "*.co.uk" claims the public suffix "co.uk", under which anybody may register names',
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.listeners[1].hostname',
          message:
            'spec.listeners[1].hostname "*.github.io" claims the public suffix "github.io", under which anybody may register names',
        },
        {
          rule: 'invalid-hostname',
          path: 'spec.listeners[2].hostname',
          message:
            'spec.listeners[2].hostname "com" claims the public suffix "com", under which anybody may register names',
        },
      ],
    },
    {
      name: 'a public suffix does not escape its lack of an owner by being invalid',
      documents: document({ rules: { 'invalid-hostname': 'Disabled' } }),
      object: route('team-shop/web', ['*.com']),
      expect: [
        {
          rule: 'unowned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.com" has no owner in the policy documents; ${shopMayUse}. Use one of those, or have the hostname added to owners`,
        },
      ],
    },
    {
      name: 'many owned hostnames are not all listed, and none is said so',
      documents: document({
        owners: [
          {
            hostnames: ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test', 'g.test'],
            namespaces: ['team-shop', 'team-pay'],
          },
        ],
      }),
      object: route('team-shop/web', ['x.test']),
      expect: [
        {
          rule: 'unowned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "x.test" has no owner in the policy documents; team-shop may use: a.test, b.test, c.test, d.test, e.test and 2 more. Use one of those, or have the hostname added to owners',
        },
      ],
    },
    {
      name: 'a stranger owns nothing',
      documents: document({ owners: [{ hostnames: ['a.test'], namespaces: ['team-shop', 'team-pay'] }] }),
      object: route('team-x/web', ['a.test']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message:
            'spec.hostnames[0] "a.test" belongs to namespaces team-shop, team-pay (policy public-hostnames); team-x may use: none. Ask the owner for a delegation, or use a hostname you own',
        },
      ],
    },
    {
      name: 'redirects and rewrites to a hostname of somebody else, when the rule is on (A41)',
      documents: document({ rules: { 'foreign-target': 'Audit' } }),
      object: route('team-shop/web', ['shop.example.com'], {
        rules: [
          { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'pay.example.com' } }] },
          {
            backendRefs: [
              { name: 'web', port: 80, filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'pay.example.com' } }] },
            ],
          },
        ],
      }),
      expect: [
        {
          rule: 'foreign-target',
          path: 'spec.rules[0].filters[0].requestRedirect.hostname',
          action: 'Audit',
          message:
            'spec.rules[0].filters[0].requestRedirect.hostname "pay.example.com" belongs to namespace team-pay (policy public-hostnames); team-shop may send to: shop.example.com, *.shop.example.com, or to hostnames without an owner',
        },
        {
          rule: 'foreign-target',
          path: 'spec.rules[1].backendRefs[0].filters[0].urlRewrite.hostname',
          action: 'Audit',
          message:
            'spec.rules[1].backendRefs[0].filters[0].urlRewrite.hostname "pay.example.com" belongs to namespace team-pay (policy public-hostnames); team-shop may send to: shop.example.com, *.shop.example.com, or to hostnames without an owner',
        },
      ],
    },
    {
      name: 'the strictest of two documents, said once, whichever holds the owner',
      documents: [
        ...document({ action: 'Warn', claims: 'Enforce' }),
        { name: 'second', spec: { action: 'Deny', owners: [] } },
      ],
      object: route('team-shop/web', ['pay.example.com']),
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          action: 'Deny',
          message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}`,
        },
      ],
    },
    {
      name: 'UPDATE: a violation that was there is not denied, one that comes is (A42)',
      object: route('team-shop/web', ['*.other.test', 'pay.example.com', 'shop.example.com']),
      oldObject: route('team-shop/web', ['pay.example.com']),
      expect: [
        {
          rule: 'unowned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.other.test" has no owner in the policy documents; ${shopMayUse}. Use one of those, or have the hostname added to owners`,
        },
        {
          rule: 'not-owned',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "pay.example.com" ${payIsTheirs}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: a hostname takes traffic that was in an annotation only',
      oldObject: route('team-shop/web', ['shop.example.com'], {}, { annotations: { [DNS]: 'pay.example.com' } }),
      object: route('team-shop/web', ['shop.example.com', 'pay.example.com']),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[1]', message: `spec.hostnames[1] "pay.example.com" ${payIsTheirs}` },
      ],
    },
    {
      name: 'UPDATE: a hostname that took traffic is in an annotation only',
      oldObject: route('team-shop/web', ['shop.example.com', 'pay.example.com']),
      object: route('team-shop/web', ['shop.example.com'], {}, { annotations: { [DNS]: 'pay.example.com' } }),
      expect: [
        {
          rule: 'not-owned',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "pay.example.com" ${payIsTheirs}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: a hostname of an annotation that is written again',
      oldObject: route('team-shop/web', ['shop.example.com'], {}, { annotations: { [DNS]: 'pay.example.com' } }),
      object: route(
        'team-shop/web',
        ['shop.example.com'],
        {},
        { annotations: { [DNS]: 'pay.example.com, pay.example.com' } },
      ),
      expect: [
        {
          rule: 'not-owned',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "pay.example.com" ${payIsTheirs}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: conflict over a hostname that was in an annotation only',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['own.test'], {}, { annotations: { [DNS]: 'b.test' } }),
      object: route('team-a/web', ['own.test', 'b.test']),
      state: [route('team-b/web', ['b.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'UPDATE: a listener gets a hostname, and another loses its own',
      object: gateway('infra/public', ['a.example.com', undefined]),
      oldObject: gateway('infra/public', [undefined, 'b.example.com']),
      state: [PLATFORM],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.listeners[1].hostname',
          message:
            'spec.listeners[1].hostname names none, so this listener would serve every hostname there is; infra may use: *.example.com. Name the hostnames it is for',
        },
      ],
    },
    {
      name: 'UPDATE: a route without hostnames that goes to another listener takes what it had not',
      oldObject: route('team-shop/web', undefined, through('web-0')),
      object: route('team-shop/web', undefined, through('web-1')),
      state: [gateway('infra/public', ['one.test', 'pay.example.com'])],
      expect: [takesAll()],
    },
    {
      name: 'UPDATE: one that goes to one listener of all takes less',
      oldObject: route('team-shop/web', undefined),
      object: route('team-shop/web', undefined, through('web-1')),
      state: [gateway('infra/public', ['one.test', 'pay.example.com'])],
      expect: [{ ...takesAll(), relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: a wildcard that another listener cuts is another hostname, of the same owner too',
      oldObject: route('team-shop/web', ['*.example.com'], through('web-0')),
      object: route('team-shop/web', ['*.example.com'], through('web-1')),
      state: [gateway('infra/public', ['one.example.com', 'two.example.com']), PLATFORM],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" (as its listeners cut it) ${platformsOwn}`,
        },
      ],
    },
    ...(
      [
        ['another parent in place of one', ['*.example.com'], { parentRefs: BOTH.slice(1) }],
        ['the default Gateways in place of one', ['*.example.com'], { parentRefs: [], useDefaultGateways: 'All' }],
        ['no parent, in place of a name with one', ['shop.example.com'], { parentRefs: [] }],
      ] as const
    ).map(([what, hostnames, spec]) => ({
      name: `UPDATE: a wildcard with ${what} whose listener cut it down to what is owned`,
      oldObject: route('team-shop/web', hostnames),
      object: route('team-shop/web', ['*.example.com'], spec),
      state: [gateway('infra/public', ['shop.example.com']), gateway('infra/second', ['other.test']), PLATFORM],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" ${platformsOwn}`,
        },
      ] as const,
    })),
    ...(
      [
        ['no parent', { parentRefs: [] }],
        ['a parent that leaves nothing of it', { parentRefs: BOTH.slice(1) }],
      ] as const
    ).map(([what, spec]) => ({
      name: `UPDATE: a wildcard with ${what} that comes to one that serves all of it`,
      oldObject: route('team-shop/web', ['*.example.com'], spec),
      object: route('team-shop/web', ['*.example.com']),
      state: [gateway('infra/public', ['*.example.com']), gateway('infra/second', ['other.test']), PLATFORM],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" ${platformsOwn}`,
        },
      ] as const,
    })),
    ...[{}, { group: 'example.com' }].map((group) => ({
      name: `a route whose parent is a Service of no mesh: ${JSON.stringify(group)}`,
      object: route('team-shop/web', ['pay.example.com'], { parentRefs: [{ ...group, kind: 'Service', name: 'web' }] }),
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
      ] as const,
    })),
    {
      name: 'UPDATE: a wildcard that is cut to one of two',
      oldObject: route('team-shop/web', ['*.example.com']),
      object: route('team-shop/web', ['*.example.com'], through('web-1')),
      state: [gateway('infra/public', ['one.example.com', 'two.example.com']), PLATFORM],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.example.com" (as its listeners cut it) ${platformsOwn}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: an invalid hostname that differs where a message cuts it',
      oldObject: route('team-shop/web', [`${'b.'.repeat(50)}${LONG}.one.test`]),
      object: route('team-shop/web', [`${'b.'.repeat(50)}${LONG}.two.test`, `${'b.'.repeat(50)}${LONG}.one.test`]),
      expect: [
        { rule: 'invalid-hostname', path: 'spec.hostnames[0]', message: `spec.hostnames[0] ${clipped}` },
        {
          rule: 'invalid-hostname',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] ${clipped}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: dropping the last hostname widens a route',
      object: route('team-shop/web', undefined),
      oldObject: route('team-shop/web', ['shop.example.com']),
      state: [gateway('infra/public', [undefined])],
      expect: [
        {
          rule: 'no-hostname',
          path: 'spec.hostnames',
          message: `spec.hostnames names none, so this route would serve everything that Gateway infra/public serves; ${shopMayUse}. Name the hostnames it is for`,
        },
      ],
    },
    {
      name: 'an exemption',
      object: route('team-shop/web', ['pay.example.com']),
      exemptions: [
        {
          name: 'migration',
          policies: [{ kind: 'HostnameOwnership', name: 'public-hostnames', rules: ['not-owned'] }],
          match: { names: ['web'] },
          reason: 'moves',
          ticket: undefined,
          expires: 1,
        },
      ],
      expect: [
        {
          rule: 'not-owned',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}`,
          relief: 'exempted',
        },
      ],
    },
    {
      name: 'conflict: an owner is warned of an intruder, and never denied its own',
      object: route('team-pay/web', ['pay.example.com'], {}, EARLY),
      state: [route('team-shop/web', ['pay.example.com'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          action: 'Warn',
          message: `spec.hostnames[0] "pay.example.com": an object in another namespace, of another owner, holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: the intruder hears of both',
      object: route('team-shop/web', ['pay.example.com']),
      state: [route('team-pay/web', ['pay.example.com'])],
      expect: [
        { rule: 'not-owned', path: 'spec.hostnames[0]', message: `spec.hostnames[0] "pay.example.com" ${payIsTheirs}` },
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "pay.example.com": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: a wildcard around a name of somebody else',
      documents: FIRST_COME,
      object: route('team-a/web', ['*.test'], {}, EARLY),
      state: [route('team-b/web', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "*.test": ${somebody} holds a narrower hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: objects are named when the document discloses them',
      documents: [
        { name: 'open', spec: { action: 'Deny', owners: [], disclose: 'Objects', rules: { unowned: 'Disabled' } } },
      ],
      object: route('team-a/web', ['a.test']),
      state: [route('team-b/web', ['a.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.test": HTTPRoute team-b/web, of another owner, holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: an annotation claims a hostname that a route holds, and takes no traffic',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.own'], {}, { ...EARLY, annotations: { [DNS]: 'a.test' } }),
      state: [route('team-b/web', ['a.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: `metadata.annotations[${DNS}]`,
          message: `metadata.annotations[${DNS}] "a.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: the other team may use what this one may, and more',
      documents: [
        {
          name: 'teams',
          spec: {
            action: 'Deny',
            owners: [
              { hostnames: ['shared.test'], namespaces: ['team-a', 'team-b'] },
              { hostnames: ['b.test'], namespaces: ['team-b'] },
            ],
            rules: { unowned: 'Disabled' },
          },
        },
      ],
      object: route('team-a/web', ['c.test']),
      state: [route('team-b/web', ['c.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "c.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
      restsOn: [],
    },
    {
      name: 'conflict: this team may use what the other one may, and more',
      documents: [
        {
          name: 'teams',
          spec: {
            action: 'Deny',
            owners: [
              { hostnames: ['shared.test'], namespaces: ['team-a', 'team-b'] },
              { hostnames: ['a.test'], namespaces: ['team-a'] },
            ],
            rules: { unowned: 'Disabled' },
          },
        },
      ],
      object: route('team-a/web', ['c.test']),
      state: [route('team-b/web', ['c.test'])],
      expect: [meets(FIRST, 'c.test')],
    },
    {
      name: 'takeover: never from the Gateway itself, whatever the age of the ListenerSet',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test', EARLY),
      state: [gateway('infra/public', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: whether two namespaces are one owner hangs on labels out of sight',
      documents: [
        {
          name: 'labels',
          spec: {
            action: 'Deny',
            owners: [{ hostnames: ['own.test'], namespaceSelector: { matchLabels: { team: 'a' } } }],
            rules: { unowned: 'Disabled' },
          },
        },
      ],
      visibility: { Namespace: 'some' },
      object: route('team-a/web', ['a.test']),
      state: [route('team-b/web', ['a.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          certain: false,
        },
      ],
    },
    ...[
      {
        what: 'this one owns all that the other does',
        owners: [{ hostnames: ['own.test'], namespaceSelector: { matchLabels: { team: 'a' } } }],
        known: namespace('team-b', { team: 'a' }),
      },
      {
        what: 'the other one owns all that this one does',
        owners: [{ hostnames: ['own.test'], namespaceSelector: { matchLabels: { team: 'a' } } }],
        known: namespace('team-a', { team: 'a' }),
      },
      {
        what: 'the other one owns more than what both do',
        owners: [
          { hostnames: ['shared.test'], namespaces: ['team-a', 'team-b'] },
          { hostnames: ['own.test'], namespaceSelector: { matchLabels: { team: 'a' } } },
        ],
        known: namespace('team-a'),
      },
    ].map(({ what, owners, known }) => ({
      name: `conflict: whether ${what} hangs on labels out of sight`,
      documents: [{ name: 'labels', spec: { action: 'Deny', owners, rules: { unowned: 'Disabled' } } }],
      visibility: { Namespace: 'some' } as const,
      object: route('team-a/web', ['a.test']),
      state: [known, route('team-b/web', ['a.test'])],
      expect: [{ ...meets(FIRST, 'a.test'), certain: false }] as const,
    })),
    {
      name: 'conflict: a wildcard listener around one of somebody else',
      documents: FIRST_COME,
      object: gateway('team-a/own', ['*.test']),
      state: [gateway('infra/public', ['a.test'])],
      expect: [meets(LISTENER, '*.test', 'a narrower hostname')],
    },
    {
      name: 'conflict: a route of a mesh that asks for the default Gateways too',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.test']),
      state: [
        route('team-b/web', ['a.test'], {
          parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
          useDefaultGateways: 'All',
        }),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: a listener of another owner',
      documents: FIRST_COME,
      object: gateway('team-a/own', ['a.test']),
      state: [gateway('infra/public', ['*.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "a.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'conflict: crowds under more hostnames than one review looks at',
      documents: FIRST_COME,
      object: tlsRoute('team-a/tls', CROWDED),
      state: Array.from({ length: 32 }, (_, at) => tlsRoute(`crowd-${at}/tls`, CROWDED)),
      expect: [conflictAt(0), ...CROWDED.slice(1, -1).map((_hostname, at) => conflictAt(at + 1))],
    },
    {
      name: 'conflict: two teams that may both use a third hostname are two owners',
      documents: [
        {
          name: 'teams',
          spec: {
            action: 'Deny',
            owners: [
              { hostnames: ['a.test'], namespaces: ['team-a'] },
              { hostnames: ['b.test'], namespaces: ['team-b'] },
              { hostnames: ['shared.test'], namespaces: ['team-a', 'team-b'] },
            ],
            rules: { unowned: 'Disabled' },
          },
        },
      ],
      object: route('team-a/web', ['c.test']),
      state: [route('team-b/web', ['c.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "c.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: an older route adds a hostname that a younger one holds',
      documents: FIRST_COME,
      object: route('team-a/web', ['own.test', 'b.test'], {}, EARLY),
      oldObject: route('team-a/web', ['own.test'], {}, EARLY),
      state: [route('team-b/web', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[1]',
          message: `spec.hostnames[1] "b.test" takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: conflict and takeover of another one, through another listener, when none may be named',
      documents: FIRST_COME,
      oldObject: route('team-a/web', undefined, through('web-0'), EARLY),
      object: route('team-a/web', undefined, through('web-1'), EARLY),
      state: [
        gateway('infra/public', ['a.test', 'b.test']),
        route('team-b/web', ['a.test'], {}, LATE),
        route('team-c/web', ['b.test'], {}, LATE),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames',
          message: `${everything}: ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames',
          message: `${everything} takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover of a second one, which holds the same hostname on another Gateway',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], {}, EARLY),
      object: route('team-a/web', ['b.test'], { parentRefs: BOTH }, EARLY),
      state: [
        route('team-b/web', ['b.test'], {}, LATE),
        route('team-c/web', ['b.test'], { parentRefs: BOTH.slice(1) }, LATE),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover of a second path',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], paths('/a')),
      object: route('team-a/web', ['b.test'], paths('/a', '/payments')),
      state: [route('team-b/web', ['b.test'], paths('/'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its path is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover, and a second path that the other one does not serve',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], paths('/a/b'), LATE),
      object: route('team-a/web', ['b.test'], paths('/a/b', '/a', '/c'), LATE),
      state: [route('team-b/web', ['b.test'], paths('/a'), EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its path is more specific. ${handedOver}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: takeover of a second path by age',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], paths('/a'), EARLY),
      object: route('team-a/web', ['b.test'], paths('/a', '/b'), EARLY),
      state: [route('team-b/web', ['b.test'], paths('/a', '/b'), LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover of paths below by the hostname',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], paths('/a')),
      object: route('team-a/web', ['a.b.test'], paths('/')),
      state: [route('team-b/web', ['*.b.test'], paths('/a', '/b'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover by the hostname, and a path beside',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], paths('/a')),
      object: route('team-a/web', ['a.b.test'], paths('/a', '/c')),
      state: [route('team-b/web', ['*.b.test'], paths('/a', '/b'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: takeover of one fewer, and by another reason of those that there were',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], paths('/a/c', '/b'), LATE),
      object: route('team-a/web', ['a.b.test'], paths('/b'), LATE),
      state: [route('team-b/web', ['a.b.test'], paths('/a'), EARLY), route('team-c/web', ['*.b.test'], paths('/b'))],
      expect: [
        { ...meets(FIRST, 'a.b.test'), relief: 'ratcheted' },
        { ...takes(FIRST, 'a.b.test', 'its hostname is more specific'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: takeover of another one in place of it',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], paths('/a/c'), LATE),
      object: route('team-a/web', ['a.b.test'], paths('/b'), LATE),
      state: [route('team-b/web', ['a.b.test'], paths('/a'), EARLY), route('team-c/web', ['*.b.test'], paths('/b'))],
      expect: [
        { ...meets(FIRST, 'a.b.test'), relief: 'ratcheted' },
        takes(FIRST, 'a.b.test', 'its hostname is more specific'),
      ],
    },
    {
      name: 'UPDATE: takeover of a second method',
      documents: FIRST_COME,
      oldObject: grpcRoute('team-a/api', [{ method: { service: 'shop.Cart', method: 'Add' } }]),
      object: grpcRoute('team-a/api', [
        { method: { service: 'shop.Cart', method: 'Add' } },
        { method: { service: 'shop.Cart', method: 'Pay' } },
      ]),
      state: [grpcRoute('team-b/api', [{ method: { service: 'shop.Cart' } }])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its method is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover through a second port of the Gateway',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], through('one')),
      object: route('team-a/web', ['a.b.test']),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: on a default Gateway',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], { parentRefs: [], useDefaultGateways: 'All' }),
      state: [gateway('infra/public', ['*.test'], { defaultScope: 'All' }), route('team-b/web', ['*.b.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: through a listener that is not there yet',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], through('three')),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'], through('one'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: on a Gateway out of sight, which may have the listeners on two ports',
      documents: FIRST_COME,
      visibility: { Gateway: 'some' },
      object: route('team-a/web', ['a.b.test'], through('two')),
      state: [route('team-b/web', ['*.b.test'], through('one'))],
      expect: [
        meets(FIRST, 'a.b.test', 'a wider hostname'),
        { ...takes(FIRST, 'a.b.test', 'its hostname is more specific'), certain: false },
      ],
      restsOn: ['Gateway infra/public'],
    },
    {
      name: 'takeover: on a Gateway out of sight from one, and on one in sight from another',
      documents: FIRST_COME,
      visibility: { Gateway: 'some' },
      object: route('team-a/web', ['a.b.test'], {
        parentRefs: [{ namespace: 'infra', name: 'gone', sectionName: 'two' }, INFRA_PUBLIC],
      }),
      state: [
        TWO_PORTS,
        route('team-b/web', ['*.b.test'], { parentRefs: [{ namespace: 'infra', name: 'gone', sectionName: 'one' }] }),
        route('team-c/web', ['*.b.test'], through('one')),
      ],
      expect: [meets(FIRST, 'a.b.test', 'a wider hostname'), takes(FIRST, 'a.b.test', 'its hostname is more specific')],
      restsOn: [],
    },
    {
      name: 'takeover: on a port of a Gateway out of sight',
      documents: FIRST_COME,
      visibility: { Gateway: 'some' },
      object: route('team-a/web', ['a.b.test'], { parentRefs: [{ ...INFRA_PUBLIC, port: 8080 }] }),
      state: [route('team-b/web', ['*.b.test'], { parentRefs: [{ ...INFRA_PUBLIC, port: 8080 }] })],
      expect: [meets(FIRST, 'a.b.test', 'a wider hostname'), takes(FIRST, 'a.b.test', 'its hostname is more specific')],
      restsOn: [],
    },
    {
      name: 'takeover: from a listener that is not there yet, for which the Gateway is asked',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], through('one')),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'], through('three'))],
      expect: [meets(FIRST, 'a.b.test', 'a wider hostname'), takes(FIRST, 'a.b.test', 'its hostname is more specific')],
      restsOn: ['Gateway infra/public'],
    },
    {
      name: 'takeover: through another listener of the same port',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], through('web-1')),
      state: [gateway('infra/public', [undefined, '*.b.test']), route('team-b/web', ['*.b.test'], through('web-0'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: not through a listener of another port',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], through('two')),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'], through('one'))],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "a.b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: not through the port of a parentRef that the other route does not use',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], { parentRefs: [{ ...INFRA_PUBLIC, port: 8080 }] }),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'], through('one'))],
      expect: [meets(FIRST, 'a.b.test', 'a wider hostname')],
    },
    ...[
      {
        what: 'the port of a parentRef',
        own: { parentRefs: [{ ...INFRA_PUBLIC, port: 8080 }] },
        their: through('two'),
      },
      { what: 'one of the ports of the other route', own: through('one'), their: {} },
      {
        what: 'the port that a listener of the other route may come with',
        own: through('one'),
        their: through('three'),
      },
    ].map(({ what, own, their }) => ({
      name: `takeover: through ${what}`,
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], own),
      state: [TWO_PORTS, route('team-b/web', ['*.b.test'], their)],
      expect: [
        meets(FIRST, 'a.b.test', 'a wider hostname'),
        takes(FIRST, 'a.b.test', 'its hostname is more specific'),
      ] as const,
    })),
    {
      name: 'takeover: not on a Gateway of the same name in another namespace',
      documents: FIRST_COME,
      object: route('team-a/web', ['a.b.test'], { parentRefs: [{ name: 'public' }] }),
      state: [
        gateway('team-a/public', ['*.test']),
        gateway('team-b/public', ['*.test']),
        route('team-b/web', ['*.b.test'], { parentRefs: [{ name: 'public' }] }),
      ],
      expect: [meets(FIRST, 'a.b.test', 'a wider hostname')],
    },
    {
      name: 'takeover: of the second of two rivals',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {}, { creationTimestamp: BETWEEN }),
      state: [route('team-b/web', ['b.test'], {}, EARLY), route('team-c/web', ['b.test'], {}, LATE)],
      expect: [meets(FIRST, 'b.test'), takes(FIRST, 'b.test', 'it is older')],
    },
    {
      name: 'takeover: of a route that one kubectl apply created in the same second',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {}, EARLY),
      state: [route('team-b/web', ['b.test'], {}, EARLY)],
      expect: [meets(FIRST, 'b.test'), takes(FIRST, 'b.test', 'it is of the same age and comes first by name')],
    },
    {
      name: 'takeover: by one hostname, and not by the other, which an older route holds',
      documents: FIRST_COME,
      object: route('team-a/web', ['x.a.test', 'b.test'], {}, LATE),
      state: [route('team-b/web', ['*.a.test', 'b.test'], {}, EARLY)],
      expect: [
        meets(FIRST, 'x.a.test', 'a wider hostname'),
        takes(FIRST, 'x.a.test', 'its hostname is more specific'),
        meets('spec.hostnames[1]', 'b.test'),
      ],
    },
    {
      name: 'takeover: an older HTTPRoute from a younger GRPCRoute, which competes for the same requests',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {}, EARLY),
      state: [grpcRoute('team-b/api', [{ method: { service: 'shop.Cart' } }], LATE)],
      expect: [meets(FIRST, 'b.test'), takes(FIRST, 'b.test', 'it is older')],
    },
    {
      name: 'takeover: not from an older route',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {}, LATE),
      state: [route('team-b/web', ['b.test'], {}, EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: not on another Gateway',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], { parentRefs: [{ name: 'own' }] }, EARLY),
      state: [route('team-b/web', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: a more specific hostname at any age, through a ListenerSet of the same Gateway',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], { parentRefs: [{ kind: 'ListenerSet', name: 'own' }] }),
      state: [route('team-b/web', ['*.test'], {}, EARLY), listenerSet('team-a/own', '*.test')],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: a more specific path under the same hostname at any age',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {
        rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/shop/cart/' } }] }],
      }),
      state: [
        route(
          'team-b/web',
          ['b.test'],
          { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/shop' } }] }] },
          EARLY,
        ),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its path is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: not by a path beside, nor by one that only begins with the same letters',
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], {
        rules: [
          {
            matches: [
              { path: { type: 'PathPrefix', value: '/shopping' } },
              { path: { type: 'PathPrefix', value: '/shop/' } },
              { path: { type: 'RegularExpression', value: '/shop/.*' } },
            ],
          },
        ],
      }),
      state: [
        route(
          'team-b/web',
          ['b.test'],
          {
            rules: [
              {
                matches: [
                  { path: { type: 'PathPrefix', value: '/shop' } },
                  { path: { type: 'Exact', value: '/shop/x' } },
                ],
              },
            ],
          },
          EARLY,
        ),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    ...[
      { what: 'a method', own: { method: 'GET' }, their: {} },
      { what: 'a header', own: { headers: [{ name: 'cookie', type: 'RegularExpression', value: '.*' }] }, their: {} },
      { what: 'a query parameter', own: { queryParams: [{ name: 'q', value: '1' }] }, their: {} },
      { what: 'a method, before any header', own: { method: 'GET' }, their: { headers: [{ name: 'a', value: '1' }] } },
    ].map(({ what, own, their }) => ({
      name: `takeover: by ${what} under the same path at any age`,
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], { rules: [{ matches: [own] }] }),
      state: [route('team-b/web', ['b.test'], { rules: [{ matches: [their] }] }, EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its match is more specific. ${handedOver}`,
        },
      ] as const,
    })),
    ...[
      { what: 'less than a younger one', own: {}, their: { method: 'GET' }, meta: EARLY },
      { what: 'a path beside that of a younger one', own: PATH_A, their: PATH_B, meta: EARLY },
      { what: 'a wider path than a younger one', own: {}, their: PATH_A, meta: EARLY },
      { what: 'another method than a younger one', own: { method: 'GET' }, their: { method: 'POST' }, meta: EARLY },
      {
        what: 'paths below the only one of the other',
        own: { path: { type: 'PathPrefix', value: '/a/b' } },
        their: { path: { type: 'Exact', value: '/a' } },
        meta: LATE,
      },
      {
        what: 'another method, below the path',
        own: { ...PATH_A, method: 'POST' },
        their: { method: 'GET' },
        meta: LATE,
      },
    ].map(({ what, own, their, meta }) => ({
      name: `takeover: not by a route that asks for ${what}`,
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], { rules: [{ matches: [own] }] }, meta),
      state: [route('team-b/web', ['b.test'], { rules: [{ matches: [their] }] }, { creationTimestamp: BETWEEN })],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ] as const,
    })),
    ...[
      { what: 'an exact path', own: [{ path: { type: 'Exact', value: '/a' } }], their: PATH_A },
      { what: 'a path for the same method', own: [{ ...PATH_A, method: 'GET' }], their: { method: 'GET' } },
      { what: 'a path for all methods', own: [PATH_A], their: { method: 'GET' } },
      {
        what: 'a path, besides a header',
        own: [{ headers: [{ name: 'a', value: '1' }] }, PATH_A],
        their: {},
      },
    ].map(({ what, own, their }) => ({
      name: `takeover: by ${what} within that of an older route`,
      documents: FIRST_COME,
      object: route('team-a/web', ['b.test'], { rules: [{ matches: own }] }),
      state: [route('team-b/web', ['b.test'], { rules: [{ matches: [their] }] }, EARLY)],
      expect: [meets(FIRST, 'b.test'), takes(FIRST, 'b.test', 'its path is more specific')] as const,
    })),
    {
      name: 'takeover: by an older route, where an expression leaves open what it asks for',
      documents: FIRST_COME,
      object: route(
        'team-a/web',
        ['b.test'],
        { rules: [{ matches: [{ path: { type: 'RegularExpression', value: '/a.*' } }] }] },
        EARLY,
      ),
      state: [route('team-b/web', ['b.test'], paths('/b'), LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    ...(
      [
        ['all methods, where it had one', [{ method: 'GET' }], [{}], undefined],
        ['all requests, where it had those with a header', [{ headers: [BETA] }], [{}], undefined],
        ['requests with another header', [{ headers: [BETA] }], [{ headers: [{ ...BETA, value: 'off' }] }], undefined],
        [
          'requests by the header that counts, written before the one that counted',
          [{ headers: [BETA] }],
          [{ headers: [{ name: 'X-BETA', value: 'off' }, BETA] }],
          undefined,
        ],
        [
          'requests with another query parameter',
          [{ queryParams: [BETA] }],
          [{ queryParams: [{ ...BETA, value: 'off' }] }],
          undefined,
        ],
        ['one method of all', [{}], [{ method: 'GET' }], 'ratcheted'],
        [
          'what asks for more than before',
          [{ headers: [BETA] }],
          [
            {
              method: 'GET',
              headers: [
                { name: 'a', value: '1' },
                { ...BETA, name: 'X-Beta' },
              ],
              queryParams: [BETA],
            },
          ],
          'ratcheted',
        ],
        ['a part of the second match', [{ method: 'GET' }, { headers: [BETA] }], [{ headers: [BETA] }], 'ratcheted'],
      ] as const
    ).map(([what, old, matches, relief]) => {
      const asking = (some: readonly object[]): object => ({
        rules: [{ matches: some.map((match) => ({ path: { type: 'PathPrefix', value: '/shop' }, ...match })) }],
      });
      return {
        name: `UPDATE: takeover of ${what}`,
        documents: FIRST_COME,
        oldObject: route('team-a/web', ['b.test'], asking(old)),
        object: route('team-a/web', ['b.test'], asking(matches)),
        state: [route('team-b/web', ['b.test'], paths('/'))],
        expect: [
          {
            rule: 'conflict',
            path: 'spec.hostnames[0]',
            message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
            relief: 'ratcheted' as const,
          },
          {
            rule: 'takeover',
            path: 'spec.hostnames[0]',
            message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its path is more specific. ${handedOver}`,
            ...(relief === undefined ? {} : { relief }),
          },
        ] as const,
      };
    }),
    ...(
      [
        ['a part of its paths', ['/'], ['/a'], ['/'], EARLY, 'ratcheted'],
        ['a part of its paths, though younger', ['/a'], ['/a/b'], ['/'], LATE, 'ratcheted'],
        ['a part of its paths that the other one has too', ['/a'], ['/a/b'], ['/', '/a'], LATE, undefined],
        ['a part of the second of its paths', ['/a', '/b'], ['/b/c'], ['/', '/a'], LATE, 'ratcheted'],
        [
          'a part of the second of its paths, which lies below the first',
          ['/', '/a'],
          ['/a/b'],
          ['/'],
          LATE,
          'ratcheted',
        ],
        [
          'a part of the first of its paths, which lies below the second',
          ['/a', '/'],
          ['/a/b'],
          ['/'],
          LATE,
          'ratcheted',
        ],
      ] as const
    ).map(([what, old, now, theirs, age, relief]) => ({
      name: `UPDATE: takeover of ${what}`,
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], paths(...old), age),
      object: route('team-a/web', ['b.test'], paths(...now), age),
      state: [route('team-b/web', ['b.test'], paths(...theirs), { creationTimestamp: BETWEEN })],
      expect: [
        { ...meets(FIRST, 'b.test'), relief: 'ratcheted' as const },
        {
          ...takes(FIRST, 'b.test', age === EARLY ? 'it is older' : 'its path is more specific'),
          ...(relief === undefined ? {} : { relief }),
        },
      ] as const,
    })),
    ...(
      [
        ['a method of its service', {}, 'ratcheted'],
        ['a method of its service, which the other one has', { service: 'shop.Cart' }, undefined],
      ] as const
    ).map(([what, theirs, relief]) => ({
      name: `UPDATE: takeover of ${what}`,
      documents: FIRST_COME,
      oldObject: grpcRoute('team-a/api', [{ method: { service: 'shop.Cart' } }]),
      object: grpcRoute('team-a/api', [{ method: { service: 'shop.Cart', method: 'Add' } }]),
      state: [grpcRoute('team-b/api', [{}, { method: theirs }])],
      expect: [
        { ...meets(FIRST, 'b.test'), relief: 'ratcheted' as const },
        {
          ...takes(FIRST, 'b.test', 'its method is more specific'),
          ...(relief === undefined ? {} : { relief }),
        },
      ] as const,
    })),
    {
      name: 'UPDATE: takeover of a part of its paths by the hostname',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['a.b.test'], paths('/')),
      object: route('team-a/web', ['a.b.test'], paths('/a')),
      state: [route('team-b/web', ['*.b.test'], paths('/a', '/b'))],
      expect: [
        { ...meets(FIRST, 'a.b.test', 'a wider hostname'), relief: 'ratcheted' },
        { ...takes(FIRST, 'a.b.test', 'its hostname is more specific'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: takeover of requests that a second match of the other one had',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], { rules: [{ matches: [{ headers: [BETA] }] }] }, LATE),
      object: route(
        'team-a/web',
        ['b.test'],
        { rules: [{ matches: [{ headers: [BETA, { name: 'a', value: '1' }] }] }] },
        LATE,
      ),
      state: [
        route(
          'team-b/web',
          ['b.test'],
          { rules: [{ matches: [{}, { headers: [{ name: 'c', value: '1' }] }] }] },
          EARLY,
        ),
      ],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its match is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'UPDATE: takeover of all requests with a method, where it had those with a header',
      documents: FIRST_COME,
      oldObject: route('team-a/web', ['b.test'], {
        rules: [{ matches: [{ headers: [{ name: 'a', value: '1' }] }] }],
      }),
      object: route('team-a/web', ['b.test'], { rules: [{ matches: [{ method: 'GET' }] }] }),
      state: [route('team-b/web', ['b.test'], paths('/'), EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
          relief: 'ratcheted',
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its match is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: a more specific gRPC method under the same hostname at any age',
      documents: FIRST_COME,
      object: grpcRoute('team-a/api', [{ method: { service: 'shop.Cart', method: 'Add' } }]),
      state: [grpcRoute('team-b/api', [{ method: { service: 'shop.Cart' } }], EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test" takes traffic from ${somebody} because its method is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: a gRPC method from a rule that asks for none',
      documents: FIRST_COME,
      object: grpcRoute('team-a/api', [{ method: { service: 'shop.Cart' } }]),
      state: [
        other('GRPCRoute', 'team-b/api', { parentRefs: [INFRA_PUBLIC], hostnames: ['b.test'], rules: [{}] }, EARLY),
      ],
      expect: [meets(FIRST, 'b.test'), takes(FIRST, 'b.test', 'its method is more specific')],
    },
    {
      name: 'takeover: not by the same method, one of another service, or an expression',
      documents: FIRST_COME,
      object: grpcRoute('team-a/api', [
        { method: { service: 'shop.Cart' } },
        { method: { service: 'shop.Wish', method: 'Add' } },
        { method: { type: 'RegularExpression', service: 'shop.Cart', method: 'A.*' } },
        { headers: [{ name: 'a', value: 'b' }] },
      ]),
      state: [grpcRoute('team-b/api', [{ method: { service: 'shop.Cart' } }], EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: not by a TLSRoute from an HTTPRoute',
      documents: FIRST_COME,
      object: other(
        'TLSRoute',
        'team-a/tls',
        {
          parentRefs: [{ namespace: 'infra', name: 'public' }],
          hostnames: ['b.test'],
          rules: [{ backendRefs: [{ name: 'web', port: 443 }] }],
        },
        EARLY,
      ),
      state: [route('team-b/web', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames[0]',
          message: `spec.hostnames[0] "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: a listener of a ListenerSet that drains a wider one of its Gateway',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test'),
      state: [gateway('infra/public', ['*.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test" takes traffic from ${somebody} because its hostname is more specific. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: so of an XListenerSet',
      documents: FIRST_COME,
      object: {
        apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
        kind: 'XListenerSet',
        metadata: { namespace: 'team-a', name: 'own' },
        spec: { parentRef: INFRA_PUBLIC, listeners: [listener('own', 80, 'b.test')] },
      },
      state: [gateway('infra/public', ['*.test'])],
      expect: [
        meets(LISTENER, 'b.test', 'a wider hostname'),
        takes(LISTENER, 'b.test', 'its hostname is more specific'),
      ],
    },
    {
      name: 'takeover: so of a ListenerSet in the namespace of its Gateway, which it does not name',
      documents: FIRST_COME,
      object: other('ListenerSet', 'infra/own', {
        parentRef: { name: 'public' },
        listeners: [listener('own', 80, 'b.test')],
      }),
      state: [listenerSet('team-b/own', '*.test')],
      expect: [
        meets(LISTENER, 'b.test', 'a wider hostname'),
        takes(LISTENER, 'b.test', 'its hostname is more specific'),
      ],
    },
    {
      name: 'takeover: of the one listener that has port and hostname',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test', EARLY),
      state: [
        other(
          'ListenerSet',
          'team-b/own',
          { parentRef: INFRA_PUBLIC, listeners: [listener('one', 80, 'b.test'), listener('two', 8080, 'c.test')] },
          LATE,
        ),
      ],
      expect: [meets(LISTENER, 'b.test'), takes(LISTENER, 'b.test', 'it is older')],
    },
    {
      name: 'takeover: not where one listener has the port, and another one the hostname',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test', EARLY),
      state: [
        other(
          'ListenerSet',
          'team-b/own',
          { parentRef: INFRA_PUBLIC, listeners: [listener('one', 80, 'c.test'), listener('two', 8080, 'b.test')] },
          LATE,
        ),
      ],
      expect: [meets(LISTENER, 'b.test')],
    },
    {
      name: 'takeover: not on another port',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test', {}, 8080),
      state: [gateway('infra/public', ['*.test'])],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test": ${somebody} holds a wider hostname. ${nobodyHolds}`,
        },
      ],
    },
    {
      name: 'takeover: a Gateway goes before its ListenerSets, whatever their age',
      documents: FIRST_COME,
      object: gateway('infra/public', ['b.test'], {}, LATE),
      state: [listenerSet('team-b/own', 'b.test', EARLY)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test" takes traffic from ${somebody} because a Gateway goes before its ListenerSets. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: an older ListenerSet from a younger one of the same Gateway',
      documents: FIRST_COME,
      object: listenerSet('team-a/own', 'b.test', EARLY),
      state: [listenerSet('team-b/own', 'b.test', LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test": ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.listeners[0].hostname',
          message: `spec.listeners[0].hostname "b.test" takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
    {
      name: 'takeover: a hostless route, older than the one that holds what its listener serves',
      documents: FIRST_COME,
      object: route('team-a/web', undefined, {}, EARLY),
      state: [gateway('infra/public', ['b.test']), route('team-b/web', ['b.test'], {}, LATE)],
      expect: [
        {
          rule: 'conflict',
          path: 'spec.hostnames',
          message: `spec.hostnames (none: everything that Gateway infra/public serves): ${somebody} holds the same hostname. ${nobodyHolds}`,
        },
        {
          rule: 'takeover',
          path: 'spec.hostnames',
          message: `spec.hostnames (none: everything that Gateway infra/public serves) takes traffic from ${somebody} because it is older. ${handedOver}`,
        },
      ],
    },
  ],
  refused: [
    {
      name: 'hostnames that are none, namespaces given twice and not at all',
      documents: [
        {
          name: 'bad',
          spec: {
            owners: [
              { hostnames: ['a.test', '10.0.0.1'], namespaces: ['a'] },
              { hostnames: ['A.test.', ''], namespaces: ['b'] },
            ],
          },
        },
        { name: 'worse', spec: { owners: [{ hostnames: ['a.test'] }] } },
        { name: 'worst', spec: { owners: [{ hostnames: ['a.test'], namespaces: ['a'], namespaceSelector: {} }] } },
      ],
      issues: [
        { path: 'spec.owners[0].hostnames[1]', message: '"10.0.0.1" is not a hostname' },
        { path: 'spec.owners[1].hostnames[1]', message: '"" is not a hostname' },
        { path: 'spec.owners[0]', message: 'give exactly one of namespaces and namespaceSelector' },
        { path: 'spec.owners[0]', message: 'give exactly one of namespaces and namespaceSelector' },
      ],
    },
    {
      name: 'no owners at all',
      documents: [{ name: 'bad', spec: {} }],
      issues: [{ path: 'spec.owners', message: 'is required: a list' }],
    },
  ],
});

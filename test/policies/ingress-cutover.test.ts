import { ingressCutover } from '../../policies/ingress-cutover/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

type Fields = Readonly<Record<string, unknown>> & { readonly metadata: object };

const ingress = (hosts: readonly (string | undefined)[], namespace = 'shop'): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace },
  spec: { rules: hosts.map((host) => (host === undefined ? {} : { host })) },
});

/** An Ingress of other paths for one host. */
const other = (
  name: string,
  paths: readonly (readonly [path: string, pathType: string])[],
  metadata: object = {},
  host = 'a.example',
): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { rules: [{ host, http: { paths: paths.map(([path, pathType]) => ({ path, pathType })) } }] },
});
const DEFAULT = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};
const SOLVER = other('cm-acme-http-solver-x', [['/.well-known/acme-challenge/x', 'ImplementationSpecific']]);

const condition = (type: string, status: string): unknown => ({
  type,
  status,
  reason: type,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

interface RouteOptions {
  readonly kind?: string;
  readonly namespace?: string;
  readonly accepted?: string;
  readonly parent?: Readonly<Record<string, unknown>>;
  readonly acceptedAt?: Readonly<Record<string, unknown>>;
  readonly redirect?: Readonly<Record<string, unknown>>;
}

const route = (hostnames: readonly string[] | undefined, options: RouteOptions = {}): Fields => {
  const {
    kind = 'HTTPRoute',
    namespace = 'shop',
    accepted = 'True',
    parent = { name: 'public', namespace: 'infra' },
    redirect,
  } = options;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name: 'web', namespace },
    spec: {
      parentRefs: [parent],
      ...(hostnames === undefined ? {} : { hostnames }),
      ...(redirect === undefined
        ? {}
        : { rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: redirect }] }] }),
      ...(kind === 'TLSRoute' ? { rules: [{ backendRefs: [{ name: 'web', port: 443 }] }] } : {}),
    },
    status: {
      parents: [
        {
          parentRef: options.acceptedAt ?? parent,
          controllerName: 'example.com/controller',
          conditions: [condition('Accepted', accepted)],
        },
      ],
    },
  };
};

const listener = (
  port: number,
  protocol: string,
  hostname: string | undefined,
  name = protocol.toLowerCase(),
): unknown => ({
  name,
  port,
  protocol,
  ...(hostname === undefined ? {} : { hostname }),
  ...(protocol === 'TLS' ? { tls: { mode: 'Passthrough' } } : {}),
  allowedRoutes: { namespaces: { from: 'All' } },
});

const gateway = (programmed: string, hostname?: string, more: object = {}): Fields => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'infra' },
  spec: {
    gatewayClassName: 'public',
    listeners: [listener(80, 'HTTP', hostname), listener(443, 'TLS', hostname)],
    allowedListeners: { namespaces: { from: 'All' } },
    ...more,
  },
  status: { conditions: [condition('Programmed', programmed)] },
});

const listenerSet = (kind: string, apiVersion: string): Fields => ({
  apiVersion,
  kind,
  metadata: { name: 'more', namespace: 'infra' },
  spec: { parentRef: { name: 'public' }, listeners: [listener(8080, 'HTTP', undefined)] },
});

const ready = gateway('True');
/** The first two cannot both serve; the third can. */
const CLASHING = [listener(80, 'HTTP', undefined), listener(80, 'TCP', undefined), listener(443, 'TLS', undefined)];
/** The same object while it is being deleted. */
const going = (object: Fields): unknown => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
});
const dark = (path: string, hostname: string, reason: string, certain = true): ExpectedFinding => ({
  rule: 'delete-too-early',
  path,
  certain,
  message:
    `${path}: "${hostname}" would go dark: ${reason}. Wait until a Route for it is Accepted on a Gateway that is Programmed, ` +
    'then remove the Ingress',
});
const same = (path: string, hostname: string, other: string): ExpectedFinding => ({
  rule: 'same-hostname',
  path,
  message: `${path}: "${hostname}" is also served by ${other}. Finish the move: take it out of the Ingress once the Route serves it`,
});

const NO_ROUTE = 'no Route for it is attached to a Gateway';
const HOST = 'spec.rules[0].host';

policyTable(ingressCutover, {
  documents: [{ name: 'cutover', spec: { action: 'Deny' } }],
  valid: [
    {
      name: 'a route whose hostname no Ingress has',
      object: route(['a.example']),
      state: [ingress(['b.example']), ready],
    },
    { name: 'a route above an Ingress', object: route(['*.example']), state: [ingress(['a.example']), ready] },
    { name: 'a route without hostnames', object: route(undefined), state: [ingress(['a.example']), ready] },
    {
      name: 'an Ingress whose hosts no route has',
      object: ingress(['a.example']),
      state: [route(['b.example']), ready],
    },
    {
      name: 'an Ingress beside a route above it',
      object: ingress(['a.example']),
      state: [route(['*.example']), ready],
    },
    { name: 'an Ingress without a host', object: ingress([undefined]), state: [route(undefined), ready] },
    {
      name: 'a route that goes',
      skipped: true,
      operation: 'DELETE',
      object: route(['a.example']),
      state: [ingress(['a.example'])],
    },
    {
      name: 'an ACME solver that goes from beside the Ingress',
      operation: 'DELETE',
      object: SOLVER,
      state: [other('web', [['/', 'Prefix']])],
    },
    {
      name: 'an Ingress that another one replaces, path by path',
      operation: 'DELETE',
      object: other('web', [
        ['/a/b/', 'Prefix'],
        ['/c', 'Exact'],
      ]),
      state: [other('new', [['/a', 'Prefix']]), other('newer', [['/c', 'Exact']])],
    },
    {
      name: 'an exact path below the prefix of another Ingress',
      operation: 'DELETE',
      object: other('web', [['/a/b', 'Exact']]),
      state: [other('new', [['/a', 'Prefix']])],
    },
    {
      name: 'an Ingress that another one of its name replaces in another namespace',
      operation: 'DELETE',
      object: other('web', [['/', 'Prefix']]),
      state: [other('web', [['/', 'Prefix']], { namespace: 'next' })],
    },
    {
      name: 'an Ingress whose host another one has by a wildcard',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [other('new', [['/', 'Prefix']], {}, '*.example')],
    },
    {
      name: 'an update that takes out a host which another Ingress has',
      object: ingress(['b.example']),
      oldObject: ingress(['a.example', 'b.example']),
      state: [other('new', [['/', 'Prefix']])],
    },
    {
      name: 'an Ingress that goes once a route serves its host',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example']), ready],
    },
    {
      name: 'once a route above serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['*.example']), ready],
    },
    {
      name: 'once a hostless route serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(undefined), ready],
    },
    {
      name: 'once a hostless TLSRoute serves it, as its v1alpha2 takes one',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        { ...route(undefined, { kind: 'TLSRoute' }), apiVersion: 'gateway.networking.k8s.io/v1alpha2' },
        gateway('True', '*.example'),
      ],
    },
    {
      name: 'once a hostless route on a ListenerSet serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(undefined, { parent: { kind: 'ListenerSet', name: 'more', namespace: 'infra' } }),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1'),
        gateway('True', 'b.example'),
      ],
    },
    {
      name: 'once a hostless route on a default Gateway serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        { ...route(undefined), spec: { useDefaultGateways: 'All' } },
        gateway('True', 'a.example', { defaultScope: 'All' }),
      ],
    },
    {
      name: 'once a GRPCRoute serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { kind: 'GRPCRoute' }), ready],
    },
    {
      name: 'once a TLSRoute serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { kind: 'TLSRoute' }), ready],
    },
    {
      name: 'once a route redirects it to another host',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { redirect: { scheme: 'https', hostname: 'b.example' } }), ready],
    },
    {
      name: 'once a route redirects it to another path',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { redirect: { path: { type: 'ReplaceFullPath', replaceFullPath: '/b' } } }), ready],
    },
    {
      name: 'once a route serves a part of it and redirects the rest to HTTPS',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        {
          ...route(['a.example']),
          spec: {
            parentRefs: [{ name: 'public', namespace: 'infra' }],
            hostnames: ['a.example'],
            rules: [
              { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] },
              { backendRefs: [{ name: 'web', port: 80 }] },
            ],
          },
        },
        ready,
      ],
    },
    {
      name: 'once a route is accepted at its parent, spelt with what the reference leaves out',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], {
          namespace: 'infra',
          parent: { name: 'public' },
          acceptedAt: { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'infra', name: 'public' },
        }),
        ready,
      ],
    },
    {
      name: 'once a route serves it by one of two listeners that take it, though the other conflicts',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example']),
        gateway('True', undefined, {
          listeners: [
            listener(80, 'HTTP', undefined),
            listener(80, 'TCP', undefined),
            listener(81, 'HTTP', undefined, 'free'),
          ],
        }),
      ],
    },
    {
      name: 'once a route on a ListenerSet serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], { parent: { kind: 'ListenerSet', name: 'more', namespace: 'infra' } }),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1'),
        ready,
      ],
    },
    {
      name: 'once a route on an XListenerSet serves it',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], {
          parent: { group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet', name: 'more', namespace: 'infra' },
        }),
        listenerSet('XListenerSet', 'gateway.networking.x-k8s.io/v1alpha1'),
        ready,
      ],
    },
    {
      name: 'once a route serves it by one listener, though others conflict',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { kind: 'TLSRoute' }), gateway('True', undefined, { listeners: CLASHING })],
    },
    {
      name: 'once a hostless route serves what a default backend alone did',
      operation: 'DELETE',
      object: DEFAULT,
      state: [route(undefined), ready],
    },
    {
      name: 'a default backend alone that another one replaces',
      operation: 'DELETE',
      object: DEFAULT,
      state: [{ ...DEFAULT, metadata: { name: 'new', namespace: 'shop' } }],
    },
    {
      name: 'an update that takes out a host which a route serves',
      oldObject: ingress(['a.example', 'b.example']),
      object: ingress(['b.example']),
      state: [route(['a.example']), ready],
    },
    {
      name: 'a route of a mesh for the host of an Ingress',
      object: route(['a.example'], { parent: { group: '', kind: 'Service', name: 'web' } }),
      state: [ingress(['a.example'])],
    },
    {
      name: 'an Ingress for the hostname of a route of a mesh',
      object: ingress(['a.example']),
      state: [route(['a.example'], { parent: { group: '', kind: 'Service', name: 'web' } })],
    },
    {
      name: 'an update that puts a wildcard in place of a host below it',
      oldObject: ingress(['a.example']),
      object: ingress(['*.example']),
    },
    {
      name: 'an update that puts a rule for every host in place of one',
      oldObject: ingress(['a.b.example']),
      object: ingress([undefined]),
    },
    {
      name: 'an update that puts a rule beside the default backend',
      oldObject: DEFAULT,
      object: { ...DEFAULT, spec: { ...DEFAULT.spec, rules: [{ host: 'a.example' }] } },
    },
    {
      name: 'an update that leaves the default backend alone, which then has every host',
      oldObject: { ...DEFAULT, spec: { ...DEFAULT.spec, rules: [{ host: 'a.example' }] } },
      object: DEFAULT,
    },
    {
      name: 'an Ingress without a host that goes once a hostless route serves all',
      operation: 'DELETE',
      object: ingress([undefined]),
      state: [route(undefined), ready],
    },
  ],
  invalid: [
    {
      name: 'a route for the host of an Ingress',
      object: route(['b.example', 'A.example']),
      state: [ingress(['a.example']), ready],
      expect: [same('spec.hostnames[1]', 'A.example', 'Ingress shop/web')],
    },
    {
      name: 'a route for the host of an Ingress in another namespace',
      object: route(['a.example']),
      state: [ingress(['a.example'], 'other'), ready],
      expect: [same('spec.hostnames[0]', 'a.example', 'an object in another namespace')],
    },
    {
      name: 'an Ingress for the hostname of a route',
      object: ingress(['b.example', 'a.example']),
      state: [route(['a.example']), ready],
      expect: [same('spec.rules[1].host', 'a.example', 'HTTPRoute shop/web')],
    },
    {
      name: 'an Ingress that goes while only an ACME solver has its host',
      operation: 'DELETE',
      object: other('web', [['/', 'Prefix']]),
      state: [SOLVER],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'another Ingress whose path only begins with the same letters, or is exact',
      operation: 'DELETE',
      object: other('web', [['/ab', 'Prefix']]),
      state: [
        other('new', [
          ['/a', 'Prefix'],
          ['/ab', 'Exact'],
        ]),
      ],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'another Ingress that has one of two prefixes',
      operation: 'DELETE',
      object: other('web', [
        ['/a', 'Prefix'],
        ['/b', 'Prefix'],
      ]),
      state: [other('new', [['/a', 'Prefix']])],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'another Ingress whose path is as long as the first element',
      operation: 'DELETE',
      object: other('web', [['/foo/bar', 'Prefix']]),
      state: [other('new', [['/baz', 'Prefix']])],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'another Ingress that has the paths of the last of two rules for a host',
      operation: 'DELETE',
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          rules: ['/a', '/b'].map((path) => ({ host: 'a.example', http: { paths: [{ path, pathType: 'Prefix' }] } })),
        },
      },
      state: [other('new', [['/b', 'Prefix']])],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    ...[
      {
        what: 'a wildcard two labels above',
        wide: other('wide', [['/', 'Prefix']], {}, '*.example'),
        of: 'a.b.example',
      },
      { what: 'every host', wide: { ...DEFAULT, metadata: { name: 'wide', namespace: 'shop' } }, of: 'a.example' },
    ].map(({ what, wide, of }) => ({
      name: `another Ingress that has ${what}`,
      operation: 'DELETE' as const,
      object: ingress([of]),
      state: [wide],
      expect: [dark('spec.rules[0].host', of, NO_ROUTE)] as const,
    })),
    {
      name: 'another Ingress that is going too',
      operation: 'DELETE',
      object: other('web', [['/', 'Prefix']]),
      state: [other('new', [['/', 'Prefix']], { deletionTimestamp: '2026-01-01T00:00:00Z' })],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'another Ingress whose exact path lacks the slash',
      operation: 'DELETE',
      object: other('web', [['/foo/', 'Exact']]),
      state: [other('new', [['/foo', 'Exact']])],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'an Ingress that has a default backend alone',
      operation: 'DELETE',
      object: DEFAULT,
      state: [route(['a.example']), ready],
      expect: [dark('spec.defaultBackend', 'every other hostname', NO_ROUTE)],
    },
    {
      name: 'an update that puts a rule in place of the default backend',
      oldObject: DEFAULT,
      object: { ...DEFAULT, spec: { rules: [{ host: 'a.example' }] } },
      expect: [dark('spec.rules', 'every other hostname', NO_ROUTE)],
    },
    {
      name: 'an update that takes out a host and leaves another one beside the default backend',
      oldObject: { ...DEFAULT, spec: { ...DEFAULT.spec, rules: [{ host: 'a.example' }, { host: 'b.example' }] } },
      object: { ...DEFAULT, spec: { ...DEFAULT.spec, rules: [{ host: 'b.example' }] } },
      expect: [dark('spec.rules', 'a.example', NO_ROUTE)],
    },
    {
      name: 'while the route that serves it is being deleted',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [going(route(['a.example'])), ready],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'while the route for it only redirects to HTTPS',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { redirect: { scheme: 'https', statusCode: 301 } }), ready],
      expect: [dark(HOST, 'a.example', 'the Route for it only redirects to HTTPS')],
    },
    {
      name: 'while the Gateway of the route is being deleted',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example']), going(ready)],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'while the ListenerSet of the route is being deleted',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], { parent: { kind: 'ListenerSet', name: 'more', namespace: 'infra' } }),
        going(listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1')),
        ready,
      ],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'while the Gateway of the ListenerSet of the route is being deleted',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], { parent: { kind: 'ListenerSet', name: 'more', namespace: 'infra' } }),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1'),
        going(ready),
      ],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'while the ListenerSet of the route is not allowed by its Gateway',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], { parent: { kind: 'ListenerSet', name: 'more', namespace: 'infra' } }),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1'),
        gateway('True', undefined, { allowedListeners: { namespaces: { from: 'None' } } }),
      ],
      expect: [dark(HOST, 'a.example', 'the ListenerSet for it is not allowed by its Gateway')],
    },
    {
      name: 'while the listener for it conflicts with another',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [
        route(['a.example'], { parent: { name: 'public', namespace: 'infra', sectionName: 'http' } }),
        gateway('True', undefined, { listeners: CLASHING }),
      ],
      expect: [dark(HOST, 'a.example', 'the listener for it conflicts with another')],
    },
    {
      name: 'an update that puts a wildcard in place of a host two labels below it',
      oldObject: ingress(['a.b.example']),
      object: ingress(['*.example']),
      expect: [dark('spec.rules', 'a.b.example', NO_ROUTE)],
    },
    {
      name: 'an update that puts a wildcard of fewer paths in place of a host',
      oldObject: other('web', [['/', 'Prefix']]),
      object: other('web', [['/a', 'Prefix']], {}, '*.example'),
      expect: [dark('spec.rules', 'a.example', NO_ROUTE)],
    },
    {
      name: 'an Ingress that goes without any route',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [ready],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'over files, where a route may be out of sight',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [ready],
      visibility: { HTTPRoute: 'some' },
      expect: [dark(HOST, 'a.example', NO_ROUTE, false)],
    },
    ...(['ListenerSet', 'XListenerSet'] as const).map((kind) => ({
      name: `while the ${kind} of its route may be out of sight`,
      operation: 'DELETE' as const,
      object: ingress(['a.example']),
      state: [
        route(['a.example'], {
          parent: {
            group: `gateway.networking.${kind === 'ListenerSet' ? 'k8s' : 'x-k8s'}.io`,
            kind,
            name: 'more',
            namespace: 'infra',
          },
        }),
        ready,
      ],
      visibility: { [kind]: 'some' },
      expect: [dark(HOST, 'a.example', NO_ROUTE, false)] as const,
    })),
    {
      name: 'before the route is accepted',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example'], { accepted: 'False' }), ready],
      expect: [dark(HOST, 'a.example', 'the Route for it is not Accepted')],
    },
    ...[
      { sectionName: 'https' },
      { port: 80 },
      { name: 'private' },
      { namespace: 'shop' },
      { kind: 'ListenerSet' },
      { group: 'gateway.networking.x-k8s.io' },
    ].map((elsewhere) => ({
      name: `while the route is accepted elsewhere only: ${JSON.stringify(elsewhere)}`,
      operation: 'DELETE' as const,
      object: ingress(['a.example']),
      state: [route(['a.example'], { acceptedAt: { name: 'public', namespace: 'infra', ...elsewhere } }), ready],
      expect: [dark(HOST, 'a.example', 'the Route for it is not Accepted')] as const,
    })),
    {
      name: 'before the Gateway is programmed',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(['a.example']), gateway('False')],
      expect: [dark(HOST, 'a.example', 'its Gateway is not Programmed')],
    },
    {
      name: 'while the listener serves other hostnames',
      operation: 'DELETE',
      object: ingress(['a.example']),
      state: [route(undefined), gateway('True', 'b.example')],
      expect: [dark(HOST, 'a.example', NO_ROUTE)],
    },
    {
      name: 'while only one of two hosts is served',
      operation: 'DELETE',
      object: ingress(['a.example', 'b.example', 'b.example']),
      state: [route(['a.example']), ready],
      expect: [dark('spec.rules[1].host', 'b.example', NO_ROUTE)],
    },
    {
      name: 'an update that takes out a host which nobody serves',
      oldObject: ingress(['a.example', 'b.example']),
      object: ingress(['b.example']),
      state: [ready],
      expect: [dark('spec.rules', 'a.example', NO_ROUTE)],
    },
    {
      name: 'a wildcard host that a route serves only in part',
      operation: 'DELETE',
      object: ingress(['*.example']),
      state: [route(['a.example']), ready],
      expect: [dark(HOST, '*.example', NO_ROUTE)],
    },
    {
      name: 'an Ingress without a host, while routes serve single ones',
      operation: 'DELETE',
      object: ingress([undefined]),
      state: [route(['a.example']), ready],
      expect: [dark(HOST, 'every other hostname', NO_ROUTE)],
    },
  ],
});

/** What a small world can be about. Each theme draws its own kind of trouble; `mixture` draws everything at once. */
import { EXPERIMENTAL_GROUP, GATEWAY_GROUP, ROUTE_KINDS, type Listener, type ObjectReference } from '#gateway';
import { FOREIGN_CLASS_NAME, type Reference, type Sketch } from './sketch.ts';

const HOSTNAMES = [
  'example.com',
  'a.example.com',
  'b.a.example.com',
  '*.example.com',
  '*.a.example.com',
  '*.com',
  'notexample.com',
  '*.other.org',
  '10.0.0.1',
];
const FROM = ['All', 'All', 'Same', 'Selector', 'Selector', undefined];

/** All themes, by the name that worlds bear. */
export const THEMES: ReadonlyMap<string, (sketch: Sketch) => void> = new Map([
  ['selectors', selectors],
  ['hostnames', hostnames],
  ['listenersets', listenerSets],
  ['backends', backends],
  ['conflicts', conflicts],
  ['parents', parents],
  ['certificates', certificates],
  ['kinds', kinds],
  ['authorities', authorities],
  ['gateways', gateways],
  ['filters', filters],
  ['mixture', mixture],
]);

function selectors(s: Sketch): void {
  const listeners = [80, 8080, 8081]
    .slice(0, 1 + s.dice.below(3))
    .map((port) => listener(s, { port, allowedRoutes: true }));
  s.gateway('gw', listeners, { allowedListeners: { namespaces: s.from(['Selector', 'Same', 'All']) } });
  s.listenerSet('set', s.apps, [listener(s, { port: 9090, allowedRoutes: true })], { name: 'gw', namespace: s.infra });
  for (const [index, namespace] of s.namespaces.entries()) {
    const set = { kind: 'ListenerSet', name: 'set', namespace: s.apps };
    const gateway = { name: 'gw', namespace: s.infra, ...(s.dice.chance(0.3) ? { sectionName: 'l0' } : {}) };
    s.route(s.dice.pick(['HTTPRoute', 'GRPCRoute']), namespace, `r${index}`, {
      parentRefs: s.dice.some([gateway, set], 1, 2),
    });
  }
}

function hostnames(s: Sketch): void {
  const listeners = Array.from({ length: 1 + s.dice.below(4) }, () => listener(s, { ...hostname(s), from: 'All' }));
  s.gateway('gw', listeners);
  for (let index = 0; index < 4; index++) {
    const kind = s.dice.pick(['HTTPRoute', 'HTTPRoute', 'GRPCRoute', 'TLSRoute']);
    const names = s.dice.some(HOSTNAMES, kind === 'TLSRoute' ? 1 : 0, 3);
    const parentRefs = [
      { name: 'gw', namespace: s.infra, ...(s.dice.chance(0.4) ? { sectionName: `l${s.dice.below(3)}` } : {}) },
    ];
    s.route(kind, s.dice.pick(s.namespaces), `r${index}`, { parentRefs, hostnames: names });
  }
}

function listenerSets(s: Sketch): void {
  const allowed = s.from(['All', 'All', 'All', 'Same', 'Selector', 'None', undefined]);
  const draw = (): Listener => listener(s, { ...hostname(s), port: s.dice.pick([80, 443]), from: s.dice.pick(FROM) });
  s.gateway('gw', [draw(), draw()], s.dice.chance(0.9) && allowed ? { allowedListeners: { namespaces: allowed } } : {});
  const refs: Reference[] = [{ name: 'gw', namespace: s.infra }];
  for (let index = 0; index < 3; index++) {
    const namespace = s.dice.pick(s.namespaces);
    const parent = s.dice.chance(0.9) ? 'gw' : 'nobody';
    const parentRef = { name: parent, namespace: s.infra };
    s.listenerSet(
      `set-${index}`,
      namespace,
      [draw(), ...(s.dice.chance(0.6) ? [draw()] : [])],
      parentRef,
      s.dice.chance(0.3),
    );
    const ref = { kind: 'ListenerSet', group: GATEWAY_GROUP, name: `set-${index}`, namespace };
    refs.push(ref, { ...ref, sectionName: `l${s.dice.below(2)}` }, { ...ref, port: s.dice.pick([80, 443]) });
  }
  for (let index = 0; index < 4; index++) {
    const kind = s.dice.pick(['HTTPRoute', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute']);
    const names = s.dice.some(HOSTNAMES, 0, 2);
    s.route(
      kind,
      s.dice.pick(s.namespaces),
      `r${index}`,
      { parentRefs: once(s.dice.some(refs, 1, 3)), hostnames: names },
      s.dice.chance(0.2),
    );
  }
}

function backends(s: Sketch): void {
  const listeners = [
    listener(s, { port: 80, protocol: 'HTTP', from: 'All' }),
    listener(s, { port: 443, protocol: 'TLS', from: 'All' }),
    listener(s, { port: 9000, protocol: 'TCP', from: 'All' }),
    listener(s, { port: 53, protocol: 'UDP', from: 'All' }),
  ];
  s.gateway('gw', listeners);
  for (const [index, kind] of s.dice.some(ROUTE_KINDS, 2, 4).entries()) {
    const sectionName = kind.startsWith('TLS')
      ? 'l1'
      : kind.startsWith('TCP')
        ? 'l2'
        : kind.startsWith('UDP')
          ? 'l3'
          : 'l0';
    const namespace = s.dice.pick([s.infra, s.apps]);
    const rules = Array.from({ length: 1 + s.dice.below(2) }, () => rule(s, kind, namespace));
    s.route(kind, namespace, `r${index}`, { parentRefs: [{ name: 'gw', namespace: s.infra, sectionName }], rules });
  }
  for (let index = 0; index < s.dice.below(3); index++) grant(s, `g${index}`);
}

function conflicts(s: Sketch): void {
  const protocols = ['HTTP', 'HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP', 'example.com/QUIC'];
  const draw = (): Listener => {
    const named = s.dice.chance(0.5) ? { hostname: s.dice.pick(HOSTNAMES.slice(0, 4)) } : {};
    return listener(s, {
      port: s.dice.pick([443, 443, 8443]),
      protocol: s.dice.pick(protocols),
      ...named,
      from: 'All',
    });
  };
  const many = (most: number): Listener[] => Array.from({ length: 1 + s.dice.below(most) }, draw);
  s.gateway('gw', many(4), { allowedListeners: { namespaces: { from: 'All' } } });
  for (let index = 0; index < s.dice.below(3); index++) {
    s.listenerSet(
      `set-${index}`,
      s.dice.pick(s.namespaces),
      many(2),
      { name: 'gw', namespace: s.infra },
      s.dice.chance(0.3),
    );
  }
  for (const [index, kind] of s.dice.some(ROUTE_KINDS, 1, 3).entries()) {
    s.route(kind, s.apps, `r${index}`, { parentRefs: [{ name: 'gw', namespace: s.infra }] });
  }
}

function parents(s: Sketch): void {
  const draw = (port: number, protocol: string): Listener =>
    listener(s, { port, protocol, from: s.dice.pick(['All', 'All', 'Same']) });
  s.gateway('gw', [draw(80, 'HTTP'), draw(8080, 'HTTP'), draw(9000, 'TCP'), draw(9001, 'TCP')]);
  s.gateway('foreign', [draw(80, 'HTTP')], { gatewayClassName: FOREIGN_CLASS_NAME });
  s.gateway('second', [draw(80, 'HTTP'), draw(53, 'UDP')], {}, s.apps);
  const gateway = { name: 'gw', namespace: s.infra };
  const choices: Reference[] = [
    gateway,
    ...['l0', 'l1', 'l2', 'missing'].map((sectionName) => ({ ...gateway, sectionName })),
    ...[80, 8080, 9001, 1].map((port) => ({ ...gateway, port })),
    { ...gateway, sectionName: 'l0', port: 80 },
    { ...gateway, sectionName: 'l0', port: 8080 },
    { ...gateway, sectionName: 'l3', port: 9001 },
    { name: 'gw' },
    { name: 'second', namespace: s.apps },
    { name: 'second', namespace: s.apps, sectionName: 'l1' },
    { name: 'foreign', namespace: s.infra },
    { name: 'nobody', namespace: s.infra },
    { group: '', kind: 'Service', name: 'web', namespace: s.infra, port: 8080 },
    { kind: 'ListenerSet', name: 'gw', namespace: s.infra },
    { group: 'example.com', kind: 'Gateway', name: 'gw', namespace: s.infra },
  ];
  for (let index = 0; index < 4; index++) {
    const kind = s.dice.pick(['HTTPRoute', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute']);
    s.route(kind, s.dice.pick(s.namespaces), `r${index}`, { parentRefs: once(s.dice.some(choices, 1, 3)) });
  }
}

function certificates(s: Sketch): void {
  const draw = (port: number): Listener => {
    const protocol = s.dice.pick(['HTTPS', 'HTTPS', 'TLS']);
    const mode = protocol === 'TLS' && s.dice.chance(0.3) ? 'Passthrough' : 'Terminate';
    const refs = Array.from({ length: 1 + s.dice.below(2) }, () => certificateRef(s));
    const bare = { name: '', port, protocol, allowedRoutes: { namespaces: { from: 'All' } } };
    return protocol === 'HTTPS' && s.dice.chance(0.1) ? bare : { ...bare, tls: { mode, certificateRefs: refs } };
  };
  s.gateway('gw', [443, 444, 445].slice(0, 1 + s.dice.below(3)).map(draw), {
    allowedListeners: { namespaces: { from: 'All' } },
  });
  if (s.dice.chance(0.6))
    s.listenerSet('set', s.apps, [draw(8443), draw(8444)].slice(0, 1 + s.dice.below(2)), {
      name: 'gw',
      namespace: s.infra,
    });
  for (let index = 0; index < s.dice.below(4); index++) grant(s, `g${index}`);
  for (const [index, kind] of (['HTTPRoute', 'TLSRoute'] as const).entries()) {
    const set = { kind: 'ListenerSet', name: 'set', namespace: s.apps };
    s.route(kind, s.apps, `r${index}`, { parentRefs: s.dice.some([{ name: 'gw', namespace: s.infra }, set], 1, 2) });
  }
}

function kinds(s: Sketch): void {
  const entries = [
    ...ROUTE_KINDS.map((kind) => ({ kind })),
    { group: GATEWAY_GROUP, kind: 'HTTPRoute' },
    { group: 'example.com', kind: 'HTTPRoute' },
    { kind: 'MagicRoute' },
  ];
  const ports = { HTTP: 80, HTTPS: 443, TLS: 8443, TCP: 9000, UDP: 53 };
  const listeners = s.dice.some(Object.entries(ports), 2, 4).map(([protocol, port]) => {
    const drawn = listener(s, { port, protocol, from: 'All' });
    return { ...drawn, allowedRoutes: { ...drawn.allowedRoutes, kinds: s.dice.some(entries, 0, 3) } };
  });
  s.gateway('gw', listeners);
  for (const [index, kind] of ROUTE_KINDS.entries()) {
    s.route(kind, s.apps, `r${index}`, {
      parentRefs: [{ name: 'gw', namespace: s.infra, ...(s.dice.chance(0.3) ? { sectionName: 'l0' } : {}) }],
    });
  }
}

function authorities(s: Sketch): void {
  const validation = (): Readonly<Record<string, unknown>> => ({
    caCertificateRefs: Array.from({ length: 1 + s.dice.below(2) }, () => authorityRef(s)),
    ...(s.dice.chance(0.3) ? { mode: 'AllowInsecureFallback' } : {}),
  });
  const perPort = [443, 444]
    .filter(() => s.dice.chance(0.4))
    .map((port) => ({ port, tls: s.dice.chance(0.7) ? { validation: validation() } : {} }));
  const frontend = {
    default: s.dice.chance(0.8) ? { validation: validation() } : {},
    ...(perPort.length === 0 ? {} : { perPort }),
  };
  const backend = s.dice.chance(0.5) ? { backend: { clientCertificateRef: certificateRef(s) } } : {};
  const listeners = [
    listener(s, { port: 443, protocol: 'HTTPS', from: 'All' }),
    listener(s, { port: 444, protocol: 'HTTPS', from: 'All' }),
    listener(s, { port: 8443, protocol: 'TLS', from: 'All' }),
  ];
  s.gateway('gw', listeners.slice(0, 1 + s.dice.below(3)), { tls: { ...backend, frontend } });
  for (let index = 0; index < s.dice.below(3); index++) grant(s, `g${index}`);
  s.route('HTTPRoute', s.apps, 'r0', { parentRefs: [{ name: 'gw', namespace: s.infra }] });
}

function gateways(s: Sketch): void {
  const draw = (port: number): Listener =>
    listener(s, { port, protocol: s.dice.pick(['HTTP', 'HTTPS', 'TCP']), from: 'All' });
  const parametersRef = s.dice.pick<Reference>([
    { group: '', kind: 'ConfigMap', name: 'settings' },
    { group: '', kind: 'ConfigMap', name: 'missing' },
    { group: 'example.com', kind: 'Settings', name: 'settings' },
    { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'missing' },
  ]);
  s.object('v1', 'ConfigMap', s.infra, 'settings', { data: { key: 'value' } });
  const addresses = s.dice.some<Reference>(
    [
      { type: 'IPAddress', value: '192.0.2.1' },
      { type: 'Hostname', value: 'gw.example.com' },
      { type: 'example.com/Named', value: 'front' },
    ],
    1,
    2,
  );
  const more = {
    ...(s.dice.chance(0.4) ? { infrastructure: { parametersRef } } : {}),
    ...(s.dice.chance(0.4) ? { addresses } : {}),
    ...(s.dice.chance(0.5) ? { defaultScope: s.dice.pick(['All', 'None']) } : {}),
    allowedListeners: { namespaces: { from: 'All' } },
  };
  s.gateway('gw', [draw(80), draw(8080)], more);
  s.gateway('second', [draw(80)], { defaultScope: s.dice.pick(['All', 'None']) });
  s.listenerSet(
    'set',
    s.apps,
    [draw(9090)],
    s.dice.pick([
      { name: 'gw', namespace: s.infra },
      { name: 'gw', namespace: s.infra, kind: 'Other' },
    ]),
  );
  const refs = [
    { name: 'gw', namespace: s.infra },
    { name: 'second', namespace: s.infra, port: 80 },
    { kind: 'ListenerSet', name: 'set', namespace: s.apps },
  ];
  for (let index = 0; index < 3; index++) {
    const kind = s.dice.pick(['HTTPRoute', 'GRPCRoute', 'TCPRoute']);
    const defaults = s.dice.chance(0.4) ? { useDefaultGateways: s.dice.pick(['All', 'None']) } : {};
    s.route(kind, s.dice.pick(s.namespaces), `r${index}`, { parentRefs: s.dice.some(refs, 0, 2), ...defaults });
  }
}

function filters(s: Sketch): void {
  s.gateway('gw', [listener(s, { port: 80, from: 'All' }), listener(s, { port: 443, protocol: 'HTTPS', from: 'All' })]);
  const parentRefs = [{ name: 'gw', namespace: s.infra }];
  for (let index = 0; index < 3; index++) {
    const namespace = s.dice.pick(s.namespaces);
    const rules = Array.from({ length: 1 + s.dice.below(2) }, () => {
      const filter = s.dice.pick<Readonly<Record<string, unknown>>>([
        {
          type: 'ExternalAuth',
          externalAuth: { protocol: 'HTTP', http: {}, backendRef: backendRef(s, 'HTTPRoute', namespace) },
        },
        { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Filter', name: 'unknown' } },
        { type: 'RequestMirror', requestMirror: { backendRef: backendRef(s, 'HTTPRoute', namespace) } },
        { type: 'RequestHeaderModifier', requestHeaderModifier: { add: [{ name: 'x-a', value: 'b' }] } },
        { type: 'URLRewrite', urlRewrite: { hostname: 'rewritten.example.com' } },
        { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 308 } },
        { type: 'CORS', cors: { allowOrigins: ['https://example.com'] } },
      ]);
      return filter['type'] === 'RequestRedirect'
        ? { filters: [filter] }
        : { ...rule(s, 'HTTPRoute', namespace), filters: [filter] };
    });
    s.route('HTTPRoute', namespace, `r${index}`, { parentRefs, rules });
  }
  for (let index = 0; index < s.dice.below(2); index++) grant(s, `g${index}`);
}

function mixture(s: Sketch): void {
  const draw = (): Listener =>
    listener(s, {
      ...hostname(s),
      port: s.dice.pick([80, 443, 8443]),
      from: s.dice.pick(FROM),
      allowedRoutes: s.dice.chance(0.3),
    });
  const allowedListeners = { namespaces: s.from(['All', 'Selector', 'Same']) };
  s.gateway('gw', Array.from({ length: 1 + s.dice.below(3) }, draw), { allowedListeners });
  s.gateway('gw', [draw()], {}, s.other);
  s.listenerSet('set', s.apps, [draw(), draw()], { name: 'gw', namespace: s.infra }, s.dice.chance(0.5));
  const refs: Reference[] = [
    { name: 'gw', namespace: s.infra },
    { name: 'gw', namespace: s.other },
    { kind: 'ListenerSet', name: 'set', namespace: s.apps },
    { kind: 'ListenerSet', name: 'set', namespace: s.apps, sectionName: 'l1' },
  ];
  for (let index = 0; index < 4; index++) {
    const kind = s.dice.pick(['HTTPRoute', 'HTTPRoute', 'GRPCRoute', 'TLSRoute']);
    const namespace = s.dice.pick(s.namespaces);
    s.route(kind, namespace, `r${index}`, {
      parentRefs: once(s.dice.some(refs, 1, 3)),
      hostnames: s.dice.some(HOSTNAMES, 0, 2),
      rules: [rule(s, kind, namespace)],
    });
  }
  for (let index = 0; index < s.dice.below(3); index++) grant(s, `g${index}`);
}

/** A listener with what its protocol needs; `allowedRoutes` draws any namespaces, `from` just those. */
function listener(
  s: Sketch,
  draft: {
    readonly port?: number;
    readonly protocol?: string;
    readonly hostname?: string;
    readonly from?: string | undefined;
    readonly allowedRoutes?: boolean;
  },
): Listener {
  const { port = 80, protocol = 'HTTP' } = draft;
  const namespaces =
    draft.allowedRoutes === true
      ? s.from(FROM)
      : draft.from === 'Selector'
        ? s.from(['Selector'])
        : draft.from === undefined
          ? undefined
          : { from: draft.from };
  const mode = protocol === 'TLS' && s.dice.chance(0.6) ? 'Passthrough' : 'Terminate';
  const tls = {
    mode,
    ...(mode === 'Terminate' ? { certificateRefs: [{ name: soundCertificate(s) }] } : {}),
  };
  return {
    name: '',
    port,
    protocol,
    ...(draft.hostname === undefined || protocol === 'TCP' || protocol === 'UDP' ? {} : { hostname: draft.hostname }),
    ...(protocol === 'HTTPS' || protocol === 'TLS' ? { tls } : {}),
    ...(namespaces === undefined ? {} : { allowedRoutes: { namespaces } }),
  };
}

/** In every namespace, so that no reference needs a grant. */
function soundCertificate(s: Sketch): string {
  for (const namespace of s.namespaces) s.certificate(namespace, 'sound');
  return s.certificate(s.infra, 'sound');
}

function hostname(s: Sketch): { port: number; protocol: string; hostname?: string } {
  const [port, protocol] = s.dice.pick([
    [80, 'HTTP'],
    [80, 'HTTP'],
    [443, 'HTTPS'],
    [8443, 'TLS'],
  ] as const);
  return { port, protocol, ...(s.dice.chance(0.75) ? { hostname: s.dice.pick(HOSTNAMES) } : {}) };
}

/** A rule with backends that are there, or not, or may not be reached; and mirrors, at the rule or at a backend. */
function rule(s: Sketch, kind: string, namespace: string): Readonly<Record<string, unknown>> {
  const mirrors = (chance: number): unknown[] =>
    /^(HTTP|GRPC)Route$/.test(kind) && s.dice.chance(chance)
      ? [{ type: 'RequestMirror', requestMirror: { backendRef: backendRef(s, kind, namespace) } }]
      : [];
  const withFilters = (chance: number): { filters?: unknown[] } => {
    const filters = mirrors(chance);
    return filters.length === 0 ? {} : { filters };
  };
  const backendRefs = Array.from({ length: 1 + s.dice.below(2) }, () => {
    const weight = s.dice.chance(0.15) ? { weight: 0 } : {};
    return { ...backendRef(s, kind, namespace), ...weight, ...withFilters(0.1) };
  });
  return { backendRefs, ...withFilters(0.2) };
}

function backendRef(s: Sketch, kind: string, namespace: string): Reference {
  const far = s.dice.pick(s.namespaces);
  const port = kind === 'UDPRoute' ? 53 : 8080;
  switch (s.dice.below(14)) {
    case 0:
      return { name: 'missing', port };
    case 1:
      return { ...s.backend(namespace, kind), port: 9999 };
    case 2:
      return s.backend(namespace, kind === 'UDPRoute' ? 'TCPRoute' : 'UDPRoute');
    case 3:
      return s.externalService(namespace);
    case 4:
      return {
        group: s.dice.pick(['', 'example.com', 'apps']),
        kind: s.dice.pick(['Pod', 'Deployment']),
        name: 'web',
        port,
      };
    case 5:
      return {
        group: 'example.com',
        kind: 'Service',
        name: 'web',
        port,
        ...(s.dice.chance(0.5) ? { namespace: far } : {}),
      };
    case 6:
      return { name: 'missing', namespace: far, port };
    case 7:
      s.object(`${EXPERIMENTAL_GROUP}/v1alpha1`, 'XBackend', namespace, 'x', {
        spec: {
          type: 'ExternalHostname',
          externalHostname: { hostname: 'x.example.com' },
          port: { name: '', port: 443 },
        },
      });
      return s.dice.pick([
        { group: EXPERIMENTAL_GROUP, kind: 'XBackend', name: 'x' },
        { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'web', port },
      ]);
    case 8:
    case 9:
    case 10:
      return s.backend(far, kind, namespace);
    default:
      return { ...s.backend(namespace, kind), ...(s.dice.chance(0.2) ? { namespace } : {}) };
  }
}

function certificateRef(s: Sketch): ObjectReference {
  const states = ['sound', 'sound', 'sound', 'sound', 'mismatched', 'not PEM', 'empty', 'Opaque'] as const;
  const namespace = s.dice.pick([s.infra, s.infra, s.apps, s.other]);
  const name = s.dice.chance(0.85) ? s.certificate(namespace, s.dice.pick(states)) : 'missing';
  const type = s.dice.chance(0.08) ? { kind: 'ConfigMap' } : s.dice.chance(0.05) ? { group: 'example.com' } : {};
  return { name, ...type, ...(s.dice.chance(0.9) ? { namespace } : {}) };
}

function authorityRef(s: Sketch): Reference {
  const namespace = s.dice.pick([s.infra, s.infra, s.infra, s.other]);
  const name = s.dice.chance(0.85)
    ? s.authority(namespace, s.dice.pick(['sound', 'sound', 'sound', 'not PEM', 'other key']))
    : 'missing';
  const kind = s.dice.chance(0.85) ? 'ConfigMap' : s.dice.pick(['Secret', 'Service']);
  return {
    group: s.dice.chance(0.95) ? '' : 'example.com',
    kind,
    name,
    ...(namespace === s.infra ? {} : { namespace }),
  };
}

/** A grant of any quality: right, for another name, kind, group or namespace, in the wrong place, or wider than it looks. */
function grant(s: Sketch, name: string): void {
  const kind = s.dice.pick([...ROUTE_KINDS, 'Gateway', 'ListenerSet']);
  const from = { group: s.dice.chance(0.9) ? GATEWAY_GROUP : '', kind, namespace: s.dice.pick(s.namespaces) };
  const target = s.dice.pick([
    { kind: 'Service', names: ['web', 'dns', 'missing'] },
    { kind: 'Secret', names: ['cert-sound', 'cert-opaque', 'missing'] },
    { kind: 'ConfigMap', names: ['ca-sound'] },
  ]);
  const to = {
    group: s.dice.chance(0.9) ? '' : 'example.com',
    kind: target.kind,
    ...(s.dice.chance(0.5) ? { name: s.dice.pick(target.names) } : {}),
  };
  const wide = s.dice.chance(0.3);
  s.grant(s.dice.pick(s.namespaces), name, {
    from: [
      from,
      ...(wide
        ? [
            { ...from, group: GATEWAY_GROUP, kind: 'HTTPRoute' },
            { ...from, kind: 'Gateway' },
          ]
        : []),
    ],
    to: [
      to,
      ...(wide
        ? [
            { group: '', kind: 'Service' },
            { group: '', kind: 'Secret' },
          ]
        : []),
    ],
  });
}

/** The references that the CRD lets stand together: to one parent, each with a section or port of its own. */
function once(refs: readonly Reference[]): Reference[] {
  const taken = new Map<string, Reference[]>();
  return refs.filter((ref) => {
    const key = JSON.stringify([
      ref['group'] ?? GATEWAY_GROUP,
      ref['kind'] ?? 'Gateway',
      ref['namespace'] ?? '',
      ref['name'],
    ]);
    const siblings = taken.get(key) ?? [];
    const stands = siblings.every(
      (other) => part(other) !== '' && part(other) !== part(ref) && shape(other) === shape(ref),
    );
    if (stands) taken.set(key, [...siblings, ref]);
    return stands;
  });
}

function part(ref: Reference): string {
  return ref['sectionName'] === undefined && ref['port'] === undefined
    ? ''
    : JSON.stringify([ref['sectionName'], ref['port']]);
}

/** In the experimental channel, references to one parent must all have the same of the two fields. */
function shape(ref: Reference): string {
  return `${ref['sectionName'] !== undefined}/${ref['port'] !== undefined}`;
}

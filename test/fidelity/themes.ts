/** What a small world can be about. Each theme draws its own kind of trouble; `mixture` draws everything at once. */
import { GATEWAY_GROUP, ROUTE_KINDS, type Listener } from '#gateway';
import { listener, hostname, rule, grant, once, HOSTNAMES, FROM } from './drawing.ts';
import { authorities, backends, certificates, filters, inheritance, policies } from './referenceThemes.ts';
import { FOREIGN_CLASS_NAME, type Reference, type Sketch } from './sketch.ts';

/** All themes, by the name that worlds bear. */
export const THEMES: ReadonlyMap<string, (sketch: Sketch) => void> = new Map([
  ['selectors', selectors],
  ['hostnames', hostnames],
  ['listenersets', listenerSets],
  ['backends', backends],
  ['conflicts', conflicts],
  ['ages', ages],
  ['parents', parents],
  ['certificates', certificates],
  ['kinds', kinds],
  ['authorities', authorities],
  ['gateways', gateways],
  ['filters', filters],
  ['inheritance', inheritance],
  ['policies', policies],
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

/** Sets that want the same port, whose order by age is seldom that by name. */
function ages(s: Sketch): void {
  const from = s.dice.pick(['All', 'Same']);
  s.gateway('gw', [listener(s, { port: 80, from: 'All' })], { allowedListeners: { namespaces: { from } } });
  const draw = (): Listener => {
    const named = s.dice.chance(0.7)
      ? { hostname: s.dice.pick(['a.example.com', 'a.example.com', '*.example.com']) }
      : {};
    return listener(s, {
      port: 8080,
      protocol: s.dice.pick(['HTTP', 'HTTP', 'HTTP', 'HTTPS', 'TCP']),
      ...named,
      from: 'All',
    });
  };
  for (const name of s.dice.some(['a', 'b', 'c', 'd'], 2, 3)) {
    const set = { kind: 'ListenerSet', name, namespace: s.dice.pick([s.infra, s.infra, s.apps]) };
    s.listenerSet(name, set.namespace, [draw()], { name: 'gw', namespace: s.infra }, s.dice.chance(0.5));
    s.route('HTTPRoute', s.infra, name, { parentRefs: [set] });
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

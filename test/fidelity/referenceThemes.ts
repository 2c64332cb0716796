/** Themes about what refers to what, and may. */
import { ROUTE_KINDS, type Listener } from '#gateway';
import { listener, rule, backendRef, certificateRef, authorityRef, grant } from './drawing.ts';
import type { Sketch } from './sketch.ts';

/** Backends of every route kind, and grants. */
export function backends(s: Sketch): void {
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

/** Certificates of listeners, and grants. */
export function certificates(s: Sketch): void {
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

/** Trust anchors of frontends, client certificates for backends. */
export function authorities(s: Sketch): void {
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

/** Filters, known and unknown. */
export function filters(s: Sketch): void {
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

/** Policies for TLS to backends: targets that are there, sections, trust anchors, and policies that compete. */
export function policies(s: Sketch): void {
  s.gateway('gw', [listener(s, { port: 80, from: s.dice.pick(['All', 'Same']) })]);
  s.gateway('second', [listener(s, { port: 80, from: 'All' })], {}, s.apps);
  const refs = [
    { name: 'gw', namespace: s.infra },
    { name: 'second', namespace: s.apps },
  ];
  for (const [index, namespace] of [s.apps, s.other].entries()) {
    s.route('HTTPRoute', namespace, `r${index}`, { parentRefs: s.dice.some(refs, 1, 2) });
  }
  for (let index = 0; index < 4; index++) {
    const namespace = s.dice.pick([s.apps, s.other]);
    const section = s.dice.pick([undefined, undefined, 'main', 'missing']);
    const target = { group: '', kind: 'Service', name: s.dice.chance(0.85) ? 'web' : 'missing' };
    const anchors = Array.from({ length: 1 + s.dice.below(2) }, () => {
      const name = s.authority(namespace, s.dice.pick(['sound', 'sound', 'not PEM', 'other key']));
      const kind = s.dice.pick(['ConfigMap', 'ConfigMap', 'ConfigMap', 'Secret']);
      return { group: '', kind, name: s.dice.chance(0.85) ? name : 'missing' };
    });
    const targetRefs = [{ ...target, ...(section === undefined ? {} : { sectionName: section }) }];
    const validation = { hostname: 'web.example.com', caCertificateRefs: anchors };
    s.object('gateway.networking.k8s.io/v1', 'BackendTLSPolicy', namespace, `p${index}`, {
      spec: { targetRefs, validation },
    });
  }
}

/** A Gateway and its ListenerSet in one namespace, a certificate in another, and a grant for one of the two. */
export function inheritance(s: Sketch): void {
  const name = s.certificate(s.other, 'sound');
  const draw = (port: number): Listener => ({
    name: '',
    port,
    protocol: 'HTTPS',
    tls: { certificateRefs: [{ name, namespace: s.other }] },
    allowedRoutes: { namespaces: { from: 'All' } },
  });
  s.gateway('gw', [draw(443)], { allowedListeners: { namespaces: { from: 'Same' } } });
  s.listenerSet('set', s.infra, [draw(8443)], { name: 'gw' });
  for (const kind of s.dice.some(['Gateway', 'ListenerSet', 'HTTPRoute'], 1, 2)) {
    const from = [{ group: 'gateway.networking.k8s.io', kind, namespace: s.infra }];
    s.grant(s.other, kind.toLowerCase(), { from, to: [{ group: '', kind: 'Secret' }] });
  }
  s.route('HTTPRoute', s.infra, 'r0', { parentRefs: [{ name: 'gw' }, { kind: 'ListenerSet', name: 'set' }] });
}

import { describe, expect, test } from 'vitest';
import type { StatusOptions } from '#gateway';
import {
  gateway,
  grant,
  listener,
  listenerSet,
  make,
  namespace,
  shortStatus,
  type Fields,
} from '../support/gatewayObjects.ts';

const GATEWAY = 'gateway.networking.k8s.io';
const open = { allowedListeners: { namespaces: { from: 'All' } } };
const tcp = (name: string, port = 80): Fields => ({ name, port, protocol: 'TCP' });
const udp = (name: string, port = 80): Fields => ({ name, port, protocol: 'UDP' });
const tls = (name: string, hostname?: string, port = 443): Fields =>
  listener(name, {
    port,
    protocol: 'TLS',
    tls: { mode: 'Passthrough' },
    ...(hostname === undefined ? {} : { hostname }),
  });
const https = (name: string, hostname?: string, certificateRefs: readonly Fields[] = [{ name: 'cert' }]): Fields =>
  listener(name, {
    port: 443,
    protocol: 'HTTPS',
    tls: { certificateRefs },
    ...(hostname === undefined ? {} : { hostname }),
  });
const secret = (at: string, fields: Fields = {}): Fields =>
  make('Secret', at, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'c3R1Yg==', 'tls.key': 'c3R1Yg==' }, ...fields });
const created = (time: string): Fields => ({ creationTimestamp: `2026-01-01T${time}Z` });

const protocol = 'Accepted=False/ProtocolConflict Conflicted=True/ProtocolConflict, 0 routes';
const hostname = 'Accepted=False/HostnameConflict Conflicted=True/HostnameConflict, 0 routes';
const ok = 'ok, 0 routes';
const overlap = 'OverlappingTLSConfig=True/OverlappingHostnames, 0 routes';
const noneValid = 'Accepted=False/ListenersNotValid';
const someValid = 'Accepted=True/ListenersNotValid';

interface Row {
  readonly name: string;
  readonly world: readonly Fields[];
  readonly options?: StatusOptions;
  readonly expect: Readonly<Record<string, readonly string[]>>;
}

/** A Gateway whose listeners are those, with what becomes of each. */
function own(name: string, listeners: readonly Fields[], ...lines: readonly string[]): Row {
  return { name, world: [secret('infra/cert'), gateway('infra/g', listeners)], expect: { 'Gateway infra/g': lines } };
}

const rows: readonly Row[] = [
  own(
    'TCP beside HTTP on one port: all lose',
    [tcp('t'), listener('h'), listener('i', { hostname: 'a.b' })],
    noneValid,
    `t: ${protocol}`,
    `h: ${protocol}`,
    `i: ${protocol}`,
  ),
  own('TCP beside HTTP on another port', [tcp('t', 81), listener('h')], 'ok', `t: ${ok}`, `h: ${ok}`),
  own('TCP twice', [tcp('t'), tcp('u')], noneValid, `t: ${protocol}`, `u: ${protocol}`),
  own('UDP twice', [udp('t'), udp('u')], noneValid, `t: ${protocol}`, `u: ${protocol}`),
  own('UDP beside TCP', [udp('u'), tcp('t')], 'ok', `u: ${ok}`, `t: ${ok}`),
  own('UDP beside HTTP', [udp('u'), listener('h')], 'ok', `u: ${ok}`, `h: ${ok}`),
  own(
    'HTTP beside HTTPS on one port',
    [listener('h', { port: 443, hostname: 'a.b' }), https('s', 'c.d')],
    noneValid,
    `h: ${protocol}`,
    `s: ${protocol}`,
  ),
  own(
    'HTTP beside TLS on one port',
    [listener('h', { port: 443, hostname: 'a.b' }), tls('s', 'c.d')],
    noneValid,
    `h: ${protocol}`,
    `s: ${protocol}`,
  ),
  own('HTTPS beside TLS, hostnames differ', [https('s', 'a.b'), tls('t', 'c.d')], 'ok', `s: ${ok}`, `t: ${ok}`),
  own(
    'HTTPS beside TLS, one hostname',
    [https('s', 'a.b'), tls('t', 'a.b')],
    noneValid,
    `s: ${hostname}`,
    `t: ${hostname}`,
  ),
  own(
    'one hostname twice, letters aside',
    [listener('a', { hostname: 'a.b' }), listener('b', { hostname: 'A.b' }), listener('c', { hostname: 'c.b' })],
    someValid,
    `a: ${hostname}`,
    `b: ${hostname}`,
    `c: ${ok}`,
  ),
  own('no hostname twice', [listener('a'), listener('b')], noneValid, `a: ${hostname}`, `b: ${hostname}`),
  own(
    'exact beside wildcard, nested wildcards, none',
    [
      listener('a', { hostname: 'a.b.c' }),
      listener('b', { hostname: '*.b.c' }),
      listener('c', { hostname: '*.c' }),
      listener('d'),
    ],
    'ok',
    `a: ${ok}`,
    `b: ${ok}`,
    `c: ${ok}`,
    `d: ${ok}`,
  ),
  own(
    'TLS hostnames that overlap are accepted and said',
    [https('a', 'a.b.c'), https('b', '*.b.c'), https('c', 'x.y')],
    'ok',
    `a: ${overlap}`,
    `b: ${overlap}`,
    `c: ${ok}`,
  ),
  own(
    'TLS beside HTTPS overlaps too; one that loses its place does not',
    [https('a', '*.b.c'), tls('b', 'a.b.c'), tls('c', 'x.b.c'), tls('d', 'x.b.c')],
    someValid,
    `a: ${overlap}`,
    `b: ${overlap}`,
    `c: ${hostname}`,
    `d: ${hostname}`,
  ),
  own(
    'an unknown protocol takes part in no conflict, not with itself either',
    [listener('x', { protocol: 'example.com/Q' }), listener('h'), listener('y', { protocol: 'example.com/Q' })],
    someValid,
    'x: Accepted=False/UnsupportedProtocol, 0 routes',
    `h: ${ok}`,
    'y: Accepted=False/UnsupportedProtocol, 0 routes',
  ),
  own(
    'kinds are cut to the protocol on group and kind; the valid ones stay',
    [
      listener('a', { allowedRoutes: { kinds: [{ kind: 'TCPRoute' }, { kind: 'HTTPRoute' }] } }),
      listener('b', { port: 81, allowedRoutes: { kinds: [{ group: 'example.com', kind: 'HTTPRoute' }] } }),
      { ...tls('c'), allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } },
    ],
    'ok',
    'a: ResolvedRefs=False/InvalidRouteKinds, 0 routes',
    'b: ResolvedRefs=False/InvalidRouteKinds, 0 routes',
    'c: ResolvedRefs=False/InvalidRouteKinds, 0 routes',
  ),
  {
    name: 'the oldest set wins, whatever its name; without a timestamp it is the newest',
    world: [
      gateway('infra/g', [listener('h', { port: 81 })], open),
      listenerSet('infra/a', 'infra/g', [listener('l')]),
      listenerSet('infra/b', 'infra/g', [listener('l')], created('02:00:00')),
      listenerSet('infra/c', 'infra/g', [listener('l')], created('01:00:00')),
    ],
    expect: {
      'ListenerSet infra/a': [noneValid, `l: ${hostname}`],
      'ListenerSet infra/b': [noneValid, `l: ${hostname}`],
      'ListenerSet infra/c': ['ok', `l: ${ok}`],
      'Gateway infra/g': ['ok, 1 sets', `h: ${ok}`],
    },
  },
  {
    name: 'of one age the first of namespace/name as one string',
    world: [
      gateway('infra/g', [listener('h', { port: 81 })], open),
      listenerSet('a-b/a', 'infra/g', [listener('l')], created('01:00:00')),
      listenerSet('a/z', 'infra/g', [listener('l')], created('01:00:00')),
    ],
    expect: { 'ListenerSet a-b/a': ['ok', `l: ${ok}`], 'ListenerSet a/z': [noneValid, `l: ${hostname}`] },
  },
  {
    name: 'the Gateway wins over any set; a dropped listener does not hurt its siblings',
    world: [
      gateway('infra/g', [listener('h', { hostname: 'a.b' })], open, created('09:00:00')),
      listenerSet(
        'infra/s',
        'infra/g',
        [listener('x', { hostname: 'a.b' }), tcp('t'), listener('y', { hostname: 'c.d' })],
        created('01:00:00'),
      ),
    ],
    expect: {
      'Gateway infra/g': ['ok, 1 sets', `h: ${ok}`],
      'ListenerSet infra/s': [someValid, `x: ${hostname}`, `t: ${protocol}`, `y: ${ok}`],
    },
  },
  {
    name: 'within one set all that conflict lose, and the next set may have the place',
    world: [
      gateway('infra/g', [listener('h', { port: 81 })], open),
      listenerSet('infra/a', 'infra/g', [listener('x'), listener('y')], created('01:00:00')),
      listenerSet('infra/b', 'infra/g', [listener('z')], created('02:00:00')),
    ],
    expect: {
      'ListenerSet infra/a': [noneValid, `x: ${hostname}`, `y: ${hostname}`],
      'ListenerSet infra/b': ['ok', `z: ${ok}`],
    },
  },
  {
    name: 'a set that is not allowed takes nothing from others',
    world: [
      gateway('infra/g', [listener('h', { port: 81 })], { allowedListeners: { namespaces: { from: 'Same' } } }),
      listenerSet('shop/a', 'infra/g', [listener('x')], created('01:00:00')),
      listenerSet('infra/b', 'infra/g', [listener('x')], created('02:00:00')),
    ],
    expect: { 'ListenerSet shop/a': ['Accepted=False/NotAllowed'], 'ListenerSet infra/b': ['ok', `x: ${ok}`] },
  },
  {
    name: 'sets by selector, on the labels of their Namespace',
    world: [
      namespace('shop', { sets: 'yes' }),
      namespace('team'),
      gateway('infra/g', [listener('h', { port: 81 })], {
        allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { sets: 'yes' } } } },
      }),
      listenerSet('shop/s', 'infra/g', [listener('x')]),
      listenerSet('team/s', 'infra/g', [listener('x')]),
      listenerSet('unseen/s', 'infra/g', [listener('x')]),
    ],
    expect: {
      'ListenerSet shop/s': ['ok', `x: ${ok}`],
      'ListenerSet team/s': ['Accepted=False/NotAllowed'],
      'ListenerSet unseen/s': ['Accepted=Unknown/Pending'],
      'Gateway infra/g': ['ok, 1 sets', `h: ${ok}`],
    },
  },
  {
    name: 'sets do not count for the Gateway; a Gateway that is not accepted takes its sets down',
    world: [
      gateway('infra/g', [listener('h', { protocol: 'example.com/Q' })], open),
      listenerSet('infra/s', 'infra/g', [listener('x')]),
    ],
    expect: {
      'Gateway infra/g': [noneValid, 'h: Accepted=False/UnsupportedProtocol, 0 routes'],
      'ListenerSet infra/s': ['Accepted=False/ParentNotAccepted', `x: ${ok}`],
    },
  },
  {
    name: 'a set whose only listener has no certificate to serve with is not valid; with another that has one it is',
    world: [
      secret('infra/cert'),
      gateway('infra/g', [listener('h')], open),
      listenerSet('infra/a', 'infra/g', [https('x', 'a.b', [{ name: 'none' }])]),
      listenerSet('infra/b', 'infra/g', [https('x', 'b.b', [{ name: 'none' }]), https('y', 'c.b')]),
    ],
    expect: {
      'ListenerSet infra/a': [noneValid, 'x: ResolvedRefs=False/InvalidCertificateRef, 0 routes'],
      'ListenerSet infra/b': [someValid, 'x: ResolvedRefs=False/InvalidCertificateRef, 0 routes', `y: ${ok}`],
    },
  },
  {
    name: 'a grant for Gateways serves no ListenerSet',
    world: [
      secret('certs/cert'),
      grant('certs/g', [`${GATEWAY}/Gateway/infra`], ['/Secret/cert']),
      gateway('infra/g', [https('h', 'a.b', [{ namespace: 'certs', name: 'cert' }])], open),
      listenerSet('infra/s', 'infra/g', [https('x', 'c.d', [{ namespace: 'certs', name: 'cert' }])]),
    ],
    expect: {
      'Gateway infra/g': ['ok', `h: ${ok}`],
      'ListenerSet infra/s': [noneValid, 'x: ResolvedRefs=False/RefNotPermitted, 0 routes'],
    },
  },
  {
    name: 'a grant for ListenerSets serves no Gateway',
    world: [
      secret('certs/cert'),
      grant('certs/g', [`${GATEWAY}/ListenerSet/infra`], ['/Secret/cert']),
      gateway('infra/g', [https('h', 'a.b', [{ namespace: 'certs', name: 'cert' }])], open),
      listenerSet('infra/s', 'infra/g', [https('x', 'c.d', [{ namespace: 'certs', name: 'cert' }])]),
    ],
    expect: {
      'Gateway infra/g': ['ok, 1 sets', 'h: ResolvedRefs=False/RefNotPermitted, 0 routes'],
      'ListenerSet infra/s': ['ok', `x: ${ok}`],
    },
  },
  {
    name: 'the grant comes before kind and existence; a permitted reference of the wrong kind is invalid',
    world: [
      grant('certs/g', [`${GATEWAY}/Gateway/infra`], ['/ConfigMap', 'example.com/Vault']),
      gateway('infra/g', [
        https('missing', 'a.b', [{ namespace: 'certs', name: 'none' }]),
        https('config', 'b.b', [{ namespace: 'certs', kind: 'ConfigMap', name: 'cm' }]),
        https('vault', 'c.b', [{ namespace: 'certs', group: 'example.com', kind: 'Vault', name: 'v' }]),
        https('local', 'd.b', [{ kind: 'ConfigMap', name: 'cm' }]),
        https('absent', 'e.b', [{ name: 'none' }]),
        https('second', 'f.b', [{ name: 'none' }, { namespace: 'certs', name: 'none' }]),
      ]),
    ],
    expect: {
      'Gateway infra/g': [
        'ok',
        'missing: ResolvedRefs=False/RefNotPermitted, 0 routes',
        'config: ResolvedRefs=False/InvalidCertificateRef, 0 routes',
        'vault: ResolvedRefs=False/InvalidCertificateRef, 0 routes',
        'local: ResolvedRefs=False/InvalidCertificateRef, 0 routes',
        'absent: ResolvedRefs=False/InvalidCertificateRef, 0 routes',
        'second: ResolvedRefs=False/InvalidCertificateRef, 0 routes',
      ],
    },
  },
  {
    name: 'frontend trust anchors: HTTPS only, the port before the default, one bad of two is no refusal',
    world: [
      secret('infra/cert'),
      make('ConfigMap', 'infra/ca', {
        data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nstub\n-----END CERTIFICATE-----' },
      }),
      gateway(
        'infra/g',
        [
          https('default'),
          { ...https('bare', 'x.y'), port: 8443 },
          { ...https('mixed'), port: 9443 },
          listener('http'),
          { ...tls('pass', 'p.q', 7443) },
        ],
        {
          tls: {
            frontend: {
              default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'none' }] } },
              perPort: [
                { port: 8443, tls: {} },
                {
                  port: 9443,
                  tls: {
                    validation: {
                      caCertificateRefs: [
                        { group: '', kind: 'ConfigMap', name: 'ca' },
                        { group: '', kind: 'Secret', name: 'ca' },
                      ],
                    },
                  },
                },
              ],
            },
          },
        },
      ),
    ],
    expect: {
      'Gateway infra/g': [
        someValid,
        'default: Accepted=False/NoValidCACertificate ResolvedRefs=False/InvalidCACertificateRef, 0 routes',
        `bare: ${ok}`,
        'mixed: ResolvedRefs=False/InvalidCACertificateKind, 0 routes',
        `http: ${ok}`,
        `pass: ${ok}`,
      ],
    },
  },
  {
    name: "trust anchors must be there, but their format is the implementation's to judge",
    world: [
      secret('infra/cert'),
      make('ConfigMap', 'infra/text', { data: { 'ca.crt': 'no PEM' } }),
      make('ConfigMap', 'infra/empty', { data: { 'ca.crt': '' } }),
      gateway('infra/g', [https('text'), { ...https('empty'), port: 9443 }], {
        tls: {
          frontend: {
            default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'text' }] } },
            perPort: [
              {
                port: 9443,
                tls: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'empty' }] } },
              },
            ],
          },
        },
      }),
    ],
    expect: {
      'Gateway infra/g': [
        someValid,
        `text: ${ok}`,
        'empty: Accepted=False/NoValidCACertificate ResolvedRefs=False/InvalidCACertificateRef, 0 routes',
      ],
    },
  },
  {
    name: 'with Terminate and Passthrough on one port both serve',
    world: [secret('infra/cert'), gateway('infra/g', [{ ...https('t', 'a.b'), protocol: 'TLS' }, tls('p', 'c.d')])],
    expect: { 'Gateway infra/g': ['ok', `t: ${ok}`, `p: ${ok}`] },
  },
  {
    name: 'Terminate and Passthrough for one hostname conflict by it',
    world: [secret('infra/cert'), gateway('infra/g', [{ ...https('t', 'a.b'), protocol: 'TLS' }, tls('p', 'a.b')])],
    expect: { 'Gateway infra/g': [noneValid, `t: ${hostname}`, `p: ${hostname}`] },
  },
  {
    name: 'TLS needs its certificates where it terminates, and none where it passes through',
    world: [
      gateway('infra/g', [
        { ...https('t', 'a.b', [{ name: 'none' }]), protocol: 'TLS' },
        { ...tls('p', 'c.d'), tls: { mode: 'Passthrough', certificateRefs: [{ name: 'none' }] } },
      ]),
    ],
    expect: { 'Gateway infra/g': ['ok', 't: ResolvedRefs=False/InvalidCertificateRef, 0 routes', `p: ${ok}`] },
  },
  {
    name: 'trust anchors of the listener itself, as up to v1.3',
    world: [
      secret('infra/cert'),
      gateway('infra/g', [
        listener('h', {
          port: 443,
          protocol: 'HTTPS',
          tls: {
            certificateRefs: [{ name: 'cert' }],
            frontendValidation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'none' }] },
          },
        }),
      ]),
    ],
    expect: {
      'Gateway infra/g': [
        noneValid,
        'h: Accepted=False/NoValidCACertificate ResolvedRefs=False/InvalidCACertificateRef, 0 routes',
      ],
    },
  },
  {
    name: 'without Mixed both conflict, though hostnames differ; one mode twice, and HTTPS beside Passthrough, do not',
    world: [
      secret('infra/cert'),
      gateway('infra/g', [
        { ...https('t', 'a.b'), protocol: 'TLS' },
        tls('p', 'c.d'),
        tls('q', 'e.f', 8443),
        tls('r', 'g.h', 8443),
        { ...https('s', 'i.j'), port: 8443 },
      ]),
    ],
    options: { features: { TLSRouteModeMixed: false } },
    expect: {
      'Gateway infra/g': [someValid, `t: ${protocol}`, `p: ${protocol}`, `q: ${ok}`, `r: ${ok}`, `s: ${ok}`],
    },
  },
  {
    name: 'without Mixed a set loses to the other mode of its Gateway, whatever the hostname',
    world: [
      secret('infra/cert'),
      gateway('infra/g', [{ ...https('t', 'a.b'), protocol: 'TLS' }], open),
      listenerSet('infra/s', 'infra/g', [tls('p', 'c.d')]),
    ],
    options: { features: { TLSRouteModeMixed: false } },
    expect: { 'Gateway infra/g': ['ok', `t: ${ok}`], 'ListenerSet infra/s': [noneValid, `p: ${protocol}`] },
  },
  {
    name: 'of two reasons the protocol is told',
    world: [gateway('infra/g', [tcp('t'), listener('h'), listener('i')])],
    expect: { 'Gateway infra/g': [noneValid, `t: ${protocol}`, `h: ${protocol}`, `i: ${protocol}`] },
  },
  {
    name: 'parameters: a ConfigMap that is not there, a kind of the controller, a kind of somebody else',
    world: [
      make('GatewayClass', 'any', { spec: { controllerName: 'gateway.example.com/controller' } }),
      gateway('infra/a', [listener('h')], {
        infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'x' } },
      }),
      gateway('infra/b', [listener('h')], {
        infrastructure: { parametersRef: { group: 'example.com', kind: 'Proxy', name: 'x' } },
      }),
      gateway('infra/c', [listener('h')], {
        infrastructure: { parametersRef: { group: 'invalid.io', kind: 'Proxy', name: 'x' } },
      }),
    ],
    expect: {
      'Gateway infra/a': ['Accepted=False/InvalidParameters', `h: ${ok}`],
      'Gateway infra/b': ['ok', `h: ${ok}`],
      'Gateway infra/c': ['Accepted=False/InvalidParameters', `h: ${ok}`],
    },
  },
  {
    name: 'parameters of a class that is out of sight: a ConfigMap that is not there, a kind of anybody',
    world: [
      gateway('infra/a', [listener('h')], {
        infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'x' } },
      }),
      gateway('infra/b', [listener('h')], {
        infrastructure: { parametersRef: { group: 'example.com', kind: 'Proxy', name: 'x' } },
      }),
    ],
    expect: {
      'Gateway infra/a': ['Accepted=False/InvalidParameters', `h: ${ok}`],
      'Gateway infra/b': ['ok', `h: ${ok}`],
    },
  },
  {
    name: 'classes: of a chosen controller, of a chosen class, of none',
    world: [
      make('GatewayClass', 'a', { spec: { controllerName: 'example.com/a' } }),
      make('GatewayClass', 'b', { spec: { controllerName: 'example.com/b' } }),
      gateway('infra/a', [listener('h')], { gatewayClassName: 'a' }),
      gateway('infra/b', [listener('h')], { gatewayClassName: 'b' }),
      gateway('infra/c', [listener('h')], { gatewayClassName: 'c' }),
      make('HTTPRoute', 'infra/r', { spec: { parentRefs: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } }),
    ],
    options: { controllers: ['example.com/b'] },
    expect: {
      'Gateway infra/a': ['no status'],
      'Gateway infra/b': ['ok', 'h: ok, 1 routes'],
      'Gateway infra/c': ['no status'],
      'HTTPRoute infra/r': ['Gateway b: ok'],
    },
  },
  {
    name: 'classes: of a chosen name, whoever controls it',
    world: [gateway('infra/a', [listener('h')], { gatewayClassName: 'a' }), gateway('infra/b', [listener('h')])],
    options: { classes: ['a'] },
    expect: { 'Gateway infra/a': ['ok', `h: ${ok}`], 'Gateway infra/b': ['no status'] },
  },
];

describe('listeners', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const found = shortStatus(row.world, row.options);
    expect(Object.fromEntries(Object.keys(row.expect).map((key) => [key, found[key]]))).toEqual(row.expect);
  });
});

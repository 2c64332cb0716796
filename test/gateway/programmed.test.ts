import { expect, test } from 'vitest';
import { worldStatus, type Condition, type StatusOptions } from '#gateway';
import { gateway, listener, listenerSet, make, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const secret = (at: string): Fields =>
  make('Secret', at, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'c3R1Yg==', 'tls.key': 'c3R1Yg==' } });
const over = (name: string, protocol: string, hostname: string, tls: Fields | undefined): Fields =>
  listener(name, { port: 443, protocol, hostname, ...(tls === undefined ? {} : { tls }) });
const TERMINATE = { mode: 'Terminate', certificateRefs: [{ name: 'cert' }] };
const PASSTHROUGH = { mode: 'Passthrough' };
const sets = (from: string): Fields => ({
  allowedListeners: { namespaces: { from, ...(from === 'Selector' ? { selector: { matchLabels: { a: 'b' } } } : {}) } },
});
const client = (ref: Fields): Fields => ({ tls: { backend: { clientCertificateRef: ref } } });
const frontend = (mode: string): Fields => ({
  validation: { mode, caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] },
});

/** Every condition but `Conflicted`, of each Gateway and ListenerSet and then of its listeners. */
function conditionsOf(objects: readonly Fields[], options: StatusOptions): Readonly<Record<string, readonly string[]>> {
  const line = (conditions: readonly Condition[]): string =>
    conditions
      .flatMap(({ type, status, reason }) => (type === 'Conflicted' ? [] : `${type}=${status}/${reason}`))
      .join(' ');
  return Object.fromEntries(
    worldStatus(storeOf(objects), options).flatMap(({ kind, object, status }) =>
      status === undefined || !('listeners' in status)
        ? []
        : [
            [
              `${kind} ${object.metadata.name}`,
              [
                line(status.conditions),
                ...status.listeners.map(({ name, conditions }) => `${name}: ${line(conditions)}`),
              ],
            ],
          ],
    ),
  );
}

const FINE = 'Accepted=True/Accepted Programmed=True/Programmed';
const RESOLVED = 'ResolvedRefs=True/ResolvedRefs';
const SERVES = `${FINE} ${RESOLVED}`;
const REFUSED = 'Accepted=False/ListenersNotValid Programmed=False/Invalid';

const ROWS: readonly (readonly [
  string,
  readonly Fields[],
  Readonly<Record<string, readonly string[]>>,
  StatusOptions?,
])[] = [
  [
    'listeners that conflict are not, for that reason; one that serves is enough for the Gateway',
    [gateway('infra/g', [listener('a'), listener('b'), listener('c', { port: 81 })])],
    {
      'Gateway g': [
        'Accepted=True/ListenersNotValid Programmed=True/Programmed',
        `a: Accepted=False/HostnameConflict Programmed=False/HostnameConflict ${RESOLVED}`,
        `b: Accepted=False/HostnameConflict Programmed=False/HostnameConflict ${RESOLVED}`,
        `c: ${SERVES}`,
      ],
    },
  ],
  [
    'a listener that nobody supports, and a Gateway that has no other',
    [
      gateway('infra/g', [
        listener('a', { protocol: 'example.com/Q', allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] } }),
      ]),
    ],
    { 'Gateway g': [REFUSED, `a: Accepted=False/UnsupportedProtocol Programmed=False/Invalid ${RESOLVED}`] },
  ],
  [
    'a listener without its certificate is valid all the same, and so is a Gateway that has no other; neither serves',
    [gateway('infra/g', [over('a', 'HTTPS', 'a.b', TERMINATE)])],
    {
      'Gateway g': [
        'Accepted=True/Accepted Programmed=False/Invalid',
        'a: Accepted=True/Accepted Programmed=False/Invalid ResolvedRefs=False/InvalidCertificateRef',
      ],
    },
  ],
  [
    'HTTPS without tls has nothing to serve with; HTTP needs none',
    [gateway('infra/g', [over('a', 'HTTPS', 'a.b', undefined), listener('b')])],
    { 'Gateway g': [FINE, `a: Accepted=True/Accepted Programmed=False/Invalid ${RESOLVED}`, `b: ${SERVES}`] },
  ],
  [
    'kinds that cannot attach do not hinder the others',
    [gateway('infra/g', [listener('a', { allowedRoutes: { kinds: [{ kind: 'TCPRoute' }, { kind: 'HTTPRoute' }] } })])],
    { 'Gateway g': [FINE, `a: ${FINE} ResolvedRefs=False/InvalidRouteKinds`] },
  ],
  [
    'a type of address that nobody supports refuses the Gateway, and its listeners wait',
    [
      gateway('infra/a', [listener('h')], { addresses: [{ value: '10.0.0.1' }, { type: 'Hostname', value: 'a.b' }] }),
      gateway('infra/b', [listener('h')], {
        addresses: [{ value: '10.0.0.1' }, { type: 'example.com/V', value: 'v' }],
      }),
    ],
    {
      'Gateway a': [FINE, `h: ${SERVES}`],
      'Gateway b': [
        'Accepted=False/UnsupportedAddress Programmed=False/Invalid',
        `h: Accepted=True/Accepted Programmed=False/Pending ${RESOLVED}`,
      ],
    },
  ],
  [
    'ListenerSets: all listeners usable, some, none',
    [
      gateway('infra/g', [listener('h')], sets('All')),
      listenerSet('infra/all', 'infra/g', [listener('a', { port: 81 })]),
      listenerSet('infra/some', 'infra/g', [listener('a', { port: 82 }), listener('b')]),
      listenerSet('infra/none', 'infra/g', [listener('b')]),
    ],
    {
      'Gateway g': [FINE, `h: ${SERVES}`],
      'ListenerSet all': [FINE, `a: ${SERVES}`],
      'ListenerSet none': [
        'Accepted=False/ListenersNotValid Programmed=False/ListenersNotValid',
        `b: Accepted=False/HostnameConflict Programmed=False/HostnameConflict ${RESOLVED}`,
      ],
      'ListenerSet some': [
        'Accepted=True/ListenersNotValid Programmed=True/Programmed',
        `a: ${SERVES}`,
        `b: Accepted=False/HostnameConflict Programmed=False/HostnameConflict ${RESOLVED}`,
      ],
    },
  ],
  [
    'ListenerSets: refused, not known, of a Gateway that is refused itself',
    [
      gateway('infra/none', [listener('h')], sets('None')),
      gateway('infra/some', [listener('h')], sets('Selector')),
      gateway('infra/bad', [listener('h')], { ...sets('All'), addresses: [{ type: 'example.com/V', value: 'v' }] }),
      ...['none', 'some', 'bad'].map((name) =>
        listenerSet(`a/${name}`, `infra/${name}`, [listener('x', { port: 81 })]),
      ),
    ],
    {
      'Gateway bad': [
        'Accepted=False/UnsupportedAddress Programmed=False/Invalid',
        `h: Accepted=True/Accepted Programmed=False/Pending ${RESOLVED}`,
      ],
      'Gateway none': [FINE, `h: ${SERVES}`],
      'Gateway some': [FINE, `h: ${SERVES}`],
      'ListenerSet bad': [
        'Accepted=False/ParentNotAccepted Programmed=False/ParentNotProgrammed',
        `x: Accepted=True/Accepted Programmed=False/Pending ${RESOLVED}`,
      ],
      'ListenerSet none': ['Accepted=False/NotAllowed Programmed=False/NotAllowed'],
      'ListenerSet some': ['Accepted=Unknown/Pending Programmed=Unknown/Pending'],
    },
  ],
  [
    'the certificate for backends: there, not there, not permitted',
    [
      secret('infra/cert'),
      secret('certs/cert'),
      gateway('infra/a', [listener('h')], client({ name: 'cert' })),
      gateway('infra/b', [listener('h')], client({ name: 'none' })),
      gateway('infra/c', [listener('h')], client({ namespace: 'certs', name: 'cert' })),
    ],
    {
      'Gateway a': [`${FINE} ${RESOLVED}`, `h: ${SERVES}`],
      'Gateway b': [`${FINE} ResolvedRefs=False/InvalidClientCertificateRef`, `h: ${SERVES}`],
      'Gateway c': [`${FINE} ResolvedRefs=False/RefNotPermitted`, `h: ${SERVES}`],
    },
  ],
  [
    'clients are told from strangers: always, not by default, not on one port',
    [
      gateway('infra/a', [listener('h')], { tls: { frontend: { default: frontend('AllowValidOnly') } } }),
      gateway('infra/b', [listener('h')], { tls: { frontend: { default: frontend('AllowInsecureFallback') } } }),
      gateway('infra/c', [listener('h')], {
        tls: {
          frontend: {
            default: frontend('AllowValidOnly'),
            perPort: [{ port: 443, tls: frontend('AllowInsecureFallback') }],
          },
        },
      }),
    ],
    {
      'Gateway a': [FINE, `h: ${SERVES}`],
      'Gateway b': [`${FINE} InsecureFrontendValidationMode=True/ConfigurationChanged`, `h: ${SERVES}`],
      'Gateway c': [`${FINE} InsecureFrontendValidationMode=True/ConfigurationChanged`, `h: ${SERVES}`],
    },
  ],
  [
    'where TLS cannot be terminated, HTTPS and Passthrough can be; a mode of another name nowhere',
    [
      secret('infra/cert'),
      gateway('infra/g', [
        over('a', 'TLS', 'a.b', TERMINATE),
        over('b', 'TLS', 'b.b', PASSTHROUGH),
        over('c', 'HTTPS', 'c.b', TERMINATE),
        over('d', 'TLS', 'd.b', { mode: 'Inspect' }),
      ]),
    ],
    {
      'Gateway g': [
        'Accepted=True/ListenersNotValid Programmed=True/Programmed',
        `a: Accepted=False/UnsupportedValue Programmed=False/Invalid ${RESOLVED}`,
        `b: ${SERVES}`,
        `c: ${SERVES}`,
        `d: Accepted=False/UnsupportedValue Programmed=False/Invalid ${RESOLVED}`,
      ],
    },
    { features: { TLSRouteModeTerminate: false } },
  ],
];

test.each(ROWS.map((row) => [row[0], row] as const))('Programmed: %s', (_name, [, objects, expected, options = {}]) => {
  expect(conditionsOf(objects, options)).toEqual(expected);
});

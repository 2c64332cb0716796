import { describe, expect, test } from 'vitest';
import type { Condition } from '#gateway';
import { compareConditions, type ComparisonGround } from '../../src/report/comparison/conditions.ts';
import { compareWorld, comparisonTable, comparisonYaml, differs } from '../../src/report/comparison/index.ts';
import type { ComparisonOptions } from '../../src/report/comparison/line.ts';
import type { Store } from '../../src/cluster/store.ts';
import { gateway, listener, listenerSet, make, service, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const NOW = Date.UTC(2026, 10, 21, 10);
const MINUTE = 60_000;
const at = (age: number): string => new Date(NOW - age).toISOString();

const said = (type: string, status: Condition['status'], reason: string, more: Partial<Condition> = {}): Condition => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionTime: at(MINUTE + 1000),
  ...more,
});

describe('a condition beside its prediction', () => {
  const OLD = 3_600_000;
  const TRUE = said('Accepted', 'True', 'Accepted');
  test.each<
    readonly [string, string, Condition, Condition | undefined, Partial<ComparisonGround> & { readonly age?: number }]
  >([
    ['the same', 'agrees', TRUE, said('Accepted', 'True', 'Accepted', { message: 'fine' }), {}],
    ['another status', 'differs', TRUE, said('Accepted', 'False', 'Accepted'), {}],
    ['another reason', 'differs', TRUE, said('Accepted', 'True', 'ListenersNotValid'), {}],
    [
      'another reason that is as right',
      'agrees',
      said('ResolvedRefs', 'False', 'InvalidKind'),
      said('ResolvedRefs', 'False', 'BackendNotFound'),
      { reasons: new Map([['ResolvedRefs', new Set(['InvalidKind', 'BackendNotFound'])]]) },
    ],
    [
      'a reason that is right of another condition',
      'differs',
      said('ResolvedRefs', 'False', 'InvalidKind'),
      said('ResolvedRefs', 'False', 'BackendNotFound'),
      { reasons: new Map([['Accepted', new Set(['BackendNotFound'])]]) },
    ],
    [
      'Programmed for another reason',
      'agrees',
      said('Programmed', 'False', 'Invalid'),
      said('Programmed', 'False', 'AddressNotAssigned'),
      {},
    ],
    [
      'not Programmed',
      'differs',
      said('Programmed', 'True', 'Programmed'),
      said('Programmed', 'False', 'AddressNotAssigned'),
      {},
    ],
    ['silence for a minute', 'waiting', TRUE, undefined, { age: MINUTE }],
    ['silence for longer', 'differs', TRUE, undefined, { age: MINUTE + 1 }],
    ['no conflict, not said', 'agrees', said('Conflicted', 'False', 'NoConflicts'), undefined, {}],
    ['a conflict, not said', 'differs', said('Conflicted', 'True', 'HostnameConflict'), undefined, {}],
    [
      'the default of the CRD on a young object',
      'waiting',
      TRUE,
      said('Accepted', 'Unknown', 'Pending', { lastTransitionTime: '1970-01-01T00:00:00Z' }),
      { age: MINUTE },
    ],
    [
      'the default of the CRD on an old object',
      'differs',
      TRUE,
      said('Accepted', 'Unknown', 'Pending', { lastTransitionTime: '1970-01-01T00:00:00Z' }),
      {},
    ],
    [
      'Unknown since a minute',
      'waiting',
      TRUE,
      said('Accepted', 'Unknown', 'Pending', { lastTransitionTime: at(MINUTE) }),
      {},
    ],
    [
      'Unknown for longer',
      'differs',
      TRUE,
      said('Accepted', 'Unknown', 'Pending', { lastTransitionTime: at(MINUTE + 1000) }),
      {},
    ],
    ['of an older generation', 'stale', TRUE, said('Accepted', 'False', 'Pending', { observedGeneration: 2 }), {}],
    [
      'the same of an older generation',
      'stale',
      TRUE,
      said('Accepted', 'True', 'Accepted', { observedGeneration: 2 }),
      {},
    ],
    ['of this generation', 'differs', TRUE, said('Accepted', 'False', 'Pending', { observedGeneration: 3 }), {}],
    ['uncertain and otherwise', 'uncertain', TRUE, said('Accepted', 'False', 'Invalid'), { isUncertain: () => true }],
    ['uncertain and the same', 'agrees', TRUE, TRUE, { isUncertain: () => true }],
    ['uncertain and silent', 'uncertain', TRUE, undefined, { isUncertain: () => true }],
    [
      'predicted Unknown',
      'uncertain',
      said('Accepted', 'Unknown', 'Pending'),
      said('Accepted', 'False', 'Invalid'),
      {},
    ],
  ])('%s: %s', (_title, verdict, predicted, actual, { age = OLD, ...ground }) => {
    const compared = compareConditions([predicted], actual && [actual], {
      generation: 3,
      since: NOW - age,
      now: NOW,
      isUncertain: () => false,
      ...ground,
    });
    expect(compared).toEqual([{ type: predicted.type, verdict, predicted, actual }]);
  });

  test('others are not compared', () => {
    const ground = { generation: 1, since: 0, now: NOW, isUncertain: () => false };
    expect(compareConditions([said('OverlappingTLSConfig', 'True', 'OverlappingHostnames')], [], ground)).toEqual([]);
  });
});

const CONTROLLER = 'example.com/controller';
const META = { generation: 1, creationTimestamp: at(3_600_000) };
const conditions = (...texts: readonly string[]): readonly Condition[] =>
  texts.map((text) => {
    const [type = '', status, reason = ''] = text.split(' ');
    return said(type, status === 'True' ? 'True' : 'False', reason, { observedGeneration: 1, message: 'so it is' });
  });
const FINE = conditions('Accepted True Accepted', 'ResolvedRefs True ResolvedRefs', 'Programmed True Programmed');
const PROGRAMMED = conditions('Accepted True Accepted', 'Programmed True Programmed');
const ATTACHED = conditions('Accepted True Accepted', 'ResolvedRefs True ResolvedRefs');

const CLASS = make(
  'GatewayClass',
  'public',
  { spec: { controllerName: CONTROLLER }, status: { conditions: conditions('Accepted True Accepted') } },
  META,
);
const GATEWAY_STATUS = {
  addresses: [{ type: 'IPAddress', value: '203.0.113.7' }],
  conditions: PROGRAMMED,
  listeners: [{ name: 'http', attachedRoutes: 1, supportedKinds: [], conditions: FINE }],
};
const gatewayWith = (status: Fields, spec: Fields = {}): Fields => ({
  ...gateway('infra/public', [listener('http')], { gatewayClassName: 'public', ...spec }, META),
  status: { ...GATEWAY_STATUS, ...status },
});
const REF = { namespace: 'infra', name: 'public' };
const parent = (written: readonly Condition[], ref: Fields = REF, controllerName = CONTROLLER): Fields => ({
  parentRef: ref,
  controllerName,
  conditions: written,
});
const route = (parents: readonly Fields[], spec: Fields = {}, metadata: Fields = META): Fields =>
  make(
    'HTTPRoute',
    'team/shop',
    {
      spec: { parentRefs: [REF], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }], ...spec },
      status: { parents },
    },
    metadata,
  );
const WEB = service('team/web', 80);
const HEALTHY = [CLASS, gatewayWith({}), route([parent(ATTACHED)]), WEB];

const compare = (
  objects: readonly Fields[],
  more: Partial<ComparisonOptions> = {},
  change?: (store: Store) => void,
) => {
  const store = storeOf(objects, 'all');
  change?.(store);
  return compareWorld(store, { namespace: undefined, now: NOW, ...more });
};

/** What does not agree: title, verdict, and what is said about it. */
const odd = (objects: readonly Fields[], more: Partial<ComparisonOptions> = {}, change?: (store: Store) => void) =>
  compare(objects, more, change)
    .lines.filter(({ verdict }) => verdict !== 'agrees')
    .map(({ kind, namespace, name, part, verdict, conditions: compared, attachedRoutes, notes }) => {
      const of =
        part === undefined
          ? ''
          : 'listener' in part
            ? ` ${part.listener}`
            : ` ${JSON.stringify('parentRef' in part ? part.parentRef.name : part.ancestorRef.name)}`;
      const unlike = compared.filter((one) => one.verdict !== 'agrees').map((one) => `${one.type} ${one.verdict}`);
      const routes =
        attachedRoutes === undefined || attachedRoutes.actual === attachedRoutes.predicted
          ? []
          : [`routes ${attachedRoutes.predicted}/${attachedRoutes.actual ?? 'none'}`];
      return `${kind} ${namespace}/${name}${of}: ${verdict}: ${[...unlike, ...routes, ...notes].join('; ')}`;
    });

describe('a world beside its prediction', () => {
  test('agrees in all lines when the controller has understood', () => {
    const comparison = compare(HEALTHY);
    expect(comparison.lines.map(({ kind, part, verdict }) => [kind, part, verdict])).toEqual([
      ['GatewayClass', undefined, 'agrees'],
      ['Gateway', undefined, 'agrees'],
      ['Gateway', { listener: 'http' }, 'agrees'],
      [
        'HTTPRoute',
        {
          parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...REF },
          controllerName: CONTROLLER,
        },
        'agrees',
      ],
    ]);
    expect(differs(comparison)).toBe(false);
  });

  test.each<readonly [string, readonly Fields[], readonly string[]]>([
    [
      'a class that is refused',
      [{ ...CLASS, status: { conditions: conditions('Accepted False InvalidParameters') } }, ...HEALTHY.slice(1)],
      ['GatewayClass /public: differs: Accepted differs'],
    ],
    [
      'a Gateway without address',
      [CLASS, gatewayWith({ addresses: [] }), route([parent(ATTACHED)]), WEB],
      ['Gateway infra/public: differs: the controller says Programmed, but has given it no address'],
    ],
    [
      'a Gateway without address that is not Programmed',
      [
        CLASS,
        gatewayWith({
          addresses: [],
          conditions: conditions('Accepted True Accepted', 'Programmed False AddressNotAssigned'),
        }),
        route([parent(ATTACHED)]),
        WEB,
      ],
      ['Gateway infra/public: differs: Programmed differs'],
    ],
    [
      'a listener that counts other routes',
      [
        CLASS,
        gatewayWith({ listeners: [{ name: 'http', attachedRoutes: 2, supportedKinds: [], conditions: FINE }] }),
        route([parent(ATTACHED)]),
        WEB,
      ],
      ['Gateway infra/public http: differs: routes 1/2'],
    ],
    [
      'a listener that has not counted a route of which nothing has been said either',
      [
        CLASS,
        gatewayWith({ listeners: [{ name: 'http', attachedRoutes: 0, supportedKinds: [], conditions: FINE }] }),
        route([], {}, { ...META, creationTimestamp: at(MINUTE) }),
        WEB,
      ],
      [
        'Gateway infra/public http: waiting: routes 1/0',
        'HTTPRoute team/shop "public": waiting: Accepted waiting; ResolvedRefs waiting',
      ],
    ],
    [
      'a listener that counts more than the routes on their way explain',
      [
        CLASS,
        gatewayWith({ listeners: [{ name: 'http', attachedRoutes: 3, supportedKinds: [], conditions: FINE }] }),
        route([], {}, { ...META, creationTimestamp: at(MINUTE) }),
        WEB,
      ],
      [
        'Gateway infra/public http: differs: routes 1/3',
        'HTTPRoute team/shop "public": waiting: Accepted waiting; ResolvedRefs waiting',
      ],
    ],
    [
      'a route of which nothing has been said for long',
      [CLASS, gatewayWith({}), route([]), WEB],
      ['HTTPRoute team/shop "public": differs: Accepted differs; ResolvedRefs differs'],
    ],
    [
      'an old route whose Gateway is young',
      [CLASS, { ...gatewayWith({}), metadata: { ...META, ...REF, creationTimestamp: at(MINUTE) } }, route([]), WEB],
      ['HTTPRoute team/shop "public": waiting: Accepted waiting; ResolvedRefs waiting'],
    ],
    [
      'a word of another controller',
      [CLASS, gatewayWith({}), route([parent(ATTACHED, REF, 'example.com/other')]), WEB],
      ['HTTPRoute team/shop "public": differs: Accepted differs; ResolvedRefs differs'],
    ],
    [
      'a word about another section',
      [CLASS, gatewayWith({}), route([parent(ATTACHED, { ...REF, sectionName: 'http' })]), WEB],
      [
        'HTTPRoute team/shop "public": differs: Accepted differs; ResolvedRefs differs',
        `HTTPRoute team/shop "public": differs: left over: the route does not name this parent, but ${CONTROLLER} still has a status for it`,
      ],
    ],
    [
      'a parent that is new in a generation that the controller has not seen',
      [
        CLASS,
        gatewayWith({ listeners: [{ name: 'http', attachedRoutes: 1, supportedKinds: [], conditions: FINE }] }),
        route([parent(ATTACHED)], { parentRefs: [REF, { ...REF, sectionName: 'http' }] }, { ...META, generation: 2 }),
        WEB,
      ],
      [
        'HTTPRoute team/shop "public": stale: Accepted stale; ResolvedRefs stale',
        'HTTPRoute team/shop "public": stale: Accepted stale; ResolvedRefs stale',
      ],
    ],
    [
      'a parent that does not exist, and of which nothing is said',
      [...HEALTHY.slice(0, 2), route([parent(ATTACHED)], { parentRefs: [REF, { name: 'gone' }] }), WEB],
      ['HTTPRoute team/shop "gone": unmanaged: Gateway team/gone does not exist'],
    ],
    [
      'a parent that does not exist, and has a status',
      [
        ...HEALTHY.slice(0, 2),
        route([parent(ATTACHED), parent(ATTACHED, { name: 'gone' })], { parentRefs: [REF, { name: 'gone' }] }),
        WEB,
      ],
      [
        'HTTPRoute team/shop "gone": unmanaged: Gateway team/gone does not exist',
        `HTTPRoute team/shop "gone": differs: left over: the parent does not exist, but ${CONTROLLER} still has a status for it`,
      ],
    ],
    [
      'a mesh parent, of which nothing is predicted',
      [
        ...HEALTHY.slice(0, 2),
        route([parent(ATTACHED), parent(ATTACHED, { group: '', kind: 'Service', name: 'web' })], {
          parentRefs: [REF, { group: '', kind: 'Service', name: 'web' }],
        }),
        WEB,
      ],
      ['HTTPRoute team/shop "web": unmanaged: Service web is a mesh parent, which has no listeners to attach to'],
    ],
    [
      'a backend that is not there',
      [CLASS, gatewayWith({}), route([parent(ATTACHED)])],
      ['HTTPRoute team/shop "public": differs: ResolvedRefs differs'],
    ],
    [
      'two problems with backends, of which the controller names the second',
      [
        CLASS,
        gatewayWith({}),
        route([parent(conditions('Accepted True Accepted', 'ResolvedRefs False RefNotPermitted'))], {
          rules: [
            {
              backendRefs: [
                { name: 'gone', port: 80 },
                { name: 'web', namespace: 'other', port: 80 },
              ],
            },
          ],
        }),
        WEB,
      ],
      [],
    ],
    [
      'a Gateway whose class does not exist',
      [gatewayWith({})],
      ['Gateway infra/public: unmanaged: GatewayClass public does not exist'],
    ],
    [
      'a ListenerSet whose Gateway does not exist',
      [CLASS, listenerSet('team/more', 'infra/public', [listener('more')])],
      ['ListenerSet team/more: unmanaged: its Gateway does not exist'],
    ],
    [
      'a ListenerSet of which nothing has been said for long',
      [...HEALTHY, listenerSet('infra/more', 'infra/public', [listener('more', { port: 81 })], META)],
      ['ListenerSet infra/more: differs: Accepted differs; Programmed differs'],
    ],
  ])('%s', (_title, objects, expected) => {
    expect(odd(objects)).toEqual(expected);
  });

  test('without sight of Secrets nothing about a certificate is a difference', () => {
    const https = listener('http', { port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'tls' }] } });
    const bad = conditions(
      'Accepted True Accepted',
      'ResolvedRefs False InvalidCertificateRef',
      'Programmed False Invalid',
    );
    const world = [
      CLASS,
      gatewayWith(
        {
          conditions: conditions('Accepted True Accepted', 'Programmed False Invalid'),
          listeners: [{ name: 'http', attachedRoutes: 1, supportedKinds: [], conditions: bad }],
        },
        { listeners: [https] },
      ),
      route([parent(ATTACHED)]),
      WEB,
    ];
    expect(
      odd(world, {}, (store) => {
        store.setVisibility('Secret', 'none');
      }),
    ).toEqual([
      'Gateway infra/public: uncertain: Programmed uncertain',
      'Gateway infra/public http: uncertain: Programmed uncertain; ResolvedRefs uncertain',
    ]);
    // In sight, its absence is certain, and the controller right.
    expect(odd(world)).toEqual([]);
  });

  test('of one namespace there are its objects and the classes it uses', () => {
    const kinds = (namespace: string): readonly string[] => [
      ...new Set(compare(HEALTHY, { namespace }).lines.map(({ kind }) => kind)),
    ];
    expect([kinds('infra'), kinds('team'), kinds('none')]).toEqual([['GatewayClass', 'Gateway'], ['HTTPRoute'], []]);
  });

  test('of one controller there is what it manages', () => {
    const other = make('GatewayClass', 'other', { spec: { controllerName: 'example.com/other' } }, META);
    expect(odd([...HEALTHY, other])).toEqual(['GatewayClass /other: differs: Accepted differs']);
    expect(odd([...HEALTHY, other], { controllers: [CONTROLLER] })).toEqual([]);
    expect(odd([...HEALTHY, other], { controllers: ['example.com/other'] })).toEqual([
      'GatewayClass /other: differs: Accepted differs',
      'Gateway infra/public: unmanaged: no chosen controller manages GatewayClass public',
      'HTTPRoute team/shop "public": unmanaged: no chosen controller manages class public of Gateway public',
    ]);
  });
});

describe('the table', () => {
  test('says what differs, what is old and what is left', () => {
    const world = [
      CLASS,
      gatewayWith({
        listeners: [{ name: 'http', attachedRoutes: 3, supportedKinds: [], conditions: FINE }],
      }),
      route([parent(conditions('Accepted False NotAllowedByListeners', 'ResolvedRefs True ResolvedRefs'))]),
      {
        ...make('GRPCRoute', 'team/old', {
          spec: { parentRefs: [REF], hostnames: ['b.example.com'] },
          status: { parents: [parent(ATTACHED)] },
        }),
        metadata: { namespace: 'team', name: 'old', generation: 2, creationTimestamp: at(MINUTE) },
      },
      make('Ingress', 'team/left', { spec: { rules: [{ host: 'a.example.com' }, {}] } }),
      WEB,
    ];
    expect(comparisonTable(compare(world), (text) => `[${text}]`)).toBe(`\
  OBJECT                  ACCEPTED    RESOLVEDREFS  PROGRAMMED  ROUTES    ADDRESS
  GatewayClass public     True
  Gateway infra/public    True                      True                  203.0.113.7
    listener http         True        True          True        3 so far
      attachedRoutes: predicted 2; the controller counts 3
  HTTPRoute team/shop
[!   Gateway infra/public  True≠False  True]
      Accepted: predicted True; the controller says False NotAllowedByListeners: so it is
  GRPCRoute team/old
    Gateway infra/public  True (old)  True (old)
      not yet seen by the controller: it wrote about generation 1

Ingresses left: 1
  team  1
[  ! *  not yet served: the Route for it is not Accepted]
[  ! a.example.com  not yet served: the Route for it is not Accepted]

2 as predicted, 1 differs (predicted≠actual), 1 waiting for the controller, 1 not yet seen by the controller
`);
  });

  test('says so when there is nothing', () => {
    expect(comparisonTable(compare([]))).toBe(`\
no GatewayClasses, Gateways, ListenerSets, Routes or BackendTLSPolicies

0 as predicted, 0 differ (predicted≠actual)
`);
  });

  test('shows what would move the cursor', () => {
    const evil = conditions('ResolvedRefs True ResolvedRefs');
    const accepted = said('Accepted', 'False', 'No', { message: '\u{1b}[2J' });
    expect(comparisonTable(compare([CLASS, gatewayWith({}), route([parent([accepted, ...evil])]), WEB]))).toContain(
      'the controller says False No: \\u{1b}[2J\n',
    );
  });
});

test('YAML has summary, items and Ingresses', () => {
  expect(comparisonYaml(compare([make('Ingress', 'team/left', { spec: {} })]))).toBe(`\
apiVersion: gateward.dev/v1alpha1
kind: StatusComparison
summary:
  agrees: 0
  differs: 0
  waiting: 0
  stale: 0
  uncertain: 0
  unmanaged: 0
items: []
ingresses:
  - namespace: team
    count: 1
    hostnames: []
`);
});

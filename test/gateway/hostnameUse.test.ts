import { expect, test } from 'vitest';
import { formatKey, hostnameUses, ownerKey, type ListenerUse } from '#gateway';
import { gateway, listener, make, namespace, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const route = (at: string, hostnames: readonly string[], parents: readonly Fields[]): Fields =>
  make('HTTPRoute', at, { spec: { parentRefs: parents, ...(hostnames.length === 0 ? {} : { hostnames }) } });

const PUBLIC = { name: 'public', namespace: 'infra' };
const byLabel = { namespaces: { from: 'Selector', selector: { matchLabels: { open: 'yes' } } } };

/** The uses, each hostname as one line: who listens, who is routed and through what, which Ingresses. */
function usesOf(objects: readonly Fields[]): readonly string[] {
  const name = ({ owner, listener: { name: own }, admitted }: ListenerUse): string =>
    `${formatKey(ownerKey(owner))}#${own}${admitted === false ? '(refused)' : ''}`;
  return hostnameUses(storeOf(objects)).map(({ hostname, listeners, routes, ingresses }) =>
    [
      `${hostname}:`,
      ...listeners.map(name),
      ...routes.map(
        ({ key, through, isUnsure }) =>
          `<- ${formatKey(key)}${isUnsure ? '?' : ''}(${through.map(({ listener: { name: own } }) => own).join(' ')})`,
      ),
      ...ingresses.map((key) => `+ ${formatKey(key)}`),
    ].join(' '),
  );
}

const ROWS: readonly (readonly [string, readonly Fields[], readonly string[]])[] = [
  [
    'a listener that no route uses',
    [gateway('infra/public', [listener('web', { hostname: 'Shop.example.com.' })])],
    ['shop.example.com: Gateway infra/public#web'],
  ],
  [
    'a route takes what it shares with its listeners, each hostname on its own',
    [
      gateway('infra/public', [
        listener('wild', { hostname: '*.example.com' }),
        listener('shop', { hostname: 'shop.example.com', port: 81 }),
      ]),
      route('a/r', ['shop.example.com', 'pay.example.com'], [PUBLIC]),
    ],
    [
      '*.example.com: Gateway infra/public#wild',
      'pay.example.com: Gateway infra/public#wild <- HTTPRoute a/r(wild)',
      'shop.example.com: Gateway infra/public#wild Gateway infra/public#shop <- HTTPRoute a/r(wild shop)',
    ],
  ],
  [
    'a route without hostnames takes those of its listeners',
    [gateway('infra/public', [listener('web', { hostname: 'shop.example.com' })]), route('a/r', [], [PUBLIC])],
    ['shop.example.com: Gateway infra/public#web <- HTTPRoute a/r(web)'],
  ],
  [
    'with neither it is every name',
    [gateway('infra/public', [listener('web')]), route('a/r', [], [PUBLIC])],
    ['*: Gateway infra/public#web <- HTTPRoute a/r(web)'],
  ],
  [
    'a wildcard that its listener cuts is not in use itself',
    [
      gateway('infra/public', [listener('web', { hostname: 'shop.example.com' })]),
      route('a/r', ['*.example.com'], [PUBLIC]),
    ],
    ['shop.example.com: Gateway infra/public#web <- HTTPRoute a/r(web)'],
  ],
  [
    'what no listener takes is named all the same',
    [
      gateway('infra/public', [listener('web', { hostname: '*.example.com' })]),
      route('a/r', ['shop.example.org'], [PUBLIC]),
      route('a/s', ['lost.example.com'], [{ name: 'gone' }]),
    ],
    [
      '*.example.com: Gateway infra/public#web',
      'lost.example.com: <- HTTPRoute a/s()',
      'shop.example.org: <- HTTPRoute a/r()',
    ],
  ],
  [
    'labels out of sight leave it open, labels in sight do not',
    [
      namespace('b', { open: 'no' }),
      gateway('infra/public', [listener('web', { hostname: '*.example.com', allowedRoutes: byLabel })]),
      route('a/r', ['a.example.com'], [PUBLIC]),
      route('b/r', ['b.example.com'], [PUBLIC]),
    ],
    [
      '*.example.com: Gateway infra/public#web',
      'a.example.com: Gateway infra/public#web <- HTTPRoute a/r?(web)',
      'b.example.com: <- HTTPRoute b/r()',
    ],
  ],
  [
    'a mesh reads no hostnames, and TCP and UDP know none',
    [
      gateway('infra/public', [listener('tcp', { protocol: 'TCP' }), listener('udp', { protocol: 'UDP' })]),
      route('a/mesh', ['mesh.example.com'], [{ group: '', kind: 'Service', name: 'web' }]),
      make('TCPRoute', 'a/tcp', {
        spec: { parentRefs: [PUBLIC], rules: [{ backendRefs: [{ name: 'db', port: 5432 }] }] },
      }),
    ],
    [],
  ],
  [
    'a ListenerSet serves where its Gateway admits it',
    [
      gateway('infra/open', [listener('web')], { allowedListeners: { namespaces: { from: 'All' } } }),
      gateway('infra/shut', [listener('web')]),
      ...['open', 'shut'].flatMap((name) => [
        make('ListenerSet', `a/${name}`, {
          spec: {
            parentRef: { name, namespace: 'infra' },
            listeners: [listener('own', { hostname: `${name}.example.com` })],
          },
        }),
        route(`a/${name}`, [], [{ kind: 'ListenerSet', name }]),
      ]),
    ],
    [
      '*: Gateway infra/open#web Gateway infra/shut#web <- HTTPRoute a/shut()',
      'open.example.com: ListenerSet a/open#own <- HTTPRoute a/open(own)',
      'shut.example.com: ListenerSet a/shut#own(refused)',
    ],
  ],
  [
    'a route of a mesh and of a Gateway reads them for the Gateway, and one without a parent names them',
    [
      gateway('infra/public', [listener('web')]),
      route('a/both', ['both.example.com'], [{ group: '', kind: 'Service', name: 'web' }, PUBLIC]),
      route('a/none', ['none.example.com'], []),
    ],
    [
      '*: Gateway infra/public#web',
      'both.example.com: Gateway infra/public#web <- HTTPRoute a/both(web)',
      'none.example.com: <- HTTPRoute a/none()',
    ],
  ],
  [
    'a route that names a listener twice uses it once',
    [
      gateway('infra/public', [listener('web')]),
      route('a/r', ['a.example.com'], [PUBLIC, { ...PUBLIC, sectionName: 'web' }]),
    ],
    ['*: Gateway infra/public#web', 'a.example.com: Gateway infra/public#web <- HTTPRoute a/r(web)'],
  ],
  [
    'a ListenerSet of a Namespace out of sight leaves it open',
    [
      gateway('infra/public', [listener('web')], { allowedListeners: byLabel }),
      make('ListenerSet', 'a/own', {
        spec: {
          parentRef: { name: 'public', namespace: 'infra' },
          listeners: [listener('own', { hostname: 'a.example.com' })],
        },
      }),
      route('a/r', [], [{ kind: 'ListenerSet', name: 'own' }]),
    ],
    ['*: Gateway infra/public#web', 'a.example.com: ListenerSet a/own#own <- HTTPRoute a/r?(own)'],
  ],
  [
    'a domain stands before what is below it; routes and Ingresses by namespace and name',
    [
      route('b/r', ['a.example.org', 'b.example.com', 'example.com'], []),
      route('a/r', ['b.example.com'], []),
      make('Ingress', 'b/i', { spec: { rules: [{ host: 'b.example.com' }, { host: 'no name' }] } }),
      make('Ingress', 'a/i', { spec: { rules: [{ host: 'b.example.com' }] } }),
    ],
    [
      'example.com: <- HTTPRoute b/r()',
      'b.example.com: <- HTTPRoute a/r() <- HTTPRoute b/r() + Ingress a/i + Ingress b/i',
      'a.example.org: <- HTTPRoute b/r()',
    ],
  ],
  [
    'an Ingress has its hosts beside the routes',
    [
      make('Ingress', 'old/web', { spec: { rules: [{ host: 'shop.example.com' }, { host: 'old.example.com' }] } }),
      route('a/r', ['shop.example.com'], [PUBLIC]),
    ],
    ['old.example.com: + Ingress old/web', 'shop.example.com: <- HTTPRoute a/r() + Ingress old/web'],
  ],
];

test.each(ROWS)('%s', (_name, objects, uses) => {
  expect(usesOf(objects)).toEqual(uses);
});

import { worldStatus, type StatusOptions } from '#gateway';
import { worldGraph, type Graph } from '../../src/report/graph/index.ts';
import { gateway, grant, listener, listenerSet, make, namespace, service, type Fields } from './gatewayObjects.ts';
import { storeOf } from './world.ts';

const GROUP = 'gateway.networking.k8s.io';

/** The graph of foreign objects. */
export function graphOf(objects: readonly Fields[], options: StatusOptions = {}): Graph {
  const store = storeOf(objects);
  return worldGraph(store, worldStatus(store, options));
}

/** A route; parents as `namespace/name` with an optional `#section`, perhaps with a kind before, backends likewise with `:port`. */
export function route(
  at: string,
  parents: readonly string[],
  backends: readonly string[],
  hostnames: readonly string[] = [],
): Fields {
  const split = (text: string): Fields => {
    const [, kind, inNamespace, name, section, port] =
      /^(?:(\w+) )?([^/]*)\/([^#:]*)(?:#(.*?))?(?::(\d+))?$/s.exec(text) ?? [];
    return {
      namespace: inNamespace,
      name,
      ...(kind === undefined ? {} : { kind }),
      ...(section === undefined ? {} : { sectionName: section }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  };
  const rules = [{ backendRefs: backends.map(split) }];
  return make('HTTPRoute', at, { spec: { parentRefs: parents.map(split), hostnames, rules } });
}

const access = { namespaces: { from: 'Selector', selector: { matchLabels: { access: 'yes' } } } };

/** A world with a case of everything that a picture can show. */
export const SMALL_WORLD: readonly Fields[] = [
  make('GatewayClass', 'public', { spec: { controllerName: 'example.com/controller' } }),
  namespace('infra'),
  namespace('shop', { access: 'yes' }),
  namespace('pay', { access: 'yes' }),
  namespace('team'),
  gateway(
    'infra/public',
    [
      listener('web', { hostname: '*.example.com', allowedRoutes: access }),
      listener('open', { port: 8080 }),
      listener('secure', {
        port: 443,
        protocol: 'HTTPS',
        tls: { certificateRefs: [{ namespace: 'certs', name: 'wildcard' }] },
      }),
    ],
    {
      gatewayClassName: 'public',
      allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { access: 'yes' } } } },
    },
  ),
  gateway('infra/other', [listener('web')], { gatewayClassName: 'gone' }),
  listenerSet('shop/extra', 'infra/public', [listener('extra', { port: 9000 })]),
  listenerSet('team/refused', 'infra/public', [listener('extra', { port: 9001 })]),
  service('shop/web', 80),
  service('pay/api', 80),
  service('pay/ledger', 80),
  grant('pay/from-shop', [`${GROUP}/HTTPRoute/shop`], ['/Service/api']),
  route('shop/web', ['infra/public#web', 'ListenerSet shop/extra'], ['shop/web:80'], ['shop.example.com']),
  route('shop/pay', ['infra/public#web'], ['pay/api:80', 'pay/ledger:80'], ['pay.example.com']),
  route('team/refused', ['infra/public#web'], ['team/none:80'], ['team.example.com']),
  route('team/lost', ['infra/nowhere', 'infra/other'], ['shop/web:8080']),
  route('team/idle', [], []),
  make('HTTPRoute', 'team/mesh', { spec: { parentRefs: [{ group: '', kind: 'Service', name: 'web' }] } }),
  make('BackendTLSPolicy', 'shop/web', {
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
      validation: { hostname: 'web.example.com', caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'none' }] },
    },
  }),
];

/** 500 routes in 20 namespaces, some of them broken: a world as large as pictures must stay readable for. */
export function largeWorld(): readonly Fields[] {
  const names = Array.from({ length: 20 }, (_, at) => `team-${String(at).padStart(2, '0')}`);
  return [
    make('GatewayClass', 'public', { spec: { controllerName: 'example.com/controller' } }),
    gateway('infra/public', [listener('web'), listener('alt', { port: 8080 })], { gatewayClassName: 'public' }),
    ...names.flatMap((name, at) => [
      namespace(name),
      ...Array.from({ length: 10 }, (_, number) => service(`${name}/svc-${number}`, 80)),
      ...Array.from({ length: 25 }, (_, number) => {
        const isBroken = (at * 25 + number) % 17 === 0;
        const backend = `${name}/${isBroken ? 'gone' : `svc-${number % 10}`}:80`;
        return route(`${name}/route-${number}`, ['infra/public'], [backend], [`r${number}.${name}.example.com`]);
      }),
    ]),
  ];
}

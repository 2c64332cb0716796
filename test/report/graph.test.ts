import { describe, expect, test } from 'vitest';
import { worldStatus } from '#gateway';
import { graphHtml } from '../../src/report/graphHtml.ts';
import { escapeMarkup, graphSvg } from '../../src/report/graphSvg.ts';
import { graphDot, graphMermaid } from '../../src/report/graphText.ts';
import { foldRoutes, graphOfNamespace, statusGraph, type StatusGraph } from '../../src/report/statusGraph.ts';
import { gateway, grant, listener, make, namespace, service, type Fields } from '../support/gatewayObjects.ts';
import { storeOf } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io';

function draw(objects: readonly Fields[]): StatusGraph {
  const store = storeOf(objects);
  return statusGraph(store, worldStatus(store));
}

const route = (at: string, parents: readonly Fields[], backendRefs: readonly Fields[]): Fields =>
  make('HTTPRoute', at, { spec: { parentRefs: parents, rules: [{ backendRefs }] } });

const toPublic = { namespace: 'infra', name: 'g' };
const access = { namespaces: { from: 'Selector', selector: { matchLabels: { a: '1' } } } };
const world = [
  namespace('shop', { a: '1' }),
  namespace('team'),
  gateway('infra/g', [listener('web', { hostname: '*.b.c', allowedRoutes: access })]),
  route('shop/r', [toPublic], [{ namespace: 'pay', name: 'api', port: 80 }]),
  route('team/r', [toPublic, { name: 'gone' }], [{ name: 'none', port: 80 }]),
  service('pay/api', 80),
  grant('pay/from-shop', [`${GROUP}/HTTPRoute/shop`], ['/Service']),
];

const refused =
  'NotAllowedByListeners: Gateway infra/g: listener "web" admits namespaces with label a=1; namespace team has no such label';

const graph: StatusGraph = {
  nodes: [
    { id: 'Gateway infra/g', column: 1, namespace: 'infra', title: 'g', subtitle: 'Gateway', broken: undefined },
    {
      id: 'Gateway infra/g listener 0',
      column: 2,
      namespace: 'infra',
      title: 'web',
      subtitle: 'HTTP 80 *.b.c',
      broken: undefined,
    },
    { id: 'HTTPRoute shop/r', column: 3, namespace: 'shop', title: 'r', subtitle: 'HTTPRoute', broken: undefined },
    {
      id: 'GatewayClass any',
      column: 0,
      namespace: '',
      title: 'any',
      subtitle: 'gateward.dev/predicted',
      broken: undefined,
    },
    { id: 'Service pay/api', column: 4, namespace: 'pay', title: 'api', subtitle: 'Service', broken: undefined },
    { id: 'HTTPRoute team/r', column: 3, namespace: 'team', title: 'r', subtitle: 'HTTPRoute', broken: undefined },
    {
      id: 'Gateway team/gone',
      column: 1,
      namespace: 'team',
      title: 'gone',
      subtitle: 'Gateway',
      broken: 'does not exist',
    },
    {
      id: 'Service team/none',
      column: 4,
      namespace: 'team',
      title: 'none',
      subtitle: 'Service',
      broken: 'does not exist',
    },
  ],
  edges: [
    { from: 'Gateway infra/g', to: 'Gateway infra/g listener 0', broken: undefined, grant: undefined },
    { from: 'Gateway infra/g listener 0', to: 'HTTPRoute shop/r', broken: undefined, grant: undefined },
    { from: 'GatewayClass any', to: 'Gateway infra/g', broken: undefined, grant: undefined },
    { from: 'HTTPRoute shop/r', to: 'Service pay/api', broken: undefined, grant: 'ReferenceGrant pay/from-shop' },
    { from: 'Gateway infra/g listener 0', to: 'HTTPRoute team/r', broken: refused, grant: undefined },
    { from: 'Gateway team/gone', to: 'HTTPRoute team/r', broken: 'no such parent', grant: undefined },
    {
      from: 'HTTPRoute team/r',
      to: 'Service team/none',
      broken: 'BackendNotFound: Service team/none does not exist',
      grant: undefined,
    },
  ],
};

describe('the graph of a world', () => {
  test('boxes, lines, grants, and what is broken', () => {
    expect(draw(world)).toEqual(graph);
  });

  test('a namespace: its routes, what leads there and what they lead to', () => {
    const { nodes, edges } = graphOfNamespace(graph, 'shop');
    expect(nodes.map(({ id }) => id)).toEqual([
      'Gateway infra/g',
      'Gateway infra/g listener 0',
      'HTTPRoute shop/r',
      'GatewayClass any',
      'Service pay/api',
    ]);
    expect(edges).toEqual(graph.edges.slice(0, 4));
  });

  test('many sound routes of a namespace are one box, a broken one stays', () => {
    const many = [0, 1, 2].map((at) => route(`shop/r${at}`, [toPublic], [{ name: 'web', port: 80 }]));
    const drawn = draw([...world, ...many, service('shop/web', 80)]);
    expect(foldRoutes(drawn, 5)).toBe(drawn);
    const folded = foldRoutes(drawn, 4);
    expect(folded.nodes.filter(({ column }) => column === 3)).toEqual([
      { id: 'HTTPRoute team/r', column: 3, namespace: 'team', title: 'r', subtitle: 'HTTPRoute', broken: undefined },
      {
        id: 'routes of shop',
        column: 3,
        namespace: 'shop',
        title: '4 routes',
        subtitle: 'of namespace shop',
        broken: undefined,
      },
    ]);
    expect(folded.edges.filter(({ from, to }) => from === 'routes of shop' || to === 'routes of shop')).toEqual([
      { from: 'Gateway infra/g listener 0', to: 'routes of shop', broken: undefined, grant: undefined },
      { from: 'routes of shop', to: 'Service pay/api', broken: undefined, grant: 'ReferenceGrant pay/from-shop' },
      { from: 'routes of shop', to: 'Service shop/web', broken: undefined, grant: undefined },
    ]);
  });
});

const small: StatusGraph = {
  nodes: [
    { id: 'a "b"', column: 3, namespace: 'n', title: 'a "b"', subtitle: '', broken: undefined },
    { id: 'c', column: 4, namespace: '', title: 'c', subtitle: '<i>', broken: 'gone: for & ever' },
  ],
  edges: [{ from: 'a "b"', to: 'c', broken: 'gone: for & ever', grant: 'ReferenceGrant n/g' }],
};

test('dot', () => {
  expect(graphDot(small).split('\n')).toEqual([
    'digraph gateward {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    '  subgraph "cluster Routes: n" {',
    '    label="Routes: n";',
    '    color=gray;',
    '    "a \\"b\\"" [label="a \\"b\\""];',
    '  }',
    '  subgraph "cluster Backends" {',
    '    label="Backends";',
    '    color=gray;',
    '    "c" [label="c\\n<i>\\ngone", color=red, fontcolor=red, tooltip="gone: for & ever"];',
    '  }',
    '  "a \\"b\\"" -> "c" [style=dashed, tooltip="ReferenceGrant n/g", color=red, fontcolor=red, label="gone"];',
    '}',
    '',
  ]);
});

test('mermaid', () => {
  expect(graphMermaid(small).split('\n')).toEqual([
    'flowchart LR',
    '  subgraph g0 ["Routes: n"]',
    '    n0["a #34;b#34;"]',
    '  end',
    '  subgraph g1 ["Backends"]',
    '    n1["c<br/>#60;i#62;<br/>gone"]:::broken',
    '  end',
    '  n0 -.->|"gone"| n1',
    '  classDef broken stroke:#c00,color:#c00',
    '  linkStyle 0 stroke:#c00,color:#c00',
    '',
  ]);
});

test('markup is escaped, attributes included', () => {
  expect(escapeMarkup(`<a href='x'>"&"</a>`)).toBe('&#60;a href=&#39;x&#39;&#62;&#34;&#38;&#34;&#60;/a&#62;');
  for (const page of [graphSvg(small), graphHtml(small)]) {
    expect(page).not.toContain('<i>');
    expect(page).toContain('&#60;i&#62;');
  }
});

test('svg and html need no network: nothing in them is fetched', () => {
  for (const page of [graphSvg(graph), graphHtml(graph)]) {
    expect(page.match(/(?:src|href)=|url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
  }
});

test('svg: every box stands apart from every other', () => {
  const boxes = [
    ...graphSvg(graph).matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
  ].map(([, ...numbers]) => numbers.map(Number));
  const overlapping = boxes.flatMap(([x = 0, y = 0, width = 0, height = 0], at) =>
    boxes
      .slice(at + 1)
      .filter(([x2 = 0, y2 = 0, w2 = 0, h2 = 0]) => x < x2 + w2 && x2 < x + width && y < y2 + h2 && y2 < y + height),
  );
  expect({ boxes: boxes.length, overlapping }).toEqual({ boxes: graph.nodes.length, overlapping: [] });
});

test('html: a folded picture for each namespace, open where something is broken', () => {
  const page = graphHtml(graph);
  expect(
    [...page.matchAll(/<details data-broken="(\d+)"( open)?><summary>(.*?)<\/summary>/g)].map(([, ...parts]) => parts),
  ).toEqual([
    ['1', ' open', 'Gateways and listeners · 2 holders of listeners · <b>1 broken</b>'],
    ['0', undefined, 'namespace shop · 1 route'],
    ['5', ' open', 'namespace team · 1 route · <b>5 broken</b>'],
  ]);
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  PICTURE_FORMATS,
  edgeLines,
  nodeLines,
  nodeTitle,
  renderPicture,
  type Graph,
} from '../../src/report/graph/index.ts';
import { condense } from '../../src/report/graph/condense.ts';
import { layOut } from '../../src/report/graph/layout.ts';
import { Markup, markup } from '../../src/report/markup.ts';
import { SMALL_WORLD, graphOf, largeWorld, route } from '../support/pictureWorlds.ts';
import { gateway, grant, listener, namespace, service } from '../support/gatewayObjects.ts';

const golden = (name: string): string => join(import.meta.dirname, '../golden/pictures', name);

/** A graph in short: nodes as `column state title | …`, edges as `from → to state | …`. */
function short({ nodes, edges }: Graph): readonly string[] {
  const titles = new Map(nodes.map((node) => [node.id, nodeTitle(node)]));
  return [
    ...nodes.map((node) => [`${node.column} ${node.state}`, ...nodeLines(node)].join(' | ')),
    ...edges.map((edge) =>
      [
        `${titles.get(edge.from) ?? ''} → ${titles.get(edge.to) ?? ''} ${edge.role} ${edge.state}`,
        ...edgeLines(edge),
      ].join(' | '),
    ),
  ];
}

describe('the graph of a world', () => {
  test('has classes, Gateways, ListenerSets, listeners, routes and backends, each with its state and why', async () => {
    const text = `${short(graphOf(SMALL_WORLD)).join('\n')}\n`;
    await expect(text).toMatchFileSnapshot(golden('small.txt'));
  });

  test('does not depend on the order of the input', () => {
    expect(short(graphOf([...SMALL_WORLD].reverse()))).toEqual(short(graphOf(SMALL_WORLD)));
  });

  test('names every grant that permits a line, and none for a line within a namespace', () => {
    const from = ['gateway.networking.k8s.io/HTTPRoute/shop'];
    const world = [
      gateway('infra/g', [listener('web')]),
      service('pay/api', 80),
      service('shop/api', 80),
      grant('pay/b', from, ['/Service']),
      grant('pay/a', from, ['/Service/api']),
      grant('pay/other', from, ['/Service/ledger']),
      route('shop/r', ['infra/g'], ['pay/api:80', 'shop/api:80']),
    ];
    const sends = graphOf(world).edges.filter(({ role }) => role === 'sends');
    expect(sends.map(({ grants, state }) => ({ grants, state }))).toEqual([
      { grants: ['pay/a', 'pay/b'], state: 'ok' },
      { grants: [], state: 'ok' },
    ]);
  });

  test('draws a route once at each listener that takes it, and a refused one at the listener that was meant', () => {
    const world = [
      namespace('team'),
      gateway('infra/g', [
        listener('a'),
        listener('b', { port: 81 }),
        listener('c', { port: 82, allowedRoutes: { namespaces: { from: 'Same' } } }),
      ]),
      route('team/all', ['infra/g'], []),
      route('team/refused', ['infra/g#c'], []),
      route('team/nowhere', ['infra/g#d'], []),
    ];
    const lines = short(graphOf(world)).filter((text) => text.includes(' attaches '));
    expect(lines).toEqual([
      'Gateway infra/g → HTTPRoute team/nowhere attaches broken | NoMatchingParent: Gateway infra/g has no listener named "d"; it has "a" on port 80, "b" on port 81, "c" on port 82',
      'Listener a → HTTPRoute team/all attaches ok | *',
      'Listener b → HTTPRoute team/all attaches ok | *',
      'Listener c → HTTPRoute team/refused attaches broken | NotAllowedByListeners: Gateway infra/g: listener "c" admits routes of namespace infra only; the route is in namespace team',
    ]);
  });

  test('shows what no chosen controller manages as that', () => {
    const states = graphOf(SMALL_WORLD, { classes: ['other'] }).nodes.map(({ column, state }) => `${column} ${state}`);
    expect(new Set(states.filter((text) => text.startsWith('gateway')))).toEqual(
      new Set(['gateway unmanaged', 'gateway missing']),
    );
    expect(new Set(states.filter((text) => text.startsWith('route')))).toEqual(
      new Set(['route unmanaged', 'route broken']),
    );
  });
});

describe('a picture', () => {
  test.each(PICTURE_FORMATS)('%s of a small world', async (format) => {
    await expect(await renderPicture(format, graphOf(SMALL_WORLD))).toMatchFileSnapshot(golden(`small.${format}`));
  });

  test.each(PICTURE_FORMATS)('%s of a world without anything', async (format) => {
    const text = await renderPicture(format, graphOf([]));
    expect(text.endsWith('\n')).toBe(true);
    expect(text.replace(/<script>.*<.script>/s, '')).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('keeps boxes apart, inside their frame and the paper, and lines between them', () => {
    const { groups, width, height, lines } = layOut(graphOf(largeWorld()));
    const boxes = groups.flatMap(({ x, y, width: wide, height: high, boxes: own }) => {
      expect({ right: x + wide <= width, bottom: y + high <= height }).toEqual({ right: true, bottom: true });
      return own.map((box, at) => {
        const below = own[at + 1]?.y ?? high;
        expect(box.y + box.height).toBeLessThan(below);
        return box;
      });
    });
    const tops = groups.map(({ x, y, height: high }) => ({ x, y, bottom: y + high }));
    const overlapping = tops.filter(({ x, y, bottom }, at) =>
      tops.some((other, also) => also !== at && other.x === x && other.y < bottom && y < other.bottom),
    );
    expect({ boxes: boxes.length, lines: lines.length, overlapping }).toEqual({
      boxes: 1 + 1 + 2 + 500 + 20 * 10 + 20,
      lines: 1 + 2 + 2 * 500 + 500,
      overlapping: [],
    });
  });
});

describe('a large world', () => {
  const graph = graphOf(largeWorld());

  test('is condensed where it cannot be folded, and hides nothing broken', () => {
    const { nodes } = condense(graph);
    const of = (column: string): readonly string[] =>
      nodes.filter((node) => node.column === column && node.namespace === 'team-00').map((node) => node.name);
    expect({ routes: of('route'), backends: of('backend') }).toEqual({
      routes: ['23 HTTPRoutes', 'route-0', 'route-17'],
      backends: ['10 Services', 'gone'],
    });
    const members = nodes.flatMap((node) => (node.members.length > 0 ? node.members : [node.name]));
    expect(members.toSorted()).toEqual(graph.nodes.map(({ name }) => name).toSorted());
    const isBroken = (node: (typeof nodes)[number]): boolean => node.state === 'broken' || node.state === 'missing';
    expect(nodes.filter(isBroken).map(nodeTitle)).toEqual(graph.nodes.filter(isBroken).map(nodeTitle));
  });

  test('is drawn as it is up to sixty routes', () => {
    const sixty = largeWorld().filter((object) => object['kind'] !== 'HTTPRoute');
    const routes = Array.from({ length: 61 }, (_, at) =>
      route(`team-00/r${at}`, ['infra/public'], ['team-00/svc-0:80']),
    );
    const few = graphOf([...sixty, ...routes.slice(0, 60)]);
    expect(condense(few)).toBe(few);
    expect(condense(graphOf([...sixty, ...routes])).nodes.filter(({ column }) => column === 'route')).toHaveLength(1);
  });

  test('stays under what Mermaid takes: 500 edges and 50,000 characters', async () => {
    const text = await renderPicture('mermaid', graph);
    expect(text.match(/ (?:-->|-\.->|--x)/g)?.length).toBeLessThan(500);
    expect(text.length).toBeLessThan(50_000);
  });
});

const HOSTILE =
  '</script></style></title><img src=x onerror=alert(1)>"\'`&lt;#quot;\\N\n\r\u0007\u202e]]>-->\ud800{{x}}';

describe('foreign text', () => {
  const at = '^#$';
  const graph = graphOf([
    namespace('n'),
    gateway('n/g', [listener('web', { hostname: HOSTILE })]),
    route('n/r', ['n/g'], ['n/none:80'], [HOSTILE]),
    route(`n/${at}`, ['n/gone'], []),
  ]);
  const named: Graph = {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, name: HOSTILE, namespace: HOSTILE, kind: HOSTILE })),
    edges: graph.edges.map((edge) => ({ ...edge, problem: { reason: HOSTILE, message: HOSTILE }, grants: [HOSTILE] })),
  };

  test.each(['svg', 'html'] as const)('%s: nothing of it becomes markup', async (format) => {
    const text = await renderPicture(format, named);
    expect(text).not.toContain('<img');
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e\ufffe\uffff]/u);
    expect(text.isWellFormed()).toBe(true);
    expect(text.match(/<script>/g) ?? []).toHaveLength(format === 'html' ? 1 : 0);
    expect(text.match(/<\/script>/g) ?? []).toHaveLength(format === 'html' ? 1 : 0);
    expect(text.match(/<\/style>/g)).toHaveLength(1);
  });

  test('dot: strings end where they should, entities and escapes are literal', async () => {
    const text = await renderPicture('dot', named);
    for (const line of text.split('\n')) {
      const outside = line.replace(/"(?:\\.|[^"\\])*"/g, '""');
      expect(outside).toMatch(/^[\w ={}[\];,.>"-]*$/);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
    expect(text).toContain('&amp;lt;#quot;\\\\N');
    expect(text).not.toContain('&lt;');
  });

  test('mermaid: labels hold letters, digits and entities only', async () => {
    const text = await renderPicture('mermaid', named);
    const labels = [...text.matchAll(/"([^"]*)"/g)].map(([, label = '']) => label);
    expect(labels.length).toBeGreaterThan(8);
    for (const label of labels) {
      const bare = label.replaceAll('<br/>', '').replace(/#\d+;/g, '');
      expect(bare).toMatch(/^[\p{L}\p{N} ./:,✓✗–-]*$/u);
    }
    for (const line of text.split('\n')) {
      expect(line.replace(/"[^"]*"/g, '')).toMatch(/^[\w :|[\]#;,.>-]*$/);
    }
  });

  test('the tag escapes what is put in, once, but not markup', () => {
    const inner = markup`<b title="${`"'<&>`}">${['a', '<', 3]}</b>`;
    expect(markup`<p>${inner}${new Markup('<br>')}${'\u0000\n\ufffe'}</p>`.toString()).toBe(
      '<p><b title="&quot;&#39;&lt;&amp;&gt;">a&lt;3</b><br>\\u{0}\n\ufffd</p>',
    );
  });
});

test.each(['svg', 'html'] as const)('%s fetches nothing', async (format) => {
  const text = await renderPicture(format, graphOf(SMALL_WORLD));
  expect(text.match(/(?:src|href)="(?!#)|url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
});

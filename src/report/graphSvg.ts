import { reasonOf } from './graphText.ts';
import { GRAPH_COLUMNS, type GraphEdge, type GraphNode, type StatusGraph } from './statusGraph.ts';

const CHARACTER = 6.6;
const MOST_CHARACTERS = 40;
const BOX_HEIGHT = 34;
const ROW = 44;
const GROUP_GAP = 22;
/** Between a column and the next: room for reasons where lines break. */
const GAPS = [60, 70, 150, 120, 0];
const TOP = 48;
const MARGIN = 16;

interface Placed {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** The style of the picture; light and dark as the reader has it. */
export const GRAPH_STYLE = `
svg.graph { font: 12px system-ui, sans-serif; --ink: #1b1f24; --faint: #66707b; --line: #98a2ad; --box: #fff; --bad: #c4161c; --ground: #f7f8fa; background: var(--ground) }
@media (prefers-color-scheme: dark) { svg.graph { --ink: #e6e9ed; --faint: #9aa4ae; --line: #5d6873; --box: #1d2228; --bad: #ff6b6b; --ground: #12161b } }
.graph rect { fill: var(--box); stroke: var(--line) } .graph text { fill: var(--ink) } .graph .faint { fill: var(--faint); font-size: 11px }
.graph path { fill: none; stroke: var(--line); stroke-width: 1.2 } .graph .grant { stroke-dasharray: 5 4 }
.graph .bad > rect, .graph path.bad { stroke: var(--bad); stroke-width: 1.6 } .graph .bad > text.why, .graph text.bad { fill: var(--bad); font-size: 11px }
.graph text.bad { paint-order: stroke; stroke: var(--ground); stroke-width: 4px }
.graph .head { font-weight: 600 }`;

/** The graph as one SVG that needs nothing else: a column for each kind, groups by namespace, reasons on broken lines, more on hovering. */
export function graphSvg(graph: StatusGraph): string {
  const placed = place(graph);
  const positions = new Map(placed.map((box) => [box.node.id, box]));
  const width = Math.max(320, ...placed.map(({ x, width: wide }) => x + wide)) + MARGIN;
  const height = Math.max(TOP, ...placed.map(({ y }) => y + ROW)) + MARGIN;
  const parts = [
    `<svg class="graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Gateways, listeners, routes and backends">`,
    `<style>${GRAPH_STYLE}</style>`,
    ...heads(placed),
    ...graph.edges.map((edge) => drawLine(edge, positions)),
    ...placed.map(drawBox),
    ...labels(graph.edges, positions),
    '</svg>',
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

/** Escapes a text for XML and HTML, attributes included. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Each column from top to bottom: by namespace, within it near what leads there, so that lines cross little. */
function place({ nodes, edges }: StatusGraph): readonly Placed[] {
  const placed: Placed[] = [];
  const heights = new Map<string, number>();
  let x = MARGIN;
  for (const column of GRAPH_COLUMNS.keys()) {
    const own = nodes.filter((node) => node.column === column);
    if (own.length === 0) continue;
    const pull = new Map(own.map(({ id }) => [id, meanHeight(id, edges, heights)]));
    const sorted = own.toSorted(
      (a, b) =>
        compare(a.namespace, b.namespace) || (pull.get(a.id) ?? 0) - (pull.get(b.id) ?? 0) || compare(a.title, b.title),
    );
    const width = Math.max((GRAPH_COLUMNS[column] ?? '').length * 7, ...own.map(widthOf));
    let y = TOP;
    let namespace: string | undefined;
    for (const node of sorted) {
      if (node.namespace !== namespace && node.namespace !== '') y += GROUP_GAP;
      ({ namespace } = node);
      placed.push({ node, x, y, width });
      heights.set(node.id, y);
      y += ROW;
    }
    x += width + (GAPS[column] ?? 0);
  }
  return placed;
}

function meanHeight(id: string, edges: readonly GraphEdge[], heights: ReadonlyMap<string, number>): number {
  const known = edges.flatMap(({ from, to }) => (to === id ? (heights.get(from) ?? []) : []));
  return known.length === 0 ? 0 : known.reduce((sum, height) => sum + height, 0) / known.length;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function widthOf({ title, subtitle, broken }: GraphNode): number {
  const why = broken === undefined ? 0 : subtitle.length + reasonOf(broken).length + 3;
  return Math.min(MOST_CHARACTERS, Math.max(title.length, subtitle.length, why)) * CHARACTER + 20;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

/** The title of each column, and the name of each namespace above its group. */
function heads(placed: readonly Placed[]): readonly string[] {
  const parts: string[] = [];
  let column: number | undefined;
  let namespace: string | undefined;
  for (const { node, x, y } of placed) {
    if (node.column !== column) {
      parts.push(`<text class="head" x="${x}" y="${TOP - 24}">${GRAPH_COLUMNS[node.column] ?? ''}</text>`);
      ({ column } = node);
      namespace = undefined;
    }
    if (node.namespace !== namespace && node.namespace !== '') {
      parts.push(`<text class="faint" x="${x}" y="${y - 6}">${escapeMarkup(cut(node.namespace))}</text>`);
    }
    ({ namespace } = node);
  }
  return parts;
}

function drawBox({ node, x, y, width }: Placed): string {
  const { id, title, subtitle, broken } = node;
  const hint = escapeMarkup(broken === undefined ? id : `${id}: ${broken}`);
  const why = broken === undefined ? '' : `<tspan class="why"> ${escapeMarkup(reasonOf(broken))}</tspan>`;
  return [
    `<g class="box${broken === undefined ? '' : ' bad'}"><title>${hint}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="5"/>`,
    `<text x="${x + 9}" y="${y + 14}">${escapeMarkup(cut(title))}</text>`,
    `<text class="faint${broken === undefined ? '' : ' why'}" x="${x + 9}" y="${y + 28}">${escapeMarkup(cut(subtitle))}${why}</text></g>`,
  ].join('');
}

function drawLine({ from, to, broken, grant }: GraphEdge, positions: ReadonlyMap<string, Placed>): string {
  const start = positions.get(from);
  const end = positions.get(to);
  if (start === undefined || end === undefined) return '';
  const y1 = start.y + BOX_HEIGHT / 2;
  const y2 = end.y + BOX_HEIGHT / 2;
  const isStacked = start.x === end.x;
  const x1 = start.x + start.width;
  const x2 = isStacked ? x1 : end.x;
  const bend = isStacked ? 40 : Math.max(30, (x2 - x1) / 2);
  const curve = `M${x1} ${y1} C${x1 + bend} ${y1} ${isStacked ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`;
  const classes = [...(grant === undefined ? [] : ['grant']), ...(broken === undefined ? [] : ['bad'])].join(' ');
  const remark = broken ?? grant;
  const hint = escapeMarkup(`${from} → ${to}${remark === undefined ? '' : `: ${remark}`}`);
  return `<g><title>${hint}</title><path${classes === '' ? '' : ` class="${classes}"`} d="${curve}"/></g>`;
}

/** The reasons of broken lines, before the boxes they lead to: each once, stacked. */
function labels(edges: readonly GraphEdge[], positions: ReadonlyMap<string, Placed>): readonly string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { to, broken } of edges) {
    if (broken !== undefined) reasons.set(to, (reasons.get(to) ?? new Set()).add(reasonOf(broken)));
  }
  return [...reasons].flatMap(([to, texts]) => {
    const end = positions.get(to);
    if (end === undefined) return [];
    const place = (at: number): string => `x="${end.x - 8}" y="${end.y + BOX_HEIGHT / 2 - 4 + at * 13}"`;
    return [...texts].map(
      (text, at) => `<text class="bad" text-anchor="end" ${place(at)}>${escapeMarkup(cut(text))}</text>`,
    );
  });
}

import { countState, edgeLines, nodeLines, nodeTitle, type Graph, type GraphColumn } from './graph.ts';
import { METRICS, fitted, layOut, type Box, type Group, type Line } from './layout.ts';
import { Markup, markup } from '../markup.ts';
import { PICTURE_STYLE } from './style.ts';

const TITLES: Readonly<Record<GraphColumn, string>> = {
  class: 'Classes',
  gateway: 'Gateways, ListenerSets, listeners',
  route: 'Routes',
  backend: 'Backends',
};

/** The graph as one SVG file that needs nothing else. Hovering a box or a line tells all of it. */
export function renderSvg(graph: Graph): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${picture(graph, new Markup(`<style>${PICTURE_STYLE}</style>`)).toString()}\n`;
}

/**
 * The drawing itself; `style` is empty where the page around it brings the style. `links` says where a click on a box leads, by the id of its
 * node.
 */
export function picture(graph: Graph, style: Markup, links: ReadonlyMap<string, string> = new Map()): Markup {
  const { width, height, columns, groups, lines } = layOut(graph);
  const summary = summaryOf(graph);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="Gateway API status: ${summary}">
<title>Gateway API status: ${summary}</title>
${style}<rect class="paper" width="100%" height="100%"/>
<text class="heading" x="${METRICS.margin}" y="28">Gateway API status</text>
<text class="legend" x="${METRICS.margin}" y="47">${summary} · ✓ in order · ✗ broken · ! with a remark · ? not decidable · – not managed · dashed line: by leave of a ReferenceGrant</text>
${columns.map(({ column, x }) => markup`<text class="column" x="${x}" y="${METRICS.top - 12}">${TITLES[column]}</text>\n`)}<g class="frames">
${groups.map(frame)}</g>
<g class="edges">
${lines.map(line)}</g>
${groups.map((each) => group(each, links))}</svg>`;
}

/** `500 routes in 20 namespaces, 31 objects broken`. */
export function summaryOf(graph: Graph): string {
  const routes = graph.nodes.filter(({ column }) => column === 'route');
  const count = routes.reduce((sum, { members }) => sum + Math.max(1, members.length), 0);
  const namespaces = new Set(routes.map(({ namespace }) => namespace)).size;
  const broken = countState(graph, 'broken', 'missing');
  const of = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${of(count, 'route')} in ${of(namespaces, 'namespace')}, ${broken === 0 ? 'nothing' : broken} broken`;
}

function frame({ name, x, y, width, height }: Group): Markup {
  return markup`<rect class="frame" data-frame="${name}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>\n`;
}

function line({ edge, from, to, path }: Line): Markup {
  const { state, role, grants } = edge;
  const text = [`${nodeTitle(from.node)} → ${nodeTitle(to.node)}`, ...edgeLines(edge)].join('\n');
  const granted = grants.length === 0 ? '' : ' granted';
  return markup`<path class="edge ${state} ${role}${granted}" data-from="${from.name}" data-to="${to.name}" d="${path}"><title>${text}</title></path>\n`;
}

function group(
  { name, column, namespace, x, y, width, count, broken, boxes }: Group,
  links: ReadonlyMap<string, string>,
): Markup {
  const title = namespace === '' ? 'cluster' : namespace;
  const bad = broken === 0 ? new Markup('') : markup`<tspan class="count bad"> · ${broken} broken</tspan>`;
  return markup`<g class="group" id="${name}" data-column="${column}" data-namespace="${namespace}" transform="translate(${x} ${y})" role="group" aria-label="${TITLES[column]} of ${title}: ${count}, ${broken} broken">
<g class="head"><rect class="grip" width="${width}" height="${METRICS.head}" rx="8" fill="none" pointer-events="all"/><text class="space" x="${METRICS.pad + 2}" y="17">${fitted(title, width - 120, 13.5)}</text><text class="count" x="${width - METRICS.pad}" y="17" text-anchor="end">${count}${bad}</text></g>
${boxes.map((each) => box(each, links.get(each.node.id)))}</g>
`;
}

function box({ node, name, indent, y, width, height, title, lines }: Box, link: string | undefined): Markup {
  const { state, kind } = node;
  const sign = title.slice(0, 1);
  const rest = title.slice(sign.length);
  const told = nodeLines(node);
  const drawn = markup`<title>${told.join('\n')}</title><rect class="box" width="${width}" height="${height}" rx="5"/><text class="name" x="8" y="16"><tspan class="sign">${sign}</tspan>${rest}</text><text class="kind" x="${width - 8}" y="15" text-anchor="end">${kind}</text>${lines.map(
    ({ text, role }, at) => markup`<text class="${role}" x="8" y="${16 + (at + 1) * METRICS.line}">${text}</text>`,
  )}`;
  // What is in an image is nothing to a screen reader, and a link must be something.
  const [role, inside] =
    link === undefined
      ? ['img', drawn]
      : ['group', markup`<a href="${link}" aria-label="Findings of ${told.join('; ')}">${drawn}</a>`];
  return markup`<g class="node ${state}" id="${name}" data-state="${state}" data-kind="${kind}" data-namespace="${node.namespace}" data-height="${height}" data-indent="${indent}" transform="translate(${METRICS.pad + indent} ${y})" role="${role}" aria-label="${told.join('; ')}">${inside}</g>
`;
}

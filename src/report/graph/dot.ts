import { visible } from '../visible.ts';
import {
  edgeLines,
  isBroken,
  nodeLines,
  boxLines,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type GraphState,
} from './graph.ts';

const COLOURS: Readonly<Record<GraphState, string>> = {
  ok: '#4b5563',
  remark: '#b45309',
  broken: '#c62828',
  missing: '#c62828',
  unknown: '#6b7280',
  unmanaged: '#9ca3af',
};
const LINES = 4;

/** The graph for Graphviz: a cluster for each namespace, dashed lines for grants, red ones with their reason for what is broken. */
export function renderDot({ nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const clusters = [...Map.groupBy(nodes, ({ namespace }) => namespace)];
  return [
    'digraph "Gateway API" {',
    '  graph [rankdir=LR, fontname="Helvetica", ranksep=1.2, nodesep=0.15];',
    '  node [shape=box, style="rounded", fontname="Helvetica", fontsize=11, margin="0.12,0.06"];',
    '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.6];',
    ...clusters.flatMap(([namespace, own], at) => {
      const boxes = own.map((node) => `${ids.get(node.id) ?? ''} [${nodeAttributes(node)}];`);
      if (namespace === '') return boxes.map((box) => `  ${box}`);
      const head = [`  subgraph cluster_${at} {`, `    label=${quote([`namespace ${namespace}`])};`];
      return [...head, '    color="#d1d5db"; fontcolor="#4b5563";', ...boxes.map((box) => `    ${box}`), '  }'];
    }),
    ...edges.map((edge) => {
      const attributes = edgeAttributes(edge);
      const suffix = attributes === '' ? '' : ` [${attributes}]`;
      return `  ${ids.get(edge.from) ?? ''} -> ${ids.get(edge.to) ?? ''}${suffix};`;
    }),
    '}',
    '',
  ].join('\n');
}

function nodeAttributes(node: GraphNode): string {
  const { state } = node;
  return [
    `label=${quote(boxLines(node, LINES))}`,
    `tooltip=${quote(nodeLines(node))}`,
    ...(state === 'ok' ? [] : [`color="${COLOURS[state]}"`, `fontcolor="${COLOURS[state]}"`]),
    ...(state === 'missing' ? ['style="rounded,dashed"'] : []),
  ].join(', ');
}

function edgeAttributes(edge: GraphEdge): string {
  const { state, problem, grants } = edge;
  const reason = problem === undefined || !isBroken(state) ? [] : [problem.reason || problem.message];
  const label = [...reason, ...grants.map((grant) => `grant ${grant}`)];
  const lines = edgeLines(edge);
  return [
    ...(label.length === 0 ? [] : [`label=${quote(label)}`]),
    ...(lines.length === 0 ? [] : [`tooltip=${quote(lines)}`]),
    ...(state === 'ok' ? [] : [`color="${COLOURS[state]}"`, `fontcolor="${COLOURS[state]}"`]),
    ...(grants.length === 0 ? [] : ['style=dashed']),
  ].join(', ');
}

/**
 * Lines as a quoted string of DOT: `\` and `"` have a meaning in strings, `&` begins an entity in labels (graphviz.org/doc/info/lang.html,
 * attribute type escString).
 */
function quote(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    visible(line.toWellFormed()).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
  );
  return `"${escaped.join('\\n')}"`;
}

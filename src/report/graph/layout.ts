import type { FindingEffect } from '../finding.ts';
import {
  GRAPH_COLUMNS,
  LISTENER,
  STATE_SIGN,
  findingsText,
  isBroken,
  sizeOf,
  worstOf,
  type Graph,
  type GraphColumn,
  type GraphEdge,
  type GraphNode,
} from './graph.ts';

/** Lengths in user units of SVG. The page's script lays out by the same ones. */
export const METRICS = { margin: 16, top: 84, head: 26, gap: 6, groupGap: 14, indent: 16, pad: 8, line: 15 } as const;

const WIDTHS: Readonly<Record<GraphColumn, number>> = { class: 200, gateway: 310, route: 320, backend: 260 };
const COLUMN_GAP = 70;
/** So many details and problems are written into a box; the rest is in its tooltip. */
const MOST_LINES = 3;

/** One line of text in a box. */
export interface BoxLine {
  readonly text: string;
  readonly role: 'detail' | 'problem' | `findings ${FindingEffect}`;
}

/** A box in its place; `y` counts from the top of its group. */
export interface Box {
  readonly node: GraphNode;
  /** `n7`: its name in the picture. */
  readonly name: string;
  readonly indent: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly lines: readonly BoxLine[];
}

/** The boxes of one namespace in one column. */
export interface Group {
  readonly name: string;
  readonly column: GraphColumn;
  readonly namespace: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How many of the objects are in it, and how many of them broken. */
  readonly count: number;
  readonly broken: number;
  readonly boxes: readonly Box[];
}

/** A line in its place. */
export interface Line {
  readonly edge: GraphEdge;
  readonly from: Box;
  readonly to: Box;
  /** The path's `d`. */
  readonly path: string;
}

/** A picture with every position. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly { readonly column: GraphColumn; readonly x: number; readonly width: number }[];
  readonly groups: readonly Group[];
  readonly lines: readonly Line[];
}

/** Puts a graph on paper: a column for each layer, in it a group for each namespace, in that a box under the other. */
export function layOut(graph: Graph): Layout {
  const { margin, top, groupGap } = METRICS;
  const columns: { column: GraphColumn; x: number; width: number }[] = [];
  const groups: Group[] = [];
  const boxes = new Map<string, { readonly box: Box; readonly group: Group }>();
  const depths = depthsOf(graph.nodes);
  const names = new Map(graph.nodes.map(({ id }, at) => [id, `n${at}`]));
  let x: number = margin;
  let height: number = top;
  for (const column of GRAPH_COLUMNS) {
    const nodes = graph.nodes.filter((node) => node.column === column);
    if (nodes.length === 0) continue;
    const width = WIDTHS[column];
    columns.push({ column, x, width });
    let y: number = top;
    for (const [namespace, own] of Map.groupBy(nodes, (node) => groupOf(node, graph.nodes))) {
      const placed = stack(own, names, depths, width);
      // Backends begin no higher than the routes of their namespace, so that most lines are short.
      if (column === 'backend') {
        y = Math.max(y, groups.find((group) => group.column === 'route' && group.namespace === namespace)?.y ?? 0);
      }
      const group: Group = {
        name: `g${groups.length}`,
        column,
        namespace,
        x,
        y,
        width,
        height: placed.height,
        count: countOf(own),
        broken: countOf(own.filter(({ state }) => isBroken(state))),
        boxes: placed.boxes,
      };
      groups.push(group);
      for (const box of placed.boxes) boxes.set(box.node.id, { box, group });
      y += placed.height + groupGap;
    }
    height = Math.max(height, y);
    x += width + COLUMN_GAP;
  }
  const lines = graph.edges.flatMap((edge) => {
    const from = boxes.get(edge.from);
    const to = boxes.get(edge.to);
    return from === undefined || to === undefined ? [] : [{ edge, from: from.box, to: to.box, path: pathOf(from, to) }];
  });
  return { width: Math.max(x - COLUMN_GAP, 720) + margin, height: height + margin, columns, groups, lines };
}

function countOf(nodes: readonly GraphNode[]): number {
  return nodes.filter(({ kind }) => kind !== LISTENER).reduce((sum, { members }) => sum + sizeOf(members), 0);
}

function depthsOf(nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { id, holder } of nodes) depths.set(id, holder === undefined ? 0 : (depths.get(holder) ?? 0) + 1);
  return depths;
}

/** What is drawn under a Gateway is in the group of that Gateway, whatever its own namespace. */
function groupOf(node: GraphNode, nodes: readonly GraphNode[]): string {
  let top = node;
  for (let steps = 0; top.holder !== undefined && steps < 3; steps += 1) {
    const holder = nodes.find(({ id }) => id === top.holder);
    if (holder === undefined) break;
    top = holder;
  }
  return top.namespace;
}

function stack(
  nodes: readonly GraphNode[],
  names: ReadonlyMap<string, string>,
  depths: ReadonlyMap<string, number>,
  width: number,
): { readonly boxes: readonly Box[]; readonly height: number } {
  const { head, gap, pad, line, indent: step } = METRICS;
  let y: number = head;
  const boxes = nodes.map((node) => {
    const indent = (depths.get(node.id) ?? 0) * step;
    const own = width - 2 * pad - indent;
    const lines = linesOf(node, own);
    const box: Box = {
      node,
      name: names.get(node.id) ?? '',
      indent,
      y,
      width: own,
      height: 24 + lines.length * line + (lines.length > 0 ? 3 : 0),
      title: fitted(`${STATE_SIGN[node.state]} ${nameOf(node)}`, own - 24 - textWidth(node.kind, 10), 13.2),
      lines,
    };
    y += box.height + gap;
    return box;
  });
  return { boxes, height: y - gap + pad };
}

/** A ListenerSet may be of another namespace than the group that it is drawn in. */
function nameOf({ kind, namespace, name }: GraphNode): string {
  return kind === 'ListenerSet' || kind === 'XListenerSet' ? `${namespace}/${name}` : name;
}

function linesOf({ details, problems, members, findings }: GraphNode, width: number): readonly BoxLine[] {
  const fit = (text: string): string => fitted(text, width - 16, 11);
  const detail = [...details, ...(members.length > 0 ? [members.join(', ')] : [])].join(' · ');
  const told = problems
    .slice(0, MOST_LINES)
    .map(({ reason, message }) => fit(reason === '' ? message : `${reason}: ${message}`));
  const more = problems.length > MOST_LINES ? [`and ${problems.length - MOST_LINES} more`] : [];
  return [
    ...(detail === '' ? [] : [{ text: fit(detail), role: 'detail' as const }]),
    ...[...told, ...more].map((text) => ({ text, role: 'problem' as const })),
    ...(findings === undefined
      ? []
      : [
          {
            text: fitted(`\u25cf ${findingsText(findings)}`, width - 16, 12),
            role: `findings ${worstOf(findings)}` as const,
          },
        ]),
  ];
}

interface Placed {
  readonly box: Box;
  readonly group: Group;
}

/** From right to left edge as a curve; within a column down the left side, as in an outline. */
function pathOf(from: Placed, to: Placed): string {
  const { pad } = METRICS;
  const left = ({ box, group }: Placed): number => group.x + pad + box.indent;
  const top = ({ box, group }: Placed): number => group.y + box.y;
  const endY = top(to) + to.box.height / 2;
  if (from.group.column === to.group.column) {
    const x = left(from) + 7;
    return `M${x} ${top(from) + from.box.height}V${endY}H${left(to)}`;
  }
  const startX = left(from) + from.box.width;
  const startY = top(from) + from.box.height / 2;
  const bend = Math.max(40, (left(to) - startX) / 2);
  return `M${startX} ${startY}C${startX + bend} ${startY} ${left(to) - bend} ${endY} ${left(to)} ${endY}`;
}

/** A text cut to a width, as far as that can be told without a font. */
export function fitted(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  let used = textWidth('…', size);
  let cut = '';
  for (const character of text) {
    used += textWidth(character, size);
    if (used > width) break;
    cut += character;
  }
  return `${cut}…`;
}

/** About how wide a text is in a sans-serif font of a size; what is not of the Latin alphabet is taken to be square. */
function textWidth(text: string, size: number): number {
  let units = 0;
  for (const character of text) {
    const isNarrow = /[iljtfr.,:;|'!/ -]/.test(character);
    const isWide = /[mwA-Z@%]/.test(character);
    units += character > '\u024f' && character !== '…' ? 1.05 : isNarrow ? 0.38 : isWide ? 0.8 : 0.62;
  }
  return units * size;
}

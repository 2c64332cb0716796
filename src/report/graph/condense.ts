import { GraphBuilder } from './builder.ts';
import { isBroken, worstOf, type Graph, type GraphNode, type NodeFindings } from './graph.ts';

/** From so many routes on, a picture that cannot be folded draws likes as one. */
const READABLE = 60;
/** So many that are broken alike are still drawn one by one. */
const FEW_BROKEN = 3;

/**
 * A graph that stays readable where it cannot be folded: beyond {@link READABLE} routes, the routes of a namespace that are in the same state
 * for the same reasons are one box that knows their names, and so are the backends. Nothing broken is hidden behind what works.
 */
export function condense(graph: Graph): Graph {
  return condensed(graph).graph;
}

/** The same, with the box in which each node of the graph is drawn, by their ids. */
export function condensed(graph: Graph): { readonly graph: Graph; readonly boxOf: ReadonlyMap<string, string> } {
  if (graph.nodes.filter(({ column }) => column === 'route').length <= READABLE) {
    return { graph, boxOf: new Map(graph.nodes.map(({ id }) => [id, id])) };
  }
  const likes = Map.groupBy(graph.nodes, likeness);
  const builder = new GraphBuilder();
  const boxOf = new Map<string, string>();
  for (const [key, nodes] of likes) {
    const [first] = nodes;
    if (first === undefined) continue;
    const isBox = key !== '' && nodes.length > (isBroken(first.state) ? FEW_BROKEN : 1);
    if (isBox) builder.node(boxOver(key, first, nodes));
    for (const node of nodes) {
      if (!isBox) builder.node(node);
      boxOf.set(node.id, isBox ? key : node.id);
    }
  }
  const links = Map.groupBy(graph.edges, ({ from, to, role, state, problem }) =>
    JSON.stringify([boxOf.get(from), boxOf.get(to), role, state, problem?.reason]),
  );
  for (const edges of links.values()) {
    const [first] = edges;
    if (first === undefined) continue;
    const from = boxOf.get(first.from) ?? first.from;
    const to = boxOf.get(first.to) ?? first.to;
    const isOne = edges.length === 1;
    builder.edge({
      ...first,
      from,
      to,
      details: isOne ? first.details : [`${edges.length}×`],
      grants: [...new Set(edges.flatMap(({ grants }) => grants))].sort(),
    });
  }
  return { graph: builder.graph, boxOf };
}

/** What nodes share that may be drawn as one; `""` for those that stand alone. */
function likeness({ column, kind, namespace, state, problems, findings }: GraphNode): string {
  if (column !== 'route' && column !== 'backend') return '';
  const worst = findings === undefined ? '' : worstOf(findings);
  const reasons = [...new Set(problems.map(({ reason }) => reason))];
  return JSON.stringify(['likes', column, kind, namespace, state, reasons, worst]);
}

function boxOver(id: string, first: GraphNode, nodes: readonly GraphNode[]): GraphNode {
  const reasons = new Map(first.problems.map((problem) => [problem.reason, problem]));
  return {
    ...first,
    id,
    name: `${nodes.length} ${first.kind}${first.kind.endsWith('y') ? '' : 's'}`,
    details: [],
    problems: [...reasons.values()].map(({ reason, message }) => ({ reason, message: `the first says: ${message}` })),
    members: nodes.map(({ name }) => name),
    ...(first.findings === undefined ? {} : { findings: sumOf(nodes.flatMap(({ findings }) => findings ?? [])) }),
  };
}

function sumOf(all: readonly NodeFindings[]): NodeFindings {
  const sum = (effect: keyof NodeFindings): number => all.reduce((total, one) => total + one[effect], 0);
  return { error: sum('error'), deny: sum('deny'), warn: sum('warn'), audit: sum('audit') };
}

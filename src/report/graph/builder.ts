import { compareText } from '#gateway';
import {
  GRAPH_COLUMNS,
  LISTENER,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type GraphProblem,
  type GraphState,
} from './graph.ts';

/** States from best to worst. */
const WORSE: readonly GraphState[] = ['ok', 'unmanaged', 'remark', 'unknown', 'broken', 'missing'];

/** Collects a graph: what is added twice is one, in the worse of its states, and everything comes out in order. */
export class GraphBuilder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  /** The order of arrival: listeners stay as they stand in their holder. */
  readonly #arrival = new Map<string, number>();

  /** Adds a node; one that is there keeps what it says. */
  node(node: Omit<GraphNode, 'holder' | 'members'> & Partial<Pick<GraphNode, 'holder' | 'members'>>): void {
    if (this.#nodes.has(node.id)) return;
    this.#arrival.set(node.id, this.#arrival.size);
    this.#nodes.set(node.id, { holder: undefined, members: [], ...node, problems: unique(node.problems) });
  }

  /** Adds to what a node says; nothing when there is no such node. */
  amend(id: string, { details, state, problems }: Pick<GraphNode, 'details' | 'state' | 'problems'>): void {
    const known = this.#nodes.get(id);
    if (known === undefined) return;
    this.#nodes.set(id, {
      ...known,
      details: [...known.details, ...details],
      state: worse(known.state, state),
      problems: unique([...known.problems, ...problems]),
    });
  }

  /** Adds an edge; one between the same ends, in the same state for the same reason, takes up its details. */
  edge(edge: Pick<GraphEdge, 'from' | 'to' | 'role' | 'state'> & Partial<GraphEdge>): void {
    const { problem, details = [], grants = [] } = edge;
    const key = JSON.stringify([edge.from, edge.to, edge.role, edge.state, problem?.reason, problem?.message]);
    const known = this.#edges.get(key);
    this.#edges.set(key, {
      ...edge,
      problem,
      details: [...new Set([...(known?.details ?? []), ...details])],
      grants: [...new Set([...(known?.grants ?? []), ...grants])],
    });
  }

  /** What was added, in the order of columns, namespaces and names; a listener or ListenerSet after its holder. */
  get graph(): Graph {
    const nodes: GraphNode[] = [];
    const seen = new Set<string>();
    const children = Map.groupBy(this.#nodes.values(), ({ holder }) => holder);
    const take = (node: GraphNode): void => {
      if (seen.has(node.id)) return;
      seen.add(node.id);
      nodes.push(node);
      for (const child of this.#sorted(children.get(node.id) ?? [])) take(child);
    };
    for (const node of this.#sorted(children.get(undefined) ?? [])) take(node);
    for (const node of this.#sorted([...this.#nodes.values()])) take(node);
    const order = new Map(nodes.map(({ id }, at) => [id, at]));
    const place = (id: string): number => order.get(id) ?? -1;
    const edges = [...this.#edges.values()]
      .filter(({ from, to }) => order.has(from) && order.has(to))
      .sort(
        (a, b) =>
          place(a.from) - place(b.from) ||
          place(a.to) - place(b.to) ||
          compareText(a.problem?.reason ?? '', b.problem?.reason ?? '') ||
          compareText(a.problem?.message ?? '', b.problem?.message ?? ''),
      );
    return { nodes, edges };
  }

  #sorted(nodes: readonly GraphNode[]): readonly GraphNode[] {
    const arrival = ({ id }: GraphNode): number => this.#arrival.get(id) ?? 0;
    return nodes.toSorted(
      (a, b) =>
        GRAPH_COLUMNS.indexOf(a.column) - GRAPH_COLUMNS.indexOf(b.column) ||
        Number(b.kind === LISTENER) - Number(a.kind === LISTENER) ||
        (a.kind === LISTENER ? arrival(a) - arrival(b) : 0) ||
        compareText(a.namespace, b.namespace) ||
        compareText(a.kind, b.kind) ||
        compareText(a.name, b.name) ||
        compareText(a.id, b.id),
    );
  }
}

/** The worse of two states. */
function worse(a: GraphState, b: GraphState): GraphState {
  return WORSE.indexOf(a) < WORSE.indexOf(b) ? b : a;
}

/** Each problem once; the same message under two reasons is one cause. */
function unique(problems: readonly GraphProblem[]): readonly GraphProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ message }) => {
    const isNew = !seen.has(message);
    seen.add(message);
    return isNew;
  });
}

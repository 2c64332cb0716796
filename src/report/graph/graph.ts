import type { FindingEffect } from '../finding.ts';

/** The columns of a picture, left to right: GatewayClasses, Gateways with their ListenerSets and listeners, routes, what routes send to. */
export const GRAPH_COLUMNS = ['class', 'gateway', 'route', 'backend'] as const;
/** See {@link GRAPH_COLUMNS}. */
export type GraphColumn = (typeof GRAPH_COLUMNS)[number];

/**
 * How a node or edge stands. `remark`: in force, with something to know. `missing`: named, and not there. `unknown`: it depends on what is out
 * of sight. `unmanaged`: no chosen controller writes a status for it.
 */
export type GraphState = 'ok' | 'remark' | 'broken' | 'missing' | 'unknown' | 'unmanaged';

/** Why something is not as it should be: a condition's reason, and its message. */
export interface GraphProblem {
  readonly reason: string;
  readonly message: string;
}

/** A box of the picture. */
export interface GraphNode {
  /** No two nodes have the same, whatever their names hold. */
  readonly id: string;
  readonly column: GraphColumn;
  /** `GatewayClass`, `Listener`, `HTTPRoute`; of a kind that Gateward does not know with its group. */
  readonly kind: string;
  /** `""` for what is cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
  /** The Gateway of a ListenerSet, the Gateway or ListenerSet of a listener: what it is drawn under. */
  readonly holder: string | undefined;
  /** Hostnames, ports, counts: a phrase each. */
  readonly details: readonly string[];
  readonly state: GraphState;
  readonly problems: readonly GraphProblem[];
  /** The names of the objects that one box stands for in a condensed picture; empty for a box of one object. */
  readonly members: readonly string[];
  /** What a report finds about it; undefined when there is nothing, or no report. */
  readonly findings?: NodeFindings;
}

/** How many findings of each effect there are about the objects of a box. */
export type NodeFindings = Readonly<Record<FindingEffect, number>>;

/** A line of the picture, from left to right. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `holds`: from a class to its Gateways, from a Gateway to its ListenerSets and listeners. */
  readonly role: 'holds' | 'attaches' | 'sends' | 'refers';
  readonly state: Exclude<GraphState, 'missing' | 'remark'>;
  /** Undefined for a line that is in order. */
  readonly problem: GraphProblem | undefined;
  /** Hostnames of an attachment, ports of a backend: a phrase each. */
  readonly details: readonly string[];
  /** The ReferenceGrants by whose leave the line crosses namespaces: `shop/from-web`; empty where it needs none. */
  readonly grants: readonly string[];
}

/** What every picture of `gateward status` shows. Nodes and edges are sorted: the same world gives the same graph. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** How many nodes of one state a graph has. */
export function countState({ nodes }: Graph, ...states: readonly GraphState[]): number {
  return nodes.filter(({ state }) => states.includes(state)).reduce((sum, { members }) => sum + sizeOf(members), 0);
}

/** How many objects a box stands for. */
export function sizeOf(members: GraphNode['members']): number {
  return Math.max(1, members.length);
}

/** Whether a state means that something does not work. */
export function isBroken(state: GraphState): boolean {
  return state === 'broken' || state === 'missing';
}

/** `HTTPRoute team-shop/web`, `20 HTTPRoutes of team-shop`; a listener stands under its holder, so its own name is enough. */
export function nodeTitle({ kind, namespace, name, members }: GraphNode): string {
  if (members.length > 0) return `${name} of ${namespace}`;
  return namespace === '' || kind === LISTENER ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Everything there is to say of a node, a line each: title, details, problems, members. */
export function nodeLines(node: GraphNode): readonly string[] {
  return [
    nodeTitle(node),
    ...node.details,
    ...(STATE_TEXT[node.state] === '' ? [] : [STATE_TEXT[node.state]]),
    ...node.problems.map(problemText),
    ...(node.findings === undefined ? [] : [findingsText(node.findings)]),
    ...node.members,
  ];
}

/** `1 denied, 2 warnings`. */
export function findingsText({ error, deny, warn, audit }: NodeFindings): string {
  const parts = [
    error > 0 ? `${error} error${error === 1 ? '' : 's'}` : '',
    deny > 0 ? `${deny} denied` : '',
    warn > 0 ? `${warn} warning${warn === 1 ? '' : 's'}` : '',
    audit > 0 ? `${audit} audited` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The gravest effect of which there is any. */
export function worstOf({ error, deny, warn }: NodeFindings): FindingEffect {
  return error > 0 ? 'error' : deny > 0 ? 'deny' : warn > 0 ? 'warn' : 'audit';
}

/** Everything there is to say of an edge but its ends, a line each. */
export function edgeLines({ details, problem, grants, state }: GraphEdge): readonly string[] {
  return [
    ...details,
    ...grants.map((grant) => `by ReferenceGrant ${grant}`),
    ...(problem === undefined ? (state === 'ok' ? [] : [STATE_TEXT[state]]) : [problemText(problem)]),
  ];
}

/** `RefNotPermitted: no ReferenceGrant …`. */
export function problemText({ reason, message }: GraphProblem): string {
  return reason === '' ? message : `${reason}: ${message}`;
}

/** The kind of listener nodes, which are no objects of their own. */
export const LISTENER = 'Listener';

/** States in words; `""` for what is in order. */
const STATE_TEXT: Readonly<Record<GraphState, string>> = {
  ok: '',
  remark: 'in force, with a remark',
  broken: 'broken',
  missing: 'missing',
  unknown: 'not decidable from what is in sight',
  unmanaged: 'not managed',
};

/** States as signs, so that no picture tells by colour alone. */
export const STATE_SIGN: Readonly<Record<GraphState, string>> = {
  ok: '✓',
  remark: '!',
  broken: '✗',
  missing: '✗',
  unknown: '?',
  unmanaged: '–',
};

/** What stands in a small box: the title, and of the details and of the reasons of problems at most so many lines each. */
export function boxLines(node: GraphNode, most: number): readonly string[] {
  const reasons = node.problems.map(({ reason, message }) => (reason === '' ? message : reason));
  return [
    `${STATE_SIGN[node.state]} ${nodeTitle(node)}`,
    ...shortened(node.details, most),
    ...shortened([...new Set(reasons)], most),
  ];
}

/** The last line says how many more there are. */
function shortened(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more`];
}

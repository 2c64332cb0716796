import {
  attach,
  backendProblem,
  backendReferences,
  certificateReferences,
  checkKeyMaterial,
  controllerOf,
  findParent,
  formatKey,
  grantFor,
  attachedRoutes,
  isParent,
  ownerKey,
  parentClaims,
  targetName,
  type AttachmentReason,
  type BackendProblem,
  type Condition,
  type Indexed,
  type ListenerKind,
  type ListenerStatus,
  type ObjectStatus,
  type Reference,
  type RouteKind,
  type Snapshot,
  type StatusOptions,
  type WorldStatusKind,
} from '#gateway';

/** The columns of the picture, from left to right. */
export const GRAPH_COLUMNS = ['Classes', 'Gateways and ListenerSets', 'Listeners', 'Routes', 'Backends'] as const;

/** A box of the picture. */
export interface GraphNode {
  readonly id: string;
  /** An index of {@link GRAPH_COLUMNS}. */
  readonly column: number;
  /** `""` for what is cluster-scoped. */
  readonly namespace: string;
  readonly title: string;
  readonly subtitle: string;
  /** Why it does not work; undefined when it does. */
  readonly broken: string | undefined;
}

/** A line of the picture. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The reason, when what it stands for does not work. */
  readonly broken: string | undefined;
  /** The ReferenceGrant that permits it: a dashed line. */
  readonly grant: string | undefined;
}

/** What the pictures of `gateward status` show. */
export interface StatusGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** A graph under construction; a node or edge that is added again is the one that is there, a broken one wins. */
class Builder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  node(node: Omit<GraphNode, 'broken'> & { readonly broken?: string | undefined }): string {
    const known = this.#nodes.get(node.id);
    this.#nodes.set(node.id, { ...node, broken: known?.broken ?? node.broken });
    return node.id;
  }

  edge(from: string, to: string, broken?: string, grant?: string): void {
    const key = `${from} → ${to}`;
    const known = this.#edges.get(key);
    this.#edges.set(key, { from, to, broken: known?.broken ?? broken, grant: known?.grant ?? grant });
  }

  get graph(): StatusGraph {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }
}

/** Draws a world: what is in the snapshot, with the statuses that were computed of it under the same options. */
export function statusGraph(
  snapshot: Snapshot<WorldStatusKind>,
  statuses: readonly ObjectStatus[],
  options: StatusOptions = {},
): StatusGraph {
  const builder = new Builder();
  for (const entry of statuses) {
    if (entry.status === undefined) continue;
    switch (entry.kind) {
      case 'Gateway': {
        const gateway = snapshot.get('Gateway', entry.object.metadata.namespace ?? '', entry.object.metadata.name);
        if (gateway === undefined) break;
        addOwner(builder, snapshot, { kind: 'Gateway', object: gateway }, entry.status, options);
        const name = gateway.spec.gatewayClassName;
        const controller = controllerOf(snapshot, gateway, options) ?? '';
        const id = builder.node({
          id: `GatewayClass ${name}`,
          column: 0,
          namespace: '',
          title: name,
          subtitle: controller,
        });
        builder.edge(id, formatKey(ownerKey({ kind: 'Gateway', object: gateway })));
        break;
      }
      case 'ListenerSet':
      case 'XListenerSet': {
        const { namespace = '', name } = entry.object.metadata;
        const set = snapshot.get(entry.kind, namespace, name);
        if (set === undefined) break;
        const id = addOwner(builder, snapshot, { kind: entry.kind, object: set }, entry.status, options);
        const parent = set.spec.parentRef;
        const from = formatKey({ kind: 'Gateway', namespace: parent.namespace ?? namespace, name: parent.name });
        builder.edge(from, id, problemOf(entry.status.conditions, ['Accepted']));
        break;
      }
      case 'BackendTLSPolicy':
        break;
      default:
        addRoute(builder, snapshot, entry, options);
    }
  }
  return builder.graph;
}

/** The listeners from which a refused route is drawn: those at which it came furthest. */
const STAGES_OF: Readonly<Record<AttachmentReason, readonly string[]>> = {
  Accepted: [],
  NoMatchingParent: [],
  NotAllowedByListeners: ['kind', 'same', 'selector'],
  NoMatchingListenerHostname: ['hostname'],
  Pending: ['selector'],
};

function addOwner(
  builder: Builder,
  snapshot: Snapshot<WorldStatusKind>,
  owner: Indexed<ListenerKind>,
  status: { readonly conditions: readonly Condition[]; readonly listeners: readonly ListenerStatus[] },
  options: StatusOptions,
): string {
  const key = ownerKey(owner);
  const id = builder.node({
    id: formatKey(key),
    column: 1,
    namespace: key.namespace,
    title: key.name,
    subtitle: key.kind,
    broken: problemOf(status.conditions, ['Accepted', 'ResolvedRefs']),
  });
  const ids = owner.object.spec.listeners.map((listener, at) => {
    const known = status.listeners.find(({ name }) => name === listener.name);
    const listenerId = builder.node({
      id: `${id} listener ${at}`,
      column: 2,
      namespace: key.namespace,
      title: listener.name,
      subtitle: `${listener.protocol} ${listener.port}${listener.hostname === undefined ? '' : ` ${listener.hostname}`}`,
      broken: problemOf(known?.conditions ?? [], ['Accepted', 'ResolvedRefs']),
    });
    builder.edge(id, listenerId);
    for (const reference of certificateReferences(owner, at)) {
      if (reference.needsGrant)
        addGranted(builder, snapshot, listenerId, reference, checkKeyMaterial(snapshot, reference).problem);
    }
    return listenerId;
  });
  for (const { route, listeners } of attachedRoutes(snapshot, owner, options.features)) {
    for (const at of listeners) builder.edge(ids[at] ?? id, routeNode(builder, route));
  }
  return id;
}

function routeNode(builder: Builder, { kind, object }: Indexed<RouteKind>): string {
  const { namespace = '', name } = object.metadata;
  const hostnames = 'hostnames' in object.spec ? (object.spec.hostnames ?? []) : [];
  const more = hostnames.length > 1 ? ` +${hostnames.length - 1}` : '';
  return builder.node({
    id: formatKey({ kind, namespace, name }),
    column: 3,
    namespace,
    title: name,
    subtitle: hostnames.length === 0 ? kind : `${kind} ${hostnames[0] ?? ''}${more}`,
  });
}

function addRoute(
  builder: Builder,
  snapshot: Snapshot<WorldStatusKind>,
  { kind, object: { metadata }, status }: Extract<ObjectStatus, { readonly kind: RouteKind }>,
  options: StatusOptions,
): void {
  const route = routeOf(snapshot, kind, metadata.namespace ?? '', metadata.name);
  if (route === undefined) return;
  const id = routeNode(builder, route);
  for (const claim of parentClaims(snapshot, route)) {
    const parent = findParent(snapshot, metadata.namespace ?? '', claim.ref);
    if (isParent(parent)) {
      if (controllerOf(snapshot, parent.gateway, options) === undefined) continue;
      const own = status.parents.find(({ parentRef }) => parentRef === claim.ref || isSameRef(parentRef, claim.ref));
      const problem = problemOf(own?.conditions ?? [], ['Accepted']);
      if (problem === undefined) continue;
      const owner = formatKey(ownerKey(parent.owner));
      const { listeners, reason } = attach(snapshot, route, claim, parent, options.features);
      const nearest = listeners.filter(
        ({ refusal }) => refusal !== undefined && STAGES_OF[reason].includes(refusal.stage),
      );
      if (nearest.length === 0) builder.edge(owner, id, problem);
      for (const { at } of nearest) builder.edge(`${owner} listener ${at}`, id, problem);
    } else if (parent.missing !== undefined) {
      const { missing } = parent;
      const ghost = builder.node({
        id: formatKey(missing),
        column: 1,
        namespace: missing.namespace,
        title: missing.name,
        subtitle: missing.kind,
        broken: 'does not exist',
      });
      builder.edge(ghost, id, 'no such parent');
    }
  }
  for (const reference of backendReferences(route)) {
    const problem = backendProblem(snapshot, reference);
    addGranted(builder, snapshot, id, reference, named(problem));
  }
}

/** A problem whose message begins with its reason. */
function named(problem: BackendProblem | undefined): { readonly what: string; readonly message: string } | undefined {
  if (problem === undefined || problem.what === 'grant') return problem;
  return { what: problem.what, message: `${problem.reason}: ${problem.message}` };
}

/** A line to what a reference means, dashed when a grant permits it. Without one nothing is drawn of the target but its name. */
function addGranted(
  builder: Builder,
  snapshot: Snapshot<WorldStatusKind>,
  from: string,
  reference: Reference,
  problem: { readonly what: string; readonly message: string } | undefined,
): void {
  const { to } = reference;
  const target = builder.node({
    id: targetName(reference),
    column: 4,
    namespace: to.namespace,
    title: to.name,
    subtitle: to.kind,
    broken: problem?.what === 'absent' ? 'does not exist' : undefined,
  });
  const grant = reference.needsGrant ? grantFor(snapshot, reference) : undefined;
  const name = grant && formatKey({ kind: 'ReferenceGrant', namespace: to.namespace, name: grant.metadata.name });
  const message = problem?.what === 'grant' ? `RefNotPermitted: ${problem.message}` : problem?.message;
  builder.edge(from, target, message, name);
}

function routeOf(
  snapshot: Snapshot<RouteKind>,
  kind: RouteKind,
  namespace: string,
  name: string,
): Indexed<RouteKind> | undefined {
  switch (kind) {
    case 'HTTPRoute': {
      const object = snapshot.get('HTTPRoute', namespace, name);
      return object && { kind, object };
    }
    case 'GRPCRoute': {
      const object = snapshot.get('GRPCRoute', namespace, name);
      return object && { kind, object };
    }
    case 'TLSRoute':
    case 'TCPRoute':
    case 'UDPRoute': {
      const object = snapshot.get(kind, namespace, name);
      return object && { kind, object };
    }
  }
}

function isSameRef(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Why one of these conditions is not True, as `Reason: message`. */
function problemOf(conditions: readonly Condition[], types: readonly string[]): string | undefined {
  const wrong = conditions.find(({ type, status }) => types.includes(type) && status !== 'True');
  return wrong && `${wrong.reason}: ${wrong.message}`;
}

/**
 * The graph with the sound routes of each namespace drawn as one box when there are more than `most` routes; broken ones stay, so that what
 * matters is seen.
 */
export function foldRoutes(graph: StatusGraph, most: number): StatusGraph {
  const routes = graph.nodes.filter(({ column }) => column === 3);
  if (routes.length <= most) return graph;
  const broken = new Set(graph.edges.filter((edge) => edge.broken !== undefined).flatMap(({ from, to }) => [from, to]));
  const foldable = routes.filter(({ id }) => !broken.has(id));
  const counts = Map.groupBy(foldable, ({ namespace }) => namespace);
  const target = new Map(foldable.map(({ id, namespace }) => [id, `routes of ${namespace}`]));
  const builder = new Builder();
  for (const node of graph.nodes) if (!target.has(node.id)) builder.node(node);
  for (const [namespace, folded] of counts) {
    builder.node({
      id: `routes of ${namespace}`,
      column: 3,
      namespace,
      title: `${folded.length} route${folded.length === 1 ? '' : 's'}`,
      subtitle: `of namespace ${namespace}`,
    });
  }
  for (const { from, to, broken: why, grant } of graph.edges) {
    builder.edge(target.get(from) ?? from, target.get(to) ?? to, why, grant);
  }
  return builder.graph;
}

/** The part of a graph that routes of a namespace are in: they, what leads to them and what they lead to. */
export function graphOfNamespace({ nodes, edges }: StatusGraph, namespace: string): StatusGraph {
  const kept = new Set(nodes.filter((node) => node.column === 3 && node.namespace === namespace).map(({ id }) => id));
  const column = new Map(nodes.map((node) => [node.id, node.column]));
  const follow = (end: 'from' | 'to', start: 'from' | 'to'): void => {
    for (let grew = true; grew;) {
      grew = false;
      for (const edge of edges) {
        const next = edge[end];
        if (!kept.has(edge[start]) || kept.has(next) || column.get(next) === 3) continue;
        kept.add(next);
        grew = true;
      }
    }
  };
  follow('to', 'from');
  const backends = new Set(kept);
  follow('from', 'to');
  return {
    nodes: nodes.filter(({ id }) => kept.has(id)),
    edges: edges.filter(({ from, to }) => kept.has(from) && kept.has(to) && (column.get(to) !== 4 || backends.has(to))),
  };
}

import {
  BACKEND_KINDS,
  HOSTNAME_ROUTE_KINDS,
  attach,
  backendProblem,
  backendReferences,
  formatGroupKind,
  formatKey,
  grants as permits,
  indexed,
  isOneOf,
  isParent,
  isPermitted,
  isRoute,
  kindOf,
  parentClaims,
  parentsOf,
  policyTargets,
  references,
  type Indexed,
  type ListenerKind,
  type ListenerStatus,
  type ObjectStatus,
  type Reference,
  type RouteKind,
  type RouteStatus,
  type Snapshot,
  type WorldStatusKind,
} from '#gateway';
import { GraphBuilder } from './builder.ts';
import { LISTENER, type Graph, type GraphProblem } from './graph.ts';
import {
  UNMANAGED,
  idOf,
  linkOf,
  listenerDetails,
  listenerId,
  nameInNamespace,
  originsOf,
  refKey,
  verdictOf,
} from './verdict.ts';

/** Kinds that have a status of their own. */
type StatusOf<K extends ObjectStatus['kind']> = Extract<ObjectStatus, { readonly kind: K }>;

/**
 * The picture of a world: what `worldStatus` says of the objects of a snapshot, as nodes and edges. It decides nothing itself; states and
 * reasons are those of the conditions, of attachment, of backends and of grants.
 */
export function worldGraph(snapshot: Snapshot<WorldStatusKind>, statuses: readonly ObjectStatus[]): Graph {
  const world = new World(snapshot);
  for (const entry of statuses) {
    switch (entry.kind) {
      case 'Gateway':
        world.addGateway(entry);
        break;
      case 'ListenerSet':
      case 'XListenerSet':
        world.addSet(entry);
        break;
      case 'BackendTLSPolicy':
        world.addPolicy(entry);
        break;
      default:
        world.addRoute(entry);
    }
  }
  return world.graph;
}

/** A world on its way into a graph. */
class World {
  readonly #builder = new GraphBuilder();
  readonly #snapshot: Snapshot<WorldStatusKind>;

  constructor(snapshot: Snapshot<WorldStatusKind>) {
    this.#snapshot = snapshot;
  }

  get graph(): Graph {
    return this.#builder.graph;
  }

  addGateway({ object, status }: StatusOf<'Gateway'>): void {
    const { namespace = '', name } = object.metadata;
    const gateway = this.#snapshot.get('Gateway', namespace, name);
    if (gateway === undefined) return;
    const id = idOf('Gateway', namespace, name);
    const verdict = status === undefined ? undefined : verdictOf(status.conditions);
    this.#builder.node({
      id,
      column: 'gateway',
      kind: 'Gateway',
      namespace,
      name,
      details: [],
      state: verdict?.state ?? 'unmanaged',
      problems: verdict?.problems ?? [UNMANAGED],
    });
    this.#addClass(gateway.spec.gatewayClassName, id, status === undefined);
    this.#addListeners({ kind: 'Gateway', object: gateway }, id, status?.listeners ?? []);
    this.#addCrossing(references({ kind: 'Gateway', object: gateway }), id);
  }

  #addClass(name: string, gateway: string, isUnmanaged: boolean): void {
    const known = this.#snapshot.get('GatewayClass', '', name);
    const [any] = this.#snapshot.list('GatewayClass');
    const id = idOf('GatewayClass', '', name);
    const absence =
      any === undefined
        ? { reason: '', message: 'it is not in the input, so every class counts as managed' }
        : { reason: '', message: `GatewayClass ${name} does not exist` };
    this.#builder.node({
      id,
      column: 'class',
      kind: 'GatewayClass',
      namespace: '',
      name,
      details: known === undefined ? [] : [known.spec.controllerName],
      state: known !== undefined ? 'ok' : any === undefined ? 'unknown' : 'missing',
      problems: known === undefined ? [absence] : [],
    });
    const isMissing = known === undefined && any !== undefined;
    this.#builder.edge({
      from: id,
      to: gateway,
      role: 'holds',
      state: isMissing ? 'broken' : isUnmanaged ? 'unmanaged' : 'ok',
      problem: isMissing ? absence : isUnmanaged ? UNMANAGED : undefined,
    });
  }

  addSet({ kind, object, status }: StatusOf<'ListenerSet' | 'XListenerSet'>): void {
    const { namespace = '', name } = object.metadata;
    const set = this.#snapshot.get(kind, namespace, name);
    if (set === undefined) return;
    const id = idOf(kind, namespace, name);
    const { parentRef } = set.spec;
    const gateway = { kind: 'Gateway', namespace: parentRef.namespace ?? namespace, name: parentRef.name };
    const isMissing = this.#snapshot.get('Gateway', gateway.namespace, gateway.name) === undefined;
    const absence: GraphProblem = { reason: '', message: `${formatKey(gateway)} does not exist` };
    const verdict = isMissing
      ? { state: 'broken' as const, problems: [absence] }
      : status === undefined
        ? { state: 'unmanaged' as const, problems: [UNMANAGED] }
        : verdictOf(status.conditions);
    const holder = isMissing
      ? this.#addMissingParent('Gateway', gateway.namespace, gateway.name, absence)
      : idOf('Gateway', gateway.namespace, gateway.name);
    this.#builder.node({ id, column: 'gateway', kind, namespace, name, holder, details: [], ...verdict });
    const accepted = status?.conditions.find(({ type }) => type === 'Accepted');
    const edge = linkOf(accepted, isMissing ? absence : undefined);
    this.#builder.edge({ from: holder, to: id, role: 'holds', ...edge });
    this.#addListeners({ kind, object: set }, id, status?.listeners ?? []);
    this.#addCrossing(references({ kind, object: set }), id);
  }

  #addListeners(owner: Indexed<ListenerKind>, holder: string, statuses: readonly ListenerStatus[]): void {
    for (const [at, listener] of owner.object.spec.listeners.entries()) {
      const status = statuses.find(({ name }) => name === listener.name);
      const verdict = status === undefined ? undefined : verdictOf(status.conditions);
      const id = listenerId(holder, at);
      this.#builder.node({
        id,
        column: 'gateway',
        kind: LISTENER,
        namespace: owner.object.metadata.namespace ?? '',
        name: listener.name,
        holder,
        details: listenerDetails(listener, status),
        state: verdict?.state ?? 'unmanaged',
        problems: verdict?.problems ?? [],
      });
      this.#builder.edge({ from: holder, to: id, role: 'holds', state: 'ok' });
    }
  }

  /** Secrets and ConfigMaps of other namespaces, which a grant must allow. */
  #addCrossing(found: readonly Reference[], holder: string): void {
    for (const reference of found.filter(({ needsGrant }) => needsGrant)) {
      const { path, to, from } = reference;
      const at = path[1] === 'listeners' ? path[2] : undefined;
      const id = this.#addTarget(reference);
      const message = `no ReferenceGrant in namespace ${to.namespace} permits ${from.kind} of namespace ${from.namespace} to refer to it`;
      const problem = isPermitted(this.#snapshot, reference) ? undefined : { reason: 'RefNotPermitted', message };
      this.#builder.edge({
        from: typeof at === 'number' ? listenerId(holder, at) : holder,
        to: id,
        role: 'refers',
        state: problem === undefined ? 'ok' : 'broken',
        problem,
        grants: this.#grantsFor(reference),
      });
    }
  }

  addRoute({ kind, object, status }: StatusOf<RouteKind>): void {
    const route = indexed(kind, object);
    if (!isRoute(route)) return;
    const { namespace = '', name } = object.metadata;
    const id = idOf(kind, namespace, name);
    const conditions = status.parents.flatMap((parent) => parent.conditions ?? []);
    const verdict = verdictOf(conditions);
    const absent = this.#addParents(route, id, status);
    // Without a managed parent no condition tells of the backends, and what is wrong with them is wrong all the same.
    const unresolved =
      status.parents.length > 0
        ? []
        : backendReferences(route).flatMap((reference) => this.#problemOf(reference) ?? []);
    const wrong = [...absent, ...unresolved];
    const isUnmanaged = status.parents.length === 0 && absent.length === 0;
    const [claim] = parentClaims(this.#snapshot, route);
    const why = claim === undefined ? 'it names no parent' : (status.unwritten[0]?.message ?? UNMANAGED.message);
    this.#builder.node({
      id,
      column: 'route',
      kind,
      namespace,
      name,
      details: isOneOf(HOSTNAME_ROUTE_KINDS, route) ? (route.object.spec.hostnames ?? []) : [],
      state: wrong.length > 0 ? 'broken' : isUnmanaged ? 'unmanaged' : verdict.state,
      problems: [...(isUnmanaged ? [{ reason: '', message: why }] : []), ...wrong, ...verdict.problems],
    });
    for (const reference of backendReferences(route)) this.#addBackend(id, reference);
  }

  /** Draws a route's lines to its parents, and gives what is wrong with those that are not there. */
  #addParents(route: Indexed<RouteKind>, id: string, status: RouteStatus): readonly GraphProblem[] {
    const namespace = route.object.metadata.namespace ?? '';
    const absent: GraphProblem[] = [];
    for (const { claim, parent } of parentsOf(this.#snapshot, route)) {
      const key = refKey(claim.ref);
      const message = status.unwritten.find((entry) => refKey(entry.claim.ref) === key)?.message ?? UNMANAGED.message;
      if (!isParent(parent)) {
        const problem: GraphProblem = { reason: '', message };
        const { group = '', kind = '', name } = claim.ref;
        const inNamespace = claim.ref.namespace ?? namespace;
        if (parent.why !== 'mesh') absent.push(problem);
        const isThere = this.#snapshot.get('ListenerSet', inNamespace, name) !== undefined && kind === 'ListenerSet';
        const from = isThere
          ? idOf(kind, inNamespace, name)
          : parent.why === 'missing'
            ? this.#addMissingParent(kind, inNamespace, name, problem)
            : this.#addOtherParent(group, kind, inNamespace, name, problem, parent.why === 'mesh');
        const state = parent.why === 'mesh' ? 'unmanaged' : 'broken';
        this.#builder.edge({ from, to: id, role: 'attaches', state, problem });
        continue;
      }
      const { owner } = parent;
      const holder = idOf(owner.kind, owner.object.metadata.namespace ?? '', owner.object.metadata.name);
      const written = status.parents.find(({ parentRef }) => refKey(parentRef) === key);
      const attachment = attach(this.#snapshot, route, claim, parent);
      const accepted = written?.conditions?.find(({ type }) => type === 'Accepted');
      const link =
        written === undefined
          ? { state: 'unmanaged' as const, problem: { reason: '', message } }
          : linkOf(accepted, undefined);
      for (const { from, hostnames } of originsOf(holder, attachment)) {
        this.#builder.edge({ from, to: id, role: 'attaches', ...link, details: hostnames });
      }
    }
    return absent;
  }

  #addMissingParent(kind: string, namespace: string, name: string, problem: GraphProblem): string {
    const id = idOf(kind, namespace, name);
    const problems = [problem];
    this.#builder.node({ id, column: 'gateway', kind, namespace, name, details: [], state: 'missing', problems });
    return id;
  }

  /** A parent that is no holder of listeners: a Service of a mesh, or a kind that is no parent. */
  #addOtherParent(
    group: string,
    kind: string,
    namespace: string,
    name: string,
    problem: GraphProblem,
    isMesh: boolean,
  ): string {
    const id = idOf('parent', group, kind, namespace, name);
    this.#builder.node({
      id,
      column: 'gateway',
      kind: formatGroupKind({ group, kind }),
      namespace,
      name,
      details: isMesh ? ['mesh'] : [],
      state: isMesh ? 'unmanaged' : 'broken',
      problems: isMesh ? [] : [problem],
    });
    return id;
  }

  #addBackend(route: string, reference: Reference): void {
    const problem = this.#problemOf(reference);
    const { to, purpose } = reference;
    this.#builder.edge({
      from: route,
      to: this.#addTarget(reference),
      role: 'sends',
      state: problem === undefined ? 'ok' : 'broken',
      problem,
      details: [
        ...(to.port === undefined ? [] : [`port ${to.port}`]),
        ...(purpose === 'backend' ? [] : [purpose === 'request-mirror' ? 'mirror' : 'external authorisation']),
      ],
      grants: this.#grantsFor(reference),
    });
  }

  #problemOf(reference: Reference): GraphProblem | undefined {
    const problem = backendProblem(this.#snapshot, reference);
    return problem && { reason: problem.reason, message: problem.message };
  }

  /** What a reference means: there, missing, or of a kind that is not in sight. */
  #addTarget({ to }: Reference): string {
    const { group, kind, namespace, name } = to;
    const known = [...BACKEND_KINDS, 'Secret' as const, 'ConfigMap' as const].find(
      (entry) => entry === kindOf(group, kind),
    );
    const isThere = known !== undefined && this.#snapshot.get(known, namespace, name) !== undefined;
    const isJudged = known !== undefined && this.#snapshot.sees(known) !== 'none';
    const id = idOf('target', group, kind, namespace, name);
    const title = known === undefined && group !== '' ? `${group}/${kind}` : kind;
    this.#builder.node({
      id,
      column: 'backend',
      kind: title,
      namespace,
      name,
      details: [],
      state: isThere ? 'ok' : isJudged ? 'missing' : 'unknown',
      problems: isJudged && !isThere ? [{ reason: '', message: `${title} ${namespace}/${name} does not exist` }] : [],
    });
    return id;
  }

  /** A policy is told at the backends that it is about, when some route sends there. */
  addPolicy({ object, status }: StatusOf<'BackendTLSPolicy'>): void {
    const { namespace = '', name } = object.metadata;
    const policy = this.#snapshot.get('BackendTLSPolicy', namespace, name);
    if (policy === undefined) return;
    const { state, problems } = verdictOf(status.ancestors.flatMap(({ conditions }) => conditions));
    for (const target of policyTargets(policy)) {
      this.#builder.amend(idOf('target', target.group, target.kind, namespace, target.name), {
        details: [`BackendTLSPolicy ${name}`],
        state,
        problems: problems.map(({ reason, message }) => ({ reason, message: `BackendTLSPolicy ${name}: ${message}` })),
      });
    }
  }

  #grantsFor({ needsGrant, from, to }: Reference): readonly string[] {
    if (!needsGrant) return [];
    return [...this.#snapshot.list('ReferenceGrant', to.namespace)]
      .filter((grant) => permits(grant, from, to))
      .map(nameInNamespace)
      .sort();
  }
}

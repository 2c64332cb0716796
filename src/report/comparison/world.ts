import {
  worldStatus,
  type Condition,
  type ListenerKind,
  type ObjectStatus,
  type RouteKind,
  type Snapshot,
} from '#gateway';
import { compareConditions, worst } from './conditions.ts';
import { ingressesLeft, type IngressesLeft } from './ingresses.ts';
import {
  createdAt,
  type ComparisonKind,
  type ComparisonOptions,
  type Ground,
  type StatusLine,
  type StatusOf,
} from './line.ts';
import { ownerLines } from './owners.ts';
import { policyLines } from './policies.ts';
import { routeLines } from './routes.ts';

/** A cluster's predicted status, beside what its controllers wrote. */
export interface StatusComparison {
  readonly lines: readonly StatusLine[];
  readonly ingresses: readonly IngressesLeft[];
}

/**
 * Compares everything that has a status, in the order of {@link worldStatus}, classes first. Parents are matched by reference and
 * `controllerName`: a route may have entries of several controllers (shared: RouteParentStatus).
 */
export function compareWorld(snapshot: Snapshot<ComparisonKind>, options: ComparisonOptions): StatusComparison {
  const ground: Ground = { snapshot, options, moving: new Map() };
  const statuses = worldStatus(snapshot, options);
  const routes = statuses.flatMap((entry) => (isRouteStatus(entry) ? routeLines(ground, entry) : []));
  const policies = statuses.flatMap((entry) => (entry.kind === 'BackendTLSPolicy' ? policyLines(ground, entry) : []));
  // After the routes, which say what is moving.
  const owners = statuses.flatMap((entry) => (isOwnerStatus(entry) ? ownerLines(ground, entry) : []));
  const { namespace } = options;
  const lines = [...owners, ...routes, ...policies].filter(
    (line) => namespace === undefined || line.namespace === namespace,
  );
  return { lines: [...classLines(ground), ...lines], ingresses: ingressesLeft(snapshot, namespace) };
}

/** How many lines have each verdict. */
export function tally({ lines }: StatusComparison): Readonly<Record<StatusLine['verdict'], number>> {
  const count = (verdict: StatusLine['verdict']): number => lines.filter((line) => line.verdict === verdict).length;
  return {
    agrees: count('agrees'),
    differs: count('differs'),
    waiting: count('waiting'),
    stale: count('stale'),
    uncertain: count('uncertain'),
    unmanaged: count('unmanaged'),
  };
}

/** Whether a controller says something else than predicted. */
export function differs({ lines }: StatusComparison): boolean {
  return lines.some(({ verdict }) => verdict === 'differs');
}

function classLines({ snapshot, options }: Ground): readonly StatusLine[] {
  const { classes = [], controllers = [], namespace, now } = options;
  const used = new Set([...snapshot.list('Gateway', namespace)].map(({ spec }) => spec.gatewayClassName));
  return [...snapshot.list('GatewayClass')]
    .filter(({ metadata: { name }, spec: { controllerName } }) => {
      if (classes.length > 0 && !classes.includes(name)) return false;
      if (controllers.length > 0 && !controllers.includes(controllerName)) return false;
      return namespace === undefined || used.has(name);
    })
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((object) => {
      const message = `${object.spec.controllerName} manages it`;
      const predicted: Condition = { type: 'Accepted', status: 'True', reason: 'Accepted', message };
      const conditions = compareConditions([predicted], object.status?.conditions, {
        generation: object.metadata.generation,
        since: createdAt(object),
        now,
        isUncertain: () => false,
      });
      return {
        kind: 'GatewayClass',
        namespace: '',
        name: object.metadata.name,
        verdict: worst(conditions.map(({ verdict }) => verdict)),
        conditions,
        notes: [],
      };
    });
}

function isRouteStatus(entry: ObjectStatus): entry is StatusOf<RouteKind> {
  return entry.kind.endsWith('Route');
}

function isOwnerStatus(entry: ObjectStatus): entry is StatusOf<ListenerKind> {
  return entry.kind === 'Gateway' || entry.kind === 'ListenerSet' || entry.kind === 'XListenerSet';
}

import {
  backendProblems,
  findParent,
  indexed,
  isParent,
  isRoute,
  isSameParentRef,
  objectKey,
  type StoredCondition,
  type KubeObject,
  type ParentReference,
  type RouteKind,
} from '#gateway';
import { compareConditions, isStale, worst } from './conditions.ts';
import { createdAt, unmanaged, type Ground, type StatusLine, type StatusOf } from './line.ts';

/** A route at each of its parents, and entries of controllers for parents that are not there. */
export function routeLines(ground: Ground, { kind, object, status }: StatusOf<RouteKind>): readonly StatusLine[] {
  const { snapshot, options, moving } = ground;
  const { namespace = '', name, generation } = object.metadata;
  const stored = snapshot.get(kind, namespace, name);
  const route = stored && indexed(kind, stored);
  if (stored === undefined || route === undefined || !isRoute(route)) return [];
  const written = stored.status?.parents ?? [];
  const reasons = new Map([['ResolvedRefs', new Set(backendProblems(snapshot, route).map(({ reason }) => reason))]]);
  const lines: StatusLine[] = status.parents.map(({ parentRef, controllerName, conditions: predicted = [] }) => {
    const own = written.filter((entry) => entry.controllerName === controllerName);
    const entry = own.find((candidate) => isSameParentRef(candidate.parentRef, parentRef, namespace));
    const parent = findParent(snapshot, namespace, parentRef);
    const since = isParent(parent) ? Math.max(createdAt(parent.owner.object), createdAt(parent.gateway)) : 0;
    const compared = compareConditions(predicted, entry?.conditions, {
      generation,
      since: Math.max(createdAt(object), since),
      now: options.now,
      isUncertain: () => false,
      reasons,
    });
    // A controller that has not seen this generation cannot have written about a parent that is new in it.
    const isBehind =
      entry === undefined && own.some((other) => other.conditions?.some((one) => isStale(one, generation)));
    const conditions = isBehind ? compared.map((one) => ({ ...one, verdict: 'stale' as const })) : compared;
    const verdict = worst(conditions.map((one) => one.verdict));
    if ((verdict === 'waiting' || verdict === 'stale') && isParent(parent)) {
      const { metadata } = parent.owner.object;
      const key = objectKey(parent.owner.kind, metadata.namespace ?? '', metadata.name);
      moving.set(key, (moving.get(key) ?? 0) + 1);
    }
    return { kind, namespace, name, part: { parentRef, controllerName }, verdict, conditions, notes: [] };
  });
  for (const { claim, message } of status.unwritten) {
    lines.push({ kind, namespace, name, part: { parentRef: claim.ref }, ...unmanaged(message) });
  }
  if (lines.length === 0) lines.push({ kind, namespace, name, ...unmanaged('it names no parent') });
  return [...lines, ...leftOver(ground, object, kind, written)];
}

/** Entries of the controllers of classes for parents that the route no longer names, or that no longer exist. */
function leftOver(
  { snapshot, options: { controllers = [] } }: Ground,
  object: KubeObject,
  kind: RouteKind,
  written: readonly {
    readonly parentRef: ParentReference;
    readonly controllerName: string;
    readonly conditions?: readonly StoredCondition[];
  }[],
): readonly StatusLine[] {
  const { namespace = '', name, generation } = object.metadata;
  const stored = snapshot.get(kind, namespace, name);
  const managing = new Set([...snapshot.list('GatewayClass')].map(({ spec }) => spec.controllerName));
  return written
    .filter(({ controllerName }) => managing.has(controllerName))
    .filter(({ controllerName }) => controllers.length === 0 || controllers.includes(controllerName))
    .flatMap(({ parentRef, controllerName, conditions = [] }): readonly StatusLine[] => {
      const found = findParent(snapshot, namespace, parentRef);
      if (!isParent(found) && found.why !== 'missing') return [];
      const isNamed = (stored?.spec.parentRefs ?? []).some((ref) => isSameParentRef(ref, parentRef, namespace));
      const isDefault = stored?.spec.useDefaultGateways !== undefined;
      if (isParent(found) && (isNamed || isDefault)) return [];
      const verdict = conditions.some((one) => isStale(one, generation)) ? 'stale' : 'differs';
      const why = isNamed ? 'the parent does not exist' : 'the route does not name this parent';
      const notes = [`left over: ${why}, but ${controllerName} still has a status for it`];
      return [{ kind, namespace, name, part: { parentRef, controllerName }, verdict, conditions: [], notes }];
    });
}

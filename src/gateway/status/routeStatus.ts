import { attach, type Attachment, type AttachmentKind } from '../attachment.ts';
import { backendProblem, backendReferences, type BackendKind, type BackendProblem } from '../backend.ts';
import { formatPath } from '../fieldPath.ts';
import type { Indexed } from '../kindMap.ts';
import type { RouteKind } from '../kinds.ts';
import { formatKey, type Condition } from '../object.ts';
import { isParent, parentsOf, type NoParent, type ParentClaim } from '../parent.ts';
import type { RouteParentStatus } from '../route.ts';
import type { Snapshot } from '../snapshot.ts';
import { attachmentMessage } from './attachmentMessage.ts';
import { condition } from './condition.ts';
import { controllerOf, type StatusOptions } from './management.ts';
import { ruleProblems, type RuleProblem } from './routeValues.ts';

/** The kinds that a route's status reads. */
export type RouteStatusKind = AttachmentKind | BackendKind | 'ReferenceGrant' | 'GatewayClass';

/** `Accepted` of a route at one parent: attachment, then what is wrong with its rules. */
export interface Acceptance {
  readonly accepted: boolean | 'unknown';
  readonly reason: string;
  readonly message: string;
  /** Rules that are left out while others are served (shared: RouteConditionPartiallyInvalid, which exists only as True). */
  readonly dropped: readonly RuleProblem[];
}

/** Why a route has no status for a parent that it names. */
export interface Unwritten {
  readonly claim: ParentClaim;
  readonly message: string;
}

/** The status of a route as a controller would fill it, and why parents are missing from it. */
export interface RouteStatus {
  readonly parents: readonly RouteParentStatus[];
  readonly unwritten: readonly Unwritten[];
}

/**
 * Whether a route is accepted at a parent: it must attach, and some rule must be one that implementations accept (shared:
 * RouteConditionAccepted, RouteConditionPartiallyInvalid; GEP-1364).
 */
export function acceptance(route: Indexed<RouteKind>, attachment: Attachment): Acceptance {
  const { accepted, reason } = attachment;
  const message = attachmentMessage(route, attachment);
  if (accepted !== true) return { accepted, reason, message, dropped: [] };
  const dropped = ruleProblems(route);
  const [first] = dropped;
  if (first !== undefined && dropped.length === (route.object.spec.rules ?? []).length) {
    return { accepted: false, reason: first.reason, message: first.message, dropped: [] };
  }
  return { accepted: true, reason, message, dropped };
}

/** Everything wrong with the backends of a route, in the order of its fields; independent of the parent (HTTPRouteDisallowedKind). */
export function backendProblems(
  snapshot: Snapshot<BackendKind | 'ReferenceGrant'>,
  route: Indexed<RouteKind>,
): readonly BackendProblem[] {
  return backendReferences(route).flatMap((reference) => backendProblem(snapshot, reference) ?? []);
}

/**
 * The status of a route: an entry for each of its parents that exists and that a chosen controller manages, and none for others (shared:
 * RouteParentStatus; ListenerSetRouteStatusScopedToParentRef).
 */
export function statusOfRoute(
  snapshot: Snapshot<RouteStatusKind>,
  route: Indexed<RouteKind>,
  options: StatusOptions = {},
): RouteStatus {
  const { object } = route;
  const parents: RouteParentStatus[] = [];
  const unwritten: Unwritten[] = [];
  const resolved = resolvedRefs(object, backendProblems(snapshot, route));
  for (const { claim, parent } of parentsOf(snapshot, route)) {
    if (!isParent(parent)) {
      unwritten.push({ claim, message: noParentMessage(claim, parent) });
      continue;
    }
    const controllerName = controllerOf(snapshot, parent.gateway, options);
    if (controllerName === undefined) {
      const message = `no chosen controller manages class ${parent.gateway.spec.gatewayClassName} of Gateway ${parent.gateway.metadata.name}`;
      if (claim.path !== undefined) unwritten.push({ claim, message });
      continue;
    }
    const attachment = attach(snapshot, route, claim, parent, options.features);
    const { accepted, reason, message, dropped } = acceptance(route, attachment);
    const conditions = [condition(object, 'Accepted', accepted, reason, message), resolved];
    if (dropped[0] !== undefined) {
      const text = `Dropped Rule ${dropped.map(({ rule, message: why }) => `${rule}: ${why}`).join('; ')}`;
      conditions.push(condition(object, 'PartiallyInvalid', true, dropped[0].reason, text));
    }
    parents.push({ parentRef: claim.ref, controllerName, conditions });
  }
  return { parents, unwritten };
}

function resolvedRefs(object: Indexed<RouteKind>['object'], problems: readonly BackendProblem[]): Condition {
  const [first] = problems;
  if (first === undefined) {
    return condition(object, 'ResolvedRefs', true, 'ResolvedRefs', 'all references of the route are resolved');
  }
  const message = problems.map(({ reference, message: text }) => `${formatPath(reference.path)}: ${text}`).join('; ');
  return condition(object, 'ResolvedRefs', false, first.reason, message);
}

function noParentMessage({ ref }: ParentClaim, { why, missing }: NoParent): string {
  switch (why) {
    case 'mesh':
      return `Service ${ref.name} is a mesh parent, which has no listeners to attach to`;
    case 'unknown-kind':
      return `${ref.group ?? ''}/${ref.kind ?? ''} is no kind of parent`;
    case 'missing':
      return missing === undefined ? `${ref.name} does not exist` : `${formatKey(missing)} does not exist`;
  }
}

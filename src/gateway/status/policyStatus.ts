import { attachments, type AttachmentKind } from '../attachment.ts';
import { sendsTo } from '../backend.ts';
import {
  policyTargets,
  type BackendTLSPolicy,
  type PolicyAncestorStatus,
  type PolicyTargetReference,
} from '../backendTLSPolicy.ts';
import type { Gateway } from '../gateway.ts';
import { INDEXES, objectKey } from '../indexes.ts';
import { unresolved, type KeyMaterialKind } from '../keyMaterial.ts';
import { GATEWAY_GROUP, type RouteKind } from '../kinds.ts';
import { compareAge, type Condition } from '../object.ts';
import type { ParentReference } from '../reference.ts';
import { references } from '../references.ts';
import type { Snapshot } from '../snapshot.ts';
import { condition } from './condition.ts';
import { controllerOf, type StatusOptions } from './management.ts';

/** The kinds that a policy's status reads. */
export type PolicyStatusKind =
  AttachmentKind | KeyMaterialKind | RouteKind | 'GatewayClass' | 'BackendTLSPolicy' | 'Service';

/** The status of a BackendTLSPolicy as controllers would fill it. */
export interface PolicyStatus {
  readonly ancestors: readonly PolicyAncestorStatus[];
}

/**
 * The status of a BackendTLSPolicy: one entry for each managed Gateway through which some route sends to a target (GEP-713, GEP-1897; btp).
 */
export function statusOfPolicy(
  snapshot: Snapshot<PolicyStatusKind>,
  policy: BackendTLSPolicy,
  options: StatusOptions = {},
): PolicyStatus {
  const ancestors = new Map<string, { readonly gateway: Gateway; readonly targets: PolicyTargetReference[] }>();
  for (const target of policyTargets(policy)) {
    for (const gateway of gatewaysTo(snapshot, policy, target, options)) {
      const key = objectKey('Gateway', gateway.metadata.namespace ?? '', gateway.metadata.name);
      const known = ancestors.get(key) ?? { gateway, targets: [] };
      known.targets.push(target);
      ancestors.set(key, known);
    }
  }
  return {
    ancestors: [...ancestors.keys()].sort().flatMap((key) => {
      const ancestor = ancestors.get(key);
      const controllerName = ancestor && controllerOf(snapshot, ancestor.gateway, options);
      if (ancestor === undefined || controllerName === undefined) return [];
      const conditions = conditionsOf(snapshot, policy, ancestor.targets);
      return [{ ancestorRef: refTo(ancestor.gateway), controllerName, conditions }];
    }),
  };
}

function refTo({ metadata }: Gateway): ParentReference {
  return { group: GATEWAY_GROUP, kind: 'Gateway', namespace: metadata.namespace ?? '', name: metadata.name };
}

/** The managed Gateways through which routes send to a target, each once. */
function gatewaysTo(
  snapshot: Snapshot<PolicyStatusKind>,
  policy: BackendTLSPolicy,
  target: PolicyTargetReference,
  options: StatusOptions,
): ReadonlySet<Gateway> {
  const namespace = policy.metadata.namespace ?? '';
  const gateways = new Set<Gateway>();
  for (const route of snapshot.lookup(INDEXES.routesByBackend, objectKey(target.kind, namespace, target.name))) {
    if (!sendsTo(snapshot, route, { ...target, namespace })) continue;
    for (const { parent, accepted } of attachments(snapshot, route, options.features)) {
      if (accepted === true && controllerOf(snapshot, parent.gateway, options) !== undefined)
        gateways.add(parent.gateway);
    }
  }
  return gateways;
}

/**
 * `Accepted` and `ResolvedRefs` of a policy for the targets behind one Gateway: an older policy on the same target and section wins, and
 * without a single valid trust anchor none is accepted (btp; BackendTLSPolicyConflictResolution, BackendTLSPolicyInvalidCACertificateRef,
 * BackendTLSPolicyInvalidKind).
 */
function conditionsOf(
  snapshot: Snapshot<PolicyStatusKind>,
  policy: BackendTLSPolicy,
  targets: readonly PolicyTargetReference[],
): readonly Condition[] {
  const anchors = references({ kind: 'BackendTLSPolicy', object: policy }).filter(
    ({ purpose }) => purpose === 'ca-certificate',
  );
  const problems = unresolved(snapshot, anchors);
  const [first] = problems;
  const refs =
    first === undefined
      ? condition(policy, 'ResolvedRefs', true, 'ResolvedRefs', 'all references of the policy are resolved')
      : condition(
          policy,
          'ResolvedRefs',
          false,
          first.what === 'kind' ? 'InvalidKind' : 'InvalidCACertificateRef',
          first.message,
        );
  return [acceptedOf(snapshot, policy, targets, anchors.length > 0 && problems.length === anchors.length), refs];
}

function acceptedOf(
  snapshot: Snapshot<PolicyStatusKind>,
  policy: BackendTLSPolicy,
  targets: readonly PolicyTargetReference[],
  hasNoAnchor: boolean,
): Condition {
  const winners = targets.map((target) => olderPolicy(snapshot, policy, target));
  const [winner] = winners;
  if (winner !== undefined && winners.every((older) => older !== undefined)) {
    const message = `BackendTLSPolicy ${winner.metadata.name} has the same target and ${whyFirst(winner, policy)}`;
    return condition(policy, 'Accepted', false, 'Conflicted', message);
  }
  if (hasNoAnchor) {
    return condition(policy, 'Accepted', false, 'NoValidCACertificate', 'no reference to trust anchors is valid');
  }
  const absent = targets.find((target) => !hasSection(snapshot, policy, target));
  if (absent !== undefined) {
    const section = absent.sectionName === undefined ? '' : ` or has no port named ${absent.sectionName}`;
    const message = `${absent.kind} ${absent.name} does not exist${section}`;
    return condition(policy, 'Accepted', false, 'TargetNotFound', message);
  }
  return condition(policy, 'Accepted', true, 'Accepted', 'the policy is valid');
}

/** The policy that wins over this one on a target: older, or first by name; with and without `sectionName` are two targets (btp). */
export function olderPolicy(
  snapshot: Snapshot<'BackendTLSPolicy'>,
  policy: BackendTLSPolicy,
  target: PolicyTargetReference,
): BackendTLSPolicy | undefined {
  const namespace = policy.metadata.namespace ?? '';
  return [...snapshot.lookup(INDEXES.policiesByTarget, objectKey(target.kind, namespace, target.name), namespace)]
    .map(({ object }) => object)
    .filter((other) => other.metadata.name !== policy.metadata.name && compareAge(other, policy) < 0)
    .filter((other) =>
      policyTargets(other).some(
        (entry) =>
          entry.group === target.group &&
          entry.kind === target.kind &&
          entry.name === target.name &&
          entry.sectionName === target.sectionName,
      ),
    )
    .sort(compareAge)[0];
}

/** Why of two policies with one target the first is in force, to follow its name (btp). */
export function whyFirst(first: BackendTLSPolicy, other: BackendTLSPolicy): string {
  const isSameAge = first.metadata.creationTimestamp === other.metadata.creationTimestamp;
  return isSameAge ? 'goes first by its name' : 'is older';
}

function hasSection(snapshot: Snapshot<'Service'>, policy: BackendTLSPolicy, target: PolicyTargetReference): boolean {
  if (target.group !== '' || target.kind !== 'Service' || snapshot.sees('Service') === 'none') return true;
  const service = snapshot.get('Service', policy.metadata.namespace ?? '', target.name);
  if (service === undefined) return false;
  return (
    target.sectionName === undefined || (service.spec?.ports ?? []).some(({ name }) => name === target.sectionName)
  );
}

import type { PolicyTargetReference } from './backendTLSPolicy.ts';
import { EXPERIMENTAL_GROUP, kindOf, parseApiVersion } from './kinds.ts';
import type { KubeObject } from './object.ts';
import { isObject } from './schema/shape.ts';

/**
 * A policy of a kind that Gateward knows nothing else about: it attaches by `spec.targetRefs`, or `spec.targetRef`, as Gateway API asks of
 * all policies (GEP-713, GEP-2648). `kind` and `apiVersion` of the object are the vendor's.
 */
export interface VendorPolicy extends KubeObject {
  readonly spec: {
    readonly targetRefs?: readonly PolicyTargetReference[];
    readonly targetRef?: PolicyTargetReference;
  };
}

/**
 * Whether a foreign object is a {@link VendorPolicy}: of a group that is neither Gateward's own to know nor one of Kubernetes, with targets of
 * the shape that GEP-713 gives them. Objects of any other shape are none of Gateward's business.
 */
export function isVendorPolicy(raw: unknown): boolean {
  if (!isObject(raw) || typeof raw['apiVersion'] !== 'string' || typeof raw['kind'] !== 'string') return false;
  if (!isVendorKind(parseApiVersion(raw['apiVersion']).group, raw['kind'])) return false;
  const { spec } = raw;
  if (!isObject(spec)) return false;
  // A null is none: the API server takes it out, and templates leave it behind.
  const targetRefs = spec['targetRefs'] ?? undefined;
  const targetRef = spec['targetRef'] ?? undefined;
  if (targetRefs === undefined) return isTarget(targetRef);
  return Array.isArray(targetRefs) && targetRefs.every(isTarget) && (targetRef === undefined || isTarget(targetRef));
}

/**
 * Whether a kind can be a vendor's: its group is a domain, and none that Gateward or Kubernetes has kinds in. Kubernetes' own groups have no
 * dot, or end in `.k8s.io` (KEP-2337); a webhook that is sent their objects can stop the cluster.
 */
export function isVendorKind(group: string, kind: string): boolean {
  if (!group.includes('.') || group === 'k8s.io' || group.endsWith('.k8s.io')) return false;
  return group !== EXPERIMENTAL_GROUP && kindOf(group, kind) === undefined;
}

function isTarget(ref: unknown): boolean {
  if (!isObject(ref)) return false;
  const { group, kind, name, namespace, sectionName } = ref;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(kind) && isText(name) && [group, namespace, sectionName].every((field) => isText(field ?? ''));
}

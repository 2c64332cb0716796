import type { Condition, KubeObject } from './object.ts';
import type { ParentReference } from './reference.ts';

/** `status.ancestors[]` of a policy (GEP-713). */
export interface PolicyAncestorStatus {
  readonly ancestorRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** What a policy attaches to (policy_types.go: LocalPolicyTargetReferenceWithSectionName). */
export interface PolicyTargetReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** In `spec.targetRef` of v1alpha2 only. */
  readonly namespace?: string;
  readonly sectionName?: string;
}

/** A reference to an object of the policy's own namespace (objref: LocalObjectReference). */
export interface LocalObjectReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** BackendTLSPolicy (btp). Its references never leave the namespace. */
export interface BackendTLSPolicy extends KubeObject {
  readonly spec: {
    /** Absent in v1alpha2 only. */
    readonly targetRefs?: readonly PolicyTargetReference[];
    /** Absent in v1alpha2 only. */
    readonly validation?: {
      readonly caCertificateRefs?: readonly LocalObjectReference[];
      readonly wellKnownCACertificates?: string;
      readonly hostname?: string;
      readonly subjectAltNames?: readonly {
        readonly type: string;
        readonly hostname?: string;
        readonly uri?: string;
      }[];
    };
    /** v1alpha2 (bundle v1.0): one target, which could name a namespace. */
    readonly targetRef?: PolicyTargetReference;
    /** v1alpha2 (bundle v1.0): became `validation`. */
    readonly tls?: {
      readonly caCertRefs?: readonly LocalObjectReference[];
      readonly wellKnownCACerts?: string;
      readonly hostname?: string;
    };
  };
  readonly status?: { readonly ancestors?: readonly PolicyAncestorStatus[] };
}

/** The targets of a policy, in any of its versions. */
export function policyTargets(policy: BackendTLSPolicy): readonly PolicyTargetReference[] {
  const { targetRefs, targetRef } = policy.spec;
  return targetRefs ?? (targetRef === undefined ? [] : [targetRef]);
}

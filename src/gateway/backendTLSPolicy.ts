import type { Condition, KubeObject } from './object.ts';
import type { ParentReference } from './reference.ts';

/** `status.ancestors[]` of a policy (GEP-713). */
export interface PolicyAncestorStatus {
  readonly ancestorRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** BackendTLSPolicy (btp). Its references never leave the namespace. */
export interface BackendTLSPolicy extends KubeObject {
  readonly spec: {
    readonly targetRefs: readonly {
      readonly group: string;
      readonly kind: string;
      readonly name: string;
      readonly sectionName?: string;
    }[];
    readonly validation: {
      readonly caCertificateRefs?: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
      readonly wellKnownCACertificates?: string;
      readonly hostname: string;
    };
  };
  readonly status?: { readonly ancestors?: readonly PolicyAncestorStatus[] };
}

import type { KubeObject } from './object.ts';

/** ReferenceGrant (rg): every `from` may refer to every `to`, in the grant's own namespace. */
export interface ReferenceGrant extends KubeObject {
  readonly spec: {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
    readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
  };
}

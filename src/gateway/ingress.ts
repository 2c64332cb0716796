import type { KubeObject } from './object.ts';

/** An Ingress, as far as the cut-over to Gateway API reads it. */
export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly rules?: readonly { readonly host?: string }[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  };
}

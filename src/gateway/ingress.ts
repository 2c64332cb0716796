import type { KubeObject } from './object.ts';

/** A rule of an Ingress: the paths of a host. */
export interface IngressRule {
  readonly host?: string;
  readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string }[] };
}

/** An Ingress, as far as the cut-over to Gateway API reads it. */
export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly rules?: readonly IngressRule[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  };
}

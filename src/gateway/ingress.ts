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
    readonly defaultBackend?: unknown;
    readonly rules?: readonly IngressRule[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  };
}

/** The rules of an Ingress; where it has none its default backend is one, for every host and path (Kubernetes: IngressSpec). */
export function ingressRules({ spec }: Ingress): readonly IngressRule[] {
  const { rules = [], defaultBackend } = spec ?? {};
  return rules.length === 0 && defaultBackend !== undefined ? [{}] : rules;
}

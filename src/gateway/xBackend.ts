import type { LocalObjectReference } from './backendTLSPolicy.ts';
import type { KubeObject } from './object.ts';
import type { ObjectReference } from './reference.ts';

/** XBackend of the experimental channel, since v1.6. */
export interface XBackend extends KubeObject {
  readonly spec: {
    readonly tls?: {
      readonly clientCertificateRef?: ObjectReference;
      readonly validation?: { readonly caCertificateRefs?: readonly LocalObjectReference[] };
    };
  };
}

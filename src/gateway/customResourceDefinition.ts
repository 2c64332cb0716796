import type { KubeObject } from './object.ts';

/** A CustomResourceDefinition, as far as channel pinning reads it. */
export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema?: { readonly openAPIV3Schema?: unknown };
    }[];
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

/** The annotation that names the channel of a Gateway API CRD (doc versioning); self-declared. */
export const CHANNEL_ANNOTATION = 'gateway.networking.k8s.io/channel';
/** The annotation that names the bundle version of a Gateway API CRD; self-declared. */
export const BUNDLE_ANNOTATION = 'gateway.networking.k8s.io/bundle-version';

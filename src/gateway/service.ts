import type { KubeObject } from './object.ts';

/** What routes and policies need of a core Service. */
export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly externalName?: string;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly protocol?: string;
      readonly appProtocol?: string;
    }[];
  };
}

/** ServiceImport of the multi-cluster services API (KEP-1645). */
export interface ServiceImport extends KubeObject {
  readonly spec?: { readonly ports?: readonly { readonly port: number; readonly protocol?: string }[] };
}

/** A Secret, where files contain it or the operator allowed reading it. Values are base64. */
export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** A ConfigMap. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

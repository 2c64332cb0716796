import type { Listener, ListenerStatus, NamespacesFrom } from './listener.ts';
import type { KubeObject, StoredCondition } from './object.ts';
import type { ObjectReference } from './reference.ts';

/** Client certificate validation for HTTPS listeners (gw: FrontendTLSValidation). */
export interface FrontendValidation {
  readonly caCertificateRefs?: readonly ObjectReference[];
  readonly mode?: string;
}

/** Gateway (gw). */
export interface Gateway extends KubeObject {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly Listener[];
    readonly addresses?: readonly { readonly type?: string; readonly value?: string }[];
    readonly allowedListeners?: { readonly namespaces?: NamespacesFrom };
    readonly defaultScope?: string;
    readonly infrastructure?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly parametersRef?: { readonly group: string; readonly kind: string; readonly name: string };
    };
    readonly tls?: {
      readonly frontend?: {
        readonly default?: { readonly validation?: FrontendValidation };
        readonly perPort?: readonly {
          readonly port: number;
          readonly tls?: { readonly validation?: FrontendValidation };
        }[];
      };
      readonly backend?: { readonly clientCertificateRef?: ObjectReference };
    };
    /** Experimental in v1.2 and v1.3; became `spec.tls.backend` in v1.4. */
    readonly backendTLS?: { readonly clientCertificateRef?: ObjectReference };
  };
  readonly status?: {
    readonly conditions?: readonly StoredCondition[];
    readonly listeners?: readonly ListenerStatus<StoredCondition>[];
    readonly addresses?: readonly { readonly type?: string; readonly value: string }[];
    readonly attachedListenerSets?: number;
  };
}

/** GatewayClass; cluster-scoped. */
export interface GatewayClass extends KubeObject {
  readonly spec: {
    readonly controllerName: string;
    readonly parametersRef?: {
      readonly group: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    };
  };
  readonly status?: {
    readonly conditions?: readonly StoredCondition[];
    readonly supportedFeatures?: readonly { readonly name: string }[];
  };
}

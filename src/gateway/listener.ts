import type { LabelSelector } from './labelSelector.ts';
import type { Condition, KubeObject, StoredCondition } from './object.ts';
import type { ObjectReference } from './reference.ts';

/** `allowedRoutes.namespaces` and `allowedListeners.namespaces` (gw). Default of `from`: Same for routes, None for ListenerSets. */
export interface NamespacesFrom {
  readonly from?: string;
  readonly selector?: LabelSelector;
}

/** The TLS settings of a listener (gw: ListenerTLSConfig). */
export interface ListenerTLS {
  readonly mode?: string;
  readonly certificateRefs?: readonly ObjectReference[];
  readonly options?: Readonly<Record<string, string>>;
  /** Experimental in v1.1 to v1.3; became `spec.tls.frontend` in v1.4. */
  readonly frontendValidation?: { readonly caCertificateRefs?: readonly ObjectReference[] };
}

/** A listener of a Gateway or ListenerSet (gw, ls). */
export interface Listener {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: ListenerTLS;
  readonly allowedRoutes?: {
    readonly namespaces?: NamespacesFrom;
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

/** The port of an XListenerSet's listener that leaves it to the implementation; the other kinds cannot (ls v1alpha1: ListenerEntry). */
export const ASSIGNED_PORT = 0;

/** `status.listeners[]` of a Gateway or ListenerSet. */
export interface ListenerStatus<C extends StoredCondition = Condition> {
  readonly name: string;
  readonly supportedKinds?: readonly { readonly group?: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly C[];
}

/** ListenerSet (ls, GEP-1713), and XListenerSet of v1.3 and v1.4. */
export interface ListenerSet extends KubeObject {
  readonly spec: {
    readonly parentRef: ObjectReference;
    readonly listeners: readonly Listener[];
  };
  readonly status?: {
    readonly conditions?: readonly StoredCondition[];
    readonly listeners?: readonly ListenerStatus<StoredCondition>[];
  };
}

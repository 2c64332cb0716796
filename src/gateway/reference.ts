/** A reference to a parent of a route (shared: ParentReference). Absent group and kind mean the Gateway kind. */
export interface ParentReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

/** A reference to any object, perhaps in another namespace (objref). */
export interface ObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** A reference to a backend (objref: BackendObjectReference). */
export interface BackendObjectReference extends ObjectReference {
  readonly port?: number;
}

/** A weighted backend of a route's rule; `filters` in HTTPRoute and GRPCRoute only. */
export interface BackendRef<F> extends BackendObjectReference {
  /** Share of the traffic, 0 to 1,000,000; default 1. */
  readonly weight?: number;
  readonly filters?: readonly F[];
}

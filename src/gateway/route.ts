import type { RouteFilter } from './filter.ts';
import type { Condition, KubeObject, StoredCondition } from './object.ts';
import type { BackendRef, ParentReference } from './reference.ts';

/** How a string is compared: `Exact` (the default) or `RegularExpression`. */
export interface NameValueMatch {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

/** One alternative of an HTTPRoute rule; all given parts must hold. */
export interface HTTPRouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly NameValueMatch[];
  readonly queryParams?: readonly NameValueMatch[];
  readonly method?: string;
}

/** One alternative of a GRPCRoute rule. */
export interface GRPCRouteMatch {
  readonly method?: { readonly type?: string; readonly service?: string; readonly method?: string };
  readonly headers?: readonly NameValueMatch[];
}

/** A rule of a route. */
export interface RouteRule<M> {
  readonly name?: string;
  readonly matches?: readonly M[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendRef<RouteFilter>[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
  readonly retry?: unknown;
  readonly sessionPersistence?: unknown;
}

/** `status.parents[]` of a route. */
export interface RouteParentStatus<C extends StoredCondition = Condition> {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions?: readonly C[];
}

interface RouteOf<M> extends KubeObject {
  readonly spec: {
    readonly parentRefs?: readonly ParentReference[];
    readonly useDefaultGateways?: string;
    readonly hostnames?: readonly string[];
    readonly rules?: readonly RouteRule<M>[];
  };
  readonly status?: { readonly parents?: readonly RouteParentStatus<StoredCondition>[] };
}

/** HTTPRoute (http). */
export type HTTPRoute = RouteOf<HTTPRouteMatch>;
/** GRPCRoute (grpc). */
export type GRPCRoute = RouteOf<GRPCRouteMatch>;
/** TLSRoute (tls): SNI in `hostnames`, one rule without matches. */
export type TLSRoute = RouteOf<never>;
/** TCPRoute and UDPRoute: no hostnames, one rule. */
export type L4Route = RouteOf<never>;
/** Any of the five route kinds. */
export type Route = HTTPRoute | GRPCRoute | TLSRoute | L4Route;

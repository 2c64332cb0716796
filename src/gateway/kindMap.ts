import type { BackendTLSPolicy } from './backendTLSPolicy.ts';
import type { CustomResourceDefinition } from './customResourceDefinition.ts';
import type { Gateway, GatewayClass } from './gateway.ts';
import type { Ingress } from './ingress.ts';
import { ROUTE_KINDS, parseApiVersion, type KindName, type RouteKind } from './kinds.ts';
import type { ListenerSet } from './listener.ts';
import type { ObjectReference } from './reference.ts';
import type { ReferenceGrant } from './referenceGrant.ts';
import type { GRPCRoute, HTTPRoute, L4Route, TLSRoute } from './route.ts';
import type { ConfigMap, Secret, Service, ServiceImport } from './service.ts';
import type { VendorPolicy } from './vendorPolicy.ts';
import type { XBackend } from './xBackend.ts';

import type { KubeObject } from './object.ts';

/** A Namespace; cluster-scoped. */
export type Namespace = KubeObject;

/** A policy of the experimental kinds, as far as rules read it. */
export interface TargetingPolicy extends KubeObject {
  readonly spec: {
    readonly targetRefs?: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
  };
}

/** XMesh of the experimental channel, since v1.4; cluster-scoped. */
export interface XMesh extends KubeObject {
  readonly spec?: { readonly parametersRef?: ObjectReference };
}

/** The shape of each kind after `normalise`: defaults applied, nulls gone, types checked against the CRD schema. */
export interface KindMap {
  GatewayClass: GatewayClass;
  Gateway: Gateway;
  ListenerSet: ListenerSet;
  HTTPRoute: HTTPRoute;
  GRPCRoute: GRPCRoute;
  TLSRoute: TLSRoute;
  TCPRoute: L4Route;
  UDPRoute: L4Route;
  ReferenceGrant: ReferenceGrant;
  BackendTLSPolicy: BackendTLSPolicy;
  BackendLBPolicy: TargetingPolicy;
  XListenerSet: ListenerSet;
  XBackendTrafficPolicy: TargetingPolicy;
  XBackend: XBackend;
  XMesh: XMesh;
  CustomResourceDefinition: CustomResourceDefinition;
  Namespace: Namespace;
  Service: Service;
  Secret: Secret;
  ConfigMap: ConfigMap;
  Ingress: Ingress;
  ServiceImport: ServiceImport;
  VendorPolicy: VendorPolicy;
}

/** An object of kind K. */
export type ObjectOf<K extends KindName> = KindMap[K];

/** An object with its kind: a union that narrows by `kind`. */
export type Indexed<Q extends KindName> = { [K in Q]: { readonly kind: K; readonly object: ObjectOf<K> } }[Q];

/** Pairs a kind with an object of that kind. Throws when the object is of another. */
export function indexed(kind: KindName, object: KubeObject): Indexed<KindName> {
  const entry = { kind, object };
  if (!isIndexed(entry)) throw new Error(`a ${object.kind} cannot be filed as ${kind}`);
  return entry;
}

function isIndexed(entry: { readonly kind: KindName; readonly object: KubeObject }): entry is Indexed<KindName> {
  return isOfKind(entry.kind, entry.object);
}

/** Whether an object is of one of these kinds. */
export function isOneOf<K extends KindName>(
  kinds: readonly K[],
  entry: Indexed<KindName>,
): entry is Indexed<KindName> & Indexed<K> {
  return kinds.some((kind) => kind === entry.kind);
}

/** Whether an object is of a route kind. */
export function isRoute(entry: Indexed<KindName>): entry is Indexed<RouteKind> {
  return isOneOf(ROUTE_KINDS, entry);
}

/** Whether an object calls itself what its row is called; a vendor's policy has a name of its own. */
export function isOfKind(kind: KindName, object: KubeObject): boolean {
  return kind === 'VendorPolicy' || object.kind === kind;
}

/**
 * The name of an object among those of its row: `group/kind/name` of a vendor's policy, since those of different kinds may share a name. By it a
 * snapshot gives the object.
 */
export function filedName(kind: KindName, { apiVersion, kind: own, metadata }: KubeObject): string {
  return kind === 'VendorPolicy' ? `${parseApiVersion(apiVersion).group}/${own}/${metadata.name}` : metadata.name;
}

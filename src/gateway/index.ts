/**
 * What Gateway API means. Pure functions and tables over plain objects: no I/O, no clock, no policy.
 * This is the door `#gateway`: policies and the layers above import from here only.
 */
export * from './attachment.ts';
export * from './backend.ts';
export * from './backendTLSPolicy.ts';
export * from './certificate.ts';
export * from './customResourceDefinition.ts';
export * from './features.ts';
export * from './fieldPath.ts';
export * from './filter.ts';
export * from './gateway.ts';
export * from './grantPlan.ts';
export * from './grants.ts';
export * from './grantUse.ts';
export * from './hostname.ts';
export * from './hostnameUse.ts';
export * from './indexes.ts';
export * from './ingress.ts';
export * from './kindMap.ts';
export * from './keyMaterial.ts';
export * from './kinds.ts';
export * from './labelSelector.ts';
export * from './list.ts';
export * from './listener.ts';
export * from './listenerConflicts.ts';
export * from './namespace.ts';
export * from './object.ts';
export * from './parent.ts';
export * from './precedence.ts';
export * from './reference.ts';
export * from './references.ts';
export * from './referenceGrant.ts';
export * from './requestMatch.ts';
export * from './route.ts';
export * from './routeKinds.ts';
export * from './schema/checkSchema.ts';
export * from './schema/fieldTree.ts';
export * from './schema/fingerprint.ts';
export * from './schema/lifecycle.ts';
export * from './schema/normalise.ts';
export type { Nulls, SchemaProblem } from './schema/shape.ts';
export * from './service.ts';
export * from './serving.ts';
export * from './snapshot.ts';
export * from './status/index.ts';
export * from './vendorPolicy.ts';
export * from './xBackend.ts';

/** The conditions that a conformant controller would set: pure functions of a snapshot, each rule with its source. */
export * from './attachmentMessage.ts';
export * from './gatewayStatus.ts';
export * from './listenerStatus.ts';
export * from './management.ts';
export * from './policyStatus.ts';
export * from './routeStatus.ts';
export * from './routeValues.ts';
export * from './world.ts';

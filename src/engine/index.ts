/** Judging: evaluate, decide, repair, sweep. Pure; knows the vocabulary of policies, not any policy. */
export * from './claims.ts';
export * from './continuous.ts';
export * from './decide.ts';
export * from './evaluate.ts';
export * from './exemption.ts';
export * from './jsonPatch.ts';
export * from './overlay.ts';
export * from './policySet.ts';
export * from './repair.ts';
export * from './sweep.ts';

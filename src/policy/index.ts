/**
 * The vocabulary in which policies are written: definePolicy, messages, findings, subjects, match. Pure. This is the door `#policy`;
 * a policy imports from here and from `#gateway`, and from nowhere else.
 */
export * from './action.ts';
export * from './backstop.ts';
export * from './cel.ts';
export * from './finding.ts';
export * from './hostnameClaim.ts';
export * from './hostnameOwners.ts';
export * from './issue.ts';
export * from './match.ts';
export * from './message.ts';
export * from './policy.ts';
export { commonShape, type PolicyDocument } from './spec.ts';
export * from './subject.ts';
export * from './suggestion.ts';

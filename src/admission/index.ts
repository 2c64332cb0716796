/**
 * AdmissionReview v1 to a subject, decisions to an answer: the API server's own rules live here and nowhere else. Pure: no server, no log, no
 * clock. A decode never throws, and whatever has a uid gets a well-formed review as its answer.
 */
export * from './answer.ts';
export * from './deletion.ts';
export * from './depth.ts';
export * from './proof.ts';
export * from './review.ts';
export * from './text.ts';
export * from './timeout.ts';

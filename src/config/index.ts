/**
 * Policy documents and exemptions: YAML values in, bound policies and problems with their places out. Pure; it reads no file and knows no
 * policy but those it is handed.
 */
export * from './document.ts';
export * from './exemption.ts';
export * from './hostnameClaim.ts';
export * from './lastGood.ts';
export * from './load.ts';

/**
 * Renderers: values in, text out. A report is the same for every face; each format says it in the words of those who read it. Pure: no
 * file, no clock, no terminal. Formats load their own renderer when they are asked for (`render`), so that nobody pays for the others.
 */
export * from './context.ts';
export * from './finding.ts';
export * from './fingerprint.ts';
export * from './format.ts';
export * from './report.ts';
export { plain } from './paint.ts';

/** What is predicted for a cluster beside what its controllers wrote: the values, the table, the document. Pure: the time is passed in. */
export { comparisonJson, comparisonLine, comparisonYaml } from './document.ts';
export { comparisonTable } from './table.ts';
export { compareWorld, differs, type StatusComparison } from './world.ts';

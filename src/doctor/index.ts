/** What is wrong with an installation in a cluster. Pure checks, a file for each family, of what `cluster/liveInstallation.ts` has seen. */
export * from './doctor.ts';

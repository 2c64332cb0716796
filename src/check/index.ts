/**
 * `gateward check`: judges manifests in files as admission would judge them in a cluster, before they get there. Reads files and the policy
 * documents, writes reports; it decides nothing that the engine does not decide, and asks no cluster.
 */
export * from './check.ts';
export * from './options.ts';

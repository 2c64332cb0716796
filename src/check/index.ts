/**
 * `gateward check`: judges manifests in files as admission would judge them in a cluster, before they get there. Reads files and the policy
 * documents, writes reports; it decides nothing that the engine does not decide, and asks no cluster. Commands that read the same inputs
 * have a file of their own here (`grants.ts`, `preview.ts`, `hosts.ts`), and may look at a cluster instead.
 */
export * from './check.ts';
export * from './options.ts';

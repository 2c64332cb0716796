/**
 * `gateward status`: what a controller would say about manifests, or what it says in a cluster beside that. Reads files or a cluster and
 * prints; every condition comes from the model in `gateway/`. It writes nothing to a cluster.
 */
export * from './cluster.ts';
export * from './options.ts';
export * from './status.ts';

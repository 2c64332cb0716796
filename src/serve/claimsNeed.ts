import { problemAt, type LoadedPolicies, type Unfit } from '../config/index.ts';
import { OperatorError } from '../errors.ts';
import type { Source } from './reloading.ts';

/**
 * Refuses documents that hold hostnames where that cannot be done, at the start and on every reload: a claim is a write, which only a caller
 * that has proved to be the API server may cause. `missing` says what the server would need; undefined when it has it all.
 */
export function refusingClaims(source: Source<LoadedPolicies>, missing: string | undefined): Source<LoadedPolicies> {
  if (missing === undefined) return source;
  return {
    fingerprint: source.fingerprint,
    load: async () => {
      const loaded = await source.load();
      const holder = loaded.set.policies.find(({ claims }) => claims !== undefined);
      if (holder === undefined) return loaded;
      const document = `${holder.policy.kind} "${holder.document}"`;
      throw new OperatorError('serve/claims', { document, needs: missing });
    },
  };
}

/** The same for each document of a cluster, which stands for itself. */
export function unfitForClaims(missing: string | undefined): Unfit {
  return (document, { set }) =>
    missing === undefined || !set.holdsClaims
      ? []
      : [problemAt(document, ['spec', 'claims'], `Enforce needs ${missing}`)];
}

/** What a server lacks to hold hostnames. */
export function missingForClaims(hasCluster: boolean, hasClientCa: boolean): string | undefined {
  if (!hasCluster) return 'a cluster to write HostnameClaims to, which --state and --demo are not';
  return hasClientCa
    ? undefined
    : '--client-ca: only a caller that proves to be the API server may have hostnames held (certs/README.md says how)';
}

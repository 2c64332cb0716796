import { requirePolicyFiles } from '../cluster/policyFiles.ts';
import type { LoadedPolicies } from '../config/index.ts';
import type { Policy } from '../policy/index.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Source } from './reloading.ts';

/**
 * Policy documents in files and directories: taken whole or not at all. Files that are being written are not read before they have stood still
 * from one look to the next: one that ends between two documents is in order, and lets pass what the other denies.
 */
export function policyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: () => number,
): Source<LoadedPolicies> {
  let seen: string | undefined;
  let settled: string | undefined;
  return {
    fingerprint: async () => {
      const found = await fingerprintOf(paths);
      if (settled === undefined || found === seen) settled = found;
      seen = found;
      return settled;
    },
    load: () => requirePolicyFiles(paths, policies, now(), '.'),
  };
}

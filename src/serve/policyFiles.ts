import { requirePolicyFiles } from '../cluster/policyFiles.ts';
import type { LoadedPolicies } from '../config/index.ts';
import type { Policy } from '#policy';
import { fingerprintOf, settled } from './fingerprint.ts';
import type { Source } from './reloading.ts';

/** Policy documents in files and directories: taken whole or not at all. */
export function policyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: () => number,
): Source<LoadedPolicies> {
  return {
    fingerprint: settled(() => fingerprintOf(paths)),
    load: () => requirePolicyFiles(paths, policies, now(), '.'),
  };
}

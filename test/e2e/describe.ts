/** `describe` for tests that need a real API server. */
import { describe } from 'vitest';
import { clusterAvailability } from './binaries.ts';

const availability = await clusterAvailability();

/**
 * Runs the tests where an API server can be had. Where it cannot, they are skipped and one line says why, unless
 * `GATEWARD_E2E=required` (as CI sets it): then they fail.
 */
export function describeWithCluster(name: string, tests: () => void): void {
  if (availability.ok) {
    describe(name, tests);
    return;
  }
  if (process.env['GATEWARD_E2E'] === 'required') throw new Error(`GATEWARD_E2E=required, but ${availability.reason}`);
  process.stderr.write(`end-to-end tests skipped (${name}): ${availability.reason}\n`);
  describe.skip(name, tests);
}

/** `describe` for tests that need a real API server. */
import { describe } from 'vitest';
import { clusterAvailability, helmBinary } from './binaries.ts';

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

/** The same for tests that need Helm and no API server. Gives the executable to the tests. */
export async function describeWithHelm(name: string, tests: (helm: string) => void): Promise<void> {
  try {
    if (process.env['GATEWARD_E2E'] === 'off') throw new Error('GATEWARD_E2E is off');
    const helm = await helmBinary();
    describe(name, () => {
      tests(helm);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env['GATEWARD_E2E'] === 'required')
      throw new Error(`GATEWARD_E2E=required, but ${reason}`, { cause: error });
    process.stderr.write(`tests with Helm skipped (${name}): ${reason}\n`);
    describe.skip(name, () => {
      tests('helm');
    });
  }
}

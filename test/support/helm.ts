/** `describe` for tests that need Helm and no API server. */
import { describe } from 'vitest';
import { helmBinary } from '../e2e/binaries.ts';

/** Runs the tests where Helm can be had, and gives them the executable; elsewhere as `describeWithCluster` does. */
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

import { expect, test } from 'vitest';
import { runBaseline } from '../../src/check/baseline.ts';
import { runGrants } from '../../src/check/grants.ts';
import { runHosts } from '../../src/check/hosts.ts';
import { CHECK_DEFAULTS, runCheck } from '../../src/check/index.ts';
import { runInit } from '../../src/check/init.ts';
import { runPreview } from '../../src/check/preview.ts';
import type { FaceDeps } from '../../src/output/context.ts';
import type { Io } from '../../src/telemetry/io.ts';
import { folderOf, run, suffixDocument } from '../support/checkRun.ts';

const named = { paths: [], kustomize: [], stdinFilename: '<stdin>', namespace: 'default' };
const place = { ...named, policies: ['p'], cluster: false, kubeconfig: undefined, context: undefined, color: false };
const filter = { namespace: undefined, owner: undefined, unowned: false, conflicts: false };

/** Each command that reads manifests, called without any on a terminal. */
const CALLS: Readonly<Record<string, (io: Io, deps: FaceDeps) => Promise<number>>> = {
  check: (io, deps) => runCheck({ ...CHECK_DEFAULTS, policies: ['p'] }, io, deps),
  baseline: (io, deps) => {
    const check = { ...CHECK_DEFAULTS, policies: ['p'], command: 'baseline' };
    return runBaseline({ check, file: undefined, refresh: false, force: false }, io, deps);
  },
  grants: (io) => runGrants({ ...named, diff: false, output: 'yaml' }, io),
  init: (io, deps) => runInit({ input: named, directory: undefined, force: false }, io, deps),
  hosts: (io, deps) => runHosts({ ...place, output: 'text', filter }, io, deps),
  preview: (io, deps) => runPreview({ ...place, against: 'p', output: 'text', failOn: 'deny' }, io, deps),
};

test.each(Object.keys(CALLS))('who gives %s nothing to read is shown the help of that command', async (command) => {
  using folder = folderOf({ 'p/a.yaml': suffixDocument('{}') });
  let help: unknown;
  await run(folder.path, async (io, deps) => {
    const error: unknown = await CALLS[command]?.(io, deps).catch((thrown: unknown) => thrown);
    help = error instanceof Error && 'help' in error ? error.help : error;
    return 0;
  });
  expect(help).toBe(`see gateward ${command} --help`);
});

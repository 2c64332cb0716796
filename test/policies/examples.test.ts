import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { runPolicyTests } from '../../src/check/policyTest.ts';
import { run } from '../support/checkRun.ts';

const root = resolve(import.meta.dirname, '../..');
const ids = readdirSync(join(root, 'policies'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(ids)('the example of %s does what its tests say', async (id) => {
  const options = { paths: [`policies/${id}/tests.yaml`], output: [], filter: undefined, color: false };
  const { code, stdout, stderr } = await run(root, (io, deps) => runPolicyTests(options, io, deps), {
    policies: POLICIES,
  });
  // What did not pass stands in the text.
  expect([code, /FAIL[^]*/.exec(stdout)?.[0] ?? '', stderr]).toEqual([0, '', '']);
});

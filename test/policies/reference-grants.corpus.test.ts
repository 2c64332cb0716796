import { describe, expect, test } from 'vitest';
import { referenceGrants } from '../../policies/reference-grants/policy.ts';
import { findFiles, readFiles } from '../../src/cluster/files.ts';
import { ManifestReader } from '../../src/cluster/manifests.ts';
import { storeOf } from '../../src/cluster/state.ts';
import { policySet, sweep } from '../../src/engine/index.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

describe.skipIf(!hasShared)('the conformance manifests', () => {
  test('the grants that nothing uses are those that are wrong on purpose', async () => {
    const reader = new ManifestReader('default');
    const { files } = await findFiles([sharedPath('gateway-api/conformance')], '.');
    for await (const file of readFiles(files, '.')) if ('text' in file) reader.add(file);
    const store = storeOf(reader.manifests.manifests, 'all');
    const { bound } = referenceGrants.bind([{ name: 'scope', spec: { named: 'Never' } }]);
    const unused = [...sweep(store, policySet(bound, []), 0)]
      .filter(({ violations }) => violations.some(({ rule }) => rule === 'reference-grants/unused'))
      .map(({ subject }) => subject.object.metadata.name);
    const wrong = [...store.list('ReferenceGrant')]
      .map(({ metadata }) => metadata.name)
      // Of a group that Gateward does not know, the use cannot be seen.
      .filter((name) => name.startsWith('reference-grant-wrong-') && name !== 'reference-grant-wrong-from-group');
    expect(wrong.length).toBeGreaterThan(0);
    expect(unused.sort()).toEqual(wrong.sort());
  });
});

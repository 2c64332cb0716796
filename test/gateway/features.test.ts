import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { APP_PROTOCOL_FEATURES, FEATURES, FEATURES_WITHOUT_FIELD } from '#gateway';
import { crdRoot } from '../e2e/binaries.ts';

/** `pkg/features` of the specification, where its Go module is at hand. */
const folder = await crdRoot().then(
  (crds) => join(dirname(dirname(crds)), 'pkg/features'),
  () => '',
);

describe.skipIf(!existsSync(folder))('the table of features', () => {
  test('names every feature of the specification, and none else', () => {
    const text = readdirSync(folder)
      .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const specified = [...text.matchAll(/^\s*Support\w+(?: FeatureName)? = "(\w+)"/gm)].map(([, name]) => name);
    const ours = [...FEATURES.map(({ name }) => name), ...APP_PROTOCOL_FEATURES.values(), ...FEATURES_WITHOUT_FIELD];
    expect([...new Set(ours)].sort()).toEqual([...new Set(specified)].sort());
  });
});

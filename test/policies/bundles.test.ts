import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import { kindOf, normalise, parseApiVersion } from '#gateway';
import type { Action } from '#policy';
import { POLICIES } from '../../policies/index.ts';
import { Store } from '../../src/cluster/store.ts';
import { configDocuments, loadPolicies, type LoadedPolicies } from '../../src/config/index.ts';
import { decide, evaluate, sweep } from '../../src/engine/index.ts';
import { read } from '../../src/serve/judge.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

const folder = resolve(import.meta.dirname, '../../policies');
const NOW = Date.UTC(2027, 0, 1);

function load(file: string): LoadedPolicies {
  const { documents, problems } = configDocuments(file, readFileSync(join(folder, file), 'utf8'));
  expect(problems).toEqual([]);
  return loadPolicies(documents, POLICIES, NOW);
}

/** Every action that a document can come to: its own, and those of its rules. */
function actionsOf({ set }: LoadedPolicies): readonly (readonly [string, Action | 'Disabled'])[] {
  return set.policies.flatMap(({ document, spec }) =>
    [spec.action, ...Object.values(spec.rules)].flatMap((action) =>
      action === undefined ? [] : [[document, action] as const],
    ),
  );
}

describe('the bundles', () => {
  test.each(['baseline.yaml', 'restricted.yaml'])('%s is in order', (file) => {
    const { problems, warnings, expired } = load(file);
    expect({ problems, warnings, expired }).toEqual({ problems: [], warnings: [], expired: [] });
  });

  test('baseline.yaml denies nothing and changes nothing', () => {
    const loaded = load('baseline.yaml');
    expect(actionsOf(loaded).filter(([, action]) => action === 'Deny')).toEqual([]);
    expect(loaded.set.policies.filter(({ mutates }) => mutates).map(({ document }) => document)).toEqual([]);
  });

  test('restricted.yaml denies under every document', () => {
    const denying = new Set(
      actionsOf(load('restricted.yaml'))
        .filter(([, action]) => action === 'Deny')
        .map(([document]) => document),
    );
    expect(
      load('restricted.yaml')
        .set.policies.map(({ document }) => document)
        .filter((document) => !denying.has(document)),
    ).toEqual([]);
  });

  test.each(POLICIES.map(({ id, kind }) => [id, kind]))('the example of %s is in order', (id, kind) => {
    const { set, problems } = load(`${id}/example.yaml`);
    expect({ problems, kinds: [...new Set(set.policies.map(({ policy }) => policy.kind))] }).toEqual({
      problems: [],
      kinds: [kind],
    });
  });

  test('the policies are sorted by id, and each has ids and a kind of its own', () => {
    const ids = POLICIES.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(new Set(POLICIES.map(({ kind }) => kind)).size).toBe(ids.length);
  });
});

const manifest = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/** The objects of a folder of manifests that Gateward knows and that fit their schema. */
function storeOf(...parts: readonly string[]): { readonly store: Store; readonly count: number } {
  const store = new Store('all');
  let count = 0;
  for (const file of readdirSync(sharedPath(...parts), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.yaml')) continue;
    for (const raw of loadAll(readFileSync(sharedPath(...parts, file), 'utf8'))) {
      const parsed = manifest.safeParse(raw);
      const kind = parsed.success ? kindOf(parseApiVersion(parsed.data.apiVersion).group, parsed.data.kind) : undefined;
      const normalised = kind === undefined ? undefined : normalise(kind, raw);
      if (kind === undefined || normalised?.ok !== true) continue;
      store.put(kind, normalised.object);
      count += 1;
    }
  }
  return { store, count };
}

const MANIFESTS = [
  ['examples', 'standard'],
  ['examples', 'experimental'],
  ['conformance', 'base'],
  ['conformance', 'tests'],
  ['conformance', 'mesh'],
] as const;

describe.skipIf(!hasShared)('every document over the manifests of the specification', () => {
  const files = ['baseline.yaml', 'restricted.yaml', ...POLICIES.map(({ id }) => `${id}/example.yaml`)];
  let stores: readonly Store[];
  // Here and not above: what is skipped is described all the same.
  beforeAll(() => {
    stores = MANIFESTS.map((parts) => storeOf('gateway-api', ...parts).store);
  });
  test.each(files)('%s judges each of them without an error', (file) => {
    const { set } = load(file);
    const evaluations = stores.flatMap((store) => [...sweep(store, set, NOW)]);
    expect(evaluations.flatMap(({ errors }) => errors)).toEqual([]);
    expect(evaluations.length).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasShared)('baseline.yaml over the manifests of the specification', () => {
  test.each(MANIFESTS)('%s/%s: judged without an error, denied nowhere', (...parts) => {
    const { store, count } = storeOf('gateway-api', ...parts);
    const { set } = load('baseline.yaml');
    const decisions = [...sweep(store, set, NOW)].map((evaluation) => decide(evaluation, 'warn'));
    expect(count).toBeGreaterThan(0);
    expect(decisions.flatMap(({ denied }) => denied.map(({ message }) => message))).toEqual([]);
    expect(decisions.flatMap(({ failed, ignored }) => [...failed, ...ignored])).toEqual([]);
  });
});

test.each(['^(([a-z0-9])+.)+[A-Z]$', '(['])(
  'A27 the regular expression %s of a route is compiled by nothing',
  (value) => {
    const { set } = load('restricted.yaml');
    const long = `${'a'.repeat(33)}!`;
    const match = (path: string): object => ({
      path: { type: 'RegularExpression', value: path },
      headers: [{ type: 'RegularExpression', name: 'x', value }],
    });
    const spec = { hostnames: ['shop.example.com'], rules: [{ matches: [match(value), match(long)] }] };
    const review = read('validate', reviewOf('CREATE', { ...httpRoute(''), spec }), set);
    if (review.kind !== 'subject') throw new Error(`the review is ${review.kind}`);
    const { errors, outcomes } = evaluate(review.subject, new Store('all'), set, NOW);
    expect([errors, outcomes.length]).toEqual([[], set.speakingOf('HTTPRoute', 'CREATE').length]);
  },
);

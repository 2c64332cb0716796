import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BUNDLES,
  bitOf,
  lackedBy,
  lackingPart,
  CHANNELS,
  LIFECYCLE_KINDS,
  bundlesIn,
  describeReleases,
  formatPath,
  lifecycleOf,
  type FieldNode,
  type KindLifecycle,
} from '#gateway';
import { hasShared, sharedPath } from '../../support/shared.ts';

function kind(groupKind: string): KindLifecycle {
  const [group = '', name = ''] = groupKind.split('/');
  const lifecycle = lifecycleOf(group, name);
  if (lifecycle === undefined) throw new Error(`no ${groupKind}`);
  return lifecycle;
}

function byChannel(releases: number): Record<string, readonly string[]> {
  return Object.fromEntries(CHANNELS.map((channel) => [channel, bundlesIn(releases, channel)]));
}

/** Every path and `path=value` below a field, with its bundles. */
function* pathsOf(field: FieldNode, path: string): Generator<readonly [string, Record<string, readonly string[]>]> {
  const [mask, fields, values] = typeof field === 'number' ? [field] : field;
  if (path !== '') yield [path, byChannel(mask)];
  for (const [value, releases] of Object.entries(values ?? {})) yield [`${path}=${value}`, byChannel(releases)];
  for (const [name, child] of Object.entries(fields ?? {})) {
    const joined = name === '[]' || name === '{}' ? `${path}${name}` : path === '' ? name : `${path}.${name}`;
    yield* pathsOf(child, joined);
  }
}

describe.skipIf(!hasShared)('the generated table equals the facts', () => {
  test('every field path and enum value', () => {
    const text = readFileSync(sharedPath('gateway-api/facts/field-lifecycle.json'), 'utf8');
    // The facts write a boolean as Python does.
    const facts: unknown = JSON.parse(text.replaceAll('allowCredentials=True', 'allowCredentials=true'));
    const ours = LIFECYCLE_KINDS.map((name) => [name, Object.fromEntries(pathsOf(kind(name).fields, ''))]);
    expect(Object.fromEntries(ours)).toEqual(facts);
  });

  test('every version of every kind, served, stored and deprecated', () => {
    const version = z.object({ name: z.string(), served: z.boolean(), storage: z.boolean(), deprecated: z.boolean() });
    const unlisted = z.array(z.unknown()).transform(() => ({ versions: [] }));
    const facts = z
      .record(z.string(), z.record(z.string(), z.union([z.object({ versions: z.array(version) }), unlisted])))
      .parse(JSON.parse(readFileSync(sharedPath('gateway-api/facts/crd-versions.json'), 'utf8')));
    const expected = Object.entries(facts).flatMap(([release, kinds]) =>
      Object.entries(kinds).flatMap(([name, crd]) =>
        crd.versions.map((one) => `${release} ${name} ${one.name} ${one.served} ${one.storage} ${one.deprecated}`),
      ),
    );
    const ours = LIFECYCLE_KINDS.flatMap((name) =>
      Object.entries(kind(name).versions).flatMap(([version, { present, served, stored, deprecated }]) =>
        CHANNELS.flatMap((channel) =>
          bundlesIn(present, channel).map((bundle) => {
            const flags = [served, stored, deprecated].map((mask) => bundlesIn(mask, channel).includes(bundle));
            return [`${bundle}|${channel}`, name, version, ...flags].join(' ');
          }),
        ),
      ),
    );
    expect(ours.sort()).toEqual(expected.sort());
  });
});

describe('where something is found', () => {
  test.each([
    ['standard since v1.0.0', 0b11111111111111],
    ['standard since v1.5.1, experimental since v1.3.0', 0b11111010000000],
    ['experimental only since v1.2.1', 0b10101010100000],
    ['experimental only from v1.1.0 to v1.3.0', 0b10101000],
    ['experimental only in v1.0.0', 0b10],
    ['standard from v1.0.0 to v1.1.0', 0b1111],
    ['no bundle up to v1.6.1', 0],
  ])('%s', (text, releases) => {
    expect(describeReleases(releases)).toBe(text);
  });
});

describe('what a release does not have', () => {
  const HTTP_ROUTE = kind('gateway.networking.k8s.io/HTTPRoute');
  const rows: readonly (readonly [string, object, string, 'standard' | 'experimental', readonly string[]])[] = [
    ['nothing', { spec: { rules: [{ matches: [] }] } }, 'v1.6.1', 'standard', []],
    [
      'an experimental field, not its leaves',
      { spec: { rules: [{}, { retry: { attempts: 1 } }] } },
      'v1.6.1',
      'standard',
      ['spec.rules[1].retry: experimental only since v1.2.1'],
    ],
    ['the same field where it is', { spec: { rules: [{ retry: {} }] } }, 'v1.6.1', 'experimental', []],
    [
      'a field that graduated later',
      { spec: { rules: [{ timeouts: {} }] } },
      'v1.1.0',
      'standard',
      ['spec.rules[0].timeouts: standard since v1.2.1, experimental since v1.0.0'],
    ],
    [
      'a field that is gone',
      { spec: { rules: [{ sessionPersistence: { idleTimeout: '1h' } }] } },
      'v1.6.1',
      'experimental',
      ['spec.rules[0].sessionPersistence.idleTimeout: experimental only from v1.1.0 to v1.5.1'],
    ],
    [
      'an enum value',
      { spec: { rules: [{ filters: [{ type: 'CORS' }, { type: 'URLRewrite' }] }] } },
      'v1.4.1',
      'standard',
      ['spec.rules[0].filters[0].type=CORS: standard since v1.5.1, experimental since v1.3.0'],
    ],
    [
      'a numeric enum value',
      { spec: { rules: [{ filters: [{ requestRedirect: { statusCode: 308 } }] }] } },
      'v1.4.1',
      'standard',
      ['spec.rules[0].filters[0].requestRedirect.statusCode=308: standard since v1.5.1'],
    ],
    [
      'what no bundle knows',
      { spec: { retries: 1, rules: [{ filters: [{ type: 'Nonsense' }] }] } },
      'v1.6.1',
      'standard',
      [],
    ],
    ['nulls and other shapes', { spec: { rules: { retry: null }, hostnames: 5 } }, 'v1.6.1', 'standard', []],
  ];
  test.each(rows)('%s', (_name, object, bundle, channel, expected) => {
    const found = lackedBy(bitOf({ bundle, channel }), HTTP_ROUTE.fields, object).map(
      ({ path, value, releases }) =>
        `${formatPath(path)}${value === undefined ? '' : `=${value}`}: ${describeReleases(releases)}`,
    );
    expect(found).toEqual(expected);
  });

  test('an enum that became a pattern refuses nothing where it is a pattern', () => {
    const policy = kind('gateway.networking.k8s.io/BackendTLSPolicy');
    const object = { spec: { validation: { wellKnownCACertificates: 'System' } } };
    expect(lackedBy(bitOf({ bundle: 'v1.6.1', channel: 'standard' }), policy.fields, object)).toEqual([]);
    expect(lackedBy(bitOf({ bundle: 'v1.4.1', channel: 'standard' }), policy.fields, object)).toEqual([]);
    const vendor = { spec: { validation: { wellKnownCACertificates: 'example.com/all' } } };
    expect(lackedBy(bitOf({ bundle: 'v1.6.1', channel: 'standard' }), policy.fields, vendor)).toEqual([]);
    expect(lackedBy(bitOf({ bundle: 'v1.4.1', channel: 'standard' }), policy.fields, vendor)).toEqual([
      {
        path: ['spec', 'validation', 'wellKnownCACertificates'],
        value: 'example.com/all',
        releases: 0b11110000000000,
      },
    ]);
  });

  test('map values and lists of lists are walked, keys named like fields of objects are not fields', () => {
    const object = { spec: { infrastructure: { labels: { constructor: 'x' } }, toString: 1 } };
    const gateway = kind('gateway.networking.k8s.io/Gateway');
    expect(lackedBy(bitOf({ bundle: 'v1.6.1', channel: 'standard' }), gateway.fields, object)).toEqual([]);
  });
});

test('the part of a tree that a release lacks', () => {
  const tree: FieldNode = [3, { a: 3, b: 1, c: [3, { d: 1, e: 3 }], f: [3, {}, { A: 1, B: 3 }], g: [1, { h: 1 }] }];
  expect(lackingPart(tree, 1)).toBe(undefined);
  expect(lackingPart(tree, 2)).toEqual([3, { b: 1, c: [3, { d: 1 }], f: [3, {}, { A: 1, B: 3 }, 3], g: 1 }]);
  const newlyEnum: FieldNode = [3, {}, { A: 2 }];
  expect(lackingPart(newlyEnum, 1)).toEqual([3, {}, { A: 2 }, 2]);
  expect(lackingPart(newlyEnum, 2)).toEqual([3, {}, { A: 2 }, 2]);
});

test('the bundles', () => {
  expect(BUNDLES).toEqual(['v1.0.0', 'v1.1.0', 'v1.2.1', 'v1.3.0', 'v1.4.1', 'v1.5.1', 'v1.6.1']);
});

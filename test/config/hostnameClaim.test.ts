import { describe, expect, test } from 'vitest';
import {
  claimLabels,
  claimName,
  hostnameClaimSchema,
  overlapSelectors,
  WILDCARD_LABEL,
} from '../../src/config/index.ts';

/** A hostname as long as DNS lets it be. */
const LONG = `${`${'a'.repeat(49)}.`.repeat(5)}abc`;

describe('the name of a claim', () => {
  test.each([
    ['Route', 'shop.example.com', 'shop.example.com'],
    ['Route', '*.example.com', 'example.com.wildcard.0'],
    ['Listener', 'shop.example.com', 'shop.example.com.listener.0'],
    ['Listener', '*.example.com', 'example.com.listener-wildcard.0'],
    ['Route', LONG, LONG],
  ] as const)('of a %s for %s', (layer, hostname, name) => {
    expect(claimName(layer, hostname)).toBe(name);
  });

  test('of what would be too long is a digest, of its own for each', () => {
    const names = [claimName('Listener', LONG), claimName('Listener', `*.${LONG.slice(2)}`), claimName('Route', LONG)];
    expect(new Set(names).size).toBe(3);
    expect(names.slice(0, 2).map((name) => /^[0-9a-f]{64}\.0$/.test(name))).toEqual([true, true]);
  });
});

describe('overlapping claims', () => {
  /** As the API server evaluates the two forms of selector that are used. */
  const selects = (selector: string, labels: Readonly<Record<string, string>>): boolean => {
    const values = /^(\S+) in \((.*)\)$/.exec(selector);
    if (values === null) return Object.hasOwn(labels, selector);
    return (values[2] ?? '').split(',').includes(labels[values[1] ?? ''] ?? '-');
  };
  const finds = (layer: 'Route' | 'Listener', hostname: string, other: string): boolean =>
    overlapSelectors(layer, hostname).some((selector) => selects(selector, claimLabels('Route', other, 'team')));

  test.each([
    ['a.example.com', '*.example.com', true],
    ['*.example.com', 'a.example.com', true],
    ['a.b.example.com', '*.example.com', true],
    ['*.example.com', '*.b.example.com', true],
    ['*.b.example.com', '*.example.com', true],
    ['example.com', '*.example.com', false],
    ['*.example.com', 'example.com', false],
    ['a.example.com', 'b.example.com', false],
    ['a.example.com', '*.a.example.com', false],
    ['a.example.com', '*.example.org', false],
  ])('%s finds %s: %s', (hostname, other, found) => {
    expect(finds('Route', hostname, other)).toBe(found);
    expect(finds('Listener', hostname, other)).toBe(false);
  });

  test('are found by labels that the API server takes, however long the hostname', () => {
    const labels = claimLabels('Route', `*.${LONG.slice(2)}`, 'team-shop');
    expect(labels[WILDCARD_LABEL]).toMatch(/^[0-9a-f]{32}$/);
    expect(Object.keys(labels).filter((key) => !/^([a-z0-9.-]{1,253}\/)?[a-z0-9-]{1,63}$/.test(key))).toEqual([]);
  });
});

test('F25 what another release writes into a claim is passed over, and what it must have is asked for', () => {
  const claimant = { kind: 'HTTPRoute', namespace: 'team-shop', name: 'web', uid: 'u' };
  const spec = { hostname: 'shop.example.com', layer: 'Route', owner: 'team-shop', claimant, uses: 1 };
  expect(hostnameClaimSchema.parse({ ...spec, later: 1, claimant: { ...claimant, later: 1 } })).toEqual(spec);
  expect(hostnameClaimSchema.safeParse({ ...spec, owner: undefined }).success).toBe(false);
});

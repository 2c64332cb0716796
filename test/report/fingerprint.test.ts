import { describe, expect, test } from 'vitest';
import { fingerprintOf, type Fingerprinted } from '../../src/report/index.ts';

const base: Fingerprinted = {
  rule: 'listener-safety/port',
  document: 'listeners',
  object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', namespace: 'infra', name: 'public' },
  path: ['spec', 'listeners', 1, 'port'],
  value: { spec: { listeners: [{ name: 'http' }, { name: 'https', port: 443 }], hostnames: ['a', 'b'] } },
};

describe('the fingerprint of a finding', () => {
  test('is one that baselines may rely on for ever', () => {
    expect(fingerprintOf(base)).toBe('48e85091773ee20a395b733ad2aa10dfc12f8c4e6dc16b2cbeb270f85ceec1e5');
  });

  test.each<[name: string, other: Partial<Fingerprinted>]>([
    [
      'the entry moves in its list',
      { path: ['spec', 'listeners', 0, 'port'], value: { spec: { listeners: [{ port: 8443, name: 'https' }] } } },
    ],
    [
      'the version of the object changes',
      {
        object: {
          ...base.object,
          apiVersion: 'gateway.networking.k8s.io/v1beta1',
          kind: 'Gateway',
          namespace: 'infra',
          name: 'public',
        },
      },
    ],
  ])('stays when %s', (_name, other) => {
    expect(fingerprintOf({ ...base, ...other })).toBe(fingerprintOf(base));
  });

  test.each<[name: string, other: Partial<Fingerprinted>]>([
    ['rule', { rule: 'listener-safety/protocol' }],
    ['document', { document: 'others' }],
    ['group', { object: { apiVersion: 'v1', kind: 'Gateway', namespace: 'infra', name: 'public' } }],
    [
      'name',
      { object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', namespace: 'infra', name: 'other' } },
    ],
    ['entry', { path: ['spec', 'listeners', 0, 'port'] }],
    ['hostname', { path: ['spec', 'hostnames', 0] }],
    ['field', { path: ['spec', 'listeners', 1, 'protocol'] }],
    ['key that looks like an index', { path: ['spec', 'listeners', '[name=https]', 'port'] }],
    ['object', { object: undefined }],
  ])('is another for another %s', (_name, other) => {
    expect(fingerprintOf({ ...base, ...other })).not.toBe(fingerprintOf(base));
  });

  test('is another when a grant is from another namespace in place of the known one', () => {
    const from = (namespace: string): string =>
      fingerprintOf({ ...base, path: ['from', 0], value: { from: [{ kind: 'HTTPRoute', namespace }] } });
    expect(from('stranger')).not.toBe(from('legacy'));
  });

  // Entries of one list whose first key is the same, as they stand in a ReferenceGrant and a route.
  const legacy = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'legacy' };
  const backend = { name: 'web', namespace: 'shop', port: 80, weight: 1 };

  test.each<[name: string, entry: object, other: object, isAnother: boolean]>([
    ['namespace', legacy, { ...legacy, namespace: 'stranger' }, true],
    ['namespace beside the same name', backend, { ...backend, namespace: 'pay' }, true],
    ['port beside the same name', backend, { ...backend, port: 8080 }, true],
    ['order of fields', legacy, Object.fromEntries(Object.entries(legacy).reverse()), false],
  ])('tells entries of a list apart by their %s', (_name, entry, other, isAnother) => {
    const value = { list: [entry, other] };
    const [first, second] = [0, 1].map((at) => fingerprintOf({ ...base, path: ['list', at], value }));
    expect(first !== second).toBe(isAnother);
    const moved = fingerprintOf({ ...base, path: ['list', 1], value: { list: [other, entry] } });
    expect(moved).toBe(first);
  });
});

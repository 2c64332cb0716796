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
});

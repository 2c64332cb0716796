import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { Store } from '../../src/cluster/store.ts';
import { claimsOf, standing, type PolicySet } from '../../src/engine/index.ts';
import { subjectOf, type Subject } from '../../src/policy/index.ts';
import { loadPolicies } from '../../src/config/index.ts';
import { objectOf } from '../support/world.ts';

const GROUP = 'gateway.networking.k8s.io/v1';

function setOf(spec: object, exemption?: object): PolicySet {
  const document = (kind: string, name: string, own: object) => ({
    origin: 'test',
    value: { apiVersion: 'gateward.dev/v1alpha1', kind, metadata: { name }, spec: own },
    locate: undefined,
  });
  const loaded = loadPolicies(
    [
      document('HostnameOwnership', 'names', {
        action: 'Deny',
        claims: 'Enforce',
        rules: { unowned: 'Disabled' },
        ...spec,
      }),
      ...(exemption === undefined ? [] : [document('PolicyExemption', 'move', exemption)]),
    ],
    POLICIES,
    0,
  );
  expect(loaded.problems).toEqual([]);
  return loaded.set;
}

const owners = [
  { hostnames: ['pay.example.com'], namespaces: ['team-pay', 'team-pay-staging'] },
  { hostnames: ['*.shop.example.com'], namespaces: ['team-shop'] },
];

function route(namespace: string, hostnames: readonly string[]): Subject {
  const spec = { parentRefs: [{ name: 'public' }], hostnames };
  return standing(
    'HTTPRoute',
    objectOf('HTTPRoute', { apiVersion: GROUP, kind: 'HTTPRoute', metadata: { name: 'web', namespace }, spec }),
  );
}

function gateway(namespace: string, hostname: string): Subject {
  const spec = { gatewayClassName: 'any', listeners: [{ name: 'a', port: 80, protocol: 'HTTP', hostname }] };
  return standing(
    'Gateway',
    objectOf('Gateway', { apiVersion: GROUP, kind: 'Gateway', metadata: { name: 'web', namespace }, spec }),
  );
}

const wanted = (subject: Subject, set = setOf({ owners })) => claimsOf(subject, new Store('all'), set, 0);

/** What becomes of a subject that meets a held hostname. */
function met(subject: Subject, heldBy: string, hostname: string, set = setOf({ owners })): string {
  const [want] = wanted(subject, set).values();
  const contested = want?.against({ hostname, claimant: { kind: 'HTTPRoute', namespace: heldBy, name: 'other' } });
  if (contested === undefined) return 'shares';
  return contested.denies ? 'denied' : contested.prevails ? 'prevails' : 'passes';
}

describe('the hostnames that are held for a subject', () => {
  test('are those it names, in canonical form, with what it is', () => {
    expect([...wanted(route('team-a', ['B.example.com', 'b.example.com', '*.example.com'])).keys()]).toEqual([
      'Route b.example.com',
      'Route *.example.com',
    ]);
    expect([...wanted(gateway('team-a', 'b.example.com')).keys()]).toEqual(['Listener b.example.com']);
  });

  test('are none that it has had before', () => {
    const before = route('team-a', ['a.example.com']);
    const after = route('team-a', ['a.example.com', 'b.example.com']);
    const update = subjectOf({ ...after, operation: 'UPDATE', oldObject: before.object, rawOld: before.raw });
    expect([...wanted(update).keys()]).toEqual(['Route b.example.com']);
  });

  test('are none of a subject that the document does not speak about, or where it holds none', () => {
    const elsewhere = setOf({ owners, match: { namespaces: ['team-b'] } });
    expect([...wanted(route('team-a', ['b.example.com']), elsewhere).keys()]).toEqual([]);
    const off = setOf({ owners, claims: 'Disabled' });
    expect([...wanted(route('team-a', ['b.example.com']), off).keys()]).toEqual([]);
    expect([setOf({ owners }).holdsClaims, off.holdsClaims]).toEqual([true, false]);
  });
});

describe('a hostname that is held', () => {
  test.each([
    ['is shared by the objects of a namespace', 'team-a', 'free.example.com', 'team-a', 'free.example.com', 'shares'],
    ['is denied to another owner', 'team-a', 'free.example.com', 'team-b', 'free.example.com', 'denied'],
    ['is denied below a wildcard', 'team-a', 'free.example.com', 'team-b', '*.example.com', 'denied'],
    ['is denied above a name', 'team-a', '*.example.com', 'team-b', 'free.example.com', 'denied'],
    [
      'is shared by namespaces of one line',
      'team-pay',
      'pay.example.com',
      'team-pay-staging',
      'pay.example.com',
      'shares',
    ],
    [
      'is shared by namespaces that own the same',
      'team-pay',
      'free.example.com',
      'team-pay-staging',
      'free.example.com',
      'shares',
    ],
    ['goes to who has the right to it', 'team-pay', 'pay.example.com', 'team-a', 'pay.example.com', 'prevails'],
    [
      'does not bother who has the right to a name below',
      'team-shop',
      'a.shop.example.com',
      'team-a',
      '*.example.com',
      'shares',
    ],
  ])('%s', (_name, namespace, hostname, heldBy, held, expected) => {
    expect(met(route(namespace, [hostname]), heldBy, held)).toBe(expected);
  });

  test.each([
    ['Warn', { owners, rules: { unowned: 'Disabled', conflict: 'Warn' } }, undefined],
    ['Disabled', { owners, rules: { unowned: 'Disabled', conflict: 'Disabled' } }, undefined],
    [
      'exempted',
      { owners },
      {
        policies: [{ kind: 'HostnameOwnership', name: 'names', rules: ['conflict'] }],
        match: { namespaces: ['team-a'] },
        reason: 'moves',
        expires: '2027-01-01T00:00:00Z',
      },
    ],
  ])('is denied to nobody where conflict is %s', (_name, spec, exemption) => {
    const set = setOf(spec, exemption);
    expect(met(route('team-a', ['free.example.com']), 'team-b', 'free.example.com', set)).toBe('passes');
  });

  const namespaceSelector = { matchLabels: { tier: 'apps' } };
  test.each([
    ['a document', { owners, match: { namespaceSelector } }, undefined],
    [
      'an exemption',
      { owners },
      {
        policies: [{ kind: 'HostnameOwnership', name: 'names' }],
        match: { namespaceSelector },
        reason: 'moves',
        expires: '2027-01-01T00:00:00Z',
      },
    ],
  ])('is denied by labels that are not seen, of %s, only once they are asked for', (_name, spec, exemption) => {
    const subject = route('team-a', ['free.example.com']);
    const [want] = claimsOf(subject, new Store('some'), setOf(spec, exemption), 0).values();
    const held = {
      hostname: 'free.example.com',
      claimant: { kind: 'HTTPRoute', namespace: 'team-b', name: 'other' },
    } as const;
    const unseen = { kind: 'Namespace', namespace: '', name: 'team-a' };
    expect(want?.against(held)?.violations.map(({ relief }) => relief)).toEqual([
      { kind: 'unverified', restsOn: [unseen] },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostnameOwnership } from '../../policies/hostname-ownership/policy.ts';
import { Store } from '../../src/cluster/store.ts';
import { evaluate, policySet, standing, type Exemption } from '../../src/engine/index.ts';
import { recording } from '../../src/engine/reads.ts';
import { checkedObject } from '../support/policyTable.ts';

/** Every name of up to four labels over two letters: deep enough for every relation between hostnames of up to three labels. */
const NAMES = names(4);
const HOSTNAMES = [...names(3), ...names(2).map((name) => `*.${name}`)];

function names(depth: number): readonly string[] {
  if (depth === 1) return ['a', 'b'];
  const shorter = names(depth - 1);
  return [...new Set([...shorter, ...['a', 'b'].flatMap((label) => shorter.map((name) => `${label}.${name}`))])];
}

function namesOf(hostname: string): ReadonlySet<string> {
  if (hostname === '*') return new Set(NAMES);
  if (!hostname.startsWith('*.')) return new Set([hostname]);
  return new Set(NAMES.filter((name) => name.endsWith(hostname.slice(1)) && name.length > hostname.length - 1));
}

const hostname = fc.constantFrom(...HOSTNAMES);
const namespace = fc.constantFrom('team-a', 'team-b', 'team-c');

interface Held {
  readonly namespace: string;
  readonly hostname: string;
}

function route({ namespace: at, hostname: claimed }: Held, name: string): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace: at, name },
    spec: { parentRefs: [{ namespace: 'infra', name: 'public' }], hostnames: [claimed] },
  };
}

/** The rules that a claim breaks. */
function judged(owners: readonly unknown[], claim: Held, others: readonly Held[]): ReadonlySet<string> {
  const store = new Store('all');
  for (const [at, held] of others.entries()) store.put('HTTPRoute', checkedObject(route(held, `r${at}`)).object);
  for (const name of ['team-a', 'team-b', 'team-c']) {
    store.put('Namespace', checkedObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }).object);
  }
  const { bound, issues } = hostnameOwnership.bind([
    { name: 'owners', spec: { action: 'Deny', owners, rules: { 'invalid-hostname': 'Disabled' } } },
  ]);
  expect(issues).toEqual([]);
  const subject = standing('HTTPRoute', checkedObject(route(claim, 'claim')).object);
  const { violations, errors } = evaluate(subject, store, policySet(bound, []), 0);
  expect(errors).toEqual([]);
  return new Set(violations.map(({ rule }) => rule.slice('hostname-ownership/'.length)));
}

describe('who may claim a hostname', () => {
  const line = fc.record({ hostname: fc.oneof(hostname, fc.constant('*')), namespace });
  const lines = fc.uniqueArray(line, { maxLength: 6, selector: (one) => one.hostname });

  test('the owner of the narrowest hostname that holds all names of the claim, nobody else', () => {
    fc.assert(
      fc.property(lines, fc.record({ namespace, hostname }), (owned, claim) => {
        const wanted = namesOf(claim.hostname);
        const holding = owned.filter((one) => wanted.isSubsetOf(namesOf(one.hostname)));
        const [narrowest] = holding.toSorted((a, b) => namesOf(a.hostname).size - namesOf(b.hostname).size);
        const expected =
          narrowest === undefined ? ['unowned'] : narrowest.namespace === claim.namespace ? [] : ['not-owned'];
        const owners = owned.map((one) => ({ hostnames: [one.hostname], namespaces: [one.namespace] }));
        expect([...judged(owners, claim, [])]).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('who else holds a hostname', () => {
  const held = fc.record({ namespace, hostname });

  test('without owners: whoever of another namespace shares a name with the claim', () => {
    fc.assert(
      fc.property(fc.array(held, { maxLength: 6 }), held, (others, claim) => {
        const wanted = namesOf(claim.hostname);
        const rivals = others.filter(
          (other) => other.namespace !== claim.namespace && !wanted.isDisjointFrom(namesOf(other.hostname)),
        );
        expect(judged([], claim, others).has('conflict')).toBe(rivals.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  test('without owners: a claim takes traffic from whoever holds more names, and all of its own', () => {
    fc.assert(
      fc.property(fc.array(held, { maxLength: 6 }), held, (others, claim) => {
        const wanted = namesOf(claim.hostname);
        const robbed = others.filter(
          (other) =>
            other.namespace !== claim.namespace &&
            other.hostname !== claim.hostname &&
            wanted.isSubsetOf(namesOf(other.hostname)),
        );
        expect(judged([], claim, others).has('takeover')).toBe(robbed.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});

test('what a namespace owns and which exemptions mean it is looked up once, however many hostnames it asks for in vain', () => {
  const store = new Store('all');
  store.put(
    'Namespace',
    checkedObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a', labels: { team: 't1' } } }).object,
  );
  const owners = Array.from({ length: 100 }, (_, at) => ({
    hostnames: [`h${at}.example.com`],
    namespaceSelector: { matchLabels: { team: `t${at}` } },
  }));
  const { bound } = hostnameOwnership.bind([{ name: 'owners', spec: { action: 'Deny', owners } }]);
  const exemptions = owners.map(({ namespaceSelector }, at): Exemption => ({
    name: `e${at}`,
    policies: [{ kind: 'HostnameOwnership', name: 'owners', rules: ['takeover', 'unowned'] }],
    match: { namespaceSelector: at === 1 ? { matchLabels: { team: 'none' } } : namespaceSelector, names: [] },
    reason: '',
    ticket: undefined,
    expires: 1,
  }));
  const readsOf = (hostnames: readonly string[]): number => {
    const { object } = checkedObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { namespace: 'team-a', name: 'web' },
      spec: { hostnames },
    });
    let reads = 0;
    const counting = recording(store, () => (reads += 1));
    const { violations } = evaluate(standing('HTTPRoute', object), counting, policySet(bound, exemptions), 0);
    expect(violations.length).toBe(hostnames.length);
    return reads;
  };
  const one = readsOf(['a0.example.org']);
  const sixteen = readsOf(Array.from({ length: 16 }, (_, at) => `a${at}.example.org`));
  expect(sixteen).toBeLessThan(one + 16 * 16);
});

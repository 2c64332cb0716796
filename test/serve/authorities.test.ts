import { describe, expect, it } from 'vitest';
import { connection } from '../../src/cluster/liveConnection.ts';
import { trustOver } from '../../src/cluster/trust.ts';
import {
  MARGIN,
  bundleOf,
  nextStep,
  readAuthorities,
  writeAuthorities,
  type Authority,
  type AuthorityPace,
  type Signing,
} from '../../src/serve/authorities.ts';
import { fakeApiServer } from '../support/fakeApiServer.ts';

const DAY = 86_400_000;
const pace: AuthorityPace = { authority: 30 * DAY, leaf: DAY, settle: 15_000 };
const now = 100 * DAY;
const pem = (name: string): string => `-----BEGIN ${name}-----\n`;

const signing = (cert: string, since: number, ends: number): Authority => {
  return { role: 'signing', since, cert: pem(cert), key: pem(`${cert} key`), ends };
};
const next = (cert: string, since: number): Signing => {
  return { role: 'next', since, cert: pem(cert), key: pem(`${cert} key`), ends: since + pace.authority };
};
const retired = (cert: string, since: number): Authority => ({ role: 'retired', since, cert: pem(cert), ends: now });

const young = signing('a', now - DAY, now + 29 * DAY);

interface Row {
  readonly name: string;
  readonly before: readonly Authority[];
  readonly trustedFor?: number;
  readonly isAskedFor?: boolean;
  readonly after: readonly Authority[] | undefined;
}

const made = { role: 'signing', since: now, cert: pem('made'), key: pem('made key'), ends: now + 30 * DAY } as const;
const rows: readonly Row[] = [
  { name: 'the first CA signs at once', before: [], after: [made] },
  { name: 'a young CA stays', before: [young], after: undefined },
  {
    name: 'just before two thirds of its life nothing is due',
    before: [signing('a', now - 20 * DAY + 1, now + 10 * DAY + 1)],
    after: undefined,
  },
  {
    name: 'at two thirds of its life the next one is made, and does not sign',
    before: [signing('a', now - 20 * DAY, now + 10 * DAY)],
    after: [signing('a', now - 20 * DAY, now + 10 * DAY), { ...made, role: 'next' }],
  },
  {
    name: 'or when somebody asks for it',
    before: [young],
    isAskedFor: true,
    after: [young, { ...made, role: 'next' }],
  },
  { name: 'but not a second one', before: [young, next('b', now)], isAskedFor: true, after: undefined },
  { name: 'the next one waits until it is trusted', before: [young, next('b', now)], after: undefined },
  { name: 'and until that has settled', before: [young, next('b', now)], trustedFor: 14_999, after: undefined },
  {
    name: 'then it signs, and the key of the old one is gone',
    before: [young, next('b', now - DAY)],
    trustedFor: 15_000,
    after: [
      { ...next('b', now - DAY), role: 'signing', since: now },
      { ...retired('a', now), ends: young.ends },
    ],
  },
  {
    name: 'a retired one is trusted while a leaf of it may be served',
    before: [young, retired('z', now - DAY - MARGIN + 1)],
    after: undefined,
  },
  { name: 'and no longer', before: [young, retired('z', now - DAY - MARGIN)], after: [young] },
  {
    name: 'when the one that signs is over, nothing is waited for',
    before: [signing('a', now - 30 * DAY, now), next('b', now - DAY)],
    after: [made],
  },
];

const step = (
  authorities: readonly Authority[],
  time: number,
  trustedFor: number | undefined,
  isAskedFor = false,
): Promise<readonly Authority[] | undefined> => {
  const make = () => Promise.resolve({ cert: pem('made'), key: pem('made key') });
  return nextStep(authorities, { now: time, trustedFor, isAskedFor, make }, pace);
};

describe('the CAs of our own', () => {
  it.each(rows)('$name', async ({ before, trustedFor, isAskedFor, after }) => {
    expect(await step(before, now, trustedFor, isAskedFor)).toEqual(after);
  });

  it('F7 over 300 warped days always one signs that is not over, and at most two are trusted beside it', async () => {
    let authorities: readonly Authority[] = [];
    const rotations = new Set<number>();
    for (let time = now; time < now + 300 * DAY; time += 3_600_000) {
      authorities = (await step(authorities, time, 3_600_000)) ?? authorities;
      const signs = authorities.filter(({ role }) => role === 'signing');
      expect([signs.length, authorities.length <= 3, (signs[0]?.ends ?? 0) > time + 9 * DAY]).toEqual([1, true, true]);
      rotations.add(signs[0]?.since ?? 0);
    }
    expect(rotations.size).toBe(15);
  });

  it('are read as they were written, and nothing else is', () => {
    const all = [young, next('b', now), retired('z', now)];
    expect(readAuthorities(writeAuthorities(all))).toEqual(all);
    expect([readAuthorities(undefined), readAuthorities('')]).toEqual([[], []]);
    expect(bundleOf(all)).toBe('-----BEGIN a-----\n-----BEGIN b-----\n-----BEGIN z-----\n');
    for (const text of ['{', '{}', '[{"role":"signing"}]', '[{"role":"retired","since":0,"ends":0,"cert":"x"}]']) {
      expect(() => readAuthorities(text)).toThrow();
    }
  });
});

it('the Secret of the CA keeps what others have in it, text or not', async () => {
  const fake = await fakeApiServer();
  fake.serve('/api/v1/secrets');
  const metadata = { namespace: 'gateward-system', name: 'ca' };
  const data = { 'keystore.p12': '//4AgA==', 'ca.crt': 'b2xk' };
  fake.put('/api/v1/secrets', { apiVersion: 'v1', kind: 'Secret', metadata, data });
  const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  const trust = trustOver(api, metadata.namespace, metadata.name);
  const signal = AbortSignal.timeout(10_000);
  const held = await trust.secret(signal);
  if (held === undefined) throw new Error('no Secret');
  expect(await trust.keep(held, new Map([...held.data, ['ca.crt', 'new']]), 'none', signal)).toBe(true);
  expect((await trust.secret(signal))?.object['data']).toEqual({ 'keystore.p12': '//4AgA==', 'ca.crt': 'bmV3' });
  await api.close();
  await fake.close();
});

import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { credentialsOf, type KeyPair } from '../../src/serve/certificate.ts';
import type { Source } from '../../src/serve/reloading.ts';
import { temporaryFolder, testCa, writeFile } from '../support/certificates.ts';

const MANNER = { clientCa: undefined, minVersion: 'TLSv1.3' } as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const ca = await testCa();
const good = await ca.issue('good');
const early = await ca.issue('early', 7, HOUR);
const short = await ca.issue('short', 1);
const begins = Date.parse(new X509Certificate(early.cert).validFrom);
const ends = Date.parse(new X509Certificate(short.cert).validTo);

/** A pair that can be exchanged, and the credentials of it by a clock that can be set. */
function watched(first: { readonly cert: string; readonly key: string }) {
  const state = { pair: first, now: Date.now() };
  const pairs: Source<KeyPair> = {
    fingerprint: () => Promise.resolve(state.pair.cert),
    load: () => Promise.resolve({ ...state.pair, from: { cert: 'tls.crt', key: 'tls.key' } }),
  };
  return { state, source: credentialsOf(pairs, MANNER, () => state.now) };
}

const iso = (time: number): string => new Date(time).toISOString();

describe('credentials', () => {
  it('F7 to begin with one is taken that is not valid yet, or no more: there is no other', async () => {
    for (const pair of [early, short]) {
      const { state, source } = watched(pair);
      if (pair === short) state.now += 2 * DAY;
      expect((await source.load()).options.cert).toBe(pair.cert);
    }
  });

  it('F7 once there are good ones another is taken when it is valid, and looked at again at that time', async () => {
    const { state, source } = watched(good);
    await source.load();
    state.pair = early;
    state.now = begins - 1;
    await expect(source.load()).rejects.toThrow(`is not valid before ${iso(begins)}`);
    const waiting = await source.fingerprint();
    state.now = begins - 1;
    expect(await source.fingerprint()).toBe(waiting);
    state.now = begins;
    expect(await source.fingerprint()).not.toBe(waiting);
    expect((await source.load()).options.cert).toBe(early.cert);
  });

  it('F7 and none that has ended', async () => {
    const { state, source } = watched(good);
    await source.load();
    state.pair = short;
    state.now = ends - 1;
    expect((await source.load()).expires).toBe(ends);
    state.now = ends;
    await expect(source.load()).rejects.toThrow(`is not valid after ${iso(ends)}`);
  });

  it('F7 end with the first of the chain; the CAs of callers with the last, where callers are asked', async () => {
    const pairs = watched({ cert: `${good.cert}\n${short.cert}`, key: good.key }).source;
    expect(await pairs.load()).toMatchObject({ expires: ends, callersEnd: undefined });
    const clientCa = writeFile(temporaryFolder(), 'ca.crt', `${short.cert}\n${ca.pem}`);
    const pair = { ...good, from: { cert: 'tls.crt', key: 'tls.key' } };
    const asked = credentialsOf(
      { fingerprint: () => Promise.resolve(''), load: () => Promise.resolve(pair) },
      { ...MANNER, clientCa },
      Date.now,
    );
    expect((await asked.load()).callersEnd).toBe(Date.parse(new X509Certificate(ca.pem).validTo));
  });
});

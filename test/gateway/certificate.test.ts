import { describe, expect, test } from 'vitest';
import { caMaterial, certificateCovers, tlsSecretMaterial, type KeyMaterial, type Secret } from '#gateway';
import { makeLeaf } from '../support/leaf.ts';

const leaf = await makeLeaf(['shop.example.com', '*.Wild.example.com'], '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
const other = await makeLeaf(['other.example.com'], '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
const facts = {
  names: ['shop.example.com', '*.wild.example.com'],
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2027, 0, 1),
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (data: Readonly<Record<string, string>>, type: string | null = 'kubernetes.io/tls'): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'cert' },
  ...(type === null ? {} : { type }),
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])),
});
const pair = (cert: string, key: string): Secret => secret({ 'tls.crt': cert, 'tls.key': key });

const broken = leaf.cert.replace(/[A-Za-z0-9]{40}/, 'A'.repeat(40));

describe('TLS Secrets', () => {
  test.each<readonly [string, Secret, KeyMaterial]>([
    ['a pair', pair(leaf.cert, leaf.key), { ok: true, facts }],
    ['a chain: the first is the leaf', pair(leaf.cert + other.cert, leaf.key), { ok: true, facts }],
    ['stringData', { ...pair('', ''), stringData: { 'tls.crt': leaf.cert, 'tls.key': leaf.key } }, { ok: true, facts }],
    [
      'another type',
      secret({ 'tls.crt': leaf.cert, 'tls.key': leaf.key }, 'Opaque'),
      { ok: false, problem: 'is of type Opaque, not kubernetes.io/tls' },
    ],
    ['no type', secret({}, null), { ok: false, problem: 'is of type Opaque, not kubernetes.io/tls' }],
    ['no certificate', secret({ 'tls.key': leaf.key }), { ok: false, problem: 'has no tls.crt' }],
    ['no key', secret({ 'tls.crt': leaf.cert }), { ok: false, problem: 'has no tls.key' }],
    [
      'no PEM',
      pair('Hello world\n', 'Hello world\n'),
      { ok: false, problem: 'has a tls.crt that is no PEM certificate' },
    ],
    [
      'a broken certificate',
      pair(broken, leaf.key),
      { ok: false, problem: 'has a tls.crt that is no PEM certificate' },
    ],
    [
      'a broken second of the chain',
      pair(leaf.cert + broken, leaf.key),
      { ok: false, problem: 'has a tls.crt that is no PEM certificate' },
    ],
    [
      'a key that is none',
      pair(leaf.cert, leaf.cert),
      { ok: false, problem: 'has a tls.key that is no PEM private key' },
    ],
    [
      'the key of another',
      pair(leaf.cert, other.key),
      { ok: false, problem: 'has a tls.key that does not belong to the certificate in tls.crt' },
    ],
    ['placeholders', pair('stub', 'stub'), { ok: 'redacted' }],
    [
      'a placeholder in PEM lines',
      pair('-----BEGIN CERTIFICATE-----\nstub\n-----END CERTIFICATE-----', 'REDACTED'),
      { ok: 'redacted' },
    ],
    ['the key is a placeholder: the certificate is judged', pair(leaf.cert, '<redacted>'), { ok: true, facts }],
  ])('%s', (_name, object, expected) => {
    expect(tlsSecretMaterial(object)).toEqual(expected);
  });
});

describe('trust anchors', () => {
  const anchors = (data: Readonly<Record<string, string>>): KeyMaterial =>
    caMaterial({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ca' }, data });
  test.each<readonly [string, Readonly<Record<string, string>>, KeyMaterial]>([
    ['a bundle', { 'ca.crt': leaf.cert + other.cert }, { ok: true, facts }],
    ['another key', { 'ca.pem': leaf.cert }, { ok: false, problem: 'has no ca.crt' }],
    ['empty', { 'ca.crt': ' \n' }, { ok: false, problem: 'has no ca.crt' }],
    [
      'no PEM',
      { 'ca.crt': 'Hello world' },
      { ok: false, problem: 'has a ca.crt that is no PEM certificate', isFormatOnly: true },
    ],
    ['a placeholder', { 'ca.crt': '-----BEGIN CERTIFICATE-----\nstub\n-----END CERTIFICATE-----' }, { ok: 'redacted' }],
  ])('%s', (_name, data, expected) => {
    expect(anchors(data)).toEqual(expected);
  });
});

test.each([
  ['shop.example.com', true],
  ['a.wild.example.com', true],
  ['a.b.wild.example.com', false],
  ['wild.example.com', false],
  ['*.wild.example.com', true],
  ['*.example.com', true],
  ['*.example.org', false],
  ['pay.example.com', false],
  ['*', true],
])('names cover %s: %s', (hostname, expected) => {
  expect(certificateCovers(facts, hostname)).toBe(expected);
});

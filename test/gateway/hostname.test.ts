import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ANY,
  canonicalHostname,
  compareSpecificity,
  covers,
  HOSTNAME_PROBLEMS,
  HostnameTable,
  intersect,
  isWildcard,
  parseHostname,
  wildcardsAbove,
  type HostnameProblem,
} from '#gateway';

const L63 = 'a'.repeat(63);
const NAME_253 = `${L63}.${L63}.${L63}.${'a'.repeat(61)}`;

describe('the canonical form of a hostname (A31)', () => {
  test.each<[string, string]>([
    ['shop.example.com', 'shop.example.com'],
    ['Shop.Example.COM', 'shop.example.com'],
    ['shop.example.com.', 'shop.example.com'],
    ['*.Example.com', '*.example.com'],
    ['*.example.com.', '*.example.com'],
    ['localhost', 'localhost'],
    ['kubernetes.default.svc', 'kubernetes.default.svc'],
    ['a-b.example', 'a-b.example'],
    ['1.2.3.4.example', '1.2.3.4.example'],
    ['0x7f.example', '0x7f.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['ｓｈｏｐ.example.com', 'shop.example.com'],
    ['xn--a', 'xn--a'],
    ['xn--pple-43d.com', 'xn--pple-43d.com'],
    ['аpple.com', 'xn--pple-43d.com'],
    [`${L63}.example`, `${L63}.example`],
    [NAME_253, NAME_253],
  ])('of %j is %j', (text, hostname) => {
    expect(parseHostname(text)).toEqual({ hostname });
    expect(canonicalHostname(text)).toBe(hostname);
  });

  test.each<[string, HostnameProblem]>([
    ['', 'empty'],
    ['.', 'empty'],
    ['10.0.0.1', 'ip-address'],
    ['*.10.0.0.1', 'ip-address'],
    ['10.0.0.1.', 'ip-address'],
    ['999.0.0.1', 'ip-address'],
    ['010.0.0.1', 'ip-address'],
    ['127.1', 'ip-address'],
    ['2130706433', 'ip-address'],
    ['0x7f000001', 'ip-address'],
    ['0x7f.0.0.0x1', 'ip-address'],
    ['shop.example.1', 'ip-address'],
    ['１０.0.0.1', 'ip-address'],
    ['::1', 'ip-address'],
    ['[::1]', 'ip-address'],
    ['fe80::1%eth0', 'ip-address'],
    ['::ffff:10.0.0.1', 'ip-address'],
    [`a${L63}.example`, 'label-too-long'],
    [`${L63.slice(1)}ü.example`, 'label-too-long'],
    [`${NAME_253}a`, 'too-long'],
    [`*.${NAME_253.slice(1)}`, 'too-long'],
    ['ü'.repeat(3000), 'too-long'],
    ['*', 'wildcard-position'],
    ['*.', 'wildcard-position'],
    ['*.*.com', 'wildcard-position'],
    ['a.*.com', 'wildcard-position'],
    ['*a.com', 'wildcard-position'],
    ['**.com', 'wildcard-position'],
    [' shop.example.com', 'characters'],
    ['shop.example.com ', 'characters'],
    ['shop..com', 'characters'],
    ['.shop.com', 'characters'],
    ['shop.example.com..', 'characters'],
    ['_acme.example.com', 'characters'],
    ['-shop.example.com', 'characters'],
    ['shop-.example.com', 'characters'],
    ['shop.example.com:443', 'characters'],
    ['https://shop.example.com', 'characters'],
    ['shop。example.com', 'characters'],
    ['shop\u200d.example.com', 'characters'],
    ['shop\u202e.example.com', 'characters'],
    ['shop\u0000.example.com', 'characters'],
    ['shop%2eexample.com', 'characters'],
    ['ü%2eexample.com', 'characters'],
    ['\ud800.example.com', 'characters'],
    ['ü.xn--a', 'characters'],
  ])('%j has none: %s', (text, problem) => {
    expect(parseHostname(text)).toEqual({ problem });
    expect(canonicalHostname(text)).toBe(text === '' ? ANY : undefined);
    expect(HOSTNAME_PROBLEMS[problem]).toMatch(/^(is|has|may) /);
  });

  test('is one for every way to write a name, and what the CRD admits', () => {
    const piece = fc.oneof(
      fc.constantFrom('.', '*', '-', '*.', 'xn--', 'a', 'Z', '1', '0x', 'ü', 'ｅ', '。', ':', '[', ' ', '\u0301'),
      fc.string({ maxLength: 3, unit: 'binary' }),
    );
    const pattern = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const parsed = parseHostname(pieces.join(''));
        if (!('hostname' in parsed)) return;
        const { hostname } = parsed;
        expect(hostname).toMatch(pattern);
        expect(hostname.length).toBeLessThanOrEqual(253);
        for (const same of [hostname, hostname.toUpperCase(), `${hostname}.`]) {
          expect(parseHostname(same)).toEqual({ hostname });
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('an absent hostname stands for everything', () => {
    expect(canonicalHostname(undefined)).toBe(ANY);
  });
});

/** Every name of one to five labels over two letters: deep enough for every relation between hostnames of up to three. */
const NAMES = names(5);
const HOSTNAMES = [ANY, ...names(3), ...names(3).map((name) => `*.${name}`)];

function names(depth: number): readonly string[] {
  const shorter = depth === 1 ? [] : names(depth - 1);
  const below = depth === 1 ? [''] : shorter.map((name) => `.${name}`);
  return [...new Set([...shorter, ...['a', 'b'].flatMap((label) => below.map((rest) => `${label}${rest}`))])];
}

/** The slow, obvious reading of the specification: the names that a hostname stands for. */
function namesOf(hostname: string): ReadonlySet<string> {
  if (hostname === '*') return new Set(NAMES);
  if (!hostname.startsWith('*.')) return new Set([hostname]);
  const suffix = hostname.slice(2).split('.');
  return new Set(
    NAMES.filter((name) => {
      const labels = name.split('.');
      return labels.length > suffix.length && labels.slice(-suffix.length).join('.') === suffix.join('.');
    }),
  );
}

describe('hostnames as sets of names (A32)', () => {
  const sets = new Map(HOSTNAMES.map((hostname) => [hostname, namesOf(hostname)]));
  const setOf = (hostname: string): ReadonlySet<string> => sets.get(hostname) ?? new Set();
  const pairs = HOSTNAMES.flatMap((a) => HOSTNAMES.map((b): readonly [string, string] => [a, b]));

  test('covers: every name of the inner is one of the outer', () => {
    const wrong = pairs.filter(([outer, inner]) => covers(outer, inner) !== setOf(inner).isSubsetOf(setOf(outer)));
    expect(wrong).toEqual([]);
  });

  test('intersect: the names of both, as one hostname', () => {
    const wrong = pairs.filter(([a, b]) => {
      const both = setOf(a).intersection(setOf(b));
      const met = intersect(a, b);
      if (met === undefined) return both.size > 0;
      return both.size === 0 || both.symmetricDifference(setOf(met)).size > 0;
    });
    expect(wrong).toEqual([]);
  });

  test('wildcardsAbove: every wildcard that covers it, nearest first', () => {
    const wrong = HOSTNAMES.filter((hostname) => {
      const above = HOSTNAMES.filter((other) => other !== hostname && isWildcard(other) && covers(other, hostname));
      above.sort(compareSpecificity);
      return above.join(' ') !== wildcardsAbove(hostname).join(' ');
    });
    expect(wrong).toEqual([]);
  });

  test('HostnameTable: the nearest of the hostnames that stand in it', () => {
    fc.assert(
      fc.property(fc.subarray(HOSTNAMES, { maxLength: 8 }), (held) => {
        const table = new HostnameTable<string>();
        for (const hostname of held) table.set(hostname, hostname);
        const wrong = HOSTNAMES.filter((hostname) => {
          const covering = held.filter((other) => covers(other, hostname)).sort(compareSpecificity);
          return table.nearest(hostname) !== covering[0];
        });
        expect(wrong).toEqual([]);
        expect([...table.entries()]).toEqual(held.map((hostname) => [hostname, hostname]));
      }),
    );
  });

  test('compareSpecificity: what is covered comes before what covers it', () => {
    const wrong = pairs.filter(([a, b]) => a !== b && covers(a, b) && compareSpecificity(a, b) <= 0);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['*.example.com', 'a.b.example.com', 'a.b.example.com'],
    ['*.example.com', 'example.com', undefined],
    ['*.example.com', 'aexample.com', undefined],
    ['*.example.com', '*.shop.example.com', '*.shop.example.com'],
    ['*.shop.example.com', '*.pay.example.com', undefined],
    ['*.example.com', '*.example.com', '*.example.com'],
    [ANY, '*.example.com', '*.example.com'],
    ['shop.example.com', 'pay.example.com', undefined],
  ])('%s and %s meet in %s', (a, b, met) => {
    expect(intersect(a, b)).toBe(met);
    expect(intersect(b, a)).toBe(met);
  });
});

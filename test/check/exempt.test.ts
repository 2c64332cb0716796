import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { POLICIES } from '../../policies/index.ts';
import { runExempt } from '../../src/check/exempt.ts';
import type { ExemptOptions } from '../../src/check/exemptTarget.ts';
import { CHECK_DEFAULTS } from '../../src/check/index.ts';
import {
  GATEWAY_TEXT,
  check,
  findingsOf,
  folderOf,
  routeText,
  run,
  suffixDocument,
  type CheckRun,
  type RunInput,
} from '../support/checkRun.ts';

const FILES = {
  'p/a.yaml': suffixDocument('{ action: Deny }'),
  'm/gw.yaml': GATEWAY_TEXT,
  'm/a.yaml': routeText('a', 'a.other.com'),
  'm/b.yaml': routeText('b', 'b.other.com'),
};
const A = ['suffix/foreign', 'HTTPRoute', 'default/a'];
const JUDGED = { ...CHECK_DEFAULTS, policies: ['p'] };

async function exempt(cwd: string, options: Partial<ExemptOptions>, more?: RunInput): Promise<CheckRun> {
  const given = { finding: A, from: undefined, check: JUDGED, documents: [], ticket: undefined };
  return run(
    cwd,
    (io, deps) => runExempt({ ...given, expires: '2027-03-31', reason: 'moves in March', ...options }, io, deps),
    more,
  );
}

/** The document that exempts route `a`, without the comment. */
const DOCUMENT = `apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata:
  name: foreign-httproute-default-a
spec:
  policies:
    - kind: Suffix
      name: suffix
      rules:
        - foreign
  match:
    kinds:
      - group: gateway.networking.k8s.io
        kind: HTTPRoute
    namespaces:
      - default
    names:
      - a
  reason: moves in March
  expires: "2027-03-31T00:00:00Z"
`;
const COMMENT = '# suffix/foreign: spec.hostnames[0] "a.other.com" does not end in .example.com\n';

async function reportOf(folder: string): Promise<string> {
  return (await check(folder, { paths: ['m'], policies: ['p'], output: ['json'] })).stdout;
}

function fingerprintIn(report: string, name: string): string {
  const { findings } = z
    .object({ findings: z.array(z.object({ fingerprint: z.string(), object: z.object({ name: z.string() }) })) })
    .parse(JSON.parse(report));
  return findings.find(({ object }) => object.name === name)?.fingerprint ?? '';
}

describe('gateward exempt', () => {
  test('prints a document for a finding that words name', async () => {
    using folder = folderOf(FILES);
    expect(await exempt(folder.path, { ticket: 'PLAT-1' })).toEqual({
      code: 0,
      stdout: DOCUMENT.replace('  expires', '  ticket: PLAT-1\n  expires'),
      stderr: '',
    });
    expect((await exempt(folder.path, { finding: [A.join('  ')] })).stdout).toBe(DOCUMENT);
  });

  test('words that YAML 1.1 takes for something else stay words', async () => {
    using folder = folderOf(FILES);
    const { stdout } = await exempt(folder.path, { finding: ['suffix/foreign', 'HTTPRoute', 'on/yes'], reason: '0b1' });
    expect(stdout).toBe(
      DOCUMENT.replaceAll('default-a', 'on-yes')
        .replace('- default', '- "on"')
        .replace('- a', '- "yes"')
        .replace('moves in March', '"0b1"'),
    );
  });

  test('of a report by fingerprint, by words, or when it has no other', async () => {
    using folder = folderOf({ ...FILES, 'one/a.yaml': FILES['m/a.yaml'], 'one/gw.yaml': GATEWAY_TEXT });
    const report = await reportOf(folder.path);
    writeFileSync(join(folder.path, 'report.json'), report);
    const fingerprint = fingerprintIn(report, 'a');
    const from = 'report.json';
    const expected = { code: 0, stdout: COMMENT + DOCUMENT, stderr: '' };
    expect(await exempt(folder.path, { from, finding: [fingerprint] })).toEqual(expected);
    expect(await exempt(folder.path, { from, finding: [fingerprint.slice(0, 6)] })).toEqual(expected);
    expect(await exempt(folder.path, { from })).toEqual(expected);
    expect(await exempt(folder.path, { from: '-', finding: [fingerprint] }, { stdin: report })).toEqual(expected);
    const manifests = { ...JUDGED, paths: ['m'] };
    expect(await exempt(folder.path, { check: manifests, finding: [fingerprint] })).toEqual(expected);
    expect(await exempt(folder.path, { check: { ...JUDGED, paths: ['one'] }, finding: [] })).toEqual(expected);
  });

  test('the document is honoured by check for that object alone, and told when it is over', async () => {
    using folder = folderOf(FILES);
    const { stdout } = await exempt(folder.path, {});
    writeFileSync(join(folder.path, 'p/exemption.yaml'), stdout);
    const options = { paths: ['m'], policies: ['p'], output: ['json'] };
    const before = await check(folder.path, options, { now: '2027-03-30T23:59:59Z' });
    expect([before.code, findingsOf(before), before.stderr]).toEqual([
      1,
      ['m/b.yaml:7:5 deny suffix/foreign HTTPRoute default/b spec.hostnames[0]'],
      '',
    ]);
    const after = await check(folder.path, options, { now: '2027-03-31T00:00:00Z' });
    expect([after.code, findingsOf(after), after.stderr]).toEqual([
      1,
      [
        'm/a.yaml:7:5 deny suffix/foreign HTTPRoute default/a spec.hostnames[0]',
        'm/b.yaml:7:5 deny suffix/foreign HTTPRoute default/b spec.hostnames[0]',
      ],
      'warning: exemption foreign-httproute-default-a ended 2027-03-31T00:00:00.000Z and is not honoured\n',
    ]);
  });

  test('an object of a cluster-scoped kind is named without a namespace, one of a vendor with its group', async () => {
    using folder = folderOf({});
    const shipped = { ...CHECK_DEFAULTS };
    const policies = { policies: POLICIES };
    const namespace = ['namespace-gate/label-set', 'Namespace', 'team-shop'];
    const gate = await exempt(folder.path, { check: shipped, finding: namespace }, policies);
    expect(gate.stdout).toContain(
      '    kinds:\n      - group: ""\n        kind: Namespace\n    names:\n      - team-shop\n',
    );
    const vendor = ['policy-attachment/target-not-found', 'SecurityPolicy.gateway.envoyproxy.io', 'a/b'];
    const security = await exempt(folder.path, { check: shipped, finding: vendor }, policies);
    expect(security.stdout).toContain('      - group: gateway.envoyproxy.io\n        kind: SecurityPolicy\n');
  });

  const several = (names: readonly string[]): string => names.map((name) => COMMENT.replace('"a', `"${name}`)).join('');
  const wide = (from: string, to: string, hash: string): string =>
    DOCUMENT.replace(from, to).replace('httproute-default-a', `httproute-${hash}`);
  test.each<[string, string, readonly string[], readonly string[], string]>([
    [
      'names',
      'default/ab*',
      ['ab', 'abc'],
      ['default/b', 'other/ab'],
      wide('- a\n', '- ab*\n', 'default-abx-5fe1d5c9'),
    ],
    ['every name', 'default/*', ['ab', 'abc', 'b'], ['other/ab'], wide('- a\n', '- "*"\n', 'default-x-2b391e9a')],
    [
      'a name in every namespace',
      '*/ab',
      ['ab'],
      ['default/abc', 'default/b'],
      wide('    namespaces:\n      - default\n', '', 'x-ab-2b8f413f').replace('- a\n', '- ab\n'),
    ],
  ])('%s, as a document spells them, in words and of a report', async (_what, object, found, left, expected) => {
    using folder = folderOf({
      'p/a.yaml': suffixDocument('{ action: Deny }'),
      'm/gw.yaml': GATEWAY_TEXT,
      'm/ab.yaml': routeText('ab', 'ab.other.com'),
      'm/abc.yaml': routeText('abc', 'abc.other.com'),
      'm/b.yaml': routeText('b', 'b.other.com'),
      'm/other.yaml': routeText('ab', 'ab.other.com', ', namespace: other'),
    });
    const finding = ['suffix/foreign', 'HTTPRoute', object];
    expect(await exempt(folder.path, { finding })).toEqual({ code: 0, stdout: expected, stderr: '' });
    const manifests = { ...JUDGED, paths: ['m'] };
    expect(await exempt(folder.path, { check: manifests, finding })).toEqual({
      code: 0,
      stdout: several(found) + expected,
      stderr: '',
    });
    writeFileSync(join(folder.path, 'p/exemption.yaml'), expected);
    const after = findingsOf(await check(folder.path, { paths: ['m'], policies: ['p'], output: ['json'] }));
    const ofRule = after.filter((text) => text.includes(' suffix/foreign '));
    expect(ofRule.map((text) => text.split(' ')[4])).toEqual(left);
  });

  test('an object that is still to be given a name is exempted with those that the API server makes of it', async () => {
    using folder = folderOf({ ...FILES, 'm/a.yaml': FILES['m/a.yaml'].replace('name: a', 'generateName: a-') });
    const expected = wide('- a\n', '- a-*\n', 'default-a-x-b45d223d');
    for (const finding of [['suffix/foreign', 'HTTPRoute', 'default/a-*'], []]) {
      const { stdout } = await exempt(folder.path, { check: { ...JUDGED, paths: ['m/a.yaml', 'm/gw.yaml'] }, finding });
      expect(stdout).toBe(COMMENT + expected);
    }
    writeFileSync(join(folder.path, 'p/exemption.yaml'), expected);
    const after = await check(folder.path, { paths: ['m'], policies: ['p'], output: ['json'] });
    expect(findingsOf(after)).toEqual(['m/b.yaml:7:5 deny suffix/foreign HTTPRoute default/b spec.hostnames[0]']);
  });

  test.each([
    ['30d', '2027-01-31T00:00:00Z'],
    ['12h', '2027-01-01T12:00:00Z'],
    ['8w', '2027-02-26T00:00:00Z'],
    ['1y', '2028-01-01T00:00:00Z'],
    ['2028-01-01', '2028-01-01T00:00:00Z'],
    ['2027-03-31T18:00:00+02:00', '2027-03-31T16:00:00Z'],
    ['2027-01-01T00:00:01Z', '2027-01-01T00:00:01Z'],
  ])('--expires %s is %s', async (expires, time) => {
    using folder = folderOf(FILES);
    expect(await exempt(folder.path, { expires })).toEqual({
      code: 0,
      stdout: DOCUMENT.replace('2027-03-31T00:00:00Z', time),
      stderr: '',
    });
  });

  test('an end over a year ahead is printed, with a warning', async () => {
    using folder = folderOf(FILES);
    expect(await exempt(folder.path, { expires: '2028-01-04' })).toEqual({
      code: 0,
      stdout: DOCUMENT.replace('2027-03-31T00:00:00Z', '2028-01-04T00:00:00Z'),
      stderr: 'warning: it holds until 2028-01-04T00:00:00Z, over a year from now: who will remember why?\n',
    });
  });

  const formats = 'give a date (2027-03-31), a time (2027-03-31T18:00:00Z) or a span (12h, 30d, 8w)';
  test.each<[string, Partial<ExemptOptions>, string]>([
    ['a span of nothing', { expires: '0d' }, '--expires 0d is over already: an exemption must end in the future'],
    [
      'this very moment',
      { expires: '2027-01-01T00:00:00Z' },
      '--expires 2027-01-01T00:00:00Z is over already: an exemption must end in the future',
    ],
    ['a day that does not exist', { expires: '2027-02-29' }, `--expires "2027-02-29" is no end: ${formats}`],
    ['a time without a zone', { expires: '2027-03-31T18:00' }, `--expires "2027-03-31T18:00" is no end: ${formats}`],
    ['a span without a unit', { expires: '30' }, `--expires "30" is no end: ${formats}`],
    ['no reason', { reason: '  ' }, '--reason is empty: say why, for whoever reads it when it ends'],
    [
      'a rule that nobody has',
      { finding: ['suffix/foreing', 'HTTPRoute', 'default/a'] },
      'unknown rule "suffix/foreing"; did you mean "suffix/foreign"?',
    ],
    [
      'a rule of manifests',
      { finding: ['manifest/schema', 'HTTPRoute', 'default/a'] },
      'manifest/schema is no matter of policy, so nothing can be exempted from it: mend the manifest, or see baseline',
    ],
    [
      'a kind that the policy does not judge',
      { finding: ['suffix/foreign', 'HTTPRout', 'default/a'] },
      'suffix does not judge HTTPRout; did you mean "HTTPRoute"?; it judges HTTPRoute',
    ],
    [
      'an object without its namespace',
      { finding: ['suffix/foreign', 'HTTPRoute', 'a'] },
      '"a" is in some namespace: give namespace/name',
    ],
    [
      'a pattern of namespaces, which no document has',
      { finding: ['suffix/foreign', 'HTTPRoute', 'team-*/a'] },
      '"team-*" is no namespace: a PolicyExemption names each in full; write * for every one',
    ],
    [
      'an object without a name',
      { finding: ['suffix/foreign', 'HTTPRoute', 'default/'] },
      'the object has no name: give namespace/name',
    ],
    [
      'a path besides',
      { finding: [...A, 'spec.hostnames[0]'] },
      '"suffix/foreign HTTPRoute default/a spec.hostnames[0]" names no finding: give its fingerprint, or its rule, kind and namespace/name, as in hostname-ownership/not-owned HTTPRoute team-shop/checkout',
    ],
    [
      'a fingerprint alone',
      { finding: ['0123abcd'] },
      'a fingerprint says nothing by itself: name the report that has it with --from, or the manifests with -f',
    ],
    [
      'nothing',
      { finding: [] },
      'name the finding: its rule, kind and namespace/name, or a report that has it with --from',
    ],
    ['a document that is not there', { documents: ['sufix'] }, 'unknown Suffix in p: "sufix"; did you mean "suffix"?'],
    ['a report that is not there', { from: 'gone.json' }, 'gone.json: no such file or directory'],
    ['what is no report', { from: 'm/a.yaml' }, 'm/a.yaml: is no report of -o json: not JSON'],
    [
      'a report and manifests',
      { from: 'r.json', check: { ...JUDGED, paths: ['m'] } },
      'name a report with --from or manifests with -f, one of them',
    ],
    [
      'a fingerprint that is not found',
      { check: { ...JUDGED, paths: ['m'] }, finding: ['0123abcd'] },
      'no such finding among the 2 in the manifests',
    ],
  ])('refuses %s', async (_what, options, problem) => {
    using folder = folderOf(FILES);
    const { code, stdout, stderr } = await exempt(folder.path, options);
    expect([code === 2 || code === 3, stdout, stderr]).toEqual([true, '', `error: ${problem}\n`]);
  });

  test('manifests that cannot be read are told, and stand in the exit code', async () => {
    using folder = folderOf({ ...FILES, 'm/broken.yaml': 'a: [' });
    expect(await exempt(folder.path, { check: { ...JUDGED, paths: ['m'] } })).toEqual({
      code: 3,
      stdout: `${COMMENT}${DOCUMENT}`,
      stderr:
        'error: m/broken.yaml:1:5: unexpected end of the stream within a flow collection; mend the file; the others were judged [input/unparsable]\n',
    });
    expect((await exempt(folder.path, { check: { ...JUDGED, paths: ['m/a.yaml', 'm/gw.yaml'] } })).code).toBe(0);
  });

  test.each([
    ['anything, in what is whole', [], ['m/gw.yaml'], [2, 'error: no findings in the manifests\n']],
    [
      'anything, beside what cannot be read',
      [],
      ['m/gw.yaml', 'm/broken.yaml', 'gone.yaml'],
      [
        3,
        `error: gone.yaml: no such file or directory; name readable files or directories [input/unreadable]
error: m/broken.yaml:1:5: unexpected end of the stream within a flow collection; mend the file; the others were judged [input/unparsable]
error: the manifests: no findings in what could be read\n`,
      ],
    ],
    [
      'what may stand there',
      A,
      ['m/b.yaml', 'm/gw.yaml', 'gone.yaml'],
      [
        3,
        `error: gone.yaml: no such file or directory; name readable files or directories [input/unreadable]
error: the manifests: no such finding among the 1 in what could be read\n`,
      ],
    ],
  ])('finds nothing: %s', async (_what, finding, paths, expected) => {
    using folder = folderOf({ ...FILES, 'm/broken.yaml': 'a: [' });
    const { code, stdout, stderr } = await exempt(folder.path, { finding, check: { ...JUDGED, paths } });
    expect([code, stderr, stdout]).toEqual([...expected, '']);
  });

  test('several that would do are listed', async () => {
    using folder = folderOf({ ...FILES, 'p/b.yaml': suffixDocument('{ suffix: .com }', 'other') });
    const report = await reportOf(folder.path);
    const [a, b] = [fingerprintIn(report, 'a'), fingerprintIn(report, 'b')].map((text) => text.slice(0, 12));
    const manifests = { ...JUDGED, paths: ['m'] };
    expect((await exempt(folder.path, { check: manifests, finding: [] })).stderr).toBe(
      `error: several findings in the manifests would do: name one by its fingerprint
  ${a ?? ''}  suffix/foreign  HTTPRoute default/a
  ${b ?? ''}  suffix/foreign  HTTPRoute default/b\n`,
    );
    expect((await exempt(folder.path, {})).stderr).toBe(
      'error: there are several Suffix in p: choose with --document suffix or other\n',
    );
    expect((await exempt(folder.path, { documents: ['suffix'] })).stdout).toBe(DOCUMENT);
  });
});

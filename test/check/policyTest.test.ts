import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runPolicyTests, printTestSchema, type PolicyTestOptions } from '../../src/check/policyTest.ts';
import { GATEWAY_TEXT, check, folderOf, routeText, run, suffixDocument, type CheckRun } from '../support/checkRun.ts';

/** A suite of cases, each with its lines indented by six. */
function suite(cases: string, more = 'policies: [suffix.yaml]\n  state: [gateway.yaml]', name = 'hosts'): string {
  return `apiVersion: gateward.dev/v1alpha1\nkind: PolicyTest\nmetadata: { name: ${name} }\nspec:\n  ${more}\n  cases:\n${cases}`;
}

/** A case about a route with a hostname, on seven lines. */
function routeCase(name: string, hostname: string, expected: string, more = ''): string {
  return `    - name: ${name}
      object:
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: a${more} }
        spec: { parentRefs: [{ name: public }], hostnames: [${hostname}] }
      expect: ${expected}
`;
}

const FILES = { 'suffix.yaml': suffixDocument('{ action: Deny }'), 'gateway.yaml': GATEWAY_TEXT };

async function runTests(
  files: Readonly<Record<string, string>>,
  options: Partial<PolicyTestOptions> = {},
  now?: string,
): Promise<CheckRun> {
  using folder = folderOf({ ...FILES, ...files });
  return await run(
    folder.path,
    (io, deps) =>
      runPolicyTests({ paths: ['.'], output: [], filter: undefined, color: undefined, ...options }, io, deps),
    now === undefined ? {} : { now },
  );
}

/** The suite with one case about a route of a foreign hostname, which is denied. */
async function expectation(expected: string): Promise<CheckRun> {
  return runTests({ 't.yaml': suite(routeCase('foreign', 'a.other.com', expected)) });
}

const PASSED = { code: 0, stdout: 'ok    t.yaml  hosts  1 case\n\n1 case in 1 suite: 1 passed\n', stderr: '' };
const MESSAGE = 'spec.hostnames[0] "a.other.com" does not end in .example.com';

function failedWith(...lines: readonly string[]): CheckRun {
  const text = lines.map((line) => `      ${line}\n`).join('');
  return {
    code: 1,
    stdout: `FAIL  t.yaml  hosts  1 case\n    FAIL  foreign\n${text}\n1 case in 1 suite: 0 passed, 1 failed\n`,
    stderr: '',
  };
}

describe('gateward test', () => {
  test('runs every suite below a directory, among policy documents and manifests', async () => {
    const good = routeCase('own', 'a.example.com', '{ allowed: true, rules: [] }');
    expect(
      await runTests({
        'tests/b.yaml': suite(good, 'policies: [../suffix.yaml]\n  state: [../gateway.yaml]'),
        'tests/a.yaml': `${suite(good, 'policies: [..]', 'one')}---\n${suite(
          good + routeCase('foreign', 'b.other.com', '{ allowed: false }'),
          'policies: [../suffix.yaml]',
          'two',
        )}`,
      }),
    ).toEqual({
      code: 1,
      stdout: `FAIL  tests/a.yaml  one  1 case
    FAIL  own
      tests/a.yaml:13:17: expect.allowed
        - true
        + false
          suffix/no-gateway  Deny  spec.parentRefs[0].name
              spec.parentRefs[0].name names no Gateway there is
      tests/a.yaml:13:32: expect.rules
        + suffix/no-gateway  Deny  spec.parentRefs[0].name
        +     spec.parentRefs[0].name names no Gateway there is
FAIL  tests/a.yaml  two  2 cases
    FAIL  own
      tests/a.yaml:27:17: expect.allowed
        - true
        + false
          suffix/no-gateway  Deny  spec.parentRefs[0].name
              spec.parentRefs[0].name names no Gateway there is
      tests/a.yaml:27:32: expect.rules
        + suffix/no-gateway  Deny  spec.parentRefs[0].name
        +     spec.parentRefs[0].name names no Gateway there is
ok    tests/b.yaml  hosts  1 case

4 cases in 3 suites: 2 passed, 2 failed
`,
      stderr: '',
    });
  });

  test.each([
    '{ allowed: false }',
    '{ rules: [suffix/foreign] }',
    '{ rules: [{ rule: suffix/foreign, path: "spec.hostnames[0]", action: Deny, message: a.other.com }] }',
    '{ rules: [{ rule: suffix/foreign, message: "/^spec.*[.]com$/" }] }',
    '{ patch: [] }',
    '{ object: { spec: { hostnames: [a.other.com] } } }',
    '{ message: does not end in }',
    '{ message: "/DOES NOT (end|begin)/i" }',
  ])('%s holds of a denied route', async (expected) => {
    expect(await expectation(expected)).toEqual(PASSED);
  });

  test.each<[string, CheckRun]>([
    [
      '{ allowed: true }',
      failedWith(
        't.yaml:14:17: expect.allowed',
        '  - true',
        '  + false',
        '    suffix/foreign  Deny  spec.hostnames[0]',
        `        ${MESSAGE}`,
      ),
    ],
    [
      '{ rules: [] }',
      failedWith('t.yaml:14:17: expect.rules', '  + suffix/foreign  Deny  spec.hostnames[0]', `  +     ${MESSAGE}`),
    ],
    [
      '{ rules: [suffix/foreign, suffix/foreign] }',
      failedWith('t.yaml:14:17: expect.rules', '    suffix/foreign', '  - suffix/foreign'),
    ],
    [
      '{ rules: [{ rule: suffix/foreign, path: "spec.hostnames[1]" }] }',
      failedWith(
        't.yaml:14:17: expect.rules',
        '  - suffix/foreign  spec.hostnames[1]',
        '  + suffix/foreign  Deny  spec.hostnames[0]',
        `  +     ${MESSAGE}`,
      ),
    ],
    [
      '{ rules: [{ rule: suffix/foreign, action: Warn }] }',
      failedWith(
        't.yaml:14:17: expect.rules',
        '  - suffix/foreign  Warn',
        '  + suffix/foreign  Deny  spec.hostnames[0]',
        `  +     ${MESSAGE}`,
      ),
    ],
    [
      '{ patch: [{ op: remove, path: /spec/hostnames }] }',
      failedWith('t.yaml:14:17: expect.patch', '  - {"op":"remove","path":"/spec/hostnames"}', '  + (nothing)'),
    ],
    [
      '{ object: { spec: { hostnames: [a.other.com, b] }, status: {} } }',
      failedWith(
        't.yaml:14:17: expect.object',
        '    spec:',
        '      hostnames:',
        '        - a.other.com',
        '  -     - b',
        '  - status: {}',
      ),
    ],
    ['{ message: "a[.]other" }', failedWith('t.yaml:14:17: expect.message', '  - a[.]other', `  + ${MESSAGE}`)],
  ])('%s does not', async (expected, outcome) => {
    expect(await expectation(expected)).toEqual(outcome);
  });

  test('a rule that says less leaves the finding to one that says more', async () => {
    const two = routeCase(
      'foreign',
      'a.other.com, b.other.com',
      '{ rules: [suffix/foreign, { rule: suffix/foreign, path: "spec.hostnames[0]" }] }',
    );
    expect(await runTests({ 't.yaml': suite(two) })).toEqual(PASSED);
  });

  test('the mutating webhook comes first', async () => {
    const patch = '[{ op: add, path: /metadata/labels, value: { checked: "yes" } }]';
    const expected = `{ allowed: true, rules: [], patch: ${patch}, object: { metadata: { labels: { checked: "yes" } } } }`;
    const files = {
      'suffix.yaml': suffixDocument('{ action: Deny, label: Mutate }'),
      't.yaml': suite(routeCase('own', 'a.example.com', expected)),
    };
    expect(await runTests(files)).toEqual(PASSED);
  });

  test('both objects are an UPDATE, and what was there before only warns; the old one alone is a DELETE', async () => {
    const route = (hostname: string): string =>
      `{ apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: { name: a, labels: { keep: me } }, spec: { parentRefs: [{ name: public }], hostnames: [${hostname}] } }`;
    const cases = `    - name: update
      oldObject: ${route('a.other.com')}
      object: ${route('a.other.com, b.other.com')}
      expect:
        allowed: false
        rules:
          - { rule: suffix/foreign, path: "spec.hostnames[0]", action: Warn }
          - { rule: suffix/foreign, path: "spec.hostnames[1]", action: Deny }
    - name: delete
      oldObject: ${route('a.example.com')}
      expect: { allowed: false, rules: [suffix/still-used] }
`;
    expect(await runTests({ 't.yaml': suite(cases) })).toEqual({
      code: 0,
      stdout: 'ok    t.yaml  hosts  2 cases\n\n2 cases in 1 suite: 2 passed\n',
      stderr: '',
    });
  });

  test('an exemption is honoured until its end, at the time of the case', async () => {
    const exemption = `apiVersion: gateward.dev/v1alpha1
kind: PolicyExemption
metadata: { name: a }
spec:
  policies: [{ kind: Suffix, name: suffix }]
  match: { names: [a] }
  reason: moves
  expires: 2027-03-31T00:00:00Z
`;
    const cases =
      routeCase('before', 'a.other.com', '{ allowed: true, rules: [] }\n      now: 2027-03-30T23:59:59Z') +
      routeCase('after', 'a.other.com', '{ allowed: false }\n      now: 2027-03-31T00:00:00Z') +
      routeCase('now', 'a.other.com', '{ allowed: false }');
    const files = {
      'exemption.yaml': exemption,
      't.yaml': suite(cases, 'policies: [suffix.yaml, exemption.yaml]\n  state: [gateway.yaml]'),
    };
    expect((await runTests(files, {}, '2027-04-01T00:00:00Z')).code).toBe(0);
    expect((await runTests(files, {}, '2027-02-01T00:00:00Z')).stdout).toContain('FAIL  now\n');
  });

  test('documents, state and objects stand inline or in files, those of a case besides those of the suite', async () => {
    const inline = `policies:
    - { apiVersion: gateward.dev/v1alpha1, kind: Suffix, metadata: { name: inline }, spec: { action: Deny } }`;
    const cases = `    - name: of files
      object: route.yaml
      state: [gateway.yaml]
      expect: { allowed: true, rules: [] }
    - name: inline
      object: route.yaml
      state:
        - apiVersion: gateway.networking.k8s.io/v1
          kind: Gateway
          metadata: { name: public, namespace: default }
          spec: { gatewayClassName: public, listeners: [{ name: http, port: 80, protocol: HTTP }] }
      expect: { allowed: true, rules: [] }
    - name: neither
      object: route.yaml
      expect: { allowed: false, rules: [suffix/no-gateway] }
`;
    const files = { 'route.yaml': routeText('a', 'a.example.com'), 't.yaml': suite(cases, inline) };
    expect((await runTests(files)).stdout).toBe('ok    t.yaml  hosts  3 cases\n\n3 cases in 1 suite: 3 passed\n');
  });

  const classChange = (controller: string): string => `    - name: foreign
      oldObject: { apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: a }, spec: { controllerName: example.com/a } }
      object:
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: { name: a }
        spec: { controllerName: ${controller}, description: b }
      expect: { allowed: true }
`;

  test('an UPDATE of what a CRD lets change is judged', async () => {
    expect(await runTests({ 't.yaml': suite(classChange('example.com/a')) })).toEqual(PASSED);
  });

  test.each<[string, string, string]>([
    [
      'an object that the API server would refuse',
      routeCase('foreign', 'a.other.com', '{ allowed: false }').replace('hostnames:', 'hostname:'),
      't.yaml:13:49: the API server would refuse it: spec.hostname: unknown field "spec.hostname"',
    ],
    [
      'an UPDATE of what a CRD lets nobody change',
      classChange('example.com/b'),
      't.yaml:14:33: the API server would refuse it: spec.controllerName: Invalid value: "string": Value is immutable',
    ],
    [
      'an object of the wrong shape',
      routeCase('foreign', '{}', '{ allowed: false }'),
      't.yaml:13:61: spec.hostnames[0]: Invalid value: "object": spec.hostnames[0] in body must be of type string: "object"',
    ],
    [
      'a file that is not there',
      '    - name: foreign\n      object: gone.yaml\n      expect: { allowed: false }\n',
      't.yaml:9:15: gone.yaml: no such file or directory',
    ],
    [
      'a kind that nobody judges',
      '    - name: foreign\n      object: { apiVersion: v1, kind: Pod, metadata: { name: a } }\n      expect: { allowed: false }\n',
      't.yaml:9:7: is no object of a kind that Gateward judges',
    ],
    [
      'an UPDATE that changes the name',
      `    - name: foreign
      oldObject: { apiVersion: v1, kind: Namespace, metadata: { name: a } }
      object: { apiVersion: v1, kind: Namespace, metadata: { name: b } }
      expect: { allowed: false }
`,
      't.yaml:8:7: object and oldObject are not of one kind, namespace and name',
    ],
    [
      'a policy that breaks down',
      routeCase('foreign', 'a.other.com', '{ allowed: false }', ', annotations: { poison: "" }'),
      't.yaml:8:7: suffix (suffix) could not judge it: poisoned',
    ],
  ])('%s fails its case, with the place', async (_what, cases, problem) => {
    expect(await runTests({ 't.yaml': suite(cases) })).toEqual(failedWith(problem));
  });

  test.each<[string, string, string]>([
    [
      'an unknown field',
      '{ alowed: true }',
      't.yaml:14:17: spec.cases[0].expect.alowed: unknown field; did you mean "allowed"?',
    ],
    [
      'an unknown rule',
      '{ rules: [suffix/foriegn] }',
      't.yaml:14:25: spec.cases[0].expect.rules[0]: there is no rule "suffix/foriegn"; did you mean "suffix/foreign"?',
    ],
    [
      'an action of another tool',
      '{ rules: [{ rule: suffix/foreign, action: deny }] }',
      't.yaml:14:57: spec.cases[0].expect.rules[0].action: "deny" is not one of Deny | Warn | Audit; did you mean "Deny"?',
    ],
    [
      'no expectation',
      '{}',
      't.yaml:14:7: spec.cases[0].expect: expects nothing: say allowed, rules, patch, object or message',
    ],
    [
      'look-around',
      '{ message: "/(?=a)/" }',
      't.yaml:14:26: spec.cases[0].expect.message: is no regular expression of RE2 (which has no look-around)',
    ],
    [
      'an operation without its object',
      '{ allowed: true }\n      operation: DELETE',
      't.yaml:9:7: spec.cases[0].object: a DELETE has none',
    ],
  ])('%s is refused, and the other suites run', async (_what, expected, problem) => {
    const files = {
      't.yaml': suite(routeCase('foreign', 'a.other.com', expected)),
      'u.yaml': suite(routeCase('own', 'a.example.com', '{ allowed: true }')),
    };
    const { code, stdout, stderr } = await runTests(files);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([
      2,
      'ok    u.yaml  hosts  1 case\n\n1 case in 1 suite: 1 passed\n',
      `error: ${problem}; mend the document; gateward policies lists the kinds [policies/invalid]`,
    ]);
  });

  test.each<[string, string, string, string]>([
    ['policies that are not there', '', 'policies: [gone.yaml]', 't.yaml:5:14: gone.yaml: no such file or directory'],
    ['policies without a document', '', 'policies: [gateway.yaml]', 't.yaml:5:3: there is no policy document in it'],
    [
      'a document that is not in order',
      suffixDocument('{ acton: Deny }'),
      'policies: [p.yaml]',
      'p.yaml:4:9: spec.acton: unknown field; did you mean "action"?',
    ],
  ])('%s: no case is run', async (_what, document, policies, problem) => {
    const files = {
      'p.yaml': document,
      't.yaml': suite(routeCase('own', 'a.example.com', '{ allowed: true }'), policies),
    };
    expect(await runTests(files, { paths: ['t.yaml'] })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${problem}; mend the document; gateward policies lists the kinds [policies/invalid]\n`,
    });
  });

  test('a file that cannot be parsed is told, and the others run', async () => {
    const files = { 'broken.yaml': 'a: [', 't.yaml': suite(routeCase('foreign', 'a.other.com', '{ allowed: false }')) };
    const { code, stdout } = await runTests(files);
    expect([code, stdout]).toEqual([3, PASSED.stdout]);
  });

  test('a file that is too large is told to be', async () => {
    expect(await runTests({ 't.yaml': ' '.repeat(16 * 1024 * 1024 + 1) })).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: t.yaml: larger than 16 MiB; split the file [input/too-large]\n',
    });
  });

  test('--filter takes a text or an expression of suite and case', async () => {
    const files = {
      't.yaml': suite(
        routeCase('own name', 'a.example.com', '{ allowed: true }') +
          routeCase('foreign', 'a.other.com', '{ allowed: true }'),
      ),
    };
    for (const filter of ['hosts/own', 'own n', '/^hosts.own/']) {
      expect(await runTests(files, { filter })).toEqual(PASSED);
    }
    expect(await runTests(files, { filter: 'hosts/nothing' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: --filter hosts/nothing leaves none of the cases in .\n',
    });
    expect((await runTests({})).stderr).toBe('error: there is no PolicyTest in .\n');
    expect((await runTests(files, { filter: '/(/' })).stderr).toBe(
      'error: --filter /(/ is no regular expression of RE2\n',
    );
  });

  test('JUnit goes beside the text: a suite a file, a case a case', async () => {
    using folder = folderOf({
      ...FILES,
      't.yaml': suite(
        routeCase('own', 'a.example.com', '{ allowed: true }') +
          routeCase('foreign', 'a.other.com', '{ rules: [] }') +
          routeCase('broken', 'a.other.com', '{ rules: [] }').replace('hostnames:', 'hostname:'),
      ),
    });
    const options = { paths: ['t.yaml'], output: ['text', 'junit=report.xml'], filter: undefined, color: undefined };
    const { code } = await run(folder.path, (io, deps) => runPolicyTests(options, io, deps));
    expect([code, readFileSync(join(folder.path, 'report.xml'), 'utf8')]).toEqual([
      1,
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="gateward" tests="3" failures="1" errors="1" skipped="0">
  <testsuite name="t.yaml" tests="3" failures="1" errors="1" skipped="0">
    <testcase classname="hosts" name="own"/>
    <testcase classname="hosts" name="foreign"><failure message="expect.rules">t.yaml:21:17: expect.rules
  + suffix/foreign  Deny  spec.hostnames[0]
  +     spec.hostnames[0] &quot;a.other.com&quot; does not end in .example.com</failure></testcase>
    <testcase classname="hosts" name="broken"><error message="the API server would refuse it: spec.hostname: unknown field &quot;spec.hostname&quot;">t.yaml:27:49: the API server would refuse it: spec.hostname: unknown field &quot;spec.hostname&quot;</error></testcase>
  </testsuite>
</testsuites>
`,
    ]);
  });

  test('check and serve pass suites over beside the documents', async () => {
    const files = {
      'p/a.yaml': FILES['suffix.yaml'],
      'p/t.yaml': suite(routeCase('own', 'a.example.com', '{ allowed: true }')),
    };
    using folder = folderOf({ ...files, 'm/gw.yaml': GATEWAY_TEXT });
    expect(await check(folder.path, { policies: ['p'], paths: ['m', 'p'] })).toEqual({
      code: 0,
      stdout: 'nothing to report in 1 object\n',
      stderr: '',
    });
  });

  test('the schema is one that editors read', async () => {
    const { stdout } = await run('.', (io) => {
      printTestSchema(io);
      return Promise.resolve(0);
    });
    const { properties } = z
      .object({
        properties: z.object({
          spec: z.object({ properties: z.record(z.string(), z.object({ description: z.string().optional() })) }),
        }),
      })
      .parse(JSON.parse(stdout));
    expect(Object.keys(properties.spec.properties)).toEqual(['policies', 'state', 'now', 'cases']);
  });
});

import { readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { GATEWAY_TEXT, check, findingsOf, folderOf, routeText, suffixDocument } from '../support/checkRun.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

const DENY = { 'p/a.yaml': suffixDocument('{ action: Deny }') };
const policies = ['p'];

describe('what check says', () => {
  test('as text, with line, caret and fix, and the summary last', async () => {
    using folder = folderOf({ ...DENY, 'm/gw.yaml': GATEWAY_TEXT, 'm/route.yaml': routeText('a', 'a.other.com') });
    expect(await check(folder.path, { policies, paths: ['m'] })).toEqual({
      code: 1,
      stdout: `m/route.yaml:7:5  deny  suffix/foreign  HTTPRoute default/a
  spec.hostnames[0] "a.other.com" does not end in .example.com
    7 |   - a.other.com
      |     ^
  fix: use "shop.example.com"

see https://gateward.dev/rules/suffix

1 denied in 2 objects
`,
      stderr: '',
    });
  });

  test('nothing, when all is well', async () => {
    using folder = folderOf({ ...DENY, 'm/gw.yaml': GATEWAY_TEXT, 'm/route.yaml': routeText('a', 'a.example.com') });
    expect(await check(folder.path, { policies, paths: ['m'] })).toEqual({
      code: 0,
      stdout: 'nothing to report in 2 objects\n',
      stderr: '',
    });
  });

  test('an absence that only files show is unverified and denies nothing', async () => {
    using folder = folderOf({ ...DENY, 'm/route.yaml': routeText('a', 'a.example.com') });
    const run = await check(folder.path, { policies, paths: ['m'], output: ['json'] });
    expect([run.code, findingsOf(run)]).toEqual([
      0,
      ['m/route.yaml:5:24 warn? suffix/no-gateway HTTPRoute default/a spec.parentRefs[0].name'],
    ]);
  });

  test('a Deny that may be one is said as unverified, whatever another document is sure to warn of', async () => {
    const match = '{ namespaceSelector: { matchLabels: { tier: apps } } }';
    using folder = folderOf({
      'p/a.yaml': suffixDocument('{ action: Warn }', 'everywhere'),
      'p/b.yaml': suffixDocument(`{ action: Deny, match: ${match} }`, 'apps'),
      'm/gw.yaml': GATEWAY_TEXT,
      'm/route.yaml': routeText('a', 'a.other.com'),
    });
    const { code, stdout } = await check(folder.path, { policies, paths: ['m'] });
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      'm/route.yaml:7:5  warn  suffix/foreign  HTTPRoute default/a  (unverified)',
    ]);
  });

  test('what the mutating webhook mends is an Audit; what it cannot is as it was', async () => {
    const files = {
      'p/a.yaml': suffixDocument('{ action: Deny, label: Mutate }'),
      'm/gw.yaml': GATEWAY_TEXT,
      'm/route.yaml': routeText('a', 'a.other.com'),
    };
    using folder = folderOf(files);
    const run = await check(folder.path, { policies, paths: ['m'], output: ['json'] });
    expect([run.code, findingsOf(run)]).toEqual([
      1,
      [
        'm/route.yaml:3:1 audit suffix/unlabelled HTTPRoute default/a metadata.labels',
        'm/route.yaml:7:5 deny suffix/foreign HTTPRoute default/a spec.hostnames[0]',
      ],
    ]);
  });

  test('the order is that of files, documents and paths, whatever the arguments', async () => {
    const two = `${routeText('b', 'b.other.com')}---\n${routeText('a', 'a.other.com')}`;
    using folder = folderOf({
      ...DENY,
      'm/gw.yaml': GATEWAY_TEXT,
      'm/b.yaml': two,
      'm/a.yaml': routeText('c', 'c.other.com'),
    });
    const places = async (paths: readonly string[]): Promise<readonly string[]> =>
      findingsOf(await check(folder.path, { policies, paths, output: ['json'] })).map(
        (line) => line.split(' ')[0] ?? '',
      );
    const expected = ['m/a.yaml:7:5', 'm/b.yaml:7:5', 'm/b.yaml:15:5'];
    expect(await places(['m'])).toEqual(expected);
    expect(await places(['m/b.yaml', 'm/gw.yaml', 'm/a.yaml'])).toEqual(expected);
    expect(await places(['m/*.yaml', 'm'])).toEqual(expected);
  });

  test('an exemption takes a finding out, one that ended does not', async () => {
    const exemption = (expires: string): string =>
      `---\napiVersion: gateward.dev/v1alpha1\nkind: PolicyExemption\nmetadata: { name: moving }\nspec: { policies: [{ kind: Suffix, name: suffix }], match: {}, reason: moves, expires: ${expires} }\n`;
    const run = async (expires: string): Promise<readonly [number, string, string]> => {
      const files = {
        'p/a.yaml': `${suffixDocument('{ action: Deny }')}${exemption(expires)}`,
        'm/gw.yaml': GATEWAY_TEXT,
        'm/route.yaml': routeText('a', 'a.other.com'),
      };
      using folder = folderOf(files);
      const { code, stdout, stderr } = await check(folder.path, { policies, paths: ['m'] });
      return [code, stdout.trimEnd().split('\n').at(-1) ?? '', stderr];
    };
    expect(await run('2028-01-01T00:00:00Z')).toEqual([0, '1 exempted in 2 objects', '']);
    expect(await run('2026-01-01T00:00:00Z')).toEqual([
      1,
      '1 denied in 2 objects',
      'warning: exemption moving ended 2026-01-01T00:00:00.000Z and is not honoured\n',
    ]);
  });
});

describe('manifests that cannot be judged', () => {
  test.each([
    ['a duplicate key', `${GATEWAY_TEXT}kind: Gateway\n`, 1, ['m/x.yaml:5:1 deny manifest/duplicate-key - ']],
    ['no YAML', 'a: [\n', 3, ['m/x.yaml:2:1 error manifest/unparsable - ']],
    [
      'no name',
      GATEWAY_TEXT.replace('name: public }', '}'),
      1,
      ['m/x.yaml:3:1 deny manifest/schema Gateway default/ metadata.name'],
    ],
    [
      'a kind that does not exist',
      GATEWAY_TEXT.replace('kind: Gateway', 'kind: Gatway'),
      1,
      ['m/x.yaml:2:7 deny manifest/unknown-kind Gatway /public kind'],
    ],
    ['no kind', GATEWAY_TEXT.replace('kind: Gateway\n', ''), 1, ['m/x.yaml:1:1 deny manifest/object  /public ']],
    [
      'a list of objects',
      GATEWAY_TEXT.replace(/^/gm, '  ').replace('  api', '- api').trimEnd(),
      1,
      ['m/x.yaml:1:1 deny manifest/object  / '],
    ],
    [
      'a field of the wrong type',
      GATEWAY_TEXT.replace('port: 80', 'port: eighty'),
      1,
      ['m/x.yaml:4:67 deny manifest/schema Gateway default/public spec.listeners[0].port'],
    ],
    [
      'an object that stands twice',
      `${GATEWAY_TEXT}---\n${GATEWAY_TEXT}`,
      0,
      ['m/x.yaml:8:19 warn manifest/duplicate Gateway default/public metadata.name'],
    ],
    [
      'a template',
      'metadata: {{ .Values.a }}\nb: {{ .c }}\n---\na: {{ .d }}\n',
      3,
      ['m/x.yaml:1:12 error manifest/unparsable - '],
    ],
  ])('%s', async (_name, text, code, findings) => {
    using folder = folderOf({ ...DENY, 'm/x.yaml': text, 'm/z.yaml': routeText('a', 'a.other.com') });
    const run = await check(folder.path, { policies, paths: ['m/x.yaml'], output: ['json'], failOn: 'deny' });
    expect([run.code, findingsOf(run)]).toEqual([code, findings]);
    const both = await check(folder.path, { policies, paths: ['m'], output: ['json'] });
    expect([both.code, findingsOf(both).filter((line) => line.includes('suffix/foreign'))]).toEqual([
      Math.max(code, 1),
      ['m/z.yaml:7:5 deny suffix/foreign HTTPRoute default/a spec.hostnames[0]'],
    ]);
  });

  test('other objects and other files are counted, not complained about', async () => {
    const files = {
      ...DENY,
      'm/deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\n',
      'm/values.yaml': 'replicas: 3\n',
      'm/list.json': '[1, 2]',
      'm/notes.txt': 'a: [',
      'm/.git/x.yaml': 'a: [',
      'm/node_modules/x.yaml': 'a: [',
    };
    using folder = folderOf(files);
    expect(await check(folder.path, { policies, paths: ['m'] })).toEqual({
      code: 0,
      stdout: '0 Gateway API objects in 3 files (3 other documents)\n',
      stderr: '',
    });
    const { code, stderr } = await check(folder.path, { policies, paths: ['m'], requireResources: true });
    expect([code, stderr]).toEqual([
      3,
      'error: no Gateway API objects in m; leave out --require-resources, or name other paths [input/none]\n',
    ]);
  });

  test('a chart is met with a hint', async () => {
    const files = {
      ...DENY,
      'm/c/Chart.yaml': 'name: c\n',
      'm/c/templates/a.yaml': '{{ .x }}',
      'm/c/templates/b.yaml': '{{ .x }}',
    };
    using folder = folderOf(files);
    const hint =
      'hint: m/c/templates holds Helm templates, which were passed over: helm template m/c | gateward check -\n';
    for (const paths of [
      ['m'],
      ['m/c/templates'],
      ['m/c/templates/a.yaml', 'm/c/templates/b.yaml'],
      ['m/c/**/*.yaml'],
    ]) {
      const { code, stderr } = await check(folder.path, { policies, paths });
      expect([code, stderr]).toEqual([0, hint]);
    }
  });

  test('rendered templates are named by their source', async () => {
    using folder = folderOf(DENY);
    const stdin = `---\n# Source: shop/templates/route.yaml\n${routeText('a', 'a.other.com')}`;
    const { stdout } = await check(folder.path, { policies, paths: ['-'], stdinFilename: 'chart' }, { stdin });
    expect(stdout).toContain('chart:9:5  deny  suffix/foreign');
    expect(stdout).toContain('rendered from shop/templates/route.yaml: the line is that of the rendered text');
  });

  test.each([
    ['github', '::error file=shop/templates/route.yaml,line=1,col=1,title=suffix/foreign::'],
    ['gitlab', '"path": "shop/templates/route.yaml"'],
    ['sarif', '"uri": "shop/templates/route.yaml"'],
    ['markdown', '| shop/templates/route.yaml |'],
  ])('%s names the template, and says which line was rendered', async (format, where) => {
    using folder = folderOf(DENY);
    const stdin = `---\n# Source: shop/templates/route.yaml\n${routeText('a', 'a.other.com')}`;
    const { stdout } = await check(folder.path, { policies, paths: ['-'], output: [format] }, { stdin });
    expect(stdout).toContain(where);
    expect(stdout).toMatch(/\(line 9 of what Helm rendered\)/);
    expect(stdout).not.toContain('<stdin>');
  });

  test('a name that is still to be made is said to be', async () => {
    using folder = folderOf({
      ...DENY,
      'm/a.yaml': routeText('a', 'a.other.com').replace('name: a', 'generateName: a-'),
    });
    const run = async (format: string): Promise<string> =>
      (await check(folder.path, { policies, paths: ['m'], output: [format] })).stdout;
    expect((await run('text')).split('\n')[0]).toBe(
      'm/a.yaml:7:5  deny  suffix/foreign  HTTPRoute default/a-* (generateName)',
    );
    expect(await run('junit')).toContain('classname="HTTPRoute/default/a-* (generateName)"');
    expect(await run('json')).toContain('"name": "a-",\n        "generateName": "a-"');
  });

  test('a List is taken apart', async () => {
    const item = routeText('a', 'a.other.com').trimEnd().replaceAll('\n', '\n  ');
    using folder = folderOf({ ...DENY, 'm/list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${item}\n` });
    const run = await check(folder.path, { policies, paths: ['m'], namespace: 'team', output: ['json'] });
    expect(findingsOf(run)).toEqual([
      'm/list.yaml:10:7 deny suffix/foreign HTTPRoute team/a spec.hostnames[0]',
      'm/list.yaml:8:26 warn? suffix/no-gateway HTTPRoute team/a spec.parentRefs[0].name',
    ]);
  });
});

describe('exit codes', () => {
  const files = { ...DENY, 'm/gw.yaml': GATEWAY_TEXT, 'm/a.yaml': routeText('a', 'a.other.com') };

  test.each([
    ['deny', 'Deny', 1],
    ['deny', 'Warn', 0],
    ['warn', 'Warn', 1],
    ['warn', 'Audit', 0],
    ['audit', 'Audit', 1],
    ['never', 'Deny', 0],
  ] as const)('--fail-on %s with a finding of %s: %i', async (failOn, action, code) => {
    using folder = folderOf({ ...files, 'p/a.yaml': suffixDocument(`{ action: ${action} }`) });
    expect((await check(folder.path, { policies, paths: ['m'], failOn })).code).toBe(code);
  });

  test('3 for what cannot be read, and the rest is judged', async () => {
    using folder = folderOf(files);
    symlinkSync('loop.yaml', join(folder.path, 'm/loop.yaml'));
    writeFileSync(join(folder.path, 'm/binary.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    const run = await check(folder.path, { policies, paths: ['m', 'absent', '/dev/zero'], output: ['json'] });
    expect([run.code, findingsOf(run).length]).toEqual([3, 1]);
    expect(run.stderr.split('\n').map((line) => line.split(';')[0])).toEqual([
      'error: m/loop.yaml: is a link that leads to itself',
      'error: absent: no such file or directory',
      'error: m/binary.yaml: is not UTF-8 text',
      'error: /dev/zero: larger than 16 MiB',
      '',
    ]);
  });

  test.each([
    ['a format that is none', { output: ['jsn'] }, 'error: unknown format "jsn"; did you mean "json"?\n'],
    [
      'two formats on standard output',
      { output: ['json', 'text', 'sarif=x'] },
      'error: json and text cannot both go to standard output; write one into a file: -o text=FILE\n',
    ],
    ['two formats in one file', { output: ['json=x', 'text', 'sarif=x'] }, 'error: two reports cannot both go to x\n'],
    ['a file without a name', { output: ['json='] }, 'error: -o json= names no file\n'],
    ['two names of one file', { output: ['json=x', 'sarif=./x'] }, 'error: two reports cannot both go to x\n'],
    ['nothing to read', { paths: [] }, 'error: nothing to check: name files or directories, or pipe manifests in\n'],
    ['policies that are not there', { policies: ['q'] }, 'error: q: no such file or directory\n'],
    ['policies that are none', { policies: ['m'] }, 'error: no policy documents in m\n'],
    [
      'policies that are not in order',
      { policies: ['bad'] },
      'error: bad/a.yaml:4:9: spec.acton: unknown field; did you mean "action"?\n',
    ],
    [
      'a report that cannot be written',
      { output: ['json=absent/x.json'] },
      'error: absent/x.json: cannot be written: no such file or directory\n',
    ],
    ['a directory', { output: ['json=m'] }, 'error: m: cannot be written: is a directory\n'],
    [
      'a file below a file',
      { output: ['json=m/a.yaml/x'] },
      'error: m/a.yaml/x: cannot be written: what should be its directory is a file\n',
    ],
  ])('2 for %s', async (_name, options, stderr) => {
    using folder = folderOf({ ...files, 'bad/a.yaml': suffixDocument('{ acton: Deny }') });
    const run = await check(folder.path, { policies, paths: ['m'], ...options });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(stderr);
  });
});

describe('an object that a policy cannot judge', () => {
  const route = routeText('a', 'a.other.com', ', annotations: { poison: x }');

  test.each([
    ['Deny', 'Fail', 1, 'deny'],
    ['Deny', 'Ignore', 0, 'warn'],
    ['Warn', 'Fail', 0, 'warn'],
    ['Audit', 'Fail', 0, 'audit'],
  ])('under %s and %s: exit %i', async (action, failureMode, code, effect) => {
    const files = {
      'p/a.yaml': suffixDocument(`{ action: ${action}, failureMode: ${failureMode} }`),
      'm/a.yaml': route,
    };
    using folder = folderOf({ ...files, 'm/b.yaml': routeText('b', 'b.example.com') });
    const run = await check(folder.path, { policies, paths: ['m'], output: ['json'] });
    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({
      errors: [{ policy: 'suffix', document: 'suffix', effect, reason: 'poisoned', file: 'm/a.yaml', line: 1 }],
      findings: [{ rule: 'suffix/no-gateway', file: 'm/b.yaml' }],
      summary: { errors: 1, objects: 2 },
    });
  });
});

describe('outputs', () => {
  test('into files, beside one on standard output; nothing half-written is left', async () => {
    using folder = folderOf({
      ...DENY,
      'm/gw.yaml': GATEWAY_TEXT,
      'm/a.yaml': routeText('a', 'a.other.com'),
      'out/r.json': 'old',
    });
    const { code, stdout } = await check(folder.path, {
      policies,
      paths: ['m'],
      output: ['text', 'json=out/r.json', 'junit=out/r.xml'],
    });
    expect(code).toBe(1);
    expect(stdout).toContain('1 denied');
    expect(readdirSync(join(folder.path, 'out')).sort()).toEqual(['r.json', 'r.xml']);
    expect(JSON.parse(readFileSync(join(folder.path, 'out/r.json'), 'utf8'))).toMatchObject({ summary: { denied: 1 } });
  });

  test.each<[env: Readonly<Record<string, string>>, color: boolean | undefined, coloured: boolean]>([
    [{}, undefined, false],
    [{ FORCE_COLOR: '1' }, undefined, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, undefined, false],
    [{ FORCE_COLOR: '1' }, false, false],
    [{ NO_COLOR: '1' }, true, true],
  ])('colours under %j and --color %s', async (env, color, coloured) => {
    using folder = folderOf({ ...DENY, 'm/a.yaml': routeText('a', 'a.other.com') });
    const { stdout } = await check(folder.path, { policies, paths: ['m'], color }, { env });
    expect(stdout.includes('\u{1b}[31mdeny\u{1b}[39m')).toBe(coloured);
  });
});

describe('a baseline', () => {
  const files = { ...DENY, 'm/gw.yaml': GATEWAY_TEXT, 'm/a.yaml': routeText('a', 'a.other.com') };

  test('silences what it knows, wherever that has moved, and nothing else', async () => {
    using folder = folderOf(files);
    await check(folder.path, { policies, paths: ['m'], output: ['baseline=known.json'] });
    writeFileSync(join(folder.path, 'm/a.yaml'), `# moved\n\n${routeText('a', 'a.other.com')}  - b.other.com\n`);
    const run = await check(folder.path, { policies, paths: ['m'], baseline: 'known.json', output: ['json'] });
    expect([run.code, findingsOf(run), run.stderr]).toEqual([
      1,
      ['m/a.yaml:10:5 deny suffix/foreign HTTPRoute default/a spec.hostnames[1]'],
      '',
    ]);
    writeFileSync(join(folder.path, 'm/a.yaml'), routeText('a', 'a.example.com'));
    const { stdout, stderr } = await check(folder.path, { policies, paths: ['m'], baseline: 'known.json' });
    expect([stdout, stderr]).toEqual([
      'nothing to report in 2 objects\n',
      'hint: the baseline may forget suffix/foreign HTTPRoute default/a spec.hostnames[0]: it no longer occurs\n',
    ]);
  });

  test('is not said to be in need of less for what this run has not judged', async () => {
    using folder = folderOf({ ...files, 'm/b.yaml': routeText('b', 'b.other.com') });
    await check(folder.path, { policies, paths: ['m'], output: ['baseline=known.json'] });
    writeFileSync(join(folder.path, 'm/a.yaml'), routeText('a', 'a.example.com'));
    writeFileSync(join(folder.path, 'm/b.yaml'), 'spec: [');
    const some = await check(folder.path, { policies, paths: ['m/gw.yaml', 'm/a.yaml'], baseline: 'known.json' });
    const broken = await check(folder.path, { policies, paths: ['m'], baseline: 'known.json' });
    const hint =
      'hint: the baseline may forget suffix/foreign HTTPRoute default/a spec.hostnames[0]: it no longer occurs\n';
    expect([some.code, some.stderr, broken.code, broken.stderr]).toEqual([0, hint, 3, hint]);
  });

  test('counts what it silences', async () => {
    using folder = folderOf(files);
    await check(folder.path, { policies, paths: ['m'], output: ['baseline=known.json'] });
    const { code, stdout } = await check(folder.path, { policies, paths: ['m'], baseline: 'known.json' });
    expect([code, stdout]).toEqual([0, '1 known in 2 objects\n']);
  });

  test.each([
    ['absent', 'error: absent: no such file or directory\n'],
    ['m', 'error: m: is a directory\n'],
    ['m/a.yaml', 'error: m/a.yaml: is no baseline: not JSON\n'],
  ])('%s is refused', async (baseline, stderr) => {
    using folder = folderOf(files);
    expect(await check(folder.path, { policies, paths: ['m'], baseline })).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe.skipIf(!hasShared)('manifests that others wrote', () => {
  test.each(['conformance', 'examples', 'invalid-examples'])('%s neither crash nor stall', async (name) => {
    const { code, stdout, stderr } = await check(
      sharedPath('gateway-api'),
      { paths: [name], output: ['json'] },
      { policies: POLICIES },
    );
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({ errors: [] });
    expect([0, 1]).toContain(code);
    expect(stderr).toBe('');
  });
});

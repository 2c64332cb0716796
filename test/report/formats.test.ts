import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Exemption } from '../../src/engine/index.ts';
import {
  FORMATS,
  makeReport,
  plain,
  render,
  summaryLine,
  type FilePlace,
  type Format,
  type RenderContext,
  type Report,
  type ReportFinding,
  type TextEdit,
} from '../../src/report/index.ts';
import { reportObjects } from '../../src/report/policyReport.ts';
import type { ReportedFinding } from '../../src/report/parseReport.ts';
import { sincePrevious } from '../../src/report/previous.ts';

const golden = (name: string): string => join(import.meta.dirname, '../golden/report', name);

const context: RenderContext = {
  face: 'check',
  paint: plain,
  rules: [
    {
      id: 'hostname-ownership/not-owned',
      why: 'A hostname belongs to one team.',
      severity: 'high',
      text: '{{path}} "{{hostname}}" belongs to {{owner}}',
      kind: 'HostnameOwnership',
    },
    {
      id: 'manifest/unparsable',
      why: 'A document is YAML that kubectl can read.',
      severity: 'high',
      text: '',
      kind: '',
    },
    {
      id: 'namespace-gate/label-set',
      why: 'The label decides which Gateways admit routes.',
      severity: 'high',
      text: '{{path}}: {{user}} may not set it',
      kind: 'NamespaceGate',
    },
    {
      id: 'reference-grants/unused',
      why: 'An unused grant is an open door.',
      severity: 'low',
      text: '{{path}} is used by nothing',
      kind: 'ReferenceGrantScope',
    },
  ],
  version: '1.2.3',
  now: Date.parse('2027-01-01T00:00:00.500Z'),
  fromRoot: (file) => `apps/${file.replace(/^\.\//, '')}`,
  packed: (text) => text.length / 10,
  warn: () => undefined,
};

const place = (line: number, text: string, column = 1, file = './routes/pay & co.yaml'): FilePlace => ({
  file,
  document: 0,
  line,
  column,
  text,
  source: undefined,
});

const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  namespace: 'team-shop',
  name: 'pay',
};

const notOwned: ReportFinding = {
  rule: 'hostname-ownership/not-owned',
  policy: 'hostname-ownership',
  document: 'public-hostnames',
  action: 'Deny',
  effect: 'deny',
  severity: 'high',
  message: 'spec.hostnames[0] "pay.example.com" belongs to <team-pay> | 100%, not *you*',
  certain: true,
  relief: 'none',
  object: route,
  path: ['spec', 'hostnames', 0],
  place: place(7, '  - "pay.example.com"', 5),
  related: [
    { kind: 'HTTPRoute', namespace: 'team-pay', name: 'pay', place: place(3, '  name: pay', 9, 'routes/other.yaml') },
  ],
  fix: {
    description: 'use "shop.example.com"',
    patch: [{ op: 'replace', path: '/spec/hostnames/0', value: 'shop.example.com' }],
  },
  fingerprint: 'a'.repeat(64),
};

const unverified: ReportFinding = {
  ...notOwned,
  effect: 'warn',
  certain: false,
  relief: 'unverified',
  path: ['spec', 'parentRefs', 0],
  place: { ...place(5, '\tparentRefs: \u{1b}[31m', 2), source: 'shop/templates/route.yaml' },
  related: [],
  fix: undefined,
  message: 'two\nlines\u{0} and a \u{202e}trick, @team #1 ::error::',
  fingerprint: 'b'.repeat(64),
};

const repaired: ReportFinding = {
  ...notOwned,
  rule: 'reference-grants/unused',
  policy: 'reference-grants',
  document: 'least-privilege',
  action: 'Audit',
  effect: 'audit',
  severity: 'low',
  relief: 'repaired',
  object: { ...route, kind: 'GatewayClass', namespace: '', name: 'public' },
  path: [],
  message: 'nothing uses it',
  place: undefined,
  related: [],
  fingerprint: 'c'.repeat(64),
};

const unparsable: ReportFinding = {
  ...notOwned,
  rule: 'manifest/unparsable',
  policy: 'manifest',
  document: '',
  effect: 'error',
  object: undefined,
  path: [],
  message: 'bad indentation of a mapping entry',
  place: place(2, ' b: 2', 3, 'routes/bad.yaml'),
  related: [],
  fix: undefined,
  fingerprint: 'd'.repeat(64),
};

const exemption: Exemption = {
  name: 'shop-migration',
  policies: [{ kind: 'HostnameOwnership', name: 'public-hostnames', rules: [] }],
  match: { names: [] },
  reason: 'moves in "March"',
  ticket: undefined,
  expires: Date.parse('2027-03-31T00:00:00Z'),
};

const counts = { objects: 4, others: 1, files: 3, skipped: 0 };

const full: Report = makeReport({
  findings: [unverified, repaired, unparsable, notOwned],
  exempted: [{ finding: { ...notOwned, fingerprint: 'e'.repeat(64), object: { ...route, name: 'old' } }, exemption }],
  errors: [
    {
      policy: 'route-attachment',
      document: 'attachment',
      effect: 'deny',
      reason: 'it threw',
      object: route,
      place: place(1, 'apiVersion: gateway.networking.k8s.io/v1'),
    },
  ],
  judged: [
    {
      object: route,
      file: './routes/pay & co.yaml',
      outcomes: [
        { policy: 'hostname-ownership', document: 'public-hostnames', outcome: 'fail' },
        { policy: 'reference-grants', document: 'least-privilege', outcome: 'pass' },
        { policy: 'namespace-gate', document: 'gate', outcome: 'skip' },
      ],
    },
  ],
  expiredExemptions: ['ended'],
  problems: ['absent]]>.yaml: no such file, [click](https://evil.example) ::error::'],
  counts,
});

/** What an audit has besides: what it cannot judge, and what has changed since the one before. */
const audited: Report = makeReport(
  sincePrevious(
    {
      ...full,
      judged: [
        ...full.judged,
        { object: { ...route, kind: 'GatewayClass', namespace: '', name: 'public' }, file: undefined, outcomes: [] },
      ],
      unauditable: [{ rule: 'namespace-gate/label-set', documents: ['gate'], needs: 'requester' }],
      counts,
    },
    [
      { ...previousOf(notOwned) },
      { ...previousOf(repaired), fingerprint: 'f'.repeat(64), path: 'spec.to[0]', message: 'was wider than used' },
    ],
  ),
);

/** A finding as its JSON says it. */
function previousOf({
  rule,
  policy,
  document,
  effect,
  severity,
  message,
  object,
  path,
  fingerprint,
}: ReportFinding): ReportedFinding {
  return {
    rule,
    policy,
    document,
    effect,
    severity,
    message,
    object: object ?? null,
    path: path.join('.'),
    fingerprint,
  };
}

const empty: Report = makeReport({
  findings: [],
  exempted: [],
  errors: [],
  expiredExemptions: [],
  counts,
});

/** `reports` is another name for one of two, which is tested below. */
const EXTENSIONS: Readonly<Record<Exclude<Format, 'reports'>, string>> = {
  text: 'txt',
  json: 'json',
  sarif: 'sarif',
  junit: 'xml',
  github: 'github.txt',
  gitlab: 'gitlab.json',
  markdown: 'md',
  html: 'html',
  policyreport: 'policyreport.yaml',
  openreports: 'openreports.yaml',
  baseline: 'baseline.json',
};

/** A page without its look and its script, which are tested in a browser. */
const bare = (text: string): string =>
  text.replace(/<(style|script)>[^]*?<\/\1>/g, '<$1>…</$1>').replace(/sha256-[\w+/=]+/g, 'sha256-…');

describe.each(FORMATS.filter((format) => format !== 'reports'))('%s', (format) => {
  const told = async (report: Report, face: RenderContext['face'] = 'check'): Promise<string> =>
    bare(await render(format, report, { ...context, face }));

  test('says everything', async () => {
    await expect(await told(full)).toMatchFileSnapshot(golden(`full.${EXTENSIONS[format]}`));
  });

  test('says what an audit knows besides', async () => {
    await expect(await told(audited, 'audit')).toMatchFileSnapshot(golden(`audit.${EXTENSIONS[format]}`));
  });

  test('says that there is nothing', async () => {
    await expect(await told(empty)).toMatchFileSnapshot(golden(`empty.${EXTENSIONS[format]}`));
  });
});

test('report objects are of the API that the cluster serves, else of OpenReports', async () => {
  const reports = (reportApi?: 'openreports' | 'policyreport'): Promise<string> =>
    render('reports', full, reportApi === undefined ? context : { ...context, reportApi });
  expect(await reports()).toBe(await render('openreports', full, context));
  expect(await reports('openreports')).toBe(await render('openreports', full, context));
  expect(await reports('policyreport')).toBe(await render('policyreport', full, context));
});

test('colours are put around words and take nothing from the text', async () => {
  const painted = await render('text', full, { ...context, paint: (what, text) => `<${what}>${text}</${what}>` });
  expect(painted).toContain('<deny>deny</deny>');
  expect(painted.replace(/<\/?(?:error|deny|warn|audit|faint|strong)>/g, '')).toBe(await render('text', full, context));
});

test('no format lets a control character of the input through', async () => {
  for (const format of FORMATS) {
    const text = bare(await render(format, full, context));
    expect([format, /(?!\n)\p{Cc}/u.test(text)]).toEqual([format, false]);
  }
});

test('the order does not hang on the order of what comes in', () => {
  const turned = makeReport({ ...full, findings: full.findings.toReversed(), counts });
  expect(turned.findings).toEqual(full.findings);
});

describe('what a format can take', () => {
  const many = (count: number): Report =>
    makeReport({
      findings: Array.from({ length: count }, (_, at) => ({
        ...notOwned,
        severity: at === count - 1 ? ('critical' as const) : ('low' as const),
        message: `number ${String(at).padStart(5, '0')}`,
        related: [],
        fix: undefined,
      })),
      exempted: [],
      errors: [],
      expiredExemptions: [],
      counts,
    });

  test('github shows ten of a level, the most severe first, and says how many more there are', async () => {
    const lines = (await render('github', many(12), context)).trimEnd().split('\n');
    expect(lines.map((line) => line.split('::').at(-1)?.split(': ').at(-1)?.split('%0A')[0])).toEqual([
      'number 00011',
      ...Array.from({ length: 8 }, (_, at) => `number 0000${at}`),
      '3 more; the whole report has them',
      '12 denied in 4 objects',
    ]);
  });

  test('a markdown comment ends before 65,536 characters', async () => {
    const text = await render('markdown', many(1000), context);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n\d+ more are left out\.\n$/);
    expect(text.indexOf('number 00999 ')).toBeLessThan(text.indexOf('number 00000 '));
  });

  test('a report object has the gravest thousand of its namespace and says how many are left out', async () => {
    const text = await render('openreports', many(1002), context);
    expect(text.match(/^ {2}- source: gateward$/gm)?.length).toBe(1000);
    expect(text).toContain('gateward.dev/left-out: "2"');
    expect(text.indexOf('number 01001')).toBeLessThan(text.indexOf('number 00000'));
  });

  test('a report object is no larger than what etcd takes, whatever names a tenant gives, and says how many are left out', () => {
    const { findings, ...rest } = many(1000);
    const long = findings.map((finding) => ({ ...finding, message: `${finding.message} ${'ü'.repeat(1000)}` }));
    const [object] = reportObjects('openreports', { ...rest, findings: long }, 0);
    const text = JSON.stringify(object);
    expect(Buffer.byteLength(text)).toBeLessThan(1_200_000);
    expect(Number(/"gateward.dev\/left-out":"(\d+)"/.exec(text)?.[1])).toBeGreaterThan(400);
    expect(text).toContain('"summary":{"pass":0,"fail":1000,');
  });

  test('sarif counts exempted findings among its 25,000 results', async () => {
    const { findings } = many(24_999);
    const [first] = findings;
    if (first === undefined) throw new Error('there are findings');
    const exempted = Array.from({ length: 3 }, () => ({ finding: first, exemption }));
    const text = await render('sarif', makeReport({ ...empty, findings, exempted, counts }), context);
    expect(text.match(/"ruleId"/g)?.length).toBe(25_000);
    expect(text).toContain('2 less severe findings left out');
  });

  test('sarif has no more than 25,000 results and says what is missing', async () => {
    const text = await render('sarif', many(25_002), context);
    expect(text.match(/"ruleId"/g)?.length).toBe(25_000);
    expect(text).toContain('2 less severe findings left out');
  });

  test('sarif has no more than what packs into 10 MB, and tells it outside too', async () => {
    const told: string[] = [];
    const count = async (packed: number): Promise<number | undefined> => {
      const text = await render('sarif', many(15_000), {
        ...context,
        packed: () => packed,
        warn: (line) => told.push(line),
      });
      return text.match(/"ruleId"/g)?.length;
    };
    expect(await count(10_000_000)).toBe(15_000);
    expect(told).toEqual([]);
    const packed = [10_000_001, 10_000_001, 10_000_000];
    const text = await render('sarif', many(15_000), {
      ...context,
      packed: () => packed.shift() ?? 0,
      warn: (line) => told.push(line),
    });
    expect(text.match(/"ruleId"/g)?.length).toBe(9600);
    expect(text).toContain('5400 less severe findings left out');
    expect(told).toEqual(['sarif: 5400 less severe findings left out: code scanning takes 25,000 results and 10 MB']);
  });

  test('sarif writes out a thousand fixes and says how many more there are', async () => {
    const told: string[] = [];
    const { findings } = many(1002);
    const fixable = findings.map((finding) => ({ ...finding, fix: notOwned.fix, place: notOwned.place }));
    const editOf = (): Promise<TextEdit> =>
      Promise.resolve({ start: { line: 7, column: 5 }, end: { line: 7, column: 22 }, text: 'shop.example.com' });
    const text = await render('sarif', makeReport({ ...empty, findings: fixable, counts }), {
      ...context,
      editOf,
      warn: (line) => told.push(line),
    });
    expect(text.match(/"fixes"/g)?.length).toBe(1000);
    expect(text).toContain('2 more fixes not written out: gateward check --fix does them');
    expect(told).toEqual(['sarif: 2 more fixes not written out: gateward check --fix does them']);
  });
});

describe('foreign text', () => {
  const told = (format: Format, changes: Partial<ReportFinding>): Promise<string> =>
    render(
      format,
      makeReport({
        findings: [{ ...notOwned, related: [], fix: undefined, ...changes }],
        exempted: [],
        errors: [],
        expiredExemptions: [],
        counts,
      }),
      context,
    );

  test.each([
    ['a plain line', '  - "pay.example.com"', 5, '    7 |   - "pay.example.com"', '      |     ^'],
    ['a control character before it', 'a: \u{1b}[31m b', 10, '    7 | a: \\u{1b}[31m b', `      | ${' '.repeat(14)}^`],
    ['wide characters before it', '# 漢字🎉 x', 8, '    7 | # 漢字🎉 x', `      | ${' '.repeat(9)}^`],
    [
      'a long line',
      `${'x'.repeat(500)}here${'y'.repeat(500)}`,
      501,
      `    7 | …${'x'.repeat(60)}here${'y'.repeat(56)}…`,
      `      | ${' '.repeat(61)}^`,
    ],
  ])('the caret stands below the column: %s', async (_name, line, column, excerpt, caret) => {
    const text = await told('text', { place: place(7, line, column) });
    expect(text.split('\n').slice(2, 4)).toEqual([excerpt, caret]);
  });

  test('JUnit keeps line breaks of a message, ends no section, and drops what XML forbids', async () => {
    const xml = await told('junit', { message: 'one\ntwo ]]> "&\u{b}\ud800 🎉' });
    expect(xml).toContain('message="one&#10;two ]]&gt; &quot;&amp;\ufffd 🎉">one\ntwo ]]&gt;');
  });

  test('no annotation begins but ours', async () => {
    const text = await told('github', {
      message: 'a\r\n::error::b %0A::warning::c',
      place: place(1, '', 1, 'a,b: c\n::error::.yaml'),
    });
    expect(text.split('\n').filter((line) => line.startsWith('::'))).toEqual([
      '::error file=apps/a%2Cb%3A c%0A%3A%3Aerror%3A%3A.yaml,line=1,col=1,title=hostname-ownership/not-owned::HTTPRoute team-shop/pay: a%0A::error::b %250A::warning::c',
    ]);
  });

  test('SARIF makes no link of it, and names a file outside of the repository as it is', async () => {
    const outside = { ...context, fromRoot: (file: string) => file };
    const found = {
      ...notOwned,
      related: [],
      fix: undefined,
      message: '[click](https://evil.example)',
      place: place(1, 'x', 1, '/tmp/a b:c.yaml'),
    };
    const text = await render('sarif', makeReport({ ...empty, findings: [found], counts }), outside);
    expect(text).toContain('"text": "[click] (https://evil.example)"');
    expect(text).toContain(
      '"artifactLocation": {\n                  "uri": "file:///tmp/a%20b%3Ac.yaml"\n                }',
    );
  });

  test('Markdown has no link, formula, mention or end of a cell in it', async () => {
    const text = await told('markdown', { message: 'www.evil.example $x$ | @team #1 <b>\u{202e}' });
    expect(text.split('\n').at(4)?.split(' | ').at(-1)).toBe(
      'www&#46;evil.example &#36;x&#36; &#124; &#64;&#8203;team &#35;&#8203;1 &#60;b&#62;&#92;u{202e} |',
    );
  });
});

test('SARIF has each fingerprint once, the first as it is', async () => {
  const exempted = [{ finding: { ...notOwned }, exemption }];
  const report = makeReport({ ...empty, findings: [notOwned, { ...notOwned }, unverified], exempted, counts });
  const text = await render('sarif', report, context);
  expect(text.match(/(?<="primaryLocationLineHash": ")[^"]+/g)?.toSorted()).toEqual([
    notOwned.fingerprint,
    `${notOwned.fingerprint}:2`,
    `${notOwned.fingerprint}:3`,
    unverified.fingerprint,
  ]);
});

test('GitLab gets each fingerprint once', async () => {
  const report = makeReport({ ...empty, findings: [notOwned, { ...notOwned, message: 'again' }], counts });
  const entries = JSON.parse(await render('gitlab', report, context)) as readonly { readonly fingerprint: string }[];
  expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  expect(entries[0]?.fingerprint).toBe(notOwned.fingerprint);
});

test.each([
  ['nothing at all', empty, 'nothing to report in 4 objects'],
  ['everything', full, '1 denied, 1 warning (1 unverified), 1 audited, 3 errors, 1 exempted in 4 objects'],
  [
    'no object',
    makeReport({
      findings: [],
      exempted: [],
      errors: [],
      expiredExemptions: [],
      counts: { ...counts, objects: 0, files: 1 },
    }),
    '0 Gateway API objects in 1 file (1 other document)',
  ],
])('the summary of %s', (_name, report, line) => {
  expect(summaryLine(report)).toBe(line);
});

/** The parts of the SARIF 2.1.0 schema that code scanning insists on. */
const SARIF_SHAPE = {
  type: 'object',
  required: ['version', 'runs', '$schema'],
  properties: {
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool', 'results'],
        properties: {
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message', 'ruleId', 'level', 'locations', 'partialFingerprints'],
              properties: {
                level: { enum: ['none', 'note', 'warning', 'error'] },
                ruleIndex: { type: 'integer', minimum: 0 },
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            required: ['uri'],
                            properties: { uri: { type: 'string', pattern: "^(?![/.])[A-Za-z0-9%._/()~!*'-]+$" } },
                          },
                          region: {
                            type: 'object',
                            properties: {
                              startLine: { type: 'integer', minimum: 1 },
                              startColumn: { type: 'integer', minimum: 1 },
                            },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

test('sarif is of the shape that code scanning takes', async () => {
  const validate = new Ajv.default().compile(SARIF_SHAPE);
  const editOf = (): Promise<TextEdit> =>
    Promise.resolve({ start: { line: 7, column: 5 }, end: { line: 7, column: 5 }, text: '' });
  const sarif = await render('sarif', full, { ...context, editOf });
  expect(sarif).toContain('"fixes"');
  validate(JSON.parse(sarif));
  expect(validate.errors).toBe(null);
});

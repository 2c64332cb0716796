import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { POLICIES } from '../../policies/index.ts';
import { runHosts, runWhoOwns, type HostsOptions, type WhoOwnsOptions } from '../../src/check/hosts.ts';
import { OperatorError } from '../../src/errors.ts';
import { folderOf } from '../support/checkRun.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { testIo } from '../support/io.ts';
import { makeLeaf, tlsSecret } from '../support/leaf.ts';
import { httpRoute } from '../support/review.ts';

const PLACE = {
  paths: ['m'],
  stdinFilename: '<stdin>',
  policies: ['p'],
  cluster: false,
  kubeconfig: undefined,
  context: undefined,
  color: undefined,
};
const ALL = { namespace: undefined, owner: undefined, unowned: false, conflicts: false };
const HOSTS: HostsOptions = {
  ...PLACE,
  output: 'text',
  namespace: 'default',
  filter: ALL,
};

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function runIn(
  cwd: string,
  run: (io: ReturnType<typeof testIo>, deps: { policies: typeof POLICIES; version: string }) => Promise<number>,
  columns?: number,
): Promise<Run> {
  const io = testIo({ cwd, columns });
  try {
    return { code: await run(io, { policies: POLICIES, version: '1.2.3' }), out: io.out(), err: io.err() };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { code: error.exitCode, out: io.out(), err: `${io.err()}error: ${error.message}\n` };
  }
}

const hosts = (cwd: string, options: Partial<HostsOptions> = {}, columns?: number): Promise<Run> =>
  runIn(cwd, (io, deps) => runHosts({ ...HOSTS, ...options }, io, deps), columns);
const whoOwns = (cwd: string, hostname: string, options: Partial<WhoOwnsOptions> = {}): Promise<Run> =>
  runIn(cwd, (io, deps) => runWhoOwns({ ...PLACE, output: 'text', hostname, ...options }, io, deps));

const DOCUMENT = `apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public-hostnames }
spec:
  owners:
  - { hostnames: [shop.example.com], namespaces: [team-shop] }
  - { hostnames: [pay.example.com], namespaces: [team-pay] }
  - { hostnames: ["*.example.com"], namespaceSelector: { matchLabels: { tier: platform } } }
`;

const GATEWAY = `apiVersion: v1
kind: Namespace
metadata: { name: infra, labels: { tier: platform } }
---
apiVersion: v1
kind: Namespace
metadata: { name: team-shop }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
  - name: https
    port: 443
    protocol: HTTPS
    hostname: "*.example.com"
    tls: { certificateRefs: [{ name: example }] }
    allowedRoutes: { namespaces: { from: All } }
`;

const route = (at: string, hostname: string, section = ''): string => {
  const [namespace = '', name = ''] = at.split('/');
  const parent = `name: public, namespace: infra${section === '' ? '' : `, sectionName: ${section}`}`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${namespace} }
spec: { parentRefs: [{ ${parent} }], hostnames: ["${hostname}"] }
`;
};

const WORLD = {
  'p/hostnames.yaml': DOCUMENT,
  'm/gateway.yaml': GATEWAY,
  'm/routes.yaml': [
    route('team-shop/shop', 'shop.example.com'),
    route('team-shop/checkout', 'pay.example.com'),
    route('team-pay/pay', 'pay.example.com'),
    route('team-shop/extra', 'extra.example.org'),
  ].join('---\n'),
  'm/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: old, namespace: team-pay }
spec: { rules: [{ host: pay.example.com }] }
`,
};

describe('hosts', () => {
  test('lists every hostname with its conflicts below', async () => {
    using folder = folderOf(WORLD);
    expect(await hosts(folder.path)).toEqual({
      code: 0,
      err: '',
      out: `  HOSTNAME           OWNER          LISTENERS           ROUTES                                                                      CERTIFICATE
  *.example.com      tier=platform  infra/public:https  -                                                                           infra/example (not seen)
! pay.example.com    team-pay       infra/public:https  HTTPRoute team-pay/pay, HTTPRoute team-shop/checkout, Ingress team-pay/old  infra/example (not seen)
      not-owner: HTTPRoute team-shop/checkout uses it from a namespace that does not own it
      ingress: Ingress team-pay/old has it too
  shop.example.com   team-shop      infra/public:https  HTTPRoute team-shop/shop                                                    infra/example (not seen)
  extra.example.org  -              -                   HTTPRoute team-shop/extra (not attached)                                    -

4 hostnames, 1 with conflicts, 1 without an owner
`,
    });
  });

  test('fits a terminal', async () => {
    using folder = folderOf(WORLD);
    const { out } = await hosts(folder.path, { filter: { ...ALL, conflicts: true } }, 80);
    expect(out).toBe(`  HOSTNAME         OWNER     LISTENERS        ROUTES            CERTIFICATE
! pay.example.com  team-pay  infra/public:h…  HTTPRoute te… +2  infra/example (…
      not-owner: HTTPRoute team-shop/checkout uses it from a namespace that does not own it
      ingress: Ingress team-pay/old has it too

1 hostname, 1 with conflicts
`);
  });

  const rows: readonly (readonly [string, Partial<HostsOptions>, readonly string[]])[] = [
    ['by the namespace that uses it', { filter: { ...ALL, namespace: 'team-pay' } }, ['pay.example.com']],
    ['by the namespace that owns it', { filter: { ...ALL, owner: 'infra' } }, ['*.example.com']],
    ['by nobody’s', { filter: { ...ALL, unowned: true } }, ['extra.example.org']],
    ['by conflicts', { filter: { ...ALL, conflicts: true } }, ['pay.example.com']],
    ['by all at once', { filter: { ...ALL, conflicts: true, unowned: true } }, []],
  ];
  test.each(rows)('filters %s', async (_name, options, expected) => {
    using folder = folderOf(WORLD);
    const { out } = await hosts(folder.path, { ...options, output: 'csv' });
    const lines = out.trimEnd().split('\r\n').slice(1);
    expect(lines.map((line) => line.split(',')[0])).toEqual(expected);
  });

  test('tells of objects whose names are still to be generated', async () => {
    const generated = route('team-pay/pay', 'pay.example.com').replace('name: pay,', 'generateName: pay-,');
    using folder = folderOf({ 'm/gateway.yaml': GATEWAY, 'm/routes.yaml': `${generated}---\n${generated}` });
    const { out } = await hosts(folder.path, { policies: [], output: 'csv' });
    expect(out.split('\r\n')).toEqual([
      'hostname,owner,listeners,routes,certificate,conflicts',
      '*.example.com,,infra/public:https,,infra/example (not seen),',
      'pay.example.com,,infra/public:https,HTTPRoute team-pay/pay-*1; HTTPRoute team-pay/pay-*2,infra/example (not seen),',
      '',
    ]);
  });

  test('knows no owners without documents, and says so', async () => {
    using folder = folderOf(WORLD);
    const { code, out, err } = await hosts(folder.path, {
      policies: [],
      output: 'csv',
      filter: { ...ALL, conflicts: true },
    });
    expect({ code, out, err }).toEqual({
      code: 0,
      err: 'note: who owns a hostname stands in policy documents: name them with --policies\n',
      out: [
        'hostname,owner,listeners,routes,certificate,conflicts',
        'pay.example.com,,infra/public:https,HTTPRoute team-pay/pay; HTTPRoute team-shop/checkout; Ingress team-pay/old,infra/example (not seen),"several-owners: held by several namespaces: HTTPRoute team-pay/pay, HTTPRoute team-shop/checkout; ingress: Ingress team-pay/old has it too"',
        '',
      ].join('\r\n'),
    });
    expect(await hosts(folder.path, { policies: [], filter: { ...ALL, unowned: true } })).toEqual({
      code: 2,
      out: '',
      err: 'error: --owner and --unowned need documents of kind HostnameOwnership: name them with --policies\n',
    });
  });

  test('writes Markdown', async () => {
    using folder = folderOf(WORLD);
    const { out } = await hosts(folder.path, { filter: { ...ALL, owner: 'team-shop' }, output: 'markdown' });
    expect(out).toBe(`### Gateward: 1 hostname

| hostname | owner | listeners | routes | certificate | conflicts |
| --- | --- | --- | --- | --- | --- |
| shop.example.com | team-shop | infra/public:https | HTTPRoute team-shop/shop | infra/example (not seen) |  |
`);
  });

  test('is one document as JSON', async () => {
    using folder = folderOf(WORLD);
    const { out } = await hosts(folder.path, { filter: { ...ALL, owner: 'team-shop' }, output: 'json' });
    const listener = { kind: 'Gateway', namespace: 'infra', name: 'public', listener: 'https' };
    expect(JSON.parse(out)).toEqual({
      apiVersion: 'gateward.dev/v1alpha1',
      kind: 'HostnameList',
      summary: { hostnames: 1, conflicts: 0, unowned: 0 },
      items: [
        {
          hostname: 'shop.example.com',
          owner: {
            hostname: 'shop.example.com',
            lines: [{ document: 'public-hostnames', path: 'spec.owners[0]', namespaces: ['team-shop'] }],
          },
          listeners: [
            {
              ...listener,
              hostname: '*.example.com',
              port: 443,
              protocol: 'HTTPS',
              gateway: { kind: 'Gateway', namespace: 'infra', name: 'public' },
              admitted: true,
              certificate: { state: 'unseen', secrets: ['infra/example'], problem: null, notAfter: null },
            },
          ],
          routes: [{ kind: 'HTTPRoute', namespace: 'team-shop', name: 'shop', attached: true, listeners: [listener] }],
          ingresses: [],
          conflicts: [],
        },
      ],
    });
  });

  test('says what cannot be read, and lists the rest', async () => {
    using folder = folderOf({ ...WORLD, 'm/bad.yaml': 'a: [\n' });
    const { code, err } = await hosts(folder.path);
    expect([code, err]).toEqual([
      3,
      'error: m/bad.yaml:2:1: unexpected end of the stream within a flow collection; mend the file; the others were judged [input/unparsable]\n',
    ]);
  });

  test('writes what a spreadsheet would take for a formula as text', async () => {
    using folder = folderOf({ 'm/r.yaml': route('team-shop/a', '=cmd()') });
    const { out } = await hosts(folder.path, { policies: [], output: 'csv' });
    expect(out.split('\r\n')[1]).toBe("'=cmd(),,,HTTPRoute team-shop/a (not attached),,");
  });
});

describe('conflicts', () => {
  const listener = (name: string, hostname: string): string =>
    `  - { name: ${name}, port: 443, protocol: HTTPS, hostname: "${hostname}", allowedRoutes: { namespaces: { from: All } } }\n`;
  const gateway = `${GATEWAY.slice(0, GATEWAY.indexOf('  - name: https'))}${listener('wild', '*.example.com')}${listener('shop', 'shop.example.com')}`;
  const of = async (
    files: Readonly<Record<string, string>>,
    policies: readonly string[],
  ): Promise<readonly string[]> => {
    using folder = folderOf({ 'p/hostnames.yaml': DOCUMENT, ...files });
    const { out } = await hosts(folder.path, { policies });
    return out.split('\n').flatMap((line) => /^ {6}(.*)$/.exec(line)?.[1] ?? []);
  };

  test('a listener that never gets the requests of its route', async () => {
    const found = await of(
      { 'm/g.yaml': gateway, 'm/r.yaml': route('team-shop/shop', 'shop.example.com', 'wild') },
      [],
    );
    expect(found).toEqual([
      'shadowed: HTTPRoute team-shop/shop gets no requests through Gateway infra/public listener wild: Gateway infra/public listener shop is more specific and does not take the route',
    ]);
  });

  test('not when the more specific one takes the route too', async () => {
    expect(await of({ 'm/g.yaml': gateway, 'm/r.yaml': route('team-shop/shop', 'shop.example.com') }, [])).toEqual([]);
  });

  test('somebody takes requests from a wildcard', async () => {
    const files = {
      'm/g.yaml': GATEWAY,
      'm/r.yaml': [route('infra/all', '*.example.com'), route('team-pay/x', 'x.example.com')].join('---\n'),
    };
    expect(await of(files, [])).toEqual([
      'shadowed: x.example.com of HTTPRoute team-pay/x is more specific and takes requests from it',
    ]);
  });

  test('not when it is the taker’s own', async () => {
    const files = {
      'm/g.yaml': GATEWAY,
      'm/r.yaml': [route('infra/all', '*.example.com'), route('team-pay/pay', 'pay.example.com')].join('---\n'),
    };
    expect(await of(files, ['p'])).toEqual([]);
  });
});

describe('certificates', async () => {
  const shop = await makeLeaf(['shop.example.com'], '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
  const old = await makeLeaf(['*.example.com'], '2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
  const rows: readonly (readonly [string, readonly Readonly<Record<string, unknown>>[], readonly string[]])[] = [
    ['that is not in sight', [], ['infra/example (not seen)', 'infra/example (not seen)', 'infra/example (not seen)']],
    [
      'for one name',
      [tlsSecret('infra/example', shop.cert, shop.key)],
      [
        'infra/example until 2027-01-01 (covers part of it)',
        'infra/example (does not cover it)',
        'infra/example until 2027-01-01',
      ],
    ],
    [
      'that has ended',
      [tlsSecret('infra/example', old.cert, old.key)],
      ['infra/example (ended 2026-01-01)', 'infra/example (ended 2026-01-01)', 'infra/example (ended 2026-01-01)'],
    ],
    [
      'that is none',
      [tlsSecret('infra/example', 'nothing', shop.key)],
      ['infra/example (unusable)', 'infra/example (unusable)', 'infra/example (unusable)'],
    ],
  ];
  test.each(rows)('one %s', async (_name, secrets, expected) => {
    using folder = folderOf({
      ...WORLD,
      'm/secrets.yaml': secrets.map((secret) => `---\n${stringify(secret)}`).join(''),
    });
    const { out } = await hosts(folder.path, { policies: [], output: 'csv' });
    const lines = out.split('\r\n').slice(1, 4);
    expect(lines.map((line) => line.split(',')[4])).toEqual(expected);
  });
});

describe('who-owns', () => {
  test('says which line decides, what else would, who uses it, and the next step', async () => {
    using folder = folderOf(WORLD);
    expect(await whoOwns(folder.path, 'Pay.Example.com.')).toEqual({
      code: 0,
      err: '',
      out: `pay.example.com belongs to namespace team-pay
  by pay.example.com → namespace team-pay (HostnameOwnership public-hostnames, spec.owners[1]), the most specific hostname that covers it
  would cover it too, were it not for that: *.example.com → namespaces with tier=platform (HostnameOwnership public-hostnames, spec.owners[2])
used by
  Gateway infra/public listener https  (as part of *.example.com)
  HTTPRoute team-pay/pay through Gateway infra/public listener https
  HTTPRoute team-shop/checkout through Gateway infra/public listener https
  Ingress team-pay/old
  ! not-owner: HTTPRoute team-shop/checkout uses it from a namespace that does not own it
  ! ingress: Ingress team-pay/old has it too
next step: whoever else wants it asks namespace team-pay to agree to a line in owners of HostnameOwnership public-hostnames, which would then share it: { hostnames: ["pay.example.com"], namespaces: [YOURS] }
`,
    });
  });

  test('tells what is passed over among documents and manifests', async () => {
    using folder = folderOf({ ...WORLD, 'p/c/Chart.yaml': '', 'p/c/templates/b.yaml': '{{ .x }}' });
    const { code, err } = await whoOwns(folder.path, 'pay.example.com', { paths: ['m', 'p/c'] });
    expect([code, err]).toEqual([
      0,
      'warning: p/c/templates: holds Helm templates, which are passed over: helm template p/c renders them\n' +
        'hint: p/c/templates holds Helm templates, which were passed over: helm template p/c renders them\n',
    ]);
  });

  test('needs no objects, and tells of lines below a wildcard', async () => {
    using folder = folderOf(WORLD);
    expect(await whoOwns(folder.path, '*.example.com', { paths: [] })).toEqual({
      code: 0,
      err: '',
      out: `*.example.com belongs to namespaces with tier=platform
  by *.example.com → namespaces with tier=platform (HostnameOwnership public-hostnames, spec.owners[2]), the most specific hostname that covers it
  keeps what it names: pay.example.com → namespace team-pay (HostnameOwnership public-hostnames, spec.owners[1])
  keeps what it names: shop.example.com → namespace team-shop (HostnameOwnership public-hostnames, spec.owners[0])
used by nobody in sight
next step: whoever else wants it asks namespaces with tier=platform to agree to a line in owners of HostnameOwnership public-hostnames, which would then share it: { hostnames: ["*.example.com"], namespaces: [YOURS] }
`,
    });
  });

  test('names the nearest owner above what nobody owns', async () => {
    using folder = folderOf({ 'p/a.yaml': DOCUMENT.replace('"*.example.com"', 'other.example.com') });
    expect(await whoOwns(folder.path, 'a.b.pay.example.com', { paths: [] })).toEqual({
      code: 1,
      err: '',
      out: `a.b.pay.example.com has no owner
  nearest above: pay.example.com → namespace team-pay (HostnameOwnership public-hostnames, spec.owners[1]); it does not cover a.b.pay.example.com
used by nobody in sight
next step: whoever wants it has a line added to owners of HostnameOwnership public-hostnames: { hostnames: ["a.b.pay.example.com"], namespaces: [YOURS] }
`,
    });
  });

  test('is one document as JSON', async () => {
    using folder = folderOf(WORLD);
    const { code, out } = await whoOwns(folder.path, 'extra.example.org', { output: 'json', paths: [] });
    expect([code, JSON.parse(out)]).toEqual([
      1,
      {
        apiVersion: 'gateward.dev/v1alpha1',
        kind: 'HostnameAnswer',
        hostname: 'extra.example.org',
        owned: false,
        owner: null,
        alsoCovering: [],
        below: [],
        nearest: null,
        uses: [],
      },
    ]);
  });

  test.each([
    [
      'an address',
      '10.0.0.1',
      {},
      '"10.0.0.1" is an IP address, or ends in a number as one does; Gateway API takes DNS names only',
    ],
    ['a wildcard inside', 'a.*.b', {}, '"a.*.b" may have one wildcard, as the whole first label'],
    [
      'no documents',
      'a.b',
      { policies: [] },
      'who owns a hostname stands in policy documents: name them with --policies, or --cluster',
    ],
    ['paths beside a cluster', 'a.b', { cluster: true }, 'name paths or --cluster, one of them'],
  ])('refuses %s', async (_name, hostname, options, message) => {
    using folder = folderOf(WORLD);
    expect(await whoOwns(folder.path, hostname, options)).toEqual({ code: 2, out: '', err: `error: ${message}\n` });
  });
});

describe('over a cluster', () => {
  let fake: FakeApiServer | undefined;
  afterEach(() => fake?.close());
  const routes = '/apis/gateway.networking.k8s.io/v1/httproutes';
  const documents = '/apis/gateward.dev/v1alpha1/hostnameownerships';

  test('with the documents that are there, or without when they may not be read', async () => {
    const server = await fakeApiServer();
    fake = server;
    for (const collection of [routes, documents]) server.serve(collection);
    server.put(routes, httpRoute('shop.example.com', { name: 'a' }));
    server.put(documents, {
      apiVersion: 'gateward.dev/v1alpha1',
      kind: 'HostnameOwnership',
      metadata: { name: 'hosts' },
      spec: { owners: [{ hostnames: ['*.example.com'], namespaces: ['team-shop'] }] },
    });
    using folder = folderOf({
      kubeconfig: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    });
    const place = { paths: [], policies: [], cluster: true, kubeconfig: join(folder.path, 'kubeconfig') };
    expect((await hosts(folder.path, { ...place, output: 'csv' })).out.split('\r\n')[1]).toBe(
      'shop.example.com,team-shop,,HTTPRoute team-shop/a (not attached),,',
    );
    expect((await whoOwns(folder.path, 'pay.example.com', place)).out.split('\n')[0]).toBe(
      'pay.example.com belongs to namespace team-shop',
    );
    server.fault = (request, response) => request.path.includes('gateward.dev') && status(403)(request, response);
    const { code, err, out } = await hosts(folder.path, { ...place, output: 'csv' });
    expect([code, err, out.split('\r\n')[1]]).toEqual([
      0,
      `warning: ${server.url}: may not list backendreferences.gateward.dev\nnote: who owns a hostname stands in policy documents: name them with --policies\n`,
      'shop.example.com,,,HTTPRoute team-shop/a (not attached),,',
    ]);
    expect(await whoOwns(folder.path, 'pay.example.com', place)).toEqual({
      code: 4,
      out: '',
      err: `error: ${server.url}: may not list backendreferences.gateward.dev\n`,
    });
  });
});

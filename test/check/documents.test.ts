import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { check, findingsOf, folderOf } from '../support/checkRun.ts';

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - { name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: tls }] }, allowedRoutes: { namespaces: { from: All } } }
`;
const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: team-shop }
spec:
  parentRefs: [{ name: public, namespace: infra }]
  hostnames: [shop.example.com]
  rules: [{ timeouts: { request: 1s } }]
`;
const document = (kind: string, spec: string): string =>
  `apiVersion: gateward.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: a }\nspec: ${spec}\n`;

test('a file of the classes as they stand says what their controllers support', async () => {
  const classes = (feature: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'GatewayClass',
          metadata: { name: 'public', resourceVersion: '1', managedFields: [] },
          spec: { controllerName: 'example.com/controller' },
          status: { supportedFeatures: ['Gateway', 'HTTPRoute', feature].map((name) => ({ name })) },
        },
      ],
    });
  const documents = { 'p/a.yaml': document('SupportedFeatures', '{ action: Deny }') };
  const manifests = { 'm/gateway.yaml': GATEWAY, 'm/route.yaml': ROUTE };
  const paths = ['classes.yaml', 'm'];
  const found = [];
  for (const feature of ['HTTPRouteRequestTimeout', 'HTTPRouteMethodMatching']) {
    using folder = folderOf({ ...documents, ...manifests, 'classes.yaml': classes(feature) });
    const run = await check(folder.path, { policies: ['p'], paths, output: ['json'] }, { policies: POLICIES });
    found.push(findingsOf(run));
  }
  expect(found).toEqual([
    [],
    ['m/route.yaml:7:34 deny supported-features/unsupported HTTPRoute team-shop/shop spec.rules[0].timeouts.request'],
  ]);
});

test('a route in plain HTTP is told the redirect that belongs beside it, ready to apply', async () => {
  using folder = folderOf({
    'p/a.yaml': document('DefaultFilters', '{ action: Deny, mode: Require, disclose: Objects, httpsRedirect: {} }'),
    'm/gateway.yaml': GATEWAY,
    'm/route.yaml': ROUTE,
  });
  const options = { policies: ['p'], paths: ['m'] };
  const { stdout } = await check(folder.path, options, { policies: POLICIES });
  const fix = /^ {2}fix: (.*): (\{.*\})$/m.exec(stdout);
  expect([fix?.[1], JSON.parse(fix?.[2] ?? '{}')]).toEqual([
    'set sectionName to https, and redirect HTTP in another route',
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop-redirect', namespace: 'team-shop' },
      spec: {
        parentRefs: [
          {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            name: 'public',
            namespace: 'infra',
            sectionName: 'http',
          },
        ],
        hostnames: ['shop.example.com'],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
      },
    },
  ]);
  // With both the fix and the redirect nothing is left to say.
  using after = folderOf({
    'p/a.yaml': document('DefaultFilters', '{ action: Deny, mode: Require, httpsRedirect: {} }'),
    'm/gateway.yaml': GATEWAY,
    'm/route.yaml': ROUTE.replace('namespace: infra }', 'namespace: infra, sectionName: https }'),
    'm/redirect.yaml': fix?.[2] ?? '',
  });
  expect(await check(after.path, options, { policies: POLICIES })).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['ChannelPin', '{ channel: standard, bundle: v1.6.0-rc.1 }', '"v1.6.0-rc.1" is not a bundle', ''],
  [
    'ChannelPin',
    '{ channel: standard, allow: [{ kind: HTTPRoutes }] }',
    'no Gateway API bundle has this kind',
    'HTTPRoute',
  ],
  ['SupportedFeatures', '{ features: { a: [HTTPRouteCorss] } }', '"HTTPRouteCorss" is no feature', 'HTTPRouteCORS'],
  ['HostnameOwnership', '{ owners: [{ hostnames: [a.test], namespaces: [] }] }', 'at least 1', ''],
])('a bad %s %s is refused with the nearest word', async (kind, spec, problem, nearest) => {
  using folder = folderOf({ 'p/a.yaml': document(kind, spec), 'm/route.yaml': ROUTE });
  const { code, stderr } = await check(folder.path, { policies: ['p'], paths: ['m'] }, { policies: POLICIES });
  expect([code, stderr]).toEqual([2, expect.stringContaining(problem)]);
  expect(stderr).toContain(nearest === '' ? '' : `did you mean "${nearest}"?`);
});

test.each([
  ['a file of one', 'p/chart/templates/b.yaml'],
  ['its folder', 'p/chart/templates'],
  ['a pattern below it', 'p/chart/templates/*'],
])('policy documents among the templates of a chart: %s that is named is refused', async (_name, path) => {
  const own = document('NamespaceGate', '{}');
  using folder = folderOf({
    'a.yaml': own,
    'p/chart/Chart.yaml': '',
    'p/chart/templates/b.yaml': own,
    'm.yaml': ROUTE,
  });
  const options = { policies: ['a.yaml', path], paths: ['m.yaml'] };
  expect(await check(folder.path, options, { policies: POLICIES })).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${path}: lies among Helm templates: helm template p/chart renders them\n`,
  });
});

test('policy documents among the templates of a chart below a folder are passed over with a warning', async () => {
  using folder = folderOf({
    'p/a.yaml': document('NamespaceGate', '{}'),
    'p/chart/Chart.yaml': '',
    'p/chart/templates/b.yaml': '{{ .x }}',
    'p/templates/c.yaml': document('ListenerSafety', '{ action: Audit }'),
    'm.yaml': ROUTE,
  });
  const { code, stderr } = await check(folder.path, { policies: ['p'], paths: ['m.yaml'] }, { policies: POLICIES });
  expect([code, stderr]).toEqual([
    0,
    'warning: p/chart/templates: holds Helm templates, which are passed over: helm template p/chart renders them\n',
  ]);
});

test('what has no name yet is there for the others, and not beside itself', async () => {
  const unnamed = (namespace: string): string =>
    ROUTE.replace('{ name: shop, namespace: team-shop }', `{ generateName: shop-, namespace: ${namespace} }`).replace(
      '{ timeouts: { request: 1s } }',
      '{ backendRefs: [{ name: api, namespace: data, port: 80 }] }',
    );
  const grant = `apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { generateName: shops-, namespace: data }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: team-shop }]
  to: [{ group: "", kind: Service, name: api }]
`;
  const found = async (routes: readonly string[]): Promise<readonly string[]> => {
    using folder = folderOf({
      'p/a.yaml': document('ReferenceGrantScope', '{ action: Deny }'),
      'p/b.yaml': document('RoutePrecedence', '{ action: Deny }'),
      'm.yaml': [GATEWAY, grant, ...routes].join('---\n'),
    });
    return findingsOf(
      await check(folder.path, { policies: ['p'], paths: ['m.yaml'], output: ['json'] }, { policies: POLICIES }),
    );
  };
  expect(await found([unnamed('team-shop')])).toEqual([]);
  expect(await found([unnamed('team-shop'), unnamed('team-pay')])).toEqual([
    'm.yaml:23:11 deny route-precedence/duplicate HTTPRoute team-shop/shop- spec.rules[0].matches[0]',
    'm.yaml:31:11 deny route-precedence/duplicate HTTPRoute team-pay/shop- spec.rules[0].matches[0]',
  ]);
  expect(await found([])).toEqual(['m.yaml:13:1 warn? reference-grants/unused ReferenceGrant data/shops- spec']);
});

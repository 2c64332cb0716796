import { expect, test } from 'vitest';
import { indexed, isRoute, ruleProblems } from '#gateway';
import { checkedObject } from '../support/policyTable.ts';
import { make, type Fields } from '../support/gatewayObjects.ts';

const problemsOf = (kind: 'HTTPRoute' | 'GRPCRoute' | 'TCPRoute', ...rules: readonly Fields[]): readonly string[] => {
  const checked = checkedObject(make(kind, 'shop/r', { spec: { parentRefs: [{ name: 'g' }], rules } }));
  const route = indexed(checked.kind, checked.object);
  if (!isRoute(route)) throw new Error(`${kind} is no route`);
  return ruleProblems(route).map(({ rule, reason, message }) => `${rule} ${reason}: ${message}`);
};
const redirect = (fields: Fields): Fields => ({ type: 'RequestRedirect', requestRedirect: fields });
const rewrite = (fields: Fields): Fields => ({ type: 'URLRewrite', urlRewrite: fields });
const MATCH = 'supported: Exact, RegularExpression';
const METHODS = 'supported: GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH';
const MODIFIERS = 'supported: ReplaceFullPath, ReplacePrefixMatch';
const FILTERS =
  'supported: RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, RequestRedirect, URLRewrite, CORS, ExternalAuth, ExtensionRef';

test.each<readonly [string, Fields]>([
  [
    `spec.rules[0].matches[1].path.type is "Glob"; supported: Exact, PathPrefix, RegularExpression`,
    { matches: [{}, { path: { type: 'Glob', value: '/' } }] },
  ],
  [`spec.rules[0].matches[0].method is "get"; ${METHODS}`, { matches: [{ method: 'get' }] }],
  [
    `spec.rules[0].matches[0].headers[1].type is "Prefix"; ${MATCH}`,
    {
      matches: [
        {
          headers: [
            { name: 'a', value: 'b' },
            { name: 'c', value: 'd', type: 'Prefix' },
          ],
        },
      ],
    },
  ],
  [
    `spec.rules[0].matches[0].queryParams[0].type is "Prefix"; ${MATCH}`,
    { matches: [{ queryParams: [{ name: 'a', value: 'b', type: 'Prefix' }] }] },
  ],
  [
    `spec.rules[0].filters[1].type is "Teleport"; ${FILTERS}`,
    { filters: [redirect({ scheme: 'https' }), { type: 'Teleport' }] },
  ],
  [
    `spec.rules[0].backendRefs[1].filters[0].type is "Teleport"; ${FILTERS}`,
    {
      backendRefs: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80, filters: [{ type: 'Teleport' }] },
      ],
    },
  ],
  [
    'spec.rules[0].filters[0].requestRedirect.scheme is "ftp"; supported: http, https',
    { filters: [redirect({ scheme: 'ftp' })] },
  ],
  [
    'spec.rules[0].filters[0].requestRedirect.statusCode is "404"; supported: 301, 302, 303, 307, 308',
    { filters: [redirect({ statusCode: 404 })] },
  ],
  [
    `spec.rules[0].filters[0].requestRedirect.path.type is "Cut"; ${MODIFIERS}`,
    { filters: [redirect({ path: { type: 'Cut' } })] },
  ],
  [
    `spec.rules[0].filters[0].urlRewrite.path.type is "Cut"; ${MODIFIERS}`,
    { filters: [rewrite({ path: { type: 'Cut' } })] },
  ],
])('an HTTPRoute: %s', (message, rule) => {
  expect(problemsOf('HTTPRoute', rule)).toEqual([`0 UnsupportedValue: ${message}`]);
});

const GRPC_FILTERS = 'supported: RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, ExtensionRef';
test.each<readonly [string, Fields]>([
  [
    `spec.rules[0].matches[0].method.type is "PathPrefix"; ${MATCH}`,
    { matches: [{ method: { type: 'PathPrefix', service: 'a' } }] },
  ],
  [
    `spec.rules[0].matches[0].headers[0].type is "Prefix"; ${MATCH}`,
    { matches: [{ headers: [{ name: 'a', value: 'b', type: 'Prefix' }] }] },
  ],
  [`spec.rules[0].filters[0].type is "URLRewrite"; ${GRPC_FILTERS}`, { filters: [rewrite({ hostname: 'a.b' })] }],
])('a GRPCRoute: %s', (message, rule) => {
  expect(problemsOf('GRPCRoute', rule)).toEqual([`0 UnsupportedValue: ${message}`]);
});

test('each rule has its first problem; a redirect and a rewrite go together in none, and alone each does', () => {
  expect(
    problemsOf(
      'HTTPRoute',
      { matches: [{ method: 'GET' }], filters: [redirect({ scheme: 'https', statusCode: 301 })] },
      { filters: [rewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } })] },
      { matches: [{ method: 'get' }], filters: [{ type: 'Teleport' }] },
      {
        filters: [redirect({ scheme: 'https' })],
        backendRefs: [{ name: 'a', port: 80, filters: [rewrite({ hostname: 'a.b' })] }],
      },
    ),
  ).toEqual([
    `2 UnsupportedValue: spec.rules[2].matches[0].method is "get"; ${METHODS}`,
    '3 IncompatibleFilters: spec.rules[3] has both a RequestRedirect and a URLRewrite',
  ]);
  expect(problemsOf('GRPCRoute', { matches: [{ method: { service: 'a' } }] })).toEqual([]);
  expect(problemsOf('TCPRoute', { backendRefs: [{ name: 'a', port: 80 }] })).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { defaultFilters } from '../../policies/default-filters/policy.ts';
import { Store } from '../../src/cluster/store.ts';
import { evaluate, policySet, standing } from '../../src/engine/index.ts';
import { subjectOf } from '#policy';
import { checkedObject, policyTable } from '../support/policyTable.ts';

const set = (name: string, value: string) => ({ name, value });
const request = (modifier: unknown) => ({ type: 'RequestHeaderModifier', requestHeaderModifier: modifier });
const response = (modifier: unknown) => ({ type: 'ResponseHeaderModifier', responseHeaderModifier: modifier });
const backend = { name: 'web', port: 8080 };
const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } };
const frame = set('X-Frame-Options', 'DENY');

/** A route of one or more rules; without an argument it leaves `rules` to the API server's default. */
function route(...rules: readonly unknown[]): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop-web', namespace: 'team-shop' },
    spec: { parentRefs: [{ name: 'public' }], ...(rules.length === 0 ? {} : { rules }) },
  };
}

function grpcRoute(...rules: readonly unknown[]): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GRPCRoute',
    metadata: { name: 'shop-api', namespace: 'team-shop' },
    spec: { parentRefs: [{ name: 'public' }], ...(rules.length === 0 ? {} : { rules }) },
  };
}

function numbered(count: number): readonly { readonly name: string; readonly value: string }[] {
  return Array.from({ length: count }, (_, at) => set(`X-Own-${at}`, 'a'));
}

const document = (spec: unknown) => [{ name: 'headers', spec }];
const both = {
  action: 'Deny',
  filters: [response({ set: [frame], remove: ['Server'] }), request({ remove: ['X-Forwarded-User'] })],
};
const full = [response({ set: [frame], remove: ['Server'] }), request({ remove: ['X-Forwarded-User'] })];
const allOfBoth = 'request: remove X-Forwarded-User; response: set X-Frame-Options, remove Server';
const override = { action: 'Deny', onConflict: 'Override', filters: [response({ set: [frame], remove: ['Server'] })] };
const https = { action: 'Deny', httpsRedirect: {} };
const http = { name: 'http', port: 80, protocol: 'HTTP' };
const secure = { name: 'https', port: 443, protocol: 'HTTPS' };

const all = { from: 'All' };
const selected = { from: 'Selector', selector: { matchLabels: { a: 'b' } } };

function gateway(listeners: readonly object[], spec: object = {}, name = 'public'): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'infra' },
    spec: {
      gatewayClassName: 'public',
      ...spec,
      listeners: listeners.map((listener) => ({ allowedRoutes: { namespaces: all }, ...listener })),
    },
  };
}

function attached(ref: object, spec: object = {}, metadata: object = { name: 'shop-web' }): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace: 'team-shop', ...metadata },
    spec: {
      parentRefs: [{ name: 'public', namespace: 'infra', ...ref }],
      rules: [{ backendRefs: [backend] }],
      ...spec,
    },
  };
}

const plain = (listener = 'a listener of protocol HTTP', statusCode = 301) => ({
  rule: 'plain-http',
  path: 'spec.parentRefs[0]',
  message:
    `spec.parentRefs[0] serves the route in plain HTTP over ${listener}. Attach it to the HTTPS listener with sectionName, ` +
    `and let a route of its own answer HTTP with a ${statusCode} redirect (headers)`,
});
const pin = [{ op: 'add', path: '/spec/parentRefs/0/sectionName', value: 'https' }] as const;
const lacks = (path: string, headers: string) => ({
  rule: 'missing-filter',
  path,
  message: `${path} lacks the default filters of headers: ${headers}. Add them to the rule; gateward check --fix does`,
});

const misled = (value: string): unknown => {
  const filters = [response({ set: [set('X-Frame-Options', value)], remove: ['Server'] })];
  return route({ filters, backendRefs: [{ ...backend, filters }] });
};
const backendFilter = 'spec.rules[0].backendRefs[0].filters[0].responseHeaderModifier';
const misleading = [
  lacks('spec.rules[0].filters[0]', 'response: set X-Frame-Options'),
  {
    rule: 'undone-by-backend',
    path: backendFilter,
    message: `${backendFilter} works against the default filters of headers: response: set X-Frame-Options. Take it out of the backend`,
  },
] as const;

policyTable(defaultFilters, {
  documents: document(both),
  valid: [
    {
      name: 'a rule that has them all',
      object: route({
        filters: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame], remove: ['Server'] })],
        backendRefs: [backend],
      }),
    },
    {
      name: 'names that differ in case, among others',
      object: route({
        filters: [
          response({ set: [set('X-Other', 'a'), set('x-frame-options', 'DENY')], remove: ['SERVER'] }),
          request({ remove: ['x-forwarded-user'] }),
        ],
        backendRefs: [backend],
      }),
    },
    {
      name: 'KeepRoute: the route does something else with each header',
      object: route({
        filters: [
          response({ add: [set('x-frame-options', 'SAMEORIGIN')], set: [set('server', 'shop')] }),
          request({ set: [set('x-forwarded-user', 'nobody')] }),
        ],
        backendRefs: [backend],
      }),
    },
    { name: 'a rule whose only job is a redirect', object: route({ filters: [redirect] }) },
    {
      name: 'a redirect with an empty list of backends',
      object: route({ filters: [redirect], backendRefs: [] }),
    },
    { name: 'a GRPCRoute without rules', object: grpcRoute() },
    {
      name: 'another kind than the document matches',
      documents: document({ ...both, match: { kinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }] } }),
      object: grpcRoute({ backendRefs: [backend] }),
      skipped: true,
    },
    {
      name: 'Override: the header is done as wanted in a backend too',
      documents: document(override),
      object: route({
        filters: [response({ set: [frame], remove: ['Server'] })],
        backendRefs: [{ ...backend, filters: [response({ set: [frame, set('X-Other', 'a')] })] }],
      }),
    },
    {
      name: 'KeepRoute: a backend does otherwise',
      object: route({
        filters: [response({ set: [frame], remove: ['Server'] }), request({ remove: ['X-Forwarded-User'] })],
        backendRefs: [{ ...backend, filters: [response({ remove: ['X-Frame-Options'] })] }],
      }),
    },
    {
      name: 'a document of filters says nothing of plain HTTP',
      documents: document(both),
      state: [gateway([http])],
      object: attached({}, { rules: [{ filters: full, backendRefs: [backend] }] }),
    },
    {
      name: 'Override: a header is added as wanted',
      documents: document({ ...override, filters: [response({ add: [set('Vary', 'Origin')] })] }),
      object: route({ filters: [response({ add: [set('vary', 'Origin')] })], backendRefs: [backend] }),
    },
    {
      name: 'https: attached to the HTTPS listener only',
      documents: document(https),
      state: [gateway([http, secure])],
      object: attached({ sectionName: 'https' }),
    },
    {
      name: 'https: a redirect over HTTP',
      documents: document(https),
      state: [gateway([http, secure])],
      object: attached({}, { rules: [{ filters: [redirect] }] }),
    },
    {
      name: 'https: the HTTP listener is for another hostname, kind, namespace or port',
      documents: document(https),
      state: [
        gateway([
          { ...http, name: 'other-host', hostname: 'other.example.com' },
          { ...http, name: 'other-kind', allowedRoutes: { namespaces: all, kinds: [{ kind: 'GRPCRoute' }] } },
          { ...http, name: 'own-namespace', allowedRoutes: { namespaces: { from: 'Same' } } },
          { ...http, name: 'none', allowedRoutes: { namespaces: { from: 'None' } } },
          { ...http, name: 'other-port', port: 8080 },
          { ...http, name: 'selected', allowedRoutes: { namespaces: selected } },
        ]),
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-shop', labels: { a: 'c' } } },
      ],
      object: attached({ port: 80 }, { hostnames: ['shop.example.com'] }),
    },
    { name: 'https: a parent out of sight is not judged', documents: document(https), object: attached({}) },
    {
      name: 'https: a Service as parent',
      documents: document(https),
      object: attached({ group: '', kind: 'Service' }),
    },
    {
      name: 'nothing is judged on DELETE',
      operation: 'DELETE',
      object: route({ backendRefs: [backend] }),
      skipped: true,
    },
  ],
  invalid: [
    {
      name: 'UPDATE: the same listener name of another Gateway is another violation',
      documents: document(https),
      oldObject: attached({ name: 'internal', sectionName: 'http' }),
      object: attached({ sectionName: 'http' }),
      state: [gateway([http]), gateway([http], {}, 'internal')],
      expect: [plain()],
    },
    {
      name: 'UPDATE: fewer listeners of the same Gateway are not',
      documents: document(https),
      oldObject: attached({}),
      object: attached({ sectionName: 'http' }),
      state: [gateway([{ ...http, name: 'old', port: 8080 }, http])],
      expect: [{ ...plain(), relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: one rule has them now, and another has lost them',
      oldObject: route(
        { matches: [{ path: { value: '/a' } }], backendRefs: [backend] },
        { matches: [{ path: { value: '/b' } }], filters: full, backendRefs: [backend] },
      ),
      object: route(
        { matches: [{ path: { value: '/a' } }], filters: full, backendRefs: [backend] },
        { matches: [{ path: { value: '/b' } }], backendRefs: [backend] },
      ),
      expect: [lacks('spec.rules[1]', allOfBoth)],
    },
    {
      name: 'UPDATE: the rule that lacks them moves',
      oldObject: route({ matches: [{ path: { type: 'PathPrefix', value: '/a' } }], backendRefs: [backend] }),
      object: route(
        { matches: [{ path: { value: '/b' } }], filters: full, backendRefs: [backend] },
        { matches: [{ path: { value: '/a', type: 'PathPrefix' } }], backendRefs: [backend] },
      ),
      expect: [{ ...lacks('spec.rules[1]', allOfBoth), relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: one header of several has come',
      oldObject: route({ backendRefs: [backend] }),
      object: route({ filters: [request({ remove: ['X-Forwarded-User'] })], backendRefs: [backend] }),
      expect: [{ ...lacks('spec.rules[0]', 'response: set X-Frame-Options, remove Server'), relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: one header has come, and another has gone',
      oldObject: route({ filters: [response({ set: [frame], remove: ['Server'] })], backendRefs: [backend] }),
      object: route({ filters: [request({ remove: ['X-Forwarded-User'] })], backendRefs: [backend] }),
      expect: [lacks('spec.rules[0]', 'response: set X-Frame-Options, remove Server')],
    },
    {
      name: 'UPDATE: two rules lack one header each, then one rule both',
      oldObject: route(
        {
          matches: [{ path: { value: '/a' } }],
          filters: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame] })],
          backendRefs: [backend],
        },
        {
          matches: [{ path: { value: '/b' } }],
          filters: [request({ remove: ['X-Forwarded-User'] }), response({ remove: ['Server'] })],
          backendRefs: [backend],
        },
      ),
      object: route(
        {
          matches: [{ path: { value: '/a' } }],
          filters: [request({ remove: ['X-Forwarded-User'] }), response({ remove: ['Server'] })],
          backendRefs: [backend],
        },
        { matches: [{ path: { value: '/b' } }], filters: full, backendRefs: [backend] },
      ),
      expect: [lacks('spec.rules[0].filters[1]', 'response: set X-Frame-Options')],
    },
    {
      name: 'UPDATE, Override: the rule and its backend set the header as before',
      documents: document(override),
      oldObject: misled('SAMEORIGIN'),
      object: misled('SAMEORIGIN'),
      expect: [
        { ...misleading[0], relief: 'ratcheted' },
        { ...misleading[1], relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE, Override: they set it to something else',
      documents: document(override),
      oldObject: misled('SAMEORIGIN'),
      object: misled('ALLOWALL'),
      expect: misleading,
    },
    {
      name: 'https: nothing to pin to',
      documents: document(https),
      state: [gateway([http])],
      object: attached({}),
      expect: [plain()],
      restsOn: [],
    },
    {
      name: 'https: one of two parents',
      documents: document(https),
      state: [gateway([secure], {}, 'internal'), gateway([http])],
      object: attached({}, { parentRefs: ['internal', 'public'].map((name) => ({ name, namespace: 'infra' })) }),
      expect: [
        {
          ...plain(),
          path: 'spec.parentRefs[1]',
          message: plain().message.replace('spec.parentRefs[0]', 'spec.parentRefs[1]'),
        },
      ],
    },
    {
      name: 'https: one HTTP listener takes the route whatever the labels out of sight',
      documents: document({ ...https, disclose: 'Objects' }),
      visibility: { Namespace: 'some' },
      state: [
        gateway([
          { ...http, name: 'selected', allowedRoutes: { namespaces: selected } },
          { ...http, name: 'open', port: 8080 },
        ]),
      ],
      object: attached({}),
      expect: [plain('listener open')],
      restsOn: [],
    },
    {
      name: 'https: a default Gateway',
      documents: document(https),
      state: [gateway([http, secure], { defaultScope: 'All' })],
      object: attached({}, { parentRefs: [], useDefaultGateways: 'All' }),
      expect: [
        {
          ...plain(),
          path: 'spec.useDefaultGateways',
          message: plain().message.replace('spec.parentRefs[0]', 'spec.useDefaultGateways'),
        },
      ],
      fixes: [],
    },
    {
      name: 'https: the HTTP listener is named on purpose',
      documents: document(https),
      state: [gateway([http, secure])],
      object: attached({ sectionName: 'http' }),
      expect: [plain()],
    },
    {
      name: 'https: a ListenerSet of the same namespace, named in the message',
      documents: document(https),
      state: [
        gateway([secure]),
        {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'ListenerSet',
          metadata: { name: 'extra', namespace: 'team-shop' },
          spec: { parentRef: { name: 'public', namespace: 'infra' }, listeners: [http] },
        },
      ],
      object: attached({ kind: 'ListenerSet', name: 'extra', namespace: 'team-shop' }),
      expect: [plain('listener http')],
    },
    {
      name: 'https: an XListenerSet, and the labels of the namespace out of sight',
      documents: document(https),
      visibility: 'some',
      state: [
        gateway([secure]),
        {
          apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
          kind: 'XListenerSet',
          metadata: { name: 'extra', namespace: 'infra' },
          spec: {
            parentRef: { name: 'public' },
            listeners: [
              { ...http, allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { a: 'b' } } } } },
            ],
          },
        },
      ],
      object: attached({ group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet', name: 'extra' }),
      expect: [{ ...plain(), certain: false }],
    },
    {
      name: 'a rule without any, and one beside it that has them',
      object: route(
        { backendRefs: [backend] },
        {
          filters: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame], remove: ['Server'] })],
          backendRefs: [backend],
        },
      ),
      expect: [
        lacks('spec.rules[0]', 'request: remove X-Forwarded-User; response: set X-Frame-Options, remove Server'),
      ],
    },
    {
      name: 'a GRPCRoute',
      object: grpcRoute({ filters: [request({ remove: ['X-Forwarded-User'] })], backendRefs: [backend] }),
      expect: [lacks('spec.rules[0]', 'response: set X-Frame-Options, remove Server')],
    },
    {
      name: 'several headers of each action',
      documents: document({
        filters: [response({ set: [frame, set('X-A', 'a')], add: [set('X-B', 'b')], remove: ['Server', 'X-C'] })],
      }),
      object: route({ backendRefs: [backend] }),
      expect: [lacks('spec.rules[0]', 'response: set X-Frame-Options, X-A, add X-B, remove Server, X-C')],
    },
    {
      name: 'one header of a modifier',
      object: route({
        filters: [response({ set: [frame] }), request({ remove: ['X-Forwarded-User'] })],
        backendRefs: [backend],
      }),
      expect: [lacks('spec.rules[0].filters[0]', 'response: remove Server')],
    },
    {
      name: 'a rule with neither redirect nor backend answers 500, with headers',
      object: route({ filters: [request({ remove: ['X-Forwarded-User'] })] }),
      expect: [lacks('spec.rules[0]', 'response: set X-Frame-Options, remove Server')],
    },
    {
      name: 'Suggest is a warning at most, whatever the rules say',
      documents: document({ ...both, mode: 'Suggest', rules: { 'missing-filter': 'Deny' } }),
      object: route({ filters: [request({ remove: ['X-Forwarded-User'] })], backendRefs: [backend] }),
      expect: [{ ...lacks('spec.rules[0]', 'response: set X-Frame-Options, remove Server'), action: 'Warn' }],
    },
    {
      name: 'Override: another value in the rule',
      documents: document(override),
      object: route({
        filters: [response({ set: [set('X-Frame-Options', 'SAMEORIGIN')], remove: ['Server'] })],
        backendRefs: [backend],
      }),
      expect: [lacks('spec.rules[0].filters[0]', 'response: set X-Frame-Options')],
    },
    {
      name: 'KeepRoute: a rule lacks them, and its backend does otherwise',
      documents: document({ ...both, filters: [response({ remove: ['Server'] })] }),
      object: route({
        backendRefs: [{ ...backend, filters: [response({ set: [set('Server', 'shop')] })] }],
      }),
      expect: [lacks('spec.rules[0]', 'response: remove Server')],
    },
    {
      name: 'Override: a backend does otherwise',
      documents: document(override),
      object: route({
        filters: [response({ set: [frame], remove: ['Server'] })],
        backendRefs: [
          backend,
          { ...backend, filters: [response({ set: [set('server', 'x')], remove: ['x-frame-options'] })] },
        ],
      }),
      expect: [
        {
          rule: 'undone-by-backend',
          path: 'spec.rules[0].backendRefs[1].filters[0].responseHeaderModifier',
          message:
            'spec.rules[0].backendRefs[1].filters[0].responseHeaderModifier works against the default filters of headers: ' +
            'response: set server, remove x-frame-options. Take it out of the backend',
        },
      ],
    },
    {
      name: 'a list of 16 is full; the other filter still fits',
      object: route({ filters: [response({ set: numbered(16) })], backendRefs: [backend] }),
      expect: [
        lacks('spec.rules[0]', 'request: remove X-Forwarded-User'),
        {
          rule: 'no-room',
          path: 'spec.rules[0].filters[0].responseHeaderModifier.set',
          message:
            'spec.rules[0].filters[0].responseHeaderModifier.set lacks the default filters of headers: response: set X-Frame-Options, ' +
            'remove Server, and has no room: 16 entries are allowed. Merge some',
        },
      ],
    },
    {
      name: '15 filters have room for one more, not for two',
      object: route({
        filters: Array.from({ length: 15 }, () => ({
          type: 'ExtensionRef',
          extensionRef: { group: 'example.com', kind: 'Plugin', name: 'a' },
        })),
        backendRefs: [backend],
      }),
      expect: [
        lacks('spec.rules[0]', 'request: remove X-Forwarded-User'),
        {
          rule: 'no-room',
          path: 'spec.rules[0].filters',
          message:
            'spec.rules[0].filters lacks the default filters of headers: response: set X-Frame-Options, remove Server, and has no room: ' +
            '16 entries are allowed. Merge some',
        },
      ],
    },
  ],
  patched: [
    {
      name: 'a list takes 16 headers',
      documents: document({ ...both, filters: [response({ set: [frame] })] }),
      object: route({ filters: [response({ set: numbered(15) })], backendRefs: [backend] }),
      patch: [{ op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/set/-', value: frame }],
    },
    {
      name: 'Mutate: a modifier that is null or not there',
      documents: document({ ...both, mode: 'Mutate', filters: [response({ set: [frame] })] }),
      object: route(
        { filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: null }], backendRefs: [backend] },
        { filters: [{ type: 'ResponseHeaderModifier' }], backendRefs: [backend] },
      ),
      patch: [0, 1].map((rule) => ({
        op: 'add' as const,
        path: `/spec/rules/${rule}/filters/0/responseHeaderModifier`,
        value: { set: [frame] },
      })),
    },
    {
      name: 'Override: a header is added where it is set, to another value, or twice',
      documents: document({ ...override, filters: [response({ add: [set('Vary', 'Origin')] })] }),
      object: route(
        { filters: [response({ set: [set('Vary', 'Origin')] })], backendRefs: [backend] },
        { filters: [response({ add: [set('Vary', 'Cookie')] })], backendRefs: [backend] },
        { filters: [response({ set: [set('Vary', 'Cookie')], add: [set('Vary', 'Origin')] })], backendRefs: [backend] },
      ),
      patch: [
        {
          op: 'add',
          path: '/spec/rules/0/filters/0/responseHeaderModifier/add',
          value: [set('Vary', 'Origin')],
        },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/set' },
        {
          op: 'replace',
          path: '/spec/rules/1/filters/0/responseHeaderModifier/add/0',
          value: set('Vary', 'Origin'),
        },
        { op: 'remove', path: '/spec/rules/2/filters/0/responseHeaderModifier/set' },
      ],
    },
    {
      name: 'Override: a header is set where it is added with that value',
      documents: document({ ...override, filters: [response({ set: [frame] })] }),
      object: route({ filters: [response({ add: [frame] })], backendRefs: [backend] }),
      patch: [
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/set', value: [frame] },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/add' },
      ],
    },
    {
      name: 'Override: several entries of one list go',
      documents: document(override),
      object: route({
        filters: [
          response({
            set: [frame],
            add: [set('Server', 'a'), set('X-Own', 'b'), set('SERVER', 'c')],
            remove: ['server', 'Via', 'SERVER'],
          }),
        ],
        backendRefs: [backend],
      }),
      patch: [
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/add/2' },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/add/0' },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove/2' },
      ],
    },
    {
      name: 'https: pinned at one of two parents',
      documents: document(https),
      state: [gateway([secure], {}, 'internal'), gateway([http, secure])],
      object: attached({}, { parentRefs: ['public', 'internal'].map((name) => ({ name, namespace: 'infra' })) }),
      expect: [plain()],
      patch: pin,
    },
    {
      name: 'https: pinned to the one HTTPS listener that serves as much',
      documents: document(https),
      state: [
        gateway([
          { ...http, hostname: 'shop.example.com' },
          { ...secure, hostname: '*.example.com' },
        ]),
      ],
      object: attached({}),
      expect: [plain()],
      patch: pin,
    },
    {
      name: 'https: a listener is named where the document discloses objects',
      documents: document({ ...https, disclose: 'Objects', httpsRedirect: { statusCode: 308 } }),
      state: [gateway([http, secure])],
      object: attached({}),
      expect: [plain('listener http', 308)],
      patch: pin,
    },
    {
      name: 'the rule that the API server would default is written down',
      object: route(),
      patch: [
        {
          op: 'add',
          path: '/spec/rules',
          value: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
        },
        {
          op: 'add',
          path: '/spec/rules/0/filters',
          value: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame], remove: ['Server'] })],
        },
      ],
    },
    {
      name: 'Require: into a rule without filters, and into one with other filters',
      object: route(
        { backendRefs: [backend] },
        { filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'web.example.com' } }], backendRefs: [backend] },
      ),
      patch: [
        {
          op: 'add',
          path: '/spec/rules/0/filters',
          value: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame], remove: ['Server'] })],
        },
        { op: 'add', path: '/spec/rules/1/filters/-', value: request({ remove: ['X-Forwarded-User'] }) },
        { op: 'add', path: '/spec/rules/1/filters/-', value: response({ set: [frame], remove: ['Server'] }) },
      ],
    },
    {
      name: 'Mutate: merged into the modifiers that are there, with and without the list',
      documents: document({ ...both, mode: 'Mutate' }),
      object: route({
        filters: [response({ set: [set('X-Own', 'a')] }), request({ remove: ['X-Own'] })],
        backendRefs: [backend],
      }),
      expect: [
        lacks('spec.rules[0]', 'request: remove X-Forwarded-User; response: set X-Frame-Options, remove Server'),
      ],
      patch: [
        { op: 'add', path: '/spec/rules/0/filters/1/requestHeaderModifier/remove/-', value: 'X-Forwarded-User' },
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/set/-', value: frame },
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove', value: ['Server'] },
      ],
    },
    {
      name: 'Mutate: nulls in the object as it came count as absent',
      documents: document({ ...both, mode: 'Mutate' }),
      object: route({ filters: null, backendRefs: [backend] }),
      patch: [
        {
          op: 'add',
          path: '/spec/rules/0/filters',
          value: [request({ remove: ['X-Forwarded-User'] }), response({ set: [frame], remove: ['Server'] })],
        },
      ],
    },
    {
      name: 'Mutate: two documents meet in one filter',
      documents: [
        { name: 'frames', spec: { mode: 'Mutate', filters: [response({ set: [frame] })] } },
        { name: 'server', spec: { mode: 'Mutate', filters: [response({ remove: ['Server'] })] } },
      ],
      object: route({ backendRefs: [backend] }),
      patch: [
        { op: 'add', path: '/spec/rules/0/filters', value: [response({ set: [frame] })] },
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove', value: ['Server'] },
      ],
    },
    {
      name: 'Override: in place, in any case, and out of the lists that do otherwise',
      documents: document(override),
      object: route({
        filters: [
          response({
            set: [set('x-frame-options', 'SAMEORIGIN'), set('X-Own', 'a'), set('X-FRAME-OPTIONS', 'b')],
            add: [set('server', 'shop')],
          }),
        ],
        backendRefs: [backend],
      }),
      patch: [
        {
          op: 'replace',
          path: '/spec/rules/0/filters/0/responseHeaderModifier/set/0',
          value: set('x-frame-options', 'DENY'),
        },
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove', value: ['Server'] },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/set/2' },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/add' },
      ],
    },
    {
      name: 'Override: the entries that stay are not written anew',
      documents: document(override),
      object: route({
        filters: [
          response({
            set: [set('X-Own', 'a'), set('x-frame-options', 'SAMEORIGIN')],
            add: [set('Server', 'shop'), set('X-Other', 'b')],
            remove: ['server'],
          }),
        ],
        backendRefs: [backend],
      }),
      patch: [
        {
          op: 'replace',
          path: '/spec/rules/0/filters/0/responseHeaderModifier/set/1',
          value: set('x-frame-options', 'DENY'),
        },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/add/0' },
      ],
    },
    {
      name: 'Override: nor are those that move up where another goes and one comes',
      documents: document(override),
      object: route({
        filters: [response({ set: [frame], remove: ['X-Frame-Options', 'Via'] })],
        backendRefs: [backend],
      }),
      patch: [
        { op: 'add', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove/-', value: 'Server' },
        { op: 'remove', path: '/spec/rules/0/filters/0/responseHeaderModifier/remove/0' },
      ],
    },
  ],
  refused: [
    {
      name: 'a document that asks for nothing',
      documents: document({}),
      issues: [{ path: 'spec.filters', message: 'asks for nothing: give filters or httpsRedirect' }],
    },
    {
      name: 'a filter that cannot be merged into any rule',
      documents: document({ filters: [{ type: 'CORS' }] }),
      issues: [
        {
          path: 'spec.filters[0].type',
          message: '"CORS" is not one of RequestHeaderModifier | ResponseHeaderModifier',
        },
      ],
    },
    {
      name: 'a filter whose field belongs to another type',
      documents: document({ filters: [{ type: 'RequestHeaderModifier', responseHeaderModifier: { set: [frame] } }] }),
      issues: [
        { path: 'spec.filters[0].requestHeaderModifier', message: 'type RequestHeaderModifier needs this field' },
        { path: 'spec.filters[0].responseHeaderModifier', message: 'does not belong to RequestHeaderModifier' },
      ],
    },
    {
      name: 'the same type twice',
      documents: document({ filters: [response({ set: [frame] }), response({ remove: ['Server'] })] }),
      issues: [{ path: 'spec.filters[1].type', message: 'ResponseHeaderModifier stands twice; write one' }],
    },
    {
      name: 'a header with two actions, and a modifier without headers',
      documents: document({ filters: [response({ set: [frame], remove: ['x-frame-options'] }), request({})] }),
      issues: [
        {
          path: 'spec.filters[0].responseHeaderModifier',
          message: 'header x-frame-options stands twice; give it one action of set, add, remove',
        },
        { path: 'spec.filters[1].requestHeaderModifier', message: 'names no header' },
      ],
    },
    {
      name: 'values and names that the CRD refuses',
      documents: document({ filters: [response({ set: [set('X Y', 'two  spaces')] })] }),
      issues: [
        { path: 'spec.filters[0].responseHeaderModifier.set[0].name', message: 'not a header name (RFC 9110, 5.1)' },
        {
          path: 'spec.filters[0].responseHeaderModifier.set[0].value',
          message: 'not a header value: visible ASCII, single spaces or tabs between words',
        },
      ],
    },
  ],
});

describe('default-filters: a route is pinned to HTTPS only when nothing is lost', () => {
  const narrow = { ...secure, hostname: 'shop.example.com' };
  const twice = {
    parentRefs: [
      { name: 'public', namespace: 'infra' },
      { name: 'public', namespace: 'infra', port: 443 },
    ],
  };
  test.each([
    ['one HTTPS listener', {}, [http, secure], attached({}), true],
    ['the mutating webhook would do it', { mode: 'Mutate' }, [http, secure], attached({}), false],
    ['no HTTPS listener', {}, [http], attached({}), false],
    ['two HTTPS listeners', {}, [http, secure, { ...secure, name: 'other', port: 8443 }], attached({}), false],
    ['it serves fewer hostnames', {}, [http, narrow], attached({}), false],
    [
      'it serves the one hostname of the route',
      {},
      [http, narrow],
      attached({}, { hostnames: ['shop.example.com'] }),
      true,
    ],
    [
      'it serves one of two hostnames',
      {},
      [{ ...http, hostname: 'shop.example.com' }, { ...http, name: 'pay', hostname: 'pay.example.com' }, narrow],
      attached({}),
      false,
    ],
    ['the HTTP listener is named', {}, [http, secure], attached({ sectionName: 'http' }), false],
    ['the port is named', {}, [http, secure], attached({ port: 80 }), false],
    ['the same parent is named twice', {}, [http, secure], attached({}, twice), false],
    ['one rule is the redirect', {}, [http, secure], attached({}, { rules: [{}, { filters: [redirect] }] }), false],
    [
      'the HTTPS listener is for another kind',
      {},
      [http, { ...secure, allowedRoutes: { namespaces: all, kinds: [{ kind: 'GRPCRoute' }] } }],
      attached({}),
      false,
    ],
  ])('%s', (_name, options, listeners, raw, isPinned) => {
    const { bound } = defaultFilters.bind(document({ ...https, ...options }));
    const store = new Store('all');
    const parent = checkedObject(gateway(listeners));
    store.put(parent.kind, parent.object);
    const { kind, object } = checkedObject(raw);
    const subject = subjectOf({
      kind,
      operation: 'CREATE',
      object,
      oldObject: undefined,
      raw,
      rawOld: undefined,
      namespace: 'team-shop',
      subresource: '',
      requester: undefined,
    });
    const [violation] = evaluate(subject, store, policySet(bound, []), 0).violations;
    expect({ rule: violation?.rule, edits: violation?.fix?.edits }).toEqual({
      rule: 'default-filters/plain-http',
      edits: isPinned ? [{ op: 'add', path: ['spec', 'parentRefs', 0, 'sectionName'], value: 'https' }] : [],
    });
  });
});

describe('default-filters: the redirect beside a route is attached to the HTTP listeners alone', () => {
  const other = { ...http, name: 'http-alt', port: 8080 };
  const ref = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' };
  const own = { name: 'shop-web-redirect', namespace: 'team-shop' };
  const unnamed = { ...https, disclose: 'Owners' };
  const named = { ...https, disclose: 'Objects' };
  const byDefault = attached({}, { parentRefs: undefined, useDefaultGateways: 'All' });
  const generated = attached({}, {}, { generateName: 'shop-web-' });
  test.each<[string, object, readonly object[], unknown, object, readonly object[]]>([
    ['by its name', named, [http, secure], attached({}), own, [{ ...ref, sectionName: 'http' }]],
    [
      'by all their names',
      named,
      [http, secure, other],
      attached({}),
      own,
      [
        { ...ref, sectionName: 'http' },
        { ...ref, sectionName: 'http-alt' },
      ],
    ],
    ['which may not be named', unnamed, [http], attached({}), own, [{ ...ref, sectionName: 'THE-HTTP-LISTENER' }]],
    [
      'which the route names',
      unnamed,
      [http],
      attached({ sectionName: 'http' }),
      own,
      [{ ...ref, sectionName: 'http' }],
    ],
    [
      'of the port of the route',
      named,
      [http, other],
      attached({ port: 8080 }),
      own,
      [{ ...ref, port: 8080, sectionName: 'http-alt' }],
    ],
    [
      'of a default Gateway',
      named,
      [http],
      byDefault,
      own,
      [{ name: 'public', namespace: 'infra', sectionName: 'http' }],
    ],
    [
      'of a default Gateway which may not be named',
      unnamed,
      [http],
      byDefault,
      own,
      [{ name: 'THE-GATEWAY', sectionName: 'THE-HTTP-LISTENER' }],
    ],
    [
      'of a route that is still to be given a name',
      named,
      [http],
      generated,
      { generateName: 'shop-web-redirect-', namespace: 'team-shop' },
      [{ ...ref, sectionName: 'http' }],
    ],
  ])('%s', (_name, spec, listeners, raw, metadata, parentRefs) => {
    const { bound } = defaultFilters.bind(document(spec));
    const store = new Store('all');
    const parent = checkedObject(gateway(listeners, { defaultScope: 'All' }));
    store.put(parent.kind, parent.object);
    const { kind, object } = checkedObject(raw);
    const { violations } = evaluate(standing(kind, object), store, policySet(bound, []), 0);
    const told = violations.map(({ fix }) => /\{.*\}$/.exec(fix?.description ?? '')?.[0] ?? '{}');
    expect(told.map((text): unknown => JSON.parse(text))).toEqual([
      expect.objectContaining({ metadata, spec: expect.objectContaining({ parentRefs }) as unknown }),
    ]);
  });
});

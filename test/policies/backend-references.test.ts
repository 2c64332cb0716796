import { backendReferencesPolicy } from '../../policies/backend-references/policy.ts';
import { grant, make, service, type Fields } from '../support/gatewayObjects.ts';
import { policyTable } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io';
const route = (...rules: readonly Fields[]): Fields => make('HTTPRoute', 'shop/web', { spec: { rules } });
const to = (...backendRefs: readonly Fields[]): Fields => ({ backendRefs });
const at = (value: string): Fields => ({ path: { value } });
const named = (...names: readonly string[]): Fields => {
  const entries = names.map((name) => ({ name, value: '1' }));
  return { ...at('/a'), headers: entries, queryParams: entries };
};
const mirror = (backendRef: Fields): Fields => ({ type: 'RequestMirror', requestMirror: { backendRef } });
const backendAt = (at: number): string => `spec.rules[0].backendRefs[${at}]`;
const [path, second, third] = [backendAt(0), backendAt(1), backendAt(2)];
const pay = { namespace: 'pay', name: 'api', port: 80 };
const noGrant = (at: string): string =>
  `${at}: no ReferenceGrant in namespace pay permits HTTPRoute of namespace shop to refer to Service pay/api. Ask the owner of namespace pay for one`;
const noBackend = (at: string): string =>
  `${at}: lambda.example/Function is no kind of backend. Use a Service, or list the kind in policy backends`;

policyTable(backendReferencesPolicy, {
  documents: [
    {
      name: 'backends',
      spec: {
        action: 'Warn',
        forbidden: [
          { kind: 'Service', namespace: 'default', name: 'kubernetes' },
          { group: '', kind: 'Service', namespace: 'kube-system' },
        ],
        kinds: [{ group: 'gateway.example.com', kind: 'Backend' }],
        rules: { 'forbidden-backend': 'Deny' },
      },
    },
  ],
  valid: [
    { name: 'a Service with the port', object: route(to({ name: 'web', port: 80 })), state: [service('shop/web', 80)] },
    {
      name: 'a grant',
      object: route(to(pay)),
      state: [service('pay/api', 80), grant('pay/g', [`${GROUP}/HTTPRoute/shop`], ['/Service/api'])],
    },
    {
      name: 'a kind that the document lists',
      object: route(to({ group: 'gateway.example.com', kind: 'Backend', name: 'x' })),
    },
    {
      name: 'the second of the kinds that the document lists',
      documents: [
        { name: 'backends', spec: { kinds: ['One', 'Two'].map((kind) => ({ group: 'gateway.example.com', kind })) } },
      ],
      object: route(to({ group: 'gateway.example.com', kind: 'Two', name: 'x' })),
    },
    { name: 'a rule without backends', object: route({}) },
    {
      name: 'one weight of several',
      object: route(to({ name: 'web', port: 80, weight: 0 }, { name: 'web', port: 81 })),
      state: [service('shop/web', 80, 81)],
    },
    {
      name: 'ServiceImport and XBackend',
      object: route(
        to(
          { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 80 },
          { group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'x' },
        ),
      ),
      state: [
        make('ServiceImport', 'shop/far', { spec: { ports: [{ port: 80 }] } }),
        make('XBackend', 'shop/x', { spec: { type: 'Hostname', port: { port: 443 } } }),
      ],
    },
    {
      name: 'a ServiceImport that does not tell its ports',
      object: route(to({ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 8080 })),
      state: [make('ServiceImport', 'shop/far', { spec: {} })],
    },
    {
      name: 'another Service, and another kind of the same name, in a namespace with a forbidden Service',
      object: make('HTTPRoute', 'default/web', {
        spec: {
          rules: [
            to(
              { name: 'web', port: 80 },
              { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'kubernetes', port: 80 },
            ),
          ],
        },
      }),
      state: [
        service('default/web', 80),
        make('ServiceImport', 'default/kubernetes', { spec: { ports: [{ port: 80 }] } }),
      ],
    },
    {
      name: 'a kind whose name is forbidden in another group only',
      documents: [
        {
          name: 'backends',
          spec: { forbidden: [{ kind: 'Backend' }], kinds: [{ group: 'gateway.example.com', kind: 'Backend' }] },
        },
      ],
      object: route(to({ group: 'gateway.example.com', kind: 'Backend', name: 'x' })),
    },
    {
      name: 'a name that is forbidden in another namespace only',
      object: route(to({ name: 'kubernetes', port: 443 })),
      state: [service('shop/kubernetes', 443)],
    },
  ],
  invalid: [
    {
      name: 'UPDATE: another name of a kind that is none, another port of a Service that must not be sent to',
      oldObject: route(
        to(
          { group: 'lambda.example', kind: 'Function', name: 'a' },
          { name: 'far', port: 443 },
          { namespace: 'kube-system', name: 'dns', port: 53 },
        ),
      ),
      object: route(
        to(
          { group: 'lambda.example', kind: 'Function', name: 'b' },
          { name: 'far', port: 22 },
          { namespace: 'kube-system', name: 'dns', port: 9153 },
        ),
      ),
      state: [make('Service', 'shop/far', { spec: { type: 'ExternalName', externalName: 'far.example.com' } })],
      expect: [
        { rule: 'invalid-kind', path, message: noBackend(path) },
        {
          rule: 'external-name',
          path: second,
          message: `${second}: Service shop/far is of type ExternalName, which is no backend. Send to a Service with endpoints of its own`,
        },
        {
          rule: 'forbidden-backend',
          path: third,
          message: `${third}: no route may send to Service kube-system/dns (policy backends)`,
          action: 'Deny',
        },
      ],
    },
    {
      name: 'UPDATE: the same backends in another order, and one of them once more',
      oldObject: route(
        to(
          { group: 'lambda.example', kind: 'Function', name: 'a' },
          { group: 'lambda.example', kind: 'Function', name: 'b' },
        ),
      ),
      object: route(
        to(
          { group: 'lambda.example', kind: 'Function', name: 'b' },
          { group: 'lambda.example', kind: 'Function', name: 'a' },
          { group: 'lambda.example', kind: 'Function', name: 'a' },
        ),
      ),
      expect: [
        { rule: 'invalid-kind', path, message: noBackend(path), relief: 'ratcheted' },
        { rule: 'invalid-kind', path: second, message: noBackend(second), relief: 'ratcheted' },
        { rule: 'invalid-kind', path: third, message: noBackend(third) },
      ],
    },
    {
      name: 'a kind that the document lists, in another namespace without a grant',
      object: route(to({ group: 'gateway.example.com', kind: 'Backend', namespace: 'pay', name: 'x' })),
      expect: [
        {
          rule: 'ref-not-permitted',
          path,
          message: `${path}: no ReferenceGrant in namespace pay permits HTTPRoute of namespace shop to refer to gateway.example.com/Backend pay/x. Ask the owner of namespace pay for one`,
        },
      ],
    },
    {
      name: 'UPDATE: no weight in one rule any more, but in another',
      oldObject: route(
        { matches: [at('/a')], ...to({ name: 'web', port: 80, weight: 0 }) },
        { matches: [at('/b')], ...to({ name: 'web', port: 80 }) },
      ),
      object: route(
        { matches: [at('/a')], ...to({ name: 'web', port: 80 }) },
        { matches: [at('/b')], ...to({ name: 'web', port: 80, weight: 0 }) },
      ),
      state: [service('shop/web', 80)],
      expect: [
        {
          rule: 'no-weight',
          path: 'spec.rules[1].backendRefs',
          message:
            'spec.rules[1].backendRefs: all weights are 0, so the rule answers every request with 500. Give at least one backend a weight',
        },
      ],
    },
    {
      name: 'UPDATE: no weight in a rule that has moved, and asks for less',
      oldObject: route({ matches: [at('/a'), at('/b')], ...to({ name: 'web', port: 80, weight: 0 }) }),
      object: route(
        { matches: [at('/a')], ...to({ name: 'web', port: 80 }) },
        { matches: [at('/b')], ...to({ name: 'web', port: 80, weight: 0 }) },
      ),
      state: [service('shop/web', 80)],
      expect: [
        {
          rule: 'no-weight',
          path: 'spec.rules[1].backendRefs',
          message:
            'spec.rules[1].backendRefs: all weights are 0, so the rule answers every request with 500. Give at least one backend a weight',
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: no weight in a rule that names its headers and parameters in another order',
      oldObject: route({ matches: [named('a', 'b')], ...to({ name: 'web', port: 80, weight: 0 }) }),
      object: route({ matches: [named('b', 'a')], ...to({ name: 'web', port: 80, weight: 0 }) }),
      state: [service('shop/web', 80)],
      expect: [
        {
          rule: 'no-weight',
          path: 'spec.rules[0].backendRefs',
          message:
            'spec.rules[0].backendRefs: all weights are 0, so the rule answers every request with 500. Give at least one backend a weight',
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'no grant; nothing is said about the target',
      object: route(to(pay)),
      state: [service('pay/web', 80)],
      expect: [{ rule: 'ref-not-permitted', path, message: noGrant(path) }],
    },
    {
      name: 'grants for a kind of that name in another group, and for another name',
      object: route(to(pay)),
      state: [
        grant('pay/g', [`${GROUP}/HTTPRoute/shop`], ['one.example/Service/api', '/Service/web']),
        grant(
          'pay/h',
          ['one.example/HTTPRoute/shop', `${GROUP}/GRPCRoute/shop`, `${GROUP}/HTTPRoute/web`],
          ['/Service'],
        ),
      ],
      expect: [{ rule: 'ref-not-permitted', path, message: noGrant(path) }],
    },
    {
      name: 'no grant for a mirror of the rule and of a backendRef',
      object: route({ filters: [mirror(pay)], backendRefs: [{ name: 'web', port: 80, filters: [mirror(pay)] }] }),
      state: [service('shop/web', 80)],
      expect: [
        {
          rule: 'ref-not-permitted',
          path: `${path}.filters[0].requestMirror.backendRef`,
          message: noGrant(`${path}.filters[0].requestMirror.backendRef`),
        },
        {
          rule: 'ref-not-permitted',
          path: 'spec.rules[0].filters[0].requestMirror.backendRef',
          message: noGrant('spec.rules[0].filters[0].requestMirror.backendRef'),
        },
      ],
    },
    {
      name: 'no grant in files: unverified',
      object: route(to(pay)),
      visibility: 'some',
      expect: [{ rule: 'ref-not-permitted', path, message: noGrant(path), certain: false }],
    },
    {
      name: 'no such Service',
      object: route(to({ name: 'web', port: 80 })),
      expect: [
        {
          rule: 'backend-not-found',
          path,
          message: `${path}: Service shop/web does not exist. Create it, or correct the name`,
        },
      ],
    },
    {
      name: 'no such port, and none of the right transport',
      object: route(to({ name: 'web', port: 8080 }), to({ name: 'dns', port: 53 })),
      state: [
        service('shop/web', 80),
        make('Service', 'shop/dns', { spec: { ports: [{ port: 53, protocol: 'UDP' }] } }),
      ],
      expect: [
        {
          rule: 'port-not-found',
          path,
          message: `${path}: Service shop/web has no TCP port 8080. Name a port of the Service, not of its pods`,
        },
        {
          rule: 'port-not-found',
          path: 'spec.rules[1].backendRefs[0]',
          message:
            'spec.rules[1].backendRefs[0]: Service shop/dns has no TCP port 53. Name a port of the Service, not of its pods',
        },
      ],
    },
    {
      name: 'no such port of a ServiceImport that tells its ports',
      object: route(to({ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 8080 })),
      state: [make('ServiceImport', 'shop/far', { spec: { ports: [{ port: 80 }] } })],
      expect: [
        {
          rule: 'port-not-found',
          path,
          message: `${path}: ServiceImport shop/far has no TCP port 8080. Name a port of the Service, not of its pods`,
        },
      ],
    },
    {
      name: 'a kind of one group that the document lists of another, beside others of that group',
      documents: [
        {
          name: 'backends',
          spec: {
            kinds: [
              { group: 'one.example', kind: 'Other' },
              { group: 'lambda.example', kind: 'Other' },
              { group: 'two.example', kind: 'Function' },
            ],
          },
        },
      ],
      object: route(to({ group: 'lambda.example', kind: 'Function', name: 'a' })),
      expect: [{ rule: 'invalid-kind', path, message: noBackend(path) }],
    },
    {
      name: 'a name that is forbidden wherever it is, and a kind that is forbidden whatever its name',
      documents: [
        {
          name: 'backends',
          spec: {
            forbidden: [
              { kind: 'Service', name: 'kubernetes' },
              { group: 'multicluster.x-k8s.io', kind: 'ServiceImport' },
            ],
          },
        },
      ],
      object: route(
        to(
          { name: 'kubernetes', port: 443 },
          { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 80 },
        ),
      ),
      expect: [
        {
          rule: 'forbidden-backend',
          path,
          message: `${path}: no route may send to Service shop/kubernetes (policy backends)`,
        },
        {
          rule: 'forbidden-backend',
          path: second,
          message: `${second}: no route may send to ServiceImport shop/far (policy backends)`,
        },
      ],
    },
    {
      name: 'a kind that nobody knows',
      object: route(to({ group: 'gateway.example.com', kind: 'Bucket', name: 'x' })),
      expect: [
        {
          rule: 'invalid-kind',
          path,
          message: `${path}: gateway.example.com/Bucket is no kind of backend. Use a Service, or list the kind in policy backends`,
        },
      ],
    },
    {
      name: 'an ExternalName Service',
      object: route(to({ name: 'far', port: 443 })),
      state: [make('Service', 'shop/far', { spec: { type: 'ExternalName', externalName: 'far.example.com' } })],
      expect: [
        {
          rule: 'external-name',
          path,
          message: `${path}: Service shop/far is of type ExternalName, which is no backend. Send to a Service with endpoints of its own`,
        },
      ],
    },
    {
      name: 'what is forbidden by name and by namespace, as a mirror too',
      object: route(to({ namespace: 'default', name: 'kubernetes', port: 443 }), {
        filters: [mirror({ namespace: 'kube-system', name: 'dns', port: 53 })],
      }),
      expect: [
        {
          rule: 'forbidden-backend',
          path,
          action: 'Deny',
          message: `${path}: no route may send to Service default/kubernetes (policy backends)`,
        },
        {
          rule: 'forbidden-backend',
          path: 'spec.rules[1].filters[0].requestMirror.backendRef',
          action: 'Deny',
          message:
            'spec.rules[1].filters[0].requestMirror.backendRef: no route may send to Service kube-system/dns (policy backends)',
        },
      ],
    },
    {
      name: 'the API server is forbidden unless the document says otherwise',
      documents: [{ name: 'plain', spec: {} }],
      object: make('TCPRoute', 'default/api', { spec: { rules: [to({ name: 'kubernetes', port: 443 })] } }),
      state: [service('default/kubernetes', 443)],
      expect: [
        {
          rule: 'forbidden-backend',
          path,
          message: `${path}: no route may send to Service default/kubernetes (policy plain)`,
        },
      ],
    },
    {
      name: 'all weights are zero',
      object: route(to({ name: 'web', port: 80, weight: 0 }, { name: 'web', port: 81, weight: 0 })),
      state: [service('shop/web', 80, 81)],
      expect: [
        {
          rule: 'no-weight',
          path: 'spec.rules[0].backendRefs',
          message:
            'spec.rules[0].backendRefs: all weights are 0, so the rule answers every request with 500. Give at least one backend a weight',
        },
      ],
    },
  ],
});

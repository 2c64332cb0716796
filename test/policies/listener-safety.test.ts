import { listenerSafety } from '../../policies/listener-safety/policy.ts';
import { gateway, listener, listenerSet, make, namespace, type Fields } from '../support/gatewayObjects.ts';
import { makeLeaf, tlsSecret } from '../support/leaf.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const leaf = await makeLeaf(['shop.example.com'], '2026-01-01T00:00:00Z', '2026-07-01T00:00:00Z');
const now = Date.UTC(2026, 2, 1);
const secret = tlsSecret('infra/cert', leaf.cert, leaf.key);

const web = (name: string, fields: Fields = {}): Fields =>
  listener(name, { hostname: `${name}.example.com`, allowedRoutes: { namespaces: { from: 'Same' } }, ...fields });
const secure = (fields: Fields = {}, tls: Fields = {}): Fields =>
  web('shop', { port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'cert' }], ...tls }, ...fields });
const open = { allowedListeners: { namespaces: { from: 'Same' } } };
const named = (terms: readonly Fields[]): Fields => {
  const matchExpressions = terms.map((term) => ({ key: 'kubernetes.io/metadata.name', ...term }));
  return { namespaces: { from: 'Selector', selector: { matchExpressions } } };
};
const path = 'spec.listeners[0]';
const selectorMissing = (of: string): ExpectedFinding => ({
  rule: 'selector-missing',
  path: `${of}.namespaces`,
  message: `${of}.namespaces: from is Selector, but there is no selector, so no namespace is admitted. Add one`,
});
const tcp = (name: string): Fields => ({
  name,
  port: 80,
  protocol: 'TCP',
  allowedRoutes: { namespaces: { from: 'Same' } },
});
const sameHostname = (name: string): Fields => web(name, { hostname: 'a.example.com' });
const conflicting = (at: number, listener: string, others: string): ExpectedFinding => ({
  rule: 'conflict',
  path: `spec.listeners[${at}]`,
  message: `spec.listeners[${at}]: listener "${listener}" conflicts with ${others} on port 80 (HostnameConflict) and will not serve. Give it a port or hostname of its own`,
});
const twice: readonly [ExpectedFinding, ExpectedFinding] = [
  conflicting(0, 'a', 'listener "b"'),
  conflicting(1, 'b', 'listener "a"'),
];
const ref = `${path}.tls.certificateRefs[0]`;

policyTable(listenerSafety, {
  documents: [
    {
      name: 'listeners',
      spec: {
        action: 'Deny',
        ports: [80, 443],
        protocols: ['HTTP', 'HTTPS', 'TLS'],
        maxListeners: 2,
        certificateExpiryDays: 14,
      },
    },
  ],
  valid: [
    { name: 'listeners that differ by hostname', object: gateway('infra/g', [web('a'), web('b')]) },
    { name: 'a certificate that fits and lasts', object: gateway('infra/g', [secure()]), state: [secret], now },
    {
      name: 'a certificate that ends in just as many days as the document asks for',
      object: gateway('infra/g', [secure()]),
      state: [secret],
      now: Date.UTC(2026, 5, 17),
    },
    {
      name: 'a certificate of a listener that has no hostname to cover',
      documents: [{ name: 'any', spec: { action: 'Deny', rules: { 'no-hostname': 'Disabled' } } }],
      object: gateway('infra/g', [secure({ hostname: undefined })]),
      state: [secret],
      now,
    },
    {
      name: 'pass-through without certificates, and TLS that is ended with one',
      object: gateway('infra/g', [
        web('a', { port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' } }),
        web('shop', { port: 444, protocol: 'TLS', tls: { mode: 'Terminate', certificateRefs: [{ name: 'cert' }] } }),
      ]),
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      state: [secret],
      now,
    },
    {
      name: 'a Gateway goes before its ListenerSets',
      object: gateway('infra/g', [web('a')], open),
      state: [listenerSet('infra/s', 'infra/g', [web('a')])],
    },
    { name: 'Secrets out of sight', object: gateway('infra/g', [secure()]), visibility: { Secret: 'none' }, now },
    {
      name: 'a selector with a term',
      object: gateway('infra/g', [
        web('a', { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { a: '1' } } } } }),
      ]),
    },
    {
      name: 'trust anchors that are there',
      object: gateway('infra/g', [secure()], {
        tls: {
          frontend: { default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] } } },
        },
      }),
      state: [secret, make('ConfigMap', 'infra/ca', { data: { 'ca.crt': leaf.cert } })],
      now,
    },
    {
      name: 'a ListenerSet that is not allowed takes nothing',
      object: listenerSet('team/s', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('a')]), namespace('team')],
    },
    {
      name: 'listeners whose ports the implementation is to assign, XListenerSet only',
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      object: {
        ...listenerSet('infra/s', 'infra/g', [
          web('a', { port: 0 }),
          { name: 'b', protocol: 'TCP', allowedRoutes: { namespaces: { from: 'Same' } } },
        ]),
        apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
        kind: 'XListenerSet',
      },
      state: [gateway('infra/g', [web('x')], open)],
    },
    {
      name: 'selectors that leave some namespaces out, or match none at all',
      object: gateway('infra/g', [
        web('a', {
          allowedRoutes: named([{ operator: 'Exists' }, { operator: 'NotIn', values: ['kube-system'] }]),
        }),
        web('b', { allowedRoutes: named([{ operator: 'Exists', values: ['infra'] }]) }),
      ]),
    },
    {
      name: 'a selector that every namespace with some label meets',
      object: gateway('infra/g', [web('a', { allowedRoutes: named([{ key: 'tier', operator: 'Exists' }]) })]),
    },
    { name: 'a ListenerSet without its Gateway', object: listenerSet('team/s', 'infra/g', [web('a')]) },
  ],
  invalid: [
    {
      name: 'one hostname twice in one Gateway',
      object: gateway('infra/g', [web('a'), web('b', { hostname: 'a.example.com' })]),
      expect: twice,
    },
    ...[
      { name: 'without its Gateway', state: [] },
      { name: 'that its Gateway does not allow', state: [gateway('infra/g', [web('x')])] },
      {
        name: 'that its Gateway may admit by labels which are out of sight',
        state: [
          gateway('infra/g', [web('x')], {
            allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'web' } } } },
          }),
        ],
      },
    ].map(({ name, state }) => ({
      name: `one hostname twice in a ListenerSet ${name}`,
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      object: listenerSet('team/s', 'infra/g', [web('a'), web('b', { hostname: 'a.example.com' })]),
      state,
      visibility: 'some' as const,
      expect: twice,
    })),
    {
      name: 'protocols that clash, which no hostname tells apart',
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      object: gateway('infra/g', [web('a'), tcp('b')]),
      expect: [
        {
          rule: 'conflict',
          path,
          message: `${path}: listener "a" conflicts with listener "b" on port 80 (ProtocolConflict) and will not serve. Give it a port of its own`,
        },
        {
          rule: 'conflict',
          path: 'spec.listeners[1]',
          message:
            'spec.listeners[1]: listener "b" conflicts with listener "a" on port 80 (ProtocolConflict) and will not serve. Give it a port of its own',
        },
      ],
    },
    {
      name: 'UPDATE: one of several that a listener conflicts with goes',
      oldObject: gateway('infra/g', ['a', 'b', 'c'].map(sameHostname)),
      object: gateway('infra/g', ['a', 'b'].map(sameHostname)),
      expect: [
        { ...conflicting(0, 'a', 'listener "b"'), relief: 'ratcheted' },
        { ...conflicting(1, 'b', 'listener "a"'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: the one that the reason was about goes, and another is left',
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      oldObject: gateway('infra/g', [...['a', 'b'].map(sameHostname), tcp('c')]),
      object: gateway('infra/g', ['a', 'b'].map(sameHostname)),
      expect: [
        { ...conflicting(0, 'a', 'listener "b"'), relief: 'ratcheted' },
        { ...conflicting(1, 'b', 'listener "a"'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: of those that were hidden behind another reason a further one is new',
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      oldObject: gateway('infra/g', [sameHostname('a'), tcp('c')]),
      object: gateway('infra/g', ['a', 'b'].map(sameHostname)),
      expect: [conflicting(0, 'a', 'listener "b"'), conflicting(1, 'b', 'listener "a"')],
    },
    {
      name: 'UPDATE: one of them gives way to another',
      oldObject: gateway('infra/g', ['a', 'b'].map(sameHostname)),
      object: gateway('infra/g', ['a', 'c'].map(sameHostname)),
      expect: [conflicting(0, 'a', 'listener "c"'), conflicting(1, 'c', 'listener "a"')],
    },
    {
      name: 'a ListenerSet against its Gateway',
      object: listenerSet('infra/s', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('a')], open)],
      expect: [
        {
          rule: 'conflict',
          path,
          message: `${path}: listener "a" conflicts with listener "a" of Gateway infra/g on port 80 (HostnameConflict) and will not serve. Give it a port or hostname of its own`,
        },
      ],
    },
    {
      name: 'a ListenerSet against a Gateway of its own name',
      object: listenerSet('infra/g', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('a')], open)],
      expect: [conflicting(0, 'a', 'listener "a" of Gateway infra/g')],
    },
    {
      name: 'a ListenerSet against an older one of its namespace',
      object: listenerSet('infra/s', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('x')], open), listenerSet('infra/r', 'infra/g', [web('a')])],
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      expect: [conflicting(0, 'a', 'listener "a" of ListenerSet infra/r')],
    },
    {
      name: 'a ListenerSet against one of its own name in another namespace',
      object: listenerSet('team/s', 'infra/g', [web('a')]),
      state: [
        gateway('infra/g', [web('x')], { allowedListeners: { namespaces: { from: 'All' } } }),
        listenerSet('infra/s', 'infra/g', [web('a')]),
      ],
      documents: [{ name: 'any', spec: { action: 'Deny' } }],
      expect: [conflicting(0, 'a', 'a listener of an object in another namespace')],
    },
    {
      name: 'an object in another namespace is not named',
      object: listenerSet('team/s', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('a')], { allowedListeners: { namespaces: { from: 'All' } } })],
      expect: [
        {
          rule: 'conflict',
          path,
          message: `${path}: listener "a" conflicts with a listener of an object in another namespace on port 80 (HostnameConflict) and will not serve. Give it a port or hostname of its own`,
        },
      ],
    },
    ...(
      [
        ['another hostname', 'a.example.com', 'b.example.com', undefined],
        ['more hostnames', 'a.example.com', '*.example.com', undefined],
        ['fewer hostnames', '*.example.com', 'a.example.com', 'ratcheted'],
        ['the same hostname', 'a.example.com', 'A.example.com', 'ratcheted'],
      ] as const
    ).map(([what, old, hostname, relief]) => ({
      name: `an UPDATE that opens ${what} to every namespace`,
      object: gateway('infra/g', [web('a', { hostname, allowedRoutes: { namespaces: { from: 'All' } } })]),
      oldObject: gateway('infra/g', [
        web('a', { hostname: old, allowedRoutes: { namespaces: { from: 'All' } } }),
        web('b', { hostname, allowedRoutes: { namespaces: { from: 'All' } } }),
      ]),
      expect: [
        {
          rule: 'from-all',
          path: `${path}.allowedRoutes.namespaces.from`,
          message: `${path}.allowedRoutes.namespaces.from: listener "a" admits every namespace. Use from: Selector with a label that only trusted people may set, or Same`,
          ...(relief === undefined ? {} : { relief }),
        },
      ] as const,
    })),
    {
      name: 'every namespace: in words, by an empty selector, and for ListenerSets',
      object: gateway(
        'infra/g',
        [
          web('a', { allowedRoutes: { namespaces: { from: 'All' } } }),
          web('b', { allowedRoutes: { namespaces: { from: 'Selector', selector: {} } } }),
        ],
        { allowedListeners: { namespaces: { from: 'All' } } },
      ),
      expect: [
        {
          rule: 'from-all',
          path: `${path}.allowedRoutes.namespaces.from`,
          message: `${path}.allowedRoutes.namespaces.from: listener "a" admits every namespace. Use from: Selector with a label that only trusted people may set, or Same`,
        },
        {
          rule: 'from-all',
          path: 'spec.listeners[1].allowedRoutes.namespaces.from',
          message:
            'spec.listeners[1].allowedRoutes.namespaces.from: listener "b" admits every namespace. Use from: Selector with a label that only trusted people may set, or Same',
        },
        {
          rule: 'from-all',
          path: 'spec.allowedListeners.namespaces.from',
          message:
            'spec.allowedListeners.namespaces.from: allowedListeners admits every namespace. Use from: Selector with a label that only trusted people may set, or Same',
        },
      ],
    },
    {
      name: 'Selector without selector, for routes and for ListenerSets',
      object: gateway('infra/g', [web('a', { allowedRoutes: { namespaces: { from: 'Selector' } } })], {
        allowedListeners: { namespaces: { from: 'Selector' } },
      }),
      expect: [selectorMissing(`${path}.allowedRoutes`), selectorMissing('spec.allowedListeners')],
    },
    {
      name: 'a kind that the protocol does not serve',
      object: gateway('infra/g', [
        web('a', { allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }, { kind: 'TCPRoute' }] } }),
      ]),
      expect: [
        {
          rule: 'kind-mismatch',
          path: `${path}.allowedRoutes.kinds[1]`,
          message: `${path}.allowedRoutes.kinds[1]: TCPRoute cannot attach to a listener of protocol HTTP. Remove it, or change the protocol`,
        },
      ],
    },
    {
      name: 'the name of a kind that the protocol serves in another group',
      object: gateway('infra/g', [
        web('a', { allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }, { group: 'one.example', kind: 'HTTPRoute' }] } }),
      ]),
      expect: [
        {
          rule: 'kind-mismatch',
          path: `${path}.allowedRoutes.kinds[1]`,
          message: `${path}.allowedRoutes.kinds[1]: HTTPRoute.one.example cannot attach to a listener of protocol HTTP. Remove it, or change the protocol`,
        },
      ],
    },
    {
      name: 'UPDATE: the kind in another group is another violation',
      oldObject: gateway('infra/g', [
        web('a', { allowedRoutes: { kinds: [{ group: 'one.example', kind: 'HTTPRoute' }] } }),
      ]),
      object: gateway('infra/g', [
        web('a', {
          allowedRoutes: {
            kinds: [
              { group: 'two.example', kind: 'HTTPRoute' },
              { group: 'one.example', kind: 'HTTPRoute' },
            ],
          },
        }),
      ]),
      expect: [
        {
          rule: 'kind-mismatch',
          path: `${path}.allowedRoutes.kinds[0]`,
          message: `${path}.allowedRoutes.kinds[0]: HTTPRoute.two.example cannot attach to a listener of protocol HTTP. Remove it, or change the protocol`,
        },
        {
          rule: 'kind-mismatch',
          path: `${path}.allowedRoutes.kinds[1]`,
          message: `${path}.allowedRoutes.kinds[1]: HTTPRoute.one.example cannot attach to a listener of protocol HTTP. Remove it, or change the protocol`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'UPDATE: the kind at another listener is another violation',
      oldObject: gateway('infra/g', [web('a', { allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] } }), web('b')]),
      object: gateway('infra/g', [web('a'), web('b', { allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] } })]),
      expect: [
        {
          rule: 'kind-mismatch',
          path: 'spec.listeners[1].allowedRoutes.kinds[0]',
          message:
            'spec.listeners[1].allowedRoutes.kinds[0]: TCPRoute cannot attach to a listener of protocol HTTP. Remove it, or change the protocol',
        },
      ],
    },
    {
      name: 'UPDATE: no selector at another listener, or for ListenerSets, is another violation',
      oldObject: gateway('infra/g', [
        web('a', { allowedRoutes: { namespaces: { from: 'Selector' } } }),
        web('b', { allowedRoutes: { namespaces: { from: 'Selector' } } }),
        web('c'),
      ]),
      object: gateway(
        'infra/g',
        [
          web('c', { allowedRoutes: { namespaces: { from: 'Selector' } } }),
          web('b', { allowedRoutes: { namespaces: { from: 'Selector' } } }),
        ],
        { allowedListeners: { namespaces: { from: 'Selector' } } },
      ),
      expect: [
        selectorMissing(`${path}.allowedRoutes`),
        { ...selectorMissing('spec.listeners[1].allowedRoutes'), relief: 'ratcheted' },
        selectorMissing('spec.allowedListeners'),
      ],
    },
    {
      name: 'HTTPS without tls, pass-through with certificates',
      object: gateway('infra/g', [
        web('a', { port: 443, protocol: 'HTTPS' }),
        web('b', { port: 443, protocol: 'TLS', tls: { mode: 'Passthrough', certificateRefs: [{ name: 'cert' }] } }),
      ]),
      expect: [
        {
          rule: 'tls-mode',
          path: `${path}.tls`,
          message: `${path}.tls: listener "a" has protocol HTTPS but no tls settings, so it has no certificate to serve with. Add certificateRefs`,
        },
        {
          rule: 'tls-mode',
          path: 'spec.listeners[1].tls',
          message:
            'spec.listeners[1].tls: listener "b" passes TLS through, so its certificateRefs are not used. Remove them, or use mode Terminate',
        },
      ],
    },
    {
      name: 'a certificate for another hostname that has ended',
      object: gateway('infra/g', [secure({ hostname: 'pay.example.com' })]),
      state: [secret],
      now: Date.UTC(2026, 7, 1),
      expect: [
        {
          rule: 'certificate',
          path: ref,
          message: `${ref}: Secret infra/cert is for shop.example.com, which does not cover the listener's hostname pay.example.com. Mend that, or name another`,
        },
        {
          rule: 'certificate',
          path: ref,
          message: `${ref}: Secret infra/cert ended on 2026-07-01. Mend that, or name another`,
        },
      ],
    },
    {
      name: 'a certificate that ends within the days of the document',
      object: gateway('infra/g', [secure()]),
      state: [secret],
      now: Date.UTC(2026, 5, 20),
      expect: [
        {
          rule: 'certificate',
          path: ref,
          message: `${ref}: Secret infra/cert ends on 2026-07-01, in 11 days. Mend that, or name another`,
        },
      ],
    },
    {
      name: 'a certificate that has not begun',
      object: gateway('infra/g', [secure()]),
      state: [secret],
      now: Date.UTC(2025, 5, 20),
      expect: [
        {
          rule: 'certificate',
          path: ref,
          message: `${ref}: Secret infra/cert begins only on 2026-01-01. Mend that, or name another`,
        },
      ],
    },
    {
      name: 'no such Secret in files: unverified; no grant; the wrong kind',
      object: gateway('infra/g', [
        secure(
          {},
          { certificateRefs: [{ name: 'cert' }, { namespace: 'certs', name: 'x' }, { kind: 'ConfigMap', name: 'x' }] },
        ),
      ]),
      visibility: { Secret: 'some' },
      now,
      expect: [
        {
          rule: 'certificate',
          path: ref,
          certain: false,
          message: `${ref}: Secret infra/cert does not exist. Mend that, or name another`,
        },
        {
          rule: 'certificate',
          path: `${path}.tls.certificateRefs[1]`,
          message: `${path}.tls.certificateRefs[1]: no ReferenceGrant in namespace certs permits Gateway of namespace infra to refer to Secret certs/x. Mend that, or name another`,
        },
        {
          rule: 'certificate',
          path: `${path}.tls.certificateRefs[2]`,
          message: `${path}.tls.certificateRefs[2]: ConfigMap is not supported here, only Secret. Mend that, or name another`,
        },
      ],
    },
    {
      name: 'a port and a protocol that the document does not list, and no hostname',
      object: gateway('infra/g', [
        listener('a', { port: 8080, allowedRoutes: {} }),
        listener('b', { port: 80, protocol: 'TCP', allowedRoutes: {} }),
      ]),
      expect: [
        {
          rule: 'port',
          path: `${path}.port`,
          message: `${path}.port: port 8080 is not one of 80, 443 (policy listeners)`,
        },
        {
          rule: 'no-hostname',
          path,
          message: `${path}: listener "a" has no hostname, so it serves every name that its routes claim. Set one, such as *.example.com`,
        },
        {
          rule: 'protocol',
          path: 'spec.listeners[1].protocol',
          message: 'spec.listeners[1].protocol: protocol TCP is not one of HTTP, HTTPS, TLS (policy listeners)',
        },
      ],
    },
    {
      name: 'the one port and the one protocol of a document',
      documents: [{ name: 'listeners', spec: { action: 'Deny', ports: [443], protocols: ['HTTPS'] } }],
      object: gateway('infra/g', [web('a')]),
      expect: [
        {
          rule: 'port',
          path: `${path}.port`,
          message: `${path}.port: port 80 is not one of 443 (policy listeners)`,
        },
        {
          rule: 'protocol',
          path: `${path}.protocol`,
          message: `${path}.protocol: protocol HTTP is not one of HTTPS (policy listeners)`,
        },
      ],
    },
    {
      name: 'the certificate that a Gateway shows to backends',
      object: gateway('infra/g', [web('a')], {
        tls: { backend: { clientCertificateRef: { namespace: 'certs', name: 'client' } } },
      }),
      now,
      expect: [
        {
          rule: 'certificate',
          path: 'spec.tls.backend.clientCertificateRef',
          message:
            'spec.tls.backend.clientCertificateRef: no ReferenceGrant in namespace certs permits Gateway of namespace infra to refer to Secret certs/client. Mend that, or name another',
        },
      ],
    },
    {
      name: 'trust anchors that only listeners of ListenerSets use',
      object: gateway('infra/g', [web('a')], {
        ...open,
        tls: {
          frontend: {
            default: {
              validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'certs', name: 'ca' }] },
            },
          },
        },
      }),
      state: [listenerSet('infra/s', 'infra/g', [secure()]), secret],
      now,
      expect: [
        {
          rule: 'certificate',
          path: 'spec.tls.frontend.default.validation.caCertificateRefs[0]',
          message:
            'spec.tls.frontend.default.validation.caCertificateRefs[0]: no ReferenceGrant in namespace certs permits Gateway of namespace infra to refer to ConfigMap certs/ca. Mend that, or name another',
        },
      ],
    },
    {
      name: 'trust anchors of an XListenerSet',
      object: {
        ...listenerSet('infra/s', 'infra/g', [
          secure(
            {},
            {
              frontendValidation: {
                caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'certs', name: 'ca' }],
              },
            },
          ),
        ]),
        apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
        kind: 'XListenerSet',
      },
      state: [secret],
      now,
      expect: [
        {
          rule: 'certificate',
          path: `${path}.tls.frontendValidation.caCertificateRefs[0]`,
          message: `${path}.tls.frontendValidation.caCertificateRefs[0]: no ReferenceGrant in namespace certs permits XListenerSet of namespace infra to refer to ConfigMap certs/ca. Mend that, or name another`,
        },
      ],
    },
    {
      name: 'every namespace, by the label that all of them have',
      object: gateway('infra/g', [web('a', { allowedRoutes: named([{ operator: 'Exists' }]) })], {
        allowedListeners: named([{ operator: 'Exists' }]),
      }),
      expect: [
        {
          rule: 'from-all',
          path: `${path}.allowedRoutes.namespaces.from`,
          message: `${path}.allowedRoutes.namespaces.from: listener "a" admits every namespace. Use from: Selector with a label that only trusted people may set, or Same`,
        },
        {
          rule: 'from-all',
          path: 'spec.allowedListeners.namespaces.from',
          message:
            'spec.allowedListeners.namespaces.from: allowedListeners admits every namespace. Use from: Selector with a label that only trusted people may set, or Same',
        },
      ],
    },
    {
      name: 'a ListenerSet that the Gateway admits by labels which are out of sight: unverified',
      object: listenerSet('team/s', 'infra/g', [web('a')]),
      state: [
        gateway('infra/g', [web('a')], {
          allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'web' } } } },
        }),
      ],
      visibility: 'some',
      expect: [
        {
          rule: 'conflict',
          path,
          certain: false,
          message: `${path}: listener "a" conflicts with a listener of an object in another namespace on port 80 (HostnameConflict) and will not serve. Give it a port or hostname of its own`,
        },
      ],
    },
    {
      name: 'a ListenerSet that the Gateway admits by the name of its namespace, which is out of sight: certain',
      object: listenerSet('team/s', 'infra/g', [web('a')]),
      state: [gateway('infra/g', [web('a')], { allowedListeners: named([{ operator: 'In', values: ['team'] }]) })],
      visibility: 'some',
      expect: [
        {
          rule: 'conflict',
          path,
          message: `${path}: listener "a" conflicts with a listener of an object in another namespace on port 80 (HostnameConflict) and will not serve. Give it a port or hostname of its own`,
        },
      ],
    },
    {
      name: 'too many listeners with those of the Gateway',
      object: listenerSet('infra/s', 'infra/g', [web('c')]),
      state: [gateway('infra/g', [web('a'), web('b')], open)],
      expect: [
        {
          rule: 'too-many',
          path: 'spec.listeners',
          message:
            'spec.listeners: the Gateway, its ListenerSets included, has more than 2 listeners (policy listeners). Divide them among several Gateways',
        },
      ],
    },
    ...[
      { what: 'with those of a Gateway that may not admit them: unverified', own: ['c'], certain: false },
      { what: 'of its own, whether its Gateway admits them or not: certain', own: ['c', 'd', 'e'], certain: true },
    ].map(({ what, own, certain }) => ({
      name: `too many listeners of a ListenerSet ${what}`,
      object: listenerSet(
        'team/s',
        'infra/g',
        own.map((name) => web(name)),
      ),
      state: [
        gateway('infra/g', [web('a'), web('b')], {
          allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'web' } } } },
        }),
      ],
      visibility: 'some' as const,
      expect: [
        {
          rule: 'too-many',
          path: 'spec.listeners',
          certain,
          message:
            'spec.listeners: the Gateway, its ListenerSets included, has more than 2 listeners (policy listeners). Divide them among several Gateways',
        },
      ] as const,
    })),
  ],
});

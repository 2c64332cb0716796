import { routeAttachment } from '../../policies/route-attachment/policy.ts';
import { gateway, listener, listenerSet, make, namespace, type Fields } from '../support/gatewayObjects.ts';
import { policyTable } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io';
const route = (parents: readonly Fields[], spec: Fields = {}): Fields =>
  make('HTTPRoute', 'team-b/shop', { spec: { parentRefs: parents, ...spec } });
const toPublic = { namespace: 'infra', name: 'public' };
const bySelector = (selector?: Fields): Fields => ({
  namespaces: { from: 'Selector', ...(selector === undefined ? {} : { selector }) },
});
const access = { matchLabels: { 'gateway-access': 'true' } };
const selecting = gateway('infra/public', [listener('https', { allowedRoutes: bySelector(access) })]);
const team = namespace('team-b');
const all = { namespaces: { from: 'All' } };
const path = 'spec.parentRefs[0]';
const at = 'parentRefs[0] → Gateway infra/public';
const lacksLabel = `${at}: listener "https" admits namespaces with label gateway-access=true; namespace team-b has no such label`;

policyTable(routeAttachment, {
  documents: [{ name: 'attachment', spec: { action: 'Warn' } }],
  valid: [
    {
      name: 'the namespace has the label',
      object: route([toPublic]),
      state: [selecting, namespace('team-b', { 'gateway-access': 'true' })],
    },
    {
      name: 'the name of the namespace, which its manifest need not show as a label',
      object: route([toPublic]),
      state: [
        gateway('infra/public', [
          listener('https', {
            allowedRoutes: bySelector({
              matchLabels: { 'kubernetes.io/metadata.name': 'team-b' },
              matchExpressions: [{ key: 'tier', operator: 'Exists' }],
            }),
          }),
        ]),
        namespace('team-b', { tier: 'apps' }),
      ],
    },
    { name: 'a Service is no parent that admits', object: route([{ group: '', kind: 'Service', name: 'web' }]) },
    {
      name: 'a kind that is not known is not judged',
      object: route([{ group: 'example.com', kind: 'Mesh', name: 'm' }]),
    },
    {
      name: 'nor a kind of Gateway API that an implementation may take for a parent',
      object: route([{ group: GROUP, kind: 'HTTPRoute', name: 'web' }]),
    },
    { name: 'no parent', object: route([]) },
    {
      name: 'one listener of several is enough',
      object: route([toPublic]),
      state: [
        team,
        gateway('infra/public', [listener('a', { port: 81 }), listener('b', { allowedRoutes: bySelector(access) })]),
      ],
    },
    {
      name: 'an XListenerSet of v1.3 and v1.4',
      object: route([{ group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet', name: 'set' }]),
      state: [
        gateway('infra/public', [listener('a', { port: 81 })], { allowedListeners: { namespaces: { from: 'All' } } }),
        make('XListenerSet', 'team-b/set', { spec: { parentRef: toPublic, listeners: [listener('b')] } }),
      ],
    },
    {
      name: 'a port of an XListenerSet that the implementation is to assign',
      object: route([{ group: 'gateway.networking.x-k8s.io', kind: 'XListenerSet', name: 'set', port: 8080 }]),
      state: [
        gateway('infra/public', [listener('a', { port: 81 })], { allowedListeners: { namespaces: { from: 'All' } } }),
        make('XListenerSet', 'team-b/set', { spec: { parentRef: toPublic, listeners: [listener('b', { port: 0 })] } }),
      ],
    },
    {
      name: 'a ListenerSet that its Gateway admits',
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set' }]),
      state: [
        gateway('infra/public', [listener('a', { port: 81 })], { allowedListeners: { namespaces: { from: 'All' } } }),
        listenerSet('team-b/set', 'infra/public', [listener('b')]),
      ],
    },
  ],
  invalid: [
    {
      name: 'the namespace lacks the label',
      object: route([toPublic]),
      state: [selecting, team],
      expect: [{ rule: 'not-allowed-by-listeners', path, message: lacksLabel }],
      restsOn: ['Namespace team-b'],
    },
    {
      name: 'the namespace lacks the label, and the other listener serves no routes of this kind',
      object: route([toPublic]),
      state: [
        gateway('infra/public', [
          listener('https', { allowedRoutes: bySelector(access) }),
          listener('tcp', { port: 81, protocol: 'TCP' }),
        ]),
        team,
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${lacksLabel}; listener "tcp" (TCP) takes TCPRoute, not HTTPRoute`,
        },
      ],
      restsOn: ['Namespace team-b'],
    },
    {
      name: 'a listener that serves no routes of this kind, whatever the labels',
      object: route([toPublic]),
      state: [gateway('infra/public', [listener('tcp', { protocol: 'TCP' })]), team],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "tcp" (TCP) takes TCPRoute, not HTTPRoute`,
        },
      ],
      restsOn: [],
    },
    {
      name: 'a default Gateway that the route names as a whole, too: once',
      object: route([toPublic], { useDefaultGateways: 'All' }),
      state: [
        gateway('infra/public', [listener('https', { allowedRoutes: bySelector(access) })], { defaultScope: 'All' }),
        team,
      ],
      expect: [{ rule: 'not-allowed-by-listeners', path, message: lacksLabel }],
    },
    ...[
      { what: 'a section', more: { sectionName: 'https' } },
      { what: 'a port', more: { port: 80 } },
    ].map(({ what, more }) => ({
      name: `a default Gateway of which the route names ${what}: the rest of it counts besides`,
      object: route([{ ...toPublic, ...more }], { useDefaultGateways: 'All' }),
      state: [
        gateway('infra/public', [listener('https', { allowedRoutes: bySelector(access) })], { defaultScope: 'All' }),
        team,
      ],
      expect: [
        { rule: 'not-allowed-by-listeners', path, message: lacksLabel },
        {
          rule: 'not-allowed-by-listeners',
          path: 'spec.useDefaultGateways',
          message: lacksLabel.replace('parentRefs[0]', 'useDefaultGateways'),
        },
      ] as const,
    })),
    {
      name: 'of several terms the one that fails is named',
      object: route([toPublic]),
      state: [
        namespace('team-b', { tier: 'apps' }),
        gateway('infra/public', [
          listener('https', { allowedRoutes: bySelector({ matchLabels: { tier: 'apps', 'gateway-access': 'true' } }) }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits namespaces with label tier=apps,gateway-access=true; namespace team-b has no such label: gateway-access=true`,
        },
      ],
    },
    {
      name: 'labels out of sight: unverified',
      object: route([toPublic]),
      visibility: 'some',
      state: [selecting],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          certain: false,
          message: `${at}: listener "https" admits namespaces with label gateway-access=true; the labels of namespace team-b are not in sight`,
        },
      ],
    },
    {
      name: 'a selector that Kubernetes takes none of, whatever the labels that are out of sight: certain',
      object: route([toPublic]),
      visibility: 'some',
      state: [
        gateway('infra/public', [
          listener('https', {
            allowedRoutes: bySelector({ matchExpressions: [{ key: 'gateway access', operator: 'DoesNotExist' }] }),
          }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits by selector, but Kubernetes takes none with the term !gateway access, so it admits no namespace`,
        },
      ],
    },
    {
      name: 'a manifest that shows another name than that of its namespace',
      object: route([toPublic]),
      state: [
        gateway('infra/public', [
          listener('https', {
            allowedRoutes: bySelector({ matchLabels: { 'kubernetes.io/metadata.name': 'team-a' } }),
          }),
        ]),
        namespace('team-b', { 'kubernetes.io/metadata.name': 'team-a' }),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits namespaces with label kubernetes.io/metadata.name=team-a; namespace team-b has no such label`,
        },
      ],
    },
    {
      name: 'labels out of sight, that a term asks for: unverified',
      object: route([toPublic]),
      visibility: 'some',
      state: [
        gateway('infra/public', [
          listener('https', {
            allowedRoutes: bySelector({ matchExpressions: [{ key: 'gateway-access', operator: 'Exists' }] }),
          }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          certain: false,
          message: `${at}: listener "https" admits namespaces with label gateway-access; the labels of namespace team-b are not in sight`,
        },
      ],
    },
    {
      name: 'labels out of sight, and a listener that serves no routes of this kind: unverified',
      object: route([toPublic]),
      visibility: 'some',
      state: [
        gateway('infra/public', [
          listener('https', { allowedRoutes: bySelector(access) }),
          listener('tcp', { port: 81, protocol: 'TCP' }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          certain: false,
          message: `${at}: listener "https" admits namespaces with label gateway-access=true; the labels of namespace team-b are not in sight`,
        },
      ],
    },
    {
      name: 'a selector that is not there, and labels out of sight: certain',
      object: route([toPublic]),
      visibility: 'some',
      state: [gateway('infra/public', [listener('https', { allowedRoutes: bySelector() })])],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits by selector but has none, so it admits no namespace`,
        },
      ],
    },
    {
      name: 'the name of a namespace that is out of sight, which the selector asks for: certain',
      object: route([toPublic]),
      visibility: 'some',
      state: [
        gateway('infra/public', [
          listener('https', {
            allowedRoutes: bySelector({ matchLabels: { 'kubernetes.io/metadata.name': 'team-a', tier: 'apps' } }),
          }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits namespaces with label kubernetes.io/metadata.name=team-a,tier=apps; namespace team-b has no such label: kubernetes.io/metadata.name=team-a`,
        },
      ],
    },
    {
      name: 'a selector that is not there',
      object: route([toPublic]),
      state: [gateway('infra/public', [listener('https', { allowedRoutes: bySelector() })]), team],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "https" admits by selector but has none, so it admits no namespace`,
        },
      ],
    },
    {
      name: 'Same, and another kind of route',
      object: route([toPublic]),
      state: [
        gateway('infra/public', [
          { name: 'web', port: 80, protocol: 'HTTP' },
          listener('db', { port: 5432, protocol: 'TCP' }),
        ]),
      ],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path,
          message: `${at}: listener "web" admits routes of namespace infra only; the route is in namespace team-b; listener "db" (TCP) takes TCPRoute, not HTTPRoute`,
        },
      ],
    },
    {
      name: 'no such section, no such port',
      object: route([
        { ...toPublic, sectionName: 'web' },
        { ...toPublic, port: 443 },
      ]),
      state: [selecting, team],
      expect: [
        {
          rule: 'no-matching-parent',
          path,
          message: `${at} has no listener named "web"; it has "https" on port 80`,
        },
        {
          rule: 'no-matching-parent',
          path: 'spec.parentRefs[1]',
          message: 'parentRefs[1] → Gateway infra/public has no listener on port 443; it has "https" on port 80',
        },
      ],
    },
    {
      name: 'of many listeners three are told',
      object: route([toPublic], { hostnames: ['shop.example.org'] }),
      state: [
        gateway(
          'infra/public',
          ['a', 'b', 'c', 'd', 'e'].map((name) => listener(name, { hostname: `${name}.example.com` })),
        ),
      ],
      expect: [
        {
          rule: 'no-matching-listener-hostname',
          path,
          message: `${at}: listener "a" serves a.example.com, which shares no name with shop.example.org; listener "b" serves b.example.com, which shares no name with shop.example.org; listener "c" serves c.example.com, which shares no name with shop.example.org; 2 more listeners likewise refuse it`,
        },
      ],
    },
    {
      name: 'no such Gateway, and a ListenerSet without its Gateway',
      object: route([toPublic, { group: GROUP, kind: 'ListenerSet', name: 'set' }]),
      state: [listenerSet('team-b/set', 'infra/gone', [listener('b')])],
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: `${at} does not exist. Create it, or correct the name`,
        },
        {
          rule: 'parent-not-found',
          path: 'spec.parentRefs[1]',
          message: 'parentRefs[1] → Gateway infra/gone does not exist. Create it, or correct the name',
        },
      ],
    },
    ...[
      { name: 'a Service without its group', ref: { kind: 'Service' }, missing: `Service of group "${GROUP}"` },
      { name: 'a kind in other letters', ref: { kind: 'gateway' }, missing: `gateway of group "${GROUP}"` },
      {
        name: 'a ListenerSet in the experimental group',
        ref: { group: 'gateway.networking.x-k8s.io', kind: 'ListenerSet' },
        missing: 'ListenerSet of group "gateway.networking.x-k8s.io"',
      },
      { name: 'a Gateway in the core group', ref: { group: '', kind: 'Gateway' }, missing: 'Gateway of group ""' },
    ].map(({ name, ref, missing }) => ({
      name: `no such kind, whatever is in sight: ${name}`,
      object: route([{ ...ref, name: 'web' }]),
      visibility: 'some' as const,
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: `parentRefs[0] → ${missing} is no kind of parent. Correct its group or kind`,
        },
      ] as const,
    })),
    {
      name: 'no such kind, and another one by an UPDATE',
      oldObject: route([{ kind: 'Service', name: 'web' }]),
      object: route([
        { kind: 'Service', name: 'web' },
        { kind: 'Service', name: 'api' },
      ]),
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: `parentRefs[0] → Service of group "${GROUP}" is no kind of parent. Correct its group or kind`,
          relief: 'ratcheted',
        },
        {
          rule: 'parent-not-found',
          path: 'spec.parentRefs[1]',
          message: `parentRefs[1] → Service of group "${GROUP}" is no kind of parent. Correct its group or kind`,
        },
      ],
    },
    {
      name: 'no such Gateway in files: unverified',
      object: route([toPublic]),
      visibility: 'some',
      expect: [
        {
          rule: 'parent-not-found',
          path,
          certain: false,
          message: `${at} does not exist. Create it, or correct the name`,
        },
      ],
    },
    {
      name: 'a ListenerSet that its Gateway does not admit',
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set' }]),
      state: [
        team,
        gateway('infra/public', [listener('a')]),
        listenerSet('team-b/set', 'infra/public', [listener('b')]),
      ],
      expect: [
        {
          rule: 'parent-not-allowed',
          path,
          message:
            'parentRefs[0] → ListenerSet team-b/set is not allowed by its Gateway (allowedListeners), so nothing is served through it. Have the Gateway admit its namespace, or attach to another parent',
        },
      ],
    },
    {
      name: 'a ListenerSet that its Gateway does not admit whatever the labels, in files: certain',
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set' }]),
      state: [gateway('infra/public', [listener('a')]), listenerSet('team-b/set', 'infra/public', [listener('b')])],
      visibility: 'some',
      expect: [
        {
          rule: 'parent-not-allowed',
          path,
          message:
            'parentRefs[0] → ListenerSet team-b/set is not allowed by its Gateway (allowedListeners), so nothing is served through it. Have the Gateway admit its namespace, or attach to another parent',
        },
      ],
    },
    {
      name: 'the Gateway that a ListenerSet of another namespace lacks is not named',
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set', namespace: 'team-z' }]),
      state: [listenerSet('team-z/set', 'infra/gone', [listener('b')])],
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: 'parentRefs[0] → an object in another namespace does not exist. Create it, or correct the name',
        },
      ],
    },
    {
      name: 'UPDATE: the Gateway that another ListenerSet lacks is another violation, told in the same words',
      oldObject: route([{ group: GROUP, kind: 'ListenerSet', name: 'old', namespace: 'team-z' }]),
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set', namespace: 'team-z' }]),
      state: [
        listenerSet('team-z/old', 'infra/old', [listener('b')]),
        listenerSet('team-z/set', 'infra/gone', [listener('b')]),
      ],
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: 'parentRefs[0] → an object in another namespace does not exist. Create it, or correct the name',
        },
      ],
    },
    {
      name: 'the Gateway that a ListenerSet of the own namespace lacks is named',
      object: route([{ group: GROUP, kind: 'ListenerSet', name: 'set' }]),
      state: [listenerSet('team-b/set', 'infra/gone', [listener('b')])],
      expect: [
        {
          rule: 'parent-not-found',
          path,
          message: 'parentRefs[0] → Gateway infra/gone does not exist. Create it, or correct the name',
        },
      ],
    },
    {
      name: 'a default Gateway that does not admit the namespace',
      object: route([], { useDefaultGateways: 'All' }),
      state: [{ ...gateway('infra/public', [{ name: 'web', port: 80, protocol: 'HTTP' }], { defaultScope: 'All' }) }],
      expect: [
        {
          rule: 'not-allowed-by-listeners',
          path: 'spec.useDefaultGateways',
          message:
            'useDefaultGateways → Gateway infra/public: listener "web" admits routes of namespace infra only; the route is in namespace team-b',
        },
      ],
    },
    {
      name: 'a parent of an UPDATE that was wrong before is only a warning',
      oldObject: route([toPublic]),
      object: route([toPublic], { hostnames: ['a.example.com'] }),
      state: [selecting, team],
      expect: [{ rule: 'not-allowed-by-listeners', path, message: lacksLabel, relief: 'ratcheted' }],
    },
    {
      name: 'and is so when a parent before it goes',
      oldObject: route([{ name: 'gone' }, toPublic]),
      object: route([toPublic]),
      state: [selecting, team],
      expect: [{ rule: 'not-allowed-by-listeners', path, message: lacksLabel, relief: 'ratcheted' }],
    },
    {
      name: 'and when a hostname goes that none of its listeners serves either',
      oldObject: route([toPublic], { hostnames: ['a.example.com', 'b.example.com'] }),
      object: route([toPublic], { hostnames: ['b.example.com'] }),
      state: [gateway('infra/public', [listener('a', { hostname: 'c.example.com', allowedRoutes: all })])],
      expect: [
        {
          rule: 'no-matching-listener-hostname',
          path,
          message: `${at}: listener "a" serves c.example.com, which shares no name with b.example.com`,
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'but not when it is another listener of the parent',
      oldObject: route([{ ...toPublic, port: 81 }]),
      object: route([{ ...toPublic, port: 82 }]),
      state: [gateway('infra/public', [listener('a', { port: 80 })])],
      expect: [
        { rule: 'no-matching-parent', path, message: `${at} has no listener on port 82; it has "a" on port 80` },
      ],
    },
  ],
});

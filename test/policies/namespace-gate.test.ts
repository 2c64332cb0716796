import type { Requester } from '#policy';
import { namespaceGate } from '../../policies/namespace-gate/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const namespace = (labels: Readonly<Record<string, string>>): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'team-b', labels },
});

const listener = (namespaces: unknown): unknown => ({
  name: 'web',
  port: 80,
  protocol: 'HTTP',
  allowedRoutes: { namespaces },
});

const gateway = (namespaces: unknown): unknown => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'infra' },
  spec: { gatewayClassName: 'public', listeners: [listener(namespaces)] },
});

const gatewayOfListenerSets = (namespaces: unknown): unknown => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'open', namespace: 'infra' },
  spec: { gatewayClassName: 'public', listeners: [listener({ from: 'Same' })], allowedListeners: { namespaces } },
});

const listenerSet = (kind: string, apiVersion: string, namespaces: unknown): object => ({
  apiVersion,
  kind,
  metadata: { name: 'more', namespace: 'infra' },
  spec: { parentRef: { name: 'open' }, listeners: [listener(namespaces)] },
});

const LISTENER_SETS = [
  ['ListenerSet', 'gateway.networking.k8s.io/v1'],
  ['XListenerSet', 'gateway.networking.x-k8s.io/v1alpha1'],
] as const;

const byLabel = (key: string): unknown => ({ from: 'Selector', selector: { matchLabels: { [key]: 'true' } } });
const byTerm = (key: string): unknown => ({
  from: 'Selector',
  selector: { matchExpressions: [{ key, operator: 'DoesNotExist' }] },
});

const alice: Requester = { username: 'alice', groups: ['developers'] };
const admin: Requester = { username: 'root', groups: ['developers', 'platform-admins'] };
const robot: Requester = { username: 'robot', groups: [] };

const document = (spec: Readonly<Record<string, unknown>>): readonly [{ name: string; spec: unknown }] => [
  { name: 'gate', spec: { action: 'Deny', allowedUsers: ['robot'], allowedGroups: ['platform-admins'], ...spec } },
];

const set = (key: string, value: string, reason: string) => ({
  rule: 'label-set',
  path: key.includes('.') ? `metadata.labels[${key}]` : `metadata.labels.${key}`,
  message:
    `${key.includes('.') ? `metadata.labels[${key}]` : `metadata.labels.${key}`}: ${reason}; alice may not set it to "${value}" ` +
    '(policy gate). Ask group platform-admins or robot to do it',
});
const guarded = (key: string) => `label ${key} is guarded`;
const selected = (key: string) => `a Gateway admits routes or listeners of namespaces by label ${key}`;

policyTable(namespaceGate, {
  documents: document({ labels: ['access'] }),
  valid: [
    {
      name: 'a namespace that the document does not mean, neither before nor after',
      documents: document({ labels: ['access'], match: { namespaceSelector: { matchLabels: { tier: 'apps' } } } }),
      oldObject: namespace({ tier: 'infra' }),
      object: namespace({ tier: 'infra', access: 'true' }),
      requester: alice,
      skipped: true,
    },
    {
      name: 'a namespace that the document does not name',
      documents: document({ labels: ['access'], match: { namespaces: ['team-a'] } }),
      object: namespace({ access: 'true' }),
      requester: alice,
      skipped: true,
    },
    { name: 'a label nobody guards', object: namespace({ team: 'b' }), requester: alice },
    {
      name: 'a guarded label, set by a member of an allowed group',
      object: namespace({ access: 'true' }),
      requester: admin,
    },
    { name: 'a guarded label, set by an allowed user', object: namespace({ access: 'true' }), requester: robot },
    {
      name: 'an update that leaves the guarded label as it was',
      oldObject: namespace({ access: 'true' }),
      object: namespace({ access: 'true', team: 'b' }),
      requester: alice,
    },
    {
      name: 'the label of the name, which everybody has',
      object: namespace({ 'kubernetes.io/metadata.name': 'team-b' }),
      requester: alice,
    },
    {
      name: 'the same, where a listener selects on it',
      object: namespace({ 'kubernetes.io/metadata.name': 'team-b' }),
      requester: alice,
      state: [gateway(byLabel('kubernetes.io/metadata.name'))],
    },
    { name: 'nobody in particular', object: namespace({ access: 'true' }) },
    {
      name: 'a label that a selector names but does not read',
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gateway({ from: 'Same', selector: { matchLabels: { live: 'true' } } })],
    },
    {
      name: 'a label that a selector reads, with auto off',
      documents: document({ labels: ['access'], auto: false }),
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gateway(byLabel('live'))],
    },
    ...LISTENER_SETS.flatMap(([kind, apiVersion]) => [
      {
        name: `a label that only ${kind}s of no Gateway select on`,
        object: namespace({ live: 'true' }),
        requester: alice,
        state: [listenerSet(kind, apiVersion, byLabel('live'))],
      },
      {
        name: `a label that only ${kind}s select on which their Gateway does not admit`,
        object: namespace({ live: 'true' }),
        requester: alice,
        state: [gatewayOfListenerSets({ from: 'None' }), listenerSet(kind, apiVersion, byLabel('live'))],
      },
    ]),
    {
      name: 'a label that a ListenerSet selects on which names no Gateway, though one may be out of sight',
      object: namespace({ live: 'true' }),
      requester: alice,
      visibility: 'some',
      state: [
        {
          ...listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live')),
          spec: {
            parentRef: { group: 'example.com', kind: 'Mesh', name: 'open' },
            listeners: [listener(byLabel('live'))],
          },
        },
      ],
    },
  ],
  invalid: [
    {
      name: 'a namespace that leaves the match of the document by the same write',
      documents: document({ labels: ['access'], match: { namespaceSelector: { matchLabels: { tier: 'apps' } } } }),
      oldObject: namespace({ tier: 'apps' }),
      object: namespace({ access: 'true' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a namespace that the document names',
      documents: document({ labels: ['access'], match: { namespaces: ['team-b'] } }),
      object: namespace({ access: 'true' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a namespace that excuses itself by a label',
      documents: document({
        labels: ['access'],
        match: { namespaceSelector: { matchExpressions: [{ key: 'free', operator: 'DoesNotExist' }] } },
      }),
      oldObject: namespace({}),
      object: namespace({ access: 'true', free: 'yes' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a guarded label beside another one of the same value, which was there',
      documents: document({ labels: ['access', 'tier'] }),
      oldObject: namespace({ tier: 'true' }),
      object: namespace({ access: 'true', tier: 'true' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a guarded label on a new namespace',
      object: namespace({ access: 'true' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a guarded label added later',
      oldObject: namespace({ team: 'b' }),
      object: namespace({ access: 'true', team: 'b' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a guarded label changed',
      oldObject: namespace({ access: 'false' }),
      object: namespace({ access: 'true' }),
      requester: alice,
      expect: [set('access', 'true', guarded('access'))],
    },
    {
      name: 'a guarded label removed',
      oldObject: namespace({ access: 'true' }),
      object: namespace({}),
      requester: alice,
      expect: [
        {
          rule: 'label-removed',
          path: 'metadata.labels.access',
          message:
            'metadata.labels.access: label access is guarded; alice may not remove it (policy gate). Ask group platform-admins or robot to do it',
        },
      ],
    },
    {
      name: 'all labels removed, two guarded ones among them',
      documents: document({ labels: ['tier', 'access'] }),
      oldObject: namespace({ tier: 'web', access: 'true', team: 'b' }),
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-b' } },
      requester: alice,
      expect: ['access', 'tier'].map((key) => ({
        rule: 'label-removed',
        path: `metadata.labels.${key}`,
        message: `metadata.labels.${key}: label ${key} is guarded; alice may not remove it (policy gate). Ask group platform-admins or robot to do it`,
      })) as [ExpectedFinding, ExpectedFinding],
    },
    {
      name: 'a label that a listener selects on',
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gateway(byLabel('live'))],
      expect: [set('live', 'true', selected('live'))],
    },
    {
      name: 'a label that an expression reads',
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gateway(byTerm('live'))],
      expect: [set('live', 'true', selected('live'))],
    },
    {
      name: 'a label that admits ListenerSets',
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gatewayOfListenerSets(byLabel('live'))],
      expect: [set('live', 'true', selected('live'))],
    },
    ...LISTENER_SETS.map(([kind, apiVersion]) => ({
      name: `a label that ${kind}s of a Gateway select on`,
      object: namespace({ live: 'true' }),
      requester: alice,
      state: [gatewayOfListenerSets({ from: 'Same' }), listenerSet(kind, apiVersion, byLabel('live'))],
      expect: [set('live', 'true', selected('live'))] as const,
    })),
    {
      name: 'a label that a ListenerSet selects on, whose Gateway is out of sight',
      object: namespace({ live: 'true' }),
      requester: alice,
      visibility: 'some',
      state: [listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live'))],
      expect: [{ ...set('live', 'true', selected('live')), certain: false }],
      restsOn: ['Gateway infra/open'],
    },
    {
      name: 'the same beside a ListenerSet whose Gateway is in sight',
      object: namespace({ live: 'true' }),
      requester: alice,
      visibility: 'some',
      state: [
        gatewayOfListenerSets({ from: 'Same' }),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live')),
        {
          ...listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live')),
          metadata: { name: 'another', namespace: 'infra' },
          spec: { parentRef: { name: 'elsewhere' }, listeners: [listener(byLabel('live'))] },
        },
      ],
      expect: [set('live', 'true', selected('live'))],
      restsOn: [],
    },
    {
      name: 'the same, of a label that the document names',
      documents: document({ labels: ['live'] }),
      object: namespace({ live: 'true' }),
      requester: alice,
      visibility: 'some',
      state: [listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live'))],
      expect: [set('live', 'true', selected('live'))],
      restsOn: [],
    },
    {
      name: 'a label that a ListenerSet selects on, which labels out of sight may admit',
      object: namespace({ live: 'true' }),
      requester: alice,
      visibility: 'some',
      state: [
        gatewayOfListenerSets(byLabel('sets')),
        listenerSet('ListenerSet', 'gateway.networking.k8s.io/v1', byLabel('live')),
      ],
      expect: [{ ...set('live', 'true', selected('live')), certain: false }],
      restsOn: ['Namespace infra'],
    },
    {
      name: 'labels named as JavaScript names things',
      object: namespace({ constructor: 'true', toString: 'x' }),
      requester: alice,
      state: [gateway(byLabel('constructor'))],
      expect: [set('constructor', 'true', selected('constructor'))],
    },
    {
      name: 'a user whom the review does not name',
      documents: [{ name: 'gate', spec: { action: 'Deny', labels: ['access'] } }],
      object: namespace({ access: 'true' }),
      requester: { username: '', groups: [] },
      expect: [
        {
          rule: 'label-set',
          path: 'metadata.labels.access',
          message:
            'metadata.labels.access: label access is guarded; an unnamed requester may not set it to "true" (policy gate). Ask an administrator to do it',
        },
      ],
    },
    {
      name: 'a user with nobody to turn to',
      documents: [{ name: 'gate', spec: { action: 'Deny', labels: ['access'] } }],
      object: namespace({ access: 'true' }),
      requester: alice,
      expect: [
        {
          rule: 'label-set',
          path: 'metadata.labels.access',
          message:
            'metadata.labels.access: label access is guarded; alice may not set it to "true" (policy gate). Ask an administrator to do it',
        },
      ],
    },
  ],
});

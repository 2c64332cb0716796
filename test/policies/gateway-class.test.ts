import type { Requester } from '#policy';
import { gatewayClass } from '../../policies/gateway-class/policy.ts';
import { policyTable } from '../support/policyTable.ts';

const gateway = (namespace: string, className: string, labels: Readonly<Record<string, string>> = {}): unknown => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'web', namespace, labels },
  spec: { gatewayClassName: className, listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
});

const gatewayClassNamed = (name: string, conditions: readonly unknown[] = []): object => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name },
  spec: { controllerName: 'example.com/controller' },
  status: { conditions },
});

const accepted = (status: string, reason: string): unknown => ({
  type: 'Accepted',
  status,
  reason,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const namespace = (name: string, labels: Readonly<Record<string, string>>): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

const classes = ['public', 'internal', 'free'].map((name) => gatewayClassNamed(name, [accepted('True', 'Accepted')]));
const state = [...classes, namespace('infra', {}), namespace('team-a', { tier: 'platform' }), namespace('team-b', {})];

const alice: Requester = { username: 'alice', groups: ['developers'] };
const admin: Requester = { username: 'root', groups: ['developers', 'platform-admins'] };

const path = 'spec.gatewayClassName';
const notAllowed = (team: string, className: string, allowed: string): string =>
  `${path}: namespace ${team} may not use class "${className}" (policy classes); it may use ${allowed}`;
const CHOICE = '. Choose one of these, or ask for access';
const NONE = 'none of the classes that the policy lists. Ask for access, or choose a class that it does not list';

policyTable(gatewayClass, {
  documents: [
    {
      name: 'classes',
      spec: {
        action: 'Deny',
        classes: [
          { name: 'public', namespaces: ['infra'] },
          { name: 'internal', namespaceSelector: { matchLabels: { tier: 'platform' } } },
        ],
        allowedGroups: ['platform-admins'],
      },
    },
  ],
  valid: [
    { name: 'a class by the name of the namespace', object: gateway('infra', 'public'), requester: admin, state },
    { name: 'a class by the label of the namespace', object: gateway('team-a', 'internal'), requester: admin, state },
    {
      name: 'one of several entries for a class',
      documents: [
        {
          name: 'classes',
          spec: {
            action: 'Deny',
            classes: ['infra', 'team-b', 'team-c'].map((team) => ({ name: 'public', namespaces: [team] })),
          },
        },
      ],
      object: gateway('team-b', 'public'),
      requester: admin,
      state,
    },
    { name: 'a class that nobody lists', object: gateway('team-b', 'free'), requester: admin, state },
    { name: 'nobody in particular creates it', object: gateway('infra', 'public'), state },
    {
      name: 'somebody else changes a Gateway that is there',
      oldObject: gateway('infra', 'public'),
      object: gateway('infra', 'public', { changed: 'yes' }),
      requester: alice,
      state,
    },
    {
      name: 'no list of classes and no list of groups',
      documents: [{ name: 'classes', spec: { action: 'Deny' } }],
      object: gateway('team-b', 'public'),
      requester: alice,
      state,
    },
    {
      name: 'a class whose controller has not spoken yet',
      object: gateway('team-b', 'new'),
      requester: admin,
      state: [...state, gatewayClassNamed('new', [accepted('Unknown', 'Pending')])],
    },
    {
      name: 'a class without a word about its acceptance',
      object: gateway('team-b', 'new'),
      requester: admin,
      state: [...state, gatewayClassNamed('new')],
    },
    {
      name: 'a class with an empty status',
      object: gateway('team-b', 'new'),
      requester: admin,
      state: [...state, { ...gatewayClassNamed('new'), status: {} }],
    },
  ],
  invalid: [
    {
      name: 'a class of another namespace, listed by name',
      object: gateway('team-a', 'public'),
      requester: admin,
      state,
      expect: [{ rule: 'class-not-allowed', path, message: notAllowed('team-a', 'public', `"internal"${CHOICE}`) }],
      restsOn: [],
    },
    {
      name: 'a class of namespaces with a label that this one lacks',
      object: gateway('team-b', 'internal'),
      requester: admin,
      state,
      expect: [{ rule: 'class-not-allowed', path, message: notAllowed('team-b', 'internal', NONE) }],
      restsOn: ['Namespace team-b'],
    },
    {
      name: 'the same with the namespace out of sight',
      object: gateway('team-c', 'internal'),
      requester: admin,
      state,
      visibility: { Namespace: 'some' },
      expect: [
        {
          rule: 'class-not-allowed',
          path,
          message: notAllowed('team-c', 'internal', NONE),
          certain: false,
        },
      ],
    },
    {
      name: 'an update to a class of another namespace',
      oldObject: gateway('team-b', 'free'),
      object: gateway('team-b', 'public'),
      requester: alice,
      state,
      expect: [{ rule: 'class-not-allowed', path, message: notAllowed('team-b', 'public', NONE) }],
    },
    {
      name: 'an update that keeps a class which is not allowed',
      oldObject: gateway('team-b', 'public'),
      object: gateway('team-b', 'public', { changed: 'yes' }),
      requester: alice,
      state,
      expect: [
        {
          rule: 'class-not-allowed',
          path,
          message: notAllowed('team-b', 'public', NONE),
          relief: 'ratcheted',
        },
      ],
    },
    {
      name: 'a creator of no allowed group',
      object: gateway('infra', 'public'),
      requester: alice,
      state,
      expect: [
        {
          rule: 'creator-not-allowed',
          path: '',
          message:
            'Gateways are created by group platform-admins only (policy classes); alice is in none of them. Ask one of them to create it',
        },
      ],
    },
    {
      name: 'a creator whom the review does not name',
      object: gateway('infra', 'public'),
      requester: { username: '', groups: [] },
      state,
      expect: [
        {
          rule: 'creator-not-allowed',
          path: '',
          message:
            'Gateways are created by group platform-admins only (policy classes); an unnamed requester is in none of them. Ask one of them to create it',
        },
      ],
    },
    {
      name: 'a class that does not exist',
      object: gateway('infra', 'absent'),
      requester: admin,
      state,
      expect: [
        {
          rule: 'class-missing',
          path,
          action: 'Warn',
          message: `${path}: there is no GatewayClass "absent"; no controller will serve the Gateway. Create the class or correct the name`,
        },
      ],
    },
    {
      name: 'a class that is out of sight',
      object: gateway('infra', 'absent'),
      requester: admin,
      state,
      visibility: { GatewayClass: 'some' },
      expect: [
        {
          rule: 'class-missing',
          path,
          action: 'Warn',
          certain: false,
          message: `${path}: there is no GatewayClass "absent"; no controller will serve the Gateway. Create the class or correct the name`,
        },
      ],
    },
    {
      name: 'a class that its controller refuses',
      object: gateway('infra', 'refused'),
      requester: admin,
      state: [...state, gatewayClassNamed('refused', [accepted('False', 'InvalidParameters')])],
      expect: [
        {
          rule: 'class-not-accepted',
          path,
          action: 'Warn',
          message: `${path}: GatewayClass "refused" is not accepted by its controller (InvalidParameters); the Gateway will not be served until it is`,
        },
      ],
    },
  ],
  refused: [
    {
      name: 'namespaces and a selector at once',
      documents: [
        { name: 'classes', spec: { classes: [{ name: 'public', namespaces: ['a'], namespaceSelector: {} }] } },
      ],
      issues: [{ path: 'spec.classes[0]', message: 'give exactly one of namespaces and namespaceSelector' }],
    },
    {
      name: 'neither',
      documents: [{ name: 'classes', spec: { classes: [{ name: 'public' }] } }],
      issues: [{ path: 'spec.classes[0]', message: 'give exactly one of namespaces and namespaceSelector' }],
    },
  ],
});

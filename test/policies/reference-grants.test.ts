import { referenceGrants } from '../../policies/reference-grants/policy.ts';
import { policyTable, type ExpectedFinding } from '../support/policyTable.ts';

const GROUP = 'gateway.networking.k8s.io';

interface Entry {
  readonly group: string;
  readonly kind: string;
}

const from = (kind: string, namespace: string, group = GROUP) => ({ group, kind, namespace });
const to = (kind: string, name?: string, group = '') => ({ group, kind, ...(name === undefined ? {} : { name }) });
const HTTP_WEB = from('HTTPRoute', 'team-web');

/** A grant of namespace `data`. */
function grant(sources: readonly Entry[], targets: readonly Entry[], version = 'v1', name = 'grant'): object {
  return {
    apiVersion: `${GROUP}/${version}`,
    kind: 'ReferenceGrant',
    metadata: { namespace: 'data', name },
    spec: { from: sources, to: targets },
  };
}

/** A route under its namespace and name that sends to Services of `data`. */
function route(at: string, services: readonly string[], kind = 'HTTPRoute'): object {
  const [namespace, name] = at.split('/');
  const backendRefs = services.map((service) => ({ namespace: 'data', name: service, port: 80 }));
  return {
    apiVersion: `${GROUP}/v1`,
    kind,
    metadata: { namespace, name },
    spec: { parentRefs: [{ name: 'public' }], rules: [{ backendRefs }] },
  };
}

/** A Gateway of `infra` whose listener takes its certificate from `data`. */
function gateway(secret: string): object {
  const tls = { certificateRefs: [{ namespace: 'data', name: secret }] };
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Gateway',
    metadata: { namespace: 'infra', name: 'public' },
    spec: { gatewayClassName: 'public', listeners: [{ name: 'web', port: 443, protocol: 'HTTPS', tls }] },
  };
}

function namespace(name: string, labels: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

const ALLOW = [
  {
    from: {
      kinds: [
        { group: GROUP, kind: 'HTTPRoute' },
        { group: GROUP, kind: 'GRPCRoute' },
      ],
      namespaceSelector: { matchLabels: { tier: 'apps' } },
    },
    to: { kinds: [{ group: '', kind: 'Service' }] },
  },
  {
    from: { kinds: [{ group: GROUP, kind: 'Gateway' }], namespaces: ['infra'] },
    to: { kinds: [{ group: '', kind: 'Secret' }], namespaces: ['data'] },
  },
];
const ALLOWED =
  'It allows HTTPRoute, GRPCRoute of namespaces with tier=apps to Service; Gateway of infra to Secret of data';
const APPS = namespace('team-web', { tier: 'apps' });

/** Use is a matter of its own table rows. */
const QUIET = { unused: 'Disabled', 'wider-than-used': 'Disabled' };
const scope = (spec: object = {}) => [{ name: 'scope', spec: { action: 'Deny', rules: QUIET, ...spec } }];
const using = (spec: object = {}) => [{ name: 'scope', spec: { action: 'Deny', ...spec } }];
const entries = (count: number) => Array.from({ length: count }, (_, at) => to('Service', `s${at}`));

const unnamed = (at: number, kind: string, newly = '') =>
  `spec.to[${at}].name is missing, so the grant opens every ${kind} of data, present and future${newly}. Name the targets that are meant`;
const pairFinding = (
  at: number,
  source: string,
  target: string,
  relief: 'none' | 'ratcheted',
  newly = '',
): ExpectedFinding => ({
  rule: 'pair-not-allowed',
  path: `spec.from[${at}]`,
  message: `spec.from[${at}] lets ${source} of infra refer to ${target} of data${newly}, which policy scope does not allow. ${ALLOWED}`,
  ...(relief === 'none' ? {} : { relief }),
});
const unusedPart = (path: string, part: string): ExpectedFinding => ({
  rule: 'unused',
  path,
  action: 'Warn',
  message: `${path}: nothing uses ${part}. Remove it, unless its route is still to come`,
});
const WIDE = 'spec opens more than 8 pairs: every from goes with every to. Write one grant for each relation';

policyTable(referenceGrants, {
  documents: scope(),
  valid: [
    { name: 'a named Service', object: grant([HTTP_WEB], [to('Service', 'api')]) },
    { name: 'a named Secret, v1beta1', object: grant([from('Gateway', 'infra')], [to('Secret', 'tls')], 'v1beta1') },
    {
      name: 'named: Secrets leaves Services alone',
      documents: scope({ named: 'Secrets' }),
      object: grant([HTTP_WEB], [to('Service')]),
    },
    {
      name: 'named: Secrets leaves a Secret of another group alone',
      documents: scope({ named: 'Secrets' }),
      object: grant([HTTP_WEB], [to('Secret', undefined, 'vault.example.com')]),
    },
    {
      name: 'named: Never asks for no name',
      documents: scope({ named: 'Never' }),
      object: grant([from('Gateway', 'infra')], [to('Secret')]),
    },
    {
      name: 'pairs that fit a line each',
      documents: scope({ allow: ALLOW }),
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], [to('Service', 'api'), to('Service', 'db')]),
      state: [APPS],
    },
    {
      name: 'a pair that fits by name',
      documents: scope({ allow: ALLOW }),
      object: grant([from('Gateway', 'infra')], [to('Secret', 'tls')]),
    },
    {
      name: 'a line without kinds takes any',
      documents: scope({ allow: [{ from: { namespaces: ['team-web'] }, to: {} }] }),
      object: grant([HTTP_WEB], [to('Widget', 'w', 'example.com')]),
    },
    { name: 'as many pairs as allowed', object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], entries(4)) },
    { name: 'a limit of its own', documents: scope({ maxPairs: 9 }), object: grant([HTTP_WEB], entries(9)) },
    {
      name: 'kinds of other groups may be called anything',
      object: grant([from('Service', 'x', 'serving.knative.dev')], [to('Secrets', 's', 'vault.example.com')]),
    },
    {
      name: 'a source of the core group that nobody knows',
      object: grant([from('Widget', 'x', '')], [to('Secret', 's')]),
    },
    {
      name: 'a target of Gateway API itself, as for routes that delegate to routes',
      object: grant([HTTP_WEB], [to('HTTPRoute', 'child', GROUP)]),
    },
    {
      name: 'every pair in use, some of them by one route',
      documents: using(),
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], [to('Service', 'api'), to('Service', 'db')]),
      state: [route('team-web/web', ['api', 'db', 'own']), route('team-web/grpc', ['db', 'api'], 'GRPCRoute')],
    },
    {
      name: 'a kind that Gateward does not know may use anything',
      documents: using(),
      object: grant([from('SecurityPolicy', 'infra', 'gateway.envoyproxy.io')], [to('Secret', 'tls')]),
    },
    { name: 'DELETE of a grant that nothing uses', operation: 'DELETE', object: grant([HTTP_WEB], [to('Secret')]) },
    {
      name: 'DELETE of a grant beside one that permits the same',
      operation: 'DELETE',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [route('team-web/web', ['api']), grant([HTTP_WEB], [to('Service')], 'v1beta1', 'other')],
    },
    {
      name: 'DELETE of a grant whose references go elsewhere',
      operation: 'DELETE',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [
        route('team-web/web', ['db']),
        route('team-two/web', ['api']),
        route('team-web/grpc', ['api'], 'GRPCRoute'),
      ],
    },
    {
      name: 'UPDATE that leaves what is in use',
      oldObject: grant([HTTP_WEB], [to('Service')]),
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [route('team-web/web', ['api'])],
    },
    {
      name: 'an excluded user',
      skipped: true,
      documents: scope({ match: { excludedUsers: ['argocd'] } }),
      object: grant([HTTP_WEB], [to('Secret')]),
      requester: { username: 'argocd', groups: [] },
    },
  ],
  invalid: [
    {
      name: 'targets without a name',
      object: grant([HTTP_WEB], [to('Service', 'api'), to('Service'), to('Secret')]),
      expect: [
        { rule: 'unnamed-target', path: 'spec.to[1].name', message: unnamed(1, 'Service') },
        { rule: 'unnamed-target', path: 'spec.to[2].name', message: unnamed(2, 'Secret') },
      ],
    },
    {
      name: 'targets without a name, v1beta1 (A30)',
      object: grant([HTTP_WEB], [to('Secret')], 'v1beta1'),
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Secret') }],
    },
    {
      name: 'named: Secrets asks for the names of Secrets',
      documents: scope({ named: 'Secrets' }),
      object: grant([HTTP_WEB], [to('Service'), to('Secret')]),
      expect: [{ rule: 'unnamed-target', path: 'spec.to[1].name', message: unnamed(1, 'Secret') }],
    },
    {
      name: 'a nameless target is not named by a machine that does not see all',
      visibility: { TLSRoute: 'some' },
      object: grant([HTTP_WEB, from('TLSRoute', 'team-web')], [to('Service')]),
      state: [route('team-web/web', ['api'])],
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service') }],
      fixes: [],
    },
    {
      name: 'nor where the names in use exceed the 16 entries of the CRD',
      documents: scope({ maxPairs: 16 }),
      object: grant([HTTP_WEB], [to('Service'), ...entries(14)]),
      state: [route('team-web/web', ['x', 'y', 'z'])],
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service') }],
      fixes: [],
    },
    {
      name: 'nor where a kind that Gateward does not know may use others',
      object: grant([HTTP_WEB, from('SecurityPolicy', 'team-web', 'gateway.envoyproxy.io')], [to('Service')]),
      state: [route('team-web/web', ['api'])],
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service') }],
      fixes: [],
    },
    {
      name: 'nor where all that is in use is named beside it',
      object: grant([HTTP_WEB], [to('Service'), to('Service', 'api')]),
      state: [route('team-web/web', ['api'])],
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service') }],
      fixes: [],
    },
    {
      name: 'UPDATE: a nameless target that was there is not denied',
      oldObject: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], [to('Service')]),
      object: grant([from('GRPCRoute', 'team-web')], [to('Service')]),
      expect: [
        { rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service'), relief: 'ratcheted' },
      ],
    },
    {
      name: 'UPDATE: a nameless target opened to one more source is',
      oldObject: grant([HTTP_WEB], [to('Service')]),
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], [to('Service')]),
      expect: [
        {
          rule: 'unnamed-target',
          path: 'spec.to[0].name',
          message: unnamed(0, 'Service', ', now to GRPCRoute of team-web too'),
        },
      ],
    },
    {
      name: 'UPDATE: a nameless target opened to another namespace in place of the old one is',
      oldObject: grant([HTTP_WEB], [to('Service')]),
      object: grant([from('HTTPRoute', 'team-evil')], [to('Service')]),
      expect: [
        {
          rule: 'unnamed-target',
          path: 'spec.to[0].name',
          message: unnamed(0, 'Service', ', now to HTTPRoute of team-evil too'),
        },
      ],
    },
    {
      name: 'UPDATE: a nameless target opened to a kind of the same name in another group is',
      oldObject: grant([from('HTTPRoute', 'team-web', 'one.example')], [to('Service')]),
      object: grant([HTTP_WEB], [to('Service')]),
      expect: [
        {
          rule: 'unnamed-target',
          path: 'spec.to[0].name',
          message: unnamed(0, 'Service', ', now to HTTPRoute of team-web too'),
        },
      ],
    },
    {
      name: 'UPDATE: a target that had names loses them',
      oldObject: grant([HTTP_WEB], [to('Service', 'api')]),
      object: grant([from('HTTPRoute', 'team-evil')], [to('Service')]),
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service') }],
    },
    {
      name: 'UPDATE: another group in place of that of a nameless target is another violation',
      oldObject: grant([HTTP_WEB], [to('Service')]),
      object: grant([HTTP_WEB], [to('Service', undefined, 'evil.example')]),
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service.evil.example') }],
    },
    {
      name: 'UPDATE: the group that a kind has in place of one in which it matches nothing is another violation',
      documents: scope({ allow: ALLOW, rules: { ...QUIET, 'unknown-kind': 'Disabled' } }),
      oldObject: grant([from('TLSRoute', 'team-web', '')], [to('Service', 'api')]),
      object: grant([from('TLSRoute', 'team-web')], [to('Service', 'api')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets TLSRoute of team-web refer to Service of data, which policy scope does not allow. ${ALLOWED}`,
        },
      ],
    },
    {
      name: 'UPDATE: another group on either end of a pair is another violation, the same one is not',
      documents: scope({ allow: ALLOW }),
      oldObject: grant(
        [from('Policy', 'infra', 'one.example')],
        [to('Widget', 'w', 'one.example'), to('Gadget', 'g', 'one.example')],
      ),
      object: grant(
        [from('Policy', 'infra', 'one.example'), from('Policy', 'infra', 'two.example')],
        [to('Widget', 'w', 'two.example'), to('Gadget', 'g', 'one.example')],
      ),
      expect: [
        pairFinding(0, 'Policy.one.example', 'Widget.two.example', 'none'),
        pairFinding(0, 'Policy.one.example', 'Gadget.one.example', 'ratcheted'),
        pairFinding(1, 'Policy.two.example', 'Widget.two.example', 'none'),
        pairFinding(1, 'Policy.two.example', 'Gadget.one.example', 'none'),
      ],
    },
    {
      name: 'UPDATE: another name in a pair that was not allowed is opened newly',
      documents: scope({ allow: ALLOW }),
      oldObject: grant([from('Gateway', 'infra')], [to('Service', 'api')]),
      object: grant([from('Gateway', 'infra')], [to('Service', 'db')]),
      expect: [pairFinding(0, 'Gateway', 'Service', 'none', ', now to db too')],
    },
    {
      name: 'UPDATE: so is every other name, where the name goes',
      documents: scope({ allow: ALLOW, named: 'Never' }),
      oldObject: grant([from('Gateway', 'infra')], [to('Service', 'api')]),
      object: grant([from('Gateway', 'infra')], [to('Service')]),
      expect: [pairFinding(0, 'Gateway', 'Service', 'none', ', now to all of them')],
    },
    {
      name: 'UPDATE: a name in place of all, or fewer names, open nothing newly',
      documents: scope({ allow: ALLOW, named: 'Never' }),
      oldObject: grant([from('Gateway', 'infra')], [to('Service'), to('Widget', 'a'), to('Widget', 'b')]),
      object: grant([from('Gateway', 'infra')], [to('Service', 'db'), to('Widget', 'b')]),
      expect: [pairFinding(0, 'Gateway', 'Service', 'ratcheted'), pairFinding(0, 'Gateway', 'Widget', 'ratcheted')],
    },
    {
      name: 'UPDATE: a name of another kind, or of one of another group, opens nothing of this one newly',
      documents: scope({ allow: ALLOW }),
      oldObject: grant(
        [from('Gateway', 'infra')],
        [to('Service', 'api'), to('Widget', 'a'), to('Service', 'a', 'one.example')],
      ),
      object: grant(
        [from('Gateway', 'infra')],
        [
          to('Service', 'api'),
          to('Widget', 'a'),
          to('Widget', 'b'),
          to('Service', 'a', 'one.example'),
          to('Service', 'b', 'one.example'),
        ],
      ),
      expect: [
        pairFinding(0, 'Gateway', 'Service', 'ratcheted'),
        pairFinding(0, 'Gateway', 'Widget', 'none', ', now to b too'),
        pairFinding(0, 'Gateway', 'Service.one.example', 'none', ', now to b too'),
      ],
    },
    {
      name: 'a pair that crosses two lines',
      documents: scope({ allow: ALLOW }),
      object: grant([HTTP_WEB, from('Gateway', 'infra')], [to('Service', 'api'), to('Secret', 'tls')]),
      state: [APPS],
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets HTTPRoute of team-web refer to Secret of data, which policy scope does not allow. ${ALLOWED}`,
        },
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[1]',
          message: `spec.from[1] lets Gateway of infra refer to Service of data, which policy scope does not allow. ${ALLOWED}`,
        },
      ],
    },
    {
      name: 'a source of the right kind in another namespace, by name and by label',
      documents: scope({ allow: ALLOW }),
      object: grant([from('Gateway', 'team-web')], [to('Secret', 'tls')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets Gateway of team-web refer to Secret of data, which policy scope does not allow. ${ALLOWED}`,
        },
      ],
    },
    {
      name: 'a source whose Namespace says no',
      documents: scope({ allow: ALLOW }),
      visibility: 'some',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [namespace('team-web', { tier: 'infra' })],
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. ${ALLOWED}`,
        },
      ],
      restsOn: ['Namespace team-web'],
    },
    {
      name: 'a grant whose own Namespace says no',
      documents: scope({
        allow: [
          {
            from: { namespaceSelector: { matchLabels: { tier: 'apps' } } },
            to: { namespaceSelector: { matchLabels: { tier: 'shared' } } },
          },
        ],
      }),
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [APPS, namespace('data', {})],
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message:
            'spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. It allows any kind of namespaces with tier=apps to any kind of namespaces with tier=shared',
        },
      ],
      restsOn: ['Namespace data'],
    },
    {
      name: 'kinds of a line in other groups',
      documents: scope({ allow: ALLOW, rules: { ...QUIET, 'unknown-kind': 'Disabled' } }),
      object: grant(
        [from('Gateway', 'infra', 'one.example'), from('Gateway', 'infra')],
        [to('Secret', 'tls', 'one.example')],
      ),
      expect: [
        pairFinding(0, 'Gateway.one.example', 'Secret.one.example', 'none'),
        pairFinding(1, 'Gateway', 'Secret.one.example', 'none'),
      ],
    },
    {
      name: 'a source that its name alone rules out needs no Namespace in sight',
      documents: scope({
        allow: [
          {
            from: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'infra', tier: 'apps' } } },
            to: {},
          },
        ],
      }),
      visibility: 'some',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message:
            'spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. It allows any kind of namespaces with kubernetes.io/metadata.name=infra,tier=apps to any kind',
        },
      ],
    },
    {
      name: 'a source of another kind',
      documents: scope({ allow: ALLOW }),
      object: grant([from('TLSRoute', 'team-web')], [to('Service', 'api')]),
      state: [APPS],
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets TLSRoute of team-web refer to Service of data, which policy scope does not allow. ${ALLOWED}`,
        },
      ],
    },
    {
      name: 'a source whose Namespace is not in sight',
      documents: scope({ allow: ALLOW }),
      visibility: 'some',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message: `spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. ${ALLOWED}`,
          certain: false,
        },
      ],
    },
    {
      name: 'a grant where none may stand, whatever the labels of its source out of sight are',
      documents: scope({
        allow: [{ from: { namespaceSelector: { matchLabels: { tier: 'apps' } } }, to: { namespaces: ['shared'] } }],
      }),
      visibility: 'some',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message:
            'spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. It allows any kind of namespaces with tier=apps to any kind of shared',
        },
      ],
    },
    {
      name: 'a grant where no such grant may stand',
      documents: scope({ allow: [{ from: { namespaces: ['team-web'] }, to: { namespaces: ['shared'] } }] }),
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message:
            'spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. It allows any kind of team-web to any kind of shared',
        },
      ],
    },
    {
      name: 'several lines are listed in part, several targets of one kind are one pair',
      documents: scope({
        allow: ['a', 'b', 'c', 'd', 'e'].map((name) => ({
          from: { namespaces: [name] },
          to: { kinds: [to('Service')] },
        })),
      }),
      object: grant([HTTP_WEB], [to('Service', 'api'), to('Service', 'db')]),
      expect: [
        {
          rule: 'pair-not-allowed',
          path: 'spec.from[0]',
          message:
            'spec.from[0] lets HTTPRoute of team-web refer to Service of data, which policy scope does not allow. It allows any kind of a to Service; any kind of b to Service; any kind of c to Service; and 2 more',
        },
      ],
    },
    {
      name: 'more pairs than allowed',
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web'), from('TLSRoute', 'team-web')], entries(3)),
      expect: [{ rule: 'too-wide', path: 'spec', message: WIDE }],
    },
    {
      name: 'UPDATE: no wider than it was',
      oldObject: grant([HTTP_WEB], entries(10)),
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], entries(5)),
      expect: [{ rule: 'too-wide', path: 'spec', message: WIDE, relief: 'ratcheted' }],
    },
    {
      name: 'UPDATE: wider than it was',
      oldObject: grant([HTTP_WEB], entries(10)),
      object: grant([HTTP_WEB], entries(11)),
      expect: [{ rule: 'too-wide', path: 'spec', message: WIDE }],
    },
    {
      name: 'nothing uses the grant: not yet, or not in sight',
      documents: using(),
      visibility: 'some',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [route('team-web/web', ['db'])],
      expect: [
        {
          rule: 'unused',
          path: 'spec',
          action: 'Warn',
          message: 'spec: nothing uses this grant. Remove it, unless its route is still to come',
          certain: false,
        },
      ],
    },
    {
      name: 'a source and a target that nothing uses',
      documents: using({ rules: { unused: 'Audit' }, named: 'Never' }),
      object: grant([HTTP_WEB, from('Gateway', 'infra')], [to('Service', 'api'), to('Secret')]),
      state: [route('team-web/web', ['api'])],
      expect: [
        {
          rule: 'unused',
          path: 'spec.from[1]',
          action: 'Audit',
          message: 'spec.from[1]: nothing uses Gateway of infra. Remove it, unless its route is still to come',
        },
        {
          rule: 'unused',
          path: 'spec.to[1]',
          action: 'Audit',
          message: 'spec.to[1]: nothing uses Secret (any). Remove it, unless its route is still to come',
        },
      ],
    },
    {
      name: 'what differs from what is used in its kind, namespace, name or group alone',
      documents: using({ maxPairs: 12 }),
      object: grant(
        [HTTP_WEB, from('GRPCRoute', 'team-web'), from('HTTPRoute', 'team-two')],
        [to('Service', 'api'), to('Service', 'db'), to('Service', 'api', 'one.example'), to('Secret', 'api')],
      ),
      state: [route('team-web/web', ['api'])],
      expect: [
        unusedPart('spec.from[1]', 'GRPCRoute of team-web'),
        unusedPart('spec.from[2]', 'HTTPRoute of team-two'),
        unusedPart('spec.to[1]', 'Service db'),
        unusedPart('spec.to[2]', 'Service.one.example api'),
        unusedPart('spec.to[3]', 'Secret api'),
      ],
    },
    {
      name: 'two relations in one grant open four',
      documents: using(),
      object: grant([HTTP_WEB, from('Gateway', 'infra')], [to('Service', 'api'), to('Secret', 'tls')]),
      state: [route('team-web/web', ['api']), gateway('tls')],
      expect: [
        {
          rule: 'wider-than-used',
          path: 'spec',
          action: 'Warn',
          message:
            'spec opens pairs that nothing uses: HTTPRoute of team-web to Secret tls, Gateway of infra to Service api. Write one grant for each relation; gateward grants prints them',
        },
      ],
    },
    {
      name: 'one pair of four that nothing uses',
      documents: using(),
      object: grant([HTTP_WEB, from('GRPCRoute', 'team-web')], [to('Service', 'api'), to('Service', 'db')]),
      state: [route('team-web/web', ['api', 'db']), route('team-web/grpc', ['api'], 'GRPCRoute')],
      expect: [
        {
          rule: 'wider-than-used',
          path: 'spec',
          action: 'Warn',
          message:
            'spec opens pairs that nothing uses: GRPCRoute of team-web to Service db. Write one grant for each relation; gateward grants prints them',
        },
      ],
    },
    {
      name: 'the namespace of the grant itself, whatever is allowed',
      documents: scope({ allow: ALLOW, rules: { unused: 'Disabled' } }),
      object: grant([from('HTTPRoute', 'data')], [to('Service', 'api')]),
      expect: [
        {
          rule: 'self-grant',
          path: 'spec.from[0].namespace',
          action: 'Warn',
          message:
            'spec.from[0].namespace is the namespace of the grant itself, which needs no grant. Remove the entry',
        },
      ],
      fixes: [],
    },
    {
      name: 'a misspelt kind without a name: to mend it would open all of its objects',
      documents: scope({ rules: { 'unnamed-target': 'Disabled', unused: 'Disabled' } }),
      object: grant([HTTP_WEB], [to('secrets')]),
      expect: [
        {
          rule: 'unknown-kind',
          path: 'spec.to[0]',
          action: 'Warn',
          message: 'spec.to[0]: secrets in group "" matches nothing; write Secret in group ""',
        },
      ],
      fixes: [],
    },
    {
      name: 'a misspelt source of a grant for all objects of a kind',
      documents: scope({ rules: { 'unnamed-target': 'Disabled' } }),
      object: grant([from('httproutes', 'team-web')], [to('Service', 'api'), to('Secret')]),
      expect: [
        {
          rule: 'unknown-kind',
          path: 'spec.from[0]',
          action: 'Warn',
          message:
            'spec.from[0]: httproutes in group "gateway.networking.k8s.io" matches nothing; write HTTPRoute in group "gateway.networking.k8s.io"',
        },
      ],
      fixes: [],
    },
    {
      name: 'a kind of Gateway API that never refers across namespaces',
      object: grant([from('BackendTLSPolicy', 'team-web')], [to('ConfigMap', 'ca')]),
      expect: [
        {
          rule: 'unknown-kind',
          path: 'spec.from[0]',
          action: 'Warn',
          message:
            'spec.from[0]: BackendTLSPolicy in group "gateway.networking.k8s.io" is no kind that refers across namespaces',
        },
      ],
    },
    {
      name: 'a kind of the experimental group that never refers across namespaces',
      object: grant([from('XMesh', 'team-web', 'gateway.networking.x-k8s.io')], [to('ConfigMap', 'ca')]),
      expect: [
        {
          rule: 'unknown-kind',
          path: 'spec.from[0]',
          action: 'Warn',
          message:
            'spec.from[0]: XMesh in group "gateway.networking.x-k8s.io" is no kind that refers across namespaces',
        },
      ],
    },
    {
      name: 'DELETE of a grant in use: who and what, by kind and namespace',
      operation: 'DELETE',
      object: grant([HTTP_WEB, from('Gateway', 'infra')], [to('Service'), to('Secret', 'tls')]),
      state: [route('team-web/web', ['api', 'db']), route('team-web/two', ['api']), gateway('tls')],
      expect: [
        {
          rule: 'in-use',
          path: '',
          message:
            'Deleting this grant breaks 2 HTTPRoutes of team-web, 1 Gateway of infra: no other grant lets them refer to Secret tls, Service api, Service db. Move them first, or keep what they use',
        },
      ],
      restsOn: ['ReferenceGrant data/', 'HTTPRoute team-web/web', 'HTTPRoute team-web/two', 'Gateway infra/public'],
    },
    {
      name: 'DELETE of a grant in use: by name, where the document discloses objects',
      documents: scope({ disclose: 'Objects' }),
      operation: 'DELETE',
      object: grant([HTTP_WEB], [to('Service', 'api')], 'v1beta1'),
      state: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => route(`team-web/${name}`, ['api'])),
      expect: [
        {
          rule: 'in-use',
          path: '',
          message:
            'Deleting this grant breaks HTTPRoute team-web/a, HTTPRoute team-web/b, HTTPRoute team-web/c, HTTPRoute team-web/d, HTTPRoute team-web/e and 2 more: no other grant lets them refer to Service api. Move them first, or keep what they use',
        },
      ],
    },
    {
      name: 'UPDATE that takes away what is in use',
      oldObject: grant([HTTP_WEB], [to('Service', 'api'), to('Service', 'db')]),
      object: grant([HTTP_WEB], [to('Service', 'db')]),
      state: [route('team-web/web', ['api', 'db'])],
      expect: [
        {
          rule: 'in-use',
          path: 'spec',
          message:
            'Narrowing this grant breaks 1 HTTPRoute of team-web: no other grant lets them refer to Service api. Move them first, or keep what they use',
        },
      ],
    },
    {
      name: 'DELETE of a grant in use, where another grant may be out of sight',
      visibility: { ReferenceGrant: 'some' },
      operation: 'DELETE',
      object: grant([HTTP_WEB], [to('Service', 'api')]),
      state: [route('team-web/web', ['api'])],
      expect: [
        {
          rule: 'in-use',
          path: '',
          message:
            'Deleting this grant breaks 1 HTTPRoute of team-web: no other grant lets them refer to Service api. Move them first, or keep what they use',
          certain: false,
        },
      ],
    },
    {
      name: 'DELETE of a grant that one of very many needs',
      operation: 'DELETE',
      object: grant([HTTP_WEB], [to('Service')]),
      state: [
        grant([HTTP_WEB], [to('Service', 'api')], 'v1', 'other'),
        ...Array.from({ length: 1000 }, (_, at) => route(`team-web/r${at}`, ['api'])),
        route('team-web/last', ['db']),
      ],
      expect: [
        {
          rule: 'in-use',
          path: '',
          message:
            'Deleting this grant breaks 1 HTTPRoute of team-web: no other grant lets them refer to Service db. Move them first, or keep what they use',
        },
      ],
    },
    {
      name: 'DELETE of a grant for an XBackend',
      operation: 'DELETE',
      object: grant([from('XBackend', 'team-web', 'gateway.networking.x-k8s.io')], [to('Secret', 'client')]),
      state: [
        {
          apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
          kind: 'XBackend',
          metadata: { namespace: 'team-web', name: 'partner' },
          spec: {
            type: 'ExternalHostname',
            port: { port: 443 },
            externalHostname: { hostname: 'partner.example' },
            tls: { mode: 'Simple', clientCertificateRef: { namespace: 'data', name: 'client' } },
          },
        },
      ],
      expect: [
        {
          rule: 'in-use',
          path: '',
          message:
            'Deleting this grant breaks 1 XBackend of team-web: no other grant lets them refer to Secret client. Move them first, or keep what they use',
        },
      ],
    },
    {
      name: 'an exemption',
      object: grant([HTTP_WEB], [to('Service')]),
      exemptions: [
        {
          name: 'migration',
          policies: [{ kind: 'ReferenceGrantScope', name: 'scope', rules: [] }],
          match: { names: [] },
          reason: 'moves',
          ticket: undefined,
          expires: 1,
        },
      ],
      expect: [{ rule: 'unnamed-target', path: 'spec.to[0].name', message: unnamed(0, 'Service'), relief: 'exempted' }],
    },
  ],
  patched: [
    {
      name: 'names what is in use',
      object: grant([HTTP_WEB], [to('Service'), to('Service', 'kept')]),
      state: [route('team-web/web', ['db', 'api', 'kept']), route('team-web/two', ['db', 'more'])],
      patch: [
        { op: 'add', path: '/spec/to/0/name', value: 'api' },
        { op: 'add', path: '/spec/to/-', value: { group: '', kind: 'Service', name: 'db' } },
        { op: 'add', path: '/spec/to/-', value: { group: '', kind: 'Service', name: 'more' } },
      ],
    },
    {
      name: 'names what is in use, whatever else has the name, up to the 16 entries of the CRD',
      documents: scope({ maxPairs: 32 }),
      object: grant(
        [HTTP_WEB, from('Gateway', 'infra')],
        [to('Service'), to('Secret', 'x'), to('Secret', 'tls'), to('Service', 'y', 'one.example'), ...entries(10)],
      ),
      state: [route('team-web/web', ['x', 'y', 'z']), gateway('tls')],
      patch: [
        { op: 'add', path: '/spec/to/0/name', value: 'x' },
        { op: 'add', path: '/spec/to/-', value: { group: '', kind: 'Service', name: 'y' } },
        { op: 'add', path: '/spec/to/-', value: { group: '', kind: 'Service', name: 'z' } },
      ],
    },
    {
      name: 'spells kinds and groups as they are compared (A38)',
      object: grant(
        [from('httproutes', 'team-web'), from('GRPCRoute', 'team-web', '')],
        [to('secret', 'tls'), to('Service', 'api', 'v1'), to('ServiceImport', 'far')],
      ),
      expect: [
        {
          rule: 'unknown-kind',
          path: 'spec.from[0]',
          action: 'Warn',
          message:
            'spec.from[0]: httproutes in group "gateway.networking.k8s.io" matches nothing; write HTTPRoute in group "gateway.networking.k8s.io"',
        },
        {
          rule: 'unknown-kind',
          path: 'spec.from[1]',
          action: 'Warn',
          message:
            'spec.from[1]: GRPCRoute in group "" matches nothing; write GRPCRoute in group "gateway.networking.k8s.io"',
        },
        {
          rule: 'unknown-kind',
          path: 'spec.to[0]',
          action: 'Warn',
          message: 'spec.to[0]: secret in group "" matches nothing; write Secret in group ""',
        },
        {
          rule: 'unknown-kind',
          path: 'spec.to[1]',
          action: 'Warn',
          message: 'spec.to[1]: Service in group "v1" matches nothing; write Service in group ""',
        },
        {
          rule: 'unknown-kind',
          path: 'spec.to[2]',
          action: 'Warn',
          message:
            'spec.to[2]: ServiceImport in group "" matches nothing; write ServiceImport in group "multicluster.x-k8s.io"',
        },
      ],
      patch: [
        { op: 'replace', path: '/spec/from/0/group', value: GROUP },
        { op: 'replace', path: '/spec/from/0/kind', value: 'HTTPRoute' },
        { op: 'replace', path: '/spec/from/1/group', value: GROUP },
        { op: 'replace', path: '/spec/from/1/kind', value: 'GRPCRoute' },
        { op: 'replace', path: '/spec/to/0/group', value: '' },
        { op: 'replace', path: '/spec/to/0/kind', value: 'Secret' },
        { op: 'replace', path: '/spec/to/1/group', value: '' },
        { op: 'replace', path: '/spec/to/1/kind', value: 'Service' },
        { op: 'replace', path: '/spec/to/2/group', value: 'multicluster.x-k8s.io' },
        { op: 'replace', path: '/spec/to/2/kind', value: 'ServiceImport' },
      ],
    },
    {
      name: 'removes sources of its own namespace, several at once',
      object: grant([from('HTTPRoute', 'data'), HTTP_WEB, from('GRPCRoute', 'data')], [to('Service', 'api')]),
      patch: [
        { op: 'remove', path: '/spec/from/2' },
        { op: 'remove', path: '/spec/from/0' },
      ],
    },
  ],
  refused: [
    {
      name: 'lines without namespaces or with both, no pairs at all',
      documents: [
        {
          name: 'bad',
          spec: {
            allow: [
              { from: {}, to: {} },
              { from: { namespaces: ['a'] }, to: { namespaces: ['a'], namespaceSelector: {} } },
            ],
            maxPairs: 0,
          },
        },
      ],
      issues: [
        { path: 'spec.allow[0].from', message: 'give exactly one of namespaces and namespaceSelector' },
        {
          path: 'spec.allow[1].to.namespaceSelector',
          message: 'give only one of namespaces and namespaceSelector',
        },
        { path: 'spec.maxPairs', message: 'must be at least 1' },
      ],
    },
  ],
});

/** Each check of `gateward doctor`: what is wrong beside the neighbour that is not. */
import { beforeAll, describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import type {
  Installation,
  Replica,
  RoleRule,
  ServedKind,
  Webhook,
  WebhookRule,
} from '../../src/cluster/installation.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { policySet } from '../../src/engine/index.ts';
import { healthyDiagnosis } from '../support/healthyDiagnosis.ts';
import { DAY, HOST, NOW, configurations, document, healthy, makeCertificates, type Certificates } from './healthy.ts';

let all: Certificates;
let whole: Installation;
beforeAll(async () => {
  all = await makeCertificates();
  whole = healthy(all);
});

type Change = (whole: Installation) => Partial<Installation>;
/** What of it is not ok, or (with `of`) every line of a check. */
function told(change: Change, of?: string): readonly string[] {
  return diagnose({ ...whole, ...change(whole) }, POLICIES, undefined)
    .filter(({ check, result }) => (of === undefined ? result !== 'ok' : check === of))
    .map(({ check, result, where, message, fix }) =>
      [result, check, where, message, ...(fix === null ? [] : [fix])].join(' | '),
    );
}

const VALIDATING = 'ValidatingWebhookConfiguration gateward';
const MUTATING = 'MutatingWebhookConfiguration gateward';
const BOTH = 'both configurations';
const AGAIN = 'run gateward manifests webhooks --profile enforce | kubectl apply -f -';
const POD = 'run kubectl -n gateward-system describe pods -l app.kubernetes.io/name=gateward';
const LOGS = 'run kubectl -n gateward-system logs -l app.kubernetes.io/name=gateward';

/** Changes one of our webhooks. */
function webhook(name: string, change: (webhook: Webhook) => Partial<Webhook>): Change {
  return ({ validating, mutating }) => {
    const changed = (seen: Installation['validating']): Installation['validating'] =>
      'unseen' in seen
        ? seen
        : {
            value: seen.value.map((one) => ({
              ...one,
              webhooks: one.webhooks.map((own) => (own.name.startsWith(name) ? { ...own, ...change(own) } : own)),
            })),
          };
    return { validating: changed(validating), mutating: changed(mutating) };
  };
}
const rule = (apiGroups: string, resources: string, more: Partial<WebhookRule> = {}): WebhookRule => ({
  apiGroups: [apiGroups],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: [resources],
  scope: '*',
  ...more,
});
const withRule = (added: WebhookRule): Change => webhook('validate', ({ rules }) => ({ rules: [...rules, added] }));
/** Another configuration beside ours. */
const neighbour = (name: string, webhookName: string, rules: readonly WebhookRule[]): Change => {
  return ({ mutating }) => {
    if ('unseen' in mutating) return {};
    const [ours] = mutating.value;
    const [first] = ours?.webhooks ?? [];
    if (first === undefined) throw new Error('no webhook');
    return {
      mutating: {
        value: [
          ...mutating.value,
          { metadata: { name }, webhooks: [{ ...first, name: webhookName, rules: [...rules] }] },
        ],
      },
    };
  };
};
const kinds =
  (change: (kind: ServedKind) => ServedKind | undefined): Change =>
  ({ kinds: seen }) => ({
    kinds: 'unseen' in seen ? seen : { value: seen.value.map(change).filter((kind) => kind !== undefined) },
  });
const replicas =
  (...some: readonly Partial<Replica>[]): Change =>
  ({ replicas: seen }) => ({ replicas: seen.map((one, at) => ({ ...one, ...some[at] })) });
const metric = (series: string, value: number): Partial<Replica> => ({
  metrics: { value: new Map([[series, value]]) },
});
const NONE = { unseen: 'no answer within 2 s' };

test('of an installation in which nothing is wrong each line is ok', () => {
  const facts = { server: 'https://cluster', holder: 'gateward-1', daysOfCa: '365', days: '60' };
  expect(
    diagnose(whole, POLICIES, undefined).map(({ result, check, where, message }) => [
      result,
      check,
      `${where}: ${message}`,
    ]),
  ).toEqual(healthyDiagnosis(facts).map((line) => ['ok', ...line]));
});

type Row = readonly [what: string, change: Change, lines: readonly string[]];

describe('webhooks', () => {
  const warned = (): Change => {
    const { validating, mutating } = configurations(all.ca.cert, 'warn');
    return () => ({ validating: { value: [validating] }, mutating: { value: [mutating] } });
  };
  const noDocuments: Change = () => ({ documents: { value: [document('ListenerSafety', 'a', { action: 'Warn' })] } });
  test.each<Row>([
    [
      'no validating configuration',
      () => ({ validating: { value: [] } }),
      [
        `fail | webhooks/installed | ${VALIDATING} | is not there: nothing is judged | run gateward manifests webhooks --profile audit | kubectl apply -f -`,
      ],
    ],
    [
      'no mutating configuration, and a document that adds filters',
      () => ({ mutating: { value: [] } }),
      [`warn | webhooks/installed | ${MUTATING} | is not there: no filter is added to a route | ${AGAIN}`],
    ],
    [
      'no mutating configuration, and nothing to add',
      (seen) => ({ ...noDocuments(seen), mutating: { value: [] } }),
      [],
    ],
    [
      'configurations that may not be listed',
      () => ({ validating: { unseen: 'may not list validatingwebhookconfigurations' } }),
      [
        ...[
          'webhooks/agree',
          'webhooks/protocol',
          'webhooks/failure-policy',
          'webhooks/timeout',
          'rules/served',
          'rules/judged',
          'rules/selectors',
        ],
        ...[
          'lockout/namespaces',
          'lockout/rules',
          'lockout/replicas',
          'certificate/bundle',
          'certificate/served',
          'answer/denial',
        ],
        'webhooks/installed',
      ].map(
        (check) =>
          `unknown | ${check} | ${VALIDATING} | cannot be seen: may not list validatingwebhookconfigurations | ask with an account that may read it`,
      ),
    ],
    [
      'another namespaceSelector',
      webhook('mutate', ({ namespaceSelector }) => ({
        namespaceSelector: {
          ...namespaceSelector,
          matchExpressions: [
            ...namespaceSelector.matchExpressions,
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] },
          ],
        },
      })),
      [
        `fail | webhooks/agree | ${BOTH} | mutate.gateward.dev with another namespaceSelector than validate.gateward.dev | ${AGAIN}`,
      ],
    ],
    [
      'another port',
      webhook('mutate', ({ clientConfig }) => ({
        clientConfig: {
          ...clientConfig,
          service: { name: 'gateward', namespace: 'gateward-system', path: '/mutate', port: 8443 },
        },
      })),
      [
        `fail | webhooks/agree | ${BOTH} | mutate.gateward.dev with another server than validate.gateward.dev | ${AGAIN}`,
      ],
    ],
    [
      'an older protocol',
      webhook('validate', () => ({ admissionReviewVersions: ['v1beta1', 'v1'] })),
      [
        `fail | webhooks/protocol | ${VALIDATING} | validate.gateward.dev: admissionReviewVersions must begin with v1 | ${AGAIN}`,
      ],
    ],
    ['both protocols', webhook('validate', () => ({ admissionReviewVersions: ['v1', 'v1beta1'] })), []],
    [
      'matchPolicy Exact',
      webhook('validate', () => ({ matchPolicy: 'Exact' })),
      [
        `fail | webhooks/protocol | ${VALIDATING} | validate.gateward.dev: matchPolicy Exact lets other versions of an object past | ${AGAIN}`,
      ],
    ],
    [
      'documents that hold hostnames, and sideEffects None',
      () => ({ documents: { value: [document('HostnameOwnership', 'a', { claims: 'Enforce', owners: [] })] } }),
      [
        `fail | webhooks/protocol | ${VALIDATING} | validate.gateward.dev: documents hold hostnames, so sideEffects must be NoneOnDryRun | ${AGAIN}`,
        'fail | access/roles | ServiceAccount gateward-system/gateward | may not create, delete, get, list, update hostnameclaims.gateward.dev | run gateward manifests rbac --policies DIR | kubectl apply -f -',
      ],
    ],
    ['the mutating one with Ignore', webhook('mutate', () => ({ failurePolicy: 'Ignore' })), []],
    [
      'the mutating one with Fail',
      webhook('mutate', () => ({ failurePolicy: 'Fail' })),
      [
        `warn | webhooks/failure-policy | ${MUTATING} | mutate.gateward.dev has Fail: while nobody answers, writes fail that validation would judge | set failurePolicy Ignore at mutate.gateward.dev`,
      ],
    ],
    [
      'that of documents with Fail',
      webhook('documents', () => ({ failurePolicy: 'Fail' })),
      [
        `warn | webhooks/failure-policy | ${VALIDATING} | documents.gateward.dev has Fail: while nobody answers, no document can be mended | set failurePolicy Ignore at documents.gateward.dev`,
      ],
    ],
    ['a timeout of 10 s', webhook('validate', () => ({ timeoutSeconds: 10 })), []],
    [
      'a timeout of 11 s',
      webhook('validate', () => ({ timeoutSeconds: 11 })),
      [
        `warn | webhooks/timeout | ${VALIDATING} | validate.gateward.dev has 11 s and Fail: each write waits so long while nobody answers | set timeoutSeconds of validate.gateward.dev to 10 or less`,
      ],
    ],
    ['a mutation that may take 5 s', webhook('mutate', () => ({ timeoutSeconds: 5 })), []],
    [
      'a mutation that may take 6 s',
      webhook('mutate', () => ({ timeoutSeconds: 6 })),
      [
        `warn | webhooks/timeout | ${MUTATING} | mutate.gateward.dev has 6 s and Ignore: each write waits so long while nobody answers | set timeoutSeconds of mutate.gateward.dev to 5 or less`,
      ],
    ],
    [
      'reinvocationPolicy Never',
      webhook('mutate', () => ({ reinvocationPolicy: 'Never' })),
      [
        `warn | webhooks/reinvocation | ${MUTATING} | Never: what webhooks add after Gateward is not completed | ${AGAIN}`,
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });

  test('Ignore is fine until a document denies', () => {
    const line = `warn | webhooks/failure-policy | ${VALIDATING} | Ignore: documents deny, but a write that cannot be judged is let through | run gateward enable`;
    expect(told(warned())).toEqual([line]);
    expect(told((seen) => ({ ...warned()(seen), ...noDocuments(seen) }))).toEqual([]);
  });
});

describe('rules', () => {
  const without = (plural: string): Change =>
    webhook('validate', ({ rules }) => ({
      rules: rules.map((one) => ({ ...one, resources: one.resources.filter((name) => name !== plural) })),
    }));
  test.each<Row>([
    [
      'without UDPRoutes, which no document is about',
      without('udproutes'),
      [
        `fail | rules/served | ${VALIDATING} | UDPRoute v1 of gateway.networking.k8s.io is served, and written without being judged | ${AGAIN}`,
      ],
    ],
    [
      'without Gateways, which a document is about',
      without('gateways'),
      [
        `fail | rules/served | ${VALIDATING} | Gateway v1, v1beta1 of gateway.networking.k8s.io is served, and written without being judged | ${AGAIN}`,
        `fail | rules/judged | ${VALIDATING} | validate.gateward.dev is not sent gateways.gateway.networking.k8s.io (CREATE, UPDATE) | ${AGAIN}`,
      ],
    ],
    ['without Ingresses, which no document is about', without('ingresses'), []],
    [
      'without updates',
      webhook('validate', ({ rules }) => ({ rules: rules.map((one) => ({ ...one, operations: ['CREATE'] })) })),
      expect.arrayContaining([
        `fail | rules/judged | ${VALIDATING} | validate.gateward.dev is not sent gateways.gateway.networking.k8s.io (UPDATE), grpcroutes.gateway.networking.k8s.io (UPDATE), httproutes.gateway.networking.k8s.io (UPDATE), listenersets.gateway.networking.k8s.io (UPDATE), xlistenersets.gateway.networking.x-k8s.io (UPDATE) | ${AGAIN}`,
      ]) as never,
    ],
    [
      'a version that the rules do not name, under Equivalent',
      kinds((kind) => (kind.kind === 'HTTPRoute' ? { ...kind, versions: ['v1', 'v2'] } : kind)),
      [
        'warn | gateway-api/versions | CRD httproutes.gateway.networking.k8s.io | HTTPRoute is not served in v1beta1 and is served in v2, unlike in standard v1.6.1 | install the CRDs of the release again',
      ],
    ],
    [
      'versions that the rules do not name, and none that they do',
      kinds((kind) => (kind.kind === 'HTTPRoute' ? { ...kind, versions: ['v2'] } : kind)),
      expect.arrayContaining([
        `fail | rules/served | ${VALIDATING} | HTTPRoute v2 of gateway.networking.k8s.io is served, and written without being judged | ${AGAIN}`,
      ]) as never,
    ],
    [
      'A30 a kind of Gateway API that nobody knows',
      ({ kinds: seen }) => ({
        kinds:
          'unseen' in seen
            ? seen
            : {
                value: [
                  ...seen.value,
                  {
                    group: 'gateway.networking.k8s.io',
                    kind: 'QUICRoute',
                    plural: 'quicroutes',
                    scope: 'Namespaced',
                    versions: ['v1'],
                    release: { value: { channel: 'standard', bundle: 'v1.6.1' } },
                  },
                ],
              },
      }),
      [
        `warn | rules/served | ${VALIDATING} | QUICRoute v1 of gateway.networking.k8s.io is served, and this version of Gateward does not know it | update Gateward`,
      ],
    ],
    [
      'discovery that is refused',
      () => ({ kinds: { unseen: 'may not get apis' } }),
      [
        `unknown | rules/served | ${VALIDATING} | cannot be seen: may not get apis | ask with an account that may read it`,
        'unknown | gateway-api/release | the CRDs of Gateway API | cannot be seen: may not get apis | ask with an account that may read it',
      ],
    ],
    [
      'an objectSelector',
      webhook('validate', () => ({
        objectSelector: { matchLabels: {}, matchExpressions: [{ key: 'skip', operator: 'DoesNotExist', values: [] }] },
      })),
      [
        `fail | rules/selectors | ${VALIDATING} | validate.gateward.dev has an objectSelector: a label takes an object out | ${AGAIN}`,
      ],
    ],
    [
      'A44 a namespaceSelector by a label that anybody may set',
      webhook('', ({ namespaceSelector, name }) =>
        name.startsWith('documents')
          ? {}
          : {
              namespaceSelector: {
                ...namespaceSelector,
                matchExpressions: [
                  ...namespaceSelector.matchExpressions,
                  { key: 'gateward', operator: 'NotIn', values: ['off'] },
                ],
              },
            },
      ),
      [VALIDATING, MUTATING].map(
        (where) =>
          `warn | rules/selectors | ${where} | ${where === VALIDATING ? 'validate' : 'mutate'}.gateward.dev selects namespaces by gateward: who may set that label takes a namespace out | ${AGAIN}, or guard the label with a NamespaceGate`,
      ),
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('lock-out', () => {
  const selecting = (...values: readonly string[]): Change =>
    webhook('', ({ name }) =>
      name.startsWith('documents')
        ? {}
        : {
            namespaceSelector: {
              matchLabels: {},
              matchExpressions:
                values.length === 0
                  ? []
                  : [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...values] }],
            },
          },
    );
  const ready =
    (count: number): Change =>
    ({ endpoints }) => ({
      endpoints:
        'unseen' in endpoints
          ? endpoints
          : { value: endpoints.value.map((one, at) => ({ ...one, ready: at < count })) },
      workload: { value: { replicas: count, args: ['serve', '--policies-from-cluster'], secrets: [] } },
    });
  test.each<Row>([
    ['more namespaces left alone', selecting('kube-system', 'gateward-system', 'more'), []],
    [
      'the own namespace not left alone',
      selecting('kube-system'),
      [
        `fail | lockout/namespaces | ${VALIDATING} | validate.gateward.dev is sent objects of gateward-system: they must be mendable while nobody answers | ${AGAIN}`,
        `warn | lockout/namespaces | ${MUTATING} | mutate.gateward.dev is sent objects of gateward-system: they must be mendable while nobody answers | ${AGAIN}`,
      ],
    ],
    [
      'F26 no namespaceSelector',
      selecting(),
      [
        `fail | lockout/namespaces | ${VALIDATING} | validate.gateward.dev is sent objects of kube-system and gateward-system: they must be mendable while nobody answers | ${AGAIN}`,
        `warn | lockout/namespaces | ${MUTATING} | mutate.gateward.dev is sent objects of kube-system and gateward-system: they must be mendable while nobody answers | ${AGAIN}`,
      ],
    ],
    [
      'F26 a rule for pods',
      withRule(rule('', 'pods')),
      [`fail | lockout/rules | ${VALIDATING} | validate.gateward.dev is sent pods | ${AGAIN}`],
    ],
    ['a rule for the status of pods', withRule(rule('', 'pods/status')), []],
    [
      'a rule for leases',
      withRule(rule('coordination.k8s.io', '*')),
      [`fail | lockout/rules | ${VALIDATING} | validate.gateward.dev is sent leases | ${AGAIN}`],
    ],
    ['a rule for pods of the cluster, of which there are none', withRule(rule('', 'pods', { scope: 'Cluster' })), []],
    [
      'a rule for everything that is in no namespace',
      withRule(rule('*', '*', { apiVersions: ['*'], operations: ['*'], scope: 'Cluster' })),
      [
        `fail | lockout/rules | ${VALIDATING} | validate.gateward.dev is sent nodes, clusterroles, clusterrolebindings, tokenreviews, subjectaccessreviews, validatingwebhookconfigurations, mutatingwebhookconfigurations | ${AGAIN}`,
      ],
    ],
    [
      'every Namespace and CRD',
      webhook('validate', () => ({ matchConditions: [] })),
      [
        `warn | lockout/conditions | ${VALIDATING} | validate.gateward.dev is sent every write of customresourcedefinitions and namespaces, also those that no policy is about | ${AGAIN}`,
      ],
    ],
    ['two pods', ready(2), []],
    [
      'one pod',
      ready(1),
      [
        `warn | lockout/replicas | ${VALIDATING} | one pod is ready, and failurePolicy is Fail: when it goes, writes are refused | run two replicas or more`,
      ],
    ],
    [
      'no pod',
      ready(0),
      [
        `fail | lockout/replicas | ${VALIDATING} | no pod is ready, and failurePolicy is Fail: every write of what is judged is refused | run gateward disable, then see why the pods are not ready`,
        `fail | service/endpoints | Service gateward-system/gateward | has no ready endpoint (2 not ready): no call gets through | ${POD}`,
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('the Service', () => {
  const where = 'Service gateward-system/gateward';
  test.each<Row>([
    [
      'is not there',
      () => ({ service: { value: undefined } }),
      [`fail | service/port | ${where} | is not there: no call gets through | apply deploy/base`],
    ],
    [
      'has other ports',
      () => ({
        service: {
          value: {
            ports: [
              { name: 'a', port: 8443 },
              { name: 'b', port: 9090 },
            ],
          },
        },
      }),
      [`fail | service/port | ${where} | has no port 443, which the webhooks call, but 8443, 9090 | ${AGAIN}`],
    ],
    [
      'may not be read',
      () => ({ service: { unseen: 'may not get services' } }),
      [
        `unknown | service/port | ${where} | cannot be seen: may not get services | ask with an account that may read it`,
      ],
    ],
    [
      'has fewer pods than there should be',
      () => ({ workload: { value: { replicas: 3, args: ['serve', '--policies-from-cluster'], secrets: [] } } }),
      [`warn | service/endpoints | ${where} | has 2 ready endpoints of 3 | ${POD}`],
    ],
    [
      'is of another namespace than the one that was looked at',
      () => ({ namespace: 'edge' }),
      expect.arrayContaining([
        `fail | service/namespace | ${where} | the webhooks call a Service of namespace gateward-system, and edge was looked at | run gateward doctor --namespace gateward-system`,
      ]) as never,
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('the certificate', () => {
  const RENEW = 'see certs/README.md: renew the certificate, then look at the logs for why it was not';
  const CA = 'see certs/README.md; with another CA: gateward manifests webhooks --ca ca.crt | kubectl apply -f -';
  const BUNDLE =
    'run gateward manifests webhooks --profile enforce --ca ca.crt | kubectl apply -f -, or see why cert-manager does not write it';
  const NAMES = 'validate.gateward.dev, documents.gateward.dev, mutate.gateward.dev';
  const bundle = (pem: string): Change =>
    webhook('', ({ clientConfig }) => ({
      clientConfig: { ...clientConfig, caBundle: Buffer.from(pem).toString('base64') },
    }));
  const own: Partial<Installation> = {
    workload: { value: { replicas: 2, args: ['serve', '--policies-from-cluster', '--tls-self-managed'], secrets: [] } },
  };
  const at =
    (chain: (all: Certificates) => string): Change =>
    (seen) =>
      replicas({ certificate: { value: chain(all) } })(seen);
  const expiry = (days: number): Partial<Replica> => ({
    certificate: NONE,
    metrics: {
      value: new Map([
        ['gateward_certificate_expiry_timestamp_seconds{certificate="serving"}', (NOW + days * DAY) / 1000],
      ]),
    },
  });
  test.each<Row>([
    [
      'of another CA at one of two pods',
      at(({ ofOther }) => ofOther),
      [
        `fail | certificate/served | pod gateward-1 | what it presents is signed by "CN=another", which caBundle does not hold: calls fail | ${CA}`,
      ],
    ],
    [
      'of another CA, and both trusted',
      (seen) => ({ ...bundle(all.ca.cert + all.other.cert)(seen), ...at(({ ofOther }) => ofOther)(seen) }),
      [],
    ],
    ['of a CA that was renewed with its key, and both trusted', (seen) => bundle(all.caBefore + all.ca.cert)(seen), []],
    [
      'that comes with a CA that is over, beside the way to one that is trusted',
      at(({ leaf, caBefore, ca }) => leaf + caBefore + ca.cert),
      [],
    ],
    [
      'that comes with a CA that is over, which is not trusted',
      (seen) => ({ ...bundle(all.other.cert)(seen), ...at(({ leaf, caBefore }) => leaf + caBefore)(seen) }),
      ['gateward-1', 'gateward-2'].map(
        (pod) =>
          `fail | certificate/served | pod ${pod} | what it presents is signed by "CN=ours", which caBundle does not hold: calls fail | ${CA}`,
      ),
    ],
    [
      'of a CA that is not valid yet',
      (seen) => bundle(all.caToCome)(seen),
      ['gateward-1', 'gateward-2'].map(
        (pod) =>
          `fail | certificate/served | pod ${pod} | what it presents is signed by a CA that is not valid before Jun  2 00:00:00 2026 GMT: calls fail | ${CA}`,
      ),
    ],
    [
      'for another name',
      at(({ misnamed }) => misnamed),
      [
        `warn | certificate/served | pod gateward-1 | what answers there is for DNS:printer.example.com, not for ${HOST}: a wrong certificate, or not the pod, seen from here | run gateward doctor inside the cluster, or see certs/README.md`,
      ],
    ],
    [
      'that is over',
      at(({ over }) => over),
      [
        `fail | certificate/served | pod gateward-1 | what it presents is over since May 31 00:00:00 2026 GMT: calls fail | ${CA}`,
      ],
    ],
    [
      'with ten days of ninety left',
      at(({ late }) => late),
      [`warn | certificate/days | pod gateward-1 | 10 days left, as it is served | ${RENEW}`],
    ],
    ['that cannot be reached, but pods tell its end', replicas(expiry(30), expiry(30)), []],
    [
      'that ends soon, as a pod tells',
      replicas(expiry(30), expiry(13)),
      [`warn | certificate/days | pod gateward-2 | 13 days left, as its metrics say | ${RENEW}`],
    ],
    [
      'of a day, as a pod that makes it itself tells',
      (seen) => ({ ...own, authority: { value: all.ca.cert }, ...replicas(expiry(0.5), expiry(0.5))(seen) }),
      [
        'unknown | certificate/served | pod gateward-1, pod gateward-2 | cannot be seen: no answer within 2 s | run gateward doctor inside the cluster',
      ],
    ],
    [
      'that nobody can see',
      (seen) => ({
        ...replicas({ certificate: NONE, metrics: NONE }, { certificate: NONE, metrics: NONE })(seen),
        keyPair: { unseen: 'may not get secrets' },
      }),
      [
        'unknown | certificate/served | pod gateward-1, pod gateward-2 | cannot be seen: no answer within 2 s | run gateward doctor inside the cluster',
        'unknown | certificate/days | the serving certificate | cannot be seen: no pod can be reached, no metrics and no Secret can be read | run gateward doctor inside the cluster',
        'unknown | replicas/view | pod gateward-1, pod gateward-2 | cannot be seen: no answer within 2 s',
      ],
    ],
    [
      'in the Secret, of another CA',
      (seen) => ({ ...replicas(expiry(30), expiry(30))(seen), keyPair: { value: all.ofOther } }),
      [
        'fail | certificate/served | the Secret that the pods mount | its certificate is signed by "CN=another", which caBundle does not hold: calls fail | see certs/README.md',
      ],
    ],
    [
      'and a configuration that a pod says does not trust it',
      replicas({}, { ...metric('gateward_ca_bundle_mismatch{configuration="mutating"}', 1), certificate: NONE }),
      [
        'fail | certificate/served | pod gateward-2 | says that a configuration does not trust what it serves | look again in ten seconds; then see the runbook GatewardCABundleMismatch',
      ],
    ],
    [
      'that one of two pods presents to whoever is elsewhere',
      replicas({}, { certificate: NONE }),
      [
        'unknown | certificate/served | pod gateward-2 | cannot be seen: no answer within 2 s | run gateward doctor inside the cluster',
      ],
    ],
    [
      'and one that a pod says does',
      replicas({}, { ...metric('gateward_ca_bundle_mismatch{configuration="mutating"}', 0), certificate: NONE }),
      [],
    ],
    [
      'and no caBundle',
      bundle(''),
      [`fail | certificate/bundle | ${NAMES} | caBundle is empty: no call gets through | ${BUNDLE}`],
    ],
    [
      'and a caBundle that is none',
      bundle('x'),
      [`fail | certificate/bundle | ${NAMES} | caBundle is no PEM certificate | ${BUNDLE}`],
    ],
    ['and the CA of the Secret trusted', () => ({ ...own, authority: { value: all.ca.cert } }), []],
    [
      'and a CA in the Secret that is not trusted',
      () => ({ ...own, authority: { value: all.ca.cert + all.other.cert } }),
      [
        'fail | certificate/authority | the Secret of the CA | holds 1 CA that the configurations do not trust | wait ten seconds and look again; then see the log of the pods: something else writes caBundle',
      ],
    ],
    [
      'of its own making, without the Secret',
      () => own,
      [
        'fail | certificate/authority | the Secret of the CA | is not there or holds no ca.crt, and Gateward is to make its certificate itself | apply deploy/components/self-managed',
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('the answer', () => {
  test.each<Row>([
    [
      'is none, and let through',
      () => ({ answer: { answer: 'stored' } }),
      [
        'fail | answer/denial | https://cluster | would store an object that is made to be denied: it gets no answer from Gateward, and failurePolicy is Ignore | run gateward enable --dry-run, which tells why',
      ],
    ],
    [
      'is none, and refused',
      () => ({ answer: { answer: 'failed', problem: 'x509: …' } }),
      ['fail | answer/denial | https://cluster | x509: … | mend what the API server names'],
    ],
    [
      'cannot be asked for',
      () => ({ answer: { unseen: 'may not create httproutes in default' } }),
      [
        'unknown | answer/denial | https://cluster | cannot be seen: may not create httproutes in default | ask with an account that may read it',
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('what is stale', () => {
  const files: Partial<Installation> = {
    workload: { value: { replicas: 2, args: ['serve', '--policies', 'x'], secrets: [] } },
  };
  const file = {
    value: new Map([
      ['a.yaml', 'apiVersion: gateward.dev/v1alpha1\nkind: ListenerSafety\nmetadata: { name: a }\nspec: {}\n'],
    ]),
  };
  const withStatus =
    (status: unknown): Change =>
    () => ({ documents: { value: [document('ListenerSafety', 'listeners', {}, status)] } });
  const lease =
    (age: number, holder = 'gateward-1'): Change =>
    () => ({
      lease: { value: { holder, durationSeconds: 15, renewed: NOW - age * 1000 } },
    });
  test.each<Row>([
    [
      'a document that was refused',
      withStatus({
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'False', message: 'spec.x: unknown field\nnothing of it is in force' }],
      }),
      [
        'fail | documents/ready | ListenerSafety listeners | spec.x: unknown field; nothing of it is in force | run kubectl describe listenersafety listeners',
      ],
    ],
    [
      'a document that was changed since',
      withStatus({ observedGeneration: 0, conditions: [{ type: 'Ready', status: 'True' }] }),
      [
        'warn | documents/ready | ListenerSafety listeners | generation 1 is there, and the leader has seen 0 | run kubectl describe listenersafety listeners',
      ],
    ],
    [
      'a document without status',
      withStatus({}),
      [
        'warn | documents/ready | ListenerSafety listeners | has no status: no leader has looked at it | see the line lease/age',
      ],
    ],
    [
      'no document',
      () => ({ documents: { value: [] } }),
      [
        'fail | documents/ready | the policy documents | there is none, and Gateward takes those of the cluster: it is not ready | run kubectl apply -f policies/baseline.yaml',
      ],
    ],
    [
      'documents of files, and none in the cluster',
      () => ({ ...files, policyFiles: file, documents: { value: [] } }),
      [],
    ],
    [
      'documents of files, and others in the cluster',
      () => ({ ...files, policyFiles: file }),
      [
        'warn | documents/ready | the policy documents | 2 policy documents stand in the cluster and are not in force: Gateward takes those of files | start serve with --policies-from-cluster, or delete them',
      ],
    ],
    ['a Lease of less than a minute ago', lease(59), []],
    [
      'a Lease of an hour ago',
      lease(3600),
      [
        `fail | lease/age | Lease gateward-system/gateward | was renewed 3600 s ago by gateward-1: no pod leads | ${LOGS}`,
      ],
    ],
    [
      'a Lease that nobody holds',
      lease(1, ''),
      [`warn | lease/age | Lease gateward-system/gateward | is held by nobody: no pod leads | ${LOGS}`],
    ],
    [
      'no Lease',
      () => ({ lease: { value: undefined } }),
      [
        `warn | lease/age | Lease gateward-system/gateward | is not there: no pod leads, so nothing audits what is there | ${LOGS}`,
      ],
    ],
    [
      'a pod that is not ready',
      replicas({ ready: { value: { status: 503, text: 'HTTPRoute not listed yet\nmore\n' } } }),
      [
        'fail | replicas/ready | pod gateward-1 | /readyz says 503: HTTPRoute not listed yet; more | mend what it names; it serves again by itself',
      ],
    ],
    [
      'a pod that is ready with a note',
      replicas({ ready: { value: { status: 200, text: 'ok\nHTTPRoute silent for 40 s\n' } } }),
      ['warn | replicas/ready | pod gateward-1 | is ready, and says: HTTPRoute silent for 40 s | mend what it names'],
    ],
    [
      'pods that may not be asked',
      replicas({ ready: { unseen: 'may not get pods' } }),
      [
        'unknown | replicas/ready | pod gateward-1 | cannot be seen: may not get pods | ask with an account that may read it',
      ],
    ],
    [
      'a kind that was heard of a minute ago',
      replicas(metric('gateward_snapshot_age_seconds{kind="Gateway"}', 60)),
      [],
    ],
    [
      'a kind that is silent for longer',
      replicas(metric('gateward_snapshot_age_seconds{kind="Gateway"}', 61)),
      [
        'warn | replicas/view | pod gateward-1 | has heard nothing of Gateway for 60 s | see the runbook GatewardViewStale',
      ],
    ],
    [
      'a kind whose absences are not believed',
      replicas(metric('gateward_snapshot_whole{kind="Gateway"}', 0)),
      [
        'warn | replicas/view | pod gateward-1 | does not believe absences of Gateway | see the runbook GatewardViewStale',
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('Gateway API', () => {
  const release = (channel: string | undefined, bundle: string | undefined, only?: string): Change =>
    kinds((kind) =>
      only === undefined || kind.kind === only ? { ...kind, release: { value: { channel, bundle } } } : kind,
    );
  const CRDS = 'the CRDs of Gateway API';
  test.each<Row>([
    [
      'mixed',
      release('experimental', 'v1.6.1', 'Gateway'),
      [
        `warn | gateway-api/release | ${CRDS} | are mixed: most are of standard v1.6.1, but Gateway of experimental v1.6.1 | install one release whole; gateward check --pin says what it would break`,
      ],
    ],
    [
      'newer than Gateward',
      release('standard', 'v1.9.0'),
      [
        `warn | gateway-api/release | ${CRDS} | are of standard v1.9.0, and Gateward knows v1.0.0 to v1.6.1: newer fields are not judged | update Gateward`,
      ],
    ],
    [
      'of nobody',
      release(undefined, undefined),
      [
        `warn | gateway-api/release | ${CRDS} | are of no channel no bundle, and Gateward knows v1.0.0 to v1.6.1: newer fields are not judged | update Gateward`,
      ],
    ],
    [
      'without a version that its release has',
      kinds((kind) => (kind.kind === 'ReferenceGrant' ? { ...kind, versions: ['v1'] } : kind)),
      [
        'warn | gateway-api/versions | CRD referencegrants.gateway.networking.k8s.io | ReferenceGrant is not served in v1beta1, unlike in standard v1.6.1 | install the CRDs of the release again',
      ],
    ],
    [
      'without the guard that comes with it',
      () => ({ safeUpgrades: { value: false } }),
      [
        'warn | gateway-api/safe-upgrades | ValidatingAdmissionPolicy safe-upgrades.gateway.networking.k8s.io | is not there or not bound: nothing but a ChannelPin keeps broken upgrades of the CRDs out | apply it from the release of Gateway API that is installed',
      ],
    ],
    [
      'not installed',
      () => ({ kinds: { value: [] } }),
      [`fail | gateway-api/release | ${CRDS} | none is served: there is nothing to judge | install Gateway API`],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
  test('of a release that had no guard, none is missed', () => {
    const change: Change = (seen) => ({ ...release('standard', 'v1.4.1')(seen), safeUpgrades: { value: false } });
    expect(told(change, 'gateway-api/safe-upgrades')).toEqual([]);
  });
});

describe('neighbours', () => {
  const where = 'MutatingWebhookConfiguration mesh';
  const narrow = 'narrow its rules or its selectors to what it is for';
  test.each<Row>([
    ['that change Deployments', neighbour('mesh', 'a.mesh.io', [rule('apps', 'deployments')]), []],
    [
      'A46 that change HTTPRoutes, to which documents add filters',
      neighbour('mesh', 'a.mesh.io', [rule('gateway.networking.k8s.io', 'httproutes')]),
      [
        `warn | neighbours/mutating | ${where} | a.mesh.io may change HTTPRoute too, and documents add filters there: the one may undo the other | ${narrow}`,
      ],
    ],
    [
      'that change Gateways, to which nothing is added',
      neighbour('mesh', 'a.mesh.io', [rule('gateway.networking.k8s.io', 'gateways')]),
      [
        `warn | neighbours/mutating | ${where} | a.mesh.io may change Gateway too: what it makes of them is judged, not what was applied | ${narrow}`,
      ],
    ],
    [
      'that see Gateways deleted',
      neighbour('mesh', 'a.mesh.io', [rule('gateway.networking.k8s.io', 'gateways', { operations: ['DELETE'] })]),
      [],
    ],
    [
      'that call Gateward',
      neighbour('gateward-old', 'mutate.gateward.dev', []),
      [
        'warn | neighbours/second | MutatingWebhookConfiguration gateward-old | calls Gateward too: a second installation, or left by an interrupted gateward enable | run kubectl delete mutatingwebhookconfiguration gateward-old if nobody needs it',
      ],
    ],
  ])('%s', (_what, change, lines) => {
    expect(told(change)).toEqual(lines);
  });
});

describe('access', () => {
  test('without the right to see kinds of vendors Gateward serves all the same', () => {
    const kinds = [{ group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy' }];
    const documents = { value: [document('PolicyAttachment', 'targets', { kinds })] };
    const access = (seen: Installation, ...more: readonly RoleRule[]): Installation['access'] =>
      'unseen' in seen.access
        ? seen.access
        : { value: { ...seen.access.value, cluster: [...seen.access.value.cluster, ...more] } };
    const rule = { apiGroups: ['gateway.envoyproxy.io'], resources: ['securitypolicies'], resourceNames: [] };
    const about = (...verbs: readonly string[]): readonly string[] =>
      told((seen) => ({ documents, access: access(seen, { ...rule, verbs: [...verbs] }) })).filter((line) =>
        line.includes('access/roles'),
      );
    expect(about('list', 'watch')).toEqual([]);
    expect(about('get', 'list')).toEqual([
      'warn | access/roles | ServiceAccount gateward-system/gateward | may not watch securitypolicies.gateway.envoyproxy.io | run gateward manifests rbac --policies DIR | kubectl apply -f -',
    ]);
  });

  test('more is fine, less is told', () => {
    const { access } = whole;
    if ('unseen' in access) throw new Error(access.unseen);
    const { cluster, namespaced } = access.value;
    const every = { apiGroups: ['*'], resources: ['*'], resourceNames: [], verbs: ['*'] };
    expect(told(() => ({ access: { value: { cluster: [every], namespaced: [] } } }))).toEqual([]);
    const less = cluster.map((one) => ({
      ...one,
      verbs: one.resources.includes('ingresses') ? ['get', 'list'] : one.verbs,
    }));
    expect(told(() => ({ access: { value: { cluster: less, namespaced: namespaced.slice(1) } } }))).toEqual([
      'fail | access/roles | ServiceAccount gateward-system/gateward | may not watch ingresses.networking.k8s.io; create leases.coordination.k8s.io | run gateward manifests rbac | kubectl apply -f -',
    ]);
  });
});

test('with documents of files the rules are held against those', () => {
  const set = policySet([], []);
  const lines = diagnose(whole, POLICIES, set).filter(({ check }) => check === 'rules/judged');
  expect(lines.map(({ message }) => message)).toEqual([
    'send all that the 0 policies with documents judge (documents: --policies)',
  ]);
});

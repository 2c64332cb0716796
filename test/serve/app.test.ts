import { describe, expect, it, vi } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import type { ReviewAnswer } from '../../src/admission/index.ts';
import { Store } from '../../src/cluster/store.ts';
import { answered, type LiveAnswer, type LiveReader } from '../../src/cluster/answered.ts';
import { loadPolicies } from '../../src/config/index.ts';
import { policySet, type Exemption, type PolicySet } from '../../src/engine/index.ts';
import { Callers } from '../../src/serve/callers.ts';
import { Loop } from '../../src/serve/loop.ts';
import { Gate, LIMITS } from '../../src/serve/gate.ts';
import type { World } from '../../src/serve/judge.ts';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { httpRoute, reviewOf } from '../support/review.ts';
import { series, testApp, type TestApp } from '../support/serving.ts';
import { toyDocuments, toySet } from '../support/toyPolicy.ts';
import { storeOf } from '../support/world.ts';

const deny = { strict: { action: 'Deny' } };
const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';

function post(
  app: FastifyInstance,
  body: unknown,
  { url = '/validate', headers = {} }: { url?: string; headers?: Record<string, string> } = {},
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function answerTo(app: FastifyInstance, body: unknown, url = '/validate'): Promise<ReviewAnswer['response']> {
  const response = await post(app, body, { url });
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  const answer = response.json<ReviewAnswer>();
  expect([answer.apiVersion, answer.kind]).toEqual(['admission.k8s.io/v1', 'AdmissionReview']);
  return answer.response;
}

const review = (hostname: string, metadata = {}) => reviewOf('CREATE', httpRoute(hostname, metadata));

describe('POST /validate', () => {
  it('P1 P3 P5 denies with HTTP 200, the uid, and neither patch nor patchType', async () => {
    const { app } = testApp(deny);
    expect(await answerTo(app, review('forbidden.example.com'))).toEqual({
      uid,
      allowed: false,
      status: {
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: 'toy/forbidden: spec.hostnames[0] "forbidden.example.com" is forbidden. See gateward.dev/rules/toy',
        details: {
          group: 'gateway.networking.k8s.io',
          kind: 'HTTPRoute',
          name: 'web',
          causes: [
            {
              reason: 'toy/forbidden',
              field: 'spec.hostnames[0]',
              message: 'spec.hostnames[0] "forbidden.example.com" is forbidden.',
            },
          ],
        },
      },
      auditAnnotations: {
        denied: 'toy/forbidden: spec.hostnames[0] "forbidden.example.com" is forbidden.',
      },
    });
  });

  it('P1 allows its neighbour with nothing but the uid', async () => {
    const { app } = testApp(deny);
    expect(await answerTo(app, review('allowed.example.com'))).toEqual({ uid, allowed: true });
  });

  it('P4 warns and audits as the document says, and allows', async () => {
    const warn = await answerTo(testApp({ a: { action: 'Warn' } }).app, review('forbidden.example.com'));
    const audit = await answerTo(testApp({ a: { action: 'Audit' } }).app, review('forbidden.example.com'));
    const text = 'spec.hostnames[0] "forbidden.example.com" is forbidden.';
    expect([warn, audit]).toEqual([
      {
        uid,
        allowed: true,
        warnings: [`toy/forbidden: ${text}`],
        auditAnnotations: { warned: `toy/forbidden: ${text}` },
      },
      { uid, allowed: true, auditAnnotations: { audited: `toy/forbidden: ${text}` } },
    ]);
  });

  it('A42 warns of a violation that the object had before', async () => {
    const { app } = testApp(deny);
    const update = reviewOf(
      'UPDATE',
      httpRoute('forbidden.example.com', { labels: { a: 'b' } }),
      httpRoute('forbidden.example.com'),
    );
    const fresh = reviewOf('UPDATE', httpRoute('forbidden.example.com'), httpRoute('allowed.example.com'));
    expect([(await answerTo(app, update)).allowed, (await answerTo(app, fresh)).allowed]).toEqual([true, false]);
  });

  it('A43 lets finalizers go and no other edit', async () => {
    const { app } = testApp(deny);
    const going = { deletionTimestamp: '2026-11-21T00:00:00Z' };
    const released = reviewOf(
      'UPDATE',
      httpRoute('forbidden.example.com', going),
      httpRoute('forbidden.example.com', going),
    );
    const edited = reviewOf(
      'UPDATE',
      httpRoute('forbidden.example.com', going),
      httpRoute('allowed.example.com', going),
    );
    expect([(await answerTo(app, released)).allowed, (await answerTo(app, edited)).allowed]).toEqual([true, false]);
  });

  it('P14 spares the deletions of the collectors', async () => {
    const { app } = testApp(deny);
    const userInfo = { username: 'system:serviceaccount:kube-system:generic-garbage-collector' };
    const route = httpRoute('forbidden.example.com');
    expect((await answerTo(app, reviewOf('DELETE', route))).allowed).toBe(false);
    expect((await answerTo(app, reviewOf('DELETE', route, undefined, { userInfo }))).allowed).toBe(true);
  });

  it('P23 A23 denies what is not understood with 422', async () => {
    const { app } = testApp(deny);
    const { allowed, status } = await answerTo(app, reviewOf('CREATE', httpRoute('a'), undefined, { object: null }));
    expect([allowed, status?.code, status?.message]).toEqual([
      false,
      422,
      'the HTTPRoute is not valid: the object is missing',
    ]);
  });

  it('A25 denies when a policy of an enforced document throws, warns when its failure mode or action says so', async () => {
    const outcomes = [];
    for (const spec of [{ action: 'Deny' }, { action: 'Deny', failureMode: 'Ignore' }, { action: 'Warn' }]) {
      const { allowed, warnings } = await answerTo(testApp({ strict: spec }).app, review('throw.example.com'));
      outcomes.push({ allowed, warnings });
    }
    const warnings = ['toy: document strict could not be judged: a policy broke'];
    expect(outcomes).toEqual([
      { allowed: false, warnings: undefined },
      { allowed: true, warnings },
      { allowed: true, warnings },
    ]);
  });

  it('F10 carries what it rests on when that may be behind the cluster', async () => {
    const stale = ['Service silent for 52 s'];
    const world = { set: toySet(deny), snapshot: new Store('all'), reader: undefined, claims: undefined, stale };
    const { app, lines } = testApp({}, { world: () => world });
    const allowed = await answerTo(app, review('allowed.example.com'));
    const denied = await answerTo(app, review('forbidden.example.com'));
    expect([allowed.allowed, allowed.auditAnnotations]).toEqual([true, { stale: stale[0] }]);
    expect([denied.allowed, denied.auditAnnotations?.['stale']]).toEqual([false, stale[0]]);
    expect(lines.map((line) => line['stale'])).toEqual([stale, stale]);
  });

  it('A25 denies when judging breaks down outside of any policy, unless nothing is enforced', async () => {
    const broken = (spec: unknown): World => ({
      set: toySet({ strict: spec }),
      snapshot: new Store('all'),
      reader: { read: () => Promise.reject(new Error('the reader broke')) },
      claims: undefined,
      stale: [],
    });
    const denied = testApp({}, { world: () => broken({ action: 'Deny' }) });
    const { allowed, status } = await answerTo(denied.app, review('label.example.com'));
    expect([allowed, status?.code]).toEqual([false, 500]);
    expect(denied.lines).toMatchObject([
      { msg: 'review', allowed: false, errors: [expect.stringContaining('the reader broke')] },
    ]);
  });

  it('A18 takes the last of duplicate keys, as the API server does', async () => {
    const { app } = testApp(deny);
    const text = JSON.stringify(review('allowed.example.com')).replace(
      '"hostnames":',
      '"hostnames":["forbidden.example.com"],"hostnames":',
    );
    expect((await answerTo(app, JSON.parse(text))).allowed).toBe(true);
    const response = await post(app, text);
    expect(response.json<ReviewAnswer>().response.allowed).toBe(true);
  });

  it('A14 judges an object with a key __proto__ like any other', async () => {
    const { app } = testApp(deny);
    const text = JSON.stringify(review('forbidden.example.com')).replace(
      '"metadata":{',
      '"metadata":{"__proto__":{"x":1},',
    );
    const response = await post(app, text);
    expect([response.statusCode, response.json<ReviewAnswer>().response.allowed]).toEqual([200, false]);
  });
});

describe('a Deny that rests on an absence', () => {
  const labelled = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-shop', labels: { team: 'shop' } } };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'team-shop' },
    spec: { ports: [{ port: 80 }] },
  };

  function appReading(found: Readonly<Record<string, LiveAnswer['objects'] | undefined>>, asked: string[]): TestApp {
    const reader: LiveReader = {
      read: (keys) => {
        asked.push(...keys.map(({ kind }) => kind));
        return Promise.resolve(
          keys.map((key) => {
            const objects = found[key.kind];
            return objects === undefined ? undefined : { key, objects };
          }),
        );
      },
    };
    const world: World = { set: toySet(deny), snapshot: new Store('all'), reader, claims: undefined, stale: [] };
    return testApp({}, { world: () => world });
  }

  it('F22 A26 is taken back to the API server, question after question, and allowed when the objects are there', async () => {
    const asked: string[] = [];
    const { app } = appReading({ Namespace: [labelled], Service: [service] }, asked);
    expect(await answerTo(app, review('label.example.com'))).toEqual({ uid, allowed: true });
    expect(asked).toEqual(['Namespace', 'Service']);
  });

  it('A26 stands when the API server has nothing either', async () => {
    const { app } = appReading({ Namespace: [] }, []);
    const { status } = await answerTo(app, review('label.example.com'));
    expect(status?.message).toBe('toy/unlabelled: namespace team-shop has no label team. See gateward.dev/rules/toy');
  });

  it('A26 is an error when the API server does not say', async () => {
    const { app } = appReading({ Namespace: [labelled], Service: undefined }, []);
    const { status } = await answerTo(app, review('label.example.com'));
    expect(status?.message).toBe(
      'toy/not-judged: document strict could not be judged: Service cannot be seen. As far as can be seen, there is no Service web. See gateward.dev/rules/toy',
    );
  });

  it('asks nothing when nothing is open', async () => {
    const asked: string[] = [];
    const { app } = appReading({}, asked);
    expect((await answerTo(app, review('forbidden.example.com'))).allowed).toBe(false);
    expect(asked).toEqual([]);
  });

  it('answered() takes out what is gone and keeps what was not asked for', () => {
    const store = new Store('none');
    store.put('Namespace', labelled);
    store.put('Service', service);
    const key = { kind: 'Service', namespace: 'team-shop', name: '' } as const;
    const world = answered(store, [key], [{ key, objects: [] }]);
    expect([
      world.get('Service', 'team-shop', 'web'),
      world.get('Namespace', '', 'team-shop'),
      world.sees('Service'),
      world.sees('Namespace'),
    ]).toEqual([undefined, labelled, 'all', 'none']);
    expect(answered(store, [key], [undefined]).sees('Service')).toBe('none');
    const upToDate = answered(store, [key], [{ key, objects: undefined }]);
    expect([upToDate.get('Service', 'team-shop', 'web'), upToDate.sees('Service')]).toEqual([service, 'all']);
  });
});

describe('a Deny that rests on what the API server may not tell', () => {
  const gatewayApi = 'gateway.networking.k8s.io/v1';
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'team-shop' },
    spec: { ports: [{ port: 81 }] },
  };
  const gateway = (name: string) => ({
    apiVersion: gatewayApi,
    kind: 'Gateway',
    metadata: { name, namespace: 'team-shop' },
    spec: {
      gatewayClassName: 'c',
      allowedListeners: { namespaces: { from: 'Same' } },
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    },
  });
  const listenerSet = {
    apiVersion: gatewayApi,
    kind: 'ListenerSet',
    metadata: { name: 'set', namespace: 'team-shop' },
    spec: { parentRef: { name: 'second' }, listeners: [{ name: 'more', port: 8080, protocol: 'HTTP' }] },
  };
  const route = {
    ...httpRoute('shop.example.com'),
    spec: {
      parentRefs: [{ name: 'first' }, { group: 'gateway.networking.k8s.io', kind: 'ListenerSet', name: 'set' }],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    },
  };

  const noService = 'backend-references/backend-not-found';
  const noPort = 'backend-references/port-not-found';
  const noParent = 'route-attachment/parent-not-found';
  const [noBackends, noParents] = ['backend-references/not-judged', 'route-attachment/not-judged'];
  /** What has been seen, what is there, what nobody tells of, and what denies under failure mode Fail and Ignore. */
  const rows = [
    ['an absent Service', 'BackendReferences', [], [], [], [noService, noService]],
    ['a Service that nobody tells of', 'BackendReferences', [], [], ['web'], [noBackends, undefined]],
    ['a Service without the port', 'BackendReferences', [service], [service], [], [noPort, noPort]],
    ['an old copy of one', 'BackendReferences', [service], [service], ['web'], [noBackends, undefined]],
    // The Gateway of the ListenerSet is asked for when there is an answer about that.
    ['an absent Gateway', 'RouteAttachment', [], [listenerSet, gateway('second')], [], [noParent, noParent]],
    [
      'a Gateway that nobody tells of, unlike another later',
      'RouteAttachment',
      [],
      [listenerSet, gateway('first'), gateway('second')],
      ['first'],
      [noParents, undefined],
    ],
    [
      'Gateways that are there after all',
      'RouteAttachment',
      [],
      [listenerSet, gateway('first'), gateway('second')],
      [],
      [undefined, undefined],
    ],
  ] as const;

  it.each(rows)('A26 %s', async (_name, kind, seen, there, silent: readonly string[], denying) => {
    const live = storeOf(there);
    const reader: LiveReader = {
      read: (keys) =>
        Promise.resolve(
          keys.map((key) => {
            const object = live.get(key.kind, key.namespace, key.name);
            return silent.includes(key.name) ? undefined : { key, objects: object === undefined ? [] : [object] };
          }),
        ),
    };
    const under = async (failureMode: string): Promise<string | undefined> => {
      const spec = { action: 'Deny', failureMode };
      const value = { apiVersion: 'gateward.dev/v1alpha1', kind, metadata: { name: 'strict' }, spec };
      const { set } = loadPolicies([{ origin: 'test', value, locate: undefined }], POLICIES, 0);
      const world: World = { set, snapshot: storeOf(seen, 'all'), reader, claims: undefined, stale: [] };
      const { status } = await answerTo(testApp({}, { world: () => world }).app, reviewOf('CREATE', route));
      return status?.details.causes.map(({ reason }) => reason).join(' ');
    };
    expect([await under('Fail'), await under('Ignore')]).toEqual(denying);
  });

  const namespace = (labels: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team-shop', labels },
  });
  const ignoring = { action: 'Deny', failureMode: 'Ignore' };
  const ofApps = { action: 'Deny', match: { namespaceSelector: { matchLabels: { tier: 'apps' } } } };
  it.each<[string, readonly Readonly<Record<string, unknown>>[], readonly unknown[], boolean]>([
    ['an old copy alone', [ignoring], [], true],
    ['an old copy, and a Namespace that nobody tells of', [ignoring, ofApps], [], false],
    ['an old copy, and a Namespace that is meant', [ignoring, ofApps], [namespace({ tier: 'apps' })], false],
    ['an old copy, and a Namespace that is not meant', [ignoring, ofApps], [namespace({})], true],
  ])('A26 %s', async (_name, specs, there, allowed) => {
    const live = storeOf(there);
    const reader: LiveReader = {
      read: (keys) =>
        Promise.resolve(
          keys.map((key) => {
            const object = live.get(key.kind, key.namespace, key.name);
            return object === undefined ? undefined : { key, objects: [object] };
          }),
        ),
    };
    const documents = specs.map((spec, at) => {
      const metadata = { name: `d${at}` };
      const value = { apiVersion: 'gateward.dev/v1alpha1', kind: 'BackendReferences', metadata, spec };
      return { origin: 'test', value, locate: undefined };
    });
    const { set } = loadPolicies(documents, POLICIES, 0);
    const world: World = { set, snapshot: storeOf([service], 'all'), reader, claims: undefined, stale: [] };
    const { app } = testApp({}, { world: () => world });
    expect((await answerTo(app, reviewOf('CREATE', route))).allowed).toBe(allowed);
  });
});

describe('POST /mutate', () => {
  const mutating = { fixer: { action: 'Deny', mutate: true } };

  it('P5 patches, with both patch and patchType', async () => {
    const { app } = testApp(mutating);
    const { patch = '', ...rest } = await answerTo(app, review('fix-a.example.com'), '/mutate');
    expect(rest).toEqual({ uid, allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toEqual([
      { op: 'replace', path: '/spec/hostnames/0', value: 'a.example.com' },
    ]);
  });

  const unpatched: readonly (readonly [string, unknown])[] = [
    ['P5 nothing to change', review('a.example.com')],
    ['P6 a DELETE', reviewOf('DELETE', httpRoute('fix-a.example.com'))],
    [
      'an object that is being deleted',
      reviewOf(
        'UPDATE',
        httpRoute('fix-a.example.com', { deletionTimestamp: '2026-11-21T00:00:00Z' }),
        httpRoute('fix-a.example.com'),
      ),
    ],
    ['A25 a policy throws: validation has the word', review('throw.example.com')],
    ['A46 documents that never agree: validation has the word', review('fix-fix-fix-a.example.com')],
    [
      'A23 an object that is not understood: validation has the word',
      reviewOf('CREATE', httpRoute('a'), undefined, { object: null }),
    ],
  ];
  it.each(unpatched)('allows without patch: %s', async (_name, body) => {
    const { app } = testApp(mutating);
    expect(await answerTo(app, body, '/mutate')).toEqual({ uid, allowed: true });
  });

  const found = (labels: Readonly<Record<string, string>>): LiveReader['read'] => {
    const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-shop', labels } }];
    return (keys) => Promise.resolve(keys.map((key) => ({ key, objects })));
  };
  const silent: LiveReader['read'] = (keys) => Promise.resolve(keys.map(() => undefined));
  const breaks: LiveReader['read'] = () => Promise.reject(new Error('the reader broke'));
  const throws: LiveReader['read'] = () => {
    throw new Error('the reader broke');
  };
  const match = { namespaceSelector: { matchLabels: { tier: 'apps' } } };
  const exemption: Exemption = {
    name: 'kept',
    policies: [{ kind: 'Toy', name: 'fixer', rules: [] }],
    match: { ...match, names: [] },
    reason: 'moves',
    ticket: undefined,
    expires: Infinity,
  };
  const chosen = policySet(toyDocuments({ fixer: { action: 'Deny', mutate: true, match } }), []);
  const exempted = policySet(toyDocuments(mutating), [exemption]);
  const live: readonly (readonly [string, PolicySet, LiveReader['read'], boolean, number])[] = [
    ['patches where it is chosen by labels', chosen, found({ tier: 'apps' }), true, 1],
    ['does not where it is not', chosen, found({ tier: 'infra' }), false, 1],
    ['does not where they are not said', chosen, silent, false, 1],
    ['does not where they cannot be read', chosen, breaks, false, 1],
    ['does not where reading them breaks', chosen, throws, false, 1],
    ['does not where it is exempted by labels', exempted, found({ tier: 'apps' }), false, 1],
    ['patches where it is not exempted', exempted, found({ tier: 'infra' }), true, 1],
    ['reads none where nobody asks for labels', policySet(toyDocuments(mutating), []), throws, true, 0],
    ['reads none where nothing mutates', policySet(toyDocuments({ strict: { match } }), [exemption]), throws, false, 0],
  ];
  it.each(live)('in a Namespace that is not in sight yet %s', async (_name, set, read, patches, reads) => {
    let count = 0;
    const reader: LiveReader = {
      read: (...asked) => {
        count += 1;
        return read(...asked);
      },
    };
    const world: World = { set, snapshot: new Store('all'), reader, claims: undefined, stale: [] };
    const { app } = testApp({}, { world: () => world });
    const { allowed, patch } = await answerTo(app, review('fix-a.example.com'), '/mutate');
    expect([allowed, patch !== undefined, count]).toEqual([true, patches, reads]);
  });
});

describe('requests that are no review', () => {
  const refused: readonly (readonly [
    string,
    {
      url?: string;
      method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
      headers?: Record<string, string>;
      payload?: string;
    },
    number,
    string,
  ])[] = [
    [
      'P2 v1beta1',
      { payload: JSON.stringify({ ...review('a'), apiVersion: 'admission.k8s.io/v1beta1' }) },
      400,
      'only apiVersion admission.k8s.io/v1 is understood: set admissionReviewVersions: ["v1"]\n',
    ],
    ['A24 not JSON', { payload: '{' }, 400, 'the body is not JSON\n'],
    ['A24 empty', { payload: '' }, 400, 'the body is not JSON\n'],
    [
      'A5 three million objects',
      { payload: `[${'{},'.repeat(3_000_000)}{}]` },
      400,
      'the body has more than 1000000 values\n',
    ],
    ['A19 a million levels', { payload: '['.repeat(1_000_000) }, 400, 'the body nests deeper than 10000 levels\n'],
    ['A8 text/plain', { headers: { 'content-type': 'text/plain' }, payload: '{}' }, 415, 'Unsupported Media Type\n'],
    [
      'A9 gzip',
      { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, payload: '{}' },
      415,
      'no content encoding is understood\n',
    ],
    ['A10 GET /validate', { method: 'GET' }, 405, 'only POST\n'],
    ['A10 PUT /mutate', { method: 'PUT', url: '/mutate', payload: '{}' }, 405, 'only POST\n'],
    ['A10 OPTIONS', { method: 'OPTIONS' }, 405, 'only POST\n'],
    ['A10 POST /readyz', { url: '/readyz', payload: '{}' }, 405, 'only GET\n'],
    [
      'A10 /metrics is not here',
      { method: 'GET', url: '/metrics' },
      404,
      'POST /validate, /mutate and /documents, GET /livez and /readyz are all there is\n',
    ],
    [
      'A10 a path that climbs',
      { method: 'GET', url: '/validate/../metrics' },
      404,
      'POST /validate, /mutate and /documents, GET /livez and /readyz are all there is\n',
    ],
  ];
  it.each(refused)('%s', async (_name, request, status, text) => {
    const { app, lines } = testApp(deny);
    const response = await app.inject({
      method: 'POST',
      url: '/validate',
      headers: { 'content-type': 'application/json' },
      ...request,
    });
    expect([response.statusCode, response.body]).toEqual([status, text]);
    expect(lines).toEqual([]);
  });

  const taken: readonly (readonly [string, { url?: string; headers?: Record<string, string> }])[] = [
    ['A8 the content type in capitals', { headers: { 'content-type': 'APPLICATION/JSON' } }],
    ['A8 with a parameter', { headers: { 'content-type': 'application/json; charset=utf-16' } }],
    ['P9 with a timeout', { url: '/validate?timeout=5s' }],
    ['A10 with a negative timeout', { url: '/validate?timeout=-1s' }],
    ['A10 with a garbled timeout', { url: '/validate?timeout=abc' }],
    ['A10 with a timeout of a year', { url: '/validate?timeout=9999h' }],
    ['A10 with 1,000 parameters', { url: `/validate?${'timeout=1s&'.repeat(1000)}` }],
  ];
  it.each(taken)('is judged: %s', async (_name, options) => {
    const { app } = testApp(deny);
    const response = await post(app, review('forbidden.example.com'), options);
    expect([response.statusCode, response.json<ReviewAnswer>().response.allowed]).toEqual([200, false]);
  });

  it('A5 a body above 10 MiB', async () => {
    const { app } = testApp(deny);
    const response = await post(app, ' '.repeat(LIMITS.bodyBytes + 1));
    expect([response.statusCode, response.headers.connection]).toEqual([413, 'close']);
  });

  it.each([
    [0, 200],
    [1, 413],
  ])('A5 a body about a policy document of 4 MiB and %s', async (more, status) => {
    const { app } = testApp(deny);
    const text = JSON.stringify(review('forbidden.example.com'));
    const options = { url: '/documents' };
    const response = await post(app, text.padEnd(4 * 1024 * 1024 + more), options);
    expect(response.statusCode).toBe(status);
  });

  it('A5 P13 takes a body just below 10 MiB', async () => {
    const { app } = testApp(deny);
    const padded = { ...review('forbidden.example.com'), padding: '<'.repeat(LIMITS.bodyBytes - 4096) };
    expect((await answerTo(app, padded)).allowed).toBe(false);
  });
});

describe('readiness and shedding', () => {
  it('A5 A6 turns away what it has no room for, with Retry-After', async () => {
    const { app, metrics } = testApp(deny, { gate: new Gate({ ...LIMITS, inFlightBytes: 100 }) });
    const response = await post(app, review('forbidden.example.com'));
    expect([response.statusCode, response.headers['retry-after'], response.body]).toEqual([503, '1', 'bytes\n']);
    expect(await series(metrics, 'gateward_admission_shed_total{reason="bytes"}')).toBe(1);
  });

  it.each([
    ['5s', 4400, 200, 'judged'],
    ['5s', 4600, 503, 'deadline\n'],
    ['10s', 4600, 200, 'judged'],
    ['1s', 1000, 503, 'deadline\n'],
  ])('F15 of %s a loop that stood still for %s ms leaves enough or not: %s', async (timeout, delay, status, body) => {
    const { app, metrics } = testApp(deny, { loop: { delayAt: () => delay } });
    const response = await post(app, review('forbidden.example.com'), { url: `/validate?timeout=${timeout}` });
    expect([response.statusCode, response.statusCode === 200 ? 'judged' : response.body]).toEqual([status, body]);
    expect(await series(metrics, 'gateward_admission_shed_total{reason="deadline"}')).toBe(status === 200 ? 0 : 1);
  });

  it('F15 turns away who would wait for half of its time behind others, and nobody when nothing is in hand', () => {
    const gate = new Gate(LIMITS);
    const enter = (allowed: number): string => {
      const entered = gate.enter(100, allowed, () => undefined);
      if (typeof entered === 'string') return entered;
      entered.leave();
      return 'in';
    };
    const held = gate.enter(100, 4500, () => undefined);
    gate.begin(performance.now() - 1000);
    expect([enter(4500), enter(1800), enter(900)]).toEqual(['in', 'queue', 'queue']);
    gate.begin(performance.now());
    expect(enter(900)).toBe('in');
    gate.begin(performance.now() - 1000);
    expect(enter(900)).toBe('queue');
    if (typeof held !== 'string') held.leave();
    expect(enter(900)).toBe('in');
  });

  it.each([
    // what is held of 1,000 bytes and two reviews, how far it has come, for how long its caller has been waited for, and what comes
    ['a larger body, at once', 900, 'none', 0, 200, 'in', ['bytes']],
    ['a body as large, not at once', 900, 'none', 900, 900, 'bytes', []],
    ['a body as large, in time', 900, 'none', 1100, 900, 'in', ['bytes']],
    ['a review in hand, never', 900, 'receive', 9000, 200, 'bytes', []],
    ['an answer, not at once', 900, 'answer', 900, 200, 'bytes', []],
    ['an answer, in time', 900, 'answer', 1100, 200, 'in', ['bytes']],
    ['nobody where there is room', 900, 'none', 9000, 100, 'in', []],
  ] as const)('A5 A6 gives way to others: %s', (_name, held, step, waited, bytes, expected, ended) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const gate = new Gate({ ...LIMITS, inFlightBytes: 1000, inFlightReviews: 2 });
      const reasons: string[] = [];
      const entry = gate.enter(held, 4500, (reason) => reasons.push(reason));
      if (typeof entry === 'string') throw new Error(entry);
      if (step !== 'none') entry.receive();
      if (step === 'answer') entry.answer();
      vi.advanceTimersByTime(waited);
      const came = gate.enter(bytes, 4500, () => undefined);
      entry.leave();
      expect([typeof came === 'string' ? came : 'in', reasons]).toEqual([expected, ended]);
      expect(gate.reviews).toBe(typeof came === 'string' ? 0 : 1);
      if (typeof came !== 'string') came.leave();
      // Nothing was counted out twice.
      expect(typeof gate.enter(1001, 4500, () => undefined)).toBe('string');
    } finally {
      vi.useRealTimers();
    }
  });

  it('A6 gives the places of those who are waited for too long to others, and no more than are needed', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const gate = new Gate({ ...LIMITS, inFlightReviews: 2 });
      const ended: string[] = [];
      const enter = (name: string): string => {
        const entered = gate.enter(100, 4500, (reason) => ended.push(`${name} ${reason}`));
        return typeof entered === 'string' ? entered : 'in';
      };
      expect([enter('first'), enter('second'), enter('third')]).toEqual(['in', 'in', 'concurrency']);
      vi.advanceTimersByTime(1001);
      expect([enter('fourth'), ended]).toEqual(['in', ['first concurrency']]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('counts out each review once, in whatever order they leave', () => {
    const gate = new Gate({ ...LIMITS, inFlightBytes: 700 });
    const [first, second, third] = [100, 200, 400].map((bytes) => gate.enter(bytes, 4500, () => undefined));
    const counted: number[] = [];
    for (const entry of [first, first, third, first, third, second, second]) {
      if (typeof entry === 'object') entry.leave();
      counted.push(gate.reviews);
    }
    expect(counted).toEqual([2, 2, 1, 1, 1, 0, 0]);
    const rooms = [701, 700].map((bytes) => typeof gate.enter(bytes, 4500, () => undefined));
    expect(rooms).toEqual(['string', 'object']);
  });

  it('A6 F22 keeps the place of a review that waits for the API server, not for its caller', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const open: (() => void)[] = [];
      const reader: LiveReader = {
        read: (keys) =>
          new Promise((resolve) => {
            open.push(() => {
              resolve(keys.map(() => undefined));
            });
          }),
      };
      const world: World = { set: toySet(deny), snapshot: new Store('all'), reader, claims: undefined, stale: [] };
      const { app } = testApp({}, { world: () => world, gate: new Gate({ ...LIMITS, inFlightReviews: 1 }) });
      const waiting = post(app, review('label.example.com'));
      await vi.waitFor(() => {
        expect(open).toHaveLength(1);
      });
      vi.advanceTimersByTime(2000);
      expect((await post(app, review('forbidden.example.com'))).body).toBe('concurrency\n');
      open[0]?.();
      expect((await waiting).statusCode).toBe(200);
    } finally {
      vi.useRealTimers();
    }
  });

  it('F15 a loop that stood still says for how long', () => {
    const loop = new Loop();
    try {
      const began = performance.now();
      expect(loop.delayAt(began)).toBeLessThan(began);
      expect(loop.delayAt(began + 1020)).toBeGreaterThanOrEqual(1000);
    } finally {
      loop.close();
    }
  });

  it('P22 answers 503 and closes while it is not ready', async () => {
    const { app } = testApp(deny, { waitingFor: () => ['HTTPRoute not listed'] });
    const response = await post(app, review('forbidden.example.com'));
    expect([response.statusCode, response.headers['retry-after'], response.headers.connection, response.body]).toEqual([
      503,
      '1',
      'close',
      'not-ready\n',
    ]);
    const ready = await app.inject({ method: 'GET', url: '/readyz' });
    expect([ready.statusCode, ready.body]).toEqual([503, 'HTTPRoute not listed\n']);
    expect((await app.inject({ method: 'GET', url: '/livez' })).statusCode).toBe(200);
  });

  it('F1 while draining is not ready, still serves, and closes each connection', async () => {
    const { app } = testApp(deny, { isDraining: () => true });
    const ready = await app.inject({ method: 'GET', url: '/readyz' });
    expect([ready.statusCode, ready.body]).toEqual([503, 'draining\n']);
    const response = await post(app, review('forbidden.example.com'));
    expect([response.statusCode, response.headers.connection, response.json<ReviewAnswer>().response.allowed]).toEqual([
      200,
      'close',
      false,
    ]);
  });

  it('says what a reader of /readyz should know', async () => {
    const { app } = testApp(deny, { notes: () => ['policies/a.yaml was refused; the last good set is in force'] });
    const ready = await app.inject({ method: 'GET', url: '/readyz' });
    expect([ready.statusCode, ready.body]).toEqual([
      200,
      'ok\npolicies/a.yaml was refused; the last good set is in force\n',
    ]);
  });

  it('A1 turns away callers without a client certificate where one is asked for', async () => {
    const { app, metrics } = testApp(deny, { callers: new Callers([]) });
    const response = await post(app, review('forbidden.example.com'));
    expect([response.statusCode, response.headers.connection]).toEqual([401, 'close']);
    expect(await series(metrics, 'gateward_admission_shed_total{reason="unauthenticated"}')).toBe(1);
    expect((await app.inject({ method: 'GET', url: '/livez' })).statusCode).toBe(200);
  });
});

describe('what is recorded', () => {
  it('A56 logs one line a review, without its body', async () => {
    const { app, lines, text } = testApp(deny);
    await answerTo(app, review('forbidden.example.com', { annotations: { canary: 'canary-value' } }));
    expect(lines).toEqual([
      {
        level: 30,
        time: expect.any(String) as string,
        webhook: 'validate',
        uid,
        operation: 'CREATE',
        kind: 'HTTPRoute',
        object: 'team-shop/web',
        allowed: false,
        rules: ['toy/forbidden'],
        related: ['HTTPRoute other/held'],
        ms: expect.any(Number) as number,
        msg: 'review',
      },
    ]);
    expect(text()).not.toContain('canary');
  });

  it('A51 logs hostile names escaped and short', async () => {
    const { app, text } = testApp(deny);
    const name = `\u001b[2K\r\n\u009b${'x'.repeat(100_000)}`;
    await post(app, reviewOf('CREATE', httpRoute('a.example.com', { name })));
    expect(text().length).toBeLessThan(8192);
    expect(text()).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('counts every outcome of reviews that all documents pass, whenever it is asked', async () => {
    const { app, metrics } = testApp({ strict: { action: 'Deny' }, other: { action: 'Warn' } });
    const counted = async (): Promise<readonly number[]> =>
      await Promise.all(
        ['pass",action="Deny', 'pass",action="Warn', 'fail",action="Deny', 'fail",action="Warn'].map((labels) =>
          series(metrics, `gateward_admission_outcomes_total{policy="toy",outcome="${labels}"}`),
        ),
      );
    await answerTo(app, review('shop.example.com'));
    await answerTo(app, review('shop.example.com'));
    expect(await counted()).toEqual([2, 2, 0, 0]);
    await answerTo(app, review('shop.example.com'));
    await answerTo(app, review('forbidden.example.com'));
    await answerTo(app, review('shop.example.com'));
    expect(await counted()).toEqual([4, 4, 1, 1]);
    expect(await counted()).toEqual([4, 4, 1, 1]);
  });

  it('counts reviews and outcomes under closed labels', async () => {
    const { app, metrics } = testApp({
      strict: { action: 'Deny' },
      other: { action: 'Warn', match: { namespaces: ['elsewhere'] } },
    });
    await answerTo(app, review('forbidden.example.com'));
    await answerTo(app, reviewOf('CREATE', { apiVersion: 'example.com/v1', kind: 'Odd', metadata: { name: 'x' } }));
    expect(
      await series(
        metrics,
        'gateward_admission_requests_total{webhook="validate",operation="CREATE",kind="HTTPRoute",allowed="false"}',
      ),
    ).toBe(1);
    expect(
      await series(
        metrics,
        'gateward_admission_requests_total{webhook="validate",operation="CREATE",kind="other",allowed="true"}',
      ),
    ).toBe(1);
    expect(await series(metrics, 'gateward_admission_outcomes_total{policy="toy",outcome="fail",action="Deny"}')).toBe(
      1,
    );
    expect(await series(metrics, 'gateward_admission_outcomes_total{policy="toy",outcome="skip",action="Warn"}')).toBe(
      1,
    );
    expect(await series(metrics, 'gateward_admission_duration_seconds_count{webhook="validate"}')).toBe(2);
  });

  it('A12 gives no series and no line to foreign paths and names', async () => {
    const { app, metrics, lines } = testApp(deny);
    const count = async () =>
      (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('gateward_')).length;
    await app.inject({ method: 'GET', url: '/first' });
    const before = await count();
    for (let at = 0; at < 500; at += 1) await app.inject({ method: 'GET', url: `/random/${at}` });
    expect([await count(), lines]).toEqual([before, []]);
  });
});

/** The cluster of the end-to-end tests, and the facts about Kubernetes that Gateward rests on. See README.md. */
import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from './cluster.ts';
import { gatewayApiCrds, installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import {
  allow,
  deny,
  patch,
  registerStub,
  startStubWebhook,
  type Answer,
  type Call,
  type StubWebhook,
} from './stubWebhook.ts';

const GROUP = 'gateway.networking.k8s.io';
const routesOf = (namespace: string): string => `/apis/${GROUP}/v1/namespaces/${namespace}/httproutes`;

interface Route {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string };
  spec: { parentRefs: object[]; hostnames: string[]; rules: Record<string, unknown>[] };
}

let serial = 0;

/** A small HTTPRoute under a name of its own. */
function httpRoute(metadata: Route['metadata'] = { name: `route-${++serial}` }): Route {
  const rules = [{ backendRefs: [{ name: 'svc', port: 80 }] }];
  const spec = { parentRefs: [{ name: 'gw' }], hostnames: ['a.example.com'], rules };
  return { apiVersion: `${GROUP}/v1`, kind: 'HTTPRoute', metadata, spec };
}

/** What the standard schema makes of that spec. */
const DEFAULTED = {
  parentRefs: [{ group: GROUP, kind: 'Gateway', name: 'gw' }],
  hostnames: ['a.example.com'],
  rules: [
    {
      backendRefs: [{ group: '', kind: 'Service', name: 'svc', port: 80, weight: 1 }],
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
    },
  ],
};

describeWithCluster('a cluster', () => {
  const ROUTES = routesOf('default');
  let cluster: Cluster;

  beforeAll(async () => {
    const auditPolicy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata' }],
    };
    cluster = await startCluster({ users: { carol: ['team-c', 'leads'] }, auditPolicy: JSON.stringify(auditPolicy) });
    await installCrds(cluster, 'standard', { safeUpgrades: true });
  });

  afterAll(async () => {
    await cluster.stop();
    await expect(stat(cluster.dir)).rejects.toThrow('ENOENT');
  });

  test('has the kubectl and the server of one version', async () => {
    const { code, stdout } = await cluster.kubectl(['version']);
    expect(code).toBe(0);
    const [client, server] = ['Client', 'Server'].map(
      (side) => new RegExp(`^${side} Version: (.*)$`, 'm').exec(stdout)?.[1],
    );
    expect(server).toBe(client);
    if (!process.env['KUBEBUILDER_ASSETS']) expect(server).toBe('v1.36.3');
  });

  test('stores an HTTPRoute and gives it back with its defaults', async () => {
    const route = httpRoute();
    const applied = await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(route) });
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const got = await cluster.kubectl(['get', 'httproute', route.metadata.name ?? '', '-o', 'json']);
    expect(JSON.parse(got.stdout)).toMatchObject({ apiVersion: `${GROUP}/v1`, spec: DEFAULTED });
  });

  test('knows its users and their groups, and makes up others', async () => {
    const whoami = async (user: string, ...flags: string[]): Promise<unknown> => {
      const { stdout } = await cluster.kubectl(['auth', 'whoami', '-o', 'json', ...flags], { user });
      return (JSON.parse(stdout) as { status: { userInfo: unknown } }).status.userInfo;
    };
    expect(await whoami('carol')).toMatchObject({
      username: 'carol',
      groups: ['team-c', 'leads', 'system:authenticated'],
    });
    expect(await whoami('admin', '--as=dave', '--as-group=team-d')).toMatchObject({ username: 'dave' });
    const forbidden = await cluster.kubectl(['get', 'namespaces'], { user: 'alice' });
    expect(forbidden.stderr).toContain('User "alice" cannot list resource "namespaces"');
  });

  test('writes an audit log', async () => {
    expect(await readFile(cluster.auditLog ?? '', 'utf8')).toContain('"resource":"customresourcedefinitions"');
  });

  test("lets the bundle's own guard refuse experimental CRDs over standard ones", async () => {
    const [file = ''] = await gatewayApiCrds('experimental');
    // A ValidatingAdmissionPolicy acts some time after it is there.
    await expect
      .poll(async () => (await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '-f', file])).stderr, {
        timeout: 10_000,
      })
      .toContain('Installing experimental CRDs on top of standard channel CRDs is prohibited');
  });

  test('comes back with its data after a crash, and expires old resource versions after a compaction', async () => {
    const list = async (query: string): Promise<{ status: number; body: string }> =>
      cluster.request(`${ROUTES}?${query}`);
    const { metadata } = JSON.parse((await list('')).body) as { metadata: { resourceVersion: string } };
    await cluster.request(ROUTES, { method: 'POST', body: httpRoute() });
    const compact = async (): Promise<void> => {
      const etcd = async (call: string, body: object): Promise<{ header: { revision: string } }> => {
        const answer = await fetch(`${cluster.etcd}/v3/kv/${call}`, { method: 'POST', body: JSON.stringify(body) });
        expect(answer.status).toBe(200);
        return (await answer.json()) as { header: { revision: string } };
      };
      const { header } = await etcd('range', { key: 'Lw==' });
      await etcd('compaction', { revision: header.revision });
    };
    const watch = `watch=true&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`;
    await compact();
    expect((await list(watch)).body).toContain('"type":"ADDED"'); // the API server remembers what etcd has forgotten
    await cluster.halt();
    await cluster.resume();
    await compact();
    const old = await list(watch);
    // A watch that is too old is answered either at once or as the first event, depending on who notices.
    expect(old.body).toContain('"reason":"Expired"');
    expect((JSON.parse((await list('')).body) as { items: unknown[] }).items.length).toBeGreaterThan(1);
  });

  describe('what the API server sends to a webhook', () => {
    const NAMESPACE = 'sends';
    const ROUTES = routesOf(NAMESPACE);
    let stub: StubWebhook;

    beforeAll(async () => {
      stub = await startStubWebhook();
      await registerStub(cluster, stub, 'Mutating', 'mutate', NAMESPACE);
      await registerStub(cluster, stub, 'Validating', 'validate', NAMESPACE, { timeoutSeconds: 2 });
    });

    afterAll(async () => {
      await stub.stop();
    });

    beforeEach(() => {
      stub.answer(allow());
      stub.calls.length = 0;
    });

    /** The one call of the mutating and the one of the validating webhook since the beginning of the test. */
    function bothCalls(): [Call, Call] {
      const [mutate, validate, ...more] = stub.calls;
      expect([mutate?.path, validate?.path, ...more]).toEqual(['/mutate', '/validate']);
      stub.calls.length = 0;
      return [mutate, validate] as [Call, Call];
    }

    const kubectl = (args: string[], object: object) =>
      cluster.kubectl([...args, '-n', NAMESPACE, '-f', '-'], { stdin: JSON.stringify(object) });
    const send = (method: string, path: string, body?: unknown) => cluster.request(path, { method, body });

    test('a v1beta1 CREATE reaches a rule for v1 as v1, and says what it was', async () => {
      const route = { ...httpRoute(), apiVersion: `${GROUP}/v1beta1` };
      expect(await kubectl(['create'], route)).toMatchObject({ code: 0 });
      for (const { request, apiVersion } of bothCalls()) {
        expect(apiVersion).toBe('admission.k8s.io/v1');
        expect(request).toMatchObject({
          operation: 'CREATE',
          kind: { group: GROUP, version: 'v1', kind: 'HTTPRoute' },
          resource: { group: GROUP, version: 'v1', resource: 'httproutes' },
          requestKind: { group: GROUP, version: 'v1beta1', kind: 'HTTPRoute' },
          requestResource: { group: GROUP, version: 'v1beta1', resource: 'httproutes' },
          name: route.metadata.name,
          namespace: NAMESPACE,
          userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] },
          object: { apiVersion: `${GROUP}/v1`, kind: 'HTTPRoute' },
          oldObject: null,
          dryRun: false,
          options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
        });
      }
    });

    test('the timeout of the configuration is in the query, and the two calls have uids of their own', async () => {
      await send('POST', ROUTES, httpRoute());
      const [mutate, validate] = bothCalls();
      expect([mutate.query, validate.query]).toEqual(['?timeout=5s', '?timeout=2s']);
      expect(mutate.request.uid).not.toBe(validate.request.uid);
      expect(mutate).toMatchObject({
        httpVersion: '1.1',
        headers: {
          accept: 'application/json, */*',
          'content-type': 'application/json',
          'user-agent': 'kube-apiserver-admission',
        },
      });
    });

    test('defaults are applied and unknown fields pruned before the mutating webhook', async () => {
      const route = httpRoute();
      route.spec.rules[0] = { ...route.spec.rules[0], retry: { attempts: 3 } }; // experimental
      const strict = await kubectl(['apply'], route);
      expect(strict).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('unknown field "spec.rules[0].retry"') as string,
      });
      expect(stub.calls).toEqual([]);
      const lenient = await kubectl(['apply', '--validate=warn'], route);
      expect(lenient).toMatchObject({ code: 0, stderr: 'Warning: unknown field "spec.rules[0].retry"\n' });
      for (const { request } of bothCalls()) {
        expect(request.object?.['spec']).toEqual(DEFAULTED);
        expect(JSON.stringify(request.object?.['metadata'])).toContain('retry'); // in kubectl's last-applied-configuration
      }
    });

    test('uid, creation time and generated name come after the mutating and before the validating webhook', async () => {
      await send('POST', ROUTES, httpRoute({ generateName: 'gen-' }));
      const [mutate, validate] = bothCalls();
      expect(mutate.request).not.toHaveProperty('name');
      expect(mutate.request.object?.['metadata']).not.toHaveProperty('uid');
      expect(mutate.request.object?.['metadata']).not.toHaveProperty('name');
      expect(validate.request.object?.['metadata']).toMatchObject({
        name: expect.stringMatching(/^gen-.{5}$/) as string,
        uid: expect.any(String) as string,
        creationTimestamp: expect.any(String) as string,
        generation: 1,
      });
      expect(validate.request['name']).toMatch(/^gen-/);
    });

    test('server-side apply is a CREATE, then an UPDATE with both objects', async () => {
      const route = httpRoute();
      await kubectl(['apply', '--server-side', '--field-manager=me'], route);
      for (const { request } of bothCalls()) {
        expect(request).toMatchObject({ operation: 'CREATE', options: { kind: 'CreateOptions', fieldManager: 'me' } });
      }
      route.spec.hostnames = ['b.example.com'];
      await kubectl(['apply', '--server-side', '--field-manager=me', '--dry-run=server'], route);
      for (const { request } of bothCalls()) {
        expect(request).toMatchObject({
          operation: 'UPDATE',
          dryRun: true,
          object: { spec: { hostnames: ['b.example.com'] } },
          oldObject: { apiVersion: `${GROUP}/v1`, spec: { hostnames: ['a.example.com'] } },
          options: { kind: 'UpdateOptions', dryRun: ['All'] },
        });
      }
    });

    test('an UPDATE that changes nothing is reviewed, a status update is not', async () => {
      const created = await send('POST', ROUTES, httpRoute());
      const { metadata } = JSON.parse(created.body) as { metadata: { name: string } };
      bothCalls();
      expect(await send('PUT', `${ROUTES}/${metadata.name}`, created.body)).toMatchObject({ status: 200 });
      for (const { request } of bothCalls()) expect(request.object).toEqual(request['oldObject']);
      expect(await send('PUT', `${ROUTES}/${metadata.name}/status`, created.body)).toMatchObject({ status: 200 });
      expect(stub.calls).toEqual([]);
    });

    test('DELETE has no object but the old one; of a collection, not even a name in the request', async () => {
      const route = httpRoute();
      await send('POST', ROUTES, route);
      bothCalls();
      const gone = {
        operation: 'DELETE',
        object: null,
        oldObject: { metadata: route.metadata },
        options: { kind: 'DeleteOptions' },
      };
      await send('DELETE', `${ROUTES}?dryRun=All&fieldSelector=metadata.name=${route.metadata.name ?? ''}`);
      for (const { request } of bothCalls()) {
        expect(request).toMatchObject({ ...gone, dryRun: true });
        expect(request).not.toHaveProperty('name');
      }
      await cluster.kubectl(['delete', '-n', NAMESPACE, 'httproute', route.metadata.name ?? '']);
      for (const { request } of bothCalls()) expect(request).toMatchObject({ ...gone, name: route.metadata.name });
    });

    test.each([
      ['a pattern', { hostnames: ['NOT VALID'] }],
      ['a CEL rule', { rules: [{ filters: [{ type: 'RequestHeaderModifier' }] }] }],
    ])('%s of the schema is checked after the mutating and before the validating webhook', async (_, spec) => {
      const route = httpRoute();
      expect(await send('POST', ROUTES, { ...route, spec: { ...route.spec, ...spec } })).toMatchObject({ status: 422 });
      expect(stub.calls.map(({ path }) => path)).toEqual(['/mutate']);
    });

    test('after a patch defaults are applied again at once, but unknown fields are pruned only when it is stored', async () => {
      const operations = [
        { op: 'add', path: '/spec/rules/0/backendRefs/-', value: { name: 'two', port: 81 } },
        { op: 'add', path: '/spec/rules/0/retry', value: { attempts: 3 } },
      ];
      stub.answer(({ path }) => (path === '/mutate' ? patch(operations) : allow()));
      const stored = JSON.parse((await send('POST', ROUTES, httpRoute())).body) as Route;
      const two = { group: '', kind: 'Service', name: 'two', port: 81, weight: 1 };
      const [, validate] = bothCalls();
      const seen = validate.request.object as unknown as Route;
      expect(seen.spec.rules[0]).toMatchObject({ backendRefs: [{ name: 'svc' }, two], retry: { attempts: 3 } });
      expect(stored.spec.rules[0]).toMatchObject({ backendRefs: [{ name: 'svc' }, two] });
      expect(stored.spec.rules[0]).not.toHaveProperty('retry');
    });

    test('a patch that does not apply fails the request, an empty one does not', async () => {
      const answerOf = (answer: Answer): void => {
        stub.answer(({ path }) => (path === '/mutate' ? answer : allow()));
      };
      answerOf(patch([{ op: 'remove', path: '/spec/nothing' }]));
      expect(await send('POST', ROUTES, httpRoute())).toMatchObject({ status: 500 });
      answerOf(patch([]));
      expect(await send('POST', ROUTES, httpRoute())).toMatchObject({ status: 201 });
    });
  });

  describe('bodies that are read in two ways', () => {
    const NAMESPACE = 'bodies';
    const ROUTES = routesOf(NAMESPACE);
    let stub: StubWebhook;

    beforeAll(async () => {
      stub = await startStubWebhook();
      await registerStub(cluster, stub, 'Validating', 'read', NAMESPACE);
    });
    afterAll(() => stub.stop());

    test('A18 of a key that stands twice the last one wins, for the webhook and in what is stored', async () => {
      const text = JSON.stringify(httpRoute()).replace(
        '"hostnames":["a.example.com"]',
        '"hostnames":["first.example.com"],"hostnames":["last.example.com"]',
      );
      const { status, headers, body } = await cluster.request(ROUTES, { method: 'POST', body: text });
      expect([status, headers.warning]).toEqual([201, '299 - "duplicate field \\"spec.hostnames\\""']);
      const hostnames = { spec: { hostnames: ['last.example.com'] } };
      expect(JSON.parse(body)).toMatchObject(hostnames);
      expect(stub.calls.map(({ request }) => request.object)).toMatchObject([hostnames]);
    });

    test.each([
      [9_990, 201],
      [10_010, 400],
    ])('A19 of a body that nests %i levels deep the API server answers %i', async (depth, expected) => {
      const text = JSON.stringify(httpRoute()).replace(
        '"spec":{',
        `"spec":{"x":${'['.repeat(depth)}${']'.repeat(depth)},`,
      );
      const { status } = await cluster.request(`${ROUTES}?fieldValidation=Ignore`, { method: 'POST', body: text });
      expect(status).toBe(expected);
    });
  });

  describe('P21 the certificate of a webhook', () => {
    const NAMESPACE = 'certified';

    /** What the API server says of a write that a stub is asked about; empty when it trusts the stub. */
    async function trouble(stub: StubWebhook, caBundle: string): Promise<string> {
      const webhook = {
        name: 'certified.stub.example.com',
        clientConfig: { url: `${stub.url}/certified`, caBundle },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [{ apiGroups: [GROUP], apiVersions: ['v1'], operations: ['CREATE'], resources: ['httproutes'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } },
      };
      const configuration = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'certified' },
        webhooks: [webhook],
      };
      await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(configuration) });
      let said = '';
      await expect
        .poll(
          async () => {
            const before = stub.calls.length;
            said = (await cluster.request(routesOf(NAMESPACE), { method: 'POST', body: httpRoute() })).body;
            return stub.calls.length > before || said.includes('failed calling webhook');
          },
          { timeout: 30_000 },
        )
        .toBe(true);
      await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'certified']);
      return said.includes('failed calling webhook') ? said : '';
    }

    test('needs its name among the alternative ones, and any CA of the bundle will do', async () => {
      await cluster.kubectl(['create', 'namespace', NAMESPACE]);
      const stubs = [await startStubWebhook(), await startStubWebhook(), await startStubWebhook({ names: false })];
      const [one, other, nameless] = stubs;
      if (one === undefined || other === undefined || nameless === undefined) throw new Error('no stubs');
      const bundle = [other, one].map(({ caBundle }) => Buffer.from(caBundle, 'base64').toString()).join('\n');
      expect(await trouble(one, Buffer.from(bundle).toString('base64'))).toBe('');
      expect(await trouble(one, other.caBundle)).toContain('certificate signed by unknown authority');
      expect(await trouble(nameless, nameless.caBundle)).toContain('certificate relies on legacy Common Name field');
      await Promise.all(stubs.map((stub) => stub.stop()));
    });
  });

  describe('more than one webhook', () => {
    const label = (name: string): Answer => patch([{ op: 'add', path: `/metadata/labels/${name}`, value: 'set' }]);
    /** Labels what has no such label yet, as a webhook that may be called again has to. */
    const once =
      (name: string) =>
      ({ request }: Call): Answer => {
        const { labels = {} } = (request.object as unknown as { metadata: { labels?: object } }).metadata;
        return name in labels ? allow() : label(name);
      };

    test.each([
      ['nobody edits after it', false, ['/first', '/second']],
      ['another edits after it', true, ['/first', '/second', '/first']],
    ])('P8 when %s, a webhook that asks for reinvocation is called so often', async (_, edits, expected) => {
      const namespace = edits ? 'edited' : 'unedited';
      const stub = await startStubWebhook();
      try {
        for (const name of ['first', 'second']) {
          await registerStub(cluster, stub, 'Mutating', name, namespace, {
            // Configurations are called in the order of their names.
            ...(name === 'first' ? { reinvocationPolicy: 'IfNeeded' } : {}),
          });
        }
        stub.answer((call) => (call.path === '/first' ? once('first')(call) : edits ? once('second')(call) : allow()));
        stub.calls.length = 0;
        const route = httpRoute();
        const labelled = { ...route, metadata: { ...route.metadata, labels: { own: 'set' } } };
        const { status, body } = await cluster.request(routesOf(namespace), { method: 'POST', body: labelled });
        const { metadata } = JSON.parse(body) as { metadata: { labels: object } };
        expect([status, metadata.labels, stub.calls.map(({ path }) => path)]).toEqual([
          201,
          { own: 'set', first: 'set', ...(edits ? { second: 'set' } : {}) },
          expected,
        ]);
      } finally {
        await cluster.kubectl(['delete', 'mutatingwebhookconfiguration', 'first', 'second']);
        await stub.stop();
      }
    });

    test('P7 a denial is one under failurePolicy Ignore too, which is about calls that fail', async () => {
      const namespace = 'ignoring';
      const stub = await startStubWebhook();
      await registerStub(cluster, stub, 'Validating', 'ignored', namespace, { failurePolicy: 'Ignore' });
      const create = async (answer: Answer): Promise<number> => {
        stub.answer(answer);
        return (await cluster.request(routesOf(namespace), { method: 'POST', body: httpRoute() })).status;
      };
      expect([await create(deny({ code: 403 })), await create({ httpStatus: 500 })]).toEqual([403, 201]);
      await stub.stop();
    });
  });

  describe('what the API server makes of an answer', () => {
    const NAMESPACE = 'makes';
    const ROUTES = routesOf(NAMESPACE);
    let stub: StubWebhook;

    beforeAll(async () => {
      stub = await startStubWebhook();
      await registerStub(cluster, stub, 'Validating', 'answered', NAMESPACE);
    });

    afterAll(async () => {
      await stub.stop();
    });

    beforeEach(() => {
      stub.calls.length = 0;
    });

    /** Creates an HTTPRoute while the stub answers like this. */
    async function create(answer: Parameters<StubWebhook['answer']>[0]): Promise<{ code: number; stderr: string }> {
      stub.answer(answer);
      return cluster.kubectl(['create', '-n', NAMESPACE, '-f', '-'], { stdin: JSON.stringify(httpRoute()) });
    }

    describe('a denial', () => {
      const causes = [
        { reason: 'FieldValueForbidden', field: 'spec.hostnames[0]', message: 'belongs to team-shop' },
        { reason: 'FieldValueForbidden', field: 'spec.rules[0]', message: 'lacks a filter' },
      ];
      const prefix = 'error when creating "STDIN": admission webhook "answered.stub.example.com" denied the request';

      test('of 403 Forbidden shows the message, every line of it, and no cause', async () => {
        const denied = await create(deny({ code: 403, reason: 'Forbidden', message: 'one\ntwo', details: { causes } }));
        expect(denied).toMatchObject({ code: 1, stderr: `Error from server (Forbidden): ${prefix}: one\ntwo\n` });
      });

      test.each([422, 403])('of reason Invalid with code %i shows the causes and no message', async (code) => {
        const denied = await create(
          deny({ code, reason: 'Invalid', message: 'one', details: { kind: 'HTTPRoute', name: 'r', causes } }),
        );
        const lines = [
          'The HTTPRoute "r" is invalid: ',
          '* spec.hostnames[0]: belongs to team-shop',
          '* spec.rules[0]: lacks a filter',
          '',
        ];
        expect(denied).toMatchObject({ code: 1, stderr: lines.join('\n') });
      });

      test('without reason, without status', async () => {
        expect((await create(deny({ code: 403, message: 'one' }))).stderr).toBe(`Error from server: ${prefix}: one\n`);
        expect((await create(deny())).stderr).toBe(`Error from server: ${prefix} without explanation\n`);
      });

      test('P22 of 429 tells the client when to come again', async () => {
        stub.answer(
          deny({ code: 429, reason: 'TooManyRequests', message: 'held', details: { retryAfterSeconds: 1, causes } }),
        );
        const { status, headers, body } = await cluster.request(ROUTES, { method: 'POST', body: httpRoute() });
        expect([status, headers['retry-after']]).toEqual([429, '1']);
        expect(JSON.parse(body)).toMatchObject({
          reason: 'TooManyRequests',
          details: { retryAfterSeconds: 1, causes },
        });
      });

      test('P23 of 409 would pass for a conflict of writers, which clients answer by trying again at once', async () => {
        stub.answer(deny({ code: 409, reason: 'Conflict', message: 'held' }));
        const { status, headers, body } = await cluster.request(ROUTES, { method: 'POST', body: httpRoute() });
        expect([status, headers['retry-after']]).toEqual([409, undefined]);
        expect(JSON.parse(body)).toMatchObject({ reason: 'Conflict', code: 409 });
      });

      test('carries the causes to the client that reads JSON, and warnings', async () => {
        stub.answer({
          response: {
            allowed: false,
            warnings: ['careful'],
            status: { code: 403, reason: 'Forbidden', message: 'one', details: { causes } },
          },
        });
        const { status, headers, body } = await cluster.request(ROUTES, { method: 'POST', body: httpRoute() });
        expect(status).toBe(403);
        expect(headers.warning).toBe('299 - "careful"');
        expect(JSON.parse(body)).toMatchObject({ kind: 'Status', code: 403, reason: 'Forbidden', details: { causes } });
      });
    });

    describe('no answer', () => {
      const fails = 'Internal error occurred: failed calling webhook "answered.stub.example.com"';

      test.each([429, 500, 503])('P22 %i with Retry-After is asked again after that time', async (httpStatus) => {
        const asked: number[] = [];
        const { code } = await create((_, count) => {
          asked.push(Date.now());
          return count === 1 ? { httpStatus, headers: { 'retry-after': '1' } } : allow();
        });
        expect(code).toBe(0);
        const [first = 0, second = 0] = asked;
        expect(second - first).toBeGreaterThan(900);
        expect(asked).toHaveLength(2);
      });

      test('P22 503 with Retry-After: 1 all the time ends with the timeout', async () => {
        const began = Date.now();
        const { code, stderr } = await create({ httpStatus: 503, headers: { 'retry-after': '1' } });
        expect(code).toBe(1);
        expect(stderr).toContain(
          `${fails}: failed to call webhook: Post "${stub.url}/answered?timeout=5s": context deadline exceeded`,
        );
        expect(stub.calls.length).toBeGreaterThanOrEqual(2);
        expect(Date.now() - began).toBeGreaterThan(4900);
      });

      test('P22 503 without Retry-After, and a torn connection, are not asked again', async () => {
        const unavailable = await create({ httpStatus: 503 });
        expect(unavailable.stderr).toContain(
          'failed to call webhook: the server is currently unable to handle the request',
        );
        expect(stub.calls).toHaveLength(1);
        const torn = await create('reset');
        expect(torn.stderr).toContain(fails);
        expect(stub.calls).toHaveLength(2);
      });

      test.each([
        ['the uid of another request', { uid: 'other' }, 'expected response.uid='],
        [
          'a patch from a validating webhook',
          { patchType: 'JSONPatch', patch: 'W10=' },
          'may not return response.patch',
        ],
      ])('%s is as good as none', async (_, fields, message) => {
        const { stderr } = await create(allow(fields));
        expect(stderr).toContain(`${fails}: received invalid webhook response: `);
        expect(stderr).toContain(message);
      });
    });

    describe('warnings', () => {
      const warn = async (...warnings: string[]): Promise<string[]> =>
        (await create(allow({ warnings }))).stderr.split('\n').slice(0, -1);

      test.each(['\n', '\t', '\0', '\u007f', '\u0085', '\u001b'])(
        'with the control character %j is dropped, the others are not',
        async (control) => {
          expect(await warn(`a${control}b`, 'other')).toEqual(['Warning: other']);
        },
      );

      test('may have quotes and any script, also invisible characters that turn the text round', async () => {
        expect(await warn('say "hi" \\ Zürich 日本 😀', 'a\u202eb')).toEqual([
          'Warning: say "hi" \\ Zürich 日本 😀',
          'Warning: a\u202eb',
        ]);
      });

      test('empty or twice the same are left out', async () => {
        expect(await warn('', 'same', 'same')).toEqual(['Warning: same']);
      });

      test('of 4096 bytes together stay whole; beyond that each is cut at 256, and what is left over dropped', async () => {
        expect(await warn('x'.repeat(3000), 'other')).toEqual([`Warning: ${'x'.repeat(3000)}`, 'Warning: other']);
        expect(await warn('x'.repeat(5000), 'other')).toEqual([`Warning: ${'x'.repeat(256)}`, 'Warning: other']);
        const many = await warn(...Array.from({ length: 30 }, (_, index) => `${index} `.padEnd(300, 'z')));
        expect(many.length).toBeGreaterThan(10);
        expect(many.length).toBeLessThan(20);
      });
    });

    test('audit annotations get the name of the webhook before them; a key that is no qualified name is dropped', async () => {
      const name = `route-${serial + 1}`;
      await create(allow({ auditAnnotations: { decision: 'Warn', 'a/b': 'no', 'not a key': 'no' } }));
      const lines = (await readFile(cluster.auditLog ?? '', 'utf8')).split('\n').slice(0, -1);
      const events = lines.map(
        (line) => JSON.parse(line) as { objectRef?: { name?: string }; annotations: Record<string, string> },
      );
      const ours = Object.entries(events.find(({ objectRef }) => objectRef?.name === name)?.annotations ?? {});
      expect(ours.filter(([key]) => !key.startsWith('authorization.k8s.io/'))).toEqual([
        ['answered.stub.example.com/decision', 'Warn'],
      ]);
    });
  });
});

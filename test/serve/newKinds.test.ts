/** Documents that read what has not been listed yet come into force when it has; until then those before them go on judging. */
import type { ServerResponse } from 'node:http';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { gatewayClass } from '../../policies/gateway-class/policy.ts';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { connection } from '../../src/cluster/liveConnection.ts';
import { followPolicies } from '../../src/cluster/livePolicies.ts';
import { clusterPolicies } from '../../src/serve/clusterPolicies.ts';
import { credentialsOf, keyPairFiles } from '../../src/serve/certificate.ts';
import { judgeDocument } from '../../src/serve/documents.ts';
import { LIMITS } from '../../src/serve/gate.ts';
import { liveState } from '../../src/serve/liveState.ts';
import { policyFiles } from '../../src/serve/policyFiles.ts';
import { startServer } from '../../src/serve/server.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { temporaryFolder, testCa, writeFile } from '../support/certificates.ts';
import { fakeApiServer, status } from '../support/fakeApiServer.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { memoryLog } from '../support/serving.ts';
import { toyPolicy } from '../support/toyPolicy.ts';

const ROUTES = '/apis/gateway.networking.k8s.io/v1/httproutes';
const CLASSES = '/apis/gateway.networking.k8s.io/v1/gatewayclasses';
const LEASES = '/apis/coordination.k8s.io/v1/leases';
const TOYS = '/apis/gateward.dev/v1alpha1/toies';
const toy = (action: string): string =>
  `apiVersion: gateward.dev/v1alpha1\nkind: Toy\nmetadata: { name: toy }\nspec: { action: ${action} }\n`;
const CLASS_ACCESS = `---
apiVersion: gateward.dev/v1alpha1
kind: GatewayClassAccess
metadata: { name: classes }
spec: { action: Deny, classes: [{ name: public, namespaces: [infra] }] }
`;
const ATTACHMENT = `---
apiVersion: gateward.dev/v1alpha1
kind: PolicyAttachment
metadata: { name: targets }
spec: { action: Warn, kinds: [{ group: example.com, kind: AuthPolicy }] }
`;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0).reverse()) await close();
});

async function start() {
  const fake = await fakeApiServer();
  closing.push(() => fake.close());
  for (const collection of ['/api/v1/namespaces', '/api/v1/services', ROUTES, CLASSES]) fake.serve(collection);
  const ca = await testCa();
  const folder = temporaryFolder();
  const pair = await ca.issue('server');
  const [cert, key] = [writeFile(folder, 'tls.crt', pair.cert), writeFile(folder, 'tls.key', pair.key)];
  writeFile(folder, 'policy.yaml', toy('Deny'));
  const policies = [toyPolicy, gatewayClass, policyAttachment];
  const { log, lines } = memoryLog();
  const now = () => Date.now();
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    metricsPort: undefined,
    certificate: credentialsOf(keyPairFiles(cert, key), { clientCa: undefined, minVersion: 'TLSv1.3' }, now),
    own: undefined,
    callers: undefined,
    policies: policyFiles([`${folder}/policy.yaml`], policies, now),
    judgeDocument: (body) => judgeDocument(body, policies, now()),
    openState: (set, metrics) => {
      const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
      const state = {
        serveStale: false,
        staleAfter: undefined,
        claimGrace: undefined,
        canary: undefined,
        documents: undefined,
      };
      return Promise.resolve(liveState(api, set, { ...state, policies, metrics, log, now }));
    },
    limits: LIMITS,
    drain: { atLeast: 0, quiet: 0, atMost: 2000 },
    pollEvery: 20,
    log,
    now,
  });
  closing.push(() => server.stop());
  const ask = (method: string, path: string, body = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const options = { host: '127.0.0.1', servername: 'localhost', port: server.port, ca: ca.pem, headers };
      const outgoing = request({ ...options, method, path }, (response) => {
        let text = `${response.statusCode ?? 0} `;
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve(text);
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const review = JSON.stringify(reviewOf('CREATE', httpRoute('forbidden.example.com')));
  return {
    fake,
    lines,
    apply: (text: string) => writeFile(folder, 'policy.yaml', text),
    ready: () => ask('GET', '/readyz'),
    /** Whether what the toy documents speak about is allowed; undefined while the server turns it away. */
    isAllowed: async () => {
      const answer = await ask('POST', '/validate', review);
      return answer.startsWith('200 ') ? answer.includes('"allowed":true') : undefined;
    },
  };
}

async function becomes<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  let value = await ask();
  for (let tries = 0; value !== wanted && tries < 1000; tries += 1) {
    await pause(20);
    value = await ask();
  }
  expect(value).toBe(wanted);
}

test('the last documents in force go on judging until what the new ones read has been listed', async () => {
  const { fake, lines, apply, ready, isAllowed } = await start();
  await becomes(ready, '200 ok\n');
  expect(await isAllowed()).toBe(false);
  fake.fault = ({ path }, response) =>
    path === CLASSES && status(403, '{"message":"no"}')({ path, watch: false }, response);
  apply(toy('Audit') + CLASS_ACCESS);
  await becomes(
    ready,
    `200 ok\nthe new policies are not in force yet: GatewayClass not listed yet: ${CLASSES}: 403 no\n`,
  );
  expect(await isAllowed()).toBe(false);
  const failing = (): readonly unknown[] =>
    lines
      .filter(({ msg }) => msg === 'a kind could not be listed or watched')
      .map((line) => [line['kind'], line['problem']]);
  await becomes(() => Promise.resolve(failing().length), 1);
  fake.fault = undefined;
  await becomes(isAllowed, true);
  expect(await ready()).toBe('200 ok\n');
  expect(failing()).toEqual([['GatewayClass', `${CLASSES}: 403 no`]]);
});

test('documents that read nothing new are in force at once, and so are those that no longer read what cannot be listed', async () => {
  const { fake, apply, ready, isAllowed } = await start();
  await becomes(ready, '200 ok\n');
  fake.fault = ({ path }, response) => path === CLASSES && status(403)({ path, watch: false }, response);
  apply(toy('Audit') + CLASS_ACCESS);
  await becomes(async () => (await ready()).includes('not in force yet'), true);
  apply(toy('Audit'));
  await becomes(isAllowed, true);
  await becomes(ready, '200 ok\n');
});

test('F11 documents that name a kind of a vendor are in force without a look at it, which is told once and rests on no decision', async () => {
  const { fake, lines, apply, ready, isAllowed } = await start();
  await becomes(ready, '200 ok\n');
  fake.discover('example.com', 'v1', [{ name: 'authpolicies', kind: 'AuthPolicy' }]);
  fake.serve('/apis/example.com/v1/authpolicies');
  fake.fault = ({ path }, response) =>
    path.startsWith('/apis/example.com/v1/auth') && status(403)({ path, watch: false }, response);
  apply(toy('Deny') + ATTACHMENT);
  const problem =
    'may not list and watch authpolicies.example.com: gateward manifests rbac --policies DIR prints that right';
  await becomes(ready, `200 ok\nexample.com/AuthPolicy not seen: ${problem}\n`);
  expect(await isAllowed()).toBe(false);
  await becomes(() => Promise.resolve(lines.some(({ msg }) => msg === 'review')), true);
  const told = (): readonly unknown[] => lines.filter(({ kind }) => kind === 'example.com/AuthPolicy');
  await becomes(() => Promise.resolve(told().length), 1);
  expect([told(), lines.filter((line) => 'stale' in line)]).toEqual([
    [expect.objectContaining({ level: 40, problem })],
    [],
  ]);
  fake.fault = undefined;
  await becomes(ready, '200 ok\n');
  expect(told()).toHaveLength(1);
});

/** A state that leads, of documents in the cluster. */
async function leading() {
  const fake = await fakeApiServer();
  closing.push(() => fake.close());
  for (const collection of ['/api/v1/namespaces', '/api/v1/services', ROUTES, LEASES, TOYS]) fake.serve(collection);
  const toyDocument = { apiVersion: 'gateward.dev/v1alpha1', kind: 'Toy', metadata: { name: 'toy', uid: 'u' } };
  fake.put(TOYS, toyDocument);
  const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  const followed = followPolicies(api, [toyPolicy]);
  const source = clusterPolicies(followed, [toyPolicy], Date.now);
  await becomes(() => Promise.resolve(followed.waitingFor().length), 0);
  const { set } = await source.load();
  const { log, lines } = memoryLog();
  const state = liveState(api, set, {
    serveStale: false,
    staleAfter: undefined,
    claimGrace: undefined,
    canary: undefined,
    documents: { followed, source },
    policies: [toyPolicy],
    metrics: createMetrics(),
    log,
    now: Date.now,
  });
  closing.push(() => state.close());
  return { fake, lines, state };
}

test('a status that the API server does not take keeps nobody waiting who looks for changes', async () => {
  const { fake, state } = await leading();
  const never = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(never.signal);
  const writes: ServerResponse[] = [];
  fake.fault = ({ path }, response) => path.endsWith('/status') && writes.push(response) > 0;
  for (let tries = 0; writes.length === 0 && tries < 1000; tries += 1) {
    await state.check();
    await pause(20);
  }
  await state.check();
  expect(writes.map(({ closed }) => closed)).toEqual([false]);
  for (const response of writes) response.destroy();
});

test('kinds of documents stand beside those of objects, and tell likewise when they cannot be followed', async () => {
  const { fake, lines, state } = await leading();
  const seen = (): Readonly<Record<string, unknown>> =>
    Object.fromEntries(state.kinds().map(({ kind, objects, whole }) => [kind, [objects, whole]]));
  await becomes(() => Promise.resolve(JSON.stringify(seen()['HTTPRoute'])), '[0,true]');
  expect(seen()).toMatchObject({ Toy: [1, true], PolicyExemption: [0, true] });
  fake.fault = ({ path }, response) => path === TOYS && status(403)({ path, watch: false }, response);
  fake.reset();
  await becomes(async () => {
    await state.check();
    return lines.filter(({ kind, problem }) => kind === 'Toy' && problem === `${TOYS}: 403 no`).length;
  }, 1);
});

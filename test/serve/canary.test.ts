import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { createProof, type Proof } from '../../src/cluster/proofRequest.ts';
import { Canary } from '../../src/serve/canary.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { fakeApiServer, type FakeApiServer } from '../support/fakeApiServer.ts';

const EVERY = 30_000;

describe('the canary', () => {
  let canary: Canary;
  let leads: boolean;
  /** What comes of the next tries. */
  let answers: (Proof | Error)[];
  let told: string[];
  const metrics = createMetrics();
  metrics.observeCanary(() => canary.state);

  /** Metrics with a value: those of outcomes that never came are 0. */
  const shown = async (): Promise<readonly string[]> =>
    (await metrics.registry.metrics()).match(/^gateward_canary_(?:total\{.*\} [1-9]|admitted ).*$/gm) ?? [];
  const next = async (...outcomes: readonly (Proof['outcome'] | Error)[]): Promise<void> => {
    answers = outcomes.map((outcome) => (outcome instanceof Error ? outcome : { outcome, message: `says ${outcome}` }));
    await vi.advanceTimersByTimeAsync(outcomes.length * EVERY);
    expect(answers).toEqual([]);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    leads = true;
    told = [];
    canary = new Canary({
      attempt: () => {
        const answer = answers.shift();
        if (answer === undefined) throw new Error('asked too often');
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      isLeader: () => leads,
      every: EVERY,
      told: (outcome, message) => told.push(`${outcome}: ${message}`),
    });
  });
  afterEach(() => {
    canary.close();
    vi.useRealTimers();
  });

  it('F20: is told of when its outcome changes, counted each time, and shown as admitted until something refuses it', async () => {
    expect(await shown()).toEqual([]);
    await next('denied', 'denied', 'denied');
    expect(told).toEqual(['denied: says denied']);
    expect(await shown()).toEqual(['gateward_canary_total{outcome="denied"} 3', 'gateward_canary_admitted 0']);
    await next('admitted', 'admitted');
    expect((await shown()).at(-1)).toBe('gateward_canary_admitted 1');
    // What is no answer is no all-clear.
    await next(new Error('connect ECONNREFUSED'), 'forbidden', 'absent', 'refused');
    expect((await shown()).at(-1)).toBe('gateward_canary_admitted 1');
    await next('failed');
    expect((await shown()).at(-1)).toBe('gateward_canary_admitted 0');
    await next('admitted', 'denied');
    expect(told.slice(1)).toEqual([
      'admitted: says admitted',
      'unreachable: connect ECONNREFUSED',
      'forbidden: says forbidden',
      'absent: says absent',
      'refused: says refused',
      'failed: says failed',
      'admitted: says admitted',
      'denied: says denied',
    ]);
    expect(await shown()).toEqual([
      'gateward_canary_total{outcome="denied"} 4',
      'gateward_canary_total{outcome="admitted"} 3',
      ...['failed', 'forbidden', 'absent', 'refused', 'unreachable'].map(
        (outcome) => `gateward_canary_total{outcome="${outcome}"} 1`,
      ),
      'gateward_canary_admitted 0',
    ]);
  });

  it('is tried by the leader alone, who forgets what he saw when another leads', async () => {
    await next('admitted');
    leads = false;
    expect(await shown()).toEqual(['gateward_canary_total{outcome="admitted"} 1']);
    await vi.advanceTimersByTimeAsync(3 * EVERY);
    leads = true;
    expect(await shown()).toEqual(['gateward_canary_total{outcome="admitted"} 1']);
    await next('admitted');
    expect(told).toEqual(['admitted: says admitted', 'admitted: says admitted']);
  });

  it('counts what never came as 0, so that an alert on nothing has something to be raised by', async () => {
    const text = await metrics.registry.metrics();
    expect(text.match(/^gateward_canary_total\{.*$/gm)).toEqual(
      ['denied', 'admitted', 'failed', 'forbidden', 'absent', 'refused', 'unreachable'].map(
        (outcome) => `gateward_canary_total{outcome="${outcome}"} 0`,
      ),
    );
  });
});

describe('what an API server says to the canary', () => {
  let fake: FakeApiServer;
  let api: ApiConnection;
  beforeEach(async () => {
    fake = await fakeApiServer();
    api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  });
  afterEach(async () => {
    await api.close();
    await fake.close();
  });

  const say = (message: string): string => JSON.stringify({ kind: 'Status', message });
  const route = 'httproutes.gateway.networking.k8s.io "gateward-proof-word" is forbidden';
  const webhook = 'admission webhook "validate.gateward.dev" denied the request';
  const rows: readonly (readonly [string, number, string, Proof['outcome']])[] = [
    ['our word', 403, say(`${webhook}: gateward answers: word`), 'denied'],
    ['another word', 403, say(`${webhook}: gateward answers: worn`), 'failed'],
    ['that it is stored', 201, '{"kind":"HTTPRoute"}', 'admitted'],
    ['that it is too many', 403, say(`${route}: exceeded quota: no-routes, requested: 1`), 'admitted'],
    ['that the quota is new', 403, say(`${route}: status unknown for quota: no-routes, resources: x`), 'admitted'],
    [
      'too many by the word of a webhook',
      403,
      say(`admission webhook "x.example.com" denied the request: ${route}: exceeded quota: mine`),
      'refused',
    ],
    ['that the call failed', 500, say('failed calling webhook "validate.gateward.dev": refused'), 'failed'],
    ['that the call of others failed', 500, say('failed calling webhook "x.example.com": refused'), 'refused'],
    ['that a policy denies', 422, say(`${route}: ValidatingAdmissionPolicy 'x' denied request`), 'refused'],
    ['that we may not', 403, say('httproutes is forbidden: User "u" cannot create resource "httproutes"'), 'forbidden'],
    ['that we are nobody', 401, say('Unauthorized'), 'forbidden'],
    ['that there is no such kind', 404, '404 page not found', 'absent'],
    ['that there is no such namespace', 404, say('namespaces "canary" not found'), 'absent'],
  ];
  it.each(rows)('%s is taken for what it is', async (_what, code, body, outcome) => {
    fake.fault = (_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(body);
      return true;
    };
    const proof = await createProof(api, { namespace: 'canary', word: 'word' }, AbortSignal.timeout(10_000));
    expect(proof.outcome).toBe(outcome);
    expect(fake.asked).toEqual(['/apis/gateway.networking.k8s.io/v1/namespaces/canary/httproutes?dryRun=All']);
  });
});

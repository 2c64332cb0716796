import { describe, expect, it } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import type { ClaimKeeper, HoldRequest } from '../../src/cluster/claimKeeper.ts';
import type { LiveReader } from '../../src/cluster/answered.ts';
import { Store } from '../../src/cluster/store.ts';
import { LastGood, loadPolicies, type ClusterDocument, type LoadedPolicies } from '../../src/config/index.ts';
import { read, validate, type Verdict } from '../../src/serve/judge.ts';
import { countedClaims } from '../../src/serve/countedClaims.ts';
import { missingForClaims, refusingClaims, unfitForClaims } from '../../src/serve/claimsNeed.ts';
import { judgeDocument } from '../../src/serve/documents.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { storeOf } from '../support/world.ts';

function load(spec: object): LoadedPolicies {
  const value = {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameOwnership',
    metadata: { name: 'names' },
    spec: {
      action: 'Deny',
      claims: 'Enforce',
      owners: [{ hostnames: ['owned.example.com'], namespaces: ['team-pay'] }],
      rules: { unowned: 'Disabled' },
      ...spec,
    },
  };
  return loadPolicies([{ origin: 'test', value, locate: undefined }], POLICIES, 0);
}

interface Asked {
  readonly requests: HoldRequest[];
  readonly verdict: Verdict;
}

/** Judges a new route for `free.example.com` beside a keeper that is of the test's making. */
async function judged(
  hold: (request: HoldRequest) => ReturnType<ClaimKeeper['hold']>,
  {
    spec = {},
    trusted = true,
    dryRun = false,
    hostname = 'free.example.com',
    userInfo = { username: 'dev', groups: ['dev'] },
    snapshot = new Store('all'),
    reader = undefined as LiveReader | undefined,
  } = {},
): Promise<Asked> {
  const { set } = load(spec);
  const requests: HoldRequest[] = [];
  const claims: ClaimKeeper = {
    hold: (request) => {
      requests.push(request);
      return hold(request);
    },
  };
  const body = reviewOf('CREATE', httpRoute(hostname, { uid: 'route-uid' }), undefined, { dryRun, userInfo });
  const review = read('validate', body, set);
  if (review.kind === 'unreadable') throw new Error(review.problem);
  const world = { set, snapshot, reader, claims, stale: [] };
  const signal = () => AbortSignal.timeout(10_000);
  return { requests, verdict: await validate(review, world, { now: 0, signal, trusted }) };
}

/** A keeper that finds every hostname with another team. */
const taken =
  (pending: boolean) =>
  ({ wanted }: HoldRequest) =>
    Promise.resolve({
      violations: wanted.flatMap(({ hostname, against }) => {
        const claimant = { kind: 'HTTPRoute', namespace: 'team-other', name: 'web' } as const;
        return against({ hostname, claimant })?.violations ?? [];
      }),
      pending,
    });
const namespace = (labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'team-shop', labels },
});
const free = () => Promise.resolve({ violations: [], pending: false });

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
const HELD =
  'hostname-ownership/conflict: spec.hostnames[0] "free.example.com": an object in another namespace, of another owner, holds the same hostname. ' +
  'Use a hostname that nobody else holds, or settle who owns it.';

describe('a review whose hostnames are to be held', () => {
  it('P15 is allowed once they are, for the object that asks', async () => {
    const { requests, verdict } = await judged(free);
    expect(verdict.answer.response).toEqual({ uid, allowed: true });
    expect(
      requests.map(({ wanted, claimant, dryRun }) => [wanted.map((one) => one.hostname), claimant, dryRun]),
    ).toEqual([
      [['free.example.com'], { kind: 'HTTPRoute', namespace: 'team-shop', name: 'web', uid: 'route-uid' }, false],
    ]);
  });

  it('P23 is denied with 403 where another object holds one', async () => {
    const { status } = (await judged(taken(false))).verdict.answer.response;
    expect([status?.code, status?.reason, status?.message, status?.details.retryAfterSeconds]).toEqual([
      403,
      'Forbidden',
      `${HELD} See gateward.dev/rules/hostname-ownership`,
      undefined,
    ]);
  });

  it('P22 P23 is denied with 429 and a time to come back while the object of another claim is not there', async () => {
    const { status } = (await judged(taken(true))).verdict.answer.response;
    expect([status?.code, status?.reason, status?.message, status?.details.retryAfterSeconds]).toEqual([
      429,
      'TooManyRequests',
      `${HELD} The object that holds it is not there (yet): try again. See gateward.dev/rules/hostname-ownership`,
      1,
    ]);
  });

  it.each([
    ['Fail', false, 403],
    ['Ignore', true, undefined],
  ])('F24 is an error when they cannot be held, and failureMode %s decides', async (failureMode, allowed, code) => {
    const { verdict } = await judged(() => Promise.reject(new Error('no answer in time')), { spec: { failureMode } });
    expect([verdict.answer.response.allowed, verdict.answer.response.status?.code, verdict.errors]).toEqual([
      allowed,
      code,
      ['hostname-ownership names: hostnames cannot be held: no answer in time'],
    ]);
    expect(verdict.outcomes).toEqual([
      { policy: 'hostname-ownership', document: 'names', action: 'Deny', outcome: 'error' },
    ]);
  });

  it.each([
    ['held', free, {}, ['gateward_claims_total{result="held"} 1']],
    ['held by others', taken(false), {}, ['gateward_claims_total{result="contested"} 1']],
    ['held for what is not there', taken(true), {}, ['gateward_claims_total{result="pending"} 1']],
    ['out of reach', () => Promise.reject(new Error('no')), {}, ['gateward_claims_total{result="failed"} 1']],
    ['looked at on a dry run', free, { dryRun: true }, []],
  ])('is counted: %s', async (_name, hold, options, counted) => {
    const metrics = createMetrics();
    await judged(countedClaims({ hold }, metrics).hold, options);
    metrics.observeClaims(() => ({ standing: 2, collected: 3 }));
    const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('gateward_claims'));
    expect(lines).toEqual([...counted, 'gateward_claims 2', 'gateward_claims_collected_total 3']);
  });

  it.each([
    ['says the same', [namespace({})], [false, ['hostname-ownership/conflict']]],
    ['has other labels', [namespace({ team: 'shop' })], [true, undefined]],
    ['does not say', undefined, [false, ['hostname-ownership/not-judged']]],
  ])('A26 whose denial rests on old labels is decided by the API server: it %s', async (_name, objects, decided) => {
    const { requests, verdict } = await judged(taken(false), {
      spec: {
        owners: [{ hostnames: ['free.example.com'], namespaceSelector: { matchLabels: { team: 'shop' } } }],
        rules: { 'not-owned': 'Disabled' },
      },
      snapshot: storeOf([namespace({})], 'all'),
      reader: { read: (keys) => Promise.resolve(keys.map((key) => objects && { key, objects })) },
    });
    const { allowed, status } = verdict.answer.response;
    expect([allowed, status?.details.causes.map(({ reason }) => reason)]).toEqual(decided);
    expect(requests).toHaveLength(2);
  });

  it('A48 asks only for a look on a dry run', async () => {
    const { requests } = await judged(free, { dryRun: true });
    expect(requests.map(({ dryRun }) => dryRun)).toEqual([true]);
  });

  it.each([
    ['A2 of a caller who is not known to be the API server', { trusted: false }],
    [
      'A4 of such a caller who says that an administrator asks',
      { trusted: false, userInfo: { username: 'admin', groups: ['system:masters'] } },
    ],
    ['of a document that holds none', { spec: { claims: 'Disabled' } }],
    ['that is denied anyway', { hostname: 'owned.example.com' }],
  ])('has none held %s', async (_name, options) => {
    expect((await judged(free, options)).requests).toEqual([]);
  });
});

describe('documents that hold hostnames', () => {
  const source = (spec: object) => ({
    fingerprint: () => Promise.resolve(''),
    load: () => Promise.resolve(load(spec)),
  });

  it.each([
    [true, true, undefined],
    [
      true,
      false,
      'HostnameOwnership "names": claims: Enforce needs --client-ca: only a caller that proves to be the API server may have hostnames held ' +
        '(certs/README.md says how)',
    ],
    [
      false,
      true,
      'HostnameOwnership "names": claims: Enforce needs a cluster to write HostnameClaims to, which --state and --demo are not',
    ],
  ])('are taken with a cluster (%s) and a client CA (%s), and refused in one line otherwise', async (...row) => {
    const [hasCluster, hasClientCa, problem] = row;
    const missing = missingForClaims(hasCluster, hasClientCa);
    const said = await refusingClaims(source({}), missing)
      .load()
      .then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
    expect(said).toBe(problem);
    await expect(refusingClaims(source({ claims: 'Disabled' }), missing).load()).resolves.toBeDefined();
  });

  describe('of a cluster', () => {
    const NEEDED = 'Enforce needs --client-ca: only a caller that proves to be the API server may have hostnames held';
    const owning = (generation: number, claims: string, name = 'names'): ClusterDocument => {
      const spec = { action: 'Deny', claims, owners: [{ hostnames: ['a.example.com'], namespaces: ['a'] }] };
      const value = { apiVersion: 'gateward.dev/v1alpha1', kind: 'HostnameOwnership', metadata: { name }, spec };
      return { origin: name, value, locate: undefined, kind: 'HostnameOwnership', name, uid: name, generation };
    };
    const [fit, unfit] = [true, false].map((hasClientCa) => unfitForClaims(missingForClaims(true, hasClientCa)));

    it('each stand for itself: its last version that holds none stays in force', () => {
      const look = (lastGood: LastGood, ...documents: readonly ClusterDocument[]): unknown => {
        const { loaded, refused } = lastGood.take(documents, 0);
        return {
          inForce: loaded.set.policies.map(({ document }) => document),
          holdsClaims: loaded.set.holdsClaims,
          refused: refused.map(({ document, problems, kept }) => [
            document.name,
            problems.map(({ path, message }) => `${path}: ${message.slice(0, NEEDED.length)}`),
            kept?.generation,
          ]),
        };
      };
      const without = new LastGood(POLICIES, unfit);
      look(without, owning(1, 'Disabled'));
      expect(look(without, owning(2, 'Enforce'), owning(1, 'Enforce', 'new'))).toEqual({
        inForce: ['names'],
        holdsClaims: false,
        refused: [
          ['names', [`spec.claims: ${NEEDED}`], 1],
          ['new', [`spec.claims: ${NEEDED}`], undefined],
        ],
      });
      expect(look(new LastGood(POLICIES, fit), owning(2, 'Enforce'))).toEqual({
        inForce: ['names'],
        holdsClaims: true,
        refused: [],
      });
    });

    it.each([
      ['refused', unfit, 'Enforce', 422],
      ['taken', unfit, 'Disabled', undefined],
      ['taken', fit, 'Enforce', undefined],
    ])('are %s when they are applied', (_what, unfitFor, claims, code) => {
      const { value } = owning(1, claims);
      const kind = { group: 'gateward.dev', version: 'v1alpha1', kind: 'HostnameOwnership' };
      const request = { uid: 'u', operation: 'CREATE', kind, name: 'names', object: value };
      const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
      const verdict = judgeDocument(body, POLICIES, 0, unfitFor);
      if (verdict.kind === 'unreadable') throw new Error(verdict.problem);
      const { allowed, status } = verdict.answer.response;
      expect([allowed, status?.code]).toEqual([code === undefined, code]);
      if (code !== undefined) expect(status?.message).toContain(`spec.claims: ${NEEDED}`);
    });
  });
});

import { describe, expect, it } from 'vitest';
import {
  allow,
  answerBroken,
  answerInvalid,
  answerMutation,
  answerValidation,
  isCollected,
  decode,
} from '../../src/admission/index.ts';
import { Store } from '../../src/cluster/store.ts';
import type { Decision, PolicyError, Violation } from '../../src/engine/index.ts';
import { httpRoute, reviewOf } from '../support/review.ts';

const facts = {
  uid: 'u1',
  operation: 'CREATE',
  group: 'gateway.networking.k8s.io',
  kind: 'HTTPRoute',
  namespace: 'team-shop',
  name: 'web',
  dryRun: false,
};

const violation: Violation = {
  policy: 'hostname-ownership',
  document: 'public-hostnames',
  rule: 'hostname-ownership/not-owned',
  message: 'spec.hostnames[0] "pay.example.com" belongs to namespace team-pay.',
  path: ['spec', 'hostnames', 0],
  severity: 'high',
  action: 'Deny',
  failureMode: 'Fail',
  relief: { kind: 'none' },
  related: [{ kind: 'HTTPRoute', namespace: 'team-pay', name: 'secret-project' }],
  restsOn: [],
  fix: undefined,
  data: {},
  identity: 'x',
  size: undefined,
  about: [],
  aside: [],
};

const error: PolicyError = {
  policy: 'reference-grants',
  document: 'least-privilege',
  failureMode: 'Fail',
  action: 'Deny',
  reason: 'Namespace cannot be seen',
};

const clean: Decision = { allowed: true, denied: [], warned: [], audited: [], exempted: [], failed: [], ignored: [] };

describe('the validating answer', () => {
  it('P1 P5 allows with the uid and nothing else', () => {
    expect(answerValidation(facts, clean, false)).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u1', allowed: true },
    });
  });

  it('P3 P23 denies with 403, each violation as a line of the message and as a cause', () => {
    const second: Violation = {
      ...violation,
      rule: 'hostname-ownership/invalid-hostname',
      path: ['spec', 'hostnames', 1],
      message: 'bad\u001b',
    };
    expect(answerValidation(facts, { ...clean, allowed: false, denied: [violation, second] }, false)).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: 'u1',
        allowed: false,
        status: {
          status: 'Failure',
          code: 403,
          reason: 'Forbidden',
          message:
            'hostname-ownership/not-owned: spec.hostnames[0] "pay.example.com" belongs to namespace team-pay. See gateward.dev/rules/hostname-ownership\nhostname-ownership/invalid-hostname: bad\\u001b',
          details: {
            group: 'gateway.networking.k8s.io',
            kind: 'HTTPRoute',
            name: 'web',
            causes: [
              {
                reason: 'hostname-ownership/not-owned',
                field: 'spec.hostnames[0]',
                message: 'spec.hostnames[0] "pay.example.com" belongs to namespace team-pay.',
              },
              { reason: 'hostname-ownership/invalid-hostname', field: 'spec.hostnames[1]', message: 'bad\\u001b' },
            ],
          },
        },
        auditAnnotations: {
          denied:
            'hostname-ownership/not-owned: spec.hostnames[0] "pay.example.com" belongs to namespace team-pay.; hostname-ownership/invalid-hostname: bad\\u001b',
        },
      },
    });
  });

  it.each([
    [255, 256, 'and 246 more'],
    [256, 256, 'and 247 more'],
    [12_000, 256, 'and 11991 more'],
  ])('of %i violations writes %i causes, and counts the others', (count, written, more) => {
    const denied = Array.from({ length: count }, () => violation);
    const { status } = answerValidation(facts, { ...clean, allowed: false, denied, failed: [error] }, false).response;
    expect([status?.details.causes.length, status?.message.split('\n').at(-1)]).toEqual([written, more]);
  });

  it('A2 names related objects to the API server only', () => {
    const told = answerValidation(facts, { ...clean, allowed: false, denied: [violation] }, true);
    const untold = answerValidation(facts, { ...clean, allowed: false, denied: [violation] }, false);
    expect(told.response.auditAnnotations?.['denied']).toContain('[HTTPRoute team-pay/secret-project]');
    expect(JSON.stringify(untold)).not.toContain('secret-project');
  });

  it('A25 denies what could not be judged, and says so', () => {
    const { response } = answerValidation(facts, { ...clean, allowed: false, failed: [error] }, false);
    expect(response.status).toEqual({
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message:
        'reference-grants/not-judged: document least-privilege could not be judged: Namespace cannot be seen. See gateward.dev/rules/reference-grants',
      details: {
        group: 'gateway.networking.k8s.io',
        kind: 'HTTPRoute',
        name: 'web',
        causes: [
          {
            reason: 'reference-grants/not-judged',
            message: 'document least-privilege could not be judged: Namespace cannot be seen',
          },
        ],
      },
    });
  });

  it('P4 P11 says what an allow has to say as warnings', () => {
    const { response } = answerValidation(
      facts,
      { ...clean, warned: [violation, violation], ignored: [{ ...error, failureMode: 'Ignore' }] },
      false,
    );
    expect([response.allowed, response.status, response.warnings]).toEqual([
      true,
      undefined,
      [
        'hostname-ownership/not-owned: spec.hostnames[0] "pay.example.com" belongs to namespace team-pay.',
        'reference-grants: document least-privilege could not be judged: Namespace cannot be seen',
      ],
    ]);
  });

  it('P12 annotates with qualified names and small values', () => {
    const many = Array.from({ length: 100 }, () => violation);
    const { response } = answerValidation(
      facts,
      { ...clean, warned: many, audited: many, exempted: many, ignored: [error] },
      true,
    );
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
      expect(key).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
      expect(value.length).toBeLessThanOrEqual(1024);
    }
    expect(Object.keys(response.auditAnnotations ?? {})).toEqual(['warned', 'audited', 'exempted', 'not-judged']);
  });
});

describe('the mutating answer', () => {
  it('P5 carries patch and patchType together', () => {
    const patch = [{ op: 'add', path: '/spec/rules/0/filters', value: ['ä'] }] as const;
    const { response } = answerMutation('u1', patch);
    expect([response.uid, response.allowed, response.patchType]).toEqual(['u1', true, 'JSONPatch']);
    expect(JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString())).toEqual(patch);
  });

  it('P5 carries neither when nothing changes', () => {
    expect(answerMutation('u1', [])).toEqual(allow('u1'));
    expect(allow('u1').response).toEqual({ uid: 'u1', allowed: true });
  });
});

describe('the answer to what is not understood', () => {
  it('P23 A23 is 422 with each problem', () => {
    const problems = [
      { path: ['spec', 'rules'], message: 'must be an array' },
      { path: ['metadata'], message: 'must be an object' },
    ];
    expect(answerInvalid(facts, problems).response).toEqual({
      uid: 'u1',
      allowed: false,
      status: {
        status: 'Failure',
        code: 422,
        reason: 'Invalid',
        message: 'the HTTPRoute is not valid: spec.rules: must be an array (and 1 more)',
        details: {
          group: 'gateway.networking.k8s.io',
          kind: 'HTTPRoute',
          name: 'web',
          causes: [
            { reason: 'FieldValueInvalid', field: 'spec.rules', message: 'must be an array' },
            { reason: 'FieldValueInvalid', field: 'metadata', message: 'must be an object' },
          ],
        },
      },
    });
  });

  it('A51 stays on one line whatever the request calls itself', () => {
    const { status } = answerInvalid({ ...facts, kind: 'Evil\n\u001b[2KHTTPRoute' }, []).response;
    expect(status?.message).toBe('the Evil \\u001b[2KHTTPRoute is not valid: ');
  });

  it('A25 is a denial when judging itself broke', () => {
    const { allowed, status } = answerBroken(facts).response;
    expect([allowed, status?.code, status?.reason]).toEqual([false, 500, 'InternalError']);
  });
});

describe('P14 isCollected', () => {
  const subjectFor = (operation: 'DELETE' | 'UPDATE', username: string) => {
    const route = httpRoute('shop.example.com');
    const review = decode(reviewOf(operation, route, route, { userInfo: { username } }), () => true);
    if (review.kind !== 'subject') throw new Error(review.kind);
    return review.subject;
  };
  const empty = new Store('all');
  const ending = new Store('all');
  ending.put('Namespace', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team-shop', deletionTimestamp: '2026-11-21T00:00:00Z' },
  });
  const cases: readonly (readonly [string, 'DELETE' | 'UPDATE', string, Store, boolean])[] = [
    ['a person deletes', 'DELETE', 'dev', empty, false],
    ['a person deletes in a namespace that is being deleted', 'DELETE', 'dev', ending, true],
    ['the namespace controller', 'DELETE', 'system:serviceaccount:kube-system:namespace-controller', empty, true],
    ['the garbage collector', 'DELETE', 'system:serviceaccount:kube-system:generic-garbage-collector', empty, true],
    [
      'the garbage collector, but no deletion',
      'UPDATE',
      'system:serviceaccount:kube-system:generic-garbage-collector',
      ending,
      false,
    ],
  ];
  it.each(cases)('%s', (_name, operation, username, world, expected) => {
    expect(isCollected(subjectFor(operation, username), world)).toBe(expected);
  });
});

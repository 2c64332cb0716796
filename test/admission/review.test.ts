import { describe, expect, it } from 'vitest';
import { decode, withObject, type Governs, type Review } from '../../src/admission/index.ts';
import { httpRoute, reviewOf, type Manifest } from '../support/review.ts';

const always: Governs = () => true;
const never: Governs = () => false;
const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
const route = httpRoute('shop.example.com');
const facts = {
  uid,
  operation: 'CREATE',
  group: 'gateway.networking.k8s.io',
  kind: 'HTTPRoute',
  namespace: 'team-shop',
  name: 'web',
  dryRun: false,
};
const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-shop' } };

function nested(depth: number): unknown {
  let value: unknown = 'end';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function subjectIn(review: Review): Extract<Review, { kind: 'subject' }>['subject'] {
  if (review.kind !== 'subject') throw new Error(`not a subject: ${JSON.stringify(review)}`);
  return review.subject;
}

describe('decode refuses with HTTP 400 what has no uid to answer to', () => {
  const unreadable: readonly (readonly [string, unknown, string])[] = [
    [
      'P2 v1beta1',
      { ...reviewOf('CREATE', route), apiVersion: 'admission.k8s.io/v1beta1' },
      'only apiVersion admission.k8s.io/v1 is understood: set admissionReviewVersions: ["v1"]',
    ],
    [
      'A24 no request',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
      'the AdmissionReview has no request',
    ],
    [
      'A24 request is a list',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: [] },
      'the AdmissionReview has no request',
    ],
    [
      'A24 response only',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid } },
      'the AdmissionReview has no request',
    ],
    ['A24 list of reviews', [reviewOf('CREATE', route)], 'the body is not an AdmissionReview'],
    [
      'A24 ConversionReview',
      { ...reviewOf('CREATE', route), kind: 'ConversionReview' },
      'the body is not an AdmissionReview',
    ],
    ['A24 null', null, 'the body is not an AdmissionReview'],
    [
      'A24 uid missing',
      reviewOf('CREATE', route, undefined, { uid: undefined }),
      'request.uid is not a text of 1 to 128 characters',
    ],
    [
      'A24 uid empty',
      reviewOf('CREATE', route, undefined, { uid: '' }),
      'request.uid is not a text of 1 to 128 characters',
    ],
    [
      'A24 uid of 1 MiB',
      reviewOf('CREATE', route, undefined, { uid: 'u'.repeat(1 << 20) }),
      'request.uid is not a text of 1 to 128 characters',
    ],
    [
      'A19 object of depth 513',
      reviewOf('CREATE', { ...route, spec: nested(512) }),
      'request.object nests deeper than 512 levels',
    ],
    [
      'A19 oldObject of depth 100,000',
      reviewOf('UPDATE', route, { ...route, spec: nested(100_000) }),
      'request.oldObject nests deeper than 512 levels',
    ],
  ];
  it.each(unreadable)('%s', (_name, body, problem) => {
    expect(decode(body, always)).toEqual({ kind: 'unreadable', problem });
  });

  it('A19 takes the deepest that is allowed, and does not look into kinds that no document governs', () => {
    expect(decode(reviewOf('CREATE', { ...route, metadata: { ...route.metadata, x: nested(510) } }), always).kind).toBe(
      'subject',
    );
    expect(decode(reviewOf('CREATE', { ...route, spec: nested(100_000) }), never)).toEqual({
      kind: 'exempt',
      facts,
      warning: undefined,
    });
  });
});

describe('decode denies with 422 what is of a governed kind and not understood', () => {
  const invalid: readonly (readonly [string, unknown, readonly string[], string])[] = [
    [
      'P16 kind does not fit the resource',
      reviewOf('CREATE', route, undefined, {
        resource: { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'gateways' },
      }),
      ['request', 'kind'],
      'gateway.networking.k8s.io/HTTPRoute does not fit the resource gateway.networking.k8s.io/gateways',
    ],
    [
      'P16 foreign kind on a governed resource',
      reviewOf('CREATE', route, undefined, { kind: { group: '', version: 'v1', kind: 'Pod' } }),
      ['request', 'kind'],
      '/Pod does not fit the resource gateway.networking.k8s.io/httproutes',
    ],
    [
      'P16 governed kind on a foreign resource',
      reviewOf('CREATE', route, undefined, { resource: { group: '', version: 'v1', resource: 'pods' } }),
      ['request', 'kind'],
      'gateway.networking.k8s.io/HTTPRoute does not fit the resource /pods',
    ],
    ...(
      [
        ['group', { group: 1, version: 'v1', kind: 'HTTPRoute' }],
        ['version', { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
        ['kind', { group: 'gateway.networking.k8s.io', version: 'v1', kind: [] }],
      ] as const
    ).map(
      ([part, kind]) =>
        [
          `A23 ${part} of the kind is no text`,
          reviewOf('CREATE', route, undefined, { kind }),
          ['request', 'kind'],
          'must name group, version and kind',
        ] as const,
    ),
    [
      'A23 kind missing',
      reviewOf('CREATE', route, undefined, { kind: undefined }),
      ['request', 'kind'],
      'must name group, version and kind',
    ],
    [
      'A23 resource a text',
      reviewOf('CREATE', route, undefined, { resource: 'httproutes' }),
      ['request', 'resource'],
      'must name group, version and resource',
    ],
    [
      'A23 unknown operation',
      reviewOf('CREATE', route, undefined, { operation: 'create' }),
      ['request', 'operation'],
      'must be CREATE, UPDATE, DELETE or CONNECT',
    ],
    ['P14 object missing', reviewOf('CREATE', route, undefined, { object: null }), [], 'the object is missing'],
    [
      'P14 DELETE without oldObject',
      reviewOf('DELETE', route, undefined, { oldObject: null }),
      [],
      'the object is missing',
    ],
    [
      'P14 UPDATE without oldObject',
      reviewOf('UPDATE', route),
      ['request', 'oldObject'],
      'is missing or is another object',
    ],
    [
      'A49 oldObject of another name',
      reviewOf('UPDATE', route, httpRoute('a.example.com', { name: 'other' })),
      ['request', 'oldObject'],
      'is missing or is another object',
    ],
    [
      'P16 object of another kind',
      reviewOf('CREATE', route, undefined, { object: { ...route, kind: 'Gateway' } }),
      ['kind'],
      'must be HTTPRoute, as the request says',
    ],
    [
      'P16 object of another version',
      reviewOf('CREATE', route, undefined, { object: { ...route, apiVersion: 'gateway.networking.k8s.io/v1beta1' } }),
      ['apiVersion'],
      'must be gateway.networking.k8s.io/v1, as the request says',
    ],
    [
      'A30 a version that no bundle serves',
      reviewOf('CREATE', { ...route, apiVersion: 'gateway.networking.k8s.io/v2' }),
      ['apiVersion'],
      'v2 is no version of HTTPRoute known here',
    ],
    [
      'A23 metadata null',
      reviewOf('CREATE', route, undefined, { object: { ...route, metadata: null } }),
      ['metadata'],
      'must be an object',
    ],
    [
      'A23 numeric name',
      reviewOf('CREATE', route, undefined, { object: { ...route, metadata: { name: 7, namespace: 'team-shop' } } }),
      ['metadata', 'name'],
      'must be a string',
    ],
    [
      'A23 another name',
      reviewOf('CREATE', route, undefined, { name: 'other' }),
      ['metadata', 'name'],
      'must be "other", as the request says',
    ],
    [
      'A23 another namespace',
      reviewOf('CREATE', route, undefined, { namespace: 'team-pay' }),
      ['metadata', 'namespace'],
      'must be "team-pay", as the request says',
    ],
    [
      'A23 no namespace',
      reviewOf('CREATE', { ...route, metadata: { name: 'web' } }),
      ['metadata', 'namespace'],
      'is missing',
    ],
    [
      'A23 a namespace on a cluster-scoped kind',
      reviewOf('CREATE', { ...namespace, metadata: { name: 'team-shop', namespace: 'x' } }),
      ['metadata', 'namespace'],
      'must be empty: a Namespace has none',
    ],
  ];
  it.each(invalid)('%s', (_name, body, path, message) => {
    const review = decode(body, always);
    expect(review.kind === 'invalid' ? { uid: review.facts.uid, problems: review.problems } : review).toEqual({
      uid,
      problems: [{ path, message }],
    });
  });
});

describe('A23 specs of the wrong shape', () => {
  const specs: readonly (readonly [string, unknown, boolean])[] = [
    ['spec is a list', [], false],
    ['parentRefs is null', { parentRefs: null }, false],
    ['rules is a map', { rules: {} }, false],
    ['hostnames is a text', { hostnames: 'a.example.com' }, false],
    ['a numeric backend name', { rules: [{ backendRefs: [{ name: 7 }] }] }, false],
    ['A21 a port above 2^53', { rules: [{ backendRefs: [{ name: 'a', port: 2 ** 60 }] }] }, false],
    ['A21 a port as text', { rules: [{ backendRefs: [{ name: 'a', port: '80' }] }] }, false],
    ['A21 a port 80.5', { rules: [{ backendRefs: [{ name: 'a', port: 80.5 }] }] }, false],
    ['A21 a port 80', { rules: [{ backendRefs: [{ name: 'a', port: 80 }] }] }, true],
    ['an empty spec', {}, true],
  ];
  it.each(specs)('%s', (_name, spec, isRead) => {
    expect(decode(reviewOf('CREATE', { ...route, spec }), always).kind).toBe(isRead ? 'subject' : 'invalid');
  });
});

describe('A43 an object that its schema no longer takes, and that is being deleted', () => {
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' }, annotations: { c: 'd' } };
  const held = {
    ...httpRoute('shop.example.com', { ...going, finalizers: ['example.com/hold'] }),
    spec: { rules: {} },
  };
  const released: Manifest = { ...httpRoute('shop.example.com', going), spec: { rules: {} } };
  it.each<[string, Manifest, Manifest, Review['kind']]>([
    ['loses its finalizers', held, released, 'exempt'],
    ['gets another status', held, { ...held, status: { parents: [] } }, 'exempt'],
    ['gets another spec', held, { ...released, spec: { rules: { a: 1 } } }, 'invalid'],
    ['gets another label', held, { ...released, metadata: { ...released.metadata, labels: {} } }, 'invalid'],
    ['gets another annotation', held, { ...released, metadata: { ...released.metadata, annotations: {} } }, 'invalid'],
    [
      'is not being deleted yet',
      { ...held, metadata: route.metadata },
      { ...held, metadata: route.metadata },
      'invalid',
    ],
  ])('%s', (_name, before, after, kind) => {
    expect(decode(reviewOf('UPDATE', after, before), always).kind).toBe(kind);
  });
});

describe('decode passes what no document can speak about', () => {
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  const exempt: readonly (readonly [string, unknown, string | undefined])[] = [
    [
      'P14 DELETE while no policy is about deletion',
      reviewOf('DELETE', route, undefined, { oldObject: null }),
      undefined,
    ],
    ['P14 CONNECT with neither object nor options', reviewOf('CONNECT', route, undefined, { object: null }), undefined],
    ['P19 status of a route', reviewOf('UPDATE', route, route, { subResource: 'status' }), undefined],
    ['P19 scale', reviewOf('UPDATE', route, route, { kind: scale, subResource: 'scale' }), undefined],
    [
      'a kind of somebody else',
      reviewOf('CREATE', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: null }),
      undefined,
    ],
    [
      'A30 a kind of Gateway API that this build does not know',
      reviewOf('CREATE', { ...route, kind: 'QUICRoute' }),
      'gateward does not know the kind gateway.networking.k8s.io/QUICRoute and has not judged it',
    ],
    [
      'A30 an experimental kind that this build does not know',
      reviewOf('CREATE', { ...route, apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XQUICRoute' }),
      'gateward does not know the kind gateway.networking.x-k8s.io/XQUICRoute and has not judged it',
    ],
  ];
  it.each(exempt)('%s', (_name, body, warning) => {
    const review = decode(body, (kind, operation) => operation !== 'DELETE' && kind !== 'Gateway');
    expect(
      review.kind === 'exempt' ? { kind: review.kind, uid: review.facts.uid, warning: review.warning } : review,
    ).toEqual({ kind: 'exempt', uid, warning });
  });
});

describe('decode makes a subject', () => {
  it('P14 of a CREATE', () => {
    expect(decode(reviewOf('CREATE', route), always)).toMatchObject({
      kind: 'subject',
      facts,
      subject: {
        kind: 'HTTPRoute',
        operation: 'CREATE',
        raw: route,
        object: { metadata: { name: 'web', namespace: 'team-shop' } },
        oldObject: undefined,
        namespace: 'team-shop',
        subresource: '',
        requester: { username: 'dev', groups: ['system:authenticated'] },
      },
    });
  });

  it('P14 of an UPDATE: both objects', () => {
    const before = httpRoute('old.example.com');
    const subject = subjectIn(decode(reviewOf('UPDATE', route, before), always));
    expect([subject.raw, subject.rawOld]).toEqual([route, before]);
    expect(subject.oldObject).toMatchObject({ spec: { hostnames: ['old.example.com'] } });
  });

  it.each<[string, Manifest, Manifest['metadata']]>([
    ['a route', { ...route, metadata: {} }, { name: 'web', namespace: 'team-shop' }],
    ['a Namespace', { ...namespace, metadata: {} }, { name: 'team-shop' }],
  ])('of %s whose name stands in the request only', (_name, object, metadata) => {
    const subject = subjectIn(decode(reviewOf('CREATE', object, undefined, metadata), always));
    expect(subject.object.metadata).toMatchObject(metadata);
    expect(subject.raw).toBe(object);
  });

  it('of a route whose name stands in the object only', () => {
    const subject = subjectIn(decode(reviewOf('CREATE', route, undefined, { name: '', namespace: '' }), always));
    expect([subject.object.metadata, subject.namespace]).toEqual([route.metadata, 'team-shop']);
  });

  it('P14 of a DELETE: the object that goes', () => {
    const subject = subjectIn(decode(reviewOf('DELETE', route), always));
    expect([subject.raw, subject.rawOld, subject.operation]).toEqual([route, undefined, 'DELETE']);
  });

  it('P14 with a generated name that is not known yet', () => {
    const unnamed = { ...route, metadata: { generateName: 'web-', namespace: 'team-shop' } };
    const subject = subjectIn(decode(reviewOf('CREATE', unnamed), always));
    expect([subject.object.metadata.name, subject.raw]).toEqual(['', unnamed]);
  });

  it('P14 of an object whose namespace stands in the request only', () => {
    const bare = { ...route, metadata: { name: 'web' } };
    const subject = subjectIn(decode(reviewOf('CREATE', bare, undefined, { namespace: 'team-shop' }), always));
    expect([subject.namespace, subject.object.metadata.namespace, subject.raw]).toEqual([
      'team-shop',
      'team-shop',
      bare,
    ]);
  });

  it('P16 by kind, not by requestKind, when the API server has converted', () => {
    const asked = { group: 'gateway.networking.k8s.io', version: 'v1beta1', kind: 'HTTPRoute' };
    expect(subjectIn(decode(reviewOf('CREATE', route, undefined, { requestKind: asked }), always)).kind).toBe(
      'HTTPRoute',
    );
  });

  it('P17 of a Namespace, whose request names itself as namespace', () => {
    const subject = subjectIn(decode(reviewOf('UPDATE', namespace, namespace, { namespace: 'team-shop' }), always));
    expect([subject.kind, subject.namespace, subject.object.metadata.name]).toEqual(['Namespace', '', 'team-shop']);
  });

  it('P19 of the subresources that change labels of a Namespace', () => {
    for (const subresource of ['status', 'finalize']) {
      const subject = subjectIn(decode(reviewOf('UPDATE', namespace, namespace, { subResource: subresource }), always));
      expect(subject.subresource).toBe(subresource);
    }
  });

  it('A14 A15 with keys __proto__ and constructor as ordinary data', () => {
    const text = JSON.stringify(reviewOf('CREATE', route)).replace(
      '"metadata":{"name":"web"',
      '"metadata":{"name":"web","labels":{"__proto__":"x","constructor":"y"},"__proto__":{"polluted":true}',
    );
    const subject = subjectIn(decode(JSON.parse(text), always));
    expect(Object.entries(subject.object.metadata.labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('A23 with a userInfo of any shape', () => {
    const nobody = { username: '', groups: [] };
    const table: readonly (readonly [unknown, unknown])[] = [
      [undefined, nobody],
      [null, nobody],
      ['root', nobody],
      [{ username: 1, groups: 'admins' }, nobody],
      [
        { username: 'dev', groups: [1, 'a'] },
        { username: 'dev', groups: ['a'] },
      ],
    ];
    for (const [userInfo, expected] of table) {
      const { requester } = subjectIn(decode(reviewOf('CREATE', route, undefined, { userInfo }), always));
      expect(requester).toEqual(expected);
    }
  });
});

describe('withObject', () => {
  it('judges the patched object under the same request', () => {
    const subject = subjectIn(decode(reviewOf('CREATE', route), always));
    const patched = httpRoute('other.example.com');
    const result = withObject(subject, patched);
    expect([result.raw, result.requester, result.namespace]).toEqual([patched, subject.requester, 'team-shop']);
  });

  it('throws when the patch has made another object of it', () => {
    const subject = subjectIn(decode(reviewOf('CREATE', route), always));
    expect(() => withObject(subject, httpRoute('a.example.com', { name: 'other' }))).toThrow('must be "web"');
  });
});

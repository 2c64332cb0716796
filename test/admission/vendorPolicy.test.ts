import { expect, test } from 'vitest';
import { decode } from '../../src/admission/index.ts';

const group = 'gateway.envoyproxy.io';
const object = (spec: unknown, namespace: string | undefined = 'shop') => ({
  apiVersion: `${group}/v1alpha1`,
  kind: 'SecurityPolicy',
  metadata: { name: 'auth', ...(namespace === '' ? {} : { namespace }) },
  spec,
});
const attached = object({ targetRef: { kind: 'Service', name: 'web' } });
const review = (request: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    kind: { group, version: 'v1alpha1', kind: 'SecurityPolicy' },
    resource: { group, version: 'v1alpha1', resource: 'securitypolicies' },
    namespace: 'shop',
    name: 'auth',
    operation: 'CREATE',
    userInfo: { username: 'dev', groups: [] },
    object: attached,
    ...request,
  },
});

test('a vendor’s policy is a subject with the vendor’s kind', () => {
  const decoded = decode(review({}), (kind, operation) => kind === 'VendorPolicy' && operation === 'CREATE');
  expect(decoded).toEqual({
    kind: 'subject',
    facts: {
      uid: 'u',
      operation: 'CREATE',
      group,
      kind: 'SecurityPolicy',
      namespace: 'shop',
      name: 'auth',
      dryRun: false,
    },
    subject: {
      kind: 'VendorPolicy',
      operation: 'CREATE',
      object: object({ targetRef: { group: '', kind: 'Service', name: 'web' } }),
      oldObject: undefined,
      raw: attached,
      rawOld: undefined,
      namespace: 'shop',
      subresource: '',
      requester: { username: 'dev', groups: [] },
    },
  });
});

test('an UPDATE from a policy that selected has no past to appeal to', () => {
  const selecting = object({ targetSelectors: [{ kind: 'Gateway' }] });
  const decoded = decode(review({ operation: 'UPDATE', oldObject: selecting }), () => true);
  const { oldObject, rawOld } = decoded.kind === 'subject' ? decoded.subject : {};
  expect({ kind: decoded.kind, oldObject, rawOld }).toEqual({
    kind: 'subject',
    oldObject: undefined,
    rawOld: selecting,
  });
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['attaches by nothing', { object: object({ targetSelectors: [] }) }],
  ['is cluster-scoped', { namespace: '', object: object(attached.spec, '') }],
  ['is of another group than its resource', { resource: { group: 'example.com', version: 'v1', resource: 'others' } }],
  ['goes', { operation: 'DELETE', object: null, oldObject: object({}) }],
  ['is a status', { subResource: 'status' }],
])('what %s is nobody’s business', (_name, request) => {
  expect(decode(review(request), () => true)).toEqual(expect.objectContaining({ kind: 'exempt', warning: undefined }));
});

test('an object that is not what its request says is refused', () => {
  const other = { ...attached, kind: 'BackendTrafficPolicy' };
  expect(decode(review({ object: other }), () => true)).toEqual(
    expect.objectContaining({
      kind: 'invalid',
      problems: [{ path: ['kind'], message: 'must be SecurityPolicy, as the request says' }],
    }),
  );
});

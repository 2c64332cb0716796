import { expect, test } from 'vitest';
import { answerProof } from '../../src/admission/index.ts';

const review = (change: object = {}, request: object = {}): unknown => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    operation: 'CREATE',
    dryRun: true,
    object: { metadata: { labels: { 'gateward.dev/proof': '0a1b' } } },
    ...request,
  },
  ...change,
});

test('a dry run of an object with the label is denied, with its word', () => {
  expect(answerProof('validate', review())).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: 'u1',
      allowed: false,
      status: {
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: 'gateward answers: 0a1b',
        details: { group: '', kind: '', name: '', causes: [] },
      },
    },
  });
});

test('before that, the mutating webhook leaves it as it is', () => {
  expect(answerProof('mutate', review())).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u1', allowed: true },
  });
});

test.each([
  ['what is to be stored', review({}, { dryRun: false })],
  ['what does not say whether it is a dry run', review({}, { dryRun: undefined })],
  ['an update', review({}, { operation: 'UPDATE' })],
  ['another label', review({}, { object: { metadata: { labels: { 'gateward.dev/other': '0a1b' } } } })],
  [
    'a word that could say something else',
    review({}, { object: { metadata: { labels: { 'gateward.dev/proof': 'a b' } } } }),
  ],
  ['no object', review({}, { object: null })],
  ['no uid', review({}, { uid: '' })],
  ['another version of the protocol', review({ apiVersion: 'admission.k8s.io/v1beta1' })],
  ['no review', 'text'],
])('%s is left to the policies', (_name, body) => {
  expect([answerProof('validate', body), answerProof('mutate', body)]).toEqual([undefined, undefined]);
});

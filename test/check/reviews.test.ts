import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { GATEWAY_TEXT, check, findingsOf, folderOf, routeText, suffixDocument } from '../support/checkRun.ts';
import { reviewOf, type Manifest } from '../support/review.ts';

const policies = ['p'];
const route = (hostname: string, metadata: Manifest['metadata'] = {}): Manifest => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { parentRefs: [{ name: 'public' }], hostnames: [hostname] },
});
const gateway: Manifest = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'web', namespace: 'infra' },
  spec: { gatewayClassName: 'public', listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
};
const text = (review: unknown): string => JSON.stringify(review, null, 1);
const FILES = { 'p/a.yaml': suffixDocument('{ action: Deny }'), 'm/gw.yaml': GATEWAY_TEXT };

describe('an AdmissionReview', () => {
  test.each([
    [
      'of a creation',
      reviewOf('CREATE', route('a.other.com')),
      1,
      ['r.json:49:6 deny suffix/foreign HTTPRoute default/web spec.hostnames[0]'],
    ],
    ['of a creation that is in order', reviewOf('CREATE', route('a.example.com')), 0, []],
    [
      'of an update that brings it',
      reviewOf('UPDATE', route('a.other.com'), route('a.example.com')),
      1,
      ['r.json:49:6 deny suffix/foreign HTTPRoute default/web spec.hostnames[0]'],
    ],
    [
      'of an update that leaves it',
      reviewOf('UPDATE', route('a.other.com', { labels: { a: 'b' } }), route('a.other.com')),
      0,
      ['r.json:52:6 warn suffix/foreign HTTPRoute default/web spec.hostnames[0]'],
    ],
    [
      'of a deletion',
      reviewOf('DELETE', route('a.other.com', { labels: { keep: 'yes' } })),
      1,
      ['r.json:36:3 deny suffix/still-used HTTPRoute default/web '],
    ],
    [
      'of a deletion that the garbage collector finishes',
      reviewOf('DELETE', route('a.other.com', { labels: { keep: 'yes' } }), undefined, {
        userInfo: { username: 'system:serviceaccount:kube-system:generic-garbage-collector' },
      }),
      0,
      [],
    ],
    ['that no policy is about', reviewOf('CONNECT', route('a.other.com')), 0, []],
    [
      'whose object is not of its shape',
      reviewOf('CREATE', { ...route('a.other.com'), spec: { hostnames: 'a.other.com' } }),
      1,
      ['r.json:43:18 deny manifest/schema HTTPRoute default/web request.object.spec.hostnames'],
    ],
    [
      'whose object is another than it says',
      reviewOf('CREATE', route('a.other.com'), undefined, { name: 'shop' }),
      1,
      ['r.json:39:13 deny manifest/schema HTTPRoute default/web request.object.metadata.name'],
    ],
    [
      'of another version',
      { ...reviewOf('CREATE', route('a.other.com')), apiVersion: 'admission.k8s.io/v1beta1' },
      3,
      ['r.json:1:1 error manifest/unparsable HTTPRoute default/web '],
    ],
    [
      'that holds an answer only',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { allowed: true } },
      3,
      ['r.json:1:1 error manifest/unparsable - '],
    ],
  ])('%s', async (_name, review, code, findings) => {
    using folder = folderOf({ ...FILES, 'r.json': text(review) });
    for (const options of [{ paths: ['m'], reviews: ['r.json'] }, { paths: ['m', 'r.json'] }]) {
      const run = await check(folder.path, { policies, output: ['json'], ...options });
      expect([run.code, findingsOf(run), run.stderr]).toEqual([code, findings, '']);
    }
  });

  test('is judged for the one who asks', async () => {
    const document =
      'apiVersion: gateward.dev/v1alpha1\nkind: GatewayClassAccess\nmetadata: { name: classes }\nspec: { action: Deny, allowedGroups: [admins] }\n';
    const asked = (groups: readonly string[]): string =>
      text(reviewOf('CREATE', gateway, undefined, { userInfo: { username: 'alice', groups } }));
    using folder = folderOf({
      'p/a.yaml': document,
      'dev.json': asked(['developers']),
      'admin.json': asked(['admins']),
    });
    const run = await check(
      folder.path,
      { policies, reviews: ['dev.json', 'admin.json'], output: ['json'] },
      { policies: POLICIES },
    );
    expect(findingsOf(run).filter((line) => line.includes(' deny '))).toEqual([
      'dev.json:35:3 deny gateway-class/creator-not-allowed Gateway infra/web ',
    ]);
  });

  test('is part of the world of the others, and never mended', async () => {
    const files = {
      'm/a.yaml': routeText('a', 'a.example.com'),
      'r.json': text(reviewOf('CREATE', route('a.other.com'))),
    };
    using folder = folderOf({ ...files, 'p/a.yaml': FILES['p/a.yaml'] });
    const gatewayReview = { ...gateway, metadata: { name: 'public', namespace: 'default' } };
    const stdin = text(reviewOf('CREATE', gatewayReview));
    const options = { policies, paths: ['m', '-'], reviews: ['r.json'], fix: true, output: ['json'] };
    const run = await check(folder.path, options, { stdin });
    expect([findingsOf(run), run.stderr]).toEqual([
      ['r.json:49:6 deny suffix/foreign HTTPRoute default/web spec.hostnames[0]'],
      '',
    ]);
  });

  test.each([
    ['a manifest', 'm/gw.yaml', 'm/gw.yaml: holds no AdmissionReview'],
    ['standard input', '-', 'piped: holds no AdmissionReview'],
    ['a file that is not there', 'absent.json', 'absent.json: no such file or directory'],
  ])('%s is none', async (_name, file, message) => {
    using folder = folderOf(FILES);
    const options = { policies, paths: ['m'], reviews: [file], stdinFilename: 'piped' };
    const { code, stderr } = await check(folder.path, options, { stdin: GATEWAY_TEXT.replace('public', 'other') });
    expect([code, stderr.split(';')[0]]).toEqual([3, `error: ${message}`]);
  });
});

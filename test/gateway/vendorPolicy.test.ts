import { describe, expect, test } from 'vitest';
import { isVendorPolicy, normalise } from '#gateway';

const target = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'web' };
const policy = (
  spec: unknown,
  apiVersion: unknown = 'gateway.envoyproxy.io/v1alpha1',
  kind: unknown = 'SecurityPolicy',
) => ({
  apiVersion,
  kind,
  metadata: { name: 'auth', namespace: 'shop' },
  spec,
});

describe('a policy of a vendor', () => {
  test.each<[string, unknown]>([
    ['a list of targets', policy({ targetRefs: [target, { ...target, sectionName: 'http' }] })],
    ['one target', policy({ targetRef: { ...target, namespace: 'infra' }, jwt: null })],
    ['both', policy({ targetRefs: [target], targetRef: target })],
    ['one target beside a null', policy({ targetRefs: null, targetRef: target })],
    ['a list beside a null', policy({ targetRefs: [target], targetRef: null })],
    ['no target yet', policy({ targetRefs: [] })],
    ['a target without a group', policy({ targetRef: { kind: 'Service', name: 'web' } })],
    ['a group of a Kubernetes project', policy({ targetRef: target }, 'inference.networking.x-k8s.io/v1')],
    ['a kind that Gateway API has, in a group of its own', policy({ targetRef: target }, 'example.com/v1', 'Gateway')],
  ])('is told by %s', (_name, raw) => {
    expect(isVendorPolicy(raw)).toBe(true);
    expect(normalise('VendorPolicy', raw).ok).toBe(true);
  });

  test.each<[string, unknown]>([
    ['no targets', policy({ scaleTargetRef: target })],
    ['nulls alone', policy({ targetRefs: null, targetRef: null })],
    ['no spec', policy(undefined)],
    ['a null for a spec', policy(null)],
    ['a target without a name', policy({ targetRef: { group: '', kind: 'Service' } })],
    ['a target without a kind', policy({ targetRef: { group: '', name: 'web' } })],
    ['targets of another shape', policy({ targetRefs: [target, { matchLabels: {} }] })],
    ['a target beside a list that is not one', policy({ targetRefs: { 0: target }, targetRef: target })],
    ['a list beside a target of another shape', policy({ targetRefs: [target], targetRef: 'web' })],
    ['a section that is no text', policy({ targetRef: { ...target, sectionName: 1 } })],
    ['a group of Gateway API', policy({ targetRef: target }, 'gateway.networking.k8s.io/v1')],
    ['the experimental group', policy({ targetRef: target }, 'gateway.networking.x-k8s.io/v1')],
    ['the core group', policy({ targetRef: target }, 'v1')],
    ['a group of Kubernetes without a dot', policy({ targetRef: target }, 'apps/v1', 'Deployment')],
    ['a group of Kubernetes with one', policy({ targetRef: target }, 'coordination.k8s.io/v1', 'Lease')],
    ['the domain of Kubernetes itself', policy({ targetRef: target }, 'k8s.io/v1')],
    ['a kind that is known', policy({ targetRef: target }, 'networking.k8s.io/v1', 'Ingress')],
    [
      'a kind that is known, of a Kubernetes project',
      policy({ targetRef: target }, 'multicluster.x-k8s.io/v1alpha1', 'ServiceImport'),
    ],
    ['no apiVersion', policy({ targetRef: target }, null)],
    ['no kind', policy({ targetRef: target }, 'example.com/v1', 7)],
    ['a list', [policy({ targetRef: target })]],
    ['nothing', null],
  ])('is not told by %s', (_name, raw) => {
    expect(isVendorPolicy(raw)).toBe(false);
    expect(normalise('VendorPolicy', raw).ok).toBe(false);
  });

  test('is filled with the core group where a target leaves it out', () => {
    expect(
      normalise('VendorPolicy', policy({ targetRef: { kind: 'Service', name: 'web', group: null }, jwt: {} })),
    ).toEqual({
      ok: true,
      object: policy({ targetRef: { group: '', kind: 'Service', name: 'web' }, jwt: {} }),
    });
  });
});

import { reviewOf, type Manifest } from '../support/review.ts';
import { FILTERS, namespaceName, parentRef } from './world.ts';

/** Different reviews of one size, so that nothing is measured twice over the same names. */
const VARIANTS = 16;

/** Texts of AdmissionReviews that create an allowed HTTPRoute, each as near to the size (bytes) as whole matches or headers come. */
export function benchReviews(size: number): readonly string[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const shape: Shape = { rules: 1, matches: 1, headers: 1 };
    let text = review(variant, shape);
    while (text.length < size) {
      // No API server sends more than the CRD allows: 16 rules, 128 matches in all of them, 16 headers a match.
      if (shape.rules < 16 && shape.rules <= shape.matches && (shape.rules + 1) * shape.matches <= 128)
        shape.rules += 1;
      else if (shape.rules * (shape.matches + 1) <= 128) shape.matches += 1;
      else shape.headers += 1;
      text = review(variant, shape);
    }
    return text;
  });
}

/** How much there is of what repeats itself: rules, matches of each, headers of each match. */
interface Shape {
  rules: number;
  matches: number;
  headers: number;
}

function review(variant: number, { rules, matches, headers }: Shape): string {
  const at = variant * 31;
  const namespace = namespaceName(at);
  const route: Manifest = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: `bench-${variant}`,
      namespace,
      uid: `10000000-0000-4000-8000-${String(variant).padStart(12, '0')}`,
      creationTimestamp: '2026-03-01T00:00:00Z',
      generation: 1,
      labels: { 'app.kubernetes.io/name': 'bench', 'app.kubernetes.io/part-of': 'shop' },
      managedFields: [
        {
          manager: 'kubectl',
          operation: 'Apply',
          apiVersion: 'gateway.networking.k8s.io/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:hostnames': {}, 'f:parentRefs': {}, 'f:rules': {} } },
        },
      ],
    },
    spec: {
      parentRefs: [parentRef(at)],
      hostnames: [`bench-${variant}.${namespace}.example.com`],
      rules: Array.from({ length: rules }, (_, rule) => ({
        matches: Array.from({ length: matches }, (__, match) => ({
          path: { type: 'PathPrefix', value: `/bench-${variant}/rule-${rule}/match-${match}` },
          headers: Array.from({ length: headers }, (___, header) => ({
            type: 'Exact',
            name: header === 0 ? 'x-version' : `x-bench-header-${header}`,
            value: `v${match}`,
          })),
        })),
        filters: FILTERS,
        backendRefs: [{ group: '', kind: 'Service', name: `service-${rule % 10}`, port: 80, weight: 1 }],
      })),
    },
  };
  return JSON.stringify(reviewOf('CREATE', route));
}

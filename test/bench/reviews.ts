import { reviewOf, type Manifest } from '../support/review.ts';
import { FILTERS, namespaceName, parentRef } from './world.ts';

/** Different reviews of one size, so that nothing is measured twice over the same names. */
const VARIANTS = 16;

/** Texts of AdmissionReviews that create an allowed HTTPRoute, each as near to the size (bytes) as whole matches come. */
export function benchReviews(size: number): readonly string[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    let rules = 1;
    let matches = 1;
    let text = review(variant, rules, matches);
    while (text.length < size) {
      // As the CRD allows: at most 16 rules of 64 matches.
      if (rules < 16 && rules <= matches) rules += 1;
      else matches += 1;
      text = review(variant, rules, matches);
    }
    return text;
  });
}

function review(variant: number, rules: number, matches: number): string {
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
          headers: [{ type: 'Exact', name: 'x-version', value: `v${match}` }],
        })),
        filters: FILTERS,
        backendRefs: [{ group: '', kind: 'Service', name: `service-${rule % 10}`, port: 80, weight: 1 }],
      })),
    },
  };
  return JSON.stringify(reviewOf('CREATE', route));
}

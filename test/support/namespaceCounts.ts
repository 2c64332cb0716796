import type { NamespaceCounts } from '#gateway';

/** What counts say: each namespace with its count, sorted, and how many namespaces they say they have. */
export function countsOf(counts: NamespaceCounts): readonly [number, ...(readonly [string, number | undefined])[]] {
  const rows = [...counts.keys()].sort().map((namespace) => [namespace, counts.get(namespace)] as const);
  return [counts.size, ...rows];
}

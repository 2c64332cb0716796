import { KINDS, type KindName } from '#gateway';
import type { Policy } from '#policy';

/**
 * The kinds that a server must see: what policies judge, for the audit, and what they read. Secrets are never among them: RBAC cannot give
 * their metadata without their data, so rules about certificates stay unverified.
 */
function kindsInSight(policies: readonly Policy[]): readonly KindName[] {
  const kinds = new Set(policies.flatMap(({ subjects, reads }) => [...subjects, ...reads]));
  kinds.delete('Secret');
  kinds.delete('VendorPolicy');
  return [...kinds].sort();
}

/** ClusterRole and ClusterRoleBinding of the ServiceAccount `gateward`: read what policies judge and read, nothing else, and write nothing. */
export function clusterAccess(policies: readonly Policy[], namespace: string): readonly unknown[] {
  const byGroup = new Map<string, string[]>();
  for (const kind of kindsInSight(policies)) {
    const { group, plural } = KINDS[kind];
    byGroup.set(group, [...(byGroup.get(group) ?? []), plural]);
  }
  const metadata = { name: 'gateward', labels: { 'app.kubernetes.io/part-of': 'gateward' } };
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [...byGroup]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([group, resources]) => ({
          apiGroups: [group],
          resources: [...resources].sort(),
          verbs: ['get', 'list', 'watch'],
        })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gateward' },
      subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace }],
    },
  ];
}

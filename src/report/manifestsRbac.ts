import { KINDS, compareText, parseApiVersion, type KindName } from '#gateway';
import type { Policy, VendorKind } from '#policy';
import { POLICY_API_VERSION } from '../config/index.ts';
import { documentKinds, pluralOf } from './manifestsCrds.ts';
import { REPORT_APIS, REPORT_NAME } from './policyReport.ts';
import { vendorResources } from './vendorResources.ts';

/** The Lease that the leader holds. */
export const LEASE_NAME = 'gateward';

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

/** Kinds that a server lists and watches, and never asks for by name: no finding rests on one such object that is not there. */
const NEVER_ASKED: ReadonlySet<KindName> = new Set([
  'BackendLBPolicy',
  'BackendTLSPolicy',
  'CustomResourceDefinition',
  'Ingress',
  'ReferenceGrant',
  'XBackendTrafficPolicy',
  'XMesh',
]);

/** Whether a server may ask for one object of a kind, as it does before it denies for want of it. */
export function mayAskFor(kind: KindName): boolean {
  return !NEVER_ASKED.has(kind);
}

/** One rule of a role. */
interface AccessRule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

function readRules(policies: readonly Policy[]): readonly AccessRule[] {
  const inSight = kindsInSight(policies).map((kind) => ({ ...KINDS[kind], asked: mayAskFor(kind) }));
  const byRight = Map.groupBy(inSight, ({ group, asked }) => `${group} ${asked}`);
  return [...byRight.values()].map((kinds) => ({
    apiGroups: [kinds[0]?.group ?? ''],
    resources: kinds.map(({ plural }) => plural).sort(),
    verbs: kinds[0]?.asked === true ? ['get', 'list', 'watch'] : ['list', 'watch'],
  }));
}

/** Where the leader writes: the status of policy documents, and reports of its own name. */
function ownRules(policies: readonly Policy[]): readonly AccessRule[] {
  const plurals = documentKinds(policies).map(pluralOf).sort();
  const { group } = parseApiVersion(POLICY_API_VERSION);
  return [
    { apiGroups: [group], resources: plurals, verbs: ['list', 'watch'] },
    { apiGroups: [group], resources: plurals.map((plural) => `${plural}/status`), verbs: ['patch'] },
    ...Object.values(REPORT_APIS).flatMap(({ apiVersion, cluster, namespaced }): readonly AccessRule[] => {
      const { group: apiGroup } = parseApiVersion(apiVersion);
      const reports = { apiGroups: [apiGroup], resources: [cluster, namespaced].map(pluralOf) } as const;
      return [
        { ...reports, verbs: ['list'] },
        // An apply has a name even where it makes the object.
        { ...reports, resourceNames: [REPORT_NAME], verbs: ['create', 'patch', 'delete'] },
      ];
    }),
  ];
}

/**
 * What the ServiceAccount `gateward` may do: read what policies judge and read, and the policy documents; write their status, the report
 * objects, and the Lease by which one replica leads. Nothing else.
 */
export function clusterAccess(policies: readonly Policy[], namespace: string): readonly unknown[] {
  const metadata = { name: 'gateward', labels: { 'app.kubernetes.io/part-of': 'gateward' } };
  const namespaced = { ...metadata, namespace };
  const subjects = [{ kind: 'ServiceAccount', name: 'gateward', namespace }];
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [...readRules(policies), ...ownRules(policies)].sort((a, b) =>
        compareText(a.apiGroups[0], b.apiGroups[0]),
      ),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'gateward' },
      subjects,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: namespaced,
      rules: [
        { ...leases, verbs: ['create'] },
        { ...leases, resourceNames: [LEASE_NAME], verbs: ['get', 'update'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: namespaced,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gateward' },
      subjects,
    },
  ];
}

/** What it may do besides for documents that hold hostnames: write HostnameClaims, all that it writes on behalf of a review. */
export function claimAccess(namespace: string): readonly unknown[] {
  const { group } = parseApiVersion(POLICY_API_VERSION);
  const verbs = ['create', 'delete', 'get', 'list', 'update'];
  return moreAccess('gateward-claims', namespace, [{ apiGroups: [group], resources: ['hostnameclaims'], verbs }]);
}

/** What it may do besides for documents that name kinds of vendors: see their objects, for the audit. */
export function vendorAccess(namespace: string, kinds: readonly VendorKind[]): readonly unknown[] {
  const rules = vendorResources(kinds).map(({ group, resources }) => ({
    apiGroups: [group] as const,
    resources,
    verbs: ['list', 'watch'],
  }));
  return moreAccess('gateward-vendors', namespace, rules);
}

/** A ClusterRole of its own, so that whoever applies what everybody gets takes nothing away. */
function moreAccess(name: string, namespace: string, rules: readonly AccessRule[]): readonly unknown[] {
  const metadata = { name, labels: { 'app.kubernetes.io/part-of': 'gateward' } };
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'gateward', namespace }],
    },
  ];
}

import { z } from 'zod';
import type { Policy } from '#policy';
import { roleDoor, type Access, type Installation, type RoleRule, type Seen } from '../cluster/installation.ts';
import { manifestObjects } from '../report/manifests.ts';
import { vendorAccess } from '../report/manifestsRbac.ts';
import type { InForce } from './inForce.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';

const kindDoor = z.object({ kind: z.string() });

/**
 * What Gateward's ServiceAccount may do, against what it needs for the policies that it is built with, for claims, and for the audit of vendors'
 * kinds, without which it serves all the same.
 */
export function accessLines(seen: Installation, known: readonly Policy[], force: Seen<InForce>): readonly Line[] {
  const check = 'access/roles';
  const where = `ServiceAccount ${seen.namespace}/gateward`;
  if ('unseen' in seen.access) return [unknown(check, where, seen.access.unseen)];
  const { value: access } = seen.access;
  const { namespace } = seen;
  const set = 'value' in force ? force.value.set : undefined;
  const holdsClaims = set?.holdsClaims === true;
  const vendorKinds = set?.policies.flatMap((policy) => policy.vendorKinds) ?? [];
  const missing = missingIn(manifestObjects('rbac', { policies: known, namespace, holdsClaims }), access);
  const unseen = missingIn(vendorAccess(namespace, vendorKinds), access);
  const all = [...missing, ...unseen];
  if (all.length === 0) return [ok(check, where, 'may do what the policies need')];
  const most = all.slice(0, 5).join('; ');
  const rest = all.length > 5 ? `; and ${all.length - 5} more` : '';
  const within = namespace === 'gateward-system' ? '' : ` --namespace ${namespace}`;
  const policies = holdsClaims || unseen.length > 0 ? ' --policies DIR' : '';
  const fix = `run gateward manifests rbac${within}${policies} | kubectl apply -f -`;
  return [(missing.length > 0 ? fail : warn)(check, where, `may not ${most}${rest}`, fix)];
}

/** What roles grant and the access does not. */
function missingIn(objects: readonly unknown[], { cluster, namespaced }: Access): readonly string[] {
  return objects.flatMap((object) => {
    const { kind } = kindDoor.parse(object);
    if (kind !== 'ClusterRole' && kind !== 'Role') return [];
    return roleDoor
      .parse(object)
      .rules.flatMap((rule) => missingOf(rule, kind === 'Role' ? [...cluster, ...namespaced] : cluster));
  });
}

/** What of a rule is granted by none of the others: `watch ingresses.networking.k8s.io`. */
function missingOf(wanted: RoleRule, granted: readonly RoleRule[]): readonly string[] {
  const has = (list: readonly string[], word: string): boolean => list.includes(word) || list.includes('*');
  return wanted.apiGroups.flatMap((group) =>
    wanted.resources.flatMap((resource) => {
      const verbs = wanted.verbs.filter(
        (verb) =>
          !granted.some(
            (rule) =>
              has(rule.apiGroups, group) &&
              has(rule.resources, resource) &&
              has(rule.verbs, verb) &&
              (rule.resourceNames.length === 0 ||
                wanted.resourceNames.some((name) => rule.resourceNames.includes(name))),
          ),
      );
      return verbs.length === 0 ? [] : [`${verbs.join(', ')} ${group === '' ? resource : `${resource}.${group}`}`];
    }),
  );
}

import { z } from 'zod';
import type { Policy } from '#policy';
import { roleDoor, type Installation, type RoleRule, type Seen } from '../cluster/installation.ts';
import { manifestObjects } from '../report/manifests.ts';
import type { InForce } from './inForce.ts';
import { fail, ok, unknown, type Line } from './line.ts';

const kindDoor = z.object({ kind: z.string() });

/** What Gateward's ServiceAccount may do, against what it needs for the policies that it is built with, and for claims. */
export function accessLines(seen: Installation, known: readonly Policy[], force: Seen<InForce>): readonly Line[] {
  const check = 'access/roles';
  const where = `ServiceAccount ${seen.namespace}/gateward`;
  if ('unseen' in seen.access) return [unknown(check, where, seen.access.unseen)];
  const { cluster, namespaced } = seen.access.value;
  const claims = 'value' in force && force.value.set.holdsClaims;
  const objects = manifestObjects('rbac', { policies: known, namespace: seen.namespace, holdsClaims: claims });
  const missing = objects.flatMap((object) => {
    const { kind } = kindDoor.parse(object);
    if (kind !== 'ClusterRole' && kind !== 'Role') return [];
    return roleDoor
      .parse(object)
      .rules.flatMap((rule) => missingOf(rule, kind === 'Role' ? [...cluster, ...namespaced] : cluster));
  });
  if (missing.length === 0) return [ok(check, where, 'may do what the policies need')];
  const most = missing.slice(0, 5).join('; ');
  const rest = missing.length > 5 ? `; and ${missing.length - 5} more` : '';
  const namespace = seen.namespace === 'gateward-system' ? '' : ` --namespace ${seen.namespace}`;
  const policies = claims ? ' --policies DIR' : '';
  const fix = `run gateward manifests rbac${namespace}${policies} | kubectl apply -f -`;
  return [fail(check, where, `may not ${most}${rest}`, fix)];
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

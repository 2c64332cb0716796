import type { Requester } from '#policy';

/**
 * The user that `--as` names, with the groups that the API server adds to an impersonated one (apiserver `filters/impersonation`): those of a
 * service account where none is named, and that of everybody who is known, or of everybody who is not.
 */
export function requesterOf(username: string, groups: readonly string[]): Requester {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username) ?? [];
  const own =
    groups.length === 0 && namespace !== undefined
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : groups;
  const everybody = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  const isNamed = own.includes('system:authenticated') || own.includes('system:unauthenticated');
  return { username, groups: isNamed ? own : [...own, everybody] };
}

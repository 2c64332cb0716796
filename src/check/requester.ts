import type { Requester } from '#policy';

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
/** What is read as a service account (apiserver `serviceaccount.SplitUsername`); anything else is a user. */
const SERVICE_ACCOUNT = new RegExp(
  `^system:serviceaccount:(?=[^:]{1,63}:)(${LABEL}):(?=.{1,253}$)${LABEL}(?:[.]${LABEL})*$`,
);

/**
 * The user that `--as` names, with the groups that the API server adds to an impersonated one (apiserver
 * `endpoints/filters/impersonation`): those of a service account where none is named, and that of everybody who is known. Whoever is named as
 * nobody known stays so, and `system:anonymous` always is.
 */
export function requesterOf(username: string, groups: readonly string[]): Requester {
  const namespace = SERVICE_ACCOUNT.exec(username)?.[1];
  const own =
    groups.length === 0 && namespace !== undefined
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : groups;
  const everybody = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  const isNamed = own.includes(everybody) || own.includes('system:unauthenticated');
  return { username, groups: isNamed ? own : [...own, everybody] };
}

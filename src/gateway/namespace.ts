import { NAMESPACE_NAME_LABEL, matchesSelector, type LabelSelector } from './labelSelector.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Whether a namespace matches a selector on its labels; `unknown` when the Namespace is not in sight and its name alone does not decide.
 * Every Namespace carries its name as the label `kubernetes.io/metadata.name`, shown or not.
 */
export function namespaceMatches(
  snapshot: Snapshot<'Namespace'>,
  selector: LabelSelector | undefined,
  namespace: string,
): boolean | 'unknown' {
  if (selector === undefined) return false;
  const object = snapshot.get('Namespace', '', namespace);
  const name = new Map([[NAMESPACE_NAME_LABEL, namespace]]);
  if (object !== undefined) {
    return matchesSelector(selector, Object.fromEntries([...Object.entries(object.metadata.labels ?? {}), ...name]));
  }
  const onName: LabelSelector = {
    matchLabels: Object.fromEntries(
      Object.entries(selector.matchLabels ?? {}).filter(([key]) => key === NAMESPACE_NAME_LABEL),
    ),
    matchExpressions: (selector.matchExpressions ?? []).filter((term) => term.key === NAMESPACE_NAME_LABEL),
  };
  if (!matchesSelector(onName, Object.fromEntries(name))) return false;
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  const nameTerms = Object.keys(onName.matchLabels ?? {}).length + (onName.matchExpressions ?? []).length;
  return terms === nameTerms ? true : 'unknown';
}

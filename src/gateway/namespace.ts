import {
  NAMESPACE_NAME_LABEL,
  matchesSelector,
  refusedTerm,
  unmatchedTerm,
  type LabelSelector,
} from './labelSelector.ts';
import type { NamespacesFrom } from './listener.ts';
import type { KubeObject } from './object.ts';
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
  if (object !== undefined) return matchesSelector(selector, labelsOf(object));
  const onName: LabelSelector = {
    matchLabels: Object.fromEntries(
      Object.entries(selector.matchLabels ?? {}).filter(([key]) => key === NAMESPACE_NAME_LABEL),
    ),
    matchExpressions: (selector.matchExpressions ?? []).filter((term) => term.key === NAMESPACE_NAME_LABEL),
  };
  if (!matchesSelector(onName, { [NAMESPACE_NAME_LABEL]: namespace })) return false;
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  const nameTerms = Object.keys(onName.matchLabels ?? {}).length + (onName.matchExpressions ?? []).length;
  if (terms === nameTerms) return true;
  return refusedTerm(selector) === undefined ? 'unknown' : false;
}

/** Whether a namespace may attach; the term of the selector it fails when that is known. */
export interface NamespaceAdmission {
  /** `unknown`: the labels of the Namespace decide, and they are out of sight. */
  readonly admitted: boolean | 'unknown';
  readonly term: string | undefined;
}

/**
 * Whether `allowedRoutes.namespaces` or `allowedListeners.namespaces` admits a namespace (gw: RouteNamespaces, ListenerNamespaces). `byDefault`
 * is what an absent `from` means. A selector counts with `from: Selector` only; `from: Selector` without one admits nobody.
 */
export function namespaceAdmission(
  snapshot: Snapshot<'Namespace'>,
  namespaces: NamespacesFrom | undefined,
  byDefault: 'Same' | 'None',
  ownerNamespace: string,
  namespace: string,
): NamespaceAdmission {
  switch (namespaces?.from ?? byDefault) {
    case 'All':
      return { admitted: true, term: undefined };
    case 'Same':
      return { admitted: namespace === ownerNamespace, term: undefined };
    case 'Selector': {
      const admitted = namespaceMatches(snapshot, namespaces?.selector, namespace);
      return { admitted, term: admitted === false ? failedTerm(snapshot, namespaces?.selector, namespace) : undefined };
    }
    default:
      return { admitted: false, term: undefined };
  }
}

function failedTerm(
  snapshot: Snapshot<'Namespace'>,
  selector: LabelSelector | undefined,
  namespace: string,
): string | undefined {
  const object = snapshot.get('Namespace', '', namespace);
  return unmatchedTerm(selector, object === undefined ? { [NAMESPACE_NAME_LABEL]: namespace } : labelsOf(object));
}

/** The labels of a Namespace, with the one that holds its name, shown or not. */
function labelsOf({ metadata: { name, labels } }: KubeObject): Readonly<Record<string, string>> | undefined {
  const isShown = labels !== undefined && Object.hasOwn(labels, NAMESPACE_NAME_LABEL);
  return isShown && labels[NAMESPACE_NAME_LABEL] === name ? labels : { ...labels, [NAMESPACE_NAME_LABEL]: name };
}

import { isSubdomain } from './object.ts';

/** Kubernetes `metav1.LabelSelector`: all terms must hold; the empty selector matches everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** One term of a selector. */
export interface LabelSelectorRequirement {
  readonly key: string;
  /** In | NotIn | Exists | DoesNotExist; anything else matches nothing. */
  readonly operator: string;
  readonly values?: readonly string[];
}

/** The label that every Namespace carries with its own name; set by the API server and immutable (KEP-2161). */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * Whether labels match a selector, as `labels.Selector` of apimachinery decides it: an absent key satisfies NotIn and DoesNotExist.
 * An absent selector matches nothing (`metav1.LabelSelectorAsSelector(nil)`). Labels may be named `constructor` or `__proto__`.
 */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return unmatchedTerm(selector, labels) === undefined;
}

/** The first term of the selector that the labels do not satisfy, as messages write it; undefined when all hold. */
export function unmatchedTerm(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (selector === undefined) return 'no selector';
  const { matchLabels = {}, matchExpressions = [] } = selector;
  for (const key in matchLabels) {
    if (!Object.hasOwn(matchLabels, key)) continue;
    const value = matchLabels[key] ?? '';
    if (label(labels, key) !== value || !isPair(key, value)) return `${key}=${value}`;
  }
  for (const term of matchExpressions) {
    if (!holds(term, label(labels, term.key)) || !isTerm(term)) return formatTerm(term);
  }
  return undefined;
}

/** The first term for which apimachinery refuses the whole selector, as messages write it: such a one matches nothing, whatever the labels. */
export function refusedTerm({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string | undefined {
  const pair = Object.entries(matchLabels).find(([key, value]) => !isPair(key, value));
  if (pair !== undefined) return pair.join('=');
  const term = matchExpressions.find((one) => !isTerm(one));
  return term && formatTerm(term);
}

/** Whether every Namespace matches a selector, whatever its labels: nothing is asked but that it has a name. */
export function matchesEveryNamespace({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  const isMet = (term: LabelSelectorRequirement): boolean =>
    term.key === NAMESPACE_NAME_LABEL && term.operator === 'Exists' && isTerm(term);
  return Object.keys(matchLabels).length === 0 && matchExpressions.every(isMet);
}

function label(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/**
 * In and NotIn have values, the others none; the key and the values are such as a label may have. Of a selector with any other term apimachinery
 * makes an error (`labels.NewRequirement`), and controllers no match.
 */
function isTerm({ key, operator, values = [] }: LabelSelectorRequirement): boolean {
  return (
    OPERATORS.includes(operator) &&
    (operator === 'In' || operator === 'NotIn') === values.length > 0 &&
    isLabelKey(key) &&
    values.every(isLabelValue)
  );
}

const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function isPair(key: string, value: string): boolean {
  return isLabelKey(key) && isLabelValue(value);
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Whether a label may have this key: a name, perhaps after a DNS subdomain and a slash (apimachinery `content.IsLabelKey`). */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  return name.length <= 63 && NAME.test(name) && (slash < 0 || isSubdomain(key.slice(0, slash)));
}

/** Whether a label may have this value (apimachinery `content.IsLabelValue`). */
export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && NAME.test(value));
}

function holds(term: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (term.operator) {
    case 'In':
      return value !== undefined && (term.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(term.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

function formatTerm(term: LabelSelectorRequirement): string {
  const values = `(${(term.values ?? []).join(', ')})`;
  switch (term.operator) {
    case 'In':
      return `${term.key} in ${values}`;
    case 'NotIn':
      return `${term.key} notin ${values}`;
    case 'Exists':
      return term.key;
    case 'DoesNotExist':
      return `!${term.key}`;
    default:
      return `${term.key} ${term.operator}`;
  }
}

/** A selector as `kubectl -l` writes it; the empty selector is `everything`. */
export function formatSelector(selector: LabelSelector): string {
  const terms = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(selector.matchExpressions ?? []).map(formatTerm),
  ];
  return terms.length === 0 ? 'everything' : terms.join(',');
}

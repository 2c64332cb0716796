import {
  KINDS,
  isLabelKey,
  isLabelValue,
  isVendorKind,
  kindOf,
  lifecycleOf,
  matchesSelector,
  namespaceKey,
  namespaceMatches,
  parseApiVersion,
  type FieldPath,
  type KindName,
  type KubeObject,
  type LabelSelector,
  type ObjectKey,
  type Snapshot,
} from '#gateway';
import { z } from 'zod';
import type { DocumentProblem } from './issue.ts';
import { OPERATIONS, type Operation, type Subject } from './subject.ts';

const KEY = 'is not the key of a label: letters, digits, "-", "_" and ".", perhaps after a DNS name and "/"';
const VALUE = 'is not the value of a label: at most 63 letters, digits, "-", "_" and "."';
const labelValue = z.string().refine(isLabelValue, VALUE);
const labels = z.record(z.string(), labelValue).superRefine((record, context) => {
  for (const key of Object.keys(record)) {
    if (!isLabelKey(key)) context.addIssue({ code: 'custom', path: [key], message: KEY });
  }
});

/** Kubernetes `metav1.LabelSelector`, as policy documents write it. */
export const labelSelectorSchema = z
  .strictObject({
    matchLabels: labels.optional().describe('Labels that must all be there with these values.'),
    matchExpressions: z
      .array(
        z
          .strictObject({
            key: z.string().min(1).refine(isLabelKey, KEY).describe('The label key.'),
            operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the key is compared.'),
            values: z.array(labelValue).optional().describe('The values of In and NotIn.'),
          })
          .refine((term) => term.operator.endsWith('In') === (term.values !== undefined && term.values.length > 0), {
            message: 'In and NotIn need values; Exists and DoesNotExist take none',
            path: ['values'],
          }),
      )
      .optional()
      .describe('Terms that must all hold.'),
  })
  .describe('A Kubernetes label selector; all parts must hold, an empty one matches everything.');

/** A group and kind, as `match.kinds` lists them. */
export const groupKindSchema = z.strictObject({
  group: z.string().describe('API group; "" is the core group.'),
  kind: z.string().min(1).describe('Kind.'),
});

/** Shape of the two ways to name namespaces; `exactlyOneOfNamespaces` says that just one is given. */
export const namespacesShape = {
  namespaces: z.array(z.string().min(1)).min(1).optional().describe('Names of namespaces.'),
  namespaceSelector: labelSelectorSchema.optional().describe('Namespaces by their labels.'),
};

/** Namespaces by name or by selector, never both. */
export interface NamespaceSet {
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceSelector?: z.infer<typeof labelSelectorSchema> | undefined;
}

/** Refinement for an object with {@link namespacesShape}: exactly one of the two is given. */
export const exactlyOneOfNamespaces: [(value: NamespaceSet) => boolean, { message: string }] = [
  (value) => (value.namespaces === undefined) !== (value.namespaceSelector === undefined),
  { message: 'give exactly one of namespaces and namespaceSelector' },
];

/** Whether a namespace is in a set; `unknown` when its labels are not in sight. An empty set (neither given) holds every namespace. */
export function namespaceIn(
  set: NamespaceSet,
  namespace: string,
  snapshot: Snapshot<'Namespace'>,
): boolean | 'unknown' {
  if (set.namespaces !== undefined) return set.namespaces.includes(namespace);
  if (set.namespaceSelector !== undefined)
    return namespaceMatches(snapshot, selectorOf(set.namespaceSelector), namespace);
  return true;
}

/** A parsed selector in the form of `#gateway`. */
export function selectorOf(selector: z.infer<typeof labelSelectorSchema>): LabelSelector {
  return {
    ...(selector.matchLabels === undefined ? {} : { matchLabels: selector.matchLabels }),
    ...(selector.matchExpressions === undefined
      ? {}
      : {
          matchExpressions: selector.matchExpressions.map((term) => ({
            key: term.key,
            operator: term.operator,
            ...(term.values === undefined ? {} : { values: term.values }),
          })),
        }),
  };
}

/** `spec.match` of every policy document, in the words of ValidatingAdmissionPolicy. */
export const matchSchema = z
  .strictObject({
    kinds: z
      .array(groupKindSchema)
      .optional()
      .describe('Kinds the document speaks about; empty = all that the policy covers.'),
    ...namespacesShape,
    objectSelector: labelSelectorSchema.optional().describe('Objects by their own labels.'),
    operations: z
      .array(z.enum(OPERATIONS))
      .optional()
      .describe('CREATE, UPDATE, DELETE; empty = all that the policy covers.'),
    excludedUsers: z.array(z.string()).optional().describe('Users whose writes this document does not judge.'),
    excludedGroups: z.array(z.string()).optional().describe('Groups whose writes this document does not judge.'),
  })
  .refine((match) => match.namespaces === undefined || match.namespaceSelector === undefined, {
    message: 'give only one of namespaces and namespaceSelector',
    path: ['namespaceSelector'],
  })
  .describe(
    'Which objects the document speaks about; empty = everything the policy covers. All given parts must hold; of namespaces only for what is in one.',
  );

/** A parsed `spec.match`. */
export type Match = z.infer<typeof matchSchema>;

/** Whether a document speaks about a subject; when that hangs on an object out of sight, that object's key. */
export type Applies = boolean | { readonly unknown: ObjectKey };

/**
 * What keeps a match from meaning anything that a policy judges; `judged` are the operations on its subjects. Which kinds vendors have nobody
 * can tell, so that a policy that judges theirs may name any in a group that can be a vendor's.
 */
export function matchProblems(
  { kinds = [], operations = [] }: Match,
  judged: ReadonlyMap<KindName, readonly Operation[]>,
): readonly DocumentProblem[] {
  const subjects = [...judged.keys()];
  const named = subjects.filter((subject) => kinds.some(({ group, kind }) => subject === kindOf(group, kind)));
  const all = new Set((named.length > 0 ? named : subjects).flatMap((subject) => judged.get(subject) ?? []));
  const problems: DocumentProblem[] = [];
  if (operations.length > 0 && !operations.some((operation) => all.has(operation))) {
    problems.push({
      path: ['match', 'operations'],
      message: `the policy judges none of these${named.length > 0 ? ' on the kinds of match.kinds' : ''}; it judges ${[...all].join(', ')}`,
    });
  }
  if (kinds.length === 0) return problems;
  const isVendors = kinds.map(({ group, kind }) => judged.has('VendorPolicy') && isVendorKind(group, kind));
  const unknown = kinds.flatMap((entry, at) =>
    isVendors[at] === true ? [] : unknownKind(entry, ['match', 'kinds', at], subjects),
  );
  if (unknown.length > 0 || named.length > 0 || isVendors.includes(true)) return [...problems, ...unknown];
  const known = subjects.map((subject) => (subject === 'VendorPolicy' ? 'kinds of vendors' : subject)).join(', ');
  return [...problems, { path: ['match', 'kinds'], message: `the policy judges none of these; it judges ${known}` }];
}

/** A kind that no bundle has any more is no mistake of the document. */
function unknownKind(
  { group, kind }: z.infer<typeof groupKindSchema>,
  path: FieldPath,
  subjects: readonly KindName[],
): readonly DocumentProblem[] {
  if (kindOf(group, kind) !== undefined || lifecycleOf(group, kind) !== undefined) return [];
  const message = `Gateward knows no kind "${kind}" in the group "${group}"`;
  const namesake = subjects.find((subject) => subject === kind);
  return namesake === undefined
    ? [{ path: [...path, 'kind'], message, expected: subjects }]
    : [{ path: [...path, 'group'], message, expected: [KINDS[namesake].group] }];
}

/** Whether a match leaves nobody out: none of its parts is given. */
export function isOpen(match: Match): boolean {
  return Object.values(match).every((part) => part === undefined || (Array.isArray(part) && part.length === 0));
}

/**
 * Whether all given parts of a match hold for a subject. The namespace of a Namespace is itself, and what is in none is left out by none, as in
 * ValidatingAdmissionPolicy. Labels count as they are and as they were: an UPDATE that takes a label away still concerns who is meant by it.
 */
export function applies(match: Match, subject: Subject, snapshot: Snapshot<'Namespace'>): Applies {
  if (match.kinds !== undefined && match.kinds.length > 0) {
    const { apiVersion, kind } = subject.object;
    const { group } = parseApiVersion(apiVersion);
    if (!match.kinds.some((entry) => entry.group === group && entry.kind === kind)) return false;
  }
  if (match.operations !== undefined && match.operations.length > 0 && !match.operations.includes(subject.operation)) {
    return false;
  }
  const { requester } = subject;
  if (requester !== undefined) {
    if (match.excludedUsers?.includes(requester.username) === true) return false;
    if (match.excludedGroups?.some((excluded) => requester.groups.includes(excluded)) === true) return false;
  }
  const { object, oldObject } = subject;
  if (match.objectSelector !== undefined) {
    const selector = selectorOf(match.objectSelector);
    const isSelected = (one: KubeObject): boolean => matchesSelector(selector, one.metadata.labels);
    if (!isSelected(object) && (oldObject === undefined || !isSelected(oldObject))) return false;
  }
  if (subject.kind === 'Namespace') return selectsNamespace(match, object) || selectsNamespace(match, oldObject);
  const { namespace } = subject;
  if (namespace === '') return true;
  const inNamespace = namespaceIn(match, namespace, snapshot);
  return inNamespace === 'unknown' ? { unknown: namespaceKey(namespace) } : inNamespace;
}

/** Whether a Namespace is among those that a match means, by its own name and labels. */
function selectsNamespace({ namespaces, namespaceSelector }: Match, object: KubeObject | undefined): boolean {
  if (object === undefined) return false;
  if (namespaces !== undefined) return namespaces.includes(object.metadata.name);
  return namespaceSelector === undefined || matchesSelector(selectorOf(namespaceSelector), object.metadata.labels);
}

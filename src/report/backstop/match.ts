import { KINDS, type KindName, type LabelSelector } from '#gateway';
import {
  celAll,
  celAny,
  celLabels,
  celNamespaceIn,
  celSelects,
  celText,
  celTexts,
  selectorOf,
  type Match,
} from '#policy';
import type { Exemption } from '../../engine/index.ts';

/** Kinds of one scope: of a Namespace the namespace is itself, and kinds of a cluster have none. */
type Scope = 'Namespaced' | 'Cluster' | 'Namespace';

/**
 * Whether a document speaks about the request, as `applies` has it: by the labels as they are or as they were. Kinds and operations are not
 * in it, since the API server is told of them otherwise.
 */
export function celApplies(match: Match, kinds: readonly KindName[]): string {
  return celAll([...requesters(match), ...objects(match, scopeOf(kinds), true)]);
}

/** Whether an exemption covers the object of the request, as it will be. */
export function celExempts({ match }: Exemption, kinds: readonly KindName[]): string {
  const { names, operations = [] } = match;
  // What is in no namespace is in none of those that an exemption names.
  const isNarrowed = match.namespaces !== undefined || match.namespaceSelector !== undefined;
  if (isNarrowed && scopeOf(kinds) === 'Cluster') return 'false';
  const named = (match.kinds ?? []).map(({ group, kind }) => `${group}/${kind}`);
  const isAll = named.length === 0 || kinds.every((kind) => named.includes(`${KINDS[kind].group}/${kind}`));
  return celAll([
    ...(isAll ? [] : [`request.kind.group + '/' + request.kind.kind in ${celTexts(named)}`]),
    ...(operations.length === 0 ? [] : [`request.operation in ${celTexts(operations)}`]),
    ...(names.length === 0 ? [] : [celAny(names.map(nameLike))]),
    ...requesters(match),
    ...objects(match, scopeOf(kinds), false),
  ]);
}

function scopeOf(kinds: readonly KindName[]): Scope {
  if (kinds.includes('Namespace')) return 'Namespace';
  return kinds.every((kind) => KINDS[kind].scope === 'Namespaced') ? 'Namespaced' : 'Cluster';
}

/** `*` stands for any characters. */
function nameLike(pattern: string): string {
  const regex = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return pattern.includes('*')
    ? `object.metadata.name.matches(${celText(`^${regex}$`)})`
    : `object.metadata.name == ${celText(pattern)}`;
}

function requesters({ excludedUsers = [], excludedGroups = [] }: Match): readonly string[] {
  return [
    ...(excludedUsers.length === 0 ? [] : [`!(request.userInfo.username in ${celTexts(excludedUsers)})`]),
    ...(excludedGroups.length === 0
      ? []
      : [`!request.userInfo.?groups.orValue([]).exists(group, group in ${celTexts(excludedGroups)})`]),
  ];
}

function objects(match: Match, scope: Scope, isAsItWasToo: boolean): readonly string[] {
  const either = (holds: (object: string) => string): string =>
    isAsItWasToo
      ? celAny([holds('object'), celAll([`request.operation == 'UPDATE'`, holds('oldObject')])])
      : holds('object');
  const selects = (selector: LabelSelector): string => either((object) => celSelects(selector, celLabels(object)));
  const { namespaces, namespaceSelector, objectSelector } = match;
  return [
    ...(objectSelector === undefined ? [] : [selects(selectorOf(objectSelector))]),
    ...(scope === 'Namespaced' && (namespaces !== undefined || namespaceSelector !== undefined)
      ? [celNamespaceIn(match)]
      : []),
    ...(scope === 'Namespace' && namespaces !== undefined
      ? [either((object) => `${object}.metadata.name in ${celTexts(namespaces)}`)]
      : []),
    ...(scope === 'Namespace' && namespaceSelector !== undefined ? [selects(selectorOf(namespaceSelector))] : []),
  ];
}

import { formatKind, formatSelector, namespaceKey, type ObjectKey, type ReferenceGrant, type Snapshot } from '#gateway';
import {
  exactlyOneOfNamespaces,
  groupKindSchema,
  namespaceIn,
  namespacesShape,
  selectorOf,
  type NamespaceSet,
} from '#policy';
import { z } from 'zod';

const kinds = z.array(groupKindSchema).default([]).describe('Groups and kinds; empty = any.');

/** One line of `allow`: what a grant may open to whom. */
export const allowSchema = z
  .strictObject({
    from: z
      .strictObject({ kinds, ...namespacesShape })
      .refine(...exactlyOneOfNamespaces)
      .describe('Who may refer.'),
    to: z
      .strictObject({ kinds, ...namespacesShape })
      .refine((to) => to.namespaces === undefined || to.namespaceSelector === undefined, {
        message: 'give only one of namespaces and namespaceSelector',
        path: ['namespaceSelector'],
      })
      .describe('What may be referred to; namespaces: where such a grant may stand, any when not given.'),
  })
  .describe('A pair of a grant must fit one line completely.');
/** See {@link allowSchema}. */
export type AllowLine = z.infer<typeof allowSchema>;

type From = ReferenceGrant['spec']['from'][number];
type To = ReferenceGrant['spec']['to'][number];

/** Whether a pair fits some line; when that hangs on labels out of sight, the Namespaces that carry them. */
export function fits(
  lines: readonly AllowLine[],
  namespace: string,
  from: From,
  to: To,
  snapshot: Snapshot<'Namespace'>,
): { readonly fits: boolean; readonly restsOn: readonly ObjectKey[] } {
  const restsOn = new Map<string, ObjectKey>();
  for (const line of lines) {
    if (!includes(line.from.kinds, from) || !includes(line.to.kinds, to)) continue;
    const answers = [
      [line.from, from.namespace],
      [line.to, namespace],
    ] as const satisfies readonly (readonly [NamespaceSet, string])[];
    const asked = answers.map(([set, name]) => [set, name, namespaceIn(set, name, snapshot)] as const);
    if (asked.every(([, , answer]) => answer === true)) return { fits: true, restsOn: [] };
    // Names that do not fit stay so, whatever the labels on the other end are.
    if (asked.some(([set, , answer]) => answer === false && set.namespaceSelector === undefined)) continue;
    for (const [, name, answer] of asked) {
      const byLabel = answer === 'unknown' || (!answer && snapshot.get('Namespace', '', name) !== undefined);
      if (byLabel) restsOn.set(name, namespaceKey(name));
    }
  }
  return { fits: false, restsOn: [...restsOn.values()] };
}

function includes(
  kinds: readonly { readonly group: string; readonly kind: string }[],
  end: { readonly group: string; readonly kind: string },
): boolean {
  return kinds.length === 0 || kinds.some(({ group, kind }) => group === end.group && kind === end.kind);
}

/** Lines as messages write them: `HTTPRoute, GRPCRoute of namespaces with tier=apps to Service`. */
export function describeLines(lines: readonly AllowLine[]): string {
  const written = lines.slice(0, 3).map(({ from, to }) => `${side(from)} to ${side(to)}`);
  return lines.length > 3 ? `${written.join('; ')}; and ${lines.length - 3} more` : written.join('; ');
}

function side({ kinds: list, namespaces, namespaceSelector }: AllowLine['from' | 'to']): string {
  const what = list.length === 0 ? 'any kind' : list.map(formatKind).join(', ');
  if (namespaceSelector !== undefined)
    return `${what} of namespaces with ${formatSelector(selectorOf(namespaceSelector))}`;
  return namespaces === undefined ? what : `${what} of ${namespaces.join(', ')}`;
}

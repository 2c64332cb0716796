import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  REFERRING_KINDS,
  type FieldPath,
  type KindName,
  type ReferenceGrant,
} from '#gateway';
import type { Edit, Fix } from '#policy';

/** The kinds that Gateway API's own fields can reach through a grant (objref, gw; GEP-1748). */
const TARGET_KINDS = ['Service', 'Secret', 'ConfigMap', 'ServiceImport', 'XBackend'] as const;

/** Groups in which a kind of Gateway API or of the core may be looked for by mistake. In any other group a kind is somebody else's. */
const FAMILIAR: readonly string[] = ['', 'core', 'v1', GATEWAY_GROUP, EXPERIMENTAL_GROUP, 'networking.k8s.io'];

/** An entry whose group and kind, compared as strings (rg), match nothing that Gateway API knows. */
export interface Misspelling {
  readonly path: FieldPath;
  readonly written: string;
  readonly advice: string;
  readonly fix: Fix | undefined;
}

/** The entries of a grant that spell a kind or its group in a way that nothing matches. */
export function misspellings({ spec }: ReferenceGrant): readonly Misspelling[] {
  return [
    ...spec.from.flatMap((entry, at) => misspelling(entry, ['spec', 'from', at], REFERRING_KINDS, spec.to)),
    ...spec.to.flatMap((entry, at) => misspelling(entry, ['spec', 'to', at], TARGET_KINDS, [entry])),
  ];
}

function misspelling(
  { group, kind }: { readonly group: string; readonly kind: string },
  path: FieldPath,
  known: readonly KindName[],
  opened: ReferenceGrant['spec']['to'],
): readonly Misspelling[] {
  if (!FAMILIAR.includes(group) || known.some((name) => name === kind && KINDS[name].group === group)) return [];
  const written = `${kind} in group "${group}"`;
  const meant = known.find((name) => folded(name) === folded(kind));
  if (meant !== undefined) {
    const right = KINDS[meant].group;
    const description = `write ${meant} in group "${right}"`;
    // What would open all objects of a kind, and opens nothing today, is left to a person.
    const edits: Edit[] = opened.some(({ name }) => name === undefined)
      ? []
      : [
          { op: 'replace', path: [...path, 'group'], value: right },
          { op: 'replace', path: [...path, 'kind'], value: meant },
        ];
    return [{ path, written, advice: `matches nothing; ${description}`, fix: { description, edits } }];
  }
  const isOurs = group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP;
  if (known !== REFERRING_KINDS || !isOurs) return [];
  return [{ path, written, advice: 'is no kind that refers across namespaces', fix: undefined }];
}

function folded(kind: string): string {
  return kind.toLowerCase().replace(/s$/, '');
}

import {
  addedSources,
  formatKey,
  formatKind,
  keyOf,
  kindOf,
  lostUses,
  REFERRING_KINDS,
  usesOf,
  type FieldPath,
  type GrantUse,
  type ObjectKey,
  type ReferenceGrant,
  type ReferenceSource,
  type ReferenceTarget,
  type ReferringKind,
  type Snapshot,
} from '#gateway';
import { listed } from '#policy';

/** At most so many references are looked at; a grant with more is not judged by its use. */
const LOOKED_AT = 1000;

/** What live references make of a grant. */
export interface Usage {
  readonly uses: readonly GrantUse[];
  /** All there are, and nothing that Gateward does not know can use the grant: what is not among `uses` is not used. */
  readonly isWhole: boolean;
  /** What could use it: any object of these kinds in these namespaces. */
  readonly sources: readonly (ObjectKey & { readonly kind: ReferringKind })[];
}

/** A part of a grant that nothing uses, as messages name it. */
export interface Unused {
  readonly path: FieldPath;
  readonly part: string;
}

/** The live references through a grant. */
export function usageOf(snapshot: Snapshot<ReferringKind>, grant: ReferenceGrant): Usage {
  const uses = [...usesOf(snapshot, grant).take(LOOKED_AT)];
  const sources = grant.spec.from.flatMap(({ group, kind, namespace }): Usage['sources'] => {
    const known = REFERRING_KINDS.find((name) => name === kindOf(group, kind));
    return known === undefined ? [] : [{ kind: known, namespace, name: '' }];
  });
  return { uses, sources, isWhole: uses.length < LOOKED_AT && sources.length === grant.spec.from.length };
}

/** The entries that no reference uses; the grant as a whole when none is used. */
export function unusedParts({ spec }: ReferenceGrant, { uses }: Usage): readonly Unused[] {
  if (uses.length === 0) return [{ path: ['spec'], part: 'this grant' }];
  const from = spec.from.flatMap((entry, at): Unused[] =>
    uses.some(({ reference }) => isFrom(reference, entry))
      ? []
      : [{ path: ['spec', 'from', at], part: describeSource(entry) }],
  );
  const to = spec.to.flatMap((entry, at): Unused[] =>
    uses.some(({ reference }) => isTo(reference, entry))
      ? []
      : [{ path: ['spec', 'to', at], part: `${formatKind(entry)} ${entry.name ?? '(any)'}` }],
  );
  return [...from, ...to];
}

/** The pairs of used entries that no reference uses: what the product of `from` and `to` opens beyond the relations meant. */
export function unusedPairs({ spec }: ReferenceGrant, { uses }: Usage): readonly string[] {
  return spec.from.flatMap((from) =>
    spec.to.flatMap((to) =>
      uses.some(({ reference }) => isFrom(reference, from) && isTo(reference, to))
        ? []
        : [`${describeSource(from)} to ${formatKind(to)} ${to.name ?? '(any)'}`],
    ),
  );
}

/** The names of a kind that references through the grant use, sorted. */
export function namesInUse(
  { uses }: Usage,
  kind: { readonly group: string; readonly kind: string },
): readonly string[] {
  const names = uses.filter(({ reference }) => isTo(reference, kind)).map(({ reference }) => reference.to.name);
  return [...new Set(names)].sort();
}

/** The references through a grant that no grant permits any more. */
export function lostBy(world: Snapshot<ReferringKind | 'ReferenceGrant'>, grant: ReferenceGrant): readonly GrantUse[] {
  return [...lostUses(world, grant).take(LOOKED_AT)];
}

/** Who loses a reference: by name where that may be said, else by kind and namespace, which stand in the grant itself. */
export function describeUsers(lost: readonly GrantUse[], name: (key: ObjectKey) => string): string {
  const named = new Set<string>();
  const counted = new Map<string, { readonly key: ObjectKey; readonly names: Set<string> }>();
  for (const { by } of lost) {
    const key = keyOf(by.kind, by.object);
    if (name(key) === formatKey(key)) named.add(formatKey(key));
    else {
      const group = counted.get(`${key.kind}/${key.namespace}`) ?? { key, names: new Set<string>() };
      counted.set(`${key.kind}/${key.namespace}`, group);
      group.names.add(key.name);
    }
  }
  const counts = [...counted.values()].map(
    ({ key, names }) => `${names.size} ${key.kind}${names.size > 1 ? 's' : ''} of ${key.namespace}`,
  );
  return listed([...[...named].sort(), ...counts]);
}

/** `HTTPRoute of team-web`. */
export function describeSource(source: ReferenceSource): string {
  return `${formatKind(source)} of ${source.namespace}`;
}

/** What a grant opens of a kind to a source beyond what it opened to it before, to follow the kind; empty where it opened nothing. */
export function describeOpened(
  grant: ReferenceGrant,
  old: ReferenceGrant | undefined,
  source: ReferenceSource,
  kind: Pick<ReferenceTarget, 'group' | 'kind'>,
): string {
  if (old === undefined || addedSources(grant, old).includes(source)) return '';
  const namesIn = ({ spec }: ReferenceGrant): ReadonlySet<string | undefined> =>
    new Set(spec.to.filter((entry) => entry.group === kind.group && entry.kind === kind.kind).map(({ name }) => name));
  const before = namesIn(old);
  if (before.size === 0 || before.has(undefined)) return '';
  const added = namesIn(grant).difference(before);
  if (added.has(undefined)) return ', now to all of them';
  return added.size === 0 ? '' : `, now to ${listed([...added].flatMap((name) => name ?? []))} too`;
}

/** What is lost: `Service api, Secret tls`. */
export function describeTargets(lost: readonly GrantUse[]): string {
  return listed([...new Set(lost.map(({ reference: { to } }) => `${formatKind(to)} ${to.name}`))].sort());
}

function isFrom({ from }: GrantUse['reference'], entry: ReferenceGrant['spec']['from'][number]): boolean {
  return entry.group === from.group && entry.kind === from.kind && entry.namespace === from.namespace;
}

function isTo({ to }: GrantUse['reference'], entry: ReferenceGrant['spec']['to'][number]): boolean {
  return entry.group === to.group && entry.kind === to.kind && (entry.name ?? to.name) === to.name;
}

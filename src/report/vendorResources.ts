import type { VendorKind } from '#policy';
import { pluralOf } from './manifestsCrds.ts';

/** Kinds of vendors as webhook rules and roles name them: the plurals of each group, sorted. */
export function vendorResources(
  kinds: readonly VendorKind[],
): readonly { readonly group: string; readonly resources: readonly string[] }[] {
  const groups = [...new Set(kinds.map(({ group }) => group))].sort();
  return groups.map((group) => {
    const ofGroup = kinds.filter((kind) => kind.group === group);
    const resources = new Set(ofGroup.map(({ kind, resource }) => resource ?? pluralOf(kind)));
    return { group, resources: [...resources].sort() };
  });
}

import { formatSelector } from '#gateway';
import { selectorOf, type NamespaceSet } from './match.ts';

/** One line of `owners` in a policy document: namespaces that share what they own. */
export interface OwnerLine extends NamespaceSet {
  /** Canonical; `*` stands for every name. */
  readonly hostnames: readonly string[];
  /** The document it stands in, and its position there. */
  readonly document: string;
  readonly at: number;
}

/** Several when several lines name the same hostname: they share it. */
export type OwnerLines = readonly [OwnerLine, ...OwnerLine[]];

/** A hostname that has owners. */
export interface OwnedHostname {
  readonly hostname: string;
  readonly owners: OwnerLines;
}

/** Who owns which hostname, of all documents of a policy together; the one table by which it judges. */
export interface HostnameOwners {
  /** The owned hostnames that cover all of this one, the most specific first: the first alone decides. */
  readonly over: (hostname: string) => readonly OwnedHostname[];
  /** The owned hostnames below a wildcard, sorted. */
  readonly below: (wildcard: string) => readonly OwnedHostname[];
}

/** The owners as messages name them: `namespace team-shop`, `namespaces a, b`, `namespaces with tier=platform`. */
export function describeOwners(owners: OwnerLines): string {
  return owners
    .map(({ namespaces = [], namespaceSelector }) => {
      if (namespaceSelector !== undefined) return `namespaces with ${formatSelector(selectorOf(namespaceSelector))}`;
      return namespaces.length === 1 ? `namespace ${namespaces.join()}` : `namespaces ${namespaces.join(', ')}`;
    })
    .join(' and ');
}

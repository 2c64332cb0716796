import {
  ANY,
  HostnameTable,
  canonicalHostname,
  covers,
  namespaceKey,
  wildcardsAbove,
  type ObjectKey,
  type Snapshot,
} from '#gateway';
import { listed, namespaceIn, type HostnameOwners, type OwnedHostname, type OwnerLine, type OwnerLines } from '#policy';

/** Whether a namespace may use a hostname. */
export interface Entitlement {
  readonly entitled: boolean;
  /** Who owns it; undefined when nobody does. */
  readonly owners: OwnerLines | undefined;
  /** The Namespace whose labels said no, or would have to be read to know. */
  readonly restsOn: readonly ObjectKey[];
}

/**
 * Who owns which hostname, of all documents together. The most specific line decides, and it alone: who owns `*.example.com` does not own
 * `shop.example.com` where that has a line of its own. A wildcard is asked for as a whole: the line that covers all of it decides, and
 * narrower lines below take nothing from it, because a narrower hostname wins wherever both are served.
 */
export class OwnerTable implements HostnameOwners {
  readonly #byHostname = new HostnameTable<[OwnerLine, ...OwnerLine[]]>();
  readonly #byNamespace = new Map<string, OwnerLine[]>();
  readonly #bySelector: OwnerLine[] = [];

  constructor(owners: readonly OwnerLine[]) {
    for (const owner of owners) {
      for (const hostname of owner.hostnames) {
        const known = this.#byHostname.get(hostname);
        if (known === undefined) this.#byHostname.set(hostname, [owner]);
        else known.push(owner);
      }
      if (owner.namespaces === undefined) this.#bySelector.push(owner);
      for (const namespace of owner.namespaces ?? []) {
        const known = this.#byNamespace.get(namespace);
        if (known === undefined) this.#byNamespace.set(namespace, [owner]);
        else known.push(owner);
      }
    }
  }

  readonly over = (hostname: string): readonly OwnedHostname[] =>
    [hostname, ...wildcardsAbove(hostname)].flatMap((candidate) => {
      const owners = this.#byHostname.get(candidate);
      return owners === undefined ? [] : [{ hostname: candidate, owners }];
    });

  readonly below = (wildcard: string): readonly OwnedHostname[] =>
    [...this.#byHostname.entries()]
      .filter(([hostname]) => hostname !== wildcard && covers(wildcard, hostname))
      .map(([hostname, owners]) => ({ hostname, owners }))
      .sort((a, b) => (a.hostname < b.hostname ? -1 : 1));

  /** Whether some line names just this hostname. */
  names(hostname: string): boolean {
    return this.#byHostname.get(hostname) !== undefined;
  }

  /** Whether a namespace may use a hostname. */
  entitlement(hostname: string, namespace: string, snapshot: Snapshot<'Namespace'>): Entitlement {
    const owners = this.#byHostname.nearest(hostname);
    if (owners === undefined) return { entitled: false, owners, restsOn: [] };
    const answers = owners.map((owner) => namespaceIn(owner, namespace, snapshot));
    if (answers.includes(true)) return { entitled: true, owners, restsOn: [] };
    const askedLabels =
      answers.includes('unknown') ||
      (owners.some(({ namespaceSelector }) => namespaceSelector !== undefined) &&
        snapshot.get('Namespace', '', namespace) !== undefined);
    return { entitled: false, owners, restsOn: askedLabels ? [namespaceKey(namespace)] : [] };
  }

  /**
   * Whether another namespace is the same owner as this one: both own just the same. Lines that many owners share, as a hostname that every
   * team may use, do not make them one.
   */
  sameOwnerAs(namespace: string, snapshot: Snapshot<'Namespace'>): (other: string) => boolean | 'unknown' {
    const mine: OwnerLine[] = [];
    let isUnsure = false;
    for (const owner of this.#linesThatMayHold(namespace)) {
      const answer = namespaceIn(owner, namespace, snapshot);
      if (answer === true) mine.push(owner);
      else isUnsure ||= answer === 'unknown';
    }
    return (other) => {
      if (mine.length === 0 && !isUnsure) return false;
      const shared = mine.map((owner) => namespaceIn(owner, other, snapshot));
      if (shared.includes(false)) return false;
      const further = this.#linesThatMayHold(other).filter((owner) => !mine.includes(owner));
      const answers = further.map((owner) => namespaceIn(owner, other, snapshot));
      if (answers.includes(true) && !isUnsure) return false;
      return isUnsure || shared.includes('unknown') || answers.includes('unknown') ? 'unknown' : true;
    };
  }

  /** What a namespace owns, as messages list it. */
  allowedTo(namespace: string, snapshot: Snapshot<'Namespace'>): string {
    const lines = this.#linesThatMayHold(namespace).filter((owner) => namespaceIn(owner, namespace, snapshot) === true);
    const hostnames = [...new Set(lines.flatMap((owner) => owner.hostnames))];
    return hostnames.length === 0 ? 'none' : listed(hostnames);
  }

  #linesThatMayHold(namespace: string): readonly OwnerLine[] {
    return [...(this.#byNamespace.get(namespace) ?? []), ...this.#bySelector];
  }
}

/** The canonical form of a hostname in a document, where `*` stands for every name; undefined when it is none. */
export function ownedHostname(text: string): string | undefined {
  if (text === ANY) return ANY;
  return text === '' ? undefined : canonicalHostname(text);
}

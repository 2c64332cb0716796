import {
  ANY,
  compareSpecificity,
  covers,
  distinctKeys,
  formatKey,
  hostnameUses,
  ownerKey,
  wildcardsAbove,
  type HostnameUse,
  type HostnameUseKind,
  type KeyMaterialKind,
  type ListenerUse,
  type ObjectKey,
  type RouteUse,
  type Snapshot,
} from '#gateway';
import { namespaceIn, type HostnameOwners, type OwnedHostname } from '#policy';
import { hostCertificate, type HostCertificate } from './certificate.ts';

/** The kinds that the list of hostnames reads. */
export type HostsKind = HostnameUseKind | KeyMaterialKind;

/** Why a hostname is not settled. */
export interface HostConflict {
  readonly kind: 'not-owner' | 'several-owners' | 'shadowed' | 'ingress';
  /** A sentence without its full stop. */
  readonly message: string;
  /** Whom it is about. */
  readonly objects: readonly ObjectKey[];
}

/** A listener of a hostname with the certificate that it would show. */
export interface HostListener {
  readonly use: ListenerUse;
  /** Undefined when the listener does not terminate TLS. */
  readonly certificate: HostCertificate | undefined;
}

/** A hostname in use. */
export interface Host {
  readonly hostname: string;
  readonly listeners: readonly HostListener[];
  readonly routes: readonly RouteUse[];
  readonly ingresses: readonly ObjectKey[];
  /** The line of the documents that decides who owns it; undefined when none does, or no documents are known. */
  readonly owner: OwnedHostname | undefined;
  readonly conflicts: readonly HostConflict[];
}

/** Which hostnames are listed; all that is given must hold. */
export interface HostFilter {
  /** Used by an object of this namespace. */
  readonly namespace: string | undefined;
  /** Owned by this namespace. */
  readonly owner: string | undefined;
  readonly unowned: boolean;
  readonly conflicts: boolean;
}

/** At most so many names in a message. */
const NAMED = 3;

/**
 * Every hostname in use with its listeners, routes, owner, certificates and conflicts, by domain. `owners` is undefined when no documents are
 * known; `now` in milliseconds since the epoch, for certificates.
 */
export function listHosts(
  snapshot: Snapshot<HostsKind>,
  owners: HostnameOwners | undefined,
  filter: HostFilter,
  now: number,
): readonly Host[] {
  const uses = hostnameUses(snapshot);
  const conflictsOf = conflictsIn(uses, owners, snapshot);
  return uses
    .map((use): Host => {
      const [owner] = owners?.over(use.hostname) ?? [];
      return {
        ...use,
        listeners: use.listeners.map((listener) => ({
          use: listener,
          certificate: hostCertificate(snapshot, listener, use.hostname, now),
        })),
        owner,
        conflicts: conflictsOf(use),
      };
    })
    .filter(
      (host) =>
        (filter.namespace === undefined || namespacesOf(host).includes(filter.namespace)) &&
        (filter.owner === undefined || isOwner(host.owner, filter.owner, snapshot) === true) &&
        (!filter.unowned || host.owner === undefined) &&
        (!filter.conflicts || host.conflicts.length > 0),
    );
}

function namespacesOf({ listeners, routes, ingresses }: Host): readonly string[] {
  const holders = listeners.map(({ use }) => ownerKey(use.owner));
  return [...holders, ...routes.map(({ key }) => key), ...ingresses].map(({ namespace }) => namespace);
}

function isOwner(
  owned: OwnedHostname | undefined,
  namespace: string,
  snapshot: Snapshot<'Namespace'>,
): boolean | 'unknown' {
  const answers = (owned?.owners ?? []).map((line) => namespaceIn(line, namespace, snapshot));
  return answers.includes(true) || (answers.includes('unknown') ? 'unknown' : false);
}

/** The conflicts of each hostname in use; what they are compared with is looked up, not looked through. */
function conflictsIn(
  uses: readonly HostnameUse[],
  owners: HostnameOwners | undefined,
  snapshot: Snapshot<'Namespace'>,
): (use: HostnameUse) => readonly HostConflict[] {
  const listeners: Listeners = new Map(uses.map((use) => [use.hostname, Map.groupBy(use.listeners, portOf)]));
  const below = new Map<string, HostnameUse[]>();
  for (const use of uses) {
    // Whoever has no hostname is a matter of its own.
    for (const wildcard of wildcardsAbove(use.hostname).filter((above) => above !== ANY)) {
      const known = below.get(wildcard);
      if (known === undefined) below.set(wildcard, [use]);
      else known.push(use);
    }
  }
  return (use) => {
    const [owned] = owners?.over(use.hostname) ?? [];
    return [
      ...(owned === undefined ? severalOwners(use) : notOwners(use, owned, snapshot)),
      ...shadowedListeners(use, listeners),
      ...shadowedBelow(use, below.get(use.hostname) ?? [], owners, snapshot),
      ...besideIngresses(use),
    ];
  };
}

/** The listeners of each hostname in use, by {@link portOf}. */
type Listeners = ReadonlyMap<string, ReadonlyMap<string | undefined, readonly ListenerUse[]>>;

/** The port of a Gateway on which a listener listens; undefined where the Gateway is not in sight. */
function portOf({ gateway, listener }: ListenerUse): string | undefined {
  return gateway && `${formatKey(gateway)} ${listener.port}`;
}

/** The holders of a hostname: its routes, and the listeners that name it. */
function holdersOf({ hostname, routes, listeners }: HostnameUse): {
  readonly routes: readonly ObjectKey[];
  readonly listeners: readonly ObjectKey[];
} {
  const naming = listeners.filter((listener) => listener.hostname === hostname).map(({ owner }) => ownerKey(owner));
  return { routes: routes.map(({ key }) => key), listeners: distinctKeys(naming) };
}

function notOwners(use: HostnameUse, owned: OwnedHostname, snapshot: Snapshot<'Namespace'>): readonly HostConflict[] {
  const { routes, listeners } = holdersOf(use);
  const strangers = [...routes, ...listeners].filter(({ namespace }) => isOwner(owned, namespace, snapshot) === false);
  if (strangers.length === 0) return [];
  const message = `${named(strangers)} ${strangers.length === 1 ? 'uses' : 'use'} it from a namespace that does not own it`;
  return [{ kind: 'not-owner', message, objects: strangers }];
}

/** Nobody owns it: then several namespaces must not hold it. Whoever has no hostname is a matter of its own. */
function severalOwners(use: HostnameUse): readonly HostConflict[] {
  if (use.hostname === ANY) return [];
  const { routes, listeners } = holdersOf(use);
  return [routes, listeners].flatMap((holders): readonly HostConflict[] => {
    const namespaces = [...new Set(holders.map(({ namespace }) => namespace))];
    if (namespaces.length < 2) return [];
    return [{ kind: 'several-owners', message: `held by several namespaces: ${named(holders)}`, objects: holders }];
  });
}

/** Routes behind a listener that never gets their requests: a more specific one of the Gateway and port does (gw: Listener.hostname). */
function shadowedListeners(use: HostnameUse, listeners: Listeners): readonly HostConflict[] {
  const above = [use.hostname, ...wildcardsAbove(use.hostname)];
  return use.routes.flatMap(({ key, through }) =>
    through.flatMap((listener): readonly HostConflict[] => {
      const port = portOf(listener);
      if (port === undefined) return [];
      const [nearer] = above
        .flatMap((hostname) => listeners.get(hostname)?.get(port) ?? [])
        .filter(
          (other) => covers(other.hostname, use.hostname) && compareSpecificity(other.hostname, listener.hostname) < 0,
        )
        .sort((a, b) => compareSpecificity(a.hostname, b.hostname));
      if (nearer === undefined || through.includes(nearer)) return [];
      const message = `${formatKey(key)} gets no requests through ${listenerName(listener)}: ${listenerName(nearer)} is more specific and does not take the route`;
      return [{ kind: 'shadowed', message, objects: [key, ownerKey(nearer.owner)] }];
    }),
  );
}

/** Narrower hostnames that take requests from the routes of a wildcard on the same Gateway, without a right to them. */
function shadowedBelow(
  use: HostnameUse,
  below: readonly HostnameUse[],
  owners: HostnameOwners | undefined,
  snapshot: Snapshot<'Namespace'>,
): readonly HostConflict[] {
  const served = new Map<string | undefined, Set<string>>();
  for (const { key, through } of use.routes) {
    for (const port of through.map(portOf)) served.set(port, (served.get(port) ?? new Set()).add(key.namespace));
  }
  const isServedElsewhere = (listener: ListenerUse, namespace: string): boolean => {
    const port = portOf(listener);
    const namespaces = port === undefined ? undefined : served.get(port);
    return namespaces !== undefined && namespaces.size > (namespaces.has(namespace) ? 1 : 0);
  };
  const takers = below.flatMap(({ hostname, routes }) => {
    const [owned] = owners?.over(hostname) ?? [];
    return routes
      .filter(({ key }) => owned === undefined || isOwner(owned, key.namespace, snapshot) === false)
      .filter(({ key, through }) => through.some((listener) => isServedElsewhere(listener, key.namespace)))
      .map(({ key }) => ({ hostname, key }));
  });
  if (takers.length === 0) return [];
  const [first, ...rest] = takers;
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  const message = `${first?.hostname ?? ''} of ${first === undefined ? '' : formatKey(first.key)}${more} is more specific and takes requests from it`;
  return [{ kind: 'shadowed', message, objects: takers.map(({ key }) => key) }];
}

function besideIngresses({ ingresses, routes, listeners, hostname }: HostnameUse): readonly HostConflict[] {
  const isServed = routes.length > 0 || listeners.some((listener) => listener.hostname === hostname);
  if (ingresses.length === 0 || !isServed || hostname === ANY) return [];
  return [
    {
      kind: 'ingress',
      message: `${named(ingresses)} ${ingresses.length === 1 ? 'has' : 'have'} it too`,
      objects: ingresses,
    },
  ];
}

/** `Gateway infra/public listener https`. */
export function listenerName({ owner, listener }: ListenerUse): string {
  return `${formatKey(ownerKey(owner))} listener ${listener.name}`;
}

function named(keys: readonly ObjectKey[]): string {
  const shown = keys.slice(0, NAMED).map(formatKey).join(', ');
  return keys.length > NAMED ? `${shown} and ${keys.length - NAMED} more` : shown;
}

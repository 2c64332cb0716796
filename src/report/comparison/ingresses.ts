import { ANY, canonicalHostname, darknessIn, type Snapshot, type WorldStatusKind } from '#gateway';

/** A hostname of an Ingress. */
export interface IngressHostname {
  /** `*` for a rule without host. */
  readonly hostname: string;
  /** Why no route serves it yet; undefined when one does. */
  readonly unserved: string | undefined;
}

/** The Ingresses that are left in a namespace. */
export interface IngressesLeft {
  readonly namespace: string;
  readonly ingresses: number;
  /** Sorted, each once. */
  readonly hostnames: readonly IngressHostname[];
}

/**
 * The Ingresses that have not been replaced, by namespace, with what is missing until they can go: a route for the hostname that its
 * controller has accepted on a programmed Gateway.
 */
export function ingressesLeft(
  snapshot: Snapshot<WorldStatusKind | 'Ingress'>,
  namespace: string | undefined,
): readonly IngressesLeft[] {
  const darkness = darknessIn(snapshot);
  const byNamespace = Map.groupBy(snapshot.list('Ingress', namespace), ({ metadata }) => metadata.namespace ?? '');
  return [...byNamespace.keys()].sort().map((name) => {
    const ingresses = byNamespace.get(name) ?? [];
    const hosts = ingresses.flatMap(({ spec }) => spec?.rules ?? []).map(({ host }) => canonicalHostname(host) ?? ANY);
    const hostnames = [...new Set(hosts)]
      .sort()
      .map((hostname) => ({ hostname, unserved: darkness(hostname)?.reason }));
    return { namespace: name, ingresses: ingresses.length, hostnames };
  });
}

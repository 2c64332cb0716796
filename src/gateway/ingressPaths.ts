import { ANY, canonicalHostname, isWildcard } from './hostname.ts';
import { INDEXES } from './indexes.ts';
import { ingressRules, type Ingress } from './ingress.ts';
import { isGoing } from './object.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Whether other Ingresses serve all paths that an Ingress has for a hostname, so that it can go without anything going dark: the one that an
 * ACME solver puts beside it for a moment, or one that replaces it. A wildcard above the hostname counts too, and in `after`, which is
 * what it becomes, a rule for every host; what is in no rule stays with its default backend. Paths are compared by element, as `Prefix` means them.
 */
export function isOnIngresses(
  snapshot: Snapshot<'Ingress'>,
  ingress: Ingress,
  hostname: string,
  after: Ingress | undefined,
): boolean {
  // No host of a rule: beside rules, ingress-nginx and Traefik send the requests for other hosts to no default backend.
  if (hostname === ANY && after?.spec?.defaultBackend !== undefined) return true;
  const { name, namespace } = ingress.metadata;
  // A rule of another for every host is mostly there for what nobody serves.
  const others = hostsOver(hostname)
    .filter((host) => host === hostname || host !== ANY)
    .flatMap((host) =>
      [...snapshot.lookup(INDEXES.ingressesByHostname, host)]
        .map(({ object }) => object)
        .filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace)
        .filter((other) => !isGoing(other))
        .flatMap((other) => pathsOf(other).get(host) ?? []),
    );
  const own = after === undefined ? [] : hostsOver(hostname).flatMap((host) => pathsOf(after).get(host) ?? []);
  const left = [...others, ...own];
  const { exact = [], prefixes = [] } = pathsOf(ingress).get(hostname) ?? {};
  return (
    [...exact].every((path) => left.some((other) => other.exact.has(path) || isUnder(path, other))) &&
    [...prefixes].every((path) => left.some((other) => isUnder(path, other)))
  );
}

/** The paths of an Ingress for a host; prefixes without the slash at their end. */
interface HostPaths {
  readonly exact: Set<string>;
  readonly prefixes: Set<string>;
  /** Of the prefixes: at no other place of a path does one end. */
  readonly lengths: Set<number>;
}

const PATHS = new WeakMap<Ingress, ReadonlyMap<string, HostPaths>>();

/**
 * The paths of an Ingress by host; a rule without any is served by the default backend, whatever the path. Made once: each host of an Ingress
 * asks for them, and it may have thousands.
 */
function pathsOf(ingress: Ingress): ReadonlyMap<string, HostPaths> {
  const known = PATHS.get(ingress);
  if (known !== undefined) return known;
  const paths = new Map<string, HostPaths>();
  for (const { host, http } of ingressRules(ingress)) {
    const hostname = canonicalHostname(host);
    if (hostname === undefined) continue;
    const own = paths.get(hostname) ?? { exact: new Set(), prefixes: new Set(), lengths: new Set() };
    paths.set(hostname, own);
    for (const { path = '/', pathType } of http?.paths ?? [{}]) {
      if (pathType === 'Exact') {
        own.exact.add(path);
        continue;
      }
      const prefix = path.replace(/\/$/, '');
      own.prefixes.add(prefix);
      own.lengths.add(prefix.length);
    }
  }
  PATHS.set(ingress, paths);
  return paths;
}

/** Whether a path is a prefix, or lies below one element by element. */
function isUnder(path: string, { prefixes, lengths }: HostPaths): boolean {
  if (prefixes.has(path)) return true;
  for (const length of lengths) if (path[length] === '/' && prefixes.has(path.slice(0, length))) return true;
  return false;
}

/** The hosts of Ingress rules that take the requests for one; a wildcard stands for one label (Kubernetes: IngressRule.host). */
function hostsOver(hostname: string): readonly string[] {
  if (hostname === ANY) return [ANY];
  return isWildcard(hostname) ? [hostname, ANY] : [hostname, `*${hostname.slice(hostname.indexOf('.'))}`, ANY];
}

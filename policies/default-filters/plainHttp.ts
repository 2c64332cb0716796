import {
  ANY,
  GATEWAY_GROUP,
  KINDS,
  LISTENER_KINDS,
  canonicalHostname,
  covers,
  intersect,
  kindOf,
  namespaceMatches,
  type GRPCRoute,
  type HTTPRoute,
  type Listener,
  type ListenerKind,
  type ObjectKey,
  type ParentReference,
  type Snapshot,
} from '#gateway';

/** A parentRef over which a route would be served in plain text. */
export interface PlainParent {
  /** Its place in `spec.parentRefs`. */
  readonly at: number;
  readonly parent: ObjectKey;
  /** The first listener of protocol HTTP that takes the route. */
  readonly listener: string;
  /** Whether the listener takes the route hangs on the labels of a Namespace that is not in sight. */
  readonly uncertain: boolean;
  /** The HTTPS listener of the same parent that serves all that the HTTP one would, when it is the only one. */
  readonly pin: string | undefined;
}

/** The parentRefs by which a route attaches to a listener of protocol HTTP, in order. Parents out of sight are not judged. */
export function plainParents(
  kind: 'HTTPRoute' | 'GRPCRoute',
  route: HTTPRoute | GRPCRoute,
  snapshot: Snapshot<ListenerKind | 'Namespace'>,
): readonly PlainParent[] {
  const refs = route.spec.parentRefs ?? [];
  return refs.flatMap((ref, at): readonly PlainParent[] => {
    const parent = parentKey(ref, route);
    const listeners =
      parent === undefined ? undefined : snapshot.get(parent.kind, parent.namespace, parent.name)?.spec.listeners;
    if (parent === undefined || listeners === undefined) return [];
    const takers = listeners
      .filter(({ name, port }) => (ref.sectionName ?? name) === name && (ref.port ?? port) === port)
      .map((listener) => ({ listener, takes: takes(listener, parent, kind, route, snapshot) }))
      .filter(({ takes: answer }) => answer !== false);
    const plain = takers.filter(({ listener }) => listener.protocol === 'HTTP');
    const first = plain.find((one) => one.takes === true) ?? plain[0];
    if (first === undefined) return [];
    const isPinnable =
      ref.sectionName === undefined &&
      ref.port === undefined &&
      refs.every((other) => other === ref || !isSame(parentKey(other, route), parent));
    const secure = takers.filter(({ listener }) => listener.protocol === 'HTTPS');
    const [only, ...others] = secure;
    const serves = plain.flatMap(({ listener }) => servedHostnames(listener, route));
    const pin =
      isPinnable &&
      only?.takes === true &&
      others.length === 0 &&
      serves.every((hostname) => covers(hostnameOf(only.listener), hostname));
    return [
      {
        at,
        parent,
        listener: first.listener.name,
        uncertain: first.takes === 'unknown',
        pin: pin ? only.listener.name : undefined,
      },
    ];
  });
}

function parentKey(
  ref: ParentReference,
  route: HTTPRoute | GRPCRoute,
): (ObjectKey & { readonly kind: ListenerKind }) | undefined {
  const named = kindOf(ref.group ?? GATEWAY_GROUP, ref.kind ?? 'Gateway');
  const kind = LISTENER_KINDS.find((known) => known === named);
  const namespace = ref.namespace ?? route.metadata.namespace ?? '';
  return kind === undefined ? undefined : { kind, namespace, name: ref.name };
}

function isSame(a: ObjectKey | undefined, b: ObjectKey): boolean {
  return a?.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** Whether a listener lets the route's kind and namespace in and serves one of its hostnames (gw: allowedRoutes; doc hostnames). */
function takes(
  listener: Listener,
  parent: ObjectKey,
  kind: 'HTTPRoute' | 'GRPCRoute',
  route: HTTPRoute | GRPCRoute,
  snapshot: Snapshot<'Namespace'>,
): boolean | 'unknown' {
  const { kinds, namespaces } = listener.allowedRoutes ?? {};
  const isKindAllowed = (kinds ?? []).some(
    (allowed) => (allowed.group ?? GATEWAY_GROUP) === KINDS[kind].group && allowed.kind === kind,
  );
  if (kinds !== undefined && kinds.length > 0 && !isKindAllowed) return false;
  if (servedHostnames(listener, route).length === 0) return false;
  const namespace = route.metadata.namespace ?? '';
  switch (namespaces?.from ?? 'Same') {
    case 'All':
      return true;
    case 'Same':
      return namespace === parent.namespace;
    case 'Selector':
      return namespaceMatches(snapshot, namespaces?.selector, namespace);
    default:
      return false;
  }
}

/** What the listener would serve of the route: hostnames of both. */
function servedHostnames(listener: Listener, route: HTTPRoute | GRPCRoute): readonly string[] {
  const declared = route.spec.hostnames ?? [];
  const hostnames = declared.length === 0 ? [ANY] : declared.flatMap((text) => canonicalHostname(text) ?? []);
  return hostnames.flatMap((hostname) => intersect(hostnameOf(listener), hostname) ?? []);
}

function hostnameOf(listener: Listener): string {
  return canonicalHostname(listener.hostname) ?? ANY;
}

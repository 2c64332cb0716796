import {
  ANY,
  attachments,
  canonicalHostname,
  covers,
  isParent,
  isSameOwner,
  ownerKey,
  parentsOf,
  type AttachmentKind,
  type FieldPath,
  type Indexed,
  type NoParent,
  type ObjectKey,
  type Parent,
  type ParentReference,
  type Snapshot,
} from '#gateway';

/** A parent over which a route would be served in plain text. */
export interface PlainParent {
  /** What names the parent in the route. */
  readonly path: FieldPath;
  readonly parent: ObjectKey;
  /** How the route refers to it; undefined for a default Gateway. */
  readonly ref: ParentReference | undefined;
  /** The first listener of protocol HTTP that takes the route. */
  readonly listener: string;
  /** All of them. */
  readonly listeners: readonly string[];
  /** Whether the listener takes the route hangs on the labels of a Namespace that is not in sight. */
  readonly uncertain: boolean;
  /** The HTTPS listener of the same parent that serves all that the HTTP one would, when it is the only one. */
  readonly pin: string | undefined;
}

/** The parents by which a route attaches to a listener of protocol HTTP, in its order. Parents out of sight are not judged. */
export function plainParents(
  route: Indexed<'HTTPRoute' | 'GRPCRoute'>,
  snapshot: Snapshot<AttachmentKind>,
): readonly PlainParent[] {
  if (!parentsOf(snapshot, route).some(({ parent }) => hasPlainListener(parent))) return [];
  const all = attachments(snapshot, route);
  return all.flatMap(({ claim, parent: { owner }, listeners }): readonly PlainParent[] => {
    const takers = listeners.filter(({ attached }) => attached !== false);
    const plain = takers.filter(({ listener }) => listener.protocol === 'HTTP');
    const first = plain.find(({ attached }) => attached === true) ?? plain[0];
    if (first === undefined) return [];
    const isPinnable =
      claim.path !== undefined &&
      all.every((other) => other.claim === claim || !isSameOwner(other.parent.owner, owner));
    const [secure, ...others] = takers.filter(({ listener }) => listener.protocol === 'HTTPS');
    const served = plain.flatMap(({ hostnames }) => hostnames);
    const isEnough =
      secure?.attached === true &&
      others.length === 0 &&
      served.every((hostname) => covers(canonicalHostname(secure.listener.hostname) ?? ANY, hostname));
    return [
      {
        path: claim.path ?? ['spec', 'useDefaultGateways'],
        parent: ownerKey(owner),
        ref: claim.path === undefined ? undefined : claim.ref,
        listener: first.listener.name,
        listeners: plain.map(({ listener }) => listener.name),
        uncertain: first.attached === 'unknown',
        pin: isPinnable && isEnough ? secure.listener.name : undefined,
      },
    ];
  });
}

/** Most parents have none, and then nobody need know who attaches to what. */
function hasPlainListener(parent: Parent | NoParent): boolean {
  return isParent(parent) && parent.owner.object.spec.listeners.some(({ protocol }) => protocol === 'HTTP');
}

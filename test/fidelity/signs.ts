/** What classes of disagreements go by: small questions about one comparison and the run around it. */
import type { Listener } from '#gateway';
import type { Manifest } from './api.ts';
import type { Comparison } from './compare.ts';
import { anchorsOf, namespaceOf, specOf, type Evidence, type Ref } from './evidence.ts';

/** The question is about a parentRef of a route. */
export function isRoute(c: Comparison): boolean {
  return c.kind.endsWith('Route');
}

/** The question is about one listener. */
export function isListener(c: Comparison): boolean {
  return c.at.startsWith('listeners[');
}

/** The question is `ResolvedRefs` of a route. */
export function isResolvedRefs(c: Comparison): boolean {
  return isRoute(c) && c.question === 'ResolvedRefs';
}

/** Predicted programmed, actually not. */
export function isUnprogrammed(c: Comparison): boolean {
  return c.question === 'Programmed' && c.ours.startsWith('True/') && c.theirs.startsWith('False/');
}

/** The parentRef in question. */
export function refOf(c: Comparison): Ref {
  return specOf(c.object).parentRefs?.[Number(/\d+/.exec(c.at)?.[0])] ?? { name: '' };
}

/** The listener in question. */
export function listenerOf(c: Comparison): Listener | undefined {
  return specOf(c.object).listeners?.find(({ name }) => c.at === `listeners[${name}]`);
}

/** What the controller answers to another question at the same place. */
export function theirs(c: Comparison, question: string): string {
  return c.context.theirs.get(question) ?? 'absent';
}

/** What the controller answers elsewhere. */
export function theirAnswer(
  evidence: Evidence,
  object: { kind: string } & Comparison['object'],
  at: string,
  question: string,
): string {
  const kind = object.kind === 'Gateway' ? 'Gateway' : 'ListenerSet';
  return (
    evidence.about(kind, object).find((other) => other.at === at && other.question === question)?.theirs ?? 'absent'
  );
}

/** Whether one side calls a listener conflicted. */
export function isConflicted(answers: ReadonlyMap<string, string>): boolean {
  return (answers.get('Conflicted') ?? '').startsWith('True/');
}

/** A TLS listener in mode Terminate. */
export function terminatesTLS({ protocol, tls }: Listener): boolean {
  return protocol === 'TLS' && (tls?.mode ?? 'Terminate') === 'Terminate';
}

/** A list of kinds but for TCPRoute. */
export function withoutTCP(kinds: string): string {
  return kinds
    .split(',')
    .filter((kind) => kind !== 'TCPRoute' && kind !== 'none')
    .join();
}

/** Other parentRefs of the route that differ in nothing but the port. */
export function portTwins(c: Comparison): readonly Ref[] {
  const key = ({ group, kind, namespace, name, sectionName }: Ref): string =>
    JSON.stringify([group, kind, namespace ?? namespaceOf(c.object), name, sectionName]);
  const self = refOf(c);
  return (specOf(c.object).parentRefs ?? []).filter((ref) => ref !== self && key(ref) === key(self));
}

/** The controller reads one grant per reference, found without regard to groups, and then minds the groups. */
export function isShadowed(c: Comparison, ref: Ref, evidence: Evidence): boolean {
  const [fromNamespace, toNamespace] = [namespaceOf(c.object), ref.namespace ?? ''];
  if (toNamespace === '' || toNamespace === fromNamespace) return false;
  return evidence.list('ReferenceGrant').some((grant) => {
    const { from = [], to = [] } = specOf(grant);
    const seen = from.filter(({ kind, namespace }) => kind === c.kind && namespace === fromNamespace);
    const meant = to.filter(({ kind, name }) => kind === (ref.kind ?? 'Service') && (name ?? ref.name) === ref.name);
    const right =
      seen.some(({ group }) => group === 'gateway.networking.k8s.io') &&
      meant.some(({ group }) => group === (ref.group ?? ''));
    return namespaceOf(grant) === toNamespace && seen.length > 0 && meant.length > 0 && !right;
  });
}

/** Whether another listener on the port names a hostname that a route could claim at this one. */
export function isRobbed(owner: Manifest, listener: Listener, evidence: Evidence): boolean {
  const claimed = evidence.claimsOn(owner).flatMap(({ route }) => specOf(route).hostnames ?? []);
  const names = new Set([...claimed, listener.hostname]);
  return evidence
    .family(owner)
    .some(
      (other) =>
        other.listener !== listener &&
        other.listener.port === listener.port &&
        other.listener.hostname !== undefined &&
        names.has(other.listener.hostname),
    );
}

/** Whether the controller refuses the Gateway as a whole, not for its listeners. */
export function isRefused(owner: Manifest, evidence: Evidence): boolean {
  const gateway = evidence.gatewayOf(owner);
  return (
    gateway !== undefined &&
    /^False\/(InvalidParameters|UnsupportedAddress)$/.test(theirAnswer(evidence, gateway, '', 'Accepted'))
  );
}

/** A filter that the controller does not support. */
export function hasForeignFilter(route: Manifest): boolean {
  return (specOf(route).rules ?? []).some(({ filters = [] }) =>
    filters.some(({ type }) => type === 'ExtensionRef' || type === 'ExternalAuth'),
  );
}

/** `from: Selector` without one, or with one that Kubernetes would not take. */
export function hasBadSelector(c: Comparison): boolean {
  const { from, selector } = listenerOf(c)?.allowedRoutes?.namespaces ?? {};
  if (from !== 'Selector') return false;
  if (selector === undefined) return true;
  return (selector.matchExpressions ?? []).some(({ operator, values = [] }) => {
    const takesValues = operator === 'In' || operator === 'NotIn';
    return (
      !['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator) ||
      (takesValues && values.length === 0) ||
      (!takesValues && values.length > 0)
    );
  });
}

/** The trust anchors for an HTTPS listener in question. */
export function anchors(c: Comparison, evidence: Evidence): readonly Ref[] {
  const gateway = evidence.gatewayOf(c.object);
  const listener = listenerOf(c);
  return gateway === undefined || listener?.protocol !== 'HTTPS' ? [] : anchorsOf(gateway, listener.port);
}

/** What the controller says of the other listeners on the port, those of the whole family; and of this one. */
export function neighbours(c: Comparison, evidence: Evidence): readonly ReadonlyMap<string, string>[] {
  const port = listenerOf(c)?.port;
  return evidence.family(c.object).flatMap(({ owner, listener }) => {
    const kind = owner.kind === 'Gateway' ? 'Gateway' : 'ListenerSet';
    const [said] = evidence.about(kind, owner).filter(({ at }) => at === `listeners[${listener.name}]`);
    return listener.port === port && said !== undefined ? [said.context.theirs] : [];
  });
}

/** Whether some resource of the family has two listeners on this port that one side or the other calls conflicted. */
export function hasSelfConflict(c: Comparison, evidence: Evidence): boolean {
  const port = listenerOf(c)?.port;
  const onPort = evidence.family(c.object).filter(({ listener }) => listener.port === port);
  return [...Map.groupBy(onPort, ({ owner }) => owner)].some(([owner, members]) => {
    const kind = owner.kind === 'Gateway' ? 'Gateway' : 'ListenerSet';
    const conflicted = members.filter(({ listener }) =>
      evidence
        .about(kind, owner)
        .some(
          ({ at, context }) =>
            at === `listeners[${listener.name}]` && (isConflicted(context.ours) || isConflicted(context.theirs)),
        ),
    );
    return conflicted.length > 1;
  });
}

import {
  ANY,
  INDEXES,
  attachments,
  canonicalHostname,
  covers,
  keyOf,
  wildcardsAbove,
  type Condition,
  type Indexed,
  type Ingress,
  type ObjectKey,
  type ParentReference,
  type Snapshot,
} from '#gateway';
import { definePolicy } from '#policy';

const READS = ['Gateway', 'GRPCRoute', 'HTTPRoute', 'Ingress', 'ListenerSet', 'TLSRoute', 'XListenerSet'] as const;
type Reads = (typeof READS)[number] | 'Namespace';

/** The move of a hostname from Ingress to Gateway API: not on both at once, and never on neither. */
export const ingressCutover = definePolicy({
  id: 'ingress-cutover',
  kind: 'IngressCutover',
  summary:
    'A hostname is not on an Ingress and a Route at once, and an Ingress goes only when a Route serves its hosts.',
  description: `During the move from Ingress to Gateway API a hostname may be served twice, by two data planes that DNS chooses between, or by none.
\`same-hostname\` tells of the first; it is expected while the move lasts, hence a warning. \`delete-too-early\` prevents the second: an Ingress,
or one of its hosts, may go only when a Route for the host is Accepted on a Gateway that is Programmed. Both are read from the status that
controllers have written, so the rule is certain in a cluster and unverified over files.`,
  subjects: ['Ingress', 'HTTPRoute', 'GRPCRoute', 'TLSRoute'],
  operations: { Ingress: ['CREATE', 'UPDATE', 'DELETE'] },
  reads: READS,
  options: {},
  messages: {
    'same-hostname': {
      severity: 'medium',
      why: 'Two data planes serve the hostname; which one answers depends on DNS, and they drift apart.',
      text: '{{path}}: "{{hostname}}" is also served by {{other}}. Finish the move: remove it there once this serves it',
    },
    'delete-too-early': {
      severity: 'critical',
      why: 'The hostname would go dark: no Route for it is Accepted on a Gateway that is Programmed.',
      text: '{{path}}: "{{hostname}}" would go dark: {{reason}}. Wait until a Route for it is Accepted on a Gateway that is Programmed, then remove the Ingress',
    },
  },
  bind: () => undefined,
  *evaluate(subject, { find, name, snapshot }) {
    if (subject.kind !== 'Ingress') {
      for (const [at, text] of (subject.object.spec.hostnames ?? []).entries()) {
        const hostname = canonicalHostname(text);
        const [entry] = hostname === undefined ? [] : snapshot.lookup(INDEXES.ingressesByHostname, hostname);
        if (entry === undefined) continue;
        const ingress = keyOf('Ingress', entry.object);
        yield find(
          'same-hostname',
          ['spec', 'hostnames', at],
          { hostname: text, other: name(ingress) },
          { related: [ingress] },
        );
      }
      return;
    }

    const goes = subject.operation === 'DELETE';
    const hosts = goes ? new Map<number, string>() : hostsOf(subject.object);
    for (const [at, hostname] of hosts) {
      const [route] = hostname === ANY ? [] : snapshot.lookup(INDEXES.routesByHostname, hostname);
      if (route === undefined) continue;
      const key = keyOf(route.kind, route.object);
      yield find('same-hostname', ['spec', 'rules', at, 'host'], { hostname, other: name(key) }, { related: [key] });
    }

    const before = goes ? subject.object : subject.oldObject;
    const told = new Set(hosts.values());
    for (const [at, hostname] of before === undefined ? [] : hostsOf(before)) {
      if (told.has(hostname)) continue;
      told.add(hostname);
      const dark = darkness(snapshot, hostname);
      if (dark === undefined) continue;
      yield find(
        'delete-too-early',
        goes ? ['spec', 'rules', at, 'host'] : ['spec', 'rules'],
        { hostname: hostname === ANY ? 'every other hostname' : hostname, reason: dark.reason },
        { related: dark.related, restsOn: SERVING },
      );
    }
  },
});

/** That nobody serves a hostname rests on there being no such route and Gateway anywhere. */
const SERVING: readonly ObjectKey[] = (['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'Gateway'] as const).map((kind) => ({
  kind,
  namespace: '',
  name: '',
}));

/** The hosts of an Ingress by the index of their rule; a rule without one serves every hostname. */
function hostsOf(ingress: Ingress): ReadonlyMap<number, string> {
  const hosts = new Map<number, string>();
  for (const [at, rule] of (ingress.spec?.rules ?? []).entries()) {
    const hostname = canonicalHostname(rule.host);
    if (hostname !== undefined) hosts.set(at, hostname);
  }
  return hosts;
}

type RouteEntry = Indexed<'HTTPRoute' | 'GRPCRoute' | 'TLSRoute'>;

/** The routes that declare a hostname covering all of this one, the nearest first, the hostless ones last. */
function* routesFor(snapshot: Snapshot<Reads>, hostname: string): Iterable<RouteEntry> {
  for (const key of new Set([hostname, ...wildcardsAbove(hostname)])) {
    yield* snapshot.lookup(INDEXES.routesByHostname, key);
  }
}

/**
 * Undefined when a controller has accepted a route for the hostname on a programmed Gateway; else why nobody serves it, of the nearest
 * candidate.
 */
function darkness(
  snapshot: Snapshot<Reads>,
  hostname: string,
): { readonly reason: string; readonly related: readonly ObjectKey[] } | undefined {
  let nearest: { readonly reason: string; readonly related: readonly ObjectKey[] } | undefined;
  for (const route of routesFor(snapshot, hostname)) {
    for (const { claim, parent, listeners } of attachments(snapshot, route)) {
      if (!listeners.some((listener) => listener.hostnames.some((served) => covers(served, hostname)))) continue;
      const gateway = keyOf('Gateway', parent.gateway);
      const related = [keyOf(route.kind, route.object), gateway];
      const accepted = (route.object.status?.parents ?? []).some(
        ({ parentRef, conditions }) => isSameParent(parentRef, claim.ref, route) && isTrue(conditions, 'Accepted'),
      );
      const programmed = isTrue(parent.gateway.status?.conditions, 'Programmed');
      if (accepted && programmed) return undefined;
      nearest ??= { reason: accepted ? 'its Gateway is not Programmed' : 'the Route for it is not Accepted', related };
    }
  }
  return nearest ?? { reason: 'no Route for it is attached to a Gateway', related: [] };
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function isSameParent(a: ParentReference, b: ParentReference, route: RouteEntry): boolean {
  const own = route.object.metadata.namespace;
  return (
    (a.kind ?? 'Gateway') === (b.kind ?? 'Gateway') &&
    (a.namespace ?? own) === (b.namespace ?? own) &&
    a.name === b.name &&
    a.sectionName === b.sectionName &&
    a.port === b.port
  );
}

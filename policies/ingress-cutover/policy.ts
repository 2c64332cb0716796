import {
  ANY,
  INDEXES,
  canonicalHostname,
  darknessIn,
  ingressRules,
  isMeshOnly,
  isOnIngresses,
  keyOf,
  type Ingress,
  type ObjectKey,
} from '#gateway';
import { definePolicy, type Finding } from '#policy';

const READS = ['Gateway', 'GRPCRoute', 'HTTPRoute', 'Ingress', 'ListenerSet', 'TLSRoute', 'XListenerSet'] as const;

/** The move of a hostname from Ingress to Gateway API: not on both at once, and never on neither. */
export const ingressCutover = definePolicy({
  id: 'ingress-cutover',
  kind: 'IngressCutover',
  summary:
    'A hostname is not on an Ingress and a Route at once, and an Ingress goes only when a Route serves its hosts.',
  description: `During the move from Ingress to Gateway API a hostname may be served twice, by two data planes that DNS chooses between, or by none.
\`same-hostname\` tells of the first; it is expected while the move lasts, hence a warning. \`delete-too-early\` prevents the second: an Ingress,
or one of its hosts, may go only when a Route for the host is Accepted on a Gateway that is Programmed, by a listener
that the Gateway allows and that conflicts with no other; what is being deleted does not count, nor a Route that only
redirects to HTTPS. Where other Ingresses have all its paths for
the host, or for the wildcard above it, nothing goes dark: so with the one that an ACME solver puts there for a moment, and takes away again. Accepted and Programmed are
read from the status that controllers have written, so the rule is certain in a cluster and unverified over files.`,
  subjects: ['Ingress', 'HTTPRoute', 'GRPCRoute', 'TLSRoute'],
  operations: { Ingress: ['CREATE', 'UPDATE', 'DELETE'] },
  reads: READS,
  options: {},
  messages: {
    'same-hostname': {
      severity: 'medium',
      why: 'Two data planes serve the hostname; which one answers depends on DNS, and they drift apart.',
      text: '{{path}}: "{{hostname}}" is also served by {{other}}. Finish the move: take it out of the Ingress once the Route serves it',
    },
    'delete-too-early': {
      severity: 'critical',
      why: 'The hostname would go dark: no Route for it is Accepted on a Gateway that is Programmed.',
      text: '{{path}}: "{{hostname}}" would go dark: {{reason}}. Wait until a Route for it is Accepted on a Gateway that is Programmed, then remove the Ingress',
      needs: 'change',
    },
  },
  bind: () => undefined,
  suggest: (subjects) =>
    subjects.some(({ kind }) => kind === 'Ingress')
      ? {
          name: 'cutover',
          comment: [
            'Hostnames that are on an Ingress and a Route at once, while they move. Next: rules { delete-too-early: Deny }.',
          ],
          spec: {},
        }
      : undefined,
  evaluate: (subject, { find, name, snapshot }) => {
    const findings: Finding[] = [];
    if (subject.kind !== 'Ingress') {
      if (isMeshOnly(subject.object)) return findings;
      for (const [at, text] of (subject.object.spec.hostnames ?? []).entries()) {
        const hostname = canonicalHostname(text);
        const [entry] = hostname === undefined ? [] : snapshot.lookup(INDEXES.ingressesByHostname, hostname);
        if (entry === undefined) continue;
        const ingress = keyOf('Ingress', entry.object);
        const data = { hostname: text, other: name(ingress) };
        findings.push(find('same-hostname', ['spec', 'hostnames', at], data, { related: [ingress] }));
      }
      return findings;
    }

    const goes = subject.operation === 'DELETE';
    const hosts = goes ? new Map<number, string>() : hostsOf(subject.object);
    for (const [at, hostname] of hosts) {
      const routes = hostname === ANY ? [] : [...snapshot.lookup(INDEXES.routesByHostname, hostname)];
      const route = routes.find(({ object }) => !isMeshOnly(object));
      if (route === undefined) continue;
      const key = keyOf(route.kind, route.object);
      const data = { hostname, other: name(key) };
      findings.push(find('same-hostname', ['spec', 'rules', at, 'host'], data, { related: [key] }));
    }

    const darkness = darknessIn(snapshot);
    const before = goes ? subject.object : subject.oldObject;
    const told = new Set(hosts.values());
    for (const [at, hostname] of before === undefined ? [] : hostsOf(before)) {
      if (told.has(hostname)) continue;
      told.add(hostname);
      if (before !== undefined && isOnIngresses(snapshot, before, hostname, goes ? undefined : subject.object))
        continue;
      const dark = darkness(hostname);
      if (dark === undefined) continue;
      const host = before?.spec?.rules?.length ? ['spec', 'rules', at, 'host'] : ['spec', 'defaultBackend'];
      const data = { hostname: hostname === ANY ? 'every other hostname' : hostname, reason: dark.reason };
      const details = { related: dark.related, restsOn: SERVING };
      findings.push(find('delete-too-early', goes ? host : ['spec', 'rules'], data, details));
    }
    return findings;
  },
});

/** That nobody serves a hostname rests on there being no such route, holder of listeners and other Ingress anywhere. */
const SERVING: readonly ObjectKey[] = READS.map((kind) => ({ kind, namespace: '', name: '' }));

/** The hosts of an Ingress by the index of their rule; a rule without one serves every hostname. */
function hostsOf(ingress: Ingress): ReadonlyMap<number, string> {
  const hosts = new Map<number, string>();
  for (const [at, rule] of ingressRules(ingress).entries()) {
    const hostname = canonicalHostname(rule.host);
    if (hostname !== undefined) hosts.set(at, hostname);
  }
  return hosts;
}

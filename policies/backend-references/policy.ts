import { definePolicy, type Finding } from '#policy';
import {
  ROUTE_KINDS,
  backendProblem,
  backendReferences,
  targetName,
  writtenMatches,
  type Reference,
  type RouteRule,
} from '#gateway';
import { z } from 'zod';

const groupKind = z.strictObject({
  group: z.string().default('').describe('The API group; empty for the core group.'),
  kind: z.string().min(1).describe('The kind.'),
});

const forbidden = groupKind.extend({
  namespace: z.string().min(1).optional().describe('Its namespace; any when left out.'),
  name: z.string().min(1).optional().describe('Its name; any when left out.'),
});

/** The API server's own Service: a route to it publishes the API of the cluster. */
const API_SERVER = { group: '', kind: 'Service', namespace: 'default', name: 'kubernetes' };

const MESSAGE_OF = {
  kind: 'invalid-kind',
  grant: 'ref-not-permitted',
  absent: 'backend-not-found',
  'port-absent': 'port-not-found',
  'port-missing': 'port-not-found',
  'external-name': 'external-name',
} as const;

/** What a route sends to must be there, be permitted, and be meant (shared: RouteConditionResolvedRefs; CVE-2021-25740 for forwarding outside). */
export const backendReferencesPolicy = definePolicy({
  id: 'backend-references',
  kind: 'BackendReferences',
  summary: 'Everything a route sends traffic to exists, is permitted by a ReferenceGrant, and is not forbidden.',
  description: `A route whose backend cannot be resolved is stored without a word and answers its users with 500. This policy judges every reference that sends
traffic: backendRefs, mirrors and external authorisation, in rules and in the filters of single backendRefs.

Without a ReferenceGrant nothing is said about the target, not even whether it exists. A Service may come after its route, so most rules are best left at Warn;
\`external-name\` and \`forbidden-backend\` do not rest on anything that may still come. A Service that becomes an ExternalName while routes
send to it is found by the audit, and at the next write of a route: Services are not reviewed.`,
  subjects: ROUTE_KINDS,
  reads: ['Service', 'ServiceImport', 'XBackend', 'ReferenceGrant'],
  options: {
    forbidden: z
      .array(forbidden)
      .default([API_SERVER])
      .describe('What no route may send to. Default: the Service of the API server itself.'),
    kinds: z
      .array(groupKind)
      .default([])
      .describe(
        'Kinds of backend that your controller knows besides Service, ServiceImport and XBackend. They need grants too.',
      ),
  },
  messages: {
    'ref-not-permitted': {
      severity: 'high',
      why: 'A reference into another namespace needs the consent of that namespace; without it the controller answers 500.',
      text: '{{path}}: {{problem}}. Ask the owner of namespace {{namespace}} for one',
    },
    'backend-not-found': {
      severity: 'medium',
      why: 'The controller answers 500 for traffic to a backend that does not exist.',
      text: '{{path}}: {{problem}}. Create it, or correct the name',
    },
    'port-not-found': {
      severity: 'medium',
      why: 'Controllers do not resolve a port that the Service lacks, and answer 500.',
      text: '{{path}}: {{problem}}. Name a port of the Service, not of its pods',
    },
    'invalid-kind': {
      severity: 'medium',
      why: 'A controller resolves the kinds that it knows; others answer 500.',
      text: '{{path}}: {{problem}}. Use a Service, or list the kind in policy {{document}}',
    },
    'external-name': {
      severity: 'high',
      why: 'An ExternalName Service sends traffic to any name its owner writes, also outside of the cluster; Gateway API says it should not be supported.',
      text: '{{path}}: {{problem}}. Send to a Service with endpoints of its own',
    },
    'forbidden-backend': {
      severity: 'critical',
      why: 'Some backends, the API server first of all, are not to be published by a route.',
      text: '{{path}}: no route may send to {{target}} (policy {{document}})',
    },
    'no-weight': {
      severity: 'medium',
      why: 'When all weights of a rule are zero, every request it matches is answered 500 (objref: BackendRef.weight).',
      text: '{{path}}: all weights are 0, so the rule answers every request with 500. Give at least one backend a weight',
    },
  },
  bind: ({ options }) => options,
  suggest: () => ({
    name: 'backends',
    comment: [
      'Backends that are not there, not permitted, or not meant. What no order of apply explains may be denied next: rules { ref-not-permitted: Deny, external-name: Deny }.',
    ],
    spec: {},
  }),
  evaluate: (subject, { bound, find, snapshot }) => {
    const findings: Finding[] = [];
    for (const [at, rule] of (subject.object.spec.rules ?? []).entries()) {
      if (!isWeightless(rule)) continue;
      findings.push(find('no-weight', ['spec', 'rules', at, 'backendRefs'], {}, { about: writtenMatches(rule) }));
    }
    const isKnownToo = (to: Reference['to']): boolean =>
      bound.kinds.some(({ group, kind }) => group === to.group && kind === to.kind);
    for (const reference of backendReferences(subject)) {
      const { path, to } = reference;
      if (bound.forbidden.some((entry) => isForbidden(entry, reference))) {
        const target = targetName(reference);
        findings.push(find('forbidden-backend', path, { target }, { about: [wholeTarget(to)] }));
        continue;
      }
      const problem = backendProblem(snapshot, reference, isKnownToo);
      if (problem === undefined) continue;
      const { what, message, restsOn } = problem;
      if (what === 'grant') {
        findings.push(find('ref-not-permitted', path, { problem: message, namespace: to.namespace }, { restsOn }));
      } else {
        const details =
          what === 'kind' || what === 'external-name' ? { restsOn, about: [wholeTarget(to)] } : { restsOn };
        findings.push(find(MESSAGE_OF[what], path, { problem: message }, details));
      }
    }
    return findings;
  },
});

/** Whether a rule has `backendRefs`, all of weight 0. */
function isWeightless({ backendRefs = [] }: Pick<RouteRule<unknown>, 'backendRefs'>): boolean {
  return backendRefs.length > 0 && backendRefs.every(({ weight }) => weight === 0);
}

function isForbidden(entry: z.infer<typeof forbidden>, { to }: Reference): boolean {
  return (
    entry.group === to.group &&
    entry.kind === to.kind &&
    (entry.namespace ?? to.namespace) === to.namespace &&
    (entry.name ?? to.name) === to.name
  );
}

/** All of a target that an author can swap. */
function wholeTarget({ group, kind, namespace, name, port = 0 }: Reference['to']): string {
  return `${group}/${kind} ${namespace}/${name} ${port}`;
}

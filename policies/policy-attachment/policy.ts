import {
  formatKey,
  isVendorKind,
  keyOf,
  kindOf,
  olderPolicy,
  parseApiVersion,
  whyFirst,
  type ObjectKey,
  type PolicyTargetReference,
  type Snapshot,
} from '#gateway';
import { definePolicy, groupKindSchema, type Subject } from '#policy';
import { z } from 'zod';
import { TARGET_KINDS, findTarget, groupKind, meaningOf, targetKey, targetsOf } from './targets.ts';

/** The kinds of Gateway API that attach by targets. */
const OWN_KINDS = ['BackendTLSPolicy', 'BackendLBPolicy', 'XBackendTrafficPolicy'] as const;
const SUBJECTS = [...OWN_KINDS, 'VendorPolicy'] as const;
type Policies = Subject<(typeof SUBJECTS)[number]>;

/** A policy that attaches to nothing is accepted by the API server and protects nothing (GEP-713). */
export const policyAttachment = definePolicy({
  id: 'policy-attachment',
  kind: 'PolicyAttachment',
  summary: 'Policies attach to something that is there: their targets, and the sections of these that they name.',
  description: `BackendTLSPolicy and the policies of vendors (authentication, rate limits, timeouts) attach by \`targetRefs\` to objects that they name (GEP-713).
A target that does not exist, or a misspelt section, is no error to the API server: the policy lies there and does nothing, and what it was
meant to protect is open. This policy tells before anybody relies on it.

\`sectionName\` means a port of a Service, a listener of a Gateway or ListenerSet, a rule of a route; sections of other kinds are not judged,
nor targets of kinds that others than Gateway API and Kubernetes define: whether they can be attached to is for each implementation to say.
A target may come after its policy, so that all of this is a warning by default. A target in another namespace is looked up only when the
document says \`disclose: Objects\`.

Policies of vendors are judged when \`kinds\` lists them: any namespaced kind with \`spec.targetRefs\` or \`spec.targetRef\` of group, kind and name. In
\`check\` and \`audit\` nothing more is needed: the cluster is asked where it serves them. For admission the webhook must be told to send them, and
for the audit of \`serve\` its ServiceAccount needs the right to list and watch them: give the documents to
\`gateward manifests webhooks --policies DIR\` and \`gateward manifests rbac --policies DIR\`. Without that right everything else goes on;
\`/readyz\` and the log say which kind is not seen.`,
  subjects: SUBJECTS,
  reads: ['BackendTLSPolicy', ...TARGET_KINDS],
  options: {
    kinds: z
      .array(
        groupKindSchema.extend({
          resource: z
            .string()
            .min(1)
            .optional()
            .describe(
              'The plural in the URLs of the API, for webhook rules and RBAC. Default: that of the kind, in lower case.',
            ),
        }),
      )
      .default([])
      .describe('Kinds of vendors whose policies attach by targetRefs; those of Gateway API are always judged.'),
  },
  messages: {
    'target-kind': {
      severity: 'medium',
      why: 'A policy that names a kind it cannot attach to protects nothing.',
      text: '{{path}}: {{policy}} does not attach to {{kind}}{{hint}}. It has no effect until it names a kind that it attaches to',
    },
    'target-not-found': {
      severity: 'medium',
      why: 'A policy whose target does not exist protects nothing.',
      text: '{{path}}: {{target}} does not exist; {{policy}} has no effect until it does. Create it, or correct the name',
    },
    'section-not-found': {
      severity: 'medium',
      why: 'A policy for a part that its target does not have must not attach at all (GEP-713).',
      text: '{{path}}: {{target}} has no {{part}} "{{section}}" ({{known}}); {{policy}} has no effect until it does. Correct the name, or leave it out to mean all of the target',
    },
    conflicted: {
      severity: 'medium',
      why: 'Of two BackendTLSPolicies for one target the older is in force, or the first by name; the other is told so in a status that nobody reads.',
      text: '{{path}}: {{other}} has the same target and {{reason}}; this one will not be accepted (Conflicted). Change that one, or name another section',
    },
  },
  check: ({ options, spec }) => [
    ...(spec.match.kinds ?? []).flatMap(({ group, kind }, at) =>
      isVendorKind(group, kind) && !options.kinds.some((entry) => entry.group === group && entry.kind === kind)
        ? [
            {
              path: ['match', 'kinds', at],
              message: `kinds does not list ${groupKind(group, kind)}, so that it is not judged`,
            },
          ]
        : [],
    ),
    ...options.kinds.flatMap(({ group, kind }, at) =>
      isVendorKind(group, kind) || OWN_KINDS.some((own) => own === kindOf(group, kind))
        ? []
        : [
            {
              path: ['kinds', at],
              message: `${groupKind(group, kind)} is no kind of policy that attaches by targetRefs; name one of a vendor's group, such as gateway.envoyproxy.io`,
            },
          ],
    ),
  ],
  bind: ({ spec, options }) => ({
    disclosesObjects: spec.disclose === 'Objects',
    kinds: options.kinds.filter(({ group, kind }) => isVendorKind(group, kind)),
    vendors: new Set(options.kinds.map(({ group, kind }) => groupKind(group, kind))),
  }),
  vendorKinds: ({ kinds }) => kinds,
  suggest: (subjects) => {
    const vendors = subjects.filter(({ kind }) => kind === 'VendorPolicy').map(({ object }) => object);
    const kinds = new Map(
      vendors.map(({ apiVersion, kind }) => {
        const { group } = parseApiVersion(apiVersion);
        return [groupKind(group, kind), { group, kind }] as const;
      }),
    );
    return {
      name: 'targets',
      comment: [
        kinds.size === 0
          ? 'Policies that attach to nothing: BackendTLSPolicy. Next: list the kinds of your vendor that attach by targetRefs.'
          : 'Policies that attach to nothing: BackendTLSPolicy, and the kinds of vendors that are in use. A target may come after its policy, so that Warn is the action to keep.',
      ],
      spec: { kinds: [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry) },
    };
  },
  *evaluate(subject, { bound, find, name, snapshot }) {
    const { kind, object, namespace } = subject;
    const isVendors = kind === 'VendorPolicy';
    const [group = ''] = object.apiVersion.split('/');
    if (isVendors && !bound.vendors.has(groupKind(group, object.kind))) return;
    const policy = `this ${object.kind}`;
    for (const { path, target } of targetsOf(object.spec)) {
      const meaning = meaningOf(target, isVendors);
      if (meaning.kind === undefined) {
        if (!meaning.wrong) continue;
        const hint = meaning.meant === undefined ? '' : ` (did you mean ${meaning.meant}?)`;
        const data = { policy, kind: groupKind(target.group, target.kind), hint };
        yield find('target-kind', [...path, 'kind'], data, { about: [target.name] });
        continue;
      }
      const key = targetKey(meaning.kind, target, namespace);
      if (key.namespace !== '' && key.namespace !== namespace && !bound.disclosesObjects) continue;
      const found = findTarget(snapshot, meaning.kind, key);
      if (found === undefined) {
        yield find('target-not-found', path, { policy, target: formatKey(key) }, { restsOn: [key] });
        continue;
      }
      const { sections } = found;
      const { sectionName: section } = target;
      if (section !== undefined && sections !== undefined && !sections.names.includes(section)) {
        const known = sections.names.length === 0 ? 'none has a name' : `it has ${sections.names.join(', ')}`;
        const data = { policy, target: formatKey(key), part: sections.part, section, known };
        yield find('section-not-found', [...path, 'sectionName'], data, { related: [key], restsOn: [key] });
      }
      const winner = winnerOver(subject, target, snapshot);
      if (winner !== undefined) {
        const about = [`${formatKey(key)} ${section ?? ''}`];
        const { other, reason } = winner;
        yield find('conflicted', path, { other: name(other), reason }, { related: [other], about });
      }
    }
  },
});

/** The BackendTLSPolicy that is in force in place of this one; none while neither has been created (btp). */
function winnerOver(
  { kind, object, oldObject }: Policies,
  target: PolicyTargetReference,
  snapshot: Snapshot<'BackendTLSPolicy'>,
): { readonly other: ObjectKey; readonly reason: string } | undefined {
  if (kind !== 'BackendTLSPolicy') return undefined;
  // A manifest does not say when its object was created.
  const { creationTimestamp = oldObject?.metadata.creationTimestamp } = object.metadata;
  const dated =
    creationTimestamp === undefined ? object : { ...object, metadata: { ...object.metadata, creationTimestamp } };
  const older = olderPolicy(snapshot, dated, target);
  if (older === undefined || (creationTimestamp ?? older.metadata.creationTimestamp) === undefined) return undefined;
  return { other: keyOf('BackendTLSPolicy', older), reason: whyFirst(older, dated) };
}

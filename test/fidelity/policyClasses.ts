/** Known disagreements about BackendTLSPolicies. */
import type { Comparison } from './compare.ts';
import { namespaceOf, specOf, type Evidence, type Ref } from './evidence.ts';
import type { KnownClass } from './knownClass.ts';

/** In order: the first that matches gives the verdict. */
export const POLICY_CLASSES: readonly KnownClass[] = [
  {
    id: 'nothing about the references of a policy that lost',
    verdict: 'open',
    sentence:
      'btp targetRefs: "For any BackendTLSPolicy that does not take precedence, the implementation MUST ensure the `Accepted` Condition is set to `status: False`, with Reason `Conflicted`"; whether its references are judged as well is not said',
    matches: (c) =>
      isPolicy(c) &&
      c.question === 'ResolvedRefs' &&
      c.theirs === 'absent' &&
      c.context.theirs.get('Accepted') === 'False/Conflicted',
  },
  {
    id: 'an entry for a Gateway that takes none of the routes',
    verdict: 'theirs',
    sentence:
      'policy_types PolicyAncestorStatus: "the Policy attaches to a Service that is used as a backend in a HTTPRoute that is itself attached to a Gateway"',
    matches: (c) => isPolicy(c) && c.question === 'entry' && c.ours === 'absent',
  },
  {
    id: 'no entry for a policy that no port in use needs',
    verdict: 'open',
    sentence:
      'policy_types PolicyAncestorStatus: "the Ancestor is used to distinguish which resource results in a distinct application of this policy"; of one that is not applied nothing is said',
    matches: (c, evidence) =>
      isPolicy(c) && c.question === 'entry' && c.theirs === 'absent' && hasSections(c, evidence),
  },
  {
    id: 'another number or kind of trust anchors for backends than the one that is Core',
    verdict: 'open',
    sentence:
      'btp caCertificateRefs: "Support: Implementation-specific - More than one reference, other kinds of resources, or a single reference that includes multiple certificates"',
    matches: (c) => isAboutAnchors(c) && (anchors(c).length > 1 || anchors(c).some(({ kind }) => kind === 'Secret')),
  },
  {
    id: 'trust anchors for backends under any key of the ConfigMap',
    verdict: 'theirs',
    sentence:
      'btp caCertificateRefs: "Support: Core - An optional single reference to a Kubernetes ConfigMap, with the CA certificate in a key named `ca.crt`"',
    matches: (c) => isAboutAnchors(c) && anchors(c).some(({ name }) => name === 'ca-other-key'),
  },
];

function isPolicy(c: Comparison): boolean {
  return c.kind === 'BackendTLSPolicy';
}

function isAboutAnchors(c: Comparison): boolean {
  return isPolicy(c) && (c.question === 'Accepted' || c.question === 'ResolvedRefs');
}

function anchors(c: Comparison): readonly Ref[] {
  return specOf(c.object).validation?.caCertificateRefs ?? [];
}

/** Whether this policy, or another on its target, is for one section only. */
function hasSections(c: Comparison, evidence: Evidence): boolean {
  const names = new Set((specOf(c.object).targetRefs ?? []).map(({ name }) => name));
  return evidence
    .list('BackendTLSPolicy')
    .some(
      (policy) =>
        namespaceOf(policy) === namespaceOf(c.object) &&
        (specOf(policy).targetRefs ?? []).some(({ name, sectionName }) => names.has(name) && sectionName !== undefined),
    );
}

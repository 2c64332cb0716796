/** Known disagreements about listeners, Gateways and ListenerSets. */
import type { KnownClass } from './knownClass.ts';
import { specOf } from './evidence.ts';
import {
  anchors,
  hasBadSelector,
  hasSelfConflict,
  isConflicted,
  isListener,
  isRefused,
  isUnprogrammed,
  listenerOf,
  neighbours,
  theirAnswer,
  theirs,
} from './signs.ts';

const FALSE_BY_SPEC =
  'gw ListenerConditionAccepted: "Possible reasons for this condition to be False are: PortUnavailable, UnsupportedProtocol, NoValidCACertificate, UnsupportedValue" and "a Listener that does not have any Routes will be able to generate data plane config, and so will have Accepted set to `true`"';
const OTHER_REASONS =
  'gw ListenerConditionProgrammed: "Controllers may raise this condition with other reasons, but should prefer to use the reasons listed above to improve interoperability"';
const SEVERAL_CERTIFICATES =
  'gw CertificateRefs: "Implementations MAY choose to support attaching multiple certificates to a Listener, but this behavior is implementation-specific"';
const OTHER_ANCHORS =
  'gw CACertificateRefs: "Support: Implementation-specific - More than one reference, other kinds of resources, or a single reference that includes multiple certificates"';

/** In order: the first that matches gives the verdict. */
export const LISTENER_CLASSES: readonly KnownClass[] = [
  {
    id: 'the reason of Programmed=False',
    verdict: 'open',
    sentence: OTHER_REASONS,
    matches: (c) =>
      isListener(c) && c.question === 'Programmed' && c.ours.startsWith('False/') && c.theirs.startsWith('False/'),
  },
  {
    id: 'a refused Gateway tells nothing of its listeners',
    verdict: 'open',
    sentence:
      'gw GatewayStatus.listeners: "Listeners provide status for each unique listener port defined in the Spec"; of a Gateway that is refused as a whole nothing is said',
    matches: (c, evidence) =>
      isListener(c) && c.question === 'entry' && c.theirs === 'absent' && isRefused(c.object, evidence),
  },
  {
    id: 'parameters of a kind that the controller does not support',
    verdict: 'open',
    sentence:
      'gw GatewayInfrastructure.parametersRef: "If the referent cannot be found, refers to an unsupported kind, … the Gateway SHOULD be rejected"; which kinds are supported is the implementation\'s',
    matches: (c, evidence) =>
      c.kind === 'Gateway' &&
      c.at === '' &&
      c.ours !== c.theirs &&
      theirAnswer(evidence, c.object, '', 'Accepted') === 'False/InvalidParameters' &&
      specOf(c.object).infrastructure?.parametersRef !== undefined,
  },
  {
    id: 'no Accepted condition on a conflicted listener',
    verdict: 'theirs',
    sentence:
      'gw Listeners: "ALL indistinct Listeners must not be accepted for processing" and "the Listener status for those listeners SHOULD indicate which Listeners are conflicted and not Accepted"',
    matches: (c) =>
      isListener(c) &&
      c.question === 'Accepted' &&
      /^False\/(Hostname|Protocol)Conflict$/.test(c.ours) &&
      c.theirs === 'absent' &&
      isConflicted(c.context.theirs),
  },
  {
    id: 'no Accepted condition without a selector that can be read',
    verdict: 'open',
    sentence:
      'gw RouteNamespaces.selector: "Selector must be specified when From is set to "Selector""; no reason is defined for a listener without',
    matches: (c) =>
      isListener(c) &&
      ['Accepted', 'Programmed'].includes(c.question) &&
      c.ours.startsWith('True/') &&
      /^(absent|False\/(Invalid|ListenersNotValid))$/.test(c.theirs) &&
      hasBadSelector(c),
  },
  {
    id: 'no Accepted condition on a listener with a kind that is not supported',
    verdict: 'theirs',
    sentence: FALSE_BY_SPEC,
    matches: (c) =>
      isListener(c) &&
      c.question === 'Accepted' &&
      c.ours === 'True/Accepted' &&
      c.theirs === 'absent' &&
      theirs(c, 'ResolvedRefs') === 'False/InvalidRouteKinds',
  },
  {
    id: 'a listener that passes TLS through may not name certificates',
    verdict: 'theirs',
    sentence: 'gw TLSModeType Passthrough: "The certificateRefs field is ignored in this mode"',
    matches: (c) =>
      isListener(c) &&
      ['Accepted', 'Programmed'].includes(c.question) &&
      c.ours.startsWith('True/') &&
      listenerOf(c)?.tls?.mode === 'Passthrough' &&
      (listenerOf(c)?.tls?.certificateRefs ?? []).length > 0,
  },
  {
    id: 'not programmed for the valid kinds either',
    verdict: 'theirs',
    sentence:
      'gw ListenerStatus.supportedKinds: "If both valid and invalid Route kinds are specified, the implementation MUST reference the valid Route kinds that have been specified"',
    matches: (c) =>
      isListener(c) &&
      isUnprogrammed(c) &&
      theirs(c, 'ResolvedRefs') === 'False/InvalidRouteKinds' &&
      theirs(c, 'supportedKinds') !== 'none',
  },
  {
    id: 'not programmed without a valid kind',
    verdict: 'open',
    sentence:
      'gw ListenerConditionProgrammed: "whether a Listener has generated some configuration"; whether a listener that no route can attach to does is not said',
    matches: (c) => isListener(c) && isUnprogrammed(c) && theirs(c, 'ResolvedRefs') === 'False/InvalidRouteKinds',
  },
  {
    id: 'no Accepted condition on a listener whose certificate is not permitted',
    verdict: 'theirs',
    sentence: FALSE_BY_SPEC,
    matches: (c) =>
      isListener(c) &&
      c.question === 'Accepted' &&
      c.ours === 'True/Accepted' &&
      c.theirs === 'absent' &&
      theirs(c, 'ResolvedRefs') === 'False/RefNotPermitted',
  },
  {
    id: 'no Accepted condition on an HTTPS listener without tls',
    verdict: 'open',
    sentence:
      'gw Listener.tls: "This field is required if the Protocol field is "HTTPS" or "TLS""; no reason is defined, and the CRD lets it pass',
    matches: (c) =>
      isListener(c) &&
      c.question === 'Accepted' &&
      c.theirs === 'absent' &&
      listenerOf(c)?.protocol === 'HTTPS' &&
      listenerOf(c)?.tls === undefined,
  },
  {
    id: 'several certificates, some of them bad',
    verdict: 'open',
    sentence: SEVERAL_CERTIFICATES,
    matches: (c) =>
      isListener(c) &&
      ['Accepted', 'ResolvedRefs', 'Programmed'].includes(c.question) &&
      (listenerOf(c)?.tls?.certificateRefs ?? []).length > 1 &&
      theirs(c, 'ResolvedRefs').startsWith('False/'),
  },
  {
    id: 'the kind of a certificate is judged before the grant',
    verdict: 'theirs',
    sentence:
      'gw ListenerReasonInvalidCertificateRef: "This reason must be used only when the reference is allowed … If the reference is not allowed, the reason RefNotPermitted must be used instead"',
    matches: (c) =>
      isListener(c) &&
      c.question === 'ResolvedRefs' &&
      c.ours === 'False/RefNotPermitted' &&
      c.theirs === 'False/InvalidCertificateRef',
  },
  {
    id: 'another number or kind of trust anchors than the one that is Core',
    verdict: 'open',
    sentence: OTHER_ANCHORS,
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'ResolvedRefs', 'Programmed'].includes(c.question) &&
      (anchors(c, evidence).length > 1 || anchors(c, evidence).some(({ kind }) => kind === 'Secret')),
  },
  {
    id: 'trust anchors of another API group pass for ConfigMaps',
    verdict: 'theirs',
    sentence:
      'gw CACertificateRefs: "It refers to an unknown or unsupported kind of resource. In this case, the Reason on all matching HTTPS listeners must be set to `InvalidCACertificateKind`"',
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'ResolvedRefs', 'Programmed'].includes(c.question) &&
      anchors(c, evidence).some(({ group }) => group !== ''),
  },
  {
    id: 'trust anchors under any key of the ConfigMap',
    verdict: 'theirs',
    sentence:
      'gw CACertificateRefs: "or is misconfigured (e.g., a ConfigMap does not contain a key named `ca.crt`). In this case, the Reason … must be set to `InvalidCACertificateRef`"',
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'ResolvedRefs', 'Programmed'].includes(c.question) &&
      anchors(c, evidence).some(({ name }) => name === 'ca-other-key'),
  },
  {
    id: 'invalid listeners take no part in conflicts',
    verdict: 'open',
    sentence:
      'gw Listeners calls listeners conflicted that are not distinct, and does not say whether one that is invalid for another reason counts',
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'Programmed', 'Conflicted'].includes(c.question) &&
      isConflicted(c.context.ours) !== isConflicted(c.context.theirs) &&
      neighbours(c, evidence).some(
        (answers) =>
          !/^(True\/|False\/UnsupportedProtocol)/.test(answers.get('Accepted') ?? '') && !isConflicted(answers),
      ),
  },
  {
    id: 'a port where one resource conflicts with itself is lost for later ones too',
    verdict: 'open',
    sentence:
      'gw ListenerConditionConflicted: "If a Listener is conflicted, its network port should not be configured on any network elements", against GEP-1713: "the first Listener in the precedence list MUST be accepted"; what a loser still claims is not said',
    matches: (c, evidence) =>
      c.kind === 'ListenerSet' &&
      isListener(c) &&
      ['Accepted', 'Conflicted', 'Programmed'].includes(c.question) &&
      (isConflicted(c.context.ours) || isConflicted(c.context.theirs)) &&
      hasSelfConflict(c, evidence),
  },

  {
    id: 'trust anchors of frontends in ResolvedRefs of the Gateway',
    verdict: 'open',
    sentence:
      'gw GatewayConditionResolvedRefs: "Controllers may raise this condition with other reasons"; `ListenersNotResolved`, which would say it, is in no observed status, and the condition is experimental',
    matches: (c) => c.kind === 'Gateway' && c.question === 'ResolvedRefs' && c.theirs === 'False/InvalidParameters',
  },
  {
    id: 'the content of a client certificate is not looked at',
    verdict: 'theirs',
    sentence:
      'gw GatewayReasonInvalidClientCertificateRef: "A ClientCertificateRef is considered invalid when it refers to a nonexistent or unsupported resource or kind, or when the data within that resource is malformed"',
    matches: (c) =>
      c.kind === 'Gateway' &&
      c.question === 'ResolvedRefs' &&
      c.ours === 'False/InvalidClientCertificateRef' &&
      /^cert-(mismatched|not-pem|empty|opaque)$/.test(specOf(c.object).tls?.backend?.clientCertificateRef?.name ?? ''),
  },
  {
    id: 'a ListenerSet of a Gateway that is not accepted',
    verdict: 'theirs',
    sentence:
      'ls ListenerSetReasonParentNotAccepted: "used with the "Accepted" condition when the parent Gateway is not accepted"; GEP-1713 excepts this from what a set says of its own listeners only',
    matches: (c) => c.kind === 'ListenerSet' && c.at === '' && /^False\/ParentNot(Accepted|Programmed)$/.test(c.ours),
  },
  {
    id: 'a ListenerSet whose listener has an unusable certificate',
    verdict: 'open',
    sentence:
      'ls ListenerSetReasonListenersNotValid: "one or more Listeners have an invalid or unsupported configuration"; whether a certificate that cannot be used is one is not said (conformance: one that is not permitted is, ListenerSetReferenceGrant)',
    matches: (c, evidence) =>
      c.kind === 'ListenerSet' &&
      c.at === '' &&
      evidence
        .about('ListenerSet', c.object)
        .some(({ question, ours }) => question === 'ResolvedRefs' && ours === 'False/InvalidCertificateRef'),
  },
];

/**
 * The known disagreements with Envoy Gateway v1.9.1. Each has a matcher as narrow as the fact allows, a verdict, and the sentence of the
 * specification that decides, or that leaves it open. What no class matches is a finding.
 */
import type { Listener } from '#gateway';
import type { Manifest } from './api.ts';
import type { Comparison } from './compare.ts';
import { anchorsOf, backendsOf, namespaceOf, specOf, type Evidence, type Ref } from './evidence.ts';

/** Who must change: the controller, nobody, the model. */
export type Verdict = 'theirs' | 'open' | 'ours';

/** One kind of disagreement. */
export interface KnownClass {
  readonly id: string;
  readonly verdict: Verdict;
  readonly matches: (comparison: Comparison, evidence: Evidence) => boolean;
  /** Source and sentence. */
  readonly sentence: string;
}

const FALSE_BY_SPEC =
  'gw ListenerConditionAccepted: "Possible reasons for this condition to be False are: PortUnavailable, UnsupportedProtocol, NoValidCACertificate, UnsupportedValue" and "a Listener that does not have any Routes will be able to generate data plane config, and so will have Accepted set to `true`"';
const OTHER_REASONS =
  'gw ListenerConditionProgrammed: "Controllers may raise this condition with other reasons, but should prefer to use the reasons listed above to improve interoperability"';
const SEVERAL_CERTIFICATES =
  'gw CertificateRefs: "Implementations MAY choose to support attaching multiple certificates to a Listener, but this behavior is implementation-specific"';
const OTHER_ANCHORS =
  'gw CACertificateRefs: "Support: Implementation-specific - More than one reference, other kinds of resources, or a single reference that includes multiple certificates"';

/** In order: the first that matches gives the verdict. */
export const CLASSES: readonly KnownClass[] = [
  // Routes: entries and Accepted.
  {
    id: 'parentRefs that differ in port only share one entry',
    verdict: 'theirs',
    sentence:
      'shared RouteStatus.parents: "Implementations MUST treat each `parentRef` in the Route separately and update its status based on the relationship with that parent"',
    matches: (c) => isRoute(c) && ['entry', 'Accepted'].includes(c.question) && portTwins(c).length > 0,
  },
  {
    id: 'no entry for a route of a refused Gateway',
    verdict: 'theirs',
    sentence:
      'shared RouteStatus.parents: "the controller that manages the parent must add an entry to this list when the controller first sees the route"',
    matches: (c, evidence) => {
      const parent = isRoute(c) && c.question === 'entry' ? evidence.parentOf(c.object, refOf(c)) : undefined;
      return c.theirs === 'absent' && parent !== undefined && isRefused(parent, evidence);
    },
  },
  {
    id: 'no entry for a ListenerSet that is not admitted',
    verdict: 'open',
    sentence:
      'GEP-1713: "If there are no relevant Listeners …, then the Route has nowhere to attach to and MUST have `Accepted` set to `false` for that `parentRef`"; that a set which is not admitted has no listeners is not said',
    matches: (c, evidence) => {
      const parent = isRoute(c) && c.question === 'entry' ? evidence.parentOf(c.object, refOf(c)) : undefined;
      return (
        parent?.kind === 'ListenerSet' &&
        /^False\/(NotAllowed|ParentNotAccepted)$/.test(theirAnswer(evidence, parent, '', 'Accepted'))
      );
    },
  },
  {
    id: 'TCPRoute on a TLS listener that terminates',
    verdict: 'open',
    sentence:
      'gw ListenerStatus.supportedKinds: "This MUST represent the kinds supported by an implementation for that Listener configuration"; conformance asserts TLSRoute and does not exclude others (TLSRouteListenerTerminateSupportedKinds)',
    matches: (c, evidence) => {
      if (c.kind === 'TCPRoute') {
        const parent = evidence.parentOf(c.object, refOf(c));
        const isTaken = c.ours === 'False/NotAllowedByListeners' && c.theirs === 'True/Accepted';
        return isTaken && parent !== undefined && (specOf(parent).listeners ?? []).some(terminatesTLS);
      }
      const listener = listenerOf(c);
      if (listener === undefined || !terminatesTLS(listener)) return false;
      if (c.question === 'supportedKinds') return withoutTCP(c.theirs) === withoutTCP(c.ours);
      if (c.question === 'attachedRoutes') {
        return Number(c.theirs) > Number(c.ours) && evidence.claimsOn(c.object).some(({ kind }) => kind === 'TCPRoute');
      }
      const names = (listener.allowedRoutes?.kinds ?? []).map(({ kind }) => kind);
      return names.includes('TCPRoute') && c.ours.endsWith('InvalidRouteKinds') && c.theirs === 'True/ResolvedRefs';
    },
  },
  {
    id: 'a hostname that another listener of the port names is taken from the route',
    verdict: 'theirs',
    sentence:
      'gw ListenerStatus: "Successful attachment of a Route to a Listener is based solely on the combination of the AllowedRoutes field on the corresponding Listener and the Route\'s ParentRefs field"; which listener serves is decided per request (gw: "requests SHOULD match at most one Listener")',
    matches: (c, evidence) => {
      if (c.question === 'attachedRoutes') {
        const [listener] = [listenerOf(c)].filter((found) => found !== undefined);
        return Number(c.theirs) < Number(c.ours) && listener !== undefined && isRobbed(c.object, listener, evidence);
      }
      if (c.ours !== 'True/Accepted' || c.theirs !== 'False/NoMatchingListenerHostname') return false;
      const parent = evidence.parentOf(c.object, refOf(c));
      return (
        parent !== undefined &&
        (specOf(parent).listeners ?? []).some((listener) => isRobbed(parent, listener, evidence))
      );
    },
  },
  {
    id: 'a filter of a kind that the controller does not know',
    verdict: 'open',
    sentence:
      'http HTTPRouteFilter: "If a reference to a custom filter type cannot be resolved, the filter MUST NOT be skipped. Instead, requests that would have been processed by that filter MUST receive a HTTP error response"; what the route reports is not said',
    matches: (c) =>
      isRoute(c) && c.question === 'Accepted' && c.theirs === 'False/UnsupportedValue' && hasForeignFilter(c.object),
  },
  {
    id: 'default Gateways are not supported',
    verdict: 'open',
    sentence: 'GEP-3793: `useDefaultGateways` and `defaultScope` are experimental',
    matches: (c) =>
      c.question === 'attachedRoutes' && Number(c.ours) > Number(c.theirs) && specOf(c.object).defaultScope === 'All',
  },
  {
    id: 'attached once for each parentRef',
    verdict: 'theirs',
    sentence:
      'gw ListenerStatus: "The AttachedRoutes number represents the number of Routes with the Accepted condition set to "True" that have been attached to this Listener"',
    matches: (c, evidence) => {
      if (c.question !== 'attachedRoutes' || Number(c.theirs) <= Number(c.ours)) return false;
      const claims = evidence.claimsOn(c.object);
      return claims.length > new Set(claims.map(({ route }) => route)).size;
    },
  },

  // Routes: ResolvedRefs.
  {
    id: 'a grant for another API group hides the right one',
    verdict: 'theirs',
    sentence:
      'rg: "Each entry in this list MUST be considered to be an additional place that references can be valid from, or to put this another way, entries MUST be combined using OR"; grants of one namespace add up likewise',
    matches: (c, evidence) =>
      isRoute(c) &&
      c.question === 'ResolvedRefs' &&
      !c.ours.includes('RefNotPermitted') &&
      c.theirs.includes('RefNotPermitted') &&
      backendsOf(c.object).some((ref) => isShadowed(c, ref, evidence)),
  },
  {
    id: 'a filter at a backendRef that the controller does not know',
    verdict: 'open',
    sentence:
      'http HTTPBackendRef.filters: "Support: Implementation-specific (For broader support of filters, use the Filters field in HTTPRouteRule.)"',
    matches: (c) =>
      isResolvedRefs(c) &&
      c.theirs.includes('UnsupportedRefValue') &&
      backendsOf(c.object).some(({ filters = [] }) => filters.length > 0),
  },
  {
    id: 'a kind of backend that the controller does not support',
    verdict: 'open',
    sentence:
      'shared RouteReasonInvalidKind: "one of the Route\'s rules has a reference to an unknown or unsupported Group and/or Kind"; XBackend is experimental',
    matches: (c) =>
      isResolvedRefs(c) &&
      c.theirs.includes('InvalidKind') &&
      !c.ours.includes('InvalidKind') &&
      backendsOf(c.object).some(({ kind }) => kind === 'XBackend'),
  },
  {
    id: 'BackendTLSPolicy in ResolvedRefs',
    verdict: 'open',
    sentence:
      'btp: an invalid policy makes the connection fail; what the route reports is not said, and conformance does not ask (BackendTLSPolicyInvalidCACertificateRef)',
    matches: (c) => isResolvedRefs(c) && c.theirs === 'False/InvalidBackendTLS',
  },
  {
    id: 'the reason for a missing port, an ExternalName Service, or several failures',
    verdict: 'open',
    sentence:
      'shared RouteConditionResolvedRefs names no reason for a port that the Service does not have, nor for ExternalName ("SHOULD NOT be supported", objref), nor which of several failures shows; the controller lists all',
    matches: (c) => {
      if (!isResolvedRefs(c) || !c.ours.startsWith('False/') || !c.theirs.startsWith('False/')) return false;
      const same = new Map([
        ['PortNotFound', 'BackendNotFound'],
        ['UnsupportedValue', 'BackendNotFound'],
      ]);
      return c.theirs
        .slice(6)
        .split(',')
        .some((reason) => (same.get(reason) ?? reason) === c.ours.slice(6));
    },
  },

  // Listeners.
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
      'gw GatewayInfrastructure.parametersRef: "This follows the API pattern of GatewayClass\'s `parametersRef` in many ways … Support: Implementation-specific"',
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
    id: 'trust anchors that are no PEM',
    verdict: 'open',
    sentence:
      'gw CACertificateRefs: "Implementations MAY choose to perform further validation of the certificate content (e.g., checking expiry or enforcing specific formats)"',
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'ResolvedRefs', 'Programmed'].includes(c.question) &&
      anchors(c, evidence).some(({ name }) => name === 'ca-not-pem'),
  },
  {
    id: 'invalid listeners take no part in conflicts',
    verdict: 'open',
    sentence:
      'gw Listeners calls listeners conflicted that are not distinct, and does not say whether one that is invalid for another reason counts',
    matches: (c, evidence) =>
      isListener(c) &&
      ['Accepted', 'Programmed', 'Conflicted'].includes(c.question) &&
      isConflicted(c.context.ours) &&
      !isConflicted(c.context.theirs) &&
      neighbours(c, evidence).some(
        (answers) => !(answers.get('Accepted') ?? '').startsWith('True/') && !isConflicted(answers),
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

  // ListenerSets as a whole.
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

/**
 * The disagreements that one follows from, as a sum follows from its terms: a Gateway's and a ListenerSet's conditions from their listeners,
 * counts from what is counted. Such a one has their verdict.
 */
export function causesOf(c: Comparison, evidence: Evidence): readonly Comparison[] {
  const differ = (found: readonly Comparison[]): Comparison[] =>
    found.filter(({ ours, theirs: other }) => ours !== other);
  if (c.question === 'attachedRoutes') {
    return differ(
      evidence
        .claimsOn(c.object)
        .flatMap(({ route, kind, index }) =>
          evidence
            .about(kind, route)
            .filter(({ at, question }) => at === `parents[${index}]` && question !== 'ResolvedRefs'),
        ),
    );
  }
  if (c.question === 'attachedListenerSets') {
    return differ(
      evidence
        .setsOf(c.object)
        .flatMap((set) =>
          evidence.about('ListenerSet', set).filter(({ at, question }) => at === '' && question === 'Accepted'),
        ),
    );
  }
  if (c.at !== '') return [];
  const listeners = evidence.about(c.kind, c.object).filter(({ at }) => at !== '');
  // What the controller says of the whole must be what its own words about the listeners amount to.
  if (c.question === 'Accepted' && summary(listeners) !== c.theirs) return [];
  return differ(listeners.filter(({ question }) => ['Accepted', 'Programmed', 'ResolvedRefs'].includes(question)));
}

/** What `Accepted` of the whole is, going by what the controller says of `Accepted` of each listener. */
function summary(listeners: readonly Comparison[]): string {
  const said = listeners.filter(({ question }) => question === 'Accepted').map((c) => c.theirs.startsWith('True/'));
  if (said.every(Boolean)) return 'True/Accepted';
  return said.some(Boolean) ? 'True/ListenersNotValid' : 'False/ListenersNotValid';
}

function isRoute(c: Comparison): boolean {
  return c.kind.endsWith('Route');
}

function isListener(c: Comparison): boolean {
  return c.at.startsWith('listeners[');
}

function isResolvedRefs(c: Comparison): boolean {
  return isRoute(c) && c.question === 'ResolvedRefs';
}

function isUnprogrammed(c: Comparison): boolean {
  return c.question === 'Programmed' && c.ours.startsWith('True/') && c.theirs.startsWith('False/');
}

function refOf(c: Comparison): Ref {
  return specOf(c.object).parentRefs?.[Number(/\d+/.exec(c.at)?.[0])] ?? { name: '' };
}

function listenerOf(c: Comparison): Listener | undefined {
  return specOf(c.object).listeners?.find(({ name }) => c.at === `listeners[${name}]`);
}

function theirs(c: Comparison, question: string): string {
  return c.context.theirs.get(question) ?? 'absent';
}

function theirAnswer(
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

function isConflicted(answers: ReadonlyMap<string, string>): boolean {
  return (answers.get('Conflicted') ?? '').startsWith('True/');
}

function terminatesTLS({ protocol, tls }: Listener): boolean {
  return protocol === 'TLS' && (tls?.mode ?? 'Terminate') === 'Terminate';
}

function withoutTCP(kinds: string): string {
  return kinds
    .split(',')
    .filter((kind) => kind !== 'TCPRoute' && kind !== 'none')
    .join();
}

function portTwins(c: Comparison): readonly Ref[] {
  const key = ({ group, kind, namespace, name, sectionName }: Ref): string =>
    JSON.stringify([group, kind, namespace ?? namespaceOf(c.object), name, sectionName]);
  const self = refOf(c);
  return (specOf(c.object).parentRefs ?? []).filter((ref) => ref !== self && key(ref) === key(self));
}

/** The controller reads one grant per reference, found without regard to groups, and then minds the groups. */
function isShadowed(c: Comparison, ref: Ref, evidence: Evidence): boolean {
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
function isRobbed(owner: Manifest, listener: Listener, evidence: Evidence): boolean {
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
function isRefused(owner: Manifest, evidence: Evidence): boolean {
  const gateway = evidence.gatewayOf(owner);
  return (
    gateway !== undefined &&
    /^False\/(InvalidParameters|UnsupportedAddress)$/.test(theirAnswer(evidence, gateway, '', 'Accepted'))
  );
}

function hasForeignFilter(route: Manifest): boolean {
  return (specOf(route).rules ?? []).some(({ filters = [] }) =>
    filters.some(({ type }) => type === 'ExtensionRef' || type === 'ExternalAuth'),
  );
}

function hasBadSelector(c: Comparison): boolean {
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

function anchors(c: Comparison, evidence: Evidence): readonly Ref[] {
  const gateway = evidence.gatewayOf(c.object);
  const listener = listenerOf(c);
  return gateway === undefined || listener?.protocol !== 'HTTPS' ? [] : anchorsOf(gateway, listener.port);
}

/** What the controller says of the other listeners on the port, those of the whole family; and of this one. */
function neighbours(c: Comparison, evidence: Evidence): readonly ReadonlyMap<string, string>[] {
  const port = listenerOf(c)?.port;
  return evidence.family(c.object).flatMap(({ owner, listener }) => {
    const kind = owner.kind === 'Gateway' ? 'Gateway' : 'ListenerSet';
    const [said] = evidence.about(kind, owner).filter(({ at }) => at === `listeners[${listener.name}]`);
    return listener.port === port && said !== undefined ? [said.context.theirs] : [];
  });
}

/** Whether some resource of the family has two listeners on this port that one side or the other calls conflicted. */
function hasSelfConflict(c: Comparison, evidence: Evidence): boolean {
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

/** Known disagreements about routes. */
import type { KnownClass } from './knownClass.ts';
import { backendsOf, specOf } from './evidence.ts';
import {
  hasForeignFilter,
  isRefused,
  isResolvedRefs,
  isRobbed,
  isRoute,
  isShadowed,
  listenerOf,
  portTwins,
  refOf,
  terminatesTLS,
  theirAnswer,
  withoutTCP,
} from './signs.ts';

/** In order: the first that matches gives the verdict. */
export const ROUTE_CLASSES: readonly KnownClass[] = [
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
      'shared RouteStatus.parents: "parent references that cannot be resolved by an implementation of this API will not be added to this list"; whether one to a ListenerSet that its Gateway does not admit can be resolved is not said',
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
      isRoute(c) &&
      hasForeignFilter(c.object) &&
      (c.question === 'Accepted' ? c.theirs === 'False/UnsupportedValue' : c.theirs === 'True/ResolvedRefs'),
  },
  {
    id: 'default Gateways are not supported',
    verdict: 'open',
    sentence: 'GEP-3793: `useDefaultGateways` and `defaultScope` are experimental',
    matches: (c, evidence) => {
      const surplus = Number(c.ours) - Number(c.theirs);
      const isDefault = c.question === 'attachedRoutes' && specOf(c.object).defaultScope === 'All';
      return isDefault && surplus > 0 && surplus <= evidence.routesForDefaults();
    },
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
    id: 'a Service without endpoints counts as not resolved, for routes below HTTP',
    verdict: 'theirs',
    sentence:
      'shared RouteConditionResolvedRefs: "This condition indicates whether the controller was able to resolve all the object references for the Route"; endpoints are not what a Route refers to',
    matches: (c) =>
      isResolvedRefs(c) &&
      /^(TLS|TCP|UDP)Route$/.test(c.kind) &&
      c.theirs.includes('EndpointsNotFound') &&
      backendsOf(c.object).some(({ name }) => name.startsWith('idle-')),
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
];

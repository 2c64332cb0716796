import type { FieldPath } from './fieldPath.ts';
import type { RouteFilter } from './filter.ts';
import type { Gateway } from './gateway.ts';
import type { Indexed } from './kindMap.ts';
import { GATEWAY_GROUP, KINDS, formatGroupKind, kindOf, type KindName, type ListenerKind } from './kinds.ts';
import type { ListenerSet } from './listener.ts';
import { formatKey } from './object.ts';
import type { ObjectReference } from './reference.ts';
import type { Route } from './route.ts';
import { policyTargets } from './backendTLSPolicy.ts';

/** What a reference is for: which rules speak about it. */
export type ReferencePurpose =
  | 'parent'
  | 'backend'
  | 'request-mirror'
  | 'external-auth'
  | 'extension'
  | 'certificate'
  | 'client-certificate'
  | 'ca-certificate'
  | 'parameters'
  | 'target';

/** The one that refers, as a ReferenceGrant's `from` names it. */
export interface ReferenceSource {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** What is referred to, defaults filled in. `namespace` is `""` where the field means a cluster-scoped object. */
export interface ReferenceTarget {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
}

/** One reference field of an object. */
export interface Reference {
  /** The field, outermost: `spec.rules[0].backendRefs[1]`. */
  readonly path: FieldPath;
  readonly purpose: ReferencePurpose;
  readonly from: ReferenceSource;
  readonly to: ReferenceTarget;
  /** The field may name another namespace. */
  readonly canCross: boolean;
  /**
   * The target is in another namespace and the field needs a ReferenceGrant there (rg). Parents are admitted by `allowedRoutes` and
   * `allowedListeners` instead, class parameters by nobody.
   */
  readonly needsGrant: boolean;
}

/** How a field of a given purpose is read when the object leaves parts out, and what crossing namespaces takes. */
interface FieldRule {
  readonly purpose: ReferencePurpose;
  readonly group: string;
  readonly kind: string;
  readonly crossing: 'granted' | 'free' | 'never';
}

const PARENT: FieldRule = { purpose: 'parent', group: GATEWAY_GROUP, kind: 'Gateway', crossing: 'free' };
const BACKEND: FieldRule = { purpose: 'backend', group: '', kind: 'Service', crossing: 'granted' };
const MIRROR: FieldRule = { ...BACKEND, purpose: 'request-mirror' };
const EXTERNAL_AUTH: FieldRule = { ...BACKEND, purpose: 'external-auth' };
const EXTENSION: FieldRule = { purpose: 'extension', group: '', kind: '', crossing: 'never' };
const CERTIFICATE: FieldRule = { purpose: 'certificate', group: '', kind: 'Secret', crossing: 'granted' };
const CLIENT_CERTIFICATE: FieldRule = { ...CERTIFICATE, purpose: 'client-certificate' };
const FRONTEND_CA: FieldRule = { purpose: 'ca-certificate', group: '', kind: 'ConfigMap', crossing: 'granted' };
const LOCAL_CA: FieldRule = { ...FRONTEND_CA, crossing: 'never' };
const PARAMETERS: FieldRule = { purpose: 'parameters', group: '', kind: '', crossing: 'never' };
const CLASS_PARAMETERS: FieldRule = { ...PARAMETERS, crossing: 'free' };
const TARGET: FieldRule = { purpose: 'target', group: '', kind: '', crossing: 'never' };
/** `spec.targetRef` of BackendTLSPolicy v1alpha2 could name a namespace, to affect only traffic from its own (GEP-713). */
const FREE_TARGET: FieldRule = { ...TARGET, crossing: 'free' };

/**
 * Every reference that an object makes, in the order of its fields: all fields of all bundles from v1.0 to v1.6 that can point at another
 * object, in both channels, filters of rules and of single backendRefs included. The `to` of a ReferenceGrant is a permission and no
 * reference. Sources: rg, objref, gw, ls, http, grpc, btp; the CRDs of the bundles.
 */
export function references(entry: Indexed<KindName>): readonly Reference[] {
  const collector = new Collector(entry);
  switch (entry.kind) {
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
    case 'TCPRoute':
    case 'UDPRoute':
      collectRoute(collector, entry.object);
      break;
    case 'Gateway':
      collectGateway(collector, entry.object);
      break;
    case 'ListenerSet':
    case 'XListenerSet':
      collector.add(PARENT, ['spec', 'parentRef'], entry.object.spec.parentRef);
      collectListeners(collector, entry.object);
      break;
    case 'GatewayClass':
      collector.add(CLASS_PARAMETERS, ['spec', 'parametersRef'], entry.object.spec.parametersRef);
      break;
    case 'XMesh':
      collector.add(CLASS_PARAMETERS, ['spec', 'parametersRef'], entry.object.spec?.parametersRef);
      break;
    case 'BackendTLSPolicy': {
      const { targetRefs, validation, tls } = entry.object.spec;
      if (targetRefs === undefined) collector.add(FREE_TARGET, ['spec', 'targetRef'], policyTargets(entry.object)[0]);
      collector.addAll(TARGET, ['spec', 'targetRefs'], targetRefs);
      collector.addAll(LOCAL_CA, ['spec', 'validation', 'caCertificateRefs'], validation?.caCertificateRefs);
      collector.addAll(LOCAL_CA, ['spec', 'tls', 'caCertRefs'], tls?.caCertRefs);
      break;
    }
    case 'BackendLBPolicy':
    case 'XBackendTrafficPolicy':
      collector.addAll(TARGET, ['spec', 'targetRefs'], entry.object.spec.targetRefs);
      break;
    case 'XBackend': {
      const tls = entry.object.spec.tls;
      collector.add(CLIENT_CERTIFICATE, ['spec', 'tls', 'clientCertificateRef'], tls?.clientCertificateRef);
      collector.addAll(
        LOCAL_CA,
        ['spec', 'tls', 'validation', 'caCertificateRefs'],
        tls?.validation?.caCertificateRefs,
      );
      break;
    }
    default:
  }
  return collector.found;
}

/** Those of {@link references} that stand in one listener. */
export function listenerReferences(owner: Indexed<ListenerKind>, at: number): readonly Reference[] {
  const collector = new Collector(owner);
  collectListener(collector, owner.object, at);
  return collector.found;
}

function collectRoute(collector: Collector, route: Route): void {
  collector.addAll(PARENT, ['spec', 'parentRefs'], route.spec.parentRefs);
  route.spec.rules?.forEach((rule, r) => {
    rule.backendRefs?.forEach((backend, b) => {
      const path = ['spec', 'rules', r, 'backendRefs', b];
      collector.add(BACKEND, path, backend);
      collectFilters(collector, path, backend.filters);
    });
    if (rule.filters !== undefined) collectFilters(collector, ['spec', 'rules', r], rule.filters);
  });
}

function collectFilters(collector: Collector, holder: FieldPath, filters: readonly RouteFilter[] | undefined): void {
  filters?.forEach(({ requestMirror, externalAuth, extensionRef }, f) => {
    // Most filters refer to nothing, and no path is made for those: indexes ask this of every object that comes or goes.
    if (requestMirror === undefined && externalAuth === undefined && extensionRef === undefined) return;
    const path = [...holder, 'filters', f];
    collector.add(MIRROR, [...path, 'requestMirror', 'backendRef'], requestMirror?.backendRef);
    collector.add(EXTERNAL_AUTH, [...path, 'externalAuth', 'backendRef'], externalAuth?.backendRef);
    collector.add(EXTENSION, [...path, 'extensionRef'], extensionRef);
  });
}

function collectGateway(collector: Collector, gateway: Gateway): void {
  const { infrastructure, tls, backendTLS } = gateway.spec;
  collector.add(PARAMETERS, ['spec', 'infrastructure', 'parametersRef'], infrastructure?.parametersRef);
  collectListeners(collector, gateway);
  collector.addAll(
    FRONTEND_CA,
    ['spec', 'tls', 'frontend', 'default', 'validation', 'caCertificateRefs'],
    tls?.frontend?.default?.validation?.caCertificateRefs,
  );
  for (const [p, perPort] of (tls?.frontend?.perPort ?? []).entries()) {
    collector.addAll(
      FRONTEND_CA,
      ['spec', 'tls', 'frontend', 'perPort', p, 'tls', 'validation', 'caCertificateRefs'],
      perPort.tls?.validation?.caCertificateRefs,
    );
  }
  collector.add(
    CLIENT_CERTIFICATE,
    ['spec', 'tls', 'backend', 'clientCertificateRef'],
    tls?.backend?.clientCertificateRef,
  );
  collector.add(CLIENT_CERTIFICATE, ['spec', 'backendTLS', 'clientCertificateRef'], backendTLS?.clientCertificateRef);
}

function collectListeners(collector: Collector, holder: Gateway | ListenerSet): void {
  for (const at of holder.spec.listeners.keys()) collectListener(collector, holder, at);
}

function collectListener(collector: Collector, holder: Gateway | ListenerSet, at: number): void {
  const tls = holder.spec.listeners[at]?.tls;
  const path = ['spec', 'listeners', at, 'tls'];
  collector.addAll(CERTIFICATE, [...path, 'certificateRefs'], tls?.certificateRefs);
  collector.addAll(
    FRONTEND_CA,
    [...path, 'frontendValidation', 'caCertificateRefs'],
    tls?.frontendValidation?.caCertificateRefs,
  );
}

/** Gathers the references of one object. */
class Collector {
  readonly found: Reference[] = [];
  readonly #from: ReferenceSource;

  constructor({ kind, object }: Indexed<KindName>) {
    this.#from = { group: KINDS[kind].group, kind, namespace: object.metadata.namespace ?? '' };
  }

  addAll(rule: FieldRule, path: FieldPath, refs: readonly ObjectReference[] | undefined): void {
    for (const [at, ref] of (refs ?? []).entries()) this.add(rule, [...path, at], ref);
  }

  add(rule: FieldRule, path: FieldPath, ref: (ObjectReference & { readonly port?: number }) | undefined): void {
    if (ref === undefined) return;
    const from = this.#from;
    const canCross = rule.crossing !== 'never';
    const namespace = canCross ? (ref.namespace ?? from.namespace) : from.namespace;
    const to = { group: ref.group ?? rule.group, kind: ref.kind ?? rule.kind, namespace, name: ref.name };
    this.found.push({
      path,
      purpose: rule.purpose,
      from,
      to: ref.port === undefined ? to : { ...to, port: ref.port },
      canCross,
      needsGrant: rule.crossing === 'granted' && namespace !== from.namespace,
    });
  }
}

/** `Service shop/web`, as messages write what is referred to, whatever its kind. */
export function targetName({ to }: Reference): string {
  const kind = kindOf(to.group, to.kind) === undefined ? formatGroupKind(to) : to.kind;
  return formatKey({ ...to, kind });
}

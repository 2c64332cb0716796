import { checkKeyMaterial, clientCertificateReference } from '../keyMaterial.ts';
import type { Gateway } from '../gateway.ts';
import type { Indexed } from '../kindMap.ts';
import { kindOf, type ListenerKind } from '../kinds.ts';
import type { ListenerSet, ListenerStatus } from '../listener.ts';
import { listenerSetAdmission, mergeListeners } from '../listenerConflicts.ts';
import type { Condition } from '../object.ts';
import { indexedOwner, listenerSetsOf } from '../parent.ts';
import type { Snapshot } from '../snapshot.ts';
import { condition, isTrue } from './condition.ts';
import {
  attachedRoutes,
  countAttached,
  listenersOverTLS,
  statusOfListener,
  type ListenerContext,
  type ListenerStatusKind,
} from './listenerStatus.ts';
import { UNKNOWN_CONTROLLER, controllerOf, type StatusOptions } from './management.ts';

/** The kinds that the status of Gateways and ListenerSets reads. */
export type GatewayStatusKind = ListenerStatusKind | 'GatewayClass';

/** The status of a Gateway as a controller would fill it, but for addresses. */
export interface GatewayStatus {
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
  readonly attachedListenerSets: number;
}

/** The status of a ListenerSet as a controller would fill it. */
export interface ListenerSetStatus {
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
}

/** A Gateway's status with that of every ListenerSet that names it. */
export interface GatewayFamilyStatus {
  readonly gateway: GatewayStatus;
  readonly sets: readonly {
    readonly set: Indexed<'ListenerSet' | 'XListenerSet'>;
    readonly status: ListenerSetStatus;
  }[];
}

/**
 * The status of a Gateway and of the ListenerSets that name it; undefined when no chosen controller manages its class. Conflicts are settled
 * among all of them, conditions are each one's own (gw, ls, GEP-1713).
 */
export function statusOfGateway(
  snapshot: Snapshot<GatewayStatusKind>,
  gateway: Gateway,
  options: StatusOptions = {},
): GatewayFamilyStatus | undefined {
  const controllerName = controllerOf(snapshot, gateway, options);
  if (controllerName === undefined) return undefined;
  const { features = {} } = options;
  const merged = mergeListeners(snapshot, gateway, features);
  const overTLS = listenersOverTLS(merged);
  const refused = refusal(snapshot, gateway, controllerName);
  const contextOf = (owner: Indexed<ListenerKind>): ListenerContext => ({
    gateway,
    merged,
    overTLS,
    attached: countAttached(attachedRoutes(snapshot, owner, features)),
    isGatewayAccepted: refused === undefined,
    features,
  });
  const listenersOf = (owner: Indexed<ListenerKind>): readonly ListenerStatus[] => {
    const context = contextOf(owner);
    return merged.placesOf(owner).map((place) => statusOfListener(snapshot, place, context));
  };
  const listeners = listenersOf(indexedOwner('Gateway', gateway));
  const accepted = refused ?? acceptedFrom(gateway, listeners);
  const conditions = [
    accepted,
    programmedFrom(gateway, accepted, listeners),
    ...resolvedRefs(snapshot, gateway),
    ...insecureMode(gateway),
  ];
  const isAccepted = accepted.status === 'True';
  const sets = listenerSetsOf(snapshot, gateway).map((set) => ({
    set,
    status: statusOfSet(snapshot, gateway, set, isAccepted, () => listenersOf(set)),
  }));
  const attachedListenerSets = sets.filter(({ status }) => isTrue(status.conditions, 'Accepted')).length;
  return { gateway: { conditions, listeners, attachedListenerSets }, sets };
}

const ADDRESS_TYPES = ['IPAddress', 'Hostname'];

/** What refuses a Gateway whatever its listeners (gw: GatewayReasonInvalidParameters, UnsupportedAddress; GatewayStaticAddresses). */
function refusal(snapshot: Snapshot<'ConfigMap'>, gateway: Gateway, controllerName: string): Condition | undefined {
  const ref = gateway.spec.infrastructure?.parametersRef;
  if (ref !== undefined) {
    const problem = parametersProblem(snapshot, gateway, ref, controllerName);
    if (problem !== undefined) return condition(gateway, 'Accepted', false, 'InvalidParameters', problem);
  }
  const address = (gateway.spec.addresses ?? []).find(({ type }) => !ADDRESS_TYPES.includes(type ?? 'IPAddress'));
  if (address === undefined) return undefined;
  const message = `address type ${address.type ?? ''} is not supported`;
  return condition(gateway, 'Accepted', false, 'UnsupportedAddress', message);
}

/**
 * What is wrong with `infrastructure.parametersRef`: a ConfigMap must exist; of other kinds an implementation knows its own only, which are
 * taken to be those of a group in the domain of its controller name (gw: LocalParametersReference; GatewayInvalidParametersRef). Whose those
 * are without a GatewayClass in sight, nobody knows.
 */
function parametersProblem(
  snapshot: Snapshot<'ConfigMap'>,
  gateway: Gateway,
  ref: { readonly group: string; readonly kind: string; readonly name: string },
  controllerName: string,
): string | undefined {
  if (kindOf(ref.group, ref.kind) === 'ConfigMap') {
    const object = snapshot.get('ConfigMap', gateway.metadata.namespace ?? '', ref.name);
    if (object !== undefined || snapshot.sees('ConfigMap') === 'none') return undefined;
    return `spec.infrastructure.parametersRef: ConfigMap ${ref.name} does not exist`;
  }
  if (controllerName === UNKNOWN_CONTROLLER) return undefined;
  const domainOf = (name: string): string => (name.split('/')[0] ?? '').split('.').slice(-2).join('.');
  if (domainOf(ref.group) === domainOf(controllerName)) return undefined;
  return `spec.infrastructure.parametersRef: ${ref.group}/${ref.kind} is not a kind that ${controllerName} knows`;
}

/** `Accepted` from the Gateway's own listeners: False without any valid one, True with a remark while some are not (gw: GatewayReasonListenersNotValid). */
function acceptedFrom(gateway: Gateway, listeners: readonly ListenerStatus[]): Condition {
  const invalid = listeners.filter(({ conditions }) => !isTrue(conditions, 'Accepted')).map(({ name }) => name);
  if (invalid.length === 0) return condition(gateway, 'Accepted', true, 'Accepted', 'the Gateway is valid');
  const message = `listeners that are not valid: ${invalid.join(', ')}`;
  return condition(gateway, 'Accepted', invalid.length < listeners.length, 'ListenersNotValid', message);
}

/** `Programmed`, as far as objects tell: whether an address will be assigned is not in them (gw: GatewayConditionProgrammed). */
function programmedFrom(gateway: Gateway, accepted: Condition, listeners: readonly ListenerStatus[]): Condition {
  if (accepted.status !== 'True') return condition(gateway, 'Programmed', false, 'Invalid', accepted.message);
  if (listeners.length > 0 && !listeners.some(({ conditions }) => isTrue(conditions, 'Programmed'))) {
    return condition(gateway, 'Programmed', false, 'Invalid', 'no listener is programmed');
  }
  return condition(gateway, 'Programmed', true, 'Programmed', 'the Gateway is configured');
}

/** `ResolvedRefs`, about the client certificate for backends; `Accepted` stays (gw; GatewayInvalidTLSBackendConfiguration). */
function resolvedRefs(snapshot: Snapshot<GatewayStatusKind>, gateway: Gateway): readonly Condition[] {
  const reference = clientCertificateReference(gateway);
  if (reference === undefined) return [];
  const { problem } = checkKeyMaterial(snapshot, reference);
  if (problem === undefined) {
    return [condition(gateway, 'ResolvedRefs', true, 'ResolvedRefs', 'all references of the Gateway are resolved')];
  }
  const reason = problem.what === 'grant' ? 'RefNotPermitted' : 'InvalidClientCertificateRef';
  return [condition(gateway, 'ResolvedRefs', false, reason, problem.message)];
}

/** Present while a frontend validates insecurely, else absent (gw: GatewayConditionInsecureFrontendValidationMode). */
function insecureMode(gateway: Gateway): readonly Condition[] {
  const { frontend } = gateway.spec.tls ?? {};
  const modes = [
    frontend?.default?.validation?.mode,
    ...(frontend?.perPort ?? []).map(({ tls }) => tls?.validation?.mode),
  ];
  if (!modes.includes('AllowInsecureFallback')) return [];
  const message = 'clients are served even when their certificate does not validate';
  return [condition(gateway, 'InsecureFrontendValidationMode', true, 'ConfigurationChanged', message)];
}

/**
 * The conditions of a ListenerSet: refused with its Gateway, or by it; else accepted while a listener is usable (ls:
 * ListenerSetConditionAccepted; ListenerSetDefaultNotAllowed, ListenerSetReferenceGrant). The listeners of one that is not admitted are not
 * merged, so they have no status. Messages name neither parent nor siblings (ls).
 */
function statusOfSet(
  snapshot: Snapshot<GatewayStatusKind>,
  gateway: Gateway,
  { object }: { readonly object: ListenerSet },
  isGatewayAccepted: boolean,
  listenersOf: () => readonly ListenerStatus[],
): ListenerSetStatus {
  const both = (
    status: boolean | 'unknown',
    accepted: string,
    programmed: string,
    message: string,
  ): readonly Condition[] => [
    condition(object, 'Accepted', status, accepted, message),
    condition(object, 'Programmed', status, programmed, message),
  ];
  const { admitted } = listenerSetAdmission(snapshot, gateway, object);
  if (admitted === 'unknown') {
    const message = 'the labels of its namespace decide, and they are not in sight';
    return { conditions: both('unknown', 'Pending', 'Pending', message), listeners: [] };
  }
  if (!admitted) {
    const message = 'the Gateway does not allow ListenerSets of this namespace';
    return { conditions: both(false, 'NotAllowed', 'NotAllowed', message), listeners: [] };
  }
  const listeners = listenersOf();
  if (!isGatewayAccepted) {
    const message = 'the Gateway is not accepted';
    return { conditions: both(false, 'ParentNotAccepted', 'ParentNotProgrammed', message), listeners };
  }
  const unusable = listeners.filter(({ conditions }) => !isUsable(conditions)).map(({ name }) => name);
  if (unusable.length === 0) {
    const conditions = [
      condition(object, 'Accepted', true, 'Accepted', 'the ListenerSet is valid'),
      condition(object, 'Programmed', true, 'Programmed', 'the ListenerSet is configured'),
    ];
    return { conditions, listeners };
  }
  const message = `listeners that are not valid: ${unusable.join(', ')}`;
  const isUsed = unusable.length < listeners.length;
  const programmed = isUsed ? 'Programmed' : 'ListenersNotValid';
  return { conditions: both(isUsed, 'ListenersNotValid', programmed, message), listeners };
}

/** Accepted, and able to serve: a certificate that is not permitted or not there takes that away (ListenerSetReferenceGrant). */
function isUsable(conditions: readonly Condition[]): boolean {
  const refs = conditions.find(({ type }) => type === 'ResolvedRefs');
  return (
    isTrue(conditions, 'Accepted') && refs?.reason !== 'RefNotPermitted' && refs?.reason !== 'InvalidCertificateRef'
  );
}

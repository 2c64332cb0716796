import {
  BACKEND_KINDS,
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  KIND_NAMES,
  LISTENER_KINDS,
  ROUTE_KINDS,
  kindOf,
  type ObjectKey,
  type PolicyTargetReference,
  type Snapshot,
} from '#gateway';

/** The kinds that policies are judged to attach to; those of vendors are their own business. */
export const TARGET_KINDS = ['GatewayClass', ...LISTENER_KINDS, ...ROUTE_KINDS, ...BACKEND_KINDS] as const;
/** One of {@link TARGET_KINDS}. */
export type TargetKind = (typeof TARGET_KINDS)[number];

/** The targets of a policy, each with the field that names it. */
export function targetsOf(spec: {
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly targetRef?: PolicyTargetReference;
}): readonly { readonly path: readonly (string | number)[]; readonly target: PolicyTargetReference }[] {
  const { targetRefs = [], targetRef } = spec;
  return [
    ...(targetRef === undefined ? [] : [{ path: ['spec', 'targetRef'], target: targetRef }]),
    ...targetRefs.map((target, at) => ({ path: ['spec', 'targetRefs', at], target })),
  ];
}

/** What a target's group and kind mean: a kind to look for, nothing that can be said, or a mistake with the kind that was meant. */
export type TargetMeaning =
  | { readonly kind: TargetKind }
  | { readonly kind: undefined; readonly wrong: boolean; readonly meant: string | undefined };

/**
 * Reads the kind of a target. Policies about backends attach to backends: Service is Extended, kinds that other domains define are for each
 * implementation to support (btp; XBackendTrafficPolicy). Those of vendors attach to anything, but in a group of Gateway API only to a kind it
 * has, and to such a kind only in its group.
 */
export function meaningOf({ group, kind }: PolicyTargetReference, isVendors: boolean): TargetMeaning {
  const known = kindOf(group, kind);
  const found = (isVendors ? TARGET_KINDS : BACKEND_KINDS).find((one) => one === known);
  if (found !== undefined) return { kind: found };
  const lower = kind.toLowerCase();
  const meant = KIND_NAMES.find((name) => name.toLowerCase() === lower && (isVendors || isBackend(name)));
  const isOfGatewayApi = group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP;
  const isForeign = isVendors
    ? known !== undefined || (group === '' ? meant === undefined : !isOfGatewayApi)
    : known === undefined && group.includes('.') && !isOfGatewayApi;
  return {
    kind: undefined,
    wrong: !isForeign,
    meant: meant === undefined ? undefined : groupKind(KINDS[meant].group, meant),
  };
}

function isBackend(kind: string): boolean {
  return BACKEND_KINDS.some((backend) => backend === kind);
}

/** `gateway.networking.k8s.io/HTTPRoute`; a kind of the core group stands alone. */
export function groupKind(group: string, kind: string): string {
  return group === '' ? kind : `${group}/${kind}`;
}

/** The key of a target; its own namespace is the policy's unless it says otherwise. */
export function targetKey(kind: TargetKind, target: PolicyTargetReference, namespace: string): ObjectKey {
  return {
    kind,
    namespace: KINDS[kind].scope === 'Cluster' ? '' : (target.namespace ?? namespace),
    name: target.name,
  };
}

/** The parts of an object that `sectionName` can mean. */
export interface Sections {
  /** What they are called: `port`. */
  readonly part: string;
  readonly names: readonly string[];
}

/** An object that is there, with its sections; undefined sections where the specification gives `sectionName` no meaning. */
export function findTarget(
  snapshot: Snapshot<TargetKind>,
  kind: TargetKind,
  { namespace, name }: ObjectKey,
): { readonly sections: Sections | undefined } | undefined {
  switch (kind) {
    case 'Gateway':
    case 'ListenerSet':
    case 'XListenerSet': {
      const listeners = snapshot.get(kind, namespace, name)?.spec.listeners;
      return listeners && { sections: { part: 'listener', names: namesOf(listeners) } };
    }
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
    case 'TCPRoute':
    case 'UDPRoute': {
      const route = snapshot.get(kind, namespace, name);
      return route && { sections: { part: 'rule', names: namesOf(route.spec.rules ?? []) } };
    }
    case 'Service': {
      const service = snapshot.get(kind, namespace, name);
      return service && { sections: { part: 'port', names: namesOf(service.spec?.ports ?? []) } };
    }
    default:
      return snapshot.get(kind, namespace, name) && { sections: undefined };
  }
}

function namesOf(parts: readonly { readonly name?: string }[]): readonly string[] {
  return parts.flatMap(({ name }) => name ?? []);
}

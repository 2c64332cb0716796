import {
  certificateReferences,
  clientCertificateReference,
  frontendCAReferences,
  indexedOwner,
  isParent,
  objectKey,
  parentOf,
  type Gateway,
  type KubeObject,
  type ListenerKind,
  type ListenerStatus,
  type StoredCondition,
  type Snapshot,
} from '#gateway';
import { compareConditions, worst, type ComparedCondition, type ComparisonGround } from './conditions.ts';
import {
  createdAt,
  restsOnUnseen,
  unmanaged,
  type ComparisonKind,
  type Ground,
  type StatusLine,
  type StatusOf,
} from './line.ts';

/** A Gateway or ListenerSet, and each of its listeners. */
export function ownerLines(ground: Ground, { kind, object, status }: StatusOf<ListenerKind>): readonly StatusLine[] {
  const { snapshot, options, moving } = ground;
  const { namespace = '', name } = object.metadata;
  const stored = snapshot.get(kind, namespace, name);
  const found = stored && parentOf(snapshot, indexedOwner(kind, stored));
  const gateway = found !== undefined && isParent(found) ? found.gateway : undefined;
  if (stored === undefined || gateway === undefined || status === undefined) {
    return [{ kind, namespace, name, ...unmanaged(unmanagedOwner(snapshot, gateway)) }];
  }
  const owner = indexedOwner(kind, stored);
  const unseen = stored.spec.listeners.map((_listener, at) => ({
    certificates: restsOnUnseen(snapshot, certificateReferences(owner, at)),
    anchors: restsOnUnseen(snapshot, frontendCAReferences({ kind: 'Gateway', object: gateway }, owner, at)),
  }));
  const base = {
    generation: object.metadata.generation,
    since: Math.max(createdAt(object), createdAt(gateway), createdAt(classOf(snapshot, gateway))),
    now: options.now,
  };
  const isSomeUnseen =
    unseen.some(({ certificates, anchors }) => certificates || anchors) || hasUnseenParameters(snapshot, gateway);
  const client = kind === 'Gateway' ? clientCertificateReference(gateway) : undefined;
  const isClientUnseen = client !== undefined && restsOnUnseen(snapshot, [client]);
  const conditions = compareConditions(status.conditions, stored.status?.conditions, {
    ...base,
    isUncertain: (type) => (type === 'ResolvedRefs' ? isClientUnseen : isSomeUnseen),
  });
  const lines: StatusLine[] = [
    kind === 'Gateway'
      ? { kind, namespace, name, conditions, ...addressed(gateway, conditions) }
      : { kind, namespace, name, conditions, verdict: worst(conditions.map(({ verdict }) => verdict)), notes: [] },
  ];
  const onTheWay = moving.get(objectKey(kind, namespace, name)) ?? 0;
  for (const [at, predicted] of status.listeners.entries()) {
    const written = stored.status?.listeners?.find((entry) => entry.name === predicted.name);
    const { certificates = false, anchors = false } = unseen[at] ?? {};
    const isUncertain = (type: string): boolean =>
      type === 'Accepted' ? anchors : type !== 'Conflicted' && (anchors || certificates);
    lines.push({
      kind,
      namespace,
      name,
      part: { listener: predicted.name },
      ...listenerParts(predicted, written, { ...base, isUncertain }, onTheWay),
    });
  }
  return lines;
}

function unmanagedOwner(snapshot: Snapshot<'GatewayClass'>, gateway: Gateway | undefined): string {
  if (gateway === undefined) return 'its Gateway does not exist';
  const { gatewayClassName } = gateway.spec;
  return classOf(snapshot, gateway) === undefined
    ? `GatewayClass ${gatewayClassName} does not exist`
    : `no chosen controller manages GatewayClass ${gatewayClassName}`;
}

/** A Gateway is of use when it has an address (gw: GatewayStatus.addresses, GatewayReasonAddressNotAssigned). */
function addressed(
  { status }: Gateway,
  conditions: readonly ComparedCondition[],
): Pick<StatusLine, 'verdict' | 'addresses' | 'notes'> {
  const addresses = (status?.addresses ?? []).map(({ value }) => value);
  const verdict = worst(conditions.map((entry) => entry.verdict));
  const programmed = conditions.find(({ type }) => type === 'Programmed');
  const lacksOne =
    addresses.length === 0 &&
    programmed?.predicted.status === 'True' &&
    programmed.actual?.status === 'True' &&
    programmed.verdict !== 'stale';
  return lacksOne
    ? { verdict: 'differs', addresses, notes: ['the controller says Programmed, but has given it no address'] }
    : { verdict, addresses, notes: [] };
}

function listenerParts(
  predicted: ListenerStatus,
  written: ListenerStatus<StoredCondition> | undefined,
  ground: ComparisonGround,
  onTheWay: number,
): Pick<StatusLine, 'verdict' | 'conditions' | 'attachedRoutes' | 'notes'> {
  const conditions = compareConditions(predicted.conditions, written?.conditions, ground);
  const verdicts = conditions.map(({ verdict }) => verdict);
  if (written !== undefined && written.attachedRoutes !== predicted.attachedRoutes) {
    const isExplained = Math.abs(written.attachedRoutes - predicted.attachedRoutes) <= onTheWay;
    verdicts.push(verdicts.includes('stale') ? 'stale' : isExplained ? 'waiting' : 'differs');
  }
  const attachedRoutes = { predicted: predicted.attachedRoutes, actual: written?.attachedRoutes };
  return { verdict: worst(verdicts), conditions, attachedRoutes, notes: [] };
}

function classOf(snapshot: Snapshot<'GatewayClass'>, { spec }: Gateway): KubeObject | undefined {
  return snapshot.get('GatewayClass', '', spec.gatewayClassName);
}

function hasUnseenParameters(snapshot: Snapshot<ComparisonKind>, { spec }: Gateway): boolean {
  return spec.infrastructure?.parametersRef?.kind === 'ConfigMap' && snapshot.sees('ConfigMap') === 'none';
}

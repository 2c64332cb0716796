import { isSameParentRef, references, type ParentReference } from '#gateway';
import { compareConditions, worst } from './conditions.ts';
import { createdAt, restsOnUnseen, unmanaged, type Ground, type StatusLine, type StatusOf } from './line.ts';

/** A BackendTLSPolicy at each Gateway whose routes send to its targets. */
export function policyLines(
  { snapshot, options }: Ground,
  { kind, object, status }: StatusOf<'BackendTLSPolicy'>,
): readonly StatusLine[] {
  const { namespace = '', name, generation } = object.metadata;
  const stored = snapshot.get(kind, namespace, name);
  if (stored === undefined || status.ancestors.length === 0) {
    return [{ kind, namespace, name, ...unmanaged('no route of a managed Gateway sends to its targets') }];
  }
  const anchors = references({ kind, object: stored }).filter(({ purpose }) => purpose === 'ca-certificate');
  const isUnseen = restsOnUnseen(snapshot, anchors);
  return status.ancestors.map(({ ancestorRef, controllerName, conditions: predicted }) => {
    // Some controllers name the listener as well.
    const entry = (stored.status?.ancestors ?? []).find(
      (candidate) =>
        candidate.controllerName === controllerName &&
        isSameParentRef({ ...withoutSection(candidate.ancestorRef) }, ancestorRef, namespace),
    );
    const gateway = snapshot.get('Gateway', ancestorRef.namespace ?? namespace, ancestorRef.name);
    const conditions = compareConditions(predicted, entry?.conditions, {
      generation,
      since: Math.max(createdAt(object), createdAt(gateway)),
      now: options.now,
      isUncertain: () => isUnseen,
    });
    const verdict = worst(conditions.map((one) => one.verdict));
    return { kind, namespace, name, part: { ancestorRef, controllerName }, verdict, conditions, notes: [] };
  });
}

function withoutSection({ group, kind, namespace, name }: ParentReference): ParentReference {
  return {
    ...(group === undefined ? {} : { group }),
    ...(kind === undefined ? {} : { kind }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
  };
}

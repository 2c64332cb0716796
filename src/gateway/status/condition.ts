import type { Condition, KubeObject, StoredCondition } from '../object.ts';

/** A condition of an object's status; `observedGeneration` is the object's generation where it has one. */
export function condition(
  object: KubeObject,
  type: string,
  status: boolean | 'unknown',
  reason: string,
  message: string,
): Condition {
  const { generation } = object.metadata;
  return {
    type,
    status: status === 'unknown' ? 'Unknown' : status ? 'True' : 'False',
    reason,
    message,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/** Whether a condition of that type is there and True. */
export function isTrue(conditions: readonly StoredCondition[] | undefined, type: string): boolean {
  return conditions?.some((entry) => entry.type === type && entry.status === 'True') ?? false;
}

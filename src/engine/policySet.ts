import type { KindName } from '#gateway';
import { OPERATIONS, type BoundPolicy, type Operation } from '#policy';
import type { Exemption } from './exemption.ts';

/** All documents in force, sorted so that a review meets only those that can speak about it. */
export interface PolicySet {
  readonly policies: readonly BoundPolicy[];
  readonly exemptions: readonly Exemption[];
  /** The documents whose policy covers the kind and operation. */
  readonly speakingOf: (kind: KindName, operation: Operation) => readonly BoundPolicy[];
}

/** Sorts bound documents by the kinds and operations they cover. */
export function policySet(policies: readonly BoundPolicy[], exemptions: readonly Exemption[]): PolicySet {
  const table = new Map<string, readonly BoundPolicy[]>();
  for (const kind of new Set(policies.flatMap(({ policy }) => policy.subjects))) {
    for (const operation of OPERATIONS) {
      const speaking = policies.filter(({ policy }) => policy.operationsOn(kind).includes(operation));
      if (speaking.length > 0) table.set(`${kind} ${operation}`, speaking);
    }
  }
  return { policies, exemptions, speakingOf: (kind, operation) => table.get(`${kind} ${operation}`) ?? [] };
}

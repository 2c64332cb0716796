import type { KindName } from '#gateway';
import { OPERATIONS, type BoundPolicy, type Operation } from '#policy';
import type { Exemption } from './exemption.ts';

/** All documents in force, sorted so that a review meets only those that can speak about it. */
export interface PolicySet {
  readonly policies: readonly BoundPolicy[];
  readonly exemptions: readonly Exemption[];
  /** Whether any document holds hostnames by claims. */
  readonly holdsClaims: boolean;
  /** The documents whose policy covers the kind and operation. */
  readonly speakingOf: (kind: KindName, operation: Operation) => readonly BoundPolicy[];
}

/** Sorts bound documents by the kinds and operations they cover. */
export function policySet(policies: readonly BoundPolicy[], exemptions: readonly Exemption[]): PolicySet {
  const table = new Map<KindName, ReadonlyMap<Operation, readonly BoundPolicy[]>>();
  for (const kind of new Set(policies.flatMap(({ policy }) => policy.subjects))) {
    const speakingOn = (operation: Operation): readonly BoundPolicy[] =>
      policies.filter(({ policy }) => policy.operationsOn(kind).includes(operation));
    table.set(kind, new Map(OPERATIONS.map((operation) => [operation, speakingOn(operation)])));
  }
  const holdsClaims = policies.some(({ claims }) => claims !== undefined);
  return { policies, exemptions, holdsClaims, speakingOf: (kind, operation) => table.get(kind)?.get(operation) ?? [] };
}

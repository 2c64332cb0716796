import type { Policy } from '#policy';
import { defaultFilters } from './default-filters/policy.ts';
import { gatewayClass } from './gateway-class/policy.ts';
import { hostnameOwnership } from './hostname-ownership/policy.ts';
import { ingressCutover } from './ingress-cutover/policy.ts';
import { namespaceGate } from './namespace-gate/policy.ts';

/** Every policy, sorted by id. */
export const POLICIES: readonly Policy[] = [
  defaultFilters,
  gatewayClass,
  hostnameOwnership,
  ingressCutover,
  namespaceGate,
];

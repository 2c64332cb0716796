import type { Policy } from '#policy';
import { channelPinning } from './channel-pinning/policy.ts';
import { defaultFilters } from './default-filters/policy.ts';
import { gatewayClass } from './gateway-class/policy.ts';
import { hostnameOwnership } from './hostname-ownership/policy.ts';
import { ingressCutover } from './ingress-cutover/policy.ts';
import { namespaceGate } from './namespace-gate/policy.ts';
import { referenceGrants } from './reference-grants/policy.ts';
import { routePrecedence } from './route-precedence/policy.ts';
import { supportedFeatures } from './supported-features/policy.ts';

/** Every policy, sorted by id. */
export const POLICIES: readonly Policy[] = [
  channelPinning,
  defaultFilters,
  gatewayClass,
  hostnameOwnership,
  ingressCutover,
  namespaceGate,
  referenceGrants,
  routePrecedence,
  supportedFeatures,
];

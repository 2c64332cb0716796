// Written by npm run generate.
import type { Policy } from '#policy';
import { backendReferencesPolicy } from './backend-references/policy.ts';
import { channelPinning } from './channel-pinning/policy.ts';
import { defaultFilters } from './default-filters/policy.ts';
import { gatewayClass } from './gateway-class/policy.ts';
import { hostnameOwnership } from './hostname-ownership/policy.ts';
import { ingressCutover } from './ingress-cutover/policy.ts';
import { listenerSafety } from './listener-safety/policy.ts';
import { namespaceGate } from './namespace-gate/policy.ts';
import { policyAttachment } from './policy-attachment/policy.ts';
import { referenceGrants } from './reference-grants/policy.ts';
import { routeAttachment } from './route-attachment/policy.ts';
import { routePrecedence } from './route-precedence/policy.ts';
import { supportedFeatures } from './supported-features/policy.ts';

/** Every policy, sorted by id. */
export const POLICIES: readonly Policy[] = [
  backendReferencesPolicy,
  channelPinning,
  defaultFilters,
  gatewayClass,
  hostnameOwnership,
  ingressCutover,
  listenerSafety,
  namespaceGate,
  policyAttachment,
  referenceGrants,
  routeAttachment,
  routePrecedence,
  supportedFeatures,
];

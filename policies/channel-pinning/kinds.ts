/** Gateway API's own kinds, as channel pinning judges and reads them. */
export const GATEWAY_KINDS = [
  'GatewayClass',
  'Gateway',
  'ListenerSet',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
  'ReferenceGrant',
  'BackendTLSPolicy',
  'BackendLBPolicy',
  'XListenerSet',
  'XBackendTrafficPolicy',
  'XBackend',
  'XMesh',
] as const;

/** One of {@link GATEWAY_KINDS}. */
export type GatewayKind = (typeof GATEWAY_KINDS)[number];

import { tlsModeOf, type Listener } from '#gateway';

/** What is said of a listener of protocol HTTPS without TLS settings, after its name. */
export const TLS_MISSING =
  'has protocol HTTPS but no tls settings, so it has no certificate to serve with. Add certificateRefs';
/** What is said of a listener that passes TLS through and names certificates, after its name. */
export const TLS_UNUSED = 'passes TLS through, so its certificateRefs are not used. Remove them, or use mode Terminate';

/** What the CRDs leave open about TLS settings (gw: ListenerTLSConfig): HTTPS without any, certificates that pass-through does not use. */
export function tlsProblem(listener: Listener): string | undefined {
  const { protocol, tls, name } = listener;
  if (protocol === 'HTTPS' && tls === undefined) {
    return `listener "${name}" ${TLS_MISSING}`;
  }
  if (protocol === 'TLS' && tlsModeOf(listener) === 'Passthrough' && (tls?.certificateRefs ?? []).length > 0) {
    return `listener "${name}" ${TLS_UNUSED}`;
  }
  return undefined;
}

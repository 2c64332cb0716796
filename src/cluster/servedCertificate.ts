import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { errorText } from '../errors.ts';
import type { Seen } from './installation.ts';

/** How long somebody may take to present a certificate, in milliseconds. */
const PATIENCE = 2000;

/**
 * The chain that is presented at an address to whoever asks for `name`, PEM, leaf first. Nothing is sent but a handshake, and nothing is
 * verified: that is for whoever asked.
 */
export async function servedCertificate(host: string, port: number, name: string): Promise<Seen<string>> {
  const socket = connect({
    host,
    port,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(PATIENCE) });
    const chain: string[] = [];
    for (let at = socket.getPeerX509Certificate(); at !== undefined; at = at.issuerCertificate) {
      if (chain.includes(at.toString())) break;
      chain.push(at.toString());
    }
    return chain.length === 0 ? { unseen: 'no certificate was presented' } : { value: chain.join('') };
  } catch (error) {
    const problem = errorText(error);
    return { unseen: problem === 'The operation was aborted' ? `no answer within ${PATIENCE / 1000} s` : problem };
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Who may ask for reviews where a client CA is given: whoever shows a certificate that it signed, or only those whose common name is one of
 * some names (as with `--requestheader-allowed-names` of kube-apiserver).
 */
export class Callers {
  readonly #names: ReadonlySet<string>;
  /** A connection keeps its certificate for life, and looking at one costs more than a review. */
  readonly #admitted = new WeakMap<Socket, boolean>();

  /** With no names, every holder of a certificate is admitted. */
  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** Whether requests on this connection are taken. */
  admits(socket: Socket): boolean {
    const known = this.#admitted.get(socket);
    if (known !== undefined) return known;
    const admitted = socket instanceof TLSSocket && socket.authorized && this.#isNamed(socket);
    this.#admitted.set(socket, admitted);
    return admitted;
  }

  #isNamed(socket: TLSSocket): boolean {
    if (this.#names.size === 0) return true;
    // Of a certificate with several common names this is a list, which is no name.
    const { CN: name } = socket.getPeerCertificate().subject;
    return typeof name === 'string' && this.#names.has(name);
  }
}

import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Credentials } from './certificate.ts';

/**
 * The TLS server of the webhook port. The API server keeps idle connections for 90 s and does not repeat a review whose connection was reset:
 * so the server's own keep-alive is longer. Head, body and handshake are bounded in time, or slow callers would pile up.
 *
 * A client certificate is asked for, but its lack ends no handshake: probes of the kubelet have none. The routes that need one look at it.
 */
export function createListener({ options }: Credentials, handler: RequestListener): Server {
  const server = createServer(
    {
      ...options,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
      requestCert: options.ca !== undefined,
      rejectUnauthorized: false,
      keepAliveTimeout: 120_000,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      connectionsCheckingInterval: 1000,
    },
    handler,
  );
  server.maxRequestsPerSocket = 1000;
  server.maxConnections = 4096;
  return server;
}

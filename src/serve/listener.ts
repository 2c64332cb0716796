import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Credentials } from './certificate.ts';

/** How long a connection is used at least, in milliseconds, and at most twice as long: so many of one moment do not all end in one. */
const CONNECTION_AGE = 60_000;

/**
 * The TLS server of the webhook port. The API server keeps idle connections for 90 s and does not repeat a review whose connection was reset:
 * so the server's own keep-alive is longer. Head, body and handshake are bounded in time, or slow callers would pile up.
 *
 * A client certificate is asked for, but its lack ends no handshake: probes of the kubelet have none. The routes that need one look at it.
 *
 * The API server keeps to the connections it has: the answer that finds one older than `age` closes it, or a new replica would get no reviews
 * while the others live. By age and not by a number of requests, since a busy connection should not pay for handshakes (at 16,000 reviews a
 * second and 1,000 for each connection a twentieth of the processor), and an idle one would never come to the number.
 */
export function createListener({ options }: Credentials, handler: RequestListener, age = CONNECTION_AGE): Server {
  const ends = new WeakMap<Socket, number>();
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
    (request, response) => {
      if (performance.now() >= (ends.get(request.socket) ?? 0)) response.setHeader('connection', 'close');
      handler(request, response);
    },
  );
  server.on('secureConnection', (socket) => {
    ends.set(socket, performance.now() + age * (1 + Math.random()));
  });
  server.maxConnections = 4096;
  // Who has found no room finds some the next time: connections that nobody uses must not shut out the API server. What has arrived over one of
  // them in this turn of the event loop is read first: it is in use.
  server.on('drop', () => {
    setImmediate(() => {
      server.closeIdleConnections();
    });
  });
  return server;
}

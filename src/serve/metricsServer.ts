import { createServer, type Server } from 'node:http';
import type { Metrics } from '../telemetry/index.ts';

/** The metrics port: `GET /metrics` and nothing else, apart from the webhook port and without TLS. */
export function createMetricsServer(metrics: Metrics): Server {
  const server = createServer((request, response) => {
    const isMetrics = request.method === 'GET' && (request.url ?? '').split('?', 1)[0] === '/metrics';
    if (!isMetrics) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('GET /metrics is all there is\n');
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = 64;
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  return server;
}

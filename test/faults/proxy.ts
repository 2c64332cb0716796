import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A TCP proxy on loopback that hands each new connection to the next of its backends, as a Service does;
 * one that refuses the connection is passed over. Connections that stand stay.
 */
export interface Proxy {
  readonly port: number;
  /** From now on, new connections go to these ports. */
  backends: readonly number[];
  /** Connections that stand to one backend. */
  readonly connectionsTo: (port: number) => number;
  readonly close: () => void;
}

/** Starts it on a free port. */
export async function startProxy(): Promise<Proxy> {
  let turn = 0;
  const pairs = new Set<{ readonly client: Socket; readonly backend: Socket; readonly port: number }>();
  const server: Server = createServer({ noDelay: true }, (client) => {
    turn += 1;
    client.on('error', () => undefined);
    join(
      client,
      proxy.backends.map((_, at) => proxy.backends[(turn + at) % proxy.backends.length] ?? 0),
    );
  });
  const join = (client: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const backend = connect({ host: '127.0.0.1', port, noDelay: true });
    const refused = (): void => {
      join(client, others);
    };
    backend.once('error', refused);
    backend.once('connect', () => {
      backend.off('error', refused);
      const pair = { client, backend, port };
      pairs.add(pair);
      for (const [one, other] of [
        [client, backend],
        [backend, client],
      ] as const) {
        one.on('error', () => {
          other.resetAndDestroy();
        });
        one.on('close', () => {
          pairs.delete(pair);
          other.destroySoon();
        });
        one.pipe(other);
      }
    });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    backends: [],
    connectionsTo: (port) => [...pairs].filter((pair) => pair.port === port).length,
    close: () => {
      server.close();
      for (const { client, backend } of pairs) {
        client.destroy();
        backend.destroy();
      }
    },
  };
  return proxy;
}

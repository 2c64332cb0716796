import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A wire that can be cut in the ways wires are: between a client and a port on loopback. */
export interface TcpProxy {
  readonly port: number;
  /** Loses everything that is sent over the connections there are, in both directions; nobody is told. New connections are as good as any. */
  readonly lose: () => void;
  /** Keeps everything that is sent over the connections there are, until it is let go; nothing of it is lost. */
  readonly hold: () => void;
  readonly letGo: () => void;
  /** Resets the connections there are. */
  readonly reset: () => void;
  /** While true new connections are reset too. */
  refusing: boolean;
  readonly close: () => Promise<void>;
}

/** Starts it on a free loopback port, in front of another. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((inward) => {
    if (proxy.refusing) {
      inward.resetAndDestroy();
      return;
    }
    const outward = connect(target, '127.0.0.1');
    const pair = [inward, outward] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [outward, inward] as const]) {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy: TcpProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    lose: () => {
      for (const pair of pairs) {
        for (const [from, to] of [pair, [pair[1], pair[0]] as const]) {
          from.unpipe(to);
          from.removeAllListeners('close').resume();
        }
      }
    },
    hold: () => {
      for (const [inward, outward] of pairs) {
        inward.unpipe(outward);
        outward.unpipe(inward);
      }
    },
    letGo: () => {
      for (const [inward, outward] of pairs) {
        inward.pipe(outward);
        outward.pipe(inward);
      }
    },
    reset: () => {
      for (const [inward, outward] of pairs) {
        inward.resetAndDestroy();
        outward.destroy();
      }
    },
    refusing: false,
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

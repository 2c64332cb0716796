/**
 * The load generator, in a process of its own: raw HTTP/1.1 over kept TLS connections, since Node's own client costs more than the servers.
 * Gets visits by message, answers each with what it counted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** One visit to one server. */
export interface Visit {
  readonly port: number;
  readonly ca: string;
  readonly bodies: readonly string[];
  readonly connections: number;
  /** How long, in milliseconds. */
  readonly milliseconds: number;
  /**
   * Reviews in a second over all connections; the latency of one that had to wait for an answer begins when it was due. Undefined: each
   * connection sends its next review as soon as it has an answer.
   */
  readonly rate?: number;
}

/** What a visit came to. */
export interface Visited {
  readonly answers: number;
  /** Answers that were no allow. */
  readonly refused: number;
  readonly seconds: number;
  /** Latencies in milliseconds, sorted. */
  readonly p50: number;
  readonly p99: number;
  /** All of them, of a visit with a rate. */
  readonly latencies: readonly number[];
}

const pools = new Map<number, TLSSocket[]>();

async function socketsFor({ port, ca, connections }: Visit): Promise<readonly TLSSocket[]> {
  const pool = (pools.get(port) ?? []).filter((socket) => !socket.destroyed);
  pools.set(port, pool);
  while (pool.length < connections) pool.push(await open(port, ca));
  return pool.slice(0, connections);
}

function open(port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      socket.setNoDelay();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function visit(order: Visit): Promise<Visited> {
  const requests = order.bodies.map((body) =>
    Buffer.from(
      `POST /validate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const latencies: number[] = [];
  let refused = 0;
  const started = performance.now();
  const end = started + order.milliseconds;
  const sockets = await socketsFor(order);
  await Promise.all(
    sockets.map(async (first, at) => {
      let socket = first;
      for (let next = at; performance.now() < end; next += 1) {
        const due = order.rate === undefined ? 0 : started + (1000 * (at + (next - at) * sockets.length)) / order.rate;
        const early = due - performance.now();
        // No spinning until it is due: that would take a core from the servers. How late a timer is, is not the server's.
        if (early > 0) await pause(early);
        const sent = order.rate === undefined || early > 0 ? performance.now() : due;
        // A server may close a connection after so many requests.
        if (socket.destroyed || socket.closed) socket = await open(order.port, order.ca);
        const answer = await exchange(socket, requests[next % requests.length] ?? Buffer.alloc(0));
        latencies.push(performance.now() - sent);
        if (!answer.includes('"allowed":true')) {
          refused += 1;
          if (refused === 1) process.stderr.write(`${answer.slice(0, 2000)}\n`);
        }
        if (/^connection: close/im.test(answer)) {
          socket.destroy();
          pools.set(
            order.port,
            (pools.get(order.port) ?? []).filter((other) => other !== socket),
          );
        }
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (part: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
  const told = order.rate === undefined ? [] : latencies;
  return { answers: latencies.length, refused, seconds, p50: at(0.5), p99: at(0.99), latencies: told };
}

/** Sends one request and gives the whole answer as text. */
function exchange(socket: TLSSocket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const stop = (): void => {
      socket.off('data', take).off('error', fail).off('close', closed);
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = /content-length: (\d+)/i.exec(text);
      const isWhole = length === null ? text.endsWith('0\r\n\r\n') : text.length >= head + 4 + Number(length[1]);
      if (!isWhole) return;
      stop();
      resolve(text);
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const closed = (): void => {
      fail(new Error('connection closed before the answer'));
    };
    socket.on('data', take).on('error', fail).on('close', closed);
    socket.write(request);
  });
}

process.on('message', (order: Visit) => {
  void visit(order).then((visited) => process.send?.(visited));
});
process.on('disconnect', () => process.exit());

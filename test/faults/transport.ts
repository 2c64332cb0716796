import { connect, type TLSSocket } from 'node:tls';

/** What reviews came to. */
export interface Tally {
  answered: number;
  /** Asked again as a 429 or 5xx with `Retry-After` wants. */
  retried: number;
  /** Not answered with a review: the API server would let `failurePolicy` decide. */
  failed: number;
  /** Of these, on connections that had gone while the answer was out. */
  torn: number;
  /** Reviews that were sent and not answered, at this moment. */
  inFlight: number;
  handshakes: number;
  readonly reasons: Map<string, number>;
}

/** As the API server calls: how it idles, waits and asks again (client-go's transport and `WithExponentialBackoffRetry` of webhooks). */
export interface Manner {
  /** Where to call: asked for each new connection. */
  readonly port: () => number;
  /** What to trust: asked for each new connection, and standing connections end when it changes, as clients are kept per bundle. */
  readonly bundle: () => string;
  readonly bodies: readonly string[];
  /** Timeout of a review, in seconds. */
  readonly timeout: number;
}

const IDLE = 90_000;
const RETRIES = 10;

interface Connection {
  readonly socket: TLSSocket;
  readonly bundle: string;
  /** How often the client had been closed when it was opened. */
  readonly age: number;
  idleSince: number;
  alive: boolean;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly close: boolean;
}

/** A client of webhooks over HTTP/1.1 with kept connections. A POST whose connection is reset is not sent again. */
export class Transport {
  readonly tally: Tally = {
    answered: 0,
    retried: 0,
    failed: 0,
    torn: 0,
    inFlight: 0,
    handshakes: 0,
    reasons: new Map(),
  };
  readonly #manner: Manner;
  #idle: Connection[] = [];
  #age = 0;
  #next = 0;

  constructor(manner: Manner) {
    this.#manner = manner;
  }

  /** One review from beginning to end. */
  async review(): Promise<void> {
    const { bodies, timeout } = this.#manner;
    const body = bodies[this.#next++ % bodies.length] ?? '';
    const deadline = performance.now() + timeout * 1000;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await this.#ask(body, deadline);
        if (answer.status === 200 && answer.text.includes('"allowed":true')) {
          this.tally.answered += 1;
          return;
        }
        const wait = Number(/^retry-after: (\d+)/im.exec(answer.text)?.[1]) * 1000;
        const isRetried = (answer.status === 429 || answer.status >= 500) && wait > 0 && attempt < RETRIES;
        if (!isRetried || performance.now() + wait > deadline) throw new Error(`status ${answer.status}`);
        this.tally.retried += 1;
        await new Promise((resolve) => setTimeout(resolve, wait));
      } catch (error) {
        this.tally.failed += 1;
        const reason = error instanceof Error ? error.message : String(error);
        this.tally.reasons.set(reason, (this.tally.reasons.get(reason) ?? 0) + 1);
        return;
      }
    }
  }

  /** Opens connections, a few at a time, so that what follows measures no handshakes. */
  async warm(connections: number): Promise<void> {
    let left = connections;
    const opened: Connection[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (left > 0) {
          left -= 1;
          opened.push(await this.#open(performance.now() + 60_000));
        }
      }),
    );
    for (const connection of opened) {
      connection.idleSince = performance.now();
      this.#idle.push(connection);
    }
  }

  /** Lets go of all connections: those that wait for an answer once they have it. */
  close(): void {
    this.#age += 1;
    for (const { socket } of this.#idle.splice(0)) socket.destroy();
  }

  async #ask(body: string, deadline: number): Promise<Answer> {
    const connection = this.#kept() ?? (await this.#open(deadline));
    this.tally.inFlight += 1;
    try {
      const answer = await this.#exchange(connection, body, deadline);
      if (answer.close || connection.age < this.#age) connection.socket.destroy();
      else {
        connection.idleSince = performance.now();
        this.#idle.push(connection);
      }
      return answer;
    } catch (error) {
      connection.socket.destroy();
      throw error;
    } finally {
      this.tally.inFlight -= 1;
    }
  }

  /** The connection that was used last, as Go's pool does; those that have ended, idled too long or trust an old bundle are let go. */
  #kept(): Connection | undefined {
    const now = performance.now();
    const bundle = this.#manner.bundle();
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.alive && now - last.idleSince < IDLE && last.bundle === bundle) return last;
      last.socket.destroy();
    }
    return undefined;
  }

  #open(deadline: number): Promise<Connection> {
    const [bundle, age] = [this.#manner.bundle(), this.#age];
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: this.#manner.port(), servername: 'localhost', ca: bundle });
      const timer = setTimeout(
        () => {
          socket.destroy(new Error('no connection in time'));
        },
        Math.max(1, deadline - performance.now()),
      );
      const connection: Connection = { socket, bundle, age, idleSince: 0, alive: true };
      socket.setNoDelay();
      socket.once('error', (error: Error) => {
        clearTimeout(timer);
        reject(new Error(`connecting: ${error.message}`));
      });
      socket.once('secureConnect', () => {
        clearTimeout(timer);
        this.tally.handshakes += 1;
        resolve(connection);
      });
      const gone = (): void => {
        connection.alive = false;
      };
      socket.on('error', gone).on('end', gone).on('close', gone);
    });
  }

  #exchange({ socket }: Connection, body: string, deadline: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let text = '';
      const stop = (): void => {
        clearTimeout(timer);
        socket.off('data', take).off('close', torn);
      };
      const torn = (): void => {
        stop();
        this.tally.torn += 1;
        reject(new Error('connection gone before the answer'));
      };
      const timer = setTimeout(
        () => {
          stop();
          reject(new Error('no answer in time'));
        },
        Math.max(1, deadline - performance.now()),
      );
      const take = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        const head = text.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
        if (text.length < head + 4 + length) return;
        stop();
        resolve({ status: Number(text.slice(9, 12)), text, close: /^connection: close/im.test(text.slice(0, head)) });
      };
      socket.on('data', take).on('close', torn);
      const { timeout } = this.#manner;
      socket.write(
        `POST /validate?timeout=${timeout}s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }
}

/** What is asked for by {@link load}. */
export interface Load {
  /** At least so many in all. */
  readonly reviews: number;
  /** So many at once. */
  readonly concurrency: number;
  /** Whether it may end. */
  readonly until: () => boolean;
}

/** Has reviews asked. */
export async function load(transport: Transport, { reviews, concurrency, until }: Load): Promise<void> {
  let begun = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (begun < reviews || !until()) {
        begun += 1;
        await transport.review();
      }
    }),
  );
}

import { errorCodes } from 'fastify';
import type { Readable } from 'node:stream';
import { TEXT_DEPTH, TEXT_VALUES, excessOf } from '../admission/index.ts';
import { joined } from '../cluster/joined.ts';

/** Bodies above this size are looked at for depth and number of values before they are parsed; below it the worst holds the event loop for 60 ms. */
const DEEP_FROM = 512 * 1024;

/** A piece below so many bytes is a crumb; so many of them in a row become one piece. */
const CRUMB = 512;
const MOST_CRUMBS = 1024;

/**
 * The body of a request, in the pieces in which it came, which are its own. Nothing is copied until it is read, and then all is given back at
 * once: memory outside of the heap that waits for the next scavenge makes V8 mark the whole heap over and over (at 8 KB and 13,000 reviews a
 * second every 120 ms, for a tenth of the processor).
 */
export class Body {
  readonly #pieces: Buffer[] = [];
  #length = 0;
  /** How many of the last pieces are crumbs. */
  #crumbs = 0;

  /** Reads a stream to its end. Gives an error with a status to answer with: 413 when it is longer than `limit` bytes, 400 when it breaks. */
  static read(stream: Readable, limit: number, done: (error: Error | null, body?: Body) => void): void {
    const body = new Body();
    let isOver = false;
    const finish = (error: Error | null): void => {
      if (isOver) return;
      isOver = true;
      if (error === null) done(null, body);
      else done(error);
    };
    // The listeners stay, since to take them away costs more than they do.
    stream
      .on('data', (piece: Buffer) => {
        body.#length += piece.length;
        if (body.#length > limit) finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
        else body.#add(piece);
      })
      .on('end', () => {
        finish(null);
      })
      .on('error', ({ message }) => {
        finish(badRequest(message));
      });
  }

  /** Lets go of what has come of a stream that is being read, and lets the rest of it pass by. */
  static forget(stream: Readable): void {
    for (const event of ['data', 'end', 'error']) stream.removeAllListeners(event);
    stream.resume();
  }

  /** Its value, for once. Throws with status 400 for one that is no JSON, or nests so deep or holds so much that reading it would take the server's breath away. */
  json(): unknown {
    const [first, ...others] = this.#pieces;
    const bytes = first !== undefined && others.length === 0 ? first : joined(this.#pieces);
    const excess = bytes.length > DEEP_FROM ? excessOf(bytes, TEXT_DEPTH, TEXT_VALUES) : undefined;
    if (excess === 'depth') throw badRequest(`the body nests deeper than ${TEXT_DEPTH} levels`);
    if (excess === 'values') throw badRequest(`the body has more than ${TEXT_VALUES} values`);
    const text = bytes.toString();
    for (const piece of this.#pieces) giveBack(piece);
    try {
      return JSON.parse(text);
    } catch {
      throw badRequest('the body is not JSON');
    }
  }

  /** Each piece takes 300 bytes besides its own: a body that comes byte by byte would take all memory there is. */
  #add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#crumbs = piece.length < CRUMB ? this.#crumbs + 1 : 0;
    if (this.#crumbs < MOST_CRUMBS) return;
    this.#pieces.push(Buffer.concat(this.#pieces.splice(-MOST_CRUMBS)));
    this.#crumbs = 0;
  }
}

/** Frees the memory of a piece that is alone in it, as those of Node's HTTP parser are. */
function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function badRequest(message: string): Error {
  return Object.defineProperty(new Error(message), 'statusCode', { value: 400 });
}

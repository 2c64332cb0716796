import Fastify, {
  LogController,
  errorCodes,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify';
import { answerProof, timeAllowed } from '../admission/index.ts';
import type { Log, Metrics, ShedReason } from '../telemetry/index.ts';
import { Body } from './body.ts';
import type { Callers } from './callers.ts';
import type { Entry, Gate } from './gate.ts';
import type { Loop } from './loop.ts';
import { Turn } from './turn.ts';
import type { DocumentVerdict } from './documents.ts';
import { mutate, read, validate, type Verdict, type World } from './judge.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When it came at the earliest, on the clock of `performance.now()`. */
    arrived: number;
    /** How long it may take, in milliseconds. */
    allowed: number;
    /** How many bytes its body may have. */
    most: number;
    /** Its place among what is in flight; undefined until it is let in. */
    entry: Entry | undefined;
  }
}

/** What the app is made of; everything that changes while it runs is asked for each time. */
export interface AppParts {
  /** Undefined until documents and state have been loaded. */
  readonly world: () => World | undefined;
  /** Why the server is not ready; empty when it is. */
  readonly waitingFor: () => readonly string[];
  /** What readers of `/readyz` should know although the server is ready. */
  readonly notes: () => readonly string[];
  readonly isDraining: () => boolean;
  /** Judges the body of a review about a policy document. */
  readonly judgeDocument: (body: unknown) => DocumentVerdict;
  /** Whose reviews are taken; undefined: everybody's. */
  readonly callers: Callers | undefined;
  readonly gate: Gate;
  readonly loop: Pick<Loop, 'delayAt'>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes the server around Fastify's handler; for tests that inject requests it is never started. */
  readonly serverFactory?: FastifyServerFactory;
}

/** The webhook port: `POST /validate`, `POST /mutate`, `POST /documents`, `GET /livez`, `GET /readyz`, and nothing else. */
export function buildApp(parts: AppParts): FastifyInstance {
  const { serverFactory } = parts;
  const app = Fastify({
    ...(serverFactory === undefined ? {} : { serverFactory }),
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    requestIdHeader: false,
    exposeHeadRoutes: false,
  });
  app.decorateRequest('arrived', 0);
  app.decorateRequest('allowed', 0);
  app.decorateRequest('most', parts.gate.limits.bodyBytes);
  app.decorateRequest('entry', undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (request, stream, done) => {
    if ((lengthOf(request) ?? 0) > request.most) done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    else Body.read(stream, request.most, done);
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 500) parts.log.error('request failed', error);
    line(reply, parts, statusCode, statusCode >= 500 ? 'gateward failed; its log says why' : error.message);
  });
  // Before the body is read: what has no route is not worth receiving.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.is404) refuseRoute(request, reply, parts);
    else next();
  });
  app.get('/livez', (_request, reply) => {
    line(reply, parts, 200, 'ok');
  });
  app.get('/readyz', (_request, reply) => {
    const waiting = [...(parts.isDraining() ? ['draining'] : []), ...parts.waitingFor()];
    line(
      reply,
      parts,
      waiting.length === 0 ? 200 : 503,
      [...(waiting.length === 0 ? ['ok'] : waiting), ...parts.notes()].join('\n'),
    );
  });
  for (const webhook of ['validate', 'mutate'] as const) reviewRoute(app, webhook, parts);
  documentRoute(app, parts);
  return app;
}

const ROUTES: ReadonlyMap<string, string> = new Map([
  ['/validate', 'POST'],
  ['/mutate', 'POST'],
  ['/documents', 'POST'],
  ['/livez', 'GET'],
  ['/readyz', 'GET'],
]);

function refuseRoute(request: FastifyRequest, reply: FastifyReply, parts: AppParts): void {
  const methods = ROUTES.get(request.url.split('?', 1)[0] ?? '');
  if (methods === undefined) {
    line(reply, parts, 404, 'POST /validate, /mutate and /documents, GET /livez and /readyz are all there is');
  } else {
    reply.header('allow', methods);
    line(reply, parts, 405, `only ${methods}`);
  }
}

function reviewRoute(app: FastifyInstance, webhook: 'validate' | 'mutate', parts: AppParts): void {
  const { gate } = parts;
  const turn = new Turn();

  app.route({
    method: 'POST',
    url: `/${webhook}`,
    onRequest: (request, reply, next) => {
      const now = performance.now();
      request.arrived = now - parts.loop.delayAt(now);
      request.allowed = timeAllowed(timeoutOf(request.query), gate.limits.milliseconds);
      if (isRefused(request, reply, parts)) return;
      if (parts.waitingFor().length > 0 || parts.world() === undefined) {
        shed(reply, parts, 'not-ready');
        return;
      }
      if (isLetIn(request, reply, parts)) next();
    },
    handler: (request, reply) => {
      const fail = (error: unknown): void => {
        void reply.send(error);
      };
      request.entry?.receive();
      const whole = performance.now();
      turn.add(() => {
        gate.begin(whole);
        try {
          const finish = judged(request, reply);
          return () => {
            try {
              finish();
            } catch (error) {
              fail(error);
            }
          };
        } catch (error) {
          return () => {
            fail(error);
          };
        }
      });
    },
  });

  /** Judges one review, and gives back how it is answered. */
  function judged(request: FastifyRequest, reply: FastifyReply): () => void {
    const started = request.arrived;
    const world = parts.world();
    const turnedAway = (reason: ShedReason) => () => {
      shed(reply, parts, reason);
    };
    if (world === undefined) return turnedAway('not-ready');
    const deadline = started + request.allowed;
    if (performance.now() > deadline) return turnedAway('deadline');
    const body = parsedBody(request);
    const proof = answerProof(webhook, body);
    if (proof !== undefined) {
      return () => {
        send(reply, parts, 'application/json; charset=utf-8', JSON.stringify(proof));
      };
    }
    const review = read(webhook, body, world.set);
    // What is given back must not hold the review: it waits until all of the turn have been judged.
    if (review.kind === 'unreadable') {
      const { problem } = review;
      return () => {
        line(reply, parts, 400, problem);
      };
    }
    const circumstances = {
      now: parts.now(),
      signal: () => AbortSignal.timeout(Math.max(1, Math.floor(deadline - performance.now()))),
      trusted: parts.callers !== undefined,
    };
    const finish = (verdict: Verdict): void => {
      send(reply, parts, 'application/json; charset=utf-8', JSON.stringify(verdict.answer));
      record(webhook, verdict, performance.now() - started, parts);
    };
    const verdict = (webhook === 'validate' ? validate : mutate)(review, world, circumstances);
    return () => {
      if (verdict instanceof Promise) void verdict.then(finish);
      else finish(verdict);
    };
  }
}

/** Longest body about a policy document, in bytes: two as large as etcd stores one. To load a document takes longer than to judge an object. */
const DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * The webhook of the policy documents. It asks for nothing that has to be there first, and waits for nothing: a Gateward that is not ready
 * must not stand in the way of the document that would make it ready.
 */
function documentRoute(app: FastifyInstance, parts: AppParts): void {
  app.route({
    method: 'POST',
    url: '/documents',
    onRequest: (request, reply, next) => {
      request.arrived = performance.now();
      request.allowed = timeAllowed(timeoutOf(request.query), parts.gate.limits.milliseconds);
      request.most = Math.min(request.most, DOCUMENT_BYTES);
      if (!isRefused(request, reply, parts) && isLetIn(request, reply, parts)) next();
    },
    handler: (request, reply) => {
      request.entry?.receive();
      const verdict = parts.judgeDocument(parsedBody(request));
      if (verdict.kind === 'unreadable') {
        line(reply, parts, 400, verdict.problem);
        return;
      }
      const { facts, answer } = verdict;
      send(reply, parts, 'application/json; charset=utf-8', JSON.stringify(answer));
      const rules = answer.response.allowed ? [] : ['invalid'];
      const unsaid = { outcomes: [], related: [], errors: [], stale: [] };
      record('documents', { facts, answer, rules, ...unsaid }, performance.now() - request.arrived, parts);
    },
  });
}

/**
 * Asks for a request to come again. Who is cut off while sending a body may not see the answer, and the API server repeats no review whose
 * connection broke: one that is to end ends with the answer to a whole body, be it this one or the next.
 */
function shed(reply: FastifyReply, parts: AppParts, reason: ShedReason): void {
  parts.metrics.shed(reason);
  reply.header('retry-after', '1');
  const { raw } = reply.request;
  // Of a server that is not ready, or about to end, the next try goes to another one.
  if (reason !== 'not-ready' && !parts.isDraining()) {
    if (!raw.complete) reply.raw.removeHeader('connection');
    line(reply, parts, 503, reason);
    return;
  }
  reply.header('connection', 'close');
  if (raw.complete) line(reply, parts, 503, reason);
  else {
    raw.once('end', () => {
      line(reply, parts, 503, reason);
    });
    raw.resume();
  }
}

/** Turns a request away for what its head says. */
function isRefused(request: FastifyRequest, reply: FastifyReply, parts: AppParts): boolean {
  const problem = refusal(request, parts);
  if (problem === undefined) return false;
  if (problem === 401) parts.metrics.shed('unauthenticated');
  reply.header('connection', 'close');
  const text = problem === 401 ? 'a client certificate that may ask is required' : 'no content encoding is understood';
  line(reply, parts, problem, text);
  return true;
}

/** Counts a request in, or turns it away when there are too many. */
function isLetIn(request: FastifyRequest, reply: FastifyReply, parts: AppParts): boolean {
  const entered = parts.gate.enter(lengthOf(request), request.allowed, (reason) => {
    if (reply.sent) request.raw.destroy();
    else {
      Body.forget(request.raw);
      shed(reply, parts, reason);
    }
  });
  if (typeof entered === 'string') {
    shed(reply, parts, entered);
    return false;
  }
  request.entry = entered;
  reply.raw.once('close', () => {
    entered.leave();
  });
  return true;
}

/** The status with which a request is turned away before its body is read; undefined when nothing is wrong with its head. */
function refusal(request: FastifyRequest, { callers }: AppParts): 401 | 415 | undefined {
  if (callers?.admits(request.raw.socket) === false) return 401;
  const encoding = request.headers['content-encoding'];
  return encoding === undefined || encoding === 'identity' ? undefined : 415;
}

function record(
  webhook: 'validate' | 'mutate' | 'documents',
  verdict: Verdict,
  milliseconds: number,
  { log, metrics }: AppParts,
): void {
  const { facts, answer, rules, related, errors, stale } = verdict;
  const { allowed } = answer.response;
  metrics.review(webhook, facts.operation, facts.kind, allowed, milliseconds / 1000);
  metrics.outcomes(verdict.outcomes);
  log.review({ ...facts, webhook, allowed, rules, related, errors, stale, milliseconds });
}

/** The value of a request's body; undefined for a request without one. Throws with status 400 for what is not JSON. */
function parsedBody({ body }: FastifyRequest): unknown {
  return body instanceof Body ? body.json() : undefined;
}

function lengthOf(request: FastifyRequest): number | undefined {
  const length = Number(request.headers['content-length']);
  return Number.isSafeInteger(length) ? length : undefined;
}

function timeoutOf(query: unknown): unknown {
  return typeof query === 'object' && query !== null && 'timeout' in query ? query.timeout : undefined;
}

/** One line of text: what is no review answer. */
function line(reply: FastifyReply, parts: AppParts, status: number, text: string): void {
  reply.code(status);
  send(reply, parts, 'text/plain; charset=utf-8', `${text}\n`);
}

function send(reply: FastifyReply, { isDraining }: AppParts, type: string, text: string): void {
  if (isDraining()) reply.header('connection', 'close');
  reply.header('content-type', type);
  reply.send(text);
  reply.request.entry?.answer();
}

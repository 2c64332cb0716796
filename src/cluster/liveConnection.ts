import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, errors, request, type Dispatcher } from 'undici';
import { OperatorError, errorText } from '../errors.ts';
import { environmentProxy } from './environmentProxy.ts';
import { loadKubeconfig } from './liveKubeconfig.ts';

/** An answer of the API server whose body has not been read. */
export interface ApiResponse {
  readonly status: number;
  readonly body: Dispatcher.ResponseData['body'];
}

/** A request that writes. */
export interface ApiWrite {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body: unknown;
  /** `application/json` unless it is a patch. */
  readonly contentType?: string;
}

/** One API server with shared connections; credentials are taken anew for each request, as logins expire. */
export interface ApiConnection {
  readonly server: string;
  /** The namespace of the kubeconfig's context, in which kubectl puts objects that name none; undefined when it has none. */
  readonly namespace?: string | undefined;
  /**
   * Requests a path. `silence` is how long the server may say nothing, in milliseconds. After `patience` without an answer it is asked once more,
   * over a new connection. Rejects when nothing answers.
   */
  readonly get: (path: string, signal: AbortSignal, silence: number, patience?: number) => Promise<ApiResponse>;
  /** Sends what writes; as `get` otherwise. It is never sent twice. */
  readonly send: (write: ApiWrite, signal: AbortSignal) => Promise<ApiResponse>;
  readonly close: () => Promise<void>;
}

/** How long a connection is kept for the next request, in milliseconds: a look before a denial should find one. API servers close after 90 s. */
const IDLE = 30_000;

/** What is beyond waits for one that is free, so that a flood of denials is none of connections. Each kind that is watched holds one. */
const CONNECTIONS = 256;

/** How long the server may say nothing to a request that writes, in milliseconds. */
const WRITE_SILENCE = 10_000;

/** Where a cluster is found; with neither, the usual places: KUBECONFIG, ~/.kube/config, the pod's service account. */
export interface ClusterOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** What a request carries to prove who asks. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Readonly<Record<string, unknown>>;
  readonly proxy: string | undefined;
}

/** What the library falls back to when it finds nothing. */
const NOWHERE = 'http://localhost:8080';

/**
 * Connects as kubectl would: kubeconfig with exec and OIDC logins, or the pod's service account. Nothing is sent yet. Throws
 * {@link OperatorError} when there is no usable configuration.
 */
export async function connectCluster({ kubeconfig, context }: ClusterOptions): Promise<ApiConnection> {
  const refuse = (server: string, problem: string): OperatorError =>
    new OperatorError('cluster/unreachable', { server, problem });
  const { config, tokenFiles, isWritten } = await loadKubeconfig(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw refuse(kubeconfig ?? 'kubeconfig', withoutCluster(config));
  if (kubeconfig === undefined && cluster.server === NOWHERE) {
    throw refuse('no cluster', 'there is no kubeconfig, and this is no pod');
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw refuse(cluster.server, 'is not https, and insecure-skip-tls-verify is not set');
  }
  // A pod reaches the API server of its cluster directly, whatever proxies it is given for the rest of the world.
  const proxy = cluster.proxyUrl ?? (isWritten ? environmentProxy(cluster.server, process.env) : undefined);
  const tokenFile = tokenFiles.get(config.getCurrentUser()?.name ?? '');
  const connected = connection(cluster.server, async () => {
    const options: RequestOptions = {};
    let token: string | undefined;
    try {
      await config.applyToHTTPSOptions(options);
      // Each time: such tokens are renewed, and go before a `token` beside them (client-go `clientcmd/api/v1` AuthInfo).
      if (tokenFile !== undefined) token = (await readFile(tokenFile, 'utf8')).trim();
    } catch (error) {
      // What a plugin wrote to its standard error, on as many lines as it liked.
      const problem = errorText(error)
        .replaceAll(/[\s\p{Cc}]+/gu, ' ')
        .trim();
      throw new Error(`what the kubeconfig names for the login cannot be used: ${problem}`, { cause: error });
    }
    const headers = new Map(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]));
    if (typeof options.auth === 'string') {
      headers.set('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls = Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    );
    return { headers: Object.fromEntries(headers), tls: Object.fromEntries(tls), proxy };
  });
  return { ...connected, namespace: config.getContextObject(config.getCurrentContext())?.namespace };
}

/** Why a kubeconfig leads nowhere. */
function withoutCluster(config: KubeConfig): string {
  const name = config.getCurrentContext();
  // Undefined where the file has none, whatever the library's types say.
  if (!name) return 'has no current context: name one with --context';
  const context = config.getContextObject(name);
  return context === null
    ? `has no context "${name}"`
    : `has no cluster "${context.cluster}", which context "${name}" names`;
}

/** Credentials, unless the signal ends first: a plugin may wait for somebody who is not there. */
async function before(credentials: Promise<Credentials>, signal: AbortSignal): Promise<Credentials> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => {
    reject(new Error('the login that the kubeconfig names has not come to an end', { cause: signal.reason }));
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    return await Promise.race([credentials, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function proxyAgent(options: ProxyAgent.Options): ProxyAgent {
  try {
    return new ProxyAgent(options);
  } catch (error) {
    // Its address is not told: a password may be in it.
    const problem = `the proxy that kubeconfig or environment name cannot be used: ${errorText(error)}`;
    throw new Error(problem, { cause: error });
  }
}

/** A connection to a server with credentials of any making. The pool is renewed when the TLS part of the credentials changes. */
export function connection(server: string, credentials: () => Promise<Credentials>): ApiConnection {
  const base = server.replace(/\/+$/, '');
  let pool: { readonly key: string; readonly dispatcher: Dispatcher } | undefined;
  /** Requests that still run on the pool end by themselves. One that was destroyed has none. */
  const retire = (): void => {
    pool?.dispatcher.close().catch(() => undefined);
    pool = undefined;
  };
  const poolFor = ({ tls, proxy }: Credentials): Dispatcher => {
    const key = JSON.stringify([proxy, Object.entries(tls).map(([name, value]) => [name, String(value)])]);
    if (pool?.key === key) return pool.dispatcher;
    retire();
    const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 };
    // HTTP/1.1: a connection for each watch, so that one that has died silently takes no other along, and a fifth less processor time for lists.
    const options = { allowH2: false, connections: CONNECTIONS, keepAliveTimeout: IDLE };
    const dispatcher =
      proxy === undefined
        ? new Agent({ connect, ...options })
        : proxyAgent({ uri: proxy, requestTls: { ...tls }, ...options });
    pool = { key, dispatcher };
    return dispatcher;
  };
  const ask = async (
    path: string,
    signal: AbortSignal,
    silence: number,
    write?: Pick<Dispatcher.RequestOptions, 'method'> & { readonly body: string; readonly contentType: string },
  ): Promise<ApiResponse> => {
    const proof = await before(credentials(), signal);
    const content = write === undefined ? {} : { 'content-type': write.contentType };
    const { statusCode, body } = await request(`${base}${path}`, {
      ...(write === undefined ? {} : { method: write.method, body: write.body }),
      dispatcher: poolFor(proof),
      headers: { accept: 'application/json', 'user-agent': 'gateward', ...content, ...proof.headers },
      signal,
      headersTimeout: silence,
      bodyTimeout: silence,
    });
    return { status: statusCode, body };
  };
  return {
    server: base,
    get: async (path, signal, silence, patience) => {
      if (patience === undefined) return ask(path, signal, silence);
      const asked = pool;
      try {
        return await ask(path, signal, patience);
      } catch (error) {
        if (!(error instanceof errors.HeadersTimeoutError)) throw error;
        // The connection may have died silently while it was idle, and so may all that were idle with it.
        if (pool === asked) retire();
        return ask(path, signal, silence);
      }
    },
    send: ({ method, path, body, contentType = 'application/json' }, signal) =>
      ask(path, signal, WRITE_SILENCE, { method, body: JSON.stringify(body), contentType }),
    close: async () => {
      await pool?.dispatcher.destroy();
    },
  };
}

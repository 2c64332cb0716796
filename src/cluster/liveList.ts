import { setImmediate as nextTurn } from 'node:timers/promises';
import { KINDS, apiVersionOf, type KindName } from '../gateway/index.ts';
import { OperatorError } from '../errors.ts';
import type { ApiConnection, ApiResponse } from './liveConnection.ts';

/** An answer that is no success. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, path: string, reason: string) {
    super(`${path.split('?', 1)[0] ?? ''}: ${status} ${reason}`.trimEnd());
    this.name = 'ApiError';
    this.status = status;
  }
}

/** What went wrong with a resource, to be told to the operator. */
export function clusterError({ server }: ApiConnection, resource: string, error: unknown): OperatorError {
  const isForbidden = error instanceof ApiError && (error.status === 403 || error.status === 401);
  return isForbidden
    ? new OperatorError('cluster/forbidden', { server, verb: 'list', resource }, error)
    : new OperatorError(
        'cluster/unreachable',
        { server, problem: error instanceof Error ? error.message : String(error) },
        error,
      );
}

/** A list or watch position that the API server has forgotten (410): only a fresh list helps. */
export const GONE = 410;
/** The resource is not served. */
export const NOT_FOUND = 404;

/** Objects on one page of a list: the API server's own default for its controllers, a megabyte or two of routes. */
const PAGE = 500;
/** Objects handled before the event loop gets a turn. */
const BATCH = 50;
/** How long a list may say nothing, in milliseconds: that of a large cluster is prepared before the first byte. */
const SILENCE = 60_000;

/** The path of a kind's collection (or one object) in a version, as the API server serves it. */
export function resourcePath(kind: KindName, version: string, namespace = '', name = ''): string {
  const { group, plural, scope } = KINDS[kind];
  const root = group === '' ? '/api/' : '/apis/';
  const inNamespace = scope === 'Namespaced' && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const one = name === '' ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${apiVersionOf(group, version)}${inNamespace}/${plural}${one}`;
}

/** Where a list ended: what a watch begins with. */
export interface ListEnd {
  readonly version: string;
  readonly resourceVersion: string;
}

/**
 * Lists a kind page by page in the newest version that is served, handing over each object with apiVersion and kind (list items of built-in
 * kinds have none). Undefined when no version is served: the CRD is absent. Throws {@link ApiError}, and whatever the connection throws.
 */
export async function listKind(
  connection: ApiConnection,
  kind: KindName,
  each: (item: unknown, version: string) => void,
  signal: AbortSignal,
  within: { readonly namespace?: string; readonly pages?: number } = {},
): Promise<ListEnd | undefined> {
  for (const version of KINDS[kind].versions) {
    const path = resourcePath(kind, version, within.namespace);
    const collection = { path, apiVersion: apiVersionOf(KINDS[kind].group, version), kind };
    const take = (item: unknown): void => {
      each(item, version);
    };
    const resourceVersion = await listCollection(connection, collection, take, signal, within.pages);
    if (resourceVersion !== undefined) return { version, resourceVersion };
  }
  return undefined;
}

/** The path that a resource is listed at, and what its items are. */
export interface Collection {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Lists a collection page by page, as {@link listKind} does, and gives the resourceVersion it was listed at; undefined when it is not served.
 */
export async function listCollection(
  connection: ApiConnection,
  { path, apiVersion, kind }: Collection,
  each: (item: unknown) => void,
  signal: AbortSignal,
  pages = Infinity,
): Promise<string | undefined> {
  let next = '';
  for (let page = 0; ; page += 1) {
    if (page >= pages) throw new ApiError(413, path, 'more objects than can be read in time');
    const rest = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const response = await connection.get(`${path}?limit=${PAGE}${rest}`, signal, SILENCE);
    if (response.status === NOT_FOUND && page === 0) {
      await response.body.dump();
      return undefined;
    }
    const list = await readList(response, path);
    for (const [at, item] of list.items.entries()) {
      each(typed(item, apiVersion, kind));
      if (at % BATCH === BATCH - 1) await nextTurn();
    }
    next = list.next;
    if (next === '') return list.resourceVersion;
  }
}

/** One object; undefined when there is none, or its kind is not served. Throws like {@link listKind}. */
export async function getObject(
  connection: ApiConnection,
  kind: KindName,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<unknown> {
  for (const version of KINDS[kind].versions) {
    const path = resourcePath(kind, version, namespace, name);
    const response = await connection.get(path, signal, SILENCE);
    if (response.status !== NOT_FOUND) {
      return typed(await readJson(response, path), apiVersionOf(KINDS[kind].group, version), kind);
    }
    await response.body.dump();
  }
  return undefined;
}

async function readList(
  response: ApiResponse,
  path: string,
): Promise<{ readonly items: readonly unknown[]; readonly next: string; readonly resourceVersion: string }> {
  const body = await readJson(response, path);
  if (!isFields(body) || !isFields(body['metadata'])) throw new ApiError(502, path, 'the answer is no list');
  const { items } = body;
  const { continue: next, resourceVersion } = body['metadata'];
  if (typeof resourceVersion !== 'string') throw new ApiError(502, path, 'the list has no resourceVersion');
  return { items: Array.isArray(items) ? items : [], next: typeof next === 'string' ? next : '', resourceVersion };
}

/** The body of a success; throws {@link ApiError} with the reason the API server gave for anything else. */
export async function readJson(response: ApiResponse, path: string): Promise<unknown> {
  const text = await response.body.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ApiError(response.status < 400 ? 502 : response.status, path, 'the answer is not JSON');
  }
  if (response.status < 300) return parsed;
  const reason = isFields(parsed) && typeof parsed['message'] === 'string' ? parsed['message'] : '';
  throw new ApiError(response.status, path, reason.slice(0, 200));
}

function typed(item: unknown, apiVersion: string, kind: string): unknown {
  if (!isFields(item)) return item;
  return item['kind'] === undefined ? { apiVersion, kind, ...item } : item;
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

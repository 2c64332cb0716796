import { KINDS, apiVersionOf, isObject, type KindName } from '#gateway';
import { OperatorError, errorText } from '../errors.ts';
import { joined } from './joined.ts';
import type { ApiConnection, ApiResponse } from './liveConnection.ts';
import { isSliceOver, nextSlice } from './slice.ts';

/** An answer that is no success. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, path: string, reason: string) {
    super(`${path.split('?', 1)[0] ?? ''}: ${status} ${reason}`.trimEnd());
    this.name = 'ApiError';
    this.status = status;
  }
}

/** What went wrong with a list of a resource, to be told to the operator. */
export function clusterError(connection: ApiConnection, resource: string, error: unknown): OperatorError {
  if (!(error instanceof ApiError) || error.status !== FORBIDDEN) return requestError(connection, error);
  return new OperatorError('cluster/forbidden', { server: connection.server, verb: 'list', resource }, error);
}

/** What went wrong with any request, to be told to the operator. */
export function requestError({ server }: ApiConnection, error: unknown): OperatorError {
  if (error instanceof ApiError && error.status === 401) {
    return new OperatorError('cluster/unauthenticated', { server }, error);
  }
  const problem = errorText(error);
  const lacking = lackingRight(problem);
  return lacking === undefined
    ? new OperatorError('cluster/unreachable', { server, problem }, error)
    : new OperatorError('cluster/forbidden', { server, ...lacking }, error);
}

/** The right that somebody lacks, as RBAC words it; undefined when an API server refuses for another reason. */
export function lackingRight(message: string): { readonly verb: string; readonly resource: string } | undefined {
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec(message) ?? [];
  return verb === undefined || resource === undefined ? undefined : { verb, resource };
}

/** A list or watch position that the API server has forgotten (410): only a fresh list helps. */
export const GONE = 410;
/** The right is missing. */
const FORBIDDEN = 403;
/** The resource is not served. */
export const NOT_FOUND = 404;
/** A list has more pages than may be read. */
export const TOO_LARGE = 413;

/** What every API server serves, and tells everybody who is logged in. */
const CORE = '/api/v1';

/** The most objects on one page of a list: the API server's own default for its controllers. */
const LARGEST_PAGE = 500;
/** The first page is small, since nobody knows yet how large the objects are; no page is to hold the event loop for long. */
const FIRST_PAGE = 50;
/** Characters that a page should have. */
const PAGE_TEXT = 512 * 1024;
/** How long a list may say nothing, in milliseconds: that of a large cluster is prepared before the first byte. */
const SILENCE = 60_000;

/** Throws {@link ApiError} where even the core of the API is not served: what answers there is no API server, and its 404 tells of no absence. */
export async function expectApiServer(connection: ApiConnection, signal: AbortSignal): Promise<void> {
  const { status, body } = await connection.get(CORE, signal, SILENCE);
  await body.dump();
  if (status === NOT_FOUND) throw new ApiError(status, CORE, 'this is no API server of Kubernetes');
}

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
    try {
      const resourceVersion = await listCollection(connection, collection, take, signal, within.pages);
      if (resourceVersion !== undefined) return { version, resourceVersion };
    } catch (error) {
      await expectUnserved(error, connection, kind, version, signal);
    }
  }
  return undefined;
}

/**
 * Throws what a request about a kind has failed with, unless it was refused in a version that is not served: rights are looked at first, and
 * who has them for all that is served is told the same of what is not.
 */
async function expectUnserved(
  error: unknown,
  connection: ApiConnection,
  kind: KindName,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const isForbidden = error instanceof ApiError && error.status === FORBIDDEN;
  if (!isForbidden || (await isServed(connection, kind, version, signal))) throw error;
}

/** Whether discovery tells of a kind in a version; where it tells nothing, yes. */
async function isServed(
  connection: ApiConnection,
  kind: KindName,
  version: string,
  signal: AbortSignal,
): Promise<boolean> {
  const collection = resourcePath(kind, version);
  const path = collection.slice(0, collection.lastIndexOf('/'));
  try {
    const told = await readJson(await connection.get(path, signal, SILENCE), path);
    const resources: unknown = isObject(told) ? told['resources'] : undefined;
    return !Array.isArray(resources) || resources.some((one) => isObject(one) && one['name'] === KINDS[kind].plural);
  } catch (error) {
    return !(error instanceof ApiError) || error.status !== NOT_FOUND;
  }
}

/** The path that a resource is listed at, and what its items are. */
export interface Collection {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Only objects with such labels. */
  readonly labelSelector?: string;
}

/**
 * Lists a collection page by page, as {@link listKind} does, and gives the resourceVersion it was listed at; undefined when it is not served.
 */
export async function listCollection(
  connection: ApiConnection,
  { path, apiVersion, kind, labelSelector }: Collection,
  each: (item: unknown) => void,
  signal: AbortSignal,
  pages = Infinity,
): Promise<string | undefined> {
  const selector = labelSelector === undefined ? '' : `&labelSelector=${encodeURIComponent(labelSelector)}`;
  const ask = (next: string, limit: number): Promise<Page | undefined> =>
    readPage(connection, path, next, limit, selector, signal);
  let page = await ask('', FIRST_PAGE);
  for (let count = 1; page !== undefined; count += 1) {
    const { items, next, resourceVersion, limit, remaining } = page;
    const isTooLarge = remaining > (pages - count) * LARGEST_PAGE || (next !== '' && count >= pages);
    if (isTooLarge) throw new ApiError(TOO_LARGE, path, 'more objects than can be read in time');
    // On its way while this page is handled; should that fail, nobody waits for it.
    const following = next === '' ? undefined : ask(next, limit);
    following?.catch(() => undefined);
    for (const item of items) {
      if (isSliceOver()) await nextSlice();
      each(typed(item, apiVersion, kind));
    }
    if (following === undefined) return resourceVersion;
    page = await following;
  }
  return undefined;
}

/** A page of a list; `limit` is how many objects the next one should have, `remaining` how many follow as far as the API server says. */
interface Page {
  readonly items: readonly unknown[];
  readonly next: string;
  readonly resourceVersion: string;
  readonly limit: number;
  readonly remaining: number;
}

/** Undefined when the first page is not found. */
async function readPage(
  connection: ApiConnection,
  path: string,
  next: string,
  limit: number,
  selector: string,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const rest = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
  const response = await connection.get(`${path}?limit=${limit}${selector}${rest}`, signal, SILENCE);
  if (response.status === NOT_FOUND && next === '') {
    await response.body.dump();
    return undefined;
  }
  const { value, length } = await readText(response, path);
  if (!isObject(value) || !isObject(value['metadata'])) throw new ApiError(502, path, 'the answer is no list');
  const { continue: following, resourceVersion, remainingItemCount } = value['metadata'];
  if (typeof resourceVersion !== 'string') throw new ApiError(502, path, 'the list has no resourceVersion');
  const items: readonly unknown[] = Array.isArray(value['items']) ? value['items'] : [];
  const fitting = Math.floor((PAGE_TEXT * items.length) / length);
  return {
    items,
    next: typeof following === 'string' ? following : '',
    resourceVersion,
    limit: Math.min(LARGEST_PAGE, Math.max(1, fitting)),
    remaining: typeof remainingItemCount === 'number' ? remainingItemCount : 0,
  };
}

/** The resourceVersion at which a list of a kind would be now; undefined when no version is served. Throws like {@link listKind}. */
export async function versionNow(
  connection: ApiConnection,
  kind: KindName,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const version of KINDS[kind].versions) {
    const page = await readPage(connection, resourcePath(kind, version), '', 1, '', signal);
    if (page !== undefined) return page.resourceVersion;
  }
  return undefined;
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
    if (response.status === NOT_FOUND) {
      if (!(await isStatus(response))) await expectApiServer(connection, signal);
      continue;
    }
    try {
      return typed(await readJson(response, path), apiVersionOf(KINDS[kind].group, version), kind);
    } catch (error) {
      await expectUnserved(error, connection, kind, version, signal);
    }
  }
  return undefined;
}

/** Whether an answer is in the words of an API server, which has them for an object that is not there, and none for a kind that is not served. */
async function isStatus({ body }: ApiResponse): Promise<boolean> {
  const told: unknown = await body.json().catch(() => undefined);
  return isObject(told) && told['kind'] === 'Status';
}

/** The body of a success; throws {@link ApiError} with the reason the API server gave for anything else. */
export async function readJson(response: ApiResponse, path: string): Promise<unknown> {
  return (await readText(response, path)).value;
}

async function readText(
  response: ApiResponse,
  path: string,
): Promise<{ readonly value: unknown; readonly length: number }> {
  const body: AsyncIterable<Uint8Array> = response.body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  const text = joined(pieces).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(response.status < 400 ? 502 : response.status, path, 'the answer is not JSON');
  }
  if (response.status < 300) return { value, length: text.length };
  const reason = isObject(value) && typeof value['message'] === 'string' ? value['message'] : '';
  throw new ApiError(response.status, path, reason.slice(0, 200));
}

function typed(item: unknown, apiVersion: string, kind: string): unknown {
  if (!isObject(item)) return item;
  return item['kind'] === undefined ? { apiVersion, kind, ...item } : item;
}

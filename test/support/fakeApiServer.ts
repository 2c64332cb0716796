import { basename, dirname } from 'node:path/posix';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Manifest } from './review.ts';

/** What the fake does to a request instead of answering it. */
export type Fault = (request: { readonly path: string; readonly watch: boolean }, response: ServerResponse) => boolean;

/** A fault that answers everything with a status. */
export function status(code: number, body = '{"message":"no"}'): Fault {
  return (_request, response) => {
    response.writeHead(code).end(body);
    return true;
  };
}

/** An API server of a few kinds, in memory: list by pages, watch with bookmarks, 410 after a compaction, and whatever a test does to it. */
export interface FakeApiServer {
  readonly url: string;
  /** Serves a collection, such as `/api/v1/services`. */
  readonly serve: (collection: string) => void;
  /** Tells of a group in one version as discovery does. */
  readonly discover: (
    group: string,
    version: string,
    resources: readonly { readonly name: string; readonly kind: string }[],
  ) => void;
  /** Stops serving it, as when a CRD goes. */
  readonly withdraw: (collection: string) => void;
  readonly put: (collection: string, object: Manifest) => void;
  /** Puts objects, and gives what tells the watches of them together: written beforehand, so that telling costs next to nothing. */
  readonly prepare: (collection: string, objects: readonly Manifest[]) => () => void;
  readonly remove: (collection: string, namespace: string, name: string) => void;
  /** Forgets the past: watches that resume from it get 410. */
  readonly compact: () => void;
  /** Ends every open watch by a reset. */
  readonly reset: () => void;
  /** Sends raw text to every open watch. */
  readonly say: (text: string) => void;
  /** Asked before each request; true when the fault has dealt with it. */
  fault: Fault | undefined;
  /** Every path with query that was asked for. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

interface Event {
  readonly type: string;
  readonly version: number;
  readonly collection: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** What a collection, or one of its namespaces, held at a version. */
interface Listed {
  readonly version: number;
  readonly path: string;
  readonly all: readonly Readonly<Record<string, unknown>>[];
}

interface Watch {
  readonly collection: string;
  readonly response: ServerResponse;
}

/** Starts it on a free loopback port; with key and certificate (PEM) it speaks TLS, as every real one does. */
export async function fakeApiServer(tls?: { readonly key: string; readonly cert: string }): Promise<FakeApiServer> {
  const collections = new Map<string, Map<string, Readonly<Record<string, unknown>>>>();
  const discovery = new Map<string, unknown>();
  /** What discovery tells of a version of a group; undefined where nothing of it is served. */
  const servedBelow = (path: string): unknown => {
    const names = [...collections.keys()].filter((one) => dirname(one) === path).map((one) => basename(one));
    if (names.length === 0 && path !== '/api/v1') return undefined;
    return { kind: 'APIResourceList', resources: names.map((name) => ({ name })) };
  };
  const events: Event[] = [];
  const watches = new Set<Watch>();
  let version = 10;
  /** The version that has been told last. */
  let latest = version;
  let oldest = 0;
  let listed: Listed | undefined;

  const store = (type: string, collection: string, object: Manifest): Event => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const key = keyOf(object);
    if (type === 'DELETED') collections.get(collection)?.delete(key);
    else collections.get(collection)?.set(key, stored);
    return { type, version, collection, object: stored };
  };
  const tell = (collection: string, told: readonly Event[], lines: string | Buffer): void => {
    events.push(...told);
    latest = told.at(-1)?.version ?? latest;
    for (const watch of watches) if (watch.collection === collection) send(watch.response, lines);
  };
  const record = (type: string, collection: string, object: Manifest): void => {
    const event = store(type, collection, object);
    tell(collection, [event], lineOf(event));
  };
  const putType = (collection: string, object: Manifest): string =>
    collections.get(collection)?.has(keyOf(object)) === true ? 'MODIFIED' : 'ADDED';

  const fake: FakeApiServer = {
    url: '',
    serve: (collection) => {
      collections.set(collection, new Map());
      listed = undefined;
    },
    discover: (group, version, resources) => {
      discovery.set(`/apis/${group}`, { kind: 'APIGroup', versions: [{ version }], preferredVersion: { version } });
      discovery.set(`/apis/${group}/${version}`, { kind: 'APIResourceList', resources });
    },
    withdraw: (collection) => {
      collections.delete(collection);
      for (const watch of [...watches]) if (watch.collection === collection) end(watch);
    },
    put: (collection, object) => {
      record(putType(collection, object), collection, object);
    },
    prepare: (collection, objects) => {
      const told = objects.map((object) => store(putType(collection, object), collection, object));
      const lines = Buffer.from(told.map(lineOf).join(''));
      return () => {
        tell(collection, told, lines);
      };
    },
    remove: (collection, namespace, name) => {
      const found = collections.get(collection)?.get(`${namespace}/${name}`);
      if (found === undefined) throw new Error(`no ${collection} ${namespace}/${name}`);
      record('DELETED', collection, { apiVersion: '', kind: '', ...found, metadata: { namespace, name } });
    },
    compact: () => {
      oldest = version;
      events.length = 0;
    },
    reset: () => {
      for (const { response } of watches) response.socket?.resetAndDestroy();
    },
    say: (text) => {
      for (const { response } of watches) response.write(text);
    },
    fault: undefined,
    asked: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const end = (watch: Watch): void => {
    watches.delete(watch);
    watch.response.end();
  };
  /** Takes what is created, replaced or applied, whatever version it is of. */
  const write = async (request: IncomingMessage, response: ServerResponse, collection: string): Promise<void> => {
    const object = (await json(request)) as Manifest;
    fake.put(collection, object);
    succeed(response, collections.get(collection)?.get(keyOf(object)));
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const watch = url.searchParams.get('watch') === '1';
    fake.asked.push(request.url ?? '');
    if (fake.fault?.({ path: url.pathname, watch }, response) === true) return;
    const told = discovery.get(url.pathname) ?? servedBelow(url.pathname);
    if (told !== undefined) {
      succeed(response, told);
      return;
    }
    const { collection, namespace, name } = parsePath(url.pathname);
    const objects = collections.get(collection);
    if (objects === undefined) {
      fail(response, 404, 'the server could not find the requested resource');
      return;
    }
    if (request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH') {
      void write(request, response, collection);
      return;
    }
    if (request.method === 'DELETE' && objects.has(`${namespace}/${name}`)) {
      fake.remove(collection, namespace, name);
      succeed(response, {});
      return;
    }
    if (watch) {
      const from = Number(url.searchParams.get('resourceVersion'));
      if (from < oldest) {
        fail(response, 410, 'too old resource version');
        return;
      }
      const entry = { collection, response };
      watches.add(entry);
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      response.on('close', () => watches.delete(entry));
      for (const event of events)
        if (event.collection === collection && event.version > from) send(response, lineOf(event));
      const bookmark = {
        type: 'BOOKMARK',
        version: latest,
        collection,
        object: { metadata: { resourceVersion: String(latest) } },
      };
      send(response, lineOf(bookmark));
      setTimeout(end, Number(url.searchParams.get('timeoutSeconds')) * 1000, entry).unref();
      return;
    }
    if (name !== '') {
      const found = objects.get(`${namespace}/${name}`);
      if (found === undefined) fail(response, 404, 'not found');
      else succeed(response, found);
      return;
    }
    // The pages of one list are parts of one array: a large collection has many.
    if (listed?.version !== version || listed.path !== url.pathname) {
      const all = [...objects.values()].filter(
        (object) => namespace === '' || JSON.stringify(object).includes(`"namespace":"${namespace}"`),
      );
      listed = { version, path: url.pathname, all };
    }
    const { all } = listed;
    const start = Number(url.searchParams.get('continue') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? all.length);
    const next = start + limit < all.length ? String(start + limit) : '';
    // As for built-in kinds: the items of a list have neither apiVersion nor kind.
    const items = all
      .slice(start, start + limit)
      .map((object) =>
        Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'kind' && key !== 'apiVersion')),
      );
    const remaining = next === '' ? {} : { remainingItemCount: all.length - start - limit };
    succeed(response, { metadata: { resourceVersion: String(version), continue: next, ...remaining }, items });
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  // As an API server does: Node's five seconds would make for a handshake at each look for an absent kind.
  server.keepAliveTimeout = 90_000;
  // Over HTTP/1.1 an API server writes records of 4 KB.
  server.on('secureConnection', (socket: TLSSocket) => socket.setMaxSendFragment(4096));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(fake, 'url', { value: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}` });
}

function keyOf({ metadata }: Manifest): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function parsePath(path: string): { readonly collection: string; readonly namespace: string; readonly name: string } {
  const match = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/.))?\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  const [, root = '', namespace = '', plural = '', name = ''] = match ?? [];
  return { collection: `${root}/${plural}`, namespace, name };
}

/** What is sent in one turn goes out together, as from an API server that has more to send. */
function send(response: ServerResponse, lines: string | Buffer): void {
  if (response.writableCorked === 0) {
    response.cork();
    setImmediate(() => {
      response.uncork();
    });
  }
  response.write(lines);
}

function lineOf({ type, object }: Pick<Event, 'type' | 'object'>): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function succeed(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, code: number, message: string): void {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'Status', code, message }));
}

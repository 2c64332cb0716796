import { isObject } from '#gateway';
import { readJson, ApiError, NOT_FOUND } from './liveList.ts';
import type { ApiConnection } from './liveConnection.ts';

/** A Secret as it was read; written back, it replaces exactly that. */
export interface HeldSecret {
  readonly data: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly object: Readonly<Record<string, unknown>>;
}

/** A webhook configuration as it was read, and the PEM text by which each of our webhooks in it trusts the server. */
export interface Configuration {
  readonly type: 'validating' | 'mutating';
  readonly resourceVersion: string;
  readonly bundles: ReadonlyMap<string, string>;
}

/** Where a CA is kept, and where it is trusted. All of it rejects with {@link ApiError} or a failure of the connection. */
export interface Trust {
  /** Undefined when there is none. */
  readonly secret: (signal: AbortSignal) => Promise<HeldSecret | undefined>;
  /** Replaces data and leaves out an annotation. False when somebody else was faster: nothing was written. */
  readonly keep: (
    held: HeldSecret,
    data: ReadonlyMap<string, string>,
    without: string,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Those that there are: a configuration that was deleted is nobody's to bring back. */
  readonly configurations: (signal: AbortSignal) => Promise<readonly Configuration[]>;
  /** Makes all our webhooks of a configuration trust a bundle. False when it has changed since it was read: nothing was written. */
  readonly trust: (configuration: Configuration, bundle: string, signal: AbortSignal) => Promise<boolean>;
}

const CONFLICT = 409;
const SILENCE = 5000;
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const TYPES = { validating: 'ValidatingWebhookConfiguration', mutating: 'MutatingWebhookConfiguration' } as const;
/** The name of both webhook configurations, and how the names of our webhooks end. */
const NAME = 'gateward';
const OURS = '.gateward.dev';

/** The Secret of a namespace, and the webhook configurations of a cluster. */
export function trustOver(connection: ApiConnection, namespace: string, secretName: string): Trust {
  const secretPath = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`;
  const read = async (path: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const response = await connection.get(path, signal, SILENCE);
    if (response.status === NOT_FOUND) {
      await response.body.dump();
      return undefined;
    }
    const value = await readJson(response, path);
    if (!isObject(value)) throw new ApiError(502, path, 'the answer is no object');
    return value;
  };
  const write = async (
    method: 'PUT' | 'PATCH',
    path: string,
    body: unknown,
    contentType: string,
    signal: AbortSignal,
  ): Promise<boolean> => {
    try {
      await readJson(await connection.send({ method, path, body, contentType }, signal), path);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === CONFLICT) return false;
      throw error;
    }
  };
  return {
    secret: async (signal) => {
      const object = await read(secretPath, signal);
      if (object === undefined) return undefined;
      const data = [...textsIn(object['data'])].map(([key, text]) => [key, decoded(text)] as const);
      return { object, data: new Map(data), annotations: textsIn(metadataOf(object)['annotations']) };
    },
    keep: ({ object, annotations, data: before }, data, without, signal) => {
      const raw = textsIn(object['data']);
      // What others keep there need not be text, and is given back as it came.
      const encoded = [...data].map(
        ([key, text]) => [key, before.get(key) === text ? raw.get(key) : Buffer.from(text).toString('base64')] as const,
      );
      const left = [...annotations].filter(([key]) => key !== without);
      const metadata = { ...metadataOf(object), annotations: Object.fromEntries(left) };
      const body = { ...object, metadata, data: Object.fromEntries(encoded) };
      return write('PUT', secretPath, body, 'application/json', signal);
    },
    configurations: async (signal) => {
      const found = [];
      for (const type of ['validating', 'mutating'] as const) {
        const object = await read(configurationPath(type), signal);
        if (object === undefined) continue;
        const resourceVersion = metadataOf(object)['resourceVersion'];
        const bundles = new Map(webhooksIn(object));
        found.push({ type, bundles, resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '' });
      }
      return found;
    },
    trust: ({ type, resourceVersion, bundles }, bundle, signal) => {
      const caBundle = Buffer.from(bundle).toString('base64');
      const body = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: TYPES[type],
        metadata: { name: NAME, resourceVersion },
        webhooks: [...bundles.keys()].map((name) => ({ name, clientConfig: { caBundle } })),
      };
      const path = `${configurationPath(type)}?fieldManager=gateward-certificates&force=true`;
      return write('PATCH', path, body, 'application/apply-patch+yaml', signal);
    },
  };
}

function configurationPath(type: keyof typeof TYPES): string {
  return `${ADMISSION}/${TYPES[type].toLowerCase()}s/${NAME}`;
}

function* webhooksIn(object: Readonly<Record<string, unknown>>): Iterable<readonly [string, string]> {
  const { webhooks } = object;
  for (const webhook of Array.isArray(webhooks) ? webhooks : []) {
    if (!isObject(webhook) || typeof webhook['name'] !== 'string' || !webhook['name'].endsWith(OURS)) continue;
    const caBundle = isObject(webhook['clientConfig']) ? webhook['clientConfig']['caBundle'] : undefined;
    yield [webhook['name'], typeof caBundle === 'string' ? decoded(caBundle) : ''];
  }
}

function metadataOf(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { metadata } = object;
  return isObject(metadata) ? metadata : {};
}

function textsIn(value: unknown): ReadonlyMap<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

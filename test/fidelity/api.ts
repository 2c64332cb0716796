/** What the comparison asks of an API server: create many objects quickly, and read whole kinds back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { KINDS, apiVersionOf, kindOf, parseApiVersion } from '#gateway';
import type { Cluster } from '../e2e/cluster.ts';

/** Any object as it is sent and read. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly generation?: number;
    readonly resourceVersion?: string;
  };
  readonly [field: string]: unknown;
}

/** An object that the API server did not take, and its reason. */
export interface Refusal {
  readonly manifest: Manifest;
  readonly reason: string;
}

/** Kinds that the product does not know, but the worlds contain. */
const OTHER_PLURALS = new Map([
  ['discovery.k8s.io/EndpointSlice', 'endpointslices'],
  ['apps/Deployment', 'deployments'],
  ['gateway.envoyproxy.io/Backend', 'backends'],
]);

/** A connection pool to one API server, as its administrator. */
export class Api {
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(cluster: Cluster, connections = 8) {
    this.#pool = new Pool(cluster.url, { connections, connect: { ca: cluster.ca } });
    this.#headers = { authorization: `Bearer ${cluster.token('admin')}`, 'content-type': 'application/json' };
  }

  /** Creates the objects, eight at a time, and gives those that were refused. */
  async create(manifests: readonly Manifest[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    const queue = manifests.values();
    const work = async (): Promise<void> => {
      for (const manifest of queue) {
        const { status, body } = await this.#send('POST', pathOf(manifest), JSON.stringify(manifest));
        if (status >= 300) refused.push({ manifest, reason: messageOf(body) });
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return refused;
  }

  /** All objects of a kind, in the version given. */
  async list(apiVersion: string, kind: string): Promise<Manifest[]> {
    const { status, body } = await this.#send('GET', collection(apiVersion, kind, undefined));
    if (status !== 200) throw new Error(`cannot list ${kind}: ${messageOf(body)}`);
    const { items } = JSON.parse(body) as { items: Manifest[] };
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Asks again while the API server says "later", as it does when a kind is first asked for. */
  async #send(method: 'GET' | 'POST', path: string, body?: string): Promise<{ status: number; body: string }> {
    for (let left = 40; ; left--) {
      const answer = await this.#pool.request({ method, path, headers: this.#headers, body: body ?? null });
      const text = await answer.body.text();
      if (left === 0 || ![429, 503].includes(answer.statusCode)) return { status: answer.statusCode, body: text };
      await sleep(250);
    }
  }
}

/** The newest API version that v1.6 serves of a kind that the product knows. */
export function servedVersion(kind: keyof typeof KINDS): string {
  return apiVersionOf(KINDS[kind].group, KINDS[kind].versions[0]);
}

function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  return collection(apiVersion, kind, metadata.namespace);
}

function collection(apiVersion: string, kind: string, namespace: string | undefined): string {
  const { group, version } = parseApiVersion(apiVersion);
  const known = kindOf(group, kind);
  const plural = known === undefined ? OTHER_PLURALS.get(`${group}/${kind}`) : KINDS[known].plural;
  if (plural === undefined) throw new Error(`no resource is known for ${apiVersion} ${kind}`);
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // not JSON: the text itself is the message
  }
  return body;
}

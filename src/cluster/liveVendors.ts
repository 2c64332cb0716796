import { apiVersionOf, isObject, isVendorPolicy } from '#gateway';
import type { VendorKind } from '#policy';
import { didYouMean } from '../errors.ts';
import { nameOf } from './liveCollection.ts';
import type { ApiConnection } from './liveConnection.ts';
import type { FollowedKind } from './liveKind.ts';
import { ApiError, NOT_FOUND, clusterError, listCollection, readJson, type Collection } from './liveList.ts';

/** How long discovery may say nothing, in milliseconds. */
const SILENCE = 60_000;

/**
 * Lists the objects of vendors' kinds, in the version that the API server prefers, handing over each that attaches by targets. Gives one line
 * for each kind that the cluster does not serve: it may be misspelt, and nothing of it is judged. Throws like `listKind`.
 */
export async function listVendors(
  connection: ApiConnection,
  kinds: readonly VendorKind[],
  each: (item: unknown) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const vendor of new Map(kinds.map((kind) => [nameOfKind(kind), kind])).values()) {
    const resource = await findResource(connection, vendor, signal);
    if (typeof resource === 'string') {
      missing.push(`no ${vendor.kind} is judged: ${resource}`);
      continue;
    }
    const take = (item: unknown): void => {
      if (isAttached(item)) each(item);
    };
    try {
      await listCollection(connection, resource, take, signal);
    } catch (error) {
      throw clusterError(connection, resource.path, error);
    }
  }
  return missing;
}

/**
 * A kind of a vendor to be followed, in the version that the API server prefers: which one that is, is asked before every list. Absence is
 * told, since the kind may be misspelt, and so is the right that is missing.
 */
export function vendorKind(connection: ApiConnection, vendor: VendorKind): FollowedKind {
  const name = nameOfKind(vendor);
  let absence: string | undefined;
  return {
    kind: 'VendorPolicy',
    name,
    prefix: `${name}/`,
    list: async (each, signal) => {
      const resource = await findResource(connection, vendor, signal);
      absence = typeof resource === 'string' ? resource : undefined;
      if (typeof resource === 'string') return undefined;
      try {
        const resourceVersion = await listCollection(connection, resource, each, signal);
        return resourceVersion === undefined ? undefined : { version: resource.path, resourceVersion };
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 403) throw error;
        const problem = `may not list and watch ${resource.plural}.${vendor.group}: gateward manifests rbac --policies DIR prints that right`;
        throw new Error(problem, { cause: error });
      }
    },
    path: (path) => path,
    takes: isAttached,
    absence: () => absence,
  };
}

/** Whether an object is one that documents about kinds of vendors are about: namespaced, and attached by targets. */
function isAttached(item: unknown): boolean {
  return nameOf(item).namespace !== '' && isVendorPolicy(item);
}

function nameOfKind({ group, kind }: VendorKind): string {
  return `${group}/${kind}`;
}

interface Resource extends Collection {
  readonly plural: string;
}

/** Where the objects of a kind are, in the first of its group's versions that has it, or why they are nowhere. */
async function findResource(
  connection: ApiConnection,
  { group, kind }: VendorKind,
  signal: AbortSignal,
): Promise<Resource | string> {
  const known: string[] = [];
  for (const version of await versionsOf(connection, group, signal)) {
    const resources = await resourcesOf(connection, apiVersionOf(group, version), signal);
    const found = resources.find((one) => one.kind === kind);
    if (found !== undefined) return found;
    known.push(...resources.map((one) => one.kind));
  }
  const what = known.length === 0 ? `no group ${group}` : `no ${kind} in ${group}${didYouMean(kind, known)}`;
  return `the cluster serves ${what}`;
}

/** The versions of a group, those that the API server prefers first; none when the group is not served. */
async function versionsOf(connection: ApiConnection, group: string, signal: AbortSignal): Promise<readonly string[]> {
  const found = await getJson(connection, `/apis/${encodeURIComponent(group)}`, signal);
  return listIn(found, 'versions').flatMap(({ version }) => (typeof version === 'string' ? [version] : []));
}

async function resourcesOf(
  connection: ApiConnection,
  apiVersion: string,
  signal: AbortSignal,
): Promise<readonly Resource[]> {
  const found = await getJson(connection, `/apis/${apiVersion}`, signal);
  return listIn(found, 'resources').flatMap(({ name: plural, kind }) => {
    // Subresources are listed too, as `securitypolicies/status`.
    const isWhole = typeof plural === 'string' && typeof kind === 'string' && !plural.includes('/');
    return isWhole ? [{ kind, plural, apiVersion, path: `/apis/${apiVersion}/${plural}` }] : [];
  });
}

/** The objects in a list of an answer. */
function listIn(answer: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  const list: unknown = isObject(answer) ? answer[name] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

async function getJson(connection: ApiConnection, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await connection.get(path, signal, SILENCE);
  if (response.status !== NOT_FOUND) return readJson(response, path);
  await response.body.dump();
  return undefined;
}

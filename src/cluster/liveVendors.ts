import { apiVersionOf, isVendorPolicy } from '../gateway/index.ts';
import type { VendorKind } from '#policy';
import { didYouMean } from '../errors.ts';
import type { ApiConnection } from './liveConnection.ts';
import { NOT_FOUND, clusterError, isFields, listCollection, readJson, type Collection } from './liveList.ts';

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
  for (const [group, wanted] of Map.groupBy(kinds, (kind) => kind.group)) {
    const served = await servedBy(connection, group, signal);
    for (const kind of new Set(wanted.map((one) => one.kind))) {
      const resource = served.find((one) => one.kind === kind);
      if (resource === undefined) {
        const known = served.map((one) => one.kind);
        const what = served.length === 0 ? `no group ${group}` : `no ${kind} in ${group}`;
        missing.push(`no ${kind} is judged: the cluster serves ${what}${didYouMean(kind, known)}`);
        continue;
      }
      const take = (item: unknown): void => {
        if (isVendorPolicy(item)) each(item);
      };
      try {
        await listCollection(connection, resource, take, signal);
      } catch (error) {
        throw clusterError(connection, resource.path, error);
      }
    }
  }
  return missing;
}

/** Every resource of a group in its preferred version; none when the group is not served. */
async function servedBy(connection: ApiConnection, group: string, signal: AbortSignal): Promise<readonly Collection[]> {
  const found = await getJson(connection, `/apis/${encodeURIComponent(group)}`, signal);
  const preferred = isFields(found) && isFields(found['preferredVersion']) ? found['preferredVersion'] : {};
  const { version } = preferred;
  if (typeof version !== 'string') return [];
  const apiVersion = apiVersionOf(group, version);
  const list = await getJson(connection, `/apis/${apiVersion}`, signal);
  const resources: readonly unknown[] = isFields(list) && Array.isArray(list['resources']) ? list['resources'] : [];
  return resources.flatMap((resource) => {
    if (!isFields(resource)) return [];
    const { name, kind } = resource;
    // Subresources are listed too, as `securitypolicies/status`.
    const isWhole = typeof name === 'string' && typeof kind === 'string' && !name.includes('/');
    return isWhole ? [{ kind, apiVersion, path: `/apis/${apiVersion}/${name}` }] : [];
  });
}

async function getJson(connection: ApiConnection, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await connection.get(path, signal, SILENCE);
  if (response.status !== NOT_FOUND) return readJson(response, path);
  await response.body.dump();
  return undefined;
}

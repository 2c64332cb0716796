/** The CRDs of the pinned Gateway API bundle (see crds/go.mod), and how they get into a cluster. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crdRoot } from './binaries.ts';
import type { Cluster } from './cluster.ts';

/** The two release channels of Gateway API. */
export type Channel = 'standard' | 'experimental';

/** The bundle's guard against experimental over standard CRDs, and against old bundles: a ValidatingAdmissionPolicy. */
const SAFE_UPGRADES = 'gateway.networking.k8s.io_vap_safeupgrades.yaml';

/** The CRD files of a channel, sorted, without the bundle's own ValidatingAdmissionPolicy. */
export async function gatewayApiCrds(channel: Channel): Promise<string[]> {
  const folder = join(await crdRoot(), channel);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith('gateway.networking.') && name !== SAFE_UPGRADES,
  );
  return names.sort().map((name) => join(folder, name));
}

/** Applies a channel's CRDs and waits until they are served; `safeUpgrades` installs the bundle's own guard after them. */
export async function installCrds(
  cluster: Cluster,
  channel: Channel,
  options: { safeUpgrades?: boolean } = {},
): Promise<void> {
  const files = (await gatewayApiCrds(channel)).flatMap((file) => ['-f', file]);
  const kubectl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args[0] ?? ''} of the ${channel} CRDs failed:\n${stderr}`);
  };
  await kubectl('apply', '--server-side', ...files);
  await kubectl('wait', '--for=condition=Established', '--timeout=60s', ...files);
  if (options.safeUpgrades)
    await kubectl('apply', '--server-side', '-f', join(await crdRoot(), channel, SAFE_UPGRADES));
}

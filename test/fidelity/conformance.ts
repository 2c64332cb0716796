/** The manifests of the conformance suite as one more world, with what the suite itself creates in code. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { hasShared, sharedPath } from '../support/shared.ts';
import type { Manifest } from './api.ts';
import type { Pki } from './controller.ts';
import { CLASS_NAME, endpoints } from './sketch.ts';
import type { World } from './worlds.ts';

/** All conformance manifests in one world, or undefined where the reference material is not there. */
export async function conformanceWorld(pki: Pki): Promise<World | undefined> {
  if (!hasShared) return undefined;
  const root = sharedPath('gateway-api', 'conformance');
  const tests = (await readdir(join(root, 'tests'))).filter((name) => name.endsWith('.yaml')).sort();
  const files = ['base/manifests.yaml', 'implicit-resources.yaml', ...tests.map((name) => join('tests', name))];
  const objects = new Map<string, Manifest>();
  for (const file of files) {
    const text = (await readFile(join(root, file), 'utf8')).replaceAll('{GATEWAY_CLASS_NAME}', CLASS_NAME);
    for (const object of loadAll(text)) {
      // The suite's workloads would only be paper here, and its classes other controllers' business.
      if (!isManifest(object) || ['GatewayClass', 'Deployment', 'EndpointSlice'].includes(object.kind)) continue;
      const { manifest, slice } = withLife(unique(object, objects), pki);
      objects.set(keyOf(manifest), manifest);
      if (slice !== undefined) objects.set(keyOf(slice), slice);
    }
  }
  return { name: 'conformance', theme: 'conformance', waves: [[...objects.values()], []] };
}

/** Tests that run one after the other reuse names; where they are all there at once, the later one gets a name of its own. */
function unique(manifest: Manifest, taken: ReadonlyMap<string, Manifest>): Manifest {
  const holder = taken.get(keyOf(manifest));
  if (holder === undefined || JSON.stringify(holder) === JSON.stringify(manifest)) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-again` } };
}

/** What the suite makes in code or lets controllers make: key material instead of stubs, an endpoint for each Service. */
function withLife(manifest: Manifest, pki: Pki): { manifest: Manifest; slice?: Manifest } {
  const { kind, metadata, spec } = manifest;
  if (kind === 'Secret' && manifest['type'] === 'kubernetes.io/tls' && JSON.stringify(manifest).includes('c3R1Yg==')) {
    const [certificate, key] = [pki.leaf.certificate, pki.leaf.key].map((text) => Buffer.from(text).toString('base64'));
    return { manifest: { ...manifest, data: { 'tls.crt': certificate, 'tls.key': key } } };
  }
  if (kind === 'ConfigMap' && JSON.stringify(manifest).includes('stub')) {
    return { manifest: { ...manifest, data: { 'ca.crt': pki.ca } } };
  }
  if (kind !== 'Service' || !hasPorts(spec)) return { manifest };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
    ...endpoints(spec.ports),
  };
  return { manifest, slice };
}

function keyOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}

function hasPorts(spec: unknown): spec is { ports: { name?: string; port: number; protocol?: string }[] } {
  return typeof spec === 'object' && spec !== null && 'ports' in spec && Array.isArray(spec.ports);
}

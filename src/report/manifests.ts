import { writeYaml } from '../yaml/write.ts';
import { documentCrds } from './manifestsCrds.ts';
import { claimAccess, clusterAccess, vendorAccess } from './manifestsRbac.ts';
import { webhookConfigurations, type WebhookOptions } from './manifestsWebhooks.ts';
import type { Policy } from '#policy';

/** The manifests that are derived from the policies. */
export type ManifestName = 'crds' | 'rbac' | 'webhooks';

/** The policies, and where an installation differs from the one in `deploy/`. */
export interface ManifestOptions extends Partial<Omit<WebhookOptions, 'policies'>> {
  readonly policies: readonly Policy[];
}

/** Gateward's namespace in `deploy/`. */
export const NAMESPACE = 'gateward-system';

/** One of the derived manifests as YAML that `kubectl apply -f -` takes. */
export function renderManifests(what: ManifestName, options: ManifestOptions): string {
  return toYaml(manifestObjects(what, options));
}

/** The same as objects. */
export function manifestObjects(what: ManifestName, options: ManifestOptions): readonly unknown[] {
  const { policies, namespace = NAMESPACE, holdsClaims = false, vendorKinds = [] } = options;
  switch (what) {
    case 'crds':
      return documentCrds(policies);
    case 'rbac':
      return [
        ...clusterAccess(policies, namespace),
        ...(holdsClaims ? claimAccess(namespace) : []),
        ...(vendorKinds.length > 0 ? vendorAccess(namespace, vendorKinds) : []),
      ];
    case 'webhooks':
      return webhookConfigurations({
        policies,
        namespace,
        profile: options.profile ?? 'enforce',
        endpoint: options.endpoint ?? { service: { name: 'gateward', namespace, port: 443 } },
        caBundle: options.caBundle,
        vendorKinds,
        holdsClaims,
        timeoutSeconds: options.timeoutSeconds,
      });
  }
}

/** Objects as YAML documents. */
export function toYaml(objects: readonly unknown[]): string {
  return objects.map(writeYaml).join('---\n');
}

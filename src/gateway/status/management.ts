import type { Gateway } from '../gateway.ts';
import type { Features } from '../routeKinds.ts';
import type { Snapshot } from '../snapshot.ts';

/** Whose status is computed. */
export interface StatusOptions {
  /** Only Gateways of these classes; all when absent or empty. */
  readonly classes?: readonly string[];
  /** Only Gateways whose class has one of these controllers; all when absent or empty. */
  readonly controllers?: readonly string[];
  readonly features?: Features;
}

/** The controller that is written where no GatewayClass says whose the class is. */
export const UNKNOWN_CONTROLLER = 'gateward.dev/predicted';

/**
 * The controller that manages a Gateway; undefined when none of the chosen ones does, so that no status is written for it (gw:
 * gatewayClassName). Without any GatewayClass in the snapshot every class counts as managed, unless all of the cluster is in sight.
 */
export function controllerOf(
  snapshot: Snapshot<'GatewayClass'>,
  gateway: Gateway,
  { classes = [], controllers = [] }: StatusOptions,
): string | undefined {
  const name = gateway.spec.gatewayClassName;
  if (classes.length > 0 && !classes.includes(name)) return undefined;
  const gatewayClass = snapshot.get('GatewayClass', '', name);
  if (gatewayClass === undefined) {
    const [any] = snapshot.list('GatewayClass');
    const isSilent = any === undefined && snapshot.sees('GatewayClass') !== 'all';
    return isSilent ? (controllers[0] ?? UNKNOWN_CONTROLLER) : undefined;
  }
  const { controllerName } = gatewayClass.spec;
  return controllers.length === 0 || controllers.includes(controllerName) ? controllerName : undefined;
}

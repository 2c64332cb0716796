import type { Installation, Webhook, WebhookConfiguration } from '../cluster/installation.ts';

/** The two types of webhook configurations. */
export const TYPES = ['Validating', 'Mutating'] as const;
/** See {@link TYPES}. */
export type ConfigurationType = (typeof TYPES)[number];

/** One of Gateward's webhooks, and where it stands. */
export interface OurWebhook {
  readonly type: ConfigurationType;
  /** `ValidatingWebhookConfiguration gateward`. */
  readonly where: string;
  readonly webhook: Webhook;
}

/** The name of both configurations, and how the names of our webhooks end. */
const NAME = 'gateward';
const OURS = '.gateward.dev';

/** The configurations of a type that were seen. */
export function configurationsOf(seen: Installation, type: ConfigurationType): Installation['validating'] {
  return type === 'Validating' ? seen.validating : seen.mutating;
}

/** How a configuration is named to people. */
export function whereOf(type: ConfigurationType, name = NAME): string {
  return `${type}WebhookConfiguration ${name}`;
}

/** Whether a configuration is the one that an installation has. */
export function isOurs({ metadata }: WebhookConfiguration): boolean {
  return metadata.name === NAME;
}

/** Gateward's webhooks, the validating ones first. */
export function ourWebhooks(seen: Installation): readonly OurWebhook[] {
  return TYPES.flatMap((type) => {
    const configurations = configurationsOf(seen, type);
    const own = 'value' in configurations ? configurations.value.find(isOurs) : undefined;
    const webhooks = own?.webhooks.filter(({ name }) => name.endsWith(OURS)) ?? [];
    return webhooks.map((webhook) => ({ type, where: whereOf(type), webhook }));
  });
}

/** The webhook that denies. */
export function denying(seen: Installation): OurWebhook | undefined {
  return ourWebhooks(seen).find(({ webhook }) => webhook.name === `validate${OURS}`);
}

/** The command that makes both configurations anew, with as much in the way as there is now. */
export function regenerate(seen: Installation): string {
  const { failurePolicy, timeoutSeconds } = denying(seen)?.webhook ?? { failurePolicy: 'Ignore', timeoutSeconds: 2 };
  const profile = failurePolicy === 'Fail' ? 'enforce' : timeoutSeconds > 2 ? 'warn' : 'audit';
  const namespace = seen.namespace === 'gateward-system' ? '' : ` --namespace ${seen.namespace}`;
  return `run gateward manifests webhooks --profile ${profile}${namespace} | kubectl apply -f -`;
}

import { EXPERIMENTAL_GROUP, GATEWAY_GROUP, KINDS, kindOfResource } from '#gateway';
import type { Installation, Seen, Webhook } from '../cluster/installation.ts';
import type { InForce } from './inForce.ts';
import { ok, unknown, warn, type Line } from './line.ts';
import { TYPES, configurationsOf, isOurs, ourWebhooks, whereOf } from './ours.ts';
import { ruleMatches } from './rules.ts';

/** Webhooks of others that are sent what Gateward judges. */
export function neighbourLines(seen: Installation, force: Seen<InForce>): readonly Line[] {
  if (ourWebhooks(seen).length === 0) return [];
  return [...mutatingLines(seen, force), ...secondLines(seen)];
}

/** Whoever changes the same objects may undo what was added, or add what is then denied. */
function mutatingLines(seen: Installation, force: Seen<InForce>): readonly Line[] {
  const check = 'neighbours/mutating';
  if ('unseen' in seen.mutating) return [unknown(check, whereOf('Mutating', 'of others'), seen.mutating.unseen)];
  const others = seen.mutating.value.filter((configuration) => !isOurs(configuration));
  const mutates = 'value' in force ? force.value.set.policies.some((policy) => policy.mutates) : undefined;
  const lines = others.flatMap(({ metadata, webhooks }) =>
    webhooks.flatMap((webhook) => {
      const kinds = governedBy(webhook);
      if (kinds.length === 0) return [];
      const where = whereOf('Mutating', metadata.name);
      const what = `${webhook.name} may change ${kinds.join(', ')} too`;
      const isFight = mutates !== false && kinds.some((kind) => kind === 'HTTPRoute' || kind === 'GRPCRoute');
      const fix = 'narrow its rules or its selectors to what it is for';
      return isFight
        ? [warn(check, where, `${what}, and documents add filters there: the one may undo the other`, fix)]
        : [warn(check, where, `${what}: what it makes of them is judged, not what was applied`, fix)];
    }),
  );
  return lines.length > 0 ? lines : [ok(check, 'the other mutating webhooks', 'are sent nothing of Gateway API')];
}

/** The kinds of Gateway API that a webhook is sent when they are created or updated. */
function governedBy({ rules }: Webhook): readonly string[] {
  return Object.entries(KINDS).flatMap(([kind, { group, plural, versions, scope }]) => {
    const isGoverned = group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP;
    if (!isGoverned || kindOfResource(group, plural) === undefined) return [];
    const isSent = versions.some((version) =>
      ['CREATE', 'UPDATE'].some((operation) =>
        rules.some((rule) => ruleMatches(rule, { group, resource: plural, version, operation, scope })),
      ),
    );
    return isSent ? [kind] : [];
  });
}

/** Another configuration that calls Gateward: a second installation, or what an interrupted proof has left. */
function secondLines(seen: Installation): readonly Line[] {
  const check = 'neighbours/second';
  return TYPES.flatMap((type) => {
    const configurations = configurationsOf(seen, type);
    if ('unseen' in configurations) return [];
    return configurations.value
      .filter((one) => !isOurs(one) && one.webhooks.some(({ name }) => name.endsWith('.gateward.dev')))
      .map(({ metadata }) =>
        warn(
          check,
          whereOf(type, metadata.name),
          'calls Gateward too: a second installation, or left by an interrupted gateward enable',
          `run kubectl delete ${type.toLowerCase()}webhookconfiguration ${metadata.name} if nobody needs it`,
        ),
      );
  });
}

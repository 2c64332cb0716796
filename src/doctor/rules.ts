import { NAMESPACE_NAME_LABEL, kindOfResource } from '#gateway';
import type { Policy } from '#policy';
import {
  configurationDoor,
  type Installation,
  type Seen,
  type ServedKind,
  type Webhook,
  type WebhookRule,
} from '../cluster/installation.ts';
import { webhookConfigurations } from '../report/manifestsWebhooks.ts';
import { policiesOf, type InForce } from './inForce.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { denying, ourWebhooks, regenerate, type OurWebhook } from './ours.ts';

/** What a write is about, as rules of webhooks see it. */
export interface Target {
  readonly group: string;
  /** `namespaces`, or `namespaces/status`. */
  readonly resource: string;
  readonly version: string;
  readonly operation: string;
  readonly scope: string;
}

/** Whether a rule is about a write in exactly this version (admission/plugin/webhook/predicates/rules of the API server). */
export function ruleMatches(rule: WebhookRule, { group, resource, version, operation, scope }: Target): boolean {
  const [plural = '', subresource = ''] = resource.split('/');
  const has = (list: readonly string[], word: string): boolean => list.includes(word) || list.includes('*');
  const isResource = rule.resources.some((written) => {
    const [name = '', sub = ''] = written.split('/');
    return (name === '*' || name === plural) && (sub === '*' || sub === subresource);
  });
  return (
    isResource &&
    has(rule.apiGroups, group) &&
    has(rule.apiVersions, version) &&
    has(rule.operations, operation) &&
    (rule.scope === '*' || rule.scope === scope)
  );
}

/** Whether a webhook is called for a write; under `Equivalent` a rule about any version that is served will do. */
function isCalled({ rules, matchPolicy }: Webhook, target: Target, served: readonly string[]): boolean {
  const versions = matchPolicy === 'Equivalent' ? [target.version, ...served] : [target.version];
  return versions.some((version) => rules.some((rule) => ruleMatches(rule, { ...target, version })));
}

/** What the webhooks are sent: all of Gateway API that is served, and what the documents in force are about. */
export function ruleLines(seen: Installation, known: readonly Policy[], force: Seen<InForce>): readonly Line[] {
  const webhook = denying(seen);
  if (webhook === undefined) return [];
  return [...servedLines(seen, webhook), ...judgedLines(seen, known, force), ...selectorLines(seen)];
}

function servedLines(seen: Installation, { webhook, where }: OurWebhook): readonly Line[] {
  const check = 'rules/served';
  if ('unseen' in seen.kinds) return [unknown(check, where, seen.kinds.unseen)];
  const kinds = seen.kinds.value;
  const lines = kinds.flatMap((kind) => {
    const missed = kind.versions.filter((version) => !isSent(webhook, kind, version));
    if (missed.length === 0) return [];
    const what = `${kind.kind} ${missed.join(', ')} of ${kind.group}`;
    if (kindOfResource(kind.group, kind.plural) === undefined) {
      return [
        warn(check, where, `${what} is served, and this version of Gateward does not know it`, 'update Gateward'),
      ];
    }
    return [fail(check, where, `${what} is served, and written without being judged`, regenerate(seen))];
  });
  if (lines.length > 0) return lines;
  const versions = kinds.reduce((sum, kind) => sum + kind.versions.length, 0);
  return [
    ok(check, where, `covers the ${kinds.length} kinds of Gateway API that are served, in all ${versions} versions`),
  ];
}

function isSent(webhook: Webhook, { group, plural, scope, versions }: ServedKind, version: string): boolean {
  return ['CREATE', 'UPDATE'].every((operation) =>
    isCalled(webhook, { group, resource: plural, version, operation, scope }, versions),
  );
}

function judgedLines(seen: Installation, known: readonly Policy[], force: Seen<InForce>): readonly Line[] {
  const check = 'rules/judged';
  const ours = ourWebhooks(seen);
  const served = servedVersions(seen);
  const set = 'value' in force ? force.value.set : undefined;
  const policies = set === undefined ? known : policiesOf(set);
  const expected = webhookConfigurations({
    policies,
    namespace: seen.namespace,
    profile: 'enforce',
    endpoint: { url: '' },
    caBundle: undefined,
    vendorKinds: set?.policies.flatMap(({ vendorKinds }) => vendorKinds) ?? [],
    holdsClaims: set?.holdsClaims === true,
    timeoutSeconds: undefined,
  }).flatMap((one) => configurationDoor.parse(one).webhooks);
  const isWanted = (name: string): boolean =>
    !name.startsWith('mutate') || (set?.policies.some(({ mutates }) => mutates) ?? true);
  const lines = expected.flatMap((wanted) => {
    if (!isWanted(wanted.name)) return [];
    const own = ours.find(({ webhook }) => webhook.name === wanted.name);
    if (own === undefined) return [];
    const missing = new Map<string, string[]>();
    for (const { group, resource, operation, version, scope } of wanted.rules.flatMap(targetsOf)) {
      const versions = served.get(`${resource}.${group}`) ?? [version];
      if (isCalled(own.webhook, { group, resource, operation, version, scope }, versions)) continue;
      const name = group === '' ? resource : `${resource}.${group}`;
      missing.set(name, [...new Set([...(missing.get(name) ?? []), operation])]);
    }
    const what = [...missing].map(([name, operations]) => `${name} (${operations.join(', ')})`).sort();
    if (what.length === 0) return [];
    return [fail(check, own.where, `${wanted.name} is not sent ${what.join(', ')}`, regenerate(seen))];
  });
  if ('unseen' in force) {
    const where = 'both configurations';
    // With every policy there is satisfied, so is whichever has a document.
    return lines.length === 0
      ? [ok(check, where, 'send all that any policy judges')]
      : [unknown(check, where, `which of the policies have documents: ${force.unseen}`), ...lines.map(asWarning)];
  }
  if (lines.length > 0) return lines;
  const message = `send all that the ${policies.length} policies with documents judge (documents: ${force.value.from})`;
  return [ok(check, 'both configurations', message)];
}

function asWarning(line: Line): Line {
  return { ...line, result: 'warn' };
}

/** By `plural.group`. */
function servedVersions({ kinds }: Installation): ReadonlyMap<string, readonly string[]> {
  const all = 'value' in kinds ? kinds.value : [];
  return new Map(all.map(({ plural, group, versions }) => [`${plural}.${group}`, versions]));
}

/** A rule, target by target; of its versions one, as they are versions of the same objects. */
function targetsOf({ apiGroups, apiVersions, operations, resources, scope }: WebhookRule): readonly Target[] {
  const version = apiVersions[0] ?? '*';
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => operations.map((operation) => ({ group, resource, version, operation, scope }))),
  );
}

/** Selectors by which whoever writes an object or a namespace could take it out of sight. */
function selectorLines(seen: Installation): readonly Line[] {
  const check = 'rules/selectors';
  const ours = ourWebhooks(seen);
  const lines = ours.flatMap(({ where, webhook: { name, objectSelector, namespaceSelector } }) => {
    const isOpen = objectSelector.matchExpressions.length + Object.keys(objectSelector.matchLabels).length === 0;
    const keys = [
      ...Object.keys(namespaceSelector.matchLabels),
      ...namespaceSelector.matchExpressions.map(({ key }) => key),
    ].filter((key) => key !== NAMESPACE_NAME_LABEL);
    return [
      ...(isOpen
        ? []
        : [fail(check, where, `${name} has an objectSelector: a label takes an object out`, regenerate(seen))]),
      ...(keys.length === 0
        ? []
        : [
            warn(
              check,
              where,
              `${name} selects namespaces by ${keys.join(', ')}: who may set that label takes a namespace out`,
              `${regenerate(seen)}, or guard the label with a NamespaceGate`,
            ),
          ]),
    ];
  });
  if (lines.length > 0) return lines;
  return [ok(check, 'both configurations', 'nothing can be taken out of sight by a label')];
}

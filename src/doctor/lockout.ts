import { NAMESPACE_NAME_LABEL, matchesSelector } from '#gateway';
import type { Installation } from '../cluster/installation.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { denying, ourWebhooks, regenerate, type OurWebhook } from './ours.ts';
import { ruleMatches } from './rules.ts';

/** What a cluster needs to mend itself, Gateward included: never to be sent to a webhook. */
const VITAL: readonly (readonly [group: string, resource: string, version: string, scope: string])[] = [
  ['', 'pods', 'v1', 'Namespaced'],
  ['', 'nodes', 'v1', 'Cluster'],
  ['', 'secrets', 'v1', 'Namespaced'],
  ['', 'serviceaccounts', 'v1', 'Namespaced'],
  ['', 'events', 'v1', 'Namespaced'],
  ['', 'endpoints', 'v1', 'Namespaced'],
  ['apps', 'deployments', 'v1', 'Namespaced'],
  ['apps', 'replicasets', 'v1', 'Namespaced'],
  ['discovery.k8s.io', 'endpointslices', 'v1', 'Namespaced'],
  ['coordination.k8s.io', 'leases', 'v1', 'Namespaced'],
  ['rbac.authorization.k8s.io', 'clusterroles', 'v1', 'Cluster'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings', 'v1', 'Cluster'],
  ['authentication.k8s.io', 'tokenreviews', 'v1', 'Cluster'],
  ['authorization.k8s.io', 'subjectaccessreviews', 'v1', 'Cluster'],
  ['admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'v1', 'Cluster'],
  ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'v1', 'Cluster'],
];
/** Kinds that others write all the time; each needs a matchCondition that lets pass what no policy has a word about. */
const CONDITIONS: readonly (readonly [group: string, resource: string, condition: string])[] = [
  ['apiextensions.k8s.io', 'customresourcedefinitions', 'only-crds-of-gateway-api'],
  ['', 'namespaces', 'only-namespaces-whose-labels-matter'],
];

/** What would keep a cluster from being mended while Gateward does not answer. */
export function lockoutLines(seen: Installation): readonly Line[] {
  const ours = ourWebhooks(seen);
  if (ours.length === 0) return [];
  return [
    ...namespaceLines(seen, ours),
    ...vitalLines(seen, ours),
    ...conditionLines(seen, ours),
    ...replicaLines(seen),
  ];
}

/** Under Fail it locks out; else it only slows down. */
function graded({ webhook }: OurWebhook): typeof fail {
  return webhook.failurePolicy === 'Fail' ? fail : warn;
}

function namespaceLines(seen: Installation, ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'lockout/namespaces';
  const spared = ['kube-system', seen.namespace];
  const lines = ours.flatMap((our) => {
    const { where, webhook } = our;
    if (!webhook.rules.some(({ scope }) => scope !== 'Cluster')) return [];
    const sent = spared.filter((name) => matchesSelector(webhook.namespaceSelector, { [NAMESPACE_NAME_LABEL]: name }));
    if (sent.length === 0) return [];
    const message = `${webhook.name} is sent objects of ${sent.join(' and ')}: they must be mendable while nobody answers`;
    return [graded(our)(check, where, message, regenerate(seen))];
  });
  if (lines.length > 0) return lines;
  return [ok(check, 'both configurations', `leave ${spared.join(' and ')} alone`)];
}

function vitalLines(seen: Installation, ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'lockout/rules';
  const lines = ours.flatMap((our) => {
    const { where, webhook } = our;
    const sent = VITAL.filter(([group, resource, version, scope]) =>
      ['CREATE', 'UPDATE', 'DELETE'].some((operation) =>
        webhook.rules.some((rule) => ruleMatches(rule, { group, resource, version, operation, scope })),
      ),
    ).map(([, resource]) => resource);
    if (sent.length === 0) return [];
    return [graded(our)(check, where, `${webhook.name} is sent ${sent.join(', ')}`, regenerate(seen))];
  });
  if (lines.length > 0) return lines;
  return [ok(check, 'both configurations', 'are sent nothing that a cluster needs to run or to be mended')];
}

function conditionLines(seen: Installation, ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'lockout/conditions';
  return ours.flatMap((our) => {
    const { where, webhook } = our;
    if (webhook.failurePolicy !== 'Fail') return [];
    const missing = CONDITIONS.filter(
      ([group, resource, condition]) =>
        webhook.rules.some((rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource)) &&
        !webhook.matchConditions.some(({ name }) => name === condition),
    ).map(([, resource]) => resource);
    if (missing.length === 0) return [];
    const message = `${webhook.name} is sent every write of ${missing.join(' and ')}, also those that no policy is about`;
    return [warn(check, where, message, regenerate(seen))];
  });
}

function replicaLines(seen: Installation): readonly Line[] {
  const check = 'lockout/replicas';
  const validate = denying(seen);
  if (validate === undefined) return [];
  const { where, webhook } = validate;
  if (webhook.failurePolicy !== 'Fail') return [ok(check, where, 'nobody is locked out: failurePolicy is Ignore')];
  if (webhook.clientConfig.service === undefined) {
    return [unknown(check, where, 'how many answer at a URL', 'see to it that more than one does')];
  }
  if ('unseen' in seen.endpoints) return [unknown(check, where, seen.endpoints.unseen)];
  const ready = seen.endpoints.value.filter((endpoint) => endpoint.ready).length;
  if (ready === 0) {
    const message = 'no pod is ready, and failurePolicy is Fail: every write of what is judged is refused';
    return [fail(check, where, message, 'run gateward disable, then see why the pods are not ready')];
  }
  if (ready === 1) {
    const message = 'one pod is ready, and failurePolicy is Fail: when it goes, writes are refused';
    return [warn(check, where, message, 'run two replicas or more')];
  }
  return [ok(check, where, `${ready} pods are ready`)];
}

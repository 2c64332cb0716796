import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  KIND_NAMES,
  NAMESPACE_NAME_LABEL,
  parseApiVersion,
  type KindName,
} from '#gateway';
import { OPERATIONS, type Operation, type Policy, type VendorKind } from '#policy';
import { POLICY_API_VERSION } from '../config/index.ts';
import { documentKinds, pluralOf } from './manifestsCrds.ts';
import { vendorResources } from './vendorResources.ts';

/** How much an installation may get in the way: `failurePolicy` and timeout of the validating webhook. */
export const PROFILES = {
  /** Watch: a call that fails lets the write through, and none waits long. */
  audit: { failurePolicy: 'Ignore', timeoutSeconds: 2 },
  /** Warn: a call that fails lets the write through. */
  warn: { failurePolicy: 'Ignore', timeoutSeconds: 5 },
  /** Enforce: no write goes unjudged. */
  enforce: { failurePolicy: 'Fail', timeoutSeconds: 5 },
} as const;
/** A name of {@link PROFILES}. */
export type Profile = keyof typeof PROFILES;

/** Where the API server calls: a URL without path, or a Service. */
type Endpoint =
  | { readonly url: string }
  | { readonly service: { readonly name: string; readonly namespace: string; readonly port: number } };

/** What differs between installations. */
export interface WebhookOptions {
  readonly policies: readonly Policy[];
  /** Gateward's own namespace: never judged, so that it can always be mended. */
  readonly namespace: string;
  readonly profile: Profile;
  readonly endpoint: Endpoint;
  /** PEM certificates of one or more CAs, in base64; undefined when something else writes it into the configuration. */
  readonly caBundle: string | undefined;
  /** Kinds of vendors that the documents in force name; the validating webhook is sent them in every version, and they may be listed. */
  readonly vendorKinds: readonly VendorKind[];
  /** The documents in force hold hostnames by claims: reviews are not without side effects then, but for dry runs. */
  readonly holdsClaims: boolean;
  /** Instead of the profile's. */
  readonly timeoutSeconds: number | undefined;
}

/** One entry of a webhook's `rules`, or of a policy's `resourceRules`. */
export interface AdmissionRule {
  readonly apiGroups: readonly [string];
  readonly apiVersions: readonly string[];
  readonly operations: readonly Operation[];
  readonly resources: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
}

/** Seconds for a mutation: what it would add is asked for again by validation, so that nobody has to wait for it. */
const MUTATE_TIMEOUT_SECONDS = 2;
/** Seconds for looking at a policy document. */
const DOCUMENT_TIMEOUT_SECONDS = 2;

/** The ValidatingWebhookConfiguration, and the MutatingWebhookConfiguration when some policy can mutate. */
export function webhookConfigurations(options: WebhookOptions): readonly unknown[] {
  const { failurePolicy, timeoutSeconds } = PROFILES[options.profile];
  const validating = configuration(options, 'Validating', options.policies, {
    failurePolicy,
    timeoutSeconds: options.timeoutSeconds ?? timeoutSeconds,
  });
  validating.webhooks.push(documentWebhook(options));
  const mutators = options.policies.filter(({ canMutate }) => canMutate);
  if (mutators.length === 0) return [validating];
  const mutating = configuration(options, 'Mutating', mutators, {
    failurePolicy: 'Ignore',
    timeoutSeconds: Math.min(options.timeoutSeconds ?? MUTATE_TIMEOUT_SECONDS, MUTATE_TIMEOUT_SECONDS),
    reinvocationPolicy: 'IfNeeded',
  });
  return [mutating, validating];
}

function configuration(
  options: WebhookOptions,
  type: 'Mutating' | 'Validating',
  policies: readonly Policy[],
  manner: Readonly<Record<string, unknown>>,
): { readonly webhooks: unknown[] } & Readonly<Record<string, unknown>> {
  const path = type === 'Mutating' ? '/mutate' : '/validate';
  const operations: readonly Operation[] = type === 'Mutating' ? ['CREATE', 'UPDATE'] : OPERATIONS;
  const own = webhookRules(policies, operations);
  const rules = type === 'Mutating' ? own : [...own, ...vendorRules(policies, options.vendorKinds)];
  const conditions = matchConditions(rules);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${type}WebhookConfiguration`,
    metadata: { name: 'gateward', labels: { 'app.kubernetes.io/part-of': 'gateward' } },
    webhooks: [
      {
        name: `${path.slice(1)}.gateward.dev`,
        clientConfig: clientOf(options, path),
        admissionReviewVersions: ['v1'],
        sideEffects: type === 'Validating' && options.holdsClaims ? 'NoneOnDryRun' : 'None',
        matchPolicy: 'Equivalent',
        ...manner,
        namespaceSelector: judgedNamespaces(options.namespace),
        ...(conditions.length === 0 ? {} : { matchConditions: conditions }),
        rules,
      },
    ],
  };
}

/**
 * Refuses a policy document that is not in order when it is applied. It never fails closed, in no profile: whoever repairs a document must
 * not need a Gateward that works. What slips through is refused later, and stands in the document's status.
 */
function documentWebhook(options: WebhookOptions): unknown {
  const { group, version } = parseApiVersion(POLICY_API_VERSION);
  return {
    name: 'documents.gateward.dev',
    clientConfig: clientOf(options, '/documents'),
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    failurePolicy: 'Ignore',
    timeoutSeconds: Math.min(options.timeoutSeconds ?? DOCUMENT_TIMEOUT_SECONDS, DOCUMENT_TIMEOUT_SECONDS),
    rules: [
      {
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: documentKinds(options.policies).map(pluralOf).sort(),
        scope: 'Cluster',
      },
    ],
  };
}

/** All namespaces but those that must always be mendable: the API server's, and Gateward's own. */
export function judgedNamespaces(own: string): unknown {
  return { matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator: 'NotIn', values: ['kube-system', own] }] };
}

function clientOf({ endpoint, caBundle }: WebhookOptions, path: string): Readonly<Record<string, unknown>> {
  return {
    ...('url' in endpoint ? { url: `${endpoint.url}${path}` } : { service: { ...endpoint.service, path } }),
    ...(caBundle === undefined ? {} : { caBundle }),
  };
}

/** The kinds that policies judge, with the operations they ask for. Vendors' are not here. */
function webhookRules(policies: readonly Policy[], operations: readonly Operation[]): readonly AdmissionRule[] {
  return admissionRules(KIND_NAMES, (kind) => {
    const asked = policies.filter(({ subjects }) => subjects.includes(kind));
    return operations.filter((operation) => asked.some((policy) => policy.operationsOn(kind).includes(operation)));
  });
}

/** Kinds with the operations on them, none for a kind that is not to be matched; in every version that is served, never a wildcard. */
export function admissionRules(
  kinds: readonly KindName[],
  operationsOn: (kind: KindName) => readonly Operation[],
): readonly AdmissionRule[] {
  const rules = new Map<string, { readonly rule: Omit<AdmissionRule, 'resources'>; readonly resources: string[] }>();
  for (const kind of kinds) {
    const operations = operationsOn(kind);
    if (operations.length === 0) continue;
    const { group, versions, scope } = KINDS[kind];
    const rule = { apiGroups: [group] as const, apiVersions: versions, operations, scope };
    const key = JSON.stringify(rule);
    const held = rules.get(key) ?? { rule, resources: [] };
    held.resources.push(...resourcesOf(kind));
    rules.set(key, held);
  }
  return [...rules.values()].map(({ rule, resources }) => ({ ...rule, resources: resources.sort() }));
}

/** Which versions a vendor serves is not known here: under matchPolicy Equivalent any one would do. */
function vendorRules(policies: readonly Policy[], kinds: readonly VendorKind[]): readonly AdmissionRule[] {
  const asked = policies.map((policy) => policy.operationsOn('VendorPolicy'));
  const operations = OPERATIONS.filter((operation) => asked.some((wanted) => wanted.includes(operation)));
  return vendorResources(kinds).map(({ group, resources }) => ({
    apiGroups: [group],
    apiVersions: ['*'],
    operations,
    resources,
    scope: 'Namespaced',
  }));
}

/** Both subresources of a Namespace can change its labels (GHSA-2ww6-hf35-mfjm); the status of the other kinds changes nothing that is judged. */
function resourcesOf(kind: KindName): readonly string[] {
  const { plural } = KINDS[kind];
  return kind === 'Namespace' ? [plural, `${plural}/finalize`, `${plural}/status`] : [plural];
}

/** Writes that no policy has a word about, let through without a call. An expression that fails to evaluate denies under Fail. */
function matchConditions(rules: readonly AdmissionRule[]): readonly unknown[] {
  const resources = new Set(rules.flatMap((rule) => rule.resources));
  const groups = [GATEWAY_GROUP, EXPERIMENTAL_GROUP].map((group) => `'${group}'`).join(', ');
  return [
    ...(resources.has(KINDS.CustomResourceDefinition.plural)
      ? [
          {
            name: 'only-crds-of-gateway-api',
            expression:
              `request.resource.resource != '${KINDS.CustomResourceDefinition.plural}' || ` +
              `(request.operation == 'DELETE' ? oldObject : object).spec.group in [${groups}]`,
          },
        ]
      : []),
    ...(resources.has(KINDS.Namespace.plural)
      ? [
          {
            name: 'only-namespaces-whose-labels-matter',
            expression:
              `request.resource.resource != '${KINDS.Namespace.plural}' || request.operation == 'DELETE' || ` +
              `(request.operation == 'CREATE' ? object.metadata.?labels.orValue({}).exists(key, key != '${NAMESPACE_NAME_LABEL}')` +
              ' : object.metadata.?labels != oldObject.metadata.?labels)',
          },
        ]
      : []),
  ];
}

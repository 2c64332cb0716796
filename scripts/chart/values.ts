import { z } from 'zod';

const labels = z.record(z.string(), z.string());
/** Any fields of the API, which checks them itself. */
const fields = z.record(z.string(), z.unknown());

function section<T extends z.core.$ZodShape>(description: string, shape: T) {
  return z.strictObject(shape).optional().describe(description);
}

/** What an operator can choose about the chart: values.yaml, its schema and the table of the chart's README are all written from here. */
export const valuesSchema = z.strictObject({
  profile: z
    .enum(['audit', 'warn', 'enforce'])
    .default('audit')
    .describe(
      'How much Gateward may get in the way. audit: findings in metrics only, a call that fails lets the write through; warn: warnings, the same; enforce: denials, and no write goes unjudged. Where policies chooses the documents, these say what is denied or warned of.',
    ),
  replicas: z
    .int()
    .min(1)
    .default(3)
    .describe('Pods. Under enforce at least two: while the only pod restarts every write would be refused.'),
  image: section('The image; build it with deploy/Dockerfile.', {
    repository: z.string().min(1).default('gateward').describe('Where it is pulled from.'),
    tag: z.string().default('').describe('Its tag. Default: the version of the chart.'),
    digest: z
      .string()
      .regex(/^(?:sha256:[0-9a-f]{64})?$/)
      .default('')
      .describe('sha256:…, which takes the place of the tag.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is pulled.'),
    pullSecrets: z
      .array(z.strictObject({ name: z.string().min(1) }))
      .default([])
      .describe('Secrets with the credentials of the registry: [{ name: … }].'),
  }),
  policies: section('The policy documents.', {
    bundle: z
      .enum(['', 'audit', 'baseline', 'restricted', 'none'])
      .default('')
      .describe(
        'Documents that come with Gateward. Default: those of the profile, which are audit, baseline (warn) and restricted (enforce); none when there are documents of yours.',
      ),
    documents: z
      .record(z.string(), z.string())
      .default({})
      .describe('Documents of yours: file name to text. --set-file policies.documents.team\\.yaml=team.yaml'),
    existingConfigMap: z
      .string()
      .default('')
      .describe('A ConfigMap of yours in the namespace of the release with the documents; then the chart writes none.'),
    fromCluster: z
      .boolean()
      .default(false)
      .describe(
        'The documents are the custom resources of the cluster; then the chart writes none, and no pod is ready before there is one.',
      ),
  }),
  claims: section('Hostname claims, for documents with claims: Enforce.', {
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Give the pods the right to write HostnameClaims, and have dry runs told apart. It takes callers.caConfigMap.',
      ),
  }),
  canary: section('Whether the API server still asks Gateward, tried by Gateward itself.', {
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Every 30 s create an HTTPRoute that is made to be denied, in a dry run. It brings the namespace gateward-canary, a quota by which none can be stored there, and the right to create them there.',
      ),
  }),
  certificates: section('Where the serving certificate comes from.', {
    mode: z
      .enum(['cert-manager', 'secret', 'self-managed'])
      .default('cert-manager')
      .describe(
        'cert-manager: it signs, renews, and writes the CA into the webhooks. self-managed: Gateward does that itself. secret: a Secret of yours of type kubernetes.io/tls, and caBundle.',
      ),
    secretName: z.string().min(1).default('gateward-tls').describe('The Secret with tls.crt and tls.key.'),
    caBundle: z
      .string()
      .regex(/^[A-Za-z0-9+/=]*$/)
      .default('')
      .describe('Mode secret: the CA that the API server is to trust, PEM in base64.'),
    issuerRef: z
      .strictObject({ name: z.string().min(1), kind: z.string().optional(), group: z.string().optional() })
      .nullable()
      .default(null)
      .describe('Mode cert-manager: an issuer of yours, { name, kind, group }. Default: a CA of its own.'),
  }),
  callers: section(
    'Who may ask for a review; see certs/README.md for how the API server is told to show a certificate.',
    {
      caConfigMap: z
        .string()
        .default('')
        .describe(
          'A ConfigMap of yours with ca.crt, the CA of the API server’s client certificate. Default: anybody may call.',
        ),
      names: z.array(z.string().min(1)).default([]).describe('Common names of those certificates. Default: any.'),
    },
  ),
  webhooks: section('The webhook configurations.', {
    timeoutSeconds: z
      .int()
      .min(1)
      .max(30)
      .nullable()
      .default(null)
      .describe('Seconds for a validation. Default: that of the profile, 2 for audit and 5 else.'),
    vendorRules: z
      .array(
        z.strictObject({
          group: z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/),
          resources: z.array(z.string().regex(/^[a-z0-9]+$/)).min(1),
        }),
      )
      .default([])
      .describe(
        'Kinds of vendors that documents of PolicyAttachment list: [{ group: …, resources: [plural, …] }]. The webhook is sent them, and pods may list and watch them for the audit.',
      ),
  }),
  crds: section(
    'The CRDs of the policy documents. They stay when the release goes; those of Gateway API are never touched.',
    {
      install: z.boolean().default(true).describe('Install and upgrade them.'),
    },
  ),
  serve: section('Flags of gateward serve.', {
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
    shutdownDelay: z.int().min(0).max(50).default(15).describe('Seconds to go on serving once told to stop.'),
    staleAfter: z
      .int()
      .min(2)
      .max(3600)
      .default(35)
      .describe('Seconds of silence of the API server after which nothing is taken to be absent unless it is asked.'),
    extraArgs: z.array(z.string()).default([]).describe('More flags.'),
  }),
  resources: section('What a pod asks for. The request for memory is its limit, and there is no limit for CPU.', {
    cpu: z.string().min(1).default('100m').describe('CPU.'),
    memoryMi: z
      .int()
      .min(128)
      .default(512)
      .describe('Memory in MiB; three quarters of it are given to objects of JavaScript.'),
  }),
  scheduling: section('Where pods run.', {
    priorityClassName: z
      .string()
      .default('system-cluster-critical')
      .describe('Their priority class; a system class brings the ResourceQuota that some clusters ask for.'),
    spread: z
      .enum(['ScheduleAnyway', 'DoNotSchedule'])
      .default('ScheduleAnyway')
      .describe('When pods cannot be spread over nodes and zones.'),
    nodeSelector: labels.default({}).describe('Labels of nodes.'),
    tolerations: z.array(fields).default([]).describe('Taints of nodes that do not matter.'),
    affinity: fields.default({}).describe('Affinity of pods.'),
  }),
  podDisruptionBudget: section('Disruptions one pod at a time.', {
    enabled: z.boolean().default(true).describe('Write it.'),
  }),
  networkPolicy: section('Only the two ports are open.', { enabled: z.boolean().default(true).describe('Write it.') }),
  serviceAccount: section('Who Gateward is.', { annotations: labels.default({}).describe('Its annotations.') }),
  podAnnotations: labels.default({}).describe('Annotations of pods.'),
  podLabels: labels.default({}).describe('Labels of pods beside those of Gateward.'),
  monitoring: section('For the Prometheus operator and Grafana.', {
    serviceMonitor: section('Scraping.', {
      enabled: z.boolean().default(false).describe('Write a ServiceMonitor.'),
      additionalLabels: labels.default({}).describe('Labels by which Prometheus finds it.'),
    }),
    prometheusRule: section('Alerts.', {
      enabled: z.boolean().default(false).describe('Write a PrometheusRule.'),
      additionalLabels: labels.default({}).describe('Labels by which Prometheus finds it.'),
    }),
    dashboard: section('The dashboard.', {
      enabled: z.boolean().default(false).describe('Write a ConfigMap with the dashboard.'),
      additionalLabels: labels
        .default({ grafana_dashboard: '1' })
        .describe('Labels by which Grafana’s sidecar finds it.'),
    }),
  }),
  uninstall: section('Before the release goes.', {
    removeWebhooks: z
      .boolean()
      .default(true)
      .describe(
        'Remove the webhook configurations in a hook, before the pods: with failurePolicy Fail and no pods nobody could write Gateway API objects.',
      ),
  }),
  global: fields.default({}).describe('Ignored; Helm hands it to every chart that is part of another.'),
});

/** One value of the chart. */
interface ChartValue {
  readonly path: readonly string[];
  readonly description: string;
  readonly default: unknown;
  /** It has values of its own, which follow. */
  readonly isSection: boolean;
}

/** The schema as Helm reads it. */
export function valuesJsonSchema(): unknown {
  return z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' });
}

const property = z.looseObject({
  description: z.string().default(''),
  properties: z.record(z.string(), z.unknown()).optional(),
  default: z.unknown().optional(),
});

/** Every value in the order of the schema. */
export function chartValues(): readonly ChartValue[] {
  return valuesBelow(valuesJsonSchema(), []);
}

function valuesBelow(schema: unknown, path: readonly string[]): readonly ChartValue[] {
  const { properties = {} } = property.parse(schema);
  return Object.entries(properties).flatMap(([name, child]) => {
    const { description, default: value, properties: below } = property.parse(child);
    const own = [...path, name];
    const isSection = below !== undefined && value !== null;
    return [{ path: own, description, default: value, isSection }, ...(isSection ? valuesBelow(child, own) : [])];
  });
}

import { z } from 'zod';
import type { ClusterDocument } from '../config/index.ts';
import type { LabelSelector } from '#gateway';

/** What was looked for, or why it cannot be seen: "none" is not "cannot see". */
export type Seen<T> = { readonly value: T } | { readonly unseen: string };

const texts = z.array(z.string()).default([]);
const labels = z.record(z.string(), z.string());
const selector = z
  .object({
    matchLabels: labels.default({}),
    matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: texts })).default([]),
  })
  .default({ matchLabels: {}, matchExpressions: [] }) satisfies z.ZodType<LabelSelector>;

/** A rule of a webhook, with the API server's defaults. */
const ruleDoor = z.object({
  apiGroups: texts,
  apiVersions: texts,
  operations: texts,
  resources: texts,
  scope: z.string().default('*'),
});

const webhookDoor = z.object({
  name: z.string(),
  clientConfig: z.object({
    url: z.string().optional(),
    service: z
      .object({ name: z.string(), namespace: z.string(), path: z.string().default(''), port: z.number().default(443) })
      .optional(),
    /** PEM text in base64. */
    caBundle: z.string().default(''),
  }),
  rules: z.array(ruleDoor).default([]),
  failurePolicy: z.string().default('Fail'),
  matchPolicy: z.string().default('Equivalent'),
  namespaceSelector: selector,
  objectSelector: selector,
  sideEffects: z.string().default('Unknown'),
  timeoutSeconds: z.number().default(10),
  admissionReviewVersions: texts,
  reinvocationPolicy: z.string().default('Never'),
  matchConditions: z.array(z.object({ name: z.string(), expression: z.string() })).default([]),
});

/** A webhook configuration of either type. */
export const configurationDoor = z.object({
  metadata: z.object({ name: z.string() }),
  webhooks: z.array(webhookDoor).default([]),
});

export const serviceDoor = z.object({
  spec: z.object({ ports: z.array(z.object({ name: z.string().default(''), port: z.number() })).default([]) }),
});

export const sliceDoor = z.object({
  endpoints: z
    .array(
      z.object({
        addresses: texts,
        conditions: z.object({ ready: z.boolean().default(true) }).default({ ready: true }),
        targetRef: z.object({ kind: z.string().default(''), name: z.string().default('') }).optional(),
      }),
    )
    .nullish(),
  ports: z.array(z.object({ name: z.string().default(''), port: z.number() })).nullish(),
});

export const deploymentDoor = z.object({
  spec: z.object({
    replicas: z.number().default(1),
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ args: texts })),
        volumes: z.array(z.object({ secret: z.object({ secretName: z.string() }).optional() })).default([]),
      }),
    }),
  }),
});

export const leaseDoor = z.object({
  spec: z.object({
    holderIdentity: z.string().default(''),
    leaseDurationSeconds: z.number().default(15),
    renewTime: z.string().default(''),
  }),
});

export const dataDoor = z.object({ data: labels.default({}) });

export const crdDoor = z.object({ metadata: z.object({ annotations: labels.default({}) }) });

const roleRules = z
  .array(z.object({ apiGroups: texts, resources: texts, resourceNames: texts, verbs: texts }))
  .nullish()
  .transform((rules) => rules ?? []);
export const roleDoor = z.object({ rules: roleRules });
export const bindingDoor = z.object({
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().default('') }))
    .nullish()
    .transform((subjects) => subjects ?? []),
});

export const documentStateDoor = z.object({
  status: z
    .object({
      observedGeneration: z.number().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .optional(),
});

/** A rule of a webhook. */
export type WebhookRule = z.infer<typeof ruleDoor>;
/** One entry of a webhook configuration. */
export type Webhook = z.infer<typeof webhookDoor>;
/** A webhook configuration. */
export type WebhookConfiguration = z.infer<typeof configurationDoor>;
/** A rule of a role. */
export type RoleRule = z.infer<typeof roleRules>[number];

/** A pod, or what else a Service leads to. */
export interface Endpoint {
  readonly address: string;
  readonly ready: boolean;
  /** Name of the pod; undefined when it is none. */
  readonly pod: string | undefined;
  /** By the name of the Service's port. */
  readonly ports: ReadonlyMap<string, number>;
}

/** What was seen of one place where Gateward answers. */
export interface Replica {
  /** `pod gateward-1`, or the address that the webhook names. */
  readonly name: string;
  /** The chain that it presents to whoever connects, PEM. */
  readonly certificate: Seen<string>;
  /** `/readyz`, through the API server. */
  readonly ready: Seen<{ readonly status: number; readonly text: string }>;
  /** Metrics by name and labels as they are written, through the API server. */
  readonly metrics: Seen<ReadonlyMap<string, number>>;
}

/** A kind of Gateway API that the API server serves. */
export interface ServedKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly string[];
  /** Of its CRD; undefined where an annotation is not there. */
  readonly release: Seen<{ readonly channel: string | undefined; readonly bundle: string | undefined }>;
}

/** What the API server made of an object that is made to be denied, in a dry run. */
export type Answer =
  | { readonly answer: 'denied' }
  /** It would have been stored: nobody refused it. */
  | { readonly answer: 'stored' }
  /** The call failed, and so did the write. */
  | { readonly answer: 'failed'; readonly problem: string }
  | { readonly unseen: string };

/** What is known of a Deployment of Gateward. */
export interface Workload {
  readonly replicas: number;
  readonly args: readonly string[];
  readonly secrets: readonly string[];
}

/** The rules that are bound to Gateward's ServiceAccount by its own roles. */
export interface Access {
  readonly cluster: readonly RoleRule[];
  /** In its namespace. */
  readonly namespaced: readonly RoleRule[];
}

/** All that is looked at of an installation in a cluster. */
export interface Installation {
  readonly server: string;
  /** The namespace that Gateward is said to be in. */
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly validating: Seen<readonly WebhookConfiguration[]>;
  readonly mutating: Seen<readonly WebhookConfiguration[]>;
  /** The Service that the webhooks name; undefined value: there is none. */
  readonly service: Seen<{ readonly ports: readonly { readonly name: string; readonly port: number }[] } | undefined>;
  readonly endpoints: Seen<readonly Endpoint[]>;
  readonly workload: Seen<Workload | undefined>;
  readonly lease: Seen<
    { readonly holder: string; readonly durationSeconds: number; readonly renewed: number } | undefined
  >;
  /** PEM text of `ca.crt` in the Secret of a CA of Gateward's own making. */
  readonly authority: Seen<string | undefined>;
  /** `tls.crt` in the Secret that the pods mount, PEM; undefined value: there is no such Secret. */
  readonly keyPair: Seen<string | undefined>;
  readonly replicas: readonly Replica[];
  readonly kinds: Seen<readonly ServedKind[]>;
  /** Whether the guard that comes with the CRDs of Gateway API is there, and bound. */
  readonly safeUpgrades: Seen<boolean>;
  readonly documents: Seen<readonly ClusterDocument[]>;
  /** The texts of the ConfigMap `gateward-policies`, by key. */
  readonly policyFiles: Seen<ReadonlyMap<string, string> | undefined>;
  readonly access: Seen<Access>;
  readonly answer: Answer;
}

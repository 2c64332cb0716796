import type { z } from 'zod';
import type { Policy } from '#policy';
import {
  CLAIM_KIND,
  EXEMPTION_KIND,
  POLICY_API_VERSION,
  exemptionSchema,
  hostnameClaimSchema,
} from '../config/index.ts';
import { parseApiVersion } from '#gateway';
import { structuralSchema, type StructuralSchema } from './structuralSchema.ts';

/** A kind of our own API group. */
interface DocumentKind {
  readonly kind: string;
  readonly summary: string;
  readonly schema: z.ZodType;
  /** Written by operators, and answered to in a status. */
  readonly isDocument: boolean;
  /** The `spec` fields that `kubectl get` shows. */
  readonly columns: readonly { readonly name: string; readonly field: string }[];
}

/** The CRDs of our kinds, sorted by name: documents, one kind per policy and PolicyExemption, and the HostnameClaims that a server writes. */
export function documentCrds(policies: readonly Policy[]): readonly unknown[] {
  const kinds: readonly DocumentKind[] = [
    ...policies.map(({ kind, summary, schema }) => ({
      kind,
      summary,
      schema,
      isDocument: true,
      columns: [{ name: 'Action', field: 'action' }],
    })),
    {
      kind: EXEMPTION_KIND,
      summary: 'Violations that do not count until a date.',
      schema: exemptionSchema(),
      isDocument: true,
      columns: [
        { name: 'Reason', field: 'reason' },
        { name: 'Expires', field: 'expires' },
      ],
    },
    {
      kind: CLAIM_KIND,
      summary: 'A hostname that is held for its owner.',
      schema: hostnameClaimSchema,
      isDocument: false,
      columns: [
        { name: 'Hostname', field: 'hostname' },
        { name: 'Layer', field: 'layer' },
        { name: 'Owner', field: 'owner' },
        { name: 'Kind', field: 'claimant.kind' },
        { name: 'Object', field: 'claimant.name' },
      ],
    },
  ];
  return [...kinds].sort((a, b) => (pluralOf(a.kind) < pluralOf(b.kind) ? -1 : 1)).map(crdOf);
}

/** The kinds of documents that stand in a cluster. */
export function documentKinds(policies: readonly Policy[]): readonly string[] {
  return [...policies.map(({ kind }) => kind), EXEMPTION_KIND];
}

/** The resource name of a document kind: `hostnameownerships`, `listenersafeties`, `defaultfilters`. */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith('ss')) return `${singular}es`;
  if (singular.endsWith('s')) return singular;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function crdOf({ kind, summary, schema, isDocument, columns }: DocumentKind): unknown {
  const { group, version } = parseApiVersion(POLICY_API_VERSION);
  const plural = pluralOf(kind);
  const spec = structuralSchema(schema);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'gateward' } },
    spec: {
      group,
      scope: 'Cluster',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), categories: ['gateward'] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(isDocument ? { subresources: { status: {} } } : {}),
          additionalPrinterColumns: [
            ...columns.map(({ name, field }) => ({ name, type: 'string', jsonPath: `.spec.${field}` })),
            ...(isDocument
              ? [{ name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' }]
              : []),
            ...(kind === EXEMPTION_KIND || !isDocument
              ? []
              : [
                  { name: 'Judged', type: 'integer', jsonPath: '.status.judged' },
                  { name: 'Findings', type: 'integer', jsonPath: '.status.findings' },
                ]),
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: summary,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string', description: 'The version of this representation of the object.' },
                kind: { type: 'string', description: 'The kind of the object.' },
                metadata: { type: 'object' },
                spec: { description: isDocument ? `What the operator wants. ${summary}` : summary, ...spec },
                ...(isDocument ? { status: STATUS } : {}),
              },
            },
          },
        },
      ],
    },
  };
}

/** What Gateward says about a document: `metav1.Condition` by type. */
const STATUS: StructuralSchema = {
  type: 'object',
  description: 'What Gateward made of it.',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64', description: 'The generation that this speaks about.' },
    judged: { type: 'integer', format: 'int64', description: 'Objects of the cluster that it has a word about.' },
    findings: { type: 'integer', format: 'int64', description: 'What it holds against them, all in all.' },
    conditions: {
      type: 'array',
      description: 'Ready: whether the document is in force as it stands, and if not why.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
        properties: {
          type: { type: 'string', maxLength: 316, description: 'What the condition is about.' },
          status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'Whether it holds.' },
          reason: { type: 'string', maxLength: 1024, description: 'Why, in one word.' },
          message: { type: 'string', maxLength: 32768, description: 'Why, in a sentence.' },
          observedGeneration: { type: 'integer', format: 'int64', description: 'The generation it speaks about.' },
          lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
        },
      },
    },
  },
};

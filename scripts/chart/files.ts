/**
 * The Helm chart in `deploy/chart`, made from the kustomize base, so that what both install has one source: a template is a manifest of the
 * base in which values take the place of some scalars. `_gateward.tpl` and the other texts of the chart are written by hand.
 */
import { Document, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { chartValues, valuesJsonSchema } from './values.ts';

/** Where a template expression takes the place of a value, or with `line` of a whole line: a field, or an entry behind a list. */
interface Hole {
  readonly path: readonly (string | number)[];
  readonly expression: string;
  readonly line: boolean;
}

/** A template made from a manifest. */
interface Template {
  /** The manifest, from `deploy/`. */
  readonly from: string;
  /** The template is empty unless this holds. */
  readonly when?: string;
  /** By kind, or by `kind/name`. */
  readonly holes?: Readonly<Record<string, readonly Hole[]>>;
}

/** The first line of a generated manifest. */
const DO_NOT_EDIT = /^# Written by npm run generate\.\n/;
const NAMESPACE = 'gateward-system';
/** Where it is a value by itself: one such as `123` is a string only in quotes. */
const WHOLE_NAMESPACE = new RegExp(`(?<=[:-] )${NAMESPACE}$`, 'gm');
const POD = ['spec', 'template', 'spec'] as const;
const CONTAINER = [...POD, 'containers', 0] as const;

const value = (path: Hole['path'], expression: string): Hole => ({ path, expression, line: false });
/** A named template of `_gateward.tpl` at a depth. */
const block = (path: Hole['path'], name: string, depth: number): Hole =>
  value(path, `{{- include "gateward.${name}" . | nindent ${depth} }}`);
const lines = (path: Hole['path'], name: string, depth: number): Hole => ({ ...block(path, name, depth), line: true });
/** A line that a named template before it brings back. */
const gone = (path: Hole['path']): Hole => ({ path, expression: '', line: true });
/** A value that is YAML itself. */
const given = (path: Hole['path'], name: string, depth: number): Hole =>
  value(path, `{{- toYaml .Values.${name} | nindent ${depth} }}`);

const TEMPLATES: Readonly<Record<string, Template>> = {
  crds: {
    from: 'base/crds.generated.yaml',
    when: '.Values.crds.install',
    holes: { CustomResourceDefinition: [value(['metadata', 'annotations'], '{ helm.sh/resource-policy: keep }')] },
  },
  serviceaccount: {
    from: 'base/serviceaccount.yaml',
    holes: { ServiceAccount: [given(['metadata', 'annotations'], 'serviceAccount.annotations', 4)] },
  },
  rbac: { from: 'base/rbac.generated.yaml' },
  resourcequota: {
    from: 'base/resourcequota.yaml',
    when: 'hasPrefix "system-" .Values.scheduling.priorityClassName',
    holes: {
      ResourceQuota: [
        value(['spec', 'hard', 'pods'], '{{ add .Values.replicas 7 }}'),
        value(
          ['spec', 'scopeSelector', 'matchExpressions', 0, 'values', 0],
          '{{ .Values.scheduling.priorityClassName }}',
        ),
      ],
    },
  },
  networkpolicy: { from: 'base/networkpolicy.yaml', when: '.Values.networkPolicy.enabled' },
  poddisruptionbudget: { from: 'base/poddisruptionbudget.yaml', when: '.Values.podDisruptionBudget.enabled' },
  service: { from: 'base/service.yaml' },
  certificate: {
    from: 'components/cert-manager/certificate.yaml',
    when: 'eq .Values.certificates.mode "cert-manager"',
    holes: {
      'Certificate/gateward': [
        value(['spec', 'secretName'], '{{ .Values.certificates.secretName }}'),
        block(['spec', 'issuerRef'], 'issuerRef', 4),
      ],
    },
  },
  'self-managed-secret': {
    from: 'components/self-managed/secret.yaml',
    when: 'eq .Values.certificates.mode "self-managed"',
  },
  'self-managed-rbac': {
    from: 'components/self-managed/rbac.yaml',
    when: 'eq .Values.certificates.mode "self-managed"',
  },
  'claims-rbac': { from: 'components/claims/rbac.generated.yaml', when: '.Values.claims.enabled' },
  'canary-namespace': { from: 'components/canary/namespace.yaml', when: '.Values.canary.enabled' },
  'canary-rbac': { from: 'components/canary/rbac.yaml', when: '.Values.canary.enabled' },
  servicemonitor: {
    from: 'components/monitoring/servicemonitor.yaml',
    when: '.Values.monitoring.serviceMonitor.enabled',
    holes: { ServiceMonitor: [lines(['metadata', 'labels', 'more'], 'serviceMonitorLabels', 4)] },
  },
  deployment: {
    from: 'base/deployment.yaml',
    holes: {
      Deployment: [
        value(['spec', 'replicas'], '{{ .Values.replicas }}'),
        block(['spec', 'template', 'metadata', 'annotations'], 'podAnnotations', 8),
        lines(['spec', 'template', 'metadata', 'labels', 'more'], 'podLabels', 8),
        given([...POD, 'imagePullSecrets'], 'image.pullSecrets', 8),
        given([...POD, 'nodeSelector'], 'scheduling.nodeSelector', 8),
        given([...POD, 'tolerations'], 'scheduling.tolerations', 8),
        given([...POD, 'affinity'], 'scheduling.affinity', 8),
        value([...POD, 'priorityClassName'], '{{ .Values.scheduling.priorityClassName }}'),
        value([...POD, 'topologySpreadConstraints', 0, 'whenUnsatisfiable'], '{{ .Values.scheduling.spread }}'),
        value([...POD, 'topologySpreadConstraints', 1, 'whenUnsatisfiable'], '{{ .Values.scheduling.spread }}'),
        value([...CONTAINER, 'image'], '{{ include "gateward.image" . }}'),
        value([...CONTAINER, 'imagePullPolicy'], '{{ .Values.image.pullPolicy }}'),
        lines([...CONTAINER, 'args', 1], 'policiesArgs', 12),
        gone([...CONTAINER, 'args', 2]),
        // --tls-cert and --tls-key with their files, and where these come from, stand together in one place each.
        lines([...CONTAINER, 'args', 3], 'tlsArgs', 12),
        ...[4, 5, 6].map((at) => gone([...CONTAINER, 'args', at])),
        lines([...CONTAINER, 'args', '-'], 'args', 12),
        value(
          [...CONTAINER, 'env', 0, 'value'],
          '--max-old-space-size={{ div (mul .Values.resources.memoryMi 3) 4 }} --max-semi-space-size=8',
        ),
        value([...CONTAINER, 'resources', 'requests', 'cpu'], '{{ .Values.resources.cpu }}'),
        value([...CONTAINER, 'resources', 'requests', 'memory'], '{{ .Values.resources.memoryMi }}Mi'),
        value([...CONTAINER, 'resources', 'limits', 'memory'], '{{ .Values.resources.memoryMi }}Mi'),
        lines([...CONTAINER, 'volumeMounts', 0], 'policiesMount', 12),
        lines([...CONTAINER, 'volumeMounts', 1], 'tlsMount', 12),
        lines([...CONTAINER, 'volumeMounts', '-'], 'callersMount', 12),
        lines([...POD, 'volumes', 0], 'policiesVolume', 8),
        lines([...POD, 'volumes', 1], 'tlsVolume', 8),
        lines([...POD, 'volumes', '-'], 'callersVolume', 8),
      ],
    },
  },
  webhooks: {
    from: 'base/webhooks.generated.yaml',
    holes: {
      MutatingWebhookConfiguration: [block(['metadata', 'annotations'], 'webhookAnnotations', 4)],
      ValidatingWebhookConfiguration: [block(['metadata', 'annotations'], 'webhookAnnotations', 4)],
    },
  },
};

/** What every webhook gets, and what only the one that may deny does. */
const WEBHOOK = [lines(['clientConfig', 'caBundle'], 'caBundle', 6)];
const VALIDATE = [
  value(['failurePolicy'], '{{ include "gateward.failurePolicy" . }}'),
  value(['sideEffects'], '{{ ternary "NoneOnDryRun" "None" .Values.claims.enabled }}'),
  value(['timeoutSeconds'], '{{ include "gateward.timeoutSeconds" . }}'),
  lines(['rules', '-'], 'vendorRules', 6),
];

const VALUES_TABLE = /(?<=<!-- values -->\n)[\s\S]*?(?=<!-- \/values -->)/;

/** The files of the chart that are derived, by path from the root; `read` gives a file by its path from the root. */
export function chartFiles(read: (file: string) => string, version: string): ReadonlyMap<string, string> {
  const templates = Object.entries(TEMPLATES).map(
    ([name, template]) =>
      [`templates/${name}.generated.yaml`, templateOf(template, read(`deploy/${template.from}`))] as const,
  );
  const files = [
    ['Chart.yaml', chartYaml(version)],
    ['values.yaml', valuesYaml()],
    ['values.schema.json', `${JSON.stringify(valuesJsonSchema(), null, 2)}\n`],
    ['README.md', read('deploy/chart/README.md').replace(VALUES_TABLE, () => valuesTable())],
    ['files/alerts.yaml', read('deploy/components/monitoring/alerts.yaml')],
    ['files/dashboard.json', read('deploy/components/monitoring/dashboard.json')],
    ...templates,
  ] as const;
  return new Map(files.map(([name, text]) => [`deploy/chart/${name}`, text]));
}

function templateOf({ from, when, holes = {} }: Template, text: string): string {
  const documents = parseAllDocuments(text.replace(DO_NOT_EDIT, ''), { version: '1.1' }).filter(
    (document) => document instanceof Document,
  );
  const rendered = documents.map((document) => {
    const { kind, metadata } = manifest.parse(document.toJS());
    const cut = new Cut(document);
    for (const key of [kind, `${kind}/${metadata.name}`]) for (const hole of holes[key] ?? []) cut.make(hole);
    cut.make(lines(['metadata', 'labels', 'chart'], 'labels', 4));
    for (const [at, { name }] of (manifest.parse(document.toJS()).webhooks ?? []).entries()) {
      for (const hole of name === 'validate.gateward.dev' ? [...WEBHOOK, ...VALIDATE] : WEBHOOK) {
        cut.make({ ...hole, path: ['webhooks', at, ...hole.path] });
      }
    }
    return cut.text();
  });
  const body = rendered
    .join('---\n')
    .replaceAll(WHOLE_NAMESPACE, '{{ .Release.Namespace | quote }}')
    .replaceAll(NAMESPACE, '{{ .Release.Namespace }}');
  const head = `{{- /* Written by npm run generate from deploy/${from}. */ -}}\n`;
  return when === undefined ? head + body : `${head}{{- if ${when} }}\n${body}{{- end }}\n`;
}

const manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  webhooks: z.array(z.looseObject({ name: z.string() })).optional(),
});

/** A document with words in its holes that nothing else holds, until it is text. */
class Cut {
  readonly #document: Document;
  readonly #holes: Hole[] = [];

  constructor(document: Document) {
    this.#document = document;
  }

  make(hole: Hole): void {
    const word = `hole-${this.#holes.length}-`;
    const { path } = hole;
    if (path.at(-1) === '-') this.#document.addIn(path.slice(0, -1), word);
    else this.#document.setIn(path, word);
    this.#holes.push(hole);
  }

  text(): string {
    const text = this.#document.toString({ lineWidth: 0, directives: false });
    return this.#holes.reduce(
      (cut, { expression, line }, at) =>
        cut.replace(line ? new RegExp(`^.*hole-${at}-\\n`, 'm') : `hole-${at}-`, () =>
          line && expression !== '' ? `${expression}\n` : expression,
        ),
      text,
    );
  }
}

function chartYaml(version: string): string {
  return `# Written by npm run generate.\n${stringify({
    apiVersion: 'v2',
    name: 'gateward',
    description: 'Admission policies for the Kubernetes Gateway API.',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.30.0-0',
    home: 'https://gateward.dev',
  })}`;
}

/** values.yaml: each value with its default, and what it is for above it. */
function valuesYaml(): string {
  const text = chartValues().map(({ path, description, default: preset, isSection }) => {
    const indent = '  '.repeat(path.length - 1);
    const field = `${indent}${path.at(-1) ?? ''}:${isSection ? '' : ` ${JSON.stringify(preset)}`}`;
    return `${path.length === 1 ? '\n' : ''}${indent}# ${description}\n${field}\n`;
  });
  return `# Written by npm run generate.\n${text.join('')}`;
}

function valuesTable(): string {
  const rows = chartValues()
    .filter(({ isSection }) => !isSection)
    .map(({ path, description, default: preset }) => {
      const cell = (text: string): string => text.replaceAll('|', '\\|');
      return `| \`${path.join('.')}\` | \`${cell(JSON.stringify(preset))}\` | ${cell(description)} |`;
    });
  return `\n| value | default | |\n| --- | --- | --- |\n${rows.join('\n')}\n\n`;
}

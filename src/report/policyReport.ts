import { formatPath } from '#gateway';
import { stringify } from 'yaml';
import type { RenderContext } from './context.ts';
import { objectText, type ReportFinding, type ReportObject } from './finding.ts';
import type { Report } from './report.ts';

/** The two report APIs that cluster tools read; one body, but only OpenReports names the source at the top. */
const APIS = {
  policyreport: { apiVersion: 'wgpolicyk8s.io/v1alpha2', namespaced: 'PolicyReport', cluster: 'ClusterPolicyReport' },
  openreports: { apiVersion: 'openreports.io/v1alpha1', namespaced: 'Report', cluster: 'ClusterReport' },
} as const;

/** Results that one object may hold: far below the 1.5 MB that etcd takes. */
const MAX_RESULTS = 1000;

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

interface Entry {
  readonly object: ReportObject | undefined;
  readonly result: Result;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Report objects as YAML that `kubectl apply` takes: one for each namespace with anything to say, one for what is in none. Failures only:
 * passes are counted. Whatever admission denies is a `fail`; what it lets pass is a `warn`, not scored when it is only audited.
 */
export function renderPolicyReport(api: keyof typeof APIS, report: Report, { now }: RenderContext): string {
  const timestamp = { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 };
  const entries: readonly Entry[] = [
    ...report.findings.map((finding) => findingEntry(finding)),
    ...report.exempted.map(({ finding, exemption }) => {
      const { object, body } = findingEntry(finding);
      const message = `exempted by ${exemption.name}: ${exemption.reason}`;
      return { object, result: 'skip' as const, body: { ...body, result: 'skip', message } };
    }),
    ...report.errors.map(({ policy, document, reason, object }): Entry => {
      return { object, result: 'error', body: { policy: document, rule: policy, result: 'error', message: reason } };
    }),
  ];
  const passes = new Map<string, number>();
  for (const { object, outcomes } of report.judged) {
    const passed = outcomes.filter(({ outcome }) => outcome === 'pass').length;
    passes.set(object.namespace, (passes.get(object.namespace) ?? 0) + passed);
  }
  const byNamespace = Map.groupBy(entries, ({ object }) => object?.namespace ?? '');
  const objects = [...byNamespace.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, own]) => reportObjectOf(api, namespace, own, passes.get(namespace) ?? 0, timestamp));
  return objects
    .map((object) => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

function reportObjectOf(
  api: keyof typeof APIS,
  namespace: string,
  entries: readonly Entry[],
  pass: number,
  timestamp: Readonly<Record<string, number>>,
): Readonly<Record<string, unknown>> {
  const { apiVersion, namespaced, cluster } = APIS[api];
  const count = (wanted: Result): number => entries.filter(({ result }) => result === wanted).length;
  const leftOut = entries.length - MAX_RESULTS;
  return {
    apiVersion,
    kind: namespace === '' ? cluster : namespaced,
    metadata: {
      name: 'gateward',
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'gateward' },
      ...(leftOut > 0 ? { annotations: { 'gateward.dev/left-out': String(leftOut) } } : {}),
    },
    ...(api === 'openreports' ? { source: 'gateward' } : {}),
    summary: { pass, fail: count('fail'), warn: count('warn'), error: count('error'), skip: count('skip') },
    results: entries.slice(0, MAX_RESULTS).map(({ object, body }) => ({
      source: 'gateward',
      ...body,
      timestamp,
      ...(object === undefined ? {} : { resources: [resourceOf(object)] }),
    })),
  };
}

function findingEntry(finding: ReportFinding): Entry {
  const { rule, policy, document, effect, severity, message, object, path, action, certain, fingerprint } = finding;
  const result = ({ deny: 'fail', warn: 'warn', audit: 'warn', error: 'error' } as const)[effect];
  const body = {
    policy: document === '' ? policy : document,
    rule,
    category: policy,
    severity,
    result,
    scored: effect !== 'audit',
    message: object === undefined && finding.place !== undefined ? `${finding.place.file}: ${message}` : message,
    properties: { action, path: formatPath(path), certain: String(certain), fingerprint, object: objectText(object) },
  };
  return { object, result, body };
}

function resourceOf({ apiVersion, kind, namespace, name }: ReportObject): Readonly<Record<string, string>> {
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) };
}

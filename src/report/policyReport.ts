import { formatPath } from '#gateway';
import type { RenderContext } from './context.ts';
import { objectText, type ReportFinding, type ReportObject } from './finding.ts';
import type { Report } from './report.ts';
import { mostSevereFirst } from './severity.ts';
import { UNAUDITABLE_TEXT } from './unauditable.ts';
import { writeYaml } from '../yaml/write.ts';

/** The two report APIs that cluster tools read; one body, but only OpenReports names the source at the top. */
export const REPORT_APIS = {
  policyreport: { apiVersion: 'wgpolicyk8s.io/v1alpha2', namespaced: 'PolicyReport', cluster: 'ClusterPolicyReport' },
  openreports: { apiVersion: 'openreports.io/v1alpha1', namespaced: 'Report', cluster: 'ClusterReport' },
} as const;

/** A key of {@link REPORT_APIS}. */
export type ReportApi = keyof typeof REPORT_APIS;

/** What every report object of ours is called. */
export const REPORT_NAME = 'gateward';

/** Results that one object may hold, and how long they may be in all, in bytes: etcd takes 1.5 MiB. */
const MAX_RESULTS = 1000;
const MAX_BYTES = 1024 * 1024;

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

interface Entry {
  readonly object: ReportObject | undefined;
  readonly result: Result;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What of a namespace is told first when not all of it can be. */
const GRAVEST: readonly Result[] = ['error', 'fail', 'warn', 'skip', 'pass'];

/**
 * Report objects as YAML for `kubectl apply --server-side`: one for each namespace with anything to say, one for what is in none. Failures only:
 * passes are counted. Whatever admission denies is a `fail`; what it lets pass is a `warn`, not scored when it is only audited.
 */
export function renderPolicyReport(api: ReportApi, report: Report, { now }: RenderContext): string {
  return reportObjects(api, report, now).map(writeYaml).join('---\n');
}

/** The same as objects, sorted by namespace; `now` in milliseconds since the epoch. */
export function reportObjects(
  api: ReportApi,
  report: Report,
  now: number,
): readonly Readonly<Record<string, unknown>>[] {
  const timestamp = { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 };
  const entries: readonly Entry[] = [
    ...mostSevereFirst(report.findings).map(findingEntry),
    ...report.exempted.map(({ finding, exemption }) => {
      const { object, body } = findingEntry(finding);
      const message = `exempted by ${exemption.name}: ${exemption.reason}`;
      return { object, result: 'skip' as const, body: { ...body, result: 'skip', message } };
    }),
    ...report.errors.map(({ policy, document, reason, object }): Entry => {
      return { object, result: 'error', body: { policy: document, rule: policy, result: 'error', message: reason } };
    }),
    ...report.unauditable.map(({ rule, documents, needs }): Entry => {
      const message = `not auditable: ${UNAUDITABLE_TEXT[needs]}`;
      return {
        object: undefined,
        result: 'skip',
        body: { policy: documents.join(', '), rule, result: 'skip', message },
      };
    }),
    ...report.problems.map((message): Entry => {
      return { object: undefined, result: 'error', body: { policy: 'input', result: 'error', message } };
    }),
  ];
  const passes = new Map<string, number>();
  for (const { object, outcomes } of report.judged) {
    const passed = outcomes.filter(({ outcome }) => outcome === 'pass').length;
    passes.set(object.namespace, (passes.get(object.namespace) ?? 0) + passed);
  }
  const byNamespace = Map.groupBy(entries, ({ object }) => object?.namespace ?? '');
  return [...byNamespace.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, own]) => reportObjectOf(api, namespace, own, passes.get(namespace) ?? 0, timestamp));
}

function reportObjectOf(
  api: ReportApi,
  namespace: string,
  entries: readonly Entry[],
  pass: number,
  timestamp: Readonly<Record<string, number>>,
): Readonly<Record<string, unknown>> {
  const { apiVersion, namespaced, cluster } = REPORT_APIS[api];
  const count = (wanted: Result): number => entries.filter(({ result }) => result === wanted).length;
  const rank = ({ result }: Entry): number => GRAVEST.indexOf(result);
  const gravest = entries.toSorted((a, b) => rank(a) - rank(b));
  const fitting = fittingResults(gravest.slice(0, MAX_RESULTS).map((entry) => resultOf(entry, timestamp)));
  const leftOut = entries.length - fitting.length;
  const results = leftOut > 0 ? fitting : entries.map((entry) => resultOf(entry, timestamp));
  return {
    apiVersion,
    kind: namespace === '' ? cluster : namespaced,
    metadata: {
      name: REPORT_NAME,
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'gateward' },
      ...(leftOut > 0 ? { annotations: { 'gateward.dev/left-out': String(leftOut) } } : {}),
    },
    ...(api === 'openreports'
      ? {
          source: 'gateward',
          configuration: { limits: { maxResults: MAX_RESULTS, statusFilter: ['fail', 'warn', 'error', 'skip'] } },
        }
      : {}),
    ...(namespace === '' ? {} : { scope: { apiVersion: 'v1', kind: 'Namespace', name: namespace } }),
    summary: { pass, fail: count('fail'), warn: count('warn'), error: count('error'), skip: count('skip') },
    results,
  };
}

function resultOf(
  { object, body }: Entry,
  timestamp: Readonly<Record<string, number>>,
): Readonly<Record<string, unknown>> {
  const resources = object === undefined ? {} : { resources: [resourceOf(object)] };
  return { source: 'gateward', ...body, timestamp, ...resources };
}

/** The first of them, as many as one object may hold. */
function fittingResults<T>(results: readonly T[]): readonly T[] {
  const encoder = new TextEncoder();
  let bytes = 0;
  const end = results.findIndex((result) => {
    bytes += encoder.encode(JSON.stringify(result)).length + 1;
    return bytes > MAX_BYTES;
  });
  return end === -1 ? results : results.slice(0, end);
}

function findingEntry(finding: ReportFinding): Entry {
  const { rule, policy, document, effect, severity, message, object, path, action, certain, fingerprint, change } =
    finding;
  const result = ({ deny: 'fail', warn: 'warn', audit: 'warn', error: 'error' } as const)[effect];
  const body = {
    policy: document === '' ? policy : document,
    rule,
    category: policy,
    severity,
    result,
    scored: effect !== 'audit',
    message: object === undefined && finding.place !== undefined ? `${finding.place.file}: ${message}` : message,
    properties: {
      action,
      path: formatPath(path),
      certain: String(certain),
      fingerprint,
      object: objectText(object),
      ...(change === undefined ? {} : { change }),
    },
  };
  return { object, result, body };
}

function resourceOf({ apiVersion, kind, namespace, name }: ReportObject): Readonly<Record<string, string>> {
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) };
}

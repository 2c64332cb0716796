import { tally, type StatusComparison } from './world.ts';
import { writeYaml } from '../../yaml/write.ts';

/** The comparison as one value, for JSON and YAML; what is absent is left out. Fields are only ever added. */
function comparisonDocument(comparison: StatusComparison): Readonly<Record<string, unknown>> {
  const { lines, ingresses } = comparison;
  return {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'StatusComparison',
    summary: tally(comparison),
    items: lines.map(({ part, ...line }) => {
      const { kind, namespace, name, ...rest } = line;
      return { kind, namespace, name, ...part, ...rest };
    }),
    ingresses: ingresses.map(({ namespace, ingresses: count, hostnames }) => ({
      namespace,
      count,
      hostnames: hostnames.map(({ hostname, unserved }) => ({
        hostname,
        served: unserved === undefined,
        ...(unserved === undefined ? {} : { reason: unserved }),
      })),
    })),
  };
}

/** As JSON, indented, with a line break at its end. */
export function comparisonJson(comparison: StatusComparison): string {
  return `${JSON.stringify(comparisonDocument(comparison), undefined, 2)}\n`;
}

/** As JSON on one line: what follows a cluster is read line by line. */
export function comparisonLine(comparison: StatusComparison): string {
  return `${JSON.stringify(comparisonDocument(comparison))}\n`;
}

/** As YAML. */
export function comparisonYaml(comparison: StatusComparison): string {
  return writeYaml(comparisonDocument(comparison));
}

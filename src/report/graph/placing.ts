import { parseApiVersion } from '#gateway';
import type { FindingEffect, ReportFinding } from '../finding.ts';
import type { Graph, GraphNode } from './graph.ts';
import { idOf, listenerId } from './verdict.ts';

/** The node that each finding is about, by its id; a finding about what is not drawn, as a grant, has none. */
export function placeFindings(graph: Graph, findings: readonly ReportFinding[]): ReadonlyMap<ReportFinding, string> {
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const places = new Map<ReportFinding, string>();
  for (const finding of findings) {
    const id = nodesMeant(finding).find((candidate) => ids.has(candidate));
    if (id !== undefined) places.set(finding, id);
  }
  return places;
}

/** Where a finding may be drawn, the closest first: at its listener, its object, its object as something that routes send to. */
function nodesMeant({ object, path }: ReportFinding): readonly string[] {
  if (object === undefined) return [];
  const { apiVersion, kind, namespace, name } = object;
  const own = idOf(kind, namespace, name);
  const [, list, at] = path;
  return [
    ...(list === 'listeners' && typeof at === 'number' ? [listenerId(own, at)] : []),
    own,
    idOf('target', parseApiVersion(apiVersion).group, kind, namespace, name),
  ];
}

/** The graph with its findings counted at their nodes. */
export function withFindings(graph: Graph, places: ReadonlyMap<ReportFinding, string>): Graph {
  const counts = new Map<string, Record<FindingEffect, number>>();
  for (const [{ effect }, id] of places) {
    const own = counts.get(id) ?? { error: 0, deny: 0, warn: 0, audit: 0 };
    own[effect] += 1;
    counts.set(id, own);
  }
  const nodes = graph.nodes.map((node): GraphNode => {
    const findings = counts.get(node.id);
    return findings === undefined ? node : { ...node, findings };
  });
  return { ...graph, nodes };
}

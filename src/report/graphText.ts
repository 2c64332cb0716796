import { GRAPH_COLUMNS, type GraphNode, type StatusGraph } from './statusGraph.ts';

/** The graph for Graphviz; a group for each namespace of a column. */
export function graphDot({ nodes, edges }: StatusGraph): string {
  const quote = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
  const lines = ['digraph gateward {', '  rankdir=LR;', '  node [shape=box, style=rounded, fontname="sans-serif"];'];
  for (const { title, members } of groupsOf(nodes)) {
    lines.push(`  subgraph ${quote(`cluster ${title}`)} {`, `    label=${quote(title)};`, '    color=gray;');
    for (const node of members) {
      const label = quote(labelOf(node).join('\n')).replace(/\n/g, '\\n');
      const colour = node.broken === undefined ? '' : ', color=red, fontcolor=red';
      const tip = node.broken === undefined ? '' : `, tooltip=${quote(node.broken)}`;
      lines.push(`    ${quote(node.id)} [label=${label}${colour}${tip}];`);
    }
    lines.push('  }');
  }
  for (const { from, to, broken, grant } of edges) {
    const attributes = [
      ...(grant === undefined ? [] : ['style=dashed', `tooltip=${quote(grant)}`]),
      ...(broken === undefined ? [] : ['color=red', 'fontcolor=red', `label=${quote(reasonOf(broken))}`]),
    ];
    const suffix = attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`;
    lines.push(`  ${quote(from)} -> ${quote(to)}${suffix};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** The graph as a Mermaid flowchart; a group for each namespace of a column. */
export function graphMermaid({ nodes, edges }: StatusGraph): string {
  const ids = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  // Mermaid reads quotes and markup inside labels: entities keep any name as it is.
  const quote = (text: string): string => `"${text.replace(/[&<>"#;`]/g, (sign) => `#${sign.charCodeAt(0)};`)}"`;
  const lines = ['flowchart LR'];
  for (const [at, { title, members }] of groupsOf(nodes).entries()) {
    lines.push(`  subgraph g${at} [${quote(title)}]`);
    for (const node of members) {
      const label = labelOf(node).map(quote).join('').replaceAll('""', '<br/>');
      lines.push(`    ${ids.get(node.id) ?? ''}[${label}]${node.broken === undefined ? '' : ':::broken'}`);
    }
    lines.push('  end');
  }
  const red: number[] = [];
  for (const [at, { from, to, broken, grant }] of edges.entries()) {
    const arrow = grant === undefined ? '-->' : '-.->';
    const label = broken === undefined ? '' : `|${quote(reasonOf(broken))}|`;
    lines.push(`  ${ids.get(from) ?? ''} ${arrow}${label} ${ids.get(to) ?? ''}`);
    if (broken !== undefined) red.push(at);
  }
  lines.push('  classDef broken stroke:#c00,color:#c00');
  if (red.length > 0) lines.push(`  linkStyle ${red.join(',')} stroke:#c00,color:#c00`);
  return `${lines.join('\n')}\n`;
}

/** `RefNotPermitted` of `RefNotPermitted: no ReferenceGrant …`. */
export function reasonOf(broken: string): string {
  return broken.split(':')[0] ?? broken;
}

function labelOf({ title, subtitle, broken }: GraphNode): readonly string[] {
  return [title, subtitle, ...(broken === undefined ? [] : [reasonOf(broken)])].filter((line) => line !== '');
}

interface Group {
  readonly title: string;
  readonly members: readonly GraphNode[];
}

function groupsOf(nodes: readonly GraphNode[]): readonly Group[] {
  const groups = Map.groupBy(nodes, ({ column, namespace }) => `${column} ${namespace}`);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, members]) => {
      const [first] = members;
      if (first === undefined) return [];
      const column = GRAPH_COLUMNS[first.column] ?? '';
      return [{ title: first.namespace === '' ? column : `${column}: ${first.namespace}`, members }];
    });
}

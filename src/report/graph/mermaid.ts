import { visible } from '../visible.ts';
import { boxLines, isBroken, type Graph, type GraphEdge } from './graph.ts';

const LINES = 3;

/** The graph as a Mermaid flowchart: a subgraph for each namespace, dashed lines for grants, red ones with their reason for what is broken. */
export function renderMermaid({ nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const groups = [...Map.groupBy(nodes, ({ namespace }) => namespace)];
  const red = edges.flatMap(({ state }, at) => (isBroken(state) ? [at] : []));
  const grey = edges.flatMap(({ state }, at) => (state === 'unknown' || state === 'unmanaged' ? [at] : []));
  return [
    'flowchart LR',
    ...groups.flatMap(([namespace, own], at) => {
      const boxes = own.map((node) => `${ids.get(node.id) ?? ''}["${label(boxLines(node, LINES))}"]:::${node.state}`);
      if (namespace === '') return boxes.map((box) => `  ${box}`);
      return [
        `  subgraph g${at}["${label([`namespace ${namespace}`])}"]`,
        ...boxes.map((box) => `    ${box}`),
        '  end',
      ];
    }),
    ...edges.map((edge) => `  ${ids.get(edge.from) ?? ''} ${arrow(edge)} ${ids.get(edge.to) ?? ''}`),
    '  classDef ok stroke:#4b5563',
    '  classDef remark stroke:#b45309,stroke-width:2px',
    '  classDef broken stroke:#c62828,stroke-width:2px',
    '  classDef missing stroke:#c62828,stroke-width:2px,stroke-dasharray:4 3',
    '  classDef unknown stroke:#9ca3af,stroke-dasharray:2 2',
    '  classDef unmanaged stroke:#9ca3af',
    ...(red.length === 0 ? [] : [`  linkStyle ${red.join(',')} stroke:#c62828,color:#c62828`]),
    ...(grey.length === 0 ? [] : [`  linkStyle ${grey.join(',')} stroke:#9ca3af`]),
    '',
  ].join('\n');
}

function arrow({ state, problem, grants }: GraphEdge): string {
  const reason = problem === undefined || !isBroken(state) ? [] : [problem.reason || problem.message];
  const lines = [...reason, ...grants.map((grant) => `grant ${grant}`)];
  const shaft = grants.length === 0 ? '-->' : '-.->';
  const line = isBroken(state) ? '--x' : shaft;
  return lines.length === 0 ? line : `${line}|"${label(lines)}"|`;
}

/**
 * Lines as the inside of a quoted Mermaid label. Everything that Mermaid, its Markdown or HTML could take for more than itself becomes one of
 * Mermaid's character entities, `#35;` for `#` (mermaid.js.org/syntax/flowchart.html, entity codes).
 */
function label(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    visible(line.toWellFormed()).replace(
      /[^\p{L}\p{N} ./:,✓✗–-]/gu,
      (character) => `#${character.codePointAt(0) ?? 0};`,
    ),
  );
  return escaped.join('<br/>');
}

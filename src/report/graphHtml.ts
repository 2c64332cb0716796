import { escapeMarkup, graphSvg } from './graphSvg.ts';
import { graphOfNamespace, type StatusGraph } from './statusGraph.ts';

const STYLE = `
:root { color-scheme: light dark; font: 14px system-ui, sans-serif }
body { margin: 0 auto; max-width: 110rem; padding: 1rem 1.5rem } h1 { font-size: 1.3rem; margin: 0 0 .3rem } p { margin: 0 0 1rem; opacity: .75 }
form { position: sticky; top: 0; display: flex; gap: 1rem; align-items: center; padding: .6rem 0; background: Canvas; z-index: 1 }
input[type=search] { font: inherit; padding: .35rem .6rem; min-width: 18rem } details { border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); padding: .5rem 0 }
summary { cursor: pointer; padding: .25rem 0 } summary b { color: #c4161c } @media (prefers-color-scheme: dark) { summary b { color: #ff6b6b } }
.picture { overflow-x: auto } [hidden] { display: none }`;

/** Narrows the namespaces to those whose text holds what is typed, or that have something broken. Opens what is searched for. */
const SCRIPT = `
const search = document.querySelector('input[type=search]'), broken = document.querySelector('input[type=checkbox]'), none = document.querySelector('#none');
const sections = [...document.querySelectorAll('details')].map((element) => ({ element, text: element.textContent.toLowerCase() }));
const narrow = () => {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const { element, text } of sections) {
    const isShown = text.includes(wanted) && (!broken.checked || element.dataset.broken !== '0');
    element.hidden = !isShown;
    if (isShown) { shown += 1; if (wanted !== '') element.open = true; }
  }
  none.hidden = shown > 0;
};
search.addEventListener('input', narrow); broken.addEventListener('change', narrow);
document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());`;

/** The graph as one HTML page that works without a network: a picture for each namespace with routes, folded unless something is broken. */
export function graphHtml(graph: StatusGraph): string {
  const routes = graph.nodes.filter(({ column }) => column === 3);
  const namespaces = [...new Set(routes.map(({ namespace }) => namespace))].sort();
  const sections = namespaces.map((namespace) => {
    const part = graphOfNamespace(graph, namespace);
    const count = part.nodes.filter(({ column }) => column === 3).length;
    return section(`namespace ${namespace}`, `${count} route${count === 1 ? '' : 's'}`, part, namespaces.length === 1);
  });
  const infrastructure = {
    nodes: graph.nodes.filter(({ column }) => column < 3),
    edges: graph.edges.filter(({ to }) => graph.nodes.some(({ id, column }) => id === to && column < 3)),
  };
  const gateways = infrastructure.nodes.filter(({ column }) => column === 1).length;
  sections.unshift(section('Gateways and listeners', `${gateways} holders of listeners`, infrastructure, true));
  const broken = graph.edges.filter((edge) => edge.broken !== undefined).length;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Gateway API status</title><style>${STYLE}</style></head>
<body><h1>Gateway API status</h1><p>${routes.length} routes in ${namespaces.length} namespaces, ${broken} broken links</p>
<form role="search"><input type="search" placeholder="route, hostname, reason …" aria-label="Show namespaces that contain"><label><input type="checkbox"> only with broken links</label></form>
${sections.join('\n')}
<p id="none" hidden>Nothing matches.</p><script>${SCRIPT}</script></body></html>
`;
}

function section(title: string, remark: string, graph: StatusGraph, isOpen: boolean): string {
  const broken =
    graph.edges.filter((edge) => edge.broken !== undefined).length +
    graph.nodes.filter((node) => node.broken !== undefined).length;
  const count = broken === 0 ? '' : ` · <b>${broken} broken</b>`;
  return `<details data-broken="${broken}"${isOpen || broken > 0 ? ' open' : ''}><summary>${escapeMarkup(title)} · ${remark}${count}</summary><div class="picture">${graphSvg(graph)}</div></details>`;
}

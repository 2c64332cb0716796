import { LISTENER, isBroken, nodeTitle, problemText, type Graph, type GraphNode } from './graph.ts';
import { Markup, markup } from '../markup.ts';
import { htmlPage } from '../htmlPage.ts';
import { PAGE_SCRIPT } from './pageScript.ts';
import { PAGE_STYLE } from './pageStyle.ts';
import { PICTURE_STYLE } from './style.ts';
import { picture, summaryOf } from './svg.ts';

/** From so many problems on, their list begins closed. */
const SHORT_LIST = 8;

/**
 * The graph as one HTML page that needs no network and says so (Content-Security-Policy): the whole picture, a list of what is broken, and
 * with script a filter, namespaces that fold, and lines that light up. Usable with the keyboard, by screen readers, in the dark and on paper.
 */
export function renderHtml(graph: Graph): string {
  const kinds = [...new Set(graph.nodes.map(({ kind }) => kind))].sort();
  const namespaces = [...new Set(graph.nodes.map(({ namespace }) => namespace))].filter((name) => name !== '').sort();
  const option = (value: string): Markup => markup`<option value="${value}">${value}</option>`;
  const body = markup`<body class="picture">
<header>
<h1>Gateway API status</h1>
<p>${summaryOf(graph)}</p>
</header>
<form id="filter" role="search" aria-label="Filter the picture" hidden>
<label class="wide">Find <input id="text" type="search" placeholder="name, hostname, reason" autocomplete="off" spellcheck="false"></label>
<label>Namespace <select id="namespace"><option value="">all</option>${namespaces.map(option)}</select></label>
<label>Kind <select id="kind"><option value="">all</option>${kinds.map(option)}</select></label>
<label>State <select id="state"><option value="">all</option><option value="broken missing">broken</option><option value="remark">with a remark</option><option value="unknown">not decidable</option><option value="unmanaged">not managed</option><option value="ok">in order</option></select></label>
<span class="buttons"><button type="button" id="fold">Fold all</button><button type="button" id="unfold">Unfold all</button><button type="reset">Reset</button></span>
</form>
<p id="shown" role="status"></p>
${problemList(graph)}
<main>
<p class="hint" id="hint" hidden>Arrow keys move between boxes, Enter folds a namespace or lights up what a box is connected with, Escape ends that.</p>
<div id="stage" tabindex="0" role="region" aria-label="Picture, scrollable">
${picture(graph, new Markup(''))}
</div>
</main>
<aside id="details" aria-live="polite" aria-label="Selected" hidden></aside>`;
  return htmlPage({ title: 'Gateway API status', style: PICTURE_STYLE + PAGE_STYLE, script: PAGE_SCRIPT, body });
}

/** What is broken in words, each with a link to its box: for those who do not see the picture, and for paper. */
function problemList({ nodes }: Graph): Markup {
  const names = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const broken = nodes.filter(({ state, problems }) => isBroken(state) && problems.length > 0);
  if (broken.length === 0) return new Markup('');
  const holders = new Map(nodes.map((node) => [node.id, node]));
  const item = (node: GraphNode): Markup =>
    markup`<li><a href="#${names.get(node.id) ?? ''}">${titleWithHolder(node, holders)}</a> ${node.problems.map(problemText).join('; ')}</li>\n`;
  return markup`<details id="problems"${new Markup(broken.length <= SHORT_LIST ? ' open' : '')}>
<summary>${broken.length} broken</summary>
<ul>
${broken.map(item)}</ul>
</details>`;
}

function titleWithHolder(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): string {
  const holder = node.kind === LISTENER && node.holder !== undefined ? nodes.get(node.holder) : undefined;
  return holder === undefined ? nodeTitle(node) : `${nodeTitle(node)} of ${nodeTitle(holder)}`;
}

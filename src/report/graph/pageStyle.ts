/** The look of the page around the picture; colours are those of the picture. */
export const PAGE_STYLE = `
:root { color-scheme: light dark }
body { margin: 0; padding: 0 16px 24px; font-size: 14px; line-height: 1.45 }
[hidden] { display: none !important }
h1 { font-size: 20px; margin: 14px 0 0 }
header p, .hint, #shown { color: var(--soft); margin: 2px 0 8px }
#shown:empty { display: none }
#filter { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; padding: 8px 0; position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--rule) }
#filter label { display: grid; gap: 2px; font-size: 12px; color: var(--soft) }
#filter .wide { flex: 1 1 180px; max-width: 420px }
#filter .buttons { display: flex; gap: 6px }
input, select, button { font: inherit; font-size: 14px; color: var(--ink); background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: 5px 9px; min-height: 32px; max-width: 100%; box-sizing: border-box }
#filter input { width: 100% }
#filter select { max-width: 180px }
button { cursor: pointer }
a { color: var(--focus) }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
#problems { margin: 10px 0; border: 1px solid var(--rule); border-radius: 8px; padding: 6px 12px; overflow-wrap: anywhere }
#problems summary { cursor: pointer; font-weight: 600; color: var(--bad) }
#problems ul { margin: 6px 0; padding-left: 18px; max-height: 40vh; overflow: auto }
#stage { overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px }
#stage svg { display: block }
#stage .heading { display: none }
.scripted .head, .scripted .node { cursor: pointer; outline: none }
.scripted .head:hover .grip { fill: var(--rule); fill-opacity: .5 }
.head:focus-visible .grip, .node:focus-visible .box { stroke: var(--focus); stroke-width: 3 }
.gone { display: none }
.context { opacity: .55 }
.selecting .node, .selecting .edge { opacity: .18 }
.selecting .node.lit, .selecting .edge.lit { opacity: 1 }
.selecting .edge.lit { stroke-width: 2.4 }
.node.chosen .box { stroke-width: 3 }
#details { position: fixed; right: 12px; bottom: 12px; max-width: min(460px, calc(100vw - 24px)); max-height: 45vh; overflow: auto; box-sizing: border-box; background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; overflow-wrap: anywhere; box-shadow: 0 4px 18px rgb(0 0 0 / .25) }
#details p { margin: 2px 0 }
#details p:first-child { font-weight: 600 }
@media (max-width: 600px) { #filter { position: static } #filter label { flex: 1 1 40% } #filter select { max-width: none } }
@media print {
  #filter, #details, .hint, #shown { display: none !important }
  #stage { overflow: visible; border: 0 }
  #stage svg { width: 100%; height: auto }
  #problems ul { max-height: none }
}
`;

/** The look of the report's page. Light and dark, narrow and wide, screen and paper; no meaning in colour alone. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #ffffff; --text: #1d2530; --quiet: #596374; --edge: #dde1e7; --firm: #868f9d; --link: #1b4fc4; --deny: #b3261e; --deny-soft: #fcebea; --warn: #855000; --warn-soft: #fdf1dc; --audit: #1b4fc4; --audit-soft: #e8effd; --error: #7b2d8b; --error-soft: #f6e9f9; --fine: #1f6b33; --fine-soft: #e5f4e8; --bar-deny: #c9413a; --bar-warn: #d99a2b; --bar-audit: #7a9fe8 }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1216; --card: #171b21; --text: #e5e9ef; --quiet: #a2acba; --edge: #2b323c; --firm: #717b89; --link: #8fb4ff; --deny: #ff9a92; --deny-soft: #3a1d1c; --warn: #f2bb66; --warn-soft: #362813; --audit: #8fb4ff; --audit-soft: #1a2742; --error: #e2a5ee; --error-soft: #331c39; --fine: #86d29a; --fine-soft: #15301d; --bar-deny: #e0675f; --bar-warn: #cf9536; --bar-audit: #5f86d6 } }
*, *::before, *::after { box-sizing: border-box }
[hidden] { display: none !important }
html { scroll-padding-top: 12px }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere }
header, nav, main, footer { max-width: 1360px; margin: 0 auto; padding: 0 24px }
header { padding-top: 28px }
h1 { font-size: 28px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; margin: 4px 0 6px }
h2 { font-size: 18px; font-weight: 650; margin: 0 0 12px }
h3 { font-size: 15px; font-weight: 650; margin: 0 0 4px }
p { margin: 0 0 8px }
a { color: var(--link); text-underline-offset: 2px }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 12.5px }
.quiet, .brand { color: var(--quiet) }
.brand { font-size: 13px; font-weight: 600; letter-spacing: .02em; margin: 0 }
.skip { position: absolute; left: -9999px }
.skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 12px; z-index: 3 }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 14px 0 0; padding: 0 0 12px; border-bottom: 1px solid var(--edge); font-size: 14px }
main > section { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 20px; margin: 16px 0 }
main > section.bare { background: none; border: 0; padding: 0 }
footer { padding-top: 4px; padding-bottom: 32px; font-size: 13px; color: var(--quiet) }

.tiles { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 12px }
.tiles a, .tiles span.tile { display: block; height: 100%; background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 12px 16px; color: var(--quiet); text-decoration: none; font-size: 14px }
.tiles b { display: block; font-size: 26px; line-height: 1.2; font-weight: 650; color: var(--text); font-variant-numeric: tabular-nums }
.tiles a:hover { border-color: var(--firm) }
.tiles a[aria-current="true"] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link) }
.tiles .deny b { color: var(--deny) } .tiles .warn b { color: var(--warn) } .tiles .audit b { color: var(--audit) } .tiles .error b { color: var(--error) } .tiles .fine b { color: var(--fine) }

.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 16px; margin: 16px 0 }
.pair > section { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 20px; min-width: 0 }
.tally { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums }
.tally th { font-weight: 500; text-align: left; padding: 5px 8px 5px 0 }
.tally thead th { font-size: 12px; color: var(--quiet) }
.tally td, .tally thead th:not(:first-child) { text-align: right; padding: 5px 0 5px 8px; white-space: nowrap; overflow-wrap: normal }
.tally tbody tr { border-top: 1px solid var(--edge) }
.tally .none { color: var(--quiet) }
.tally .bar { width: 22% }
.tally svg { display: block; width: 100%; height: 8px }
.tally rect.deny { fill: var(--bar-deny) } .tally rect.warn { fill: var(--bar-warn) } .tally rect.audit { fill: var(--bar-audit) }
.more > summary { cursor: pointer; font-size: 14px; color: var(--link); padding: 6px 0 }

#filter { display: flex; flex-wrap: wrap; gap: 10px 12px; align-items: end; margin-bottom: 12px }
#filter > div { flex: 1 1 120px; min-width: 0 }
#filter label { display: block; padding-bottom: 3px; font-size: 12px; font-weight: 500; color: var(--quiet) }
#filter > .wide { flex: 2 1 220px }
#filter .narrow { display: none }
input, select, button { font: inherit; font-size: 14px; color: var(--text); background: var(--card); border: 1px solid var(--firm); border-radius: 8px; padding: 6px 10px; min-height: 36px; width: 100%; min-width: 0 }
button { width: auto; cursor: pointer }
button:hover:not(:disabled) { background: var(--ground) }
button:disabled { color: var(--quiet); border-color: var(--edge); cursor: default }
.state { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; justify-content: space-between; min-height: 36px; margin-bottom: 8px; font-size: 14px }
.state p { margin: 0 }
.pager { display: flex; gap: 8px; align-items: center }

#table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 14px }
#table th, #table td { text-align: left; vertical-align: top; padding: 10px 12px 10px 0 }
#table thead th { position: sticky; top: 0; z-index: 1; background: var(--card); font-size: 12px; font-weight: 600; color: var(--quiet); padding: 6px 12px 6px 0; box-shadow: inset 0 -1px var(--firm) }
#table thead button { border: 0; background: none; min-height: 28px; padding: 2px 0; font-size: 12px; font-weight: 600; color: inherit; text-align: left }
#table thead button::after { content: "\\2195"; content: "\\2195" / ""; padding-left: 5px; opacity: .55 }
#table th[aria-sort="ascending"] button, #table th[aria-sort="descending"] button { color: var(--text) }
#table th[aria-sort="ascending"] button::after { content: "\\2191"; content: "\\2191" / ""; opacity: 1 }
#table th[aria-sort="descending"] button::after { content: "\\2193"; content: "\\2193" / ""; opacity: 1 }
#table tbody tr { border-top: 1px solid var(--edge) }
#table tbody tr:target, #table tbody tr.meant { background: var(--audit-soft) }
#table .c1 { width: 104px } #table .c2 { width: 84px } #table .c3 { width: 17% } #table .c4 { width: 20% } #table .c6 { width: 17% }
#table td p { margin: 0 0 2px }
@media (scripting: enabled) { #rows:not(.ready) tr:nth-child(n + 51) { display: none } }
.chip { display: inline-block; border-radius: 6px; padding: 1px 8px; font-size: 12.5px; font-weight: 600; white-space: nowrap }
.chip.deny { color: var(--deny); background: var(--deny-soft) } .chip.warn { color: var(--warn); background: var(--warn-soft) } .chip.audit { color: var(--audit); background: var(--audit-soft) } .chip.error { color: var(--error); background: var(--error-soft) }
.note { display: block; font-size: 12px; color: var(--quiet); padding-top: 2px }
#table details { margin-top: 4px; font-size: 13px }
#table summary { cursor: pointer; color: var(--link); width: fit-content }
mark { color: inherit; background: none; text-decoration: underline wavy var(--deny); text-decoration-thickness: 1px; text-underline-offset: 4px }
pre { margin: 6px 0; padding: 8px 10px; background: var(--ground); border: 1px solid var(--edge); border-radius: 8px; overflow-x: auto; overflow-wrap: normal; white-space: pre }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 6px 0 0; font-size: 13px }
dt { color: var(--quiet) } dd { margin: 0 }

#stage { overflow: auto; max-height: 78vh; border: 1px solid var(--edge); border-radius: 10px }
#stage > svg { display: block; max-width: 100%; min-width: 1000px; height: auto; margin-top: -26px }
#stage.dense .edge { opacity: .4 }
#stage .heading { display: none }
#stage a { cursor: pointer }
#stage a:hover .box { stroke: var(--focus); stroke-width: 2 }
#stage a:focus-visible { outline: none }
#stage a:focus-visible .box { stroke: var(--focus); stroke-width: 3 }

.rules > article { border-bottom: 1px solid var(--edge); padding-bottom: 14px; margin-bottom: 14px }
@media (min-width: 1000px) { .rules { columns: 2; column-gap: 40px } .rules > article { break-inside: avoid } }
.rules > article:target h3 { color: var(--link) }
.plain { width: 100%; border-collapse: collapse; font-size: 14px }
.plain th, .plain td { text-align: left; vertical-align: top; padding: 7px 14px 7px 0; border-top: 1px solid var(--edge) }
.plain thead th { border-top: 0; font-size: 12px; font-weight: 600; color: var(--quiet) }
.calm { text-align: center; padding: 40px 20px }
.calm svg { width: 56px; height: 56px }
.calm p { max-width: 60ch; margin: 8px auto 0 }

@media (max-width: 820px) {
  header, nav, main, footer { padding-left: 14px; padding-right: 14px }
  h1 { font-size: 23px }
  main > section, .pair > section { padding: 14px }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(96px, 1fr)); gap: 8px }
  .tiles a, .tiles span.tile { padding: 8px 12px } .tiles b { font-size: 21px }
  #filter > div { flex: 1 1 40% } #filter > .wide { flex: 1 1 100% }
  #filter .narrow { display: block }
  .tally .bar { display: none }
  #table, #table tbody, #table tr, #table td { display: block; width: auto }
  #table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  #table tbody tr { padding: 12px 0 }
  #table td { padding: 0 0 4px }
  #table td:nth-child(1), #table td:nth-child(2) { display: inline-block; padding-right: 10px }
  #table .note { display: inline; padding-left: 6px }
  .plain, .plain tbody, .plain tr, .plain td { display: block }
  .plain thead { display: none }
  .plain tr { border-top: 1px solid var(--edge); padding: 8px 0 }
  .plain td { border: 0; padding: 0 0 2px }
  .pager { width: 100% } .pager button { flex: 1 }
}
@media (max-width: 460px) { .tally .more-of { display: none } }
@media print {
  :root { color-scheme: light; --ground: #ffffff; --card: #ffffff; --text: #000000; --quiet: #444444; --edge: #cccccc; --firm: #888888; --link: #000000; --deny: #a31d15; --deny-soft: #ffffff; --warn: #6f4300; --warn-soft: #ffffff; --audit: #123a94; --audit-soft: #ffffff; --error: #64216f; --error-soft: #ffffff; --fine: #1f6b33; --fine-soft: #ffffff }
  body { font-size: 11px }
  nav, .skip, #filter, .pager, #table summary, .more > summary { display: none !important }
  main > section, .pair > section, .tiles a { border-radius: 0; break-inside: auto }
  tr, article, .tiles li { break-inside: avoid }
  #table thead th { position: static }
  #stage { overflow: visible; max-height: none; border: 0 }
  #stage > svg { width: 100%; height: auto }
}
`;

/**
 * The look of a picture, for the SVG and for the page around it: colours for light and dark, paper always light. Meaning is never in colour
 * alone: boxes have a sign, broken lines a cross, grants dashes.
 */
export const PICTURE_STYLE = `
.picture { --paper: #ffffff; --group: #f3f4f6; --box: #ffffff; --ink: #1f2937; --soft: #5b6472; --line: #8a93a1; --rule: #d5d9e0; --good: #2e7d32; --bad: #c62828; --warn: #9a5b00; --focus: #1d4ed8; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; background: var(--paper); color: var(--ink) }
@media (prefers-color-scheme: dark) { .picture { --paper: #14171c; --group: #1d2128; --box: #262b34; --ink: #e6e9ee; --soft: #a3acb9; --line: #79838f; --rule: #39404b; --good: #81c784; --bad: #ff8a80; --warn: #ffb74d; --focus: #8ab4ff } }
.paper { fill: var(--paper) }
.heading { font-size: 18px; font-weight: 600; fill: var(--ink) }
.legend, .count { font-size: 11px; fill: var(--soft) }
.column { font-size: 12px; font-weight: 600; fill: var(--soft) }
.frame { fill: var(--group); stroke: var(--rule) }
.space { font-size: 12px; font-weight: 600; fill: var(--ink) }
.count.bad, .problem { fill: var(--bad) }
.box { fill: var(--box); stroke: var(--line) }
.name { font-size: 12.5px; font-weight: 600; fill: var(--ink) }
.kind { font-size: 10px; fill: var(--soft) }
.detail { font-size: 11px; fill: var(--soft) }
.problem { font-size: 11px }
.findings { font-size: 11px; font-weight: 600; fill: var(--focus) }
.findings.deny, .findings.error { fill: var(--bad) }
.findings.warn { fill: var(--warn) }
.node.ok .sign { fill: var(--good) }
.node.broken .box, .node.missing .box { stroke: var(--bad); stroke-width: 1.8 }
.node.missing .box { stroke-dasharray: 5 3 }
.node.remark .box, .edge.remark { stroke: var(--warn) }
.node.broken .sign, .node.missing .sign { fill: var(--bad) }
.node.remark .sign, .node.remark .problem { fill: var(--warn) }
.node.unknown .problem, .node.unmanaged .problem { fill: var(--soft) }
.node.unknown .box, .node.unmanaged .box { stroke: var(--rule) }
.edge { fill: none; stroke: var(--line); stroke-width: 1.3 }
.edge.broken { stroke: var(--bad); stroke-width: 1.8 }
.edge.unknown, .edge.unmanaged { stroke: var(--rule) }
.edge.unknown { stroke-dasharray: 1 4 }
.edge.granted { stroke-dasharray: 6 4 }
.cross { fill: none; stroke: var(--bad); stroke-width: 1.8 }
@media print { .picture { --paper: #ffffff; --group: #f7f7f7; --box: #ffffff; --ink: #000000; --soft: #444444; --line: #777777; --rule: #bbbbbb; --good: #1b5e20; --bad: #b71c1c; --warn: #7a4700; print-color-adjust: exact } }
`;

import { tallyBy, type Tally } from '../audit.ts';
import { Markup, markup } from '../markup.ts';
import type { Report } from '../report.ts';
import { number } from './number.ts';

/** So many rows are open at first. */
const OPEN = 8;

interface Row {
  readonly name: string;
  /** The words by which the findings are filtered. */
  readonly set: string;
  readonly tally: Tally;
  /** The last column. */
  readonly last: number;
}

const NONE: Tally = { denied: 0, warned: 0, audited: 0, objects: 0 };

/** Where the findings are: by policy, with what passed, and by namespace. */
export function tallies({ findings, judged }: Report): Markup {
  const passes = new Map<string, number>();
  for (const { policy, outcome } of judged.flatMap(({ outcomes }) => outcomes)) {
    passes.set(policy, (passes.get(policy) ?? 0) + (outcome === 'pass' ? 1 : 0));
  }
  const found = tallyBy(findings, ({ policy }) => policy);
  const silent = [...passes.keys()].filter((name) => !found.some(([other]) => other === name)).sort();
  const policies = [...found, ...silent.map((name) => [name, NONE] as const)].map(([name, tally]): Row => {
    return { name, set: `policy=${name}`, tally, last: passes.get(name) ?? 0 };
  });
  const namespaces = tallyBy(findings, ({ object }) => object?.namespace ?? '').map(([name, tally]): Row => {
    const set = new URLSearchParams({ namespace: name === '' ? '-' : name });
    return { name: name === '' ? 'cluster-scoped' : name, set: set.toString(), tally, last: tally.objects };
  });
  const tables = [table('By policy', 'passed', policies), table('By namespace', 'objects', namespaces)];
  return markup`<div class="pair" id="overview">
${tables}</div>`;
}

function table(title: string, last: string, rows: readonly Row[]): Markup {
  if (rows.length === 0) return new Markup('');
  const most = Math.max(1, ...rows.map(({ tally }) => sizeOf(tally)));
  const head = markup`<thead><tr><th scope="col"><span class="unseen">Name</span></th><th class="bar"><span class="unseen">Share</span></th><th scope="col">denied</th><th scope="col">warned</th><th scope="col">audited</th><th scope="col" class="more-of">${last}</th></tr></thead>`;
  const whole = (some: readonly Row[]): Markup =>
    markup`<table class="tally"><caption class="unseen">${title}</caption>${head}<tbody>
${some.map((row) => line(row, most))}</tbody></table>`;
  const rest =
    rows.length <= OPEN
      ? new Markup('')
      : markup`<details class="more"><summary>${number(rows.length - OPEN)} more</summary>${whole(rows.slice(OPEN))}</details>`;
  return markup`<section aria-label="${title}"><h2>${title}</h2>
${whole(rows.slice(0, OPEN))}${rest}</section>
`;
}

function line({ name, set, tally, last }: Row, most: number): Markup {
  const cell = (count: number): Markup =>
    count === 0 ? markup`<td class="none">0</td>` : markup`<td>${number(count)}</td>`;
  const title = sizeOf(tally) === 0 ? name : markup`<a href="#findings" data-set="${set}">${name}</a>`;
  return markup`<tr><th scope="row">${title}</th><td class="bar">${bar(tally, most)}</td>${[tally.denied, tally.warned, tally.audited].map(cell)}<td class="more-of none">${number(last)}</td></tr>
`;
}

function sizeOf({ denied, warned, audited }: Tally): number {
  return denied + warned + audited;
}

/** The counts as lengths, against the longest of the table. */
function bar({ denied, warned, audited }: Tally, most: number): Markup {
  const parts = [
    ['deny', denied],
    ['warn', warned],
    ['audit', audited],
  ] as const;
  let x = 0;
  const drawn = parts.map(([look, count]) => {
    const width = Math.round((count / most) * 1000) / 10;
    const from = x;
    x += width;
    return count === 0 ? new Markup('') : markup`<rect class="${look}" x="${from}" width="${width}" height="8"/>`;
  });
  return markup`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${drawn}</svg>`;
}

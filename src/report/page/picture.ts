import type { ReportFinding } from '../finding.ts';
import { condensed } from '../graph/condense.ts';
import type { Graph } from '../graph/graph.ts';
import { placeFindings, withFindings } from '../graph/placing.ts';
import { picture } from '../graph/svg.ts';
import { Markup, markup } from '../markup.ts';
import { counted } from './number.ts';

/** So many lines are more than an eye can follow one by one. */
const DENSE = 150;

/** A picture with its findings. */
export interface Drawing {
  /** Condensed, with findings counted at its boxes. */
  readonly graph: Graph;
  /** The name in the picture (`n7`) of the box that a finding is drawn at. */
  readonly boxOf: ReadonlyMap<ReportFinding, string>;
  /** By a box's node: where a click on it leads, which is its first finding. */
  readonly links: ReadonlyMap<string, string>;
}

/** The picture of a graph with findings on it; `findings` in the order in which the page lists them. */
export function drawnWith(whole: Graph, findings: readonly ReportFinding[]): Drawing {
  const places = placeFindings(whole, findings);
  const { graph, boxOf } = condensed(withFindings(whole, places));
  const names = new Map(graph.nodes.map(({ id }, at) => [id, `n${at}`]));
  const boxes = new Map<ReportFinding, string>();
  const links = new Map<string, string>();
  for (const [at, finding] of findings.entries()) {
    const id = boxOf.get(places.get(finding) ?? '');
    const name = id === undefined ? undefined : names.get(id);
    if (id === undefined || name === undefined) continue;
    boxes.set(finding, name);
    if (!links.has(id)) links.set(id, `#f${at}`);
  }
  return { graph, boxOf: boxes, links };
}

/** The picture, with what it does not show said. */
export function pictureSection({ graph, boxOf, links }: Drawing, findings: number): Markup {
  const elsewhere = findings - boxOf.size;
  const said =
    elsewhere === 0
      ? ''
      : `${counted(elsewhere, 'finding')} ${elsewhere === 1 ? 'is' : 'are'} about what is not drawn, such as grants, namespaces and CRDs.`;
  const look = graph.edges.length > DENSE ? 'dense' : '';
  return markup`<p class="quiet">From classes to backends, with the conditions that a controller would set. A box with findings leads to them. ${said}</p>
<div id="stage" class="${look}" tabindex="0" role="region" aria-label="Picture, scrollable">
${picture(graph, new Markup(''), links)}
</div>`;
}

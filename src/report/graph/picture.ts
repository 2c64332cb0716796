import { condense } from './condense.ts';
import type { Graph } from './graph.ts';

/** The formats of a picture. */
export const PICTURE_FORMATS = ['dot', 'mermaid', 'svg', 'html'] as const;
/** See {@link PICTURE_FORMATS}. */
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** The graph as text in a format; a renderer is loaded when it is first asked for. Only HTML, which folds and filters, shows every object. */
export async function renderPicture(format: PictureFormat, graph: Graph): Promise<string> {
  switch (format) {
    case 'dot':
      return (await import('./dot.ts')).renderDot(condense(graph));
    case 'mermaid':
      return (await import('./mermaid.ts')).renderMermaid(condense(graph));
    case 'svg':
      return (await import('./svg.ts')).renderSvg(condense(graph));
    case 'html':
      return (await import('./html.ts')).renderHtml(graph);
  }
}

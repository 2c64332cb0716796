/**
 * The pictures of `gateward status`: one graph, drawn in four formats. The graph says what the model in `gateway/` says and nothing else; the
 * renderers know nothing of Gateway API. Pure: values in, text out, the same bytes for the same world.
 */
export * from './graph.ts';
export * from './picture.ts';
export * from './worldGraph.ts';

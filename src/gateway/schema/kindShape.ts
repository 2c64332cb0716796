import { KINDS, type KindName } from '../kinds.ts';
import { CORE_SHAPES, METADATA } from './coreShapes.ts';
import { compileShape, isObject, withDefault, withFields, type Shape } from './shape.ts';
import type { Nodes } from './schemaNode.ts';
import shapes from './shapes.generated.json' with { type: 'json' };

/** Kinds whose `spec` older bundles did not require, with the spec that says as much. */
const SPECLESS = new Map<KindName, unknown>([
  ['GRPCRoute', {}],
  ['ReferenceGrant', { from: [], to: [] }],
]);

interface ShapeTable {
  readonly nodes: Nodes;
  readonly kinds: Readonly<Record<string, number>>;
}

/** The generated table is what the generator's types say. */
function isShapeTable(value: unknown): value is ShapeTable {
  return isObject(value) && Array.isArray(value['nodes']) && isObject(value['kinds']);
}

const compiled = new Map<KindName, Shape>();
/** By position in the table: what several kinds have in common is one shape. */
const parts = new Map<number, Shape>();

/** The shape of a kind, compiled when it is first needed. */
export function shapeOf(kind: KindName): Shape {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const shape = CORE_SHAPES.get(kind) ?? gatewayShape(kind);
  compiled.set(kind, shape);
  return shape;
}

function gatewayShape(kind: KindName): Shape {
  const table: unknown = shapes;
  if (!isShapeTable(table)) throw new Error('shapes.generated.json is not a table of shapes');
  const root = table.kinds[`${KINDS[kind].group}/${kind}`];
  if (root === undefined) throw new Error(`shapes.generated.json has no ${kind}: run scripts/generate-schema.ts`);
  return rootShape(table.nodes, root, parts, METADATA, SPECLESS.get(kind));
}

/**
 * The shape of a kind's root, compiled as {@link compileShape} does: with this `metadata`, and without the default of `status`; `specless` is what
 * a spec says that is left out.
 */
export function rootShape(
  nodes: Nodes,
  position: number,
  known: Map<number, Shape>,
  metadata: Shape,
  specless?: unknown,
): Shape {
  const shape = compileShape(nodes, position, known);
  const fields = new Map([...shape.fields].map(([name, field]) => [name, field.shape]));
  fields.set('metadata', metadata);
  const [spec, status] = [fields.get('spec'), fields.get('status')];
  if (spec !== undefined && specless !== undefined) fields.set('spec', withDefault(spec, specless));
  if (status !== undefined) fields.set('status', withDefault(status, undefined));
  return withFields(shape, fields, ['apiVersion', 'kind', 'metadata', ...shape.required]);
}

/** An object without its `status`, which on the resource itself the API server drops. */
export function withoutStatus(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rest = { ...raw };
  delete rest['status'];
  return rest;
}

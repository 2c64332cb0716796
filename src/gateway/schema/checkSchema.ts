import { formatPath, valueAt, type FieldPath } from '../fieldPath.ts';
import { KINDS, apiVersionOf, isGatewayKind, type KindName } from '../kinds.ts';
import { rootShape, withoutStatus } from './kindShape.ts';
import type { Channel } from './lifecycle.ts';
import { CHECKED_METADATA, metadataProblems, unknownMetadata } from './metadata.ts';
import { fieldOf, itemOf, type Nodes, type SchemaNode } from './schemaNode.ts';
import { Filler, isObject, type SchemaProblem, type Shape } from './shape.ts';

/** Group/kind → version → channel → the schema of the newest bundle that serves it. */
interface StructureTable {
  readonly nodes: Nodes;
  readonly kinds: Readonly<
    Record<string, Readonly<Record<string, Readonly<Partial<Record<Channel, { readonly schema: number }>>>>>>
  >;
}

/** The generated table is what the generator's types say. */
function isStructureTable(value: unknown): value is StructureTable {
  return isObject(value) && Array.isArray(value['nodes']) && isObject(value['kinds']);
}

/** The table of all schemas, loaded at the first call. */
export async function structures(): Promise<StructureTable> {
  const { default: table }: { readonly default: unknown } = await import('./structures.generated.json', {
    with: { type: 'json' },
  });
  if (isStructureTable(table)) return table;
  throw new Error('structures.generated.json is not a table: run scripts/generate-schema.ts');
}

/**
 * What the API server would say to a raw object of a Gateway API kind, in its words: types, required fields, unknown fields (as strict field
 * validation has them), names, labels and the rest of `metadata`, enums, patterns, lengths, unique keys, and the CEL rules. The schema is that
 * of the newest bundle that serves the version in the channel. Nothing for kinds of other groups. `rawOld` is the object before a change, for
 * rules about changes.
 *
 * `status` is not looked at: on the resource itself the API server drops it. CEL rules are evaluated only where the rest of
 * `spec` is in order, as the API server does it. The tables, CEL and RE2 are loaded at the first call; an admission review has no use for them.
 */
export async function checkSchema(
  kind: KindName,
  version: string,
  channel: Channel,
  raw: unknown,
  rawOld?: unknown,
): Promise<readonly SchemaProblem[]> {
  if (!isGatewayKind(kind)) return [];
  const table = await structures();
  const { group, scope } = KINDS[kind];
  const position = table.kinds[`${group}/${kind}`]?.[version]?.[channel]?.schema;
  const root = position === undefined ? undefined : table.nodes[position];
  if (position === undefined || root === undefined) {
    const message = `no matches for kind "${kind}" in version "${apiVersionOf(group, version)}" of the ${channel} channel`;
    return [{ path: ['apiVersion'], message }];
  }
  const object = isObject(raw) ? withoutStatus(raw) : raw;
  const filler = new Filler('prune');
  const filled = filler.fill(rootShape(table.nodes, position, shapes, CHECKED_METADATA), object, []);
  const metadata = metadataProblems(valueAt(filled, ['metadata']), scope, rawOld !== undefined);
  const unknown = unknownFields(table.nodes, root, object);
  if (filler.problems.length > 0) return [...filler.problems, ...metadata, ...unknown];
  const { constraintProblems } = await import('./constraints.ts');
  const constraints = constraintProblems(table.nodes, root, filled);
  if (constraints.length > 0) return [...metadata, ...constraints, ...unknown];
  const old = isObject(rawOld) ? withoutStatus(rawOld) : rawOld;
  const { plainlyHold } = await import('./plainRules.ts');
  if (plainlyHold(table.nodes, root, filled, old)) return [...metadata, ...unknown];
  const { brokenRules } = await import('./celRules.ts');
  return [...metadata, ...brokenRules(table.nodes, root, filled, old), ...unknown];
}

const shapes = new Map<number, Shape>();

function unknownFields(nodes: Nodes, root: SchemaNode, object: unknown): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  const add = (path: FieldPath): void => {
    found.push({ path, message: `unknown field "${formatPath(path)}"` });
  };
  /** Where the walk is: a stack. */
  const path: (string | number)[] = [];
  const step = (to: string | number, node: SchemaNode, value: unknown): void => {
    path.push(to);
    walk(node, value);
    path.pop();
  };
  const walk = (node: SchemaNode, value: unknown): void => {
    if (Array.isArray(value)) {
      const items = itemOf(nodes, node);
      if (items !== undefined) for (const [at, item] of value.entries()) step(at, items, item);
      return;
    }
    if (!isObject(value) || node.values !== undefined) return;
    for (const name of Object.keys(value)) {
      const field = fieldOf(nodes, node, name);
      if (field !== undefined) {
        if (path.length > 0 || name !== 'metadata') step(name, field, value[name]);
      } else if (node['x-kubernetes-preserve-unknown-fields'] !== true) add([...path, name]);
    }
  };
  walk(root, object);
  for (const at of unknownMetadata(valueAt(object, ['metadata']))) add(at);
  return found;
}

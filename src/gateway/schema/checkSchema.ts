import type { FieldPath } from '../fieldPath.ts';
import { formatPath } from '../fieldPath.ts';
import { KINDS, apiVersionOf, isGatewayKind, type KindName } from '../kinds.ts';
import { isSubdomain } from '../object.ts';
import { METADATA } from './coreShapes.ts';
import type { Channel } from './lifecycle.ts';
import type { SchemaNode } from './schemaNode.ts';
import { Filler, compileShape, isObject, withDefault, withFields, type SchemaProblem, type Shape } from './shape.ts';

/** Group/kind → version → channel → the schema of the newest bundle that serves it. */
interface StructureTable {
  readonly nodes: readonly SchemaNode[];
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
 * validation has them), enums, patterns, lengths, unique keys, and the CEL rules. The schema is that of the newest bundle that serves the
 * version in the channel. Nothing for kinds of other groups. `rawOld` is the object before a change, for rules about changes.
 *
 * `status` is not looked at: on the resource itself the API server drops it. CEL rules are evaluated only where the rest is in order, as the
 * API server does it. The tables, CEL and RE2 are loaded at the first call; an admission review has no use for them.
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
  const { group } = KINDS[kind];
  const position = table.kinds[`${group}/${kind}`]?.[version]?.[channel]?.schema;
  const root = position === undefined ? undefined : table.nodes[position];
  if (position === undefined || root === undefined) {
    const message = `no matches for kind "${kind}" in version "${apiVersionOf(group, version)}" of the ${channel} channel`;
    return [{ path: ['apiVersion'], message }];
  }
  const object = withoutStatus(raw);
  const unknown = unknownFields(table.nodes, root, object);
  const filler = new Filler('prune');
  const filled = filler.fill(rootShape(table.nodes, position), object, []);
  const shape = [...filler.problems, ...nameProblems(filled)];
  if (shape.length > 0) return [...shape, ...unknown];
  const { constraintProblems } = await import('./constraints.ts');
  const constraints = constraintProblems(table.nodes, root, filled);
  if (constraints.length > 0) return [...constraints, ...unknown];
  const old = withoutStatus(rawOld);
  const { plainlyHold } = await import('./plainRules.ts');
  if (plainlyHold(table.nodes, root, filled, old)) return unknown;
  const { brokenRules } = await import('./celRules.ts');
  return [...brokenRules(table.nodes, root, filled, old), ...unknown];
}

function withoutStatus(raw: unknown): unknown {
  if (!isObject(raw)) return raw;
  const rest = { ...raw };
  delete rest['status'];
  return rest;
}

const shapes = new Map<number, Shape>();

/** The shape of a kind's root, with `metadata` and without the default of `status`. */
function rootShape(nodes: readonly SchemaNode[], position: number): Shape {
  const shape = compileShape(nodes, position, shapes);
  const fields = new Map([...shape.fields].map(([name, field]) => [name, field.shape]));
  fields.set('metadata', METADATA);
  const status = fields.get('status');
  if (status !== undefined) fields.set('status', withDefault(status, undefined));
  return withFields(shape, fields, ['apiVersion', 'kind', 'metadata', ...shape.required]);
}

/** The fields of apimachinery's ObjectMeta. */
const OBJECT_META: readonly string[] = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

function unknownFields(nodes: readonly SchemaNode[], root: SchemaNode, object: unknown): readonly SchemaProblem[] {
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
      const items = node.items === undefined ? undefined : nodes[node.items];
      if (items !== undefined) for (const [at, item] of value.entries()) step(at, items, item);
      return;
    }
    if (!isObject(value) || node.values !== undefined) return;
    for (const name of Object.keys(value)) {
      const at =
        node.properties !== undefined && Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
      const field = at === undefined ? undefined : nodes[at];
      if (field !== undefined) {
        if (path.length > 0 || name !== 'metadata') step(name, field, value[name]);
      } else if (node['x-kubernetes-preserve-unknown-fields'] !== true) add([...path, name]);
    }
  };
  walk(root, object);
  const metadata = isObject(object) ? object['metadata'] : undefined;
  if (isObject(metadata)) {
    for (const name of Object.keys(metadata)) if (!OBJECT_META.includes(name)) add(['metadata', name]);
  }
  return found;
}

/** A name that is generated begins with so many characters at most (apiserver `names.SimpleNameGenerator`). */
const LONGEST_BASE = 58;

/** A name, and what one is generated from: that without its dash, and the two together, must be such as names are (apimachinery `ValidateObjectMeta`). */
function nameProblems(object: unknown): readonly SchemaProblem[] {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  if (!isObject(metadata)) return [];
  const { name, generateName } = metadata;
  const path: FieldPath = ['metadata', 'name'];
  const hasName = typeof name === 'string' && name !== '';
  if (typeof generateName !== 'string' || generateName === '') {
    return hasName
      ? nameProblem(path, name, name)
      : [{ path, message: 'Required value: name or generateName is required' }];
  }
  const begun = generateName.length > 1 && generateName.endsWith('-') ? `${generateName.slice(0, -2)}a` : generateName;
  const generated = hasName ? [] : [`${generateName.slice(0, LONGEST_BASE)}a`];
  const wrong = [begun, ...generated].find((text) => !isSubdomain(text));
  return [
    ...(wrong === undefined ? [] : nameProblem(['metadata', 'generateName'], generateName, wrong)),
    ...(hasName ? nameProblem(path, name, name) : []),
  ];
}

/** What is wrong with a text as a name, or as what one is made of (apimachinery `NameIsDNSSubdomain`). */
function nameProblem(path: FieldPath, text: string, name: string): readonly SchemaProblem[] {
  if (isSubdomain(name)) return [];
  const rule =
    name.length > 253
      ? 'must be no more than 253 characters'
      : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [{ path, message: `Invalid value: ${JSON.stringify(text)}: ${rule}` }];
}

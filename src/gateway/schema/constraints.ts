import { RE2JS } from 're2js';
import type { FieldPath } from '../fieldPath.ts';
import { isIPv4, isIPv6 } from './ipAddress.ts';
import type { SchemaNode } from './schemaNode.ts';
import { isObject, type SchemaProblem } from './shape.ts';
import { inBody, rangeMessage } from './wording.ts';

/** A table of schemas with equal subtrees shared. */
export type Nodes = readonly SchemaNode[];

/**
 * What a schema says beyond types: enum, pattern, lengths, numbers of items, unique keys, ranges, oneOf. The value must have passed the shape
 * check and have its defaults. Patterns are matched by RE2, as the API server does, so that no value makes one backtrack.
 */
export function constraintProblems(nodes: Nodes, node: SchemaNode, value: unknown): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  collect(nodes, node, value, [], found);
  return found;
}

function collect(nodes: Nodes, node: SchemaNode, value: unknown, path: FieldPath, found: SchemaProblem[]): void {
  const add = (message: string): void => {
    found.push({ path, message });
  };
  if (node.enum !== undefined && !node.enum.includes(value)) {
    add(
      `Unsupported value: ${JSON.stringify(value)}: supported values: ${node.enum.map((one) => JSON.stringify(one)).join(', ')}`,
    );
  }
  if (node.oneOf !== undefined && node.oneOf.filter((schema) => accepts(schema, value)).length !== 1) {
    add(`Invalid value: ${JSON.stringify(value)}: ${inBody(path)} must validate one and only one schema (oneOf)`);
  }
  if (typeof value === 'string') checkText(node, value, path, add);
  else if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = node;
    if (value < minimum || value > maximum) add(rangeMessage(value, { minimum, maximum }, path));
  } else if (Array.isArray(value)) {
    checkList(node, value, path, found);
    const items = node.items === undefined ? undefined : nodes[node.items];
    if (items === undefined) return;
    for (const [at, item] of value.entries()) collect(nodes, items, item, [...path, at], found);
  } else if (isObject(value)) {
    checkSize(node, Object.keys(value).length, path, add);
    for (const [name, child] of Object.entries(value)) {
      const field = fieldOf(nodes, node, name);
      if (field !== undefined) collect(nodes, field, child, [...path, name], found);
    }
  }
}

/** The schema of a field of an object, or of a map's value; undefined for a field that the schema does not know. */
export function fieldOf(nodes: Nodes, node: SchemaNode, name: string): SchemaNode | undefined {
  const { properties, values } = node;
  const at = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : values;
  return at === undefined ? undefined : nodes[at];
}

function checkText(node: SchemaNode, value: string, path: FieldPath, add: (message: string) => void): void {
  const { minLength = 0, maxLength = Infinity, pattern } = node;
  const length = value.length > maxLength || minLength > 0 ? Array.from(value).length : value.length;
  if (length > maxLength) add(`Too long: may not be more than ${maxLength} bytes`);
  const quoted = JSON.stringify(value);
  if (length < minLength) add(`Invalid value: ${quoted}: ${inBody(path)} should be at least ${minLength} chars long`);
  if (pattern !== undefined && length <= maxLength && !matchesPattern(pattern, value)) {
    add(`Invalid value: ${quoted}: ${inBody(path)} should match '${pattern}'`);
  }
}

function checkList(node: SchemaNode, value: readonly unknown[], path: FieldPath, found: SchemaProblem[]): void {
  const { minItems = 0, maxItems = Infinity } = node;
  if (value.length > maxItems) {
    found.push({ path, message: `Too many: ${value.length}: must have at most ${maxItems} items` });
  }
  if (value.length < minItems) {
    found.push({
      path,
      message: `Invalid value: ${value.length}: ${inBody(path)} should have at least ${minItems} items`,
    });
  }
  const type = node['x-kubernetes-list-type'];
  if (type !== 'map' && type !== 'set') return;
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  for (const [at, item] of value.entries()) {
    const key = JSON.stringify(type === 'map' && isObject(item) ? pick(item, keys) : item);
    if (seen.has(key)) found.push({ path: [...path, at], message: `Duplicate value: ${key}` });
    seen.add(key);
  }
}

function pick(item: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  return Object.fromEntries(keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
}

function checkSize(node: SchemaNode, size: number, path: FieldPath, add: (message: string) => void): void {
  const { minProperties = 0, maxProperties = Infinity } = node;
  if (size > maxProperties) add(`Too many: ${size}: must have at most ${maxProperties} items`);
  if (size < minProperties)
    add(`Invalid value: ${size}: ${inBody(path)} should have at least ${minProperties} properties`);
}

const patterns = new Map<string, RE2JS>();

/** Whether RE2 finds a pattern anywhere in a text. Throws on a pattern that RE2 does not take. */
export function matchesPattern(pattern: string, text: string): boolean {
  const compiled = patterns.get(pattern) ?? RE2JS.compile(pattern);
  patterns.set(pattern, compiled);
  return compiled.matcher(text).find();
}

/** The little of JSON Schema that stands below `oneOf` in the CRDs: properties, enum, anyOf, not, and the formats of IP addresses. */
function accepts(schema: unknown, value: unknown): boolean {
  if (!isObject(schema)) return true;
  const { properties, enum: values, anyOf, not, format } = schema;
  if (Array.isArray(values) && !values.includes(value)) return false;
  if (Array.isArray(anyOf) && !anyOf.some((one) => accepts(one, value))) return false;
  if (not !== undefined && accepts(not, value)) return false;
  if (typeof value === 'string' && format === 'ipv4' && !isIPv4(value)) return false;
  if (typeof value === 'string' && format === 'ipv6' && !isIPv6(value)) return false;
  if (!isObject(properties) || !isObject(value)) return true;
  return Object.entries(properties).every(([name, field]) => value[name] === undefined || accepts(field, value[name]));
}

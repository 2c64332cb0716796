import { RE2JS } from 're2js';
import { isIPv4, isIPv6 } from './ipAddress.ts';
import { fieldOf, itemOf, type Nodes, type SchemaNode } from './schemaNode.ts';
import { isObject, type SchemaProblem } from './shape.ts';
import { inBody } from './wording.ts';

/**
 * What a schema says beyond types and ranges: enum, pattern, lengths, numbers of items, unique keys, oneOf. The value must have passed the
 * shape check and have its defaults. Patterns are matched by RE2, as the API server does, so that no value makes one backtrack.
 */
export function constraintProblems(nodes: Nodes, node: SchemaNode, value: unknown): readonly SchemaProblem[] {
  const walk: Walk = { nodes, path: [], found: [] };
  collect(walk, node, value);
  return walk.found;
}

/** A walk through a value and its schema. */
export interface Walk {
  readonly nodes: Nodes;
  /** Where it is: a stack. */
  readonly path: (string | number)[];
  readonly found: SchemaProblem[];
}

/** Notes a problem where the walk is. */
export function addProblem({ path, found }: Walk, message: string): void {
  found.push({ path: [...path], message });
}

function collect(walk: Walk, node: SchemaNode, value: unknown): void {
  const { nodes, path } = walk;
  if (node.enum !== undefined && !node.enum.includes(value)) {
    const supported = node.enum.map((one) => JSON.stringify(one)).join(', ');
    addProblem(walk, `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
  }
  if (node.oneOf !== undefined && node.oneOf.filter((schema) => accepts(schema, value)).length !== 1) {
    const problem = 'must validate one and only one schema (oneOf)';
    addProblem(walk, `Invalid value: ${JSON.stringify(value)}: ${inBody(path)} ${problem}`);
  }
  if (typeof value === 'string') checkText(walk, node, value);
  else if (Array.isArray(value)) {
    checkList(walk, node, value);
    const items = itemOf(nodes, node);
    if (items === undefined) return;
    for (const [at, item] of value.entries()) {
      path.push(at);
      collect(walk, items, item);
      path.pop();
    }
  } else if (isObject(value)) {
    const names = Object.keys(value);
    checkSize(walk, node, names.length);
    for (const name of names) {
      const field = fieldOf(nodes, node, name);
      if (field === undefined) continue;
      path.push(name);
      collect(walk, field, value[name]);
      path.pop();
    }
  }
}

function checkText(walk: Walk, node: SchemaNode, value: string): void {
  const { minLength = 0, maxLength = Infinity, pattern } = node;
  const length = value.length > maxLength || minLength > 0 ? Array.from(value).length : value.length;
  const refuse = (problem: string): void => {
    addProblem(walk, `Invalid value: ${JSON.stringify(value)}: ${inBody(walk.path)} ${problem}`);
  };
  if (length > maxLength) addProblem(walk, `Too long: may not be more than ${maxLength} bytes`);
  if (length < minLength) refuse(`should be at least ${minLength} chars long`);
  if (pattern !== undefined && length <= maxLength && !matchesPattern(pattern, value)) {
    refuse(`should match '${pattern}'`);
  }
}

function checkList(walk: Walk, node: SchemaNode, value: readonly unknown[]): void {
  const { minItems = 0, maxItems = Infinity } = node;
  if (value.length > maxItems) addProblem(walk, `Too many: ${value.length}: must have at most ${maxItems} items`);
  if (value.length < minItems) {
    addProblem(walk, `Invalid value: ${value.length}: ${inBody(walk.path)} should have at least ${minItems} items`);
  }
  const type = node['x-kubernetes-list-type'];
  if (type !== 'map' && type !== 'set') return;
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  for (const [at, item] of value.entries()) {
    const key = JSON.stringify(type === 'map' && isObject(item) ? pick(item, keys) : item);
    if (seen.has(key)) walk.found.push({ path: [...walk.path, at], message: `Duplicate value: ${key}` });
    seen.add(key);
  }
}

function pick(item: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  return Object.fromEntries(keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
}

function checkSize(walk: Walk, node: SchemaNode, size: number): void {
  const { minProperties = 0, maxProperties = Infinity } = node;
  if (size > maxProperties) addProblem(walk, `Too many: ${size}: must have at most ${maxProperties} items`);
  if (size < minProperties) {
    addProblem(walk, `Invalid value: ${size}: ${inBody(walk.path)} should have at least ${minProperties} properties`);
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/**
 * The patterns of names and paths, which every object has many of. JavaScript's own engine takes them as RE2 does (ASCII only, neither `.` nor
 * `\s`, anchored), and no text makes it go back further than one label: what is repeated begins with a character that it does not hold.
 */
export const PLAIN_PATTERNS: ReadonlySet<string> = new Set([
  `^${LABEL}$`,
  `^${LABEL}(\\.${LABEL})*$`,
  `^$|^${LABEL}(\\.${LABEL})*$`,
  `^(\\*\\.)?${LABEL}(\\.${LABEL})*$`,
  '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
  "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$",
  "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$",
]);

const patterns = new Map<string, (text: string) => boolean>();

/** Whether RE2 finds a pattern anywhere in a text. Throws on a pattern that RE2 does not take. */
export function matchesPattern(pattern: string, text: string): boolean {
  const matches = patterns.get(pattern) ?? compilePattern(pattern);
  patterns.set(pattern, matches);
  return matches(text);
}

function compilePattern(pattern: string): (text: string) => boolean {
  if (PLAIN_PATTERNS.has(pattern)) {
    const plain = new RegExp(pattern);
    return (text) => plain.test(text);
  }
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).find();
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

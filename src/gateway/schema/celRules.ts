import { Environment } from '@marcbachmann/cel-js';
import type { FieldPath } from '../fieldPath.ts';
import { fieldOf, matchesPattern, type Nodes } from './constraints.ts';
import { isIPv4, isIPv6 } from './ipAddress.ts';
import type { SchemaNode, ValidationRule } from './schemaNode.ts';
import { isObject, type SchemaProblem } from './shape.ts';

/**
 * The CEL rules of CRDs (`x-kubernetes-validations`), evaluated by a CEL library. What Kubernetes adds to the language is added here, as far as
 * the CRDs use it; `matches` goes to RE2, since the library's own may backtrack for ever. There is no cost limit: the API server's refuses
 * expensive CRDs, not objects.
 *
 * `format.dns1123Label().validate(x) == null` is read as "x is a DNS label", as its author meant it.
 */
const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')
  .registerVariable('format', 'dyn')
  .registerFunction('string.matchesRE2(string): bool', (text: string, pattern: string) => matchesPattern(pattern, text))
  .registerFunction(
    'hasField(dyn, string): bool',
    (value: unknown, name: string) => isObject(value) && Object.hasOwn(value, name),
  )
  .registerFunction('isIP(string): bool', (text: string) => isIPv4(text) || isIPv6(text))
  .registerFunction('dyn.dns1123Label(): dyn', () => 'dns1123Label')
  .registerFunction('dyn.validate(string): dyn', (_format: unknown, text: string) =>
    matchesPattern('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', text) ? null : ['is not a DNS label'],
  );

type Rule = (context: Readonly<Record<string, unknown>>) => unknown;

const compiled = new Map<string, Rule>();

/** Compiles a rule; throws on what the library does not take. Its `has` takes no field of a list item, so `has(a[0].b)` goes another way. */
export function compileRule(rule: string): Rule {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const expression = environment.parse(
    rule.replaceAll('.matches(', '.matchesRE2(').replace(/\bhas\(([\w.]+\[\d+\])\.(\w+)\)/g, 'hasField($1, "$2")'),
  );
  const { valid, error } = expression.check();
  if (!valid) throw error ?? new Error(`not a rule: ${rule}`);
  const evaluate: Rule = (context) => expression(context);
  compiled.set(rule, evaluate);
  return evaluate;
}

/**
 * The rules that a value breaks, in the API server's words. The value must have passed the other checks and have its defaults. Rules about a
 * change (`oldSelf`) are evaluated where there is an old value: along fields, not within lists.
 */
export function brokenRules(nodes: Nodes, root: SchemaNode, value: unknown, old: unknown): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  collect(nodes, root, value, old, [], found);
  return found;
}

/** Finds broken rules in a value, and gives the value as CEL sees it: exact integers, only fields that the schema knows, maps as maps. */
function collect(
  nodes: Nodes,
  node: SchemaNode,
  value: unknown,
  old: unknown,
  path: FieldPath,
  found: SchemaProblem[],
): unknown {
  const self = convert(nodes, node, value, old, path, found);
  for (const rule of node['x-kubernetes-validations'] ?? []) {
    const isAboutChange = /\boldSelf\b/.test(rule.rule);
    if (isAboutChange && old === undefined) continue;
    const problem = check(rule, { self, format: 'format', ...(isAboutChange ? { oldSelf: old } : {}) });
    if (problem !== undefined) found.push({ path, message: `Invalid value: "${node.type ?? 'object'}": ${problem}` });
  }
  return self;
}

function convert(
  nodes: Nodes,
  node: SchemaNode,
  value: unknown,
  old: unknown,
  path: FieldPath,
  found: SchemaProblem[],
): unknown {
  if (typeof value === 'number') return node.type === 'integer' ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const items = node.items === undefined ? undefined : nodes[node.items];
    if (items === undefined) return value;
    return value.map((item: unknown, at) => collect(nodes, items, item, undefined, [...path, at], found));
  }
  if (!isObject(value)) return value;
  const fields = Object.entries(value).flatMap(([name, child]) => {
    const field = fieldOf(nodes, node, name);
    if (field === undefined) return [];
    const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
    return [[name, collect(nodes, field, child, before, [...path, name], found)] as const];
  });
  return node.values === undefined ? Object.fromEntries(fields) : new Map(fields);
}

/** What a broken rule says; undefined when it holds. */
function check(rule: ValidationRule, context: Readonly<Record<string, unknown>>): string | undefined {
  const message = rule.message ?? `failed rule: ${rule.rule}`;
  try {
    return compileRule(rule.rule)(context) === true ? undefined : message;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return `rule evaluation error: ${reason} evaluating rule: ${message}`;
  }
}

import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { addProblem, matchesPattern, type Walk } from './constraints.ts';
import { isIPv4, isIPv6 } from './ipAddress.ts';
import { fieldOf, itemOf, type Nodes, type SchemaNode, type ValidationRule } from './schemaNode.ts';
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

/** The library's `has` takes no field of a list item, so `has(a[0].b)` goes another way. */
function parse(rule: string): ReturnType<Environment['parse']> {
  return environment.parse(
    rule.replaceAll('.matches(', '.matchesRE2(').replace(/\bhas\(([\w.]+\[\d+\])\.(\w+)\)/g, 'hasField($1, "$2")'),
  );
}

/** A rule's syntax tree. Throws on what the library does not take. */
export function parseRule(rule: string): ASTNode {
  return parse(rule).ast;
}

/** Compiles a rule. Throws on what the library does not take. */
export function compileRule(rule: string): Rule {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const expression = parse(rule);
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
  const walk: Walk = { nodes, path: [], found: [] };
  collect(walk, root, value, old);
  return walk.found;
}

/** Finds broken rules in a value, and gives the value as CEL sees it: exact integers, only fields that the schema knows, maps as maps. */
function collect(walk: Walk, node: SchemaNode, value: unknown, old: unknown): unknown {
  const self = convert(walk, node, value, old);
  for (const rule of node['x-kubernetes-validations'] ?? []) {
    const problem = check(rule, self, old);
    if (problem !== undefined) addProblem(walk, `Invalid value: "${node.type ?? 'object'}": ${problem}`);
  }
  return self;
}

function convert(walk: Walk, node: SchemaNode, value: unknown, old: unknown): unknown {
  if (typeof value === 'number') return node.type === 'integer' ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const items = itemOf(walk.nodes, node);
    if (items === undefined) return value;
    return value.map((item: unknown, at) => collectAt(walk, at, items, item, undefined));
  }
  if (!isObject(value)) return value;
  const map = node.values === undefined ? undefined : new Map<string, unknown>();
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = fieldOf(walk.nodes, node, name);
    if (field === undefined) continue;
    const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
    const converted = collectAt(walk, name, field, value[name], before);
    if (map === undefined) fields[nameInCel(name)] = converted;
    else map.set(name, converted);
  }
  return map ?? fields;
}

/** A field's name in CEL, which keeps some words to itself (apiserver `cel/escaping.go`); of those the CRDs use one. */
function nameInCel(name: string): string {
  return name === 'namespace' ? '__namespace__' : name;
}

function collectAt(walk: Walk, step: string | number, node: SchemaNode, value: unknown, old: unknown): unknown {
  walk.path.push(step);
  const converted = collect(walk, node, value, old);
  walk.path.pop();
  return converted;
}

/** What a broken rule says; undefined when it holds, or is about a change and there is none. */
function check(rule: ValidationRule, self: unknown, oldSelf: unknown): string | undefined {
  const isAboutChange = rule.rule.includes('oldSelf');
  if (isAboutChange && oldSelf === undefined) return undefined;
  const message = rule.message ?? `failed rule: ${rule.rule}`;
  const context = isAboutChange ? { self, format: 'format', oldSelf } : { self, format: 'format' };
  try {
    return compileRule(rule.rule)(context) === true ? undefined : message;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return `rule evaluation error: ${reason} evaluating rule: ${message}`;
  }
}

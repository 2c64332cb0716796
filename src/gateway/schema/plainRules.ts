import { PLAIN_RULES } from './plainRules.generated.ts';
import { NOT_PLAIN } from './plainTerms.ts';
import { fieldOf, itemOf, type Nodes, type SchemaNode } from './schemaNode.ts';
import { isObject } from './shape.ts';

/**
 * Whether all CEL rules of a value plainly hold, as they do of nearly every object; where they do not, `brokenRules` must be asked. CEL takes
 * longer to load than a small `check` takes for everything else. The value must have passed the other checks and have its defaults.
 */
export function plainlyHold(nodes: Nodes, node: SchemaNode, value: unknown, old: unknown): boolean {
  try {
    return hold(nodes, node, value, old);
  } catch (error) {
    if (error === NOT_PLAIN) return false;
    throw error;
  }
}

function hold(nodes: Nodes, node: SchemaNode, value: unknown, old: unknown): boolean {
  for (const { rule } of node['x-kubernetes-validations'] ?? []) {
    const isAboutChange = rule.includes('oldSelf');
    if (isAboutChange ? old !== undefined : PLAIN_RULES[rule]?.(value) !== true) return false;
  }
  if (Array.isArray(value)) {
    const items = itemOf(nodes, node);
    return items === undefined || value.every((item: unknown) => hold(nodes, items, item, undefined));
  }
  if (!isObject(value)) return true;
  for (const name of Object.keys(value)) {
    const field = fieldOf(nodes, node, name);
    if (field === undefined) continue;
    const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
    if (!hold(nodes, field, value[name], before)) return false;
  }
  return true;
}

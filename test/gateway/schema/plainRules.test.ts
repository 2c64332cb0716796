import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenRules } from '../../../src/gateway/schema/celRules.ts';
import { structures } from '../../../src/gateway/schema/checkSchema.ts';
import { PLAIN_RULES } from '../../../src/gateway/schema/plainRules.generated.ts';
import { plainlyHold } from '../../../src/gateway/schema/plainRules.ts';
import type { SchemaNode } from '../../../src/gateway/schema/schemaNode.ts';

const { nodes } = await structures();
const withRules = nodes.filter((node) => node['x-kubernetes-validations'] !== undefined);

/** Texts that the rules tell apart. */
const TEXTS = [
  ...['', 'a', 'a.example.com', '*.example.com', '*', 'a*', '10.0.0.1', '::1', 'x.cluster.local', 'A_b', '-a', 'é'],
  ...['/a', '/a//b', '/a/../b', '/%2f', '/a#', '/..', 'a/b/c', '0s', '1s', '500ms', '1h', '2h1s', '1x', 'https://a'],
  ...withRules.flatMap((node) =>
    (node['x-kubernetes-validations'] ?? []).flatMap(({ rule }) =>
      [...rule.matchAll(/'([A-Za-z]+)'/g)].map(([, word = '']) => word),
    ),
  ),
];

/** Values that a schema's types allow; what else it says is not heeded, but that what is required is there. */
function valuesOf(node: SchemaNode, depth = 0): fc.Arbitrary<unknown> {
  const child = (at: number | undefined): fc.Arbitrary<unknown> => {
    const found = at === undefined ? undefined : nodes[at];
    return found === undefined || depth > 5 ? fc.constant('a') : valuesOf(found, depth + 1);
  };
  switch (node.type) {
    case 'integer':
      return fc.integer({ min: 0, max: 3 });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(child(node.items), { maxLength: 3 });
    case 'object': {
      if (node.values !== undefined)
        return fc.dictionary(fc.constantFrom(...TEXTS), child(node.values), { maxKeys: 3 });
      const fields = Object.entries(node.properties ?? {}).map(([name, at]) => [name, child(at)] as const);
      const given = fc.record(Object.fromEntries(fields), { requiredKeys: [...(node.required ?? [])] });
      const lacking = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
      return fc.oneof({ weight: 9, arbitrary: given }, { weight: 1, arbitrary: lacking });
    }
    default:
      return node.enum === undefined ? fc.constantFrom(...TEXTS) : fc.constantFrom(...node.enum);
  }
}

test('what plainly holds, holds', () => {
  let plain = 0;
  let broken = 0;
  for (const node of withRules) {
    fc.assert(
      fc.property(valuesOf(node), (value) => {
        const found = brokenRules(nodes, node, value, undefined);
        if (!plainlyHold(nodes, node, value, undefined)) broken += found.length > 0 ? 1 : 0;
        else {
          plain += 1;
          expect(found).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  }
  expect([plain > 1000, broken > 1000]).toEqual([true, true]);
});

test('every rule is plain but two kinds: those about a change, and one about a format', () => {
  const rules = new Set(withRules.flatMap((node) => (node['x-kubernetes-validations'] ?? []).map(({ rule }) => rule)));
  expect([...rules].filter((rule) => PLAIN_RULES[rule] === undefined)).toEqual([
    'self == oldSelf',
    'size(self) == 0 || format.dns1123Label().validate(self) == null',
  ]);
  expect(Object.keys(PLAIN_RULES).filter((rule) => !rules.has(rule))).toEqual([]);
});

describe('what is left to CEL', () => {
  const list: SchemaNode = {
    type: 'array',
    'x-kubernetes-validations': [{ rule: 'self.all(l1, self.exists_one(l2, l1.name == l2.name))' }],
  };
  const duration: SchemaNode = {
    type: 'string',
    'x-kubernetes-validations': [{ rule: "!(duration(self) == duration('0s') || duration(self) > duration('1h'))" }],
  };
  const unchanged: SchemaNode = { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] };
  const rows: readonly (readonly [string, SchemaNode, unknown, unknown, boolean])[] = [
    ['names that differ', list, [{ name: 'a' }, { name: 'b' }], undefined, true],
    ['the same name twice', list, [{ name: 'a' }, { name: 'a' }], undefined, false],
    ['a field that is not there', list, [{ name: 'a' }, {}], undefined, false],
    ['a null', list, [{ name: null }], undefined, false],
    ['values of two types', list, [{ name: 'a' }, { name: 1 }], undefined, false],
    ['lists that are to be compared', list, [{ name: [] }], undefined, false],
    ['a duration', duration, '1h', undefined, true],
    ['a longer one', duration, '1h1ms', undefined, false],
    ['a duration as only Go writes it', duration, '1.5s', undefined, false],
    ['a rule about a change, without one', unchanged, 'a', undefined, true],
    ['a rule about a change', unchanged, 'a', 'a', false],
    ['a rule that is not known', { 'x-kubernetes-validations': [{ rule: 'true' }] }, 'a', undefined, false],
  ];
  test.each(rows)('%s', (_name, node, value, old, isPlain) => {
    expect(plainlyHold([], node, value, old)).toBe(isPlain);
  });
});

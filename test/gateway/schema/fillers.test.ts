import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDeeperThan, OBJECT_DEPTH } from '#gateway';
import { FILLERS } from '../../../src/gateway/schema/fillers.generated.ts';
import { shapeOf } from '../../../src/gateway/schema/kindShape.ts';
import { Filler, type Shape } from '../../../src/gateway/schema/shape.ts';

const KINDS = ['HTTPRoute', 'GRPCRoute'] as const;
const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { rules: [{ matches: [{ path: { value: '/a' } }], backendRefs: [{ name: 'web', port: 80 }] }] },
};

/** Values that fit a shape, with one in so many wrong, null, or beside what the shape knows. */
function valuesOf(shape: Shape, wrongness: number): fc.Arbitrary<unknown> {
  const right = rightOf(shape, wrongness);
  if (wrongness === 0) return right;
  const wrong = fc.constantFrom<unknown>(null, 1.5, 'text', true, [], {}, [null], 2 ** 60);
  return fc.oneof({ weight: wrongness, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

function rightOf(shape: Shape, wrongness: number): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'string':
      return fc.constantFrom('a', 'Exact', '');
    case 'integer':
      return fc.integer({ min: Math.max(0, shape.minimum), max: Math.min(65_535, shape.maximum) });
    case 'boolean':
      return fc.boolean();
    case 'any':
      return fc.constant({ any: [1] });
    case 'array':
      return fc.array(shape.items === undefined ? fc.constant(1) : valuesOf(shape.items, wrongness), { maxLength: 2 });
    case 'object': {
      const fields = Object.fromEntries(
        [...shape.fields].map(([name, field]) => [name, valuesOf(field.shape, wrongness)]),
      );
      if (shape.items !== undefined) return fc.dictionary(fc.constantFrom('a', 'b'), valuesOf(shape.items, wrongness));
      const known = fc.record(fields, { requiredKeys: wrongness === 0 ? [...shape.required] : [] });
      return fc
        .tuple(known, fc.constantFrom({}, {}, { unknown: { deep: [null] } }))
        .map(([object, beside]) => ({ ...object, ...beside }));
    }
  }
}

function filledSlowly(shape: Shape, value: unknown): { readonly filled: unknown; readonly problems: number } {
  const filler = new Filler('prune');
  const filled = filler.fill(shape, value, []);
  return { filled, problems: filler.problems.length };
}

describe.each(KINDS)('the generated filler of %s', (kind) => {
  test('does what Filler does, or leaves the object to it', () => {
    fc.assert(
      fc.property(valuesOf(shapeOf(kind), 400), (value) => {
        const quick = FILLERS[kind](value);
        const { filled, problems } = filledSlowly(shapeOf(kind), value);
        if (quick !== undefined) expect({ filled: quick, problems: 0 }).toEqual({ filled, problems });
      }),
      { numRuns: 500 },
    );
  });

  test('takes whatever has nothing wrong', () => {
    fc.assert(
      fc.property(valuesOf(shapeOf(kind), 0), (value) => {
        expect(FILLERS[kind](value)).toEqual(filledSlowly(shapeOf(kind), value).filled);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the generated fillers', () => {
  test('give back the same object when there is nothing to add', () => {
    const full = FILLERS.HTTPRoute(route);
    expect(full).not.toBe(route);
    expect(FILLERS.HTTPRoute(full)).toBe(full);
  });

  const nested = (depth: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level += 1) value = [value];
    return value;
  };
  const hostnames = (count: number): unknown => ({
    ...route,
    spec: { hostnames: Array.from({ length: count }, (_, at) => `h${at}`) },
  });
  const labels = (count: number): unknown => ({
    ...route,
    metadata: {
      ...route.metadata,
      labels: Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, ''])),
    },
  });
  const rows: readonly (readonly [string, unknown, boolean])[] = [
    ['a null where a text belongs', { ...route, metadata: { name: null } }, false],
    ['a number out of range', { ...route, spec: { rules: [{ backendRefs: [{ name: 'a', port: 65_536 }] }] } }, false],
    ['the last number in range', { ...route, spec: { rules: [{ backendRefs: [{ name: 'a', port: 65_535 }] }] } }, true],
    ['a required field left out', { ...route, spec: { rules: [{ backendRefs: [{ port: 80 }] }] } }, false],
    ['a null in a field it does not know', { ...route, spec: { ...route.spec, other: null } }, true],
    ['A19: an unknown field within bounds', { ...route, spec: { ...route.spec, other: nested(400) } }, true],
    ['A19: an unknown field that nests too deep', { ...route, spec: { ...route.spec, other: nested(600) } }, false],
    ['A20: the longest list', hostnames(4096), true],
    ['A20: a longer one', hostnames(4097), false],
    ['A20: the most labels', labels(4096), true],
    ['A20: more labels', labels(4097), false],
    [
      'an own __proto__',
      JSON.parse('{"apiVersion":"a","kind":"b","metadata":{"__proto__":{"name":1}},"spec":{}}'),
      true,
    ],
  ];
  test.each(rows)('leave to Filler or not: %s', (_name, value, isTaken) => {
    expect(FILLERS.HTTPRoute(value) !== undefined).toBe(isTaken);
    expect(isTaken && isDeeperThan(value, OBJECT_DEPTH)).toBe(false);
  });
});

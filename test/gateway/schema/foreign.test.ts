import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_INDEXES, KINDS, KIND_NAMES, indexed, isGatewayKind, normalise, references, type KindName } from '#gateway';
import type { SchemaNode } from '../../../src/gateway/schema/schemaNode.ts';
import shapes from '../../../src/gateway/schema/shapes.generated.json' with { type: 'json' };

const nodes: readonly SchemaNode[] = shapes.nodes;
const roots = new Map(Object.entries(shapes.kinds));

/** A value with every field that a schema has. */
function whole(node: SchemaNode | undefined): unknown {
  const at = (position: number | undefined): unknown => whole(position === undefined ? undefined : nodes[position]);
  switch (node?.type) {
    case 'object': {
      if (node.values !== undefined) return { a: at(node.values) };
      return Object.fromEntries(Object.entries(node.properties ?? {}).map(([name, child]) => [name, at(child)]));
    }
    case 'array':
      return [at(node.items), at(node.items)];
    case 'integer':
      return node.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return 'a';
  }
}

/** An object of a kind with every field that any bundle has. */
function wholeObject(kind: KindName): Readonly<Record<string, unknown>> {
  const { group, versions } = KINDS[kind];
  const fields = whole(nodes[roots.get(`${group}/${kind}`) ?? -1]);
  return {
    ...(typeof fields === 'object' ? fields : {}),
    apiVersion: `${group}/${versions[0]}`,
    kind,
    metadata: { name: 'a', namespace: 'b' },
  };
}

/** The value with another one in place of what stands at one of its paths, chosen by `choice`. */
function replaced(value: unknown, choice: number, other: unknown): unknown {
  const places: (() => void)[] = [];
  const copy: unknown = structuredClone(value);
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, child] of Object.entries(part)) {
      places.push(() => Reflect.set(part, key, other));
      walk(child);
    }
  };
  walk(copy);
  places[choice % places.length]?.();
  return copy;
}

const GATEWAY_KINDS = KIND_NAMES.filter(isGatewayKind);
const WHOLE = new Map(GATEWAY_KINDS.map((kind) => [kind, wholeObject(kind)]));

test.each(GATEWAY_KINDS)('the shape of %s takes an object with every field', (kind) => {
  expect(normalise(kind, WHOLE.get(kind))).toMatchObject({ ok: true });
});

test('A23: whatever stands in whatever field, normalise does not throw, and what it lets through fits the code behind it', () => {
  const foreign = fc.oneof(
    fc.constantFrom<unknown>(null, [], {}, '', 'a', 0, -0, 80.5, 2 ** 53, Infinity, NaN, true, [null], [[]], {
      a: null,
    }),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...GATEWAY_KINDS), fc.nat(), foreign, (kind, choice, other) => {
      const raw = replaced(WHOLE.get(kind), choice, other);
      for (const nulls of ['prune', 'refuse'] as const) {
        const normalised = normalise(kind, raw, nulls);
        if (!normalised.ok) {
          expect(normalised.problems.length).toBeGreaterThan(0);
          continue;
        }
        const entry = indexed(kind, normalised.object);
        references(entry);
        for (const index of ALL_INDEXES) for (const key of index.keysOf(entry)) expect(typeof key).toBe('string');
        expect(normalise(kind, normalised.object)).toEqual({ ok: true, object: normalised.object });
      }
    }),
    { numRuns: 3000 },
  );
});

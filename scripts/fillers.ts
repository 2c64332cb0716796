import { shapeOf } from '../src/gateway/schema/kindShape.ts';
import { ANY_SHAPE, type Shape } from '../src/gateway/schema/shape.ts';

/** The kinds whose objects grow large, and make up most of what is judged. */
const KINDS = ['HTTPRoute', 'GRPCRoute'] as const;

const HEAD = `// Written by npm run generate.
import { OBJECT_DEPTH, isDeeperThan } from './depth.ts';
import { MOST_ITEMS, deepFreeze, isObject } from './shape.ts';

/** No shape below nests deeper than this, so that only what it does not know has to be measured. */
const UNKNOWN_DEPTH = OBJECT_DEPTH - 64;

type Known = (name: string) => boolean;

/** Whether a field that the shape does not know nests too deep. */
function hasDeep(value: Readonly<Record<string, unknown>>, isKnown: Known): boolean {
  for (const name in value) if (!isKnown(name) && isDeeperThan(value[name], UNKNOWN_DEPTH)) return true;
  return false;
}
`;

/** What every function is about: `value` in, the filled value out, or undefined when the long way must be taken. */
interface Source {
  readonly names: ReadonlyMap<Shape, string>;
  readonly text: string;
}

/**
 * The text of `fillers.generated.ts`: for each of these kinds a function that does what `Filler` does for an object with nothing wrong
 * and no nulls, eight times as fast, since every field is read by its name. Anything else it leaves to the `Filler`.
 */
export function fillersModule(): string {
  const { names, text } = sourceOf(KINDS.map(shapeOf));
  const rows = KINDS.map((kind) => `  ${kind}: ${names.get(shapeOf(kind)) ?? ''},`);
  return [
    HEAD,
    text,
    '/** By kind: the object filled, the same object when there is nothing to add, undefined when `Filler` must look at it. */',
    'export const FILLERS = {',
    ...rows,
    '} as const satisfies Readonly<Record<string, (value: unknown) => unknown>>;',
    '',
  ].join('\n');
}

function sourceOf(roots: readonly Shape[]): Source {
  const names = new Map<Shape, string>();
  const visit = (shape: Shape): void => {
    if (names.has(shape) || isInline(shape)) return;
    names.set(shape, `fill${names.size}`);
    for (const { shape: field } of shape.fields.values()) visit(field);
    if (shape.items !== undefined) visit(shape.items);
  };
  for (const root of roots) visit(root);
  return { names, text: [...names].map(([shape, name]) => functionOf(shape, name, names)).join('\n') };
}

/** Whether a value of the shape is checked where it stands. */
function isInline({ type, fields, items }: Shape): boolean {
  return (type !== 'object' && type !== 'array') || (fields.size === 0 && items === undefined);
}

function functionOf(shape: Shape, name: string, names: ReadonlyMap<Shape, string>): string {
  const body =
    shape.type === 'array'
      ? arrayBody(shape, names)
      : shape.fields.size > 0
        ? objectBody(shape, name, names)
        : mapBody(shape, names);
  const constants = [...shape.fields.values()].flatMap(({ shape: field }, at) =>
    typeof field.default === 'object'
      ? [`const ${name}Default${at} = deepFreeze(${JSON.stringify(field.default)});`]
      : [],
  );
  return [...constants, `function ${name}(value: unknown): unknown {`, ...body, '}', ''].join('\n');
}

function arrayBody({ items = ANY_SHAPE }: Shape, names: ReadonlyMap<Shape, string>): readonly string[] {
  return [
    'if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;',
    'let copy: unknown[] | undefined;',
    'for (let at = 0; at < value.length; at += 1) {',
    'const item: unknown = value[at];',
    ...checkOf(items, 'item', names, (filled) => `(copy ??= [...value])[at] = ${filled};`),
    '}',
    'return copy ?? value;',
  ];
}

function mapBody({ items = ANY_SHAPE }: Shape, names: ReadonlyMap<Shape, string>): readonly string[] {
  return [
    'if (!isObject(value)) return undefined;',
    'let copy: Record<string, unknown> | undefined;',
    'let mapped = 0;',
    'for (const key in value) {',
    'if ((mapped += 1) > MOST_ITEMS) return undefined;',
    'const item = value[key];',
    ...checkOf(items, 'item', names, (filled) => `(copy ??= { ...value })[key] = ${filled};`),
    '}',
    'return copy ?? value;',
  ];
}

function objectBody(shape: Shape, own: string, names: ReadonlyMap<Shape, string>): readonly string[] {
  const { fields, items } = shape;
  if (items !== undefined) throw new Error('a shape with both fields and map values needs the long way');
  const text = (value: unknown): string => JSON.stringify(value);
  return [
    'if (!isObject(value)) return undefined;',
    'let copy: Record<string, unknown> | undefined;',
    'let known = 0;',
    'let field: unknown;',
    ...[...fields].flatMap(([name, { shape: field, isRequired }], at) => {
      const place = `(copy ??= { ...value })[${text(name)}]`;
      const fallback = typeof field.default === 'object' ? `${own}Default${at}` : text(field.default);
      const absent =
        field.default !== undefined ? [`else ${place} = ${fallback};`] : isRequired ? ['else return undefined;'] : [];
      return [
        `field = value[${text(name)}];`,
        'if (field !== undefined) {',
        'known += 1;',
        ...checkOf(field, 'field', names, (filled) => `${place} = ${filled};`),
        '}',
        ...absent,
      ];
    }),
    'for (const _ in value) known -= 1;',
    `if (known !== 0 && hasDeep(value, (name) => ${text([...fields.keys()])}.includes(name))) return undefined;`,
    'return copy ?? value;',
  ];
}

/** Statements that look at one value and leave when the long way must be taken. */
function checkOf(
  shape: Shape,
  value: string,
  names: ReadonlyMap<Shape, string>,
  replace: (filled: string) => string,
): readonly string[] {
  const unless = (condition: string): string => `if (${condition}) return undefined;`;
  switch (shape.type) {
    case 'string':
      return [unless(`typeof ${value} !== 'string'`)];
    case 'boolean':
      return [unless(`typeof ${value} !== 'boolean'`)];
    case 'integer': {
      const least = shape.minimum > ANY_SHAPE.minimum ? ` || ${value} < ${shape.minimum}` : '';
      const most = shape.maximum < ANY_SHAPE.maximum ? ` || ${value} > ${shape.maximum}` : '';
      return [unless(`typeof ${value} !== 'number' || !Number.isSafeInteger(${value})${least}${most}`)];
    }
    case 'any':
      return [unless(`${value} === null || isDeeperThan(${value}, UNKNOWN_DEPTH)`)];
    case 'object':
    case 'array': {
      const name = names.get(shape);
      if (name === undefined) return [unless(`!isObject(${value}) || isDeeperThan(${value}, UNKNOWN_DEPTH)`)];
      return [
        `const filled = ${name}(${value});`,
        unless('filled === undefined'),
        `if (filled !== ${value}) ${replace('filled')}`,
      ];
    }
  }
}

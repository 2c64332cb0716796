import type { FieldPath } from '../fieldPath.ts';
import type { Nodes, SchemaNode } from './schemaNode.ts';
import { rangeMessage, typeMessage } from './wording.ts';

/** Something in an object that its kind's schema does not allow. */
export interface SchemaProblem {
  readonly path: FieldPath;
  /** As the API server words it, after the path. */
  readonly message: string;
}

/** A field of an object's shape. */
interface Field {
  readonly shape: Shape;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
}

/** What a value must look like: its type, its fields, and what is filled in where it says nothing. */
export interface Shape {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'any';
  readonly nullable: boolean;
  /** Known fields of an object. Others are kept as they are. */
  readonly fields: ReadonlyMap<string, Field>;
  /** The values of an object that is a map, or the items of an array. */
  readonly items: Shape | undefined;
  /** The names of the required fields. */
  readonly required: readonly string[];
  /** The fields to fill in, with their values. */
  readonly defaults: readonly (readonly [string, unknown])[];
  /** What stands for this value where it is left out. */
  readonly default: unknown;
  readonly minimum: number;
  readonly maximum: number;
  /** The most items of an array, or keys of a map. */
  readonly most: number;
  /** A text stands for an object with this one field. */
  readonly fold: string | undefined;
}

/**
 * More items than this in one list, or keys in one map, are none that an API server lets into a cluster: the longest list of Gateway API has
 * 1,024, and an object ends at 1.5 MiB. What looks through a forged review must not take its sender's time.
 */
export const MOST_ITEMS = 4096;

const ANY_VALUE: Shape = {
  type: 'any',
  nullable: false,
  fields: new Map(),
  items: undefined,
  required: [],
  defaults: [],
  default: undefined,
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  most: MOST_ITEMS,
  fold: undefined,
};

/** Any value at all. */
export const ANY_SHAPE: Shape = ANY_VALUE;
/** A string. */
export const TEXT: Shape = { ...ANY_VALUE, type: 'string' };
/** A whole number that JavaScript holds exactly. */
export const INTEGER: Shape = { ...ANY_VALUE, type: 'integer' };
/** true or false. */
export const BOOLEAN: Shape = { ...ANY_VALUE, type: 'boolean' };
/** A map of texts; a null is the empty text, as Go decodes it. */
export const TEXTS: Shape = { ...ANY_VALUE, type: 'object', items: withDefault(TEXT, '') };

/** The shape, with a value for where it is left out. */
export function withDefault(shape: Shape, value: unknown): Shape {
  return { ...shape, default: deepFreeze(value) };
}

/** A list of this shape; `most`: of so many items, where a schema does not end it sooner. */
export function listOf(items: Shape, most = MOST_ITEMS): Shape {
  return { ...ANY_VALUE, type: 'array', items, most };
}

/** An object of these fields. */
export function objectOf(fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return withFields({ ...ANY_VALUE, type: 'object' }, new Map(Object.entries(fields)), required);
}

/** The shape, with these fields in place of its own. */
export function withFields(shape: Shape, fields: ReadonlyMap<string, Shape>, required: readonly string[]): Shape {
  const known = new Map<string, Field>();
  for (const [name, field] of fields) {
    const hasDefault = field.default !== undefined;
    known.set(name, { shape: field, isRequired: required.includes(name), hasDefault });
  }
  const defaults = [...fields].flatMap(([name, field]) =>
    field.default === undefined ? [] : [[name, field.default] as const],
  );
  return { ...shape, fields: known, required, defaults };
}

/** The shape of one node of a table, its children compiled once. */
export function compileShape(nodes: Nodes, position: number, known: Map<number, Shape>): Shape {
  const compiled = known.get(position);
  if (compiled !== undefined) return compiled;
  const node = nodes[position] ?? {};
  const child = (at: number): Shape => compileShape(nodes, at, known);
  const items = node.items ?? node.values;
  const bare = withFields(
    {
      ...ANY_VALUE,
      type: typeOf(node),
      nullable: node.nullable ?? false,
      items: items === undefined ? undefined : child(items),
      minimum: node.minimum ?? ANY_VALUE.minimum,
      maximum: node.maximum ?? ANY_VALUE.maximum,
      fold: node['x-fold'],
    },
    new Map(Object.entries(node.properties ?? {}).map(([name, at]) => [name, child(at)])),
    node.required ?? [],
  );
  const shape = node.default === undefined ? bare : withDefault(bare, new Filler('prune').fill(bare, node.default, []));
  known.set(position, shape);
  return shape;
}

function typeOf(node: SchemaNode): Shape['type'] {
  switch (node.type) {
    case 'object':
    case 'array':
    case 'string':
    case 'integer':
    case 'boolean':
      return node.type;
    default:
      return 'any';
  }
}

/** What becomes of a null in `spec` that its field does not allow. */
export type Nulls = 'prune' | 'refuse';

/** More problems than this in one object help nobody. */
const MOST_PROBLEMS = 50;

/** Checks values against shapes and fills in defaults, copying only what changes. One per object: it gathers the problems. */
export class Filler {
  readonly problems: SchemaProblem[] = [];
  readonly #nulls: Nulls;

  constructor(nulls: Nulls) {
    this.#nulls = nulls;
  }

  /**
   * The value with its defaults, without its nulls; the same value when there is nothing to change. `path` is where it stands; it is used as a
   * stack and is the same afterwards. What is wrong is in `problems`, and the value is then of no use.
   */
  fill(shape: Shape, value: unknown, path: (string | number)[]): unknown {
    switch (shape.type) {
      case 'string':
        return typeof value === 'string' ? value : this.#misfit(shape, value, path);
      case 'integer':
        if (typeof value === 'number' && Number.isSafeInteger(value)) {
          if (value < shape.minimum || value > shape.maximum) this.#outOfRange(shape, value, path);
          return value;
        }
        return this.#misfit(shape, value, path);
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#misfit(shape, value, path);
      case 'array':
        return Array.isArray(value) ? this.#fillArray(shape, value, path) : this.#misfit(shape, value, path);
      case 'object':
        if (isObject(value)) return this.#fillObject(shape, value, path);
        if (shape.fold !== undefined && typeof value === 'string') return { [shape.fold]: value };
        return this.#misfit(shape, value, path);
      case 'any':
        return value;
    }
  }

  #fillObject(
    shape: Shape,
    value: Readonly<Record<string, unknown>>,
    path: (string | number)[],
  ): Readonly<Record<string, unknown>> {
    const { fields, items } = shape;
    let copy: Record<string, unknown> | undefined;
    let required = shape.required.length;
    let defaulted = shape.defaults.length;
    let mapped = 0;
    for (const key in value) {
      const field = fields.get(key);
      const inner = field === undefined ? items : field.shape;
      if (inner === undefined) continue;
      if (field === undefined && (mapped += 1) > shape.most) {
        this.#crowd(Object.keys(value).length, shape, path);
        return value;
      }
      const child = value[key];
      if (child === undefined) continue;
      if (child === null && !inner.nullable) {
        if (this.#nulls === 'refuse' && path[0] === 'spec') this.#misfit(inner, child, [...path, key]);
        copy ??= { ...value };
        if (field === undefined && inner.default !== undefined) copy[key] = inner.default;
        else Reflect.deleteProperty(copy, key);
        continue;
      }
      if (field !== undefined) {
        if (field.isRequired) required -= 1;
        if (field.hasDefault) defaulted -= 1;
      }
      if (child === null || (inner.type === 'string' && typeof child === 'string')) continue;
      path.push(key);
      const filled = this.fill(inner, child, path);
      path.pop();
      if (filled !== child) (copy ??= { ...value })[key] = filled;
    }
    if (defaulted > 0) {
      copy ??= { ...value };
      for (const [name, fallback] of shape.defaults) if (copy[name] === undefined) copy[name] = fallback;
    }
    if (required > 0) {
      const filled = copy ?? value;
      for (const name of shape.required) if (filled[name] === undefined) this.add([...path, name], 'Required value');
    }
    return copy ?? value;
  }

  #fillArray(shape: Shape, value: readonly unknown[], path: (string | number)[]): readonly unknown[] {
    const { items } = shape;
    if (items === undefined) return value;
    if (value.length > shape.most) {
      this.#crowd(value.length, shape, path);
      return value;
    }
    let copy: unknown[] | undefined;
    for (let at = 0; at < value.length; at += 1) {
      const item = value[at];
      path.push(at);
      const filled = this.fill(items, item, path);
      path.pop();
      if (filled !== item) (copy ??= [...value])[at] = filled;
    }
    return copy ?? value;
  }

  /** Notes a problem. */
  add(path: FieldPath, message: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ path: [...path], message });
  }

  #crowd(count: number, { most }: Shape, path: FieldPath): void {
    this.add(path, `Too many: ${count}: must have at most ${most} items`);
  }

  #misfit(shape: Shape, value: unknown, path: FieldPath): unknown {
    this.add(path, typeMessage(shape.type, value, path));
    return value;
  }

  #outOfRange(shape: Shape, value: number, path: FieldPath): void {
    this.add(path, rangeMessage(value, shape, path));
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes a value and all in it unchangeable, since many objects share it. */
export function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

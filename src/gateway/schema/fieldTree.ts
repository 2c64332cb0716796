import { anyOf, type FieldNode, type Releases } from './lifecycle.ts';
import { isObject } from './shape.ts';

/**
 * Gathers the fields and enum values of several schemas of one kind into a tree that says which of them have what: each schema has a bit.
 */
export class FieldTree {
  #releases: Releases = 0;
  readonly #fields = new Map<string, FieldTree>();
  readonly #values = new Map<string, Releases>();

  /** Adds a structural schema (`openAPIV3Schema`), foreign data of any shape; what is not of its form counts as no field. */
  add(schema: unknown, bit: Releases): void {
    this.#releases |= bit;
    if (!isObject(schema)) return;
    const { enum: values, properties, items, additionalProperties } = schema;
    if (Array.isArray(values)) {
      for (const value of values) this.#values.set(String(value), (this.#values.get(String(value)) ?? 0) | bit);
    }
    if (isObject(properties)) for (const [name, child] of Object.entries(properties)) this.#addField(name, child, bit);
    if (isObject(items)) this.#addField('[]', items, bit);
    if (isObject(additionalProperties)) this.#addField('{}', additionalProperties, bit);
  }

  #addField(name: string, schema: unknown, bit: Releases): void {
    const field = this.#fields.get(name) ?? new FieldTree();
    this.#fields.set(name, field);
    field.add(schema, bit);
  }

  /** The tree as data. */
  toNode(): FieldNode {
    const fields = Object.fromEntries([...this.#fields].map(([name, field]) => [name, field.toNode()]));
    if (this.#values.size > 0) return [this.#releases, fields, Object.fromEntries(this.#values)];
    return this.#fields.size > 0 ? [this.#releases, fields] : this.#releases;
  }
}

/** The part of a tree that these releases lack something of; undefined when they have all of it. Makes looking through many objects cheap. */
export function lackingPart(field: FieldNode, bit: Releases): FieldNode | undefined {
  if (typeof field === 'number') return (field & bit) === 0 ? field : undefined;
  const [releases, fields, values, enums = anyOf(values ?? {})] = field;
  if ((releases & bit) === 0) return releases;
  const lacking = Object.entries(fields).flatMap(([name, child]) => {
    const part = lackingPart(child, bit);
    return part === undefined ? [] : [[name, part] as const];
  });
  // A value may be taken where the field is no enum; so an enum that only these releases have narrows, too.
  const all = Object.values(values ?? {});
  const isNarrower = all.some((some) => (some & bit) === 0) || ((enums & bit) !== 0 && (releases & ~enums) !== 0);
  if (isNarrower) return [releases, Object.fromEntries(lacking), values ?? {}, enums];
  return lacking.length > 0 ? [releases, Object.fromEntries(lacking)] : undefined;
}

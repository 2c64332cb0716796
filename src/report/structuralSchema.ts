import { z } from 'zod';

/** A structural schema as `CustomResourceDefinition` takes it (Kubernetes: "Specifying a structural schema"). */
export type StructuralSchema = Readonly<Record<string, unknown>>;

/** The keywords of JSON Schema that carry over as they are; all others are read one by one, or refused. */
const KEPT = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'nullable',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

const node = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.record(z.string(), z.unknown())).optional(),
});

/**
 * What a zod schema accepts, as a structural schema: no references and no unions, since the API server takes neither. Throws, with the path,
 * on a schema that has no structural form.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return convert(z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0', unrepresentable: 'any' }), 'spec');
}

function convert(value: unknown, path: string): StructuralSchema {
  const json = flatten(node.parse(value), path);
  if (json.type === undefined) throw new Error(`${path}: any value has no structural form`);
  const kept = KEPT.flatMap((keyword) => {
    const held = json[keyword];
    return held === undefined || isMeaningless(keyword, held, json.format) ? [] : [[keyword, held] as const];
  });
  const isInteger = json.type === 'number' && json.enum?.every((one) => Number.isInteger(one)) === true;
  return {
    ...Object.fromEntries(kept),
    ...(isInteger ? { type: 'integer' } : {}),
    ...(json.allOf === undefined ? {} : { allOf: json.allOf }),
    ...(json.items === undefined ? {} : { items: convert(json.items, `${path}[]`) }),
    ...(json.properties === undefined ? mapOf(json.additionalProperties, path) : objectOf(json, path)),
  };
}

/** The limits that zod writes for every integer, and the pattern behind a format that the API server checks itself. */
function isMeaningless(keyword: string, value: unknown, format: string | undefined): boolean {
  if (keyword === 'pattern') return format === 'date-time';
  return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

function mapOf(values: unknown, path: string): StructuralSchema {
  if (values === undefined || typeof values === 'boolean') return {};
  return { additionalProperties: convert(values, `${path}.*`) };
}

function objectOf({ properties = {}, required = [] }: z.infer<typeof node>, path: string): StructuralSchema {
  const names = Object.keys(properties);
  const isNamespaceSet = ['namespaces', 'namespaceSelector'].every((name) => names.includes(name));
  return {
    ...(required.length === 0 ? {} : { required: [...required].sort() }),
    properties: Object.fromEntries(names.map((name) => [name, convert(properties[name], `${path}.${name}`)])),
    ...(isNamespaceSet
      ? {
          'x-kubernetes-validations': [
            {
              rule: '!(has(self.namespaces) && has(self.namespaceSelector))',
              message: 'give only one of namespaces and namespaceSelector',
            },
          ],
        }
      : {}),
  };
}

/** A union of objects as one object with the fields of all; of values, as one enum. What differs between them is checked at loading. */
function flatten(json: z.infer<typeof node>, path: string): z.infer<typeof node> {
  if (json.anyOf === undefined) return json;
  const branches = json.anyOf.map((branch) => flatten(node.parse(branch), path));
  const types = new Set(branches.map(({ type }) => type));
  const [type] = types;
  const isObject = type === 'object' && branches.every(({ properties }) => properties !== undefined);
  const isEnum = branches.every((branch) => branch.enum !== undefined);
  if (types.size !== 1 || (!isObject && !isEnum)) {
    throw new Error(`${path}: a union of ${[...types].join(' and ')} has no structural form`);
  }
  const own = { ...json, anyOf: undefined };
  if (isEnum) return { ...own, type, enum: branches.flatMap((branch) => branch.enum ?? []) };
  const required = branches.reduce<readonly string[]>(
    (all, branch) => all.filter((name) => branch.required?.includes(name) === true),
    branches[0]?.required ?? [],
  );
  const fields = new Map(branches.flatMap(({ properties }) => Object.entries(properties ?? {})));
  return { ...own, type, required: [...required], properties: Object.fromEntries(fields) };
}

/**
 * Generates the tables under src/gateway/schema from the CRDs of Gateway API releases.
 *
 *   node scripts/generate-schema.ts DIR
 *
 * DIR holds `<bundle>/<channel>/*.yaml`, one file per CRD, as a release's `config/crd` has them: `v1.6.1/standard/….yaml`. Adding a bundle
 * means adding its folder beside the others and running this again: every table covers all bundles of DIR.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import semver from 'semver';
import { z } from 'zod';
import { FieldTree } from '../src/gateway/schema/fieldTree.ts';
import { CHANNELS, type Channel } from '../src/gateway/schema/lifecycle.ts';
import { fingerprintOf } from '../src/gateway/schema/fingerprint.ts';
import type { SchemaNode } from '../src/gateway/schema/schemaNode.ts';

/** A schema of a CRD, as OpenAPI writes it. */
interface OpenAPISchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, OpenAPISchema>> | undefined;
  readonly items?: OpenAPISchema | undefined;
  readonly additionalProperties?: OpenAPISchema | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly default?: unknown;
}

const openAPISchema: z.ZodType<OpenAPISchema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    properties: z.record(z.string(), openAPISchema).optional(),
    items: openAPISchema.optional(),
    additionalProperties: openAPISchema.optional(),
    required: z.array(z.string()).optional(),
    enum: z.array(z.unknown()).optional(),
  }),
);

const crdSchema = z.looseObject({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string() }),
    versions: z.array(
      z.looseObject({
        name: z.string(),
        served: z.boolean(),
        storage: z.boolean(),
        deprecated: z.boolean().default(false),
        schema: z.strictObject({ openAPIV3Schema: openAPISchema }),
      }),
    ),
  }),
});

interface Definition extends z.infer<typeof crdSchema> {
  readonly bundle: string;
  readonly channel: Channel;
}

function readDefinitions(directory: string): readonly Definition[] {
  const definitions: Definition[] = [];
  for (const bundle of readdirSync(directory).sort(semver.compare)) {
    for (const channel of CHANNELS) {
      const folder = join(directory, bundle, channel);
      for (const file of readdirSync(folder).sort()) {
        if (!file.endsWith('.yaml')) continue;
        for (const document of loadAll(readFileSync(join(folder, file), 'utf8'))) {
          const parsed = crdSchema.safeParse(document);
          if (parsed.success) definitions.push({ ...parsed.data, bundle, channel });
        }
      }
    }
  }
  return definitions;
}

/** The table of fields, values, versions and fingerprints: which bundle has what, in which channel. */
function lifecycleOf(definitions: readonly Definition[]): unknown {
  const bundles = [...new Set(definitions.map(({ bundle }) => bundle))];
  const kinds: Record<string, Record<string, unknown>> = {};
  for (const [groupKind, all] of groupByKind(definitions)) {
    const root = new FieldTree();
    const versions = new Map<string, Record<'present' | 'served' | 'stored' | 'deprecated', number>>();
    const fingerprints: Record<string, string> = {};
    for (const definition of all) {
      const bit = 1 << (bundles.indexOf(definition.bundle) * CHANNELS.length + CHANNELS.indexOf(definition.channel));
      fingerprints[`${definition.bundle}/${definition.channel}`] = fingerprintOf(definition.spec.versions);
      for (const { name, served, storage, deprecated, schema } of definition.spec.versions) {
        root.add(schema.openAPIV3Schema, bit);
        const row = versions.get(name) ?? { present: 0, served: 0, stored: 0, deprecated: 0 };
        versions.set(name, {
          ...row,
          present: row.present | bit,
          served: row.served | (served ? bit : 0),
          stored: row.stored | (storage ? bit : 0),
          deprecated: row.deprecated | (deprecated ? bit : 0),
        });
      }
    }
    kinds[groupKind] = { versions: Object.fromEntries(versions), fingerprints, fields: root.toNode() };
  }
  return { bundles, kinds };
}

function groupByKind(definitions: readonly Definition[]): Map<string, Definition[]> {
  return Map.groupBy(definitions, ({ spec }) => `${spec.group}/${spec.names.kind}`);
}

/** The keywords that every shape needs, and those that only a full check reads. */
const SHAPE_KEYWORDS = ['type', 'default', 'minimum', 'maximum', 'nullable', 'x-kubernetes-int-or-string'];
const CHECK_KEYWORDS = [
  ...SHAPE_KEYWORDS,
  'enum',
  'pattern',
  'format',
  'oneOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];
/** Keywords that carry no constraint we check: prose, and how server-side apply merges maps. */
const IGNORED_KEYWORDS = ['description', 'x-kubernetes-map-type'];
const STRUCTURE_KEYWORDS = ['properties', 'items', 'additionalProperties', 'required'];

/** Schemas as a table of nodes in which equal subtrees are one. */
class NodeTable {
  readonly nodes: SchemaNode[] = [];
  readonly #known = new Map<string, number>();
  readonly #keywords: readonly string[];

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
  }

  add(schema: OpenAPISchema): number {
    const node: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (this.#keywords.includes(keyword)) node[keyword] = value;
      else if (![...CHECK_KEYWORDS, ...STRUCTURE_KEYWORDS, ...IGNORED_KEYWORDS].includes(keyword)) {
        throw new Error(`the keyword ${keyword} is new: decide what it means`);
      }
    }
    if (schema.required !== undefined && schema.required.length > 0) node['required'] = schema.required;
    if (schema.properties !== undefined) {
      node['properties'] = Object.fromEntries(
        Object.entries(schema.properties).map(([name, child]) => [name, this.add(child)]),
      );
    }
    if (schema.items !== undefined) node['items'] = this.add(schema.items);
    if (schema.additionalProperties !== undefined) node['values'] = this.add(schema.additionalProperties);
    const key = JSON.stringify(node);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.nodes.length);
    return this.nodes.push(node) - 1;
  }
}

/**
 * What any bundle, channel and version of a kind allows, as one schema: every field, required only what all require, the widest numbers, the
 * newest default. `later` is the newer schema.
 */
function union(earlier: OpenAPISchema, later: OpenAPISchema): OpenAPISchema {
  const merged: Record<string, unknown> = { ...later };
  if (earlier['x-fold'] !== undefined) merged['x-fold'] = earlier['x-fold'];
  if (earlier.type !== later.type) {
    if (earlier.type !== 'string' || later.properties?.['name'] === undefined)
      throw new Error('types that do not fold');
    merged['x-fold'] = 'name';
  }
  for (const [keyword, widest] of [
    ['minimum', Math.min],
    ['maximum', Math.max],
  ] as const) {
    const [a, b] = [earlier[keyword], later[keyword]];
    if (typeof a === 'number' && typeof b === 'number') merged[keyword] = widest(a, b);
    else Reflect.deleteProperty(merged, keyword);
  }
  if (earlier.properties !== undefined || later.properties !== undefined) {
    merged['required'] = (later.required ?? []).filter((name) => earlier.required?.includes(name) ?? false);
    merged['properties'] = unionOfFields(earlier.properties ?? {}, later.properties ?? {});
  }
  for (const keyword of ['items', 'additionalProperties'] as const) {
    const [a, b] = [earlier[keyword], later[keyword]];
    if (a !== undefined && b !== undefined) merged[keyword] = union(a, b);
    else if (a !== undefined) merged[keyword] = a;
  }
  return merged;
}

function unionOfFields(
  earlier: Readonly<Record<string, OpenAPISchema>>,
  later: Readonly<Record<string, OpenAPISchema>>,
): Readonly<Record<string, OpenAPISchema>> {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const [a, b] = [earlier[name], later[name]];
      const field = a !== undefined && b !== undefined ? union(a, b) : (b ?? a);
      return field === undefined ? [] : [[name, field]];
    }),
  );
}

/** Group/kind → the union of all its schemas: what `normalise` needs. */
function shapesOf(definitions: readonly Definition[]): unknown {
  const table = new NodeTable([...SHAPE_KEYWORDS, 'x-fold']);
  const kinds: Record<string, number> = {};
  for (const [groupKind, all] of groupByKind(definitions)) {
    const schemas = all.flatMap(({ spec }) => spec.versions.map(({ schema }) => schema.openAPIV3Schema));
    kinds[groupKind] = table.add(schemas.reduce(union));
  }
  return { nodes: table.nodes, kinds };
}

/** Group/kind → version → channel → the schema of the newest bundle that serves it: what `checkSchema` needs. */
function structuresOf(definitions: readonly Definition[]): unknown {
  const table = new NodeTable(CHECK_KEYWORDS);
  const kinds: Record<string, Record<string, Partial<Record<Channel, { bundle: string; schema: number }>>>> = {};
  for (const [groupKind, all] of groupByKind(definitions)) {
    const newest = new Map<string, Partial<Record<Channel, { bundle: string; schema: OpenAPISchema }>>>();
    for (const { bundle, channel, spec } of all) {
      for (const { name, served, schema } of spec.versions) {
        if (!served) continue;
        newest.set(name, { ...newest.get(name), [channel]: { bundle, schema: schema.openAPIV3Schema } });
      }
    }
    kinds[groupKind] = Object.fromEntries(
      [...newest].map(([version, channels]) => [
        version,
        Object.fromEntries(
          Object.entries(channels).map(([channel, { bundle, schema }]) => [
            channel,
            { bundle, schema: table.add(schema) },
          ]),
        ),
      ]),
    );
  }
  return { nodes: table.nodes, kinds };
}

function main(): void {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) {
    process.stderr.write('usage: generate-schema.ts DIR\n');
    process.exitCode = 2;
    return;
  }
  const definitions = readDefinitions(directory);
  const target = resolve(import.meta.dirname, '../src/gateway/schema');
  const tables = {
    lifecycle: lifecycleOf(definitions),
    shapes: shapesOf(definitions),
    structures: structuresOf(definitions),
  };
  for (const [name, table] of Object.entries(tables)) {
    writeFileSync(join(target, `${name}.generated.json`), `${JSON.stringify(table)}\n`);
  }
}

main();

import { nest } from '../support/world.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  INDEXES,
  KINDS,
  formatPath,
  indexed,
  isGatewayKind,
  KIND_NAMES,
  kindOf,
  kindOfResource,
  normalise,
  references,
  type KindName,
  type KubeObject,
} from '#gateway';
import { hasShared, sharedPath } from '../support/shared.ts';

const schema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

const definition = z.looseObject({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.looseObject({
    group: z.string(),
    scope: z.string(),
    names: z.looseObject({ kind: z.string(), plural: z.string() }),
    versions: z.array(
      z.looseObject({ name: z.string(), served: z.boolean(), schema: z.object({ openAPIV3Schema: z.unknown() }) }),
    ),
  }),
});

type Definition = z.infer<typeof definition>;

/** Every CRD of every bundle and channel. */
function definitions(): readonly Definition[] {
  const root = sharedPath('gateway-api/crds');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const documents = files.flatMap((file) => loadAll(readFileSync(join(root, file), 'utf8')));
  return documents.flatMap((document) => definition.safeParse(document).data ?? []);
}

/** Every field below a schema with its path (`spec.rules[].name`) and, for an object, the names of its own fields. */
function* fieldsOf(
  value: unknown,
  path: string,
): Generator<{ readonly path: string; readonly fields: readonly string[] }> {
  const { data } = schema.safeParse(value);
  if (data === undefined) return;
  yield { path, fields: Object.keys(data.properties ?? {}) };
  for (const [name, child] of Object.entries(data.properties ?? {})) {
    yield* fieldsOf(child, path === '' ? name : `${path}.${name}`);
  }
  if (data.items !== undefined) yield* fieldsOf(data.items, `${path}[]`);
}

/** The fields of every version of every CRD that satisfy a condition: `Kind path`, each once. */
function find(
  wanted: (field: { readonly path: string; readonly fields: readonly string[] }) => boolean,
): readonly string[] {
  const found = new Set<string>();
  for (const { spec } of all) {
    for (const version of spec.versions) {
      for (const field of fieldsOf(version.schema.openAPIV3Schema, '')) {
        if (field.path.startsWith('spec') && wanted(field)) found.add(`${spec.names.kind} ${field.path}`);
      }
    }
  }
  return [...found].sort();
}

function gatewayKind(name: string): KindName {
  const kind = KIND_NAMES.find((one) => one === name);
  if (kind === undefined) throw new Error(`${name} is not in KINDS`);
  return kind;
}

/** What an object with this value in this field refers to, and the hostnames under which it is indexed. */
function read(
  name: string,
  path: string,
  value: unknown,
): { references: readonly string[]; hostnames: readonly string[] } {
  const kind = gatewayKind(name);
  const spec = { listeners: [], ...nest(path.split('.').slice(1), value) };
  const metadata = { name: 'a', namespace: 'b' };
  const object: KubeObject & { readonly spec: unknown } = {
    apiVersion: `${KINDS[kind].group}/v1`,
    kind,
    metadata,
    spec,
  };
  const entry = indexed(kind, object);
  return {
    references: references(entry).map((one) => formatPath(one.path)),
    hostnames: [...INDEXES.routesByHostname.keysOf(entry), ...INDEXES.listenersByHostname.keysOf(entry)],
  };
}

/** Objects of this shape that refer to nothing: a grant says who may. */
const NO_REFERENCES = ['ReferenceGrant spec.to[]'];

/** Fields that hold a hostname without claiming it, and who looks at them. */
const NO_CLAIMS: Readonly<Record<string, string>> = {
  'BackendTLSPolicy spec.tls.hostname': 'the name that a backend must show in its certificate',
  'BackendTLSPolicy spec.validation.hostname': 'the same',
  'BackendTLSPolicy spec.validation.subjectAltNames[].hostname': 'the same',
  'HTTPRoute spec.rules[].backendRefs[].filters[].requestRedirect.hostname': 'hostname-ownership/foreign-target',
  'HTTPRoute spec.rules[].backendRefs[].filters[].urlRewrite.hostname': 'hostname-ownership/foreign-target',
  'HTTPRoute spec.rules[].filters[].requestRedirect.hostname': 'hostname-ownership/foreign-target',
  'HTTPRoute spec.rules[].filters[].urlRewrite.hostname': 'hostname-ownership/foreign-target',
  'XBackend spec.externalHostname': 'where traffic goes, not where it comes in',
  'XBackend spec.externalHostname.hostname': 'the same',
  'XBackend spec.tls.validation.hostname': 'the name that a backend must show in its certificate',
  'XBackend spec.tls.validation.subjectAltNames[].hostname': 'the same',
};

const all = hasShared ? definitions() : [];

describe.skipIf(!hasShared)('A52: nothing in the CRDs of v1.0 to v1.6 is without a handler', () => {
  test('KINDS has every kind with every version that some bundle serves, and no other', () => {
    const served = new Map<string, Set<string>>();
    for (const { spec } of all) {
      const { kind, plural } = spec.names;
      const row = `${spec.group} ${kind} ${plural} ${spec.scope}`;
      const versions = served.get(row) ?? new Set<string>();
      served.set(row, versions);
      for (const version of spec.versions) if (version.served) versions.add(version.name);
    }
    const ours = KIND_NAMES.filter(isGatewayKind).map((kind) => {
      const { group, plural, scope, versions } = KINDS[kind];
      return [`${group} ${kind} ${plural} ${scope}`, [...versions].sort()];
    });
    const theirs = [...served].map(([row, versions]) => [row, [...versions].sort()]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });

  test('normalise has a shape of every kind', () => {
    for (const { spec } of all) {
      const kind = gatewayKind(spec.names.kind);
      expect([kind, normalise(kind, { apiVersion: `${spec.group}/v1`, kind, metadata: {} }).ok]).toEqual([kind, false]);
    }
  });

  test('references finds every field that can point at an object', () => {
    const isReference = (fields: readonly string[]): boolean =>
      fields.includes('name') && (fields.includes('kind') || fields.includes('group'));
    const fields = find(({ fields }) => isReference(fields)).filter((field) => !NO_REFERENCES.includes(field));
    expect(fields.length).toBeGreaterThan(40);
    for (const field of fields) {
      const [kind = '', path = ''] = field.split(' ');
      const reference = { group: 'example.com', kind: 'Thing', name: 'x', namespace: 'other' };
      const found = read(kind, path, reference).references.includes(path.replaceAll('[]', '[0]'));
      expect({ field, found }).toEqual({ field, found: true });
    }
  });

  test('every field that holds a hostname is a claim that is indexed, or known not to be one', () => {
    const fields = find(({ path }) => /host(?:name)?s?$/i.test(path));
    const claims = fields.filter((field) => !Object.hasOwn(NO_CLAIMS, field));
    expect(claims).toEqual([
      'GRPCRoute spec.hostnames',
      'Gateway spec.listeners[].hostname',
      'HTTPRoute spec.hostnames',
      'ListenerSet spec.listeners[].hostname',
      'TLSRoute spec.hostnames',
      'XListenerSet spec.listeners[].hostname',
    ]);
    expect(fields).toEqual(expect.arrayContaining(Object.keys(NO_CLAIMS)));
    for (const field of claims) {
      const [kind = '', path = ''] = field.split(' ');
      const value = path.endsWith('hostnames') ? ['a.example.com'] : 'a.example.com';
      expect([field, ...read(kind, path, value).hostnames]).toEqual([field, 'a.example.com']);
    }
  });
});

test.each([
  ['gateway.networking.k8s.io', 'HTTPRoute', 'httproutes', 'HTTPRoute'],
  ['', 'Service', 'services', 'Service'],
  ['example.com', 'HTTPRoute', 'httproutes', undefined],
  ['gateway.networking.k8s.io', 'constructor', 'constructor', undefined],
  ['gateway.networking.k8s.io', 'XMesh', 'xmeshes', undefined],
])('the row of %s %s', (group, kind, plural, row) => {
  expect([kindOf(group, kind), kindOfResource(group, plural)]).toEqual([row, row]);
});

import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  apiVersionOf,
  isGatewayKind,
  isObject,
  normalise,
  type KindName,
  type KubeObject,
} from '#gateway';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** What rules may read of the contents of Secrets and ConfigMaps: certificates. Of the rest only the key is kept. */
const CERTIFICATES: ReadonlySet<string> = new Set(['tls.crt', 'ca.crt']);

/**
 * An object of the API server as it is kept: without managedFields, without the copy of itself that kubectl leaves in an annotation, of
 * Secrets and ConfigMaps nothing but certificates, of CRDs no prose and no schema of other groups. Undefined when it is not of its kind's
 * shape.
 */
export function keptObject(kind: KindName, item: unknown): KubeObject | undefined {
  if (!isObject(item) || !isObject(item['metadata'])) return undefined;
  return shapedObject(kind, { ...item, metadata: keptMetadata(item['metadata']) });
}

/** The same with all of its metadata, for who takes a part of that only. */
export function shapedObject(kind: KindName, item: unknown): KubeObject | undefined {
  if (!isObject(item)) return undefined;
  const normalised = normalise(kind, slimmed(kind, item));
  return normalised.ok ? normalised.object : undefined;
}

/** An object of the API server as {@link keptObject} keeps it, in the version that it was last written in; see {@link asWritten}. */
export function writtenObject(kind: KindName, item: unknown): KubeObject | undefined {
  return keptObject(kind, asWritten(kind, item));
}

/**
 * An item in the version that it was last written in, which managedFields tell: lists and watches show all objects in the version they were asked
 * for, whatever their authors wrote. Gateway API converts by relabelling, so that another apiVersion is all it takes.
 */
export function asWritten(kind: KindName, item: unknown): unknown {
  if (!isGatewayKind(kind) || !isObject(item) || !isObject(item['metadata'])) return item;
  const { managedFields } = item['metadata'];
  const apiVersion = Array.isArray(managedFields) ? lastWritten(managedFields) : undefined;
  if (apiVersion === undefined || apiVersion === item['apiVersion']) return item;
  const isKnown = KINDS[kind].versions.some((version) => apiVersionOf(KINDS[kind].group, version) === apiVersion);
  return isKnown ? { ...item, apiVersion } : item;
}

/** The apiVersion of the last write of more than a subresource, such as the status that controllers write. */
function lastWritten(managedFields: readonly unknown[]): string | undefined {
  let last: { readonly time: string; readonly apiVersion: string } | undefined;
  for (const entry of managedFields) {
    if (!isObject(entry)) continue;
    const { subresource = '', time = '', apiVersion } = entry;
    if (subresource !== '' || typeof time !== 'string' || typeof apiVersion !== 'string') continue;
    if (last === undefined || time >= last.time) last = { time, apiVersion };
  }
  return last?.apiVersion;
}

function slimmed(kind: KindName, item: Fields): Fields {
  if (kind === 'Secret' || kind === 'ConfigMap') return withoutContents(item);
  return kind === 'CustomResourceDefinition' ? withoutProse(item) : item;
}

/** A cluster has hundreds of CRDs, of up to a megabyte each; rules read the schemas of Gateway API's alone, and no descriptions. */
function withoutProse(item: Fields): Fields {
  const { spec } = item;
  if (!isObject(spec) || !Array.isArray(spec['versions'])) return item;
  const isOurs = spec['group'] === GATEWAY_GROUP || spec['group'] === EXPERIMENTAL_GROUP;
  const versions = spec['versions'].map((version: unknown) => {
    if (!isObject(version) || !Object.hasOwn(version, 'schema')) return version;
    return isOurs ? { ...version, schema: withoutDescriptions(version['schema']) } : without(version, ['schema']);
  });
  return { ...item, spec: { ...spec, versions } };
}

/** A schema without its descriptions; a property that is named `description` is no text and stays. */
function withoutDescriptions(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDescriptions);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== 'description' || typeof value !== 'string')
      .map(([key, value]) => [key, withoutDescriptions(value)] as const),
  );
}

function keptMetadata(metadata: Fields): Fields {
  const kept = without(metadata, ['managedFields']);
  const { annotations } = metadata;
  if (!isObject(annotations) || !Object.hasOwn(annotations, LAST_APPLIED)) return kept;
  return { ...kept, annotations: without(annotations, [LAST_APPLIED]) };
}

function withoutContents(item: Fields): Fields {
  const rest = without(item, ['stringData', 'data', 'binaryData']);
  const { data } = item;
  if (!isObject(data)) return rest;
  const kept = Object.entries(data).map(([key, value]) => [key, CERTIFICATES.has(key) ? value : ''] as const);
  return { ...rest, data: Object.fromEntries(kept) };
}

type Fields = Readonly<Record<string, unknown>>;

function without(fields: Fields, names: readonly string[]): Fields {
  return names.some((name) => Object.hasOwn(fields, name))
    ? Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
    : fields;
}

import { normalise, type KindName, type KubeObject } from '../gateway/index.ts';
import { isFields } from './liveList.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** What rules may read of the contents of Secrets and ConfigMaps: certificates. Of the rest only the key is kept. */
const CERTIFICATES: ReadonlySet<string> = new Set(['tls.crt', 'ca.crt']);

/**
 * An object of the API server as it is kept: without managedFields, without the copy of itself that kubectl leaves in an annotation, and of
 * Secrets and ConfigMaps nothing but certificates. Undefined when it is not of its kind's shape.
 */
export function keptObject(kind: KindName, item: unknown): KubeObject | undefined {
  if (!isFields(item) || !isFields(item['metadata'])) return undefined;
  const slim = { ...item, metadata: keptMetadata(item['metadata']) };
  const normalised = normalise(kind, kind === 'Secret' || kind === 'ConfigMap' ? withoutContents(slim) : slim);
  return normalised.ok ? normalised.object : undefined;
}

function keptMetadata(metadata: Fields): Fields {
  const kept = without(metadata, ['managedFields']);
  const { annotations } = metadata;
  if (!isFields(annotations) || !Object.hasOwn(annotations, LAST_APPLIED)) return kept;
  return { ...kept, annotations: without(annotations, [LAST_APPLIED]) };
}

function withoutContents(item: Fields): Fields {
  const rest = without(item, ['stringData', 'data', 'binaryData']);
  const { data } = item;
  if (!isFields(data)) return rest;
  const kept = Object.entries(data).map(([key, value]) => [key, CERTIFICATES.has(key) ? value : ''] as const);
  return { ...rest, data: Object.fromEntries(kept) };
}

type Fields = Readonly<Record<string, unknown>>;

function without(fields: Fields, names: readonly string[]): Fields {
  return names.some((name) => Object.hasOwn(fields, name))
    ? Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
    : fields;
}

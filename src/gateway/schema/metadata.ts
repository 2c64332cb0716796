import { valueAt, type FieldPath } from '../fieldPath.ts';
import { parseApiVersion } from '../kinds.ts';
import { isLabelKey, isLabelValue } from '../labelSelector.ts';
import { isSubdomain } from '../object.ts';
import { METADATA } from './coreShapes.ts';
import { BOOLEAN, TEXT, isObject, listOf, objectOf, withDefault, withFields, type SchemaProblem } from './shape.ts';

const OWNER_REFERENCE = objectOf({
  apiVersion: withDefault(TEXT, ''),
  kind: withDefault(TEXT, ''),
  name: withDefault(TEXT, ''),
  uid: withDefault(TEXT, ''),
  controller: BOOLEAN,
  blockOwnerDeletion: BOOLEAN,
});

/** `metadata` as far as it is checked: what Gateward reads of it, and the owners. */
export const CHECKED_METADATA = withFields(
  METADATA,
  new Map([
    ...[...METADATA.fields].map(([name, { shape }]) => [name, shape] as const),
    ['ownerReferences', listOf(OWNER_REFERENCE)],
  ]),
  [],
);

/** The fields of apimachinery's ObjectMeta. */
const OBJECT_META: readonly string[] = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

/** The paths of what `metadata` has and apimachinery's ObjectMeta has not. */
export function unknownMetadata(metadata: unknown): readonly FieldPath[] {
  if (!isObject(metadata)) return [];
  const { ownerReferences } = metadata;
  const owners = Array.isArray(ownerReferences) ? [...ownerReferences.entries()] : [];
  return [
    ...Object.keys(metadata)
      .filter((name) => !OBJECT_META.includes(name))
      .map((name) => ['metadata', name]),
    ...owners.flatMap(([at, owner]: [number, unknown]) =>
      Object.keys(isObject(owner) ? owner : {})
        .filter((name) => !OWNER_REFERENCE.fields.has(name))
        .map((name) => ['metadata', 'ownerReferences', at, name]),
    ),
  ];
}

/**
 * What the API server refuses in a `metadata` of {@link CHECKED_METADATA}'s shape (apimachinery `ValidateObjectMeta`), each at the very label or
 * item. Of an update it does not look at `generateName`; what has no namespace may name any, which it drops.
 */
export function metadataProblems(
  metadata: unknown,
  scope: 'Cluster' | 'Namespaced',
  isUpdate: boolean,
): readonly SchemaProblem[] {
  if (!isObject(metadata)) return [];
  return [
    ...nameProblems(isUpdate ? { name: metadata['name'] } : metadata),
    ...(scope === 'Cluster' ? [] : namespaceProblems(metadata['namespace'])),
    ...labelProblems(textsOf(metadata['labels'])),
    ...annotationProblems(textsOf(metadata['annotations'])),
    ...ownerProblems(itemsOf(metadata['ownerReferences'])),
    ...finalizerProblems(itemsOf(metadata['finalizers'])),
  ];
}

const IN_ALPHANUMERICS = 'must start and end with an alphanumeric character';
const SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${IN_ALPHANUMERICS}`;
const NAME = `consist of alphanumeric characters, '-', '_' or '.', and ${IN_ALPHANUMERICS}`;

/** A name that is generated begins with so many characters at most (apiserver `names.SimpleNameGenerator`). */
const LONGEST_BASE = 58;

/** A name, and what one is generated from: that without its dash, and the two together, must be such as names are. */
function nameProblems({ name, generateName }: Readonly<Record<string, unknown>>): readonly SchemaProblem[] {
  const path = ['metadata', 'name'];
  const hasName = typeof name === 'string' && name !== '';
  if (typeof generateName !== 'string' || generateName === '') {
    return hasName
      ? nameProblem(path, name, name)
      : [{ path, message: 'Required value: name or generateName is required' }];
  }
  const begun = generateName.length > 1 && generateName.endsWith('-') ? `${generateName.slice(0, -2)}a` : generateName;
  const generated = hasName ? [] : [`${generateName.slice(0, LONGEST_BASE)}a`];
  const wrong = [begun, ...generated].find((text) => !isSubdomain(text));
  return [
    ...(wrong === undefined ? [] : nameProblem(['metadata', 'generateName'], generateName, wrong)),
    ...(hasName ? nameProblem(path, name, name) : []),
  ];
}

/** What is wrong with a text as a name, or as what one is made of (apimachinery `NameIsDNSSubdomain`). */
function nameProblem(path: FieldPath, text: string, name: string): readonly SchemaProblem[] {
  if (isSubdomain(name)) return [];
  return [invalid(path, text, name.length > 253 ? 'must be no more than 253 characters' : SUBDOMAIN)];
}

/** A namespace is a label of DNS (apimachinery `ValidateNamespaceName`). */
function namespaceProblems(namespace: unknown): readonly SchemaProblem[] {
  if (typeof namespace !== 'string' || namespace === '') return [];
  const path = ['metadata', 'namespace'];
  if (namespace.length > 63) return [invalid(path, namespace, LONG)];
  if (!isSubdomain(namespace)) {
    const rule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${IN_ALPHANUMERICS}`;
    return [invalid(path, namespace, rule)];
  }
  return namespace.includes('.') ? [invalid(path, namespace, 'must not contain dots')] : [];
}

function labelProblems(labels: readonly (readonly [string, string])[]): readonly SchemaProblem[] {
  return labels.flatMap(([key, value]) => {
    const path = ['metadata', 'labels', key];
    const rule = value.length > 63 ? LONG : `a valid label must be an empty string or ${NAME}`;
    return [...keyProblems(path, key), ...(isLabelValue(value) ? [] : [invalid(path, value, rule)])];
  });
}

/** The most that the annotations of an object take, keys and values in bytes (apimachinery `TotalAnnotationSizeLimitB`). */
const ANNOTATION_BYTES = 256 * 1024;

function annotationProblems(annotations: readonly (readonly [string, string])[]): readonly SchemaProblem[] {
  const bytes = new TextEncoder().encode(annotations.flat().join('')).length;
  const path = ['metadata', 'annotations'];
  return [
    ...annotations.flatMap(([key]) => keyProblems([...path, key], key, key.toLowerCase())),
    ...(bytes > ANNOTATION_BYTES
      ? [{ path, message: `Too long: may not be more than ${ANNOTATION_BYTES} bytes` }]
      : []),
  ];
}

function ownerProblems(owners: readonly unknown[]): readonly SchemaProblem[] {
  const all = ['metadata', 'ownerReferences'];
  const controllers: string[] = [];
  const problems = owners.flatMap((owner, at) => {
    const text = (field: string): string => String(valueAt(owner, [field]));
    const path = [...all, at];
    const { group, version } = parseApiVersion(text('apiVersion'));
    const [kind, name] = [text('kind'), text('name')];
    if (valueAt(owner, ['controller']) === true) controllers.push(`${kind}/${name}`);
    const empty = ['kind', 'name', 'uid'].filter((field) => text(field) === '');
    const isVersion = version !== '' && !version.includes('/');
    return [
      ...(isVersion ? [] : [invalid([...path, 'apiVersion'], text('apiVersion'), 'version must not be empty')]),
      ...empty.map((field) => invalid([...path, field], '', 'must not be empty')),
      ...(group === '' && version === 'v1' && kind === 'Event'
        ? [invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner')]
        : []),
    ];
  });
  const [first, ...others] = controllers;
  return [
    ...problems,
    ...others.map((other) =>
      invalid(
        all,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`,
      ),
    ),
  ];
}

/** The two finalizers that say the opposite of dependents (metav1 `FinalizerOrphanDependents`, `FinalizerDeleteDependents`). */
const CONTRARY = ['orphan', 'foregroundDeletion'];

function finalizerProblems(finalizers: readonly unknown[]): readonly SchemaProblem[] {
  const path = ['metadata', 'finalizers'];
  return [
    ...finalizers.flatMap((finalizer, at) => keyProblems([...path, at], String(finalizer))),
    ...(CONTRARY.every((finalizer) => finalizers.includes(finalizer))
      ? [invalid(path, finalizers, `finalizer ${CONTRARY.join(' and ')} cannot be both set`)]
      : []),
  ];
}

const LONG = 'must be no more than 63 bytes';

/** What is wrong with a text as the key of a label (apimachinery `content.IsLabelKey`); `key` is the text as it is looked at. */
function keyProblems(path: FieldPath, text: string, key = text): readonly SchemaProblem[] {
  if (isLabelKey(key)) return [];
  const [prefix = '', ...rest] = key.split('/');
  const name = rest[0] ?? prefix;
  if (rest.length > 1) {
    const rule = `a valid label key must ${NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
    return [invalid(path, text, rule)];
  }
  if (rest.length === 1 && !isSubdomain(prefix)) return [invalid(path, text, `prefix part ${prefixRule(prefix)}`)];
  return [invalid(path, text, `name part ${name === '' ? EMPTY : name.length > 63 ? LONG : `must ${NAME}`}`)];
}

const EMPTY = 'must be non-empty';

function prefixRule(prefix: string): string {
  if (prefix === '') return EMPTY;
  return prefix.length > 253 ? 'must be no more than 253 bytes' : SUBDOMAIN;
}

function invalid(path: FieldPath, value: unknown, rule: string): SchemaProblem {
  return { path, message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

function textsOf(map: unknown): readonly (readonly [string, string])[] {
  return isObject(map) ? Object.entries(map).map(([key, value]) => [key, String(value)]) : [];
}

function itemsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

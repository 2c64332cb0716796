import {
  BUNDLE_ANNOTATION,
  CHANNEL_ANNOTATION,
  EXPERIMENTAL_GROUP,
  FieldTree,
  GATEWAY_GROUP,
  KINDS,
  fingerprintOf,
  formatRelease,
  includesRelease,
  keyOf,
  knownBundle,
  lackedBy,
  lackingPart,
  lifecycleOf,
  valueAt,
  type Channel,
  type CustomResourceDefinition,
  type FieldNode,
  type KindLifecycle,
  type KubeObject,
  type ObjectKey,
  type Release,
  type Snapshot,
} from '#gateway';
import semver from 'semver';
import { withoutIndexes } from './allow.ts';
import { GATEWAY_KINDS, type GatewayKind } from './kinds.ts';
import { channelOf } from './pin.ts';

/** What the annotations of a Gateway API CRD say; undefined for what is missing. */
export interface Annotated {
  readonly bundle: string | undefined;
  readonly channel: string | undefined;
}

/** Whether a CRD is one of Gateway API's. Nothing else is ever judged. */
export function isGatewayDefinition(crd: CustomResourceDefinition): boolean {
  return crd.spec.group === GATEWAY_GROUP || crd.spec.group === EXPERIMENTAL_GROUP;
}

/** The annotations of a CRD; self-declared. */
export function annotated(crd: CustomResourceDefinition): Annotated {
  const of = (key: string): string | undefined => {
    const value = valueAt(crd, ['metadata', 'annotations', key]);
    return typeof value === 'string' ? value : undefined;
  };
  return { bundle: of(BUNDLE_ANNOTATION), channel: of(CHANNEL_ANNOTATION) };
}

/** The kind whose objects a CRD holds; undefined for one that Gateward does not know. */
export function kindHeld(crd: CustomResourceDefinition): GatewayKind | undefined {
  return GATEWAY_KINDS.find((kind) => KINDS[kind].group === crd.spec.group && kind === crd.spec.names.kind);
}

/** Why a CRD's schema is not the one that its annotations claim; undefined when it is, or when that cannot be known. */
export function schemaContradiction(crd: CustomResourceDefinition): string | undefined {
  const { bundle, channel: channelText } = annotated(crd);
  const channel = channelOf(channelText);
  const claimed = bundle === undefined ? undefined : knownBundle(bundle);
  if (bundle === undefined || channel === undefined || claimed === undefined) return undefined;
  const { group, names, versions } = crd.spec;
  const lifecycle = lifecycleOf(group, names.kind);
  const found = releaseWith(lifecycle, fingerprintOf(versions), { bundle: claimed, channel });
  if (found?.bundle === claimed && found.channel === channel) return undefined;
  const isExact = semver.eq(claimed, bundle);
  if (isExact && lifecycle?.fingerprints[`${claimed}/${channel}`] === undefined) {
    return `${formatRelease({ bundle: claimed, channel })} has no ${names.kind}`;
  }
  if (found !== undefined) return `it is that of ${formatRelease(found)}`;
  return isExact ? 'it is that of no release' : undefined;
}

/** A release whose CRD has this fingerprint, preferably the claimed one. */
function releaseWith(
  lifecycle: KindLifecycle | undefined,
  fingerprint: string,
  claimed: Release,
): (Release & { readonly channel: Channel }) | undefined {
  const all = Object.entries(lifecycle?.fingerprints ?? {}).filter(([, known]) => known === fingerprint);
  const releases = all.flatMap(([name]) => {
    const [bundle = '', text] = name.split('/');
    const channel = channelOf(text);
    return channel === undefined ? [] : [{ bundle, channel }];
  });
  return (
    releases.find(({ bundle, channel }) => bundle === claimed.bundle && channel === claimed.channel) ?? releases.at(-1)
  );
}

/** Versions that objects are stored in and the CRD had and would no longer have; the API server could not read them. */
export function storedVersionsGone(crd: CustomResourceDefinition, old: CustomResourceDefinition): readonly string[] {
  const has = ({ spec }: CustomResourceDefinition, version: string): boolean =>
    spec.versions.some(({ name }) => name === version);
  const stored = new Set([...(old.status?.storedVersions ?? []), ...(crd.status?.storedVersions ?? [])]);
  return [...stored].filter((version) => has(old, version) && !has(crd, version));
}

/** The versions that a release's CRD of a kind has, the stored one first; none when it has no such kind. */
export function versionsOf(group: string, kind: string, release: Release): readonly string[] {
  const versions = Object.entries(lifecycleOf(group, kind)?.versions ?? {});
  return versions
    .filter(([, { present }]) => includesRelease(present, release))
    .sort(([, a], [, b]) => Number(includesRelease(b.stored, release)) - Number(includesRelease(a.stored, release)))
    .map(([version]) => version);
}

const OLD = 1;
const NEW = 2;

/** The fields and values that the old CRD has and the new one has not; undefined when nothing goes. */
export function fieldsGoing(crd: CustomResourceDefinition, old: CustomResourceDefinition): FieldNode | undefined {
  const tree = new FieldTree();
  for (const { schema } of old.spec.versions) tree.add(schema?.openAPIV3Schema, OLD);
  for (const { schema } of crd.spec.versions) tree.add(schema?.openAPIV3Schema, NEW);
  return lackingPart(tree.toNode(), NEW);
}

/** The objects that use something, and how often each thing is used. */
export interface Users {
  readonly count: number;
  /** The first of them, at most {@link MOST_NAMED}. */
  readonly keys: readonly ObjectKey[];
  /** Field, without indexes → number of objects. */
  readonly fields: ReadonlyMap<string, number>;
}

/** A message that lists more than this is not read. */
const MOST_NAMED = 100;

/**
 * The objects of a kind that use fields or values which are going. It looks through every object of the kind, but only at the fields that go:
 * about a microsecond an object, and only when a CRD changes in this way.
 */
export function usersOf(going: FieldNode, kind: GatewayKind, snapshot: Snapshot<GatewayKind>): Users {
  return count(kind, inSight(kind, snapshot), (object) => {
    const lacked = lackedBy(NEW, going, { spec: valueAt(object, ['spec']) });
    return new Set(lacked.map(({ path, value }) => `${withoutIndexes(path)}${value === undefined ? '' : `=${value}`}`));
  });
}

/** The objects that a CRD holds. */
export function objectsOf(kind: GatewayKind, snapshot: Snapshot<GatewayKind>): Users {
  return count(kind, inSight(kind, snapshot), () => new Set([kind]));
}

/** All objects of a kind. Throws when none can be seen: finding nothing would then prove nothing. */
function inSight(kind: GatewayKind, snapshot: Snapshot<GatewayKind>): Iterable<KubeObject> {
  if (snapshot.sees(kind) === 'none') throw new Error(`objects of kind ${kind} are out of sight`);
  return snapshot.list(kind);
}

function count(
  kind: GatewayKind,
  objects: Iterable<KubeObject>,
  usedBy: (object: KubeObject) => ReadonlySet<string>,
): Users {
  const keys: ObjectKey[] = [];
  const fields = new Map<string, number>();
  let total = 0;
  for (const object of objects) {
    const used = usedBy(object);
    if (used.size === 0) continue;
    total += 1;
    if (keys.length < MOST_NAMED) keys.push(keyOf(kind, object));
    for (const field of used) fields.set(field, (fields.get(field) ?? 0) + 1);
  }
  return { count: total, keys, fields };
}
